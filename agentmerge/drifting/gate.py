"""What judges a change set, before and after it: loosening the judge is a finding of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agentmerge.diffing.records import Spot
from agentmerge.drifting.acceptance import Intention
from agentmerge.drifting.baselines import Baseline
from agentmerge.drifting.options import Options
from agentmerge.drifting.records import SEVERITIES, Finding
from agentmerge.drifting.rulebook import finding, rules
from agentmerge.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Gate:
    """What a change set is judged by at one of its ends."""

    options: Options
    knowledge: Knowledge
    """The tables with the severities of the configuration laid over them."""
    baseline: Baseline = field(default_factory=Baseline)


def loosened(old: Gate, new: Gate, *, wanted: bool = False) -> tuple[Finding, ...]:
    """A finding for each way in which the later gate lets more pass, judged by the earlier one.

    `wanted` says that whoever runs it has asked for the later one.
    """
    told = dict.fromkeys(
        [
            *_severities(old, new),
            *_limits(old, new),
            *_intentions(old, new),
            *_tables(old, new),
            *_accepted(old, new),
            *_required(old, new),
        ]
    )
    judge = new.knowledge if wanted else old.knowledge
    return tuple(finding("gate-loosened", one, "", None, Spot(1, 1, one), judge, mild=wanted) for one in told)


def unreadable(why: str, knowledge: Knowledge) -> Finding:
    """The finding for a later configuration or baseline that can't be read."""
    message = f"what judges the next change can't be read: {why}"
    return finding("gate-loosened", message, "", None, Spot(1, 1, message), knowledge)


def _severities(old: Gate, new: Gate) -> Iterator[str]:
    after = rules(new.knowledge)
    for name, row in rules(old.knowledge).items():
        for was, now in ((row.severity, after[name].severity), (row.mild, after[name].mild)):
            if SEVERITIES.index(now) > SEVERITIES.index(was):
                yield f"the severity of {name} is {now} instead of {was}"


def _limits(old: Gate, new: Gate) -> Iterator[str]:
    worst = max((SEVERITIES.index(one) for one in SEVERITIES if one in new.options.fail_on), default=-1)
    for limit in old.options.fail_on:
        level = next((number for number, one in enumerate(SEVERITIES) if one == limit), None)
        if limit not in new.options.fail_on and (level is None or level > worst):
            yield f"fail-on no longer holds {limit}"


def _intentions(old: Gate, new: Gate) -> Iterator[str]:
    for one in new.options.intentional:
        if one not in old.options.intentional:
            yield f"accepted from now on, as '{one.reason}': {_of(one)}"


def _required(old: Gate, new: Gate) -> Iterator[str]:
    for one in old.options.required:
        if one not in new.options.required:
            yield f"no longer required as before: {one.text or one.file}"


def _of(one: Intention) -> str:
    named: Sequence[str] = (*one.rules, *one.paths, *one.files, *one.adds, *one.sees)
    return ", ".join(named) or "every finding"


def _tables(old: Gate, new: Gate) -> Iterator[str]:
    for name in sorted({*old.knowledge.rows, *new.knowledge.rows} - {"rules"}):
        if old.knowledge.own(name) != new.knowledge.own(name):
            yield f"the table '{name}' is another one"


def _accepted(old: Gate, new: Gate) -> Iterator[str]:
    for key, row in new.baseline.accepted.items():
        if key not in old.baseline.accepted:
            yield f"the baseline accepts {row['rule']}: {row['message']} ({row['a']}, {row['b']})"
