"""Data and its shape in, what is wrong with it out; and the same shape as a JSON Schema for editors."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

Path = tuple[str, ...]
LIST_WORDS = ("add", "remove", "replace")
"""What may stand in the place of a list of a table: members to add, members to take out, or another list."""
_NEAR = 0.8
"""How alike two names have to be for one to be taken for a slip of the other where both are allowed."""


class Problem(NamedTuple):
    """What is wrong at a place of the data."""

    path: Path
    message: str
    remedy: str = ""
    certain: bool = True
    """Whether it is a mistake, and not only something that looks like one."""
    is_row: bool = False
    """Of what only looks like a mistake: whether it is the name of a new row."""

    @property
    def key(self) -> str:
        """The keys that lead to it."""
        return "/".join(self.path)


@dataclass(frozen=True, slots=True)
class Text:
    """A text."""

    choices: tuple[str, ...] = ()
    """The only ones that there are; none for any text."""
    form: Literal["", "pattern", "sides", "counts", "values"] = ""
    """A regular expression, two sides parted by ` / `, or words with a number each (`word:4`)."""
    begins: tuple[str, ...] = ()
    """Beginnings of further choices, such as `set:`."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    whole: bool = False
    least: int | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    member: Shape
    known: tuple[str, ...] = ()
    """Members of the shipped list that a configuration may take out."""
    laid: bool = False
    """Whether it is laid over a shipped list: `{add: [...], remove: [...]}` or `{replace: [...]}` may stand for it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """`key: value` lines."""

    keys: Mapping[str, Shape] = field(default_factory=dict)
    other: Shape | None = None
    """What any other key holds; None where there is no other."""
    required: frozenset[str] = frozenset()
    """Keys that a row has which no shipped row is under."""
    names: tuple[str, ...] = ()
    """Further names that are known, for a near hit."""
    needed: frozenset[str] = frozenset()
    """Keys that are always there: of a member of a list, which is laid over nothing."""


@dataclass(frozen=True, slots=True)
class Either:
    """One of several shapes."""

    shapes: tuple[Shape, ...]


Shape: TypeAlias = "Text | Number | Flag | Many | Rows | Either"


def problems(shape: Shape, value: object, path: Path = ()) -> Iterator[Problem]:
    """All that is wrong with a value by a shape."""
    if isinstance(shape, Either):
        yield from _either(shape, value, path)
    elif isinstance(shape, Rows):
        yield from _rows(shape, value, path)
    elif isinstance(shape, Many):
        yield from _many(shape, value, path)
    elif isinstance(shape, Text):
        yield from _text(shape, value, path)
    elif isinstance(shape, Number):
        yield from _number(shape, value, path)
    elif not isinstance(value, bool):
        yield _wrong(shape, value, path)


def _wrong(shape: Shape, value: object, path: Path) -> Problem:
    return Problem(path, f"{_shown(value)} is {_kind(value)}", f"write {_wanted(shape)}")


def _either(shape: Either, value: object, path: Path) -> Iterator[Problem]:
    fitting = [one for one in shape.shapes if _fits(one, value)]
    if not fitting:
        yield _wrong(shape, value, path)
        return
    found = [list(problems(one, value, path)) for one in fitting]
    yield from min(found, key=len)


def _fits(shape: Shape, value: object) -> bool:
    """Whether a value is of the kind that a shape is of, whatever is in it."""
    if isinstance(shape, Either):
        return any(_fits(one, value) for one in shape.shapes)
    if isinstance(shape, Many):
        return isinstance(value, (list, tuple)) or (shape.laid and isinstance(value, Mapping))
    if isinstance(shape, Number):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, {Rows: Mapping, Text: str, Flag: bool}[type(shape)])


def _rows(shape: Rows, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield _wrong(shape, value, path)
        return
    known = (*shape.keys, *shape.names)
    lacks = sorted(shape.needed - set(value))
    if lacks:
        yield Problem(path, f"a row has no {', '.join(lacks)}", f"give it {', '.join(sorted(shape.needed))}")
    for key, inner in value.items():
        if key in shape.keys:
            yield from problems(shape.keys[key], inner, (*path, key))
        elif shape.other is not None and key in shape.names:
            yield from problems(shape.other, inner, (*path, key))
        elif shape.other is None:
            yield Problem((*path, key), f"there is no key '{key}'", near(key, known))
        else:
            yield from _new_row(shape, key, inner, path, known)


def _new_row(shape: Rows, key: str, value: object, path: Path, known: Sequence[str]) -> Iterator[Problem]:
    assert shape.other is not None
    found = list(problems(shape.other, value, (*path, key)))
    lacks = sorted(shape.required - set(value)) if isinstance(value, Mapping) else []
    slip = difflib.get_close_matches(key, known, 1, _NEAR)
    if lacks:
        hint = f"did you mean '{slip[0]}'?" if slip else f"a new row has {', '.join(sorted(shape.required))}"
        yield Problem((*path, key), f"the new row '{key}' has no {', '.join(lacks)}", hint)
    yield from found
    if slip and not found and not lacks and key not in known:
        yield Problem((*path, key), f"'{key}' is a new row", f"did you mean '{slip[0]}'?", certain=False, is_row=True)


def _many(shape: Many, value: object, path: Path) -> Iterator[Problem]:
    if shape.laid and isinstance(value, Mapping):
        yield from _laid(shape, value, path)
        return
    if not isinstance(value, (list, tuple)):
        yield _wrong(shape, value, path)
        return
    for member in value:
        yield from _member(shape, member, path)
        slip = difflib.get_close_matches(member, shape.known, 1, _NEAR) if isinstance(member, str) else []
        if slip and member not in shape.known and not (isinstance(shape.member, Text) and shape.member.choices):
            yield Problem(path, f"'{member}' is a new member", f"did you mean '{slip[0]}'?", certain=False)


def _member(shape: Many, value: object, path: Path) -> Iterator[Problem]:
    yield from problems(shape.member, value, path)
    if isinstance(shape.member, Text) and value == "" and "" not in (*shape.known, *shape.member.choices):
        yield Problem(path, "a member is empty", "write it out, or take it out")


def _laid(shape: Many, value: Mapping[str, object], path: Path) -> Iterator[Problem]:
    if "replace" in value and len(value) > 1:
        yield Problem(path, "`replace` stands beside another word", "write it alone, or `add` and `remove`")
    for word, members in value.items():
        if word not in LIST_WORDS:
            yield Problem((*path, word), f"there is no word '{word}' for a list", near(word, LIST_WORDS))
        elif not isinstance(members, (list, tuple)):
            yield _wrong(Many(shape.member), members, (*path, word))
        elif word == "remove":
            for member in members:
                if member not in shape.known:
                    yield Problem(
                        (*path, word), f"'{member}' is no member of the shipped list", near(str(member), shape.known)
                    )
        else:
            yield from (one for member in members for one in _member(shape, member, (*path, word)))


def _text(shape: Text, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield _wrong(shape, value, path)
    elif shape.choices and value not in shape.choices and not value.startswith(shape.begins or ("\n",)):
        yield Problem(path, f"there is no '{value}'", near(value, shape.choices))
    elif shape.form == "sides" and not all(map(str.strip, (value.partition(" / ")[0], value.partition(" / ")[2]))):
        yield Problem(path, f"'{value}' has one side", "write two sides: `one / other`")
    elif shape.form == "values" and not all(map(str.strip, value.partition(" = ")[::2])):
        yield Problem(path, f"'{value}' is no word with its value", "write `word = value`")
    elif shape.form == "counts" and not all(map(_COUNT.fullmatch, value.split())):
        yield Problem(path, f"'{value}' is not words with a number each", "write `word:4 other:2`")
    elif shape.form == "pattern":
        try:
            re.compile(value)
        except (re.error, OverflowError, RecursionError) as error:
            yield Problem(path, f"'{value}' is no regular expression: {error}", "mend it, or escape its signs")


def _number(shape: Number, value: object, path: Path) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield _wrong(shape, value, path)
    elif shape.whole and not isinstance(value, int):
        yield Problem(path, f"{value} is not a whole number", "write a whole number")
    elif shape.least is not None and value < shape.least:
        yield Problem(path, f"{value} is less than {shape.least}", f"write {shape.least} or more")


def near(name: str, known: Iterable[str]) -> str:
    """What to do about a name that does not exist: the one that is near it, or all that there are."""
    names = [str(one) for one in known if one != ""]
    found = difflib.get_close_matches(name, names, 1) or [one for one in names if one.lower() == name.lower()]
    if found:
        return f"did you mean '{found[0]}'?"
    return f"known are {', '.join(names[:_SHOWN])}{' ...' if len(names) > _SHOWN else ''}" if names else "leave it out"


_SHOWN = 24
_COUNT = re.compile(r"\S+:[0-9]{1,9}")
_KINDS: Mapping[type, str] = {
    Text: "a text",
    Number: "a number",
    Flag: "true or false",
    Many: "a list",
    Rows: "`key: value` lines",
}


def _wanted(shape: Shape) -> str:
    if isinstance(shape, Either):
        return " or ".join(dict.fromkeys(_wanted(one) for one in shape.shapes))
    if isinstance(shape, Text) and shape.choices:
        return f"one of {', '.join(filter(None, shape.choices[:_SHOWN]))}"
    return "a whole number" if isinstance(shape, Number) and shape.whole else _KINDS[type(shape)]


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return _KINDS[Rows]
    if isinstance(value, (list, tuple)):
        return _KINDS[Many]
    if isinstance(value, bool):
        return _KINDS[Flag]
    return _KINDS[Number] if isinstance(value, (int, float)) else "nothing" if value is None else _KINDS[Text]


def _shown(value: object) -> str:
    return "the value" if isinstance(value, (Mapping, list, tuple)) or value is None else f"'{value}'"


def json_schema(shape: Shape) -> dict[str, Any]:
    """A shape as a JSON Schema."""
    if isinstance(shape, Text):
        return _text_schema(shape)
    if isinstance(shape, Number):
        least = {} if shape.least is None else {"minimum": shape.least}
        return {"type": "integer" if shape.whole else "number", **least}
    if isinstance(shape, Flag):
        return {"type": "boolean"}
    if isinstance(shape, Either):
        return {"anyOf": [json_schema(one) for one in shape.shapes]}
    if isinstance(shape, Rows):
        other = False if shape.other is None else json_schema(shape.other)
        rows = {key: json_schema(one) for key, one in shape.keys.items()}
        return {"type": "object", **({"properties": rows} if rows else {}), "additionalProperties": other}
    return _list_schema(shape)


def _text_schema(shape: Text) -> dict[str, Any]:
    if shape.choices and shape.begins:
        beginnings = "|".join(map(re.escape, shape.begins))
        return {"anyOf": [{"enum": list(shape.choices)}, {"type": "string", "pattern": f"^(?:{beginnings})"}]}
    if shape.choices:
        return {"enum": list(shape.choices)}
    forms: dict[str, dict[str, str]] = {"pattern": {"format": "regex"}, "sides": {"pattern": " / "}}
    forms["values"] = {"pattern": " = "}
    forms["counts"] = {"pattern": r"^\s*(?:\S+:[0-9]{1,9}\s*)*$"}
    return {"type": "string", **forms.get(shape.form, {})}


def _list_schema(shape: Many) -> dict[str, Any]:
    plain = {"type": "array", "items": json_schema(shape.member)}
    if not shape.laid:
        return plain
    changes = {"add": plain, "remove": {"type": "array", "items": {"enum": list(shape.known)}}}
    if not shape.known:
        del changes["remove"]
    return {
        "anyOf": [
            plain,
            {"type": "object", "properties": changes, "additionalProperties": False},
            {
                "type": "object",
                "properties": {"replace": plain},
                "required": ["replace"],
                "additionalProperties": False,
            },
        ]
    }
