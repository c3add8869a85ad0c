"""Procedures of several authors as one: the fullest is the spine, the others' steps stand at the step of their phase.

A procedure goes as a whole or not at all: where one of its steps would come before one that it follows, where a text
counts on a number, or where its heading names a subject (`When designing APIs`), it stands under its own name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentmerge.aligning import lexicon
from agentmerge.combining.deciding import Plan, Verdict
from agentmerge.combining.entries import Key
from agentmerge.combining.tree import Node, Tree
from agentmerge.guardrails import holds_guardrail
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Section, Unit

LEAST = 3
"""Phases from which on a procedure is one of the whole work, and steps."""
NAMED = 2 / 3
"""Share of the steps that must name their phase."""
SHARED = 0.5
"""Share of the steps whose phase the spine must have."""
_OPENING = 3
"""Words at the start of a step that may name its phase."""
_COUNTED = re.compile(r"(?<=[^\s#>*]) (?:steps?|items?|points?|number) #?\d", re.IGNORECASE)
"""Words that refer to a step by its number; at the start of a line they are its own label."""
_CALLS = re.compile(r"\b(?:steps?|process|workflow|procedure|phases?)\b", re.IGNORECASE)
"""Words of a line that calls for a procedure; another one that binds stands above rules: `You MUST:`."""
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")


class Phases:
    """The rows of `data/phases.toml` by the stems of their words."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._lexicon = lexicon.of(knowledge)
        rows = knowledge.raw("phases")
        self.rank = {name: number for number, name in enumerate(rows)}
        self._of = {self._lexicon.stem(word): name for name, row in rows.items() for word in row["words"].split()}

    def of(self, unit: Unit) -> str:
        """The phase that a step names by its short name, else by its first words; "" for none."""
        for text in (unit.lead, unit.flow) if unit.lead else (unit.flow,):
            for word in _WORD.findall(text.lower())[:_OPENING]:
                name = self._of.get(self._lexicon.stem(word))
                if name is not None:
                    return name
        return ""


@dataclass(frozen=True, slots=True)
class _Procedure:
    steps: tuple[Verdict, ...]
    phases: tuple[str, ...]
    """Of each step; one that names none goes on with the one before it."""
    node: Node
    size: int
    """Words of its steps and of what is nested in them."""
    is_counted: bool
    """Whether a text refers to its numbers."""

    @property
    def files(self) -> frozenset[int]:
        return frozenset(step.survivor.file for step in self.steps)


def fold_procedures(
    plan: Plan, definitions: Sequence[Definition], tree: Tree, procedures: Mapping[Key, Key], knowledge: Knowledge
) -> None:
    """Give the steps of procedures of the whole work the place of their phase in the fullest of them."""
    if tree.subjects is None:
        return
    found = list(_procedures(plan, definitions, tree, procedures, knowledge))
    spines = [one for one in found if len(set(one.phases)) >= LEAST]
    if len(found) < 2 or not spines:
        return
    spine = min(spines, key=lambda one: (-one.size, [step.survivor.unit.flow for step in one.steps]))
    for other in sorted(found, key=lambda one: (-one.size, [step.survivor.unit.flow for step in one.steps])):
        places = None if other is spine or other.files & spine.files else _places(other, spine, knowledge)
        if places is not None:
            _fold(other.steps, places, spine)


def _procedures(
    plan: Plan, definitions: Sequence[Definition], tree: Tree, procedures: Mapping[Key, Key], knowledge: Knowledge
) -> Iterator[_Procedure]:
    rows: dict[Key, list[Verdict]] = defaultdict(list)
    for verdict in plan.verdicts:
        entry = verdict.survivor
        if verdict.stands and entry.procedure is not None and entry.parent is None:
            rows[procedures[entry.procedure]].append(verdict)
    below: dict[Key, int] = defaultdict(int)
    for verdict in plan.verdicts:
        if verdict.stands and verdict.survivor.parent is not None:
            below[verdict.survivor.parent] += len(verdict.survivor.unit.flow.split())
    phases = knowledge.derived(Phases)
    for steps in rows.values():
        nodes = {step.node for step in steps}
        node = steps[0].node
        if len(nodes) > 1 or len(steps) < LEAST or any(step.survivor.unit.ordinal is None for step in steps):
            continue
        binds = holds_guardrail(node.title, knowledge) and not _CALLS.search(node.title)
        if binds or not _is_of_whole_work(node, tree) or len({step.survivor.file for step in steps}) > 1:
            continue
        named = [phases.of(step.survivor.unit) for step in steps]
        if sum(map(bool, named)) < NAMED * len(named):
            continue
        size = sum(len(step.survivor.unit.flow.split()) + below[step.survivor.key] for step in steps)
        is_counted = _COUNTED.search(definitions[steps[0].survivor.file].text) is not None
        yield _Procedure(tuple(steps), tuple(_filled(named)), node, size, is_counted)


def _filled(named: Sequence[str]) -> Iterator[str]:
    last = next(filter(None, named), "")
    for name in named:
        last = name or last
        yield last


def _is_of_whole_work(node: Node, tree: Tree) -> bool:
    """Whether the heading, or the line before the list and the heading above it, name a procedure and no subject."""
    subjects = tree.subjects
    above: Node | None = node
    while subjects is not None and above is not None and above.parent is not None:
        if above.is_container or any(map(_announces_last, (section for _, section in above.members))):
            return False
        if above.kind == "workflow" and (subjects.is_general(above.title) or above.only_labels):
            return True
        if above.kind != "topics" or not above.only_labels:
            return False
        above = above.parent
    return False


def _announces_last(section: Section) -> bool:
    """Whether a line of the section announces its steps: it would stand alone."""
    before: Unit | Section | None = None
    for node in section.body:
        if isinstance(node, Unit) and node.ordinal is not None and isinstance(before, Unit):
            return before.flow.rstrip("*_ ").endswith((":", "："))
        before = node
    return False


def _places(other: _Procedure, spine: _Procedure, knowledge: Knowledge) -> list[tuple[int, int]] | None:
    """For each step the number of the step of the spine that it belongs to, or else goes behind; None where they have
    no place in the order that their author gave them.

    A line that binds speaks of its own list alone, and a step between those of the spine would change what its numbers
    stand for.
    """
    shared = [name for name in other.phases if name in spine.phases]
    apart = spine.is_counted and len(shared) < len(other.phases)
    if apart or other.is_counted or holds_guardrail(other.node.title, knowledge):
        return None
    if len(shared) < SHARED * len(other.phases):
        return None
    rank = knowledge.derived(Phases).rank
    found: list[tuple[int, int]] = []
    for name in other.phases:
        place = _place(name, spine, rank, found[-1] if found else (-1, 0))
        if place is None:
            return None
        found.append(place)
    return found


def _place(name: str, spine: _Procedure, rank: Mapping[str, int], least: tuple[int, int]) -> tuple[int, int] | None:
    """The first place of a phase that is not before another one: in a step (0), or behind it (1), -1 for in front."""
    held = [(number, 0) for number, phase in enumerate(spine.phases) if phase == name]
    if not held:
        before = [number for number, phase in enumerate(spine.phases) if rank[phase] < rank[name]]
        held = [(before[-1] if before else -1, 1)]
    return next((place for place in held if place >= least), None)


def _fold(steps: Sequence[Verdict], places: Sequence[tuple[int, int]], spine: _Procedure) -> None:
    for step, (number, behind) in zip(steps, places, strict=True):
        step.node, step.is_moved = spine.node, True
        if behind:
            step.behind = spine.steps[number] if number >= 0 else None
            step.spine = spine.steps[0]
        else:
            step.below = spine.steps[number]
