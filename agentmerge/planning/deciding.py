"""Clusters in, verdicts out: what is asked, what the answers say, and what stands of the rest by which rule."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations
from typing import NamedTuple

from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.aligning import partners
from agentmerge.matching.features import is_identity, normal_title, place_of
from agentmerge.matching.records import Alignment, Member, Partner
from agentmerge.model import VERBATIM, Definition, Field
from agentmerge.planning import answers, clusters
from agentmerge.planning.answers import Ruling, Rulings, Statement, Statements, binds, judged
from agentmerge.planning.clusters import Cluster
from agentmerge.planning.fields import FieldOutcome, Voice, decide_fields
from agentmerge.planning.guards import content, facts, goes_on, hard, keeps
from agentmerge.planning.intake import Entry, Key, containers_of
from agentmerge.planning.records import KINDS, Ask, Heard, Kind, Notice, Question, question_id
from agentmerge.planning.records import Plan as QuestionPlan
from agentmerge.planning.strategies import WORDINGS, Policy, Survey, files_of, is_named, strategy_of
from agentmerge.planning.tree import Node, Tree, build_tree
from agentmerge.text.shapes import says_more
from agentmerge.text.similarity import Embed

# Deciding -------------------------------------------------------------------------------------------------------------
#
# What stands of each cluster, by which rule; decided here, applied elsewhere.


@dataclass(slots=True, eq=False)
class Verdict:
    """What becomes of one cluster."""

    cluster: Cluster
    survivor: Entry
    """The member whose text stands, or would stand."""
    node: Node
    """Where the survivor stands."""
    rule: str
    """Why this text stands, or why none does."""
    dropped: bool = False
    superseded_by: Verdict | None = None
    part: int = 0
    """Of a text that a block of several units supersedes: the number of the unit there that says it."""
    clash: int | None = None
    """Number of the open contradiction that it is a side of."""
    note: str = ""
    is_moved: bool = False
    """Whether it stands in the section of its topic, and not in the one that its author wrote it in."""
    below: Verdict | None = None
    """Of a step of a procedure that became part of another one: the step that it is nested in."""
    behind: Verdict | None = None
    """Of such a step that stands beside those of the other one: the step before it, None for the first of all."""
    spine: Verdict | None = None
    """Of such a step: the first step of the other one."""
    beside: str = ""
    """The rule of a slot for one statement, where this one stands though another one has the slot."""

    @property
    def stands(self) -> bool:
        return not self.dropped and self.superseded_by is None


@dataclass(slots=True)
class Clash:
    """A contradiction between clusters."""

    slot: str
    sides: tuple[Verdict, ...]
    reason: str
    decided_by: str | None = None


@dataclass(slots=True)
class Plan:
    """All verdicts on units."""

    verdicts: list[Verdict]
    clashes: list[Clash] = field(default_factory=list)
    apart: frozenset[frozenset[Key]] = frozenset()
    """Pairs of units that somebody said are not the same."""
    by_key: Mapping[Key, Verdict] = field(init=False)
    """The verdict on each unit."""
    holders: Mapping[Key, Verdict] = field(init=False)
    """The same with what stands inside of what stays whole, such as `<rules>`: the verdict on that."""

    def __post_init__(self) -> None:
        self.by_key = {member.key: verdict for verdict in self.verdicts for member in verdict.cluster.members}
        self.holders = self.by_key | {
            (member.file, unit.line): verdict
            for verdict in self.verdicts
            for member in verdict.cluster.members
            for unit in member.inner
        }

    @property
    def heads(self) -> frozenset[Verdict]:
        """What something else gave way to."""
        return frozenset(one.superseded_by for one in self.verdicts if one.superseded_by is not None)

    def keeps_apart(self, a: Verdict, b: Verdict) -> bool:
        """Whether somebody said that the two are not the same."""
        return bool(self.apart) and frozenset((a.survivor.key, b.survivor.key)) in self.apart


def decide_units(
    clusters: Sequence[Cluster],
    tree: Tree,
    alignment: Alignment,
    policy: Policy,
    voice: Voice,
    knowledge: Knowledge,
    rulings: Rulings | None = None,
) -> Plan:
    """Survival by strategy, wording, single slots, then contradictions; what `rulings` say comes before that."""
    variants = [one.filename or f"variant {file + 1}" for file, one in enumerate(alignment.definitions)]
    paths = cache(lambda node: paths_of(node, knowledge))
    verdicts = [_verdict(cluster, tree, policy, variants, paths, knowledge) for cluster in clusters]
    rulings = rulings or Rulings()
    plan = Plan(verdicts, apart=rulings.apart)
    identities = _identities(plan, knowledge, anywhere=tree.subjects is not None)
    _keep_single(identities, "one-identity", policy, knowledge, _of_voice(identities, voice, knowledge))
    _keep_single(_purposes(plan, knowledge), "one-purpose", policy, knowledge)
    if tree.subjects is not None:
        _one_opening(plan, identities, knowledge)
    plan.clashes = list(_clashes(plan, alignment, policy, knowledge, rulings))
    return plan


def paths_of(node: Node, knowledge: Knowledge) -> list[str]:
    """The paths that a node answers to: its own, the same below the names of the outline kinds it belongs to, and the
    titles that its sections have in their own files."""
    kinds = dict.fromkeys([node.kind, _top(node).kind])
    below = [f"{knowledge.outline[kind].title} / {node.path}" for kind in kinds]
    files = dict.fromkeys(file for file, _ in node.members)
    return list(dict.fromkeys([node.path, *below, *(_own_path(node, file) for file in files)]))


def _own_path(node: Node, file: int) -> str:
    """The titles of a variant's sections down to a node."""
    titles: list[str] = []
    above: Node | None = node
    while above is not None:
        titles += next(([section.title] for number, section in above.members if number == file), [])
        above = above.parent
    return " / ".join(title for title in reversed(titles) if title)


GUARDRAIL = "kind:guardrail"


def kinds_of(cluster: Cluster, knowledge: Knowledge) -> list[str]:
    """What the units of a cluster answer to besides their paths: `kind:code`, and `kind:guardrail` where one binds."""
    kinds = [f"kind:{kind}" for kind in dict.fromkeys(member.unit.kind for member in cluster.members)]
    binds = any(holds_guardrail(member.unit.flow, knowledge) for member in cluster.members)
    return [*kinds, *([GUARDRAIL] if binds else [])]


def _top(node: Node) -> Node:
    while node.parent is not None and node.parent.parent is not None:
        node = node.parent
    return node


def _verdict(
    cluster: Cluster,
    tree: Tree,
    policy: Policy,
    variants: Sequence[str],
    paths: Callable[[Node], list[str]],
    knowledge: Knowledge,
) -> Verdict:
    candidates = _candidates(cluster, policy, knowledge)
    first = candidates[0]
    homes = dict.fromkeys(tree.home(member.file, member.path) for member in candidates)
    home = next(iter(homes))
    kinds = kinds_of(cluster, knowledge)
    strategy = policy.strategy_at([*(path for node in homes for path in paths(node)), *kinds])
    names = frozenset(variants[file] for file in cluster.files)
    if not strategy_of(strategy).survives(Survey(len(cluster.files), len(variants), policy.quorum, names)):
        return Verdict(cluster, first, home, strategy, dropped=True)
    if cluster.ruled:
        return _ruled(cluster, tree)
    if files := files_of(strategy):
        named = [one for one in candidates if any(is_named(file, variants[one.file]) for file in files)]
        candidates = named or candidates
    survivor, rule = _survivor(cluster, candidates, policy.wording_at([*paths(home), *kinds]), knowledge)
    if len(cluster.members) == 1:
        rule = strategy
    return Verdict(cluster, survivor, tree.home(survivor.file, survivor.path), rule, note=cluster.reason)


def _ruled(cluster: Cluster, tree: Tree) -> Verdict:
    """What somebody's answer decided."""
    survivor = next(member for member in cluster.members if member.key == cluster.cover)
    home = tree.home(survivor.file, survivor.path)
    if cluster.anew is not None:
        survivor = replace(survivor, unit=cluster.anew)
    return Verdict(cluster, survivor, home, cluster.ruled, note=cluster.reason)


def standing(members: Sequence[Entry], policy: Policy, knowledge: Knowledge) -> Entry:
    """Which of some units that say the same stands, wherever they are."""
    cluster = Cluster(tuple(members))
    return _survivor(cluster, _candidates(cluster, policy, knowledge), policy.wording_at([]), knowledge)[0]


def _candidates(cluster: Cluster, policy: Policy, knowledge: Knowledge) -> list[Entry]:
    """The members whose text may stand.

    The step of a procedure, where there is one, has to stay in it; names and numbers of a member must not be lost; of a
    task in two states the open one is the careful choice.
    """
    if len(cluster.members) == 1:
        return list(cluster.members)
    ordered = sorted(cluster.members, key=lambda member: (policy.rank(member.file), member.unit.line))
    if ordered[0].owner:
        return ordered
    steps = [member for member in ordered if member.procedure is not None] or ordered
    told = [hard(member, knowledge) for member in steps]
    most = max(told, key=len)
    telling = [
        member for member, names in zip(steps, told, strict=True) if names == most or member.key == cluster.cover
    ]
    whole = [member for member in telling if all(keeps(member, other, knowledge) for other in cluster.members)]
    binding = [member for member in telling if holds_guardrail(member.unit.flow, knowledge)]
    telling = whole if whole and all(member in whole for member in binding) else telling
    return [member for member in telling if not member.unit.checked] or telling


def _survivor(cluster: Cluster, candidates: Sequence[Entry], wording: str, knowledge: Knowledge) -> tuple[Entry, str]:
    chosen = candidates[WORDINGS[wording].choose([member.unit.flow for member in candidates])]
    container = next((member for member in candidates if member.key == cluster.cover), None)
    if container is not None and container is not chosen:
        return container, "guardrail-stands" if cluster.guarded else "container-stands"
    guards = [member for member in candidates if holds_guardrail(member.unit.flow, knowledge)]
    if container is None and guards and chosen not in guards:
        return guards[WORDINGS[wording].choose([member.unit.flow for member in guards])], "guardrail-stands"
    if chosen.procedure is not None and len(candidates) < len(cluster.members):
        return chosen, "step-stands"
    if len(candidates) < len(cluster.members):
        return chosen, "names-stand"
    return chosen, f"wording={wording}"


# Single slots: one statement of who the agent is, one of what it is for.


def _identities(plan: Plan, knowledge: Knowledge, *, anywhere: bool) -> list[Verdict]:
    """What says who the agent is: in openings, and of several texts the first such paragraph of each wherever it is."""
    return _firsts_of_files(
        verdict
        for verdict in plan.verdicts
        if (_in_opening(verdict) or (anywhere and _is_told(verdict.survivor, knowledge)))
        and any(is_identity(member.unit, knowledge) for member in verdict.cluster.members)
    )


def _is_told(entry: Entry, knowledge: Knowledge) -> bool:
    """Whether a paragraph is the author's own word: in no example and no container, and no start of a list."""
    within = containers_of(entry.path) or place_of(entry.path, knowledge) in ("examples", "outputs", "triggers")
    return not within and entry.parent is None and not entry.unit.flow.rstrip("*_ ").endswith((":", "："))


def _purposes(plan: Plan, knowledge: Knowledge) -> list[Verdict]:
    return _firsts_of_files(
        verdict
        for verdict in plan.verdicts
        if verdict.node.kind == "identity"
        and verdict.node.title
        and verdict.survivor.unit.kind == "paragraph"
        and not any(is_identity(member.unit, knowledge) for member in verdict.cluster.members)
    )


def _in_opening(verdict: Verdict) -> bool:
    return not verdict.node.title or verdict.node.kind == "identity"


def _firsts_of_files(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Of each variant the first; as each that stands."""
    found = [verdict for verdict in verdicts if verdict.stands]
    first: dict[int, Key] = {}
    for verdict in found:
        for member in verdict.cluster.members:
            first[member.file] = min(first.get(member.file, member.key), member.key)
    keys = set(first.values())
    return [verdict for verdict in found if verdict.cluster.keys & keys]


def _of_voice(verdicts: Sequence[Verdict], voice: Voice, knowledge: Knowledge) -> Verdict | None:
    """The statement of the file whose name and description stand, in its own words; None where it makes none."""
    found = next((verdict for verdict in verdicts if voice.file in verdict.cluster.files), None)
    if found is None:
        alike = [verdict for verdict in verdicts if verdict.cluster.files & voice.group]
        return alike[0] if len(voice.roles) > 1 and alike else None
    own = [member for member in found.cluster.members if member.file == voice.file]
    if (
        own
        and found.cluster.cover is None
        and holds_guardrail(own[0].unit.flow, knowledge) >= holds_guardrail(found.survivor.unit.flow, knowledge)
    ):
        found.survivor = own[0]
    return found


def _keep_single(
    verdicts: Sequence[Verdict], rule: str, policy: Policy, knowledge: Knowledge, chosen: Verdict | None = None
) -> None:
    """Let one statement stand: the chosen one, else the one that the wording takes."""
    if not verdicts:
        return
    ordered = sorted(verdicts, key=lambda v: (policy.rank(v.survivor.file), v.survivor.unit.line))
    wording = policy.wording_at(paths_of(ordered[0].node, knowledge))
    winner = chosen or ordered[WORDINGS[wording].choose([verdict.survivor.unit.flow for verdict in ordered])]
    for verdict in ordered:
        if verdict is winner:
            verdict.rule = rule if len(verdict.cluster.members) > 1 else verdict.rule
        elif any(holds_guardrail(member.unit.flow, knowledge) for member in verdict.cluster.members):
            verdict.beside = rule
        elif rule == "one-purpose" and _tells_more(verdict, winner, knowledge):
            continue
        else:
            verdict.superseded_by, verdict.rule = winner, rule


_NEW = 0.35
"""Share of its words of content from which on a paragraph says something that nothing else says."""


def _one_opening(plan: Plan, identities: Sequence[Verdict], knowledge: Knowledge) -> None:
    """Beside the opening of one author no other one speaks who the agent is, unless it says something of its own."""
    stands = next((verdict for verdict in identities if verdict.stands and not verdict.beside), None)
    if stands is None:
        return
    author = stands.survivor.file
    found = [
        verdict
        for verdict in plan.verdicts
        if verdict.stands
        and not verdict.beside
        and author not in verdict.cluster.files
        and (_is_opening(verdict) or _is_identity(verdict, knowledge))
        and goes_on(verdict.survivor, knowledge)
        and not any(holds_guardrail(member.unit.flow, knowledge) for member in verdict.cluster.members)
        and not facts(verdict.survivor) - facts(stands.survivor)
    ]
    said = frozenset[str]().union(
        *(content(v.survivor.unit.flow, knowledge) for v in plan.verdicts if v.stands and v not in found)
    )
    for verdict in found:
        words = content(verdict.survivor.unit.flow, knowledge)
        if plan.keeps_apart(verdict, stands):
            continue
        if is_identity(verdict.survivor.unit, knowledge) or len(words - said) <= _NEW * len(words):
            verdict.superseded_by, verdict.rule = stands, "one-opening"


_ROLE = re.compile(r"\A[*_>\s]*you(?:'re| are) (?:an?|the) (?P<what>[^.!?]*)[.!?]?[*_\s]*\Z", re.IGNORECASE)
"""One sentence that calls the agent something."""


def _is_identity(verdict: Verdict, knowledge: Knowledge) -> bool:
    """Whether a paragraph is one sentence that calls the agent by its role, in the author's own word, wherever it
    stands: how it speaks and what it asks is another matter."""
    match = _ROLE.match(verdict.survivor.unit.flow)
    if match is None or not _is_told(verdict.survivor, knowledge):
        return False
    roles = knowledge.raw("words")["agent"]["roles"].split()
    return not set(roles).isdisjoint(match["what"].lower().replace("-", " ").split()[:_NAMING])


_NAMING = 6
"""Words behind `You are a` among which the role is named."""


def _is_opening(verdict: Verdict) -> bool:
    """Whether a paragraph stands before all sections, or in one that says who the agent is, and introduces nothing."""
    entry = verdict.survivor
    if entry.unit.kind != "paragraph" or entry.parent is not None or entry.procedure is not None or entry.inner:
        return False
    return _in_opening(verdict) and not entry.unit.flow.rstrip("*_ ").endswith((":", "："))


def _tells_more(verdict: Verdict, winner: Verdict, knowledge: Knowledge) -> bool:
    """Whether a statement of purpose has facts or mostly words of its own, or stands beside the winner in its author's
    own text."""
    if verdict.cluster.files <= winner.cluster.files:
        return True
    said = content(winner.survivor.unit.flow, knowledge)
    words = [content(member.unit.flow, knowledge) for member in verdict.cluster.members]
    return any(facts(member) - facts(winner.survivor) for member in verdict.cluster.members) or any(
        2 * len(each - said) > len(each) for each in words
    )


# Contradictions


def _clashes(
    plan: Plan, alignment: Alignment, policy: Policy, knowledge: Knowledge, rulings: Rulings
) -> Iterator[Clash]:
    by_key = plan.holders
    seen: set[frozenset[Verdict]] = set()
    for group in alignment.units:
        if group.relation != "contradicts" or any(isinstance(member.node, Field) for member in group.members):
            continue
        sides = _sides(group.members, by_key, policy)
        identity = frozenset(sides)
        if len(sides) < 2 or identity in seen or len({side.cluster.files for side in sides}) < 2:
            # What the same variants say on every side, their authors hold to go together.
            continue
        seen.add(identity)
        clash = Clash(group.slot or group.reason, sides, group.reason)
        ruling = rulings.clash(key for side in sides for key in side.cluster.keys)
        if ruling is not None:
            _settle_by(clash, ruling)
        else:
            _settle(clash, policy, len(seen), knowledge)
        yield clash


def _sides(members: Iterable[Member], by_key: Mapping[Key, Verdict], policy: Policy) -> tuple[Verdict, ...]:
    keys = [member.key for member in members]
    found = dict.fromkeys(by_key[key] for key in keys if key in by_key and by_key[key].stands)
    return tuple(sorted(found, key=lambda v: (policy.rank(v.survivor.file), v.survivor.unit.line)))


def _tells_beside(side: Verdict, stands: Verdict, slot: str) -> bool:
    """Whether a block of code holds more than the slot in which it contradicts the one that stands."""
    is_code = side.survivor.unit.kind == "code" and stands.survivor.unit.kind == "code"
    return side is not stands and is_code and says_more(side.survivor.unit.text, stands.survivor.unit.text, slot)


def _settle(clash: Clash, policy: Policy, number: int, knowledge: Knowledge) -> None:
    """Let the first variant's side win where the policy says so; else both stand and are marked."""
    first = clash.sides[0]
    if any(side.survivor.inner for side in clash.sides):
        # What stays whole would go with all that it says beside the one thing that both cannot have.
        for side in clash.sides:
            side.clash = side.clash or number
        return
    if strategy_of(policy.strategy_at(paths_of(first.node, knowledge))).decides:
        clash.decided_by = "priority"
    elif policy.on_conflict == "first":
        clash.decided_by = "on-conflict=first"
    for side in clash.sides:
        if clash.decided_by is None:
            side.clash = side.clash or number
        elif _tells_beside(side, first, clash.slot):
            # The block would go with all that it says beside the one thing that both cannot have.
            side.rule, side.note = "more-than-the-slot", f"at {clash.slot} the other one stands, by {clash.decided_by}"
        elif side is not first and first.survivor.file not in side.cluster.files:
            side.superseded_by, side.rule = first, clash.decided_by


def _settle_by(clash: Clash, ruling: Ruling) -> None:
    """Let the side that an answer takes stand, or all of them."""
    clash.decided_by = ruling.rule
    taken = set(ruling.take.keys) if ruling.take is not None else set()
    stands = next((side for side in clash.sides if taken & side.cluster.keys), None)
    for side in clash.sides:
        if stands is not None and side is not stands:
            side.superseded_by, side.rule, side.note = stands, ruling.rule, ruling.note


# Asking ---------------------------------------------------------------------------------------------------------------
#
# The questions of a combine: contradictions, fields, headings, and units that may say the same.
#
# Pairs that are in doubt are asked about in small sets, so that one answer decides a cluster. Of the pairs that readers
# call the same nearly all stand among each unit's two likeliest partners in each other variant, and the probability by
# which these are ranked says little of the rest: that is why even unlikely ones are asked.


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


def plan_of(draft: Draft, statements: Statements) -> QuestionPlan:
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
    return QuestionPlan(
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


# Consulting -----------------------------------------------------------------------------------------------------------
#
# Ask before anything is decided by rule: the plan out, answers in, and what they make of clusters and sections.


class Stage(NamedTuple):
    """What a combine knows before it decides."""

    given: Sequence[Definition]
    """The variants as their authors wrote them."""
    definitions: Sequence[Definition]
    """The same with what had to change in them: labels, and links from another folder."""
    names: Sequence[str]
    entries: Mapping[Key, Entry]
    clusters: list[Cluster]
    alignment: Alignment
    policy: Policy
    voice: Voice
    knowledge: Knowledge
    embed: Embed | None


class Consulted(NamedTuple):
    """What is decided by answers, and what is left to the rules."""

    clusters: list[Cluster]
    alignment: Alignment
    rulings: Rulings
    notices: tuple[Notice, ...] = ()
    heard: Heard | None = None


def consult(stage: Stage, ask: Ask | None) -> Consulted:
    """Put the questions to somebody; without anybody to ask the rules decide all."""
    if ask is None:
        return Consulted(stage.clusters, stage.alignment, Rulings())
    definitions, knowledge, policy = stage.definitions, stage.knowledge, stage.policy
    procedures = clusters.procedure_groups(stage.entries, stage.clusters)
    tree = build_tree(definitions, stage.alignment, policy.rank, procedures, knowledge)
    bare = decide_units(stage.clusters, tree, stage.alignment, policy, stage.voice, knowledge)
    fields = tuple(decide_fields(definitions, policy, knowledge, stage.voice))
    statements = Statements(stage.given, definitions, stage.clusters, fields, knowledge)
    draft = Draft(
        definitions, stage.names, stage.alignment, stage.clusters, bare.clashes, fields, knowledge, stage.embed
    )
    plan = plan_of(draft, statements)
    rulings = judged(ask(plan), plan, statements, knowledge)
    survivors = {member.key: verdict.survivor for verdict in bare.verdicts for member in verdict.cluster.members}

    def choose(members: Sequence[Entry]) -> Entry:
        return standing(members, policy, knowledge)

    found = answers.settled(rulings, stage.clusters, survivors, statements, choose, knowledge)
    notices = (*answers.given_up(found, stage.names, knowledge), *rulings.notices)
    alignment = answers.aligned(rulings, stage.alignment, definitions)
    return Consulted(found, alignment, rulings, notices, rulings.heard(len(plan.questions)))
