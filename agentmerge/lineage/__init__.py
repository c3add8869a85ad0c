"""The chain of a file's versions: what became of each rule, right, key, procedure and field."""
