"""Which of many definitions are variants of one role: by name, by file name, by aliases, and by what they say."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from agentmerge.aligning.records import members_of
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition

SHARED = 0.6
"""Share of equal statements of the shorter definition from which two files are variants whatever their names."""
SHARED_OF_LONGER = 0.4
"""The same of the longer one: what all files of a collection begin with makes no role."""
LEAST_STATEMENTS = 5
"""Statements that two files have to share at least, for that."""

_PARTS = re.compile(r"[^\w]+|_+")


def groups(definitions: Sequence[Definition], knowledge: Knowledge) -> list[tuple[str, tuple[int, ...]]]:
    """Role and indices of its variants, for every definition, in the order of the first one."""
    union = _Union(len(definitions))
    keys: dict[str, int] = {}
    for number, definition in enumerate(definitions):
        for key in role_keys(definition, knowledge):
            union.join(number, keys.setdefault(key, number))
    for a, b in _alike(definitions):
        union.join(a, b)
    found: dict[int, list[int]] = defaultdict(list)
    for number in range(len(definitions)):
        found[union.find(number)].append(number)
    return [(_label(definitions, numbers, knowledge), tuple(numbers)) for numbers in found.values()]


def role_keys(definition: Definition, knowledge: Knowledge) -> list[str]:
    """What names the role of a definition: its `name`, else its file, without titles such as `senior` or `expert`."""
    name = definition.field("name")
    return keys_of(name.text if name is not None else "", definition.filename, knowledge)


def keys_of(name: str, filename: str | None, knowledge: Knowledge) -> list[str]:
    """What names a role, by the field `name` and the file's name."""
    keys = [_key(text, knowledge) for text in (name, stem(filename, knowledge)) if text.strip()]
    return list(dict.fromkeys(key for key in keys if key))


def stem(filename: str | None, knowledge: Knowledge) -> str:
    """A file's name without its ending, or its folder's where all files are called the same."""
    if not filename:
        return ""
    path = PurePath(filename)
    found = path.name.split(".")[0]
    if found.lower() in knowledge.raw("roles")["files"]["generic"]:
        return path.parent.name
    return found


def _key(text: str, knowledge: Knowledge) -> str:
    raw = knowledge.raw("roles")
    words = [part for part in _PARTS.split(text.lower()) if part]
    words = [raw["aliases"].get(word, word) for word in words]
    bare = [word for word in words if word not in raw["titles"]["words"]]
    return " ".join(bare or words)


def _label(definitions: Sequence[Definition], numbers: Iterable[int], knowledge: Knowledge) -> str:
    names = Counter(_shown(definitions[number], knowledge) for number in numbers)
    return min(names, key=lambda name: (-names[name], name))


def _shown(definition: Definition, knowledge: Knowledge) -> str:
    name = definition.field("name")
    return name.text.strip() if name is not None and name.text.strip() else stem(definition.filename, knowledge)


def _alike(definitions: Sequence[Definition]) -> list[tuple[int, int]]:
    """Pairs that share most of what the shorter one says, word for word."""
    texts = [_texts(definition) for definition in definitions]
    holders: dict[str, list[int]] = defaultdict(list)
    for number, found in enumerate(texts):
        for text in found:
            holders[text].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for numbers in holders.values():
        # A sentence that very many files have is boilerplate, and says nothing of the role.
        if len(numbers) <= 20:
            shared.update((a, b) for at, a in enumerate(numbers) for b in numbers[at + 1 :])
    return [
        (a, b)
        for (a, b), count in sorted(shared.items())
        if count >= LEAST_STATEMENTS and _is_alike(count, len(texts[a]), len(texts[b]))
    ]


def _is_alike(shared: int, a: int, b: int) -> bool:
    return shared >= SHARED * min(a, b) and shared >= SHARED_OF_LONGER * max(a, b)


def _texts(definition: Definition) -> set[str]:
    return {" ".join(member.text.lower().split()) for member in members_of(0, definition)}


class _Union:
    """Disjoint sets of numbers; the smallest number stands for its set."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def find(self, number: int) -> int:
        while self._above[number] != number:
            self._above[number] = self._above[self._above[number]]
            number = self._above[number]
        return number

    def join(self, a: int, b: int) -> None:
        low, high = sorted((self.find(a), self.find(b)))
        self._above[high] = low
