"""Labels of links and footnotes that are used are defined, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from agentmerge.outcome import Notice
from agentmerge.parsing import relations
from agentmerge.parsing.relations import folded, used_labels
from agentmerge.proving.reading import Reading, bare
from agentmerge.proving.records import Case
from agentmerge.proving.registry import law


@law("label-broken")
def look(case: Case) -> Iterator[Notice]:
    if "[" not in case.result.text:
        return
    yield from _twice(case)
    yield from _undefined(case)


def _definitions(reading: Reading) -> dict[str, list[tuple[int, str]]]:
    """Line and meaning of each definition, by label."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    if "]:" in reading.definition.text:
        for place in reading.places:
            if place.unit.kind == "reference":
                meaning = place.unit.flow.partition("]:")[2]
                found[folded(place.unit.label)].append((place.unit.line, " ".join(meaning.split())))
    return found


def _twice(case: Case) -> Iterator[Notice]:
    """Labels with two meanings: whoever reads on finds only one of them."""
    for label, found in _definitions(case.read).items():
        if _has_two(found) and not any(_has_two(_definitions(reading)[label]) for _, reading in case.readings()):
            yield case.notice("label-broken", f"[{label}] is defined with two meanings", [line for line, _ in found])


def _has_two(found: Sequence[tuple[int, str]]) -> bool:
    return len({meaning for _, meaning in found}) > 1


def _undefined(case: Case) -> Iterator[Notice]:
    """Labels that are used in the result without a definition, and had one where they come from."""
    there = set(_definitions(case.read))
    lost: dict[str, list[int]] = defaultdict(list)
    for file, source in enumerate(case.sources):
        for note in relations.notes(source):
            label = folded(note.label)
            if label in there:
                continue
            for line in note.used:
                unit = case.source(file).by_line.get(line)
                found = case.landed(file, unit) if unit is not None else None
                if found is not None and label in used_labels(bare(found.source)) and found.line not in lost[label]:
                    lost[label].append(found.line)
    for label, lines in lost.items():
        if lines:
            yield case.notice("label-broken", f"[{label}] is used and no longer defined", sorted(lines))
