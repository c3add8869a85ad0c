"""Findings laid over the changes of a diff, so that both tell one thing with one severity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from agentmerge.diffing.records import Change, Spot
from agentmerge.drifting.records import SEVERITIES, Finding
from agentmerge.paths import matches

_ABOUT_ORDER = frozenset({"steps-reordered"})


def marked(changes: Iterable[Change], findings: Iterable[Finding]) -> tuple[Change, ...]:
    """The changes with the severity of the most serious finding on their lines, where that is more serious."""
    by_place = rules_by_place(findings)
    return tuple(_marked(change, by_place) for change in changes)


def rules_by_place(findings: Iterable[Finding]) -> Mapping[tuple[int, int], list[Finding]]:
    """Findings by the side and the line that they speak of."""
    found: dict[tuple[int, int], list[Finding]] = defaultdict(list)
    for finding in findings:
        for spot in (finding.a, finding.b):
            if spot is not None:
                found[spot.file, spot.line].append(finding)
    return found


def of_change(change: Change, by_place: Mapping[tuple[int, int], list[Finding]]) -> list[Finding]:
    """The findings that speak of a change: all of its lines, each once; none speaks of the order of the fields."""
    if change.kind == "fields-reordered":
        return []
    spots: list[Spot] = [spot for spot in (change.old, change.new) if spot is not None]
    found = [finding for spot in spots for finding in by_place.get((spot.file, spot.line), ())]
    return [finding for number, finding in enumerate(found) if finding not in found[:number]]


def _marked(change: Change, by_place: Mapping[tuple[int, int], list[Finding]]) -> Change:
    severities = [change.severity, *(finding.severity for finding in of_change(change, by_place))]
    return change._replace(severity=min(severities, key=SEVERITIES.index))


def select_findings(
    findings: Iterable[Finding], *, only: Sequence[str] = (), exclude: Sequence[str] = (), ignore_order: bool = False
) -> tuple[Finding, ...]:
    """The findings under one of `only` (all, where it is empty) and under none of `exclude`."""
    return tuple(
        finding
        for finding in findings
        if (not only or any(matches(pattern, finding.path) for pattern in only))
        and not any(matches(pattern, finding.path) for pattern in exclude)
        and not (ignore_order and finding.rule in _ABOUT_ORDER)
    )
