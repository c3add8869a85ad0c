"""A result of a given size: what one author alone says goes, where no fact, name, rule or right goes with it.

What other texts say most of goes first. Guardrails, code, tables, steps, openings and what several authors say stay,
however large the result is then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush

from agentmerge.aligning.records import Alignment
from agentmerge.combining.deciding import Plan, Verdict
from agentmerge.combining.entries import Key, is_note
from agentmerge.combining.guards import content, goes_on, hard
from agentmerge.combining.policy import Budget, body_of
from agentmerge.combining.strategies import BUDGET
from agentmerge.combining.tree import Node
from agentmerge.guardrails import holds_guardrail
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.outcome import Notice

ALIKE = 0.25
"""Probability from which another text is taken for saying nearly the same."""
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


def told(budget: Budget | None, plan: Plan, result: Definition, definitions: Sequence[Definition]) -> list[Notice]:
    """What was left out for the size, and whether that was enough."""
    if budget is None:
        return []
    size, limit = budget.of(body_of(result)), budget.limit(definitions)
    gone = sum(verdict.rule == BUDGET for verdict in plan.verdicts if verdict.dropped)
    what = "tokens" if budget.unit == "t" else "words"
    found = [Notice("budget", "info", f"{gone} units are left out for {size:,} of {limit:,} {what}")] if gone else []
    if size > limit:
        rest = "the rest holds facts, names, rules or steps, or several authors say it"
        found.append(Notice("budget-missed", "warning", f"{size:,} {what} stand where {limit:,} are allowed: {rest}"))
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
        binds = holds_guardrail(entry.unit.flow, self._knowledge) or verdict.clash is not None or verdict.beside
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
