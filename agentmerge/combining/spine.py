"""The spine of a result: one section of each kind that a definition has once, and one of each topic.

Sections of several authors are put together by what their titles say, where the alignment of their contents does not
say it: `Deliverables` and `Output Format` are one, and so are `Database` and `Database & Data Layer`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from agentmerge import signs
from agentmerge.aligning.records import Alignment
from agentmerge.combining.entries import Key, containers_of
from agentmerge.combining.outline import kind_of, warns
from agentmerge.combining.topics import Subjects
from agentmerge.knowledge import Knowledge
from agentmerge.model import Section

TOPICS = 3
"""Topics at the top of the result from which on they are a spine, and other topics stand beside them."""
ALIKE = 0.25
"""Probability from which a pair of units speaks for their sections being about one topic."""
_TOPICAL = frozenset({"topics", "standards"})

Paths = Mapping[Key, tuple[Section, ...]]


def of_one_kind(paths: Paths, subjects: Subjects, knowledge: Knowledge) -> Iterator[list[Key]]:
    """The sections at the top that are of one kind and name nothing else, by the kinds of which there is one."""
    found: dict[object, list[Key]] = defaultdict(list)
    for key, path in paths.items():
        section = path[-1]
        kind = knowledge.outline[kind_of(section.title, knowledge)]
        if (
            len(path) > 1
            or not kind.single
            or is_frame(section, kind.name, knowledge)
            or not (subjects.is_general(section.title) or kind.facet == "identity")
        ):
            continue
        # What is forbidden by its heading alone would be allowed, or asked for, below the other one.
        force = signs.of(knowledge).own(section.title).force, warns(section.title, knowledge)
        found[kind.name, containers_of(path), force].append(key)
    yield from (keys for keys in found.values() if len(keys) > 1)


def is_frame(section: Section, kind: str, knowledge: Knowledge) -> bool:
    """Whether a section only holds others, of which one is of another kind: `I handle` below `Boundaries`."""
    others = {kind_of(child.title, knowledge) for child in section.sections} - {kind, "topics"}
    return not section.units and bool(others)


def of_one_topic(paths: Paths, alignment: Alignment, subjects: Subjects, knowledge: Knowledge) -> Iterator[list[Key]]:
    """The sections of different files about one topic: at the top, or below a general section.

    Two titles name one topic where they have the same subject, or the one has all of the other's and some of what
    stands there is alike.
    """
    named = [
        (key, subject)
        for key, path in paths.items()
        if (subject := subjects.of(path[-1].title)) and _is_topic(path, subjects, knowledge)
    ]
    # Two sections that share neither the subject nor a unit are no pair: with thousands of headings most are none.
    number = {key: place for place, (key, _) in enumerate(named)}
    pairs = {
        (min(number[a], number[b]), max(number[a], number[b]))
        for (a, b), alike in _near(paths, alignment).items()
        if alike >= 2 * ALIKE and a in number and b in number
    }
    by_subject: dict[object, list[int]] = defaultdict(list)
    for place, (_, subject) in enumerate(named):
        by_subject[subject].append(place)
    for places in by_subject.values():
        pairs.update(combinations(places, 2))
    for one, other in sorted(pairs):
        (a, first), (b, second) = named[one], named[other]
        if a[0] != b[0] and (first == second or first < second or second < first):
            yield [a, b]


def _is_topic(path: Sequence[Section], subjects: Subjects, knowledge: Knowledge) -> bool:
    if path[-1].is_container or kind_of(path[-1].title, knowledge) not in _TOPICAL:
        return False
    if len(path) == 1:
        return path[-1].heading_level > 0
    above = path[-2].title
    return len(path) == 2 and subjects.is_general(above) and knowledge.outline[kind_of(above, knowledge)].general


def _near(paths: Paths, alignment: Alignment) -> Mapping[tuple[Key, Key], float]:
    """How much of what stands in two sections is alike: the sum over their pairs of units."""
    homes: dict[Key, Key] = {}
    for file, line in _unit_keys(alignment):
        below = [key for key in paths if key[0] == file and key[1] <= line]
        if below:
            homes[file, line] = max(below, key=lambda key: key[1])
    found: dict[tuple[Key, Key], float] = defaultdict(float)
    for (a, b), value in alignment.odds.items():
        if value >= ALIKE and a in homes and b in homes:
            first, second = sorted((homes[a], homes[b]))
            found[first, second] += value
    return found


def _unit_keys(alignment: Alignment) -> list[Key]:
    return list(dict.fromkeys(key for pair in alignment.odds for key in pair))
