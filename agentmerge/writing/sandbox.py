"""A template and its values in, text out; nothing can be reached, and steps and characters are counted."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from jinja2 import Environment, StrictUndefined, TemplateNotFound, TemplateSyntaxError, nodes, pass_context
from jinja2.filters import FILTERS
from jinja2.loaders import FunctionLoader
from jinja2.meta import find_referenced_templates
from jinja2.runtime import BlockReference, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS
from jinja2.utils import Cycler, Joiner, Namespace
from jinja2.visitor import NodeTransformer

from agentmerge.errors import TemplateError

# Meter ----------------------------------------------------------------------------------------------------------------
#
# What a template may take: counted steps and characters, the same on every machine, so that no clock decides.


STEPS = 400_000
"""Steps of a template: each turn of a loop, call and inclusion counts as much as there is to do in it."""
WORK = 4_000_000
"""Characters that a template may make, read over or write, those it throws away included."""
STEPS_A_UNIT = 200
"""Further steps for each unit of the document."""
WORK_A_CHARACTER = 32
"""Further characters for each character of the document."""
MAX_WIDTH = 10_000
"""The greatest number that a template may give to a filter or a method, such as a width."""
MAX_NUMBER = 10**18
MAX_SOURCE = 100_000
"""Characters of a template with all that it includes."""
_MEMBER = 8
"""What a member of a list takes, in characters."""


class Meter:
    """Counts what one run of a template takes; TemplateError where it is more than it may be."""

    def __init__(self, steps: int = STEPS, work: int = WORK) -> None:
        self._steps = steps
        self._work = work

    @classmethod
    def of(cls, units: int, characters: int) -> Meter:
        """For a document of a size."""
        return cls(STEPS + STEPS_A_UNIT * units, WORK + WORK_A_CHARACTER * characters)

    @classmethod
    def unbounded(cls) -> Meter:
        """For a template of ours."""
        return cls(MAX_NUMBER, MAX_NUMBER)

    def step(self, count: int = 1) -> None:
        """Take steps."""
        self._steps -= count
        if self._steps < 0:
            raise TemplateError("it takes too many steps", remedy="make its loops and its macros do less")

    def work(self, size: int) -> None:
        """Take room for characters, before they are made where their number is known."""
        self._work -= size
        if self._work < 0:
            raise TemplateError("it makes or reads too much text", remedy="make and repeat less text in it")

    def measured(self, value: Any) -> Any:
        """The value, with all that is in it read over once; what makes its members when asked counts them then."""
        if isinstance(value, Iterator):
            return self._counted(value)
        self._measure(value)
        return value

    def made(self, value: Any) -> Any:
        """The value that something made: what is new of it is counted, and not what was in it before."""
        if isinstance(value, str):
            self.work(len(value))
        elif isinstance(value, (list, tuple, dict)):
            self.work(_MEMBER * len(value))
        elif isinstance(value, int) and abs(value) > MAX_NUMBER:
            raise TemplateError("it makes a number of more than 18 digits", remedy="count with smaller numbers")
        elif isinstance(value, Iterator):
            return self._counted(value)
        return value

    def text(self, value: Any) -> str:
        """A value as it is written: a text, a number, or a list of such. TypeError for anything else."""
        if isinstance(value, str):
            self.work(len(value))
            return str(value)
        self._measure(value)
        return str(value)

    def joined(self, values: Iterable[Any], between: str = "") -> str:
        """Values as one text."""
        parts = []
        for value in values:
            self.step()
            self.work(len(between))
            parts.append(self.text(value))
        return between.join(parts)

    def _counted(self, values: Iterator[Any]) -> Iterator[Any]:
        for value in values:
            self.step()
            yield value

    def _measure(self, value: Any) -> None:
        """Count all that is in a value, as often as it stands there: two lists in each other a few times are long."""
        if isinstance(value, str):
            self.work(len(value))
        elif isinstance(value, (bool, int, float, type(None))):
            self.work(1)
        elif isinstance(value, range):
            self.work(_MEMBER * len(value))
        elif isinstance(value, Mapping):
            self._measure_members(part for pair in value.items() for part in pair)
        elif isinstance(value, (list, tuple)):
            self._measure_members(value)
        elif getattr(value, "is_record", False) or type(value).__name__.endswith("Undefined"):
            self.work(_MEMBER)
        else:
            # Whatever else there is (a macro, a loop) would be written with its address in memory.
            raise TypeError(f"a {type(value).__name__.lower()} is no text, number or list")

    def _measure_members(self, members: Iterable[Any]) -> None:
        for member in members:
            self.work(_MEMBER)
            self._measure(member)


# Filters --------------------------------------------------------------------------------------------------------------
#
# The filters and tests that a template may use, each counted: what makes much of little says so before it does it.


Filter = Callable[..., Any]

_AS_THEY_ARE = (
    "abs", "batch", "capitalize", "count", "d", "default", "dictsort", "first", "float", "groupby", "int",
    "items", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "round",
    "select", "selectattr", "slice", "sort", "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
"""Filters of the library that make no more than they are given, numbers apart."""
_TESTS = (
    "!=", "<", "<=", "==", ">", ">=", "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "float",
    "ge", "greaterthan", "gt", "in", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne", "none",
    "number", "odd", "sameas", "sequence", "string", "true", "undefined", "upper",
)  # fmt: skip
_OF_TEXTS = (
    "capitalize", "casefold", "center", "count", "endswith", "find", "format", "index", "isalnum", "isalpha",
    "isascii", "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "join", "ljust", "lower",
    "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition",
    "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper", "zfill",
)  # fmt: skip
_NUMBER = re.compile(r"\d+")
_MAX_INDENT = 16
METHODS: Mapping[type, frozenset[str]] = {
    str: frozenset(_OF_TEXTS),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    dict: frozenset({"get", "items", "keys", "values"}),
}
"""The methods of values that a template may call."""


def checked_widths(*arguments: Any) -> None:
    """TemplateError for a number so great that what it widens or repeats would be out of all measure."""
    for one in arguments:
        if isinstance(one, int) and abs(one) > MAX_WIDTH:
            raise TemplateError(f"{one} is too great a number here", remedy=f"use one up to {MAX_WIDTH:,}")


class Filters:
    """The filters of one run."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def by_name(self) -> dict[str, Filter]:
        """Those that replace the library's, by name."""
        return {
            "center": self.center,
            "e": self.escape,
            "escape": self.escape,
            "format": self.format,
            "indent": self.indent,
            "join": self.join,
            "replace": self.replace,
            "string": self._meter.text,
            "sum": self.sum,
            "tojson": self.tojson,
            "wordwrap": self.wordwrap,
        }

    def center(self, value: Any, width: int = 80) -> str:
        checked_widths(width)
        return self._text(value).center(width)

    def escape(self, value: Any) -> str:
        text = self._text(value)
        self._meter.work(5 * len(text))
        for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;")):
            text = text.replace(sign, written)
        return text

    def indent(self, value: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
        checked_widths(width)
        mark = width if isinstance(width, str) else " " * width
        lines = self._text(value).split("\n")
        self._meter.work(len(lines) * (1 + len(mark)))
        rows = [f"{mark}{line}" if line or blank else line for line in lines]
        return "\n".join(rows if first else [lines[0], *rows[1:]])

    def join(self, values: Any, between: Any = "", attribute: Any = None) -> str:
        if attribute is not None:
            raise TemplateError("`join` takes no attribute", remedy="write `| map(attribute='...') | join(...)`")
        return self._meter.joined(values, self._text(between))

    def replace(self, value: Any, old: str, new: str, count: int = -1) -> str:
        text = self._text(value)
        found = text.count(old) if count < 0 else min(count, text.count(old))
        self._meter.work(len(text) + found * len(new))
        return text.replace(old, new, count)

    def sum(self, values: Any, attribute: Any = None, start: float = 0) -> int | float:
        if attribute is not None:
            raise TemplateError("`sum` takes no attribute", remedy="write `| map(attribute='...') | sum`")
        total = start
        for value in values:
            self._meter.step()
            if not isinstance(value, (int, float)) or not isinstance(total, (int, float)):
                raise TypeError("a sum is of numbers")
            total += value
        return total

    def tojson(self, value: Any, indent: int | None = None) -> str:
        if indent is not None and not 0 <= indent <= _MAX_INDENT:
            raise TemplateError(f"an indentation of {indent}", remedy=f"use one up to {_MAX_INDENT}")
        writer = json.JSONEncoder(indent=indent, ensure_ascii=False, sort_keys=True)
        return "".join(self._pieces(writer.iterencode(value)))

    def _pieces(self, pieces: Iterator[str]) -> Iterator[str]:
        for piece in pieces:
            self._meter.work(1 + len(piece))
            yield piece

    def wordwrap(self, value: Any, width: int = 79, between: str = "\n") -> str:
        checked_widths(width)
        lines = self._text(value).removesuffix("\n").split("\n")
        rows = [row for line in lines for row in _wrapped(line, width)]
        self._meter.work(len(rows) * (1 + len(between)))
        return between.join(rows)

    def format(self, form: Any, *arguments: Any, **named: Any) -> str:
        """`'%-20s' | format(x)`, as the operator does it."""
        return self.percent(self._text(form), named or arguments)

    def percent(self, form: str, given: Any) -> str:
        """`'%-20s' % x`, its widths bounded."""
        if "*" in form:
            raise TemplateError("'*' in a format", remedy="write the width as a number")
        self._wide(form)
        plain = self._plain(given) if isinstance(given, Mapping) else None
        return form % (plain or tuple(map(self._plain, given if isinstance(given, tuple) else (given,))))

    def braces(self, form: str, *arguments: Any, **named: Any) -> str:
        """`'{:<20}'.format(x)`, its widths bounded, without a look into what it is given."""
        for _, name, spec, _ in string.Formatter().parse(form):
            if name and not name.isalnum():
                raise TemplateError(f"'{{{name}}}' in a format", remedy="give the value itself")
            if spec and "{" in spec:
                raise TemplateError("a width out of a value in a format", remedy="write the width as a number")
            self._wide(spec or "")
        plain = {name: self._plain(value) for name, value in named.items()}
        return form.format(*map(self._plain, arguments), **plain)

    def method(self, call: Any, arguments: Sequence[Any], named: Mapping[str, Any]) -> Any:
        """What a method of a text, a list or a mapping makes."""
        value, name = call.__self__, call.__name__
        if name not in METHODS.get(type(value), ()):
            raise TemplateError(f"'{name}' can't be called here", remedy="use a filter")
        for one in (*arguments, *named.values()):
            self._meter.measured(one)
        if name == "format":
            return self.braces(value, *arguments, **named)
        checked_widths(*(arguments if name in ("center", "ljust", "rjust", "zfill") else ()))
        if name == "replace":
            return self.replace(value, *arguments)
        if name == "join":
            return self.join(arguments[0], value)
        self._meter.measured(value) if isinstance(value, str) or name in ("count", "index") else None
        made = call(*arguments, **named)
        return self._meter.made(list(made) if name in ("items", "keys", "values") else made)

    def _wide(self, form: str) -> None:
        widths = [int(digits[:9]) for digits in _NUMBER.findall(form)]
        checked_widths(*widths)
        self._meter.work(sum(widths))

    def _plain(self, value: Any) -> Any:
        """A value for a format: a number keeps its forms, all else is a text."""
        if isinstance(value, Mapping):
            return {key: self._plain(member) for key, member in value.items()}
        return value if isinstance(value, (int, float)) else self._meter.text(value)

    def _text(self, value: Any) -> str:
        return value if type(value) is str else self._meter.text(value)


def _wrapped(line: str, width: int) -> Iterator[str]:
    """A line as rows of words; a word that is longer than the width is a row."""
    row: list[str] = []
    length = -1
    for word in line.split(" "):
        if row and length + 1 + len(word) > width:
            yield " ".join(row)
            row, length = [], -1
        row.append(word)
        length += 1 + len(word)
    yield " ".join(row)


def library_filters() -> dict[str, Filter]:
    """The filters of the library that are taken as they are, by name."""
    return {name: cast("Filter", FILTERS[name]) for name in _AS_THEY_ARE}


def library_tests() -> dict[str, Filter]:
    """The tests of the library that a template may use, by name."""
    return {name: cast("Filter", TESTS[name]) for name in _TESTS}


# Sandbox --------------------------------------------------------------------------------------------------------------
#
# A template run where nothing can be reached, and where all that it does is counted as it does it.
#
# The library's sandbox keeps a template from the program; how long it runs and what it makes is bounded here, by
# counting
# alone: every turn of a loop, macro, block and inclusion counts what there is to do in it, every operator, filter,
# comparison and call the text that it makes or reads. The calls that count are filters under names that no template can
# write. Imported late: the library takes longer to load than most commands.


_STEP, _EACH, _JOINED, _READ = " step", " each", " joined", " read"
"""Filters that count. No template can write a name with a blank in it."""
_CHARACTERS_A_STEP = 64
_MAX_POWER = 64
_UNREAD = frozenset({"d", "default", "defined", "undefined"})
"""Filters and tests that may be given what is no value."""


def run(sources: Mapping[str, str], name: str, variables: Mapping[str, Any], meter: Meter) -> str:
    """What the template of a name writes. `sources` are it and all others that it may extend or include, by name.

    Raises TemplateError with the template's name and line for whatever goes wrong in it.
    """
    _refuse_long(sources.values(), name)
    try:
        return "".join(_Bounded(sources, meter).get_template(name).generate(variables))
    except TemplateSyntaxError as error:
        raise TemplateError(error.message or "syntax error", file=error.name or name, line=error.lineno) from None
    except Exception as error:  # noqa: BLE001 - whatever a template raises is the template's fault
        raise _told(error, *_place_of(error, sources, name)) from None


def references(source: str, name: str) -> tuple[str, ...]:
    """What a template extends, includes or imports by a name that is written out.

    Raises TemplateError where it can't be read.
    """
    _refuse_long((source,), name)
    try:
        found = find_referenced_templates(Environment().parse(source))  # noqa: S701 - nothing is rendered
        return tuple(one for one in found if one is not None)
    except TemplateSyntaxError as error:
        raise TemplateError(error.message or "syntax error", file=name, line=error.lineno) from None
    except RecursionError:
        raise TemplateError("it is nested too deep", file=name) from None


def _refuse_long(sources: Iterable[str], name: str) -> None:
    if sum(map(len, sources)) > MAX_SOURCE:
        raise TemplateError(f"it has more than {MAX_SOURCE:,} characters", file=name, remedy="shorten it")


def _told(error: Exception, file: str, line: int | None) -> TemplateError:
    message, remedy = str(error) or type(error).__name__, ""
    if isinstance(error, TemplateError):
        message, remedy = error.message, error.remedy
    elif isinstance(error, RecursionError):
        message, remedy = "it goes too deep into itself", "end its macros"
    elif isinstance(error, TemplateNotFound):
        message = f"there is no template '{error.name}'"
        remedy = "what it extends or includes is a shipped template or stands beside it"
    return TemplateError(message, file=file, line=line, remedy=remedy)


def _place_of(error: BaseException, names: Mapping[str, str], name: str) -> tuple[str, int | None]:
    """The template and the line in which an error was raised: the library rewrites its frames to point there."""
    file, line, trace = name, None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in names:
            file, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return file, line


class _Counting(NodeTransformer):
    """Puts the filters that count into a template."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802
        weight = _weight(node)
        self.generic_visit(node)
        node.iter = _filtered(node.iter, _EACH, weight)
        return node

    def visit_Block(self, node: Any) -> Any:  # noqa: N802
        """A step in front of what is run as often as it is called."""
        weight = _weight(node)
        self.generic_visit(node)
        node.body.insert(0, nodes.ExprStmt(_filtered(nodes.Const(None), _STEP, weight)).set_lineno(node.lineno or 1))
        return node

    visit_CallBlock = visit_Macro = visit_Template = visit_Block  # noqa: N815

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes).set_lineno(node.lineno), _JOINED)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Compare:  # noqa: N802
        self.generic_visit(node)
        node.expr = _filtered(node.expr, _READ)
        for operand in node.ops:
            operand.expr = _filtered(operand.expr, _READ)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Getitem:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            node.node = _filtered(node.node, _READ)
        return node


def _weight(node: nodes.Node) -> int:
    """What there is to do in one turn of a node: what is in it, without what counts its own turns."""
    own = (nodes.For, nodes.Macro, nodes.CallBlock, nodes.Block)
    pending, found = list(node.iter_child_nodes()), 1
    while pending:
        one = pending.pop()
        found += 1 + (len(one.data) // _CHARACTERS_A_STEP if isinstance(one, nodes.TemplateData) else 0)
        pending += [] if isinstance(one, own) else one.iter_child_nodes()
    return found


def _filtered(node: Any, name: str, *arguments: int) -> nodes.Filter:
    made = nodes.Filter(node, name, [nodes.Const(one) for one in arguments], [], None, None)
    made.set_lineno(node.lineno or 1)
    return made


class _Bounded(ImmutableSandboxedEnvironment):
    """The sandbox of one run, with all that is done in it counted."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, sources: Mapping[str, str], meter: Meter) -> None:
        def source_of(name: str) -> tuple[str, str, Callable[[], bool]]:
            if name not in sources:
                raise TemplateNotFound(name)
            return sources[name], name, lambda: True

        super().__init__(
            undefined=StrictUndefined,
            autoescape=False,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,
            finalize=pass_context(lambda _, value: self._written(value)),
            loader=FunctionLoader(source_of),
        )
        self._meter = meter
        self._own = Filters(meter)
        self.globals.pop("lipsum")
        filters = {**library_filters(), **self._own.by_name()}
        self.filters = {name: self._counted(name, call) for name, call in filters.items()}
        self.filters |= {
            _STEP: pass_context(lambda _, __, weight: meter.step(weight)),
            _EACH: pass_context(lambda _, value, weight: self._each(value, weight)),
            _JOINED: pass_context(lambda _, values: meter.joined(values)),
            _READ: pass_context(lambda _, value: meter.measured(value)),
        }
        self.tests = {name: self._counted(name, call) for name, call in library_tests().items()}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Counting().visit(super()._parse(source, name, filename))
        return tree

    def wrap_str_format(self, value: Any) -> None:
        """Formats are done when they are called, by a function of ours."""

    def call(self, context: Any, called: Any, /, *arguments: Any, **named: Any) -> Any:
        return self._called(context, called, arguments, named)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        self._meter.step()
        if operator == "%" and isinstance(left, str):
            return self._meter.made(self._own.percent(left, right))
        if operator == "+" and isinstance(left, (str, list, tuple)):
            self._meter.made(left)
            self._meter.made(right)
        elif operator == "*" and not _are_numbers(left, right):
            self._refuse_long_product(left, right)
        elif not _are_numbers(left, right):
            raise TypeError(f"'{operator}' is of two numbers")
        if operator == "**" and abs(right) > _MAX_POWER:
            raise TemplateError(f"a power of {right}", remedy=f"use one up to {_MAX_POWER}")
        return self._meter.made(super().call_binop(context, operator, left, right))

    def _refuse_long_product(self, left: Any, right: Any) -> None:
        times, repeated = (left, right) if isinstance(left, int) else (right, left)
        if not isinstance(times, int) or not isinstance(repeated, (str, list, tuple)):
            raise TypeError("'*' is of two numbers, or of a text or a list and a number")
        checked_widths(times)
        self._meter.work(max(times, 0) * len(repeated))

    def _called(self, context: Any, called: Any, arguments: Any, named: Any) -> Any:
        self._meter.step()
        owner = getattr(called, "__self__", None)
        if isinstance(called, (Macro, BlockReference, LoopContext)) or isinstance(owner, (LoopContext, Cycler)):
            return context.call(called, *arguments, **named)
        for one in (*arguments, *named.values()):
            self._meter.measured(one)
        if isinstance(owner, (str, list, tuple, dict)):
            return self._own.method(called, arguments, named)
        if isinstance(called, Joiner) or called in (Cycler, Joiner, Namespace, dict, self.globals["range"]):
            return context.call(called, *arguments, **named)
        raise TypeError("that is nothing to call")

    def _each(self, value: Any, weight: int) -> Any:
        if isinstance(value, (str, list, tuple, dict, range)):
            self._meter.step((1 + weight) * len(value))
            return value
        return self._stepping(value, weight)

    def _stepping(self, values: Iterable[Any], weight: int) -> Iterator[Any]:
        for value in values:
            self._meter.step(1 + weight)
            yield value

    def _written(self, value: Any) -> str:
        self._meter.step()
        return self._meter.text(value)

    def _counted(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """A filter or a test with its arguments and what it makes counted."""
        passed = getattr(call, "jinja_pass_arg", None)
        kind = "" if passed is None else passed.name

        def counting(context: Any, value: Any, *arguments: Any, **named: Any) -> Any:
            self._meter.step()
            checked_widths(*arguments, *named.values())
            given = [value if name in _UNREAD else self._meter.measured(value), *map(self._meter.measured, arguments)]
            first = {"context": (context,), "environment": (self,), "eval_context": (context.eval_ctx,)}.get(kind, ())
            return self._meter.made(call(*first, *given, **named))

        # What asks for the context is never worked out before the template runs.
        return pass_context(counting)


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(value, (int, float)) for value in values)
