"""The questions of a combine: contradictions, fields, headings, and units that may say the same.

Pairs that are in doubt are asked about in small sets, so that one answer decides a cluster. Of the pairs that readers
call the same nearly all stand among each unit's two likeliest partners in each other variant, and the probability by
which these are ranked says little of the rest: that is why even unlikely ones are asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from agentmerge.aligning import partners
from agentmerge.aligning.kinds import is_identity, normal_title
from agentmerge.aligning.meaning import Embed
from agentmerge.aligning.records import Alignment, Partner
from agentmerge.combining.clusters import Cluster
from agentmerge.combining.deciding import Clash
from agentmerge.combining.entries import Entry, Key, containers_of
from agentmerge.combining.fields import FieldOutcome
from agentmerge.combining.statements import Statement, Statements, binds
from agentmerge.knowledge import Knowledge
from agentmerge.model import VERBATIM, Definition
from agentmerge.planning.records import KINDS, Kind, Plan, Question, question_id

LEAST = 0.01
"""Least probability of a pair that is asked about."""
RANK = 2
"""A pair is asked about where one of the two is among so many likeliest partners of the other."""
SURE = 0.95
"""Score from which on units that were taken for one are not asked about."""
SET = 5
"""Texts of one question."""
NEAR = 0.2
"""A text joins a question where it is likely enough the same as one of its texts, as a share of the likeliest pair."""
MOST = 400
"""Questions of one plan."""
HEADINGS = 0.15
"""Share of the questions that may be about headings."""

_EXACT = frozenset({"code", "table", "quote"}) | VERBATIM


def most(files: int) -> int:
    """How many questions are asked about so many files: 120 about two, 400 about four or more."""
    return min(20 * files * (files + 1), MOST)


class Draft(NamedTuple):
    """What a combine has made up its mind about so far."""

    definitions: Sequence[Definition]
    names: Sequence[str]
    alignment: Alignment
    clusters: Sequence[Cluster]
    clashes: Sequence[Clash]
    fields: Sequence[FieldOutcome]
    knowledge: Knowledge
    embed: Embed | None = None


def plan_of(draft: Draft, statements: Statements) -> Plan:
    """Everything that is undecided or doubtful, the likeliest questions where there are too many."""
    first = [*_conflicts(draft, statements), *_of_fields(draft, statements)]
    room = most(len(draft.definitions)) - len(first)
    headings = sorted(_headings(draft, statements), key=lambda one: (-one.p, one.id))
    kept = headings[: int(HEADINGS * max(0, room))]
    pairs = _pairs(draft, statements)
    for question in first:
        # What excludes each other is asked about once.
        for a, b in combinations(question.texts, 2):
            pairs.pop(_pair(a, b), None)
    sets = sorted(_sets(pairs), key=lambda one: (-one.weight, one.texts))
    shown = sets[: max(0, room - len(kept))]
    asked = [*first, *kept, *(_same(one, draft, statements) for one in _in_order(shown, statements))]
    used = {name for question in asked for name in question.texts}
    return Plan(
        tuple(draft.names),
        tuple(one.text for one in statements.all if one.text.id in used),
        tuple(asked),
        len(headings) - len(kept) + len(sets) - len(shown),
    )


def _question(kind: Kind, statements: Sequence[Statement], p: float, knowledge: Knowledge, now: str = "") -> Question:
    names = tuple(one.text.id for one in statements)
    bound = any(binds(one, knowledge) for one in statements)
    return Question(question_id(kind, names), kind, names, KINDS[kind].choices, bound, round(p, 2), now)


# Contradictions, fields, headings


def _conflicts(draft: Draft, statements: Statements) -> Iterator[Question]:
    for clash in draft.clashes:
        sides = dict.fromkeys(found for side in clash.sides if (found := statements.at(side.survivor.key)) is not None)
        if len(sides) > 1:
            yield _question("conflict", list(sides), 1.0, draft.knowledge, now=clash.decided_by or "conflict")


def _of_fields(draft: Draft, statements: Statements) -> Iterator[Question]:
    for outcome in draft.fields:
        given = dict.fromkeys(
            found
            for file, field in outcome.sources
            if (found := statements.at((file, field.line), "field")) is not None
        )
        if len(given) > 1 and outcome.key != "name":
            yield _question("field", list(given), 1.0, draft.knowledge, now=outcome.rule)


def _headings(draft: Draft, statements: Statements) -> Iterator[Question]:
    """Sections that have much in common under titles that differ."""
    for group in draft.alignment.sections:
        found = [statements.at(member.key, "section") for member in group.members]
        known = [one for one in found if one is not None]
        titles = {normal_title(member.text) for member in group.members}
        if len(known) == len(found) > 1 and len(titles) > 1:
            yield _question("section?", known, group.score, draft.knowledge, now=_joined(group.relation))


def _joined(relation: str) -> str:
    return "same" if relation == "same" else ""


# Units that may say the same

Pair = tuple[str, str]


class _Doubt(NamedTuple):
    p: float
    """How likely the two say the same."""
    together: bool
    """Whether they were taken for one."""


class _Set(NamedTuple):
    texts: tuple[str, ...]
    weight: float
    """How many pairs of it are likely the same."""
    p: float
    together: bool


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)


def _pairs(draft: Draft, statements: Statements) -> dict[Pair, _Doubt]:
    """The pairs of texts that are in doubt."""
    found: dict[Pair, _Doubt] = {}
    ranked: dict[tuple[Key, Key], Partner] = {}
    for near in partners(draft.definitions, draft.knowledge, draft.embed, most=RANK):
        ranked.setdefault((min(near.unit.key, near.partner.key), max(near.unit.key, near.partner.key)), near)
    for (first, second), partner in ranked.items():
        a, b = statements.at(first), statements.at(second)
        if a is None or b is None or a is b or partner.score < LEAST or not _comparable(a, b, draft.knowledge):
            continue
        pair = _pair(a.text.id, b.text.id)
        known = found.get(pair)
        if known is None or known.p < partner.score:
            found[pair] = _Doubt(partner.score, together=False)
    for cluster in draft.clusters:
        texts = list(dict.fromkeys(one for member in cluster.members if (one := statements.at(member.key)) is not None))
        for a, b in combinations(texts, 2):
            if cluster.score < SURE and _comparable(a, b, draft.knowledge) and not cluster.members[0].owner:
                pair = _pair(a.text.id, b.text.id)
                found[pair] = _Doubt(found[pair].p if pair in found else cluster.score, together=True)
            else:
                found.pop(_pair(a.text.id, b.text.id), None)
    return found


def _comparable(a: Statement, b: Statement, knowledge: Knowledge) -> bool:
    one, other = a.first, b.first
    if _form(one) != _form(other) or containers_of(one.path) != containers_of(other.path):
        return False
    return not (is_identity(one.unit, knowledge) and is_identity(other.unit, knowledge))


def _form(entry: Entry) -> str:
    return entry.unit.kind if entry.unit.kind in _EXACT else "prose"


def _sets(pairs: Mapping[Pair, _Doubt]) -> Iterator[_Set]:
    """Small sets of texts that hold every pair together, each pair once; the likeliest pairs come first."""
    left: dict[str, dict[str, _Doubt]] = defaultdict(dict)
    for (a, b), doubt in pairs.items():
        left[a][b] = left[b][a] = doubt
    for seed in sorted(pairs, key=lambda pair: (-pairs[pair].p, pair)):
        if seed[1] not in left[seed[0]]:
            continue
        texts = list(seed)
        pull = defaultdict[str, float](float)
        for text in seed:
            _add(pull, left[text], texts)
        least = NEAR * pairs[seed].p
        while pull and len(texts) < SET:
            text = max(pull, key=lambda name: (pull[name], name))
            if pull[text] < least:
                break
            texts.append(text)
            _add(pull, left[text], texts)
        held = [left[a][b] for a, b in combinations(texts, 2) if b in left[a]]
        for a, b in combinations(texts, 2):
            left[a].pop(b, None)
            left[b].pop(a, None)
        best = max(doubt.p for doubt in held)
        yield _Set(tuple(texts), sum(doubt.p for doubt in held), best, any(doubt.together for doubt in held))


def _add(pull: dict[str, float], near: Mapping[str, _Doubt], texts: Sequence[str]) -> None:
    for name, doubt in near.items():
        pull[name] += doubt.p
    for name in texts:
        pull.pop(name, None)


def _in_order(sets: Iterable[_Set], statements: Statements) -> list[_Set]:
    """By where the first text of each stands: questions about one section come together."""
    return sorted(sets, key=lambda one: min(statements.by_id[name].keys[0] for name in one.texts))


def _same(one: _Set, draft: Draft, statements: Statements) -> Question:
    found = sorted((statements.by_id[name] for name in one.texts), key=lambda statement: statement.keys[0])
    return _question("same?", found, one.p, draft.knowledge, now="same" if one.together else "")
