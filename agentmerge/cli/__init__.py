"""The command line: one module per command, each a thin call of the library."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from agentmerge import __version__
from agentmerge.cli import align, combine, diff, drift, fmt, git, merge, resolve, rules, show
from agentmerge.cli.coercion import PlainGroup

app = typer.Typer(
    name="agentmerge",
    cls=PlainGroup,
    help="Diff, merge and review variant definitions of the same AI-agent role.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the version and exit.", is_eager=True)
    ] = False,
) -> None:
    if version:
        typer.echo(f"agentmerge {__version__}")
        raise typer.Exit


show.register(app)
diff.register(app)
align.register(app)
combine.register(app)
merge.register(app)
fmt.register(app)
drift.register(app)
rules.register(app)
resolve.register(app)
git.register(app)


def main() -> None:
    """Entry point of the `agentmerge` script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A Windows console or LANG=C would otherwise fail on the first arrow or CJK word.
            stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    app()
