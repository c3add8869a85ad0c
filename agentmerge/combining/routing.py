"""Advice of a general section goes to its topic, and a list on one line gives way to those who say its members.

All of it is decided on verdicts, before anything is placed. A list is never torn: either all of it is said elsewhere,
or it stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from agentmerge.aligning.kinds import facet_of
from agentmerge.aligning.records import Alignment
from agentmerge.combining.deciding import Plan, Verdict
from agentmerge.combining.entries import Entry
from agentmerge.combining.guards import content, demand, facts, hard, keeps
from agentmerge.combining.outline import kind_of
from agentmerge.combining.topics import Subjects
from agentmerge.combining.tree import Node, Tree, is_general, is_headed, walk_nodes
from agentmerge.guardrails import holds_guardrail
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, walk_units
from agentmerge.parsing import relations

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
