"""What the commands say about slips: one line, the remedy, and nothing that is done before it is known to be right."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentmerge.views.paint import LEAST, Paint, folded
from tests.test_drifting import BASE

ROOT = Path(__file__).parents[1]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text(BASE, "utf-8")
    (tmp_path / "b.md").write_text(BASE.replace("You must run", "You may run"), "utf-8")
    (tmp_path / "empty.md").write_text("", "utf-8")
    (tmp_path / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    return tmp_path


def run(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        [sys.executable, "-m", "agentmerge", *arguments],
        cwd=cwd,
        env={**plain, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_one_file_where_two_are_needed(files: Path) -> None:
    done = run("align", "a.md", cwd=files)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "agentmerge: error: a.md: there is only one file; name another, or use `show`\n"
    alone = run("combine", "a.md", "-o", "out.md", cwd=files)
    assert alone.returncode == 0
    assert "note: there is only one file" in alone.stderr


@pytest.mark.parametrize("command", ["align", "diff", "drift"])
def test_one_file_named_twice_is_told(files: Path, command: str) -> None:
    assert "note: a.md is named twice" in run(command, "a.md", "a.md", cwd=files).stderr
    assert "note: ./a.md is the same file as a.md" in run(command, "a.md", "./a.md", cwd=files).stderr
    assert "note" not in run(command, "a.md", "b.md", cwd=files).stderr


@pytest.mark.parametrize("command", [("show",), ("diff", "a.md"), ("drift", "a.md"), ("align", "a.md")])
def test_binary_input_is_called_binary(files: Path, command: tuple[str, ...]) -> None:
    done = run(*command, "picture.md", cwd=files)
    assert done.returncode == 2
    assert done.stderr == "agentmerge: error: picture.md: is a binary file, no text; name a Markdown file\n"


def test_latin_1_is_no_binary_file(files: Path) -> None:
    (files / "latin.md").write_bytes("# Caf\u00e9\n\nLis la consigne.\n".encode("latin-1"))
    assert "byte 0xe9 is not UTF-8" in run("show", "latin.md", cwd=files).stderr


def test_gate_says_which_rule_stopped_it(files: Path) -> None:
    done = run("drift", "a.md", "b.md", "--fail-on", "breaking", cwd=files)
    assert done.returncode == 1
    assert done.stderr == "agentmerge: a.md -> b.md: reworded, 1 finding: guardrail-weakened\n"
    assert run("drift", "a.md", "b.md", "--fail-on", "breaking", "-q", cwd=files).stderr == ""


def test_update_baseline_says_what_it_wrote(files: Path) -> None:
    done = run("drift", "a.md", "b.md", "--baseline", "known.json", "--update-baseline", cwd=files)
    assert done.stderr == "agentmerge: known.json: 1 finding of this review accepted\n"


def test_empty_file_is_a_definition_that_is_gone(files: Path) -> None:
    gone = run("drift", "a.md", "empty.md", "--all", cwd=files).stdout
    assert gone.count("agent-removed") == 1
    assert "permission" not in gone
    new = run("drift", "empty.md", "a.md", "--all", cwd=files).stdout
    assert new.count("agent-added") == 1
    assert "permission" not in new


def test_git_install_says_how_many_files_it_is_for(files: Path) -> None:
    subprocess.run(["git", "init", "-q", "."], cwd=files, check=True)
    none = run("git", "install", cwd=files)
    assert "0 tracked files match them here; name yours with --pattern GLOB" in none.stderr
    (files / "agents").mkdir()
    (files / "agents" / "x.md").write_text(BASE, "utf-8")
    subprocess.run(["git", "add", "."], cwd=files, check=True)
    assert "1 tracked file matches them here" in run("git", "install", cwd=files).stderr


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("agentmerge drift --fail-on br", ["breaking"]),
        ("agentmerge drift --fail-on breaking,re", ["breaking,reordered", "breaking,reworded"]),
        ("agentmerge drift --class id", ["identical"]),
        ("agentmerge survey --fail-on co", ["collision", "cosmetic"]),
    ],
)
def test_values_are_completed(files: Path, words: str, found: list[str]) -> None:
    code = "import sys; from agentmerge.cli import main; sys.argv = ['agentmerge']; main()"
    asked = {"COMP_WORDS": words, "COMP_CWORD": "3", "_AGENTMERGE_COMPLETE": "complete_bash", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=files, env={**os.environ, **asked}, capture_output=True)
    assert sorted(done.stdout.decode().split()) == found


def test_folded__no_line_is_longer_and_no_word_is_lost() -> None:
    paint = Paint(enabled=True)
    text = f"  {paint('title', 'one two three')} " + "word " * 40 + "a/very/long/path/" * 9 + "\nshort\n"
    shown = folded(text, 60)
    assert shown.replace("\n", " ").split() == text.replace("\n", " ").split()
    bare = [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in shown.split("\n")]
    assert [line.split() for line in bare if len(line) > 60] == [["a/very/long/path/" * 9]]
    assert all(line.startswith("      ") for line in shown.split("\n")[1:-2])
    assert folded(text, LEAST - 1) == text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "aa.md"), "aa.md: can't be read: no such file or directory; did you mean 'a.md'?"),
        (("show", "other.md"), "other.md: can't be read: no such file or directory; ls . names what there is"),
        (("show", "no/a.md"), "no/a.md: can't be read: no such file or directory; there is no folder 'no'"),
        (("diff", "HEAD:a.md", "a.md"), "HEAD:a.md: not a git repository; run it inside of one, or compare files"),
        (("blame", "a.md"), "a.md: not a git repository; run it inside of one"),
        (("drift", "--staged"), "not a git repository; run it inside of one"),
        (("drift", "one..two"), "not a git repository; run it inside of one"),
    ],
)
def test_what_is_not_there__says_what_to_do(files: Path, arguments: tuple[str, ...], told: str) -> None:
    done = run(*arguments, cwd=files, GIT_CEILING_DIRECTORIES=str(files.parent))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"agentmerge: error: {told}")
    assert done.stderr.count("\n") == 1
