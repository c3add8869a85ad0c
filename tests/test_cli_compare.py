"""`agentmerge compare` as a user runs it, and `combine --take` as it prints it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import PROGRAM, Browser
from tests.comparing.test_comparing import ANN, BOB, CYD
from tests.test_cli_drift import _run
from tests.test_schemas import validate


@pytest.fixture
def authors(tmp_path: Path) -> Path:
    for name, text in (("ann", ANN), ("bob", BOB), ("cyd", CYD)):
        (tmp_path / "all" / name).mkdir(parents=True)
        (tmp_path / "all" / name / "reviewer.md").write_text(text, "utf-8")
    return tmp_path


FILES = ("all/ann/reviewer.md", "all/bob/reviewer.md", "all/cyd/reviewer.md")


def test_forms(authors: Path) -> None:
    data = json.loads(_run("compare", *FILES, "--format", "json", cwd=authors).stdout)
    validate(data, "compare")
    folder = json.loads(_run("compare", "all", "--format", "json", cwd=authors).stdout)
    assert folder["roles"][0]["role"] == "reviewer"
    assert folder["roles"][0]["rules"] == data["roles"][0]["rules"]
    text = _run("compare", *FILES, cwd=authors).stdout
    assert "A  ann/reviewer.md" in text
    assert "every tool" in text
    for form in ("markdown", "html"):
        told = _run("compare", *FILES, "--format", form, "--all", cwd=authors).stdout
        assert "Never log a token of a user." in told
    assert "<script" not in _run("compare", *FILES, "--format", "html", cwd=authors).stdout


@pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium")
def test_page__fits_a_phone_and_follows_the_theme(authors: Path) -> None:
    page = authors / "page.html"
    page.write_text(_run("compare", *FILES, "--format", "html", cwd=authors).stdout, "utf-8")
    with Browser() as browser:
        browser.view(380, scheme="dark")
        browser.open(page)
        assert browser.run("document.documentElement.scrollWidth") <= 380
        assert browser.run("getComputedStyle(document.documentElement).colorScheme") == "light dark"
        assert "ann" in browser.run("getComputedStyle(document.querySelector('td[data-of]'), '::before').content")


def test_command__works_as_it_is_printed(authors: Path) -> None:
    text = _run("compare", *FILES, cwd=authors).stdout
    command = text[text.index("agentmerge combine") :]
    script = f'agentmerge() {{ {shlex.quote(sys.executable)} -m agentmerge "$@"; }}\n{command}'
    done = subprocess.run(["sh", "-c", script], cwd=authors, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    made = (authors / "role.md").read_text("utf-8")
    takes = re.findall(r"--take '?([^']+?)'?(?= -|$)", " ".join(command.replace("\\\n", " ").split()))
    assert takes
    assert {take.partition("#")[0] for take in takes} <= set(FILES)
    assert '"verdict"' in made
    assert "Never push" in made or "Never log" in made


def test_section_with_a_title_of_its_own__is_taken_by_it(tmp_path: Path) -> None:
    head = "---\nname: reviewer\ndescription: Reviews code\n---\n# Reviewer\n\nYou are a code reviewer.\n\n"
    both = "- Be brief in every comment.\n- Name the file and the line of each finding.\n"
    (tmp_path / "a.md").write_text(f"{head}## Guidelines\n\n{both}", "utf-8")
    own = "Never approve a change without tests."
    (tmp_path / "b.md").write_text(f"{head}## Best Practices\n\n{both}- {own}\n", "utf-8")
    done = _run("combine", "a.md", "b.md", "--take", "b.md#Best Practices", cwd=tmp_path)
    assert (done.returncode, own in done.stdout) == (0, True)
    assert "## Guidelines" in done.stdout


def test_field_that_differs__is_one_contradiction(tmp_path: Path) -> None:
    for name, model in (("a", "opus"), ("b", "sonnet"), ("c", "opus"), ("d", "haiku")):
        head = f"---\nname: r\ndescription: Reviews\nmodel: {model}\n---\n# R\n\nYou are a reviewer.\n"
        (tmp_path / f"{name}.md").write_text(head, "utf-8")
    shown = _run("compare", "a.md", "b.md", "c.md", "d.md", cwd=tmp_path).stdout
    assert [line.strip() for line in shown.splitlines() if line.startswith("  model: ")] == [
        "model: A,C opus | B sonnet | D haiku"
    ]


def test_take__leaves_the_rest_of_the_other_file_out(authors: Path) -> None:
    done = _run("combine", FILES[0], FILES[1], "--take", f"{FILES[1]}#Output", cwd=authors)
    assert done.returncode == 0, done.stderr
    assert '"verdict"' in done.stdout
    assert "Avoid pushing" not in done.stdout
    assert "Never push" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("compare", FILES[0]), "there is only one definition"),
        (("compare", FILES[0], "nothing.md"), "nothing.md"),
        (("compare", *FILES, "--without", "other.md"), "is none of the files"),
        (("compare", *FILES, "--fail-on", "loud"), "loud"),
        (("combine", *FILES, "--take", FILES[1]), "names no section"),
        (("combine", *FILES, "--take", f"{FILES[1]}#Nowhere"), "has no section 'Nowhere'"),
        (("combine", *FILES, "--take", "other.md#Output"), "is none of the files"),
    ],
)
def test_bad_input__is_one_line(authors: Path, arguments: tuple[str, ...], why: str) -> None:
    done = _run(*arguments, cwd=authors)
    assert done.returncode == 2
    assert why in done.stderr
    assert not done.stdout


def test_without_and_gate(authors: Path) -> None:
    assert "Without C" in _run("compare", *FILES, "--without", FILES[2], cwd=authors).stdout
    assert _run("compare", *FILES, "--fail-on", "breaking", cwd=authors).returncode == 1
    (authors / "copy.md").write_text(ANN, "utf-8")
    assert _run("compare", FILES[0], "copy.md", "--fail-on", "breaking", cwd=authors).returncode == 0
