"""Reading: frontmatter, sections, pseudo-headings, units."""

from __future__ import annotations

from agentmerge.model import walk_sections, walk_units
from agentmerge.reading.parsing import parse
from tests.shipped import SHIPPED


def _titles(text: str) -> list[tuple[int, str, str]]:
    return [(section.level, section.style, section.title) for _, section in walk_sections(parse(text, SHIPPED).root)]


def _units(text: str) -> list[tuple[int, str, str]]:
    return [(place.unit.line, place.unit.kind, place.unit.text) for place in walk_units(parse(text, SHIPPED).root)]


def test_hash_in_fence__is_no_heading() -> None:
    assert _titles("# A\n\n```\n# not me\n```\n\n## B\n") == [(1, "atx", "A"), (2, "atx", "B")]


def test_bold_label__is_section_closed_by_paragraph_after_its_list() -> None:
    text = "## API\n\n**REST:**\n\n- a\n\nafter\n"
    assert _titles(text) == [(1, "atx", "API"), (2, "bold", "REST")]
    assert parse(text, SHIPPED).root.sections[0].units[0].text == "after"


def test_fenced_checklist__lines_are_tasks() -> None:
    assert _units("```\n[ ] one\n[x] two\n```\n") == [(2, "task", "one"), (3, "task", "two")]


def test_fence_with_other_lines__stays_code() -> None:
    assert _units("```\n[ ] one\nprint()\n```\n") == [(1, "code", "[ ] one\nprint()")]


def test_rule_in_an_item__is_layout() -> None:
    assert _units("* ---\n* a\n") == [(1, "item", ""), (2, "item", "a")]


def test_pseudo_list__is_a_unit_per_line() -> None:
    assert _units("• one\n• two\n") == [(1, "item", "one"), (2, "item", "two")]


def test_frontmatter__invalid_line_is_read_as_text_with_a_diagnostic() -> None:
    definition = parse("---\nname: x\ndescription: a: b, c: d\nmodel: opus\n---\nbody\n", SHIPPED)
    assert [(field.key, field.value) for field in definition.fields] == [
        ("name", "x"),
        ("description", "a: b, c: d"),
        ("model", "opus"),
    ]
    assert [(note.code, note.line) for note in definition.diagnostics if note.severity != "info"] == [
        ("frontmatter-repaired", 3)
    ]


def test_list_that_does_not_begin_with_1__is_one_under_its_label() -> None:
    definition = parse("When invoked:\n2. Read the diff\n3. Run the tests\n", SHIPPED)
    (section,) = definition.root.sections
    assert (section.title, section.style) == ("When invoked", "label")
    assert [(unit.kind, unit.ordinal, unit.text) for unit in section.units] == [
        ("item", 2, "Read the diff"),
        ("item", 3, "Run the tests"),
    ]
    prose = parse("The house was built in\n1986. A great year for wine.\n", SHIPPED)
    assert [unit.kind for unit in prose.root.units] == ["paragraph"]


def test_long_bold_label__gives_a_title_without_marks() -> None:
    line = "**Strategic approach to breaking down complex systems into manageable, scalable components:**"
    (section,) = parse(f"{line}\n- one\n- two\n", SHIPPED).root.sections
    assert section.title == line.strip("*:")
