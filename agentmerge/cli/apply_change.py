"""`agentmerge apply-change`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.updating.carrying import Carried

EPILOG = (
    "Example: agentmerge apply-change HEAD~1:agents/a.md agents/a.md -- agents/*.md, and with --write once it is right"
)


def register(app: typer.Typer) -> None:
    app.command("apply-change", cls=PlainCommand, epilog=EPILOG)(guarded(apply_change))


def apply_change(
    old: Annotated[str, typer.Argument(help="A definition before the change.", metavar="A")],
    new: Annotated[str, typer.Argument(help="The same after it.", metavar="B")],
    files: Annotated[list[str], typer.Argument(help="Definitions that take the change.", metavar="FILE...")],
    *,
    write: Annotated[
        bool,
        typer.Option("--write", help="Write the files: all that took something, or none where one can't be written."),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Write nothing where a file could not take the whole change.")
    ] = False,
    output_format: Annotated[Literal["text", "json"], typer.Option("--format", help="Form of the output.")] = "text",
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Take the change from A to B to other definitions, by structure; nothing is written without --write.

    A statement is changed where it stands word for word, a new one comes behind the neighbours that it has in B or at
    the end of its section, a list gets and loses the members that B's did. What has no sure place is left to you, and
    told. Exit 0: all took it whole, or had it; 1: something would change, or is left; 2: trouble.
    """
    from agentmerge.updating.carrying import carry
    from agentmerge.views.carrying import carried_json, carried_text
    from agentmerge.views.jsonable import dumps
    from agentmerge.views.show import patch_text
    from agentmerge.world.files import write_texts

    names = [name for name in dict.fromkeys(files) if not common.is_same_file(name, new)]
    sessions = common.Sessions(config, [old, new, *names], ignore=no_config)
    knowledge = sessions.whole.knowledge
    a, b = common.load(old, knowledge), common.load(new, knowledge)
    targets = [common.load(name, sessions.near(name).knowledge) for name in names]
    found = list(carry(a, b, targets, knowledge))
    changed = [(name, one) for name, one in zip(names, found, strict=True) if one.after.text != one.before.text]
    left = [one for one in found if not one.is_whole]
    if output_format == "json":
        common.out(dumps(carried_json(found, names)))
    else:
        patches = (
            ""
            if write
            else "".join(
                patch_text(one.before.text, one.after.text, name, common.paint(color), how="changed")
                for name, one in changed
            )
        )
        common.out(patches + carried_text(found, names, common.paint(color), common.columns()))
    for _, one in changed:
        _tell_rights(one, knowledge)
    written = write and not (strict and left)
    if written:
        write_texts([(name, one.after.text) for name, one in changed])
    done = "changed" if written else "would change"
    tell(
        f"{len(changed)} {done}, {len(names) - len(changed)} as they were, {len(left)} with something left to you"
        + ("" if written or not changed else "; --write writes them")
    )
    raise typer.Exit(FOUND if left or (changed and not written) else OK)


def _tell_rights(one: Carried, knowledge: Knowledge) -> None:
    from agentmerge.rights.comparing import moves

    for move in moves(one.before, one.after, knowledge):
        if move.direction == "widened":
            tell(f"{one.before.filename}: warning[permission-widened]: {move.told}")
