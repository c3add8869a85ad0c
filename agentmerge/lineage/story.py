"""The lives of everything that a file says in, its story in one paragraph out, with what was more than it is now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise
from typing import NamedTuple

from agentmerge.diffing.records import folded
from agentmerge.knowledge.tables import Knowledge
from agentmerge.lineage.chains import Event, Form, Life, Lineage, Peak, Step, Version, sentence_lives
from agentmerge.lineage.holdings import holdings, rights_in_words, word_count
from agentmerge.model import Definition
from agentmerge.rights import comparing, reading

# Story ----------------------------------------------------------------------------------------------------------------
#
# A lineage in one paragraph, and what was more than it is now: sentences from figures, no adjective without one.


REWRITTEN = 0.5
"""Share of the statements of the version before, below which a version is told as a rewriting."""
HALF, TWICE = 0.5, 2.0
"""Share of the words of the version before, from which a cut or a growth is told."""
LEAST_WORDS = 60
"""Words of the longer version from which its length is worth telling."""
SHOWN = 3
"""Members of a list that a sentence names."""
WIDTH = 70
"""Characters of a text that a sentence quotes."""
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_DAYS = ((365, "year"), (30, "month"), (7, "week"), (1, "day"))
_ORDER = frozenset({"unit-moved", "unit-reordered", "section-moved", "layout", "fields-reordered"})
_OF_SECTIONS = {"section-added": "new", "section-removed": "without", "section-renamed": "renamed"}
_COUNTED = {"unit-added": "new", "unit-removed": "gone", "unit-reworded": "reworded"}


class Material(NamedTuple):
    """What a story is told from."""

    versions: Sequence[Version]
    definitions: Sequence[Definition | None]
    steps: Sequence[Step]
    lives: Sequence[Life]
    knowledge: Knowledge

    def of(self, *kinds: str) -> list[Life]:
        return [life for life in self.lives if life.kind in kinds]


def peaks(given: Material) -> tuple[Peak, ...]:
    """Rules that bound more than they do now, gone ones included, and the widest rights where they were wider."""
    return (*_wider(given), *(peak for life in given.of("guardrail") if (peak := _stronger(life))))


def _stronger(life: Life) -> Peak | None:
    held = [(form.strength, version, form) for version, form in enumerate(life.forms, 1) if form and form.weight]
    _, version, then = max(held, key=lambda row: row[:2])
    now = life.forms[-1]
    return Peak("guardrail", version, then, now) if now is None or now.strength < then.strength else None


def _wider(given: Material) -> Iterator[Peak]:
    """The version whose rights reached furthest beyond those of today, on hosts that can say it."""
    known = [(n, one) for n, one in enumerate(given.definitions) if one is not None]
    if not known:
        return
    _, last = known[-1]
    now = reading.effective(last, given.knowledge)
    beyond = []
    for n, one in known[:-1]:
        changes = comparing.compare(now, reading.effective(one, given.knowledge), given.knowledge)
        wider = {change.capability for change in changes if change.direction == "widened" and change.is_certain}
        if wider:
            beyond.append((len(wider), n, one))
    if beyond:
        count, n, one = max(beyond, key=lambda row: row[:2])
        forms = [Form(rights_in_words(each, given.knowledge), 1) for each in (one, last)]
        yield Peak("right", n + 1, forms[0]._replace(weight=count), forms[1])


def tell(given: Material, found: Sequence[Peak]) -> tuple[str, ...]:
    """The paragraph, sentence by sentence."""
    parts = (
        _extent(given),
        _path(given),
        _rights(given),
        _model(given),
        _rewritings(given),
        _rules(given),
        _below(found),
        _undone(given),
        _keys(given),
        _procedures(given),
        _fields(given),
        _sections(given),
        _statements(given),
    )
    return tuple(sentence for part in parts for sentence in part)


def _extent(given: Material) -> Iterator[str]:
    first, last = given.versions[0], given.versions[-1]
    count = len(given.versions)
    authors = list(dict.fromkeys(version.author for version in given.versions))
    by = f", by {authors[0]}" if len(authors) == 1 else f", by {_number(len(authors))} authors"
    yield f"{_number(count).capitalize()} version{'' if count == 1 else 's'}{_span(first.date, last.date)}{by}."


def _span(first: str, last: str) -> str:
    try:
        days = (date.fromisoformat(last) - date.fromisoformat(first)).days
    except ValueError:
        return ""
    if days <= 0:
        return f" on {last}"
    size, name = next(row for row in _DAYS if days >= row[0] * (2 if row[0] > 1 else 1))
    count = round(days / size)
    return f" in {_number(count)} {name}{'' if count == 1 else 's'}"


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _path(given: Material) -> Iterator[str]:
    runs = _runs([version.path for version in given.versions])
    for (_, old), (at, new) in pairwise(runs):
        yield f"v{at} renamed it from {old} to {new}."


def _runs(values: Sequence[str | None]) -> list[tuple[int, str]]:
    """What a value was, each with the number of the version from which on; a version without one has none."""
    found: list[tuple[int, str]] = []
    for version, value in enumerate(values, 1):
        if value is not None and (not found or found[-1][1] != value):
            found.append((version, value))
    return found


def _in_runs(runs: Sequence[tuple[int, str]]) -> str:
    return "; ".join(f"{value} from v{at}" if at > 1 else value for at, value in runs)


def _rights(given: Material) -> Iterator[str]:
    """Each set of rights from the version on that brought it; other names for the same ones are none."""
    told: list[str | None] = []
    before: Definition | None = None
    for one in given.definitions:
        if one is None:
            told.append(None)
        elif before is None:
            told.append(_short(rights_in_words(one, given.knowledge)))
        elif before.dialect == one.dialect:
            told.append(_rights_after(before, one, given.knowledge) or next(text for text in reversed(told) if text))
        else:
            told.append(f"{_short(rights_in_words(one, given.knowledge))} (as {one.dialect or 'a plain file'})")
        before = one or before
    runs = _runs(told)
    yield f"Rights: {_in_runs(runs)}{' throughout' if len(runs) == 1 and len(told) > 1 else ''}."


def _rights_after(before: Definition, one: Definition, knowledge: Knowledge) -> str:
    """The rights that a version brought, or what came and went of a long list; "" where they stay."""
    moves = [move for move in comparing.moves(before, one, knowledge) if move.is_certain]
    said = rights_in_words(one, knowledge)
    return (
        "" if not moves else said if len(said) <= WIDTH else _short("; ".join(move.told for move in moves), 2 * WIDTH)
    )


def _model(given: Material) -> Iterator[str]:
    for life in given.of("model"):
        runs = _runs([form.text if form else "none" for form in life.forms])
        if len(runs) > 1 or life.text == "model":
            yield f"{life.text.capitalize()}: {_in_runs(runs)}."


def _rewritings(given: Material) -> Iterator[str]:
    for step in given.steps:
        left = step.pair.diff.coverage[0]
        old, new = (_length(given.definitions[n]) for n in (step.a, step.b))
        if left < REWRITTEN and step.pair.klass not in ("identical", "cosmetic", "frontmatter-only"):
            yield f"v{step.b + 1} rewrote it ({left:.0%} of its statements left)."
        elif max(old, new) >= LEAST_WORDS and old and not HALF < new / old < TWICE:
            yield f"v{step.b + 1} {'cut' if new < old else 'grew'} it from {old:,} words to {new:,}."


def _length(definition: Definition | None) -> int:
    return 0 if definition is None else word_count(definition.text)


def _rules(given: Material) -> Iterator[str]:
    lives = given.of("guardrail")
    if not lives:
        yield "Rules: none."
        return
    counts = [sum(_binds(life.forms[n]) for life in lives) for n in range(len(given.versions))]
    yield f"Rules: {_counts(counts, lives)}."
    first = [life for life in lives if _binds(life.forms[0])]
    new = [life for life in lives if not _binds(life.forms[0])]
    if gone := [life for life in first if not life.is_alive]:
        verb = "is" if len(gone) == 1 else "are"
        told = [f"{_quoted(life.text)} (v{life.events[-1].version})" for life in gone]
        yield f"{_number(len(gone)).capitalize()} of the first {verb} gone: {_listed(told)}."
    if came := [life for life in new if _binds(life.forms[-1])]:
        told = [f"{_quoted(life.text)} (v{_bound_in(life)[0]})" for life in came]
        yield f"{_number(len(came)).capitalize()} came and stayed: {_listed(told)}."
    if went := [life for life in new if not life.is_alive]:
        told = [f"{_quoted(life.text)} ({_spell(_bound_in(life))})" for life in went]
        yield f"{_number(len(went)).capitalize()} came and went: {_listed(told)}."
    if changed := [f"{_quoted(life.text)} ({_way(life)})" for life in lives if life.is_alive and _way(life)]:
        yield f"Changed on the way: {_listed(changed)}."


def _counts(counts: Sequence[int], lives: Sequence[Life]) -> str:
    """How many rules there were at first, at most and now, as far as these differ."""
    first, most, now = counts[0], max(counts), counts[-1]
    if first == most == now:
        return f"{now} throughout" if all(life.is_steady for life in lives) else f"{now} at first and now"
    told = [f"{first} at first"] if first != now else []
    told += [f"{most} at most (v{counts.index(most) + 1})"] if most not in (first, now) else []
    return ", ".join([*told, f"{now} now"])


def _spell(held: Sequence[int]) -> str:
    return f"v{held[0]}" if held[0] == held[-1] else f"v{held[0]} to v{held[-1]}"


def _bound_in(life: Life) -> list[int]:
    """The versions in which a rule binds."""
    return [version for version, form in enumerate(life.forms, 1) if _binds(form)]


def _binds(form: Form | None) -> bool:
    return form is not None and form.weight > 0


def _way(life: Life) -> str:
    """What a rule went through between its coming and now, rewordings left out."""
    events = [one for one in life.events if one.what not in ("added", "reworded", "joined")]
    return ", ".join(f"{one.what} v{one.version}" for one in events)


def _below(found: Sequence[Peak]) -> Iterator[str]:
    for peak in found:
        if peak.kind == "right" and peak.now is not None:
            yield f"Its rights were widest in v{peak.version}: {_short(peak.then.text)}."
    weaker = [peak for peak in found if peak.kind == "guardrail" and peak.now is not None]
    if weaker:
        told = [
            f"{_quoted(peak.now.text)}: {_weight(peak.then)} (v{peak.version}), {_weight(peak.now)} now"
            for peak in weaker
            if peak.now
        ]
        yield f"Below its strongest: {_listed(told)}."


def _weight(form: Form) -> str:
    return form.word or ("a plain statement" if not form.weight else "binding")


def _quoted(text: str) -> str:
    return f"'{_short(text)}'"


def _listed(members: Sequence[str]) -> str:
    rest = len(members) - SHOWN
    return ", ".join(members[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _short(text: str, width: int = WIDTH) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= width else f"{flat[: width - 1].rstrip()}…"


# What one version took back of another


def _undone(given: Material) -> Iterator[str]:
    made = {step.b: _edits(step) for step in given.steps}
    for step in given.steps:
        back = Counter({(new, old): count for (old, new), count in made[step.b].items()})
        if not back:
            continue
        earlier = [n for n in made if n < step.b and made[n]]
        if (whole := next((n for n in reversed(earlier) if made[n] == back), None)) is not None:
            yield f"v{step.b + 1} undid v{whole + 1}."
        elif (part := next((n for n in reversed(earlier) if back <= made[n]), None)) is not None:
            yield f"v{step.b + 1} undid a part of v{part + 1}."


def _edits(step: Step) -> Counter[tuple[str, str]]:
    """What a step put in the place of what."""
    found: Counter[tuple[str, str]] = Counter()
    for change in step.pair.diff.changes:
        old, new = (folded(spot.text) if spot else "" for spot in (change.old, change.new))
        if change.kind not in _ORDER and old != new:
            found[old, new] += 1
    return found


# Beside the rules


def _keys(given: Material) -> Iterator[str]:
    lives = given.of("contract")
    if not lives:
        return
    now = sum(life.is_alive for life in lives)
    most = max(sum(life.forms[n] is not None for life in lives) for n in range(len(given.versions)))
    gone = [f"{life.text} (v{life.events[-1].version})" for life in lives if not life.is_alive]
    came = [
        f"{life.text} (v{life.events[0].version})" for life in lives if life.is_alive and life.events[0].version > 1
    ]
    told = [f"{most} at most, {now} now" if most != now else f"{now}"]
    told += [f"gone: {_listed(gone)}"] if gone else []
    told += [f"new: {_listed(came)}"] if came else []
    yield f"Keys of data: {'; '.join(told)}."


def _procedures(given: Material) -> Iterator[str]:
    told = []
    for life in given.of("procedure"):
        events = [one for one in life.events if one.version > 1 and one.what != "reworded"]
        if events:
            told.append(f"'{_short(life.text)}' {', '.join(map(_step_event, events))}")
    if told:
        yield f"Procedures: {_listed(told)}."


def _step_event(event: Event) -> str:
    if event.what in ("added", "removed", "restored"):
        return f"{_PAST[event.what]} v{event.version}"
    how = "in another order" if event.rule == "steps-reordered" else event.text
    return f"{how} from v{event.version}"


_PAST: Mapping[str, str] = {"added": "new in", "removed": "gone in", "restored": "back in"}


def _fields(given: Material) -> Iterator[str]:
    told = []
    for life in given.of("trigger", "field"):
        events = [one for one in life.events if one.version > 1 and one.rule != "field-changed"]
        events += [one for one in life.events if one.version > 1 and one.rule == "field-changed" and one not in events]
        if events:
            rows = [(_PAST.get(one.what, one.what), one.version) for one in sorted(events)]
            grouped = [
                f"{what} {', '.join(f'v{version}' for _, version in group)}"
                for what, group in groupby(rows, key=lambda row: row[0])
            ]
            told.append(f"{life.text} {', '.join(grouped)}")
    if told:
        yield f"Fields: {'; '.join(told)}."


def _sections(given: Material) -> Iterator[str]:
    """Sections that came, went or were called otherwise, by version; what a version took back is told as that."""
    told = []
    for step in given.steps:
        rows: dict[str, list[str]] = {}
        for change in step.pair.diff.changes:
            if change.kind in _OF_SECTIONS:
                old, new = (_quoted(spot.text) if spot else "" for spot in (change.old, change.new))
                rows.setdefault(_OF_SECTIONS[change.kind], []).append(f"{old} to {new}" if old and new else old or new)
        told += [f"v{step.b + 1}: {how} {_listed(names)}" for how, names in rows.items()]
    if told:
        yield f"Sections: {'; '.join(told)}."


def _statements(given: Material) -> Iterator[str]:
    """How many statements each version changed; where all of it is little, which."""
    found = [
        (step.b + 1, [change for change in step.pair.diff.changes if change.kind in _COUNTED]) for step in given.steps
    ]
    is_little = sum(len(changes) for _, changes in found) <= SHOWN
    told = []
    for version, changes in found:
        counts = Counter(_COUNTED[change.kind] for change in changes)
        texts = [spot.text for change in changes if (spot := change.new or change.old)] if is_little else []
        how = ", ".join(f"{counts[word]} {word}" for word in _COUNTED.values() if counts[word])
        if how:
            told.append(f"v{version}: {how}{f' ({_listed([_quoted(text) for text in texts])})' if texts else ''}")
    if told:
        yield f"Statements: {'; '.join(told)}."


# Lineage --------------------------------------------------------------------------------------------------------------
#
# The chain of a file's versions: what became of each rule, right, key, procedure and field, by the review's pairs.
#
# `lineage(versions, definitions, steps, knowledge)`: lives, peaks, and the story in one paragraph


def lineage(
    versions: Sequence[Version],
    definitions: Sequence[Definition | None],
    steps: Sequence[Step],
    knowledge: Knowledge,
) -> Lineage:
    """What became of everything that the versions of one file say.

    `definitions` has one for each version, None for one that could not be read; `steps` lead from each that could
    to the next.
    """
    rules = (life for life in sentence_lives(definitions, steps, knowledge) if life.kind == "guardrail")
    lives = (*rules, *holdings(definitions, steps, knowledge))
    given = Material(versions, definitions, steps, lives, knowledge)
    found = peaks(given)
    return Lineage(tuple(versions), lives, found, tell(given, found))
