"""What `agentmerge drift` was asked for, as a report: variants, folders, revisions or a history."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from agentmerge.cli import common
from agentmerge.errors import InputError, PolicyError

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.drifting.reports import Report
    from agentmerge.model import Definition


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments that say what to compare."""

    files: tuple[str, ...]
    against: str | None
    history: str | None
    since: str | None
    quorum: int | None


def limits(names: list[str]) -> tuple[str, ...]:
    """Severities and classes to fail on; PolicyError names what is none."""
    from agentmerge.diffing.records import DiffClass
    from agentmerge.drifting.records import SEVERITIES

    known = (*SEVERITIES, *get_args(DiffClass))
    found = [name.strip() for text in names for name in text.split(",")]
    for name in found:
        if name not in known:
            raise PolicyError(f"--fail-on {name!r} is no severity or class", remedy=f"use one of {', '.join(known)}")
    return tuple(found)


def read(asked: Asked) -> Report:
    """The review that was asked for."""
    if not asked.files:
        raise InputError("nothing to compare", remedy="name two files, a folder, or --history FILE")
    if any(Path(name).is_dir() for name in asked.files):
        return _folders(asked)
    return _variants(asked)


def _variants(asked: Asked) -> Report:
    from agentmerge.drifting import drift
    from agentmerge.drifting.reports import Report, RoleGroup

    names = [*([asked.against] if asked.against else []), *asked.files]
    if len(names) < 2:
        raise InputError("there is only one file", file=names[0], remedy="name another, or use --history")
    definitions = [common.load(name) for name in names]
    found = drift(definitions, against=0 if asked.against else None, quorum=asked.quorum)
    return Report(tuple(names), (RoleGroup("", tuple(range(len(names))), found),))


def _folders(asked: Asked) -> Report:
    from agentmerge.drifting import drift
    from agentmerge.drifting.grouping import groups
    from agentmerge.drifting.reports import Report, RoleGroup

    names = _found(asked)
    definitions = [common.load(name) for name in names]
    roles = groups(definitions)
    shared = [(role, numbers) for role, numbers in roles if len(numbers) > 1]
    if asked.against:
        canon = names.index(asked.against)
        shared = [(role, numbers) for role, numbers in shared if canon in numbers]
    reviewed = []
    for done, (role, numbers) in enumerate(shared):
        progress(f"{done}/{len(shared)} {role}")
        members: list[Definition] = [definitions[number] for number in numbers]
        first = numbers.index(names.index(asked.against)) if asked.against else None
        reviewed.append(RoleGroup(role, numbers, drift(members, against=first, quorum=asked.quorum)))
    progress("")
    alone = tuple(numbers[0] for _, numbers in roles if len(numbers) == 1)
    return Report(tuple(names), tuple(reviewed), alone=alone)


def _found(asked: Asked) -> list[str]:
    """Definitions in the folders, sorted, and the files that were named."""
    from agentmerge.files import find_definitions

    found: dict[str, None] = dict.fromkeys([asked.against] if asked.against else [])
    for name in asked.files:
        found.update(dict.fromkeys(find_definitions(Path(name)) if Path(name).is_dir() else [name]))
    if not found:
        raise InputError("there is no definition in it", file=asked.files[0], remedy="name a folder with .md files")
    return list(found)


def progress(text: str) -> None:
    """What is being done, on a line of its own that the next one takes; only for a person who watches."""
    from agentmerge.views.safe import one_line

    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{one_line(text, 100)}")
        sys.stderr.flush()


def write_baseline(name: str | None, report: Report) -> None:
    """Accept all that was found."""
    from agentmerge.drifting.acceptance import baseline_text
    from agentmerge.files import write_text

    if name is None:
        raise PolicyError("--update-baseline needs --baseline FILE")
    write_text(name, baseline_text(report))


def accepted(report: Report, baseline: str | None) -> Report:
    """The report with the findings of the baseline marked."""
    from agentmerge.drifting.acceptance import accept, read_baseline
    from agentmerge.files import read_text

    known = read_baseline(read_text(baseline), baseline) if baseline else {}
    return accept(report, known, ())
