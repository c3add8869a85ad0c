"""`agentmerge resolve`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand
from agentmerge.cli.merge import (
    ConflictStyle,
    FrontmatterConflicts,
    MarkerSize,
    Policies,
    finish,
    make_policy,
    merge_texts,
)

if TYPE_CHECKING:
    from agentmerge.text.markers import Conflicted

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
        typer.Option(
            "--base", help="The common ancestor; `auto` takes it from git, not from the markers.", metavar="FILE|auto"
        ),
    ] = None,
    conflict_style: ConflictStyle = "merge",
    marker_size: MarkerSize = 7,
    policy: Policies = None,
    frontmatter_conflicts: FrontmatterConflicts = "marker",
    report: common.ReportFile = None,
    explain: common.Explain = False,
    dry_run: common.DryRun = False,
    strict: common.Strict = False,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
) -> None:
    """Merge the sides of a conflicted file again, by structure; without a common ancestor they are combined.

    Contradictions that a combine left open are settled by --policy: `ours` is the first side, `theirs` the second one.

    Exit 0: resolved, 1: conflicts are left (with --strict: or a warning), 2: trouble.
    """
    from agentmerge.errors import InputError
    from agentmerge.merging.pieces import Style
    from agentmerge.merging.resolving import combine_sides, versions
    from agentmerge.text.lines import to_lf
    from agentmerge.text.markers import markers, take_apart

    target = file if in_place else output
    common.refuse_revision(target)
    text = common.read(file)
    session = common.session(config, near=file, ignore=no_config)
    knowledge = session.knowledge
    conflicted = take_apart(to_lf(text.removeprefix("\ufeff")), knowledge)
    rules = make_policy(policy, frontmatter_conflicts, session)
    if not conflicted.hunks:
        from agentmerge.merging.opened import is_open, settle

        if not is_open(text, knowledge, filename=file):
            raise InputError("holds no conflict markers, and no contradiction that a combine left open", file=file)
        merged = settle(text, knowledge, filename=file, policy=rules)
        if merged.open_conflicts:
            tell("--policy 'SECTION=ours' takes the first side, =theirs the second one, =union both")
        finish(merged, [file] * 3, output=target, report=report, explain=explain, dry_run=dry_run, strict=strict)
    style = Style(conflict_style, marker_size, conflicted.labels)
    texts = versions(text, knowledge, _base(file, base, conflicted))
    if texts is None:
        merged = combine_sides(text, knowledge, filename=file, policy=rules, style=style)
    else:
        merged = merge_texts(texts, [file] * 3, knowledge, rules, style)
    ancestor, left, right = conflicted.labels
    stray = markers(to_lf(merged.text), knowledge).stray
    for line, row in stray:
        tell(f"{file}: '{row.strip()}' belongs to no conflict and stays (line {line}); take it out by hand")
    try:
        finish(
            merged,
            [ancestor, left, right],
            output=target,
            report=report,
            explain=explain,
            dry_run=dry_run,
            strict=strict,
        )
    except typer.Exit as done:
        raise typer.Exit(max(done.exit_code, FOUND if stray else OK)) from None


def _base(file: str, base: str | None, conflicted: Conflicted) -> str | None:
    """The ancestor: as named, or as git has it; None where the markers show it, or where nobody knows it."""
    from agentmerge.errors import GitError, InputError
    from agentmerge.world import git

    if base is not None and base != "auto":
        return common.read(base)
    if conflicted.has_base and base is None:
        return None
    try:
        found = git.conflict_base(git.path_of(file), conflicted.labels[1:])
    except GitError:
        if base is None:
            tell("the common ancestor is not known, so the two sides are combined; --base names it")
            return None
        raise InputError("git has no common ancestor of it", file=file, remedy="name it with --base") from None
    if base == "auto":
        tell(f"base: {found}")
    return common.read(found)
