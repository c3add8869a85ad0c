"""`agentmerge drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from agentmerge.cli import change_sets, common, drift_inputs, judges, required
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.diffing.records import DiffClass
    from agentmerge.drifting.records import Report
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.lineage.chains import Lineage
    from agentmerge.model import Definition
    from agentmerge.views.drift import Look

EPILOG = (
    "Examples: agentmerge drift a.md b.md c.md | agentmerge drift .claude/agents --fail-on breaking | "
    "agentmerge drift --history .claude/agents/reviewer.md --since v1.0 | agentmerge drift main..HEAD -- agents | "
    "agentmerge drift --staged --fail-on breaking"
)
TOLD = 20
"""Pairs that a gate names."""
Format = Literal["text", "json", "markdown", "html", "github", "sarif"]


def register(app: typer.Typer) -> None:
    app.command("drift", cls=PlainCommand, epilog=EPILOG)(guarded(drift))


def _limits(incomplete: str) -> list[str]:
    """Values of `--fail-on` that begin with what was typed, behind the last comma."""
    from agentmerge.diffing.records import ChangeSeverity

    return [*_beginning(incomplete, [*map(str, ChangeSeverity)]), *_classes(incomplete)]


def _classes(incomplete: str) -> list[str]:
    from agentmerge.diffing.records import DiffClass

    return _beginning(incomplete, [*map(str, DiffClass)])


def _beginning(incomplete: str, known: list[str]) -> list[str]:
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in known if name.startswith(last)]


def drift(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="One file by itself, variants, folders to search, or A..B -- PATH...",
            metavar="[FILE|DIR]...",
            show_default=False,
        ),
    ] = None,
    *,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            "--base",
            help="Compare each file with this one alone; `auto` is the version in git that a file comes from. With "
            "--staged a revision.",
            metavar="FILE|auto|REV",
        ),
    ] = None,
    staged: Annotated[
        bool, typer.Option("--staged", help="Review what git's index changes, of HEAD or of --base REV.")
    ] = False,
    history: Annotated[str | None, typer.Option(help="Go along the git history of this file.", metavar="FILE")] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Start the history at this revision, or at the one `reviewed` last.", metavar="REV"),
    ] = None,
    story: Annotated[
        bool, typer.Option("--story", help="Of a history: what became of each rule and right, not step by step.")
    ] = False,
    output_format: Annotated[Format, typer.Option("--format", help="Form of the output.")] = "text",
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write to FILE instead of standard output.", metavar="FILE")
    ] = "-",
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            help="Exit 1 from this severity on, or for this class; may be repeated.",
            metavar="LEVEL|CLASS",
            autocompletion=_limits,
        ),
    ] = None,
    baseline: Annotated[str | None, typer.Option(help="Findings in FILE are accepted.", metavar="FILE")] = None,
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Accept all findings: write the baseline.")
    ] = False,
    quorum: Annotated[int | None, typer.Option(help="Variants that make a consensus.", metavar="N")] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="Of folders: the table of groups alone, without their findings.")
    ] = False,
    top: Annotated[
        int | None, typer.Option("--top", min=1, help="Show the N most serious groups alone.", metavar="N")
    ] = None,
    classes: Annotated[
        list[str] | None,
        typer.Option(
            "--class",
            help="Show pairs of this class alone; may be repeated.",
            metavar="CLASS",
            autocompletion=_classes,
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", "-a", help="Show accepted findings and those of severity info too.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing, only set the exit code.")] = False,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    config_from: Annotated[
        Literal["old", "new"],
        typer.Option(help="Whose configuration and baseline judge a change set: those before it, or after it."),
    ] = "old",
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            help="Processes that review a change set; as many as the machine has.",
            metavar="N",
        ),
    ] = None,
    color: common.Color = "auto",
) -> None:
    """Show what drifted in meaning between variants, folders, or versions, and whether it matters.

    Exit 0, or 1 where --fail-on says so, 2: trouble.
    """
    from agentmerge.drifting.acceptance import IN_BASELINE, classes_of, limits
    from agentmerge.drifting.fields import Secrets
    from agentmerge.world.files import check_targets, write_texts

    stop_at, only = limits(fail_on or []), classes_of(classes or [])
    drift_inputs.refuse_summary(output_format, summary=summary)
    against = against if staged else drift_inputs.against(against, files or [])
    change_set = None if history else change_sets.asked_for(files or [], against, staged=staged)
    asked = drift_inputs.Asked(tuple(files or ()), None if change_set else against, history, since, quorum)
    drift_inputs.refuse_mixture(asked, is_set=change_set is not None, staged=staged)
    drift_inputs.refuse_story(history, output_format, story=story)
    common.refuse_overwrite(output, asked.inputs)
    common.refuse_overwrite(baseline if update_baseline else None, asked.inputs)
    flags = judges.Flags(config, no_config, baseline, config_from)
    judge, loosened = judges.of(flags, change_set, asked.inputs or ["."])
    if update_baseline:
        common.refuse_same(output, judge.baseline, "--baseline")
    elif judge.baseline is not None:
        common.refuse_overwrite(output, [judge.baseline])
    check_targets(output, judge.baseline if update_baseline else None)
    knowledge, options, line = judge.session.knowledge, judge.options, None
    odd: list[Definition] = []
    if change_set is not None:
        report = judges.with_loosened(change_sets.read(change_set, knowledge, jobs), loosened)
    else:
        sessions = judge.sessions or common.Sessions(config, asked.inputs, ignore=no_config)
        asked = drift_inputs.since_review(asked, judge.baseline)
        report, line = _read(asked, sessions, options.quorum, odd)
    report = required.with_required(report, judge.session.config, knowledge)
    judge = judges.with_ended(judge, change_set, report)
    meant = drift_inputs.Meant(options.intentional, judges.day_of(change_set, options))
    report, results = drift_inputs.accepted(report, judge.baseline, meant, update=update_baseline, known=judge.known)
    if change_set is not None:
        report = change_sets.folded(change_set, report, knowledge)
    shown = Shown(report, line, story, every, summary, top, only)
    if not quiet:
        text = _rendered(shown, output_format, color, knowledge)
        results.append((output, knowledge.derived(Secrets).masked(text)))
    write_texts(results)
    # What is odd about single files comes after what was asked for, so that the first screen has this.
    common.tell_kinds(odd)
    if update_baseline and not quiet:
        count = sum(finding.accepted == IN_BASELINE for _, _, pair in report.judged() for finding in pair.findings)
        tell(f"{judge.baseline}: {count:,} {'finding' if count == 1 else 'findings'} of this review accepted")
    _exit(report, stop_at or options.fail_on, silent=quiet)


def _exit(report: Report, limits: tuple[str, ...], *, silent: bool) -> None:
    from agentmerge.drifting.acceptance import failing

    reached = failing(report, limits)
    for line in () if silent else reached[:TOLD]:
        tell(line)
    if len(reached) > TOLD and not silent:
        tell(f"and {len(reached) - TOLD:,} more that stop it")
    raise typer.Exit(FOUND if reached else OK)


def _read(
    asked: drift_inputs.Asked, sessions: common.Sessions, quorum: int | None, odd: list[Definition]
) -> tuple[Report, Lineage | None]:
    """The review that was asked for; of a history with what became of all that it says.

    To `odd` goes whose warnings are still to be told.
    """
    if asked.history:
        from agentmerge.cli import histories

        return histories.read(asked, sessions.whole.knowledge)
    return drift_inputs.read(asked, sessions, quorum, odd), None


class Shown(NamedTuple):
    """What is shown, and how much of it."""

    report: Report
    line: Lineage | None
    """Of a history."""
    story: bool
    every: bool
    summary: bool = False
    top: int | None = None
    only: tuple[DiffClass, ...] = ()


def _rendered(shown: Shown, output_format: Format, color: common.ColorMode, knowledge: Knowledge) -> str:
    from agentmerge.views.drift import groups_text, selected

    report, line = selected(shown.report, shown.only, shown.top), shown.line
    if output_format == "json":
        from agentmerge.views.drift_json import drift_json
        from agentmerge.views.jsonable import dumps

        return dumps(drift_json(report, line))
    if output_format == "sarif":
        from agentmerge.views.drift import sarif
        from agentmerge.views.jsonable import dumps

        return dumps(sarif(report, knowledge))
    if output_format == "markdown":
        from agentmerge.views.drift import drift_markdown

        return _head(shown, "markdown", color) + ("" if shown.story else drift_markdown(report))
    if output_format == "github":
        from agentmerge.views.drift import drift_github

        return drift_github(report)
    if output_format == "html":
        from agentmerge.views.html import drift_html

        return drift_html(report, knowledge, line=line)
    from agentmerge.views.drift import SHOWN, drift_text, total_text

    look = _look(color, every=shown.every)
    table = groups_text(report, look.paint, look.width or 80, shown.top)
    head = _head(shown, "text", color) + table
    if shown.story:
        return head
    if shown.summary:
        return head + total_text(shown.report, look)
    if table and len(report.groups) > SHOWN and not (shown.top or shown.every):
        told = f"of more than {SHOWN} groups the findings are shown by --top {SHOWN} or --all\n"
        return head + total_text(shown.report, look) + told
    return head + drift_text(report, look)


def _head(shown: Shown, output_format: Literal["text", "markdown"], color: common.ColorMode) -> str:
    """The story of a history, alone or above its steps; nothing of any other review."""
    if shown.line is None:
        return ""
    from agentmerge.views import lineage

    if output_format == "markdown":
        return lineage.head_markdown(shown.line)
    look = _look(color, every=shown.every)
    return lineage.story_text(shown.line, look) if shown.story else lineage.head_text(shown.line, look)


def _look(color: common.ColorMode, *, every: bool) -> Look:
    from agentmerge.views.drift import Look

    return Look(common.paint(color), common.columns(), every)
