"""Templates: content stays content, the sandbox holds, all that runs in it ends soon, errors name template and line."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from agentmerge.errors import TemplateError
from agentmerge.writing.emitting import BlockValue, Field, Section, Unit, Values, render, shipped_templates
from agentmerge.writing.sandbox import MAX_SOURCE, references

UNIT = Unit("item", "{{ 7 * 7 }}", "", "-", None, "", "", ())
BLOCK = BlockValue("list", "- {{ 7 * 7 }} {% raw %} <b>&amp;</b>", (UNIT,))
DOCUMENT = Values(
    (Field("name", "name: x", "x"),), "Title", (BLOCK,), (Section("A", 1, "topics", "# A", "", (BLOCK,), ()),),
    ("a.md",), "claude",
)  # fmt: skip


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
        "{{ '{0[0]}'.format(title) }}",
        "{{ lipsum.__globals__ }}",
        "{% include '/etc/passwd' %}",
        "{% include '../secret' %}",
        "{% import 'os' as os %}",
        "{{ variants.append('x') }}",
        "{{ ['x']|map('attr', '__class__')|list }}",
        "{{ range }}",
        "{{ [loop] }}",
        "{{ fields[0] }}",
        "{{ fields }}",
        "{{ self }}",
        "{% macro a() %}{% endmacro %}{{ a }}",
    ],
)
def test_sandbox__lets_nobody_out(attack: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(DOCUMENT, f"one\n{attack}\n", "mine.j2")
    assert caught.value.file == "mine.j2"


GROWING = "{{% set ns = namespace(x={start}) %}}{{% for i in range(60) %}}{{% set ns.x = {step} %}}{{% endfor %}}{end}"
LONG = "{% set x = 'a' * 9999 %}{% set x = x * 99 %}{% for i in range(20000) %}"
BUFFERED = (
    "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}"
    "{% set ns.x = y %}{% endfor %}"
)
BOMBS = [
    "{% for a in range(10 ** 9) %}x{% endfor %}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% for a in range(99999) %}{% for b in range(99999) if false %}{% endfor %}{% endfor %}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{% for x in range(99) %}{{ m(n) }}{% endfor %}{% endmacro %}{{ m(1) }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(99) }}",
    "{% block a %}{% for i in range(99) %}{{ self.a() }}{% endfor %}{% endblock %}",
    "{% for x in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
    "{% include 'me.j2' %}{% include 'me.j2' %}",
    GROWING.format(start="9", step="ns.x * ns.x", end="{{ ns.x }}"),
    GROWING.format(start="'ab'", step="ns.x ~ ns.x", end="{{ ns.x }}"),
    GROWING.format(start="'ab'", step="ns.x + ns.x", end="{{ ns.x }}"),
    GROWING.format(start="[1]", step="ns.x + ns.x", end="{{ ns.x }}"),
    GROWING.format(start="[1]", step="[ns.x, ns.x]", end="{{ ns.x }}"),
    GROWING.format(start="[1]", step="[ns.x, ns.x]", end="{{ ns.x|tojson }}"),
    GROWING.format(start="[1]", step="[ns.x, ns.x]", end="{{ ns.x == [ns.x] }}"),
    GROWING.format(start="[1]", step="[ns.x, ns.x]", end="{{ ns.x is upper }}"),
    GROWING.format(start="[1]", step="[ns.x, ns.x]", end="{{ [ns.x, ns.x]|sort }}"),
    BUFFERED,
    "{{ 'x' * 10000000000 }}",
    "{{ [title] * 10000000000 }}",
    "{{ 9 ** 999999999 }}",
    "{{ 9 ** 9.5e300 }}",
    "{{ '%9999999999d' % 1 }}",
    "{{ '%*d' % (2000000000, 1) }}",
    "{{ '%2000000000s'|format(1) }}",
    "{{ '{:2000000000}'.format(1) }}",
    "{{ '{:{}}'.format(1, 2000000000) }}",
    "{{ '" + "%9999d" * 9000 + "' % (" + "1," * 9000 + ") }}",
    "{{ title|center(9999999999) }}",
    "{{ title|indent(2000000000, true) }}",
    "{{ title.ljust(2000000000) }}",
    "{{ title.rjust(2000000000) }}",
    "{{ title.zfill(2000000000) }}",
    "{{ title.expandtabs(2000000000) }}",
    "{{ [1]|tojson(indent=2000000000) }}",
    "{{ [1]|batch(2000000000, 'x')|list }}",
    "{{ [1]|slice(2000000000)|list }}",
    "{{ 5|round(-999999999) }}",
    "{% set x = 'a' * 9999 %}{{ x|replace('a', x)|replace('a', x) }}",
    "{% set x = 'a' * 9999 %}{{ x.replace('a', x).replace('a', x) }}",
    "{% set x = 'a' * 9999 %}{{ x|join(x)|join(x) }}",
    "{% set x = 'a' * 9999 %}{{ x.join(x).join(x) }}",
    "{{ ('a ' * 9999)|wordwrap(1, 'x' * 9999) }}",
    "{{ range(99999)|map('center', 9999)|join }}",
    "{% for i in range(9999) %}{% set y = range(99999)|map('string')|list %}{% endfor %}",
    LONG + "{{ 'b' in x }}{% endfor %}",
    LONG + "{% set y = x[1:] %}{% endfor %}",
    LONG + "{% set y = x.count('b') %}{% endfor %}",
    LONG + "{% set y = x|upper %}{% endfor %}",
    "{{ " + " + ".join(["1"] * 20000) + " }}",
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "x" * (MAX_SOURCE + 1),
    "{{ range(99999)|sum(start=title) }}",
]


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: str(bomb)[:60])
def test_huge_work__is_refused_in_time(bomb: str) -> None:
    start = time.process_time()
    with pytest.raises(TemplateError):
        render(DOCUMENT, bomb, "me.j2")
    assert time.process_time() - start < 2


def test_huge_work__is_refused_in_little_memory() -> None:
    """All of them in one process that may have no more.

    What the system tells of a process through `resource` begins with the memory of the one that started it.
    """
    peak = (
        "import re; from pathlib import Path\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
        if sys.platform == "linux"
        else "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    code = (
        "from tests import test_templates as t\n"
        "from agentmerge.errors import TemplateError\n"
        "for bomb in t.BOMBS:\n"
        "    try: t.render(t.DOCUMENT, bomb, 'me.j2')\n"
        "    except TemplateError: pass\n"
        f"{peak}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 300 * 1024 * (1 if sys.platform == "linux" else 1024)


@pytest.mark.parametrize(
    ("template", "written"),
    [
        ("{{ 2 * 3 }} {{ 7 % 4 }}{% for s in sections %} {{ loop.index }}{% endfor %}", "6 3 1"),
        ("{{ '-' * 40 }}", "-" * 40),
        ("{{ 'a\nb'|indent(4) }}", "a\n    b"),
        ("{{ 'a\nb'|indent('> ', true) }}", "> a\n> b"),
        ("[{{ '%-6s|%03d' % ('ab', 7) }}] {{ '%(a)s' % {'a': 1} }}", "[ab    |007] 1"),
        ("[{{ '{:<6}|{a:03d}'.format('ab', a=7) }}]", "[ab    |007]"),
        ("[{{ title.ljust(7) }}{{ title|center(7) }}]", "[Title   Title ]"),
        ("{{ {'b': [1, 'é<']}|tojson(indent=2) }}", '{\n  "b": [\n    1,\n    "é<"\n  ]\n}'),
        ("{{ title ~ 1 ~ none }} {{ 'a,b'.split(',')|join(' + ') }}", "Title1None a + b"),
        ("{{ sections|map(attribute='title')|join(', ') }} {{ [3, 1]|sort|first }}", "A 1"),
        ("{{ sections|selectattr('kind', 'eq', 'topics')|list|length }}", "1"),
        ("{{ colour|default('red') }} {{ colour is defined }}", "red False"),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(title)|lower }}", "<title>"),
        ("{% set ns = namespace(n=0) %}{% for s in sections %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}", "1"),
        ("{{ sections[0].units[0].text }} {{ fields[0].value }} {{ host }}", "{{ 7 * 7 }} x claude"),
        ("{{ 'one two three'|wordwrap(8) }}", "one two\nthree"),
        ("{{ 'a & b'|e }} {{ 'a'|replace('a', 'b') }} {{ 'abc'[1:] }}", "a &amp; b b bc"),
        ("{% extends 'canonical' %}{% block body %}none{% endblock %}", "---\nname: x\n---\n\n# Title\n\nnone"),
    ],
)
def test_what_people_write_first__is_allowed(template: str, written: str) -> None:
    assert render(DOCUMENT, template).removesuffix("\n") == written


def test_include__stands_beside_the_template() -> None:
    beside = {"parts/a.j2": "{{ title }}!{% include 'b.j2' %}", "b.j2": "?"}
    assert render(DOCUMENT, "{% include 'parts/a.j2' %}", "mine.j2", beside) == "Title!?\n"
    assert references("{% include 'parts/a.j2' %}{% extends 'canonical' %}", "mine.j2") == ("parts/a.j2", "canonical")
    with pytest.raises(TemplateError, match="there is no template 'b"):
        render(DOCUMENT, "{% include 'b.j2' %}", "mine.j2")


def test_error__names_template_line_and_variable() -> None:
    with pytest.raises(TemplateError, match="'colour' is undefined") as caught:
        render(DOCUMENT, "one\n{% for s in sections %}\n{{ colour }}\n{% endfor %}\n", "mine.j2")
    assert str(caught.value).startswith("mine.j2:3: ")
    with pytest.raises(TemplateError, match="'colour' is undefined") as caught:
        render(DOCUMENT, "one\n{% include 'other.j2' %}\n", "mine.j2", {"other.j2": "\n\n\n{{ colour }}"})
    assert str(caught.value).startswith("other.j2:4: ")


def test_syntax_error__names_template_and_line() -> None:
    with pytest.raises(TemplateError) as caught:
        render(DOCUMENT, "one\n{% for %}\n", "mine.j2")
    assert (caught.value.file, caught.value.line) == ("mine.j2", 2)


def test_unknown_template__names_the_known_ones() -> None:
    with pytest.raises(TemplateError, match="canonical"):
        render(DOCUMENT, name="nonsense")


def test_long_document__takes_as_long_as_it_needs() -> None:
    many = tuple(Section(f"S{n}", 2, "topics", f"## S{n}", "", (BLOCK,) * 20, ()) for n in range(2000))
    document = Values((), "", (), many, (), "claude")
    assert render(document, shipped_templates()["canonical"], "mine.j2").count(BLOCK.text) == 40_000
