"""The command line: one module per command, each a thin call of the library."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Annotated

# Imports and records make many objects and hardly any circle of them: looking for circles less often, from the first
# import on, saves a twentieth of a short command's time.
gc.set_threshold(1_000_000, 50, 50)

import typer  # noqa: E402

from agentmerge import __version__  # noqa: E402
from agentmerge.cli.coercion import PlainGroup  # noqa: E402

COMMANDS = (
    "show",
    "diff",
    "align",
    "combine",
    "apply",
    "apply-change",
    "review",
    "merge",
    "drift",
    "blame",
    "compare",
    "where",
    "survey",
    "fmt",
    "resolve",
    "update",
    "explain",
    "status",
    "outdated",
    "adopt",
    "recipe",
    "rules",
    "set",
    "convert",
    "mcp",
    "config",
    "schema",
    "git",
)
"""Names of the commands and, with `_` for `-`, of their modules, in the order of the help."""


def application(only: str | None = None) -> typer.Typer:
    """The command line with all commands, or with one: typer builds every command that it knows, which takes time."""
    app = typer.Typer(
        name="agentmerge",
        cls=PlainGroup,
        help="Diff, merge and review variant definitions of the same AI-agent role.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(root)
    for name in COMMANDS if only is None else (only,):
        import_module(f"agentmerge.cli.{name.replace('-', '_')}").register(app)
    return app


def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the version and exit.", is_eager=True)
    ] = False,
) -> None:
    if version:
        typer.echo(f"agentmerge {__version__}")
        raise typer.Exit


def main() -> None:
    """Entry point of the `agentmerge` script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A Windows console or LANG=C would otherwise fail on the first arrow or CJK word.
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    try:
        application(_wanted())()
    finally:
        # Before it ends the interpreter looks through every object for circles: an eighth of a short command's time.
        gc.freeze()


def _wanted() -> str | None:
    """The one command that the arguments ask for; None where all have to be known: help, completion, a typing error."""
    if "_AGENTMERGE_COMPLETE" in os.environ or len(sys.argv) < 2:
        return None
    return sys.argv[1] if sys.argv[1] in COMMANDS else "show" if sys.argv[1] in ("--version", "-V") else None
