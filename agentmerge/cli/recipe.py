"""`agentmerge recipe`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import guarded, tell
from agentmerge.cli.coercion import PlainCommand, PlainGroup
from agentmerge.cli.update import Format

if TYPE_CHECKING:
    from agentmerge.updating.recipes import Recipe, Source

group = typer.Typer(cls=PlainGroup, help="What each output of `update` is made of.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    group.command("add", cls=PlainCommand)(guarded(add))
    group.command("list", cls=PlainCommand)(guarded(list_recipes))
    app.add_typer(group, name="recipe")


def add(
    output: Annotated[str, typer.Argument(help="File or folder that `update` writes.", metavar="OUT")],
    sources: Annotated[
        list[str], typer.Argument(help="Files, or one file or folder that is taken as it is.", metavar="SOURCE...")
    ],
    *,
    repo: Annotated[
        str | None, typer.Option("--repo", help="Local git repository in which the sources stand.", metavar="DIR")
    ] = None,
    rev: Annotated[str | None, typer.Option("--rev", help="Branch, tag or commit there (HEAD unless told).")] = None,
    strategy: Annotated[str | None, typer.Option(help="How several sources are combined.")] = None,
    on_conflict: Annotated[
        Literal["both", "first", "fail"] | None, typer.Option(help="Contradictions of them.")
    ] = None,
) -> None:
    """Write a recipe into .agentmerge.yaml, which is made where there is none. Other lines stay as they are."""
    from agentmerge.updating.recipes import Options, Recipe, Source

    file = configuration()
    root = file.absolute().parent
    if repo is None:
        found = tuple(Source(below(root, one)) for one in sources)
    else:
        place = below(root, repo)
        found = tuple(Source(one, place, rev or "") for one in sources)
    recipe = Recipe(below(root, output), found, Options(strategy=strategy, on_conflict=on_conflict))
    from agentmerge.world.files import write_text

    text = text_with(file, recipe)
    if repo is None:
        require_sources(file, recipe)
    write_text(str(file), text)
    tell(f"{file}: {recipe.output} is made of {', '.join(source.label for source in found)}")


def configuration() -> Path:
    """The configuration around the working directory, or the one that is to be made here."""
    from agentmerge.world.files import CONFIG_NAMES, find_upwards

    found = find_upwards(Path(), CONFIG_NAMES)
    return found if found is not None else Path(CONFIG_NAMES[0])


def below(root: Path, argument: str) -> str:
    """A file argument as a configuration names it."""
    return Path(os.path.relpath(Path(argument).absolute(), root)).as_posix()


def text_with(file: Path, recipe: Recipe) -> str:
    """The configuration with one more recipe, read again and compared. PolicyError where it can't be written."""
    from agentmerge.config import Config, read_config
    from agentmerge.errors import PolicyError
    from agentmerge.updating.recipes import with_recipe
    from agentmerge.world.files import read_text

    old = read_text(str(file)) if file.is_file() else ""
    before = read_config(old, str(file)) if old else Config()
    if any(one.output == recipe.output for one in before.recipes):
        raise PolicyError(f"'{recipe.output}' has a recipe", file=str(file), remedy="change it there")
    new = with_recipe(old, recipe)
    after = read_config(new, str(file))
    if set(after.recipes) != {*before.recipes, recipe}:
        raise PolicyError(f"the recipe of '{recipe.output}' can't be written", file=str(file), remedy="add it by hand")
    return new


def require_sources(file: Path, recipe: Recipe) -> None:
    """InputError where a source is neither on disk nor made by another recipe of the file."""
    from agentmerge.config import read_config
    from agentmerge.errors import InputError
    from agentmerge.world.files import read_text

    made = {one.output for one in read_config(read_text(str(file)), str(file)).recipes} if file.is_file() else set()
    for source in recipe.sources:
        if source.path not in made and not (file.absolute().parent / source.path).exists():
            raise InputError(
                "no such source", file=source.path, remedy="name a file or folder, or its repository with --repo"
            )


def list_recipes(*, output_format: Format = "text", config: common.ConfigFile = None) -> None:
    """The recipes: each output with its sources."""
    from agentmerge.cli.workspace import Workspace
    from agentmerge.views.jsonable import dumps
    from agentmerge.views.paint import one_line

    space = Workspace(config)
    if output_format == "json":
        rows = [
            {"output": recipe.output, "sources": [_source_json(source) for source in recipe.sources]}
            for recipe in space.recipes
        ]
        common.out(dumps({"schema": "agentmerge/recipes/1", "recipes": rows}))
        return
    for recipe in space.recipes:
        shown = ", ".join(f"{one.label}{f' at {one.rev}' if one.rev else ''}" for one in recipe.sources)
        common.out(f"{one_line(f'{recipe.output}: {shown}')}\n")


def _source_json(source: Source) -> dict[str, str]:
    rows = {"path": source.path, "repo": source.repo, "rev": source.rev, "lock": source.lock, "entry": source.entry}
    return {key: value for key, value in rows.items() if value}
