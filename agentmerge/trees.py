"""The edge to git's trees: what differs between revisions, folders of revisions, or a revision and the index."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentmerge import git
from agentmerge.errors import GitError, InputError

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
    ran = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", asked)
    if ran.code != 0:
        raise GitError(f"there is no {'folder' if ':' in name else 'revision'} '{rev}'")
    return Tree(name, ran.out.decode().strip())


def head_or_nothing() -> Tree:
    """The tree of HEAD; before the first commit one without files."""
    if git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").code == 0:
        return tree_of("HEAD")
    return Tree("HEAD", _empty())


def is_folder(name: str) -> bool:
    """Whether an argument is `REV:folder`."""
    if not git.is_revision(name):
        return False
    ran = git.run("cat-file", "-t", name.rstrip("/"))
    return ran.code == 0 and ran.out.strip() == b"tree"


def files(tree: Tree, paths: Sequence[str] = ()) -> list[str]:
    """Every file of a tree below `paths`, sorted; paths that come back are from its top."""
    rows = _diff([_empty()], tree, paths)
    return sorted(row.new for row in rows)


def text_of(tree: Tree, path: str) -> bytes | None:
    """The bytes of a file of a tree, None where it has none of that name."""
    ran = git.run("cat-file", "blob", tree.file(path))
    return ran.out if ran.code == 0 else None


def texts_of(names: Sequence[str]) -> dict[str, bytes]:
    """The bytes of files by their file arguments (`REV:path`), read at once; what can't be read so is left out."""
    asked = [name for name in names if "\n" not in name]
    ran = git.run("cat-file", "--batch", given="\n".join([*asked, ""]).encode("utf-8", "surrogateescape"))
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
    ran = git.run("grep", "-l", "-z", "-I", "-F", "--full-name", *of_index, *wanted, *of_tree)
    names = ran.out.decode("utf-8", "surrogateescape").split("\0")
    return sorted(name.removeprefix(f"{tree.hash}:") for name in names if name)


def put_back(old: Tree, rows: Sequence[Changed]) -> dict[str, str]:
    """By path of the new tree the commit, in short, that left a changed file as it is now, before the old tree."""
    wanted = {row.new: row.blob for row in rows if row.old == row.new}
    if not wanted or ":" in old.name:
        return {}
    where = [f":(top,literal){path}" for path in sorted(wanted)]
    flags = ["--raw", "--no-abbrev", "--no-renames", "-z", f"-{RECENT}", "--format=%x1e%h"]
    ran = git.run("log", *flags, old.name, "--", *where)
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
        git.run("log", "-1", "--format=%H", *flags, rev, "--", f":(top){of}").out.decode().strip()
        for flags, of in ((["-S", text], rows), ([], path))
    )
    if not written or not changed_in:
        return False
    return git.run("merge-base", "--is-ancestor", written, changed_in).code == 0


def day(rev: str) -> str:
    """The day of a commit, as YYYY-MM-DD; "" where there is none."""
    ran = git.run("log", "-1", "--format=%cs", rev, "--")
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
    ran = git.run(*always, *no_renames, *target, *flags, *second, "--", *paths)
    if ran.code != 0:
        raise GitError(ran.error.splitlines()[0] if ran.error else "git diff failed")
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
    ran = git.run("hash-object", "-t", "tree", os.devnull)
    if ran.code != 0:
        raise GitError("there is no git repository here", remedy="run it inside of one")
    return ran.out.decode().strip()
