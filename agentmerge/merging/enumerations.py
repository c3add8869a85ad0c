"""Names listed in a sentence (`a`, `b` and `c`) as the set that they are: additions and removals of both sides.

Only names in code signs and links count: where a plain word begins and ends as a member, nobody can tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agentmerge.knowledge import Knowledge
from agentmerge.merging.binding import binding_words
from agentmerge.merging.ordering import merge_order
from agentmerge.merging.tokens import cut
from agentmerge.merging.words import merge_words

_MEMBER = r"`[^`\n]+`|\[[^\]\n]+\]\([^)\n]+\)"
_JOINT = r",? (?:and|or) |, "
_NAME = re.compile(_MEMBER)
_LISTED = re.compile(rf"(?:{_MEMBER})(?:(?:{_JOINT})(?:{_MEMBER}))+")
_PLACE = "`list {}`"


@dataclass(frozen=True, slots=True)
class _Listed:
    """The members of one list, with the word before its last one and whether a comma stands before that."""

    members: tuple[str, ...]
    word: str
    is_parted: bool


def merge_enumerated(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], knowledge: Knowledge
) -> list[str] | None:
    """Merge prose with its lists of names member by member; None where the sides disagree, or nothing is listed."""
    texts = ["\n".join(lines) for lines in (base, ours, theirs)]
    lists = [[_read(match[0]) for match in _LISTED.finditer(text)] for text in texts]
    if not lists[0] or len({len(found) for found in lists}) > 1:
        return None
    merged = [_merged(*versions) for versions in zip(*lists, strict=True)]
    frames = [_frame(text) for text in texts]
    # Where one side turned the sentence or drew its limits anew, the other side's names were meant for the old one.
    if not _are_equal([binding_words(cut(frame), knowledge) for frame in frames]):
        return None
    frame = _three(*frames)
    words = [frame] if frame is not None else merge_words([frames[0]], [frames[1]], [frames[2]], knowledge)
    if words is None or None in merged:
        return None
    text = "\n".join(words)
    for number, listed in enumerate(merged):
        if text.count(_PLACE.format(number)) != 1:
            return None
        text = text.replace(_PLACE.format(number), listed or "")
    return text.split("\n")


def _read(text: str) -> _Listed:
    matches = list(_NAME.finditer(text))
    joint = text[matches[-2].end() : matches[-1].start()]
    return _Listed(tuple(match[0] for match in matches), joint.strip(" ,"), joint[0] == ",")


def _frame(text: str) -> str:
    """A text with a name of its own in the place of each list."""
    numbers = iter(range(len(text)))
    return _LISTED.sub(lambda _match: _PLACE.format(next(numbers)), text)


def _merged(base: _Listed, ours: _Listed, theirs: _Listed) -> str | None:
    sides = [one.members for one in (base, ours, theirs)]
    word = base.word
    if not _are_equal([one.word for one in (base, ours, theirs)]) or any(len(set(side)) < len(side) for side in sides):
        return None
    before, mine, other = map(set, sides)
    wanted = (mine & other) | ((mine | other) - before)
    b, o, t = ([x for x in side if x in wanted] for side in sides)
    order = merge_order(b, o, t, lambda member: member)
    names = [x for x in order or () if isinstance(x, str)]
    if len(names) < max(len(wanted), 2):
        return None
    # Of two, no comma stands before the last one.
    is_parted = len(names) > 2 and any(one.is_parted for one in (base, ours, theirs))
    joint = f"{',' if is_parted or not word else ''} {f'{word} ' if word else ''}"
    return ", ".join(names[:-1]) + joint + names[-1]


def _are_equal(values: Sequence[object]) -> bool:
    return all(value == values[0] for value in values)


def _three(base: str, ours: str, theirs: str) -> str | None:
    if ours == theirs or theirs == base:
        return ours
    return theirs if ours == base else None
