"""Definitions back to text: byte for byte, edited, tidied, or through a template."""
