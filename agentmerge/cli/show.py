"""`agentmerge show`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import guarded
from agentmerge.cli.coercion import PlainCommand

EPILOG = "Example: agentmerge show .claude/agents/reviewer.md"


def register(app: typer.Typer) -> None:
    app.command("show", cls=PlainCommand, epilog=EPILOG)(guarded(show))


def show(
    file: Annotated[str, typer.Argument(help="Definition to show, or - for standard input.", metavar="FILE")],
    *,
    output_format: Annotated[Literal["text", "json"], typer.Option("--format", help="Form of the output.")] = "text",
    dialect: Annotated[str | None, typer.Option(help="Read as this dialect instead of detecting it.")] = None,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Show how one definition is read: frontmatter, section tree, units, diagnostics."""
    knowledge = common.session(config, near=file, ignore=no_config).knowledge
    # The output has all of them.
    definition = common.load(file, knowledge, dialect, untold=knowledge.diagnostics, conflicted=True)
    if output_format == "json":
        from agentmerge.views.jsonable import dumps, show_json

        common.out(common.masked(dumps(show_json(definition, knowledge)), knowledge))
    else:
        from agentmerge.views.show import show_text

        text = show_text(definition, common.paint(color), knowledge, width=common.width() - 20)
        common.page(common.masked(text, knowledge))
