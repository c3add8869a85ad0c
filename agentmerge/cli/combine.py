"""`agentmerge combine`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from agentmerge.cli import combine_inputs, common, templates
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    from agentmerge.combining.policy import Policy
    from agentmerge.config import Config
    from agentmerge.drifting.records import PairDrift
    from agentmerge.knowledge import Knowledge
    from agentmerge.model import Definition
    from agentmerge.outcome import Merged

EPILOG = (
    "Examples: agentmerge combine *.md -o role.md | agentmerge combine a.md b.md --policy 'frontmatter/tools=union' "
    "--dry-run --explain"
)


class CombineCommand(PlainCommand):
    """Help that lists the rows of the tables, whichever they are."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from agentmerge.combining.strategies import FIELD_RULES, FIXED, STRATEGIES, STRATEGY_FORMS, WORDINGS

        super().format_help(ctx, formatter)
        fixed = [(f"{FIXED}VALUE", "this value, read as YAML")]
        tables = {
            "Strategies (--strategy, or PATH=STRATEGY)": [(name, row.help) for name, row in STRATEGIES.items()]
            + list(STRATEGY_FORMS.items()),
            "Wordings (--wording, or PATH=WORDING)": [(name, row.help) for name, row in WORDINGS.items()],
            "Field rules (frontmatter/KEY=RULE)": [(name, row.help) for name, row in FIELD_RULES.items()] + fixed,
        }
        for title, rows in tables.items():
            with formatter.section(title):
                formatter.write_dl(rows)


def register(app: typer.Typer) -> None:
    app.command("combine", cls=CombineCommand, epilog=EPILOG)(guarded(combine))


def _strategies(incomplete: str) -> list[str]:
    from agentmerge.combining.strategies import STRATEGIES

    return [name for name in STRATEGIES if name.startswith(incomplete)]


def _wordings(incomplete: str) -> list[str]:
    from agentmerge.combining.strategies import WORDINGS

    return [name for name in WORDINGS if name.startswith(incomplete)]


def combine(
    files: Annotated[list[str], typer.Argument(help="Variants of one role, in order of priority.", metavar="FILE...")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="Where to write the result.", metavar="FILE")] = "-",
    strategy: Annotated[
        str | None,
        typer.Option(help="Which groups survive (union unless told otherwise).", autocompletion=_strategies),
    ] = None,
    wording: Annotated[
        str | None,
        typer.Option(help="Which text of a group stands (the longest unless told).", autocompletion=_wordings),
    ] = None,
    quorum: Annotated[int | None, typer.Option(help="Variants that `majority` asks for.")] = None,
    prefer: Annotated[
        list[str] | None, typer.Option(help="A file that comes before the others; may be repeated.", metavar="FILE")
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="Strategy, wording or field rule under PATH, such as frontmatter/tools=union.", metavar="PATH=RULE"
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Value of the field `name`.")] = None,
    on_conflict: Annotated[
        Literal["both", "first", "fail"] | None,
        typer.Option(help="Contradictions: keep both and mark them, let the first file win, or write nothing."),
    ] = None,
    template: Annotated[
        str | None, typer.Option(help="Shipped template or file that renders the result.", metavar="NAME|PATH")
    ] = None,
    sides: Annotated[
        bool, typer.Option("--sides", help="Read the sides of a file with conflict markers as variants of their own.")
    ] = False,
    like: Annotated[
        str | None,
        typer.Option(help="The earlier result among the files: it is no source.", metavar="FILE"),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Take files that define no agent (a README, a licence, an index), too.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings, too.")] = False,
    report: common.ReportFile = None,
    explain: common.Explain = False,
    dry_run: common.DryRun = False,
    annotate: Annotated[bool, typer.Option("--annotate", help="Write each unit's sources beside it.")] = False,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    semantic: common.Semantic = None,
    color: common.Color = "auto",
) -> None:
    """Combine variants of one role into one file in canonical form.

    Exit 0: combined, 1: conflicts are left (with --strict: or a warning), 2: trouble.

    Policies and defaults are also read from .agentmerge.yaml, found upwards from the output.
    """
    from agentmerge.combining import combine as combine_definitions
    from agentmerge.config import Config
    from agentmerge.files import check_targets

    flags = _Flags(strategy, wording, quorum, prefer, policy, name, on_conflict)
    wanted = _Wanted(output, report, explain, dry_run, color, strict)
    common.refuse_overwrite(report, files)
    common.refuse_same(output, report, "--report")
    check_targets(*([] if dry_run else [output, report]))
    session = common.session(config, near=output, ignore=no_config)
    knowledge, options = session.knowledge, session.config or Config()
    embed = common.embedding(semantic)
    inputs = combine_inputs.read(combine_inputs.Asked(files, output, like, sides, everything), knowledge)
    chosen = _policy(flags, inputs, options)
    through = templates.chosen(template, options.template, options.file)
    merged = combine_definitions(
        inputs.definitions,
        knowledge,
        chosen,
        annotate=annotate,
        template=through.source,
        template_name=through.name,
        template_parts=through.parts,
        imported=_imported(inputs.definitions, inputs.names, output),
        embed=embed,
    )
    _finish(merged, inputs, wanted, knowledge, fail=chosen.on_conflict == "fail")


def _imported(definitions: list[Definition], files: list[str], output: str) -> set[tuple[int, int]]:
    """The lines that import the output or one of the inputs, by file and line."""
    from agentmerge.parsing.relations import imports

    there = {os.path.realpath(name) for name in (output, *files)}
    return {
        (number, unit.line)
        for number, (definition, file) in enumerate(zip(definitions, files, strict=True))
        for unit in imports(definition)
        if os.path.realpath(Path(file).parent / Path(unit.label).expanduser()) in there
    }


class _Flags(NamedTuple):
    """What the flags say of the policy; None where they say nothing."""

    strategy: str | None
    wording: str | None
    quorum: int | None
    prefer: list[str] | None
    rules: list[str] | None
    name: str | None
    on_conflict: Literal["both", "first", "fail"] | None


class _Wanted(NamedTuple):
    """What is to be done with the result."""

    output: str
    report: str | None
    explain: bool
    dry_run: bool
    color: common.ColorMode
    strict: bool


def _policy(flags: _Flags, inputs: combine_inputs.Inputs, options: Config) -> Policy:
    """The policy of the flags, over that of the configuration, over the defaults."""
    from agentmerge.combining.policy import Policy, parse_rule

    configured = options.combining(())
    return Policy(
        flags.strategy or configured.strategy,
        flags.wording or configured.wording,
        flags.quorum if flags.quorum is not None else configured.quorum,
        _preferred(flags.prefer or list(options.prefer), inputs, told=flags.prefer is not None),
        flags.on_conflict or configured.on_conflict,
        flags.name,
        (*configured.rules, *map(parse_rule, flags.rules or ())),
    )


def _preferred(prefer: list[str], inputs: combine_inputs.Inputs, *, told: bool) -> tuple[int, ...]:
    from agentmerge.errors import PolicyError

    files, found = inputs.names, []
    for named in prefer:
        wanted = inputs.stands_for.get(named, named)
        exact = [n for n, file in enumerate(files) if Path(file) == Path(wanted)]
        places = exact or [n for n, file in enumerate(files) if Path(file).name == Path(wanted).name]
        if not places and told:
            raise PolicyError(f"--prefer {wanted} is none of the files", remedy="name one of the arguments")
        if not places:
            # A configuration may speak for several commands, of which this one has other files.
            tell(f"warning: `prefer` of the configuration names {wanted}, which is none of the files")
        if len(places) > 1:
            raise PolicyError(
                f"--prefer {wanted} may mean {len(places)} of the files", remedy="write its path as given"
            )
        found += places
    return tuple(dict.fromkeys(found))


def _finish(
    merged: Merged,
    inputs: combine_inputs.Inputs,
    wanted: _Wanted,
    knowledge: Knowledge,
    *,
    fail: bool,
) -> None:
    """Write what was asked for, tell what it cost, and end with the exit code that says so."""
    from agentmerge.files import write_texts
    from agentmerge.views.combine import conflict_lines, explain_text, summary_line

    refused = fail and bool(merged.open_conflicts)
    definitions, files = inputs.definitions, inputs.names
    merged, kept = combine_inputs.with_edits(merged, inputs, wanted.output)
    results: list[tuple[str, str]] = []
    shown = wanted.dry_run or wanted.explain
    drifted = _drifted(merged, definitions, knowledge) if shown or wanted.report is not None else ()
    if shown:
        from agentmerge.views.drift import Look, result_text

        look = Look(common.paint(wanted.color), common.columns())
        text = explain_text(merged, files, look.paint, width=look.width) + result_text(drifted, files, look)
        common.out(text) if wanted.dry_run else common.err(text)
    for line in conflict_lines(merged, files):
        tell(line)
    for notice in merged.findings:
        tell(f"{notice.severity}[{notice.rule}]: {notice.message}")
    if wanted.report is not None and not wanted.dry_run:
        from agentmerge.views.jsonable import dumps, report_json, result_json

        data = report_json(merged, files) | {"drift": [result_json(file, pair) for file, pair in enumerate(drifted)]}
        results.append((wanted.report, dumps(data)))
    if not wanted.dry_run and not refused:
        results += [*kept, (wanted.output, merged.text)]
    write_texts(results)
    unwritten = "nothing was written" if refused or wanted.dry_run else ""
    tell("; ".join(filter(None, (summary_line(merged, len(files)), inputs.told, unwritten))))
    warned = wanted.strict and any(notice.severity != "info" for notice in merged.findings)
    raise typer.Exit(FOUND if merged.open_conflicts or warned else OK)


def _drifted(merged: Merged, definitions: list[Definition], knowledge: Knowledge) -> tuple[PairDrift, ...]:
    """What the result differs in from each of the sources."""
    from agentmerge.drifting import pair_drift
    from agentmerge.parsing import parse

    result = parse(merged.text, knowledge, dialect=definitions[0].dialect)
    return tuple(pair_drift([definition, result], 0, 1, knowledge) for definition in definitions)
