"""The frontmatters of all variants in, the result's out, field by field; and the one voice that it speaks with."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agentmerge.errors import PolicyError
from agentmerge.knowledge.signs import listed_words
from agentmerge.knowledge.tables import Dialect, Knowledge
from agentmerge.matching import aligning
from agentmerge.matching.features import identity_of, normal_title
from agentmerge.matching.pairwise import Bag, similarity, words
from agentmerge.matching.records import Alignment
from agentmerge.model import Comment, Definition, Field, Value
from agentmerge.planning.guards import content
from agentmerge.planning.intake import are_versions, document_title, kind_of
from agentmerge.planning.records import Fate, Notice, Source
from agentmerge.planning.strategies import (
    FIELD_RULES,
    FIXED,
    FROM,
    ONE_VOICE,
    WORDINGS,
    Candidates,
    Choice,
    Policy,
    Survey,
    rights_notices,
    strategy_of,
)
from agentmerge.reading import frontmatter, yamlio
from agentmerge.rights import comparing, reading
from agentmerge.text.lines import split_lines, to_lf

# Voices ---------------------------------------------------------------------------------------------------------------
#
# The one voice of a result: name, title, description and identity speak of one role, as one of the files says it.


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose name, title, description and identity stand."""

    file: int
    group: frozenset[int]
    """The files of its role: where it says nothing, one of them may."""
    roles: tuple[tuple[int, ...], ...]
    """The files by role; one group for one role."""

    def first(self, files: Sequence[int]) -> int | None:
        """The one of some files that speaks: the voice itself, else the first of its role."""
        return self.file if self.file in files else next((file for file in files if file in self.group), None)


def choose(definitions: Sequence[Definition], alignment: Alignment, policy: Policy, knowledge: Knowledge) -> Voice:
    """Of the files with the name, and then the title, that most have, the most typical one that names the role.

    That is the one whose identity and description are most like those of the others, where there are several to be
    like; else the wording chooses among their descriptions.
    """
    groups = aligning.apart(alignment, knowledge)
    order = sorted(range(len(definitions)), key=policy.rank)
    if policy.strategy_decides:
        order = order[:1]
    files = _most(order, lambda file: _name(definitions[file]))
    titled = _most(files, lambda file: _title(definitions[file], knowledge))
    # A title that one file alone gives is no reason to pass over the description that the wording takes.
    files = titled if len(titled) > 1 else files
    name = policy.wording_at(["frontmatter/description"])
    wording = WORDINGS[name].choose
    typical = _typical(definitions, files, knowledge) if name == Policy().wording and not policy.prefer else None
    for texts in (_descriptions, identity_of):
        if typical is not None:
            file = typical
            break
        said = [(file, text) for file in files if (text := texts(definitions[file], knowledge))]
        if said:
            file = said[wording([text for _, text in said])][0]
            break
    else:
        file = files[0]
    return Voice(file, frozenset(next(group for group in groups if file in group)), groups)


_SEVERAL = 3
"""Files that say who the agent is from which on one of them may be the most typical."""
_TRIGGERED = 0.15
"""What it is worth that a description says when to use the agent: a slogan does not."""


def _typical(definitions: Sequence[Definition], files: Sequence[int], knowledge: Knowledge) -> int | None:
    """The file whose identity and description are most like the others' and that names its role; None for too few."""
    said = {file: identity_of(definitions[file], knowledge) for file in files}
    said = {file: text for file, text in said.items() if text}
    if len(said) < _SEVERAL:
        return None
    role = {word for file in said for word in words(_name(definitions[file]).replace("-", " "))}
    identities = {file: Bag(sorted(content(text, knowledge))) for file, text in said.items()}
    told = {file: Bag(sorted(content(_descriptions(definitions[file], knowledge), knowledge))) for file in said}

    def rank(file: int) -> tuple[float, int]:
        names = not role or bool(role & set(words(said[file])))
        likeness = _likeness(file, identities) + _likeness(file, told)
        triggered = listed_words(_descriptions(definitions[file], knowledge), "trigger", knowledge=knowledge)
        # What ends in a colon says the rest in the list below it.
        whole = not said[file].rstrip("*_ ").endswith((":", "："))
        return -(names + whole + likeness + (_TRIGGERED if triggered else 0.0)), files.index(file)

    return min(said, key=rank)


def _likeness(file: int, bags: Mapping[int, Bag]) -> float:
    others = [similarity(bags[file], bag) for other, bag in bags.items() if other != file]
    return sum(sorted(others)) / len(others)


def _most(files: Sequence[int], said: Callable[[int], str]) -> list[int]:
    """The files that say what most of them say, of equals what comes first; all of them where none says anything."""
    votes = Counter(text for file in files if (text := said(file)))
    if not votes:
        return list(files)
    # Of equal counts the one that was met first comes first.
    ((winner, _),) = votes.most_common(1)
    return [file for file in files if said(file) == winner]


def _name(definition: Definition) -> str:
    field = definition.field("name")
    return field.text.strip() if field is not None else ""


def _title(definition: Definition, knowledge: Knowledge) -> str:
    """The top heading, unless it is the name of a kind of section."""
    section = document_title(definition)
    return normal_title(section.title) if section is not None and kind_of(section.title, knowledge) == "topics" else ""


def _descriptions(definition: Definition, _: Knowledge) -> str:
    field = definition.field("description")
    return field.text.strip() if field is not None else ""


def notices(voice: Voice, names: Sequence[str]) -> Iterator[Notice]:
    """What is told where the files define more than one role."""
    if len(voice.roles) > 1:
        parts = "; ".join(", ".join(names[file] for file in group) for group in voice.roles)
        message = (
            f"the files define {len(voice.roles)} roles, as far as names, identity and content tell: {parts}; name,"
            f" title, description and identity are those of {names[voice.file]}; combine the files of each role alone"
        )
        yield Notice("different-roles", "warning", message)


# Fields ---------------------------------------------------------------------------------------------------------------
#
# The frontmatter of the result, field by field: a rule decides each, and what it costs is told.


_VITAL = frozenset({"name", "description"})
"""Fields without which hosts skip a file: no strategy drops them."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What became of a comment at a field of one variant."""

    file: int
    comment: Comment
    fate: Fate


@dataclass(frozen=True, slots=True)
class FieldOutcome:
    """What became of one field."""

    key: str
    rule: str
    text: str | None
    """Its lines in the result, each with a LF; None where it is left out."""
    winner: int | None = None
    """Variant whose field stands or lent its form."""
    merged: bool = False
    """Whether members of several variants went into the value."""
    sources: tuple[tuple[int, Field], ...] = ()
    """The field of each variant that has it, duplicates included."""
    agreed: frozenset[int] = frozenset()
    """Variants whose value means the same as the one that stands."""
    notes: tuple[Notice, ...] = ()
    note: str = ""
    remarks: tuple[Remark, ...] = ()
    """The comments of all variants at this field."""
    value: Value = None
    """What it says in the result."""
    is_open: bool = False
    """Whether a person has to decide it: nothing is left of lists that each granted something."""


def host_of(definitions: Sequence[Definition], policy: Policy, knowledge: Knowledge) -> Dialect:
    """The dialect that the result is written for: the first file's whose host has fields."""
    ranked = [definitions[file] for file in sorted(range(len(definitions)), key=policy.rank)]
    known = knowledge.dialects
    found = next((one for one in ranked if one.frontmatter is not None and known[one.dialect].fields), ranked[0])
    return yamlio.relaxed(known[found.dialect]) if found.guessed else known[found.dialect]


_VOICED = "description"
"""The field that comes from the file whose name stands, unless a policy says otherwise."""


def decide_fields(
    definitions: Sequence[Definition],
    policy: Policy,
    knowledge: Knowledge,
    voice: Voice,
    ruled: Mapping[str, tuple[int, str]] | None = None,
) -> Iterator[FieldOutcome]:
    """An outcome per key, in canonical order: known fields as the table has them, then the variants' own order.

    `voice` says whose description stands; `ruled` has, by key, the file whose value stands and the rule, where somebody
    decided it.
    """
    order = sorted(range(len(definitions)), key=policy.rank)
    host = host_of(definitions, policy, knowledge)
    keys = dict.fromkeys(field.key for file in order for field in definitions[file].fields)
    known = {key: knowledge.field_info(key) for key in keys}
    sources: dict[str, list[tuple[int, Field]]] = defaultdict(list)
    for file in order:
        for field in definitions[file].fields:
            sources[field.key].append((file, field))
    for key in sorted(keys, key=lambda key: known[key].rank):
        is_voiced = key == _VOICED and not policy.field_rule(key)
        speaker = voice.first([file for file, _ in sources[key]]) if is_voiced else None
        speaks = (ruled or {}).get(key) or (None if speaker is None else (speaker, ONE_VOICE))
        yield _decide(key, definitions, order, policy, host, tuple(sources[key]), knowledge, speaks)
    fixed = [rule for rule in policy.rules if rule.about_fields and rule.value.startswith(FIXED)]
    for key in dict.fromkeys(rule.pattern.partition("/")[2].strip() for rule in fixed):
        if key and key not in keys and "*" not in key:
            # As any other: what it grants beyond the variants is told.
            yield _decide(key, definitions, order, policy, host, (), knowledge, None)
    if policy.name is not None and "name" not in keys:
        yield FieldOutcome("name", "--name", yamlio.written("name", policy.name, "", host), value=policy.name)


def _decide(
    key: str,
    definitions: Sequence[Definition],
    order: Sequence[int],
    policy: Policy,
    host: Dialect,
    sources: tuple[tuple[int, Field], ...],
    knowledge: Knowledge,
    speaks: tuple[int, str] | None,
) -> FieldOutcome:
    """`speaks` is the file whose value stands, and why, where one speaks for all; else the field has a rule."""
    fields = tuple(definitions[file].field(key) for file in order)
    in_force = tuple(reading.in_force(definitions[file], key) for file in order)
    hosts = tuple(definitions[file].dialect for file in order)
    candidates = Candidates(knowledge.field_info(key), fields, in_force, hosts, knowledge)
    rule = _rule(key, candidates, policy) if speaks is None else speaks[1]
    if rule == "newest":
        candidates = replace(candidates, are_versions=are_versions([definitions[file] for file in order]))
    if rule.startswith(FIXED) or (key == "name" and policy.name is not None):
        by_flag = key == "name" and policy.name is not None
        fixed: Value = policy.name if by_flag else value_of(key, rule.removeprefix(FIXED), host, knowledge)
        given = Choice(candidates.present[0] if candidates.present else 0, fixed, merged=True)
        notes = tuple(rights_notices(key, "set", given, candidates, ())) if candidates.info.rights else ()
        written = yamlio.written(key, fixed, "", host)
        return FieldOutcome(key, "--name" if by_flag else "set", written, sources=sources, notes=notes, value=fixed)
    _refuse_misfit(key, rule, candidates)
    dropped = (
        (speaks is None or speaks[1] == ONE_VOICE)
        and not policy.field_rule(key)
        and key not in _VITAL
        and not _survives(key, candidates, policy)
    )
    if dropped:
        choice = Choice(note=f"strategy {policy.strategy}")
    else:
        choice = _choose(rule, candidates) if speaks is None else Choice(order.index(speaks[0]))
    winner = order[choice.index] if choice.index is not None else None
    value, text = _text(key, choice, candidates, host)
    notes = tuple(_notices(key, rule, choice, candidates, order))
    name = policy.strategy if dropped else rule
    agreed = frozenset(file for file in order if _agrees(definitions[file].field(key), choice, candidates))
    return FieldOutcome(
        key,
        name,
        text,
        winner,
        choice.merged,
        sources,
        agreed,
        notes,
        choice.note,
        value=value,
        is_open=choice.is_empty,
    )


_KEY = re.compile(r"[^\s:#\[\]{},&*!|>'\"%@`]+(?: [^\s:#\[\]{},&*!|>'\"%@`]+)*")
_NO_VALUE = ("#", "&", "|", ">")
"""What begins a comment, an anchor or a block: alone on a line each of them is nothing, or an empty text."""
_ENDS = {"[": "]", "{": "}", '"': '"', "'": "'"}
"""What begins a value that has an end, and that end."""


def _is_open(text: str) -> bool:
    """Whether a list, mapping or quotation is begun and not ended: `[Read`, and not `[file] [mode]`."""
    opens, ends = text[:1], _ENDS.get(text[:1], "")
    return bool(ends) and (text.count(opens) % 2 == 1 if opens == ends else text.count(opens) > text.count(ends))


def value_of(key: str, written: str, host: Dialect, knowledge: Knowledge) -> Value:
    """What a policy sets, read as YAML: a list, a number, true or false, a text in quotes.

    What is no YAML is a text, and so is a text with a colon in it, or one that YAML reads as nothing, such as `#fff`:
    no list of tools means every tool. PolicyError for a key that is none, and for a list, mapping or quotation that is
    not closed: as a text it would be another value than the one that was begun.
    """
    text = written.strip()
    if _KEY.fullmatch(key) and text.startswith(_NO_VALUE):
        return text
    read = frontmatter.split(f"---\n{key}: {text}\n---\n", knowledge, host.forms).front
    field = read.fields[0] if read is not None and read.valid and len(read.fields) == 1 else None
    if not _KEY.fullmatch(key):
        raise PolicyError(f"'{key}' is no name of a field", remedy="write a name without blanks, colons and brackets")
    if field is None or field.key != key or field.style == "recovered" or "\n" in text:
        if _is_open(text):
            raise PolicyError(f"'{text}' for '{key}' is not valid YAML", remedy="close the list or quotation")
        return text
    return text if isinstance(field.value, Mapping) and not text.startswith("{") else field.exact


def _refuse_misfit(key: str, rule: str, candidates: Candidates) -> None:
    """A rule about members or rights has no meaning for a single value."""
    shape, rights_of = candidates.info.shape, candidates.info.rights
    is_list = shape in ("set", "list") or any(isinstance(f.value, tuple) for f in candidates.fields if f is not None)
    is_list = is_list or (rule == "union" and rights_of in ("hooks", "servers"))
    if rule in ("union", "intersection") and not is_list:
        raise PolicyError(f"'frontmatter/{key}={rule}': '{key}' is no list", remedy="use first, majority or set:VALUE")
    if rule == "restrict" and not rights_of:
        raise PolicyError(f"'frontmatter/{key}=restrict': '{key}' grants no rights", remedy="use first or majority")


def _choose(rule: str, candidates: Candidates) -> Choice:
    if not candidates.present:
        return Choice(0 if rule != "unset" else None)
    return FIELD_RULES[rule].decide(candidates)


def _rule(key: str, candidates: Candidates, policy: Policy) -> str:
    own = policy.field_rule(key)
    if own is not None:
        return own
    rule = candidates.info.rule
    if rule == "wording":
        return policy.wording_at([f"frontmatter/{key}"])
    if policy.strategy_decides and rule == "majority":
        return "first"
    return rule


def _survives(key: str, candidates: Candidates, policy: Policy) -> bool:
    if candidates.info.rights and candidates.info.rule != "union":
        # Dropping a list of rights may grant more: its own rule keeps it to what all allow.
        return True
    holders = sum(field is not None for field in candidates.fields)
    strategy = policy.strategy_at([f"frontmatter/{key}"])
    if strategy.startswith(FROM):
        # A file may speak for sections alone; a field has rules of its own.
        return True
    return strategy_of(strategy).survives(Survey(holders, len(candidates.fields), policy.quorum))


def _text(key: str, choice: Choice, candidates: Candidates, host: Dialect) -> tuple[Value, str | None]:
    """What the field says in the result, and its lines."""
    if choice.index is None:
        return None, None
    field = candidates.fields[choice.index] or next(f for f in candidates.fields if f is not None)
    if choice.merged:
        return choice.value, _written(key, choice.value, field, host)
    return field.text if isinstance(field.value, (int, float)) else field.value, verbatim(
        field, host, candidates.knowledge
    )


def verbatim(field: Field, host: Dialect, knowledge: Knowledge) -> str:
    """The field as its author wrote it, or as the host's row says where its reader could not take that."""
    lines = to_lf(field.source).split("\n")
    text = "\n".join(line.rstrip() if not _keeps_blanks(field) else line for line in lines).strip("\n") + "\n"
    if text.rstrip("\n").rpartition("\n")[2].startswith("#"):
        # Without the blank line the comment would go over to the next field.
        text += "\n"
    by_itself = field.style not in ("recovered", "merged") and not _is_alias(field)
    if by_itself and _reads_back(text, field, host, knowledge) and not yamlio.fault(field, host):
        return text
    return yamlio.written(field.key, field.exact, field.style, host)


def _is_alias(field: Field) -> bool:
    """Whether the value is one that another field names: its line says nothing without that field."""
    head = next(iter(split_lines(field.source)[field.line - field.start :]), "")
    return head.partition(":")[2].lstrip(" \t").startswith("*")


def _keeps_blanks(field: Field) -> bool:
    return field.style in ("literal", "folded", "double", "single")


def _reads_back(text: str, field: Field, host: Dialect, knowledge: Knowledge) -> bool:
    read = frontmatter.split(f"---\n{text}---\n", knowledge, host.forms).front
    said = [(field.key, field.content)]
    return read is not None and read.valid and [(one.key, one.content) for one in read.fields] == said


def _written(key: str, value: Value, field: Field, host: Dialect) -> str:
    """A value that was made of several, in the form of the field that it replaces."""
    if isinstance(field.value, Mapping) and isinstance(value, tuple):
        value = {name.removeprefix(reading.DENIED): not name.startswith(reading.DENIED) for name in map(str, value)}
    if isinstance(field.value, str) and isinstance(value, tuple) and value:
        separator = ", " if "," in field.value or not key.endswith("-tools") else " "
        value = separator.join(str(item) for item in value)
    return yamlio.written(key, value, field.style, host)


def _agrees(field: Field | None, choice: Choice, candidates: Candidates) -> bool:
    if field is None or choice.index is None:
        return False
    if choice.merged:
        return candidates.info.shape == "set" and set(reading.members(candidates.info, field.value)) == set(
            reading.members(candidates.info, choice.value)
        )
    winner = candidates.fields[choice.index]
    return winner is not None and comparing.same_value(field, winner, candidates.knowledge)


def _notices(key: str, rule: str, choice: Choice, candidates: Candidates, order: Sequence[int]) -> Iterator[Notice]:
    present = [(order[n], f) for n in candidates.present if (f := candidates.fields[n]) is not None]
    sources = tuple(Source(file, field.line, "field", field.text, field.inline) for file, field in present)
    if candidates.info.rights:
        yield from rights_notices(key, rule, choice, candidates, sources)
    elif (
        candidates.info.shape != "prose"
        and not choice.merged
        and not _all_same([f for _, f in present], candidates.knowledge)
    ):
        yield _values_notice(key, rule, choice, candidates, sources)


def _all_same(fields: Sequence[Field], knowledge: Knowledge) -> bool:
    return all(comparing.same_value(fields[0], field, knowledge) for field in fields[1:])


def _values_notice(key: str, rule: str, choice: Choice, candidates: Candidates, sources: tuple[Source, ...]) -> Notice:
    winner = candidates.fields[choice.index] if choice.index is not None else None
    kept = f"kept '{winner.inline}'" if winner is not None else "left it out"
    others = dict.fromkeys(source.inline for source in sources if winner is None or source.text != winner.text)
    because = choice.note or f"by {rule}"
    message = f"'{key}' differs: {kept} ({because}), not {', '.join(map(repr, others))}"
    return Notice(
        "field-differs",
        "warning" if key in ("name", "model") or choice.is_empty else "info",
        message,
        f"frontmatter/{key}",
        sources,
    )


# Remarks --------------------------------------------------------------------------------------------------------------
#
# Comments of the frontmatter: each stays at its field in the result, whichever variant's value stands there.


_HOMELESS = "#"
"""Stands for the key of comments that have no field to stay at."""


def kept(
    outcomes: Iterable[FieldOutcome], definitions: Sequence[Definition], host: Dialect, knowledge: Knowledge
) -> Iterator[FieldOutcome]:
    """The outcomes with the comments of all their fields: those that the text does not hold are put above the key.

    `host` is the dialect that the fields are written for.
    """
    homeless = [
        (file, remark)
        for file, definition in enumerate(definitions)
        if definition.frontmatter is not None
        for remark in definition.frontmatter.comments
    ]
    for outcome in outcomes:
        given = [(file, remark) for file, field in outcome.sources for remark in field.comments]
        if outcome.text is not None:
            given, homeless = [*homeless, *given], []
        yield _with_remarks(outcome, given, host, knowledge) if given else outcome
    if homeless:
        remarks = tuple(Remark(file, remark, Fate.DROPPED) for file, remark in homeless)
        yield FieldOutcome(_HOMELESS, "unset", None, note="no field is left to stand at", remarks=remarks)


def _with_remarks(
    outcome: FieldOutcome, given: Sequence[tuple[int, Comment]], host: Dialect, knowledge: Knowledge
) -> FieldOutcome:
    if outcome.text is None:
        return replace(outcome, remarks=tuple(Remark(file, remark, Fate.DROPPED) for file, remark in given))
    held = rows_of(_field_of(outcome.text, host, knowledge))
    above: list[str] = []
    told: dict[tuple[int, int], Remark] = {}
    # What stands in the text already comes first, so that it is never written twice.
    for file, remark in sorted(given, key=lambda pair: pair[0] != outcome.winner):
        rows = _rows(remark)
        is_held = place_of(rows, held) is not None
        if not is_held:
            above += yamlio.in_comment(remark.text).split("\n")
            held = [*held, *rows]
        fate = Fate.MERGED if is_held and file != outcome.winner else Fate.KEPT
        told[file, remark.line] = Remark(file, remark, fate)
    remarks = tuple(told[file, remark.line] for file, remark in given)
    return replace(outcome, text="".join(f"{line}\n" for line in above) + outcome.text, remarks=remarks)


def _field_of(text: str, host: Dialect, knowledge: Knowledge) -> Field | None:
    front = frontmatter.split(f"---\n{text}---\n", knowledge, host.forms).front
    return front.fields[0] if front is not None and front.fields else None


def rows_of(field: Field | None) -> list[tuple[str, int]]:
    """The lines of a field's comments without their signs, each with its line in the file."""
    return [row for remark in (field.comments if field is not None else ()) for row in _rows(remark)]


def _rows(remark: Comment) -> list[tuple[str, int]]:
    return [(_words(line), remark.line + number) for number, line in enumerate(remark.text.split("\n"))]


def _words(line: str) -> str:
    return " ".join(yamlio.in_comment(line).lstrip("#").split())


def place_of(rows: Sequence[tuple[str, int]], held: Sequence[tuple[str, int]]) -> int | None:
    """The line on which lines of comments stand together among others; None where they do not."""
    wanted, words = [row[0] for row in rows], [row[0] for row in held]
    starts = (at for at in range(len(words) - len(wanted) + 1) if words[at : at + len(wanted)] == wanted)
    first = next(starts, None)
    return None if first is None else held[first][1]


def line_of(remark: Comment, field: Field | None) -> int | None:
    """The line of the result on which a comment stands."""
    return place_of(_rows(remark), rows_of(field))
