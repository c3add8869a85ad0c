"""Texts to lines and back: byte order mark, line endings and final newline stand outside of a merge, as in ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentmerge.merging.sequences import common
from agentmerge.parsing.lines import line_ending, split_lines, to_lf

BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Whole:
    """A text without what a merge leaves alone."""

    text: str
    """LF line endings, no byte order mark, a newline at the end unless it is empty."""

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")[:-1]


def plain(text: str) -> Whole:
    """A text as it is merged."""
    bare = to_lf(text.removeprefix(BOM))
    return Whole(bare if not bare or bare.endswith("\n") else bare + "\n")


def restored(lines: Sequence[str], ours: str) -> str:
    """Merged lines as a text with byte order mark, line endings and final newline as in `ours`."""
    body = "\n".join(lines)
    newline = line_ending(ours)
    if "\r" in ours:
        body = _with_endings(lines, ours, newline)
    elif lines and (not ours or ours.endswith("\n")):
        body += "\n"
    return (BOM if ours.startswith(BOM) else "") + body


def _with_endings(lines: Sequence[str], ours: str, newline: str) -> str:
    """Lines that ours has keep their own ending, which may differ from the others'."""
    own = split_lines(ours.removeprefix(BOM))
    endings = [newline] * len(lines)
    if len({line[len(line.rstrip("\r\n")) :] for line in own[:-1]}) > 1:
        for x, y in common([line.rstrip("\r\n") for line in own], list(lines)):
            endings[y] = own[x][len(own[x].rstrip("\r\n")) :] or newline
    if endings and own and not own[-1].endswith(("\r", "\n")):
        endings[-1] = ""
    return "".join(line + ending for line, ending in zip(lines, endings, strict=True))
