"""The cascade: a clean line merge that passes the checks, else structure, else the line merge with markers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from agentmerge import rights, tables
from agentmerge.errors import InternalError
from agentmerge.merging import accounting, checking
from agentmerge.merging.nodes import Node, build
from agentmerge.merging.pairing import pair
from agentmerge.merging.pieces import Clash, Piece, Settled, Style, clashes, mass, merge_lines, written
from agentmerge.merging.policy import Policy
from agentmerge.merging.structure import clash_pieces, merge_trees
from agentmerge.merging.union import UnresolvableError, unite
from agentmerge.merging.wholes import Whole, plain, restored
from agentmerge.model import Definition
from agentmerge.outcome import Conflict, Merged, Notice, Source
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
    style = style or Style()
    wholes = [plain(definition.text) for definition in definitions]
    read = [_read(whole, definition) for whole, definition in zip(wholes, definitions, strict=True)]
    draft = _draft([whole.lines for whole in wholes], read, policy or Policy())
    merged, holes = _finished(draft, read, ours, style)
    if holes and draft.is_structured:
        reason = f"line {holes[0].line} of {('base', 'ours', 'theirs')[holes[0].file]} has no place in the result"
        draft = Draft(merge_lines(*(whole.lines for whole in wholes)), fallback=reason)
        merged, _ = _finished(draft, read, ours, style)
    return merged


def _read(whole: Whole, definition: Definition) -> Definition:
    if whole.text == definition.text:
        return definition
    return parse(whole.text, filename=definition.filename, dialect=definition.dialect)


def _tree(definition: Definition) -> Node:
    return build(definition, {key: info.shape for key, info in tables.fields().items()})


def _taken(definitions: Sequence[Definition], winner: int, text: str) -> Merged:
    trees = [_tree(_read(plain(definition.text), definition)) for definition in definitions]
    decisions, ledger = accounting.trivial(trees, winner)
    notices = _widened(definitions[winner], definitions[1], definitions[2])
    return Merged(text, decisions, (), ledger, tuple(notices))


# Attempts


def _draft(lines: Sequence[list[str]], read: Sequence[Definition], policy: Policy) -> Draft:
    by_lines = merge_lines(*lines)
    if max(map(len, lines)) > MAX_LINES:
        return Draft(by_lines, fallback=f"more than {MAX_LINES} lines" if clashes(by_lines) else "")
    try:
        trees = [_tree(definition) for definition in read]
        if not clashes(by_lines) and not _faults(by_lines, read, trees):
            return Draft(by_lines)
        return _better(_structured(trees, read, policy), Draft(by_lines))
    except UnresolvableError as reason:
        if not clashes(by_lines):
            base, ours, theirs = map(tuple, lines)
            return Draft([Clash(base, ours, theirs, slot=str(reason))])
        return _halved(lines, read, policy, str(reason)) or Draft(by_lines, fallback=str(reason))
    except (InternalError, RecursionError) as error:
        return Draft(by_lines, fallback=f"internal error: {error}")


def _halved(lines: Sequence[list[str]], read: Sequence[Definition], policy: Policy, reason: str) -> Draft | None:
    """The frontmatter by fields and the body by lines: a body that is told by lines does not spoil the fields."""
    fronts = [one.frontmatter for one in read]
    cuts = [front.end - 1 for front in fronts if front is not None]
    if len(cuts) < len(read):
        return None
    heads = [
        _tree(parse("".join(f"{line}\n" for line in own[:cut]), filename=one.filename, dialect=one.dialect))
        for own, cut, one in zip(lines, cuts, read, strict=True)
    ]
    base, ours, theirs = (own[cut:] for own, cut in zip(lines, cuts, strict=True))
    try:
        front = _settled_by_policy(merge_trees(heads[0], heads[1], heads[2]), policy)
    except UnresolvableError:
        return None
    pieces = [*front.pieces, *merge_lines(base, ours, theirs)]
    return None if not clashes(pieces) else Draft(pieces, front.decided, reason)


def _structured(trees: Sequence[Node], read: Sequence[Definition], policy: Policy) -> Draft:
    base, ours, theirs = trees
    draft = _settled_by_policy(merge_trees(base, ours, theirs), policy)
    faults = _faults(draft.pieces, read, trees)
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


def _faults(pieces: Sequence[Piece], read: Sequence[Definition], trees: Sequence[Node]) -> list[str]:
    """What the settled part of a result has that it must not have."""
    settled, _ = accounting.settled_lines(pieces, Style())
    text = "".join(f"{line}\n" for line in settled)
    found = parse(text, filename=read[1].filename, dialect=read[1].dialect)
    if clashes(pieces):
        return []
    valid = all(one.frontmatter is None or one.frontmatter.valid for one in read)
    if valid and found.frontmatter is not None and not found.frontmatter.valid:
        return ["the merged frontmatter is not valid YAML"]
    if found.frontmatter is None and all(one.frontmatter is not None for one in read):
        return ["the merged file lost its frontmatter"]
    return checking.faults(_tree(found), trees)


# The result with its records


def _finished(draft: Draft, read: Sequence[Definition], ours: Definition, style: Style) -> tuple[Merged, list[Source]]:
    """The result with its records, and the units that are nowhere in it."""
    text = restored(written(draft.pieces, style), ours.text)
    settled, numbers = accounting.settled_lines(draft.pieces, style)
    result = parse("".join(f"{line}\n" for line in settled), filename=ours.filename, dialect=ours.dialect)
    places = {line.strip(): number for line, number in reversed(list(zip(settled, numbers, strict=True)))}
    base, left, right = (_tree(definition) for definition in read)
    union = unite((base, left, right), pair(base, left), pair(base, right))
    rules = {path: rule for path, (_, rule) in draft.decided.items()}
    decisions, ledger, holes = accounting.account(
        union, accounting.Result(_tree(result), numbers, places), draft.pieces, rules
    )
    conflicts = [*map(_conflict, clashes(draft.pieces)), *(_conflict(c, rule) for c, rule in draft.decided.values())]
    notices = _notices(draft)
    if not clashes(draft.pieces):
        notices.extend(_widened(result, read[1], read[2]))
    return Merged(text, decisions, tuple(conflicts), ledger, tuple(notices)), holes


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
