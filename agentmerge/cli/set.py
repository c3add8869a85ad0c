"""`agentmerge set`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.model import Definition

EPILOG = "Example: agentmerge set model=haiku agents/*.md, and with --write once the change is the one that is wanted"


def register(app: typer.Typer) -> None:
    app.command("set", cls=PlainCommand, epilog=EPILOG)(guarded(set_fields))


def set_fields(
    assignment: Annotated[str, typer.Argument(help="The field and its value, read as YAML.", metavar="FIELD=VALUE")],
    files: Annotated[list[str], typer.Argument(help="Definitions to change.", metavar="FILE...")],
    *,
    write: Annotated[bool, typer.Option("--write", help="Write the files: all of them, or none.")] = False,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Set a frontmatter field of many definitions and show the change; nothing is written without --write.

    Every other byte stays. Each result is read back, and rights that become wider are told. Exit 0 where nothing would
    change or all is written, 1 where something would change, 2: trouble.
    """
    from agentmerge.views.show import patch_text
    from agentmerge.world.files import write_texts

    common.refuse_twice(files)
    sessions = common.Sessions(config, files, ignore=no_config)
    if write:
        for name in files:
            _refuse_unwritable(name)
    # All are read before anything is shown: a fault in the last of them is told alone.
    read = [(name, *_changed(name, assignment, sessions)) for name in dict.fromkeys(files)]
    changed = [(name, before, after) for name, before, after in read if after.text != before.text]
    for name, before, after in changed:
        _tell_rights(before, after, sessions.near(name).knowledge)
        if not write:
            common.out(patch_text(before.text, after.text, before.filename or name, common.paint(color), how="set"))
    if write:
        write_texts([(name, after.text) for name, _, after in changed])
    same = len(set(files)) - len(changed)
    done = "changed" if write else "would change"
    tell(f"{len(changed)} {done}, {same} as they were" + ("" if write or not changed else "; --write writes them"))
    raise typer.Exit(FOUND if changed and not write else OK)


def _changed(name: str, assignment: str, sessions: common.Sessions) -> tuple[Definition, Definition]:
    """A definition before and after."""
    from agentmerge.errors import PolicyError
    from agentmerge.planning.fields import value_of
    from agentmerge.writing.editing import set_field

    key, equals, written = (part.strip() for part in assignment.partition("="))
    if not equals or not key or not written:
        raise PolicyError(f"'{assignment}' sets nothing", remedy="write FIELD=VALUE, such as model=haiku")
    knowledge = sessions.near(name).knowledge
    before = common.load(name, knowledge)
    value = value_of(key, written, knowledge.dialects[before.dialect], knowledge)
    return before, set_field(before, key, value, knowledge)


def _tell_rights(before: Definition, after: Definition, knowledge: Knowledge) -> None:
    from agentmerge.rights.comparing import moves

    for move in moves(before, after, knowledge):
        if move.direction == "widened":
            tell(f"{before.filename}: warning[permission-widened]: {move.told}")


def _refuse_unwritable(name: str) -> None:
    from pathlib import Path

    from agentmerge.errors import OutputError

    if not Path(name).is_file():
        raise OutputError("is no file on disk, so it can't be written back", file=name, remedy="leave out --write")
