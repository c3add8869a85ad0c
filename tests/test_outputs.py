"""Every form of output, on files full of characters that steer a terminal or hide: none of them stands in it raw."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmerge.text.lines import in_json, suspects
from agentmerge.views.html import script_data
from agentmerge.views.jsonable import dumps
from agentmerge.writing.emitting import template_source

NASTY = "\u202e\u2066\u2069\u200f\u061c\x7f\x90\x9b\x9c\u200b\ufeff\U000e0041\ue000\x1b"
"""Bidi controls, DEL, C1, zero-width, a tag, private use, and an escape."""


def text(word: str) -> str:
    n = f"x{NASTY}y"
    return (
        f"---\nname: a\ndescription: Reviews {word} {n}\n"
        f"tools: [Read, {word}{NASTY}z]\n{n}: {word}\n---\n# Title {n}\n\n"
        f"- Never {word} to main {n}\n- **Lead{n}**: say {word}\n\n## Section {n} {word}\n\n"
        f"```{n}\n{word} {n}\n```\n\n> {word} {n}\n\n| a | {n} |\n|---|---|\n| {word} | 1 |\n\n<p>{word} {n}\n\n"
        f"<<<<<<< stray {n}\n\nAt most {3 if word == 'push' else 5} times {n}\n"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, word in {"a.md": "push", "b.md": "pull", "c\u202e\x9b.md": "pull"}.items():
        (tmp_path / name).write_bytes(text(word).encode())
    (tmp_path / "bad.md").write_bytes(f"<<<<<<< a{NASTY}\n- {NASTY}\n=======\n- b\n>>>>>>> b{NASTY}\n".encode())
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[str, str]:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run([sys.executable, "-m", "agentmerge", *arguments], cwd=folder, capture_output=True, env=env)
    assert done.returncode < 3, done.stderr
    return done.stdout.decode(), done.stderr.decode()


def require_plain(shown: str) -> None:
    """No suspect but for line feeds; CR too would overwrite a line."""
    found = {f"U+{ord(char):04X}" for char in suspects().findall(shown)}
    assert not found
    assert "\r" not in shown


COMMANDS = [
    "show a.md",
    "show a.md --format json",
    "show bad.md --format json",
    "align a.md b.md",
    "align a.md b.md --format json",
    "diff a.md b.md",
    "diff a.md b.md --stat",
    "diff a.md b.md --word-diff",
    "diff a.md b.md --format json",
    "diff a.md b.md --format markdown",
    "diff a.md b.md --format html",
    "drift a.md b.md --all",
    *(f"drift . --format {form}" for form in ("text", "json", "markdown", "html", "github", "sarif")),
    "combine a.md b.md --dry-run --explain",
    "combine a.md b.md --plan -",
    "merge a.md a.md b.md --dry-run",
    "fmt --diff a.md",
    "fmt --check a.md b.md",
    "resolve bad.md --dry-run",
    "rules --format json",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_output__holds_no_hidden_character(folder: Path, command: str) -> None:
    out, err = run(folder, *command.split())
    require_plain(out)
    require_plain(err)
    if "html" not in command and "json" not in command:
        assert out + err


def test_reports_and_baseline__hold_no_hidden_character(folder: Path) -> None:
    run(folder, "combine", "a.md", "b.md", "-o", "out.md", "--report", "combine.json")
    run(folder, "merge", "a.md", "a.md", "b.md", "-o", "merged.md", "--report", "merge.json")
    run(folder, "resolve", "bad.md", "-o", "resolved.md", "--report", "resolve.json")
    run(folder, "drift", "a.md", "b.md", "--baseline", "baseline.json", "--update-baseline")
    for name in ("combine", "merge", "resolve", "baseline"):
        written = (folder / f"{name}.json").read_bytes().decode()
        require_plain(written)
        assert json.loads(written)["schema"]


def test_json__is_the_same_data(folder: Path) -> None:
    found = json.loads(run(folder, "show", "a.md", "--format", "json")[0])
    titled = next(section for section in found["sections"] if section["title"] == f"Title x{NASTY}y")
    assert titled["units"][0]["text"] == f"Never push to main x{NASTY}y"


def test_page__is_the_same_data(folder: Path) -> None:
    page = run(folder, "diff", "a.md", "b.md", "--format", "html")[0]
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert f"Never push to main x{NASTY}y" in json.dumps(json.loads(data[1]), ensure_ascii=False).replace(
        "\\u001b", "\x1b"
    )


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5))
def test_json__any_data_comes_back(data: object) -> None:
    for written in (dumps(data), script_data(data)):
        assert json.loads(written) == data
        assert not suspects().search(written)
        written.encode()
    assert not re.search("[<>&]", script_data(data))


def test_in_json__escapes_what_is_outside_the_basic_plane_in_two() -> None:
    assert in_json('"\U000e0041\u202e\x7f"') == '"\\udb40\\udc41\\u202e\\u007f"'
    assert in_json('"é 日本 ✅ 👩"') == '"é 日本 ✅ 👩"'


def test_page__spells_out_every_suspect() -> None:
    found = re.search("const HIDDEN = /(.*)/g;", template_source("drift.js"))
    assert found is not None
    hidden = re.compile(found[1])
    for code in [*range(0xD800), *range(0xE000, 0x110000)]:
        if suspects().match(chr(code)):
            raw = chr(code).encode("utf-16-be")
            units = "".join(chr(int.from_bytes(raw[at : at + 2], "big")) for at in range(0, len(raw), 2))
            assert hidden.fullmatch(units), f"U+{code:04X}"
