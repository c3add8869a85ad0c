"""`agentmerge apply`."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import typer

from agentmerge.cli import asking, common
from agentmerge.cli import combine as combining
from agentmerge.cli.boundary import guarded
from agentmerge.cli.coercion import PlainCommand

EPILOG = "Example: agentmerge apply plan.json --decisions decisions.yaml -o role.md"


def register(app: typer.Typer) -> None:
    app.command("apply", cls=PlainCommand, epilog=EPILOG)(guarded(apply))


def apply(
    plan: Annotated[str, typer.Argument(help="What `combine --plan` wrote.", metavar="PLAN")],
    *,
    decisions: Annotated[str, typer.Option("--decisions", help="Answers to its questions (YAML).", metavar="FILE")],
    output: Annotated[str, typer.Option("--output", "-o", help="Where to write the result.", metavar="FILE")] = "-",
    save: asking.Save = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings, too.")] = False,
    report: common.ReportFile = None,
    explain: combining.Page = False,
    dry_run: common.DryRun = False,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Write the result of a plan with the decisions on it, from the files that the plan names.

    Exit 0: written, 1: conflicts are left (with --strict: or a warning), 2: trouble.

    An answer to a text that has changed since the plan was made is refused; all others count.
    """
    from agentmerge.planning.records import read_answers
    from agentmerge.views.plan import read_plan

    known = read_plan(common.read(plan), plan)
    answers = asking.completed(read_answers(common.read(decisions), decisions), known)
    asked = asking.Asking(decisions=decisions, save=save, given=answers)
    wanted = combining.Wanted(output, report, explain, dry_run, color, strict)
    common.refuse_overwrite(output, [plan, decisions])
    combining.run(request_of(known.options, known.files, config, no_config=no_config), wanted, asked)


def request_of(options: Any, files: tuple[str, ...], config: str | None, *, no_config: bool) -> combining.Request:
    """What a plan was made of, by its options and its files."""

    def texts(key: str) -> list[str] | None:
        return [str(one) for one in options[key]] if key in options else None

    on_conflict = next((one for one in get_args(combining.OnConflict) if one == options.get("on-conflict")), None)
    flags = combining.Flags(
        options.get("strategy"),
        options.get("wording"),
        options.get("quorum"),
        texts("prefer"),
        texts("policy"),
        options.get("name"),
        on_conflict,
        options.get("budget"),
        texts("take"),
    )
    return combining.Request(
        texts("files") or list(files),
        flags,
        options.get("template"),
        sides=bool(options.get("sides")),
        like=options.get("like"),
        everything=bool(options.get("all")),
        annotate=bool(options.get("annotate")),
        config=config or options.get("config"),
        no_config=no_config or bool(options.get("no-config")),
        semantic=options.get("semantic"),
        host=options.get("host"),
        allow_loss=texts("allow-loss"),
    )
