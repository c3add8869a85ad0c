"""Ask before anything is decided by rule: the plan out, answers in, and what they make of clusters and sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agentmerge.aligning.meaning import Embed
from agentmerge.aligning.records import Alignment
from agentmerge.combining import clusters, settling
from agentmerge.combining.asking import Draft, plan_of
from agentmerge.combining.clusters import Cluster
from agentmerge.combining.deciding import decide_units, standing
from agentmerge.combining.entries import Entry, Key
from agentmerge.combining.fields import decide_fields
from agentmerge.combining.policy import Policy
from agentmerge.combining.rulings import Rulings, judged
from agentmerge.combining.statements import Statements
from agentmerge.combining.tree import build_tree
from agentmerge.combining.voices import Voice
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.outcome import Notice
from agentmerge.planning.answers import Ask, Heard


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

    found = settling.settled(rulings, stage.clusters, survivors, statements, choose, knowledge)
    notices = (*settling.given_up(found, stage.names, knowledge), *rulings.notices)
    alignment = settling.aligned(rulings, stage.alignment, definitions)
    return Consulted(found, alignment, rulings, notices, rulings.heard(len(plan.questions)))
