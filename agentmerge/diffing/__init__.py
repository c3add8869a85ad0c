"""Two definitions in, typed changes out."""
