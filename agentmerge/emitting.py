"""Definitions back to text: byte for byte, or rendered in canonical form through a template."""

from __future__ import annotations

from agentmerge.model import Definition


def emit(definition: Definition) -> str:
    """The definition's own text, byte for byte."""
    return definition.text
