"""`agentmerge resolve`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import guarded
from agentmerge.cli.coercion import PlainCommand
from agentmerge.cli.merge import ConflictStyle, FrontmatterConflicts, MarkerSize, Policies, finish, make_policy

if TYPE_CHECKING:
    from agentmerge.merging import Conflicted

EPILOG = "Example: agentmerge resolve --in-place .claude/agents/reviewer.md"


def register(app: typer.Typer) -> None:
    app.command("resolve", cls=PlainCommand, epilog=EPILOG)(guarded(resolve))


def resolve(
    file: Annotated[str, typer.Argument(help="A file that holds conflict markers.", metavar="FILE")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="Where to write the result.", metavar="FILE")] = "-",
    in_place: Annotated[bool, typer.Option("--in-place", "-i", help="Write the result over FILE.")] = False,
    base: Annotated[
        str | None,
        typer.Option("--base", help="The common ancestor, where the markers do not show it.", metavar="FILE"),
    ] = None,
    conflict_style: ConflictStyle = "merge",
    marker_size: MarkerSize = 7,
    policy: Policies = None,
    frontmatter_conflicts: FrontmatterConflicts = "marker",
    report: common.ReportFile = None,
    explain: common.Explain = False,
    dry_run: common.DryRun = False,
) -> None:
    """Merge the sides of a conflicted file again, by structure. Exit 0: resolved, 1: conflicts are left, 2: trouble."""
    from agentmerge.errors import InputError
    from agentmerge.merging import Style, merge, take_apart
    from agentmerge.parsing import parse
    from agentmerge.parsing.lines import to_lf

    text = common.read(file)
    conflicted = take_apart(to_lf(text))
    if not conflicted.hunks:
        raise InputError("holds no conflict markers", file=file)
    mine = conflicted.side("ours").replace("\n", "\r\n") if "\r\n" in text else conflicted.side("ours")
    texts = (_base(file, base, conflicted), mine, conflicted.side("theirs"))
    one, two, three = (parse(side, filename=file) for side in texts)
    style = Style(conflict_style, marker_size, conflicted.labels)
    merged = merge(one, two, three, make_policy(policy, frontmatter_conflicts), style)
    target = file if in_place else output
    ancestor, left, right = conflicted.labels
    finish(merged, [ancestor, left, right], output=target, report=report, explain=explain, dry_run=dry_run)


def _base(file: str, base: str | None, conflicted: Conflicted) -> str:
    """The ancestor: as named, as the markers show it, or as the index has it while the conflict is open."""
    from agentmerge import git
    from agentmerge.errors import GitError, InputError
    from agentmerge.files import decode

    if base is not None:
        return common.read(base)
    if conflicted.has_base:
        return conflicted.side("base")
    try:
        name = git.asked("ls-files", "--full-name", "--", file)
        return decode(git.show(f":1:{name.splitlines()[0]}"), file)
    except (GitError, IndexError):
        remedy = "name it with --base, or let git write it: git checkout --conflict=diff3 FILE"
        raise InputError("the markers do not show the common ancestor", file=file, remedy=remedy) from None
