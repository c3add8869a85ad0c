"""`agentmerge update`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    from agentmerge.cli.workspace import Workspace
    from agentmerge.updating.planning import Accepted
    from agentmerge.updating.recipes import OutputPlan

EPILOG = (
    "Examples: agentmerge update | agentmerge update --check | "
    "agentmerge update .claude/agents/reviewer.md --accept theirs .claude/agents/reviewer.md:frontmatter/tools"
)

Outputs = Annotated[list[str] | None, typer.Argument(help="Outputs of recipes; all without one.", metavar="[OUT...]")]
Format = Annotated[Literal["text", "json"], typer.Option("--format", help="Form of the output.")]


class UpdateCommand(PlainCommand):
    """`--accept` takes two words, which typer has no list of."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words: list[str] = []
        given = iter(args)
        for word in given:
            words.append(word)
            if word == "--accept":
                words.append(" ".join(filter(None, (next(given, ""), next(given, "")))))
        return super().parse_args(ctx, words)


def register(app: typer.Typer) -> None:
    app.command("update", cls=UpdateCommand, epilog=EPILOG)(guarded(update))


def update(
    outputs: Outputs = None,
    *,
    dry_run: common.DryRun = False,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where something would change.")] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept",
            help="Take one side where a question is open: in an output, a file, or FILE:PATH in it; repeatable.",
            metavar="ours|theirs PATH",
        ),
    ] = None,
    output_format: Format = "text",
    config: common.ConfigFile = None,
) -> None:
    """Bring outputs of recipes up to their sources, and keep what was edited in them.

    Exit 0: all is current, 1: something is stale (with --check or --dry-run) or a question is open, 2: trouble.

    Recipes stand under `recipes` in .agentmerge.yaml, found upwards from here.
    """
    from agentmerge.cli.workspace import Workspace, finish_interrupted, refuse_interrupted

    space = Workspace(config)
    accepted = _accepted(space, accept or [])
    if check or dry_run:
        interrupted = refuse_interrupted(space)
        plans = space.plans(outputs, accepted)
        _show(space, plans, output_format, quiet=check and output_format == "text", done=False)
        stale = [plan.output for plan in plans if not plan.is_current]
        if check and stale:
            tell(f"not current: {', '.join(stale)}; {_remedy(plans)}")
        raise typer.Exit(FOUND if stale or interrupted else OK)
    with space.store.locked(lambda: tell("another update is running here; waiting for it")):
        space.reread()
        finish_interrupted(space)
        plans = space.plans(outputs, accepted)
        _refuse_idle(plans, accepted)
        space.store.write(space.steps(plans, _sheets(space, plans)))
    _show(space, plans, output_format, quiet=False, done=True)
    raise typer.Exit(FOUND if any(plan.asked for plan in plans) else OK)


def _remedy(plans: Sequence[OutputPlan]) -> str:
    """What brings outputs up to their sources: a side has to be taken where a question is open."""
    asked = [one for plan in plans for one in plan.asked]
    if not asked:
        return "run `agentmerge update`"
    first = asked[0]
    inner = first.conflict.path if first.conflict.path not in ("", first.path) else ""
    place = f"theirs {shlex.quote(first.path + (f':{inner}' if inner else ''))}"
    more = f", and so on for {len(asked)} questions" if len(asked) > 1 else ""
    return f"take a side with `agentmerge update --accept {place}` (or ours){more}"


def _accepted(space: Workspace, given: Sequence[str]) -> Accepted:
    from agentmerge.updating.planning import Accepted
    from agentmerge.updating.recipes import Side

    sides: dict[str, Side] = {}
    for words in given:
        side, _, path = words.partition(" ")
        if side not in ("ours", "theirs") or not path:
            raise typer.BadParameter("--accept takes ours or theirs, and a path")
        file, colon, inner = path.partition(":")
        sides[f"{space.name_of(file)}{colon}{inner}"] = "ours" if side == "ours" else "theirs"
    return Accepted(sides)


def _refuse_idle(plans: Sequence[OutputPlan], accepted: Accepted) -> None:
    """A side that was taken in no output is a slip of the pen."""
    for key in accepted.sides:
        file = key.partition(":")[0]
        if not any(file == plan.output or file.startswith(f"{plan.output}/") for plan in plans):
            raise typer.BadParameter(f"--accept: '{file}' belongs to no output that is updated here")


def _sheets(space: Workspace, plans: Sequence[OutputPlan]) -> dict[str, bytes]:
    from agentmerge.cli.workspace import sheet_of
    from agentmerge.views.plan import plan_text, sheet

    return {
        sheet_of(plan.output): plan_text(sheet(plan, space.session.knowledge)).encode() for plan in plans if plan.asked
    }


def _show(space: Workspace, plans: Sequence[OutputPlan], form: str, *, quiet: bool, done: bool) -> None:
    from agentmerge.views.jsonable import dumps
    from agentmerge.views.plan import plans_text, update_json

    if form == "json":
        common.out(dumps(update_json(plans, space.orphans)))
    elif not quiet:
        common.out(plans_text([plan for plan in plans if not plan.is_current], done=done))
    for plan in plans:
        for notice in plan.notices:
            tell(f"{plan.output}: {notice.severity}[{notice.rule}]: {notice.message}")
    for output in space.orphans:
        tell(f"{output}: stands in the lock and in no recipe; it is left as it is")
    asked = sum(len(plan.asked) for plan in plans)
    if asked:
        where = ", ".join(f"{plan.output}.plan.json" for plan in plans if plan.asked)
        told = f"the questions are in {where}; " if done else ""
        tell(f"{asked} open; {told}edit the file, or decide with --accept ours|theirs PATH")
    elif not quiet and all(plan.is_current for plan in plans):
        tell(f"{len(plans)} output{'' if len(plans) == 1 else 's'}, all current")
