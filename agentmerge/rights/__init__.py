"""What a definition may do on its host, computed from all its fields, and the one algebra in which rights compare."""
