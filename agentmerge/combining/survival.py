"""Verdicts in, verdicts out: what enough variants say, what a hand has marked, what is left out for the size."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import heapify, heappop, heappush

from agentmerge.combining.routing import CALLS
from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.features import is_identity
from agentmerge.matching.records import Alignment
from agentmerge.model import Definition
from agentmerge.planning.clusters import Cluster
from agentmerge.planning.deciding import Plan, Verdict
from agentmerge.planning.guards import content, goes_on, hard, keeps
from agentmerge.planning.intake import Entry, Key
from agentmerge.planning.marks import Mark, Marks
from agentmerge.planning.records import Notice
from agentmerge.planning.strategies import (
    BUDGET,
    MARK,
    MARKED,
    SUPPORT,
    WHOLE_LISTS,
    Budget,
    Policy,
    Survey,
    body_of,
    strategy_of,
)
from agentmerge.planning.tree import Node, Tree, walk_nodes
from agentmerge.text.markers import is_note

# Support --------------------------------------------------------------------------------------------------------------
#
# How many variants say a thing, for strategies that keep what enough of them say.
#
# Independent authors hardly ever write one text twice, so what says nearly the same counts, and so does the topic: what
# two say of a topic that enough of them have is kept.


ALIKE = 0.25
"""Probability from which a text of another author counts as saying a thing, too."""
LITTLE = 0.25
"""Share of the words of the mean variant below which a result is told to be little."""


def count(plan: Plan, tree: Tree, alignment: Alignment, policy: Policy, knowledge: Knowledge) -> None:
    """Let stand what a strategy of support left out, where enough variants nearly say it, or it belongs to what stands.

    A procedure stands whole where half of its steps do, and goes as a whole otherwise; who the agent is always stands.
    """
    by_support = [verdict for verdict in plan.verdicts if verdict.dropped and strategy_of(verdict.rule).counts]
    if not by_support:
        return
    near, topics = _near(plan, alignment), _files_of_topics(plan)
    variants = len(alignment.definitions)
    for verdict in by_support:
        holders = verdict.cluster.files | near.get(verdict, frozenset())
        survives = strategy_of(verdict.rule).survives
        around = len(topics[_top(verdict.node)])
        if (
            any(is_identity(member.unit, knowledge) for member in verdict.cluster.members)
            or survives(Survey(len(holders), variants, policy.quorum))
            or (len(holders) > 1 and tree.subjects is not None and survives(Survey(around, variants, policy.quorum)))
        ):
            _restore(verdict, SUPPORT)
    _keep_lists_whole(plan, by_support)


def _near(plan: Plan, alignment: Alignment) -> Mapping[Verdict, frozenset[int]]:
    """The other variants that nearly say what a verdict says."""
    found: dict[Verdict, set[int]] = defaultdict(set)
    for (a, b), value in alignment.odds.items():
        one, other = plan.by_key.get(a), plan.by_key.get(b)
        if value >= ALIKE and one is not None and other is not None:
            found[one] |= other.cluster.files
            found[other] |= one.cluster.files
    return {verdict: frozenset(files) for verdict, files in found.items()}


def _files_of_topics(plan: Plan) -> Mapping[Node, set[int]]:
    found: dict[Node, set[int]] = defaultdict(set)
    for verdict in plan.verdicts:
        found[_top(verdict.node)] |= verdict.cluster.files
    return found


def _top(node: Node) -> Node:
    while node.parent is not None and node.parent.parent is not None:
        node = node.parent
    return node


def _restore(verdict: Verdict, rule: str) -> None:
    verdict.dropped, verdict.rule = False, rule


def _keep_lists_whole(plan: Plan, by_support: Sequence[Verdict]) -> None:
    holds = set(_restored_parents(plan))
    rows: dict[Key, list[Verdict]] = defaultdict(list)
    for verdict in plan.verdicts:
        if verdict.survivor.procedure is not None and verdict.survivor.parent is None:
            rows[verdict.survivor.procedure].append(verdict)
    left_out = set(by_support)
    for steps in rows.values():
        stands = 2 * sum(step.stands for step in steps) >= len(steps)
        for step in steps:
            if step.dropped and stands and step in left_out:
                _restore(step, WHOLE_LISTS)
            elif step.stands and not stands and step.rule == SUPPORT and step not in holds:
                step.dropped, step.rule = True, WHOLE_LISTS


def _restored_parents(plan: Plan) -> Iterator[Verdict]:
    """The items that others which stand are nested in: these say nothing without them."""
    for verdict in plan.verdicts:
        parent = verdict.survivor.parent if verdict.stands else None
        while parent is not None:
            above = plan.by_key[parent]
            if above.dropped:
                _restore(above, WHOLE_LISTS)
            yield above
            parent = above.survivor.parent


def told(plan: Plan, result: Definition, definitions: Sequence[Definition]) -> list[Notice]:
    """That a strategy left hardly anything, and what to do then."""
    mean = sum(len(body_of(one).split()) for one in definitions) / len(definitions)
    left = len(body_of(result).split())
    gone = sum(verdict.dropped for verdict in plan.verdicts)
    if not gone or left >= LITTLE * mean:
        return []
    remedy = "the variants say little alike; --strategy union with --budget 1.5x keeps the best supported"
    return [Notice("little-left", "warning", f"{left} words stand, the mean file has {mean:.0f}: {remedy}")]


# Marks ----------------------------------------------------------------------------------------------------------------
#
# What an author marked by hand is honoured: kept, frozen or dropped.


def part(clusters: Sequence[Cluster], marks: Marks, knowledge: Knowledge) -> list[Cluster]:
    """The clusters in which what is to be dropped is by itself, and what is kept stands for what it says alike."""
    return [one for cluster in clusters for one in _parted(cluster, marks, knowledge)] if marks.all else list(clusters)


def _parted(cluster: Cluster, marks: Marks, knowledge: Knowledge) -> Iterator[Cluster]:
    words: dict[str, list[Entry]] = defaultdict(list)
    for member in cluster.members:
        words[marks.word(member.key)].append(member)
    if set(words) == {""}:
        yield cluster
        return
    yield from (Cluster((member,)) for member in words.pop("drop", []))
    kept, others = [*words.pop("freeze", []), *words.pop("keep", [])], words.pop("", [])
    for number, member in enumerate(kept):
        mine = [one for one in others if number == 0 and keeps(member, one, knowledge)]
        others = [one for one in others if one not in mine]
        members = tuple(sorted((member, *mine), key=lambda one: one.key))
        yield Cluster(members, cluster.score, cluster.reason, member.key, ruled=MARKED[marks.word(member.key)])
    if others:
        cover = cluster.cover if cluster.cover in {one.key for one in others} else None
        yield replace(cluster, members=tuple(others), cover=cover, guarded=cluster.guarded and cover is not None)


def honour(plan: Plan, tree: Tree, marks: Marks) -> None:
    """Let everything that is kept stand where its author wrote it, and nothing that is dropped; of a frozen section
    nothing of another author stands."""
    for verdict in plan.verdicts:
        word = marks.word(verdict.survivor.key)
        if verdict.survivor.key in marks.comments:
            verdict.dropped, verdict.rule = True, MARK
        elif word == "drop":
            verdict.dropped, verdict.superseded_by, verdict.rule = True, None, MARKED[word]
        elif word:
            verdict.dropped, verdict.superseded_by, verdict.rule = False, None, MARKED[word]
            verdict.below = verdict.behind = verdict.spine = None
            verdict.node, verdict.is_moved = tree.home(verdict.survivor.file, verdict.survivor.path), False
    for mark in marks.all:
        if mark.word == "freeze" and mark.section is not None:
            _freeze(mark, plan, tree)


def _freeze(mark: Mark, plan: Plan, tree: Tree) -> None:
    node = tree.nodes.get((mark.file, mark.section.line if mark.section is not None else 0))
    inside = set(walk_nodes(node)) if node is not None else set()
    standing = [verdict for verdict in plan.verdicts if verdict.stands and verdict.node in inside]
    own = [verdict for verdict in standing if mark.holds_for(verdict.survivor.key)]
    for verdict in standing:
        if own and verdict not in own:
            verdict.superseded_by, verdict.rule = own[0], MARKED["freeze"]


# Budget ---------------------------------------------------------------------------------------------------------------
#
# A result of a given size: what one author alone says goes, where no fact, name, rule or right goes with it.
#
# What other texts say most of goes first. Guardrails, code, tables, steps, openings and what several authors say stay,
# however large the result is then.


_DROPPED = frozenset({"item", "task", "paragraph"})


def keep_to(budget: Budget, plan: Plan, alignment: Alignment, knowledge: Knowledge) -> None:
    """Leave out what may go, the most said by others first, until the rest is small enough."""
    limit = budget.limit(alignment.definitions)
    standing = [verdict for verdict in plan.verdicts if verdict.stands]
    room = _Room(standing, plan, budget, knowledge)
    likely = _likeliest(plan, alignment)
    heads = plan.heads
    waiting = [one for one in standing if _is_of_one(one) and one not in heads and room.is_plain(one)]
    for chosen in _least_worth(waiting, room, likely):
        if room.size <= limit:
            return
        _leave_out(chosen, room, budget)
    procedures = _procedures([one for one in standing if one not in heads], room)
    while room.size > limit and procedures:
        for step in procedures.pop():
            _leave_out(step, room, budget)


def _least_worth(
    waiting: Sequence[Verdict], room: _Room, likely: Mapping[Verdict, Mapping[Verdict, float]]
) -> Iterator[Verdict]:
    """What may go, the least worth first; whoever takes one makes others worth more, and none worth less."""
    places = {verdict: number for number, verdict in enumerate(waiting)}
    left = set(waiting)
    while True:
        heap = [(_worth(one, room, likely), places[one]) for one in waiting if one in left and room.may_go(one)]
        if not heap:
            return
        heapify(heap)
        while heap:
            known, place = heappop(heap)
            now = _worth(waiting[place], room, likely)
            if now > known:
                heappush(heap, (now, place))
            elif room.may_go(waiting[place]):
                left.discard(waiting[place])
                yield waiting[place]


def _leave_out(verdict: Verdict, room: _Room, budget: Budget) -> None:
    verdict.dropped, verdict.rule, verdict.note = True, BUDGET, f"one author alone says it (--budget {budget})"
    room.take(verdict)


def _procedures(standing: Sequence[Verdict], room: _Room) -> list[list[Verdict]]:
    """The procedures of one author that go as a whole where nothing else is left to go; the shortest is the last.

    The longest stays, and so does one that is a part of another.
    """
    rows: dict[Key, list[Verdict]] = defaultdict(list)
    for verdict in standing:
        if verdict.stands and verdict.survivor.procedure is not None:
            rows[verdict.survivor.procedure].append(verdict)
    ordered = sorted(rows.values(), key=lambda steps: (-len(steps), [step.survivor.unit.flow for step in steps]))
    taken = {id(step.below or step.spine) for steps in ordered for step in steps if step.below or step.spine}
    return [
        steps
        for steps in ordered[1:]
        if all(_is_of_one(step) and room.is_step(step) and id(step) not in taken for step in steps)
    ]


def budget_told(
    budget: Budget | None, plan: Plan, result: Definition, definitions: Sequence[Definition]
) -> list[Notice]:
    """What was left out for the size, and whether that was enough."""
    if budget is None:
        return []
    size, limit = budget.of(body_of(result)), budget.limit(definitions)
    gone = sum(verdict.rule == BUDGET for verdict in plan.verdicts if verdict.dropped)
    what = "tokens" if budget.unit == "t" else "words"
    found = [Notice("budget", "info", f"{gone} units are left out for {size:,} of {limit:,} {what}")] if gone else []
    if size > limit:
        rest = "the rest holds facts, names, rules or steps, or several authors say it"
        remedy = f"allow at least {size:,}, or drop parts by --policy or by decisions on a --plan"
        message = f"{size:,} {what} stand where {limit:,} are allowed: {rest}; {remedy}"
        found.append(Notice("budget-missed", "warning", message))
    return found


class _Room:
    """What stands, counted: its size, the names that stand once alone, and the words that others say."""

    def __init__(self, standing: Sequence[Verdict], plan: Plan, budget: Budget, knowledge: Knowledge) -> None:
        self._budget, self._knowledge, self._plan = budget, knowledge, plan
        self._names = Counter(name for one in standing for name in hard(one.survivor, knowledge))
        self._words = Counter(word for one in standing for word in self._content(one))
        self._below: Counter[Key] = Counter(v.survivor.parent for v in standing if v.survivor.parent is not None)
        self._in: Counter[Node] = Counter(node for one in standing for node in _path(one.node))
        self.size = sum(map(self._size, standing)) + sum(
            budget.of(f"# {node.title}") for node in self._in if node.title
        )

    def _content(self, verdict: Verdict) -> frozenset[str]:
        return content(verdict.survivor.unit.flow, self._knowledge)

    def _size(self, verdict: Verdict) -> int:
        unit = verdict.survivor.unit
        box = "[ ] " if unit.checked is not None else ""
        return self._budget.of(f"- {box}{unit.text}" if unit.kind in ("item", "task") else unit.source)

    def is_step(self, verdict: Verdict) -> bool:
        """Whether a step of a procedure that stands by itself binds nothing, and has no name of its own."""
        return self._is_prose(verdict) and verdict.below is None and verdict.spine is None and self.may_go(verdict)

    def is_plain(self, verdict: Verdict) -> bool:
        """Whether a text is prose that binds nothing, introduces nothing, and is no step or opening."""
        return verdict.survivor.procedure is None and self._is_prose(verdict)

    def _is_prose(self, verdict: Verdict) -> bool:
        entry = verdict.survivor
        if entry.unit.kind not in _DROPPED or entry.inner or entry.owner:
            return False
        if entry.unit.kind == "paragraph" and (goes_on(entry, self._knowledge) or entry.parent is not None):
            return False
        # `You must follow these steps` binds to the steps, which stay; what is nested in one only tells of it.
        above = (section.title for section in entry.path if not CALLS.search(section.title))
        said = (entry.unit.flow, entry.under, *above)
        binds = any(holds_guardrail(text, self._knowledge) for text in said) or verdict.clash or verdict.beside
        return not binds and not is_note(entry.unit) and not entry.unit.flow.rstrip("*_ ").endswith((":", "："))

    def may_go(self, verdict: Verdict) -> bool:
        """Whether nothing hangs on a text: no item below it, no list that would be empty, no name of its own."""
        if self._below[verdict.survivor.key]:
            return False
        above = verdict.survivor.parent
        if above is not None and self._below[above] == 1 and self._introduces(above):
            return False
        return all(self._names[name] > 1 for name in hard(verdict.survivor, self._knowledge))

    def _introduces(self, key: Key) -> bool:
        above = self._plan.by_key.get(key)
        return above is not None and above.survivor.unit.flow.rstrip("*_ ").endswith((":", "："))

    def said_elsewhere(self, verdict: Verdict) -> float:
        """Share of its words of content that other standing texts say, too."""
        own = self._content(verdict)
        return sum(self._words[word] > 1 for word in own) / len(own) if own else 1.0

    def take(self, verdict: Verdict) -> None:
        self.size -= self._size(verdict)
        self._names.subtract(hard(verdict.survivor, self._knowledge))
        self._words.subtract(self._content(verdict))
        if verdict.survivor.parent is not None:
            self._below[verdict.survivor.parent] -= 1
        for node in _path(verdict.node):
            self._in[node] -= 1
            if not self._in[node] and node.title:
                self.size -= self._budget.of(f"# {node.title}")


def _path(node: Node | None) -> list[Node]:
    found = []
    while node is not None:
        found.append(node)
        node = node.parent
    return found


def _is_of_one(verdict: Verdict) -> bool:
    """Whether one author alone says it, and no person or agent decided on it."""
    return len(verdict.cluster.files) == 1 and not verdict.cluster.ruled


def _likeliest(plan: Plan, alignment: Alignment) -> Mapping[Verdict, Mapping[Verdict, float]]:
    """For each verdict those of other authors that nearly say the same, with their probability."""
    found: dict[Verdict, dict[Verdict, float]] = defaultdict(dict)
    for (a, b), value in alignment.odds.items():
        one, other = plan.by_key.get(a), plan.by_key.get(b)
        if value >= ALIKE and one is not None and other is not None and one is not other:
            found[one][other] = max(found[one].get(other, 0.0), value)
            found[other][one] = max(found[other].get(one, 0.0), value)
    return found


def _worth(
    verdict: Verdict, room: _Room, likely: Mapping[Verdict, Mapping[Verdict, float]]
) -> tuple[float, float, int, str, Key]:
    """What would be lost with a text; of equals the last of the last file goes first."""
    near = max((value for other, value in likely.get(verdict, {}).items() if other.stands), default=0.0)
    file, line = verdict.survivor.key
    return (
        -near,
        -room.said_elsewhere(verdict),
        len(verdict.survivor.unit.flow.split()),
        verdict.survivor.unit.flow,
        (-file, -line),
    )
