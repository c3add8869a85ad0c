"""Fixture files of many cases: title, input and expected output, each closed by a line of one dot.

A title that ends in `[escapes]` has Python escapes such as `\\r`, `\\t` or `\\ufeff` in its input. Run this module
with file names to write the outputs anew, and read the difference before it is committed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from agentmerge.model import Definition, Section, Unit, Value
from agentmerge.reading.parsing import parse
from tests.shipped import SHIPPED

FIXTURES = Path(__file__).parents[1] / "fixtures"
_ESCAPE = re.compile(r"\\(?:[rtn]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Case:
    title: str
    input: str
    expected: str

    @property
    def text(self) -> str:
        """The input that is meant."""
        if not self.title.endswith("[escapes]"):
            return self.input
        return _ESCAPE.sub(lambda match: match[0].encode().decode("unicode_escape"), self.input)


def cases(path: Path) -> Iterator[Case]:
    """The cases of a fixture file."""
    parts = re.split(r"^\.\n", path.read_text("utf-8"), flags=re.MULTILINE)
    assert len(parts) % 3 == 1, f"{path}: a case has a title, an input and an output"
    assert not parts[-1].strip(), f"{path}: text after the last case"
    for title, given, expected in zip(parts[0::3], parts[1::3], parts[2::3], strict=False):
        yield Case(title.strip(), given, expected)


def dump(definition: Definition) -> str:
    """A definition as lines: dialect, fields, tree, diagnostics."""
    return "".join(f"{line}\n" for line in _lines(definition))


def _lines(definition: Definition) -> Iterator[str]:
    front = definition.frontmatter
    state = "no frontmatter" if front is None else "valid frontmatter" if front.valid else "invalid frontmatter"
    yield f"{definition.dialect}, {state}"
    for field in definition.fields:
        yield f"{field.line} {field.key} = {_plain(field.value)!r} ({field.style})"
    yield from _section(definition.root, "")
    for note in definition.diagnostics:
        yield f"! {note.line} {note.severity}[{note.code}] {note.message}".encode("unicode_escape").decode()


def _plain(value: Value) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _section(section: Section, indent: str) -> Iterator[str]:
    for node in section.body:
        if isinstance(node, Section):
            level = f"h{node.heading_level}" if node.heading_level else f"level {node.level}"
            yield f"{indent}{node.line} {level} {node.style} {node.title!r}"
            yield from _section(node, indent + "  ")
        else:
            yield from _unit(node, indent)


def _unit(unit: Unit, indent: str) -> Iterator[str]:
    words = [unit.kind, unit.marker, f"({unit.language})" if unit.language else "", repr(unit.text)]
    box = "" if unit.checked is None else " [x]" if unit.checked else " [ ]"
    lead = f" lead {unit.lead!r}" if unit.lead else ""
    yield f"{indent}{unit.line} {' '.join(word for word in words if word)}{box}{lead}"
    for child in unit.children:
        yield from _unit(child, indent + "  ")


def main(names: list[str]) -> None:
    for name in names:
        path = Path(name)
        written = [f"{case.title}\n.\n{case.input}.\n{dump(parse(case.text, SHIPPED))}.\n" for case in cases(path)]
        path.write_text("\n".join(written), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
