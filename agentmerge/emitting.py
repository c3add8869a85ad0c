"""Definitions back to text: byte for byte, or a combined document through a template.

Content is only ever a value of a template, never template source, and the template runs in a sandbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

from agentmerge.errors import TemplateError
from agentmerge.model import Definition

CANONICAL = "canonical"
"""Name of the template that `combine` uses unless told otherwise."""
_SUFFIX = ".md.j2"
MAX_TURNS = 100_000
"""Turns that all loops of a template may take together."""
MAX_OUTPUT = 64 * 1024 * 1024
"""Characters that a template may write."""
_TICK = "__turn__"
"""Name under which a template counts its turns; no template can call a name like it."""


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
    for folder in (files("agentmerge").joinpath("templates"), Path(__file__).parents[1] / "templates"):
        if folder.is_dir():
            return list(folder.iterdir())
    return []


def render(document: Document, template: str | None = None, name: str = CANONICAL) -> str:
    """The document as text, one newline at its end. `template` is template source; None takes the shipped `name`.

    Raises TemplateError with the template's name and line for whatever goes wrong in it.
    """
    if template is None:
        shipped = shipped_templates()
        if name not in shipped:
            raise TemplateError(
                f"there is no template '{name}'", remedy=f"known are {', '.join(shipped)}, or name a file"
            )
        template = shipped[name]
    values = {
        "fields": document.fields,
        "title": document.title,
        "blocks": document.blocks,
        "sections": document.sections,
        "variants": document.variants,
    }
    return _run(template, name, values).strip("\n") + "\n"


def _run(template: str, name: str, values: Mapping[str, Any]) -> str:
    from jinja2 import TemplateError as JinjaError
    from jinja2 import TemplateSyntaxError
    from jinja2.exceptions import SecurityError

    try:
        stream = _environment().from_string(template).generate({**values, _TICK: _Clock().tick})
        return "".join(_within(stream, MAX_OUTPUT))
    except TemplateSyntaxError as error:
        raise TemplateError(error.message or "syntax error", file=name, line=error.lineno) from None
    except SecurityError as error:
        raise TemplateError(f"not allowed: {error}", file=name, line=_line_of(error)) from None
    except (*_FAULTS, JinjaError) as error:
        raise TemplateError(str(error) or type(error).__name__, file=name, line=_line_of(error)) from None


_FAULTS = (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError, MemoryError)


def _within(stream: Iterable[str], limit: int) -> Iterator[str]:
    for piece in stream:
        limit -= len(piece)
        if limit < 0:
            raise ValueError(f"it writes more than {MAX_OUTPUT:,} characters")
        yield piece


class _Clock:
    """Counts the turns of all loops of a template together: loops inside loops multiply."""

    def __init__(self) -> None:
        self._turns = 0

    def tick(self) -> str:
        self._turns += 1
        if self._turns > MAX_TURNS:
            raise ValueError(f"its loops take more than {MAX_TURNS:,} turns")
        return ""


@cache
def _environment() -> Any:
    from jinja2 import StrictUndefined, nodes
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Bounded(ImmutableSandboxedEnvironment):
        """The sandbox, with an end to every loop, and without the operators that make much of little."""

        intercepted_binops = frozenset({"*", "**", "%"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if operator == "**" or not all(isinstance(side, (int, float)) for side in (left, right)):
                raise SecurityError(f"'{operator}' of anything but two numbers, or a power")
            return super().call_binop(context, operator, left, right)

        def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
            tree = super()._parse(source, name, filename)
            for loop in tree.find_all(nodes.For):
                call = nodes.Call(nodes.Name(_TICK, "load"), [], [], None, None)
                loop.body.insert(0, nodes.ExprStmt(call).set_lineno(loop.lineno))
            return tree

    environment = Bounded(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True
    )
    for padding in ("center", "format", "indent"):
        # A width of a billion is as good as an endless loop.
        del environment.filters[padding]
    return environment


def _line_of(error: BaseException) -> int | None:
    """Line of the template in which an error was raised: jinja rewrites its frames to point there."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
