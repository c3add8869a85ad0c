"""One definition in, its section tree for people out, or plain lines for a line diff; two texts as a patch."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from agentmerge.knowledge import signs
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import LAYOUT, Definition, Diagnostic, Field, Section, Unit
from agentmerge.rights import reading
from agentmerge.text.lines import bare, split_lines
from agentmerge.views.paint import Paint, one_line, safe

# Show -----------------------------------------------------------------------------------------------------------------
#
# One definition for people: frontmatter, section tree with units, diagnostics.


_MODES = {"use": " (in use)", "example": " (example)", "": ""}


def show_text(definition: Definition, paint: Paint, knowledge: Knowledge, *, width: int = 100) -> str:
    """The tree of a definition, a node on a line with the line of the file in front."""
    return "\n".join(_lines(definition, paint, width, knowledge)) + "\n"


def _lines(definition: Definition, paint: Paint, width: int, knowledge: Knowledge) -> Iterator[str]:
    counts = f"{len(definition.fields)} fields, {_sections(definition.root)} sections, {_units(definition.root)} units"
    name = safe(definition.filename or "<text>")
    yield f"{paint('title', name)}  {definition.dialect}, {counts}"
    for field in definition.fields:
        yield _field_line(field, paint, width)
    yield from _section_lines(definition.root, 0, paint, width, knowledge)
    for note in definition.diagnostics:
        yield diagnostic_line(note, paint)


def _field_line(field: Field, paint: Paint, width: int) -> str:
    value = field.text.replace("\n", ", ") if field.text else paint("dim", f"({field.style})")
    return f"{field.line:5}  {paint('note', safe(field.key))}: {one_line(value, width)}"


def _section_lines(section: Section, depth: int, paint: Paint, width: int, knowledge: Knowledge) -> Iterator[str]:
    for node in section.body:
        if isinstance(node, Section):
            style = "" if node.style == "atx" else paint("dim", f"  ({node.style})")
            title = paint("title", one_line(node.title, width) or "(empty heading)")
            yield f"{node.line:5}  {'  ' * depth}{title}{style}"
            yield from _section_lines(node, depth + 1, paint, width, knowledge)
        elif node.kind not in LAYOUT:
            yield from _unit_lines(node, depth, paint, width, knowledge)


def _unit_lines(unit: Unit, depth: int, paint: Paint, width: int, knowledge: Knowledge) -> Iterator[str]:
    if unit.text or not unit.children:
        yield f"{unit.line:5}  {'  ' * depth}{paint('dim', unit_mark(unit, knowledge))} {one_line(unit.text, width)}"
    for child in (child for child in unit.children if child.kind not in LAYOUT):
        yield from _unit_lines(child, depth + 1, paint, width, knowledge)


def unit_mark(unit: Unit, knowledge: Knowledge) -> str:
    """A unit's kind as a short sign: its list mark, its box, or a word."""
    if unit.kind == "task":
        if signs.of(knowledge).state(unit.text) == unit.checked:
            return unit.marker or "·"
        return "[x]" if unit.checked else "[ ]"
    if unit.kind == "item":
        return unit.marker or "·"
    if unit.kind == "code":
        return f"code {safe(unit.language)}".rstrip() + f"{_MODES[unit.mode]}:"
    return f"{unit.kind}:"


def diagnostic_line(note: Diagnostic, paint: Paint) -> str:
    """`line 3: warning[code]: what was read; what was assumed; remedy`."""
    label = paint("error" if note.severity == "error" else "changed", f"{note.severity}[{note.code}]")
    parts = [part for part in (note.message, note.assumed, note.remedy) if part]
    return f"line {note.line}: {label}: {one_line('; '.join(parts))}"


def _sections(section: Section) -> int:
    return sum(1 + _sections(child) for child in section.sections)


def _units(section: Section) -> int:
    return sum(_nested(unit) for unit in section.units) + sum(_units(child) for child in section.sections)


def _nested(unit: Unit) -> int:
    return 1 + sum(_nested(child) for child in unit.children if child.kind not in LAYOUT)


# Textconv -------------------------------------------------------------------------------------------------------------
#
# A definition as plain lines to compare: what is only spelling does not show.


def canonical(definition: Definition, knowledge: Knowledge) -> str:
    """The text with the members of each set sorted, and without blanks at line ends; what no host finds stays as it is.

    Each line stands where it stood: `git blame` and the heads of hunks count the lines of the text that they are given.
    """
    lines = [bare(line).rstrip() for line in split_lines(definition.text)]
    if definition.frontmatter is not None and definition.frontmatter.seen:
        for field in definition.fields:
            if knowledge.field_info(field.key).shape == "set" and field.value is not None and not field.condition:
                lines[field.line - 1 : field.end - 1] = _members(field, field.end - field.line, knowledge)
    return "".join(f"{line}\n" for line in lines)


def _members(field: Field, count: int, knowledge: Knowledge) -> list[str]:
    """A set in as many lines as it had: a line each where that is how many there are, else on the first of them."""
    members = sorted(reading.members(knowledge.field_info(field.key), field.value))
    if count == len(members) + 1:
        return [f"{field.key}:", *(f"  - {member}" for member in members)]
    return [f"{field.key}: {', '.join(members)}".rstrip(), *[""] * (count - 1)]


# Patch ----------------------------------------------------------------------------------------------------------------
#
# Two texts as a unified diff for people: what is only whitespace can be seen in it, and nothing steers a terminal.


_STYLES = {"+": "added", "-": "removed", "@": "note"}


def patch_text(old: str, new: str, name: str, paint: Paint, *, how: str = "formatted") -> str:
    """The unified diff from `old` to `new`, of which `how` says what made it; "" where they are equal."""
    return "".join(f"{line}\n" for line in _patch_lines(old, new, (name, f"{name} ({how})"), paint))


def _patch_lines(old: str, new: str, names: tuple[str, str], paint: Paint) -> Iterator[str]:
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
