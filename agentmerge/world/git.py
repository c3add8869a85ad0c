"""The edge to git: files of revisions, ancestors, line merge, drivers, one file's history, trees and the index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from agentmerge.errors import GitError, InputError
from agentmerge.world.files import write_text

# Git ------------------------------------------------------------------------------------------------------------------
#
# The edge to git: files of revisions, common ancestors, git's own line merge, and the entries of the drivers.


Scope = Literal["local", "global", "system"]

NAME = "agentmerge"
FROM_TOP = "write REV:path with the path from the top of the repository"
OUTSIDE = "run it inside of one, or compare files instead of revisions"
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
        raise _refused(ran)
    return ran.out.decode("utf-8", "surrogateescape").rstrip("\n")


def _refused(ran: Ran, file: str | None = None, remedy: str = "", what: str = "git") -> GitError:
    """Git's own words for a call that failed, with what to do about it; `remedy` is for a call in a repository."""
    lines = ran.error.splitlines()
    why = (lines[0] if lines else f"{what} failed with {ran.code}").removeprefix("fatal: ").removeprefix("error: ")
    if why.startswith("not a git repository"):
        return GitError("not a git repository", file=file, remedy=OUTSIDE)
    return GitError(why.rstrip("."), file=file, remedy=remedy)


def _without(rev: str, ran: Ran) -> GitError:
    """The error for a revision, or a folder of one, that a quiet call did not find."""
    if ran.error:
        return _refused(ran)
    if ":" in rev:
        return GitError(f"there is no folder '{rev}'", remedy=FROM_TOP)
    return GitError(f"there is no revision '{rev}'", remedy="git log and git branch --all name what there is")


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
        raise _refused(ran, name, FROM_TOP)
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
        raise _refused(ran, name)
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
        raise _refused(ran)
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


# History --------------------------------------------------------------------------------------------------------------
#
# The edge to git's history: the versions of one file along renames.


_COMMIT, _PART = "\x1e", "\x1f"
_FORMAT = f"--format={_COMMIT}{_PART.join(('%H', '%cs', '%an', '%ae', '%at', '%ai', '%s'))}"
_ABSENT = "0000"

UNCOMMITTED = "0" * 40
"""Stands for the commit of what is on disk alone, as in git's own blame."""


@dataclass(frozen=True, slots=True)
class Version:
    """A file as one commit left it."""

    rev: str
    """Full hash, or the name that was asked for."""
    date: str
    """Day of the commit, as YYYY-MM-DD."""
    author: str
    subject: str
    path: str
    """From the top of the repository."""
    blob: str
    """"" where the commit deletes the file."""
    mail: str = ""
    """Of the author."""
    time: str = ""
    """When it was written: seconds since 1970, and the author's zone as +HHMM."""


def versions(name: str, since: str | None = None, until: str = "HEAD", *, gone: bool = False) -> list[Version]:
    """Every version of a file up to a revision, oldest first, renames followed; from that of `since` on, where given.

    With `gone` a commit that deletes it is a version without a blob, and without a text.
    Raises GitError where there is no repository, no history, or no such revision.
    """
    path = Path(name)
    folder = str(path.parent) if path.parent.is_dir() else None
    own = path.name if folder else name
    span = [until] if since is None else [f"{_commit(since, folder)}..{until}"]
    found = [row for row in _log(span, own, folder) if gone or row[0].blob]
    found.reverse()
    if since is not None:
        found = [*_start(since, own, folder, found), *found]
    rows = [version for version, _ in found]
    if not rows:
        raise GitError("has no history", file=name, remedy="name a file that is under version control")
    return rows


def commit_of(rev: str, name: str) -> str:
    """The full hash of the commit that a revision means in the repository of a file. Raises GitError where none is."""
    folder = Path(name).parent
    return _commit(rev, str(folder) if folder.is_dir() else None)


def _commit(rev: str, folder: str | None) -> str:
    ran = run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}", cwd=folder)
    if ran.code != 0:
        raise _without(rev, ran)
    return ran.out.decode().strip()


def _log(span: Sequence[str], name: str, folder: str | None) -> Iterator[tuple[Version, str]]:
    """Each version in a span, newest first, with what the file was called before."""
    flags = ["log", "--follow", "--raw", "--no-abbrev", "-z", "-M", _FORMAT]
    ran = run(*flags, *span, "--", name, cwd=folder)
    if ran.code != 0:
        raise _refused(ran, name, what="git log")
    parts = iter(ran.out.decode("utf-8", "replace").split("\0"))
    about = [""] * 7
    for part in parts:
        text = part.lstrip("\n")
        if text.startswith(_COMMIT):
            about = text[1:].split(_PART, 6)
        elif text.startswith(":"):
            fields = text.split()
            old = next(parts)
            new = next(parts) if fields[4][0] in "RC" else old
            blob = "" if fields[3].startswith(_ABSENT) else fields[3]
            yield _version(about, new, blob), old if fields[4][0] != "A" else ""


def _version(about: Sequence[str], path: str, blob: str, rev: str = "") -> Version:
    own, day, author, mail, seconds, written, subject = about
    return Version(rev or own, day, author, subject, path, blob, mail, f"{seconds} {written[-5:]}")


def _start(
    since: str, name: str, folder: str | None, found: Sequence[tuple[Version, str]]
) -> Iterator[tuple[Version, str]]:
    """The version that `since` has, under the name that the file had then; none where it came later."""
    path = found[0][1] if found else _history_from_top(name, folder)
    ran = run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{since}:{path}", cwd=folder)
    if path and ran.code == 0:
        shown = run("log", "-1", _FORMAT, "--end-of-options", since, cwd=folder).out.decode("utf-8", "replace")
        about = shown.strip().removeprefix(_COMMIT).split(_PART, 6)
        yield _version(about, path, ran.out.decode().strip(), since), path


def _history_from_top(name: str, folder: str | None) -> str:
    ran = run("ls-files", "--full-name", "-z", "--", name, cwd=folder)
    return ran.out.decode("utf-8", "replace").split("\0")[0]


def contents(found: Sequence[Version], name: str) -> list[bytes]:
    """The bytes of versions of the file `name`, in one call of git. Raises GitError where one is not there."""
    folder = Path(name).parent
    wanted = "".join(f"{version.blob}\n" for version in found if version.blob and version.rev != UNCOMMITTED)
    ran = run("cat-file", "--batch", cwd=str(folder) if folder.is_dir() else None, given=wanted.encode())
    told, rest = [], ran.out
    for version in found:
        if version.rev == UNCOMMITTED:
            told.append(Path(name).read_bytes())
            continue
        if not version.blob:
            told.append(b"")
            continue
        head, _, rest = rest.partition(b"\n")
        if ran.code != 0 or not head.split()[2:]:
            raise GitError(f"'{version.path}' can't be read at {version.rev}", remedy="fetch the whole history")
        size = int(head.split()[2])
        told.append(rest[:size])
        rest = rest[size + 1 :]
    return told


def edited_in(rev: str, folder: str | None) -> list[tuple[str | None, str | None]]:
    """Paths from the top before and after, None for a file that was not there, of each file that a commit changed.

    Of a merge those that it changed of its first parent; of a commit without a parent every file is new.
    """
    flags = ["-r", "-z", "--root", "--no-commit-id", "--name-status", "-m", "--first-parent"]
    ran = run("diff-tree", *flags, rev, cwd=folder)
    parts = ran.out.decode("utf-8", "surrogateescape").split("\0") if ran.code == 0 else []
    found: list[tuple[str | None, str | None]] = []
    for status, path in zip(parts[::2], parts[1::2], strict=False):
        found.append((None if status == "A" else path, None if status == "D" else path))
    return found


def text_at(rev: str, path: str, folder: str | None) -> bytes | None:
    """What a file says at a revision, by its path from the top; None where it is not there."""
    ran = run("cat-file", "blob", f"{rev}:{path}", cwd=folder)
    return ran.out if ran.code == 0 else None


def now(name: str, last: Version) -> Version | None:
    """The file on disk, where it says something else than its last version."""
    path = Path(name)
    if not path.is_file():
        return None
    ran = run("hash-object", "--path", path.name, "--", path.name, cwd=str(path.parent))
    blob = ran.out.decode().strip()
    if ran.code != 0 or blob == last.blob:
        return None
    return Version(UNCOMMITTED, "", "not committed yet", "", last.path, blob)


def revisions(text: str) -> tuple[str, str] | None:
    """Both ends of `A..B` or `A...B` (from their merge base); None for anything else, such as a file of that name."""
    left, dots, right = text.partition("..")
    if not dots or Path(text).exists() or "/" in right[:2]:
        return None
    if right.startswith("."):
        return asked("merge-base", left or "HEAD", right[1:] or "HEAD"), right[1:] or "HEAD"
    return left or "HEAD", right or "HEAD"


# Trees ----------------------------------------------------------------------------------------------------------------
#
# The edge to git's trees: what differs between revisions, folders of revisions, or a revision and the index.


_LINK = "160000"
"""Mode of a submodule, which has no text."""


class Tree(NamedTuple):
    """All files of a revision, of a folder of one (`REV:folder`), or of the index."""

    name: str
    """As it was asked for; "" for the index."""
    hash: str
    """Of the tree; "" for the index."""

    def file(self, path: str) -> str:
        """The file argument that names a file of it."""
        return f"{self.name}{'/' if ':' in self.name else ':'}{path}"


INDEX = Tree("", "")


class Changed(NamedTuple):
    """A file between two trees; one side is empty where it was added or removed."""

    old: str
    new: str
    source: str = ""
    """The file of the old tree that an added one was copied from, where they are nearly equal."""
    blob: str = ""
    """Hash of what the file of the new tree says."""


SHORT = 10
"""Letters of a commit that name it."""
RECENT = 500
"""Commits among which an earlier version of a changed file is looked for."""

COPIED = 80
"""Similarity in percent from which git's word is taken for it that an added file is a copy."""


def tree_of(rev: str) -> Tree:
    """The tree of a revision or of `REV:folder`. Raises GitError where there is none."""
    name = rev.rstrip("/") if ":" in rev else rev
    asked = name if ":" in name else f"{name}^{{tree}}"
    ran = run("rev-parse", "--verify", "--quiet", "--end-of-options", asked)
    if ran.code != 0:
        raise _without(rev, ran)
    return Tree(name, ran.out.decode().strip())


def head_or_nothing() -> Tree:
    """The tree of HEAD; before the first commit one without files."""
    if run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").code == 0:
        return tree_of("HEAD")
    return Tree("HEAD", _empty())


def is_folder(name: str) -> bool:
    """Whether an argument is `REV:folder`."""
    if not is_revision(name):
        return False
    ran = run("cat-file", "-t", name.rstrip("/"))
    return ran.code == 0 and ran.out.strip() == b"tree"


def files(tree: Tree, paths: Sequence[str] = ()) -> list[str]:
    """Every file of a tree below `paths`, sorted; paths that come back are from its top."""
    rows = _diff([_empty()], tree, paths)
    return sorted(row.new for row in rows)


def text_of(tree: Tree, path: str) -> bytes | None:
    """The bytes of a file of a tree, None where it has none of that name."""
    ran = run("cat-file", "blob", tree.file(path))
    return ran.out if ran.code == 0 else None


def texts_of(names: Sequence[str]) -> dict[str, bytes]:
    """The bytes of files by their file arguments (`REV:path`), read at once; what can't be read so is left out."""
    asked = [name for name in names if "\n" not in name]
    ran = run("cat-file", "--batch", given="\n".join([*asked, ""]).encode("utf-8", "surrogateescape"))
    found, at = {}, 0
    for name in asked:
        head = ran.out[at : ran.out.find(b"\n", at)]
        at += len(head) + 1
        kind, _, size = head.rpartition(b" ")
        if kind.endswith(b" blob"):
            found[name] = ran.out[at : at + int(size)]
            at += int(size) + 1
    return found


def holding(tree: Tree, texts: Sequence[str]) -> list[str]:
    """The files of a tree in which one of some texts stands, sorted."""
    wanted = [part for text in texts for part in ("-e", text)]
    of_index, of_tree = (["--cached"], []) if tree == INDEX else ([], [tree.hash])
    ran = run("grep", "-l", "-z", "-I", "-F", "--full-name", *of_index, *wanted, *of_tree)
    names = ran.out.decode("utf-8", "surrogateescape").split("\0")
    return sorted(name.removeprefix(f"{tree.hash}:") for name in names if name)


def put_back(old: Tree, rows: Sequence[Changed]) -> dict[str, str]:
    """By path of the new tree the commit, in short, that left a changed file as it is now, before the old tree."""
    wanted = {row.new: row.blob for row in rows if row.old == row.new}
    if not wanted or ":" in old.name:
        return {}
    where = [f":(top,literal){path}" for path in sorted(wanted)]
    flags = ["--raw", "--no-abbrev", "--no-renames", "-z", f"-{RECENT}", "--format=%x1e%h"]
    ran = run("log", *flags, old.name, "--", *where)
    found: dict[str, str] = {}
    parts = iter(ran.out.decode("utf-8", "surrogateescape").split("\0"))
    rev = ""
    for part in parts:
        text = part.lstrip("\n")
        if text.startswith("\x1e"):
            rev = text[1:].strip()[:SHORT]
        elif text.startswith(":"):
            path = next(parts)
            if wanted.get(path) == text.split()[3]:
                found.setdefault(path, rev)
    return found


def has_landed(rev: str, rows: str, text: str, path: str) -> bool:
    """Whether a file changed in or after the commit that wrote a text into another file, up to a revision."""
    written, changed_in = (
        run("log", "-1", "--format=%H", *flags, rev, "--", f":(top){of}").out.decode().strip()
        for flags, of in ((["-S", text], rows), ([], path))
    )
    if not written or not changed_in:
        return False
    return run("merge-base", "--is-ancestor", written, changed_in).code == 0


def day(rev: str) -> str:
    """The day of a commit, as YYYY-MM-DD; "" where there is none."""
    ran = run("log", "-1", "--format=%cs", rev, "--")
    return ran.out.decode().strip() if ran.code == 0 else ""


def scope(a: Tree, b: Tree, paths: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The files of both trees below `paths`.

    Raises GitError for a path that is nothing in both: a gate that compares nothing, because a path is misspelt, would
    let everything through.
    """
    for path in paths if len(paths) > 1 else ():
        _refuse_unknown(path, files(a, [path]) or files(b, [path]))
    found = frozenset(files(a, paths)), frozenset(files(b, paths))
    if len(paths) == 1:
        _refuse_unknown(paths[0], [*found[0], *found[1]])
    return found


def _refuse_unknown(path: str, found: Sequence[str]) -> None:
    if not found:
        remedy = "options stand before the `--`" if path.startswith("-") else "check how it is written"
        raise GitError("there is nothing of that name at either revision", file=path, remedy=remedy)


def changed(a: Tree, b: Tree, copies_of: Sequence[str] = ()) -> list[Changed]:
    """The files that differ between two trees, sorted by path, renames paired.

    For an added file what it was copied from is looked for among the files that the patterns `copies_of` name.
    """
    rows = _diff(["-M", a.hash], b)
    if copies_of and any(not row.old for row in rows):
        flags = [f"-C{COPIED}%", "--find-copies-harder", "--diff-filter=C", a.hash]
        patterns = [f":(top,icase){one}" for one in copies_of]
        sources = {row.new: row.old for row in _diff(flags, b, patterns)}
        rows = [row if row.old else row._replace(source=sources.get(row.new, "")) for row in rows]
    return sorted(rows, key=lambda row: (row.new or row.old, row.old))


def _diff(flags: Sequence[str], b: Tree, paths: Sequence[str] = ()) -> list[Changed]:
    target = ["--cached"] if b == INDEX else []
    second = [] if b == INDEX else [b.hash]
    always = ["diff", "--raw", "--no-abbrev", "-z", "--no-relative"]
    no_renames = [] if any(flag.startswith(("-M", "-C")) for flag in flags) else ["--no-renames"]
    ran = run(*always, *no_renames, *target, *flags, *second, "--", *paths)
    if ran.code != 0:
        raise _refused(ran, what="git diff")
    parts = iter(ran.out.decode("utf-8", "surrogateescape").split("\0"))
    rows = (_changed(part.split(), parts) for part in parts if part.startswith(":"))
    return [row for row in rows if row is not None]


def _changed(fields: Sequence[str], parts: Iterator[str]) -> Changed | None:
    old = next(parts)
    new = next(parts) if fields[4][0] in "RC" else old
    if fields[4] == "U":
        raise InputError("is in conflict and has no version to review", file=old, remedy="resolve it and add it")
    was_link, is_link = (mode == _LINK for mode in (fields[0].removeprefix(":"), fields[1]))
    sides = "" if was_link or fields[4] == "A" else old, "" if is_link or fields[4] == "D" else new
    found = Changed(*sides, blob=fields[3])
    return found if found.old or found.new else None


def _empty() -> str:
    """The hash of the tree without files, in whichever way the repository makes hashes."""
    ran = run("hash-object", "-t", "tree", os.devnull)
    if ran.code != 0:
        raise _refused(ran)
    return ran.out.decode().strip()
