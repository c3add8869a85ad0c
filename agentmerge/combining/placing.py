"""Verdicts in, places out: below which item or section each stands, and in which order.

The first variant's order is the skeleton; what only a later one says goes behind its own predecessor, and list items
without one behind the items that are there, so that a section keeps one list. What one author wrote keeps its order.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition, Section, Unit, walk_units
from agentmerge.planning.deciding import Plan, Verdict
from agentmerge.planning.intake import Entry, Key, document_title
from agentmerge.planning.strategies import Policy
from agentmerge.planning.tree import Node, Tree, walk_nodes
from agentmerge.reading import relations
from agentmerge.reading.sections import may_be_label
from agentmerge.text.markers import is_note

_MARK = re.compile(r"(?:[-*+]|\d{1,9}[.)])\s")

Shape = Literal["list", "steps", "label", "block"]


@dataclass(slots=True, eq=False)
class Element:
    """One thing in the sequence of a section: a unit, the steps of a procedure, or a labelled list."""

    shape: Shape
    verdicts: list[Verdict] = field(default_factory=list)
    """One unit, or all steps of a procedure."""
    node: Node | None = None
    """Of a label."""

    @property
    def files(self) -> frozenset[int]:
        return frozenset(file for verdict in self.verdicts for file in verdict.cluster.files)


@dataclass(slots=True)
class Layout:
    """The sequence of every node, and the units nested below every unit."""

    elements: dict[Node, list[Element]] = field(default_factory=lambda: defaultdict(list))
    nested: dict[Verdict, list[Verdict]] = field(default_factory=lambda: defaultdict(list))
    """By the verdict above."""
    before: dict[Verdict, list[Verdict]] = field(default_factory=lambda: defaultdict(list))
    """Comments about a unit, by its verdict: they stand where it stands."""
    behind: dict[Verdict, list[Verdict]] = field(default_factory=lambda: defaultdict(list))
    """Comments that end what a comment before it began."""

    def company(self, verdict: Verdict) -> list[Verdict]:
        """A unit with the comments that go where it goes, in order."""
        return [*self.before[verdict], verdict, *self.behind[verdict]]

    def of(self, node: Node) -> list[Element]:
        return self.elements[node]

    def below(self, verdict: Verdict) -> list[Verdict]:
        return self.nested[verdict]


def bring_forward(tree: Tree, plan: Plan, knowledge: Knowledge) -> list[str]:
    """Let the sections at the top that forbid or demand something stand before the others; the titles that moved."""
    binding = {
        verdict.node
        for verdict in plan.verdicts
        if verdict.stands and holds_guardrail(verdict.survivor.unit.flow, knowledge)
    }

    def comes_first(node: Node) -> bool:
        below = walk_nodes(node)
        return node.kind == "identity" or any(one in binding or holds_guardrail(one.title, knowledge) for one in below)

    before = list(tree.root.children)
    tree.root.children.sort(key=lambda node: not comes_first(node))
    moved = zip(tree.root.children, before, strict=True)
    return [node.title for node, old in moved if node is not old and comes_first(node)]


def place(
    definitions: Sequence[Definition],
    plan: Plan,
    tree: Tree,
    entries: Mapping[Key, Entry],
    procedures: Mapping[Key, Key],
    policy: Policy,
    knowledge: Knowledge,
) -> Layout:
    """Put all verdicts that stand into the tree; labels that can't stay labels become sections."""
    placer = _Placer(plan, tree, entries, procedures, knowledge)
    placer.attach(definitions)
    order = sorted(range(len(definitions)), key=policy.rank)
    for file in order:
        title = document_title(definitions[file])
        placer.visit(file, definitions[file].root, tree.root, title)
    placer.place_moved(plan)
    for node in walk_nodes(tree.root):
        _settle_labels(node, placer.layout)
    return placer.layout


class _Placer:
    def __init__(
        self, plan: Plan, tree: Tree, entries: Mapping[Key, Entry], procedures: Mapping[Key, Key], knowledge: Knowledge
    ) -> None:
        self._knowledge = knowledge
        self.layout = Layout()
        self._verdicts = plan.by_key
        self._tree = tree
        self._entries = entries
        self._procedures = procedures
        self._placed: dict[Verdict, Element] = {}
        self._attached: set[Verdict] = set()
        self._labels: dict[Node, Element] = {}
        self._only_labels: dict[Node, bool] = {}
        self._nested: set[tuple[Verdict, Verdict]] = set()
        self._mixed: set[Node] = set()
        """Nodes that hold more than list items."""
        self._last_step: dict[tuple[Element, int], int] = {}
        """Place of the last step so far of a variant in a procedure."""
        self._ends: dict[tuple[int, Node], Element | None] = {}
        """The last element so far of what a variant has in a node."""
        self._running: dict[tuple[Node, Key], Element] = {}

    def attach(self, definitions: Sequence[Definition]) -> None:
        """Give each comment to the standing unit that it is about; a pair of them goes round it."""
        for file, definition in enumerate(definitions):
            pairs = relations.ranges(definition, self._knowledge)
            for remark in relations.remarks(definition, self._knowledge):
                company = self.layout.before if remark.line < remark.about else self.layout.behind
                self._give(company, (file, remark.line), (file, remark.about))
            lines = [place.unit.line for place in walk_units(definition.root) if not place.parents]
            for pair in pairs:
                inside = lines[bisect_right(lines, pair.opened) : bisect_left(lines, pair.closed)]
                if len(inside) == 1:
                    self._give(self.layout.before, (file, pair.opened), (file, inside[0]))
                    self._give(self.layout.behind, (file, pair.closed), (file, inside[0]))

    def _give(self, company: dict[Verdict, list[Verdict]], key: Key, about: Key) -> None:
        comment, host = self._verdicts.get(key), self._verdicts.get(about)
        while host is not None and host.superseded_by is not None:
            host = host.superseded_by
        if comment is None or host is None or not (comment.stands and host.stands) or is_note(comment.survivor.unit):
            return
        if comment.survivor.parent is None and host.survivor.parent is None and comment not in self._attached:
            self._attached.add(comment)
            company[host].append(comment)

    def visit(
        self, file: int, section: Section, node: Node, title: Section | None, before: Element | None = None
    ) -> Element | None:
        """Place the units of one section of one variant, then those of its sections; the last element of its node."""
        for child in section.body:
            if isinstance(child, Unit):
                for unit in _with_nested(child):
                    before = self._unit((file, unit.line), node, before) or before
            elif (file, child.line) in self._entries:
                # A container that stays whole.
                before = self._unit((file, child.line), node, before) or before
            elif child is title:
                self.visit(file, child, node, title)
            elif (home := self._tree.nodes.get((file, child.line))) is not None:
                if home.parent is node and self._is_label(home):
                    before = self._label(home, node, before)
                # The list of a label that gave way to the section stands where the label stood.
                # What a second section of an author holds in one node stands behind what the first one does.
                start = before if home is node else self._ends.get((file, home))
                last = self.visit(file, child, home, title, start)
                before = last if home is node else before
                self._ends[file, home] = last
        return before

    def place_moved(self, plan: Plan) -> None:
        """Put what came from a general section behind the list of its topic, and steps where their phase is."""
        for verdict in plan.verdicts:
            if verdict.below is not None:
                self._nest(verdict, verdict.below)
            elif verdict.spine is not None:
                self._step_in(verdict, verdict.spine)
            elif verdict.is_moved and verdict.stands and verdict not in self._attached and verdict not in self._placed:
                lists = [element for element in self.layout.of(verdict.node) if element.shape == "list"]
                element = Element("list", [verdict])
                self._put(verdict.node, element, lists[-1] if lists else None)
                self._placed[verdict] = element

    def _step_in(self, verdict: Verdict, spine: Verdict) -> None:
        """Make a step one of another procedure: behind the one it follows there, and those that went there first."""
        element = self._placed[spine]
        at = element.verdicts.index(verdict.behind) + 1 if verdict.behind is not None else 0
        while at < len(element.verdicts) and element.verdicts[at].spine is not None:
            at += 1
        element.verdicts.insert(at, verdict)
        self._placed[verdict] = element

    def _is_label(self, home: Node) -> bool:
        if home not in self._only_labels:
            self._only_labels[home] = home.only_labels
        return self._only_labels[home]

    def _unit(self, key: Key, node: Node, before: Element | None) -> Element | None:
        """Place one unit if its cluster stands here; the element that it is in, or None."""
        verdict = self._verdicts.get(key)
        if verdict is None or not verdict.stands or verdict in self._attached:
            return None
        self._pass(verdict, key[0])
        above = self._above(verdict)
        if above is not None:
            self._nest(verdict, above)
            return None
        if verdict.node is not node or verdict.is_moved:
            return None
        if verdict not in self._placed:
            self._insert(verdict, node, before, key)
        return self._placed[verdict]

    def _above(self, verdict: Verdict) -> Verdict | None:
        """The standing item that a standing unit is nested in."""
        parent = verdict.survivor.parent
        while parent is not None:
            above = self._verdicts[parent]
            if above.stands:
                can_hold = above.survivor.unit.kind in ("item", "task")
                return above if can_hold and not self._is_nested_in(above, verdict) else None
            parent = self._entries[parent].parent
        return None

    def _is_nested_in(self, verdict: Verdict, above: Verdict) -> bool:
        """Whether following the parents of `verdict` leads to `above`: two variants may nest the other way round."""
        seen: set[Verdict] = set()
        parent = verdict.survivor.parent
        while parent is not None and self._verdicts[parent] not in seen:
            holder = self._verdicts[parent]
            if holder is above:
                return True
            seen.add(holder)
            parent = holder.survivor.parent
        return False

    def _nest(self, verdict: Verdict, above: Verdict) -> None:
        if (above, verdict) not in self._nested:
            self._nested.add((above, verdict))
            self.layout.below(above).append(verdict)

    def _insert(self, verdict: Verdict, node: Node, before: Element | None, key: Key) -> None:
        procedure = self._procedure(verdict)
        if procedure is not None:
            running = self._running.get((node, procedure))
            if running is not None:
                # Behind the step that comes before it in its own variant, as far as that one is in the procedure.
                at = self._last_step.get((running, key[0]), -1) + 1
                running.verdicts.insert(at, verdict)
                self._last_step[running, key[0]] = at
                self._placed[verdict] = running
                return
        element = Element(_shape(verdict), [verdict])
        self._put(node, element, before)
        self._placed[verdict] = element
        if procedure is not None:
            self._running[node, procedure] = element
            self._last_step[element, key[0]] = 0

    def _pass(self, verdict: Verdict, file: int) -> None:
        """Take note of how far a variant has come in a procedure that is placed already."""
        element = self._placed.get(verdict)
        if element is not None and element.shape == "steps":
            last = self._last_step.get((element, file), -1)
            with suppress(ValueError):
                self._last_step[element, file] = element.verdicts.index(verdict, last + 1)

    def _procedure(self, verdict: Verdict) -> Key | None:
        own = verdict.survivor.procedure
        return self._procedures[own] if own is not None else None

    def _label(self, home: Node, node: Node, before: Element | None) -> Element:
        if home not in self._labels:
            self._labels[home] = Element("label", node=home)
            self._put(node, self._labels[home], before)
        return self._labels[home]

    def _put(self, node: Node, element: Element, before: Element | None) -> None:
        _insert_element(self.layout.of(node), element, before, only_lists=node not in self._mixed)
        if element.shape != "list":
            self._mixed.add(node)


def _with_nested(unit: Unit) -> Iterator[Unit]:
    yield unit
    for child in unit.children:
        yield from _with_nested(child)


def _shape(verdict: Verdict) -> Shape:
    unit = verdict.survivor.unit
    if verdict.survivor.procedure is not None:
        return "steps"
    return "list" if unit.kind in ("item", "task") else "block"


def _insert_element(sequence: list[Element], element: Element, before: Element | None, *, only_lists: bool) -> None:
    position = _behind(sequence, before)
    if before is None or position is None:
        alike = only_lists and element.shape == "list"
        sequence.insert(len(sequence) if alike else _start(sequence, element), element)
        return
    if element.shape != "list" or before.shape != "list":
        joins_list = element.shape == "list" or before.shape == "list"
        position = _end_of_list(sequence, position) if joins_list else position
    sequence.insert(_past_introduced(sequence, position), element)


def _behind(sequence: Sequence[Element], before: Element | None) -> int | None:
    """Place behind an element, which mostly is the last one."""
    if before is None or not sequence:
        return None
    if sequence[-1] is before:
        return len(sequence)
    try:
        return sequence.index(before) + 1
    except ValueError:
        return None


def _start(sequence: Sequence[Element], element: Element) -> int:
    """Place of an element without a predecessor."""
    if element.shape == "list":
        lists = [n for n, other in enumerate(sequence) if other.shape == "list"]
        return _end_of_list(sequence, lists[0]) if lists else _end_of_blocks(sequence)
    if element.shape == "block" and element.verdicts[0].survivor.unit.kind == "paragraph":
        return _end_of_blocks(sequence)
    return len(sequence)


def _end_of_blocks(sequence: Sequence[Element]) -> int:
    return next((n for n, other in enumerate(sequence) if other.shape != "block"), len(sequence))


def _past_introduced(sequence: Sequence[Element], position: int) -> int:
    """Behind the blocks that the text before this place announces with a colon."""
    if position == 0 or not _announces(sequence[position - 1]):
        return position
    while position < len(sequence) and sequence[position].shape == "block":
        position += 1
    return position


def _announces(element: Element) -> bool:
    return bool(element.verdicts) and element.verdicts[-1].survivor.unit.flow.rstrip().endswith((":", "："))


def _end_of_list(sequence: Sequence[Element], position: int) -> int:
    while position < len(sequence) and sequence[position].shape == "list":
        position += 1
    return position


def _settle_labels(node: Node, layout: Layout) -> None:
    """A label stays one as long as it introduces just one list and no bare list would slip under it."""
    sequence = layout.of(node)
    for element in [element for element in sequence if element.shape == "label"]:
        assert element.node is not None
        own = layout.of(element.node)
        one_list = bool(own) and len({part.shape for part in own}) == 1 and own[0].shape in ("list", "steps")
        apart = own[0].shape == "steps" and len(own) > 1 if own else False
        if element.node.children or not one_list or apart or _reads_as_item(element.node):
            sequence.remove(element)
    _labels_last(sequence)
    _keep_from_lists(sequence)
    _head_the_last(sequence)
    labelled = {element.node for element in sequence if element.node is not None}
    node.children = [child for child in node.children if child not in labelled]


def _reads_as_item(node: Node) -> bool:
    """Whether a label begins with a list mark, which is none only behind the line above it in its own file."""
    _, section = node.members[0]
    return _MARK.match(section.source.lstrip()) is not None


def _labels_last(sequence: list[Element]) -> None:
    """What is no paragraph would be read as part of the label that it follows, so it goes before it."""
    first = 0
    for position, element in enumerate(list(sequence)):
        if not _ends_label(element):
            sequence.insert(first, sequence.pop(position))
            first += 1
        elif element.shape != "label":
            first = position + 1


def _keep_from_lists(sequence: list[Element]) -> None:
    """A paragraph that would be read as the label of a list which is not its own goes behind the list."""
    for position in range(len(sequence) - 2, -1, -1):
        follower = sequence[position + 1]
        if follower.shape in ("list", "steps") and _reads_as_label(sequence[position]):
            end = position + 1
            while end < len(sequence) and sequence[end].shape == follower.shape:
                end += 1
            sequence.insert(end - 1, sequence.pop(position))


def _reads_as_label(element: Element) -> bool:
    if element.shape != "block" or element.verdicts[0].survivor.unit.kind != "paragraph":
        return False
    return may_be_label(element.verdicts[0].survivor.unit.text)


def _head_the_last(sequence: list[Element]) -> None:
    """A bold line with no text of the section behind it is a heading: it stayed a label for that text alone."""
    last = max((n for n, element in enumerate(sequence) if element.shape in ("block", "list")), default=-1)
    sequence[last + 1 :] = [
        element
        for element in sequence[last + 1 :]
        if element.node is None or {section.style for _, section in element.node.members} == {"label"}
    ]


def _ends_label(element: Element) -> bool:
    return element.shape == "label" or (
        element.shape == "block" and element.verdicts[0].survivor.unit.kind == "paragraph"
    )
