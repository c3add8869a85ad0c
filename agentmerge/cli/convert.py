"""`agentmerge convert`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from agentmerge.cli import common, hosts, links
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.converting.carriers import Conversion
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.model import Definition

EPILOG = "Example: agentmerge convert .claude/agents/reviewer.md --to gemini,opencode -o . --report"


def register(app: typer.Typer) -> None:
    app.command("convert", cls=PlainCommand, epilog=EPILOG)(guarded(convert))


def convert(
    files: Annotated[list[str], typer.Argument(help="Definitions, or - for standard input.", metavar="FILE...")],
    *,
    to: Annotated[str, typer.Option("--to", help="Hosts to write for, parted by commas.", metavar="HOST,...")],
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="Folder of the project that gets the results.", metavar="DIR"),
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", help="Host that the files were written for.", metavar="HOST")
    ] = None,
    report: Annotated[bool, typer.Option("--report", help="Print the fate of each field.")] = False,
    format_: Annotated[Literal["text", "json"], typer.Option("--format", help="Form of the report.")] = "text",
    allow_loss: hosts.AllowLoss = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Write definitions in the form of other hosts, with rights that are never wider and the same body.

    Exit 0: done; 1: rights would be wider at a host, and nothing is written; 2: trouble.
    """
    wanted = tuple(dict.fromkeys(one.strip() for one in to.split(",") if one.strip()))
    _refuse_options(files, wanted, output, report=report, is_json=format_ == "json")
    sessions = common.Sessions(config, files, ignore=no_config)
    made = _converted(files, wanted, source, frozenset(allow_loss or ()), sessions)
    found = [one.conversion for one in made]
    refused = [one for one in found if one.refused]
    if report:
        _print_report(found, format_, color)
    for one in found:
        hosts.tell_losses(one, is_reported=report)
    for each in made:
        _warn(each, output)
    if refused:
        tell(f"nothing was written: {len(refused)} of {len(found)} refused")
        raise typer.Exit(FOUND)
    if output is not None:
        _write(found, Path(output), force=force)
    elif not report:
        common.out(found[0].text)
    raise typer.Exit(OK)


class _Made(NamedTuple):
    """A conversion, with what it was made of."""

    conversion: Conversion
    definition: Definition
    knowledge: Knowledge


def _refuse_options(
    files: list[str], wanted: tuple[str, ...], output: str | None, *, report: bool, is_json: bool
) -> None:
    common.refuse_twice(files)
    if not wanted:
        raise typer.BadParameter("names no host", param_hint="--to")
    if output is None and not report and len(files) * len(wanted) > 1:
        raise typer.BadParameter("several results need a folder: -o DIR, or --report to see what they would lose")
    if is_json and not report:
        raise typer.BadParameter("--format json is a form of the report; add --report")


def _converted(
    files: list[str], wanted: tuple[str, ...], source: str | None, allowed: frozenset[str], sessions: common.Sessions
) -> list[_Made]:
    from agentmerge.converting import carriers, engine

    found = []
    for name in dict.fromkeys(files):
        knowledge = sessions.near(name).knowledge
        for host in wanted:
            knowledge.derived(carriers.Carriers).target(host)
        definition = common.load(name, knowledge, source)
        engine.refuse_unknown(allowed, knowledge, [definition])
        made = (engine.convert(definition, host, knowledge, allowed) for host in wanted)
        found += [_Made(one, definition, knowledge) for one in made]
    return found


def _print_report(found: list[Conversion], format_: str, color: common.ColorMode) -> None:
    from agentmerge.views import plan as view
    from agentmerge.views.jsonable import dumps

    text = view.conversions_text(found, common.paint(color))
    common.out(dumps(view.conversions_json(found)) if format_ == "json" else text)


def _warn(made: _Made, output: str | None) -> None:
    """What a host's reader warns of, and which paths of the body lead nowhere from where it is written."""
    from agentmerge.views import plan as view

    one = made.conversion
    target = one.path if output is None else str(Path(output) / one.path)
    astray = links.astray(made.definition, one.file, target, made.knowledge) if output is not None else ()
    for line in (*view.warnings(one, target), *astray):
        tell(line)


def _write(found: list[Conversion], folder: Path, *, force: bool) -> None:
    """Write all results or none."""
    from agentmerge.errors import OutputError
    from agentmerge.world.transactions import written_together

    paths: dict[str, Conversion] = {}
    for one in found:
        other = paths.setdefault(one.path, one)
        if other is not one:
            raise OutputError(
                f"would be written from {other.file} and from {one.file}", file=one.path, remedy="rename one"
            )
    if folder.exists() and not folder.is_dir():
        raise OutputError("is no folder", file=str(folder), remedy="name a folder with -o")
    there = [path for path in paths if (folder / path).exists() and not _is_as_before(folder / path, paths[path])]
    if there and not force:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise OutputError(f"is there already{more}", file=str(folder / there[0]), remedy="--force writes over it")
    written_together(folder, {path: one.text.encode("utf-8") for path, one in paths.items()})
    for path, one in paths.items():
        tell(f"{one.file}: written for {one.host} to {folder / path}")


def _is_as_before(path: Path, one: Conversion) -> bool:
    return path.is_file() and path.read_bytes() == one.text.encode("utf-8")
