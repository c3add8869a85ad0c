"""What no other rule speaks of: the last owner of every change, so that none is silent."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from agentmerge.diffing.records import Spot
from agentmerge.drifting.parts import Owners, Part, PartKind, changed_parts
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, in_line, rule

WIDTH = 80
"""Characters of each side that a message shows."""
UNIFORM = 3
"""Statements from which on the same replacement of words is told once."""
MOST_WORDS = 400
"""Words of two statements together of which it is asked what was replaced."""

_WORD = re.compile(r"\w+|[^\w\s]")


@rule("statement-changed", "knowledge-added", "knowledge-removed", "field-changed", order=170)
def statements(comparison: Comparison) -> Iterator[Finding]:
    """A finding for each part that changed and belongs to no other; what is alike or of one unit is told together."""
    owners, found = Owners(comparison.found), list[Finding]()
    reworded, levels = [], []
    loose: dict[tuple[int, int], list[Part]] = defaultdict(list)
    for part in changed_parts(comparison):
        if owners.of(part) is not None:
            continue
        if part.kind is PartKind.HEADING:
            levels.append(part)
        elif part.home == (0, 0):
            found.append(_alone(comparison, part))
        elif part.a is not None and part.b is not None and part.kind in (PartKind.SENTENCE, PartKind.UNIT):
            reworded.append(part)
        else:
            loose[part.home].append(part)
    yield from found
    yield from _reworded(comparison, reworded)
    yield from (_together(comparison, parts) for parts in loose.values())
    if levels:
        yield _levels(comparison, levels)


def _alone(comparison: Comparison, part: Part) -> Finding:
    """A field that means what it did, or a unit that only one side has."""
    word = "written otherwise" if part.a and part.b else "added" if part.b else "removed"
    if part.kind is PartKind.FIELD:
        key = part.path.rpartition("/")[2]
        old, new = (spot and spot._replace(text=f"{key}: {in_line(spot.text)}") for spot in (part.a, part.b))
        return comparison.finding(
            "field-changed", f"{key}: {word}, which means the same", part.path, old, new, slot=key
        )
    return comparison.finding(
        f"knowledge-{word}", f"statement {word}: {_shown(part.b or part.a)}", part.path, part.a, part.b
    )


def _levels(comparison: Comparison, parts: Sequence[Part]) -> Finding:
    """Headings on another level, all of them together."""
    old, new = (_joined(spots, ", ") for spots in ([part.a for part in parts], [part.b for part in parts]))
    message = f"{'heading' if len(parts) == 1 else f'{len(parts)} headings'} on another level: {_shown(new)}"
    owns = tuple({name for part in parts for name in part.names})
    return comparison.finding("statement-changed", message, parts[0].path, old, new, mild=True, owns=owns)


def _reworded(comparison: Comparison, parts: Sequence[Part]) -> Iterator[Finding]:
    """Sentences in other words; the same words replaced again and again are one finding."""
    alike: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in parts:
        alike[_replaced(part)].append(part)
    for (old, new), found in alike.items():
        if len(found) >= UNIFORM and (old or new):
            first, owns = found[0], tuple(name for part in found for name in sorted(part.names))
            message = f"'{old}' became '{new}' in {len(found)} statements, such as: {_shown(first.b)}"
            mild = not any(part.binds for part in found)
            yield comparison.finding("statement-changed", message, first.path, first.a, first.b, mild=mild, owns=owns)
        else:
            yield from (_in_other_words(comparison, part) for part in found)


def _replaced(part: Part) -> tuple[str, str]:
    """The words that were replaced, where it is the same ones all over a sentence; two empty texts for others."""
    a, b = (_WORD.findall(spot.text) if spot else [] for spot in (part.a, part.b))
    if len(a) + len(b) > MOST_WORDS:
        return "", ""
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    found = {(" ".join(a[i:j]), " ".join(b[x:y])) for tag, i, j, x, y in blocks if tag != "equal"}
    return found.pop() if len(found) == 1 else ("", "")


def _in_other_words(comparison: Comparison, part: Part) -> Finding:
    a, b = part.a, part.b
    assert a is not None
    assert b is not None
    how = "written or joined otherwise" if part.kind is PartKind.UNIT else "reworded"
    cells = "; ".join(f"'{old}' became '{new}'" for old, new in _cells(a.text, b.text))
    message = f"{f'row, {cells}' if cells else how}: {_shown(b)}"
    return comparison.finding("statement-changed", message, part.path, a, b, mild=not part.binds)


def _cells(old: str, new: str) -> list[tuple[str, str]]:
    """The cells of two rows of as many cells that differ."""
    a, b = ([cell.strip() for cell in row.strip().strip("|").split("|")] for row in (old, new))
    if len(a) != len(b) or not (old.lstrip().startswith("|") and new.lstrip().startswith("|")):
        return []
    return [(one, other) for one, other in zip(a, b, strict=True) if one != other]


def _together(comparison: Comparison, parts: Sequence[Part]) -> Finding:
    """What came to a unit, went from it, or both."""
    path = parts[0].path
    owns = tuple(dict.fromkeys(spot.text for part in parts for spot in part.sides))
    old, new = (_joined(spots, "\n") for spots in ([part.a for part in parts], [part.b for part in parts]))
    if old is not None and new is not None:
        message = f"'{_shown(old)}' became '{_shown(new)}'"
        return comparison.finding("statement-changed", message, path, old, new, mild=True, owns=owns)
    word, text = "added" if new else "removed", _shown(new or old)
    if parts[0].kind is PartKind.SENTENCE:
        return comparison.finding(f"knowledge-{word}", f"statement {word}: {text}", path, old, new, owns=owns)
    # A value that a block of data no longer has is missed by whoever reads it.
    mild = new is not None or parts[0].kind is not PartKind.VALUE
    return comparison.finding("statement-changed", f"{word}: {text}", path, old, new, mild=mild, owns=owns)


def _joined(spots: Sequence[Spot | None], mark: str) -> Spot | None:
    there = [spot for spot in spots if spot is not None]
    return there[0]._replace(text=mark.join(dict.fromkeys(spot.text for spot in there))) if there else None


def _shown(spot: Spot | None) -> str:
    return in_line(spot.text, WIDTH) if spot is not None else ""
