"""Lines of a paragraph that are no prose: imports, definitions of labels and footnotes, entries of a glossary.

Markdown without extensions reads all of them as one paragraph, and a merge would tear or re-flow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentmerge.model import UnitKind

_IMPORT = re.compile(
    r"@(?P<path>(?:~|\.{1,2})?/[^\s@,;!?()`]+|[^\s@,;!?()`/]?[^\s@,;!?()`]*\.[A-Za-z][A-Za-z0-9]{0,7})"
)
_FOOTNOTE = re.compile(r" {0,3}\[(?P<label>\^[^\]\s]+)\]:(?:[ \t]|\Z)")
_ABBREVIATION = re.compile(r" {0,3}\*\[(?P<label>[^\]]+)\]:[ \t]+\S")
_LINK = re.compile(
    r" {0,3}\[(?P<label>(?!\s*\]|[ xX]\]|//\]|comment\])(?:[^\[\]\\]|\\.)+)\]:[ \t]*(?:<[^<>]*>|[^\s<]\S*)"
    r"(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t]*\Z"
)
_LINK_COMMENT = re.compile(r" {0,3}\[(?://|comment)\]:[ \t]*(?:#|<>)[ \t]*[\"'(].*[\"')][ \t]*\Z")
_MEANING = re.compile(r" {0,3}:[ \t]+\S")


class Part(NamedTuple):
    """Lines of a paragraph that belong together: `rows[start:end]`."""

    kind: UnitKind
    start: int
    end: int
    label: str = ""
    lead: str = ""


def import_path(text: str) -> str:
    """The path that a line `@path` imports; "" for any other text."""
    match = _IMPORT.fullmatch(text.strip())
    return match["path"] if match is not None else ""


def is_meaning(text: str) -> bool:
    """Whether a line says what the term on the line above it means."""
    return _MEANING.match(text) is not None


def parts(rows: Sequence[str]) -> list[Part]:
    """The parts of a paragraph, in order, the prose between them one each; () where it is all prose."""
    heads = list(_heads(rows))
    if not heads:
        return []
    found = []
    if heads[0].start > 0:
        found.append(Part("paragraph", 0, heads[0].start))
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        stop = following.start if following is not None else len(rows)
        if head.kind in ("import", "comment"):
            found.append(head)
            if stop > head.end:
                found.append(Part("paragraph", head.end, stop))
        else:
            found.append(head._replace(end=stop))
    return found


def _heads(rows: Sequence[str]) -> Iterator[Part]:
    terms = _terms(rows)
    for number, row in enumerate(rows):
        note = _FOOTNOTE.match(row) or _ABBREVIATION.match(row) or _LINK.match(row)
        if note is not None:
            yield Part("reference", number, number + 1, label=note["label"])
        elif path := import_path(row):
            yield Part("import", number, number + 1, label=path)
        elif _LINK_COMMENT.match(row):
            yield Part("comment", number, number + 1)
        elif number in terms:
            yield Part("paragraph", number, number + 1, lead=row.strip().strip("*_` :"))


def _terms(rows: Sequence[str]) -> frozenset[int]:
    """The lines of terms: what each means is on the next line that is not blank."""
    found = set()
    below = ""
    for number in range(len(rows) - 1, -1, -1):
        row = rows[number]
        if row.strip():
            if is_meaning(below) and not is_meaning(row):
                found.add(number)
            below = row
    return frozenset(found)


def is_comment(text: str) -> bool:
    """Whether a block of HTML is one comment and nothing else."""
    inner = text.strip()
    return inner.startswith("<!--") and inner.endswith("-->") and "-->" not in inner[4:-3]
