"""Variants of which none is the one before: what each has that another lacks, as serious as the worse way round.

Everything is computed in an order that the texts give, so that no name and no order of files plays a part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from agentmerge.diffing.records import Spot
from agentmerge.drifting.records import SEVERITIES, Finding, PairDrift, Standing, Statement, Summary, ranked
from agentmerge.drifting.reviewing import told_apart
from agentmerge.model import Definition

_MIRRORED = frozenset(
    {
        "guardrail-added",
        "guardrail-strengthened",
        "permission-narrowed",
        "knowledge-added",
        "section-added",
        "step-added",
        "condition-added",
    }
)
"""Rules that tell of what another one tells when the two are compared the other way round."""
_EACH_WAY = ("permission-", "member-")
"""Of these rules both ways round tell of things of their own."""
_BOTH = re.compile(r"(?P<old>'[^']*'|\S+) (?:became|is called) (?P<new>'[^']*'|[^\s;:,]+)")
_INSTEAD = re.compile(r"(?P<new>[^;:]+?) instead of (?P<old>[^;:]+)")
_ONE_SIDED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"\bremoved, was\b", "only in {old},"),
        (r"\b(?:removed|is gone|gone)\b", "only in {old}"),
        (r"\bno longer\b", "only in {old}"),
        (r"\b(?:added|is new|new)\b", "only in {new}"),
        (r"(?<=[,\s])now(?= ')", "only in {new}"),
        (r"\bbinds less\b", "binds less in {new}"),
        (r"\bonly mentioned now\b", "only mentioned in {new}"),
        (r"\bturned round\b", "the other way round in {new}"),
    )
)
_HEAD = re.compile(r"\A(?P<head>[^:]*:? ?[^:]*?)(?P<rest>: .*)?\Z", re.DOTALL)


def canonical(definitions: Sequence[Definition]) -> list[int]:
    """The numbers of definitions in the order of their texts."""
    return sorted(range(len(definitions)), key=lambda n: (definitions[n].text, definitions[n].dialect or "", n))


def undirected(
    definitions: Sequence[Definition], a: int, b: int, compare: Callable[[int, int], PairDrift]
) -> PairDrift:
    """What is different between two definitions; the one whose text comes first counts as `a`.

    `compare` gives the review of the second one as if it came after the first one. A finding speaks of `a` and `b` by
    these letters.
    """
    first, second = (n for n in canonical(definitions) if n in (a, b))
    one = compare(first, second)
    if definitions[first].text == definitions[second].text:
        return one
    other = compare(second, first)
    forth = [_told(finding, "a", "b") for finding in one.findings]
    back = [_turned(_told(finding, "b", "a")) for finding in other.findings]
    found = [*_not_mirrored(forth, back), *_not_mirrored(back, forth)]
    return one._replace(findings=ranked(list(told_apart(_worst(found)))))


def _turned(finding: Finding) -> Finding:
    """A finding of the other way round."""
    a, b = (spot and Spot(1 - spot.file, spot.line, spot.text) for spot in (finding.b, finding.a))
    return finding._replace(a=a, b=b, again=1)


def _not_mirrored(findings: Sequence[Finding], others: Sequence[Finding]) -> Iterator[Finding]:
    """The findings but those that one of the others tells from its side."""
    places = {(spot.file, spot.line) for one in others if one.rule not in _MIRRORED for spot in (one.a, one.b) if spot}
    owned = {text for one in others if one.rule not in _MIRRORED for text in one.owns}
    paths = {one.path for one in others if one.rule not in _MIRRORED}
    for one in findings:
        spots = [spot for spot in (one.a, one.b) if spot is not None]
        is_told = any((spot.file, spot.line) in places or spot.text in owned for spot in spots)
        is_field = one.path.startswith("frontmatter/")
        if one.rule not in _MIRRORED or not (one.path in paths if is_field else is_told):
            yield one


def _worst(findings: Sequence[Finding]) -> list[Finding]:
    """Of the findings about one thing the most serious one, in the order of the file."""
    best: dict[object, Finding] = {}
    for one in findings:
        key = _subject(one)
        if key not in best or SEVERITIES.index(one.severity) < SEVERITIES.index(best[key].severity):
            best[key] = one
    return list(best.values())


def _subject(finding: Finding) -> object:
    """What a finding is about, whichever way round; each side of rights that differ by itself."""
    lines = tuple((spot.line, spot.text) if spot else None for spot in (finding.a, finding.b))
    if finding.rule.startswith(_EACH_WAY):
        return finding.path, lines, finding.message
    kind = "" if None not in lines else finding.rule
    return finding.path if finding.path.startswith("frontmatter/") else lines, kind, finding.slot


def _told(finding: Finding, old: str, new: str) -> Finding:
    """A finding in words without a before and after; what it quotes stays as it is."""
    key, _, values = finding.message.partition(": ")
    before, became, after = values.partition(" became ")
    if became and finding.path == f"frontmatter/{key}":
        return finding._replace(message=f"{key}: {before} in {old}; {after} in {new}")
    split = _HEAD.match(finding.message)
    head, rest = (split["head"], split["rest"] or "") if split else (finding.message, "")
    head = _BOTH.sub(rf"\g<old> in {old}, \g<new> in {new}", head)
    head = _INSTEAD.sub(rf"\g<new> in {new}; \g<old> in {old}", head)
    for pattern, to in _ONE_SIDED:
        head = pattern.sub(to.format(old=old, new=new), head)
    return finding._replace(message=head + rest)


def with_numbers(summary: Summary, numbers: Sequence[int]) -> Summary:
    """A summary of definitions in another order, with the numbers that they have."""

    def statements(rows: Sequence[Statement]) -> tuple[Statement, ...]:
        return tuple(
            row._replace(places=tuple(sorted((numbers[file], line) for file, line in row.places))) for row in rows
        )

    def standing(one: Standing) -> Standing:
        unique, lacking, missing = (statements(rows) for rows in (one.unique, one.lacking, one.missing))
        return one._replace(file=numbers[one.file], unique=unique, lacking=lacking, missing=missing)

    rows = [
        one._replace(places=tuple(spot._replace(file=numbers[spot.file]) for spot in one.places))
        for one in summary.disagreements
    ]
    standings = tuple(sorted(map(standing, summary.standings), key=lambda one: one.file))
    return summary._replace(consensus=statements(summary.consensus), standings=standings, disagreements=tuple(rows))
