"""One rule in many definitions: who says it, how strongly, and who is against it."""
