"""`agentmerge combine`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, NoReturn

import typer

from agentmerge.cli import asking, combine_inputs, common, hosts, links, takes, templates
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    from agentmerge.config import Config
    from agentmerge.drifting.records import PairDrift
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.model import Definition
    from agentmerge.planning.records import Merged
    from agentmerge.planning.strategies import Policy

EPILOG = (
    "Examples: agentmerge combine *.md -o role.md | agentmerge combine a.md b.md --policy 'frontmatter/tools=union' "
    "--dry-run --explain"
)


Page = Annotated[bool, typer.Option("--explain", help="Tell on one page what needs a decision and what was decided.")]


class CombineCommand(PlainCommand):
    """Help that lists the rows of the tables, whichever they are."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from agentmerge.planning.strategies import FIELD_RULES, FIXED, STRATEGIES, STRATEGY_FORMS, WORDINGS

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
    from agentmerge.planning.strategies import STRATEGIES

    return [name for name in STRATEGIES if name.startswith(incomplete)]


def _wordings(incomplete: str) -> list[str]:
    from agentmerge.planning.strategies import WORDINGS

    return [name for name in WORDINGS if name.startswith(incomplete)]


def combine(
    files: Annotated[list[str], typer.Argument(help="Variants of one role, in order of priority.", metavar="FILE...")],
    *,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", help="Where to write the result (standard output).", metavar="FILE"),
    ] = None,
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
    take: Annotated[
        list[str] | None,
        typer.Option(
            help="Start from the first file, and take this section of another one, too; may be repeated.",
            metavar="FILE#SECTION",
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Value of the field `name`.")] = None,
    on_conflict: Annotated[
        Literal["both", "first", "fail"] | None,
        typer.Option(help="Contradictions: keep both and mark them, let the first file win, or write nothing."),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            help="Size of the body: 1.5x the mean variant, 1200w or 4000t; what one author alone says goes.",
            metavar="SIZE",
        ),
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
    flatten: Annotated[
        bool, typer.Option("--flatten", help="Write AGENTS.md of nested folders each under its path: they are layers.")
    ] = False,
    plan: asking.PlanFile = None,
    decisions: asking.Decisions = None,
    ask: asking.Ask = None,
    save: asking.Save = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where the file of -o is not what would be written.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No findings and no summary on standard error.")] = False,
    strict: common.Strict = False,
    report: common.ReportFile = None,
    explain: Page = False,
    why: Annotated[
        int | None,
        typer.Option(help="Tell why this line of the result stands there, and write nothing.", metavar="LINE"),
    ] = None,
    dry_run: common.DryRun = False,
    annotate: Annotated[bool, typer.Option("--annotate", help="Write each unit's sources beside it.")] = False,
    host: hosts.Host = None,
    allow_loss: hosts.AllowLoss = None,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    semantic: common.Semantic = None,
    color: common.Color = "auto",
) -> None:
    """Combine variants of one role into one file in canonical form.

    Exit 0: combined, 1: conflicts are left (with --strict: or a warning), 2: trouble.

    With --plan, what is undecided or doubtful is written for a person or an agent to answer; --decisions takes the
    answers, and --ask goes round at once.

    Policies and defaults are also read from .agentmerge.yaml, found upwards from the folder of the files.
    """
    flags = Flags(strategy, wording, quorum, prefer, policy, name, on_conflict, budget, take)
    request = Request(
        files,
        flags,
        template,
        sides=sides,
        like=like,
        everything=everything,
        flatten=flatten,
        annotate=annotate,
        config=config,
        no_config=no_config,
        semantic=semantic,
        host=host,
        allow_loss=allow_loss,
    )
    asked = asking.Asking(plan, decisions, ask, save)
    # A plan alone is what most who ask for one want.
    target = None if output is None and plan is not None else output or "-"
    run(request, Wanted(target, report, explain, dry_run, color, strict, check, quiet, why), asked)


OnConflict = Literal["both", "first", "fail"]


class Flags(NamedTuple):
    """What the flags say of the policy; None where they say nothing."""

    strategy: str | None
    wording: str | None
    quorum: int | None
    prefer: list[str] | None
    rules: list[str] | None
    name: str | None
    on_conflict: OnConflict | None
    budget: str | None = None
    takes: list[str] | None = None


class Request(NamedTuple):
    """What is to be combined, and how."""

    files: list[str]
    flags: Flags
    template: str | None
    sides: bool
    like: str | None
    everything: bool
    annotate: bool
    config: str | None
    no_config: bool
    semantic: str | None
    host: str | None = None
    """Host in whose form the result is written; None for that of the first file."""
    allow_loss: list[str] | None = None
    """What may grow where that host can't say less."""
    flatten: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """What was asked for, by the names of the flags."""
        flags = self.flags
        said = {
            "files": self.files,
            "strategy": flags.strategy,
            "wording": flags.wording,
            "quorum": flags.quorum,
            "prefer": flags.prefer,
            "policy": flags.rules,
            "take": flags.takes,
            "name": flags.name,
            "on-conflict": flags.on_conflict,
            "budget": flags.budget,
            "template": self.template,
            "sides": self.sides,
            "like": self.like,
            "all": self.everything,
            "flatten": self.flatten,
            "annotate": self.annotate,
            "config": self.config,
            "no-config": self.no_config,
            "semantic": self.semantic,
            "host": self.host,
            "allow-loss": self.allow_loss,
        }
        return {key: value for key, value in said.items() if value not in (None, False)}


class Wanted(NamedTuple):
    """What is to be done with the result."""

    output: str | None
    """None where it is not to be written."""
    report: str | None
    explain: bool
    dry_run: bool
    color: common.ColorMode
    strict: bool
    check: bool = False
    quiet: bool = False
    why: int | None = None


class Made(NamedTuple):
    """What a combine came to, before anything of it is written."""

    merged: Merged
    inputs: combine_inputs.Inputs
    knowledge: Knowledge
    form: hosts.Form
    policy: Policy


def run(request: Request, wanted: Wanted, asked: asking.Asking) -> None:
    """Combine, and write what is wanted of it."""
    from agentmerge.world.files import check_targets

    near = wanted.output or "-"
    _refuse_mixed_up(request, wanted, asked)
    check_targets(*([] if wanted.dry_run else [near, wanted.report, *(name for _, name in asked.outputs)]))
    made = make(request, asked, near, is_asked=asked.is_wanted or wanted.explain, quiet=wanted.quiet)
    if wanted.why is not None:
        _tell_why(made, wanted.why, wanted.color)
    _finish(made, wanted, asked, fail=made.policy.on_conflict == "fail" and not made.inputs.scopes)


def make(request: Request, asked: asking.Asking, near: str, *, is_asked: bool, quiet: bool = False) -> Made:
    """Combine; the result goes to `near`, which says nothing of it but where its links lead from."""
    from agentmerge.combining.engine import combine as combine_definitions
    from agentmerge.config import Config

    form = hosts.Form(request.host, frozenset(request.allow_loss or ()))
    # The place of the output says nothing: the same sources give the same text wherever it goes.
    session = common.Sessions(request.config, request.files, ignore=request.no_config).whole
    knowledge, options = session.knowledge, session.config or Config()
    embed = common.embedding(request.semantic)
    form.check(knowledge)
    asked.prepare()
    asked.options = request.options
    inputs = combine_inputs.read(
        combine_inputs.Asked(
            request.files, near, request.like, request.sides, request.everything, request.flatten, quiet
        ),
        knowledge,
    )
    around, moved = links.surroundings(inputs.definitions, inputs.names, near, knowledge)
    inputs = inputs._replace(notices=(*inputs.notices, *moved))
    chosen = _policy(request.flags, inputs, options)
    through = templates.chosen(request.template, options.template, options.place_of("template"))
    if inputs.scopes:
        merged = _flattened(inputs, chosen, knowledge)
        return Made(form.of(merged, inputs.definitions[0], knowledge), inputs, knowledge, form, chosen)
    merged = combine_definitions(
        inputs.definitions,
        knowledge,
        chosen,
        annotate=request.annotate,
        template=through.source,
        template_name=through.name,
        template_parts=through.parts,
        imported=_imported(inputs.definitions, inputs.names, near),
        embed=embed,
        around=around,
        ask=asked if is_asked else None,
    )
    return Made(form.of(merged, inputs.definitions[0], knowledge), inputs, knowledge, form, chosen)


def _flattened(inputs: combine_inputs.Inputs, policy: Policy, knowledge: Knowledge) -> Merged:
    """Layers, each under the path that it holds for."""
    from agentmerge.combining.engine import combine as combine_definitions
    from agentmerge.combining.engine import flatten

    def alone(definition: Definition) -> Merged:
        return combine_definitions([definition], knowledge, policy)

    return flatten(inputs.definitions, inputs.scopes, alone, knowledge)


def _refuse_mixed_up(request: Request, wanted: Wanted, asked: asking.Asking) -> None:
    """One name for two files that are written, or for one that is read, too."""
    from agentmerge.errors import PolicyError

    if wanted.check and wanted.output in (None, "-"):
        raise PolicyError("--check compares with a file", remedy="name it with -o FILE")
    if request.flatten and (asked.is_wanted or request.template is not None or request.sides):
        raise PolicyError(
            "--flatten combines nothing", remedy="leave out --plan, --decisions, --ask, --template, --sides"
        )
    outputs = [("--report", wanted.report), *asked.outputs]
    read = [*request.files, *([asked.decisions] if asked.decisions else [])]
    for number, (flag, name) in enumerate(outputs):
        common.refuse_overwrite(name, read)
        if wanted.output is not None:
            common.refuse_same(wanted.output, name, flag)
        for other_flag, other in outputs[:number]:
            if name is not None and other is not None:
                common.refuse_same(other, name, f"{flag} or {other_flag}")


def _imported(definitions: list[Definition], files: list[str], output: str) -> set[tuple[int, int]]:
    """The lines that import the output or one of the inputs, by file and line."""
    from agentmerge.reading.relations import imports

    there = {os.path.realpath(name) for name in (output, *files)}
    return {
        (number, unit.line)
        for number, (definition, file) in enumerate(zip(definitions, files, strict=True))
        for unit in imports(definition)
        if os.path.realpath(Path(file).parent / Path(unit.label).expanduser()) in there
    }


def _policy(flags: Flags, inputs: combine_inputs.Inputs, options: Config) -> Policy:
    """The policy of the flags, over that of the configuration, over the defaults."""
    from agentmerge.planning.strategies import Policy, parse_budget, parse_rule

    configured = options.combining(())
    base, taken = takes.rules(flags.takes or [], inputs)
    return Policy(
        flags.strategy or base or configured.strategy,
        flags.wording or configured.wording,
        flags.quorum if flags.quorum is not None else configured.quorum,
        _preferred(flags.prefer or list(options.prefer), inputs, told=flags.prefer is not None),
        flags.on_conflict or configured.on_conflict,
        flags.name,
        (*configured.rules, *taken, *map(parse_rule, flags.rules or ())),
        parse_budget(flags.budget) if flags.budget is not None else None,
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


def _finish(made: Made, wanted: Wanted, asked: asking.Asking, *, fail: bool) -> None:
    """Write what was asked for, tell what it cost, and end with the exit code that says so."""
    from agentmerge.views.combine import explain_text, heard_line, summary_line
    from agentmerge.world.files import write_texts

    merged, inputs, knowledge, form, _ = made
    refused = fail and bool(merged.open_conflicts)
    definitions, files = inputs.definitions, inputs.names
    merged, kept = combine_inputs.with_edits(merged, inputs, wanted.output or "-")
    results: list[tuple[str, str]] = []
    shown = wanted.dry_run or wanted.explain
    writes = not (wanted.dry_run or wanted.check)
    drifted = _drifted(merged, definitions, form, knowledge) if shown or wanted.report is not None else ()
    if shown:
        from agentmerge.views.combine import page_text
        from agentmerge.views.drift import Look, result_text

        look = Look(common.paint(wanted.color), common.columns())
        if wanted.explain:
            names = common.short_names(files)
            common.err(page_text(merged, asked.left, drifted, names, look.paint, width=look.width))
        if wanted.dry_run:
            text = explain_text(merged, files, look.paint, width=look.width) + result_text(drifted, files, look)
            common.page(text)
    if not wanted.quiet:
        _tell_findings(merged, files)
    if wanted.report is not None and writes:
        from agentmerge.views.jsonable import dumps, report_json, result_json

        data = report_json(merged, files, written=not refused and wanted.output is not None)
        data |= {"drift": [result_json(file, pair) for file, pair in enumerate(drifted)]}
        results.append((wanted.report, dumps(data)))
    if writes:
        results += asked.results(merged)
    if writes and not refused and wanted.output is not None:
        results += [*kept, (wanted.output, merged.text)]
    write_texts(results)
    stale = _stale(str(wanted.output), merged.text) if wanted.check else ""
    left = bool(merged.open_conflicts) and wanted.output is not None
    code = FOUND if left or stale or (wanted.strict and merged.warns) else OK
    written = any(name == wanted.output for name, _ in results)
    if not wanted.quiet:
        if merged.heard is not None and asked.is_wanted:
            tell(heard_line(merged.heard, asked.left))
        fate = _fate(wanted, stale, code, refused=refused, written=written, left=left)
        told = summary_line(merged, len(files)), inputs.told, fate, asked.next_step if wanted.output is None else ""
        tell("; ".join(filter(None, told)))
    raise typer.Exit(code)


def _tell_why(made: Made, line: int, color: common.ColorMode) -> NoReturn:
    from agentmerge.errors import PolicyError
    from agentmerge.text.lines import split_lines
    from agentmerge.views.combine import why_text

    names = common.short_names(made.inputs.names)
    told = why_text(made.merged, line, names, common.paint(color), width=common.columns())
    if not told:
        count = len(split_lines(made.merged.text))
        raise PolicyError(f"no text of a source stands on line {line}", remedy=f"the result has lines 1 to {count}")
    common.out(told)
    raise typer.Exit(OK)


def _tell_findings(merged: Merged, files: list[str]) -> None:
    from agentmerge.views.combine import conflict_lines

    for line in conflict_lines(merged, files):
        tell(line)
    for notice in merged.findings:
        tell(f"{notice.severity}[{notice.rule}]: {notice.message}")


def _fate(wanted: Wanted, stale: str, code: int, *, refused: bool, written: bool, left: bool) -> str:
    """What became of the file: whoever sees exit 1 has to know whether there is one to look at."""
    if wanted.check:
        why = f"; exit 1: {'conflicts are open in it' if left else 'with --strict warnings count'}"
        return stale or f"{wanted.output} is current{why if code == FOUND else ''}"
    if refused or wanted.dry_run:
        return "nothing was written"
    return f"exit 1, written to {_shown(wanted.output)}" if written and code == FOUND else ""


def _stale(output: str, text: str) -> str:
    """How a file differs from what would be written; "" where it does not."""
    from difflib import SequenceMatcher

    from agentmerge.text.lines import split_lines

    if not Path(output).is_file():
        return f"{output} is missing"
    there = common.read(output)
    if there == text:
        return ""
    matcher = SequenceMatcher(None, split_lines(there), split_lines(text), autojunk=False)
    changes = [(a, to) for tag, a, to, _, _ in matcher.get_opcodes() if tag != "equal"]
    first = changes[0][0] + 1 if changes else 1
    return f"{output} is not what its sources come to: {len(changes)} places differ, the first at line {first}"


def _shown(output: str | None) -> str:
    return "standard output" if output == "-" else str(output)


def _drifted(
    merged: Merged, definitions: list[Definition], form: hosts.Form, knowledge: Knowledge
) -> tuple[PairDrift, ...]:
    """What the result differs in from each of the sources."""
    from agentmerge.drifting.reviewing import pair_drift

    result = form.read(merged.text, definitions[0].dialect, knowledge)
    return tuple(pair_drift([definition, result], 0, 1, knowledge) for definition in definitions)
