"""Templates: what is content stays content, the sandbox holds, loops end, errors name template, line and variable."""

from __future__ import annotations

import time

import pytest

from agentmerge import emitting
from agentmerge.emitting import Block, Document, OutField, OutSection, render, shipped_templates
from agentmerge.errors import TemplateError

BLOCK = Block("list", "- {{ 7 * 7 }} {% raw %} <b>&amp;</b>")
DOCUMENT = Document(
    (OutField("name", "name: x"),), "Title", (BLOCK,), (OutSection("A", 1, "topics", "# A", (BLOCK,), ()),), ("a.md",)
)


def test_content__is_never_a_template() -> None:
    for name in shipped_templates():
        assert BLOCK.text in render(DOCUMENT, name=name)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ title.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ fields[0].__init__.__globals__ }}",
        "{{ render.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ title|attr('__class__') }}",
        "{{ '{0.__class__}'.format(title) }}",
        "{{ lipsum.__globals__ }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ variants.append('x') }}",
    ],
)
def test_sandbox__lets_nobody_out(attack: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(DOCUMENT, f"one\n{attack}\n", "mine.j2")
    assert caught.value.file == "mine.j2"


@pytest.mark.parametrize(
    "bomb",
    [
        "{% for a in range(10 ** 9) %}x{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(n) %}{% for x in range(99) %}{{ m(n) }}{% endfor %}{% endmacro %}{{ m(1) }}",
        "{{ 'x' * 10000000000 }}",
        "{{ [title] * 10000000000 }}",
        "{{ 9 ** 999999999 }}",
        "{{ '%9999999999d' % 1 }}",
        "{{ title|center(9999999999) }}",
        "{{ range(99999)|sum(start=title) }}",
    ],
)
def test_huge_work__is_refused_in_time(bomb: str) -> None:
    start = time.process_time()
    with pytest.raises(TemplateError):
        render(DOCUMENT, bomb)
    assert time.process_time() - start < 10


def test_huge_output__is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emitting, "MAX_OUTPUT", 1000)
    with pytest.raises(TemplateError, match="writes more than"):
        render(DOCUMENT, "{% for a in range(2000) %}x{% endfor %}")


def test_ordinary_arithmetic__is_allowed() -> None:
    assert render(DOCUMENT, "{{ 2 * 3 }} {{ 7 % 4 }}{% for s in sections %} {{ loop.index }}{% endfor %}") == "6 3 1\n"


def test_error__names_template_line_and_variable() -> None:
    with pytest.raises(TemplateError, match="'colour' is undefined") as caught:
        render(DOCUMENT, "one\n{% for s in sections %}\n{{ colour }}\n{% endfor %}\n", "mine.j2")
    assert str(caught.value).startswith("mine.j2:3: ")


def test_syntax_error__names_template_and_line() -> None:
    with pytest.raises(TemplateError) as caught:
        render(DOCUMENT, "one\n{% for %}\n", "mine.j2")
    assert (caught.value.file, caught.value.line) == ("mine.j2", 2)


def test_unknown_template__names_the_known_ones() -> None:
    with pytest.raises(TemplateError, match="canonical"):
        render(DOCUMENT, name="nonsense")
