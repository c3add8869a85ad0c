"""A lineage in, out who brought each thing in its present meaning, and what came from another file or went to one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from agentmerge.drifting.arrivals import Fresh
from agentmerge.knowledge.tables import Knowledge
from agentmerge.lineage.chains import Form, Life, Step, What, sentence_lives
from agentmerge.lineage.holdings import field_lives
from agentmerge.model import Definition, walk_sections, walk_units
from agentmerge.rights import comparing
from agentmerge.statements.clauses import Clause, clauses_of
from agentmerge.statements.sentences import Restatements

# Origins --------------------------------------------------------------------------------------------------------------
#
# Who brought each thing that a file says in its present meaning, and which rules went.


OriginKind = Literal["guardrail", "statement", "right", "trigger", "model", "field", "title", "block"]
"""As the kind of a life; a title of a section, and what is read by no sentence, such as code."""


_START = 40
"""Characters by which a sentence is found in its unit."""


class Origin(NamedTuple):
    """One thing that the newest version says, and the version that brought it so."""

    line: int
    end: int
    """Its last line."""
    kind: OriginKind
    text: str
    version: int
    """Number of the version, from 1."""
    what: What
    """What that version did."""
    then_line: int = 0
    """Where it stood in that version."""
    word: str = ""
    """Of a rule the word that binds most."""


class Lost(NamedTuple):
    """A rule that stood once and stands no more."""

    text: str
    version: int
    """Number of the version that took it."""
    last: Form
    """As the version before had it."""


class Blame(NamedTuple):
    """Everything of the newest version in the order of the file, and what is lost, the newest loss first."""

    origins: tuple[Origin, ...]
    lost: tuple[Lost, ...]


def blame(definitions: Sequence[Definition | None], steps: Sequence[Step], knowledge: Knowledge) -> Blame:
    """Trace every sentence, block, title and field of the last definition to the version that brought its meaning.

    `definitions` and `steps` are as `lineage` takes them; the last definition has to be one that could be read.
    """
    newest = definitions[-1]
    assert newest is not None
    lives = sentence_lives(definitions, steps, knowledge)
    found = [
        *_fields(newest, field_lives(definitions, steps, knowledge), knowledge),
        *_titles(definitions, steps),
        *_units(newest, lives, _blocks(definitions, steps), knowledge),
    ]
    return Blame(tuple(sorted(found, key=lambda one: (one.line, one.kind != "title"))), tuple(_lost(lives)))


def _fields(newest: Definition, lives: Sequence[Life], knowledge: Knowledge) -> Iterator[Origin]:
    of = {life.text: life for life in lives if life.is_alive}
    rights_keys = {key for key, life in of.items() if any(e.rule.startswith("permission-") for e in life.events)}
    for field in newest.fields:
        life = of.get(field.key)
        if life is not None:
            is_right = field.key in rights_keys or comparing.is_right(field.key, newest.dialect or "", knowledge)
            yield _origin(
                life, field.line, field.end - 1, f"{field.key}: {field.inline}", "right" if is_right else _kind(life)
            )


def _kind(life: Life) -> OriginKind:
    return life.kind if life.kind in ("guardrail", "statement", "trigger", "model") else "field"


def _origin(life: Life, line: int, end: int, text: str, kind: OriginKind) -> Origin:
    event, form = life.meant_since, life.forms[-1]
    then = life.forms[event.version - 1]
    word = form.word if form is not None and kind == "guardrail" else ""
    return Origin(line, end, kind, text, event.version, event.what, then.line if then else line, word)


def _units(
    newest: Definition, lives: Sequence[Life], blocks: Mapping[int, tuple[int, What]], knowledge: Knowledge
) -> Iterator[Origin]:
    """A row for each unit, or for each of its sentences where these came at different times."""
    at: dict[tuple[int, str], list[Life]] = defaultdict(list)
    for life in lives:
        form = life.forms[-1]
        if form is not None and life.events[-1].what != "joined":
            at[form.line, form.text].append(life)
    said: dict[int, list[Life]] = defaultdict(list)
    for clause in clauses_of(0, newest, knowledge):
        if found := at.get((clause.unit.line, clause.text)):
            said[clause.unit.line].append(found.pop(0) if len(found) > 1 else found[0])
    for place in walk_units(newest.root):
        unit, own = place.unit, said.get(place.unit.line, [])
        if not unit.text:
            continue
        if not own:
            version, what = blocks.get(unit.line, (1, "added"))
            yield Origin(unit.line, unit.end - 1, "block", unit.text, version, what, unit.line)
        elif len({life.meant_since.version for life in own}) == 1:
            first = max(own, key=lambda life: life.kind == "guardrail")
            yield _origin(first, unit.line, unit.end - 1, unit.flow, _kind(first))
        else:
            for life in own:
                line = unit.line + unit.text[: max(unit.text.find(life.text.split("\n")[0][:_START]), 0)].count("\n")
                last = line + life.text.count("\n")
                yield _origin(life, line, min(max(last, line), unit.end - 1), life.text, _kind(life))


def _blocks(definitions: Sequence[Definition | None], steps: Sequence[Step]) -> Mapping[int, tuple[int, What]]:
    """For each line at which a unit of the newest version begins the version that it says so since."""
    known: dict[int, dict[int, tuple[int, What]]] = {}
    for number, one in enumerate(definitions):
        if one is not None and not known:
            known[number] = dict.fromkeys((place.unit.line for place in walk_units(one.root)), (number + 1, "added"))
    for step in steps:
        changed = {c.new.line for c in step.pair.diff.changes if c.kind == "unit-reworded" and c.new is not None}
        before, own = known[step.a], dict[int, tuple[int, What]]()
        for pair in step.matching.units:
            since = before.get(pair.a.line, (step.b + 1, "added"))
            own[pair.b.line] = (step.b + 1, "changed") if pair.b.line in changed else since
        for member in step.matching.only_b:
            own[member.line] = step.b + 1, "added"
        known[step.b] = own
    return known[max(known)] if known else {}


def _titles(definitions: Sequence[Definition | None], steps: Sequence[Step]) -> Iterator[Origin]:
    """A row for each heading: the version since which it is called so."""
    first = next((n for n, one in enumerate(definitions) if one is not None), 0)
    known: dict[int, dict[int, tuple[int, What, int]]] = {first: {}}
    start = definitions[first]
    for _, section in walk_sections(start.root) if start is not None else ():
        known[first][section.line] = first + 1, "added", section.line
    for step in steps:
        own = dict[int, tuple[int, What, int]]()
        for pair in step.matching.sections:
            since = known[step.a].get(pair.a.line)
            same = pair.a.text == pair.b.text and since is not None
            own[pair.b.line] = since if same and since is not None else (step.b + 1, "reworded", pair.b.line)
        for member in step.matching.sections_only_b:
            own[member.line] = step.b + 1, "added", member.line
        known[step.b] = own
    newest = definitions[-1]
    for _, section in walk_sections(newest.root) if newest is not None else ():
        if section.line:
            version, what, line = known[max(known)].get(section.line, (first + 1, "added", section.line))
            yield Origin(section.line, section.line, "title", section.title, version, what, line)


def _lost(lives: Sequence[Life]) -> Iterator[Lost]:
    gone = [life for life in lives if life.kind == "guardrail" and not life.is_alive]
    for life in sorted(gone, key=lambda one: (-one.events[-1].version, one.events[0].version)):
        held = [form for form in life.forms if form is not None]
        if any(form.weight for form in held):
            yield Lost(held[-1].text, life.events[-1].version, held[-1])


# Transfers ------------------------------------------------------------------------------------------------------------
#
# Statements that came from another file or went to one, in one commit.


LEAST = 3
"""Words of a sentence from which another file says it by no chance."""


class Place(NamedTuple):
    """Where a sentence stands."""

    path: str
    line: int
    text: str
    is_sure: bool = True
    """False for one that may say it in other words."""


class Edited(NamedTuple):
    """A file as a commit changed it."""

    path: str
    before: Definition | None
    after: Definition | None


def came_from(text: str, files: Sequence[Edited], knowledge: Knowledge) -> Place | None:
    """The sentence of another file that had the same words before, and has them no more; None where there is none."""
    for one in files:
        if one.before is None:
            continue
        found = _saying(text, one.before, knowledge)
        if found is not None and (one.after is None or _saying(text, one.after, knowledge) is None):
            return Place(one.path, found.unit.line, found.text)
    return None


def _saying(text: str, definition: Definition, knowledge: Knowledge) -> Clause | None:
    wanted = _folded(text)
    if len(wanted) < LEAST:
        return None
    return next((one for one in clauses_of(0, definition, knowledge) if one.folded.split() == wanted), None)


def _folded(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text.lower()).split()


def went_to(
    text: str, own: tuple[Definition, Definition], files: Sequence[Edited], knowledge: Knowledge
) -> Place | None:
    """Where a rule stands that a version lost: in another file of the commit, or in other words in its own.

    `own` is the file before and after.
    """
    clauses = clauses_of(0, own[0], knowledge)
    number = next((n for n, one in enumerate(clauses) if one.text == text), None)
    if number is None:
        return None
    for one in files:
        if one.after is None:
            continue
        found = Fresh(one.path, one.after, knowledge, one.before).find(clauses[number], number)
        if found is not None:
            return Place(one.path, found.unit.line, found.text)
    likely = Restatements(clauses, clauses_of(1, own[1], knowledge), knowledge).of(clauses[number], number)
    return Place("", likely[0].clause.unit.line, likely[0].clause.text, is_sure=False) if likely else None
