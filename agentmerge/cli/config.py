"""`agentmerge config`: the configuration that holds here, and what is wrong with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agentmerge.cli import common
from agentmerge.cli.boundary import BAD_INPUT, FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand, PlainGroup

if TYPE_CHECKING:
    from agentmerge.config import Told

group = typer.Typer(
    cls=PlainGroup, help="The configuration that holds, and what is wrong with it.", no_args_is_help=True
)
Near = Annotated[str, typer.Argument(help="File or folder whose configuration is asked for.", metavar="[PATH]")]


def register(app: typer.Typer) -> None:
    group.command("show", cls=PlainCommand, epilog="Example: agentmerge config show --origin")(guarded(show))
    group.command("check", cls=PlainCommand, epilog="Example: agentmerge config check")(guarded(check))
    app.add_typer(group, name="config")


def show(
    near: Near = ".",
    *,
    origin: Annotated[bool, typer.Option("--origin", help="Say behind each value which file has it.")] = False,
    config: common.ConfigFile = None,
    no_config: common.NoConfig = False,
) -> None:
    """Print the configuration that holds for a file or a folder, as YAML; nothing where there is none."""
    from agentmerge.cli import configs
    from agentmerge.config import shown_config

    found = None if no_config else configs.named(config) or configs.find([near])
    if found is None:
        tell("no configuration holds here")
        return
    tell(f"with {found}")
    common.out(shown_config(configs.sources(found, [near], common.read), origin=origin))


def check(
    files: Annotated[
        list[str] | None, typer.Argument(help="Configuration files; else the one that holds here.", metavar="[FILE...]")
    ] = None,
) -> None:
    """Tell all that is wrong with a configuration, what only looks like a slip, and what safety it gives up.

    Exit 2 for a mistake, 1 where something looks like one, 0 where there is nothing to tell.
    """
    from agentmerge.cli import configs
    from agentmerge.config import check_config, unreadable_rows

    found = files or [one for one in [configs.named(None) or configs.find(["."])] if one is not None]
    if not found:
        tell("no configuration holds here")
    worst = OK
    for name in found:
        told = check_config(common.read(name), name)
        for one in told:
            _tell(one, name)
        certain = any(one.problem.certain for one in told)
        worst = max(worst, BAD_INPUT if certain else FOUND if told else OK)
        if not certain:
            config = configs.load(name, [], common.read)
            fault = unreadable_rows(config)
            if fault is not None:
                raise fault
            common.tell_loosened(config)
            tell(f"{name}: {'nothing is wrong' if not told else f'{len(told)} to look at'}")
    raise typer.Exit(worst)


def _tell(one: Told, file: str) -> None:
    where = file if one.line is None else f"{file}:{one.line}"
    problem = one.problem
    tell(f"{where}: {'error' if problem.certain else 'note'}: {problem.key}: {problem.message}; {problem.remedy}")
