"""Why a file is as it is, as text and data: what its recipe's sources come to, or what a merge decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from agentmerge.planning.records import Merged
from agentmerge.text.lines import split_lines
from agentmerge.views.combine import explain_text, why_text
from agentmerge.views.merge import SIDES
from agentmerge.views.paint import Paint, one_line, safe

_SHOWN = 12
_TEXT = 60


class Origin(NamedTuple):
    """One source of an output."""

    label: str
    revision: str
    text: str


class Look(NamedTuple):
    """How it is drawn."""

    paint: Paint
    width: int


def combined_text(name: str, text: str, merged: Merged, sources: Sequence[Origin], line: int | None, look: Look) -> str:
    """All decisions of what several sources come to, or why one line of the file stands there."""
    names = [one.label for one in sources]
    if line is None:
        return _head(name, sources, look) + explain_text(merged, names, look.paint, width=look.width or 100)
    there = _partner(split_lines(text), split_lines(merged.text), line)
    if there is None:
        return _edited(name, text, line, look)
    told = why_text(merged, there, names, look.paint, width=look.width or 100)
    return told or f"line {line}: no text of a source stands there\n"


def vendored_text(name: str, text: str, sources: Sequence[Origin], line: int | None, look: Look) -> str:
    """What of a file is as its one source has it, and what was edited in it."""
    lines, theirs = split_lines(text), split_lines(sources[0].text if sources else "")
    if line is not None:
        there = _partner(lines, theirs, line)
        if there is None:
            return _edited(name, text, line, look)
        return f"line {line}: as {safe(sources[0].label)}:{there} has it\n"
    rows = [f"  {edit}" for edit in _edits(lines, theirs, look)]
    shown = rows[:_SHOWN] + ([look.paint("dim", f"  and {len(rows) - _SHOWN} more")] if len(rows) > _SHOWN else [])
    head = f"{len(rows)} places were edited here" if len(rows) != 1 else "1 place was edited here"
    return _head(name, sources, look) + "\n".join([head if rows else "nothing was edited here", *shown]) + "\n"


def vendored_json(name: str, text: str, sources: Sequence[Origin]) -> dict[str, Any]:
    """The same as data, `agentmerge/explain/1`."""
    lines, theirs = split_lines(text), split_lines(sources[0].text if sources else "")
    return {
        "schema": "agentmerge/explain/1",
        "file": name,
        "sources": [{"name": one.label, "revision": one.revision} for one in sources],
        "edits": [
            {"line": at + 1, "end": to, "source_line": start + 1} for at, to, start, _ in _changes(lines, theirs)
        ],
    }


def merge_text(name: str, text: str, trace: Mapping[str, Any], line: int | None, look: Look) -> str:
    """What the last kept merge of a file decided, all of it or of one line."""
    base, ours, theirs = map(safe, trace["labels"])
    head = look.paint("title", f"{safe(name)}: merged {theirs} into {ours}, from {base}")
    if line is None:
        return f"{head}\n{safe(str(trace['told']))}"
    rows = list(_rows_of(trace["report"], split_lines(text), line))
    told = [f"  {row}" for row in rows] or ["  no decision of the merge is about this line"]
    return "\n".join([head, f"line {line}: {one_line(split_lines(text)[line - 1], _TEXT)}", *told]) + "\n"


def _rows_of(report: Mapping[str, Any], lines: Sequence[str], line: int) -> Iterator[str]:
    """The decisions about the text of a line: by its words, for what stood there then may have moved."""
    words = " ".join(lines[line - 1].split())
    for decision in report["decisions"]:
        said = [(one["file"], one["line"], " ".join(one["text"].split())) for one in decision["members"]]
        if words and any(text and (text in words or words in text) for _, _, text in said):
            places = ", ".join(f"{SIDES[file]}:{at}" for file, at, _ in said)
            yield one_line(f"{decision['rule']}: {places}: {said[0][2]}", 200)


def _head(name: str, sources: Sequence[Origin], look: Look) -> str:
    told = ", ".join(f"{safe(one.label)}{f' at {one.revision[:8]}' if one.revision else ''}" for one in sources)
    return look.paint("title", f"{safe(name)}: from {told or 'nothing that is there'}") + "\n"


def _edited(name: str, text: str, line: int, look: Look) -> str:
    said = one_line(split_lines(text)[line - 1].strip(), (look.width or 100) - 20)
    return f"line {line}: {said}\n  edited in {safe(name)}: no source says it\n"


def _partner(lines: Sequence[str], others: Sequence[str], line: int) -> int | None:
    """The line of another text that a line is, both counted from 1; None where it is none."""
    for block in SequenceMatcher(None, lines, others, autojunk=False).get_matching_blocks():
        if block.a < line <= block.a + block.size:
            return block.b + line - block.a
    return None


def _changes(lines: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    for tag, a, a_end, b, b_end in SequenceMatcher(None, lines, theirs, autojunk=False).get_opcodes():
        if tag != "equal":
            yield a, a_end, b, b_end


def _edits(lines: Sequence[str], theirs: Sequence[str], look: Look) -> Iterator[str]:
    for a, a_end, b, b_end in _changes(lines, theirs):
        mine, gone = (" ".join(part).strip() for part in (lines[a:a_end], theirs[b:b_end]))
        room = max(((look.width or 100) - 30) // 2, 20)
        if not mine:
            yield f"line {a + 1}: taken out: {one_line(gone, 2 * room)}"
        elif not gone:
            yield f"line {a + 1}: added: {one_line(mine, 2 * room)}"
        else:
            yield f"line {a + 1}: {one_line(mine, room)} (the source: {one_line(gone, room)})"
