"""The edge to the disk: odd paths, interrupted writes, full disks. Nothing is half-written, inputs stay untouched."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from agentmerge.errors import InputError, OutputError
from agentmerge.world import files
from agentmerge.world.files import decode, read_text, write_text

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
BROKEN = "---\nname: x\ndescription: a: b\n---\n# T  \n"
needs_posix = pytest.mark.skipif(os.name != "posix", reason="a FIFO and a mode are of POSIX")


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agentmerge", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload, no-any-return]


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    """The error of a run that failed as it should: exit 2, one line, no traceback."""
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("agentmerge: error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_directory(tmp_path: Path) -> None:
    assert "is a directory" in one_line(run("show", str(tmp_path)))


@needs_posix
def test_fifo__is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert "not a regular file" in one_line(run("show", str(tmp_path / "pipe.md")))


@needs_posix
def test_device_without_end__is_refused() -> None:
    assert "larger than 32 MB" in one_line(run("show", "/dev/zero"))


@needs_posix
def test_absent_side_of_a_git_diff__is_empty() -> None:
    assert read_text(os.devnull) == ""


def test_broken_link(tmp_path: Path) -> None:
    (tmp_path / "link.md").symlink_to(tmp_path / "gone.md")
    assert "no such file" in one_line(run("show", str(tmp_path / "link.md")))


def test_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    assert "can't be read" in one_line(run("show", str(tmp_path / "loop.md")))


@pytest.mark.skipif(IS_ROOT, reason="root reads everything")
def test_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.md").touch(mode=0)
    assert "permission denied" in one_line(run("show", str(tmp_path / "a.md")))


def test_unreadable__as_the_system_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.md").touch()
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="can't be read: permission denied"):
        read_text(str(tmp_path / "a.md"))


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 5000, "missing/a.md"])
def test_name_that_is_none(name: str) -> None:
    with pytest.raises(InputError, match=r"can't be read|is a directory"):
        read_text(name)


def test_file_over_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 3)
    (tmp_path / "a.md").write_text("abc")
    assert read_text(str(tmp_path / "a.md")) == "abc"
    (tmp_path / "a.md").write_text("abcd")
    with pytest.raises(InputError, match="larger than"):
        read_text(str(tmp_path / "a.md"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("é".encode("utf-16"), "is UTF-16"),
        (b"a\nb\xff", "a.md:2: byte 0xff is not UTF-8"),
        (b"\xed\xa0\x80", "byte 0xed is not UTF-8"),
        (b"\xc0\xaf", "byte 0xc0 is not UTF-8"),
        ("a b".encode("utf-16-le"), "a.md:1: holds NUL bytes"),
    ],
)
def test_bytes_that_are_no_text(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        decode(data, "a.md")


def test_single_nul__is_a_character_of_the_text() -> None:
    assert decode(b"# T\n\nBe\0 brief.\n", "a.md") == "# T\n\nBe\0 brief.\n"


def test_output_inside_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="can't be written: no such file"):
        write_text(str(tmp_path / "gone" / "out.md"), "x")


def test_output_is_a_directory(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="can't be written"):
        write_text(str(tmp_path), "x")


def test_output_is_the_input__is_read_before_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(BROKEN)
    assert run("fmt", "-i", str(path)).returncode == 0
    assert path.read_text() == '---\nname: x\ndescription: "a: b"\n---\n# T\n'


@needs_posix
def test_mode_and_link_are_kept(tmp_path: Path) -> None:
    path, link = tmp_path / "a.md", tmp_path / "link.md"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_text(str(link), "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@needs_posix
def test_new_file__has_the_usual_mode(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_text(str(tmp_path / "new.md"), "x")
    assert (tmp_path / "new.md").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_line_endings_are_written_as_they_are(tmp_path: Path) -> None:
    write_text(str(tmp_path / "a.md"), "a\r\nb\rc\n\ufeff")
    assert (tmp_path / "a.md").read_bytes() == "a\r\nb\rc\n\ufeff".encode()


@needs_posix
def test_disk_full__leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    text = BROKEN + "words\n" * 1000
    path.write_text(text)

    def no_room() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    assert "can't be written" in one_line(run("fmt", "-i", str(path), preexec_fn=no_room))
    assert path.read_text() == text
    assert [child.name for child in tmp_path.iterdir()] == ["a.md"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_standard_output_full(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# T\n")
    command = [sys.executable, "-m", "agentmerge", "show", str(tmp_path / "a.md")]
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 2
    assert result.stderr == "agentmerge: error: <stdout>: can't be written: no space left on device\n"


@needs_posix
@pytest.mark.parametrize("moment", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.chmod"])
def test_killed_while_writing__leaves_the_old_file(tmp_path: Path, moment: str) -> None:
    path = tmp_path / "a.md"
    path.write_text(BROKEN)
    module, name = moment.rsplit(".", 1)
    code = f"""
import os, pathlib, signal
{module}.{name} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from agentmerge.world.files import write_text
write_text({str(path)!r}, "new")
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert result.returncode == -9
    assert path.read_text() == BROKEN


def test_interrupted_while_writing__leaves_no_second_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "a.md"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text(str(path), "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@needs_posix
def test_reader_that_stops_early__is_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("- item\n" * 50_000)
    command = f"{sys.executable} -m agentmerge show {tmp_path / 'a.md'} | head -1; echo ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert result.stdout.splitlines()[-1] in {"0", "141"}
    assert result.stderr == ""


def test_several_results__all_of_them_or_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old", "utf-8")
    with pytest.raises(OutputError, match="gone"):
        files.write_texts([(str(tmp_path / "a"), "new"), (str(tmp_path / "gone" / "b"), "new")])
    assert [(path.name, path.read_text("utf-8")) for path in tmp_path.iterdir()] == [("a", "old")]
    files.write_texts([(str(tmp_path / "a"), "new"), (str(tmp_path / "b"), "new")])
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {"a": "new", "b": "new"}


@needs_posix
def test_full_device_among_results__no_file_is_written(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("a device that is always full is of Linux")
    with pytest.raises(OutputError, match="no space"):
        files.write_texts([(str(tmp_path / "a"), "new"), ("/dev/full", "new")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    ["combine a.md a.md -o {long}", "show {long}", "show {long}:a.md", "show - <&-", "fmt a.md >&-"],
)
def test_what_the_system_refuses__is_one_line_and_exit_2(tmp_path: Path, command: str) -> None:
    (tmp_path / "a.md").write_text("- Ask first.\n")
    line = f"{sys.executable} -m agentmerge {command.format(long='x' * 300)}"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, env=env)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "internal error" not in done.stderr
