"""Folders as arguments of `merge` and `diff`: a skill with its scripts, a collection."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import FOUND, OK, tell

if TYPE_CHECKING:
    from agentmerge.diffing.comparing import FileDiff
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.merging.engine import FileMerge
    from agentmerge.merging.pieces import Policy, Style
    from agentmerge.world.upstreams import Found


def all_folders(names: Sequence[str]) -> bool:
    """Whether file arguments are folders. InputError where some are and some are not."""
    from agentmerge.errors import InputError

    found = [is_folder(name) for name in names]
    if any(found) and not all(found):
        one, other = names[found.index(True)], names[found.index(False)]
        raise InputError(f"is a folder, and {other} is none", file=one, remedy="name folders, or files in them")
    return all(found)


def is_folder(name: str) -> bool:
    """Whether an argument is a folder on disk, or `REV:folder`."""
    if ":" in name and not Path(name).exists():
        from agentmerge.world import git

        return git.is_folder(name)
    return Path(name).is_dir()


def read_folder(name: str) -> Found:
    """Every file of a folder argument."""
    from agentmerge.world import upstreams

    if Path(name).is_dir():
        return upstreams.on_disk(Path(name))
    rev, _, path = name.partition(":")
    return upstreams.at_revision(Path(), upstreams.commit_of(Path(), rev), path.rstrip("/"))


# Merge


class Wanted(NamedTuple):
    """What is to be done with merged folders."""

    output: str
    report: str | None
    explain: bool
    dry_run: bool


def merge(names: list[str], knowledge: Knowledge, policy: Policy, style: Style, wanted: Wanted) -> None:
    """Merge three folders, write all of the result or nothing, and end with the exit code."""
    from agentmerge.merging.engine import merge_folders
    from agentmerge.views.jsonable import dumps
    from agentmerge.views.merge import merge_json, merge_text
    from agentmerge.world.files import STDIO, check_targets, write_texts

    check_targets(wanted.report)
    folders = [read_folder(name) for name in names]
    base, ours, theirs = (one.files for one in folders)
    found = merge_folders(base, ours, theirs, knowledge, policy, style)
    if wanted.dry_run or wanted.output == STDIO:
        common.page(merge_text(found))
    elif wanted.explain:
        common.err(merge_text(found))
    if not wanted.dry_run and wanted.output != STDIO:
        _write(Path(wanted.output), found, folders)
    elif not wanted.dry_run:
        tell("nothing was written; name a folder with --output")
    if wanted.report is not None and not wanted.dry_run:
        write_texts([(wanted.report, dumps(merge_json(found, names)))])
    for one in found:
        for conflict in one.conflicts:
            tell(f"conflict: {one.path}: {conflict.slot}{f' (line {conflict.line})' if conflict.line else ''}")
        for notice in one.notices:
            tell(f"{one.path}: {notice.severity}[{notice.rule}]: {notice.message}")
    raise typer.Exit(FOUND if any(one.conflicts for one in found) else OK)


def _write(output: Path, found: Sequence[FileMerge], folders: Sequence[Found]) -> None:
    from agentmerge.world.files import write_folder

    files = {one.path: one.data for one in found if one.data is not None}
    runs = {name for folder in folders[1:] for name in folder.executable}
    executable = {one.path for one in found if {one.names[1], one.names[2]} & runs}
    # Over ours, what is in no result goes; a file that nobody speaks of stays.
    gone = [name for one in found if (name := one.names[1]) is not None and name not in files]
    write_folder(output, files, gone, executable)


# Diff


class Look(NamedTuple):
    """How a diff of folders is shown."""

    output_format: str
    stat: bool
    quiet: bool
    one_file: Callable[[str, str, str], str]
    """The text view of two versions of a definition, given with its path."""
    one_json: Callable[[str, str, str], Any]
    masked: Callable[[str], str]
    """A text without the secrets in it."""


def diff(old: str, new: str, look: Look) -> int:
    """Show what differs between two folders; the exit code."""
    from agentmerge.diffing.comparing import changed_lines, diff_folders
    from agentmerge.views.jsonable import dumps
    from agentmerge.views.merge import diff_head, diff_json, lines_text

    if look.output_format not in ("text", "json"):
        raise typer.BadParameter("folders are shown as text or json", param_hint="--format")
    before, after = read_folder(old).files, read_folder(new).files
    found = diff_folders(before, after)
    changed = [one for one in found if one.status != "same"]
    if look.quiet:
        return FOUND if changed else OK

    def versions(one: FileDiff) -> tuple[str, str]:
        return before[one.old or ""].decode(), after[one.new or ""].decode()

    both = [one for one in changed if one.old and one.new and one.is_changed]
    lines = {one.path: changed_lines(before[one.old or ""], after[one.new or ""]) for one in both if one.kind == "text"}
    if look.output_format == "json":
        details: dict[str, Any] = {path: list(rows) for path, rows in lines.items()}
        details |= {one.path: look.one_json(*versions(one), one.path) for one in both if one.kind == "definition"}
        common.out(look.masked(dumps(diff_json(found, [old, new], details))))
        return FOUND if changed else OK
    for one in changed:
        common.out(diff_head(one))
        if one in both and not look.stat:
            is_definition = one.kind == "definition"
            shown = look.one_file(*versions(one), one.path) if is_definition else lines_text(lines.get(one.path, ()))
            common.out(look.masked(shown))
    same = len(found) - len(changed)
    if changed or look.stat:
        common.out(f"{len(found)} file{'' if len(found) == 1 else 's'}: {len(changed)} differ, {same} the same\n")
    return FOUND if changed else OK


def refuse_inside(output: str, names: Sequence[str]) -> None:
    """A result that goes into one of its sources would change what it was made from."""
    from agentmerge.errors import OutputError

    if output == "-":
        return
    for name in names:
        if Path(name).is_dir() and _is_within(output, name):
            raise OutputError(f"is in the input '{name}'", file=output, remedy="write to another folder")


def _is_within(inner: str, outer: str) -> bool:
    place, folder = os.path.realpath(inner), os.path.realpath(outer)
    return place == folder or place.startswith(folder + os.sep)
