"""The body in tidy form: whitespace that nobody sees, and the blanks around a heading's marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from agentmerge.model import VERBATIM, Definition, Section, Unit
from agentmerge.parsing.lines import bare, split_lines

Role = Literal["text", "heading", "kept"]

_HEADING = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(?=\S)")
_FIRST_ONLY = ("---", "+++", "\ufeff")
"""What means something else on the first line of a file than below it."""
_BLANKS = " \t"


def tidy(definition: Definition) -> str:
    """The lines below the frontmatter, with LF."""
    lines = [bare(line) for line in split_lines(without_mark(definition.text))]
    first = definition.frontmatter.end if definition.frontmatter else 1
    roles = _roles(definition.root, len(lines))
    found = list(_lines(lines, roles, first))
    while found and not found[-1]:
        found.pop()
    if definition.frontmatter is None and found[:1] == [""] and not found[1].startswith(_FIRST_ONLY):
        found.pop(0)
    return "".join(f"{line}\n" for line in found)


def untouched(definition: Definition) -> str:
    """The body as it stands."""
    lines = split_lines(without_mark(definition.text))
    return "".join(lines[definition.frontmatter.end - 1 if definition.frontmatter else 0 :])


def without_mark(text: str) -> str:
    """The text without its byte order mark; a second mark behind the first would take its place."""
    return text if text.startswith("\ufeff\ufeff") else text.removeprefix("\ufeff")


def _lines(lines: Sequence[str], roles: Sequence[Role | None], first: int) -> Iterator[str]:
    """Lines of the body; of several blank lines in a row one is left."""
    was_blank = False
    for number in range(first, len(lines) + 1):
        line, role = lines[number - 1], roles[number]
        if role == "kept":
            yield line
        elif line.strip(_BLANKS) or not was_blank:
            follows = number < len(lines) and lines[number].strip(_BLANKS) != ""
            yield _line(line, role, is_followed=follows)
        was_blank = role != "kept" and not line.strip(_BLANKS)


def _line(line: str, role: Role | None, *, is_followed: bool) -> str:
    if role == "heading":
        return _HEADING.sub(r"\1 ", line.rstrip(_BLANKS), count=1)
    stripped = line.rstrip(_BLANKS)
    # Two blanks at the end of a line that goes on are a line break.
    return line if stripped and is_followed and line.endswith("  ") else stripped


def _roles(root: Section, count: int) -> list[Role | None]:
    """What each 1-based line is: text, a heading, or something whose every byte counts; None between units."""
    roles: list[Role | None] = [None] * (count + 1)
    pending: list[Section | Unit] = [root]
    fence = 0
    for node in _in_order(pending):
        role = _role(node)
        for line in range(node.line, node.end):
            roles[line] = role
        if isinstance(node, Unit) and node.kind == "rule" and not node.text:
            # The fence lines around a checklist: blank lines between them are code.
            if fence:
                roles[fence : node.line] = ["kept"] * (node.line - fence)
            fence = 0 if fence else node.line
    return roles


def _in_order(pending: list[Section | Unit]) -> Iterator[Section | Unit]:
    while pending:
        node = pending.pop()
        yield node
        pending += reversed(node.body if isinstance(node, Section) else node.children)


def _role(node: Section | Unit) -> Role:
    if isinstance(node, Section):
        return "heading" if node.style == "atx" else "text"
    return "kept" if node.kind in ("code", "quote") or node.kind in VERBATIM else "text"
