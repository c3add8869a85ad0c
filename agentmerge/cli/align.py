"""`agentmerge align`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import guarded, tell
from agentmerge.cli.coercion import PlainCommand

EPILOG = "Example: agentmerge align a.md b.md c.md --format json"


def register(app: typer.Typer) -> None:
    app.command("align", cls=PlainCommand, epilog=EPILOG)(guarded(align))


def align(
    files: Annotated[list[str], typer.Argument(help="Two or more variants.", metavar="FILE...")],
    *,
    output_format: Annotated[Literal["text", "json"], typer.Option("--format", help="Form of the output.")] = "text",
    candidates: Annotated[
        int, typer.Option(min=0, help="With --format json: the N likeliest partners of each unit.", metavar="N")
    ] = 0,
    semantic: common.Semantic = None,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Show which sections and units of the variants correspond, how surely, and why."""
    if candidates and output_format != "json":
        raise typer.BadParameter("the text form lists no candidates; add --format json", param_hint="--candidates")
    from agentmerge.errors import InputError
    from agentmerge.matching.aligning import align as align_definitions
    from agentmerge.matching.aligning import partners
    from agentmerge.matching.records import CROWDED

    if len(files) < 2:
        raise InputError("there is only one file", file=files[0], remedy="name another, or use `show`")
    common.tell_twice(files)
    sessions = common.Sessions(config, files, ignore=no_config)
    knowledge = sessions.whole.knowledge
    embed = common.embedding(semantic)
    definitions = [common.load(name, sessions.near(name).knowledge) for name in files]
    alignment = align_definitions(definitions, knowledge, embed)
    if alignment.crowded:
        tell(f"warning: {CROWDED}")
    if output_format == "json":
        from agentmerge.views.jsonable import align_json, dumps

        found = partners(definitions, knowledge, embed, most=candidates) if candidates else None
        common.out(common.masked(dumps(align_json(alignment, files, found)), knowledge))
    else:
        from agentmerge.views.combine import align_text

        names = common.short_names(files)
        text = align_text(alignment, names, common.paint(color), width=common.width())
        common.page(common.masked(text, knowledge))
