"""What belongs to what in one definition, beyond the tree."""

from __future__ import annotations

import random
import re

import pytest

from agentmerge import combine, parse
from agentmerge.model import walk_units
from agentmerge.reading import relations
from agentmerge.reading.relations import Enumeration, Note, Procedure, Range, Remark
from tests.laws import require_laws
from tests.shipped import SHIPPED


def test_procedure__goes_on_behind_what_interrupts_it() -> None:
    text = "1. Build.\n2. Test.\n\nWait a day.\n\n```\ncode\n```\n\n3. Ship.\n"
    assert relations.procedures(parse(text)) == (Procedure((1, 2, 10), (4, 6)),)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("1. a\n2. b\n\nThen:\n\n1. c\n2. d\n", [(1, 2), (6, 7)]),
        ("1. a\n1. b\n1. c\n", [(1, 2, 3)]),
        ("1. a\n2. b\n\nText.\n\n4. d\n", [(1, 2), (6,)]),
        ("1. a\n2. b\n\n## H\n\n3. c\n", [(1, 2), (6,)]),
        ("3. a\n4. b\n", [(1, 2)]),
        ("1. a\n\n<!-- note -->\n\n2. b\n", [(1, 5)]),
        ("- a\n- b\n", []),
    ],
)
def test_procedure__is_what_is_numbered_through(text: str, steps: list[tuple[int, ...]]) -> None:
    assert [procedure.steps for procedure in relations.procedures(parse(text))] == steps


def test_procedure__combines_with_the_interruption_in_its_place() -> None:
    whole = parse("# D\n\n## Steps\n\n1. Pack the image.\n2. Ask for approval.\n3. Ship to one region.\n")
    parted = parse(
        "# D\n\n## Steps\n\n1. Pack the image.\n2. Ask for approval.\n\nLet an hour pass.\n\n"
        "3. Ship to one region.\n4. Look at the errors.\n"
    )
    for order in ([whole, parted], [parted, whole]):
        assert combine(order).text == parted.text


def test_comment__is_about_what_follows_it_else_about_what_is_above() -> None:
    text = "- a\n<!-- about b -->\n- b\n<!-- about b, too -->\n\n## H\n\n<!-- about P -->\nP\n"
    assert relations.remarks(parse(text), SHIPPED) == (Remark(2, 3), Remark(4, 6), Remark(8, 9))
    assert relations.remarks(parse("- a\n\n<!-- about a -->\n"), SHIPPED) == (Remark(3, 1),)
    assert relations.remarks(parse("- a\n<!-- one -->\n<!-- two -->\n- b\n"), SHIPPED) == (Remark(2, 4), Remark(3, 4))


def test_comment__goes_where_its_rule_goes() -> None:
    a = parse(
        "# O\n\n## Rules\n\n- Tag the build.\n<!-- since the outage -->\n- Never ship on Friday.\n- Keep old images.\n"
    )
    b = parse("# O\n\n## Rules\n\n- Keep old images.\n- Never ship on Friday.\n- Watch the errors.\n- Tag the build.\n")
    for order in ([a, b], [b, a]):
        assert "<!-- since the outage -->\n- Never ship on Friday.\n" in combine(order).text


RANGES = ["markdownlint-disable MD013|markdownlint-enable MD013", "prettier-ignore-start|prettier-ignore-end"]
RANGES += [
    "cspell:disable|cspell:enable",
    "vale off|vale on",
    "lint disable|lint enable",
    "textlint-disable|textlint-enable",
]


@pytest.mark.parametrize("names", RANGES)
def test_range__goes_round_its_content(names: str) -> None:
    opened, closed = (f"<!-- {name} -->" for name in names.split("|"))
    item = "- Run `make lint` with `CI=1` and paste the last forty lines"
    a = parse(f"# R\n\n## Rules\n\n- Read the diff.\n\n{opened}\n{item}.\n{closed}\n\n- Answer in one table.\n")
    b = parse(f"# R\n\n## Rules\n\n- Read the diff.\n{item} of its output.\n- Answer in one table.\n")
    assert [(each.opened, each.closed) for each in relations.ranges(a, SHIPPED)] == [(7, 9)]
    for order in ([a, b], [b, a]):
        assert f"{opened}\n{item} of its output.\n{closed}\n" in combine(order).text


def test_range__of_several_items_stays_whole() -> None:
    opened, closed = "<!-- markdownlint-disable -->", "<!-- markdownlint-enable -->"
    block = f"{opened}\n- one long line\n- another long line\n{closed}\n"
    result = combine([parse("# R\n\n## A\n\n- z\n"), parse(f"# R\n\n## A\n\n- y\n\n{block}\n- z\n")]).text
    assert block in result
    assert relations.ranges(parse(block), SHIPPED) == (Range("markdownlint-disable", 1, 4),)


def test_note__is_used_where_its_label_stands() -> None:
    text = (
        "- A rule.[^1]\n- See [the page].\n\n[^1]: But not on [Monday].\n[The Page]: https://a.example\n[monday]: /m\n"
    )
    assert relations.notes(parse(text)) == (Note("^1", 4, (1,)), Note("The Page", 5, (2,)), Note("monday", 6, (4,)))


@pytest.mark.parametrize(
    "text",
    [
        "Tools: grep, sed and awk",
        "**Tools**: grep, sed, and awk",
        "- **Tools:** grep, sed, awk\n",
        "**Tools:**\n\n- grep\n- sed\n- awk\n",
        "Tools:\n- grep\n- sed\n- awk\n",
        "Tools:\n* grep\n* sed\n* awk\n",
        "- **Tools:**\n  - grep\n  - sed\n  - awk\n",
        "1. Tools:\n   - grep\n   - sed\n   - awk\n",
        "__Tools__: grep; sed; awk.",
        "Tools:\n• grep\n• sed\n• awk\n",
    ],
)
def test_enumeration__is_the_same_in_every_form(text: str) -> None:
    (found,) = relations.enumerations(parse(text), SHIPPED)
    assert isinstance(found, Enumeration)
    words = [unit.text for unit in found.members]
    assert (found.label, found.line) == ("Tools", 1)
    assert words == ["grep", "sed", "awk"]
    assert {unit.lead for unit in found.members} == {"Tools"}


@pytest.mark.parametrize(
    "text",
    [
        "Note: when the build is red, and only then, ask the person who broke it to take the change back at once",
        "Time: 12:30",
        "https://a.example/b, c",
        "`a: b, c`",
        "- **Lead**: one thing only\n",
    ],
)
def test_enumeration__is_no_sentence(text: str) -> None:
    assert relations.enumerations(parse(text), SHIPPED) == ()


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("- one\n@AGENTS.md\n- two\n", [("item", "one"), ("import", "@AGENTS.md"), ("item", "two")]),
        ("- one\n  @docs/a.md\n", [("item", "one"), ("import", "@docs/a.md")]),
        ("- one\n  goes on\n  @a.md\n  more\n", [("item", "one\ngoes on"), ("import", "@a.md"), ("paragraph", "more")]),
        ("- one\n  @a.md\n  @b.md\n", [("item", "one"), ("import", "@a.md"), ("import", "@b.md")]),
        ("- ask @ann\n  and say so\n", [("item", "ask @ann\nand say so")]),
    ],
)
def test_an_import_below_an_item__is_a_unit_of_its_own(text: str, units: list[tuple[str, str]]) -> None:
    require_laws(text)
    definition = parse(text)
    assert [(place.unit.kind, place.unit.text) for place in walk_units(definition.root)] == units
    assert len(relations.imports(definition)) == sum(kind == "import" for kind, _ in units)


@pytest.mark.parametrize("seed", range(5))
def test_members__are_parted_at_commas_outside_of_brackets_and_code(seed: int) -> None:
    chosen = random.Random(seed)
    comma = re.compile(r"[,;](?![^()\[\]]*[)\]])(?=(?:[^`]*`[^`]*`)*[^`]*\Z)")
    for _ in range(400):
        text = "".join(chosen.choices("a ,;()[]`", k=chosen.randint(1, 16)))
        assert relations._parted(text) == comma.split(text)
