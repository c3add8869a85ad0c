"""Two statements in, the numbers and the keys of data blocks out in which they differ."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import NamedTuple

from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.records import data_of
from agentmerge.model import Unit, Value

# Numbers --------------------------------------------------------------------------------------------------------------
#
# Numbers that changed between two statements that otherwise speak of the same.


_NUMBERS_TOKEN = re.compile(
    r"(?P<label>\[\^[^\[\]\s]+\]:?)|(?P<number>\d+(?:[.,:]\d+)*)|(?P<sign><=|>=|[<>≤≥])|(?P<word>[^\W\d_]+(?:['’\-][^\W\d_]+)*)|(?P<mark>[^\w\s])|(?P<rest>\S)"
)
_NUMBER = "\0"
_GLUED = "\1"
_WHOLE = re.compile(r"(?<=\d)\.0\Z")
_BOUNDS = {"<=": "≤", ">=": "≥"}
_MEASURE_WORDS = """
% percent ms s sec second seconds minute minutes min hour hours h day days week weeks month months kb mb gb tb k m x px
rem em line lines word words character characters char chars token tokens file files time times item items point points
attempt attempts retries level levels column columns row rows bytes byte kib mib gib tib
eur euro euros usd dollar dollars gbp pound pounds chf cent cents € $ £ million millions thousand
"""
_MEASURES = frozenset(_MEASURE_WORDS.split())
_UNITS = frozenset(word.removesuffix("s") for word in _MEASURES)
MOST_VAGUE = 3
"""Tokens that one vague phrase stands for."""
_SAME = {"sec": "s", "second": "s", "minute": "min", "hour": "h", "hr": "h", "day": "d", "percent": "%"}
_SAME |= {"character": "char", "millisecond": "msec", "ms": "msec"}
_SAME |= {"euro": "eur", "€": "eur", "dollar": "usd", "$": "usd", "pound": "gbp", "£": "gbp"}
_SAME |= {"kib": "kb", "mib": "mb", "gib": "gb", "tib": "tb"}
_SIZES = {
    "msec": 0.001,
    "s": 1.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "week": 604800.0,
    "byte": 1.0,
    "kb": 1e3,
    "mb": 1e6,
    "gb": 1e9,
    "tb": 1e12,
}
"""What one of a unit is, in seconds or in bytes."""
MAX_TOKENS = 4_000
"""Of longer texts only equal lines with other numbers are compared."""


class Shift(NamedTuple):
    """A number that became another one."""

    old: str
    new: str


def shifts_of(old: str, new: str, knowledge: Knowledge, *, same_topic: bool = False) -> list[Shift]:
    """The numbers and bounds of `old` that are others in `new`, where the words around them stay.

    `same_topic`: the two say the same in other words; then numbers with one measure correspond wherever they stand.
    """
    words = knowledge.derived(_Words)
    a, b = words.tokens(old), words.tokens(new)
    if len(a) + len(b) > MAX_TOKENS or not (_has_number(a) or _has_number(b)):
        return []
    found = list(_in_place(a, b, knowledge)) or list(_made_vague(a, b, knowledge))
    return found or (list(_by_measure(a, b)) if same_topic else [])


class _Words:
    """Words that are numbers, say how often, or stand where a number may: `[numbers]` of `data/review.toml`."""

    def __init__(self, knowledge: Knowledge) -> None:
        raw = knowledge.raw("review")["numbers"]
        self.values = dict(row.split(" = ") for row in raw["words"])
        self.frequencies = frozenset(raw["frequencies"])
        self.vague = frozenset(raw["vague"])

    def tokens(self, text: str) -> list[tuple[str, str]]:
        """Each token with its class: a number, in digits or a word, and a sign of comparison stand for their kind."""
        return [
            self._token(
                match.lastgroup or "", match[0], is_glued=match.start() > 0 and text[match.start() - 1].isalpha()
            )
            for match in _NUMBERS_TOKEN.finditer(text)
            if match.lastgroup != "label"
        ]

    def _token(self, kind: str, shown: str, *, is_glued: bool) -> tuple[str, str]:
        lowered = shown.lower()
        if kind == "number" and is_glued:
            # A part of a name: `net8.0`, `ES2023`, `v2`.
            return _GLUED, shown
        if kind == "number" or lowered in self.values or lowered in self.frequencies:
            return _NUMBER, self.values.get(lowered, shown)
        return "<" if kind == "sign" else lowered, shown


def _made_vague(a: list[tuple[str, str]], b: list[tuple[str, str]], knowledge: Knowledge) -> Iterator[Shift]:
    """A number that became a word that bounds nothing: `at most 5 files`, `at most a few files`; or is gone."""
    matcher = SequenceMatcher(None, [key for key, _ in a], [key for key, _ in b], autojunk=False)
    edits = [edit for edit in matcher.get_opcodes() if edit[0] != "equal"]
    for tag, i, j, x, y in edits:
        before, after = a[i:j], b[x:y]
        measured = a[j][0].removesuffix("s") if j < len(a) else ""
        if len(before) > MOST_VAGUE or not _has_number(before) or _has_number(after):
            continue
        if any(key == _NUMBER and _names(a, i + at, knowledge) for at, (key, _) in enumerate(before)):
            continue
        words = {key for key, _ in after}
        if words & knowledge.derived(_Words).vague or (
            tag == "delete" and len(edits) == 1 and measured in _UNITS and i > 0
        ):
            yield Shift(" ".join(shown for _, shown in before), " ".join(shown for _, shown in after) or "no number")


def _has_number(tokens: list[tuple[str, str]]) -> bool:
    return any(key == _NUMBER for key, _ in tokens)


def _in_place(a: list[tuple[str, str]], b: list[tuple[str, str]], knowledge: Knowledge) -> Iterator[Shift]:
    matcher = SequenceMatcher(None, [key for key, _ in a], [key for key, _ in b], autojunk=False)
    for start_a, start_b, size in matcher.get_matching_blocks():
        for i, j in zip(range(start_a, start_a + size), range(start_b, start_b + size), strict=True):
            if (
                a[i][0] in (_NUMBER, "<")
                and (_value(a[i]) != _value(b[j]) or _measures_differ(a, i, b, j))
                and _amount(a, i) != _amount(b, j)
                and _anchored(a, i, b, j)
                and not _names(a, i, knowledge)
            ):
                yield Shift(_quoted(a, i), _quoted(b, j))


def _measures_differ(a: list[tuple[str, str]], i: int, b: list[tuple[str, str]], j: int) -> bool:
    """Whether a number stands before another unit: `5 minutes`, `5 seconds`."""
    if a[i][0] != _NUMBER or i + 1 >= len(a) or j + 1 >= len(b):
        return False
    one, other = a[i + 1][0], b[j + 1][0]
    return one in _MEASURES and other in _MEASURES and _unit(one) != _unit(other)


def _unit(measure: str) -> str:
    """One name for a measure, however it is written: `s`, `sec`, `seconds`."""
    bare = measure if len(measure) < 2 else measure.removesuffix("s")
    return _SAME.get(bare, bare)


def _names(tokens: list[tuple[str, str]], at: int, knowledge: Knowledge) -> bool:
    """Whether a number only names something: `Step 6`, `Option 2`, a version as in `Node 20` or `sonnet-4-5`."""
    if at == 0:
        return False
    if tokens[at - 1][0] in knowledge.derived(_labels):
        return True
    measured = at + 1 < len(tokens) and tokens[at + 1][0] in _MEASURES
    before = at - 2 if tokens[at - 1][1] in ("-", "#", ".", "+") else at - 1
    while before > 1 and tokens[before][0] == _NUMBER and tokens[before - 1][1] == "-":
        before -= 2
    return not measured and before > 0 and _is_a_name(tokens[before][1], joined=before < at - 1)


def _is_a_name(word: str, *, joined: bool) -> bool:
    return word[:1].isalpha() and (joined or word[:1].isupper())


def _amount(tokens: list[tuple[str, str]], at: int) -> float:
    """A number in seconds or bytes, where its unit is of these: `60 seconds` is `1 minute`; others equal none."""
    number = tokens[at][1].replace(",", "")
    unit = _unit(tokens[at + 1][0]) if at + 1 < len(tokens) else ""
    if tokens[at][0] == _NUMBER and unit in _SIZES and number.replace(".", "", 1).isdigit():
        return float(number) * _SIZES[unit]
    return math.nan


def _labels(knowledge: Knowledge) -> frozenset[str]:
    return frozenset(knowledge.raw("review")["numbers"]["labels"])


def _value(token: tuple[str, str]) -> str:
    return _BOUNDS.get(token[1], _WHOLE.sub("", token[1]))


def _anchored(a: list[tuple[str, str]], i: int, b: list[tuple[str, str]], j: int) -> bool:
    """Whether a number has a neighbour in common with the one it became."""
    before = (a[i - 1][0] if i else "") == (b[j - 1][0] if j else "")
    after = (a[i + 1][0] if i + 1 < len(a) else "") == (b[j + 1][0] if j + 1 < len(b) else "")
    return before or after


def _quoted(tokens: list[tuple[str, str]], at: int) -> str:
    """A number with its sign and measure, as in `>80%`."""
    before = tokens[at - 1][1] if at and tokens[at - 1][0] == "<" else ""
    after = tokens[at + 1][1] if at + 1 < len(tokens) else ""
    if tokens[at][0] == "<":
        return f"{tokens[at][1]}{after}"
    return f"{before}{tokens[at][1]}{_joined(after)}"


def _joined(measure: str) -> str:
    if measure.lower() not in _MEASURES:
        return ""
    return measure if measure == "%" or len(measure) <= 2 else f" {measure}"


def _by_measure(a: list[tuple[str, str]], b: list[tuple[str, str]]) -> Iterator[Shift]:
    left, right = _measured(a), _measured(b)
    for measure, old in left.items():
        new = right.get(measure, [])
        if len(old) == len(new) == 1 and old[0][0] != new[0][0]:
            yield Shift(old[0][1], new[0][1])


def _measured(tokens: list[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for at, (key, shown) in enumerate(tokens):
        after = tokens[at + 1][1].lower() if at + 1 < len(tokens) else ""
        if key == _NUMBER and after in _MEASURES:
            found.setdefault(after, []).append((shown, _quoted(tokens, at)))
    return found


_COUNTS = {
    word: number
    for number, words in enumerate(("a an one single", "two both second", "three", "four", "five", "six"), 1)
    for word in words.split()
}
_COUNT = re.compile(rf"(?<![\w.])(\d{{1,3}}|{'|'.join(_COUNTS)})\s+(?:\w+\s+){{0,2}}?(\w+)", re.IGNORECASE)


def count_of(text: str, noun: re.Pattern[str]) -> int:
    """The number, in digits or in words, before a noun; 0 where none stands there."""
    for found in _COUNT.finditer(text):
        if noun.match(found[2]):
            word = found[1].lower()
            return int(word) if word.isdigit() else _COUNTS[word]
    return 0


# Datakeys -------------------------------------------------------------------------------------------------------------
#
# Keys of data blocks (JSON with comments and ellipses, YAML), read leniently: a prompt shows shapes, not documents.


_DATA_LANGUAGES = frozenset({"json", "jsonc", "json5", "jsonl", "yaml", "yml"})
_DATAKEYS_TOKEN = re.compile(
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


FEW_WORDS = 2
"""Words of a key or value of data; what has more is prose."""


def _lenient_keys(unit: Unit) -> Keys:
    if unit.kind != "code":
        return {}
    language = unit.language.split(" ")[0].lower()
    if language in ("yaml", "yml") and not _STARTS_DATA.match(unit.text):
        return {} if _is_outline(unit.text) else dict(_yaml_keys(unit.text))
    if language in _DATA_LANGUAGES or (language in ("", "text", "txt") and _STARTS_DATA.match(unit.text)):
        return dict(_json_keys(unit.text))
    return {}


def _json_keys(text: str) -> Iterator[tuple[str, str]]:
    """Keys with their paths: a name or a string before a colon, whatever stands around it."""
    reader = _JsonReader()
    for match in _DATAKEYS_TOKEN.finditer(text):
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


def _is_outline(text: str) -> bool:
    """Whether a block that strict YAML refuses tells what to do in an outline, and is no form of data: most of its
    lines are words of prose, or keys of several words."""
    lines = [line.strip() for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    prose = 0
    for line in lines:
        key, colon, _ = line.lstrip("- ").partition(":")
        prose += len((key if colon else line).split()) > FEW_WORDS
    return 2 * prose > len(lines)


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
