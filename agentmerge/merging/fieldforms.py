"""How a field is written, apart from what it says: quotes, and lists on one line or with a member on a line each.

Where one side wrote a field in another form, the result has that form, whoever changed what it says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agentmerge import yamltext
from agentmerge.knowledge import Knowledge
from agentmerge.merging.fieldwise import Listed, bare, form_of, listed, merged_members, spelt
from agentmerge.merging.nodes import Node
from agentmerge.merging.words import merge_words
from agentmerge.model import Field

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
    value = _value(values, prose=versions[0].shape == "prose", knowledge=knowledge)
    if value is None:
        return None
    key = _KEY.match(versions[1 if styles[1] == style else 2].lines[0])
    return None if key is None else [key[0] + _written(value, style)]


def _value(values: Sequence[str], *, prose: bool, knowledge: Knowledge) -> str | None:
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
    return yamltext.quoted(value) if style == "double" else yamltext.scalar(value)


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
    return member if member[:1] in "'\"" else yamltext.scalar(member, flow=flow)
