"""Base, ours and theirs in, one text out: a clean line merge, else structure, else markers; three folders to one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from agentmerge.errors import ConflictedError, InternalError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.merging import checking
from agentmerge.merging.checking import Places, why
from agentmerge.merging.inputs import Inputs, dangling, read_again, tree_of
from agentmerge.merging.nodes import MAX_LINES, UnresolvableError, unite
from agentmerge.merging.pieces import (
    Clash,
    Lines,
    Piece,
    Policy,
    Settled,
    Style,
    clashes,
    marked,
    mass,
    merge_lines,
    refined,
)
from agentmerge.merging.structure import clash_pieces, merge_trees
from agentmerge.model import Definition, Frontmatter, Value
from agentmerge.planning import marks
from agentmerge.planning.records import Conflict, Decision, LedgerRow, Merged, Notice, Source
from agentmerge.reading.parsing import parse
from agentmerge.rights import comparing
from agentmerge.text.markers import refuse_in, refuse_markers, take_apart
from agentmerge.text.paths import Files, is_text, matches, normal, renames, same, with_endings_of
from agentmerge.text.sequences import plain, restored

# Engine ---------------------------------------------------------------------------------------------------------------
#
# The cascade: a clean line merge that passes the checks, else structure, else the line merge with markers.


@dataclass(frozen=True, slots=True)
class Decided:
    """A conflict that the policy decided: the piece that stands for it, and by which rule."""

    piece: int
    clash: Clash
    rule: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One attempt at a merge."""

    pieces: Sequence[Piece]
    decided: tuple[Decided, ...] = ()
    fallback: str = ""
    """Why structure was not used, where it should have been."""
    is_structured: bool = False
    fault: str = ""
    """What the result has that it must not have, where no attempt is free of it."""


def merge(
    base: Definition,
    ours: Definition,
    theirs: Definition,
    knowledge: Knowledge,
    policy: Policy | None = None,
    style: Style | None = None,
) -> Merged:
    """Merge what `ours` and `theirs` made of `base`.

    The text has the line endings, byte order mark and final newline of ours; where no rule and no policy decides,
    both sides stand in it between conflict markers, written as `style` says. Raises ConflictedError where a version
    holds conflict markers already.
    """
    definitions = (base, ours, theirs)
    refuse_markers(*definitions, knowledge=knowledge)
    if any(is_long(definition.text) for definition in definitions):
        return merge_long(base.text, ours.text, theirs.text, knowledge, style)
    if any(definition.syntax != "yaml" for definition in definitions):
        return merge_long(base.text, ours.text, theirs.text, knowledge, style, cause="a file is TOML")
    if ours.text == theirs.text or theirs.text == base.text:
        return _taken(definitions, 1 if ours.text != base.text else 0, ours.text, knowledge)
    if ours.text == base.text:
        return _taken(definitions, 2, theirs.text, knowledge)
    inputs = Inputs(definitions, knowledge)
    draft = _draft(inputs, policy or Policy())
    merged, holes = _finished(draft, inputs, style or Style())
    if holes and draft.is_structured:
        reason = f"line {holes[0].line} of {('base', 'ours', 'theirs')[holes[0].file]} has no place in the result"
        draft = _without_structure(inputs, policy or Policy(), reason)
        merged, _ = _finished(draft, inputs, style or Style())
    return merged


def is_long(text: str) -> bool:
    """Whether a text has more lines than are merged by structure."""
    return text.count("\n") + text.count("\r") > MAX_LINES


def merge_long(
    base: str, ours: str, theirs: str, knowledge: Knowledge, style: Style | None = None, *, cause: str = ""
) -> Merged:
    """The line merge of texts that are too long for anything else: no check, no ledger, and it says so.

    `cause` is another one than their length. Raises ConflictedError where one of them holds conflict markers already.
    """
    for text in (base, ours, theirs):
        refuse_in(text, None, knowledge)
    style = style or Style()
    cause = cause or f"a file has more than {MAX_LINES} lines"
    reason = f"merged by lines only, without checks and ledger: {cause}"
    notices = (Notice("merged-by-lines", "warning", reason),)
    if ours in (base, theirs) or theirs == base:
        return Merged(ours if theirs == base else theirs, (), (), (), notices)
    wholes = [plain(text).lines for text in (base, ours, theirs)]
    pieces = [replace(p, slot=why(p)) if isinstance(p, Clash) else p for p in merge_lines(*wholes)]
    lines, conflicts = _written(Draft(pieces), style)
    return Merged(restored(lines, ours), (), conflicts, (), notices)


def _taken(definitions: Sequence[Definition], winner: int, text: str, knowledge: Knowledge) -> Merged:
    notices = tuple(_widened(definitions[winner], definitions[1], definitions[2], knowledge))
    try:
        trees = [
            tree_of(read_again(plain(definition.text).text, definition, knowledge), knowledge)
            for definition in definitions
        ]
    except InternalError as error:
        return Merged(text, (), (), (), (*notices, _unaccounted(error)))
    decisions, ledger = checking.trivial(trees, winner, knowledge)
    return Merged(text, decisions, (), ledger, notices)


# Attempts


def _draft(inputs: Inputs, policy: Policy) -> Draft:
    try:
        return _attempted(inputs, policy)
    except Exception as error:  # noqa: BLE001
        # A defect of ours must not cost anybody a merge: lines are always there to fall back to.
        return _unchecked(inputs, error)


def _unchecked(inputs: Inputs, error: Exception) -> Draft:
    """The line merge where the checks themselves failed: what nobody looked at is not called clean."""
    reason = f"internal error: {type(error).__name__}: {error}"
    if clashes(inputs.by_lines):
        return Draft(inputs.by_lines, fallback=reason)
    base, ours, theirs = map(tuple, inputs.lines)
    return Draft([Clash(base, ours, theirs, slot="the merge could not be checked", at=(1, 1, 1))], fallback=reason)


def _attempted(inputs: Inputs, policy: Policy) -> Draft:
    is_clean = not clashes(inputs.by_lines)
    if is_clean and not _faults(inputs.by_lines, inputs) and not _doubts(inputs.by_lines, inputs):
        return Draft(inputs.by_lines)
    if any(one.frontmatter is not None and one.frontmatter.tags for one in inputs.read):
        return _without_structure(inputs, policy, "lines of a template stand among the fields")
    try:
        structured = _structured(inputs, policy)
    except UnresolvableError as error:
        return _without_structure(inputs, policy, str(error))
    if is_clean:
        # The line merge is clean and wrong.
        return structured
    return _best([structured, _by_lines(inputs, policy)], inputs)


def _without_structure(inputs: Inputs, policy: Policy, reason: str) -> Draft:
    """The line merge with markers; as one conflict where it is clean but came to what no side has."""
    if not clashes(inputs.by_lines):
        if not (faults := [*_faults(inputs.by_lines, inputs), *_doubts(inputs.by_lines, inputs)]):
            return Draft(inputs.by_lines)
        return _as_one_conflict(inputs, faults[0], reason)
    drafts = [_halved(inputs, policy, reason), _by_lines(inputs, policy, reason)]
    return _best([draft for draft in drafts if draft is not None], inputs)


def _by_lines(inputs: Inputs, policy: Policy, fallback: str = "") -> Draft:
    """The line merge, each conflict with its place; the frontmatter ends at its fence, whatever stands below it."""
    pieces = inputs.by_lines
    if (cuts := inputs.cuts) is not None:
        heads, bodies = ([own[:cut] for own, cut in cuts], [own[cut:] for own, cut in cuts])
        body = [_moved_down(piece, [cut for _, cut in cuts]) for piece in merge_lines(*bodies)]
        pieces = [*merge_lines(*heads), *body]
    places = Places(inputs.trees)
    return replace(_settled_by_policy([places.located(piece) for piece in pieces], policy), fallback=fallback)


def _moved_down(piece: Piece, cuts: Sequence[int]) -> Piece:
    if isinstance(piece, Settled):
        return piece
    base, ours, theirs = (at + cut for at, cut in zip(piece.at, cuts, strict=True))
    return replace(piece, at=(base, ours, theirs))


def _halved(inputs: Inputs, policy: Policy, reason: str) -> Draft | None:
    """The frontmatter by fields and the body by lines: a body that is told by lines does not spoil the fields."""
    if (cuts := inputs.cuts) is None:
        return None
    heads = [
        tree_of(
            parse(
                "".join(f"{line}\n" for line in own[:cut]), inputs.knowledge, filename=one.filename, dialect=one.dialect
            ),
            inputs.knowledge,
        )
        for (own, cut), one in zip(cuts, inputs.read, strict=True)
    ]
    try:
        front = merge_trees(heads[0], heads[1], heads[2], inputs.knowledge)
    except UnresolvableError:
        return None
    base, ours, theirs = (own[cut:] for own, cut in cuts)
    body = [_moved_down(piece, [cut for _, cut in cuts]) for piece in merge_lines(base, ours, theirs)]
    pieces = [*front, *map(Places(inputs.trees).located, body)]
    return replace(_settled_by_policy(pieces, policy), fallback=reason)


def _structured(inputs: Inputs, policy: Policy) -> Draft:
    base, ours, theirs = inputs.trees
    draft = replace(
        _settled_by_policy(merge_trees(base, ours, theirs, inputs.knowledge, inputs.pairings), policy),
        is_structured=True,
    )
    if not clashes(draft.pieces):
        lines = [line for piece in draft.pieces for line in _taking(piece, "ours")]
        faults = _faults(draft.pieces, inputs) or (not draft.decided and checking.uncalled(lines, inputs.lines))
        if faults:
            raise UnresolvableError(faults[0])
    if lost := _unmoved(draft, inputs):
        raise UnresolvableError(lost[0])
    return draft


def _unmoved(draft: Draft, inputs: Inputs) -> list[str]:
    """What a side moved and the result left where it was, outside of conflicts, open or decided."""
    decided = {choice.piece for choice in draft.decided}
    settled = [piece for n, piece in enumerate(draft.pieces) if isinstance(piece, Settled) and n not in decided]
    return checking.unmoved([line for piece in settled for line in piece.lines], inputs.bodies)


def _settled_by_policy(merged: Sequence[Piece], policy: Policy) -> Draft:
    """The conflicts that the policy decides, decided; the others cut down to what is in conflict."""
    pieces: list[Piece] = []
    decided: list[Decided] = []
    for piece in merged:
        choice = policy.decide(piece) if isinstance(piece, Clash) else None
        if choice is not None and isinstance(piece, Clash):
            decided.append(Decided(len(pieces), piece, choice[1]))
            pieces.append(Settled(choice[0]))
        else:
            pieces.extend(clash_pieces(piece) if isinstance(piece, Clash) else [piece])
    return Draft(pieces, tuple(decided))


def _best(drafts: Sequence[Draft], inputs: Inputs) -> Draft:
    """The draft that leaves the fewest lines in conflict, among those without fault where there are any."""
    ranked = sorted(drafts, key=lambda draft: mass(draft.pieces))
    for draft in ranked:
        if not _faults(draft.pieces, inputs):
            return draft
    fault = _faults(ranked[0].pieces, inputs)[0]
    if not clashes(ranked[0].pieces):
        return _as_one_conflict(inputs, fault, ranked[0].fallback)
    return replace(ranked[0], fault=fault)


def _as_one_conflict(inputs: Inputs, fault: str, reason: str) -> Draft:
    """What merges without a conflict, and comes to what no side has: a conflict about the fields where they alone are
    to blame, else about all of it."""
    if (contained := _fields_as_one_conflict(inputs, fault)) is not None:
        return replace(contained, fallback=reason)
    base, ours, theirs = map(tuple, inputs.lines)
    return Draft([Clash(base, ours, theirs, slot=fault, at=(1, 1, 1))], fallback=reason)


def _fields_as_one_conflict(inputs: Inputs, fault: str) -> Draft | None:
    if (cuts := inputs.cuts) is None:
        return None
    base, ours, theirs = (tuple(own[1 : cut - 1]) for own, cut in cuts)
    bodies = [own[cut:] for own, cut in cuts]
    body = [_moved_down(piece, [cut for _, cut in cuts]) for piece in merge_lines(*bodies)]
    opening, closing = ((inputs.lines[1][at],) for at in (0, cuts[1][1] - 1))
    clash = Clash(base, ours, theirs, "frontmatter", fault, (2, 2, 2))
    pieces: list[Piece] = [Settled(opening), clash, Settled(closing), *body]
    if clashes(body) or _faults(pieces, inputs) or _doubts(pieces, inputs):
        return None
    return Draft(pieces)


def _faults(pieces: Sequence[Piece], inputs: Inputs) -> list[str]:
    """What a result has that it must not have, whichever side a person takes in its conflicts."""
    found = _faults_of([line for piece in pieces for line in _taking(piece, "ours")], inputs)
    if found or not clashes(pieces):
        return found
    return _faults_of([line for piece in pieces for line in _taking(piece, "theirs")], inputs)


def _doubts(pieces: Sequence[Piece], inputs: Inputs) -> list[str]:
    """What a line merge does not see: units that both sides moved, or that one moved and the other took away."""
    lines = [line for piece in pieces for line in _taking(piece, "ours")]
    tree = tree_of(inputs.result(lines), inputs.knowledge)
    return [
        *checking.repeated(tree, inputs.trees),
        *checking.returned(tree, inputs.trees, inputs.knowledge),
        *checking.uncalled(lines, inputs.lines),
        *_unmoved(Draft(pieces), inputs),
        *dangling(tree, inputs.trees),
        *inputs.crossings,
    ]


def _taking(piece: Piece, side: Literal["ours", "theirs"]) -> Lines:
    if isinstance(piece, Settled):
        return piece.lines
    return piece.ours if side == "ours" else piece.theirs


def _faults_of(lines: Sequence[str], inputs: Inputs) -> list[str]:
    found = inputs.result(lines)
    fronts = [one.frontmatter for one in inputs.read]
    if _must_be_valid(fronts) and found.frontmatter is not None and not found.frontmatter.valid:
        return ["the merged frontmatter is not valid YAML"]
    if found.frontmatter is None and None not in fronts:
        return ["the merged file lost its frontmatter"]
    base, ours, theirs = (one.is_seen for one in inputs.read)
    if not found.is_seen and (ours if theirs == base else theirs):
        return ["hosts do not find the merged frontmatter"]
    written = [front for front in fronts if front is not None]
    is_mixed = len({front.is_toml for front in written}) > 1
    if is_mixed and found.frontmatter is not None and all(found.frontmatter.source != f.source for f in written):
        return ["the merged frontmatter is made of YAML and TOML"]
    return checking.faults(tree_of(found, inputs.knowledge), inputs.trees, inputs.knowledge)


def _must_be_valid(fronts: Sequence[Frontmatter | None]) -> bool:
    """Whether the result's YAML has to be read: both sides' can, or one side's can and the base's could not."""
    base, ours, theirs = (front is None or front.valid for front in fronts)
    return (ours and theirs) or (not base and (ours or theirs))


# The result with its records


def _finished(draft: Draft, inputs: Inputs, style: Style) -> tuple[Merged, list[Source]]:
    """The result with its records, and the units that are nowhere in it."""
    lines, conflicts = _written(draft, style)
    text = restored(lines, inputs.ours)
    notices = _notices(draft)
    try:
        settled, numbers = checking.settled_lines(draft.pieces, style)
        result = inputs.result(settled)
        notices += _widened(result, inputs.read[1], inputs.read[2], inputs.knowledge, clashes(draft.pieces))
        notices += _shared_versions(result, inputs)
        decisions, ledger, holes = _accounted(draft, inputs, result, settled, numbers)
        if lost := checking.unaccounted(inputs.trees, ledger, inputs.knowledge):
            raise InternalError(f"a guardrail has no row in the ledger: '{lost[0].text}'", line=lost[0].line)
        notices += checking.findings(draft.pieces, inputs, style, ledger)
        notices += marks.broken(inputs.read[1], text, inputs.read[1].filename or "ours")
    except Exception as error:  # noqa: BLE001
        notices = [*notices, _unaccounted(error)]
        if not clashes(draft.pieces):
            # The ledger is a check, too.
            lines, conflicts = _written(_unchecked(inputs, error), style)
        return Merged(restored(lines, inputs.ours), (), conflicts, (), tuple(notices)), []
    return Merged(text, decisions, conflicts, ledger, tuple(notices)), holes


def _written(draft: Draft, style: Style) -> tuple[list[str], tuple[Conflict, ...]]:
    """The lines of the result, and each conflict with the line where it stands; decided ones come last."""
    lines: list[str] = []
    conflicts: list[Conflict] = []
    decided: list[Conflict] = []
    choices = {choice.piece: choice for choice in draft.decided}
    for number, piece in enumerate(draft.pieces):
        if number in choices:
            decided.append(_conflict(choices[number].clash, len(lines) + 1, choices[number].rule))
        for part in refined(piece, style.conflict_style):
            if isinstance(part, Clash):
                conflicts.append(_conflict(part, len(lines) + 1))
            lines.extend(part.lines if isinstance(part, Settled) else marked(part, style))
    return lines, (*conflicts, *decided)


def _accounted(
    draft: Draft,
    inputs: Inputs,
    result: Definition,
    settled: Sequence[str],
    numbers: Sequence[int],
) -> tuple[tuple[Decision, ...], tuple[LedgerRow, ...], list[Source]]:
    places = {line.strip(): number for line, number in reversed(list(zip(settled, numbers, strict=True)))}
    base, ours, theirs = inputs.trees
    union = unite((base, ours, theirs), *inputs.sure_pairings)
    by_rule = [choice for choice in draft.decided if choice.clash.ruling and choice.clash.ruling.rule == choice.rule]
    by_policy = {choice.clash.path: choice.rule for choice in draft.decided if choice not in by_rule}
    return checking.account(
        union,
        checking.Result(tree_of(result, inputs.knowledge), numbers, places),
        draft.pieces,
        by_policy,
        {choice.clash.at: choice.rule for choice in by_rule},
        inputs.knowledge,
    )


def _unaccounted(error: Exception) -> Notice:
    return Notice("no-ledger", "warning", f"internal error: the fate of the units can't be told: {error}")


def _conflict(clash: Clash, line: int, rule: str | None = None) -> Conflict:
    members = tuple(
        Source(file, at, "lines", "\n".join(lines))
        for file, (lines, at) in enumerate(zip((clash.base, clash.ours, clash.theirs), clash.at, strict=True))
        if lines
    )
    return Conflict(clash.path, clash.slot, members, rule, line)


def _notices(draft: Draft) -> list[Notice]:
    found = []
    if draft.fallback:
        found.append(Notice("merged-by-lines", "warning", f"merged by lines only: {draft.fallback}"))
    if draft.fault:
        message = f"this needs a look: {draft.fault}"
        found.append(Notice("failed-check", "warning", message))
    return found


_VERSIONS = ("version", "metadata/version")
"""Fields that number the text of a definition."""


def _shared_versions(result: Definition, inputs: Inputs) -> Iterator[Notice]:
    """A version number that both sides gave to their text: two texts have it, and neither is the result."""
    for path in _VERSIONS:
        base, ours, theirs = (_value_at(one, path) for one in inputs.read)
        is_new = all(result.text != side.text for side in inputs.read[1:])
        if is_new and ours is not None and ours == theirs != base:
            message = f"both sides raised '{path}' to {ours}, each for another text; the merged text needs its own"
            yield Notice("version-shared", "info", message, f"frontmatter/{path}")


def _value_at(definition: Definition, path: str) -> Value:
    key, _, inner = path.partition("/")
    value = next((field.value for field in definition.fields if field.key == key), None)
    for key in filter(None, inner.split("/")):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _widened(
    result: Definition, ours: Definition, theirs: Definition, knowledge: Knowledge, left: Sequence[Clash] = ()
) -> Iterator[Notice]:
    """Permissions of the result that go beyond those of ours: whoever keeps ours should know."""
    beyond = [set(_wider(side, result, knowledge)) for side in (ours, theirs)]
    for key in sorted(beyond[0]):
        if not any(matches(clash.path or "frontmatter", f"frontmatter/{key}") for clash in left):
            sides = "either side" if key in beyond[1] else "ours"
            message = f"'{key}' now grants more than {sides} did"
            yield Notice("rights-widened", "warning", message, f"frontmatter/{key}")


def _wider(old: Definition, new: Definition, knowledge: Knowledge) -> Iterator[str]:
    """The fields by which a definition has rights that the old one has not."""
    for move in comparing.moves(old, new, knowledge):
        if move.direction == "widened" and move.is_certain:
            yield move.key


# Folders --------------------------------------------------------------------------------------------------------------
#
# Three folders to one: definitions by structure, other text by lines, the rest by its bytes.
#
# Each file has one row: by its path in the base, renames followed; then what only one side has, or both added.


Fate = Literal["same", "ours", "theirs", "merged", "deleted", "conflict"]
"""What stands in the result: what all have, one side's file, what both made of it, nothing, or a question."""

_STRUCTURED = (".md", ".mdc", ".markdown")


@dataclass(frozen=True, slots=True)
class FileMerge:
    """What became of one file of three folders."""

    path: str
    """In the result; where it is in none, the path that it had."""
    names: tuple[str | None, str | None, str | None]
    """Its paths in base, ours and theirs; None where a side has it not."""
    fate: Fate
    data: bytes | None
    """Bytes in the result; None where it is not there."""
    merged: Merged | None = None
    """Of a text that was merged: decisions, conflicts and ledger."""
    conflicts: tuple[Conflict, ...] = ()
    """The open ones; their lines are those of `data`."""
    notices: tuple[Notice, ...] = ()


class Row(NamedTuple):
    """One file through three folders."""

    base: str | None
    ours: str | None
    theirs: str | None


def has_structure(path: str) -> bool:
    """Whether a file is merged by structure: Markdown, a definition or not. TOML, which can be one, goes by lines."""
    return path.lower().endswith(_STRUCTURED)


def merge_folders(
    base: Files,
    ours: Files,
    theirs: Files,
    knowledge: Knowledge,
    policy: Policy | None = None,
    style: Style | None = None,
) -> tuple[FileMerge, ...]:
    """Merge what two sides made of a folder; sorted by path.

    In a conflict within a text its data has both sides between markers; of a file that one side deleted and the other
    changed, and of one that is no text, it is the file that is left, or ours.
    """
    merger = _Folders((base, ours, theirs), knowledge, policy, style or Style())
    found = [merger.merged(row) for row in rows(base, ours, theirs)]
    return tuple(sorted(_apart(found), key=lambda one: (one.path, one.names[1] is None)))


def rows(base: Files, ours: Files, theirs: Files) -> Iterator[Row]:
    """Which files belong together."""
    mine, other = renames(base, ours), renames(base, theirs)
    claimed = set(mine.values()), set(other.values())
    for path in sorted(base):
        sides = [path if path in side else names.get(path) for side, names in ((ours, mine), (theirs, other))]
        yield Row(path, sides[0], sides[1])
    left = [
        {path for path in side if path not in base} - names for side, names in zip((ours, theirs), claimed, strict=True)
    ]
    for path in sorted(left[0] | left[1]):
        yield Row(None, path if path in left[0] else None, path if path in left[1] else None)


def _apart(found: list[FileMerge]) -> Iterator[FileMerge]:
    """Two files can't have one name: whoever is there in ours keeps it."""
    taken: dict[str, FileMerge] = {}
    for one in sorted(found, key=lambda one: (one.names[1] != one.path, one.path)):
        other = taken.get(one.path) if one.data is not None else None
        if other is None:
            if one.data is not None:
                taken[one.path] = one
            yield one
            continue
        conflict = Conflict(one.path, "two files come to have this name", (), None, None)
        name = one.names[1] or f"{one.path}.theirs"
        yield replace(one, path=name, fate="conflict", conflicts=(*one.conflicts, conflict))


class _Folders:
    """Three folders, and how their files are merged."""

    def __init__(
        self, folders: tuple[Files, Files, Files], knowledge: Knowledge, policy: Policy | None, style: Style
    ) -> None:
        self.folders = folders
        self.knowledge = knowledge
        self.policy = policy
        self.style = style

    def merged(self, row: Row) -> FileMerge:
        """What becomes of one file."""
        base, ours, theirs = (
            side[path] if path is not None else None for side, path in zip(self.folders, row, strict=True)
        )
        if ours is None or theirs is None:
            return self._one_sided(row, base, ours, theirs)
        path, clash = _name(row)
        one = merge_file(base or b"", ours, theirs, path, self.knowledge, self.policy, self.style)
        if base is None and one.fate == "theirs":
            # An empty file of ours is a file, too.
            one = replace(one, fate="merged")
        conflicts = one.conflicts if clash is None else (*one.conflicts, clash)
        return replace(
            one, names=(row.base, row.ours, row.theirs), fate="conflict" if conflicts else one.fate, conflicts=conflicts
        )

    def _one_sided(self, row: Row, base: bytes | None, ours: bytes | None, theirs: bytes | None) -> FileMerge:
        """A file that one side has not: it is new, or was deleted."""
        there = ours if ours is not None else theirs
        path = row.ours or row.theirs or row.base or ""
        names = (row.base, row.ours, row.theirs)
        if there is None:
            return FileMerge(path, names, "deleted", None)
        side: Fate = "ours" if ours is not None else "theirs"
        if base is None:
            return FileMerge(path, names, side, there)
        if same(there, base):
            # A new name alone is no reason to keep what the other side took away.
            return FileMerge(path, names, "deleted", None)
        who = ("theirs", "ours") if side == "ours" else ("ours", "theirs")
        conflict = Conflict(path, f"deleted by {who[0]}, changed by {who[1]}", _sources(base, ours, theirs))
        return FileMerge(path, names, "conflict", there, conflicts=(conflict,))


def _name(row: Row) -> tuple[str, Conflict | None]:
    """The path in the result, and the conflict where both sides gave the file another one."""
    base, ours, theirs = row.base, row.ours or "", row.theirs or ""
    if base is None or theirs in (base, ours):
        return ours, None
    if ours == base:
        return theirs, None
    return ours, Conflict(ours, f"renamed by both sides, by theirs to {theirs}", ())


def _sources(*versions: bytes | None) -> tuple[Source, ...]:
    texts = ((file, data) for file, data in enumerate(versions) if data is not None)
    return tuple(Source(file, 1, "file", normal(data).decode() if is_text(data) else "") for file, data in texts)


def merge_file(
    base: bytes, ours: bytes, theirs: bytes, path: str, knowledge: Knowledge, policy: Policy | None, style: Style
) -> FileMerge:
    """Merge three versions of one file; its name says whether it is a definition."""
    names = (path, path, path)
    if same(ours, theirs):
        return FileMerge(path, names, "same" if same(ours, base) else "ours", ours)
    if same(theirs, base):
        return FileMerge(path, names, "ours", ours)
    if same(ours, base):
        return FileMerge(path, names, "theirs", with_endings_of(theirs, ours))
    if not all(map(is_text, (base, ours, theirs))):
        conflict = Conflict(path, "changed by both sides, and no text", ())
        return FileMerge(path, names, "conflict", ours, conflicts=(conflict,))
    merged = merge_texts(base.decode(), ours.decode(), theirs.decode(), path, knowledge, policy, style)
    open_ones = tuple(merged.open_conflicts)
    fate: Fate = "conflict" if open_ones else "merged"
    return FileMerge(path, names, fate, merged.text.encode(), merged, open_ones, merged.findings)


def merge_texts(
    base: str, ours: str, theirs: str, path: str, knowledge: Knowledge, policy: Policy | None, style: Style
) -> Merged:
    """Merge three texts, a definition by structure and any other by lines.

    A text that holds conflict markers already comes back as ours, with a conflict about it.
    """
    texts = (base, ours, theirs)
    try:
        if not has_structure(path):
            merged = merge_long(*texts, knowledge, style, cause=_BY_LINES)
            return replace(merged, findings=(), conflicts=tuple(_located(merged.conflicts)))
        if any(map(is_long, texts)):
            return merge_long(*texts, knowledge, style)
        one, two, three = (parse(text, knowledge, filename=path) for text in texts)
        return merge(one, two, three, knowledge, policy, style)
    except ConflictedError as error:
        return Merged(ours, (), (Conflict("", f"not merged: {error.message}", (), None, error.line),), ())


_BY_LINES = "it is no definition"


def _located(conflicts: tuple[Conflict, ...]) -> Iterator[Conflict]:
    for one in conflicts:
        yield replace(one, slot=one.slot or "changed by both sides")


def taking(text: str, side: Literal["ours", "theirs"], knowledge: Knowledge) -> str:
    """A merged text with one side in every conflict that is left in it; line endings as they are."""
    found = take_apart(normal(text.encode()).decode(), knowledge)
    if not found.hunks:
        return text
    return with_endings_of(found.side(side).encode(), text.encode()).decode()
