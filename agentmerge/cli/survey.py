"""`agentmerge survey`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.surveying.records import Accepted
    from agentmerge.views.survey import Surveyed

EPILOG = (
    "Examples: agentmerge survey . | agentmerge survey agents skills --format html -o survey.html | "
    "agentmerge survey .claude --fail-on identical,collision,widened --baseline known.json"
)
Format = Literal["text", "json", "html", "markdown"]
TOP = 10
"""Families that a text shows."""


def register(app: typer.Typer) -> None:
    app.command("survey", cls=PlainCommand, epilog=EPILOG)(guarded(survey))


def _kinds(incomplete: str) -> list[str]:
    from agentmerge.surveying.records import KINDS

    return [kind for kind in KINDS if kind.startswith(incomplete)]


def survey(
    folders: Annotated[list[str], typer.Argument(help="Folders to search for definitions.", metavar="DIR...")],
    *,
    output_format: Annotated[Format, typer.Option("--format", help="Form of the output.")] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write to FILE instead of standard output.", metavar="FILE")
    ] = "-",
    top: Annotated[
        int, typer.Option("--top", min=0, help="Families that a text shows; 0 shows all.", metavar="N")
    ] = TOP,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            help="Exit 1 where there is one of this kind: identical, collision, widened, or another class.",
            metavar="KIND",
            autocompletion=_kinds,
        ),
    ] = None,
    baseline: Annotated[str | None, typer.Option(help="What stands in FILE is accepted.", metavar="FILE")] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Accept all that is found: write the baseline.")
    ] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Read every file, and keep nothing of it.")] = False,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Processes; as many as the machine has.", metavar="N"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing, only set the exit code.")] = False,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Show what a collection holds: families of one role, copies, names that collide, rights; and what to do next.

    Exit 0, or 1 where --fail-on says so, 2: trouble.
    """
    from agentmerge.cli import collection
    from agentmerge.errors import PolicyError
    from agentmerge.surveying import records
    from agentmerge.views.survey import Surveyed
    from agentmerge.world.files import check_targets, write_texts

    wanted = records.limits(fail_on or [])
    if update_baseline and baseline is None:
        raise PolicyError("--update-baseline has nothing to write", remedy="say where with --baseline FILE")
    if baseline is not None:
        common.refuse_same(output, baseline, "--baseline")
    check_targets(output, baseline if update_baseline else None)
    accepted = _accepted(baseline, update=update_baseline)
    knowledge = common.session(config, near=folders[0], ignore=no_config).knowledge
    with collection.Crew(knowledge, jobs) as crew:
        found = collection.read(folders, crew, knowledge, cache=not no_cache)
        common.refuse_overwrite(output, [card.file for card in found.cards])
        surveyed = collection.survey(found, crew, knowledge)
    root = collection.root(folders)
    results = []
    if update_baseline and baseline is not None:
        accepted = records.Accepted(frozenset(records.facts(surveyed, root)))
        results.append((baseline, accepted.text()))
    shown = Surveyed(surveyed, found.unread, found.links, accepted, root, collection.statements(surveyed, knowledge))
    if not quiet:
        results.append((output, _rendered(shown, output_format, color, top)))
    write_texts(results)
    if update_baseline:
        tell(f"{baseline}: {len(accepted.facts):,} facts accepted")
    reached = records.failing(surveyed, root, wanted, accepted)
    for fact in [] if quiet else reached[:TOP]:
        tell(f"{fact.kind}: {fact.what + ': ' if fact.what else ''}{', '.join(fact.files)}")
    if len(reached) > TOP and not quiet:
        tell(f"and {len(reached) - TOP:,} more that --fail-on {','.join(wanted)} stops for")
    raise typer.Exit(FOUND if reached else OK)


def _accepted(baseline: str | None, *, update: bool) -> Accepted:
    from agentmerge.surveying.records import Accepted, read_accepted
    from agentmerge.world.files import read_text

    if baseline is None or (update and not Path(baseline).exists()):
        return Accepted()
    return read_accepted(read_text(baseline), baseline)


def _rendered(shown: Surveyed, output_format: Format, color: common.ColorMode, top: int) -> str:
    if output_format == "json":
        from agentmerge.views.jsonable import dumps
        from agentmerge.views.survey import survey_json

        return dumps(survey_json(shown))
    if output_format == "markdown":
        from agentmerge.views.survey import survey_markdown

        return survey_markdown(shown)
    if output_format == "html":
        from agentmerge.views.survey import survey_html

        return survey_html(shown)
    from agentmerge.views.survey import survey_text

    return survey_text(shown, common.paint(color), common.columns() or 80, top)
