"""What a template sees of a document: records without behaviour, that no template can change or write as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar


class _Record:
    is_record: ClassVar[bool] = True

    def __str__(self) -> str:
        name = type(self).__name__.lower()
        raise TypeError(f"a {name} is no text: write one of its attributes, such as {name}.text")

    __repr__ = __str__


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Field(_Record):
    """A frontmatter field."""

    key: str
    text: str
    """Its line or lines as they have to stand in the frontmatter."""
    value: Any
    """A text, a number, true or false, nothing, or lists and mappings of such."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unit(_Record):
    """A list item, a paragraph, a code block ..."""

    kind: str
    text: str
    """Its words, without mark, box and fence."""
    lead: str
    """The bold start of an item, its short name."""
    mark: str
    """`-`, `3.`; "" of what is no item."""
    checked: bool | None
    """Of a task: whether it is done."""
    language: str
    """Of a code block."""
    label: str
    """The line that introduces the list that it is in, such as `Before a merge:`."""
    units: tuple[Unit, ...]
    """What is nested in it."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Block(_Record):
    """Lines that stand together, blank lines around them."""

    kind: str
    text: str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Section(_Record):
    """A heading, or a container, with what stands below it."""

    title: str
    level: int
    kind: str
    """Of the outline."""
    heading: str
    """Its line."""
    closing: str
    """The line that closes a container, else ""."""
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units of its blocks."""
        return tuple(unit for block in self.blocks for unit in block.units)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Values:
    """All variables of a template."""

    fields: tuple[Field, ...]
    title: str
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    variants: tuple[str, ...]
    host: str
    """Name of the dialect that the document is written for."""

    def variables(self) -> dict[str, Any]:
        """Each by its name."""
        return {
            "fields": self.fields,
            "title": self.title,
            "blocks": self.blocks,
            "sections": self.sections,
            "variants": self.variants,
            "host": self.host,
        }

    @property
    def size(self) -> tuple[int, int]:
        """How many units and how many characters it holds."""
        blocks = [*self.blocks, *(block for section in self.sections for block in _blocks(section))]
        return sum(1 + len(block.units) for block in blocks), sum(len(block.text) for block in blocks)


def _blocks(section: Section) -> Iterator[Block]:
    yield from section.blocks
    for inner in section.sections:
        yield from _blocks(inner)
