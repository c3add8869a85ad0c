"""TOML tables in, one frozen `Knowledge` out: shipped rows with a user's laid over them, and diagnostics by code."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from agentmerge.model import Diagnostic, FrozenMap, Severity, frozen

# Knowledge ------------------------------------------------------------------------------------------------------------
#
# Domain knowledge as data: the shipped tables of `agentmerge/data`, extended by a user's configuration.
#
# Each table is a TOML file, but for the table of dialects, which has a file per host in `data/hosts`. A user's table of
# the same shape is laid over it: new rows are added, lists are joined, single values replaced. Whoever needs to know
# something takes a `Knowledge`; it holds the tables and what is made ready of them, and nothing else in the process
# does.
#
# Reading TOML and indexing words takes longer than most commands, so `compiled.json` holds both ready-made, each with
# a checksum of the files it was made from; where a checksum differs, the file itself is read.


Raw = Mapping[str, Any]

DATA = Path(__file__).parents[1] / "data"
HOSTS = DATA / "hosts"
"""A file per dialect, named like it; `docs/hosts.md` says what may stand in one."""
_DIALECTS = "dialects"
_LAST = 900
"""Order of a dialect that says none: before `plain`, which takes what no other does."""
_NOTHING: FrozenMap[str, Any] = FrozenMap({})


class ToolLists(NamedTuple):
    """What may stand in the fields of a host that name tools."""

    fields: tuple[str, ...] = ()
    """Fields whose members are checked; none where a host takes any name."""
    vocabularies: tuple[str, ...] = ()
    """Whose names the host knows: its own, and those of others that it takes; the first is its own."""
    also: frozenset[str] = frozenset()
    """Names that it knows and that stand for no capability that another host has."""
    any_case: bool = False
    """Whether upper and lower case make no difference."""
    closed: bool = False
    """Whether a name that it does not know makes it refuse the file."""
    server: str = ""
    """How a tool of an MCP server is written, with `{server}` and `{tool}`; "" where any way will do."""
    empty: str = "none"
    """What an empty allow list grants: none or all."""


class Dialect(NamedTuple):
    """A host's file convention."""

    name: str
    title: str
    paths: tuple[str, ...]
    """Patterns of file paths that belong to this host alone."""
    fields: frozenset[str]
    """Every field that the host reads."""
    markers: frozenset[str]
    """Fields that only this host has, or hardly any other."""
    required: tuple[str, ...]
    body_limit: int | None
    """Characters that the host takes of a body."""
    unknown_fields: str
    """What the host does with a field that it does not know: ignored, error, kept."""
    field_limits: Mapping[str, int]
    """Characters that the host takes of a field."""
    file_limits: Mapping[str, int] = _NOTHING
    """Bytes that the host reads of a file whose path fits a pattern; what is beyond them it cuts."""
    uncommented: tuple[str, ...] = ()
    """Patterns of the files out of which the host takes comments before the model reads."""
    syntax: str = "yaml"
    """What its files are: yaml (frontmatter above Markdown) or toml."""
    one_line: bool = False
    """Whether its reader takes a value on the line of its key alone."""
    ordered: frozenset[str] = frozenset()
    """Fields in whose mappings the order of the keys counts."""
    switches: bool = False
    """Whether a map of tools switches single ones off and says nothing of the others."""
    types: Mapping[str, tuple[str, ...]] = _NOTHING
    """What a field may be: text, list, map, boolean, number; the first is what to write."""
    values: Mapping[str, tuple[str, ...]] = _NOTHING
    """The values that a field may have, where they can be listed."""
    patterns: Mapping[str, str] = _NOTHING
    """Regular expressions for whole values of fields; a value of `values` may stand, too."""
    forms: Mapping[str, tuple[str, ...]] = _NOTHING
    """How a field is written that its reader does not take as YAML: bare (as it stands, members parted by commas
    without blanks), list; the first is what we write."""
    overrules: Mapping[str, tuple[str, ...]] = _NOTHING
    """By `key: value`, the fields that do nothing beside it."""
    tools: Mapping[str, tuple[str, ...]] = _NOTHING
    """What the host calls its tools, each with the capabilities behind the name."""
    tool_lists: ToolLists = ToolLists()
    prompt: str = ""
    """The field that holds the prompt where a file has no body."""
    order: int = _LAST
    """Place in which detection tries it."""


class FieldInfo(NamedTuple):
    """What a frontmatter field means, whichever host reads it."""

    key: str
    shape: str
    """scalar, prose, set (order and spelling of the list mean nothing), list, map."""
    rights: str
    """What it does to permissions: allow (absent = all), deny, grant (absent = none), scale, or nothing."""
    rule: str
    """How `combine` decides it unless a policy says otherwise."""
    scale: tuple[str, ...]
    """Values from the least to the most permissive, for `rights = "scale"`; equal ones as `one | other`."""
    rank: int
    """Place in canonical key order."""
    default: str = ""
    """Value of the scale that an absent field means; "" where the host says it."""


class OutlineKind(NamedTuple):
    """A kind of section, in canonical order."""

    name: str
    rank: int
    aliases: tuple[str, ...]
    """Normalised titles; `*` stands for any words."""
    facet: str
    """What the units in it are: instruction, knowledge, input, deliverable, prohibition, check, example, identity."""
    single: bool
    """Whether a definition has only one of it."""
    title: str
    """Heading that a template may give it."""
    general: bool
    """Whether what it says of a topic belongs to the section of that topic, where there is one."""


class DiagnosticInfo(NamedTuple):
    """What a diagnostic says; words in braces are filled in."""

    code: str
    severity: Severity
    message: str
    assumed: str
    remedy: str
    about: str
    """One sentence for the documentation."""


T = TypeVar("T")


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Knowledge:
    """The shipped tables with a user's rows laid over them, and what was made ready of both.

    Frozen: two of them never mix, and what one made ready goes with it. Equal to nothing but itself. Pickled it is its
    rows alone. `rows` is by table, in the shape of the table's file.
    """

    rows: Mapping[str, Raw] = field(default_factory=dict)
    _made: dict[object, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", frozen(self.rows))

    @staticmethod
    def shipped() -> Knowledge:
        """The shipped tables alone: one object for all who ask."""
        return _SHIPPED

    @staticmethod
    def of(rows: Mapping[str, Raw]) -> Knowledge:
        """The shipped tables with these rows laid over them; the shipped ones themselves where there are none."""
        return Knowledge(rows) if rows else _SHIPPED

    def __reduce__(self) -> tuple[Callable[[Mapping[str, Raw]], Knowledge], tuple[Mapping[str, Raw]]]:
        return Knowledge.of, (self.rows,)

    def raw(self, name: str) -> Raw:
        """A table as it stands in its file, with the user's rows laid over it."""
        if name not in self.rows:
            return _shipped(name)
        if name not in self._made:
            self._made[name] = _laid_over(_shipped(name), self.rows[name])
        laid: Raw = self._made[name]
        return laid

    def own(self, name: str) -> Raw:
        """The user's rows of a table, without the shipped ones."""
        return self.rows.get(name, {})

    def ready(self, name: str, *of: str) -> Any:
        """What was made ready of the named tables; None where a user extends them or they changed since."""
        return None if any(table in self.rows for table in of) else ready(name, *of)

    def derived(self, make: Callable[[Knowledge], T]) -> T:
        """What a function makes of these tables, made once and kept here.

        `make` is a function or a class of a module, and what it makes is not to be changed: it may be made twice where
        two threads ask at once.
        """
        if make not in self._made:
            self._made[make] = make(self)
        found: T = self._made[make]
        return found

    def forget(self) -> None:
        """Drop what was made ready, with the texts that were read by it; who asks again has it made again."""
        self._made.clear()

    @property
    def dialects(self) -> Mapping[str, Dialect]:
        """Dialects by name, in the order in which detection tries them."""
        return self.derived(_dialects)

    @property
    def known_keys(self) -> frozenset[str]:
        """Keys that open a field wherever a line starts with them, words that open a line of dialogue aside."""
        return self.derived(_known_keys)

    @property
    def fields(self) -> Mapping[str, FieldInfo]:
        """Fields with a meaning of their own, in canonical order."""
        return self.derived(_fields)

    def field_info(self, key: str, host: str = "") -> FieldInfo:
        """What a field means, at a host where one is named; an unknown one is a plain scalar that comes last."""
        common, own = self.fields.get(key, _PLAIN_FIELD), self._own_row(key, host)
        return common if own is None else _field(key, own, common.rank)

    def field_row(self, key: str, host: str = "") -> Raw:
        """What the tables say of a field: the host's own row, else the common one, else another host's."""
        own = self._own_row(key, host)
        return self.derived(field_rows).get(key, _NOTHING) if own is None else own

    def _own_row(self, key: str, host: str) -> Raw | None:
        row: Raw | None = self.raw(_DIALECTS).get(host, _NOTHING).get("meanings", _NOTHING).get(key)
        return row

    @property
    def vocabularies(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """What tools are called, by vocabulary, each name with its capabilities."""
        return self.derived(_vocabularies)

    @property
    def outline(self) -> Mapping[str, OutlineKind]:
        """Kinds of sections, in canonical order."""
        return self.derived(_outlined)

    @property
    def shipped_aliases(self) -> frozenset[tuple[str, str]]:
        """The titles of sections that the shipped tables know, each with its kind."""
        rows = _shipped("outline")
        return frozenset((alias, name) for name, row in rows.items() for alias in row.get("aliases", ()))

    @property
    def diagnostics(self) -> Mapping[str, DiagnosticInfo]:
        """Everything that reading can notice, by code."""
        return self.derived(_diagnostics)

    @property
    def prose_labels(self) -> frozenset[str]:
        """Words before a colon that open a line of a dialogue or an example, not a field."""
        return self.derived(_prose_labels)

    @property
    def document_languages(self) -> frozenset[str]:
        """Languages of documents, as the info string of a fence names them."""
        return self.derived(_document_languages)

    @property
    def example_tags(self) -> frozenset[str]:
        """Names of tags that stand around an example, in a body or inside a description."""
        return self.derived(_example_tags)


_SHIPPED = Knowledge()
_PLAIN_FIELD = FieldInfo("", "scalar", "", "first", (), 10_000)


def _dialects(knowledge: Knowledge) -> Mapping[str, Dialect]:
    found = [_dialect(name, row) for name, row in knowledge.raw(_DIALECTS).items()]
    return {dialect.name: dialect for dialect in sorted(found, key=lambda dialect: dialect.order)}


def _known_keys(knowledge: Knowledge) -> frozenset[str]:
    own = (dialect.fields for dialect in knowledge.dialects.values() if dialect.syntax == "yaml")
    return frozenset().union(knowledge.fields, *own) - knowledge.prose_labels


def field_rows(knowledge: Knowledge) -> Mapping[str, Raw]:
    """The rows of all fields, those that only hosts have last."""
    rows = dict(knowledge.raw("fields"))
    for host in knowledge.raw(_DIALECTS).values():
        for key, row in host.get("meanings", {}).items():
            rows.setdefault(key, row)
    return rows


def _fields(knowledge: Knowledge) -> Mapping[str, FieldInfo]:
    rows = knowledge.derived(field_rows)
    return {key: _field(key, row, rank) for rank, (key, row) in enumerate(rows.items())}


def _vocabularies(knowledge: Knowledge) -> Mapping[str, Mapping[str, frozenset[str]]]:
    rows = knowledge.raw("toolnames")
    found = {name: {**dialect.tools, **rows.get(name, {})} for name, dialect in knowledge.dialects.items()}
    found |= {name: row for name, row in rows.items() if name not in found}
    return {
        vocabulary: {name: frozenset(means) for name, means in row.items()} for vocabulary, row in found.items() if row
    }


def _outlined(knowledge: Knowledge) -> Mapping[str, OutlineKind]:
    return {name: _outline(name, row, rank) for rank, (name, row) in enumerate(knowledge.raw("outline").items())}


def _diagnostics(knowledge: Knowledge) -> Mapping[str, DiagnosticInfo]:
    return {code: _diagnostic(code, row) for code, row in knowledge.raw("diagnostics").items()}


def _prose_labels(knowledge: Knowledge) -> frozenset[str]:
    return frozenset(knowledge.raw("reading")["prose_labels"])


def _document_languages(knowledge: Knowledge) -> frozenset[str]:
    return frozenset(knowledge.raw("modes")["documents"])


def _example_tags(knowledge: Knowledge) -> frozenset[str]:
    return frozenset(knowledge.raw("containers")["tags"]["opaque"])


def names() -> tuple[str, ...]:
    """The tables that there are."""
    return tuple(sorted([_DIALECTS, *(path.stem for path in DATA.glob("*.toml"))]))


@cache
def _sources(name: str) -> Mapping[str, bytes]:
    """The files of a table, by name."""
    paths = sorted(HOSTS.glob("*.toml")) if name == _DIALECTS else [DATA / f"{name}.toml"]
    return {path.stem: path.read_bytes() for path in paths}


@cache
def _compiled() -> Raw:
    path = DATA / "compiled.json"
    data: Raw = json.loads(path.read_bytes()) if path.is_file() else {}
    return data


def checksum(*of: str) -> int:
    """A number for the contents of the named tables' files, line endings aside."""
    value = 0
    for name in of:
        for file, data in _sources(name).items():
            value = zlib.crc32(data.replace(b"\r\n", b"\n"), zlib.crc32(file.encode(), value))
    return value


def ready(name: str, *of: str) -> Any:
    """What `compiled.json` holds under a name, or None where the tables it was made of are not those it knew."""
    row = _compiled().get(name)
    return row["data"] if row is not None and row["of"] == checksum(*of) else None


@cache
def _shipped(name: str) -> Raw:
    found = ready(name, name)
    return parsed(name) if found is None else found


def parsed(name: str) -> Raw:
    """A shipped table, read from its own file or files."""
    import tomllib

    files = {file: tomllib.loads(data.decode("utf-8")) for file, data in _sources(name).items()}
    return files if name == _DIALECTS else files[name]


_LIST_WORDS = frozenset({"add", "remove", "replace"})


def _laid_over(base: Raw, extra: Raw) -> Raw:
    merged: dict[str, Any] = dict(base)
    for key, value in extra.items():
        old = merged.get(key)
        if isinstance(old, (list, tuple)) or _changes_list(value):
            merged[key] = _list_over(old if isinstance(old, (list, tuple)) else (), value)
        elif isinstance(value, Mapping):
            merged[key] = _laid_over(old if isinstance(old, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def _changes_list(value: Any) -> bool:
    """Whether a value says what becomes of a list: `{add: [...], remove: [...]}`, or `{replace: [...]}`."""
    lists = isinstance(value, Mapping) and all(isinstance(one, (list, tuple)) for one in value.values())
    return lists and bool(value) and _LIST_WORDS.issuperset(value)


def _list_over(base: Sequence[Any], extra: Any) -> Any:
    """A list with a user's laid over it: a bare one adds its members. A text would replace a whole list in silence."""
    if isinstance(extra, (list, tuple)):
        return [*base, *(item for item in extra if item not in base)]
    if not _changes_list(extra):
        raise TypeError(f"{extra!r} stands where a list stands")
    kept = [item for item in extra.get("replace", base) if item not in extra.get("remove", ())]
    return [*kept, *(item for item in extra.get("add", ()) if item not in kept)]


HOST_KEYS = frozenset(
    {
        "title",
        "paths",
        "fields",
        "markers",
        "required",
        "body_limit",
        "unknown_fields",
        "field_limits",
        "file_limits",
        "uncommented",
        "syntax",
        "order",
    }
    | {"one_line", "ordered", "switches", "types", "values", "patterns", "forms", "overrules", "tools", "tool_lists"}
    | {"meanings", "prompt", "rights", "carries"}
)
"""What may stand in a host's file."""


def _dialect(name: str, row: Raw) -> Dialect:
    for key in row:
        if key not in HOST_KEYS:
            raise ValueError(f"'{name}' has a key '{key}' that no host has")
    fields = frozenset(_texts(row, "fields"))
    return Dialect(
        name,
        row.get("title", name),
        _texts(row, "paths"),
        fields,
        frozenset(_texts(row, "markers")) & fields,
        _texts(row, "required"),
        None if row.get("body_limit") is None else int(row["body_limit"]),
        row.get("unknown_fields", "ignored"),
        {key: int(limit) for key, limit in row.get("field_limits", {}).items()},
        {pattern: int(limit) for pattern, limit in row.get("file_limits", {}).items()},
        _texts(row, "uncommented"),
        row.get("syntax", "yaml"),
        bool(row.get("one_line", False)),
        frozenset(_texts(row, "ordered")),
        bool(row.get("switches", False)),
        _lists(row, "types"),
        _lists(row, "values"),
        {key: str(pattern) for key, pattern in row.get("patterns", {}).items()},
        _lists(row, "forms"),
        _lists(row, "overrules"),
        _lists(row, "tools"),
        _tool_lists(row.get("tool_lists", {})),
        row.get("prompt", ""),
        int(row.get("order", _LAST)),
    )


def _tool_lists(row: Raw) -> ToolLists:
    server = str(row.get("server", ""))
    # A place for something else is told when the row is read, not when the first tool is named.
    server.format(server="", tool="")
    return ToolLists(
        _texts(row, "fields"),
        _texts(row, "vocabularies"),
        frozenset(_texts(row, "also")),
        bool(row.get("any_case", False)),
        bool(row.get("closed", False)),
        server,
        row.get("empty", "none"),
    )


def _texts(row: Raw, key: str) -> tuple[str, ...]:
    """A list of a row. A single text would read as its letters."""
    value = row.get(key, ())
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"'{key}' is no list")
    return tuple(map(str, value))


def _lists(row: Raw, key: str) -> Mapping[str, tuple[str, ...]]:
    return {name: _texts(row[key], name) for name in row.get(key, {})}


def _field(key: str, row: Raw, rank: int) -> FieldInfo:
    return FieldInfo(
        key,
        row.get("shape", "scalar"),
        row.get("rights", ""),
        row.get("rule", "first"),
        tuple(row.get("scale", ())),
        int(row.get("rank", rank)),
        row.get("default", ""),
    )


def _outline(name: str, row: Raw, rank: int) -> OutlineKind:
    return OutlineKind(
        name,
        rank,
        tuple(row.get("aliases", ())),
        row.get("facet", ""),
        row.get("single", False),
        row.get("title", name.title()),
        row.get("general", False),
    )


def _diagnostic(code: str, row: Raw) -> DiagnosticInfo:
    return DiagnosticInfo(
        code,
        row["severity"],
        row["message"],
        row.get("assumed", ""),
        row.get("remedy", ""),
        row["about"],
    )


# Notes ----------------------------------------------------------------------------------------------------------------
#
# Diagnostics from the table of codes: what to say is data, where and about what is said here.


def note(code: str, line: int, knowledge: Knowledge, **words: object) -> Diagnostic:
    """The diagnostic `code` about a 1-based line of the file, its braces filled with `words`."""
    info = knowledge.diagnostics[code]
    return Diagnostic(
        code,
        info.severity,
        line,
        info.message.format_map(words),
        info.assumed.format_map(words),
        info.remedy.format_map(words),
    )


def short(text: str, width: int = 40) -> str:
    """The start of a text on one line, for a message."""
    flat = " ".join(text[: width * 4].split())
    return flat if len(flat) <= width else flat[: width - 1].rstrip() + "…"
