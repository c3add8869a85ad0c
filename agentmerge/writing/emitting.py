"""A definition in, its own text out, byte for byte; a combined document through a template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from agentmerge.errors import TemplateError
from agentmerge.model import Definition

# Values ---------------------------------------------------------------------------------------------------------------
#
# What a template sees of a document: records without behaviour, that no template can change or write as they are.


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
class BlockValue(_Record):
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
    blocks: tuple[BlockValue, ...]
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
    blocks: tuple[BlockValue, ...]
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


def _blocks(section: Section) -> Iterator[BlockValue]:
    yield from section.blocks
    for inner in section.sections:
        yield from _blocks(inner)


# Emitting -------------------------------------------------------------------------------------------------------------
#
# Definitions back to text: byte for byte, or a combined document through a template.
#
# Content is only ever a value of a template, never template source, and the template runs in a sandbox.


CANONICAL = "canonical"
"""Name of the template that `combine` uses unless told otherwise."""
_SUFFIX = ".md.j2"
_NAMELESS = "<template>"
"""What a template is called that was given without a name of its own."""


@dataclass(frozen=True, slots=True)
class OutField:
    """A frontmatter field of the result."""

    key: str
    text: str
    """Its line or lines, without the last line ending."""


class Expected(NamedTuple):
    """A unit that has to be found in the result."""

    number: int
    """What the caller knows it by."""
    text: str
    form: str = ""
    """What it has to stay besides its words: `code`, `open` or `done`; "" for any other unit."""


@dataclass(frozen=True, slots=True)
class Block:
    """A list, a paragraph, a code block ...: lines that stand together, blank lines around them."""

    kind: str
    text: str
    expected: tuple[Expected, ...] = ()
    """Units in it, in order."""


@dataclass(frozen=True, slots=True)
class OutSection:
    """A section of the result."""

    title: str
    level: int
    kind: str
    """Its outline kind."""
    heading: str
    """The heading line, with its number signs."""
    blocks: tuple[Block, ...]
    sections: tuple[OutSection, ...]
    closing: str = ""
    """The line that closes it, of a container such as `<rules>`; then `heading` is the line that opens it."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a template renders: its attributes are the template's variables."""

    fields: tuple[OutField, ...]
    title: str
    blocks: tuple[Block, ...]
    """What stands before the first section."""
    sections: tuple[OutSection, ...]
    variants: tuple[str, ...] = field(default=())
    """Names of the inputs."""


def emit(definition: Definition) -> str:
    """The definition's own text, byte for byte."""
    return definition.text


def all_blocks(document: Document) -> Iterator[Block]:
    """Every block, in the order of the document."""
    yield from document.blocks
    for section in document.sections:
        yield from _blocks_of(section)


def _blocks_of(section: OutSection) -> Iterator[Block]:
    yield from section.blocks
    for child in section.sections:
        yield from _blocks_of(child)


def shipped_templates() -> Mapping[str, str]:
    """Text of the templates that come with the package, by name.

    In a wheel they lie inside the package; in a checkout and an editable install beside it.
    """
    entries = sorted(_template_files(), key=lambda entry: entry.name)
    return {
        entry.name.removesuffix(_SUFFIX): entry.read_text("utf-8") for entry in entries if entry.name.endswith(_SUFFIX)
    }


def template_source(file: str) -> str:
    """Text of a file that lies with the shipped templates, such as a page's style. TemplateError where it does not."""
    for entry in _template_files():
        if entry.name == file:
            return entry.read_text("utf-8")
    raise TemplateError(f"there is no '{file}' among the templates", remedy="install agentmerge again")


def _template_files() -> list[Traversable]:
    for folder in (files("agentmerge").joinpath("templates"), Path(__file__).parents[2] / "templates"):
        if folder.is_dir():
            return list(folder.iterdir())
    return []


def render(
    values: Values, source: str | None = None, name: str = CANONICAL, beside: Mapping[str, str] | None = None
) -> str:
    """The document as text, one newline at its end. `source` is template source; None takes the shipped `name`.

    `beside` are the templates that it may include, by the name that it calls them; every shipped one may be extended,
    too. Raises TemplateError with the template's name and line for whatever goes wrong in it, and where it does or
    makes more than a template may.
    """
    from agentmerge.writing.sandbox import Meter, run

    shipped = shipped_templates()
    if source is None and name not in shipped:
        raise TemplateError(f"there is no template '{name}'", remedy=f"known are {', '.join(shipped)}, or name a file")
    if source is not None and name in shipped:
        name = _NAMELESS
    sources = {**shipped, **(beside or {}), name: shipped[name] if source is None else source}
    # What a shipped template does is bounded by the document alone.
    meter = Meter.unbounded() if source is None else Meter.of(*values.size)
    return run(sources, name, values.variables(), meter).strip("\n") + "\n"
