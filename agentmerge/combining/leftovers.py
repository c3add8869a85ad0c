"""Comments that an earlier combine left beside units: replaced where they are made anew, else kept and told once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from agentmerge.combining.deciding import Plan, Verdict
from agentmerge.combining.entries import NOTE, Entry, Key, is_note

_CONFLICT = re.compile(rf"{NOTE} conflict (?P<number>\d+), (?P<slot>.*): .*:\d+ says otherwise -->")
_SOURCES = f"{NOTE} from "


def comment(text: str) -> str:
    """A comment of ours; nothing in it can end it early."""
    return f"{NOTE} {' '.join(text.replace('--', '- -').replace('>', '›').split())} -->"


def replace(plan: Plan, entries: Mapping[Key, Entry], *, annotate: bool) -> None:
    """Let go of the comments that this combine writes anew: conflicts found again, and, to annotate, all sources."""
    verdicts, hosts = plan.by_key, _hosts(entries)
    slots = defaultdict(set)
    for clash in plan.clashes:
        for side in clash.sides:
            slots[side].add(comment(clash.slot))
    for verdict in plan.verdicts:
        if not verdict.stands or not is_note(verdict.survivor.unit):
            continue
        for host in [verdicts[hosts[key]] for key in sorted(verdict.cluster.keys) if key in hosts]:
            rule = _replacing(verdict.survivor.unit.text, slots[host], annotate=annotate)
            if rule:
                verdict.superseded_by, verdict.rule = host, rule


def _replacing(text: str, slots: set[str], *, annotate: bool) -> str:
    if annotate and text.startswith(_SOURCES):
        return "annotated-again"
    found = _CONFLICT.fullmatch(text)
    return "conflict-found-again" if found is not None and comment(found["slot"]) in slots else ""


def _hosts(entries: Mapping[Key, Entry]) -> dict[Key, Key]:
    """What each comment stands beside: the unit before it, or the item that it is the first block of."""
    last: dict[tuple[int, Key | None], Key] = {}
    found = {}
    for key in sorted(entries):
        entry = entries[key]
        if not is_note(entry.unit):
            last[entry.file, entry.parent] = key
            continue
        host = last.get((entry.file, entry.parent), entry.parent)
        if host is not None:
            found[key] = host
    return found


def left(plan: Plan) -> Iterator[tuple[Verdict, ...]]:
    """The comments of conflicts that were not found again, those of one conflict together."""
    together: dict[tuple[int, str, str], list[Verdict]] = defaultdict(list)
    for verdict in plan.verdicts:
        found = _CONFLICT.fullmatch(verdict.survivor.unit.text) if verdict.stands else None
        if found is not None:
            together[verdict.survivor.file, found["number"], found["slot"]].append(verdict)
    yield from map(tuple, together.values())


def last_number(plan: Plan) -> int:
    """The highest number of a conflict that stays from an earlier combine; new ones come after it."""
    found = [_CONFLICT.fullmatch(group[0].survivor.unit.text) for group in left(plan)]
    return max((int(match["number"]) for match in found if match is not None), default=0)
