"""What takes a bound away and was added, and what guards and is gone, wherever it stands, by `data/actions.toml`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from agentmerge.diffing.records import ChangeSeverity, Spot
from agentmerge.drifting.fields import Action, Sort, dangers, guards
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, in_line, rule
from agentmerge.statements.clauses import STRONG, Clause, clauses_of
from agentmerge.statements.figures import count_of
from agentmerge.statements.sentences import content
from agentmerge.statements.sentences import told as shown
from agentmerge.text import lexicon

REWORDED = 0.6
"""Least likeness of two texts of one class of which the second is the first in other words."""
SAID = 0.9
"""Least share of the words of a safeguard that another one has to hold to say it whole."""
_GUARDING = ("verify", "verification", "validate", "validation", "review", "backup", "sandbox", "escalate")
_ASKED = re.compile(r"\b(?:users?|humans?|people|person|owners?|leads?|maintainers?|team|me|us)\b", re.IGNORECASE)
_ABOVE = re.compile(
    r"\b(?:more than|over|above|exceeding|larger than|longer than|at least)\s+[\w.,]*\d[\w.,%]*", re.IGNORECASE
)
"""An amount from which on something is asked."""
_PEOPLE = re.compile(r"(?:approv|review|people|person|pair|sign|eyes|human|owner|maintainer)", re.IGNORECASE)


@rule("danger-added", order=42)
def added(comparison: Comparison) -> Iterator[Finding]:
    """What the second definition has the agent do that takes a bound away, and the first did not."""
    apart = _apart(comparison)
    before = dangers(comparison.a, comparison.knowledge, 0, apart=apart)
    after = dangers(comparison.b, comparison.knowledge, 1, apart=apart)
    known = {(one.kind, _plain(one)) for one in before}
    there = {(one.kind, _plain(one)) for one in after}
    gone = [one for one in before if (one.kind, _plain(one)) not in there]
    earlier = {(b.unit.line, b.text): a for a, b in comparison.sentences.pairs}
    told = _breaking(comparison)
    new: dict[tuple[str, int, bool], list[Action]] = defaultdict(list)
    for one in after:
        is_told = one.path in told if one.path.startswith("frontmatter/") else one.spot in told
        if (one.kind, _plain(one)) not in known and not is_told and not _is_reworded(one, gone, earlier):
            new[one.kind, one.spot.line, one.mild or _was_shown(one, earlier)].append(one)
    for (_, _, mild), (first, *others) in new.items():
        more = f", and {len(others)} more in the same place" if others else ""
        owns = tuple(one.spot.text for one in (first, *others)) if others else ()
        message = f"{first.kind}, new: {first.says}{more}"
        yield comparison.finding(
            "danger-added", message, first.path, None, first.spot, mild=mild, slot=first.kind, owns=owns
        )


def _apart(comparison: Comparison) -> frozenset[Spot]:
    """The sentences that only one side has, or has so in use."""
    sides = (clauses_of(number, one, comparison.knowledge) for number, one in enumerate((comparison.a, comparison.b)))
    left, right = ({(one.text, one.mentioned, one.unit.mode, one.above) for one in clauses} for clauses in sides)
    same = left & right
    return frozenset(
        one.spot
        for number, definition in enumerate((comparison.a, comparison.b))
        for one in clauses_of(number, definition, comparison.knowledge)
        if (one.text, one.mentioned, one.unit.mode, one.above) not in same
    )


def _breaking(comparison: Comparison) -> frozenset[object]:
    """Places and fields that a breaking finding tells of."""
    serious = [one for one in comparison.found if one.severity is ChangeSeverity.BREAKING]
    return frozenset(key for one in serious for key in (one.path, one.a, one.b))


def _plain(one: Action) -> str:
    return " ".join(re.findall(r"[\w$/.~-]+", one.spot.text.lower()))


def _was_shown(one: Action, earlier: Mapping[tuple[int, str], Clause]) -> bool:
    """Whether the same words stood in an example, of an output or of what to run."""
    partner = earlier.get((one.spot.line, one.spot.text))
    same = partner is not None and _plain(one._replace(spot=partner.spot)) == _plain(one)
    return same and partner is not None and partner.unit.mode == "example" and not partner.forbids


def _is_reworded(one: Action, gone: Sequence[Action], earlier: Mapping[tuple[int, str], Clause]) -> bool:
    """Whether a text of the same class stood there in other words."""
    partner = earlier.get((one.spot.line, one.spot.text))
    before = [other for other in gone if other.kind == one.kind]
    if partner is not None and any(other.spot.text == partner.text for other in before):
        return True
    return any(
        SequenceMatcher(None, _plain(other), _plain(one), autojunk=False).ratio() >= REWORDED for other in before
    )


@rule("safeguard-removed", order=43)
def removed(comparison: Comparison) -> Iterator[Finding]:
    """Safeguards that are gone or ask less; one that binds strongly and stands nowhere is told as a rule."""
    serious = _breaking(comparison)
    for a, b in comparison.sentences.pairs:
        sort = guards(a, comparison.knowledge)
        if sort is None or a.folded == b.folded or b.mentioned or not serious.isdisjoint((a.spot, b.spot)):
            continue
        other = guards(b, comparison.knowledge)
        if (other is None or other.mild) and not sort.mild and not b.forbids:
            yield from _gone(comparison, a, b, sort)
        elif other is not None and (fewer := _fewer(a, b)):
            message = f"asks for fewer, {fewer[0]} became {fewer[1]}: {b.text}"
            yield comparison.finding("safeguard-removed", message, b.path, a.spot, b.spot)
        elif other is not None and not sort.mild and (above := _ABOVE.search(b.text)) and not _ABOVE.search(a.text):
            message = f"asks in fewer cases, with '{above[0]}': {b.text}"
            yield comparison.finding("safeguard-removed", message, b.path, a.spot, b.spot, mild=True)
    for a in comparison.sentences.only_a:
        sort = guards(a, comparison.knowledge)
        if sort is not None and a.strength < STRONG:
            yield from _gone(comparison, a, None, sort)


def _gone(comparison: Comparison, a: Clause, b: Clause | None, sort: Sort) -> Iterator[Finding]:
    candidates = [
        one
        for one in comparison.restatements.of(a)
        if (one.is_new or guards(one.clause, comparison.knowledge)) and one.clause != b
    ]
    said = content(a, comparison.knowledge)
    if any(len(said & content(one.clause, comparison.knowledge)) >= SAID * len(said) for one in candidates):
        return
    how = f"removed: {a.text}" if b is None else f"'{in_line(a.text)}' became '{in_line(b.text)}'"
    message = f"safeguard {how}{shown(candidates)}"
    path, spot = (a.path, None) if b is None else (b.path, b.spot)
    mild = sort.mild or bool(candidates) or (b is not None and _says_still(a, b, comparison))
    yield comparison.finding("safeguard-removed", message, path, a.spot, spot, mild=mild)


def _says_still(a: Clause, b: Clause, comparison: Comparison) -> bool:
    """Whether a sentence still holds most of what a safeguard said, and the word that guards with it."""
    said, there = content(a, comparison.knowledge), content(b, comparison.knowledge)
    guarding = frozenset(map(lexicon.of(comparison.knowledge).stem, _GUARDING))
    asks_nobody = _ASKED.search(a.text) is not None and _ASKED.search(b.text) is None
    return (
        not b.forbids
        and not asks_nobody
        and len(said & there) >= REWORDED * len(said)
        and bool(said & there & guarding)
    )


def _fewer(a: Clause, b: Clause) -> tuple[int, int] | None:
    """How many people a safeguard asked and asks, where these are fewer."""
    before, after = (count_of(clause.text, _PEOPLE) for clause in (a, b))
    return (before, after) if before > after > 0 else None
