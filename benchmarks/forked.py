"""Commands without the cost of a fresh interpreter: each runs in a child that is forked from one warm process.

A child has its own limits of processor time and memory, so a hang or a flood ends itself and nothing else.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import pkgutil
import resource
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import agentmerge
from agentmerge import cli

MEGABYTE = 1 << 20
HANG, MEMORY, INTERNAL = -1, -2, 3
"""Codes of a run that its limits ended; the exit code of an internal error."""


class Run(NamedTuple):
    """How a command ended."""

    code: int
    """Its exit code; HANG, MEMORY, or less where another signal ended it."""
    seconds: float
    """Of the processor."""
    megabytes: float
    """At the peak, above those of the process that it was forked from."""
    out: str
    err: str


def warm() -> None:
    """Load everything that a command may load late, so that every child has it."""
    for module in pkgutil.walk_packages(agentmerge.__path__, "agentmerge."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in ("deepdiff", "jinja2", "jinja2.sandbox", "markdown_it", "ruamel.yaml", "snowballstemmer"):
        importlib.import_module(name)
    example = Path(__file__).parents[1] / "fixtures" / "backend-engineer"
    names = sorted(map(str, example.glob("*.md")))[:2]
    for arguments in (["combine", *names], ["drift", *names], ["diff", *names], ["fmt", names[0]]):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            _command(arguments)


def run(arguments: Sequence[str], *, seconds: int = 5, megabytes: int = 500) -> Run:
    """Run a command in a child of its own, within so much processor time and so much memory above this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    space = pages * resource.getpagesize() + (megabytes + 20) * MEGABYTE
    out, err = (os.memfd_create(name) for name in ("out", "err"))
    sys.stdout.flush()
    child = os.fork()
    if not child:
        _in_child(arguments, out, err, seconds, space)
    _, status, used = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    texts = [_content(file) for file in (out, err)]
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        code = HANG
    elif code == INTERNAL and "MemoryError" in texts[1]:
        code = MEMORY
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Run(code, used.ru_utime + used.ru_stime, max(0, used.ru_maxrss - base) / 1024, *texts)


def _in_child(arguments: Sequence[str], out: int, err: int, seconds: int, space: int) -> None:
    """Never returns."""
    code = INTERNAL
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.environ["AGENTMERGE_TRACEBACK"] = "1"
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
        code = _command(arguments)
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001  whatever it was, the parent reads it
        os.write(2, traceback.format_exc(-8).encode("utf-8", "replace")[-8000:])
    finally:
        with contextlib.suppress(BaseException):
            sys.stderr.flush()
        os._exit(code)


def _command(arguments: Sequence[str]) -> int:
    sys.argv = ["agentmerge", *arguments]
    try:
        cli.application(arguments[0])(prog_name="agentmerge")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def _content(file: int) -> str:
    os.lseek(file, 0, os.SEEK_SET)
    with os.fdopen(file, "rb") as stream:
        return stream.read().decode("utf-8", "replace")
