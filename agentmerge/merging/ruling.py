"""Rules with a name that decide what else is a conflict, told as such: a policy that speaks for the place comes first.

None of them decides about text that binds, or about what a definition may do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from agentmerge.knowledge import Knowledge
from agentmerge.merging.nodes import Node
from agentmerge.merging.pieces import Ruling
from agentmerge.merging.union import Record
from agentmerge.model import Field

_Rule = Callable[[Record, str, Knowledge], Node | None]
"""Record, its path, and the tables, to the version that stands; None where the rule says nothing."""

_VERSION = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,3})")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)")


def ruled(record: Record, path: str, knowledge: Knowledge) -> Ruling | None:
    """What the first rule that has an answer makes of a record whose sides disagree."""
    for name, rule in RULES.items():
        node = rule(record, path, knowledge)
        if node is not None:
            return Ruling(tuple(node.lines), name)
    return None


def _same_as_absent(record: Record, _path: str, knowledge: Knowledge) -> Node | None:
    """One side took a field out, the other wrote what the field means where it is absent."""
    defaults = knowledge.raw("review")["defaults"]
    kept = record.ours or record.theirs
    if record.kind != "field" or kept is None or (record.ours is not None and record.theirs is not None):
        return None
    return kept if not kept.children and _value(kept) in defaults.get(kept.name, ()) else None


def _later(kind: str, form: re.Pattern[str]) -> _Rule:
    """Both sides moved a number of the whole text on: the later one stands."""

    def rule(record: Record, path: str, knowledge: Knowledge) -> Node | None:
        top, _, key = path.partition("/")
        if top != "frontmatter" or key not in knowledge.raw("merging")["later"][kind]:
            return None
        nodes = [node for node in record.versions if node is not None]
        found = [match[1] for node in nodes if (match := form.fullmatch(_value(node)))]
        if len(found) < len(record.versions):
            return None
        base, ours, theirs = (tuple(map(int, re.findall(r"\d+", value))) for value in found)
        return None if ours == theirs or min(ours, theirs) < base else nodes[1] if ours > theirs else nodes[2]

    return rule


def _value(node: Node) -> str:
    """A scalar on one line as it is written, without quotes."""
    if isinstance(node.unit, Field):
        return node.unit.written if isinstance(node.unit.written, str) else node.unit.text
    value = node.lines[0].partition(":")[2].strip() if len(node.lines) == 1 else ""
    return value[1:-1] if len(value) > 1 and value[0] in "'\"" and value[-1] == value[0] else value


RULES: Mapping[str, _Rule] = {
    "same-as-absent": _same_as_absent,
    "higher-version": _later("version", _VERSION),
    "later-date": _later("date", _DATE),
}
