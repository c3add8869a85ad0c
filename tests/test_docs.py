"""What the documentation shows is what the program does."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_CONSOLE = re.compile(r"^```console\n\$ (?P<command>agentmerge [^\n]*)\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?P<target>[^)#:]+)(?:#[^)]*)?\)")


def examples() -> list[tuple[str, str, str]]:
    """Page, command and output of every console block."""
    return [
        (page.name, match["command"], match["output"])
        for page in PAGES
        for match in _CONSOLE.finditer(page.read_text("utf-8"))
    ]


def expanded(word: str) -> list[str]:
    """What a shell makes of a word with `*`."""
    found = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob(word)) if "*" in word else []
    return found or [word]


def run(command: str, folder: Path) -> str:
    """Both streams of a shown command, run at the top of the checkout; a file that it writes goes elsewhere."""
    words = [found for word in shlex.split(command)[1:] for found in expanded(word)]
    if "-o" in words:
        words[words.index("-o") + 1] = str(folder / "out.md")
    done = subprocess.run(
        [sys.executable, "-m", "agentmerge", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return done.stdout


@pytest.mark.parametrize(("page", "command", "output"), examples(), ids=lambda value: str(value)[:60])
def test_shown_output_is_true(page: str, command: str, output: str, tmp_path: Path) -> None:
    assert run(command, tmp_path).rstrip() == output.rstrip()


def test_readme_shows_the_main_commands() -> None:
    shown = {command.split()[1] for page, command, _ in examples() if page == "README.md"}
    assert {"diff", "combine"} <= shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for match in _LINK.finditer(page.read_text("utf-8")):
        if match["target"].startswith(("http", "mailto")):
            continue
        assert (page.parent / match["target"]).exists(), match["target"]


def test_every_command_is_in_the_readme() -> None:
    from agentmerge.cli import COMMANDS

    text = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"| `{name} " not in text and f"`{name}`" not in text] == []


def test_drift_page__names_every_rule() -> None:
    from agentmerge.drifting.records import rules
    from tests.shipped import SHIPPED

    page = (ROOT / "docs" / "drift.md").read_text("utf-8").partition("## Rules")[2].partition("## Change sets")[0]
    table = {row.split("|")[1].strip(" `"): row for row in page.split("\n") if row.startswith("| `")}
    for name, row in rules(SHIPPED).items():
        assert row.says.replace("|", "/") in table[name], name
        assert str(row.severity) in table[name], name
