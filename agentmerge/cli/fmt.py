"""`agentmerge fmt`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import BAD_INPUT, FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    from agentmerge.model import Definition
    from agentmerge.writing.formatting import Formatted

EPILOG = "Example: agentmerge fmt --check .claude/agents/*.md"


def register(app: typer.Typer) -> None:
    app.command("fmt", cls=PlainCommand, epilog=EPILOG)(guarded(fmt))


def fmt(
    files: Annotated[list[str], typer.Argument(help="Definitions, or - for standard input.", metavar="FILE...")],
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when a file would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
    in_place: Annotated[bool, typer.Option("--in-place", "-i", help="Write each file back.")] = False,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Emit definitions in tidy form: valid frontmatter, tidy white space; not a word, mark or place changes."""
    if in_place and (check or diff):
        raise typer.BadParameter("--in-place writes files; --check and --diff write none")
    if in_place and "-" in files:
        raise typer.BadParameter("standard input can't be written back", param_hint="--in-place")
    if len(files) > 1 and not (check or diff or in_place):
        raise typer.BadParameter("more than one file needs --in-place, --check or --diff", param_hint="FILE")
    for name in files if in_place else ():
        common.refuse_revision(name)
    run = _Run(common.Sessions(config, files, ignore=no_config), color, check, diff, in_place)
    codes = [_one(name, run) for name in files]
    raise typer.Exit(max(codes))


class _Run(NamedTuple):
    """What is done with each file."""

    sessions: common.Sessions
    color: common.ColorMode
    check: bool
    diff: bool
    in_place: bool


def _one(name: str, run: _Run) -> int:
    """Format one file; its exit code. A file that can't be read does not keep the others from being formatted."""
    from agentmerge.errors import AgentMergeError, InternalError
    from agentmerge.writing.formatting import format_definition

    try:
        # What is repaired is told when it is.
        knowledge = run.sessions.near(name).knowledge
        definition = common.load(name, knowledge, untold=("frontmatter-repaired", "field-form"))
        result = format_definition(definition, knowledge)
        if run.in_place and result.is_changed:
            _write(name, result, definition)
    except InternalError:
        raise
    except AgentMergeError as error:
        tell(f"error: {error}")
        return BAD_INPUT
    if run.diff:
        _show(definition, result, run.color)
    if run.check and result.is_changed:
        tell(f"{definition.filename}: would change{_said(result, definition)}")
    elif not (run.check or run.diff or run.in_place):
        common.out(result.text)
    return FOUND if run.check and result.is_changed else OK


def _write(name: str, result: Formatted, definition: Definition) -> None:
    from agentmerge.errors import OutputError
    from agentmerge.world.files import write_text

    if not Path(name).is_file():
        raise OutputError("is no file on disk, so it can't be written back", file=name, remedy="leave out --in-place")
    write_text(name, result.text)
    tell(f"{name}: formatted{_said(result, definition)}")


def _said(result: Formatted, definition: Definition) -> str:
    said = f"; quotes make valid YAML of {', '.join(result.repaired)}" if result.repaired else ""
    said += f"; {', '.join(result.reformed)} written as the host reads it" if result.reformed else ""
    return said + ("" if definition.is_seen else "; it puts the frontmatter where hosts find it")


def _show(definition: Definition, result: Formatted, color: common.ColorMode) -> None:
    from agentmerge.views.show import patch_text

    name = definition.filename or "<text>"
    common.out(patch_text(definition.text, result.text, name, common.paint(color)))
