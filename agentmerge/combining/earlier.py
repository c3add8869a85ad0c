"""The earlier result among the inputs: told from a source by what it holds, and what was edited in it by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from agentmerge.combining.entries import NOTE
from agentmerge.combining.intake import statements
from agentmerge.model import Definition
from agentmerge.parsing.lines import split_lines

MOST = 0.9
"""Share of the statements of an earlier result that stand in the sources, word for word."""
LEAST_OTHERS = 2
"""Files that an earlier result was made of, at least: beside one other file it may be a source."""

_MARK = re.compile(r"\A(?:[-*+>]|#{1,6}|\d{1,9}[.)]|\[[ xX]\]|\|)\s+")
_ENDS = re.compile(r"[*_#:|\s]+\Z|\A[*_|\s]+")


def is_result(definition: Definition, others: Sequence[Definition]) -> bool:
    """Whether a file was made of the others: nearly all of it stands in them, and each gave what no other has."""
    own = statements(definition)
    sources = [statements(other) for other in others]
    if len(others) < LEAST_OTHERS or not own:
        return False
    holders = Counter(statement for source in sources for statement in own & source)
    if len(holders) < MOST * len(own):
        return False
    return all(any(holders[statement] == 1 for statement in own & source) for source in sources)


def edits(earlier: Definition, sources: Sequence[Definition], result: str) -> tuple[tuple[int, str], ...]:
    """The lines of an earlier result, with their numbers, that neither a source nor the new result has.

    Marks of lists and headings, indentation and blank lines make no difference, and comments of a combine are no edits.
    """
    known = {words for text in (*(source.text for source in sources), result) for *_, words in _lines(text)}
    return tuple((number, line.strip()) for number, line, words in _lines(earlier.text) if words not in known)


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Number, text and bare words of each line that says something."""
    for number, line in enumerate(split_lines(text), 1):
        words = _bare(line)
        if words and not line.lstrip().startswith(NOTE):
            yield number, line, words


def _bare(line: str) -> str:
    words = " ".join(line.split())
    while (shorter := _MARK.sub("", words, count=1)) != words:
        words = shorter
    return _ENDS.sub("", words)
