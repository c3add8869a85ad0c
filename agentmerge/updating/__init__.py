"""Outputs that are made of sources which move: what to write so that the edits of people stay."""
