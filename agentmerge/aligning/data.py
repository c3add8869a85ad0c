"""Fenced YAML and JSON as data: style, quotes that change no type, order of keys and indentation say nothing.

A leaf is what was written: `1.10` is not `1.1`, and a text begins with a quote, so that `"12"` is not `12`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from agentmerge.model import Unit, Value
from agentmerge.parsing import yamlio

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
