"""`agentmerge compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agentmerge.cli import common, drift_inputs
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand
from agentmerge.errors import InputError

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.model import Definition
    from agentmerge.views.compare import Shown

EPILOG = (
    "Examples: agentmerge compare ann/reviewer.md bob/reviewer.md cyd/reviewer.md | agentmerge compare agents | "
    "agentmerge compare a.md b.md c.md --without b.md"
)


def register(app: typer.Typer) -> None:
    app.command("compare", cls=PlainCommand, epilog=EPILOG)(guarded(compare))


def compare(
    files: Annotated[list[str], typer.Argument(help="Definitions of one role, or folders.", metavar="FILE|DIR...")],
    *,
    without: Annotated[
        str | None, typer.Option(help="What a result would lose that does not take this file.", metavar="FILE")
    ] = None,
    every: Annotated[bool, typer.Option("--all", "-a", help="All rows of each part.")] = False,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(help="Exit 1 where two of them differ by a finding of this severity.", metavar="LEVEL|CLASS"),
    ] = None,
    output_format: Annotated[
        Literal["text", "json", "markdown", "html"], typer.Option("--format", help="Form of the output.")
    ] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write to FILE instead of standard output.", metavar="FILE")
    ] = "-",
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Show authors of one role side by side: rights, rules, contract, topics, contradictions, what to take from whom.

    No name and no order of files plays a part. Exit 0, or 1 where --fail-on says so, 2: trouble.
    """
    from agentmerge.drifting.acceptance import limits
    from agentmerge.world.files import check_targets, write_texts

    asked = drift_inputs.Asked(tuple(files), None, None, None, None)
    common.refuse_overwrite(output, asked.inputs)
    check_targets(output)
    reached = limits(fail_on or [])
    sessions = common.Sessions(config, files, ignore=no_config)
    roles = _roles(asked, sessions)
    shown = [_shown(role, names, definitions, sessions, without) for role, names, definitions in roles]
    if without is not None and all(one.loss is None for one in shown):
        raise InputError("is none of the files that are compared", file=without, remedy="name one of them")
    write_texts([(output, _rendered(shown, output_format, color, every=every))])
    failed = reached and any(_fails(names, definitions, sessions, reached) for _, names, definitions in roles)
    raise typer.Exit(FOUND if failed else OK)


Role = tuple[str, list[str], "list[Definition]"]


def _roles(asked: drift_inputs.Asked, sessions: common.Sessions) -> list[Role]:
    """The roles of which there are several definitions; files that are named are of one role."""
    from agentmerge.surveying.engine import variants

    names = drift_inputs.definitions_in(asked)
    if len(names) < 2:
        raise InputError("there is only one definition", file=names[0], remedy="name another, or a folder with several")
    definitions = [common.load_in_full(name, sessions.near(name).knowledge) for name in names]
    if not any(Path(name).is_dir() for name in asked.files):
        return [("", names, definitions)]
    found = [
        (role, [names[n] for n in numbers], [definitions[n] for n in numbers])
        for role, numbers in variants(definitions, sessions.whole.knowledge)
        if len(numbers) > 1
    ]
    if not found:
        raise InputError("no role in it has several definitions", file=asked.files[0], remedy="name the files")
    return found


def _shown(
    role: str, names: list[str], definitions: list[Definition], sessions: common.Sessions, without: str | None
) -> Shown:
    from agentmerge.comparing.engine import comparison
    from agentmerge.views.compare import Shown

    drift_inputs.progress(f"{role or 'files'}: {len(names)} authors")
    found = comparison(definitions, sessions.whole.knowledge)
    drift_inputs.progress("")
    at = next((n for n, name in enumerate(names) if without and common.is_same_file(name, without)), None)
    return Shown(found, names, role, found.without(at) if at is not None else None)


def _fails(names: list[str], definitions: list[Definition], sessions: common.Sessions, limits: tuple[str, ...]) -> bool:
    from agentmerge.drifting.acceptance import failing
    from agentmerge.drifting.records import Report, RoleGroup
    from agentmerge.drifting.reviewing import drift

    found = drift(definitions, sessions.whole.knowledge, directed=False, summary=False)
    reached = failing(Report(tuple(names), (RoleGroup("", tuple(range(len(names))), found),)), limits)
    for line in reached:
        tell(line)
    return bool(reached)


def _rendered(shown: list[Shown], output_format: str, color: common.ColorMode, *, every: bool) -> str:
    from agentmerge.views import compare as views

    if output_format == "json":
        from agentmerge.views.jsonable import dumps

        return dumps(views.compare_json(shown))
    if output_format == "markdown":
        return "\n".join(views.compare_markdown(one, every=every) for one in shown)
    if output_format == "html":
        return views.compare_html(shown)
    return "\n".join(views.compare_text(one, common.paint(color), common.columns(), every=every) for one in shown)
