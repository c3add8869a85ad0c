"""Results that can't be written: links that go in a circle, and a disk that is full while git merges."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agentmerge.errors import OutputError
from agentmerge.world.files import check_targets, write_bytes, write_text

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and limits of POSIX")

TEXT = "# Helper\n\n- Answer in one line.\n"
CIRCLE = "too many levels of symbolic links"
ENV = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}


def run(*arguments: str, cwd: Path, limit: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agentmerge", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, preexec_fn=limit, env=ENV)


@pytest.fixture
def circle(tmp_path: Path) -> Path:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "a.md").write_text(TEXT)
    return tmp_path


@pytest.mark.parametrize("name", ["one", "two", "self", "one/out.md", "self/deep/out.md"])
def test_link_in_a_circle__is_an_output_error(circle: Path, name: str) -> None:
    with pytest.raises(OutputError, match=CIRCLE):
        write_text(str(circle / name), "x")
    with pytest.raises(OutputError, match=CIRCLE):
        check_targets(str(circle / name))
    assert sorted(path.name for path in circle.iterdir()) == ["a.md", "one", "self", "two"]


@pytest.mark.parametrize(
    "command",
    [
        "combine a.md -o one",
        "combine a.md -o out.md --report self",
        "merge a.md a.md a.md -o one",
        "drift a.md a.md -o one",
        "drift a.md a.md --baseline one --update-baseline",
    ],
)
def test_command__says_so_in_one_line_and_writes_nothing(circle: Path, command: str) -> None:
    done = run(*command.split(), cwd=circle)
    assert done.returncode == 2
    name = "self" if "self" in command else "one"
    assert done.stderr == f"agentmerge: error: {name}: can't be written: {CIRCLE}\n"
    assert not (circle / "out.md").exists()


def test_link_to_a_file_that_is_not_there__is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("new.md")
    write_text(str(tmp_path / "link"), "x")
    assert (tmp_path / "new.md").read_text() == "x"
    assert (tmp_path / "link").is_symlink()


def test_folder_of_the_output_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT)
    with pytest.raises(OutputError, match="can't be written: not a directory"):
        write_text(str(tmp_path / "a.md" / "b.md"), "x")


# A full disk


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_no_room__leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "a.md"
    path.write_text(TEXT)
    if moment == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="can't be written: no space left on device"):
        write_text(str(path), "new")
    with pytest.raises(OutputError, match="can't be written: no space left on device"):
        write_bytes(str(path), b"new")
    assert path.read_text() == TEXT
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def sides(tmp_path: Path) -> list[str]:
    base = "# Helper\n\n" + "- Words that stand here.\n" * 20
    texts = {"base": base, "ours": base + "- one\n", "theirs": "- two\n" + base}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return list(texts)


def no_room() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def test_merge_driver__no_room__leaves_ours_whole_and_tells_git_that_it_failed(
    tmp_path: Path, sides: list[str]
) -> None:
    before = (tmp_path / "ours").read_bytes()
    done = run("git", "merge", *sides, "-p", "agents/a.md", cwd=tmp_path, limit=no_room)
    # From 129 on newer git takes the driver for failed, and stops; older git for a conflict, with ours as it was.
    assert done.returncode == 129
    assert done.stderr == "agentmerge: error: agents/a.md: can't be written: file too large\n"
    assert (tmp_path / "ours").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base", "ours", "theirs"]


def test_merge_driver__no_room_for_our_own_result__keeps_git_s(
    tmp_path: Path, sides: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """
import sys
from agentmerge.world import files
from agentmerge.errors import OutputError
def full(name, text):
    raise OutputError("can't be written: no space left on device", file=name)
files.write_text = full
from agentmerge.cli import application
sys.argv = ["agentmerge", "git", "merge", *sys.argv[1:]]
application()()
"""
    done = subprocess.run([sys.executable, "-c", code, *sides], cwd=tmp_path, capture_output=True, text=True, env=ENV)
    assert done.returncode == 0
    assert "git's own line merge was kept" in done.stderr
    text = (tmp_path / "ours").read_text()
    assert text.startswith("- two\n")
    assert text.endswith("- one\n")


def test_merge__no_room__leaves_the_output_as_it_was(tmp_path: Path, sides: list[str]) -> None:
    (tmp_path / "out.md").write_text(TEXT)
    done = run("merge", *sides, "-o", "out.md", cwd=tmp_path, limit=no_room)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert (tmp_path / "out.md").read_text() == TEXT
