"""The one place where errors become a line on stderr and an exit code."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import typer

from agentmerge.errors import AgentMergeError, InternalError
from agentmerge.views.paint import one_line

if TYPE_CHECKING:
    from agentmerge.config import Config

P = ParamSpec("P")
R = TypeVar("R")

OK, FOUND, BAD_INPUT, INTERNAL = 0, 1, 2, 3


_in_force: list[Config] = []
"""The configurations of the command that runs: one whose rows nothing can work with is no bug of ours."""


def under(config: Config) -> None:
    """Remember that the command runs under a configuration."""
    _in_force.append(config)


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command: our errors become one line and exit 2 or 3, anything else a bug report and exit 3."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        _in_force.clear()
        try:
            return command(*args, **kwargs)
        except (typer.Exit, typer.BadParameter):
            raise
        except AgentMergeError as error:
            known = _fault_of_rows() if isinstance(error, InternalError) else None
            tell(f"error: {known or error}")
            raise typer.Exit((known or error).exit_code) from None
        except BrokenPipeError:
            # The reader (a pager, `head`) has seen enough; python would complain again while it shuts down.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(OK) from None
        except OSError as error:
            # A name that the system can't take, a stream that is closed: nothing of ours, and no bug.
            where = f"{error.filename}: " if error.filename else ""
            tell(f"error: {where}{(error.strerror or str(error)).lower()}; nothing was written")
            raise typer.Exit(BAD_INPUT) from None
        except (KeyboardInterrupt, typer.Abort):
            raise typer.Exit(130) from None
        except Exception as error:
            if os.environ.get("AGENTMERGE_TRACEBACK"):
                raise
            fault = _fault_of_rows()
            if fault is not None:
                tell(f"error: {fault}")
                raise typer.Exit(BAD_INPUT) from None
            tell(f"internal error: {type(error).__name__}: {error}; nothing was written")
            tell("set AGENTMERGE_TRACEBACK=1 and report what it prints")
            raise typer.Exit(INTERNAL) from None

    return run


def _fault_of_rows() -> AgentMergeError | None:
    from agentmerge.config import unreadable_rows

    return next((fault for config in _in_force if (fault := unreadable_rows(config)) is not None), None)


def tell(message: str) -> None:
    """One line to stderr, folded in a narrow terminal; what came from a file can't steer it."""
    text = f"agentmerge: {one_line(message)}\n"
    if sys.stderr.isatty():
        import shutil

        from agentmerge.views.paint import folded

        text = folded(text, shutil.get_terminal_size((80, 24)).columns)
    sys.stderr.write(text)
