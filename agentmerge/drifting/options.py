"""What a configuration says under `drift`: severities, intentional differences, limits, a baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentmerge.diffing.records import DiffClass
from agentmerge.drifting.acceptance import Intention, intentions
from agentmerge.drifting.records import SEVERITIES
from agentmerge.drifting.requirements import Requirement, requirements
from agentmerge.drifting.rulebook import rules
from agentmerge.errors import PolicyError, unknown
from agentmerge.knowledge import Knowledge, Raw

_KEYS = ("severity", "intentional", "fail-on", "baseline", "quorum")


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a review."""

    severities: Mapping[str, str] = field(default_factory=dict)
    """Severity by rule."""
    intentional: tuple[Intention, ...] = ()
    fail_on: tuple[str, ...] = ()
    baseline: str | None = None
    quorum: int | None = None
    required: tuple[Requirement, ...] = ()
    """Rules that definitions have to say."""

    @property
    def table(self) -> Mapping[str, Mapping[str, str]]:
        """Rows that lay the severities over the table of rules."""
        return {rule: {"severity": level, "mild": level} for rule, level in self.severities.items()}


def read_options(data: Mapping[str, Any], knowledge: Knowledge, required: object = ()) -> Options:
    """Options from a configuration's `drift` and `require`. Raises PolicyError for what there is none of."""
    for key in data:
        if key not in _KEYS:
            raise PolicyError(f"there is no drift option '{key}'", remedy=f"known are {', '.join(_KEYS)}")
    baseline, quorum = data.get("baseline"), data.get("quorum")
    if quorum is not None and (isinstance(quorum, bool) or not isinstance(quorum, int)):
        raise PolicyError(f"quorum is {quorum!r}, not a whole number")
    return Options(
        _severities(data.get("severity") or {}, knowledge),
        intentions(_rows(data.get("intentional") or ()), knowledge),
        limits(_texts(data.get("fail-on") or ())),
        None if baseline is None else str(baseline),
        quorum,
        requirements(_rows(required or ())),
    )


def with_severities(rows: Mapping[str, Raw], options: Options) -> Mapping[str, Raw]:
    """A configuration's tables with its severities laid over the table of rules."""
    return {**rows, "rules": {**rows.get("rules", {}), **options.table}}


def _severities(data: object, knowledge: Knowledge) -> dict[str, str]:
    if not isinstance(data, Mapping):
        raise PolicyError("severity is not a list of `rule: severity` lines")
    for rule, level in data.items():
        if rule not in rules(knowledge):
            raise PolicyError(f"there is no rule '{rule}'", remedy="`agentmerge rules` lists them")
        if level not in SEVERITIES:
            raise PolicyError(f"rule '{rule}' has the severity '{level}'", remedy=f"use {', '.join(SEVERITIES)}")
    return dict(data)


def _rows(data: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(data, (list, tuple)) or not all(isinstance(row, Mapping) for row in data):
        raise PolicyError(
            "intentional is not a list of rows", remedy="write `- reason: ...` with rules, paths or files"
        )
    return data


def _texts(data: object) -> list[str]:
    return [str(item) for item in data] if isinstance(data, (list, tuple)) else [str(data)]


def classes_of(names: Sequence[str]) -> tuple[DiffClass, ...]:
    """Classes of pairs, from values parted by commas. Raises PolicyError for what is none."""
    found = tuple(name.strip() for text in names for name in text.split(",") if name.strip())
    for name in found:
        if name not in tuple(DiffClass):
            raise unknown("class", name, DiffClass)
    return tuple(map(DiffClass, found))


def limits(names: Sequence[str]) -> tuple[str, ...]:
    """Severities and classes to fail on. Raises PolicyError for what is neither."""
    known = (*SEVERITIES, *DiffClass)
    found = tuple(name.strip() for text in names for name in text.split(",") if name.strip())
    for name in found:
        if name not in known:
            raise PolicyError(f"'{name}' is no severity or class to fail on", remedy=f"use one of {', '.join(known)}")
    return found
