"""Every text that a command shows to a person is safe for a terminal, whatever stands in the files."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agentmerge.cli import application

EVIL = "\x1b[2J\x1b]0;t\x07\x9b31m\u202e\u200b\U000e0041"
ONE = f"""---
name: one{EVIL}
description: does{EVIL} one thing
tools: Read{EVIL}, Grep
own{EVIL}key: 1
---
# Title{EVIL}

Do not push{EVIL} to main.

**Label{EVIL}:**

- **Lead{EVIL}**: never print secrets{EVIL} to the log
- coverage of at least 80 %{EVIL}

```{EVIL}
code{EVIL}
```

| a{EVIL} | b |
|---|---|
| 1{EVIL} | 2 |
"""
TWO = ONE.replace("80", "90").replace("Do not push", "Push").replace("one thing", "two things").replace("code", "other")
OWN_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

COMMANDS = [
    ["show", "one.md"],
    ["align", "one.md", "two.md"],
    ["diff", "one.md", "two.md"],
    ["diff", "one.md", "two.md", "--stat"],
    ["diff", "one.md", "two.md", "--word-diff"],
    ["diff", "one.md", "two.md", "--format", "markdown"],
    ["drift", "one.md", "two.md"],
    ["fmt", "--diff", "one.md"],
    ["combine", "one.md", "two.md", "--dry-run"],
    ["combine", "one.md", "two.md", "--explain", "-o", "out.md"],
    ["merge", "one.md", "one.md", "two.md", "-o", "out.md"],
    ["merge", "three.md", "one.md", "two.md", "-o", "out.md"],
]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("one.md", ONE), ("two.md", TWO), ("three.md", ONE.replace("80", "70"))):
        (tmp_path / name).write_text(text, "utf-8", newline="")


@pytest.mark.parametrize("color", ["never", "always"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_command__shows_nothing_raw(command: list[str], color: str) -> None:
    result = CliRunner().invoke(
        application(), command, env={"NO_COLOR": "1"} if color == "never" else {"FORCE_COLOR": "1"}
    )
    assert result.exit_code in {0, 1}, result.stderr
    assert result.stdout + result.stderr
    for shown in (result.stdout, result.stderr):
        left = OWN_COLOURS.sub("", shown) if color == "always" else shown
        assert not {char for char in left if unicodedata.category(char) == "Cc"} - {"\n", "\t"}
        assert not {"\u202e", "\u200b", "\U000e0041"} & set(left)


def test_file_name__is_shown_escaped() -> None:
    Path("a\x1b[2J\u202e.md").write_text("# T\n\n```\nopen\n")
    for command in (["show"], ["fmt", "--diff"], ["show", "--dialect", "no"]):
        result = CliRunner().invoke(application(), [*command, "a\x1b[2J\u202e.md"])
        assert not {"\x1b", "\u202e"} & set(result.stdout + result.stderr)
