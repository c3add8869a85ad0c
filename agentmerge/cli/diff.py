"""`agentmerge diff`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import FOUND, OK, guarded
from agentmerge.cli.coercion import PlainCommand

EPILOG = "Examples: agentmerge diff old.md new.md --only frontmatter | agentmerge diff a.md b.md --format json"


def register(app: typer.Typer) -> None:
    app.command("diff", cls=PlainCommand, epilog=EPILOG)(guarded(diff))


def diff(
    a: Annotated[str, typer.Argument(help="Old definition, or - for standard input.", metavar="A")],
    b: Annotated[str, typer.Argument(help="New definition.", metavar="B")],
    *,
    output_format: Annotated[
        Literal["text", "json", "markdown"], typer.Option("--format", help="Form of the output.")
    ] = "text",
    stat: Annotated[bool, typer.Option("--stat", help="Only counts, a line per section.")] = False,
    word_diff: Annotated[bool, typer.Option("--word-diff", help="Show both wordings in one line.")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only changes under PATH.", metavar="PATH")] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="No changes under PATH.", metavar="PATH")
    ] = None,
    ignore_order: Annotated[bool, typer.Option("--ignore-order", help="Order alone is no change.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing, only set the exit code.")] = False,
    color: common.Color = "auto",
) -> None:
    """Show what changed between two definitions, by meaning. Exit 0: same, 1: different, 2: trouble."""
    from agentmerge.diffing import diff as diff_definitions
    from agentmerge.diffing.selection import select

    found = diff_definitions(common.load(a), common.load(b))
    changes = select(found, only=only or (), exclude=exclude or (), ignore_order=ignore_order)
    if not quiet:
        names = [a, b]
        if output_format == "json":
            from agentmerge.views.jsonable import diff_json, dumps

            common.out(dumps(diff_json(found, changes, names)))
        elif output_format == "markdown":
            from agentmerge.views.diff_markdown import diff_markdown

            common.out(diff_markdown(found, changes, common.short_names(names)))
        elif changes or stat:
            from agentmerge.views.diff import diff_text, stat_text

            paint, short = common.paint(color), common.short_names(names)
            if stat:
                common.out(stat_text(found, changes, short, paint))
            else:
                common.out(diff_text(found, changes, short, paint, inline=word_diff, width=common.width()))
    raise typer.Exit(FOUND if changes else OK)
