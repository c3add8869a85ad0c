"""`agentmerge outdated`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand
from agentmerge.cli.update import Format, Outputs

if TYPE_CHECKING:
    from agentmerge.updating.recipes import State


def register(app: typer.Typer) -> None:
    app.command("outdated", cls=PlainCommand)(guarded(outdated))


def outdated(outputs: Outputs = None, *, output_format: Format = "text", config: common.ConfigFile = None) -> None:
    """The sources that say something else than at the last update. Exit 0: none, 1: some, 2: trouble.

    Compared is what they say, not a version number or a commit. Nothing is fetched.
    """
    from agentmerge.cli.workspace import Workspace
    from agentmerge.views.jsonable import dumps
    from agentmerge.views.paint import one_line

    space = Workspace(config)
    states = [space.state(recipe) for recipe in space.chosen(outputs)]
    rows = [row for state in states for row in _moved(state)]
    if output_format == "json":
        common.out(dumps({"schema": "agentmerge/outdated/1", "sources": rows}))
    else:
        lines = (f"{row['output']}: {row['source']}: {row['old'] or 'new'} -> {row['new']}" for row in rows)
        common.out("".join(f"{one_line(line)}\n" for line in lines))
    for state in states:
        for notice in state.made.notices:
            if notice.rule.startswith("upstream"):
                tell(f"{state.recipe.output}: {notice.severity}[{notice.rule}]: {notice.message}")
    raise typer.Exit(FOUND if rows else OK)


def _moved(state: State) -> list[dict[str, Any]]:
    """The sources of one output that moved, with what tells their versions apart."""
    from itertools import zip_longest

    rows: list[dict[str, Any]] = []
    before = state.locked.sources if state.locked is not None else ()
    for old, new in zip_longest(before, state.made.sources):
        if new is None or (old is not None and old.hash == new.hash):
            continue
        commits = old is not None and old.revision and new.revision and old.revision != new.revision
        shown = [(one.revision if commits else one.hash)[:10] if one is not None else "" for one in (old, new)]
        rows.append({"output": state.recipe.output, "source": new.label, "old": shown[0], "new": shown[1]})
    return rows
