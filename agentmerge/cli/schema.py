"""`agentmerge schema`."""

from __future__ import annotations

from typing import Annotated

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import guarded
from agentmerge.cli.coercion import PlainCommand

EPILOG = "Example: agentmerge schema config > agentmerge.schema.json"


def register(app: typer.Typer) -> None:
    app.command("schema", cls=PlainCommand, epilog=EPILOG)(guarded(schema))


def schema(
    name: Annotated[str, typer.Argument(help="config, or the name of a JSON output.", metavar="[NAME]")] = "",
) -> None:
    """Print a JSON Schema: of the configuration, for editors, or of a JSON output; without a name their names."""
    from importlib.resources import files

    from agentmerge.errors import unknown

    folder = files("agentmerge").joinpath("data", "schemas")
    names = sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))
    if not name:
        common.out("".join(f"{one}\n" for one in sorted(["config", *names])))
    elif name == "config":
        from agentmerge.config import config_schema
        from agentmerge.knowledge.tables import Knowledge
        from agentmerge.views.jsonable import dumps

        common.out(dumps(config_schema(Knowledge())))
    elif name in names:
        common.out(folder.joinpath(f"{name}.json").read_text("utf-8"))
    else:
        raise unknown("schema", name, ["config", *names])
