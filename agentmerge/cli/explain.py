"""`agentmerge explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import guarded
from agentmerge.cli.coercion import PlainCommand
from agentmerge.cli.update import Format
from agentmerge.errors import InputError

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from collections.abc import Mapping
    from typing import Any

    from agentmerge.cli.workspace import Workspace
    from agentmerge.updating.recipes import Recipe

EPILOG = "Examples: agentmerge explain agents/reviewer.md | agentmerge explain agents/reviewer.md:41"


def register(app: typer.Typer) -> None:
    app.command("explain", cls=PlainCommand, epilog=EPILOG)(guarded(explain))


def explain(
    file: Annotated[
        str,
        typer.Argument(help="An output of a recipe or a file that git merged, or a line of it.", metavar="FILE[:LINE]"),
    ],
    *,
    output_format: Format = "text",
    config: common.ConfigFile = None,
    color: common.Color = "auto",
) -> None:
    """Tell why a file or a line of it is as it is: by its recipe, else by the last merge that git's driver made of it.

    A recipe's sources are read as they are now. Exit 0, 2: trouble.
    """
    name, line = common.place_of(file)
    if line is not None and line > len(_lines(name)):
        raise InputError("has no such line", file=name, line=line, remedy=f"it has lines 1 to {len(_lines(name))}")
    found = _recipe(name, config)
    if found is not None:
        _of_recipe(*found, name, line, output_format, color)
    else:
        _of_merge(name, line, output_format, color)


def _lines(name: str) -> list[str]:
    from agentmerge.text.lines import split_lines

    return split_lines(common.read(name))


def _recipe(name: str, config: str | None) -> tuple[Workspace, Recipe, str] | None:
    """The project, the recipe of an output, and the file's path in it; None for a file that no recipe makes."""
    from agentmerge.cli.workspace import Workspace
    from agentmerge.text.paths import ITSELF

    try:
        space = Workspace(config)
    except InputError:
        if config is not None:
            raise
        return None
    output = space.name_of(name)
    for recipe in space.recipes:
        if recipe.output == output or output.startswith(f"{recipe.output}/"):
            return space, recipe, output[len(recipe.output) + 1 :] or ITSELF
    return None


def _of_recipe(
    space: Workspace,
    recipe: Recipe,
    inner: str,
    name: str,
    line: int | None,
    output_format: Format,
    color: common.ColorMode,
) -> None:
    from agentmerge.views import explain as views
    from agentmerge.views.jsonable import dumps, report_json

    read = space.sources(recipe)
    below = f"/{inner}" if inner else ""
    sources = [views.Origin(f"{one.source.label}{below}", one.revision, _text(one.files.get(inner))) for one in read]
    look = views.Look(common.paint(color), common.columns())
    text = common.read(name)
    if recipe.is_vendored:
        if output_format == "json":
            common.out(dumps(views.vendored_json(name, text, sources)))
        else:
            common.out(views.vendored_text(name, text, sources, line, look))
        return
    merged = space.combined(recipe)
    names = [one.label for one in sources]
    if output_format == "json":
        common.out(dumps(report_json(merged, names)))
    else:
        common.out(views.combined_text(name, text, merged, sources, line, look))


def _text(data: bytes | None) -> str:
    return "" if data is None else data.decode("utf-8", "replace")


def _of_merge(name: str, line: int | None, output_format: Format, color: common.ColorMode) -> None:
    from agentmerge.views import explain as views
    from agentmerge.views.jsonable import dumps
    from agentmerge.world import traces

    trace: Mapping[str, Any] | None = next(traces.of(name), None)
    if trace is None:
        remedy = (
            "`agentmerge recipe add` makes it an output, `agentmerge git install` keeps what merges decide from now on"
        )
        raise InputError("has no recipe, and no merge of it is kept", file=name, remedy=remedy)
    look = views.Look(common.paint(color), common.columns())
    if output_format == "json":
        common.out(dumps(dict(trace)))
    else:
        common.out(views.merge_text(name, common.read(name), trace, line, look))
