"""The edge to git: files of revisions, common ancestors, git's own line merge, and the entries of the drivers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agentmerge.errors import GitError
from agentmerge.files import write_text

Scope = Literal["local", "global", "system"]

NAME = "agentmerge"
XFUNCNAME = r"^(#{1,6}[[:space:]].*|\*\*[^*]+\*\*:?[[:space:]]*)$"
"""Lines that hunk headers of a diff name: headings, and bold lines that stand for them."""

_BEGIN, _END = "# agentmerge: begin", "# agentmerge: end"
_INHERITED = re.compile(r"GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|INDEX_VERSION)\Z")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a call of git gave."""

    code: int
    out: bytes
    error: str


def run(*arguments: str, cwd: str | None = None, keep_env: bool = True, given: bytes | None = None) -> Ran:
    """Run git, never through a shell, with `given` on its standard input. Raises GitError where there is no git."""
    env = dict(os.environ, LC_ALL="C")
    if not keep_env:
        # A hook or a driver inherits the repository that git works on; a call about another one must not.
        env = {name: value for name, value in env.items() if not _INHERITED.match(name)}
    try:
        # Without it, git puts names that are not ASCII in quotes.
        plain = ("-c", "core.quotePath=false")
        command = ["git", *plain, *arguments]
        done = subprocess.run(command, input=given, capture_output=True, cwd=cwd, env=env, check=False)  # noqa: S603
    except FileNotFoundError:
        raise GitError("git can't be found", remedy="install git, or give files instead of revisions") from None
    return Ran(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip())


def call(*arguments: str) -> int:
    """Run git on the terminal that we have; its exit code."""
    return subprocess.run(["git", *arguments], check=False).returncode  # noqa: S603, S607


def asked(*arguments: str) -> str:
    """One line that git answers. Raises GitError with git's own words."""
    ran = run(*arguments)
    if ran.code != 0:
        raise GitError(_why(ran))
    return ran.out.decode("utf-8", "surrogateescape").rstrip("\n")


def _why(ran: Ran) -> str:
    lines = ran.error.splitlines()
    return (lines[0] if lines else f"git failed with {ran.code}").removeprefix("fatal: ").removeprefix("error: ")


# Files of revisions


def is_revision(name: str) -> bool:
    """Whether an argument is `REV:path` (or `:path`, `:2:path` for the index) rather than a file that is there."""
    rev, colon, path = name.partition(":")
    is_drive = len(rev) == 1 and path[:1] in ("\\", "/")
    return bool(colon and path) and not is_drive and not Path(name).exists()


def show(name: str) -> bytes:
    """The bytes of `REV:path`. Raises GitError where the revision or the file is not there."""
    ran = run("show", "--no-textconv", "--end-of-options", name)
    if ran.code != 0:
        raise GitError(_why(ran), file=name, remedy="write REV:path with the path from the top of the repository")
    if ran.out.startswith(b"tree ") and run("cat-file", "-t", name).out.strip() == b"tree":
        # Git lists a folder, which would read as a text of file names.
        raise GitError("is a folder", file=name, remedy="name a file in it")
    return ran.out


def path_of(name: str) -> str:
    """The file's path in `REV:path`; the name itself for a file."""
    return re.sub(r"\A:\d:", ":", name).partition(":")[2] if is_revision(name) else name


def common_version(ours: str, theirs: str) -> str:
    """`REV:path` of the version that two arguments come from.

    For revisions that is the file at their merge base. For two files it is the last version in the history of ours
    that the history of theirs has too. Raises GitError where there is none.
    """
    if is_revision(ours) or is_revision(theirs):
        return _at_merge_base(ours, theirs)
    mine, other = _versions(ours), {blob for blob, _ in _versions(theirs)}
    for blob, name in mine:
        if blob in other:
            return name
    raise GitError(f"'{ours}' and '{theirs}' have no version in common", remedy="name the base")


def base_of(name: str) -> str:
    """`REV:path` of the version that one argument comes from.

    For a revision that is the file at its merge base with HEAD; for a file in conflict, the base in the index; for any
    other file the last committed version that says something else. Raises GitError where there is none.
    """
    if is_revision(name):
        return _at_merge_base("HEAD:" + path_of(name), name)
    path = _from_top(name)
    if run("cat-file", "-e", f":1:{path}").code == 0:
        return f":1:{path}"
    own = asked("hash-object", "--path", path, "--", name)
    for blob, version in _versions(name):
        if blob != own:
            return version
    raise GitError("has no earlier version", file=name, remedy="name the base")


def conflict_base(name: str, labels: Sequence[str]) -> str:
    """`REV:path` of the base of a file that holds conflict markers with these labels of ours and theirs.

    The index has it while the conflict is open; later the labels do, as far as they name revisions. Raises GitError.
    """
    path = _from_top(name)
    if run("cat-file", "-e", f":1:{path}").code == 0:
        return f":1:{path}"
    revisions = [label.split()[0] for label in labels if label.split()]
    ran = run("merge-base", "--", *revisions)
    if len(revisions) == 2 and ran.code == 0:
        candidate = f"{ran.out.decode().strip()}:{path}"
        if run("cat-file", "-e", candidate).code == 0:
            return candidate
    raise GitError("the common ancestor can't be found", file=name)


def is_earlier(name: str, other: str) -> bool:
    """Whether history proves that one file argument is an earlier version of another: the other's history holds it.

    False where neither git nor a repository can tell.
    """
    try:
        own, current = _blob(name), _blob(other)
        if not own or own == current:
            return False
        return own in {blob for blob, _ in _versions(other, cwd=_folder(other))}
    except GitError:
        return False


def _blob(name: str) -> str:
    """Git's name for what a file argument says; "" where there is none."""
    if is_revision(name):
        ran = run("rev-parse", "--verify", "--quiet", "--end-of-options", name)
    elif Path(name).is_file():
        path = Path(name)
        ran = run("hash-object", "--", path.name, cwd=str(path.parent))
    else:
        return ""
    return ran.out.decode().strip() if ran.code == 0 else ""


def _folder(name: str) -> str | None:
    return None if is_revision(name) else str(Path(os.path.realpath(name)).parent)


def _at_merge_base(ours: str, theirs: str) -> str:
    revisions = [name.partition(":")[0] or "HEAD" if is_revision(name) else "HEAD" for name in (ours, theirs)]
    base = asked("merge-base", *revisions)
    for name in (ours, theirs):
        candidate = f"{base}:{path_of(name) if is_revision(name) else _from_top(name)}"
        if run("cat-file", "-e", candidate).code == 0:
            return candidate
    raise GitError(f"'{ours}' and '{theirs}' have no version in common", remedy="name the base")


def _from_top(name: str) -> str:
    """A file's path from the top of the repository; a file in conflict is listed once for each version."""
    return next(iter(asked("ls-files", "--full-name", "--", name).splitlines()), name)


def _versions(name: str, *, cwd: str | None = None) -> list[tuple[str, str]]:
    """Blob and `REV:path` of each version of a file, newest first, renames followed.

    `cwd` is the folder of the file where the working directory may be in another repository.
    """
    form = ("log", "--follow", "--raw", "--no-abbrev", "--format=commit %H")
    if is_revision(name):
        rev, _, path = name.partition(":")
        ran = run(*form, rev or "HEAD", "--", path if path.startswith("./") else f":(top){path}")
    else:
        ran = run(*form, "--", name if cwd is None else Path(os.path.realpath(name)).name, cwd=cwd)
    if ran.code != 0:
        raise GitError(_why(ran), file=name)
    found: list[tuple[str, str]] = []
    commit = ""
    for line in ran.out.decode("utf-8", "surrogateescape").splitlines():
        if line.startswith("commit "):
            commit = line.removeprefix("commit ")
        elif line.startswith(":") and (fields := line.split("\t")):
            blob = fields[0].split()[3]
            if set(blob) != {"0"}:
                found.append((blob, f"{commit}:{fields[-1]}"))
    return found


def merge_file(
    base: str, ours: str, theirs: str, *, size: int = 7, labels: Sequence[str] = ("ours", "base", "theirs")
) -> tuple[bytes, int]:
    """Git's own line merge of three files: its text, and the number of conflicts. Raises GitError where it refuses."""
    named = [part for label in labels for part in ("-L", label)]
    ran = run("merge-file", "-p", f"--marker-size={size}", *named, ours, base, theirs, keep_env=False)
    if ran.code < 0 or ran.code > 127:
        raise GitError(_why(ran))
    return ran.out, ran.code


# Entries of the drivers


def entries(program: str) -> dict[str, str]:
    """The configuration of both drivers and both tools; `program` is how git calls us."""
    return {
        f"merge.{NAME}.name": "merge of agent definitions by field, section and unit",
        f"merge.{NAME}.driver": _driver(f"{program} git merge %O %A %B -l %L -p %P -s %S -x %X -y %Y"),
        f"diff.{NAME}.command": f"{program} git diff",
        f"diff.{NAME}.textconv": f"{program} git textconv",
        f"diff.{NAME}.xfuncname": XFUNCNAME,
        f"difftool.{NAME}.cmd": f'{program} diff "$LOCAL" "$REMOTE" || test $? -eq 1',
        f"mergetool.{NAME}.cmd": f'{program} merge "$BASE" "$LOCAL" "$REMOTE" -o "$MERGED" -L ours -L base -L theirs',
        f"mergetool.{NAME}.trustExitCode": "true",
    }


CRASHED = 129
"""What newer git (2.43) takes for a driver that failed, and not for conflicts that it left; %A is as it was."""

LEFT = 64
"""Exit code by which the driver tells its shell that conflicts are left; Python has 1 for a package that is gone."""


def _driver(command: str) -> str:
    """The driver as git's shell runs it: git's own line merge where the command could not be run to its end.

    Without that, git would keep ours, without markers, and theirs were lost by the next `git add`.
    """
    by_lines = "git merge-file -q --marker-size=%L -L ours -L base -L theirs %A %O %B"
    return (
        f"cp %A %A.ours || rm -f %A.ours; {command} --left {LEFT}; code=$?; "
        f"case $code in 0|{CRASHED}) ;; {LEFT}) code=1 ;; *) "
        # Git puts the path into quotes of its own: in ours it would be read by the shell.
        f'echo "{NAME} did not run ($code), merged by lines:" %P >&2; '
        f"if cp %A.ours %A; then {by_lines}; code=$?; else code={CRASHED}; fi ;; esac; rm -f %A.ours; exit $code"
    )


def attribute_lines(patterns: Iterable[str]) -> list[str]:
    """The lines that send files of the patterns to the drivers."""
    return [f"{_quoted(pattern)} merge={NAME} diff={NAME}" for pattern in patterns]


def _quoted(pattern: str) -> str:
    return f'"{pattern}"' if " " in pattern else pattern


def install(scope: Scope, program: str, patterns: Sequence[str]) -> Path:
    """Write the entries and attributes; those of an earlier call are replaced. The attributes file is returned."""
    target = attributes_file(scope)
    for key, value in entries(program).items():
        asked("config", f"--{scope}", "--replace-all", key, value)
    if scope == "system":
        _point_to(target, install=True)
    _write_block(target, attribute_lines(patterns))
    return target


def tracked(patterns: Sequence[str]) -> int | None:
    """How many files of the repository match patterns of attributes; None outside of one."""
    specs = [f":(top,glob){pattern if '/' in pattern else f'**/{pattern}'}" for pattern in patterns]
    ran = run("ls-files", "-z", "--", *specs)
    return ran.out.count(b"\0") if ran.code == 0 else None


def uninstall(scope: Scope) -> Path:
    """Remove what `install` wrote; nothing happens where it is not there."""
    target = attributes_file(scope)
    for section in ("merge", "diff", "difftool", "mergetool"):
        # Git fails where the section is not there: then there is nothing to remove.
        run("config", f"--{scope}", "--remove-section", f"{section}.{NAME}")
    if scope == "system":
        _point_to(target, install=False)
    _write_block(target, [])
    return target


def attributes_file(scope: Scope) -> Path:
    """Where attributes of a scope stand, outside of the files under version control."""
    if scope == "local":
        return Path(asked("rev-parse", "--git-path", "info/attributes"))
    if scope == "system":
        return _system_attributes()
    ran = run("config", "--global", "--type=path", "core.attributesFile")
    if ran.code == 0:
        return Path(ran.out.decode("utf-8", "surrogateescape").strip())
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "git" / "attributes"


def _system_attributes() -> Path:
    """Beside a system configuration that the environment names; else where git says, or its place of installation."""
    if named := os.environ.get("GIT_CONFIG_SYSTEM"):
        return Path(named).with_name("gitattributes")
    # Git tells it from 2.42 on.
    ran = run("var", "GIT_ATTR_SYSTEM")
    if ran.code == 0 and ran.out.strip():
        return Path(ran.out.decode("utf-8", "surrogateescape").strip())
    origin = run("config", "--system", "--show-origin", "--list", "-z").out.decode("utf-8", "surrogateescape")
    if origin.startswith("file:"):
        return Path(origin.split("\0")[0].removeprefix("file:")).with_name("gitattributes")
    prefix = Path(asked("--exec-path")).parents[1]
    return Path("/etc/gitattributes") if prefix == Path("/usr") else prefix / "etc" / "gitattributes"


def _point_to(target: Path, *, install: bool) -> None:
    """Git reads attributes beside a system configuration of the environment only where that names the file."""
    if not os.environ.get("GIT_CONFIG_SYSTEM"):
        return
    key = ("config", "--system", "core.attributesFile")
    now = run(*key).out.decode("utf-8", "surrogateescape").strip()
    if install and not now:
        asked(*key, str(target))
    elif not install and now == str(target):
        asked("config", "--system", "--unset", "core.attributesFile")


def _write_block(target: Path, lines: Sequence[str]) -> None:
    """Put our lines, between two comments, at the end of a file, in the place of those of an earlier call."""
    old = target.read_text("utf-8") if target.exists() else ""
    rest = re.sub(rf"(?m)^{_BEGIN}\n(?:.*\n)*?{_END}\n", "", old)
    if lines and rest and not rest.endswith("\n"):
        rest += "\n"
    block = "\n".join([_BEGIN, *lines, _END, ""]) if lines else ""
    if rest + block == old:
        return
    if not rest + block:
        target.unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(str(target), rest + block)


def program() -> str:
    """How git calls us: the name where it is on the path, else this Python and this package."""
    import shlex
    import sys

    return NAME if shutil.which(NAME) else f"{shlex.quote(sys.executable)} -m {NAME}"
