"""`agentmerge git`: the drivers that git calls, and their entries in its configuration."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand, PlainGroup
from agentmerge.cli.merge import make_policy, merge_texts, tell_left

if TYPE_CHECKING:
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.planning.records import Merged

Local = Annotated[bool, typer.Option("--local", help="In this repository (default).")]
Global = Annotated[bool, typer.Option("--global", help="For this user.")]
System = Annotated[bool, typer.Option("--system", help="For everybody on this machine.")]

_SIDES = ("ours", "theirs")

group = typer.Typer(cls=PlainGroup, help="Drivers for git, and their entries.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    group.command("install", cls=PlainCommand)(guarded(install))
    group.command("uninstall", cls=PlainCommand)(guarded(uninstall))
    group.command("merge", cls=PlainCommand)(guarded(merge))
    group.command("diff", cls=PlainCommand)(diff)
    group.command("textconv", cls=PlainCommand)(guarded(textconv))
    app.add_typer(group, name="git")


def install(
    *,
    local: Local = False,
    global_: Global = False,
    system: System = False,
    pattern: Annotated[
        list[str] | None, typer.Option("--pattern", help="Files to merge and diff so; repeatable.", metavar="GLOB")
    ] = None,
    show: Annotated[bool, typer.Option("--print", help="Print the lines instead of writing them.")] = False,
) -> None:
    """Let git merge and diff definitions with agentmerge. A second call changes nothing."""
    from agentmerge.world import git

    patterns = pattern or _default_patterns(common.session(near="-", quiet=True).knowledge)
    if show:
        settings = [f"git config {key} {shlex.quote(value)}" for key, value in git.entries(git.program()).items()]
        lines = ["# git configuration", *settings, "", "# .gitattributes", *git.attribute_lines(patterns)]
        common.out("".join(f"{line}\n" for line in lines))
        return
    target = git.install(_scope(local, global_, system), git.program(), patterns)
    tell(f"installed for {len(patterns)} patterns in {target}")
    matched = git.tracked(patterns)
    if matched is not None:
        told = f"{matched:,} tracked {'file matches' if matched == 1 else 'files match'} them here"
        tell(told + ("" if matched else "; name yours with --pattern GLOB"))


def uninstall(*, local: Local = False, global_: Global = False, system: System = False) -> None:
    """Remove what `install` wrote, attributes included. A second call changes nothing."""
    from agentmerge.world import git

    tell(f"removed from {git.uninstall(_scope(local, global_, system))}")


def _scope(local: bool, global_: bool, system: bool) -> Literal["local", "global", "system"]:
    if local + global_ + system > 1:
        raise typer.BadParameter("name one of --local, --global, --system")
    return "global" if global_ else "system" if system else "local"


def _default_patterns(knowledge: Knowledge) -> list[str]:
    """The places of every host's definitions, as the table of dialects has them."""

    paths = [path for name, dialect in knowledge.dialects.items() if name != "plain" for path in dialect.paths]
    found = [path if "/" not in path else f"**/{path}" for path in [*paths, "agents/*.md", "agents/**/*.md"]]
    return list(dict.fromkeys(pattern for pattern in found if not pattern.endswith(".toml")))


# The merge driver


def merge(
    base: Annotated[str, typer.Argument(metavar="%O")],
    ours: Annotated[str, typer.Argument(metavar="%A")],
    theirs: Annotated[str, typer.Argument(metavar="%B")],
    *,
    size: Annotated[str, typer.Option("-l", help="Size of conflict markers.")] = "7",
    path: Annotated[str | None, typer.Option("-p", help="Path of the file in the repository.")] = None,
    base_label: Annotated[str | None, typer.Option("-s", help="Name of the base.")] = None,
    ours_label: Annotated[str | None, typer.Option("-x", help="Name of ours.")] = None,
    theirs_label: Annotated[str | None, typer.Option("-y", help="Name of theirs.")] = None,
    left: Annotated[
        int, typer.Option("--left", help="Exit code where conflicts are left: one that a failed start never has.")
    ] = FOUND,
) -> None:
    """The merge driver: the result goes over %A. Exit 0: merged, 1: conflicts are left, 129: nothing was written."""
    from agentmerge.errors import OutputError
    from agentmerge.world import git
    from agentmerge.world.files import write_bytes

    labels = (_given(ours_label) or "ours", _given(base_label) or "base", _given(theirs_label) or "theirs")
    width = int(size) if size.isdigit() else 7
    by_git, conflicts = git.merge_file(base, ours, theirs, size=width, labels=labels)
    original = Path(ours).read_bytes()
    # Written first: whatever happens to us from here on, theirs is not lost.
    try:
        write_bytes(ours, by_git)
    except OutputError as error:
        tell(f"error: {_given(path) or ours}: {error.message}")
        raise typer.Exit(git.CRASHED) from None
    if os.environ.get("AGENTMERGE") == "0":
        raise typer.Exit(left if conflicts else OK)
    try:
        is_open = _merge_over(base, original, theirs, ours, _given(path) or ours, width, labels)
    except Exception as error:  # noqa: BLE001
        tell(f"{_given(path) or ours}: git's own line merge was kept: {error}")
        raise typer.Exit(left if conflicts else OK) from None
    raise typer.Exit(left if is_open else OK)


def _given(value: str | None) -> str | None:
    """A placeholder's value; older git hands `%S` and its like over as they stand."""
    return None if not value or value.startswith("%") else value


def _merge_over(
    base: str, ours: bytes, theirs: str, target: str, path: str, size: int, labels: tuple[str, str, str]
) -> bool:
    """Merge, write the result over the target, and say whether conflicts are left."""
    from agentmerge.merging.pieces import Style
    from agentmerge.world.files import decode, write_text

    sides = (Path(base).read_bytes(), ours, Path(theirs).read_bytes())
    texts = [decode(data, f"{path} ({name})") for data, name in zip(sides, ("base", "ours", "theirs"), strict=True)]
    session = common.session(near=path, quiet=True)
    whole = os.environ.get("AGENTMERGE_FRONTMATTER_CONFLICTS", "marker")
    policy = make_policy(_configured_policies(), whole, session, _favored())
    mine, ancestor, other = labels
    style = Style(_conflict_style(), size, (ancestor, mine, other))
    merged = merge_texts(texts, [path] * 3, session.knowledge, policy, style)
    write_text(target, merged.text)
    tell_left(merged, path)
    _keep_trace(merged, path, labels)
    return bool(merged.open_conflicts)


def _keep_trace(merged: Merged, path: str, labels: tuple[str, str, str]) -> None:
    """Keep what was decided for `agentmerge explain`; git's own merge base has no name that says more."""
    from agentmerge.views.jsonable import report_json
    from agentmerge.views.merge import decisions_text
    from agentmerge.world import traces

    ours, base, theirs = labels
    names = [base, ours, theirs]
    traces.keep(path, (base, ours, theirs), report_json(merged, names), decisions_text(merged, names))


def _configured_policies() -> list[str]:
    """Rules from AGENTMERGE_POLICY (one a line, or parted by `;`), else from git's `agentmerge.policy`."""
    from agentmerge.world import git

    text = os.environ.get("AGENTMERGE_POLICY")
    if text is None:
        text = git.run("config", "--get-all", "agentmerge.policy").out.decode("utf-8", "replace")
    return [rule.strip() for line in text.split("\n") for rule in line.split(";") if rule.strip()]


def _favored() -> str:
    """The side that `AGENTMERGE_FAVOR`, else git's `agentmerge.favor`, names: -X does not reach a driver."""
    from agentmerge.errors import unknown
    from agentmerge.world import git

    side = os.environ.get("AGENTMERGE_FAVOR")
    if side is None:
        side = git.run("config", "--get", "agentmerge.favor").out.decode("utf-8", "replace").strip()
    if side not in ("", "none", *_SIDES):
        raise unknown("side to favor", side, _SIDES)
    return side or "none"


def _conflict_style() -> Literal["merge", "diff3", "zdiff3"]:
    from agentmerge.world import git

    style = git.run("config", "--get", "merge.conflictStyle").out.decode("utf-8", "replace").strip()
    return "diff3" if style == "diff3" else "zdiff3" if style == "zdiff3" else "merge"


# The diff driver


def diff(
    arguments: Annotated[list[str], typer.Argument(metavar="PATH OLD-FILE OLD-HEX OLD-MODE NEW-FILE NEW-HEX NEW-MODE")],
) -> None:
    """The external diff driver. Always exits 0: git takes anything else for a crash."""
    if os.environ.get("GIT_EXTERNAL_DIFF") == "git-difftool--helper":
        # A driver comes before the tool that a person asked for with `git difftool`: hand over to it.
        from agentmerge.world import git

        raise typer.Exit(git.call("difftool--helper", *arguments))
    try:
        common.out(_driver_diff(arguments))
    except Exception as error:  # noqa: BLE001
        tell(f"{arguments[0]}: {error}")


def _driver_diff(arguments: list[str]) -> str:
    path = arguments[0]
    if len(arguments) < 7:
        return f"* Unmerged path {path}\n"
    old, new = arguments[1], arguments[4]
    name = arguments[7] if len(arguments) > 7 else path
    head = f"diff --agentmerge a/{path} b/{name}\n"
    try:
        return head + _meaning(old, new, path, name)
    except Exception as error:  # noqa: BLE001
        tell(f"{path}: shown by lines: {error}")
        return head + _by_lines(old, new)


def _meaning(old: str, new: str, path: str, name: str) -> str:
    """The diff of two files; `name` is what the new one is called, where it was renamed."""
    from agentmerge.diffing.comparing import diff as diff_definitions
    from agentmerge.diffing.records import select
    from agentmerge.drifting.records import marked
    from agentmerge.drifting.reviewing import review
    from agentmerge.reading.parsing import parse
    from agentmerge.views.diff import diff_text
    from agentmerge.world.files import read_text

    knowledge = common.session(near=path, quiet=True).knowledge
    before, after = (
        parse("" if file == os.devnull else read_text(file), knowledge, filename=called)
        for file, called in ((old, path), (new, name))
    )
    found = diff_definitions(before, after, knowledge)
    findings = review(found, knowledge)
    changes = marked(select(found, only=(), exclude=(), ignore_order=False), findings)
    names = [f"a/{path}", f"b/{name}"]
    paint, width = common.paint("auto"), common.width()
    text = diff_text(found, changes, names, paint, knowledge, findings=findings, inline=False, width=width)
    return common.masked(text, knowledge)


def _by_lines(old: str, new: str) -> str:
    import difflib

    from agentmerge.text.lines import bare, split_lines
    from agentmerge.views.paint import one_line

    texts = (Path(name).read_bytes().decode("utf-8", "replace") for name in (old, new))
    before, after = ([bare(line) for line in split_lines(text)] for text in texts)
    lines = difflib.unified_diff(before, after, old, new, lineterm="")
    # By the shipped tables: a configuration that can't be read may be what brought us here.
    knowledge = common.session(near=new, ignore=True, quiet=True).knowledge
    return common.masked("".join(f"{one_line(line)}\n" for line in lines), knowledge)


def textconv(file: Annotated[str, typer.Argument(metavar="FILE")]) -> None:
    """A definition as git compares it: LF endings, no blanks at line ends, a set's members sorted; each line stays."""
    from agentmerge.errors import InputError, PolicyError
    from agentmerge.reading.parsing import parse
    from agentmerge.text.markers import refuse_in
    from agentmerge.views.show import canonical
    from agentmerge.world.files import read_text

    try:
        # Git hands over a copy from somewhere, and runs the driver at the top of the working tree.
        knowledge = common.session(near="-", quiet=True).knowledge
        text = read_text(file)
        refuse_in(text, file, knowledge)
        common.out(canonical(parse(text, knowledge, filename=file), knowledge))
    except (InputError, PolicyError) as error:
        # Git shows no diff at all where this fails.
        tell(f"shown as it is: {error}")
        sys.stdout.buffer.write(Path(file).read_bytes())
