"""`agentmerge merge`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agentmerge.cli import common, folders
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.merging.pieces import Policy, Style
    from agentmerge.model import Definition
    from agentmerge.planning.records import Merged
    from agentmerge.session import Session

EPILOG = (
    "Examples: agentmerge merge base.md ours.md theirs.md -o merged.md | "
    "agentmerge merge base.md ours.md theirs.md --policy frontmatter/model=ours --explain"
)

ConflictStyle = Annotated[
    Literal["merge", "diff3", "zdiff3"],
    typer.Option("--conflict-style", help="Form of the conflicts: with the base's lines, or without."),
]
MarkerSize = Annotated[int, typer.Option("--marker-size", help="Characters of a conflict marker.", min=1)]
Policies = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        help="How conflicts under PATH are decided: ours, theirs, base, union, words, marker.",
        metavar="PATH=STRATEGY",
    ),
]
FrontmatterConflicts = Annotated[
    Literal["ours", "theirs", "marker"],
    typer.Option("--frontmatter-conflicts", help="Keep one side there, so that the file stays loadable, and list it."),
]

Favor = Annotated[
    Literal["ours", "theirs", "none"],
    typer.Option("--favor", help="Take one side in conflicts that no rule speaks for, as -X does in git, and list it."),
]


def register(app: typer.Typer) -> None:
    app.command("merge", cls=PlainCommand, epilog=EPILOG)(guarded(merge))


def merge(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Common ancestor, our version, theirs: files or folders; two with --base.",
            metavar="[BASE] OURS THEIRS",
        ),
    ],
    *,
    base: Annotated[
        str | None,
        typer.Option("--base", help="The common ancestor; `auto` takes it from git's history.", metavar="FILE|auto"),
    ] = None,
    output: Annotated[str, typer.Option("--output", "-o", help="Where to write the result.", metavar="FILE")] = "-",
    label: Annotated[
        list[str] | None,
        typer.Option("--label", "-L", help="Name of ours, base, theirs in conflicts; up to three.", metavar="NAME"),
    ] = None,
    conflict_style: ConflictStyle = "merge",
    marker_size: MarkerSize = 7,
    policy: Policies = None,
    frontmatter_conflicts: FrontmatterConflicts = "marker",
    favor: Favor = "none",
    report: common.ReportFile = None,
    explain: common.Explain = False,
    dry_run: common.DryRun = False,
    strict: common.Strict = False,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
) -> None:
    """Merge two versions of a definition that come from one.

    Exit 0: merged, 1: conflicts are left (with --strict: or a warning), 2: trouble.

    Three folders are merged file by file, into the folder that --output names; all is written or nothing.

    Policies under `merge` and tables are also read from .agentmerge.yaml, found upwards from OURS.
    """
    names = _three(files, base)
    common.refuse_twice(names)
    common.refuse_overwrite(report, names)
    if folders.all_folders(names):
        folders.refuse_inside(output, [names[0], names[2]])
        session = common.session(config, near=str(Path(names[1]) / "x"), ignore=no_config)
        rules = make_policy(policy, frontmatter_conflicts, session)
        style = make_style(conflict_style, marker_size, label, names)
        folders.merge(names, session.knowledge, rules, style, folders.Wanted(output, report, explain, dry_run))
    # Over ours a result is written as `git merge-file` writes it; base and theirs are in no other file.
    common.refuse_overwrite(output, [names[0], names[2]])
    session = common.session(config, near=names[1], ignore=no_config)
    rules = make_policy(policy, frontmatter_conflicts, session, favor)
    style = make_style(conflict_style, marker_size, label, names)
    texts = [common.read(name) for name in names]
    merged = merge_texts(texts, names, session.knowledge, rules, style, patterns=policy or ())
    finish(merged, names, output=output, report=report, explain=explain, dry_run=dry_run, strict=strict)


def merge_texts(
    texts: Sequence[str],
    names: Sequence[str],
    knowledge: Knowledge,
    policy: Policy,
    style: Style,
    *,
    patterns: Sequence[str] | None = None,
) -> Merged:
    """Merge base, ours and theirs; texts that are too long for structure are not even parsed.

    Raises ConflictedError where one of them holds conflict markers already.

    With `patterns`, the paths of policies, what is odd about the files and the patterns is told.
    """
    from agentmerge.merging.engine import is_long, merge_long
    from agentmerge.merging.engine import merge as merge_definitions
    from agentmerge.reading.parsing import parse
    from agentmerge.text.markers import refuse_in

    base, ours, theirs = texts
    shown = ["<stdin>" if name == "-" else name for name in names]
    for text, name in zip(texts, shown, strict=True):
        refuse_in(text, name, knowledge)
    if any(map(is_long, texts)):
        return merge_long(base, ours, theirs, knowledge, style)
    one, two, three = (parse(text, knowledge, filename=name) for text, name in zip(texts, shown, strict=True))
    if patterns is not None:
        _tell_about((one, two, three), patterns)
    return merge_definitions(one, two, three, knowledge, policy, style)


def _tell_about(definitions: Sequence[Definition], rules: Sequence[str]) -> None:
    """Warnings about the files, and rules that speak for nothing in any of them."""
    for definition in definitions:
        common.tell_diagnostics(definition)
    if rules:
        from agentmerge.diffing.records import unmatched

        # A key inside a field is named by its field here: definitions list fields, not what is in them.
        paths = [rule.partition("=")[0].strip() for rule in rules]
        fields = ["/".join(path.split("/")[:2]) if path.startswith("frontmatter/") else path for path in paths]
        for pattern, hint in unmatched(fields, definitions).items():
            tell(f"warning: {pattern!r} matches no section and no field of any file{hint}")


def _three(files: list[str], base: str | None) -> list[str]:
    """Names of base, ours and theirs."""
    if len(files) != (3 if base is None else 2):
        raise typer.BadParameter("name BASE OURS THEIRS, or --base BASE and OURS THEIRS")
    if base != "auto":
        return files if base is None else [base, *files]
    from agentmerge.world import git

    found = git.common_version(*files)
    tell(f"base: {found}")
    return [found, *files]


def make_policy(
    policies: list[str] | None, frontmatter_conflicts: str, session: Session, favor: str = "none"
) -> Policy:
    """The policy of configuration and flags, which come first; a path comes before the whole frontmatter."""
    from agentmerge.merging.pieces import Policy, Rule, parse_rule

    whole = [] if frontmatter_conflicts == "marker" else [Rule("frontmatter", frontmatter_conflicts)]
    configured = () if session.config is None else session.config.merge
    return Policy((*configured, *whole, *map(parse_rule, policies or ())), "" if favor == "none" else favor)


def make_style(
    conflict_style: Literal["merge", "diff3", "zdiff3"], marker_size: int, labels: list[str] | None, names: list[str]
) -> Style:
    """Form of the conflicts; labels come in git's order, ours, base, theirs, and default to the file names."""
    from agentmerge.merging.pieces import Style
    from agentmerge.views.paint import one_line

    given = [*(labels or ()), *[names[1], names[0], names[2]][len(labels or ()) :]]
    ours, base, theirs = (one_line(name) for name in given[:3])
    return Style(conflict_style, marker_size, (base, ours, theirs))


def finish(
    merged: Merged,
    names: list[str],
    *,
    output: str,
    report: str | None,
    explain: bool,
    dry_run: bool,
    strict: bool = False,
) -> None:
    """Write what was asked for, tell what is left, and end with the exit code that says so."""
    from agentmerge.world.files import write_texts

    common.refuse_revision(output)
    common.refuse_revision(report)
    common.refuse_same(output, report, "--report")
    results: list[tuple[str, str]] = []
    if report is not None:
        from agentmerge.views.jsonable import dumps, report_json

        results.append((report, dumps(report_json(merged, names))))
    if dry_run or explain:
        from agentmerge.views.merge import decisions_text

        text = decisions_text(merged, names)
        common.page(text) if dry_run else common.err(text)
    if not dry_run:
        results.append((output, merged.text))
    write_texts(results)
    tell_left(merged)
    raise typer.Exit(FOUND if merged.open_conflicts or (strict and merged.warns) else OK)


def tell_left(merged: Merged, name: str = "") -> None:
    """Conflicts, those that a policy decided, and what else a person should know: a line each on standard error."""
    before = f"{name}: " if name else ""
    for conflict in merged.conflicts:
        where = ": ".join(part for part in (conflict.path or "text", conflict.slot) if part)
        decided = f"; decided by {conflict.decided_by}" if conflict.decided_by else ""
        tell(f"{before}conflict: {where} (line {conflict.line}){decided}")
    for notice in merged.findings:
        tell(f"{before}{notice.severity}[{notice.rule}]: {notice.message}")
