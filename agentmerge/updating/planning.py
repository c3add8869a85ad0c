"""Base, ours and theirs of an output in, out what would be written and what a person is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from agentmerge.combining.engine import combine
from agentmerge.diffing.records import ChangeSeverity
from agentmerge.drifting.records import SEVERITIES
from agentmerge.drifting.reviewing import drift
from agentmerge.errors import AgentMergeError, InputError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.merging.engine import FileMerge, has_structure, merge_file, merge_folders, taking
from agentmerge.merging.pieces import Policy as MergePolicy
from agentmerge.merging.pieces import Rule, Style
from agentmerge.merging.resolving import combine_sides
from agentmerge.model import Definition, Field
from agentmerge.planning.records import Answers, Conflict, Merged, Notice
from agentmerge.planning.strategies import Policy
from agentmerge.reading.parsing import by_path, parse
from agentmerge.rights import comparing
from agentmerge.text.paths import ITSELF, Files, below, digest, digest_of_all, digests, is_text, normal, same
from agentmerge.updating.recipes import (
    GONE,
    Asked,
    Drop,
    Locked,
    LockedSource,
    Made,
    Options,
    OutputPlan,
    Read,
    Recipe,
    Side,
    State,
    Status,
    Write,
)
from agentmerge.writing.emitting import CANONICAL

# Making ---------------------------------------------------------------------------------------------------------------
#
# What the sources of an output come to now: somebody's files as they are, or one definition of several.


Template = tuple[str | None, str]
"""Source and name of a template: None for the source of a shipped one."""


def policy_of(options: Options, defaults: Policy, paths: Sequence[str]) -> Policy:
    """The policy of a recipe over the configuration's defaults."""
    prefer = tuple(dict.fromkeys(place for one in options.prefer for place in _places(one, paths)))
    return Policy(
        options.strategy or defaults.strategy,
        options.wording or defaults.wording,
        options.quorum if options.quorum is not None else defaults.quorum,
        prefer or defaults.prefer,
        options.on_conflict or defaults.on_conflict,
        options.name,
        (*defaults.rules, *options.rules),
    )


def _places(named: str, paths: Sequence[str]) -> list[int]:
    """Where a source that is named by its path, or by its file name alone, stands among the sources."""
    exact = [place for place, path in enumerate(paths) if path == named]
    wanted = PurePosixPath(named).name
    return exact or [place for place, path in enumerate(paths) if PurePosixPath(path).name == wanted]


def locked_sources(read: Sequence[Read]) -> tuple[LockedSource, ...]:
    """The sources as the lock writes them down."""
    return tuple(
        LockedSource(one.source.label, one.revision, digest_of_all(one.files) if one.files else GONE, one.path)
        for one in read
    )


def moved(locked: Locked | None, sources: Sequence[LockedSource], recipe: str) -> bool:
    """Whether the recipe or what a source says is another than the lock knows; a commit by itself is no move."""
    if locked is None or locked.recipe != recipe:
        return True
    return [one.hash for one in locked.sources] != [one.hash for one in sources]


def gone(recipe: Recipe, locked: Locked | None, read: Sequence[Read]) -> tuple[str, ...]:
    """Labels of sources that were there at the last update and are no more.

    Raises InputError for one that never was: nobody deleted it, its place is misspelt.
    """
    known = {one.label: one.hash for one in locked.sources} if locked is not None else {}
    found = []
    for one in read:
        if one.files:
            continue
        if one.source.label not in known:
            message = f"the source '{one.source.label}' of '{recipe.output}' can't be found"
            raise InputError(message, remedy="check its path, repository and revision in the recipe")
        if known[one.source.label] != GONE:
            found.append(one.source.label)
    return tuple(found)


def make(
    recipe: Recipe,
    read: Sequence[Read],
    recipe_hash: str,
    locked: Locked | None,
    base: Files | None,
    combined: Callable[[Sequence[Read]], Merged],
) -> Made:
    """What the sources come to. Where nothing moved that is the base, whatever this version of the tool would make.

    `base` is None where it is not known as a whole.
    """
    sources = locked_sources(read)
    missing = gone(recipe, locked, read)
    notices = tuple(notice for one in read for notice in one.notices)
    executable = read[0].executable if recipe.is_vendored else frozenset()
    if recipe.is_vendored:
        return Made(read[0].files, sources, recipe_hash, executable, missing, notices)
    if base is not None and not moved(locked, sources, recipe_hash):
        return Made(base, sources, recipe_hash, executable, missing, notices)
    there = [one for one in read if one.files]
    refuse_folders(recipe, there)
    if not there:
        return Made({}, sources, recipe_hash, executable, missing, notices)
    merged = combined(there)
    told = tuple(notice for notice in merged.findings if notice.severity != "info")
    files: Mapping[str, bytes] = {ITSELF: merged.text.encode()}
    conflicts = merged.open_conflicts
    return Made(files, sources, recipe_hash, executable, missing, (*notices, *told, *_told(conflicts)), conflicts)


def refuse_folders(recipe: Recipe, read: Sequence[Read]) -> None:
    """InputError for a source of several that is no text: only definitions are combined."""
    for one in read:
        if set(one.files) != {ITSELF} or not is_text(one.files[ITSELF]):
            what = "a folder" if set(one.files) != {ITSELF} else "no text"
            message = f"the source '{one.source.label}' of '{recipe.output}' is {what}, which can't be combined"
            raise InputError(message, remedy="name a definition, or make it the only source")


def _told(conflicts: Sequence[Conflict]) -> tuple[Notice, ...]:
    if not conflicts:
        return ()
    paths = ", ".join(dict.fromkeys(one.path or one.slot for one in conflicts))
    return (Notice("sources-contradict", "warning", f"the sources contradict each other: {paths}"),)


def combine_sources(
    read: Sequence[Read],
    options: Options,
    defaults: Policy,
    knowledge: Knowledge,
    template: Template = (None, CANONICAL),
    answers: Answers | None = None,
) -> Merged:
    """The definitions of the sources as one; `answers` decide what is in doubt."""
    paths = [one.source.path for one in read]
    definitions = [
        parse(one.files[ITSELF].decode(), knowledge, filename=path, dialect=_dialect(path, knowledge))
        for one, path in zip(read, paths, strict=True)
    ]
    source, name = template
    ask = None if answers is None else lambda _plan: answers
    policy = policy_of(options, defaults, paths)
    return combine(definitions, knowledge, policy, template=source, template_name=name, ask=ask)


def _dialect(path: str, knowledge: Knowledge) -> str | None:
    return None if path.lower().endswith(".toml") else by_path(path, knowledge)


# Rights ---------------------------------------------------------------------------------------------------------------
#
# Rights that an update would make wider: a question, until somebody decides.


def widened(ours: str, result: str, path: str, knowledge: Knowledge) -> tuple[comparing.Move, ...]:
    """By which fields a result grants what ours did not grant."""
    before, after = (parse(text, knowledge, filename=path) for text in (ours, result))
    moves = comparing.moves(before, after, knowledge)
    return tuple(move for move in moves if move.direction == "widened" and move.is_certain)


def with_fields_of(ours: str, theirs: str, keys: tuple[str, ...], path: str, knowledge: Knowledge) -> str | None:
    """Theirs with some fields as ours has them, absent ones included; None where that can't be written."""
    mine = parse(ours, knowledge, filename=path)
    text = theirs
    for key in keys:
        other = parse(text, knowledge, filename=path)
        written = _with_field(other, key, next((one for one in mine.fields if one.key == key), None))
        if written is None:
            return None
        text = written
    return text


def _with_field(other: Definition, key: str, field: Field | None) -> str | None:
    there = [one for one in other.fields if one.key == key]
    if len(there) > 1 or other.frontmatter is None or not other.fields:
        return None
    source = "" if field is None else field.source.replace("\r\n", "\n")
    if source and not source.endswith("\n"):
        source += "\n"
    if there:
        start, end = there[0].span
    else:
        start = end = max(one.span.end for one in other.fields)
    return other.text[:start] + source + other.text[end:]


# Planning -------------------------------------------------------------------------------------------------------------
#
# Base, ours and theirs of an output to what would be written, and what a person is asked.
#
# Theirs, what the sources come to now, is the next base; the merged text never is: edits would vanish at the next
# update.


STYLE = Style(labels=("base", "ours", "theirs"))
_TOLD: frozenset[str] = frozenset({ChangeSeverity.BREAKING, ChangeSeverity.WARNING})


@dataclass(frozen=True, slots=True)
class Accepted:
    """Which side a person took, by file or output, or by `FILE:PATH` for what stands under a path in it."""

    sides: Mapping[str, Side]

    def of(self, path: str, output: str) -> Side | None:
        """The side that holds for a whole file."""
        return self.sides.get(path) or self.sides.get(output)

    def rules(self, path: str) -> tuple[Rule, ...]:
        """What was decided for parts of a file."""
        start = f"{path}:"
        return tuple(Rule(key.removeprefix(start), side) for key, side in self.sides.items() if key.startswith(start))


def status_of(state: State) -> Status:
    """How an output stands to its base and its sources, by content alone."""
    ours, theirs = digests(state.ours), digests(state.made.files)
    if state.locked is None:
        if not ours and theirs:
            return Status.NEW
        return Status.CONVERGED if ours == theirs else Status.FOREIGN if _clashing(state) else Status.NEW
    base = dict(state.locked.base)
    if theirs == base and not moved(state.locked, state.made.sources, state.made.recipe):
        return Status.CLEAN if ours == base else Status.LOCAL
    if ours == theirs and theirs != base:
        return Status.CONVERGED
    return Status.PENDING if ours == base else Status.BOTH


def _clashing(state: State) -> list[str]:
    """Files that the tool did not write, where it would write others."""
    theirs = state.made.files
    return [path for path in sorted(state.ours) if path in theirs and not same(state.ours[path], theirs[path])]


def plan(state: State, knowledge: Knowledge, policy: MergePolicy, accepted: Accepted) -> OutputPlan:
    """What an update does with one output, all of it or nothing."""
    return _Planner(state, knowledge, policy, accepted).planned()


class _Planner:
    """One output on its way to a plan."""

    def __init__(self, state: State, knowledge: Knowledge, policy: MergePolicy, accepted: Accepted) -> None:
        self.state = state
        self.knowledge = knowledge
        self.policy = policy
        self.accepted = accepted
        self.output = state.recipe.output
        self.ours, self.theirs, self.base = (
            _full(self.output, files) for files in (state.ours, state.made.files, state.base)
        )
        self.asked: list[Asked] = []
        self.notices: list[Notice] = list(state.made.notices)
        self.dropped: list[Drop] = []

    def planned(self) -> OutputPlan:
        status = status_of(self.state)
        if status in (Status.CLEAN, Status.LOCAL):
            return OutputPlan(self.output, status, notices=tuple(self.notices))
        results = self._results()
        writes = tuple(self._writes(results))
        self._tell_drops(writes)
        if self.asked:
            return OutputPlan(
                self.output, status, (), tuple(self.asked), tuple(self.dropped), notices=tuple(self.notices)
            )
        made = self.state.made
        row = Locked(made.recipe, digests(made.files), made.sources)
        kept = sum(not same(one.data, self.theirs.get(one.path)) for one in results)
        bases = tuple(made.files[path] for path in sorted(made.files))
        return OutputPlan(self.output, status, writes, (), tuple(self.dropped), tuple(self.notices), row, bases, kept)

    # Results, file by file

    def _results(self) -> list[FileMerge]:
        if self.state.made.gone and not self._is_told_gone():
            return []
        if self.state.made.gone and self.accepted.of(self.output, self.output) == "ours":
            return [FileMerge(path, (None, path, None), "ours", data) for path, data in self.ours.items()]
        if self.state.recipe.combine.on_conflict == "fail" and self.state.made.conflicts:
            self.asked += [Asked(self.output, conflict) for conflict in self.state.made.conflicts]
            return []
        found = self._first() if self.state.locked is None else self._merged()
        return [self._guarded(self._settled(one)) for one in found]

    def _is_told_gone(self) -> bool:
        side = self.accepted.of(self.output, self.output)
        if side is None:
            for label in self.state.made.gone:
                conflict = Conflict("", f"the source {label} is gone: `theirs` follows it, `ours` keeps the output", ())
                self.asked.append(Asked(self.output, conflict))
        return side is not None

    def _first(self) -> Iterator[FileMerge]:
        """The first time: nothing that the tool did not write is written over."""
        for path in sorted({*self.ours, *self.theirs}):
            ours, theirs = self.ours.get(path), self.theirs.get(path)
            if ours is None or theirs is None or same(ours, theirs):
                there = ours if ours is not None else theirs
                yield FileMerge(path, (None, path if ours is not None else None, path), "same", there)
                continue
            slot = "the tool did not write this file: adopt it, or take a side"
            yield FileMerge(path, (None, path, path), "conflict", ours, conflicts=(Conflict("", slot, ()),))

    def _merged(self) -> Iterator[FileMerge]:
        lost = _full_paths(self.output, self.state.lost)
        known = [
            {path: data for path, data in side.items() if path not in lost}
            for side in (self.base, self.ours, self.theirs)
        ]
        for one in merge_folders(known[0], known[1], known[2], self.knowledge, self.policy, STYLE):
            rules = self.accepted.rules(one.path)
            yield self._by_rules(one, rules) if rules and one.merged is not None else one
        for path in lost:
            yield self._two_ways(path)

    def _by_rules(self, one: FileMerge, rules: Sequence[Rule]) -> FileMerge:
        """A file merged once more with what was decided for parts of it."""
        policy = MergePolicy((*self.policy.rules, *rules))
        base, ours, theirs = self._versions(one)
        again = merge_file(base or b"", ours or b"", theirs or b"", one.path, self.knowledge, policy, STYLE)
        return replace(again, names=one.names)

    def _versions(self, one: FileMerge) -> tuple[bytes | None, bytes | None, bytes | None]:
        base, ours, theirs = (
            side.get(name) if name is not None else None
            for side, name in zip((self.base, self.ours, self.theirs), one.names, strict=True)
        )
        return base, ours, theirs

    def _two_ways(self, path: str) -> FileMerge:
        """A file whose base is lost: what both have is taken for it, and that is said."""
        ours, theirs = self.ours.get(path), self.theirs.get(path)
        names = (path, path if ours is not None else None, path if theirs is not None else None)
        known = self.state.locked.base if self.state.locked is not None else {}
        name = known.get(path.removeprefix(self.output).removeprefix("/"))
        if same(ours, theirs) or (theirs is not None and digest(theirs) == name):
            return FileMerge(path, names, "ours", ours)
        if ours is not None and digest(ours) == name:
            return FileMerge(path, names, "theirs" if theirs is not None else "deleted", theirs)
        if ours is None or theirs is None or not (has_structure(path) and is_text(ours) and is_text(theirs)):
            conflict = Conflict("", "changed here and upstream, and its base is lost", ())
            return FileMerge(path, names, "conflict", ours if ours is not None else theirs, conflicts=(conflict,))
        sides = (normal(one).decode() for one in (ours, theirs))
        mine, other = (text if not text or text.endswith("\n") else f"{text}\n" for text in sides)
        merged = combine_sides(f"<<<<<<< ours\n{mine}=======\n{other}>>>>>>> theirs\n", self.knowledge, filename=path)
        message = f"{path}: its base is lost; merged two ways: what only one side deleted stands again"
        self.notices.append(Notice("base-lost", "warning", message))
        left = merged.open_conflicts
        return FileMerge(path, names, "conflict" if left else "merged", merged.text.encode(), merged, left)

    def _settled(self, one: FileMerge) -> FileMerge:
        """A file with what was accepted for it; its open questions are asked."""
        if one.fate != "conflict":
            return one
        side = self.accepted.of(one.path, self.output)
        settled = None if side is None else self._taken(one, side)
        if settled is not None:
            return settled
        base, ours, theirs = (_text(data) for data in self._versions(one))
        self.asked += [Asked(one.path, conflict, (base, ours, theirs)) for conflict in one.conflicts]
        return one

    def _taken(self, one: FileMerge, side: Side) -> FileMerge | None:
        _, ours, theirs = self._versions(one)
        if one.merged is not None and one.merged.conflicts and one.data is not None and is_text(one.data):
            text = taking(one.data.decode(), side, self.knowledge)
            if text.encode() != one.data:
                return replace(one, fate="merged", data=text.encode(), conflicts=())
        if one.path not in (*one.names, None):
            return None
        name = one.names[2] if side == "theirs" and one.names[2] else one.path
        return replace(one, path=name, fate=side, data=ours if side == "ours" else theirs, conflicts=())

    # Rights

    def _guarded(self, one: FileMerge) -> FileMerge:
        """A definition whose rights are no wider than before, unless that was accepted; else it is asked."""
        ours, theirs = self._versions(one)[1:]
        if self._is_out_of_question(one, ours):
            return one
        text = taking((one.data or b"").decode(), "theirs", self.knowledge)
        side = self.accepted.of(one.path, self.output)
        for move in widened((ours or b"").decode(), text, one.path, self.knowledge):
            at = f"frontmatter/{move.key}"
            chosen = self.accepted.sides.get(f"{one.path}:{at}") or side
            if chosen == "theirs":
                self.notices.append(Notice("rights-widened", "warning", f"{one.path}: {move.told} (accepted)", at))
                continue
            narrow = self._as_narrow(one, move.keys) if chosen == "ours" and theirs is not None else None
            if narrow is not None:
                return narrow
            conflict = Conflict(at, f"rights would get wider: {move.told}", ())
            self.asked.append(Asked(one.path, conflict, (_text(self.base.get(one.path)), _text(ours), _text(theirs))))
        return one

    def _is_out_of_question(self, one: FileMerge, ours: bytes | None) -> bool:
        if ours is None or one.data is None or one.data == ours or not has_structure(one.path):
            return True
        return not (is_text(ours) and is_text(one.data))

    def _as_narrow(self, one: FileMerge, keys: tuple[str, ...]) -> FileMerge | None:
        """The file merged once more with the fields of rights as ours has them; None where that does not help."""
        base, ours, theirs = self._versions(one)
        if ours is None or theirs is None or one.fate == "conflict":
            return None
        text = with_fields_of(ours.decode(), theirs.decode(), keys, one.path, self.knowledge)
        if text is None:
            return None
        again = merge_file(base or b"", ours, text.encode(), one.path, self.knowledge, self.policy, STYLE)
        if again.data is None or again.fate == "conflict":
            return None
        if widened(ours.decode(), again.data.decode(), one.path, self.knowledge):
            return None
        return replace(again, names=one.names)

    # What is written

    def _writes(self, results: Sequence[FileMerge]) -> Iterator[Write]:
        executable = _full_paths(self.output, self.state.made.executable)
        wanted = {one.path: one for one in results if one.data is not None}
        for path, one in sorted(wanted.items()):
            if self.ours.get(path) != one.data:
                new_name = one.names[2] or path
                yield Write(path, self.ours.get(path), one.data, new_name in executable)
        seen = {one.names[1] for one in results}
        for path in sorted(self.ours):
            if path in seen and path not in wanted:
                yield Write(path, self.ours[path], None)

    def _tell_drops(self, writes: Sequence[Write]) -> None:
        """What the definitions lose by what is written, and by what is asked: read before anything else."""
        pairs = {write.path: (write.old, write.new) for write in writes}
        # Of what is asked nothing is written yet: what the sources took away is told, and not what was edited here.
        for one in self.asked:
            base, ours, theirs = one.texts
            if ours and theirs:
                pairs[one.path] = ((base or ours).encode(), theirs.encode())
        for path, (old, new) in sorted(pairs.items()):
            if old is not None and new is not None and has_structure(path) and is_text(old) and is_text(new):
                self.dropped += self._drops(path, old.decode(), new.decode())
        self.dropped.sort(key=_rank)

    def _drops(self, path: str, old: str, new: str) -> Iterator[Drop]:
        try:
            definitions = [parse(text, self.knowledge, filename=path) for text in (old, new)]
            found = drift(definitions, self.knowledge, summary=False).findings
        except AgentMergeError:
            # A file with conflict markers is asked about anyway.
            return
        yield from (Drop(path, finding) for finding in found if finding.severity in _TOLD and finding.a is not None)


def _rank(drop: Drop) -> tuple[int, bool]:
    """Rules that are gone come first, then the most serious."""
    is_rule = drop.finding.rule.startswith("guardrail")
    return SEVERITIES.index(drop.finding.severity), not is_rule


def _full(output: str, files: Files) -> dict[str, bytes]:
    """Files by their paths from the folder of the configuration."""
    return dict(zip(below(output, files), files.values(), strict=True))


def _full_paths(output: str, paths: frozenset[str]) -> list[str]:
    return sorted(below(output, paths))


def _text(data: bytes | None) -> str:
    return normal(data).decode() if data is not None and is_text(data) else ""
