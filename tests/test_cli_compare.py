"""`agentmerge compare` as a user runs it, and `combine --take` as it prints it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

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


def test_command__works_as_it_is_printed(authors: Path) -> None:
    text = _run("compare", *FILES, cwd=authors).stdout
    command = " ".join(text[text.index("agentmerge combine") :].split())
    words = shlex.split(command)[1:]
    done = _run(*words, cwd=authors)
    assert done.returncode == 0, done.stderr
    made = (authors / "role.md").read_text("utf-8")
    for take in re.findall(r"--take '?([^']+?)'?(?= -|$)", command):
        assert take.partition("#")[0] in FILES
    assert '"verdict"' in made
    assert "Never push" in made or "Never log" in made


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
