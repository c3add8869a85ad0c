"""Fences that hold fences: kept whole where they can be paired, left to CommonMark and told where they cannot."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from agentmerge import combine, diff, emit, merge, parse
from agentmerge.model import Definition, Unit, walk_sections, walk_units
from agentmerge.reading.blocks import descend, parse_blocks
from agentmerge.writing.formatting import format_definition
from tests.laws import uncovered
from tests.shipped import SHIPPED

INNER = "```bash\nls\n```"
BODY = f"# Report\n\n{INNER}\n\n## Findings\n\n- Never take this for a rule.\n"
AFTER = "\n## Rules\n\n- Ask first.\n"


def _code(text: str) -> list[Unit]:
    return [place.unit for place in walk_units(parse(text).root) if place.unit.kind == "code"]


def _codes(definition: Definition) -> list[str]:
    return [note.code for note in definition.diagnostics if note.code.startswith("fence")]


WHOLE = {
    "headings and items after the inner fence": f"```markdown\n{BODY}```\n",
    "attributes on the info string": f'```markdown title="x.md" {{1}}\n{BODY}```\n',
    "braces around the language": f"```{{.markdown}}\n{BODY}```\n",
    "other case of the language": f"```MD\n{BODY}```\n",
    "several inner blocks": f"```mdx\n{BODY}\n```python\nx\n```\n\n```js\ny\n```\n```\n",
    "a bare block inside": f"```text\n{BODY}\nYou see:\n```\nout\n```\n\n## End\n```\n",
    "tildes": "~~~markdown\n# T\n\n~~~sh\nls\n~~~\n\n## U\n~~~\n",
    "backticks and tildes": "```markdown\n# T\n\n~~~\n# no heading\n~~~\n\n```sh\nls\n```\n\n## U\n```\n",
    "a longer fence inside": "```markdown\n# T\n\n````sh\nls\n```\n````\n\n## U\n```\n",
    "both closed at once": "```markdown\n### Part\n```sh\nls\n```\n```\n",
    "a document inside a document": "```markdown\n# T\n\n```markdown\nx\n```\n\n## U\n```\n",
    "an opening fence in an item of the template": "```markdown\n# T\n- ```sh\n  ls\n  ```\n## U\n```\n",
    "inner fences indented": "```markdown\n- Ask:\n  ```json\n  {}\n  ```\n- Say:\n  ```json\n  {}\n  ```\n```\n",
    "no blank lines at all": "```md\nA\n```sh\nls\n```\nB\n```\n",
}


@pytest.mark.parametrize("block", WHOLE.values(), ids=list(WHOLE))
@pytest.mark.parametrize("before", ["", "# A\n\n```sh\npwd\n```\n\n"])
def test_document_with_fences_of_its_own_length__is_one_block(block: str, before: str) -> None:
    definition = parse(before + block + AFTER)
    assert [unit.text for unit in _code(before + block + AFTER)][-1] == block.split("\n", 1)[1][:-5]
    assert [section.title for _, section in walk_sections(definition.root)][-1] == "Rules"
    assert _codes(definition) == ["fence-nested"]
    assert emit(definition) == before + block + AFTER
    assert uncovered(definition) == []


def test_document_in_an_item_or_a_quote__is_one_block() -> None:
    item = "1. Write:\n\n" + "".join(f"   {line}\n".replace("   \n", "\n") for line in f"```md\n{BODY}```".split("\n"))
    definition = parse(f"{item}\n2. Send.\n")
    first, second = definition.root.units
    assert [child.text for child in first.children] == [BODY.rstrip("\n")]
    assert second.text == "Send."
    quote = "".join(f"> {line}\n" for line in f"```md\n{BODY}```".split("\n"))
    (unit,) = parse(quote).root.units
    assert unit.kind == "quote"


COMMONMARK = {
    "no end of the outer fence": (f"```markdown\n# T\n\n{INNER}\n{AFTER}", "fence-unsure"),
    "no end, and a bare block below": (f"```markdown\n# T\n\n{INNER}\n{AFTER}\n```\nls\n```\n", "fence-unsure"),
    "two ends that fit": (f"```markdown\n# T\n{INNER}\n```\nx\n```\ny\n```\n", "fence-unsure"),
    "code of a language": (f"```python\ndoc = '''\n{INNER}\n'''\n", "fence-unsure"),
    "no language": (f"```\nplain\n\n{INNER}\n\ntext\n", "fence-unsure"),
    "what would close it opens": (f"```markdown\n# T\n\n{INNER}\n\n## Rules\n\n- a\n\n```\nlast\n", "fence-unsure"),
    "headings above its own": (f"```markdown\n## T\n\n{INNER}\n\n# Rules\n\n- a\n\n```\n", "fence-unsure"),
    "two documents under like headings": (
        f"## A\n\n```markdown\n{INNER}\n\n## B\n\n```markdown\nx\n```\n\n## C\n\n- a\n```\n",
        "fence-unsure",
    ),
}


@pytest.mark.parametrize(("text", "code"), COMMONMARK.values(), ids=list(COMMONMARK))
def test_pairing_that_is_not_sure__stays_with_commonmark_and_is_told(text: str, code: str) -> None:
    assert not any(block.cut for block in descend(parse_blocks(text, SHIPPED)))
    assert code in _codes(parse(text))


SILENT = {
    "longer fence outside": f"````markdown\n{BODY}````\n",
    "tildes outside": f"~~~\n{BODY}~~~\n",
    "template with headings": "```markdown\n# T\n\n## U\n\n- a\n```\n",
    "comments of a shell": "```bash\n# Install\nnpm ci\n\n# Test\nnpm test\n```\n",
    "inline code that looks like a fence": "```markdown\n# T\n\n```x``` is inline\n```\n",
    "fences in indented code": "```text\n# T\n    ```js\n    x\n    ```\n```\n",
    "bare blocks with a comment": "Text:\n```\n# a comment\n\nls\n```\n\nMore:\n```\n# another\n```\n",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=list(SILENT))
def test_fences_that_are_as_they_are_meant__are_not_told(text: str) -> None:
    assert _codes(parse(text + AFTER)) == []


LATE = {
    "a fence opens in it": "## One\n\n```\nplain\n\n## Two\n\n```bash\nls\n```\n",
    "it opens like an end": "```md\n# T\n\n```\ntree\n```\n\n## Notes\n\n- Never push.\n```\n",
    "text of another language": "```python\ndoc\n\n## Two\n\n```js\nx\n```\n",
}


@pytest.mark.parametrize("text", LATE.values(), ids=list(LATE))
def test_block_that_swallows_a_heading__is_told_with_line_and_remedy(text: str) -> None:
    (note,) = [note for note in parse(text).diagnostics if note.code == "fence-late"]
    assert text.split("\n")[note.line - 1].startswith("```")
    assert note.remedy
    assert "'## " in note.message


def test_line_numbers_of_diagnostics__are_those_of_the_file() -> None:
    text = f"---\nname: a\n---\n# A\n\n```md\n{BODY}```\n"
    (note,) = [note for note in parse(text).diagnostics if note.code == "fence-nested"]
    assert note.line == 6
    assert "line 11" in note.message
    assert "line 16" in note.assumed


ROWS = [
    "```",
    "```md",
    "```markdown x",
    "```sh",
    "~~~",
    "~~~md",
    "````",
    "````md",
    "",
    "text",
    "# H",
    "## H",
    "- a",
    "  ```",
]


@given(st.lists(st.sampled_from(ROWS), max_size=16))
def test_any_fences__keep_the_laws_and_commonmark_where_nothing_is_told(rows: list[str]) -> None:
    text = "\n".join(rows)
    definition = parse(text)
    assert emit(definition) == text
    assert uncovered(definition) == []
    blocks = parse_blocks(text, SHIPPED)
    if not any(block.cut for block in descend(blocks)):
        stock = [token for token in MarkdownIt("commonmark").enable("table").parse(text) if token.type == "fence"]
        assert [(token.map, token.content) for token in stock] == [
            ([block.start, block.end], block.text) for block in descend(blocks) if block.fenced
        ]


@given(
    st.lists(st.sampled_from([INNER, "## Part\n\ntext", "- item", "```py\nx\n```", "plain"]), min_size=1, max_size=6),
    st.sampled_from(["markdown", "md", "text"]),
)
def test_template_of_paired_fences__reads_like_the_one_with_a_longer_fence(parts: list[str], language: str) -> None:
    body = "\n\n".join(["# Title", *parts])
    short, long = (f"# A\n\n{run}{language}\n{body}\n{run}\n{AFTER}" for run in ("```", "````"))
    assert [unit.text for unit in _code(short)] == [unit.text for unit in _code(long)] == [body]


def test_formatting__keeps_the_block_byte_for_byte() -> None:
    block = "```markdown\n# T   \n\n\n\n```sh\nls  \n```\n\n\n## U  \n```\n"
    assert block in format_definition(parse(f"#  A\n\n\n{block}{AFTER}"), SHIPPED).text


def test_combined_result__has_the_block_as_one() -> None:
    first = parse(f"---\nname: a\n---\n# A\n\n## Output\n\nReturn this:\n\n```markdown\n{BODY}```\n{AFTER}")
    second = parse("---\nname: a\n---\n# A\n\n## Rules\n\n- Ask first.\n- Be brief.\n\n```\nx\n\n```sh\ny\n```\n")
    merged = combine([first, second])
    result = parse(merged.text)
    assert BODY.rstrip("\n") in [place.unit.text for place in walk_units(result.root)]
    assert _codes(result) == []


def test_merge__keeps_the_block_and_takes_both_changes() -> None:
    base = f"# A\n\n```markdown\n{BODY}```\n{AFTER}"
    ours, theirs = base.replace("Ask first", "Always ask first"), base.replace("Findings", "Results")
    merged = merge(parse(base), parse(ours), parse(theirs))
    assert not merged.conflicts
    assert merged.text == ours.replace("Findings", "Results")
    assert not list(diff(parse(merged.text), parse(merged.text)))


def test_hostile_fences__take_time_that_grows_with_their_number() -> None:
    def seconds(count: int) -> float:
        text = "```markdown\n```x\n```\n" * count
        start = time.process_time()
        parse_blocks(text, SHIPPED)
        return time.process_time() - start

    seconds(100)
    small = min(seconds(300) for _ in range(3))
    assert min(seconds(3_000) for _ in range(2)) < 40 * small
