"""One slot of a statement that changed where the rest stays: a condition, a member, an opposite, a command's flags."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from agentmerge.diffing.changes import path_of
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, in_line, rule, spots_of
from agentmerge.matching.pairwise import similarity
from agentmerge.matching.records import data_of, leaves
from agentmerge.model import Unit
from agentmerge.statements.clauses import Clause
from agentmerge.statements.sentences import FAR, slot_change

WIDTH = 120
"""Characters of a statement that a message shows."""
_QUOTED = re.compile(r"'([^']+)'")
_WORDS = re.compile(r"[\w'’.+-]*\w")
_NAMES = ("condition-dropped", "condition-added", "action-turned", "member-dropped", "command-changed")


@rule(*_NAMES, order=45)
def slots(comparison: Comparison) -> Iterator[Finding]:
    """A finding for each statement of which one slot changed, and for rows that a table lost."""
    told = {spot for one in comparison.found for spot in (one.a, one.b) if spot is not None}
    for a, b in comparison.sentences.pairs:
        shown = a.unit.mode == b.unit.mode == "example"
        if a.spot not in told and b.spot not in told and not shown:
            yield from slot_findings(comparison, a, b)
    yield from _rows(comparison, [a for a in comparison.sentences.only_a if a.spot not in told])
    yield from _switched(comparison)


def _switched(comparison: Comparison) -> Iterator[Finding]:
    """Values of data that were switched on or off: `"dryRun": true` that became false."""
    for pair in comparison.matching.units:
        old, new = pair.a.node, pair.b.node
        if not isinstance(old, Unit) or not isinstance(new, Unit) or old.kind != "code" or old.text == new.text:
            continue
        before, after = (dict(leaves(data_of(unit))) for unit in (old, new))
        turned = [path for path, leaf in before.items() if {leaf, after.get(path)} == {"true", "false"}]
        if turned:
            said = "; ".join(f"{path}: {before[path]} became {after[path]}" for path in turned)
            owns = tuple(path.rpartition(".")[2] for path in turned)
            yield comparison.finding("action-turned", said, path_of(pair.b), *spots_of(pair), owns=(*owns, *turned))


def slot_findings(comparison: Comparison, a: Clause, b: Clause) -> list[Finding]:
    """What is told of two sentences of which one slot changed; nothing where it is no single one."""
    if comparison.is_rewrite and similarity(a.bag, b.bag) < FAR:
        return []
    slot = slot_change(a, b, comparison.knowledge)
    if slot is None or (a.text.lstrip().startswith("|") and slot.rule == "member-dropped"):
        return []
    if slot.rule == "member-dropped" and not b.is_guardrail and _stands_elsewhere(comparison, slot.says):
        return []
    message = f"{slot.says}: {in_line(b.text, WIDTH)}"
    return [comparison.finding(slot.rule, message, b.path, a.spot, b.spot)]


def _stands_elsewhere(comparison: Comparison, says: str) -> bool:
    """Whether the members that a sentence lost stand as often in the second definition as in the first."""
    members = [one.lower() for one in _QUOTED.findall(says)]
    before, after = (" ".join(_WORDS.findall(one.text.lower())) for one in (comparison.a, comparison.b))
    return bool(members) and all(0 < before.count(one) <= after.count(one) for one in members)


def _rows(comparison: Comparison, gone: Sequence[Clause]) -> Iterator[Finding]:
    """Rows of a table that both sides have."""
    tables = {pair.a.line: pair for pair in comparison.matching.units}
    lost: dict[int, list[Clause]] = defaultdict(list)
    for clause in gone:
        if clause.unit.kind == "table" and clause.unit.line in tables:
            lost[clause.unit.line].append(clause)
    for rows in lost.values():
        more = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
        message = f"row removed: {in_line(rows[0].text, WIDTH)}{more}"
        owns = tuple(row.text for row in rows)
        yield comparison.finding("member-dropped", message, rows[0].path, rows[0].spot, None, owns=owns)
