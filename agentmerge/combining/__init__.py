"""Variants of one role in, one canonical file out, with a decision for every group and a fate for every unit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from agentmerge.aligning import align
from agentmerge.aligning import constants as c
from agentmerge.aligning.kinds import normal_title
from agentmerge.aligning.meaning import Embed
from agentmerge.aligning.records import CROWDED, Alignment, Group, Member, members_of
from agentmerge.combining import (
    budget,
    checking,
    clusters,
    keeping,
    labels,
    leftovers,
    marks,
    phases,
    placing,
    relinking,
    remarks,
    routing,
    settling,
    support,
    voices,
)
from agentmerge.combining.assembling import Marking, assemble, stands_alone
from agentmerge.combining.consulting import Stage, consult
from agentmerge.combining.costs import wider_as_a_whole
from agentmerge.combining.deciding import Plan, decide_units, kinds_of, paths_of
from agentmerge.combining.entries import Key
from agentmerge.combining.fields import FieldOutcome, decide_fields, host_of
from agentmerge.combining.outline import document_title, kind_of
from agentmerge.combining.policy import Policy, unmatched
from agentmerge.combining.rendering import Template, rendered
from agentmerge.combining.reporting import Ledger, TitleChoice
from agentmerge.combining.tree import build_tree, walk_nodes
from agentmerge.emitting import CANONICAL
from agentmerge.errors import InputError, InternalError, PolicyError
from agentmerge.knowledge import Knowledge
from agentmerge.model import MERGE, Definition, Section, walk_sections, walk_units
from agentmerge.outcome import Merged, Notice
from agentmerge.parsing.hidden import hidden_characters
from agentmerge.parsing.markers import refuse_markers
from agentmerge.parsing.paragraphs import is_meaning
from agentmerge.paths import hint
from agentmerge.planning.answers import Ask


def combine(
    definitions: Sequence[Definition],
    knowledge: Knowledge,
    policy: Policy | None = None,
    *,
    annotate: bool = False,
    template: str | None = None,
    template_name: str = CANONICAL,
    template_parts: Mapping[str, str] | None = None,
    imported: Collection[Key] = (),
    embed: Embed | None = None,
    around: relinking.Surroundings | None = None,
    ask: Ask | None = None,
) -> Merged:
    """Combine variants of one role into one file.

    `template` is the source of a template of the caller's own, called `template_name` in errors, and `template_parts`
    are what it may include, by name; without it `template_name` is a shipped one. `annotate` writes each unit's
    sources beside it as comments.
    `imported` are the import lines, by file and line, of what the result holds anyway or is: they are left out.
    `embed` says how near two statements are, as further evidence. `ask` is given what is undecided or doubtful, and
    answers as much of it as it likes; what it answers is checked and then decides. `around` says where the result is
    written.
    Raises InputError without definitions and for a template among the fields of one, ConflictedError for conflict
    markers in one, PolicyError, TemplateError; InternalError where the result, read again, does not hold what was
    decided.
    """
    if not definitions:
        raise InputError("there is nothing to combine", remedy="name at least one file")
    refuse_markers(*definitions, knowledge=knowledge)
    for definition in definitions:
        if definition.syntax != "yaml":
            remedy = "leave it out: a TOML file is read and compared (show, diff, drift), not written"
            raise InputError("is TOML and can't be combined", file=definition.filename, remedy=remedy)
        _refuse_template(definition)
    policy = policy or Policy()
    if policy.quorum is not None and policy.quorum > len(definitions):
        raise PolicyError(f"a quorum of {policy.quorum} is more than the {len(definitions)} variants")
    given = definitions
    definitions = originals = [_written_out(definition) for definition in definitions]
    around = around or relinking.Surroundings()
    definitions = labels.told_apart(relinking.from_there(definitions, around, knowledge), knowledge)
    names = tuple(definition.filename or f"variant {file + 1}" for file, definition in enumerate(definitions))
    policy.require_files(names)
    alignment = _aligned(definitions, knowledge, embed)
    marked = marks.read(definitions, names)
    entries = clusters.gather(definitions, knowledge, marked.is_frozen)
    found = marks.part(clusters.build(entries, alignment, knowledge), marked, knowledge)
    voice = voices.choose(definitions, alignment, policy, knowledge)
    stage = Stage(given, definitions, names, entries, found, alignment, policy, voice, knowledge, embed)
    found, alignment, rulings, answered, heard = consult(stage, ask)
    procedures = clusters.procedure_groups(entries, found)
    tree = build_tree(definitions, alignment, policy.rank, procedures, knowledge)
    plan = decide_units(found, tree, alignment, policy, voice, knowledge, rulings)
    support.count(plan, tree, alignment, policy, knowledge)
    routing.route(plan, tree, alignment, knowledge)
    routing.fold_topics(plan, tree, knowledge)
    routing.fold_lists(plan, tree, knowledge)
    routing.fold_into_blocks(plan, definitions, tree, alignment, knowledge)
    phases.fold_procedures(plan, definitions, tree, procedures, knowledge)
    marks.honour(plan, tree, marked)
    labels.keep_used(plan, definitions)
    _leave_out(plan, imported)
    leftovers.replace(plan, entries, annotate=annotate)
    if policy.budget is not None:
        budget.keep_to(policy.budget, plan, alignment, knowledge)
    layout = placing.place(definitions, plan, tree, entries, procedures, policy, knowledge)
    host = host_of(definitions, policy, knowledge)
    fields = tuple(
        remarks.kept(decide_fields(definitions, policy, knowledge, voice, rulings.fields), definitions, host, knowledge)
    )
    title = choose_title(definitions, fields, policy, voice, knowledge)
    marking = Marking(names, tuple(plan.clashes), annotate, leftovers.last_number(plan))
    document = assemble(plan, layout, tree, fields, title.text, marking, knowledge)
    chosen = template_name if template is None else Template(template_name, template, template_parts or {})
    text, additions = rendered(document, chosen, host, knowledge)
    standing = [number for number, verdict in enumerate(plan.verdicts) if verdict.stands]
    own = template_name if template is not None else None
    try:
        result = checking.check(text, document, standing, knowledge, dialect=host.name, own_template=own)
    except InternalError as error:
        raise _unfit(definitions, knowledge) or error from None
    paths = [f"frontmatter/{outcome.key}" for outcome in fields]
    paths += [path for node in walk_nodes(tree.root) for path in paths_of(node, knowledge)]
    paths += dict.fromkeys(kind for verdict in plan.verdicts for kind in kinds_of(verdict.cluster, knowledge))
    ledger = Ledger(plan, fields, title, result, knowledge)
    merged = Merged(
        text,
        ledger.decisions,
        ledger.conflicts,
        ledger.rows,
        (
            *voices.notices(voice, names),
            *marked.notices,
            *answered,
            *settling.parted(rulings, tree.nodes),
            *_unmatched_rules(policy, paths),
            *(note for outcome in fields for note in outcome.notes),
            *ledger.notices,
            *support.told(plan, result.definition, definitions),
            *budget.told(policy.budget, plan, result.definition, definitions),
            *_merge_keys(given, names),
            *_of_the_host(result.definition, definitions),
            *wider_as_a_whole(
                result.definition, definitions, names, [key.key for key in fields if key.notes], knowledge
            ),
            *labels.notices(originals, definitions, names),
            *additions,
            *keeping.require(definitions, ledger.rows, text, knowledge),
            *_hidden(definitions, names),
            *([Notice("not-compared", "warning", CROWDED)] if alignment.crowded else ()),
        ),
        heard,
    )
    merged = labels.as_written(merged, originals, definitions)
    return relinking.proven(merged, result.definition, definitions, around, knowledge)


def _written_out(definition: Definition) -> Definition:
    """The definition with what a merge key brings in as fields: the result may not hold the mapping it comes from."""
    front = definition.frontmatter
    if front is None or not front.merged:
        return definition
    return replace(definition, frontmatter=replace(front, fields=front.effective, merged=()))


def _refuse_template(definition: Definition) -> None:
    """InputError where fields stand under conditions of a template: none of them holds in a result for certain."""
    front = definition.frontmatter
    if front is not None and front.tags:
        what = "the frontmatter is a template: its fields stand under conditions, and can't be combined"
        remedy = "render the template first, or take the conditions out"
        raise InputError(what, file=definition.filename, line=front.tags[0], remedy=remedy)


def _leave_out(plan: Plan, imported: Collection[Key]) -> None:
    for verdict in plan.verdicts:
        if verdict.stands and verdict.survivor.key in imported:
            verdict.dropped, verdict.rule = True, "import-of-what-is-there"


_HOST_CODES = frozenset(
    {"field-overruled", "field-type", "field-value", "field-refused", "tool-unknown", "tool-server"}
)


def _merge_keys(definitions: Sequence[Definition], names: Sequence[str]) -> Iterator[Notice]:
    """What the merge keys of the variants brought in, which are fields of their own in the result."""
    for definition, name in zip(definitions, names, strict=True):
        merged = definition.frontmatter.merged if definition.frontmatter is not None else ()
        if merged:
            keys = ", ".join(field.key for field in merged)
            yield Notice("merge-key-written-out", "info", f"{name}: '{MERGE}' is written out as {keys}", "frontmatter")


def _of_the_host(result: Definition, definitions: Sequence[Definition]) -> list[Notice]:
    """What the host will not take of the result, and took of every variant."""
    known = {(note.code, note.message) for definition in definitions for note in definition.diagnostics}
    return [
        Notice(note.code, "warning", f"{note.message}: {note.assumed}; {note.remedy}", "frontmatter")
        for note in result.diagnostics
        if note.code in _HOST_CODES and (note.code, note.message) not in known
    ]


def _unfit(definitions: Sequence[Definition], knowledge: Knowledge) -> InputError | None:
    """The error of the first definition that no result can hold: nested too deep, or left open at its end."""
    for definition in definitions:
        name = definition.filename
        note = next((note for note in definition.diagnostics if note.code == "nesting-too-deep"), None)
        if note is not None:
            return InputError(f"{note.message}, and can't be combined", file=name, line=note.line, remedy=note.remedy)
        for place in walk_units(definition.root):
            closer = clusters.unclosed(place.unit)
            if closer:
                what = "what opens here is not closed and would swallow all that follows"
                return InputError(what, file=name, line=place.unit.line, remedy=f"close it with {closer}")
            if place.unit.kind == "paragraph" and not place.unit.lead and is_meaning(place.unit.text):
                what = "what starts here is the meaning of no term, and another text could stand above it"
                return InputError(what, file=name, line=place.unit.line, remedy="put its term above it, or no colon")
            if place.unit.kind == "paragraph" and place.unit.text and not stands_alone(place.unit, knowledge):
                what = "what starts here is a paragraph only behind the line above it"
                remedy = "indent it less, or put a blank line above it"
                return InputError(what, file=name, line=place.unit.line, remedy=remedy)
    return None


def _hidden(definitions: Sequence[Definition], names: Sequence[str]) -> list[Notice]:
    """Hidden characters that come into the result from some of the variants only."""
    counted = [hidden_characters(definition.text) for definition in definitions]
    everywhere = set.intersection(*(set(found) for found in counted))
    return [
        Notice("hidden-characters", "warning", f"{name} brings in hidden characters: {points}")
        for name, found in zip(names, counted, strict=True)
        if (points := ", ".join(f"U+{ord(char):04X}" for char in sorted(set(found) - everywhere)))
    ]


def _unmatched_rules(policy: Policy, paths: Sequence[str]) -> list[Notice]:
    return [
        Notice(
            "policy-unmatched", "warning", f"the policy {rule} matched nothing{hint(rule.pattern, paths)}", rule.pattern
        )
        for rule in unmatched(policy, paths)
    ]


# Copies of one file say nothing twice: they are aligned once, and stand for each other in every group.


def _aligned(definitions: Sequence[Definition], knowledge: Knowledge, embed: Embed | None) -> Alignment:
    copies: dict[str, list[int]] = defaultdict(list)
    for file, definition in enumerate(definitions):
        copies[definition.text].append(file)
    classes = list(copies.values())
    if len(classes) == len(definitions):
        return align(definitions, knowledge, embed, same=c.SAME, covers=c.SAME)
    distinct = align([definitions[files[0]] for files in classes], knowledge, embed, same=c.SAME, covers=c.SAME)
    return Alignment(
        tuple(definitions),
        (*_spread(distinct.sections, classes), *_copied_sections(definitions, distinct, classes)),
        (*_spread(distinct.units, classes), *_copied_units(definitions, distinct, classes)),
        distinct.crowded,
        _spread_odds(distinct, classes),
    )


def _spread(groups: Sequence[Group], classes: Sequence[Sequence[int]]) -> list[Group]:
    spread = []
    for group in groups:
        members = [Member(file, m.node, m.path) for m in group.members for file in classes[m.file]]
        cover = (classes[group.cover[0]][0], group.cover[1]) if group.cover else None
        ordered = tuple(sorted(members, key=lambda member: member.key))
        spread.append(Group(ordered, group.relation, group.score, group.reason, group.slot, cover))
    return spread


def _spread_odds(distinct: Alignment, classes: Sequence[Sequence[int]]) -> dict[tuple[Key, Key], float]:
    return {
        ((one, a[1]), (other, b[1])) if (one, a[1]) < (other, b[1]) else ((other, b[1]), (one, a[1])): value
        for (a, b), value in distinct.odds.items()
        for one in classes[a[0]]
        for other in classes[b[0]]
    }


def _copied_units(
    definitions: Sequence[Definition], distinct: Alignment, classes: Sequence[Sequence[int]]
) -> list[Group]:
    taken = {m.key for group in distinct.units if group.relation == "same" for m in group.members}
    return [
        Group(tuple(Member(file, m.node, m.path) for file in files), "same", 1.0, "copies of one file")
        for number, files in enumerate(classes)
        if len(files) > 1
        for m in members_of(number, definitions[files[0]])
        if m.key not in taken
    ]


def _copied_sections(
    definitions: Sequence[Definition], distinct: Alignment, classes: Sequence[Sequence[int]]
) -> list[Group]:
    taken = {m.key for group in distinct.sections if group.relation == "same" for m in group.members}
    return [
        Group(tuple(Member(file, section, path) for file in files), "same", 1.0, "copies of one file")
        for number, files in enumerate(classes)
        if len(files) > 1
        for path, section in walk_sections(definitions[files[0]].root)
        if (number, section.line) not in taken
    ]


def choose_title(
    definitions: Sequence[Definition],
    fields: Sequence[FieldOutcome],
    policy: Policy,
    voice: voices.Voice,
    knowledge: Knowledge,
) -> TitleChoice:
    """The one top heading: the voice's; else what most variants of its role call it, not the name of a section; else
    made of the name."""
    order = sorted(range(len(definitions)), key=policy.rank)
    titles: list[tuple[int, Section]] = []
    for file in order:
        section = document_title(definitions[file])
        if section is not None and section.title:
            titles.append((file, section))
    telling = [pair for pair in titles if kind_of(pair[1].title, knowledge) == "topics"]
    chosen = [pair for pair in telling if pair[0] == voice.file]
    chosen = chosen or [pair for pair in telling or titles if pair[0] in voice.group]
    if not chosen:
        return TitleChoice(_name_as_title(fields), None, ())
    votes = Counter(normal_title(section.title) for _, section in chosen)
    best = max(votes.values())
    winner = next(pair for pair in chosen if votes[normal_title(pair[1].title)] == best)
    return TitleChoice(winner[1].title, winner, tuple(titles))


def _name_as_title(fields: Sequence[FieldOutcome]) -> str:
    """`backend-engineer` as `Backend Engineer`."""
    outcome = next((outcome for outcome in fields if outcome.key == "name" and outcome.text), None)
    if outcome is None or not isinstance(outcome.value, str):
        return ""
    words = outcome.value.replace("-", " ").replace("_", " ").split()
    return " ".join(word if word[:1].isupper() else word.capitalize() for word in words)
