"""Word-level differences inside one unit, for marks in the views."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

Op = Literal["equal", "removed", "added"]

MAX_CHARS = 20_000
"""Characters of both texts together; of longer ones whole lines are compared."""

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def word_ops(old: str, new: str) -> list[tuple[Op, str]]:
    """The way from `old` to `new` as runs of equal, removed and added text; joined they are either text."""
    pattern = _LINE if len(old) + len(new) > MAX_CHARS else _TOKEN
    return list(_joined(_ops(pattern.findall(old), pattern.findall(new))))


def _ops(a: list[str], b: list[str]) -> Iterator[tuple[Op, str]]:
    from difflib import SequenceMatcher

    for tag, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "equal", "".join(a[a1:a2])
        else:
            yield "removed", "".join(a[a1:a2])
            yield "added", "".join(b[b1:b2])


def _joined(ops: Iterator[tuple[Op, str]]) -> Iterator[tuple[Op, str]]:
    """A blank between two changes belongs to both: marks around every single word would be hard to read."""
    removed = added = ""
    for op, text in ops:
        if op == "removed":
            removed += text
        elif op == "added":
            added += text
        elif (removed or added) and not text.strip():
            removed, added = removed + text, added + text
        else:
            yield from _flushed(removed, added)
            removed = added = ""
            yield "equal", text
    yield from _flushed(removed, added)


def _flushed(removed: str, added: str) -> Iterator[tuple[Op, str]]:
    tail = ""
    while removed and added and removed[-1] == added[-1] and removed[-1].isspace():
        tail, removed, added = removed[-1] + tail, removed[:-1], added[:-1]
    runs: tuple[tuple[Op, str], ...] = (("removed", removed), ("added", added), ("equal", tail))
    yield from (run for run in runs if run[1])
