"""Variants of one role in, one canonical file out: every stage in its order; files of nested folders are layers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from agentmerge.combining import assembling, checking, placing, rendering, routing, survival
from agentmerge.combining.assembling import Marking, assemble, heading, stands_alone
from agentmerge.combining.checking import Ledger, TitleChoice
from agentmerge.combining.rendering import Template, rendered
from agentmerge.errors import InputError, InternalError, PolicyError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching import constants as c
from agentmerge.matching.aligning import align
from agentmerge.matching.features import normal_title
from agentmerge.matching.records import CROWDED, Alignment, Group, Member, members_of
from agentmerge.model import MERGE, Definition, Field, Section, walk_sections, walk_units
from agentmerge.planning import answers, clusters, marks
from agentmerge.planning import fields as planning_fields
from agentmerge.planning.deciding import Plan, Stage, consult, decide_units, kinds_of, paths_of
from agentmerge.planning.fields import FieldOutcome, decide_fields, host_of
from agentmerge.planning.intake import Key, document_title, kind_of
from agentmerge.planning.records import Ask, Decision, LedgerRow, Merged, Notice, Source
from agentmerge.planning.strategies import Policy, unmatched, wider_as_a_whole
from agentmerge.planning.tree import build_tree, walk_nodes
from agentmerge.proving.laws.counting import rails_cut, takes_comments_out
from agentmerge.reading.blocks import is_meaning
from agentmerge.reading.checks import hidden_characters
from agentmerge.reading.parsing import parse
from agentmerge.text.markers import refuse_markers
from agentmerge.text.paths import hint
from agentmerge.text.similarity import Embed
from agentmerge.writing.emitting import CANONICAL

# Layers ---------------------------------------------------------------------------------------------------------------
#
# Instructions of nested folders: layers, of which the nearest one counts first, and no variants of one text.
#
# A rule of a package must not become a rule of the whole repository, so layers are not combined. Flattened, each stands
# whole below a heading with the path that it holds for.


Combine = Callable[[Definition], Merged]
"""One text in canonical form."""


def scopes(places: Sequence[PurePath], knowledge: Knowledge) -> list[str] | None:
    """The path that each layer holds for, below the outermost one ("" for that); None where there are no layers.

    `places` are absolute paths. Layers are files of one name that a host reads by folder, one below the other.
    """
    layered = frozenset(knowledge.raw("reading")["layered"])
    named = [number for number, place in enumerate(places) if place.name.lower() in layered]
    below = any(
        a != b and places[a].name.lower() == places[b].name.lower() and places[a].parent in places[b].parents[1:]
        for a in named
        for b in named
    )
    if not below:
        return None
    top = min((place.parent for place in places), key=lambda folder: len(folder.parts))
    if any(not place.is_relative_to(top) for place in places):
        return None
    found = [place.parent.relative_to(top).as_posix() for place in places]
    return ["" if scope == "." else scope for scope in found]


def refuse(names: Sequence[str], paths: Sequence[str]) -> InputError:
    """The error for layers among what is to be combined."""
    outer = names[paths.index("")] if "" in paths else names[0]
    inner = next(name for name, scope in zip(names, paths, strict=True) if scope)
    what = f"is a layer below {outer}, and no variant of it: it holds for its own folder"
    remedy = "combine files of one folder, or write each layer under its path with --flatten"
    return InputError(what, file=inner, remedy=remedy)


def flatten(definitions: Sequence[Definition], paths: Sequence[str], combine: Combine, knowledge: Knowledge) -> Merged:
    """Each layer whole, the outermost first, the others below a heading with their path.

    Raises InputError for a second layer of one folder, and for one below another that has fields.
    """
    order = sorted(range(len(paths)), key=lambda number: (paths[number] != "", paths[number]))
    _refuse_strange(definitions, paths)
    text, parts = "", []
    for number in order:
        part = combine(definitions[number])
        body, moved = _below(part.text, paths[number], knowledge) if paths[number] else (part.text, 0)
        before = f"{text}\n" if text else ""
        parts.append((number, part, before.count("\n") + moved))
        text = before + body
    decisions: list[Decision] = []
    rows: list[LedgerRow] = []
    findings = list(_overrides(definitions, paths, knowledge))
    for number, part, shift in parts:
        first = len(decisions)
        decisions += [
            replace(one, id=one.id + first, members=tuple(map(_of(number), one.members))) for one in part.decisions
        ]
        rows += [
            replace(
                row,
                source=_of(number)(row.source),
                decision=row.decision + first,
                into=row.into + shift if row.into is not None else None,
            )
            for row in part.ledger
        ]
        findings += part.findings
    _require(rows, text, knowledge)
    ordered = tuple(sorted(rows, key=lambda row: (row.source.file, row.source.line)))
    return Merged(text, tuple(decisions), (), ordered, tuple(findings))


def _refuse_strange(definitions: Sequence[Definition], paths: Sequence[str]) -> None:
    for number, (definition, scope) in enumerate(zip(definitions, paths, strict=True)):
        if scope in paths[:number]:
            raise InputError(
                "is a second layer of its folder", file=definition.filename, remedy="combine these first, then flatten"
            )
        if scope and definition.fields:
            raise InputError(
                "has fields, which hold for a whole file", file=definition.filename, remedy="take them out, or leave it"
            )


def _of(file: int) -> Callable[[Source], Source]:
    return lambda source: replace(source, file=file)


def _below(text: str, scope: str, knowledge: Knowledge) -> tuple[str, int]:
    """A canonical text a level deeper below the heading of its scope, and by how many lines it moved."""
    lines = text.split("\n")
    first = None
    for path, section in walk_sections(parse(text, knowledge).root):
        if section.heading_level == 1 and not path and first is None:
            first = section
            lines[section.line - 1] = heading(_scope_title(scope, section.title), 2)
        elif section.heading_level:
            lines[section.line - 1] = heading(section.title, section.heading_level + 1)
    if first is not None:
        return "\n".join(lines), 0
    return "\n".join([heading(scope, 2), "", *lines]), 2


def _scope_title(scope: str, title: str) -> str:
    says_nothing = title.lower().removesuffix(".md") in ("agents", "claude", "gemini", scope.lower())
    return scope if says_nothing else f"{scope}: {title}"


def _overrides(definitions: Sequence[Definition], paths: Sequence[str], knowledge: Knowledge) -> list[Notice]:
    """What a nearer layer says otherwise."""
    found = []
    for group in align(definitions, knowledge).units:
        sides = {member.file: member for member in group.members}
        if (
            group.relation == "contradicts"
            and len(sides) > 1
            and not any(isinstance(m.node, Field) for m in group.members)
        ):
            nearest = max(sides, key=lambda file: len(PurePath(paths[file]).parts))
            text = " ".join(sides[nearest].text.split())
            message = (
                f"'{text[:60]}' holds in {paths[nearest]} against what is said above it ({group.slot or group.reason})"
            )
            found.append(Notice("layer-overrides", "info", message))
    return found


def _require(rows: Sequence[LedgerRow], text: str, knowledge: Knowledge) -> None:
    """InternalError where a unit is not on the line that its row names."""
    result = parse(text, knowledge)
    there = {place.unit.line: place.unit for place in walk_units(result.root)}
    for row in rows:
        if row.fate == "kept" and row.source.kind != "field" and row.into is not None:
            unit = there.get(row.into)
            if unit is None or unit.text.split() != row.source.text.split():
                raise InternalError(f"a unit of a layer is not where it should be: '{row.source.text[:60]}'")


# Combining ------------------------------------------------------------------------------------------------------------
#
# Variants of one role in, one canonical file out, with a decision for every group and a fate for every unit.


FORWARD = "a host cuts the end of the file off; what forbids or demands stands before it: {}"
"""What is told of sections that moved."""


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
    around: rendering.Surroundings | None = None,
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
    around = around or rendering.Surroundings()
    definitions = assembling.told_apart(rendering.from_there(definitions, around, knowledge), knowledge)
    names = tuple(definition.filename or f"variant {file + 1}" for file, definition in enumerate(definitions))
    policy.require_files(names)
    alignment = _aligned(definitions, knowledge, embed)
    marked = marks.read(definitions, names)
    entries = clusters.gather(definitions, knowledge, marked.is_frozen)
    found = survival.part(clusters.build(entries, alignment, knowledge), marked, knowledge)
    voice = planning_fields.choose(definitions, alignment, policy, knowledge)
    stage = Stage(given, definitions, names, entries, found, alignment, policy, voice, knowledge, embed)
    found, alignment, rulings, answered, heard = consult(stage, ask)
    procedures = clusters.procedure_groups(entries, found)
    tree = build_tree(definitions, alignment, policy.rank, procedures, knowledge)
    plan = decide_units(found, tree, alignment, policy, voice, knowledge, rulings)
    survival.count(plan, tree, alignment, policy, knowledge)
    routing.route(plan, tree, alignment, knowledge)
    routing.fold_topics(plan, tree, knowledge)
    routing.fold_lists(plan, tree, knowledge)
    routing.fold_into_blocks(plan, definitions, tree, alignment, knowledge)
    routing.fold_procedures(plan, definitions, tree, procedures, knowledge)
    survival.honour(plan, tree, marked)
    assembling.keep_used(plan, definitions)
    _leave_out(plan, imported)
    assembling.replace(plan, entries, annotate=annotate)
    if policy.budget is not None:
        survival.keep_to(policy.budget, plan, alignment, knowledge)
    layout = placing.place(definitions, plan, tree, entries, procedures, policy, knowledge)
    host = host_of(definitions, policy, knowledge)
    fields = tuple(
        planning_fields.kept(
            decide_fields(definitions, policy, knowledge, voice, rulings.fields), definitions, host, knowledge
        )
    )
    title = choose_title(definitions, fields, policy, voice, knowledge)
    paths = around.read_as(definitions, knowledge)
    shown = takes_comments_out(paths, knowledge)
    marking = Marking(names, tuple(plan.clashes), annotate, assembling.last_number(plan), shown)
    chosen = template_name if template is None else Template(template_name, template, template_parts or {})
    document = assemble(plan, layout, tree, fields, title.text, marking, knowledge)
    text, additions = rendered(document, chosen, host, knowledge)
    forward = placing.bring_forward(tree, plan, knowledge) if rails_cut(text, paths, knowledge) else []
    if forward:
        document = assemble(plan, layout, tree, fields, title.text, marking, knowledge)
        text, additions = rendered(document, chosen, host, knowledge)
    standing = [number for number, verdict in enumerate(plan.verdicts) if verdict.stands]
    own = template_name if template is not None else None
    try:
        result = checking.check(text, document, standing, knowledge, dialect=host.name, own_template=own)
    except InternalError as error:
        raise _unfit(definitions, knowledge) or error from None
    places = [f"frontmatter/{outcome.key}" for outcome in fields]
    places += [path for node in walk_nodes(tree.root) for path in paths_of(node, knowledge)]
    places += dict.fromkeys(kind for verdict in plan.verdicts for kind in kinds_of(verdict.cluster, knowledge))
    ledger = Ledger(plan, fields, title, result, knowledge)
    merged = Merged(
        text,
        ledger.decisions,
        ledger.conflicts,
        ledger.rows,
        (
            *planning_fields.notices(voice, names),
            *marked.notices,
            *answered,
            *answers.parted(rulings, tree.nodes),
            *_unmatched_rules(policy, places),
            *(note for outcome in fields for note in outcome.notes),
            *ledger.notices,
            *survival.told(plan, result.definition, definitions),
            *survival.budget_told(policy.budget, plan, result.definition, definitions),
            *_merge_keys(given, names),
            *_of_the_host(result.definition, definitions),
            *wider_as_a_whole(
                result.definition, definitions, names, [key.key for key in fields if key.notes], knowledge
            ),
            *assembling.notices(originals, definitions, names),
            *([Notice("guardrails-first", "info", FORWARD.format(", ".join(forward)))] if forward else ()),
            *additions,
            *checking.require(definitions, ledger.rows, text, knowledge),
            *_hidden(definitions, names),
            *([Notice("not-compared", "warning", CROWDED)] if alignment.crowded else ()),
        ),
        heard,
    )
    merged = assembling.as_written(merged, originals, definitions)
    return rendering.proven(merged, result.definition, definitions, around, knowledge)


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


_LONELY = re.compile(r"</?[A-Za-z][\w:.-]*>(?=[ \t]*(?:\n|\Z))")
"""A tag on a line of its own at the beginning of what is no container: its partner is missing or stands above it."""


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
            if place.unit.kind in ("html", "tag") and (tag := _LONELY.match(place.unit.text)):
                what = f"'{tag[0]}' has no partner, and would find another one in the result"
                return InputError(what, file=name, line=place.unit.line, remedy="close it, or take it out")
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
    voice: planning_fields.Voice,
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
