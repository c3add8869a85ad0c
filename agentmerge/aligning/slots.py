"""Contradictions that are told by what two variants fill a slot with: whom a task goes to, how severity is graded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from agentmerge.aligning.features import Features
from agentmerge.aligning.records import Group
from agentmerge.knowledge import Knowledge

LABELS = 3
"""Grades in a row that make a scale."""
SCALE = 0.7
"""Score of two scales that differ."""
FORM = 0.8
"""Score of two forms in which alone an answer is given."""


class Handover(NamedTuple):
    """A statement that gives a task to somebody."""

    target: str
    task: str
    """The words of the statement but for the verb and the target."""


class Slots:
    """Reads slots. Patterns are compiled when a text needs them."""

    def __init__(self, knowledge: Knowledge) -> None:
        words = knowledge.raw("words")
        self._verbs, self._ends = (tuple(words["handover"][name]) for name in ("verbs", "ends"))
        self._titles = frozenset(words["handover"]["titles"])
        self._scales = [_Scale(row.split()) for row in words["severity"]["scales"]]
        rows = words["format"]
        self._answers, self._gives, self._about, self._alone = (
            _whole(rows[name]) for name in ("verbs", "giving", "answers", "alone")
        )
        self._forms = {name: _whole(row) for name, row in rows["forms"].items()}

    @cached_property
    def _handover(self) -> re.Pattern[str]:
        word = rf"(?!(?:the|an?|your|{_any(self._ends)})(?![\w-]))[\w@/-]+"
        return re.compile(
            rf"\b(?:{_any(self._verbs)})\b(?P<task>[^.;:]{{0,60}}?)\bto (?:the |an? |your )?"
            rf"(?P<target>{word}(?: {word}){{0,2}})"
        )

    def handover(self, words: str) -> Handover | None:
        """The one handover of a statement, None where there is none, or more than one."""
        if " to " not in words or not any(verb in words for verb in self._verbs):
            return None
        found = list(self._handover.finditer(words))
        if len(found) != 1:
            return None
        match = found[0]
        task = f"{words[: match.start()]} {match['task']} {words[match.end() :]}"
        named = [word for word in re.split(r"[\s/@_-]+", match["target"]) if word and word not in self._titles]
        return Handover(" ".join(named), task) if named else None

    def forms(self, words: str) -> frozenset[str]:
        """The forms of which a statement says that the agent answers in them alone; none for any other statement."""
        named = frozenset(name for name, form in self._forms.items() if form.search(words))
        if not named or not self._alone.search(words):
            return frozenset()
        first = words.split(":", 1)[0] if words.count(":") == 1 else words
        opens = " ".join(words.split()[:_OPENING]), " ".join(first.split()[:_OPENING])
        if any(self._answers.search(text) for text in opens):
            return named
        gives = any(self._gives.search(text) for text in opens)
        return named if gives and self._about.search(words) else frozenset()

    def scale_name(self, number: int) -> str:
        """The grades of a scale."""
        return "/".join(self._scales[number].labels)

    def scales(self, units: Sequence[Features]) -> Mapping[int, Features]:
        """The scales of severity in one variant by their number, each with the unit where it first stands."""
        found: dict[int, Features] = {}
        for number, scale in enumerate(self._scales):
            said = [unit for unit in units if scale.top in unit.words]
            unit = scale.found(said, units) if said else None
            if unit is not None:
                found[number] = unit
        return found


class _Scale:
    """One scale of severity."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels, self.top = labels, labels[0]

    @cached_property
    def _row(self) -> re.Pattern[str]:
        label = rf"(?:{_any(self.labels)})\b(?:\s*\([^)]{{0,40}}\))?"
        return re.compile(rf"\b{label}(?:\W+(?:(?:and|or|then)\W+)?{label}){{{LABELS - 1},}}")

    @cached_property
    def _start(self) -> re.Pattern[str]:
        return re.compile(
            rf"\W*(?P<label>{_any(self.labels)})\b(?: (?:issues?|severity|priority|findings?))?"
            r"\s*(?:\([^)]*\))?\s*(?:[:–—-]|\Z)"
        )

    def found(self, said: Iterable[Features], units: Sequence[Features]) -> Features | None:
        """The first unit that names the grades in a row, or the first of those under one heading that open with one."""
        for unit in said:
            if any(self.top in match[0] for match in self._row.finditer(unit.words)):
                return unit
        opened: dict[int, dict[str, Features]] = {}
        for unit in units:
            match = self._start.match(unit.words)
            if match:
                opened.setdefault(unit.section, {}).setdefault(match["label"], unit)
        whole = (grades for grades in opened.values() if len(grades) >= LABELS and self.top in grades)
        return next((next(iter(grades.values())) for grades in whole), None)


_OPENING = 4
"""Words in which a statement says what it asks for: `You must always respond`."""


def form_groups(units: Sequence[Features], knowledge: Knowledge) -> Iterator[Group]:
    """A contradiction for each two variants that answer in one form alone, each in another."""
    said: dict[int, list[tuple[Features, frozenset[str]]]] = {}
    for unit in units:
        forms = of(knowledge).forms(unit.words) if unit.kind in ("item", "paragraph") else frozenset[str]()
        if forms:
            said.setdefault(unit.member.file, []).append((unit, forms))
    for first, second in combinations(sorted(said), 2):
        left, right = (frozenset[str]().union(*(forms for _, forms in said[file])) for file in (first, second))
        if left.isdisjoint(right):
            members = (said[first][0][0].member, said[second][0][0].member)
            named = " and ".join("/".join(sorted(forms)) for forms in (left, right))
            yield Group(members, "contradicts", FORM, f"different form of the answer: {named}", slot="output format")


def scale_groups(units: Sequence[Features], knowledge: Knowledge) -> Iterator[Group]:
    """A contradiction for each two variants that grade severity by different scales."""
    by_file: dict[int, list[Features]] = {}
    for unit in units:
        by_file.setdefault(unit.member.file, []).append(unit)
    scales = {file: of(knowledge).scales(own) for file, own in by_file.items()}
    for first, second in combinations(sorted(scales), 2):
        left, right = scales[first], scales[second]
        if left and right and left.keys().isdisjoint(right):
            members = (next(iter(left.values())).member, next(iter(right.values())).member)
            named = " and ".join(of(knowledge).scale_name(next(iter(one))) for one in (left, right))
            yield Group(members, "contradicts", SCALE, f"different severity scale: {named}", slot="severity scale")


def _whole(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){_bracketed(words)}(?![\w-])")


def _bracketed(words: Iterable[str]) -> str:
    return f"(?:{_any(words)})"


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def of(knowledge: Knowledge) -> Slots:
    """The slots that are known."""
    return knowledge.derived(Slots)
