"""`agentmerge blame`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import guarded
from agentmerge.cli.coercion import PlainCommand
from agentmerge.errors import InputError

EPILOG = (
    "Examples: agentmerge blame .claude/agents/reviewer.md | agentmerge blame agents/reviewer.md:41 | "
    "agentmerge blame agents/reviewer.md --lost. "
    "Signs: + added, ~ other words or another value, > stronger or wider, < weaker or narrower, ! turned round, "
    "? only mentioned since, = joined with another; ^ before a commit: as old as that or older (--since)."
)


def register(app: typer.Typer) -> None:
    app.command("blame", cls=PlainCommand, epilog=EPILOG)(guarded(blame))


def blame(
    file: Annotated[
        str, typer.Argument(help="A file under version control, or one line of it.", metavar="FILE[:LINE]")
    ],
    *,
    lost: Annotated[
        bool, typer.Option("--lost", help="Rules that once stood: who took them, and where they went.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Rows of a kind: guardrail, statement, right, trigger, model, field, title, block; may be repeated.",
            metavar="KIND",
        ),
    ] = None,
    since: Annotated[str | None, typer.Option(help="Start at this revision.", metavar="REV")] = None,
    output_format: Annotated[
        Literal["text", "json", "porcelain"], typer.Option("--format", help="Form of the output.")
    ] = "text",
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Show which commit brought each statement and right in its present meaning.

    Rewording, other wrapping, moves between sections and files, and renames change no meaning. Exit 0, 2: trouble.
    """
    from agentmerge.cli import origins
    from agentmerge.views import lineage as views

    name, line = common.place_of(file)
    kinds = _kinds(only or [])
    if lost and output_format == "porcelain":
        raise InputError("--format porcelain is of the lines that a file has", remedy="use text or json with --lost")
    knowledge = common.session(config, near=name, ignore=no_config).knowledge
    found = origins.read(name, since, knowledge, lost=lost).at(line, kinds)
    if line is not None and not found.rows and not lost:
        raise InputError("says nothing", file=name, line=line, remedy="name a line of a statement or a field")
    if output_format == "json":
        from agentmerge.views.jsonable import dumps

        common.out(dumps(views.blame_json(found, lost=lost)))
    elif output_format == "porcelain":
        common.out(views.blame_porcelain(found))
    else:
        common.out(views.blame_text(found, common.paint(color), common.columns(), lost=lost))


def _kinds(only: list[str]) -> frozenset[str]:
    from typing import get_args

    from agentmerge.lineage.origins import OriginKind

    known = get_args(OriginKind)
    for kind in only:
        if kind not in known:
            raise InputError(f"there is no kind '{kind}'", remedy=f"use {', '.join(known)}")
    return frozenset(only)
