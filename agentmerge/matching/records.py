"""What an alignment is made of; fields compared by key, and blocks of YAML or JSON as the data that they hold."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property, lru_cache
from itertools import product
from typing import Literal, NamedTuple

from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition, Field, Section, Unit, Value, per_definition, walk_units
from agentmerge.reading import yamlio

# Data -----------------------------------------------------------------------------------------------------------------
#
# Fenced YAML and JSON as data: style, quotes that change no type, order of keys and indentation say nothing.
#
# A leaf is what was written: `1.10` is not `1.1`, and a text begins with a quote, so that `"12"` is not `12`.


MAX_TEXT = 20_000
"""Characters of a block that is read; a longer one is compared as text."""
FORMATS: Mapping[str, str] = {
    "yaml": "yaml",
    "yml": "yaml",
    "json": "json",
    "jsonc": "json with comments",
    "json5": "json with comments",
}
"""What the first word of an info string says about how a block is read."""

_YAML_COMMENT = re.compile(
    r"(?<![^\s\[{,:])(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\n]|'')*')(?=[\s,\]}:]|\Z)|(?:^|[ \t])(?P<comment>#[^\n]*)",
    re.MULTILINE,
)
_STRING = r"\"(?:[^\"\\\n]|\\.)*\""
_JSON_COMMENT = re.compile(rf"(?P<string>{_STRING})|(?P<comment>//[^\n]*|/\*.*?\*/)", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"(?P<string>{_STRING})|,(?P<rest>\s*[}}\]])")


class _TwiceError(ValueError):
    """A key stands twice in an object: then their order means something."""


def says_same(a: Unit, b: Unit) -> bool:
    """Whether two units have the same words; two blocks of data, whether they hold the same in any style."""
    if a.flow == b.flow:
        return True
    known = canonical(a)
    return known is not None and known == canonical(b)


def canonical(unit: Unit) -> str | None:
    """A text that two blocks of data share where they hold the same; None for what is no data, or can't be read."""
    kind = _format(unit)
    return _canonical(unit.text, kind) if kind else None


def data_of(unit: Unit) -> Value:
    """What a block holds; None for what is no data, or can't be read."""
    kind = _format(unit)
    return _read(unit.text, kind) if kind else None


def data_changes(old: Unit, new: Unit) -> list[str]:
    """What differs between two blocks of data, a phrase for each path, in the order of the first."""
    before, after = (dict(leaves(data_of(unit))) for unit in (old, new))
    if not before or not after:
        return []
    found = [
        f"{path}: {leaf_text(leaf, after[path])} -> {leaf_text(after[path], leaf)}"
        for path, leaf in before.items()
        if after.get(path, leaf) != leaf
    ]
    found += [f"{path} removed" for path in before if path not in after]
    return [*found, *(f"{path} added: {leaf_text(leaf)}" for path, leaf in after.items() if path not in before)]


def leaves(value: Value, path: str = "") -> Iterator[tuple[str, str]]:
    """Every path with what stands there, members of a list by their number."""
    rows: Iterable[tuple[object, Value]] = ()
    if isinstance(value, Mapping):
        rows = value.items()
    elif isinstance(value, tuple):
        rows = enumerate(value)
    elif value is not None:
        yield path, str(value)
        return
    if path and not rows and value is not None:
        yield path, "{}" if isinstance(value, Mapping) else "[]"
    for step, child in rows:
        yield from leaves(child, f"{path}.{step}" if path else str(step))


def leaf_text(leaf: str, other: str = "") -> str:
    """A leaf as a person reads it; a text in quotes where `other` would look the same."""
    text = leaf.removeprefix("'")
    return f'"{text}"' if leaf != text and other == text else text


def is_number(leaf: str) -> bool:
    """Whether a leaf was written as a number."""
    return leaf[:1] not in ("'", "{", "[") and leaf not in ("true", "false", "null")


def _format(unit: Unit) -> str:
    if unit.kind != "code" or len(unit.text) > MAX_TEXT:
        return ""
    return FORMATS.get(unit.language.split(" ")[0].lower(), "")


@lru_cache(maxsize=512)
def _canonical(text: str, kind: str) -> str | None:
    value = _read(text, kind)
    if not isinstance(value, (Mapping, tuple)):
        return None
    # What a comment says is read, too, wherever it stands.
    comments = sorted(" ".join(comment.split()) for comment in _comments(text, kind))
    return json.dumps([kind.partition(" ")[0], _plain(value), comments], sort_keys=True)


def _plain(value: Value) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _comments(text: str, kind: str) -> list[str]:
    pattern = _YAML_COMMENT if kind == "yaml" else _JSON_COMMENT
    return [match["comment"] for match in pattern.finditer(text) if match["comment"]]


@lru_cache(maxsize=512)
def _read(text: str, kind: str) -> Value:
    try:
        if kind == "yaml":
            # The reader of Markdown took the last line's ending, which a block scalar keeps.
            return yamlio.load_written(f"{text}\n")
        if kind != "json":
            text = _JSON_COMMENT.sub(lambda match: match["string"] or " ", text)
            text = _TRAILING_COMMA.sub(lambda match: match["string"] or match["rest"], text)
        return _leaf(
            json.loads(text, object_pairs_hook=_object, parse_int=_Number, parse_float=_Number, parse_constant=_Number)
        )
    except (yamlio.YamlError, ValueError, RecursionError):
        return None


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


def _object(pairs: list[tuple[str, object]]) -> dict[str, Value]:
    found = {key: _leaf(value) for key, value in pairs}
    if len(found) < len(pairs):
        raise _TwiceError
    return found


def _leaf(value: object) -> Value:
    if isinstance(value, list):
        return tuple(_leaf(item) for item in value)
    if isinstance(value, Mapping):
        return value
    if isinstance(value, str):
        return str(value) if isinstance(value, _Number) else f"'{value}"
    return {None: "null", True: "true", False: "false"}[value]  # type: ignore[index]


# Records --------------------------------------------------------------------------------------------------------------
#
# What an alignment is made of. `align` fills these records; every later stage reads them and nothing else.


Key = tuple[int, int]
"""Identity of a member: file and line."""

Relation = Literal["same", "covers", "related", "contradicts", "overlap"]


class Member(NamedTuple):
    """One variant's share in a group: a node and where it stands."""

    file: int
    """Index of the variant."""
    node: Unit | Field | Section
    path: tuple[Section, ...] = ()
    """Sections that the node stands in, outermost first; () for a field."""

    @property
    def line(self) -> int:
        return self.node.line

    @property
    def text(self) -> str:
        """The words of a unit however they are wrapped, those of a field, the title of a section."""
        if isinstance(self.node, Section):
            return self.node.title
        return self.node.flow if isinstance(self.node, Unit) else self.node.text

    def says_same(self, other: Member) -> bool:
        """Whether another node has the same words, or holds the same data."""
        if isinstance(self.node, Unit) and isinstance(other.node, Unit):
            return says_same(self.node, other.node)
        return self.text == other.text

    @property
    def key(self) -> tuple[int, int]:
        """Identity of a member: file and line. At most one unit and one section start on a line."""
        return self.file, self.node.line


class Group(NamedTuple):
    """Nodes of the variants that correspond.

    Unit groups are `same` (a curator keeps one), `covers` (one unit, the head, says what each of the others says),
    `related` (same topic, both are kept) or `contradicts` (both cannot hold); section groups are `same` or `overlap`.
    Groups of `same` are disjoint; a unit may stand in any number of the others. A `same` group may hold several units
    of one variant, and what a head covers need not be alike.
    """

    members: tuple[Member, ...]
    """Ordered by file, then line."""
    relation: Relation
    score: float
    """In [0, 1]: for a pair its score, for more the mean over the pairs of different variants."""
    reason: str
    slot: str = ""
    """What the members of a `contradicts` group disagree about: `frontmatter/model`, `coverage`, `error.details`."""
    cover: tuple[int, int] | None = None
    """Key of the head of a `covers` group."""


CROWDED = "so many units or sections are alike that each was only compared with the nearest of them"
"""What is told of an alignment or a matching that is `crowded`."""


class Partner(NamedTuple):
    """One of the likeliest partners of a unit in another variant."""

    unit: Member
    partner: Member
    rank: int
    """1 for the likeliest in that variant."""
    score: float
    """The probability that the two say the same, in [0, 1]."""


class Coverage(NamedTuple):
    """How much of one variant was compared with success."""

    file: int
    units: int
    matched: int
    """Units in a `same`, `covers` or `contradicts` group with another variant."""

    @property
    def share(self) -> float:
        return self.matched / self.units if self.units else 0.0


@dataclass(frozen=True)
class Alignment:
    """Groups of corresponding sections and units over the variants."""

    definitions: tuple[Definition, ...]
    sections: tuple[Group, ...]
    units: tuple[Group, ...]
    crowded: bool = False
    """Whether there were too many units or sections alike: of those each was only compared with the nearest."""
    odds: Mapping[tuple[Key, Key], float] = dataclass_field(default_factory=dict, compare=False, repr=False)
    """The probability that two units say the same, by their keys, the lower first; of those that are at all alike."""

    def __repr__(self) -> str:
        counts = f"{len(self.sections)} groups of sections, {len(self.units)} of units"
        return f"<Alignment: {len(self.definitions)} definitions, {counts}>"

    def likely(self, a: Key, b: Key) -> float:
        """The probability that two units say the same, in [0, 1]; 0 for a pair that was not found alike."""
        return self.odds.get((a, b) if a < b else (b, a), 0.0)

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """For each variant, its units (fields included) and how many of them found a partner."""
        matched = {
            member.key
            for group in self.units
            if group.relation in ("same", "covers", "contradicts") and len({m.file for m in group.members}) > 1
            for member in group.members
        }
        return tuple(
            Coverage(file, len(keys := list(_keys(file, definition))), sum(key in matched for key in keys))
            for file, definition in enumerate(self.definitions)
        )


def members_of(file: int, definition: Definition) -> tuple[Member, ...]:
    """Every field and unit of a definition as a member, in the order of the file."""
    return _members(definition, file)


@per_definition
def _members(definition: Definition, file: int) -> tuple[Member, ...]:
    units = (Member(file, place.unit, place.path) for place in walk_units(definition.root) if place.unit.text)
    return (*(Member(file, field) for field in definition.fields), *units)


def _keys(file: int, definition: Definition) -> Iterator[tuple[int, int]]:
    for member in members_of(file, definition):
        yield member.key


# Fields ---------------------------------------------------------------------------------------------------------------
#
# Frontmatter fields of the variants, compared by key.


_PARTS = re.compile(r"[^\W_]+")
NAME = "name"
"""What an agent is called: spelling apart, another name is no contradiction, each variant has its own."""
MAX_GROUPS = 16
"""Groups of one field."""


def groups(definitions: Sequence[Definition], knowledge: Knowledge) -> Iterator[Group]:
    """For each key, what equals, and a contradiction where values differ; prose with other words is related."""
    by_key: dict[str, list[Member]] = {}
    for file, definition in enumerate(definitions):
        for field in definition.fields:
            by_key.setdefault(field.key, []).append(Member(file, field))
    for key, members in by_key.items():
        if len({member.file for member in members}) > 1:
            yield from _key_groups(key, members, knowledge)


def _key_groups(key: str, members: Sequence[Member], knowledge: Knowledge) -> Iterator[Group]:
    info = knowledge.fields.get(key)
    by_value: dict[tuple[str, ...], list[Member]] = {}
    for member in members:
        assert isinstance(member.node, Field)
        by_value.setdefault(_value(member.node, is_set=info is not None and info.shape == "set"), []).append(member)
    for equal in by_value.values():
        if len({member.file for member in equal}) > 1:
            yield Group(tuple(equal), "same", 1.0, f"same value of `{key}`")
    if len(by_value) > 1:
        if key == NAME or (info is not None and info.shape == "prose"):
            yield Group(tuple(members), "related", 0.5, f"both are the `{key}`")
        else:
            yield from _contradictions(key, list(by_value.values()))


def _contradictions(key: str, by_value: Sequence[Sequence[Member]]) -> Iterator[Group]:
    """A group for each choice of one variant per value, so that no two members of a group agree; one where too many."""
    reason = f"`{key}` has {len(by_value)} different values"
    if math.prod(map(len, by_value)) > MAX_GROUPS:
        choices = [tuple(member for equal in by_value for member in equal)]
    else:
        choices = list(product(*by_value))
    for members in choices:
        ordered = tuple(sorted(members, key=lambda member: member.key))
        if len({member.file for member in ordered}) > 1:
            yield Group(ordered, "contradicts", 1.0, reason, slot=f"frontmatter/{key}")


def _value(field: Field, *, is_set: bool) -> tuple[str, ...]:
    if field.key == NAME:
        return tuple(_PARTS.findall(field.text.lower()))
    if not is_set:
        return (" ".join(field.text.split()).lower(),)
    return tuple(sorted({part.strip().lower() for part in field.text.replace(",", "\n").split("\n") if part.strip()}))
