"""Text in, one `Definition` out: frontmatter, section tree, units, relations, diagnostics."""
