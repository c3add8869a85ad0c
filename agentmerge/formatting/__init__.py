"""Canonical re-emission of one definition: valid frontmatter and calm whitespace, and not a word else.

What is tidy already is left alone byte for byte. Nothing is wrapped, escaped, renumbered or given another bullet;
code, HTML and quotes keep every byte. The result is read again and compared with what was read before; a body that
would read otherwise with one blank line less (there are such) stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from agentmerge.errors import InputError, InternalError
from agentmerge.formatting import body, frontmatter
from agentmerge.formatting.check import first_difference
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.parsing import parse
from agentmerge.parsing.lines import to_lf
from agentmerge.parsing.markers import refuse_markers


@dataclass(frozen=True, slots=True)
class Formatted:
    """A definition in tidy form."""

    text: str
    repaired: tuple[str, ...]
    """Keys of the fields that were written anew, because their YAML was broken."""
    is_changed: bool
    reformed: tuple[str, ...] = ()
    """Keys of the fields that were written anew, because the host has another form for them."""


def format_definition(definition: Definition, knowledge: Knowledge) -> Formatted:
    """The definition in tidy form; formatting that again changes nothing.

    Raises ConflictedError for conflict markers in it, InputError for TOML and for broken frontmatter of more than
    `yamlio.MAX_CHARS`, InternalError where the result does not hold the same fields, sections and units.
    """
    refuse_markers(definition, knowledge=knowledge)
    if definition.syntax != "yaml":
        remedy = "leave it out: a TOML file is read and compared, not written"
        raise InputError("is TOML and can't be formatted", file=definition.filename, remedy=remedy)
    head, repaired, reformed = frontmatter.tidy(definition, knowledge)
    difference = ""
    for rest in (body.tidy(definition), body.untouched(definition)):
        text = to_lf(head + rest).replace("\n", definition.newline)
        result = Formatted(text, repaired, text != definition.text, reformed)
        difference = _difference(definition, result, knowledge)
        if not difference:
            return result
    raise InternalError(f"formatting would change {difference}", file=definition.filename)


def _difference(before: Definition, result: Formatted, knowledge: Knowledge) -> str:
    if not result.is_changed:
        return ""
    return first_difference(
        before, parse(result.text, knowledge, filename=before.filename, dialect=before.dialect), knowledge
    )
