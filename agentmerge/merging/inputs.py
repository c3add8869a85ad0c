"""The three versions of a merge, with what is read off them, each thing when it is first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from agentmerge.knowledge import Knowledge
from agentmerge.merging.crossing import crossings
from agentmerge.merging.limits import UnresolvableError
from agentmerge.merging.listforms import Forms
from agentmerge.merging.nodes import Node, build
from agentmerge.merging.pairing import Pairing, pair, pair_surely
from agentmerge.merging.pieces import Piece, merge_lines
from agentmerge.merging.union import place, unite
from agentmerge.merging.wholes import plain
from agentmerge.model import Definition
from agentmerge.parsing import parse


class Inputs:
    """Base, ours and theirs."""

    def __init__(self, definitions: Sequence[Definition], knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        wholes = [plain(definition.text) for definition in definitions]
        self.ours = definitions[1].text
        self.lines = [whole.lines for whole in wholes]
        self.read = [read_again(whole.text, one, knowledge) for whole, one in zip(wholes, definitions, strict=True)]
        self._pairings: tuple[Pairing, Pairing] | None = None
        self._results: dict[tuple[str, ...], Definition] = {}

    @cached_property
    def by_lines(self) -> list[Piece]:
        return merge_lines(*self.lines)

    @cached_property
    def trees(self) -> list[Node]:
        return [tree_of(definition, self.knowledge) for definition in self.read]

    @property
    def pairings(self) -> tuple[Pairing, Pairing]:
        """Partners of the base's nodes on each side. Raises UnresolvableError where there are too many to compare."""
        if self._pairings is None:
            base, ours, theirs = self.trees
            self._pairings = pair(base, ours), pair(base, theirs)
        return self._pairings

    @property
    def sure_pairings(self) -> tuple[Pairing, Pairing]:
        """The same, without what is only alike where that takes too many comparisons."""
        base, ours, theirs = self.trees
        return self._pairings or (pair_surely(base, ours), pair_surely(base, theirs))

    @cached_property
    def crossings(self) -> list[str]:
        """What the sides did at two places and what can't both hold, or not in two forms."""
        base, ours, theirs = self.trees
        union = unite((base, ours, theirs), *self.sure_pairings)
        found = crossings(union, self.knowledge)
        told = [f"{record.node.label} '{record.node.name}': {why}" for record, why in found.items()]
        try:
            place(union)
        except UnresolvableError:
            # What has no place by structure may have one by lines.
            return told
        return [*told, *Forms(union).misfits(union)]

    @cached_property
    def cuts(self) -> list[tuple[list[str], int]] | None:
        """The lines of each version with the number of those in the frontmatter; None unless all three have one."""
        ends = [one.frontmatter.end - 1 for one in self.read if one.frontmatter is not None]
        return list(zip(self.lines, ends, strict=True)) if len(ends) == len(self.read) else None

    @cached_property
    def bodies(self) -> list[list[str]]:
        """The lines of each version below its frontmatter."""
        ends = [one.frontmatter.end - 1 if one.frontmatter is not None else 0 for one in self.read]
        return [own[end:] for own, end in zip(self.lines, ends, strict=True)]

    def result(self, lines: Sequence[str]) -> Definition:
        """A result, read as ours is."""
        key = tuple(lines)
        if key not in self._results:
            ours = self.read[1]
            text = "".join(f"{line}\n" for line in lines)
            self._results[key] = parse(text, self.knowledge, filename=ours.filename, dialect=ours.dialect)
        return self._results[key]


def read_again(text: str, definition: Definition, knowledge: Knowledge) -> Definition:
    """The definition of a text that is the definition's own but for line endings and byte order mark."""
    if text == definition.text:
        return definition
    return parse(text, knowledge, filename=definition.filename, dialect=definition.dialect)


def tree_of(definition: Definition, knowledge: Knowledge) -> Node:
    """The tree of a definition with LF line endings, fields in the shapes that the table gives them."""
    return build(definition, {key: info.shape for key, info in knowledge.fields.items()})
