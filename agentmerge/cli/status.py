"""`agentmerge status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import FOUND, OK, guarded
from agentmerge.cli.coercion import PlainCommand
from agentmerge.cli.update import Format, Outputs

if TYPE_CHECKING:
    from agentmerge.updating.recipes import State, Status


def register(app: typer.Typer) -> None:
    app.command("status", cls=PlainCommand)(guarded(status))


def status(outputs: Outputs = None, *, output_format: Format = "text", config: common.ConfigFile = None) -> None:
    """How each output stands to what the tool wrote last and to its sources. Exit 0: current, 1: stale, 2: trouble.

    clean, local: nothing to do. pending, both: the sources or the recipe moved. converged: it says what they come to.
    new: not written yet. foreign: the tool did not write it. orphan: in the lock, and in no recipe.
    """
    from agentmerge.cli.workspace import Workspace, refuse_interrupted
    from agentmerge.updating.planning import status_of
    from agentmerge.updating.recipes import CURRENT, Status
    from agentmerge.views.jsonable import dumps
    from agentmerge.views.plan import status_json, status_text

    space = Workspace(config)
    interrupted = refuse_interrupted(space)
    rows: list[tuple[str, Status, str]] = []
    for recipe in space.chosen(outputs):
        state = space.state(recipe)
        found = status_of(state)
        rows.append((recipe.output, found, _why(state, found)))
    if not outputs:
        rows += [(output, Status.ORPHAN, "") for output in space.orphans]
    common.out(dumps(status_json(rows)) if output_format == "json" else status_text(rows))
    stale = any(found not in CURRENT for _, found, _ in rows)
    raise typer.Exit(FOUND if stale or interrupted else OK)


def _why(state: State, found: Status) -> str:
    """What is behind a status."""
    from agentmerge.text.paths import digests
    from agentmerge.updating.recipes import Status

    if found in (Status.LOCAL, Status.BOTH) and state.locked is not None and "" not in state.locked.base:
        ours, base = digests(state.ours), state.locked.base
        changed = [path for path in sorted({*ours, *base}) if ours.get(path) != base.get(path)]
        return f"edited: {', '.join(changed)}"
    if state.made.gone:
        return f"gone: {', '.join(state.made.gone)}"
    if found is Status.PENDING and state.locked is not None and state.locked.recipe != state.made.recipe:
        return "the recipe changed"
    return ""
