"""The shipped tables in, the shapes out that a user's rows are checked by.

A few things the data does not say: where the names are the program's, so that any other name is read by nobody; which
rows are alike, so that one may have what another one has; and which texts are names out of a closed list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from agentmerge.knowledge.shapes import Either, Flag, Many, Number, Path, Problem, Rows, Shape, Text, near
from agentmerge.knowledge.tables import HOST_KEYS, Knowledge, names

_CLOSED = frozenset(
    [
        "alignment",
        "alignment/*",
        "bounds",
        "bounds/keys",
        "bounds/settings",
        "containers",
        "containers/families/*",
        "containers/tags",
        "diagnostics",
        "diagnostics/*",
        "fields/*",
        "frequent",
        "identity",
        "identity/*",
        "inputs/*",
        "migrations/*",
        "modality",
        "modality/*",
        "models/*",
        "modes",
        "modes/*",
        "outline/*",
        "phases/*",
        "proving",
        "reading",
        "review",
        "review/*",
        "rights",
        "rights/tiers",
        "rights/capabilities",
        "rights/arguments",
        "rights/states",
        "rights/states/*",
        "rights/hooks",
        "rights/limits",
        "roles",
        "roles/titles",
        "roles/files",
        "rules",
        "rules/*",
        "signs",
        "signs/force",
        "signs/severity",
        "signs/examples",
        "survey",
        "survey/kinds",
        "survey/mirrors",
        "survey/naming",
        "tiers/*",
        "words",
        "words/form",
        "words/calling",
        "words/asking",
        "words/agent",
        "words/negation",
        "words/quantifier",
        "words/opposite",
        "words/cut",
        "words/ending",
        "words/identity",
        "words/handover",
        "words/severity",
        "actions/*",
        "actions/mention",
        "actions/documents",
        "proving",
        "merging",
        "merging/later",
        "dialects/*",
        "dialects/*/tool_lists",
        "dialects/*/rights",
        "dialects/*/rights/renewed",
        "dialects/*/carries",
        "dialects/*/carries/rule",
        "dialects/*/meanings/*",
    ]
)
"""Where a name that is not shipped is read by nobody; `*` stands for any key."""
_ALIKE = frozenset(
    [
        "containers/families",
        "diagnostics",
        "fields",
        "inputs",
        "models",
        "outline",
        "phases",
        "rules",
        "rights/states",
        "tiers",
        "dialects",
        "dialects/*/meanings",
        "toolnames",
        "concepts",
        "proving/counts",
        "words/measure",
        "words/family",
    ]
)
"""Where the rows are alike: one may hold whatever another one holds, and a new one has what all have."""
_CHOSEN = frozenset(
    [
        "containers/families/*/kind",
        "containers/families/*/stands",
        "diagnostics/*/severity",
        "fields/*/capability",
        "fields/*/rights",
        "fields/*/shape",
        "outline/*/facet",
        "rights/arguments/*",
        "rights/states/*/tier",
        "rights/states/*/unsaid",
        "rights/tiers/*",
        "rules/*/severity",
        "actions/*/added",
        "actions/*/gone",
        "rules/*/mild",
        "signs/force/*",
        "signs/meaning/*",
        "dialects/*/forms/*",
        "dialects/*/rights/default/*",
        "dialects/*/carries/name",
        "dialects/*/carries/rule/scope",
        "dialects/*/syntax",
        "dialects/*/tool_lists/empty",
        "dialects/*/types/*",
        "dialects/*/unknown_fields",
        "fields/*/modes/*/*",
    ]
)
"""Texts that are names out of a closed list: those that are shipped at such a place."""
_CAPABILITIES = frozenset(["rights/implies/*", "rights/subsumes/*", "toolnames/*/*", "dialects/*/tools/*"])
"""Lists of names of capabilities."""
_PATTERNS = frozenset(
    [
        "containers/families/*/open",
        "containers/families/*/close",
        "containers/families/*/single",
        "containers/families/*/branch",
        "containers/owned/open",
        "containers/owned/close",
        "containers/owned/needs",
        "actions/groups/*",
        "actions/*/excused",
        "review/secrets/known",
        "review/secrets/named",
        "review/secrets/placeholder",
        "actions/*/patterns",
        "actions/*/mild",
        "actions/*/commands",
        "inputs/*/pattern",
        "dialects/*/patterns/*",
    ]
)
_APART = {"actions": ("groups", "fields", "mention", "documents")}
"""Rows of a table that are not as its others, which are alike."""
_REQUIRED = {
    "actions": frozenset({"says", "patterns"}),
    "containers/families": frozenset({"trigger", "open", "close", "kind"}),
    "dialects": frozenset({"fields"}),
    "migrations": frozenset({"says", "edits"}),
    "models": frozenset({"marks", "tiers"}),
    "outline": frozenset({"aliases"}),
    "tiers": frozenset({"conflicts", "tiers"}),
}
"""What a row has to have that no shipped row is under."""
_COUNTS = frozenset({"frequent/shares", "words/ending/rules"})
_SAME = {"dialects/*/meanings/*": "fields/*", "dialects/*/rights/default": "fields/*/modes/*"}
"""Places that look like another one."""
_LEVELS = ("deny", "ask", "allow")
_MORE = {
    "dialects/*/carries/name": ("slug", "text", "path"),
    "dialects/*/carries/rule/scope": ("list", "text"),
    "dialects/*/syntax": ("yaml", "toml"),
    "dialects/*/unknown_fields": ("ignored", "error", "kept"),
    "dialects/*/types/*": ("text", "list", "map", "boolean", "number"),
    "dialects/*/forms/*": ("bare", "list"),
    "dialects/*/tool_lists/empty": ("none", "all"),
    "fields/*/rights": ("",),
    "outline/*/facet": ("",),
    "fields/*/shape": ("scalar", "prose", "set", "list", "map"),
    "fields/*/modes/*/*": _LEVELS,
    "rights/states/*/unsaid": _LEVELS,
    "dialects/*/rights/default/*": _LEVELS,
    "signs/meaning/*": ("mark", "dash", "forbid", "demand", "open", "done", "note"),
    "signs/force/*": ("strong", "medium"),
    "rules/*/severity": ("breaking", "warning", "info"),
    "actions/*/added": ("breaking", "warning", "info"),
    "actions/*/gone": ("breaking", "warning", "info"),
    "rules/*/mild": ("breaking", "warning", "info"),
    "rights/tiers/*": ("breaking", "warning", "info"),
    "diagnostics/*/severity": ("error", "warning", "info"),
}
"""Names that such a place may hold besides the shipped ones."""


def table_shapes(
    rows: Mapping[str, Any], field_rules: Sequence[str], shipped: Knowledge, asked: Container[str]
) -> Rows:
    """The shape of `tables`, by table; `rows` are the user's, whose own capabilities and vocabularies are known.

    Only tables that are `asked` for have one: of the others, which nobody writes, the name alone is known.
    """
    reader = _Reader(shipped, rows, field_rules)
    return Rows({name: reader.shape([shipped.raw(name)], name) if name in asked else Rows({}) for name in names()})


class _Reader:
    def __init__(self, shipped: Knowledge, rows: Mapping[str, Any], field_rules: Sequence[str]) -> None:
        self._field_rules = tuple(field_rules)
        rights = shipped.raw("rights")
        own = rows.get("rights")
        self._capabilities = tuple(
            dict.fromkeys([
                *rights["capabilities"], *chain.from_iterable(rights["capabilities"].values()), *rights["states"],
                *_members(own, "capabilities"),
            ])
        )  # fmt: skip
        own_names = [key for table in ("toolnames", "dialects") for key in _mapping(rows.get(table))]
        self._vocabularies = tuple(dict.fromkeys([*shipped.raw("toolnames"), *shipped.raw("dialects"), *own_names]))
        self._grades = tuple(shipped.raw("signs")["severity"]["grades"])

    def shape(self, samples: Sequence[Any], place: str) -> Shape:
        """The shape of what is shipped at a place; `samples` are all values that it may look like."""
        kinds: defaultdict[type | None, list[Any]] = defaultdict(list)
        for one in samples:
            kinds[_kind_of(one)].append(one)
        shapes = [self._of_kind(kind, kinds[kind], place) for kind in _ORDER if kind in kinds]
        return shapes[0] if len(shapes) == 1 else Either(tuple(shapes))

    def _of_kind(self, kind: type, samples: Sequence[Any], place: str) -> Shape:
        if kind is dict:
            return self._rows(samples, _SAME.get(place, place))
        if kind is list:
            return self._list(samples, place)
        if kind is float:
            return Number(whole=all(isinstance(one, int) for one in samples) and place != "alignment/*/*")
        return Flag() if kind is bool else self._text(samples, place)

    def _rows(self, samples: Sequence[Mapping[str, Any]], place: str) -> Shape:
        keys = list(dict.fromkeys(chain.from_iterable(samples)))
        starred, alike = f"{place}/*" in _STARRED or place in _ALIKE, place in _ALIKE
        everything = [value for one in samples for value in one.values()]
        if place == "fields/*/modes/*":
            return Rows(dict.fromkeys(self._capabilities, Text(_LEVELS)))
        if place in _APART:
            return self._parted(samples, place)
        if starred and place not in _CLOSED:
            return Rows({}, self.shape(everything, f"{place}/*"), _REQUIRED.get(place, frozenset()), tuple(keys))
        shapes: dict[str, Shape] = {}
        for key in keys:
            own = everything if alike else [one[key] for one in samples if key in one]
            shapes[key] = self.shape(own, f"{place}/*" if starred else f"{place}/{key}")
        if place == "dialects/*":
            shapes |= {key: Text() for key in HOST_KEYS if key not in shapes}
        if place == "migrations/*":
            # The shipped ones all keep the rights, and leave it out.
            shapes["rights"] = Text(("same", "wider", "narrower"))
        if place in _CLOSED:
            return Rows(shapes)
        return Rows(shapes, self.shape(everything, f"{place}/*"))

    def _parted(self, samples: Sequence[Mapping[str, Any]], place: str) -> Rows:
        """Rows that are alike, and a few beside them that are not."""
        apart = {
            key: self.shape([one[key] for one in samples if key in one], f"{place}/{key}") for key in _APART[place]
        }
        rest = {key: value for one in samples for key, value in one.items() if key not in apart}
        return Rows(apart, self.shape(list(rest.values()), f"{place}/*"), _REQUIRED[place], tuple(rest))

    def _list(self, samples: Sequence[Sequence[Any]], place: str) -> Shape:
        members = [member for one in samples for member in one]
        known = tuple(dict.fromkeys(str(one) for one in members if isinstance(one, str)))
        if place in _CAPABILITIES:
            return Many(Text(self._capabilities), known, laid=True)
        if place == "dialects/*/tool_lists/vocabularies":
            return Many(Text(self._vocabularies), known, laid=True)
        member = self.shape(members, place) if members else Text()
        if isinstance(member, Rows):
            rows = [frozenset(one) for one in members if isinstance(one, Mapping)]
            member = Rows(member.keys, None, needed=frozenset.intersection(*rows))
        return Many(member, known, laid=True)

    def _text(self, samples: Sequence[str], place: str) -> Text:
        if place in _PATTERNS:
            return Text(form="pattern")
        if place in _COUNTS:
            return Text(form="counts")
        if place == "fields/*/rule":
            return Text(self._field_rules)
        if place == "fields/*/capability":
            return Text(tuple(dict.fromkeys([*samples, *self._capabilities])))
        if place in _CHOSEN:
            more = (*_MORE.get(place, ()), *(self._grades if place == "signs/meaning/*" else ()))
            return Text(tuple(dict.fromkeys([*more, *samples])))
        if samples and all(" = " in one for one in samples):
            return Text(form="values")
        return Text(form="sides" if samples and all(" / " in one for one in samples) else "")


_STARRED = frozenset(
    "/".join(parts[: number + 1])
    for place in (*_CLOSED, *_ALIKE, *_CHOSEN, *_CAPABILITIES, *_PATTERNS, *_SAME, "fields/*/rule", "fields/*/modes/*")
    for parts in [place.split("/")]
    for number, part in enumerate(parts)
    if part == "*"
)
"""Places whose keys are all read as one."""
_ORDER: tuple[type, ...] = (dict, list, bool, float, str)


def _kind_of(value: Any) -> type | None:
    # By far the most samples are texts.
    if isinstance(value, str):
        return str
    if isinstance(value, Mapping):
        return dict
    if isinstance(value, (list, tuple)):
        return list
    return bool if isinstance(value, bool) else float if isinstance(value, (int, float)) else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _members(rights: object, key: str) -> Iterator[str]:
    """The texts of all lists below a key of a user's rows, however they are laid."""
    pending: list[object] = [_mapping(rights).get(key)]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            yield one
        pending += one.values() if isinstance(one, Mapping) else one if isinstance(one, (list, tuple)) else ()


_OF_FIELDS = ("markers", "required", "ordered")
_BY_FIELD = ("field_limits", "forms", "meanings", "patterns", "types", "values")


def host_problems(rows: Mapping[str, Any], laid: Knowledge) -> Iterator[Problem]:
    """Fields that a user's row of a host speaks of, and that the host does not have; `rows` have the right shape."""
    for host, row in _mapping(rows.get("dialects")).items():
        known = set(laid.raw("dialects")[host].get("fields", ()))
        for path, name in _named_fields(row):
            if name not in known:
                remedy = near(name, sorted(known)) if known else "name it in `fields`"
                yield Problem(("tables", "dialects", host, *path), f"the host has no field '{name}'", remedy)


def _named_fields(row: Mapping[str, Any]) -> Iterable[tuple[Path, str]]:
    for key in _OF_FIELDS:
        listed = row.get(key, ())
        yield from (((key,), name) for name in (listed if isinstance(listed, (list, tuple)) else _members(row, key)))
    for key in _BY_FIELD:
        yield from (((key, name), name) for name in _mapping(row.get(key)))
    lists = _mapping(row.get("tool_lists"))
    yield from ((("tool_lists", "fields"), name) for name in _members(lists, "fields"))
