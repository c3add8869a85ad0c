"""`agentmerge drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agentmerge.cli import common, drift_inputs
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.drifting.reports import Report

EPILOG = (
    "Examples: agentmerge drift a.md b.md c.md | agentmerge drift .claude/agents --fail-on breaking | "
    "agentmerge drift --history .claude/agents/reviewer.md --since v1.0 | agentmerge drift main..HEAD -- agents/a.md"
)
Format = Literal["text", "json"]


def register(app: typer.Typer) -> None:
    app.command("drift", cls=PlainCommand, epilog=EPILOG)(guarded(drift))


def drift(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="Variants, folders to search, or A..B -- FILE...", metavar="[FILE|DIR]...", show_default=False
        ),
    ] = None,
    *,
    against: Annotated[str | None, typer.Option(help="Compare each file with this one alone.", metavar="FILE")] = None,
    history: Annotated[str | None, typer.Option(help="Go along the git history of this file.", metavar="FILE")] = None,
    since: Annotated[str | None, typer.Option(help="Start the history at this revision.", metavar="REV")] = None,
    output_format: Annotated[Format, typer.Option("--format", help="Form of the output.")] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write to FILE instead of standard output.", metavar="FILE")
    ] = "-",
    fail_on: Annotated[
        list[str] | None,
        typer.Option(help="Exit 1 from this severity on, or for this class. May be repeated.", metavar="LEVEL|CLASS"),
    ] = None,
    baseline: Annotated[str | None, typer.Option(help="Findings in FILE are accepted.", metavar="FILE")] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Accept all findings: write the baseline.")
    ] = False,
    quorum: Annotated[int | None, typer.Option(help="Variants that make a consensus.", metavar="N")] = None,
    every: Annotated[
        bool, typer.Option("--all", "-a", help="Show accepted findings and those of severity info too.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing, only set the exit code.")] = False,
    color: common.Color = "auto",
) -> None:
    """Show what drifted in meaning between variants, folders, or versions, and whether it matters.

    Exit 0, or 1 where --fail-on says so, 2: trouble.
    """
    limits = drift_inputs.limits(fail_on or [])
    asked = drift_inputs.Asked(tuple(files or ()), against, history, since, quorum)
    report = drift_inputs.read(asked)
    if update_baseline:
        drift_inputs.write_baseline(baseline, report)
    report = drift_inputs.accepted(report, baseline)
    if not quiet:
        from agentmerge.files import write_text

        write_text(output, _rendered(report, output_format, color, every=every))
    from agentmerge.drifting.acceptance import failing

    reached = failing(report, limits)
    for line in reached if quiet or output_format != "text" else ():
        tell(line)
    raise typer.Exit(FOUND if reached else OK)


def _rendered(report: Report, output_format: Format, color: common.ColorMode, *, every: bool) -> str:
    if output_format == "json":
        from agentmerge.views.drift_json import drift_json
        from agentmerge.views.jsonable import dumps

        return dumps(drift_json(report))
    from agentmerge.views.drift import Look, drift_text

    return drift_text(report, Look(common.paint(color), common.width(), every))
