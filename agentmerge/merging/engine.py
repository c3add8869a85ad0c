"""The cascade: a clean line merge that passes the checks, else structure, else the line merge with markers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from agentmerge import rights, tables
from agentmerge.errors import InternalError
from agentmerge.merging import accounting, checking
from agentmerge.merging.nodes import Node, build
from agentmerge.merging.pairing import Pairing, pair
from agentmerge.merging.pieces import Clash, Piece, Settled, Style, clashes, mass, merge_lines, written
from agentmerge.merging.policy import Policy
from agentmerge.merging.structure import clash_pieces, merge_trees
from agentmerge.merging.union import UnresolvableError, unite
from agentmerge.merging.wholes import Whole, plain, restored
from agentmerge.model import Definition
from agentmerge.outcome import Conflict, Decision, LedgerRow, Merged, Notice, Source
from agentmerge.parsing import parse

MAX_LINES = 20_000
"""Lines of a file above which only lines are merged."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One attempt at a merge."""

    pieces: Sequence[Piece]
    decided: Mapping[str, tuple[Clash, str]] = field(default_factory=lambda: MappingProxyType({}))
    """Conflicts that the policy decided, by path, with the rule."""
    fallback: str = ""
    """Why structure was not used, where it should have been."""
    is_structured: bool = False


class _Inputs:
    """The three versions with what is read off them, each thing when it is first asked for."""

    def __init__(self, definitions: Sequence[Definition]) -> None:
        wholes = [plain(definition.text) for definition in definitions]
        self.lines = [whole.lines for whole in wholes]
        self.read = [_read(whole, definition) for whole, definition in zip(wholes, definitions, strict=True)]

    @cached_property
    def by_lines(self) -> list[Piece]:
        return merge_lines(*self.lines)

    @cached_property
    def trees(self) -> list[Node]:
        return [_tree(definition) for definition in self.read]

    @cached_property
    def pairings(self) -> tuple[Pairing, Pairing]:
        base, ours, theirs = self.trees
        return pair(base, ours), pair(base, theirs)

    def whole_clash(self, reason: str) -> Draft:
        """All three texts as one conflict: for a clean line merge that came to what no side has."""
        base, ours, theirs = map(tuple, self.lines)
        return Draft([Clash(base, ours, theirs, slot=reason)])


def merge(
    base: Definition,
    ours: Definition,
    theirs: Definition,
    policy: Policy | None = None,
    style: Style | None = None,
) -> Merged:
    """Merge what `ours` and `theirs` made of `base`.

    The text has the line endings, byte order mark and final newline of ours; where no rule and no policy decides,
    both sides stand in it between conflict markers, written as `style` says.
    """
    definitions = (base, ours, theirs)
    if ours.text == theirs.text or theirs.text == base.text:
        return _taken(definitions, 1 if ours.text != base.text else 0, ours.text)
    if ours.text == base.text:
        return _taken(definitions, 2, theirs.text)
    style, inputs = style or Style(), _Inputs(definitions)
    draft = _draft(inputs, policy or Policy())
    merged, holes = _finished(draft, inputs, ours, style)
    if holes and draft.is_structured:
        reason = f"line {holes[0].line} of {('base', 'ours', 'theirs')[holes[0].file]} has no place in the result"
        clean = not clashes(inputs.by_lines)
        draft = inputs.whole_clash(reason) if clean else Draft(inputs.by_lines, fallback=reason)
        merged, _ = _finished(draft, inputs, ours, style)
    return merged


def _read(whole: Whole, definition: Definition) -> Definition:
    if whole.text == definition.text:
        return definition
    return parse(whole.text, filename=definition.filename, dialect=definition.dialect)


def _tree(definition: Definition) -> Node:
    return build(definition, {key: info.shape for key, info in tables.fields().items()})


def _taken(definitions: Sequence[Definition], winner: int, text: str) -> Merged:
    notices = tuple(_widened(definitions[winner], definitions[1], definitions[2]))
    try:
        trees = [_tree(_read(plain(definition.text), definition)) for definition in definitions]
    except InternalError as error:
        return Merged(text, (), (), (), (*notices, _unaccounted(error)))
    decisions, ledger = accounting.trivial(trees, winner)
    return Merged(text, decisions, (), ledger, notices)


# Attempts


def _draft(inputs: _Inputs, policy: Policy) -> Draft:
    by_lines = inputs.by_lines
    if max(map(len, inputs.lines)) > MAX_LINES:
        return Draft(by_lines, fallback=f"more than {MAX_LINES} lines" if clashes(by_lines) else "")
    try:
        if not clashes(by_lines) and not _faults(by_lines, inputs):
            return Draft(by_lines)
        return _better(_structured(inputs, policy), Draft(by_lines))
    except UnresolvableError as reason:
        if not clashes(by_lines):
            return inputs.whole_clash(str(reason))
        return _halved(inputs, policy, str(reason)) or Draft(by_lines, fallback=str(reason))
    except Exception as error:  # noqa: BLE001
        # A defect of ours must not cost anybody a merge: lines are always there to fall back to.
        return Draft(by_lines, fallback=f"internal error: {type(error).__name__}: {error}")


def _halved(inputs: _Inputs, policy: Policy, reason: str) -> Draft | None:
    """The frontmatter by fields and the body by lines: a body that is told by lines does not spoil the fields."""
    cuts = [one.frontmatter.end - 1 for one in inputs.read if one.frontmatter is not None]
    if len(cuts) < len(inputs.read):
        return None
    heads = [
        _tree(parse("".join(f"{line}\n" for line in own[:cut]), filename=one.filename, dialect=one.dialect))
        for own, cut, one in zip(inputs.lines, cuts, inputs.read, strict=True)
    ]
    base, ours, theirs = (own[cut:] for own, cut in zip(inputs.lines, cuts, strict=True))
    try:
        front = _settled_by_policy(merge_trees(heads[0], heads[1], heads[2]), policy)
    except UnresolvableError:
        return None
    pieces = [*front.pieces, *merge_lines(base, ours, theirs)]
    return None if not clashes(pieces) else Draft(pieces, front.decided, reason)


def _structured(inputs: _Inputs, policy: Policy) -> Draft:
    base, ours, theirs = inputs.trees
    draft = _settled_by_policy(merge_trees(base, ours, theirs, inputs.pairings), policy)
    faults = _faults(draft.pieces, inputs)
    if faults:
        raise UnresolvableError(faults[0])
    return draft


def _settled_by_policy(merged: Sequence[Piece], policy: Policy) -> Draft:
    """The conflicts that the policy decides, decided; the others cut down to what is in conflict."""
    pieces: list[Piece] = []
    decided: dict[str, tuple[Clash, str]] = {}
    for piece in merged:
        choice = policy.decide(piece) if isinstance(piece, Clash) else None
        if choice is not None and isinstance(piece, Clash):
            pieces.append(Settled(choice[0]))
            decided[piece.path] = (piece, choice[1])
        else:
            pieces.extend(clash_pieces(piece) if isinstance(piece, Clash) else [piece])
    return Draft(pieces, decided, is_structured=True)


def _better(structured: Draft, by_lines: Draft) -> Draft:
    """The draft with fewer lines in conflict; a line merge without conflict got here because it failed its checks."""
    if not clashes(by_lines.pieces):
        return structured
    return min(structured, by_lines, key=lambda draft: mass(draft.pieces))


def _faults(pieces: Sequence[Piece], inputs: _Inputs) -> list[str]:
    """What the settled part of a result has that it must not have."""
    if clashes(pieces):
        return []
    settled, _ = accounting.settled_lines(pieces, Style())
    ours = inputs.read[1]
    found = parse("".join(f"{line}\n" for line in settled), filename=ours.filename, dialect=ours.dialect)
    fronts = [one.frontmatter for one in inputs.read]
    valid = all(front is None or front.valid for front in fronts)
    if valid and found.frontmatter is not None and not found.frontmatter.valid:
        return ["the merged frontmatter is not valid YAML"]
    if found.frontmatter is None and None not in fronts:
        return ["the merged file lost its frontmatter"]
    return checking.faults(_tree(found), inputs.trees)


# The result with its records


def _finished(draft: Draft, inputs: _Inputs, ours: Definition, style: Style) -> tuple[Merged, list[Source]]:
    """The result with its records, and the units that are nowhere in it."""
    text = restored(written(draft.pieces, style), ours.text)
    left = clashes(draft.pieces)
    conflicts = (*map(_conflict, left), *(_conflict(clash, rule) for clash, rule in draft.decided.values()))
    settled, numbers = accounting.settled_lines(draft.pieces, style)
    result = parse("".join(f"{line}\n" for line in settled), filename=ours.filename, dialect=ours.dialect)
    notices = _notices(draft)
    if not left:
        notices.extend(_widened(result, inputs.read[1], inputs.read[2]))
    try:
        decisions, ledger, holes = _accounted(draft, inputs, result, settled, numbers)
    except Exception as error:  # noqa: BLE001
        # The text is that of a merge by lines or passed its checks; only the report of it is missing.
        return Merged(text, (), conflicts, (), (*notices, _unaccounted(error))), []
    return Merged(text, decisions, conflicts, ledger, tuple(notices)), holes


def _accounted(
    draft: Draft, inputs: _Inputs, result: Definition, settled: Sequence[str], numbers: Sequence[int]
) -> tuple[tuple[Decision, ...], tuple[LedgerRow, ...], list[Source]]:
    places = {line.strip(): number for line, number in reversed(list(zip(settled, numbers, strict=True)))}
    base, ours, theirs = inputs.trees
    union = unite((base, ours, theirs), *inputs.pairings)
    rules = {path: rule for path, (_, rule) in draft.decided.items()}
    return accounting.account(union, accounting.Result(_tree(result), numbers, places), draft.pieces, rules)


def _unaccounted(error: Exception) -> Notice:
    return Notice("no-ledger", "warning", f"internal error: the fate of the units can't be told: {error}")


def _conflict(clash: Clash, rule: str | None = None) -> Conflict:
    members = tuple(
        Source(file, 0, "lines", "\n".join(lines))
        for file, lines in enumerate((clash.base, clash.ours, clash.theirs))
        if lines
    )
    return Conflict(clash.path, clash.slot, members, rule)


def _notices(draft: Draft) -> list[Notice]:
    if not draft.fallback:
        return []
    return [Notice("merged-by-lines", "warning", f"merged by lines only: {draft.fallback}")]


def _widened(result: Definition, ours: Definition, theirs: Definition) -> Iterator[Notice]:
    """Permissions of the result that go beyond those of ours: whoever keeps ours should know."""
    for key, info in tables.fields().items():
        if info.rights and rights.shift(info, ours.field(key), result.field(key)) in ("widened", "both"):
            both = rights.shift(info, theirs.field(key), result.field(key)) in ("widened", "both")
            message = f"'{key}' now grants more than {'either side' if both else 'ours'} did"
            yield Notice("rights-widened", "warning", message, f"frontmatter/{key}")
