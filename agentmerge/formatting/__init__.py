"""Canonical re-emission of one definition: valid frontmatter and calm whitespace, and not a word else.

What is tidy already is left alone byte for byte. Nothing is wrapped, escaped, renumbered or given another bullet;
code, HTML and quotes keep every byte. The result is read again and compared with what was read before.
"""

from __future__ import annotations

from dataclasses import dataclass

from agentmerge.formatting import body, frontmatter
from agentmerge.formatting.check import require_same
from agentmerge.model import Definition
from agentmerge.parsing import parse
from agentmerge.parsing.lines import to_lf


@dataclass(frozen=True, slots=True)
class Formatted:
    """A definition in canonical form."""

    text: str
    repaired: tuple[str, ...]
    """Keys of the fields that were written anew, because their YAML was broken."""
    is_changed: bool


def format_definition(definition: Definition) -> Formatted:
    """The definition in canonical form; formatting that again changes nothing.

    Raises InputError for broken frontmatter of more than `yamlio.MAX_CHARS`, InternalError where the result does not
    hold the same fields, sections and units.
    """
    head, repaired = frontmatter.canonical(definition)
    rest = body.canonical(definition)
    text = to_lf(head + rest).replace("\n", definition.newline)
    result = Formatted(text, repaired, text != definition.text)
    if result.is_changed:
        require_same(definition, parse(text, filename=definition.filename, dialect=definition.dialect))
    return result
