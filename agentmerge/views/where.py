"""Who says one thing: a line a file, the strongest first, then who does not; and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from agentmerge.locating.engine import Hit, Located
from agentmerge.views.drift import short
from agentmerge.views.paint import Paint, one_line, safe

WIDTH = 80
"""Columns where nobody says how many there are."""
SILENT = 6
"""Lines of files that do not say it; of more only the number is told."""
UNSURE = 5
"""Files that may say it; of more only the number is told."""
_PLACE = 34
_SIGNS = {3: "!!", 2: "!", 1: ".", 0: "."}


def where_text(found: Located, names: Sequence[str], paint: Paint, width: int = 0, *, every: bool = False) -> str:
    """The page for a terminal."""
    columns, shown = width or WIDTH, short(list(names)) if len(names) > 1 else [safe(name) for name in names]
    saying = len({hit.file for hit in found.hits if hit.says})
    lines = [paint("title", one_line(f"'{found.text}': {saying} of {len(names)} say it", columns))]
    pad = min(max((len(_place(hit, shown)) for hit in found.hits), default=0), _PLACE)
    unsure = [hit for hit in found.hits if hit.how == "perhaps"]
    hidden = frozenset() if every else frozenset(unsure[UNSURE:])
    for hit in found.hits:
        if hit in hidden:
            continue
        head = f"  {_SIGNS[hit.strength]:2} {_kind(hit):9} "
        room = max(columns - len(head) - pad - 2, 20)
        text = f"{hit.text} [imports {hit.through}]" if hit.through else hit.text
        style = "added" if hit.says else "removed" if hit.is_against else "dim"
        lines.append(f"{paint(style, head)}{_fit(_place(hit, shown), pad):{pad}}  {one_line(text, room)}")
    if hidden:
        lines.append(paint("dim", f"  and {len(hidden)} more that may say it (--all)"))
    # Who may say it, or is against it, stands above.
    silent = [file for file in found.silent if file not in {hit.file for hit in found.hits}]
    if silent:
        told = _wrapped([shown[file] for file in silent], columns - 2)
        rest = [] if every or len(told) <= SILENT else [paint("dim", "  and more (--all)")]
        lines.append(paint("title", f"{len(silent)} do not"))
        lines += [f"  {line}" for line in (told if every else told[:SILENT])] + rest
    return "\n".join(lines) + "\n"


def _wrapped(names: Sequence[str], width: int) -> list[str]:
    """Names in lines, none of them broken."""
    return textwrap.wrap(", ".join(names), width, break_on_hyphens=False, break_long_words=False)


def _fit(place: str, width: int) -> str:
    """The end of a place tells more than its beginning."""
    return place if len(place) <= width else f"…{place[-(width - 1) :]}"


def _place(hit: Hit, names: Sequence[str]) -> str:
    return f"{names[hit.file]}:{hit.line}"


def _kind(hit: Hit) -> str:
    """How it says it, in a word."""
    if hit.is_against:
        return "against"
    return "mentioned" if hit.is_mentioned else "imported" if hit.through else hit.how


def where_json(found: Located, names: Sequence[str]) -> dict[str, Any]:
    """As data, `agentmerge/where/1`; `file` is the index into `files`."""
    return {
        "schema": "agentmerge/where/1",
        "files": list(names),
        "wanted": {"text": found.text, "strength": found.strength, "word": found.word},
        "hits": [_hit(hit) for hit in found.hits],
        "silent": list(found.silent),
    }


def _hit(hit: Hit) -> dict[str, Any]:
    data = {
        "file": hit.file,
        "line": hit.line,
        "text": hit.text,
        "how": hit.how,
        "score": hit.score,
        "strength": hit.strength,
        "word": hit.word,
        "says": hit.says,
        "mentioned": hit.is_mentioned,
        "against": hit.is_against,
    }
    return data | ({"through": hit.through} if hit.through else {})
