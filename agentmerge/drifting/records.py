"""What a drift review is made of: findings per pair, what the variants agree on, and the steps of a history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agentmerge.diffing.records import ChangeSeverity, Diff, DiffClass, Spot, fingerprint, folded, texts_of
from agentmerge.model import Definition

SEVERITIES: tuple[ChangeSeverity, ...] = tuple(ChangeSeverity)
"""Most serious first."""


UNDONE = "undone since"
"""Why a finding of a history is no longer open: a later version took back what it tells of."""

NO_WORDS: tuple[str, ...] = ("",)
"""What a finding owns that tells nothing of the words of its place: on order, a state, a condition."""


class Finding(NamedTuple):
    """One difference that matters, told by one rule."""

    rule: str
    severity: ChangeSeverity
    message: str
    path: str
    """`frontmatter/tools`, or the titles of the sections joined by ` / `."""
    a: Spot | None
    """Where it stands in the first definition; None where it is only in the second."""
    b: Spot | None
    slot: str = ""
    """Tells apart what one rule finds in the same two texts: a field's name."""
    again: int = 1
    """Which one it is of the findings that are equal up to here."""
    accepted: str = ""
    """Why it is no news: a reason, or that it is in the baseline; "" where it is open."""
    owns: tuple[str, ...] = ()
    """What it tells of the texts of its two sides: sentences, or paths of values; all of them where it names none."""

    @property
    def identity(self) -> tuple[str, ...]:
        """What it is about, wherever that stands and however it is spaced."""
        return (self.rule, self.slot, *map(folded, texts_of(self.a, self.b)))

    @property
    def fingerprint(self) -> str:
        """Of the rule and both texts: unrelated edits, line shifts and renamed headings leave it alone."""
        return fingerprint(*self.identity, *([str(self.again)] if self.again > 1 else []))


class PairDrift(NamedTuple):
    """How one definition differs from another."""

    a: int
    """Index of the definition that counts as the one before."""
    b: int
    diff: Diff
    findings: tuple[Finding, ...]
    """Most serious first, then in the order of the file."""

    @property
    def klass(self) -> DiffClass:
        return self.diff.klass


class Statement(NamedTuple):
    """Something that variants say, in the words of the first of them."""

    text: str
    path: str
    places: tuple[tuple[int, int], ...]
    """File and line of each variant that says it."""


class Standing(NamedTuple):
    """One variant against what the variants agree on."""

    file: int
    held: int
    """Statements of the consensus that it has."""
    unique: tuple[Statement, ...]
    """What only it says."""
    lacking: tuple[Statement, ...]
    """What all others say and it does not."""
    missing: tuple[Statement, ...]
    """What the consensus says and it does not; `lacking` included."""
    distance: float
    """In [0, 1]: 1 - Dice coefficient of its statements and those of the consensus; 1.0 has nothing of it."""


class Disagreement(NamedTuple):
    """Statements of different variants that can't both hold."""

    slot: str
    places: tuple[Spot, ...]


class Summary(NamedTuple):
    """What N variants agree on, and who stands apart."""

    quorum: int
    """How many variants have to say something for the consensus."""
    consensus: tuple[Statement, ...]
    standings: tuple[Standing, ...]
    """One per variant, in the order of the files."""
    disagreements: tuple[Disagreement, ...]

    @property
    def outliers(self) -> tuple[Standing, ...]:
        """The variants from the one that drifted most to the one that is nearest to the consensus."""
        return tuple(sorted(self.standings, key=lambda one: (-one.distance, one.file)))


@dataclass(frozen=True, slots=True)
class Drift:
    """The review of any number of variants."""

    definitions: tuple[Definition, ...]
    pairs: tuple[PairDrift, ...]
    summary: Summary | None
    """None where fewer than two definitions were given, or only pairs were asked for."""
    directed: bool = True
    """Whether the first definition of a pair counts as the one before."""

    def __repr__(self) -> str:
        findings = sum(len(pair.findings) for pair in self.pairs)
        return f"<Drift: {len(self.definitions)} definitions, {len(self.pairs)} pairs, {findings} findings>"

    def __iter__(self) -> Iterator[PairDrift]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all pairs, most serious first."""
        return ranked([finding for pair in self.pairs for finding in pair.findings])

    def similarity(self, a: int, b: int) -> float | None:
        """Similarity of two variants in [0, 1]; 1.0 to itself; None where the two were not compared."""
        if a == b:
            return 1.0
        return next((pair.diff.similarity for pair in self.pairs if {pair.a, pair.b} == {a, b}), None)


def ranked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Most serious first; findings of one severity keep their order."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))
