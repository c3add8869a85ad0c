"""Versions and their steps in, out what a file has beside its rules, and which findings hold no longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from agentmerge.diffing.records import folded
from agentmerge.drifting.records import SEVERITIES, UNDONE, Finding, PairDrift
from agentmerge.drifting.reviewing import pair_drift
from agentmerge.knowledge.tables import Knowledge
from agentmerge.lineage.chains import Event, Form, Life, LifeKind, Step, What
from agentmerge.matching.pairwise import Bag, parent_line, similarity, words
from agentmerge.matching.records import Member, members_of
from agentmerge.model import Definition, Section, Unit, per_definition, walk_sections, walk_units
from agentmerge.rights import comparing, patterns, reading, vocabulary
from agentmerge.statements.clauses import is_step, is_step_section
from agentmerge.statements.figures import data_keys
from agentmerge.statements.sentences import FAR

# Holdings -------------------------------------------------------------------------------------------------------------
#
# What a file has beside its rules, from version to version: rights by tier, keys of data, procedures, fields.


EVERY, NONE = "every tool", "no tool"
"""What rights are called without a limit, and where nothing is granted."""
_OF_FIELDS: tuple[LifeKind, ...] = ("model", "trigger")
"""What fields may be for, beside the rest."""
_FEW = 3
"""Capabilities that a tier lacks, up to which they are named instead of those that it has."""


class Value(NamedTuple):
    """Something that a version has by name."""

    text: str
    line: int
    weight: int = 0


Read = Callable[[int], Mapping[str, Value]]
"""The values of a version by name."""
Told = Callable[[str, int, int], "tuple[What, str] | None"]
"""What became of a name's value between two versions, and by which rule; None where its meaning stays."""


def holdings(definitions: Sequence[Definition | None], steps: Sequence[Step], knowledge: Knowledge) -> tuple[Life, ...]:
    """The lives of rights, keys of data, procedures and fields."""
    found = _Holdings(definitions, steps, knowledge)
    return (*found.rights(), *found.fields(), *found.contract(), *found.procedures())


def field_lives(
    definitions: Sequence[Definition | None], steps: Sequence[Step], knowledge: Knowledge
) -> tuple[Life, ...]:
    """The lives of fields alone."""
    return tuple(_Holdings(definitions, steps, knowledge).fields())


class _Holdings:
    def __init__(self, definitions: Sequence[Definition | None], steps: Sequence[Step], knowledge: Knowledge) -> None:
        self._definitions, self._steps, self._knowledge = definitions, steps, knowledge
        self._pairs = {(step.a, step.b): step for step in steps}

    def _read(self, version: int) -> Definition:
        definition = self._definitions[version]
        assert definition is not None
        return definition

    def _lives(self, kind: LifeKind, read: Read, told: Told) -> Iterator[Life]:
        """The life of every name that a version has."""
        readable = [n for n, one in enumerate(self._definitions) if one is not None]
        values = {n: read(n) for n in readable}
        for name in dict.fromkeys(name for n in readable for name in values[n]):
            events: list[Event] = []
            forms: list[Form | None] = []
            before: int | None = None
            for n in range(len(self._definitions)):
                if n not in values:
                    forms.append(forms[-1] if forms else None)
                    continue
                value = values[n].get(name)
                event = self._event(name, (before, n), values, told, is_new=not events)
                events += [event] if event else []
                forms.append(Form(value.text, value.line, value.weight) if value else None)
                before = n
            yield Life(kind, name, tuple(events), tuple(forms))

    def _event(
        self,
        name: str,
        ends: tuple[int | None, int],
        values: Mapping[int, Mapping[str, Value]],
        told: Told,
        *,
        is_new: bool,
    ) -> Event | None:
        a, b = ends
        old, new = values[a].get(name) if a is not None else None, values[b].get(name)
        if old is not None and new is not None:
            found = told(name, a if a is not None else b, b) if old.text != new.text else None
            return Event(b + 1, found[0], new.text, found[1]) if found else None
        if new is not None:
            return Event(b + 1, "added" if is_new else "restored", new.text)
        return Event(b + 1, "removed", old.text) if old is not None else None

    # Rights

    def rights(self) -> Iterator[Life]:
        """A life for each tier of rights that a version grants."""
        for life in self._lives("right", lambda n: tiers(self._read(n), self._knowledge), self._rights_moved):
            if any(form and form.weight for form in life.forms):
                yield life

    def _rights_moved(self, tier: str, a: int, b: int) -> tuple[What, str] | None:
        old, new = self._read(a), self._read(b)
        before, after = (reading.effective(one, self._knowledge) for one in (old, new))
        changes = comparing.compare(before, after, self._knowledge)
        along = _along({one.capability for one in changes}, self._knowledge)
        shift = comparing.shift(
            [one for one in changes if one.tier == tier and one.is_certain and one.capability not in along]
        )
        if not shift:
            # What another host can't limit is no grant of the author's; it is told all the same.
            return ("changed", "field-changed") if old.dialect != new.dialect else None
        what: What = "changed" if shift == "both" else shift
        return what, "permission-narrowed" if shift == "narrowed" else "permission-widened"

    # Fields

    def fields(self) -> Iterator[Life]:
        """A life for each field, by what it is for."""
        kinds: Mapping[str, Sequence[str]] = self._knowledge.raw("review")["fields"]
        of: dict[str, LifeKind] = {}
        for kind in _OF_FIELDS:
            of |= dict.fromkeys(kinds[kind], kind)
        for life in self._lives("field", self._fields_of, self._field_moved):
            yield life._replace(kind=of.get(life.text, "field"))

    def _fields_of(self, version: int) -> Mapping[str, Value]:
        return {field.key: Value(field.inline, field.line) for field in self._read(version).effective}

    def _field_moved(self, key: str, a: int, b: int) -> tuple[What, str] | None:
        findings = self._pairs[a, b].pair.findings if (a, b) in self._pairs else ()
        rules = [one.rule for one in findings if one.path == f"frontmatter/{key}"]
        rule = rules[0] if rules else ""
        if {"permission-widened", "permission-narrowed"} <= {*rules}:
            return "changed", rule
        if rule.startswith("permission-"):
            return ("widened" if rule.endswith("widened") else "narrowed"), rule
        return ("changed" if rule not in ("", "field-changed") else "reworded"), rule

    # Contract

    def contract(self) -> Iterator[Life]:
        """A life for each key of the data that the file shows."""
        return self._lives("contract", self._keys_of, lambda *_: ("changed", "contract-changed"))

    def _keys_of(self, version: int) -> Mapping[str, Value]:
        found: dict[str, Value] = {}
        for place in walk_units(self._read(version).root):
            for key, shape in data_keys(place.unit).items():
                found.setdefault(key, Value(shape, place.unit.line))
        return found

    # Procedures

    def procedures(self) -> Iterator[Life]:
        """A life for each section of steps, through new titles and places."""
        names: dict[tuple[int, int], str] = {}
        tables = [None if one is None else procedures(one, self._knowledge) for one in self._definitions]
        partners = {
            (step.b, pair.b.line): (step.a, pair.a.line) for step in self._steps for pair in step.matching.sections
        }
        for version, table in enumerate(tables):
            for line, (title, _) in (table or {}).items():
                before = partners.get((version, line))
                own = names.get(before) if before is not None else None
                names[version, line] = own or self._free(title, version, names)
        texts = [
            {
                names[n, line]: Value(f"{len(steps)} steps\n" + "\n".join(steps), line, len(steps))
                for line, (_, steps) in (table or {}).items()
            }
            for n, table in enumerate(tables)
        ]
        for life in self._lives(
            "procedure", lambda n: texts[n], lambda name, a, b: _steps_moved(texts[a][name], texts[b][name])
        ):
            yield _with_counts(life)

    @staticmethod
    def _free(title: str, version: int, names: Mapping[tuple[int, int], str]) -> str:
        """A name for a procedure: its title, unless another one of this version has it."""
        taken = {name for (n, _), name in names.items() if n == version}
        return title if title not in taken else f"{title} ({version + 1})"


def _steps_moved(old: Value, new: Value) -> tuple[What, str] | None:
    before, after = old.text.split("\n")[1:], new.text.split("\n")[1:]
    if len(before) != len(after):
        return "changed", "step-removed" if len(before) > len(after) else "step-added"
    return ("changed", "steps-reordered") if sorted(before) == sorted(after) else ("reworded", "")


def _with_counts(life: Life) -> Life:
    """A procedure told by how many steps it has."""
    events = tuple(one._replace(text=one.text.partition("\n")[0]) for one in life.events)
    forms = tuple(one and one._replace(text=one.text.partition("\n")[0]) for one in life.forms)
    return life._replace(events=events, forms=forms)


def procedures(definition: Definition, knowledge: Knowledge) -> dict[int, tuple[str, list[str]]]:
    """Title and steps of each section that has at least two, by its line; steps that are sections count, too."""
    found: dict[int, list[tuple[int, str]]] = {}
    titles = {section.line: section.title for _, section in walk_sections(definition.root)}
    for member in members_of(0, definition):
        if isinstance(member.node, Unit) and is_step(member, knowledge) and member.path:
            found.setdefault(parent_line(member), []).append((member.line, member.text))
    for path, section in walk_sections(definition.root):
        if path and is_step_section(_member(section, path), knowledge):
            found.setdefault(path[-1].line, []).append((section.line, section.title))
    return {
        line: (titles.get(line, ""), [text for _, text in sorted(steps)])
        for line, steps in sorted(found.items())
        if len(steps) > 1 and titles.get(line)
    }


def _member(section: Section, path: tuple[Section, ...]) -> Member:
    return Member(0, section, path)


def word_count(text: str) -> int:
    """How many words a text has, marks left out."""
    return sum(any(sign.isalnum() for sign in word) for word in words(text))


# Rights in words


@per_definition
def tiers(definition: Definition, knowledge: Knowledge) -> Mapping[str, Value]:
    """What a definition may do, for each tier: `all`, `none`, or capabilities; behind them what needs no question."""
    own = reading.effective(definition, knowledge)
    line = min((source.line for source in own.sources), default=1)
    said = {one.capability for one in own.said}
    every = _capabilities(knowledge)
    along = _along({name for names in every.values() for name in names if _level(own, name)}, knowledge)
    found = {}
    for tier, names in every.items():
        levels = {name: _level(own, name) for name in names if name not in along}
        granted = [name for name in levels if levels[name]]
        text = "all" if len(granted) == len(levels) else ", ".join(granted) or "none"
        asks = any(level is patterns.Level.ASK for level in levels.values())
        free = [name for name in granted if asks and levels[name] is patterns.Level.ALLOW and name in said]
        text += f"; without asking {', '.join(free)}" if free else ""
        found[tier] = Value(text, line, sum(levels.values()))
    return found


def _along(names: AbstractSet[str], knowledge: Knowledge) -> frozenset[str]:
    """What only comes along with some capabilities, and says nothing beside them: a shell can run tests."""
    implies: Mapping[str, Sequence[str]] = knowledge.raw("rights")["implies"]
    return frozenset(one for name in names for one in implies.get(name, ()))


def _capabilities(knowledge: Knowledge) -> Mapping[str, Sequence[str]]:
    table: Mapping[str, Sequence[str]] = knowledge.raw("rights")["capabilities"]
    return table


def _level(own: vocabulary.Rights, name: str) -> patterns.Level:
    """The highest level that a capability has for any argument that a field names."""
    extent = own.extent(name)
    least = (max((rule.level for rule in layer), default=patterns.Level.ALLOW) for layer in extent.layers)
    return min(least, default=patterns.Level.ALLOW)


def rights_in_words(definition: Definition, knowledge: Knowledge) -> str:
    """All rights in a few words: the names of its list where it has one, else tiers."""
    own, found = reading.effective(definition, knowledge), tiers(definition, knowledge)
    every = [name for names in _capabilities(knowledge).values() for name in names]
    lacking = [name for name in every if not _level(own, name)]
    names = ", ".join(dict.fromkeys(grant.name for grant in own.grants))
    if not lacking:
        return f"{EVERY} ({names} without asking)" if names and own.is_session else EVERY
    if len(lacking) == len(every):
        return NONE
    if names:
        return names
    if len(lacking) <= _FEW:
        return f"every tool but {', '.join(lacking)}"
    return ", ".join(tier if value.text == "all" else value.text for tier, value in found.items() if value.weight)


# Undone ---------------------------------------------------------------------------------------------------------------
#
# Which findings of a history hold no longer: what a version did, and a later one took back.


_OF_LIVES = frozenset({"guardrail-added", "guardrail-removed", "guardrail-weakened", "guardrail-strengthened"})
_RIGHTS = {"permission-widened": "widened", "permission-narrowed": "narrowed"}


def with_undone(
    steps: Sequence[Step], last: Definition, lives: Sequence[Life], knowledge: Knowledge
) -> list[tuple[Finding, ...]]:
    """The findings of each step, those marked that do not hold between the version before it and the last one.

    What became of a rule its life says. A version that says what an earlier one said takes back all between them.
    """
    rules = [life for life in lives if life.kind == "guardrail"]
    return [_marked(step, last, rules, knowledge) for step in steps]


def _marked(step: Step, last: Definition, rules: Sequence[Life], knowledge: Knowledge) -> tuple[Finding, ...]:
    before, after = step.matching.a, step.matching.b
    if not step.pair.findings or after.text == last.text:
        return step.pair.findings
    now = pair_drift((before, last), 0, 1, knowledge) if before.text != last.text else None
    known = {(n, folded(form.text)): life for life in rules for n, form in enumerate(life.forms) if form is not None}
    found = []
    for one in step.pair.findings:
        holds = now is not None and _holds_in(_life_of(one, step, known), one, step)
        if holds is None and now is not None:
            holds = _holds(one, step.pair, now, knowledge)
        found.append(one if holds else one._replace(accepted=UNDONE))
    return tuple(found)


def _life_of(finding: Finding, step: Step, known: Mapping[tuple[int, str], Life]) -> Life | None:
    """The life of the rule that a finding is about."""
    sides = (step.b, finding.b), (step.a, finding.a)
    found = (known.get((version, folded(spot.text))) for version, spot in sides if spot is not None)
    return next((life for life in found if life is not None), None)


def _holds_in(life: Life | None, finding: Finding, step: Step) -> bool | None:
    """Whether a rule still is what a finding says that it became; None where its life does not tell."""
    if life is None or finding.rule not in _OF_LIVES:
        return None
    now, before = life.forms[-1], life.forms[step.a]
    if finding.rule == "guardrail-added":
        return now is not None and now.weight > 0
    if finding.rule == "guardrail-removed":
        return now is None or now.weight == 0
    weighs, weighed = (form.strength if form is not None else (0, 0) for form in (now, before))
    return weighs < weighed if finding.rule == "guardrail-weakened" else weighs > weighed


def _holds(finding: Finding, then: PairDrift, now: PairDrift, knowledge: Knowledge) -> bool:
    """Whether what a finding tells of is still so."""
    if finding.rule in _RIGHTS:
        return not _moved(then, finding, knowledge).isdisjoint(_moved(now, finding, knowledge))
    return any(_is_about_same(finding, other) for other in now.findings)


def _moved(pair: PairDrift, finding: Finding, knowledge: Knowledge) -> frozenset[str]:
    """The capabilities that went the way of a finding."""
    before, after = (reading.effective(one, knowledge) for one in (pair.diff.matching.a, pair.diff.matching.b))
    found = [one for one in comparing.compare(before, after, knowledge) if one.direction == _RIGHTS[finding.rule]]
    return frozenset(one.capability for one in found if one.is_certain)


def _is_about_same(finding: Finding, other: Finding) -> bool:
    """Whether another finding, from the same version on, is about the same thing and weighs as much."""
    if other.rule != finding.rule and SEVERITIES.index(other.severity) > SEVERITIES.index(finding.severity):
        return False
    if finding.path.startswith("frontmatter/"):
        return other.path == finding.path
    if finding.a is not None:
        return other.a is not None and other.a.line == finding.a.line and _shares(finding, other)
    if finding.b is None:
        return other.rule == finding.rule
    return other.rule == finding.rule and other.b is not None and _alike(finding.b.text, other.b.text)


def _shares(finding: Finding, other: Finding) -> bool:
    """Whether two findings at one place are about the same words of it."""
    if finding.owns and other.owns:
        return not {*finding.owns}.isdisjoint(other.owns)
    texts = [folded(one.a.text) for one in (finding, other) if one.a is not None]
    return finding.rule == other.rule or texts[0] in texts[1] or texts[1] in texts[0]


def _alike(a: str, b: str) -> bool:
    return folded(a) == folded(b) or similarity(Bag(words(a)), Bag(words(b)), FAR) >= FAR
