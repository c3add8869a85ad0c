"""The frontmatter of the result, field by field: a rule decides each, and what it costs is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agentmerge import forms, rights
from agentmerge.combining.costs import rights_notices
from agentmerge.combining.intake import are_versions
from agentmerge.combining.policy import Policy
from agentmerge.combining.strategies import FIELD_RULES, FIXED, FROM, ONE_VOICE, Candidates, Choice, Survey, strategy_of
from agentmerge.combining.voices import Voice
from agentmerge.errors import PolicyError
from agentmerge.knowledge import Dialect, Knowledge
from agentmerge.model import Comment, Definition, Field, Value
from agentmerge.outcome import Fate, Notice, Source
from agentmerge.parsing import frontmatter
from agentmerge.parsing.lines import split_lines, to_lf

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
    return forms.relaxed(known[found.dialect]) if found.guessed else known[found.dialect]


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
        yield FieldOutcome("name", "--name", forms.written("name", policy.name, "", host), value=policy.name)


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
    in_force = tuple(rights.in_force(definitions[file], key) for file in order)
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
        written = forms.written(key, fixed, "", host)
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


def value_of(key: str, written: str, host: Dialect, knowledge: Knowledge) -> Value:
    """What a policy sets, read as YAML: a list, a number, true or false, a text in quotes.

    What is no YAML is a text, and so is a text with a colon in it.
    """
    text = written.strip()
    read = frontmatter.split(f"---\n{key}: {text}\n---\n", knowledge, host.forms).front
    field = read.fields[0] if read is not None and read.valid and len(read.fields) == 1 else None
    if field is None or field.key != key or field.style == "recovered" or "\n" in text:
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
    if by_itself and _reads_back(text, field, host, knowledge) and not forms.fault(field, host):
        return text
    return forms.written(field.key, field.exact, field.style, host)


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
        value = {name.removeprefix(rights.DENIED): not name.startswith(rights.DENIED) for name in map(str, value)}
    if isinstance(field.value, str) and isinstance(value, tuple) and value:
        separator = ", " if "," in field.value or not key.endswith("-tools") else " "
        value = separator.join(str(item) for item in value)
    return forms.written(key, value, field.style, host)


def _agrees(field: Field | None, choice: Choice, candidates: Candidates) -> bool:
    if field is None or choice.index is None:
        return False
    if choice.merged:
        return candidates.info.shape == "set" and set(rights.members(candidates.info, field.value)) == set(
            rights.members(candidates.info, choice.value)
        )
    winner = candidates.fields[choice.index]
    return winner is not None and rights.same_value(field, winner, candidates.knowledge)


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
    return all(rights.same_value(fields[0], field, knowledge) for field in fields[1:])


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
