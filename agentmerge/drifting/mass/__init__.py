"""One change over many files is one finding: equal edits are found, named, proven and folded."""
