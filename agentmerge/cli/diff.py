"""`agentmerge diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from agentmerge.cli import common, folders
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of them.
    from agentmerge.diffing.records import Change, Diff
    from agentmerge.drifting.records import Finding
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.views.paint import Paint

EPILOG = "Examples: agentmerge diff old.md new.md --only frontmatter | agentmerge diff a.md b.md --format json"


def register(app: typer.Typer) -> None:
    app.command("diff", cls=PlainCommand, epilog=EPILOG)(guarded(diff))


def diff(
    a: Annotated[str, typer.Argument(help="Old definition, or - for standard input.", metavar="A")],
    b: Annotated[str | None, typer.Argument(help="New definition; none with --base.", metavar="B")] = None,
    *,
    base: Annotated[
        str | None,
        typer.Option(
            "--base", help="Old definition; `auto` is the version in git that A comes from.", metavar="FILE|auto"
        ),
    ] = None,
    output_format: Annotated[
        Literal["text", "json", "markdown", "html"], typer.Option("--format", help="Form of the output.")
    ] = "text",
    stat: Annotated[bool, typer.Option("--stat", help="Only counts, a line per section.")] = False,
    word_diff: Annotated[bool, typer.Option("--word-diff", help="Show both wordings in one line.")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only changes under PATH.", metavar="PATH")] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="No changes under PATH.", metavar="PATH")
    ] = None,
    ignore_order: Annotated[bool, typer.Option("--ignore-order", help="Order alone is no change.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing, only set the exit code.")] = False,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
    color: common.Color = "auto",
) -> None:
    """Show what changed between two definitions, by meaning. Exit 0: same, 1: different, 2: trouble.

    Of two folders every file is compared: definitions by meaning, other text by lines, the rest by its bytes.
    """
    from agentmerge.diffing.comparing import diff as diff_definitions
    from agentmerge.diffing.records import select, unmatched
    from agentmerge.drifting.records import marked, select_findings
    from agentmerge.drifting.reviewing import review
    from agentmerge.matching.records import CROWDED

    old, new = _two(a, b, base)
    common.refuse_twice([old, new])
    if folders.all_folders([old, new]):
        near = str(Path(old) / "x") if Path(old).is_dir() else old
        known = common.session(config, near=near, ignore=no_config).knowledge
        views = _Views(known, only or [], exclude or [], color, ignore_order=ignore_order, inline=word_diff)
        raise typer.Exit(
            folders.diff(old, new, folders.Look(output_format, stat, quiet, views.text, views.json, views.masked))
        )
    common.tell_twice([old, new])
    sessions = common.Sessions(config, [old, new], ignore=no_config)
    knowledge = sessions.whole.knowledge
    before, after = (common.load(name, sessions.near(name).knowledge) for name in (old, new))
    definitions = before, after
    for pattern, hint in unmatched([*(only or ()), *(exclude or ())], definitions).items():
        tell(f"warning: {pattern!r} matches no section and no field of either file{hint}")
    found = diff_definitions(*definitions, knowledge)
    if found.matching.crowded:
        tell(f"warning: {CROWDED}")
    changes = select(found, only=only or (), exclude=exclude or (), ignore_order=ignore_order)
    if not quiet:
        findings = select_findings(
            review(found, knowledge), only=only or (), exclude=exclude or (), ignore_order=ignore_order
        )
        shown = Shown(found, marked(changes, findings), findings, [old, new])
        if output_format == "text":
            if changes or stat:
                text = _text(shown, common.paint(color), knowledge, stat=stat, inline=word_diff)
                common.page(common.masked(text, knowledge))
        else:
            common.out(common.masked(_rendered(shown, output_format, knowledge=knowledge), knowledge))
    raise typer.Exit(FOUND if changes else OK)


def _two(a: str, b: str | None, base: str | None) -> tuple[str, str]:
    """Names of the old and the new definition."""
    if (b is None) == (base is None):
        raise typer.BadParameter("name A and B, or --base BASE and A")
    return (a, b) if b is not None else (common.resolved_base(base or "auto", a), a)


class _Views:
    """Two versions of one definition out of two folders, in each form."""

    def __init__(
        self,
        knowledge: Knowledge,
        only: list[str],
        exclude: list[str],
        color: common.ColorMode,
        *,
        ignore_order: bool,
        inline: bool,
    ) -> None:
        self.knowledge = knowledge
        self.only = only
        self.exclude = exclude
        self.color = color
        self.ignore_order = ignore_order
        self.inline = inline

    def text(self, old: str, new: str, path: str) -> str:
        shown = self._shown(old, new, path)
        return _text(shown, common.paint(self.color), self.knowledge, stat=False, inline=self.inline) + "\n"

    def masked(self, text: str) -> str:
        return common.masked(text, self.knowledge)

    def json(self, old: str, new: str, path: str) -> Any:
        from agentmerge.views.jsonable import diff_json

        shown = self._shown(old, new, path)
        return diff_json(shown.diff, shown.changes, shown.findings, shown.names)

    def _shown(self, old: str, new: str, path: str) -> Shown:
        from agentmerge.diffing.comparing import diff as diff_definitions
        from agentmerge.diffing.records import select
        from agentmerge.drifting.records import marked, select_findings
        from agentmerge.drifting.reviewing import review
        from agentmerge.reading.parsing import parse

        sides = [parse(text, self.knowledge, filename=path) for text in (old, new)]
        found = diff_definitions(sides[0], sides[1], self.knowledge)
        changes = select(found, only=self.only, exclude=self.exclude, ignore_order=self.ignore_order)
        reviewed = review(found, self.knowledge)
        findings = select_findings(reviewed, only=self.only, exclude=self.exclude, ignore_order=self.ignore_order)
        return Shown(found, marked(changes, findings), findings, [path, path])


class Shown(NamedTuple):
    """What is shown of a diff."""

    diff: Diff
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    names: list[str]


def _text(shown: Shown, paint: Paint, knowledge: Knowledge, *, stat: bool, inline: bool) -> str:
    from agentmerge.views.diff import diff_text, stat_text

    short = common.short_names(shown.names)
    if stat:
        return stat_text(shown.diff, shown.changes, short, paint)
    return diff_text(
        shown.diff, shown.changes, short, paint, knowledge, findings=shown.findings, inline=inline, width=common.width()
    )


def _rendered(shown: Shown, output_format: str, knowledge: Knowledge) -> str:
    diff, changes, findings, names = shown
    if output_format == "json":
        from agentmerge.views.jsonable import diff_json, dumps

        return dumps(diff_json(diff, changes, findings, names))
    if output_format == "markdown":
        from agentmerge.views.diff import diff_markdown

        return diff_markdown(diff, changes, common.short_names(names), findings)
    from agentmerge.drifting.records import Drift, PairDrift, Report, RoleGroup
    from agentmerge.views.html import drift_html

    both = (diff.matching.a, diff.matching.b)
    group = RoleGroup("", (0, 1), Drift(both, (PairDrift(0, 1, diff, findings),), None))
    return drift_html(Report(tuple(names), (group,)), knowledge, "Differences")
