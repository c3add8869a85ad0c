"""One definition of a line: LF, CRLF and CR end one, and no other character does, anywhere in the package."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentmerge import combine, drift, parse
from agentmerge.cli import application
from agentmerge.model import Unit, walk_units
from agentmerge.text.lines import split_lines
from tests.laws import require_laws

PACKAGE = Path(__file__).parents[2] / "agentmerge"
CHARACTERS = "\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029\u200b"
"""What Python, or a person's eye, takes for the end of a line or for nothing, and no reader of Markdown does."""

OTHER_PROGRAMS = {"reading/yamlio.py": 1, "world/git.py": 3}
"""Where the lines of what git, or a library, says are taken: module to how often."""

BASE = (
    "---\nname: reviewer\ndescription: Reads changes and says so.\ntools: [Read, Grep]\nhooks:\n  a:\n    - b: 1\n"
    "model: opus\n---\n\n# Reviewer\n\nYou read. Never push to main.\n\n## Rules\n\n"
    "- Never delete data.\n- Ask first.\n\n"
    '```json\n{"a": 1, "b": 2}\n```\n\n| a | b |\n|---|---|\n| c | d |\n'
)
PLACES = {
    "paragraph": ("Never push", "Never{}push", 13),
    "heading": ("## Rules", "## Ru{}les", 15),
    "item": ("delete data", "delete{}data", 17),
    "code": ('"a": 1', '"a": {}1', 21),
    "table": ("| c |", "| c{} |", 26),
    "field": ("changes and", "changes{}and", 3),
    "list": ("Read, Grep", "Read, Gr{}ep", 4),
    "line": ("- Ask first.\n", "- Ask first.\n{}\n", 19),
}


def test_no_module_has_lines_of_its_own() -> None:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        count = len(re.findall(r"\bsplitlines\(", path.read_text("utf-8")))
        if count:
            found[path.relative_to(PACKAGE).as_posix()] = count
    assert found == OTHER_PROGRAMS


def test_split_lines__by_three_endings_alone() -> None:
    assert split_lines("a\nb\r\nc\rd") == ["a\n", "b\r\n", "c\r", "d"]
    assert split_lines(f"a{CHARACTERS}b") == [f"a{CHARACTERS}b"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("char", CHARACTERS, ids=lambda char: f"U+{ord(char):04X}")
def test_character__moves_no_line_and_is_told(char: str, place: str) -> None:
    old, new, line = PLACES[place]
    text = BASE.replace(old, new.format(char))
    require_laws(text)
    read = parse(text)
    assert [note.line for note in read.diagnostics if note.code in ("hidden-character", "control-character")] == [line]
    assert [field.line for field in read.fields] == [2, 3, 4, 5, 8]
    lines = text.split("\n")
    assert all(unit.text.split("\n")[0][:5] in lines[unit.line - 1] for unit in _items(text))
    findings = drift([parse(BASE), read], summary=False).pairs[0].findings
    assert [one.b.line for one in findings if one.rule == "hidden-characters" and one.b] == [line]


def _items(text: str) -> list[Unit]:
    return [place.unit for place in walk_units(parse(text).root) if place.unit.kind == "item"]


@pytest.mark.parametrize("char", "\x85\u2028\u2029", ids=lambda char: f"U+{ord(char):04X}")
@pytest.mark.parametrize("value", ["a{}b", '"a{}b: c"', "'a{}b'", "[x, a{}b]", "|\n  a{}b\n  c", "{{k: a{}b}}"])
def test_yaml__knows_no_other_line_either(char: str, value: str) -> None:
    text = f"---\nname: n\nx: {value.format(char)}\nhooks:\n  - a: &t 1\n    b: *t\nmodel: opus\n---\n# H\n"
    read = parse(text)
    assert read.frontmatter is not None
    assert read.frontmatter.valid
    field = read.field("x")
    assert field is not None
    assert f"a{char}b" in field.text
    want = [n for n, line in enumerate(text.split("\n"), 1) if line.startswith(("name", "x:", "hooks", "model"))]
    assert [field.line for field in read.fields] == want


@pytest.mark.parametrize("char", CHARACTERS, ids=lambda char: f"U+{ord(char):04X}")
def test_combine__keeps_what_stands_behind_such_a_character(char: str) -> None:
    texts = [char + BASE, BASE.replace("Ask first", f"Ask{char}the owner")]
    merged = combine([parse(text) for text in texts])
    assert "Never push to main." in merged.text


@pytest.mark.parametrize(
    "command",
    [
        ["show", "a.md"],
        ["show", "a.md", "--format", "json"],
        ["align", "a.md", "b.md"],
        *(["diff", "b.md", "a.md", "--format", form] for form in ("text", "json", "markdown", "html")),
        *(
            ["drift", "b.md", "a.md", "--format", form]
            for form in ("text", "json", "markdown", "html", "github", "sarif")
        ),
        ["combine", "a.md", "b.md", "--report", "r.json", "--explain"],
        ["merge", "b.md", "a.md", "c.md", "--report", "r.json"],
        ["fmt", "--diff", "a.md"],
        ["resolve", "conflict.md"],
        ["git", "textconv", "a.md"],
        ["git", "diff", "a.md", "a.md", "0", "0", "b.md", "1", "1"],
    ],
    ids=" ".join,
)
def test_command__never_ends_in_an_internal_error(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = BASE
    for old, new, _ in PLACES.values():
        text = text.replace(old, new.format(CHARACTERS))
    conflict = text.replace(
        "- Ask", f"<<<<<<< a\n- Do{CHARACTERS}ask\n||||||| c\n- Ask\n=======\n- Never ask\n>>>>>>> b\n- Ask"
    )
    texts = {"a.md": text, "b.md": BASE, "c.md": BASE.replace("Ask first", "Ask twice"), "conflict.md": conflict}
    for name, content in texts.items():
        Path(name).write_bytes(content.encode())
    ran = CliRunner().invoke(application(command[0]), command)
    assert ran.exit_code in (0, 1), ran.output
