"""One definition into another host's form: its body byte for byte, rights never wider, each field's fate told."""
