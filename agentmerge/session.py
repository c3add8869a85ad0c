"""The public functions, definitions in and records out, and `Session`: the same under one configuration."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from agentmerge.errors import UndecidedError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition, Field, Section, Unit

if TYPE_CHECKING:
    # A program that only reads definitions loads nothing else.
    # Most sessions have no configuration, and it speaks of every stage.
    from agentmerge.config import Config
    from agentmerge.diffing.records import Diff
    from agentmerge.drifting.records import Drift
    from agentmerge.matching.records import Alignment
    from agentmerge.merging import pieces
    from agentmerge.planning.records import Ask, Merged
    from agentmerge.planning.strategies import Policy
    from agentmerge.text.similarity import Embed


# Public ---------------------------------------------------------------------------------------------------------------
#
# The public functions: definitions in, records out. Without a `knowledge` they know what the shipped tables say.


def parse(
    text: str, *, filename: str | None = None, dialect: str | None = None, knowledge: Knowledge | None = None
) -> Definition:
    """Read one definition. `emit(parse(text)) == text` for every text.

    `filename` helps to tell the dialect and names the file in errors; `dialect` overrides the detection.
    Raises InputError when `dialect` is not one that the dialect table holds; InternalError where a line of the file
    would belong to no field, section or unit, or to two.
    """
    from agentmerge.reading import parsing

    return parsing.parse(text, knowledge or Knowledge.shipped(), filename=filename, dialect=dialect)


def align(
    definitions: Iterable[Definition], *, knowledge: Knowledge | None = None, embed: Embed | None = None
) -> Alignment:
    """Align any number of variants. The order of the variants changes nothing but the file numbers.

    `embed` says how near two statements are, as further evidence.
    """
    from agentmerge.matching import aligning

    return aligning.align(tuple(definitions), knowledge or Knowledge.shipped(), embed)


def diff(a: Definition, b: Definition, *, knowledge: Knowledge | None = None) -> Diff:
    """The changes from `a` to `b`; empty exactly when the two texts are equal.

    Raises ConflictedError where one of them holds conflict markers.
    """
    from agentmerge.diffing import comparing

    return comparing.diff(a, b, knowledge or Knowledge.shipped())


def combine(
    definitions: Iterable[Definition],
    policy: Policy | None = None,
    *,
    annotate: bool = False,
    template: str | None = None,
    template_name: str = "",
    template_parts: Mapping[str, str] | None = None,
    imported: Collection[tuple[int, int]] = (),
    knowledge: Knowledge | None = None,
    embed: Embed | None = None,
    ask: Ask | None = None,
) -> Merged:
    """Combine variants of one role into one file.

    `template` is the source of a template of the caller's own, called `template_name` in errors, and `template_parts`
    are what it may include, by name; without it `template_name` is a shipped one. Its result is read back: what it
    loses or changes is refused, what it adds is told. `annotate` writes each unit's sources beside it as comments.
    `imported` are the import lines, by file and line, of what the result holds anyway or is: they are left out.
    `embed` says how near two statements are, as further evidence. `ask` is given what is undecided or doubtful, and
    answers as much of it as it likes.
    Raises InputError without definitions, ConflictedError for conflict markers in one, PolicyError, TemplateError;
    UndecidedError where conflicts are left and the policy says to fail; InternalError where the result, read again,
    does not hold what was decided.
    """
    from agentmerge.combining import engine
    from agentmerge.writing.emitting import CANONICAL

    given = tuple(definitions)
    merged = engine.combine(
        given,
        knowledge or Knowledge.shipped(),
        policy,
        annotate=annotate,
        template=template,
        template_name=template_name or CANONICAL,
        template_parts=template_parts,
        imported=imported,
        embed=embed,
        ask=ask,
    )
    if policy is not None and policy.on_conflict == "fail" and merged.open_conflicts:
        raise _undecided(merged, given)
    return merged


def _undecided(merged: Merged, definitions: Sequence[Definition]) -> UndecidedError:
    first = merged.open_conflicts[0]
    side = first.members[0]
    message = f"conflicts are left: {len(merged.open_conflicts)}, the first about {first.slot} in '{first.path}'"
    return UndecidedError(message, merged, file=definitions[side.file].filename, line=side.line)


def merge(
    base: Definition,
    ours: Definition,
    theirs: Definition,
    policy: pieces.Policy | None = None,
    style: pieces.Style | None = None,
    *,
    knowledge: Knowledge | None = None,
) -> Merged:
    """Merge what `ours` and `theirs` made of `base`.

    The text has the line endings, byte order mark and final newline of ours; where no rule and no policy decides,
    both sides stand in it between conflict markers, written as `style` says. Raises ConflictedError where a version
    holds conflict markers already.
    """
    from agentmerge.merging import engine

    return engine.merge(base, ours, theirs, knowledge or Knowledge.shipped(), policy, style)


def set_field(definition: Definition, key: str, value: object, *, knowledge: Knowledge | None = None) -> Definition:
    """The definition with a value for a frontmatter field, every other byte as it was; a new field comes last.

    Raises EditError where the result would not read back so.
    """
    from agentmerge.writing import editing

    return editing.set_field(definition, key, value, knowledge or Knowledge.shipped())


def replace(definition: Definition, unit: Unit, text: str, *, knowledge: Knowledge | None = None) -> Definition:
    """The definition with other Markdown in the place of one unit's own lines; what is nested in it stays.

    Raises EditError where the result would not hold all other units as they were.
    """
    from agentmerge.writing import editing

    return editing.replace(definition, unit, text, knowledge or Knowledge.shipped())


def insert(
    definition: Definition, after: Unit | Section, text: str, *, knowledge: Knowledge | None = None
) -> Definition:
    """The definition with Markdown behind a unit, or behind the heading of a section.

    Raises EditError where the result would not hold all other units as they were.
    """
    from agentmerge.writing import editing

    return editing.insert(definition, after, text, knowledge or Knowledge.shipped())


def remove(definition: Definition, node: Unit | Section | Field, *, knowledge: Knowledge | None = None) -> Definition:
    """The definition without a unit, a section with all that stands in it, or a field.

    Raises EditError where the result would not hold all others as they were.
    """
    from agentmerge.writing import editing

    return editing.remove(definition, node, knowledge or Knowledge.shipped())


def drift(
    definitions: Iterable[Definition],
    *,
    against: int | None = None,
    quorum: int | None = None,
    summary: bool = True,
    directed: bool | None = None,
    watch: Callable[[int, int], object] | None = None,
    knowledge: Knowledge | None = None,
) -> Drift:
    """Review variants pair by pair, and all of them together.

    Of two the second one counts as the one after; of more none does, and their order plays no part: a pair is told as
    what each has that the other lacks, as serious as the worse way round. `directed` says otherwise.
    `against` names the one definition that all others are compared with; then only these pairs are made. `quorum` is
    how many variants make a consensus, more than half where it is not given. Without `summary` only pairs are made.
    What a pair's findings are does not depend on the other definitions. `watch` is told before each pair how many are
    done, and of how many. Raises ConflictedError where a definition holds conflict markers.
    """
    from agentmerge.drifting import reviewing

    known = knowledge or Knowledge.shipped()
    return reviewing.drift(
        tuple(definitions), known, against=against, quorum=quorum, summary=summary, directed=directed, watch=watch
    )


# Session --------------------------------------------------------------------------------------------------------------
#
# One configuration and one knowledge for many calls, and what was read under both.


Read = tuple[str, str | None, str | None]
"""A text with its file name and its dialect."""


class Limits(NamedTuple):
    """What a session may hold."""

    definitions: int = 128
    """Definitions that are remembered, with all that was made of them; of more the one asked for longest ago goes."""


class Session:
    """The library under one configuration: the same functions, which read its tables, policies and severities.

    Without a configuration the defaults hold; without a `knowledge` it is the configuration's. A text that is read
    again is the definition that it was before, with all that was made of it. `forget()`, or dropping the session, ends
    that.
    """

    def __init__(
        self, config: Config | None = None, knowledge: Knowledge | None = None, limits: Limits | None = None
    ) -> None:
        self.config = config
        self.knowledge = knowledge or (Knowledge.shipped() if config is None else config.knowledge)
        self.limits = limits or Limits()
        self._read: OrderedDict[Read, Definition] = OrderedDict()

    def parse(self, text: str, *, filename: str | None = None, dialect: str | None = None) -> Definition:
        """As `agentmerge.parse`."""
        key = (text, filename, dialect)
        found = self._read.pop(key, None)
        if found is None:
            found = parse(text, filename=filename, dialect=dialect, knowledge=self.knowledge)
        self._read[key] = found
        while len(self._read) > self.limits.definitions:
            self._read.popitem(last=False)
        return found

    def align(self, definitions: Iterable[Definition]) -> Alignment:
        """As `agentmerge.align`."""
        return align(definitions, knowledge=self.knowledge)

    def diff(self, a: Definition, b: Definition) -> Diff:
        """As `agentmerge.diff`."""
        return diff(a, b, knowledge=self.knowledge)

    def combine(
        self, definitions: Iterable[Definition], policy: Policy | None = None, *, ask: Ask | None = None
    ) -> Merged:
        """As `agentmerge.combine`; the policy is the configuration's where none is given."""
        given = tuple(definitions)
        if policy is None and self.config is not None:
            policy = self.config.combining([one.filename for one in given])
        return combine(given, policy, knowledge=self.knowledge, ask=ask)

    def merge(
        self,
        base: Definition,
        ours: Definition,
        theirs: Definition,
        policy: pieces.Policy | None = None,
        style: pieces.Style | None = None,
    ) -> Merged:
        """As `agentmerge.merge`; the policy is the configuration's where none is given."""
        if policy is None and self.config is not None:
            policy = self.config.merging
        return merge(base, ours, theirs, policy, style, knowledge=self.knowledge)

    def drift(self, definitions: Iterable[Definition], *, against: int | None = None) -> Drift:
        """As `agentmerge.drift`, with the configuration's severities and quorum."""
        quorum = None if self.config is None else self.config.review.quorum
        return drift(definitions, against=against, quorum=quorum, knowledge=self.knowledge)

    def forget(self) -> None:
        """Drop every definition that was read, with all that was made of it, and what the knowledge keeps of texts."""
        self._read.clear()
        self.knowledge.forget()
