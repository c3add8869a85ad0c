"""Edits whose class and finding are known: each takes a definition and returns the edited text, or None.

They work on lines of the file, with the parser's word for where a unit stands, and with nothing of the reviewer.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from agentmerge.drifting.records import Finding, PairDrift
from agentmerge.model import Definition, Place, Section, Unit, walk_sections, walk_units


@dataclass(frozen=True, slots=True)
class Mutation:
    """An edited text with what a review has to say of it."""

    text: str
    classes: frozenset[str]
    """Classes that are right."""
    rule: str
    """Rule that has to find it; "" where none may."""
    word: str = ""
    """Text that the finding has to speak of."""
    also: frozenset[str] = frozenset()
    """Rules that may find something too."""
    everything: bool = False
    """Whether any other rule may find something too: the edit brings or takes whole passages."""


def is_right(mutation: Mutation, pair: PairDrift) -> bool:
    """Whether a review says of a mutation what it has to, and nothing that is wrong."""
    rules = {finding.rule for finding in pair.findings}
    found = not mutation.rule or any(_speaks_of(finding, mutation) for finding in pair.findings)
    silent = mutation.everything or rules <= {mutation.rule, *mutation.also}
    return pair.klass in mutation.classes and found and silent


def _speaks_of(finding: Finding, mutation: Mutation) -> bool:
    texts = [finding.message, *(spot.text for spot in (finding.a, finding.b) if spot is not None)]
    return finding.rule == mutation.rule and any(mutation.word in text for text in texts)


Mutator = Callable[[Definition, random.Random, Definition], "Mutation | None"]

_FORBIDS = re.compile(r"^\W*(?:never|do not|don't|must not)\b", re.IGNORECASE)
_MUST = re.compile(r"(?<![\w-])must(?![\w-])(?! (?:not|never|have)\b)")
_NUMBER = re.compile(
    r"(?<![\w.:/#-])(\d{1,4})(?=\s?(?:%|ms\b|seconds?\b|minutes?\b|hours?\b|days?\b|lines?\b|years?\b))"
)
_KEY = re.compile(r'"([a-z][a-z_A-Z]{3,})"\s*:')
_MODAL = re.compile(
    r"\b(?:must|never|always|only|should|may|not|don't|required|shall|avoid|could|might|can|cannot|need|have|has"
    r"|optional\w*|prefer\w*|consider|ideally|try|ensure|make sure|all|every|any|each|critical|some)\b",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^(\s*)[-*+](\s+)", re.MULTILINE)
_SYNONYMS = {
    "and": "as well as",
    "with": "along with",
    "including": "such as",
    "for": "towards",
    "when": "whenever",
    "use": "employ",
    "using": "by means of",
    "provide": "supply",
    "clear": "plain",
    "create": "produce",
    "ensure": "see to",
    "help": "assist",
    "code": "source code",
    "specializing": "specialised",
    "comprehensive": "thorough",
    "best": "proven",
}


def _lines(definition: Definition) -> list[str]:
    return definition.text.splitlines(keepends=True)


def _newline(definition: Definition) -> str:
    return definition.newline or "\n"


def _body_start(definition: Definition) -> int:
    """Index of the first line after the frontmatter."""
    return definition.frontmatter.end - 1 if definition.frontmatter else 0


def _code_lines(definition: Definition) -> set[int]:
    """Indices of lines inside code, tables and HTML, where white space and marks mean something."""
    kinds = ("code", "table", "html")
    units = [place.unit for place in walk_units(definition.root) if place.unit.kind in kinds]
    return {line for unit in units for line in range(unit.line - 1, unit.end - 1)}


def _places(definition: Definition) -> list[Place]:
    return [place for place in walk_units(definition.root) if place.unit.text]


def _extent(unit: Unit) -> tuple[int, int]:
    """Indices of a unit's lines, with what is nested in it."""
    end = max([unit.end, *(_extent(child)[1] + 1 for child in unit.children)])
    return unit.line - 1, end - 1


def _without(definition: Definition, start: int, end: int) -> str:
    lines = _lines(definition)
    return "".join(lines[:start] + lines[end:])


def _replaced(definition: Definition, unit: Unit, edit: Callable[[str], str]) -> str | None:
    """The text with the unit's own lines edited; None where that changes nothing."""
    lines = _lines(definition)
    own = "".join(lines[unit.line - 1 : unit.end - 1])
    new = edit(own)
    return None if new == own else "".join(lines[: unit.line - 1]) + new + "".join(lines[unit.end - 1 :])


def white_space(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    lines = _lines(definition)
    keep = _code_lines(definition)
    sections = [section.line - 1 for _, section in walk_sections(definition.root) if section.style in ("atx", "setext")]
    spots = [line for line in sections if line not in keep and line > 0 and not lines[line - 1].strip()]
    if not spots:
        return None
    for line in sorted(rng.sample(spots, min(3, len(spots))), reverse=True):
        lines.insert(line, _newline(definition))
    return Mutation("".join(lines), frozenset({"cosmetic"}), "")


def list_mark(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    lines = _lines(definition)
    marks = {place.unit.marker for place in _places(definition) if place.unit.marker in ("-", "*", "+")}
    if len(marks) != 1:
        return None
    new = "*" if marks == {"-"} else "-"
    keep = _code_lines(definition) | set(range(_body_start(definition)))
    changed = [line if at in keep else _ITEM.sub(rf"\1{new}\2", line) for at, line in enumerate(lines)]
    return Mutation("".join(changed), frozenset({"cosmetic"}), "") if changed != lines else None


def _section_extents(definition: Definition) -> Iterator[tuple[Section, tuple[Section, ...], int, int]]:
    total = len(_lines(definition))
    found = [(section, path) for path, section in walk_sections(definition.root)]
    for at, (section, path) in enumerate(found):
        after = [other.line - 1 for other, _ in found[at + 1 :] if other.level <= section.level]
        yield section, path, section.line - 1, after[0] if after else total


def reordered_sections(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    rows = [row for row in _section_extents(definition) if row[0].style == "atx" and row[0].units]
    swaps = [
        (a, b)
        for a, b in pairwise(rows)
        if a[1] == b[1] and a[3] == b[2] and a[0].heading_level == b[0].heading_level and a[0].title != b[0].title
    ]
    if not swaps:
        return None
    a, b = rng.choice(swaps)
    lines = _lines(definition)
    first, second = lines[a[2] : a[3]], lines[b[2] : b[3]]
    if any(sum(line.lstrip().startswith(("```", "~~~")) for line in part) % 2 for part in (first, second)):
        return None
    if second[-1].strip():
        second = [*second[:-1], second[-1].rstrip("\r\n") + _newline(definition), _newline(definition)]
    text = "".join(lines[: a[2]] + second + first + lines[b[3] :])
    return Mutation(text, frozenset({"reordered"}), "", also=frozenset({"steps-reordered"}))


def reordered_items(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    swaps = []
    for section in [definition.root, *(found for _, found in walk_sections(definition.root))]:
        items = [unit for unit in section.units if unit.kind == "item" and not unit.children and unit.ordinal is None]
        swaps += [(a, b) for a, b in pairwise(items) if a.end == b.line and a.text != b.text]
    if not swaps:
        return None
    a, b = rng.choice(swaps)
    lines = _lines(definition)
    if not lines[b.end - 2].endswith(("\n", "\r")):
        return None
    text = "".join(
        lines[: a.line - 1] + lines[b.line - 1 : b.end - 1] + lines[a.line - 1 : a.end - 1] + lines[b.end - 1 :]
    )
    return Mutation(text, frozenset({"reordered"}), "", also=frozenset({"steps-reordered"}))


def heading_renamed(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    sections = [s for _, s in walk_sections(definition.root) if s.style == "atx" and s.units and s.heading_level > 1]
    if not sections:
        return None
    section = rng.choice(sections)
    lines = _lines(definition)
    line = lines[section.line - 1]
    end = line[len(line.rstrip("\r\n")) :]
    lines[section.line - 1] = (
        f"{'#' * section.heading_level} {rng.choice(('Particulars', 'On the matter', 'Further points'))}{end}"
    )
    return Mutation("".join(lines), frozenset({"reworded"}), "section-renamed", section.title, everything=True)


def _removable(definition: Definition) -> list[Place]:
    """Items that can go without changing how the rest is read: they have a neighbour in their list."""
    found = []
    for place in _places(definition):
        around = (
            place.parents[-1].children
            if place.parents
            else place.path[-1].units
            if place.path
            else definition.root.units
        )
        items = [unit for unit in around if unit.kind in ("item", "task")]
        if place.unit.kind in ("item", "task") and len(items) > 2:
            found.append(place)
    return found


_REMOVAL_ALSO = frozenset({"step-removed", "contract-changed", "guardrail-removed", "trigger-changed", "tokens"})


def prohibition_deleted(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    texts = [place.unit.text for place in _places(definition)]
    places = [
        place
        for place in _removable(definition)
        if _FORBIDS.match(place.unit.text.replace("*", ""))
        and texts.count(place.unit.text) == 1
        and not place.unit.children
    ]
    if not places:
        return None
    unit = rng.choice(places).unit
    text = _without(definition, *_extent(unit))
    return Mutation(text, frozenset({"subset"}), "guardrail-removed", unit.text.split("\n")[0][:20], also=_REMOVAL_ALSO)


def must_to_should(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    keep = _code_lines(definition)
    units = [
        place.unit for place in _places(definition) if place.unit.line - 1 not in keep and _MUST.search(place.unit.text)
    ]
    if not units:
        return None
    text = _replaced(definition, rng.choice(units), lambda own: _MUST.sub("should", own, count=1))
    if text is None:
        return None
    also = frozenset({"contract-changed", "identity-changed"})
    return Mutation(text, frozenset({"reworded"}), "guardrail-weakened", "should", also=also)


def tool_added(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    field = definition.field("tools")
    if field is None or field.style != "plain" or not field.text.strip() or "*" in field.text or "\n" in field.text:
        return None
    lines = _lines(definition)
    line = lines[field.line - 1]
    bare = line.rstrip("\r\n \t")
    if "#" in bare or not bare.startswith("tools:"):
        return None
    ending = line[len(line.rstrip("\r\n")) :]
    lines[field.line - 1] = f"{bare}, ExtraTool{ending}"
    return Mutation("".join(lines), frozenset({"frontmatter-only"}), "permission-widened", "ExtraTool")


def tools_removed(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    field = definition.field("tools")
    front = definition.frontmatter
    if field is None or front is None or field.value is None or "*" in field.text or not front.valid:
        return None
    if len([one for one in front.fields if one.key == "tools"]) > 1 or len(front.fields) < 2:
        return None
    text = _without(definition, field.start - 1, field.end - 1)
    return Mutation(text, frozenset({"frontmatter-only"}), "permission-widened", "tools", also=frozenset({"tokens"}))


def number_changed(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    keep = _code_lines(definition)
    units = [
        place.unit
        for place in _places(definition)
        if place.unit.line - 1 not in keep and _NUMBER.search(place.unit.text)
    ]
    if not units:
        return None
    unit = rng.choice(units)
    number = next(iter(_NUMBER.finditer(unit.text)))[1]
    new = str(int(number) + rng.choice((7, 13, 40)))
    text = _replaced(definition, unit, lambda own: _NUMBER.sub(lambda m: new if m[1] == number else m[1], own, count=1))
    if text is None:
        return None
    also = frozenset({"contract-changed", "identity-changed"})
    return Mutation(text, frozenset({"reworded"}), "threshold-changed", new, also=also)


def json_key_changed(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    units = [
        place.unit
        for place in _places(definition)
        if place.unit.kind == "code" and place.unit.language.startswith("json") and _KEY.search(place.unit.text)
    ]
    if not units:
        return None
    unit = rng.choice(units)
    key = rng.choice(_KEY.findall(unit.text))
    text = _replaced(definition, unit, lambda own: own.replace(f'"{key}"', '"renamed_key"'))
    return Mutation(text, frozenset({"reworded"}), "contract-changed", "renamed_key") if text else None


def step_removed(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    texts = [place.unit.text for place in _places(definition)]
    about = re.compile(r"workflow|process|steps|approach|procedure|phase|when invoked|instructions", re.IGNORECASE)
    places = [
        place
        for place in _removable(definition)
        if place.unit.ordinal is not None
        and not place.parents
        and place.path
        and about.search(place.path[-1].title)
        and texts.count(place.unit.text) == 1
    ]
    if not places:
        return None
    unit = rng.choice(places).unit
    text = _without(definition, *_extent(unit))
    return Mutation(
        text,
        frozenset({"subset"}),
        "step-removed",
        unit.text.split("\n")[0][:20],
        also=_REMOVAL_ALSO | {"knowledge-removed"},
    )


def paragraph_reworded(definition: Definition, rng: random.Random, _: Definition) -> Mutation | None:
    units = [
        place.unit
        for place in _places(definition)
        if place.unit.kind == "paragraph" and len(place.unit.text.split()) >= 12 and ":" not in place.unit.text[-2:]
    ]
    rng.shuffle(units)
    for unit in units:
        words = [word for word in _SYNONYMS if re.search(rf"(?<![\w`/*-]){word}(?![\w`/*-])", unit.text)]
        words = [word for word in words if not _MODAL.fullmatch(word)]
        if words:
            word = rng.choice(words)
            pattern = re.compile(rf"(?<![\w`/*-]){word}(?![\w`/*-])")
            text = _replaced(definition, unit, partial(pattern.sub, _SYNONYMS[word], count=1))
            also = frozenset({"identity-changed", "contract-changed", "trigger-changed"})
            also |= {"guardrail-reworded", "statement-changed"}
            return Mutation(text, frozenset({"reworded"}), "", also=also) if text else None
    return None


def section_added(definition: Definition, rng: random.Random, other: Definition) -> Mutation | None:
    level = min(
        (s.heading_level for _, s in walk_sections(definition.root) if s.style == "atx" and s.heading_level > 1),
        default=0,
    )
    known = {place.unit.text for place in _places(definition)}
    titles = {section.title.lower() for _, section in walk_sections(definition.root)}
    lines = _lines(other)
    rows = [
        (section.title, lines[start:end])
        for section, _, start, end in _section_extents(other)
        if section.style == "atx"
        and section.heading_level == level
        and not titles & {section.title.lower(), *(child.title.lower() for _, child in walk_sections(section))}
        and section.units
        and not known & {place.unit.text for place in walk_units(section)}
    ]
    last = (place.unit for place in reversed(_places(definition)))
    if not rows or not level or next(last).kind in ("code", "html"):
        return None
    title, taken = rng.choice(rows)
    added = "".join(taken).rstrip()
    text = definition.text.rstrip() + "\n\n" + added + "\n"
    return Mutation(text, frozenset({"superset"}), "section-added", title, everything=True)


MUTATORS: dict[str, Mutator] = {
    function.__name__: function
    for function in (
        white_space,
        list_mark,
        reordered_sections,
        reordered_items,
        heading_renamed,
        prohibition_deleted,
        must_to_should,
        tool_added,
        tools_removed,
        number_changed,
        json_key_changed,
        step_removed,
        paragraph_reworded,
        section_added,
    )
}


def mutations(
    definitions: Sequence[Definition], names: Sequence[str], count: int, seed: int
) -> Iterator[tuple[str, Definition, Mutation]]:
    """Up to `count` mutations, as many of each mutator as there are files for it, spread over the files."""
    each = -(-count // len(names))
    for name in names:
        rng = random.Random(f"{seed} {name}")
        order = list(range(len(definitions)))
        rng.shuffle(order)
        made = 0
        for turn in range(3 * len(order)):
            definition = definitions[order[turn % len(order)]]
            other = definitions[order[(turn * 7 + 1) % len(order)]]
            mutation = MUTATORS[name](definition, rng, other) if other is not definition else None
            if mutation is not None and mutation.text != definition.text:
                yield name, definition, mutation
                made += 1
            if made >= each:
                break
