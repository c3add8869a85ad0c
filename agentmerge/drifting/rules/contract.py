"""What the agent has to hand over or to check, where both sides have it: formats and keys of data blocks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from agentmerge.diffing.changes import folded, path_of
from agentmerge.diffing.records import ChangeSeverity
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, in_line, rule, spot_of, spots_of
from agentmerge.matching.pairwise import Matching, Pair
from agentmerge.matching.records import Member, data_of, leaf_text, leaves
from agentmerge.model import Unit
from agentmerge.statements.clauses import is_contract, noun
from agentmerge.statements.figures import changed_keys, data_keys, keys_of_both, only_grows, shape_changes
from agentmerge.text import lexicon
from agentmerge.text.sequences import nearest

_WORD = re.compile(r"[^\W_]+|[^\w\s*_`'’‘\"“”|-]")

_CHOICE = re.compile(r"[\w.+-]+(?: [\w.+-]+)?")

SHARED_KEYS = 2
"""Keys that two blocks have in common at least, to be taken for versions of one format."""

NEAREST = 200
"""Blocks with one key that a block is compared with; the others are told as gone and new."""


@rule("contract-changed", order=70)
def contract(comparison: Comparison) -> Iterator[Finding]:
    """Changes of matched statements of a contract, and of the keys of data blocks wherever they stand."""
    for pair in comparison.matching.units:
        yield from _pair(comparison, pair)
    for old, new in _unmatched_blocks(comparison.matching):
        yield from _keys(comparison, old, new)


def _pair(comparison: Comparison, pair: Pair) -> Iterator[Finding]:
    old, new = pair.a.node, pair.b.node
    assert isinstance(old, Unit)
    assert isinstance(new, Unit)
    if pair.a.says_same(pair.b):
        return
    if data_keys(old) or data_keys(new):
        yield from _keys(comparison, pair.a, pair.b)
        yield from _choices(comparison, pair)
    elif _words(old) == _words(new):
        return
    elif is_contract(pair.a, comparison.knowledge) and folded(old, comparison.knowledge) != folded(
        new, comparison.knowledge
    ):
        yield from _reworded(comparison, pair)


def _choices(comparison: Comparison, pair: Pair) -> Iterator[Finding]:
    """Values that a block of data offers a choice of, `"ok | failed"`, where a choice went or came."""
    assert isinstance(pair.a.node, Unit)
    assert isinstance(pair.b.node, Unit)
    before, after = (dict(leaves(data_of(unit))) for unit in (pair.a.node, pair.b.node))
    for path, leaf in before.items():
        old, new = (_members(leaf_text(one)) if one is not None else () for one in (leaf, after.get(path)))
        if old and new and set(old) != set(new):
            gone, came = ([one for one in mine if one not in other] for mine, other in ((old, new), (new, old)))
            told = [f"no longer {', '.join(gone)}" if gone else "", f"now {', '.join(came)}" if came else ""]
            message = f"choices of {path}: {', '.join(filter(None, told))}"
            yield comparison.finding(
                "contract-changed", message, path_of(pair.b), *spots_of(pair), mild=True, slot=path, owns=(path,)
            )


def _members(text: str) -> tuple[str, ...]:
    """The choices of a value; none where it is no choice of words."""
    found = tuple(one.strip() for one in text.strip("\"'").split("|"))
    return found if len(found) > 1 and all(_CHOICE.fullmatch(one) for one in found) else ()


def _reworded(comparison: Comparison, pair: Pair) -> Iterator[Finding]:
    """A statement of a contract in other words, where no finding speaks of it yet."""
    places = {(0, pair.a.line), (1, pair.b.line)}
    if any(
        {(one.a.file, one.a.line), (one.b.file, one.b.line)} == places for one in comparison.found if one.a and one.b
    ):
        return
    message = f"{noun(pair.b, comparison.knowledge)} reworded: {in_line(pair.b.text)}"
    found = comparison.finding("contract-changed", message, path_of(pair.b), *spots_of(pair), mild=True)
    known = lexicon.of(comparison.knowledge)
    before, after = (frozenset(known.tokens(member.text, "en")) for member in (pair.a, pair.b))
    # What is checked more closely is checked; what is handed over in another form is another thing.
    lacking, more = before - known.form - after, after - known.form - before
    says_all = bool(before) and not lacking and (not more or noun(pair.b, comparison.knowledge) == "check")
    anew = comparison.is_rewrite and 2 * len(before & after) < len(before | after)
    yield found._replace(severity=ChangeSeverity.INFO) if says_all or anew else found


def _words(unit: Unit) -> list[str]:
    """The words of a unit, whatever stands between them: `isn’t` is `isn't`."""
    return _WORD.findall(unit.flow)


def _keys(comparison: Comparison, old: Member, new: Member) -> Iterator[Finding]:
    """Changed keys of two blocks; keys that are only new break no reader."""
    assert isinstance(old.node, Unit)
    assert isinstance(new.node, Unit)
    before, after = keys_of_both(old.node, new.node)
    if changes := shape_changes(before, after):
        message = f"keys of a data block: {'; '.join(changes)}"
        mild = bool(before) and only_grows(before, after)
        owns = changed_keys(before, after)
        if data_of(old.node) is None or data_of(new.node) is None:
            # Read leniently, a key is found again by its last step.
            owns = tuple(key.rpartition(".")[2] for key in owns)
        yield comparison.finding(
            "contract-changed", message, path_of(new), spot_of(old), spot_of(new), mild=mild, owns=owns
        )


def _unmatched_blocks(matching: Matching) -> Iterator[tuple[Member, Member]]:
    """Data blocks without a partner that share keys: versions of one format by different authors."""
    left, right = _blocks(matching.only_a), _blocks(matching.only_b)
    scored = []
    for number, other in _sharing([old for _, old in left], [new for _, new in right]):
        shared = len(left[number][1].keys() & right[other][1].keys())
        if shared >= SHARED_KEYS:
            scored.append((-shared, number, other))
    taken: set[tuple[str, int]] = set()
    for _, number, other in sorted(scored):
        if ("a", number) not in taken and ("b", other) not in taken:
            taken |= {("a", number), ("b", other)}
            yield left[number][0], right[other][0]


def _sharing(left: Sequence[Mapping[str, str]], right: Sequence[Mapping[str, str]]) -> Iterator[tuple[int, int]]:
    """Numbers of blocks that have a key in common; of one key that very many have only with the nearest."""
    holders: dict[str, list[int]] = defaultdict(list)
    for number, keys in enumerate(right):
        for key in keys:
            holders[key].append(number)
    for number, keys in enumerate(left):
        yield from (
            (number, one) for one in {b for key in keys for b in nearest(holders.get(key, ()), number, NEAREST)}
        )


def _blocks(members: tuple[Member, ...]) -> list[tuple[Member, Mapping[str, str]]]:
    found = [(member, data_keys(member.node)) for member in members if isinstance(member.node, Unit)]
    return [row for row in found if row[1]]
