"""YAML text in, plain values with marks out, and values to YAML for every reader; the only importer of ruamel.yaml."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cache
from typing import Any, NamedTuple

from agentmerge.knowledge.tables import Dialect
from agentmerge.model import MERGE, Digits, Field, FrozenMap, Scalar, Value
from agentmerge.rights import reading

# Entries --------------------------------------------------------------------------------------------------------------
#
# One key of the frontmatter, as both of its readers give it.


class Entry(NamedTuple):
    """One key of a document's top mapping."""

    key: str
    line: int
    """0-based line of the key within the document."""
    value: Value
    text: str
    """A scalar as its characters stand for it, before a type is read into it; "" for a collection."""
    style: str
    end_line: int
    """0-based line on which the value ends."""
    end_column: int
    repeated: tuple[tuple[str, int], ...]
    """Keys that stand twice in a mapping inside the value, with the 0-based line of the second."""
    written: Value = None
    """The value with each scalar as the characters that stand for it."""


# Values ---------------------------------------------------------------------------------------------------------------
#
# Frontmatter values as words.


def text_of(entry: Entry) -> str:
    """The words of a field. A number keeps the digits as written: version 1.10 is not 1.1."""
    return as_text(entry.value, entry.written)


def as_text(value: Value, written: Value = None) -> str:
    """A value as words: members of a list on a line each, a mapping as `key: value` lines, numbers as `written`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        texts = written if isinstance(written, tuple) else value
        return "\n".join(map(as_text, value, texts))
    if isinstance(value, Mapping):
        leaves = written if isinstance(written, Mapping) else value
        return "\n".join(f"{key}: {as_text(item, leaves.get(key))}" for key, item in value.items())
    return written if isinstance(written, str) and not isinstance(value, str) else str(value)


# Plainyaml ------------------------------------------------------------------------------------------------------------
#
# The frontmatter that nearly everybody writes, read without the YAML library: plain words after a key, lists of them.
#
# Loading and running the library takes longer than all else that reading a file needs. What is told apart here from
# full
# YAML is so narrow (letters first, no sign that YAML gives a meaning) that both must read it alike; a test compares
# them.


_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(?: +(.*))?\Z")
_PLAIN = re.compile(r"[A-Za-z0-9](?:[^:#\"'\\{}&*!|>%@`]|:(?=[^ ]))*(?<![ :])\Z")
_PLAIN_QUOTED = re.compile(r"\"([^\"\\]*)\"\Z")
_ITEM = re.compile(r"( *)- +(\S.*)\Z")


def simple_entries(text: str, resolve: Callable[[str], Scalar]) -> tuple[Entry, ...] | None:
    """The fields of a text that is as simple as that, or None."""
    rows = text.split("\n")
    while rows and not rows[-1]:
        rows.pop()
    found: list[Entry] = []
    number = 0
    while number < len(rows):
        match = _KEY.match(rows[number])
        if match is None:
            return None
        value, first = match[2] or "", number
        number += 1
        entry = _plain_scalar(match[1], value, first, rows[first], resolve) if value else None
        if not value:
            items = _items(rows, number)
            number += len(items)
            members = [_text(item, resolve) for item in items]
            if members and None not in members:
                values = tuple(member[0] for member in members if member)
                written = tuple(map(_plain_written, items))
                entry = Entry(match[1], first, values, "", "block", number, 0, (), written)
        if entry is None or (number < len(rows) and not rows[number][:1].isalpha()):
            return None
        found.append(entry)
    return tuple(found)


def _plain_scalar(key: str, value: str, line: int, row: str, resolve: Callable[[str], Scalar]) -> Entry | None:
    read = _text(value, resolve)
    if read is None:
        return None
    written = _plain_written(value)
    return Entry(key, line, read[0], written, read[1], line, len(row), (), written)


def _plain_written(value: str) -> str:
    """A value without its quotes; no plain one starts with a quote."""
    return value[1:-1] if value.startswith('"') else value


def _text(value: str, resolve: Callable[[str], Scalar]) -> tuple[Scalar, str] | None:
    # Asked of the string, not of the patterns: a range up to the last character takes longer to compile than all else.
    if not (value.isascii() and value.isprintable()):
        return None
    if _PLAIN.match(value):
        return resolve(value), "plain"
    quoted = _PLAIN_QUOTED.match(value)
    return (quoted[1], "double") if quoted is not None else None


def _items(rows: Sequence[str], start: int) -> list[str]:
    """The texts of the list items from a line on, all equally indented."""
    found: list[str] = []
    indent: str | None = None
    for row in rows[start:]:
        match = _ITEM.match(row)
        if match is None or (indent is not None and match[1] != indent):
            break
        indent = match[1]
        found.append(match[2])
    return found


# Yamlio ---------------------------------------------------------------------------------------------------------------
#
# The only importer of ruamel.yaml: YAML text to plain values, with marks, constructing no objects.
#
# Nodes are composed and turned into values here instead of being constructed by the library, so that no tag can
# make an object, a date stays the text that was written, and alias bombs are counted before they are expanded.


MAX_VALUES = 100_000
"""Values that one document may expand to, long texts counted by their length: aliases multiply both."""
CHARS_PER_VALUE = 64
"""Characters of text that weigh as much as a value."""
MAX_CHARS = 500_000
"""Characters of one document; the reader takes about a second for twice as many."""
MAX_NODES = 20_000
"""Values, keys and aliases that stand in one document; reading more would take longer than anybody waits."""
MAX_DEPTH = 60
"""Levels of nesting; deeper text is refused before the library's recursion is reached."""

_TAB_BEFORE_COMMENT = re.compile(r"(?<=\S)[ \t]*\t[ \t]*(?=#)")
_INT = re.compile(r"[-+]?(?:0o[0-7]+|0x[0-9a-fA-F]+|[0-9]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in (
        "str",
        "int",
        "float",
        "bool",
        "null",
        "map",
        "seq",
        "timestamp",
        "binary",
        "set",
        "omap",
        "value",
        "merge",
    )
)
"""Tags that mean data; any other asks a reader to make an object, and safe readers refuse it."""
_NO_LINE_ENDS = "\x85\u2028\u2029"
_STYLES = {None: "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}


class YamlError(Exception):
    """The text is not YAML; `line` is 0-based within it."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def entries(text: str) -> tuple[Entry, ...]:
    """The top-level keys of a YAML mapping, duplicates included; () for an empty document.

    Raises YamlError when the text is not YAML, not a mapping, too deep or too large.
    """
    simple = simple_entries(text, resolve)
    return library_entries(text) if simple is None else simple


def library_entries(text: str) -> tuple[Entry, ...]:
    """The same by the YAML library alone."""
    root = _compose(text)
    if root is None:
        return ()
    if not hasattr(root, "value") or _node_kind(root) != "mapping":
        raise YamlError("the frontmatter is not a list of `key: value` fields", 0)
    reading = _Reading(_yaml_scalar)
    return tuple(_yaml_entry(key, value, reading) for key, value in root.value)


def load(text: str) -> Value:
    """The value of a whole YAML document, as JSON-like data (mappings are read-only)."""
    root = _compose(text)
    return None if root is None else _yaml_value(root, _Reading(_yaml_scalar), 0)


def line_of(text: str, path: Sequence[str]) -> int | None:
    """Line, from 1, of the key at the end of a path of keys, or of the last one that is there; None without one."""
    node, line = _compose(text), None
    for step in path:
        entries = node.value if node is not None and _node_kind(node) == "mapping" else ()
        found = next(((key, value) for key, value in entries if key.value == step), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def load_written(text: str) -> Value:
    """As `load`, with each leaf as it was written: a text behind a quote, anything else as it stands.

    Raises YamlError where a key stands twice, too: then the order of the keys means something.
    """
    root, reading = _compose(text), _Reading(leaf=_as_written)
    value = None if root is None else _yaml_value(root, reading, 0)
    if reading.repeated:
        raise YamlError(f"the key '{reading.repeated[0][0]}' stands twice", reading.repeated[0][1])
    return value


def load_rows(text: str, key: str) -> tuple[Mapping[str, Value], list[tuple[int, Value]]]:
    """A document that is a mapping, and the members of the list under `key`, each with its line, from 0.

    Scalars are the characters that stand for them. A key that stands twice, in the mapping or in a member that is one,
    raises YamlError, as does what is no mapping, or holds no list there.
    """
    root, reading = _compose(text), _Reading(leaf=lambda node: str(node.value))
    if root is None or _node_kind(root) != "mapping":
        raise YamlError("it is not a list of `key: value` lines", 0)
    rows = next((value for name, value in root.value if name.value == key), None)
    if rows is None or _node_kind(rows) != "sequence":
        raise YamlError(f"there is no list under `{key}:`", 0)
    head = _yaml_value(root, reading, 0)
    if reading.repeated:
        raise YamlError(f"the key '{reading.repeated[0][0]}' stands twice", reading.repeated[0][1])
    assert isinstance(head, Mapping)
    members = head[key]
    assert isinstance(members, tuple)
    return head, [(node.start_mark.line, value) for node, value in zip(rows.value, members, strict=True)]


def scalar_spans(text: str) -> list[tuple[int, int]]:
    """Where the scalars of a document stand, keys included: first character and the one behind the last.

    The line of a block's `|` is no part of it. Raises YamlError when the text is not YAML.
    """
    root = _compose(text)
    pending, found, seen = [root] if root is not None else [], [], set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node.value, str):
            start = node.start_mark.index
            found.append((text.find("\n", start) if node.style in ("|", ">") else start, node.end_mark.index))
        else:
            pending += [part for item in node.value for part in (item if isinstance(item, tuple) else (item,))]
    return found


@dataclass(slots=True)
class _Reading:
    """What is left to expand, and what was noticed on the way."""

    leaf: Callable[[Any], Scalar]
    budget: int = MAX_VALUES
    repeated: list[tuple[str, int]] = dataclass_field(default_factory=list)
    merged: dict[int, dict[str, Any]] = dataclass_field(default_factory=dict)
    """What merge keys bring in, by identity of the mapping's node."""


def _yaml_entry(key: Any, node: Any, reading: _Reading) -> Entry:
    reading.repeated = []
    value = _yaml_value(node, reading, 0)
    return Entry(
        _yaml_key(key),
        key.start_mark.line,
        value,
        node.value if isinstance(node.value, str) else "",
        _style(node),
        node.end_mark.line,
        node.end_mark.column,
        tuple(reading.repeated),
        _yaml_written(node, value, reading.merged),
    )


def _compose(text: str) -> Any:
    if len(text) > MAX_CHARS:
        raise YamlError(f"more than {MAX_CHARS:,} characters", 0)
    loader = _loader()
    loader.composer.nodes_seen = loader.composer.nodes_open = 0
    from ruamel.yaml.error import YAMLError

    stand_ins = _stand_ins(text)
    try:
        root = loader.compose(text.translate(stand_ins) if stand_ins else text)
    except YAMLError as error:
        # YAML allows tabs before a comment, and the library does not.
        spaced = _TAB_BEFORE_COMMENT.sub(lambda tabs: " " * len(tabs[0]), text)
        if spaced != text:
            return _compose(spaced)
        raise YamlError(_problem(error), _problem_line(error)) from None
    except (
        RecursionError,
        ValueError,
        AttributeError,
        AssertionError,
        IndexError,
        KeyError,
        TypeError,
    ) as error:
        # The library lets some malformed input through to errors of its own making.
        raise YamlError(f"unreadable: {type(error).__name__}", 0) from None
    if stand_ins:
        _put_back(root, {ord(stand_in): char for char, stand_in in stand_ins.items()})
    return root


def _stand_ins(text: str) -> dict[int, str]:
    """Characters that end a line to the library, and to no reader of YAML 1.2, each with one that ends none."""
    found = [char for char in _NO_LINE_ENDS if char in text]
    free = (char for char in map(chr, range(0xE000, 0xF8FF)) if char not in text)
    return {ord(char): next(free, char) for char in found}


def _put_back(root: Any, chars: Mapping[int, int]) -> None:
    waiting, seen = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting += node
        elif node is not None and id(node) not in seen:
            seen.add(id(node))
            if isinstance(node.value, str):
                node.value = node.value.translate(chars)
            else:
                waiting += node.value


@cache
def _loader() -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.composer import Composer

    class Bounded(Composer):
        """Stops at once where a document gets too large or too deep, instead of when its memory is used up."""

        nodes_seen = nodes_open = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            self.nodes_seen += 1
            self.nodes_open += 1
            if self.nodes_open > MAX_DEPTH:
                raise YamlError(f"nested deeper than {MAX_DEPTH} levels", self.parser.peek_event().start_mark.line)
            if self.nodes_seen > MAX_NODES:
                raise YamlError(f"more than {MAX_NODES} values", self.parser.peek_event().start_mark.line)
            node = super().compose_node(parent, index)
            self.nodes_open -= 1
            return node

    loader = YAML(typ="safe", pure=True)
    loader.Composer = Bounded
    # A name that is given twice would be told on stderr by way of Python's warnings.
    loader.composer.warn_double_anchors = False
    return loader


def _problem(error: Any) -> str:
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return str(problem)


def _problem_line(error: Any) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return int(mark.line) if mark is not None else 0


def _node_kind(node: Any) -> str:
    if isinstance(node.value, str):
        return "scalar"
    return "mapping" if type(node).__name__ == "MappingNode" else "sequence"


def _style(node: Any) -> str:
    if _node_kind(node) == "scalar":
        style = _STYLES.get(node.style, "plain")
        return "empty" if style == "plain" and node.value == "" else style
    return "flow" if node.flow_style else "block"


def _yaml_value(node: Any, reading: _Reading, depth: int) -> Value:
    kind = _node_kind(node)
    reading.budget -= 1 + (len(node.value) // CHARS_PER_VALUE if kind == "scalar" else 0)
    if reading.budget < 0 or depth > MAX_DEPTH:
        raise YamlError("it is too large, or its aliases expand without end", node.start_mark.line)
    if str(node.tag) not in _TAGS:
        raise YamlError(f"the tag '{node.tag}' makes it no text", node.start_mark.line)
    if kind == "scalar":
        return reading.leaf(node)
    if kind == "sequence":
        return tuple(_yaml_value(item, reading, depth + 1) for item in node.value)
    found: dict[str, Value] = {}
    merged = _merged(node, reading.merged)
    for key, item in node.value:
        name = _yaml_key(key)
        if name in found:
            reading.repeated.append((name, key.start_mark.line))
        if not (merged and _is_merge(key)):
            found[name] = _yaml_value(item, reading, depth + 1)
    found.update((name, _yaml_value(item, reading, depth + 1)) for name, item in merged.items() if name not in found)
    return FrozenMap(found)


def _is_merge(key: Any) -> bool:
    return bool(key.value == MERGE) and key.style is None


def _merged(node: Any, known: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """The nodes that the merge keys of a mapping bring in, by key; of several mappings the first one counts.

    `known` holds what was found already: mappings may be merged again and again, and into themselves.
    """
    if id(node) not in known:
        found = known[id(node)] = dict[str, Any]()
        for item in [item for key, item in node.value if _is_merge(key)]:
            for one in item.value if _node_kind(item) == "sequence" else (item,):
                if _node_kind(one) == "mapping":
                    own = {_yaml_key(key): value for key, value in one.value if not _is_merge(key)}
                    for name, value in {**_merged(one, known), **own}.items():
                        found.setdefault(name, value)
    return known[id(node)]


def _yaml_written(node: Any, value: Value, merged: dict[int, dict[str, Any]]) -> Value:
    """The characters of each scalar of a value that was read, in its shape."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return tuple(_yaml_written(item, part, merged) for item, part in zip(node.value, value, strict=True))
    if isinstance(value, Mapping):
        # Of a key that stands twice the last one counts, as in the value.
        nodes = {**_merged(node, merged), **{key.value: item for key, item in node.value}}
        return FrozenMap({key: _yaml_written(nodes[key], item, merged) for key, item in value.items()})
    return str(node.value)


def _yaml_key(node: Any) -> str:
    if not isinstance(node.value, str):
        raise YamlError("brackets stand where a key should", node.start_mark.line)
    return node.value


def _yaml_scalar(node: Any) -> Scalar:
    text = str(node.value)
    # A tag `!!str` before a plain `12` says that it is text; what is text by itself resolves to text anyway.
    return resolve(text) if node.style is None and not str(node.tag).endswith(":str") else text


def _as_written(node: Any) -> str:
    value = _yaml_scalar(node)
    if isinstance(value, str):
        return f"'{value}"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(node.value)


def resolve(text: str) -> Scalar:
    """A plain scalar under the YAML 1.2 core schema: `yes`, `12:30` and dates are text."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if len(text) <= 40:
        if _INT.match(text):
            digits = text.lstrip("+-")
            base = {"0o": 8, "0x": 16}.get(digits[:2], 10)
            return int(digits[2:] if base != 10 else digits, base) * (-1 if text[0] == "-" else 1)
        if _FLOAT.match(text):
            return float(text)
    return text


# Yamltext -------------------------------------------------------------------------------------------------------------
#
# Values as YAML text that every reader of YAML 1.1 and 1.2 takes for the same value.
#
# Written by hand, not by a library: a dumper wraps long lines, sorts keys, picks quotes of its own and leaves words
# such as `no` or `12:30` bare, which are text for one reader and a boolean or a number for another.


TAB = "\t"
MAX_FLOW = 120
"""Columns that a list in one line may take before it is written with an item on a line each."""

_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`=<~")
"""Characters that can open something else than plain text."""
_WORDS = frozenset(
    {"true", "false", "yes", "no", "on", "off", "y", "n", "null", "none", "nil", ".inf", "-.inf", "+.inf", ".nan"}
)
_NUMERIC = re.compile(r"[-+.]?[0-9][0-9a-fA-FxXoO_.,:eE+\- tTzZ]*\Z")
"""Whatever one of the versions takes for a number, a time or a date, and some text like it."""
_UNSAFE_PLAIN = re.compile(r":(?:\s|\Z)|\s#|\A\s|\s\Z|\A\.\.\.")
_FLOW_MARKS = re.compile(r"[,\[\]{}:#?]")
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff]|\t"
)
_TEXT_ESCAPED = re.compile('["\\\\]|' + _UNPRINTABLE.pattern)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_TEXT_NOT_LITERAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def scalar(text: str, *, flow: bool = False) -> str:
    """`text` as a scalar on one line: plain where no reader can misread it, else in double quotes.

    `flow` says that it stands inside `[...]` or `{...}`.
    """
    return text if _is_plain(text) and not (flow and _FLOW_MARKS.search(text)) else quoted(text)


def quoted(text: str) -> str:
    """`text` in double quotes; line breaks, control characters and invisible characters are escaped."""
    return f'"{_TEXT_ESCAPED.sub(_text_escape, text)}"'


def in_comment(text: str) -> str:
    """Lines of a comment; characters that YAML takes nowhere, a comment included, are escaped."""
    return _TEXT_NOT_LITERAL.sub(_text_escape, text)


def comment(text: str) -> str:
    """One line of text as a comment; characters that YAML has no place for are escaped."""
    return f"# {quoted(text) if _UNPRINTABLE.search(text.replace(TAB, '')) else text}".rstrip()


def field_text(key: str, value: Value, style_hint: str = "") -> str:
    """A frontmatter field: its line or lines, each with a LF.

    `style_hint` is the style of the field that the value replaces (`Field.style`): `literal` lets text of several
    lines stay a block, `block` lets a list have an item on a line each; what the value can't take is ignored.
    """
    return "\n".join(_text_entry(key, value, style_hint, "")) + "\n"


def _is_plain(text: str) -> bool:
    return (
        text != ""
        and text[0] not in _INDICATORS
        and text.lower() not in _WORDS
        and not _NUMERIC.match(text)
        and not _UNSAFE_PLAIN.search(text)
        and not _UNPRINTABLE.search(text)
    )


def _text_escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    return _ESCAPES.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _text_entry(key: str, value: Value, hint: str, indent: str) -> Iterator[str]:
    name = f"{indent}{scalar(key)}:"
    if value is None:
        yield name
    elif isinstance(value, str) and hint == "literal" and _can_be_literal(value):
        yield f"{name} {_header(value)}"
        yield from (f"{indent}  {line}" if line else "" for line in _literal_lines(value))
    elif (line := _one_line(value, hint)) is not None and _fits(name, line, value):
        yield f"{name} {line}"
    else:
        yield name
        yield from _block(value, f"{indent}  ")


def _fits(name: str, line: str, value: Value) -> bool:
    return isinstance(value, str) or not value or len(name) + len(line) < MAX_FLOW


def _one_line(value: Value, hint: str) -> str | None:
    """A value on one line; None for a collection that wants lines of its own."""
    if isinstance(value, Mapping):
        return None if value else "{}"
    if isinstance(value, tuple):
        flat = hint != "block" and not any(isinstance(item, (tuple, Mapping)) for item in value)
        return f"[{', '.join(_atom(item, flow=True) for item in value)}]" if flat or not value else None
    return _atom(value, flow=False)


def _atom(value: Value, *, flow: bool) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    return scalar(value, flow=flow) if isinstance(value, str) else str(value)


def _float(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    mantissa, mark, exponent = repr(value).partition("e")
    # YAML 1.1 takes `1e+22` for text: it wants the point.
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{mark}{exponent}" if mark else mantissa


def _block(value: Value, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _text_entry(key, item, "", indent)
    elif isinstance(value, tuple):
        for item in value:
            yield from _block_item(item, indent)
    else:
        yield f"{indent}{_atom(value, flow=False)}"


def _block_item(item: Value, indent: str) -> Iterator[str]:
    if isinstance(item, Mapping) and item:
        first, *rest = _block(item, f"{indent}  ")
        yield f"{indent}- {first.lstrip(' ')}"
        yield from rest
    elif (line := _one_line(item, "")) is not None:
        yield f"{indent}- {line}"
    else:
        yield f"{indent}-"
        yield from _block(item, f"{indent}  ")


def _can_be_literal(text: str) -> bool:
    return "\n" in text and text.strip(" \t\n") != "" and not _TEXT_NOT_LITERAL.search(text)


def _header(text: str) -> str:
    """`|` with the indentation where the first line does not show it, and what happens to the last line break."""
    # A tab or a blank before the first word would be counted as indentation, or refused.
    indentation = "2" if text[0] in " \t\n" else ""
    chomp = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") else ""
    return f"|{indentation}{chomp}"


def _literal_lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


# Tomltext -------------------------------------------------------------------------------------------------------------
#
# Values as TOML text: a field of a document on its own line or lines.


_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_TOML_ESCAPED = re.compile('["\\\\\x00-\x08\x0a-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]')
_TOML_NOT_LITERAL = re.compile("[\x00-\x08\x0b-\x1f\x7f]|'''")
_IN_LINES = re.compile('["\\\\\x00-\x08\x0b-\x1f\x7f]')


def field(key: str, value: Value) -> str:
    """A top-level field: its line, or its lines where the value has several; each with a LF.

    A text of several lines stands as it is between three quotes, so that no character of it changes.
    """
    if isinstance(value, str) and "\n" in value:
        return f"{_toml_key(key)} = {_lines(value)}\n"
    return f"{_toml_key(key)} = {_toml_value(value)}\n"


def _lines(text: str) -> str:
    # The line break behind the opening quotes does not count; one more quote before the closing ones would.
    if not _TOML_NOT_LITERAL.search(text) and not text.endswith("'"):
        return f"'''\n{text}'''"
    return f'"""\n{_IN_LINES.sub(_toml_escape, text)}"""'


def _toml_key(key: str) -> str:
    return key if _BARE.match(key) else _quoted(key)


def _quoted(text: str) -> str:
    return f'"{_TOML_ESCAPED.sub(_toml_escape, text)}"'


def _toml_escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04x}"


def _toml_value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (Digits, int, float)):
        return str(value)
    if isinstance(value, Mapping):
        # TOML has no null: what is not said is left out.
        rows = (f"{_toml_key(key)} = {_toml_value(item)}" for key, item in value.items() if item is not None)
        return f"{{ {', '.join(rows)} }}" if value else "{}"
    if isinstance(value, tuple):
        return f"[{', '.join(_toml_value(item) for item in value if item is not None)}]"
    return _quoted("" if value is None else value)


# Forms ----------------------------------------------------------------------------------------------------------------
#
# How a dialect's fields are written: YAML that every reader takes, TOML, or another form that its row names.


BARE = "bare"
LIST = "list"
ANY = "any"
_FORMS_QUOTED = ("single", "double")
_BLOCKS = ("literal", "folded")


def written(key: str, value: Value, style: str, dialect: Dialect) -> str:
    """A field's line or lines, each with a LF; `style` as for `yamltext.field`, or bare."""
    if dialect.syntax == "toml":
        return field(key, value)
    accepted = dialect.forms.get(key, ("",))
    if (accepted[0] == BARE or (style == BARE and BARE in accepted)) and (text := bare(value)):
        return f"{key}: {text}\n"
    if dialect.one_line and isinstance(value, str):
        return field_text(key, value)
    return field_text(key, value, style)


def relaxed(dialect: Dialect) -> Dialect:
    """A dialect that nothing but its fields speaks for: another host may read the same fields as YAML."""
    return dialect._replace(forms={key: (ANY, *accepted) for key, accepted in dialect.forms.items()})


def bare(value: Value) -> str:
    """A value as it stands, members parted by commas; "" where it can't be written so."""
    members = reading.names(value)
    text = ",".join(members)
    is_plain = text.isprintable() and " #" not in text and text[:1] not in ("#", "|", ">", '"', "'", "")
    # Read again, it has to part into the same members.
    return text if is_plain and reading.names(text) == members else ""


def fault(field: Field, dialect: Dialect) -> str:
    """What is wrong with how a field is written for the dialect's own reader; "" where nothing is."""
    accepted = dialect.forms.get(field.key)
    if accepted is None or ANY in accepted or field.value in (None, "", ()):
        return ""
    if isinstance(field.value, tuple):
        return "" if LIST in accepted else "a list"
    if BARE not in accepted:
        return ""
    if field.style in _FORMS_QUOTED:
        return "in quotes"
    if field.style in _BLOCKS or field.style == "recovered" or "\n" in field.text:
        return "no bare text on one line"
    return "with blanks behind the commas" if ", " in field.text and bare(field.value) != field.text else ""
