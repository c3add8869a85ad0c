"""`agentmerge where`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agentmerge.cli import common, searching
from agentmerge.cli.boundary import FOUND, OK, guarded
from agentmerge.cli.coercion import PlainCommand
from agentmerge.errors import InputError

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.locating.engine import Wanted

EPILOG = (
    'Examples: agentmerge where "Never push to main" .claude/agents | agentmerge where agents/reviewer.md:41 agents | '
    'agentmerge where "Run the tests" agents --format json'
)
_LINE = re.compile(r"(?P<name>.+):(?P<line>\d+)")


def register(app: typer.Typer) -> None:
    app.command("where", cls=PlainCommand, epilog=EPILOG)(guarded(where))


def where(
    text: Annotated[
        str, typer.Argument(help="A rule in words, or the line of a file that says it.", metavar="TEXT|FILE:LINE")
    ],
    places: Annotated[
        list[str] | None,
        typer.Argument(help="Folders and files to search; this folder unless told.", metavar="[DIR|FILE]..."),
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", "-a", help="Name every file that does not say it.")] = False,
    output_format: Annotated[Literal["text", "json"], typer.Option("--format", help="Form of the output.")] = "text",
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Show which definitions say something, in which words and how strongly, and which do not.

    Exit 0: found, 1: nobody says it, 2: trouble.
    """
    from agentmerge.views import where as views

    names = searching.names_in(places or ["."])
    knowledge = common.Sessions(config, names, ignore=no_config).whole.knowledge
    found = searching.search(_wanted(text, knowledge), names)
    if output_format == "json":
        from agentmerge.views.jsonable import dumps

        common.out(dumps(views.where_json(found, names)))
    else:
        common.out(views.where_text(found, names, common.paint(color), common.columns(), every=every))
    raise typer.Exit(OK if any(hit.says for hit in found.hits) else FOUND)


def _wanted(text: str, knowledge: Knowledge) -> Wanted:
    """What is looked for, from words or from a line of a file. Raises InputError where nothing is said."""
    from agentmerge.locating.engine import wanted, wanted_at

    match = _LINE.fullmatch(text)
    if match is not None and Path(match["name"]).is_file():
        line = int(match["line"])
        found = wanted_at(common.load(match["name"], knowledge), line, knowledge)
        if found is None:
            raise InputError("no sentence stands there", file=match["name"], line=line, remedy="name another line")
        return found
    asked = wanted(text, knowledge)
    if asked is None or not asked.content:
        raise InputError(f"'{text}' says nothing that could be looked for", remedy="name a rule in a sentence")
    return asked
