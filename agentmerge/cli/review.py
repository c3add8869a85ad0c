"""`agentmerge review`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from agentmerge.cli import asking, common
from agentmerge.cli import combine as combining
from agentmerge.cli.boundary import OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.planning.records import Answer, Answers, Plan
    from agentmerge.views.review import Review

EPILOG = (
    "Examples: agentmerge review plan.json -o page.html | agentmerge review *.md --serve --decisions decisions.yaml"
)


def register(app: typer.Typer) -> None:
    app.command("review", cls=PlainCommand, epilog=EPILOG)(guarded(review))


def review(
    files: Annotated[list[str], typer.Argument(help="A plan, or variants of one role.", metavar="PLAN|FILE...")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="Where to write the page.", metavar="FILE")] = "-",
    decisions: Annotated[
        str | None,
        typer.Option("--decisions", help="Answers that there are; with --serve, where new ones go.", metavar="FILE"),
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve the page on this machine alone, and write the decisions it sends.")
    ] = False,
    port: Annotated[int, typer.Option("--port", help="Port to serve on; 0 takes a free one.")] = 0,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
) -> None:
    """Write one page in which a person decides what is open; `apply` writes the result with the decisions.

    The page is a single file that loads nothing. What rules did to rights and guardrails comes after the open
    questions, everything else is folded. Exit 0: written, 2: trouble.
    """
    if serve and output != "-":
        raise typer.BadParameter("a page is written or served", param_hint="-o")
    if port and not serve:
        raise typer.BadParameter("is the port to --serve on", param_hint="--port")
    if serve:
        from agentmerge.cli.serving import serve_page

        target = decisions or "decisions.yaml"
        shown, knowledge = _review(files, target if _is_there(target) else None, config, no_config=no_config)
        serve_page(shown, target, port, knowledge)
        raise typer.Exit(OK)
    _write(files, decisions, output, config, no_config=no_config)
    raise typer.Exit(OK)


def _write(files: list[str], decisions: str | None, output: str, config: str | None, *, no_config: bool) -> None:
    from agentmerge.views.review import review_html
    from agentmerge.world.files import check_targets, write_text

    common.refuse_overwrite(output, [*files, *([decisions] if decisions else [])])
    check_targets(output)
    shown, knowledge = _review(files, decisions, config, no_config=no_config)
    write_text(output, review_html(shown, knowledge))
    count = len(shown.plan.questions)
    tell(f"{count} question{'' if count == 1 else 's'} to decide" + (f" in {output}" if output != "-" else ""))


def _is_there(name: str) -> bool:
    from pathlib import Path

    return Path(name).exists()


def _review(
    files: list[str], decisions: str | None, config: str | None, *, no_config: bool
) -> tuple[Review, Knowledge]:
    """What the page shows, from a plan or from the files themselves."""
    from pathlib import Path

    from agentmerge.errors import InputError
    from agentmerge.planning.records import read_answers
    from agentmerge.views.review import Review

    given = None if decisions is None else read_answers(common.read(decisions), decisions)
    plan = _plan(files)
    if plan is None:
        if len(files) == 1 and not Path(files[0]).is_dir():
            common.read(files[0])
            remedy = "name its variants too, or a plan that `combine --plan` wrote"
            raise InputError("there is nothing to decide about one file", file=files[0], remedy=remedy)
        request = _request(files, config, no_config=no_config)
        command = f"agentmerge combine {shlex.join(files)} --decisions decisions.yaml -o RESULT.md"
    else:
        from agentmerge.cli.apply import request_of

        request = request_of(plan.options, plan.files, config, no_config=no_config)
        command = f"agentmerge apply {shlex.quote(files[0])} --decisions decisions.yaml -o RESULT.md"
    asked = asking.Asking()
    try:
        made = combining.make(request, asked, "-", is_asked=True)
    except InputError as error:
        if plan is None:
            raise
        # A plan holds all texts of its questions; what the rules decided of the rest is not known without the files.
        tell(f"note: {error}; the page shows the questions alone")
        knowledge = common.session(config, near=files[0], ignore=no_config, quiet=True).knowledge
        return Review(plan, None, common.short_names(list(plan.files)), command, _of(given, plan)), knowledge
    shown = plan or asked.left
    assert shown is not None
    return Review(shown, made.merged, common.short_names(list(shown.files)), command, _of(given, shown)), made.knowledge


def _of(given: Answers | None, plan: Plan) -> tuple[Answer, ...]:
    """The answers to questions of the plan."""
    known = {question.id for question in plan.questions}
    if given is None:
        return ()
    for refusal in given.refused:
        tell(f"{refusal.file}:{refusal.line}: warning: {refusal.why}; {refusal.remedy}")
    return tuple(answer for answer in given.answers if answer.id in known)


def _plan(files: list[str]) -> Plan | None:
    """The plan that is reviewed; None where definitions are. Raises InputError for a plan among other files."""
    from agentmerge.errors import InputError
    from agentmerge.views.plan import read_plan

    plans = [name for name in files if name.lower().endswith(".json")]
    if not plans:
        return None
    if len(files) > 1:
        raise InputError("is a plan among other files", file=plans[0], remedy="name the plan alone")
    return read_plan(common.read(plans[0]), plans[0])


def _request(files: list[str], config: str | None, *, no_config: bool) -> combining.Request:
    flags = combining.Flags(None, None, None, None, None, None, None)
    return combining.Request(
        files,
        flags,
        None,
        sides=False,
        like=None,
        everything=False,
        annotate=False,
        config=config,
        no_config=no_config,
        semantic=None,
    )
