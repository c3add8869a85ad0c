"""What a review is made of: findings with the severities of `data/rules.toml`, reports, findings laid over a diff."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from agentmerge.diffing.records import Change, ChangeSeverity, Diff, DiffClass, Spot, fingerprint, folded, texts_of
from agentmerge.errors import PolicyError
from agentmerge.knowledge.tables import Knowledge, Raw
from agentmerge.model import Definition
from agentmerge.text.paths import matches

# Records --------------------------------------------------------------------------------------------------------------
#
# What a drift review is made of: findings per pair, what the variants agree on, and the steps of a history.


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


# Rulebook -------------------------------------------------------------------------------------------------------------
#
# The rules that a review reports by, read from `data/rules.toml`, and the findings they make.


class Rule(NamedTuple):
    """One row of the table of rules."""

    id: str
    severity: ChangeSeverity
    mild: ChangeSeverity
    """Severity where a soft statement or a small difference is concerned."""
    reads: str
    """What the rule looks at."""
    says: str
    """What a finding means."""


def rules(knowledge: Knowledge) -> Mapping[str, Rule]:
    """All rules, most serious first. Raises PolicyError for a severity that does not exist."""
    return knowledge.derived(_rules)


def _rules(knowledge: Knowledge) -> Mapping[str, Rule]:
    return {name: _rule(name, row) for name, row in knowledge.raw("rules").items()}


def _rule(name: str, row: Raw) -> Rule:
    severity = _severity(name, row["severity"])
    return Rule(name, severity, _severity(name, row.get("mild", severity)), row["reads"], row["says"])


def _severity(rule: str, value: object) -> ChangeSeverity:
    found = next((one for one in ChangeSeverity if one == value), None)
    if found is None:
        raise PolicyError(f"rule {rule!r} has the severity {value!r}", remedy="use breaking, warning or info")
    return found


def finding(
    rule: str,
    message: str,
    path: str,
    a: Spot | None,
    b: Spot | None,
    knowledge: Knowledge,
    *,
    mild: bool = False,
    slot: str = "",
    owns: tuple[str, ...] = (),
) -> Finding:
    """A finding of a rule; `slot` tells apart what one rule finds in the same two texts.

    `owns` names what it tells of them, where that is not all.
    """
    row = rules(knowledge)[rule]
    return Finding(rule, row.mild if mild else row.severity, message, path, a, b, slot, owns=owns)


# Reports --------------------------------------------------------------------------------------------------------------
#
# What a command shows of a review: role groups with their pairs, or the steps of one file's history.


Status: TypeAlias = Literal["same", "changed", "added", "removed", "moved", "split", "joined", "restored"]
"""What became of a file of a change set."""


class Accounted(NamedTuple):
    """One file of a change set; of a file that was split or joined there is a row for each part."""

    old: str | None
    """Its path in the old tree, None where it was not there."""
    new: str | None
    status: Status


@dataclass(frozen=True, slots=True)
class RoleGroup:
    """The variants of one role."""

    role: str
    """What the variants are grouped by; "" where the files were named one by one."""
    files: tuple[int, ...]
    """For each definition of `drift`, its index in the names of the report."""
    drift: Drift


class Member(NamedTuple):
    """A finding that another one stands for."""

    file: int
    """Index in the names of the report."""
    fingerprint: str


class FileReview(NamedTuple):
    """What is told of a file by itself.

    It could not be compared, has no one earlier or later self, or shares an edit with others.
    """

    file: int
    """Index in the names of the report."""
    findings: tuple[Finding, ...]
    before: int | None = None
    """Index of the file that a part of it comes from."""
    members: tuple[Member, ...] = ()
    """Of an edit that many files share: the findings that it stands for; the file is the first of them."""

    @property
    def klass(self) -> DiffClass:
        return DiffClass.UNKNOWN


Judged: TypeAlias = PairDrift | FileReview


@dataclass(frozen=True, slots=True)
class Step:
    """One commit that changed a file."""

    rev: str
    """Full hash, or the name that was asked for."""
    date: str
    """Day of the commit, as YYYY-MM-DD."""
    author: str
    subject: str
    path: str
    """What the file was called then."""
    change: PairDrift | None
    """Against the last step before that could be compared; None at the first one, and where it can't be itself."""
    drift: PairDrift | None
    """Against the first step, or the one that was asked for; None at that step."""
    findings: tuple[Finding, ...] = ()
    """What is told of the version by itself, where it can't be compared."""
    blob: str = ""
    """Hash of what it says."""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole review."""

    names: tuple[str, ...]
    """Files, as the user named them or as they were found."""
    groups: tuple[RoleGroup, ...] = ()
    steps: tuple[Step, ...] = ()
    alone: tuple[int, ...] = ()
    """Files without a variant of the same role."""
    stale: tuple[str, ...] = ()
    """Lines of the baseline that nothing was found for any more."""
    idle: tuple[str, ...] = ()
    """Intentional differences of the configuration that ended, or that bound nothing."""
    places: tuple[str, ...] = ()
    """Path of each file without a revision; empty where the names are paths themselves."""
    whole: bool = True
    """Whether the steps of a history begin with the file's first version."""
    unread: tuple[FileReview, ...] = ()
    """Files that could not be compared, with the reasons."""
    apart: tuple[FileReview, ...] = ()
    """Files of a change set that are new, gone, split or joined, and what judges it where that was loosened."""
    edits: tuple[FileReview, ...] = ()
    """Edits that many files of a change set share, a finding each."""
    folded: frozenset[str] = frozenset()
    """Paths of which every finding is one of such an edit."""
    accounted: tuple[Accounted, ...] = ()
    """Every file of a change set, sorted by path."""
    checked: int | None = None
    """Definitions that the new tree of a change set has; None for what is no change set."""
    scope: tuple[str, ...] | None = None
    """Files and folders that were looked at, as they were named; None where the names of the report are all."""

    def place(self, number: int) -> str:
        """Path of a file."""
        return (self.places or self.names)[number]

    def judged(self) -> Iterator[tuple[str, str, Judged]]:
        """What an exit code depends on: the pairs with the paths of both sides, of a history the steps' changes.

        A file that could not be compared stands for both sides.
        """
        for group in self.groups:
            for pair in group.drift.pairs:
                yield self.place(group.files[pair.a]), self.place(group.files[pair.b]), pair
        for one in (*self.unread, *self.apart, *self.edits):
            yield self.place(one.file if one.before is None else one.before), self.place(one.file), one
        for number, step in enumerate(self.steps):
            if step.change is not None:
                yield step.path, step.path, step.change
            elif step.findings:
                yield step.path, step.path, FileReview(number, step.findings)


def weight(findings: Sequence[Finding]) -> tuple[int, ...]:
    """A rank: what has the most serious open findings comes first."""
    found = Counter(finding.severity for finding in findings if not finding.accepted)
    return tuple(-found[severity] for severity in SEVERITIES)


def by_weight(report: Report) -> Report:
    """The report with its most serious parts first, over all files; equal ones keep their order."""
    unread, apart, edits = (tuple(sorted(rows, key=_weight)) for rows in (report.unread, report.apart, report.edits))
    groups = tuple(sorted(report.groups, key=_weight))
    return replace(report, groups=groups, unread=unread, apart=apart, edits=edits)


def blocks(report: Report) -> list[RoleGroup | FileReview]:
    """Groups and files of a report, the most serious first over all of them."""
    found = by_weight(report)
    parts: list[RoleGroup | FileReview] = [*found.edits, *found.groups, *found.unread, *found.apart]
    return sorted(parts, key=_weight)


def _weight(part: RoleGroup | FileReview) -> tuple[int, ...]:
    if isinstance(part, FileReview):
        return weight(part.findings)
    return min((weight(pair.findings) for pair in part.drift.pairs), default=(0,) * len(SEVERITIES))


def with_findings(report: Report, found: Sequence[tuple[Finding, ...]]) -> Report:
    """The report with other findings in its judged pairs, in the order of `judged`."""
    following = iter(found)
    groups = tuple(
        replace(
            group,
            drift=replace(
                group.drift, pairs=tuple(pair._replace(findings=next(following)) for pair in group.drift.pairs)
            ),
        )
        for group in report.groups
    )
    unread = tuple(one._replace(findings=next(following)) for one in report.unread)
    apart, edits = (
        tuple(one._replace(findings=next(following)) for one in rows) for rows in (report.apart, report.edits)
    )
    steps = tuple(_step_with(step, following) for step in report.steps)
    return replace(report, groups=groups, unread=unread, apart=apart, edits=edits, steps=steps)


def _step_with(step: Step, following: Iterator[tuple[Finding, ...]]) -> Step:
    if step.change is not None:
        return replace(step, change=step.change._replace(findings=next(following)))
    return replace(step, findings=next(following)) if step.findings else step


# Marking --------------------------------------------------------------------------------------------------------------
#
# Findings laid over the changes of a diff, so that both tell one thing with one severity.


_ABOUT_ORDER = frozenset({"steps-reordered"})


def marked(changes: Iterable[Change], findings: Iterable[Finding]) -> tuple[Change, ...]:
    """The changes with the severity of the most serious finding on their lines, where that is more serious."""
    by_place = rules_by_place(findings)
    return tuple(_marked(change, by_place) for change in changes)


def rules_by_place(findings: Iterable[Finding]) -> Mapping[tuple[int, int], list[Finding]]:
    """Findings by the side and the line that they speak of."""
    found: dict[tuple[int, int], list[Finding]] = defaultdict(list)
    for finding in findings:
        for spot in (finding.a, finding.b):
            if spot is not None:
                found[spot.file, spot.line].append(finding)
    return found


def of_change(change: Change, by_place: Mapping[tuple[int, int], list[Finding]]) -> list[Finding]:
    """The findings that speak of a change: all of its lines, each once; none speaks of the order of the fields."""
    if change.kind == "fields-reordered":
        return []
    spots: list[Spot] = [spot for spot in (change.old, change.new) if spot is not None]
    found = [finding for spot in spots for finding in by_place.get((spot.file, spot.line), ())]
    return [finding for number, finding in enumerate(found) if finding not in found[:number]]


def _marked(change: Change, by_place: Mapping[tuple[int, int], list[Finding]]) -> Change:
    severities = [change.severity, *(finding.severity for finding in of_change(change, by_place))]
    return change._replace(severity=min(severities, key=SEVERITIES.index))


def select_findings(
    findings: Iterable[Finding], *, only: Sequence[str] = (), exclude: Sequence[str] = (), ignore_order: bool = False
) -> tuple[Finding, ...]:
    """The findings under one of `only` (all, where it is empty) and under none of `exclude`."""
    return tuple(
        finding
        for finding in findings
        if (not only or any(matches(pattern, finding.path) for pattern in only))
        and not any(matches(pattern, finding.path) for pattern in exclude)
        and not (ignore_order and finding.rule in _ABOUT_ORDER)
    )
