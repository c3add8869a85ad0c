"""Three-way merge of one frontmatter field that both sides changed, by the shape of its value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from agentmerge import rights
from agentmerge.knowledge import Knowledge
from agentmerge.merging.nodes import Node
from agentmerge.merging.ordering import merge_order
from agentmerge.merging.words import bind_differently, merge_words
from agentmerge.model import Field

_HEAD = re.compile(r"(?P<key>[^:\s#]+[ \t]*:[ \t]*)(?P<value>.*)\Z")
_COMMENT = re.compile(r"(?:\A|\s)#.*")
_QUOTES = ("'", '"')


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list on one line: `a, b`, `[a, "b"]` or `"a, b"`."""

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
    return frozenset(name.lower() for name in rights.members(knowledge.field_info(node.name), node.unit.value))


def _comes_back(revoked: AbstractSet[str], granted: AbstractSet[str], knowledge: Knowledge) -> bool:
    pairs = [(old, new) for old in revoked for new in granted]
    return any(rights.includes(old, new, knowledge) or rights.includes(new, old, knowledge) for old, new in pairs)


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
    return _value(node, node.unit), [match[0].strip() for line in node.lines if (match := _COMMENT.search(line))]


def _value(node: Node, field: Field) -> object:
    if node.shape == "set":
        listed = _listed(node)
        return frozenset(map(_bare, listed.members)) if listed is not None else node.lines
    return " ".join(field.value.split()) if isinstance(field.value, str) else (type(field.value).__name__, field.text)


def _style(node: Node) -> str:
    return node.unit.style if isinstance(node.unit, Field) else ""


def _merge_set(base: Node, ours: Node, theirs: Node) -> Sequence[str] | None:
    """Additions and removals of both sides. None where nothing would be left: an empty list is not the same as none."""
    b, o, t = (_listed(node) for node in (base, ours, theirs))
    if b is None or o is None or t is None:
        return None
    spelling = {_bare(member): member for listed in (b, t, o) for member in listed.members}
    sides = [list(dict.fromkeys(map(_bare, listed.members))) for listed in (b, o, t)]
    before, mine, other = map(set, sides)
    wanted = (mine & other) | ((mine | other) - before)
    kept = [[x for x in side if x in wanted] for side in sides]
    order = merge_order(kept[0], kept[1], kept[2], lambda member: member)
    if not wanted:
        return None
    names = [x for x in order or () if isinstance(x, str)]
    if len(names) < len(wanted):
        # The order of a set means nothing: nobody is asked about it.
        names = sorted(wanted)
    form = o if _form(o) != _form(b) else t
    return [form.key + form.opening + form.joint.join(_spelt(spelling[x], form) for x in names) + form.closing]


def _form(listed: _Listed) -> tuple[str, str]:
    return listed.opening, listed.joint


def _spelt(member: str, form: _Listed) -> str:
    """A member with quotes as its neighbours in the list have them."""
    if form.opening.strip() != "[":
        return _bare(member)
    quote = next((m[0] for m in form.members if m[:1] in _QUOTES), "")
    return member if member[:1] in _QUOTES else f"{quote}{member}{quote}"


def _bare(member: str) -> str:
    return member[1:-1] if len(member) > 1 and member[0] == member[-1] and member[0] in _QUOTES else member


def _listed(node: Node) -> _Listed | None:
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
    return _Listed(match["key"], opening, tuple(members), closing, joint)


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
