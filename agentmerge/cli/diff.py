"""`agentmerge diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of them.
    from agentmerge.diffing.records import Change, Diff
    from agentmerge.drifting.records import Finding
    from agentmerge.knowledge import Knowledge
    from agentmerge.views.paint import Paint

EPILOG = "Examples: agentmerge diff old.md new.md --only frontmatter | agentmerge diff a.md b.md --format json"


def register(app: typer.Typer) -> None:
    app.command("diff", cls=PlainCommand, epilog=EPILOG)(guarded(diff))


def diff(
    a: Annotated[str, typer.Argument(help="Old definition, or - for standard input.", metavar="A")],
    b: Annotated[str | None, typer.Argument(help="New definition; none with --base.", metavar="B")] = None,
    *,
    base: Annotated[
        str | None,
        typer.Option(
            "--base", help="Old definition; `auto` is the version in git that A comes from.", metavar="FILE|auto"
        ),
    ] = None,
    output_format: Annotated[
        Literal["text", "json", "markdown", "html"], typer.Option("--format", help="Form of the output.")
    ] = "text",
    stat: Annotated[bool, typer.Option("--stat", help="Only counts, a line per section.")] = False,
    word_diff: Annotated[bool, typer.Option("--word-diff", help="Show both wordings in one line.")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only changes under PATH.", metavar="PATH")] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="No changes under PATH.", metavar="PATH")
    ] = None,
    ignore_order: Annotated[bool, typer.Option("--ignore-order", help="Order alone is no change.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing, only set the exit code.")] = False,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Show what changed between two definitions, by meaning. Exit 0: same, 1: different, 2: trouble."""
    from agentmerge.aligning.records import CROWDED
    from agentmerge.diffing import diff as diff_definitions
    from agentmerge.diffing.selection import select, unmatched
    from agentmerge.drifting.marking import marked, select_findings
    from agentmerge.drifting.reviewing import review

    old, new = _two(a, b, base)
    common.refuse_twice([old, new])
    sessions = common.Sessions(config, [old, new], ignore=no_config)
    knowledge = sessions.whole.knowledge
    before, after = (common.load(name, sessions.near(name).knowledge) for name in (old, new))
    definitions = before, after
    for pattern, hint in unmatched([*(only or ()), *(exclude or ())], definitions).items():
        tell(f"warning: {pattern!r} matches no section and no field of either file{hint}")
    found = diff_definitions(*definitions, knowledge)
    if found.matching.crowded:
        tell(f"warning: {CROWDED}")
    changes = select(found, only=only or (), exclude=exclude or (), ignore_order=ignore_order)
    if not quiet:
        findings = select_findings(
            review(found, knowledge), only=only or (), exclude=exclude or (), ignore_order=ignore_order
        )
        shown = Shown(found, marked(changes, findings), findings, [old, new])
        if output_format == "text":
            if changes or stat:
                common.out(_text(shown, common.paint(color), knowledge, stat=stat, inline=word_diff))
        else:
            common.out(_rendered(shown, output_format, knowledge=knowledge))
    raise typer.Exit(FOUND if changes else OK)


def _two(a: str, b: str | None, base: str | None) -> tuple[str, str]:
    """Names of the old and the new definition."""
    if (b is None) == (base is None):
        raise typer.BadParameter("name A and B, or --base BASE and A")
    return (a, b) if b is not None else (common.resolved_base(base or "auto", a), a)


class Shown(NamedTuple):
    """What is shown of a diff."""

    diff: Diff
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    names: list[str]


def _text(shown: Shown, paint: Paint, knowledge: Knowledge, *, stat: bool, inline: bool) -> str:
    from agentmerge.views.diff import diff_text, stat_text

    short = common.short_names(shown.names)
    if stat:
        return stat_text(shown.diff, shown.changes, short, paint)
    return diff_text(
        shown.diff, shown.changes, short, paint, knowledge, findings=shown.findings, inline=inline, width=common.width()
    )


def _rendered(shown: Shown, output_format: str, knowledge: Knowledge) -> str:
    diff, changes, findings, names = shown
    if output_format == "json":
        from agentmerge.views.jsonable import diff_json, dumps

        return dumps(diff_json(diff, changes, findings, names))
    if output_format == "markdown":
        from agentmerge.views.diff_markdown import diff_markdown

        return diff_markdown(diff, changes, common.short_names(names), findings)
    from agentmerge.drifting.records import Drift, PairDrift
    from agentmerge.drifting.reports import Report, RoleGroup
    from agentmerge.views.html import drift_html

    both = (diff.matching.a, diff.matching.b)
    group = RoleGroup("", (0, 1), Drift(both, (PairDrift(0, 1, diff, findings),), None))
    return drift_html(Report(tuple(names), (group,)), knowledge, "Differences")
