"""A template run where nothing can be reached, and where all that it does is counted as it does it.

The library's sandbox keeps a template from the program; how long it runs and what it makes is bounded here, by counting
alone: every turn of a loop, macro, block and inclusion counts what there is to do in it, every operator, filter,
comparison and call the text that it makes or reads. The calls that count are filters under names that no template can
write. Imported late: the library takes longer to load than most commands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateNotFound, TemplateSyntaxError, nodes, pass_context
from jinja2.loaders import FunctionLoader
from jinja2.meta import find_referenced_templates
from jinja2.runtime import BlockReference, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace
from jinja2.visitor import NodeTransformer

from agentmerge.emitting.filters import Filters, checked_widths, library_filters, library_tests
from agentmerge.emitting.meter import MAX_SOURCE, Meter
from agentmerge.errors import TemplateError

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
