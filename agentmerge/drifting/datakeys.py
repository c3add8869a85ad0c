"""Keys of data blocks (JSON with comments and ellipses, YAML), read leniently: a prompt shows shapes, not documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from agentmerge.aligning.data import data_of
from agentmerge.model import Unit, Value

_DATA_LANGUAGES = frozenset({"json", "jsonc", "json5", "jsonl", "yaml", "yml"})
_TOKEN = re.compile(
    r"(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')|(?P<mark>[{}\[\]:,])|(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<name>[A-Za-z_$][\w$-]*\??)|(?P<other>[^\s{}\[\]:,\"']+)",
    re.DOTALL,
)
_YAML_KEY = re.compile(r"^(?P<indent>[ ]*(?:- )*)(?P<key>[\w.$-]+|\"[^\"]+\"):(?=\s|$)", re.MULTILINE)
_STARTS_DATA = re.compile(
    r"\s*+(?:(?://|#)[^\n]*+\s*+)*+"
    r"(?:\{\s*(?:[\"'}.]|//|/\*|[A-Za-z_$][\w$-]*\??\s*:)|\[\s*(?:[{\[\"'\]\d.]|//|/\*))"
)
"""A brace or bracket that opens data: `[Dispatch the reviewer]` does not."""


Keys = Mapping[str, str]
"""Dotted paths of the keys in a block of data, with the shape of each value: object, list, value.

Members of a list have no step of their own in a path."""


def data_keys(unit: Unit) -> Keys:
    """The keys of a block, read leniently where a strict reader refuses it; empty for what is no data."""
    found = data_of(unit)
    return _lenient_keys(unit) if found is None else dict(_strict_keys(found))


def keys_of_both(old: Unit, new: Unit) -> tuple[Keys, Keys]:
    """The keys of two blocks, read in one way."""
    if data_of(old) is not None and data_of(new) is not None:
        return data_keys(old), data_keys(new)
    return _lenient_keys(old), _lenient_keys(new)


def _strict_keys(value: Value, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, tuple):
        for item in value:
            yield from _strict_keys(item, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            below = f"{path}.{key}" if path else str(key)
            yield below, "object" if isinstance(item, Mapping) else "list" if isinstance(item, tuple) else "value"
            yield from _strict_keys(item, below)


def _lenient_keys(unit: Unit) -> Keys:
    if unit.kind != "code":
        return {}
    language = unit.language.split(" ")[0].lower()
    if language in ("yaml", "yml") and not _STARTS_DATA.match(unit.text):
        return dict(_yaml_keys(unit.text))
    if language in _DATA_LANGUAGES or (language in ("", "text", "txt") and _STARTS_DATA.match(unit.text)):
        return dict(_json_keys(unit.text))
    return {}


def _json_keys(text: str) -> Iterator[tuple[str, str]]:
    """Keys with their paths: a name or a string before a colon, whatever stands around it."""
    reader = _JsonReader()
    for match in _TOKEN.finditer(text):
        yield from reader.take(match.lastgroup or "", match[0])


class _JsonReader:
    """Where in the nesting of a block the reader is."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.name = ""
        self.key = ""

    def take(self, kind: str, text: str) -> Iterator[tuple[str, str]]:
        if kind in ("string", "name", "other"):
            yield from self._settle("value")
            self.name = text.strip("\"'?") if kind != "other" else ""
        elif text == ":" and self.name:
            self.key = ".".join([step for step in self.steps if step] + [self.name])
        elif text in ("{", "["):
            self.steps.append(self.key.rpartition(".")[2])
            yield from self._settle("object" if text == "{" else "list")
        elif text in ("}", "]"):
            self.key = ""
            del self.steps[-1:]

    def _settle(self, shape: str) -> Iterator[tuple[str, str]]:
        if self.key:
            yield self.key, shape
        self.key = ""


def _yaml_keys(text: str) -> Iterator[tuple[str, str]]:
    steps: list[tuple[int, str]] = []
    for match in _YAML_KEY.finditer(text):
        depth = len(match["indent"])
        while steps and steps[-1][0] >= depth:
            steps.pop()
        steps.append((depth, match["key"].strip('"')))
        yield ".".join(step for _, step in steps), "value"


def shape_changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """What is different between the keys of two blocks, a phrase per key; of a new or lost branch its root alone."""
    gone = [f"{key} is gone" for key in _roots(old, new)]
    added = [f"{key} is new" for key in _roots(new, old)]
    turned = [
        f"{key} is {_article(new[key])}, was {_article(old[key])}" for key in old if old[key] != new.get(key, old[key])
    ]
    return [*gone, *added, *turned]


def changed_keys(old: Keys, new: Keys) -> tuple[str, ...]:
    """The paths that `shape_changes` speaks of."""
    return *_roots(old, new), *_roots(new, old), *(key for key in old if old[key] != new.get(key, old[key]))


def only_grows(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Whether a block keeps every key in its shape, so that whoever reads it finds all that was there."""
    return all(new.get(key) == shape for key, shape in old.items())


def _roots(keys: Mapping[str, str], others: Mapping[str, str]) -> list[str]:
    lost = dict.fromkeys(key for key in keys if key not in others)
    return [key for key in lost if not any(above in lost for above in _above(key))]


def _above(key: str) -> Iterator[str]:
    """The paths that a path begins with."""
    end = key.find(".")
    while end >= 0:
        yield key[:end]
        end = key.find(".", end + 1)


def _article(shape: str) -> str:
    return f"an {shape}" if shape == "object" else f"a {shape}"
