"""Verdicts in, verdicts out: general advice goes to its topic, and procedures of several authors become one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.features import facet_of
from agentmerge.matching.records import Alignment
from agentmerge.model import Definition, Section, Unit, walk_units
from agentmerge.planning.deciding import Plan, Verdict
from agentmerge.planning.guards import content, demand, facts, hard, keeps
from agentmerge.planning.intake import Entry, Key, kind_of
from agentmerge.planning.tree import Node, Subjects, Tree, is_general, is_headed, walk_nodes
from agentmerge.reading import relations
from agentmerge.text import lexicon

# Routing --------------------------------------------------------------------------------------------------------------
#
# Advice of a general section goes to its topic, and a list on one line gives way to those who say its members.
#
# All of it is decided on verdicts, before anything is placed. A list is never torn: either all of it is said elsewhere,
# or it stays.


MEMBERS_STAND, TOPIC_STANDS = "members-stand", "topic-stands"
BLOCK_STANDS = "block-stands"
_SHOWN = frozenset({"examples", "triggers"})
BARE = 4
"""Words of content that a bare subject has at most."""
NAMED = 1.0
"""What it is worth that the short name of an item is the subject of a section."""
TOLD = 0.3
"""What it is worth that all words of the subject stand in the item."""
CLEAR = 0.5
"""What must speak for a topic before an item goes there: its name, its words and a partner, or a likely partner."""
LEAD = 0.15
"""How much more must speak for it than for any other."""
ALIKE = 0.25
"""Probability from which a pair of units says something of their topic."""


def route(plan: Plan, tree: Tree, alignment: Alignment, knowledge: Knowledge) -> None:
    """Give the items of general sections the node of their topic where that is clear."""
    subjects = tree.subjects
    if subjects is None:
        return
    topics = {
        node: subjects.of(node.title)
        for node in tree.root.children
        if node.kind in ("topics", "standards") and is_headed(node) and _is_open(node) and subjects.of(node.title)
    }
    general = {node for node in tree.root.children if is_general(node, subjects, knowledge)} - topics.keys()
    if not topics or not general:
        return
    tops = {node: top for top in tree.root.children for node in walk_nodes(top)}
    moving = [verdict for verdict in plan.verdicts if verdict.stands and verdict.node in general and _is_loose(verdict)]
    near = _near(moving, plan, tops, alignment)
    for verdict in moving:
        home = _topic_of(verdict, topics, near.get(verdict, {}), subjects)
        if home is not None:
            verdict.node, verdict.is_moved = home, True


def _is_open(node: Node) -> bool:
    return not node.is_container and not node.only_labels


def _is_loose(verdict: Verdict) -> bool:
    """Whether an item stands for itself: no step, in no item, and no line of an earlier combine."""
    entry = verdict.survivor
    return entry.unit.kind in ("item", "task") and entry.parent is None and entry.procedure is None and not entry.owner


def _near(
    moving: Sequence[Verdict], plan: Plan, tops: Mapping[Node, Node], alignment: Alignment
) -> Mapping[Verdict, Mapping[Node, float]]:
    """How likely each of some verdicts says the same as a unit of a topic, by its node at the top."""
    wanted = set(moving)
    found: dict[Verdict, dict[Node, float]] = defaultdict(lambda: defaultdict(float))
    for (a, b), value in alignment.odds.items():
        first, second = plan.by_key.get(a), plan.by_key.get(b)
        if value < ALIKE or first is None or second is None:
            continue
        for one, other in ((first, second), (second, first)):
            top = tops.get(other.node)
            if one in wanted and top is not None:
                found[one][top] = max(found[one][top], value)
    return found


def _topic_of(
    verdict: Verdict, topics: Mapping[Node, frozenset[str]], near: Mapping[Node, float], subjects: Subjects
) -> Node | None:
    unit = verdict.survivor.unit
    lead = frozenset(subjects.words(unit.lead)) if unit.lead else frozenset()
    said = frozenset(subjects.words(unit.flow))
    scores = []
    for number, (node, subject) in enumerate(topics.items()):
        named = bool(lead) and (subject == lead or subject < lead or (lead < subject and len(lead) * 2 >= len(subject)))
        score = near.get(node, 0.0) + (NAMED if named else TOLD if subject <= said else 0.0)
        scores.append((-score, number, node))
    (best, _, node), *others = sorted(scores, key=lambda row: row[:2])
    is_clear = -best >= CLEAR and (not others or others[0][0] - best >= LEAD)
    return node if is_clear else None


# Lists on one line, and the same as items


def fold_lists(plan: Plan, tree: Tree, knowledge: Knowledge) -> None:
    """Let a list on one line give way to units that say each of its members, or the items of a list to such a line."""
    if tree.subjects is None:
        return
    standing = [v for v in plan.verdicts if v.stands and v.survivor.unit.kind in ("item", "paragraph")]
    words = {verdict: _said(verdict.survivor, knowledge) for verdict in standing}
    by_word: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in standing:
        for word in sorted(words[verdict][0]):
            by_word[word].append(verdict)
    for verdict in standing:
        members = list(_members(verdict, knowledge)) if verdict.stands and len(verdict.cluster.members) == 1 else []
        if not members:
            continue
        holders = _holders(verdict, members, by_word, words, plan)
        is_apart = any(plan.keeps_apart(verdict, holder) for holder in holders or ())
        if holders is not None and not is_apart and _keeps_facts(verdict.survivor, holders, knowledge):
            verdict.superseded_by, verdict.rule = holders[0], MEMBERS_STAND


def fold_topics(plan: Plan, tree: Tree, knowledge: Knowledge) -> None:
    """Let a subject that is only named give way to an instruction of the same section that holds its words."""
    if tree.subjects is None:
        return
    tops = {node: top for top in tree.root.children for node in walk_nodes(top)}
    asking: dict[Node, list[Verdict]] = defaultdict(list)
    bare: list[Verdict] = []
    for verdict in plan.verdicts:
        top = tops.get(verdict.node)
        if not verdict.stands or top is None or not _is_loose(verdict):
            continue
        facet = facet_of(verdict.survivor.path, knowledge)
        if facet == "knowledge" and _is_bare(verdict, knowledge):
            bare.append(verdict)
        elif facet in ("", "instruction") and verdict.survivor.unit.kind == "item":
            asking[top].append(verdict)
    for verdict in bare:
        top = tops[verdict.node]
        words = content(verdict.survivor.unit.flow, knowledge)
        about = words - content(top.title, knowledge)
        holders = [
            other
            for other in asking[top]
            if words <= content(other.survivor.unit.flow, knowledge) | content(top.title, knowledge)
            and about < content(other.survivor.unit.flow, knowledge)
            and not other.cluster.files & verdict.cluster.files
            and not plan.keeps_apart(verdict, other)
            and keeps(other.survivor, verdict.survivor, knowledge)
        ]
        if about and holders:
            verdict.superseded_by, verdict.rule = holders[0], TOPIC_STANDS


def _is_bare(verdict: Verdict, knowledge: Knowledge) -> bool:
    """Whether an item only names a subject: a few words that neither list nor bind anything."""
    text = verdict.survivor.unit.flow
    return len(content(text, knowledge)) <= BARE and ":" not in text and not holds_guardrail(text, knowledge)


def _said(entry: Entry, knowledge: Knowledge) -> tuple[frozenset[str], frozenset[str]]:
    """The words of content of a unit, and those with the headings and the item above it."""
    own = content(entry.unit.flow, knowledge)
    above = (content(text, knowledge) for text in (*(section.title for section in entry.path), entry.under))
    return own, own.union(*above)


def _members(verdict: Verdict, knowledge: Knowledge) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """The words of each member that a unit lists on its line, with those of its label; nothing for any other unit."""
    entry = verdict.survivor
    if entry.procedure is not None or entry.parent is not None or holds_guardrail(entry.unit.flow, knowledge):
        return
    listed = list(relations.in_line(entry.unit, knowledge))
    if len(listed) != 1:
        return
    label = content(listed[0].label, knowledge)
    found = [(content(member.text, knowledge), label) for member in listed[0].members]
    if label and all(words for words, _ in found):
        yield from found


def _holders(
    verdict: Verdict,
    members: Sequence[tuple[frozenset[str], frozenset[str]]],
    by_word: Mapping[str, Sequence[Verdict]],
    words: Mapping[Verdict, tuple[frozenset[str], frozenset[str]]],
    plan: Plan,
) -> list[Verdict] | None:
    """For each member a unit of another author that says it of the same topic; None where one has none."""
    found = []
    for member, label in members:
        rarest = min(sorted(member), key=lambda word: len(by_word.get(word, ())))
        holder = next(
            (
                other
                for other in by_word.get(rarest, ())
                if other is not verdict
                and other.stands
                and not other.cluster.files & verdict.cluster.files
                and member <= words[other][0]
                and label <= words[other][1]
                and not plan.keeps_apart(verdict, other)
            ),
            None,
        )
        if holder is None:
            return None
        found.append(holder)
    return found


def _keeps_facts(entry: Entry, holders: Sequence[Verdict], knowledge: Knowledge) -> bool:
    held = frozenset[str]().union(*(hard(holder.survivor, knowledge) for holder in holders))
    said = frozenset[str]().union(*(content(holder.survivor.unit.flow, knowledge) for holder in holders))
    return facts(entry) <= held and all(name in held or name in said for name in hard(entry, knowledge) - facts(entry))


# What stands between the tags of a section that stays whole


def fold_into_blocks(
    plan: Plan, definitions: Sequence[Definition], tree: Tree, alignment: Alignment, knowledge: Knowledge
) -> None:
    """Let items give way to what says the same between two tags, where the tags name a topic and show no example.

    Nothing goes in or out there: the block stands whole, and the others point to its line.
    """
    if tree.subjects is None:
        return
    inside = {
        entry.key: (verdict, part, entry)
        for file, definition in enumerate(definitions)
        for verdict, part, entry in _between_tags(file, definition, plan, knowledge)
    }
    pairs = [
        (value, *((b, a) if a in inside else (a, b)))
        for (a, b), value in alignment.odds.items()
        if (a in inside) != (b in inside)
    ]
    for value, key, held in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
        verdict, (block, part, entry) = plan.by_key.get(key), inside[held]
        if frozenset((key, held)) in plan.apart:
            continue
        if (
            verdict is None
            or not verdict.stands
            or not _is_loose(verdict)
            or block.survivor.file in verdict.cluster.files
        ):
            continue
        other = verdict.survivor
        less = len(content(other.unit.flow, knowledge)) <= len(content(entry.unit.flow, knowledge))
        if less and value >= demand(entry, other, knowledge) and _all_kept(verdict, entry, knowledge):
            verdict.superseded_by, verdict.rule, verdict.part = block, BLOCK_STANDS, part


def _all_kept(verdict: Verdict, entry: Entry, knowledge: Knowledge) -> bool:
    binds = any(holds_guardrail(member.unit.flow, knowledge) for member in verdict.cluster.members)
    return not binds and all(keeps(entry, member, knowledge) for member in verdict.cluster.members)


def _between_tags(
    file: int, definition: Definition, plan: Plan, knowledge: Knowledge
) -> Iterator[tuple[Verdict, int, Entry]]:
    """The items that stand between tags, each with the block that holds it and its number there."""
    for place in walk_units(definition.root):
        within = [section for section in place.path if section.is_container]
        if len(within) != 1 or within[0].style != "tag" or kind_of(within[0].title, knowledge) in _SHOWN:
            continue
        block = plan.by_key.get((file, within[0].line))
        if block is None or not block.stands or place.unit.kind != "item" or len(block.cluster.members) > 1:
            continue
        lines = [unit.line for unit in block.survivor.inner]
        if place.unit.line in lines:
            parent = place.parents[-1].flow if place.parents else ""
            yield block, lines.index(place.unit.line), Entry(file, place.unit, block.survivor.path, under=parent)


# Phases ---------------------------------------------------------------------------------------------------------------
#
# Procedures of several authors as one: the fullest is the spine, the others' steps stand at the step of their phase.
#
# A procedure goes as a whole or not at all: where one of its steps would come before one that it follows, where a text
# counts on a number, or where its heading names a subject (`When designing APIs`), it stands under its own name.


LEAST = 3
"""Phases from which on a procedure is one of the whole work, and steps."""
MOST_NAMED = 2 / 3
"""Share of the steps that must name their phase."""
SHARED = 0.5
"""Share of the steps whose phase the spine must have."""
_OPENING = 3
"""Words at the start of a step that may name its phase."""
_COUNTED = re.compile(r"(?<=[^\s#>*]) (?:steps?|items?|points?|number) #?\d", re.IGNORECASE)
"""Words that refer to a step by its number; at the start of a line they are its own label."""
CALLS = re.compile(r"\b(?:steps?|process|workflow|procedure|phases?)\b", re.IGNORECASE)
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
        binds = holds_guardrail(node.title, knowledge) and not CALLS.search(node.title)
        if binds or not _is_of_whole_work(node, tree) or len({step.survivor.file for step in steps}) > 1:
            continue
        named = [phases.of(step.survivor.unit) for step in steps]
        if sum(map(bool, named)) < MOST_NAMED * len(named):
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
