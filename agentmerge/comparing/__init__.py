"""Authors of one role side by side, without a before and after.

comparison(definitions, knowledge)   # who may do what, who says what how strongly, what to take from whom
"""

from __future__ import annotations

from collections.abc import Sequence

from agentmerge.aligning import align
from agentmerge.aligning.records import Alignment
from agentmerge.comparing.matching import rules_of
from agentmerge.comparing.profiles import keys_of, profile, topics_of
from agentmerge.comparing.records import Clash, Comparison, Key, Profile, Rule, Said, Take, Topic
from agentmerge.diffing.records import Spot
from agentmerge.drifting.modality import MEDIUM
from agentmerge.drifting.undirected import canonical
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition


def comparison(given: Sequence[Definition], knowledge: Knowledge) -> Comparison:
    """Compare definitions of one role. Their order decides nothing but how they are numbered."""
    order = canonical(given)
    definitions = [given[n] for n in order]
    alignment = align(definitions, knowledge)
    rules = rules_of(definitions, knowledge)
    keys = keys_of(definitions)
    profiles = [profile(n, one, knowledge) for n, one in enumerate(definitions)]
    base = _base(profiles, rules)
    return Comparison(
        tuple(sorted((one._replace(file=order[one.file]) for one in profiles), key=lambda one: one.file)),
        tuple(Rule(_numbered(rule.said, order)) for rule in rules),
        tuple(Key(key.name, _numbered(key.said, order)) for key in keys),
        tuple(_columns(topic, order) for topic in topics_of(definitions, alignment, knowledge)),
        tuple(_clashes(alignment, order)),
        tuple(one._replace(file=order[one.file], rules=_numbered(one.rules, order)) for one in _takes(rules, keys)),
        order[base],
    )


def _numbered(said: Sequence[Said], order: Sequence[int]) -> tuple[Said, ...]:
    return tuple(one._replace(file=order[one.file]) for one in said)


def _columns(topic: Topic, order: Sequence[int]) -> Topic:
    counts = [0] * len(order)
    for n, count in enumerate(topic.words):
        counts[order[n]] = count
    return topic._replace(words=tuple(counts))


def _base(profiles: Sequence[Profile], rules: Sequence[Rule]) -> int:
    """Who has most of the rules as strongly as anybody; of equals whose rights reach least."""

    def rank(one: Profile) -> tuple[int, int]:
        held = [said for rule in rules if (said := rule.by(one.file)) is not None and said.is_sure]
        return sum(said.strength for said in held), -one.reach

    return max(profiles, key=rank).file


def _clashes(alignment: Alignment, order: Sequence[int]) -> list[Clash]:
    found = []
    for group in alignment.units:
        if group.relation == "contradicts":
            sides = tuple(Spot(order[one.file], one.line, one.text) for one in group.members)
            found.append(Clash(group.slot, sides))
    return found


def _takes(rules: Sequence[Rule], keys: Sequence[Key]) -> list[Take]:
    """Sections with what only one author says and what binds, the fullest first."""
    own: dict[tuple[int, str], tuple[list[Said], list[str]]] = {}
    for rule in rules:
        one = rule.strongest
        if len(rule.said) == 1 and one.strength >= MEDIUM and one.section:
            own.setdefault((one.file, one.section), ([], []))[0].append(one)
    for key in keys:
        one = key.said[0]
        if len(key.said) == 1 and one.section:
            own.setdefault((one.file, one.section), ([], []))[1].append(key.name)
    takes = [Take(file, section, tuple(said), tuple(names)) for (file, section), (said, names) in own.items()]
    return sorted(takes, key=_weight)


def _weight(take: Take) -> tuple[object, ...]:
    return -sum(one.strength for one in take.rules) - len(take.keys), take.section, take.file
