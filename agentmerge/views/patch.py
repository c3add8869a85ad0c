"""Two texts as a unified diff for people: what is only whitespace can be seen in it, and nothing steers a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from agentmerge.parsing.lines import bare, split_lines
from agentmerge.views.paint import Paint
from agentmerge.views.safe import safe

_STYLES = {"+": "added", "-": "removed", "@": "note"}


def patch_text(old: str, new: str, name: str, paint: Paint, *, how: str = "formatted") -> str:
    """The unified diff from `old` to `new`, of which `how` says what made it; "" where they are equal."""
    return "".join(f"{line}\n" for line in _lines(old, new, (name, f"{name} ({how})"), paint))


def _lines(old: str, new: str, names: tuple[str, str], paint: Paint) -> Iterator[str]:
    before, after = _comparable(old), _comparable(new)
    for line in unified_diff(before, after, *names, lineterm=""):
        head = line.startswith(("---", "+++"))
        style = "title" if head else _STYLES.get(line[0])
        yield paint(style, safe(line)) if style else safe(line)


def _comparable(text: str) -> list[str]:
    """Lines that differ where the texts differ, line endings and the end of the file included."""
    lines = split_lines(text)
    marked = [
        bare(line) + (" \\r" if line.endswith("\r\n") else " (CR)" if line.endswith("\r") else "") for line in lines
    ]
    return [*marked, "\\ No newline at end of file"] if lines and lines[-1] == bare(lines[-1]) else marked
