"""`agentmerge rules`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import guarded
from agentmerge.cli.coercion import PlainCommand

EPILOG = "Example: agentmerge rules --format json"


def register(app: typer.Typer) -> None:
    app.command("rules", cls=PlainCommand, epilog=EPILOG)(guarded(rules))


def rules(
    *,
    output_format: Annotated[Literal["text", "json"], typer.Option("--format", help="Form of the output.")] = "text",
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Print the rules of a drift review as the configuration has them: id, severity, what each looks at and means."""
    from agentmerge.drifting.records import rules as table

    found = table(common.session(config, near=".", ignore=no_config).knowledge)
    if output_format == "json":
        from agentmerge.views.drift import rules_json
        from agentmerge.views.jsonable import dumps

        common.out(dumps(rules_json(found)))
    else:
        from agentmerge.views.drift import rules_text

        common.page(rules_text(found, common.paint(color)))
