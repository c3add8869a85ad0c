"""`require` of a configuration in a review: every definition that is as it is now has to say what is required of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agentmerge.cli import common
from agentmerge.errors import AgentMergeError, InputError

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.config import Config
    from agentmerge.drifting.acceptance import Requirement
    from agentmerge.drifting.records import Report
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.locating.engine import Rule
    from agentmerge.model import Definition


def with_required(report: Report, config: Config | None, knowledge: Knowledge) -> Report:
    """The review with what its definitions lack of what a configuration requires of them.

    Files of rules stand beside the configuration. Raises InputError where one is not there.
    """
    if config is None or not config.review.required:
        return report
    from agentmerge.drifting.records import FileReview
    from agentmerge.locating.engine import unmet

    file = config.place_of("require")
    rules = [rule for row in config.review.required for rule in _rules(row, file, knowledge)]
    found = []
    for number in _current(report):
        place = report.place(number)
        if any(rule.requirement.speaks_of(place) for rule in rules):
            definition = _read(report.names[number], knowledge)
            imported = [] if definition is None else _imported(report.names[number], definition, knowledge)
            findings = () if definition is None else unmet(place, definition, imported, rules, knowledge)
            found += [FileReview(number, findings)] if findings else []
    return replace(report, apart=(*report.apart, *found))


def _rules(row: Requirement, config: str, knowledge: Knowledge) -> Iterator[Rule]:
    from agentmerge.locating.engine import rules_of
    from agentmerge.reading.parsing import parse

    if not row.file:
        yield from rules_of(row, None, knowledge)
        return
    name = common.beside(config, row.file)
    try:
        text = common.read(name)
    except AgentMergeError:
        remedy = "name a file from the folder of the configuration"
        raise InputError("can't be read, and its rules are required", file=name, remedy=remedy) from None
    yield from rules_of(row, parse(text, knowledge, filename=row.file), knowledge)


def _current(report: Report) -> Iterator[int]:
    """The files of a review as they are now: of a history the newest version, of a change set its new side."""
    if report.steps:
        yield len(report.names) - 1
    elif report.checked is not None:
        places = {report.place(number): number for number in range(len(report.names))}
        changed = (one.new for one in report.accounted if one.new is not None and one.status != "same")
        yield from sorted({places[path] for path in changed if path in places})
    else:
        yield from range(len(report.names))


def _read(name: str, knowledge: Knowledge) -> Definition | None:
    from agentmerge.reading.parsing import parse

    try:
        return parse(common.read(name), knowledge, filename=name)
    except AgentMergeError:
        # Told by the review itself.
        return None


def _imported(name: str, definition: Definition, knowledge: Knowledge) -> list[Definition]:
    from agentmerge.reading.relations import imports

    paths = [unit.label for unit in imports(definition) if PurePosixPath(unit.label).suffix]
    found = (_read(common.beside(name, path), knowledge) for path in paths)
    return [one for one in found if one is not None]
