"""A template taken out of its fence has the same words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentmerge.model import Unit, walk_sections, walk_units
from agentmerge.reading.parsing import parse
from agentmerge.reading.relations import document, document_words, is_document
from tests.shipped import SHIPPED

TEMPLATE = (
    "# Report\n\nSummary in one line.\n\n## Findings\n\n- **Risk**: what may break\n  - where\n\n1. First\n2. Second\n"
)


def _block(text: str) -> Unit:
    return next(place.unit for place in walk_units(parse(text, SHIPPED).root) if place.unit.kind == "code")


def _words(text: str) -> list[str]:
    root = parse(text, SHIPPED).root
    nodes = [(section.line, section.title) for _, section in walk_sections(root)]
    return [words for _, words in sorted([*nodes, *((place.unit.line, place.unit.text) for place in walk_units(root))])]


def test_template_in_a_fence__has_the_words_it_has_outside() -> None:
    fenced = f"# A\n\n```markdown\n{TEMPLATE}```\n"
    assert [words for _, words in document_words(_block(fenced), SHIPPED)] == _words(TEMPLATE)


def test_template_in_an_item__has_the_words_and_the_lines_of_the_file() -> None:
    lines = f"```md\n{TEMPLATE}```".split("\n")
    text = "- Write:\n\n" + "".join(f"  {line}\n" if line else "\n" for line in lines)
    found = list(document_words(_block(text), SHIPPED))
    assert [words for _, words in found] == _words(TEMPLATE)
    for line, words in found:
        assert words.split("\n")[0] in text.split("\n")[line - 1]


def test_code_in_a_template__is_a_unit_of_its_own() -> None:
    root = document(_block(f"```markdown\n{TEMPLATE}\n```sh\nls\n```\n```\n"), knowledge=SHIPPED)
    assert [place.unit.text for place in walk_units(root) if place.unit.kind == "code"] == ["ls"]


def test_code__is_no_document() -> None:
    assert not is_document(_block("```python\n# comment\nx = 1\n```\n"), SHIPPED)
    assert not is_document(_block("```\nls\n```\n"), SHIPPED)
    assert is_document(_block("```\n# Title\n\ntext\n```\n"), SHIPPED)
    assert list(document_words(_block("```python\n# comment\n```\n"), SHIPPED)) == []


@given(
    st.lists(st.sampled_from(["# T", "## U", "", "- a", "  - b", "text", "**Bold**", "Label:", "> quote"]), max_size=10)
)
def test_any_text__has_the_same_words_in_a_longer_fence(rows: list[str]) -> None:
    text = "\n".join(["# Title", *rows])
    assert [words for _, words in document_words(_block(f"````md\n{text}\n````\n"), SHIPPED)] == _words(
        text.rstrip("\n")
    )
