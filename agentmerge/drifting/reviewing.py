"""Definitions in, findings out: a pair under all rules, with a direction or none, one alone, many by quorum."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import NamedTuple

from agentmerge.diffing.changes import path_of
from agentmerge.diffing.comparing import diff
from agentmerge.diffing.records import Diff, Spot
from agentmerge.drifting.arrivals import added_findings, removed_finding
from agentmerge.drifting.fields import dangers, hidden, is_document, secret_findings
from agentmerge.drifting.records import (
    NO_WORDS,
    SEVERITIES,
    Disagreement,
    Drift,
    Finding,
    PairDrift,
    Standing,
    Statement,
    Summary,
    finding,
    ranked,
)
from agentmerge.drifting.registry import compare, registered
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.aligning import align
from agentmerge.matching.pairwise import Bag, similarity
from agentmerge.matching.records import Alignment, Group, Member, members_of
from agentmerge.model import Definition, Field, Unit
from agentmerge.reading.checks import hidden_characters
from agentmerge.reading.relations import with_prompt
from agentmerge.rights import comparing, reading
from agentmerge.statements.clauses import Clause, clauses_of
from agentmerge.statements.sentences import SentencePairs, pair_sentences
from agentmerge.text import lexicon
from agentmerge.text.lines import bare, split_lines
from agentmerge.text.markers import conflicts, refuse_markers

# Reviewing ------------------------------------------------------------------------------------------------------------
#
# One pair under all rules.


def review(
    diff: Diff, knowledge: Knowledge, alignment: Alignment | None = None, sentences: SentencePairs | None = None
) -> tuple[Finding, ...]:
    """What matters of a diff, most serious first; nothing for two equal texts.

    With the `alignment` of its two definitions also what only that tells: statements that contradict each other, and
    duties that reach further than before. `sentences` are those of the diff where somebody has paired them.
    """
    if diff.matching.a.text == diff.matching.b.text:
        return ()
    lone = _lone(diff.matching.a, diff.matching.b, knowledge)
    if lone is not None:
        return lone
    comparison = compare(diff, knowledge, alignment, sentences)
    for one in registered():
        found = tuple(one.look(comparison))
        comparison = replace(comparison, found=(*comparison.found, *found)) if found else comparison
    return ranked(list(told_apart(hidden(comparison.found, knowledge))))


def told_apart(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings whose texts are equal are numbered, so that each has a fingerprint of its own."""
    seen: Counter[tuple[str, ...]] = Counter()
    for one in findings:
        seen[one.identity] += 1
        again = seen[one.identity]
        yield one if again == one.again else one._replace(again=again)


# Undirected -----------------------------------------------------------------------------------------------------------
#
# Variants of which none is the one before: what each has that another lacks, as serious as the worse way round.
#
# Everything is computed in an order that the texts give, so that no name and no order of files plays a part.


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


# Conflicted -----------------------------------------------------------------------------------------------------------
#
# A file that holds conflict markers: what it says is not decided, so it is told of and not compared.


def conflict_findings(definition: Definition, knowledge: Knowledge, *, before: bool = False) -> tuple[Finding, ...]:
    """One for each conflict in a definition, none where it has none.

    `before` says that it is the older one of two: whoever resolves a conflict is not to be kept from it.
    """
    lines = split_lines(definition.text)
    found = []
    for hunk in conflicts(definition.text, knowledge):
        text = "\n".join(bare(line) for line in lines[hunk.line - 1 : hunk.end])
        message = f"an unresolved conflict stands here, to line {hunk.end}"
        message += ": what was said before can't be told" if before else ""
        found.append(finding("conflict-markers", message, "", None, Spot(1, hunk.line, text), knowledge, mild=before))
    return tuple(told_apart(found))


# Alone ----------------------------------------------------------------------------------------------------------------
#
# One definition by itself: what is wrong with it whatever it was before.


ALIKE = 0.85
"""Least similarity of two statements, the words that bind left out, of which one forbids what the other asks for."""
LEAST_WORDS = 3
"""Words of such a statement at least."""

_TOOL = re.compile(
    r"(?:\b(?:use|using|call|invoke|with|via|run)\s+(?:the\s+)?`(?P<named>[\w.:/-]+)`)|`(?P<tool>[\w.:/-]+)`\s+tool\b",
    re.IGNORECASE,
)
_LIMITED = re.compile(
    r"\b(?:unless|only|without|if|when|except|until|instead|before|after|not|no|never)\b", re.IGNORECASE
)


def review_alone(place: str, definition: Definition, knowledge: Knowledge) -> tuple[Finding, ...]:
    """What one definition holds that a reviewer has to know, most serious first.

    Conflict markers, characters that nobody sees, secrets, what takes a bound away, statements that can't both hold,
    and tools that its text calls and that it does not have.
    """
    broken = conflict_findings(definition, knowledge)
    found = [*broken, *_hidden(definition, knowledge), *secret_findings(definition.text, knowledge)]
    if not broken and not is_document(place, definition, knowledge):
        found += [
            finding("danger-added", f"{one.kind}: {one.says}", one.path, None, one.spot, knowledge, mild=one.mild)
            for one in dangers(definition, knowledge)
        ]
        found += [*_contradictions(definition, knowledge), *_missing_tools(definition, knowledge)]
    return ranked(list(told_apart(hidden(found, knowledge))))


def _hidden(definition: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    text = definition.text.removeprefix("\ufeff")
    found = hidden_characters(text)
    if found:
        line = next(n for n, one in enumerate(split_lines(text), 1) if any(char in one for char in found))
        names = ", ".join(f"{count} x U+{ord(char):04X}" for char, count in sorted(found.items()))
        yield finding("hidden-characters", names, "", None, Spot(1, line, names), knowledge, owns=NO_WORDS)


def _contradictions(definition: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    """Statements of one definition that can't both hold."""
    clauses = [one for one in clauses_of(1, definition, knowledge) if not one.mentioned and one.unit.mode != "example"]
    rules = [one for one in clauses if one.forbids and one.above is None]
    orders = [one for one in clauses if not one.forbids and not _LIMITED.search(one.text)]
    told = set()
    for rule, order in _meeting(rules, orders, knowledge):
        told.add(frozenset((rule.unit.line, order.unit.line)))
        message = f"line {rule.unit.line} forbids it: {' '.join(rule.text.split())}"
        yield finding("contradiction", message, order.path, None, order.spot, knowledge, slot="forbidden")
    for group in align([definition, definition], knowledge).units if clauses else ():
        lines = {member.line: member for member in group.members if isinstance(member.node, Unit)}
        if group.relation == "contradicts" and len(lines) > 1 and frozenset(lines) not in told:
            first, second = (lines[line] for line in sorted(lines)[:2])
            told.add(frozenset(lines))
            message = f"line {first.line} says otherwise: {' '.join(first.text.split())}"
            spot = Spot(1, second.line, second.text)
            yield finding("contradiction", message, "", None, spot, knowledge, slot=group.slot)


def _meeting(
    rules: Sequence[Clause], orders: Sequence[Clause], knowledge: Knowledge
) -> Iterator[tuple[Clause, Clause]]:
    """A prohibition and an order of the same act."""
    known = lexicon.of(knowledge)

    def acts(clause: Clause) -> Bag:
        binding = {token for modal in clause.modals for token in known.tokens(modal.word.replace("'", " "), "en")}
        return Bag(token for token in known.tokens(clause.folded, "en") if token not in binding)

    bags = [(order, acts(order)) for order in orders]
    for rule in rules:
        own = acts(rule)
        if own.size >= LEAST_WORDS and not _LIMITED.search(_without(rule)):
            yield from ((rule, order) for order, bag in bags if similarity(own, bag, ALIKE) >= ALIKE)


def _without(clause: Clause) -> str:
    """A prohibition without the word that forbids."""
    text = clause.text.replace("’", "'")
    for modal in clause.modals:
        text = re.sub(rf"(?<!\w){re.escape(modal.word)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return text


def _missing_tools(definition: Definition, knowledge: Knowledge) -> Iterator[Finding]:
    """Tools that the text has the agent use, and that its fields do not let it use."""
    field = reading.in_force(definition, "tools")
    if field is None or reading.is_absent(field):
        return
    granted = reading.effective(definition, knowledge)
    told = set()
    for clause in clauses_of(1, definition, knowledge):
        if clause.forbids or clause.mentioned or clause.unit.mode == "example":
            continue
        for match in _TOOL.finditer(clause.text):
            name = match["named"] or match["tool"]
            if name not in told and comparing.is_out_of_reach(name, granted, knowledge):
                told.add(name)
                message = f"its text calls {name}, which its fields do not grant"
                yield finding("tool-missing", message, clause.path, None, clause.spot, knowledge, slot=name)


# Summary --------------------------------------------------------------------------------------------------------------
#
# N variants together: what a quorum says, who says what alone, who lacks what the others say, who stands apart.


class Shared(NamedTuple):
    """Something that several variants say."""

    group: Group
    files: frozenset[int]
    """The variants that say it, one of them perhaps as part of a longer statement."""
    keys: frozenset[tuple[int, int]]
    """File and line of each unit that says it."""


def summarise(alignment: Alignment, quorum: int | None = None) -> Summary:
    """Read the summary off an alignment. `quorum` is limited to what the number of variants allows."""
    count = len(alignment.definitions)
    needed = min(max(quorum or count // 2 + 1, 2), count)
    shared = list(_shared(alignment))
    consensus = [one for one in shared if len(one.files) >= needed]
    standings = tuple(_standing(alignment, file, shared, consensus) for file in range(count))
    said = tuple(_statement(one.group) for one in consensus)
    return Summary(needed, said, standings, tuple(_disagreements(alignment)))


def _shared(alignment: Alignment) -> Iterator[Shared]:
    """What is the same in several variants, and what one says that others say with more."""
    linked: defaultdict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
    for group in alignment.units:
        if group.cover is not None:
            for member in group.members:
                linked[member.key].add(group.cover)
                linked[group.cover].add(member.key)
    same = [group for group in alignment.units if group.relation == "same" and _is_said(group)]
    taken = {member.key for group in same for member in group.members}
    covering = [group for group in alignment.units if group.relation == "covers" and group.cover not in taken]
    for group in (*same, *covering):
        keys = frozenset(key for member in group.members for key in (member.key, *linked[member.key]))
        yield Shared(group, frozenset(file for file, _ in keys), keys)


def _is_said(group: Group) -> bool:
    return len({member.file for member in group.members}) > 1 and not isinstance(group.members[0].node, Field)


def _statement(group: Group) -> Statement:
    first = group.members[0]
    return Statement(first.text, path_of(first), tuple(member.key for member in group.members))


def _standing(alignment: Alignment, file: int, shared: list[Shared], consensus: list[Shared]) -> Standing:
    own = [m for m in members_of(file, alignment.definitions[file]) if not isinstance(m.node, Field)]
    grouped = {key for one in shared for key in one.keys}
    alone = [m for m in own if m.key not in grouped]
    held = sum(file in one.files for one in consensus)
    missing = [one.group for one in consensus if file not in one.files]
    others = set(range(len(alignment.definitions))) - {file}
    lacking = [one.group for one in shared if file not in one.files and others <= one.files]
    said = len(alone) + sum(file in one.files for one in shared)
    total = said + len(consensus)
    return Standing(
        file,
        held,
        tuple(map(_alone, alone)),
        tuple(map(_statement, lacking)),
        tuple(map(_statement, missing)),
        1 - 2 * held / total if total else 0.0,
    )


def _alone(member: Member) -> Statement:
    return Statement(member.text, path_of(member), (member.key,))


def _disagreements(alignment: Alignment) -> Iterator[Disagreement]:
    for group in alignment.units:
        if group.relation == "contradicts":
            yield Disagreement(group.slot, tuple(Spot(m.file, m.line, m.text) for m in group.members))


# Drifting -------------------------------------------------------------------------------------------------------------
#
# Definitions in, what drifted out: a class and findings per pair, and what the variants agree on.


def drift(
    definitions: Sequence[Definition],
    knowledge: Knowledge,
    *,
    against: int | None = None,
    quorum: int | None = None,
    summary: bool = True,
    directed: bool | None = None,
    watch: Callable[[int, int], object] | None = None,
) -> Drift:
    """Review variants pair by pair, and all of them together.

    Of two the second one counts as the one after; of more none does, and their order plays no part: a pair is told as
    what each has that the other lacks, as serious as the worse way round. `directed` says otherwise.
    `against` names the one definition that all others are compared with; then only these pairs are made. `quorum` is
    how many variants make a consensus, more than half where it is not given. Without `summary` only pairs are made.
    What a pair's findings are does not depend on the other definitions. `watch` is told before each pair how many are
    done, and of how many. Raises ConflictedError where a definition holds conflict markers.
    """
    refuse_markers(*definitions, knowledge=knowledge)
    definitions = [with_prompt(definition, knowledge) for definition in definitions]
    asked = _index_pairs(len(definitions), against)
    if directed is None:
        directed = against is not None or len(definitions) == 2
    if not directed:
        return _without_direction(definitions, knowledge, asked, quorum=quorum, summary=summary, watch=watch)
    whole = _Once() if len(definitions) > 1 and summary else None
    pairs = []
    for done, (a, b) in enumerate(asked):
        if watch is not None:
            watch(done, len(asked))
        pairs.append(pair_drift(definitions, a, b, knowledge, whole if len(definitions) == 2 else None))
    told = summarise(whole(definitions, knowledge), quorum) if whole is not None else None
    return Drift(tuple(definitions), tuple(pairs), told)


def _without_direction(
    definitions: Sequence[Definition],
    knowledge: Knowledge,
    asked: Sequence[tuple[int, int]],
    *,
    quorum: int | None,
    summary: bool,
    watch: Callable[[int, int], object] | None,
) -> Drift:
    """The review of variants of which none is the one before."""
    pairs = []
    for done, (a, b) in enumerate(asked):
        if watch is not None:
            watch(done, len(asked))
        pairs.append(undirected(definitions, a, b, partial(_pair_of, definitions, knowledge)))
    told = None
    if summary and len(definitions) > 1:
        numbers = canonical(definitions)
        told = with_numbers(summarise(align([definitions[n] for n in numbers], knowledge), quorum), numbers)
    return Drift(tuple(definitions), tuple(pairs), told, directed=False)


def _pair_of(definitions: Sequence[Definition], knowledge: Knowledge, a: int, b: int) -> PairDrift:
    return pair_drift(definitions, a, b, knowledge)


def _index_pairs(count: int, against: int | None) -> list[tuple[int, int]]:
    if against is None:
        return list(combinations(range(count), 2))
    return [(against, other) for other in range(count) if other != against]


class _Once:
    """An aligner that aligns when it is first asked."""

    def __init__(self) -> None:
        self.alignment: Alignment | None = None

    def __call__(self, definitions: Sequence[Definition], knowledge: Knowledge) -> Alignment:
        if self.alignment is None:
            self.alignment = align(definitions, knowledge)
        return self.alignment


def pair_drift(
    definitions: Sequence[Definition], a: int, b: int, knowledge: Knowledge, aligner: _Once | None = None
) -> PairDrift:
    """The review of two of some definitions."""
    return with_sentences(definitions, a, b, knowledge, aligner)[0]


def with_sentences(
    definitions: Sequence[Definition],
    a: int,
    b: int,
    knowledge: Knowledge,
    aligner: _Once | None = None,
    *,
    closely: bool = True,
) -> tuple[PairDrift, SentencePairs]:
    """The review of two of some definitions, with their sentences one to one.

    Where it is not done `closely`, the two are aligned only where units are left over: it takes a third less, without
    what the alignment alone tells of statements that stay.
    """
    aligned = aligner or _Once()
    changes = diff(definitions[a], definitions[b], knowledge, aligner=aligned)
    if closely and not all(pair.a.says_same(pair.b) for pair in changes.matching.units):
        # A few words of a statement can turn it into its opposite: only the alignment reads for that.
        aligned([changes.matching.a, changes.matching.b], knowledge)
    sentences = pair_sentences(changes.matching, knowledge)
    return PairDrift(a, b, changes, review(changes, knowledge, aligned.alignment, sentences)), sentences


def _lone(a: Definition, b: Definition, knowledge: Knowledge) -> tuple[Finding, ...] | None:
    """What is told of two definitions of which one is an empty file: it bounds and grants nothing, and is none.

    None where both say something, or neither does.
    """
    if bool(a.text.strip()) == bool(b.text.strip()):
        return None
    if b.text.strip():
        return added_findings(b.filename or "", b, knowledge)
    return (removed_finding(b.filename or a.filename or "", a, {}, knowledge),)
