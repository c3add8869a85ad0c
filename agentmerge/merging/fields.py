"""Three versions of a frontmatter field in, one out, by the shape of its value and in the form that was changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from agentmerge.knowledge.tables import Knowledge
from agentmerge.merging.lists import merge_order
from agentmerge.merging.nodes import Node
from agentmerge.merging.pieces import bind_differently, merge_words
from agentmerge.model import Field
from agentmerge.reading import yamlio
from agentmerge.rights import joining, reading

# Fieldwise ------------------------------------------------------------------------------------------------------------
#
# Three-way merge of one frontmatter field that both sides changed, by the shape of its value.


_HEAD = re.compile(r"(?P<key>[^:\s#]+[ \t]*:[ \t]*)(?P<value>.*)\Z")
_COMMENT = re.compile(r"(?:\A|\s)#.*")
_QUOTES = ("'", '"')


@dataclass(frozen=True, slots=True)
class Listed:
    """A list on one line: `a, b`, `[a, "b"]` or `"a, b"`; with a line break as `opening`, one of a member a line."""

    key: str
    opening: str
    members: tuple[str, ...]
    """As written, quotes included."""
    closing: str
    joint: str


def merge_field(
    base: Node | None, ours: Node | None, theirs: Node | None, knowledge: Knowledge
) -> Sequence[str] | None:
    """The merged lines of a field, or None where the sides disagree."""
    if base is None or ours is None or theirs is None:
        return _same_value(ours, theirs)
    if _words(theirs) == _words(base):
        return ours.lines
    if _words(ours) == _words(base):
        return theirs.lines
    if _words(ours) == _words(theirs):
        return min(ours.lines, theirs.lines, key=lambda lines: (len(lines), lines))
    if ours.shape == "set":
        return _merge_set(base, ours, theirs)
    if ours.shape == "prose" and _style(base) == _style(ours) == _style(theirs) and not base.children:
        return merge_words(base.lines, ours.lines, theirs.lines, knowledge)
    return None


def takes_back_and_grants(base: Node | None, ours: Node | None, theirs: Node | None, knowledge: Knowledge) -> bool:
    """Whether a side took away a right, and the other granted anew what is a part of it, or more of the same kind."""
    if base is None or ours is None or theirs is None or not knowledge.field_info(base.name).rights:
        return False
    before, mine, other = (_granted(node, knowledge) for node in (base, ours, theirs))
    pairs = (before - mine, other - before - mine), (before - other, mine - before - other)
    return any(_comes_back(revoked, granted, knowledge) for revoked, granted in pairs)


def _granted(node: Node, knowledge: Knowledge) -> frozenset[str]:
    if not isinstance(node.unit, Field):
        return frozenset()
    return frozenset(name.lower() for name in reading.members(knowledge.field_info(node.name), node.unit.value))


def _comes_back(revoked: AbstractSet[str], granted: AbstractSet[str], knowledge: Knowledge) -> bool:
    pairs = [(old, new) for old in revoked for new in granted]
    return any(joining.includes(old, new, knowledge) or joining.includes(new, old, knowledge) for old, new in pairs)


def is_bound_anew(base: Node | None, ours: Node | None, theirs: Node | None, knowledge: Knowledge) -> bool:
    """Whether a side changed what binds in a sentence of a text that the other side changed too."""
    if base is None or ours is None or theirs is None or base.children:
        return False
    return base.shape == "prose" and bind_differently(base.lines, ours.lines, theirs.lines, knowledge)


def _same_value(ours: Node | None, theirs: Node | None) -> Sequence[str] | None:
    if ours is None or theirs is None or _words(ours) != _words(theirs) or ours.children or theirs.children:
        return None
    return min(ours.lines, theirs.lines, key=lambda lines: (len(lines), lines))


def _words(node: Node) -> object:
    """What the field says: white space and quotes do not count, the type of a scalar and every comment do."""
    if not isinstance(node.unit, Field) or node.children:
        return node.lines
    return _fieldwise_value(node, node.unit), [
        match[0].strip() for line in node.lines if (match := _COMMENT.search(line))
    ]


def _fieldwise_value(node: Node, field: Field) -> object:
    if node.shape == "set":
        one = listed(node)
        return frozenset(map(bare, one.members)) if one is not None else node.lines
    return " ".join(field.value.split()) if isinstance(field.value, str) else (type(field.value).__name__, field.text)


def _style(node: Node) -> str:
    return node.unit.style if isinstance(node.unit, Field) else ""


def _merge_set(base: Node, ours: Node, theirs: Node) -> Sequence[str] | None:
    """Additions and removals of both sides. None where nothing would be left: an empty list is not the same as none."""
    b, o, t = (listed(node) for node in (base, ours, theirs))
    if b is None or o is None or t is None:
        return None
    names = merged_members(b, o, t)
    if not names:
        return None
    spelling = {bare(member): member for one in (b, t, o) for member in one.members}
    form = o if form_of(o) != form_of(b) else t
    return [form.key + form.opening + form.joint.join(spelt(spelling[x], form) for x in names) + form.closing]


def merged_members(base: Listed, ours: Listed, theirs: Listed) -> list[str]:
    """What the lists come to, without quotes: the additions and removals of both sides."""
    sides = [list(dict.fromkeys(map(bare, one.members))) for one in (base, ours, theirs)]
    before, mine, other = map(set, sides)
    wanted = (mine & other) | ((mine | other) - before)
    kept = [[x for x in side if x in wanted] for side in sides]
    order = merge_order(kept[0], kept[1], kept[2], lambda member: member)
    names = [x for x in order or () if isinstance(x, str)]
    # The order of a set means nothing: nobody is asked about it.
    return names if len(names) == len(wanted) else sorted(wanted)


def form_of(one: Listed) -> tuple[str, str]:
    """How a list is written."""
    return one.opening, one.joint


def spelt(member: str, form: Listed) -> str:
    """A member with quotes as its neighbours in the list have them."""
    if form.opening.strip() != "[":
        return bare(member)
    quote = next((m[0] for m in form.members if m[:1] in _QUOTES), "")
    return member if member[:1] in _QUOTES else f"{quote}{member}{quote}"


def bare(member: str) -> str:
    """A member without its quotes."""
    return member[1:-1] if len(member) > 1 and member[0] == member[-1] and member[0] in _QUOTES else member


def listed(node: Node) -> Listed | None:
    """The members of a list on one line; None for any other form, comments and nested values included."""
    match = _HEAD.match(node.lines[0]) if len(node.lines) == 1 else None
    if match is None:
        return None
    value = match["value"].rstrip()
    opening, inner, closing = _unwrapped(value)
    if re.search(r"[\[\]{}#&*!|>]", inner) and not re.fullmatch(r"[^\[\]{}#&!|>]*(\([^()]*\)[^\[\]{}#&!|>]*)*", inner):
        return None
    members = _split(inner)
    if members is None or not all(members):
        return None
    is_bare = isinstance(node.unit, Field) and node.unit.style == "bare"
    joint = ", " if ", " in inner or ("," not in inner and not is_bare) else ","
    return Listed(match["key"], opening, tuple(members), closing, joint)


def _unwrapped(value: str) -> tuple[str, str, str]:
    if value[:1] == "[" and value[-1:] == "]":
        inner = value[1:-1]
        pad = " " if inner[:1] == " " else ""
        return f"[{pad}", inner.strip(), f"{pad}]"
    if len(value) > 1 and value[0] == value[-1] and value[0] in _QUOTES and value[0] not in value[1:-1]:
        return value[0], value[1:-1], value[0]
    return "", value, ""


def _split(inner: str) -> list[str] | None:
    """Members at commas outside of parentheses and quotes: `Bash(git add, git push)` is one."""
    members, depth, quote, start = [], 0, "", 0
    for at, char in enumerate(inner):
        if quote:
            quote = "" if char == quote else quote
        elif char in _QUOTES:
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "," and depth == 0:
            members.append(inner[start:at].strip())
            start = at + 1
    return None if depth or quote else [*members, inner[start:].strip()]


# Fieldforms -----------------------------------------------------------------------------------------------------------
#
# How a field is written, apart from what it says: quotes, and lists on one line or with a member on a line each.
#
# Where one side wrote a field in another form, the result has that form, whoever changed what it says.


_KEY = re.compile(r"[^:\s#]+[ \t]*:[ \t]*")
_MEMBER = re.compile(r"(?P<mark>[ ]*-[ ]+)(?P<member>\S.*)\Z")
_UNREADABLE = "recovered"
"""The style of a value without quotes that needs them."""


def reformed(base: Node | None, ours: Node | None, theirs: Node | None, knowledge: Knowledge) -> Sequence[str] | None:
    """The merged lines of a field that a side wrote in another form; None where nobody did, or the sides disagree."""
    if base is None or ours is None or theirs is None:
        return None
    versions = (base, ours, theirs)
    if all(node.shape == "set" for node in versions):
        return _list(versions)
    return _scalar(versions, knowledge)


def _turn(base: str, ours: str, theirs: str) -> str:
    """A form three ways; of two new ones the same, whichever side is ours."""
    return theirs if ours == base else ours if theirs in (base, ours) else min(ours, theirs)


# Text on one line


def _scalar(versions: Sequence[Node], knowledge: Knowledge) -> list[str] | None:
    fields = [node.unit for node in versions if isinstance(node.unit, Field)]
    values = [field.value for field in fields if isinstance(field.value, str)]
    if len(values) < len(versions) or not all(map(_is_one_line, versions)):
        return None
    styles = ["plain" if field.style == _UNREADABLE else field.style for field in fields]
    style = _turn(*styles)
    if len(set(styles)) == 1:
        return None
    value = _fieldforms_value(values, prose=versions[0].shape == "prose", knowledge=knowledge)
    if value is None:
        return None
    key = _KEY.match(versions[1 if styles[1] == style else 2].lines[0])
    return None if key is None else [key[0] + _written(value, style)]


def _fieldforms_value(values: Sequence[str], *, prose: bool, knowledge: Knowledge) -> str | None:
    base, ours, theirs = values
    if ours == theirs or base in (ours, theirs):
        return theirs if ours == base else ours
    merged = merge_words([base], [ours], [theirs], knowledge) if prose else None
    return None if merged is None else "\n".join(merged)


def _is_one_line(node: Node) -> bool:
    """Whether a node is a key with text in a form that can be written, and nothing else, such as a comment."""
    field = node.unit
    if len(node.lines) != 1 or node.children or not isinstance(field, Field) or not isinstance(field.value, str):
        return False
    key = _KEY.match(node.lines[0])
    if key is None or "\n" in field.value:
        return False
    rest = node.lines[0][key.end() :].rstrip()
    if field.style in ("plain", _UNREADABLE):
        return rest == field.value
    return rest in (_written(field.value, field.style), f'"{field.value}"')


def _written(value: str, style: str) -> str:
    if style == "single":
        return "'{}'".format(value.replace("'", "''"))
    return yamlio.quoted(value) if style == "double" else yamlio.scalar(value)


# Lists


def _list(versions: Sequence[Node]) -> list[str] | None:
    lists = [_listed(node) for node in versions]
    found = [one for one in lists if one is not None]
    if len(found) < len(versions):
        return None
    forms = ["\0".join(form_of(one)) for one in found]
    if len(set(forms)) == 1:
        return None
    names = merged_members(*found)
    form = found[forms.index(_turn(*forms))]
    return None if not names else _lines(form, names, found)


def _listed(node: Node) -> Listed | None:
    if not node.children:
        return listed(node)
    matches = [_MEMBER.match(child.lines[0]) for child in node.children if len(child.lines) == 1]
    if len(matches) < len(node.children) or len(node.lines) != 1 or " #" in "".join([node.lines[0], *_texts(node)]):
        return None
    marks = {match["mark"] for match in matches if match is not None}
    members = tuple(match["member"].rstrip() for match in matches if match is not None)
    if len(marks) != 1 or any(map(_holds_more, members)):
        return None
    return Listed(node.lines[0].rstrip(), "\n", members, "", marks.pop())


def _holds_more(member: str) -> bool:
    """Whether a member is more than a text: a map, a list, or something with a name or a type."""
    return member[0] in "[{&*!|>?" or (member[0] not in "'\"" and (": " in member or member[-1] == ":"))


def _texts(node: Node) -> list[str]:
    return [child.lines[0] for child in node.children]


def _lines(form: Listed, names: Sequence[str], found: Sequence[Listed]) -> list[str] | None:
    """The list in a form; None where it has no place for a member."""
    spelling = {bare(member): member for one in reversed(found) for member in one.members}
    spelling.update({bare(member): member for member in form.members})
    if form.opening == "\n":
        quoting = replace(form, opening="[")
        return [form.key, *(form.joint + _safe(spelt(spelling[name], quoting)) for name in names)]
    if form.opening.strip() == "[":
        members = [_safe(spelt(spelling[name], form), flow=True) for name in names]
    elif any("," in name for name in names):
        return None
    else:
        members = list(names)
    return [form.key.rstrip() + " " + form.opening + form.joint.join(members) + form.closing]


def _safe(member: str, *, flow: bool = False) -> str:
    return member if member[:1] in "'\"" else yamlio.scalar(member, flow=flow)
