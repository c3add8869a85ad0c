"""The only importer of ruamel.yaml: YAML text to plain values, with marks, constructing no objects.

Nodes are composed and turned into values here instead of being constructed by the library, so that no tag can
make an object, a date stays the text that was written, and alias bombs are counted before they are expanded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from agentmerge.model import MERGE, FrozenMap, Scalar, Value
from agentmerge.parsing.entries import Entry
from agentmerge.parsing.plainyaml import simple_entries

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
    reading = _Reading(_scalar)
    return tuple(_entry(key, value, reading) for key, value in root.value)


def load(text: str) -> Value:
    """The value of a whole YAML document, as JSON-like data (mappings are read-only)."""
    root = _compose(text)
    return None if root is None else _value(root, _Reading(_scalar), 0)


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
    value = None if root is None else _value(root, reading, 0)
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
    head = _value(root, reading, 0)
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
    repeated: list[tuple[str, int]] = field(default_factory=list)
    merged: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What merge keys bring in, by identity of the mapping's node."""


def _entry(key: Any, node: Any, reading: _Reading) -> Entry:
    reading.repeated = []
    value = _value(node, reading, 0)
    return Entry(
        _key(key),
        key.start_mark.line,
        value,
        node.value if isinstance(node.value, str) else "",
        _style(node),
        node.end_mark.line,
        node.end_mark.column,
        tuple(reading.repeated),
        _written(node, value, reading.merged),
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


def _value(node: Any, reading: _Reading, depth: int) -> Value:
    kind = _node_kind(node)
    reading.budget -= 1 + (len(node.value) // CHARS_PER_VALUE if kind == "scalar" else 0)
    if reading.budget < 0 or depth > MAX_DEPTH:
        raise YamlError("it is too large, or its aliases expand without end", node.start_mark.line)
    if str(node.tag) not in _TAGS:
        raise YamlError(f"the tag '{node.tag}' makes it no text", node.start_mark.line)
    if kind == "scalar":
        return reading.leaf(node)
    if kind == "sequence":
        return tuple(_value(item, reading, depth + 1) for item in node.value)
    found: dict[str, Value] = {}
    merged = _merged(node, reading.merged)
    for key, item in node.value:
        name = _key(key)
        if name in found:
            reading.repeated.append((name, key.start_mark.line))
        if not (merged and _is_merge(key)):
            found[name] = _value(item, reading, depth + 1)
    found.update((name, _value(item, reading, depth + 1)) for name, item in merged.items() if name not in found)
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
                    own = {_key(key): value for key, value in one.value if not _is_merge(key)}
                    for name, value in {**_merged(one, known), **own}.items():
                        found.setdefault(name, value)
    return known[id(node)]


def _written(node: Any, value: Value, merged: dict[int, dict[str, Any]]) -> Value:
    """The characters of each scalar of a value that was read, in its shape."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return tuple(_written(item, part, merged) for item, part in zip(node.value, value, strict=True))
    if isinstance(value, Mapping):
        # Of a key that stands twice the last one counts, as in the value.
        nodes = {**_merged(node, merged), **{key.value: item for key, item in node.value}}
        return FrozenMap({key: _written(nodes[key], item, merged) for key, item in value.items()})
    return str(node.value)


def _key(node: Any) -> str:
    if not isinstance(node.value, str):
        raise YamlError("brackets stand where a key should", node.start_mark.line)
    return node.value


def _scalar(node: Any) -> Scalar:
    text = str(node.value)
    # A tag `!!str` before a plain `12` says that it is text; what is text by itself resolves to text anyway.
    return resolve(text) if node.style is None and not str(node.tag).endswith(":str") else text


def _as_written(node: Any) -> str:
    value = _scalar(node)
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
