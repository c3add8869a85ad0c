"""Each law on results that were made to break it, and on the sources themselves, which never do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agentmerge import combine, merge, parse
from agentmerge.knowledge.tables import Knowledge
from agentmerge.proving.cases import Case, prove
from tests.proving.test_inputs import COMBINED, MERGED

KNOWLEDGE = Knowledge.shipped()


def told(result: str, *sources: str, paths: Sequence[str] = ()) -> set[str]:
    read = tuple(parse(text) for text in sources)
    return {notice.rule for notice in prove(Case(parse(result), read, KNOWLEDGE, paths=tuple(paths)))}


BROKEN = [
    ("{{#if a}}\n- One.\n{{else}}\n- Two.\n{{else}}\n- Three.\n{{/if}}\n", "unbalanced"),
    ("{{#if a}}\n- One.\n{{/each}}\n", "unbalanced"),
    ("{% if a %}\n- One.\n{% endif %}\n{% endif %}\n", "unbalanced"),
    ("{% if a %}\n- One.\n", "unbalanced"),
    ("```sh\nmake\n", "unbalanced"),
    ("<!-- open\n\n- One.\n", "unbalanced"),
    ("<rules>\n\n- One.\n", "unbalanced"),
    ("- One.\n\n</rules>\n", "unbalanced"),
    ("Use <b>care.\n", "unbalanced"),
    ("## A\n\nOne.\n\n## A\n\nTwo.\n", "heading-repeated"),
    ("- One.[^1]\n\n[^1]: A.\n[^1]: B.\n", "label-broken"),
    ("[x][l]\n\n[l]: a.md\n[l]: b.md\n", "label-broken"),
    ("- R-1: One.\n- R-1: Two.\n", "id-broken"),
    ("## Step 1: A\n\nOne.\n\n## Step 1: B\n\nTwo.\n", "number-twice"),
    ("3. One.\n3. Two.\n4. Three.\n", "number-twice"),
]


@pytest.mark.parametrize(("text", "rule"), BROKEN)
def test_law__tells_what_no_source_has(text: str, rule: str) -> None:
    assert rule in told(f"# R\n\n{text}", "# R\n\n- One.\n", "# R\n\n- Two.\n")


@pytest.mark.parametrize(("text", "rule"), BROKEN)
def test_law__is_silent_about_what_a_source_has(text: str, rule: str) -> None:
    assert rule not in told(f"# R\n\n{text}", f"# R\n\n{text}", "# R\n\n- Two.\n")


@pytest.mark.parametrize("text", [text for case in (*COMBINED, *MERGED) for text in case.texts])
def test_law__holds_for_a_text_by_itself(text: str) -> None:
    assert not told(text, text)


def storage(name: str, many: int, tail: str = "") -> str:
    lines = "".join(f"- Check the {name} of storage number {n} before the nightly run.\n" for n in range(many))
    return f"# R\n\n## {name.title()}\n\n{lines}{tail}"


LAST = "\n## Never touch\n\n- Never delete the archive.\n"


@pytest.mark.parametrize(
    ("sizes", "paths", "is_told"),
    [
        ((300, 300), ("AGENTS.md",), True),
        ((300, 300), ("x/AGENTS.md",), True),
        ((300, 300), ("AGENTS.md", "CLAUDE.md"), True),
        ((300, 300), ("CLAUDE.md",), False),
        ((300, 300), ("MY-AGENTS.md",), False),
        ((300, 300), (), False),
        ((100, 100), ("AGENTS.md",), False),
        ((700, 100), ("AGENTS.md",), False),
    ],
)
def test_limit__of_the_host_that_reads_the_file(sizes: tuple[int, int], paths: tuple[str, ...], is_told: bool) -> None:
    one, two = storage("locks", sizes[0]), storage("names", sizes[1], LAST)
    result = one + two.removeprefix("# R\n\n")
    assert ("limit-exceeded" in told(result, one, two, paths=paths)) == is_told


def test_limit__says_where_it_cuts_and_what() -> None:
    one, two = storage("locks", 300), storage("names", 300, LAST)
    merged = combine([parse(one, filename="AGENTS.md"), parse(two, filename="CLAUDE.md")])
    (notice,) = (notice for notice in merged.findings if notice.rule == "limit-exceeded")
    (line,) = notice.lines
    head = "\n".join(merged.text.split("\n")[:line])
    assert len("\n".join(merged.text.split("\n")[: line - 1])) <= 32768 < len(head)
    assert "32,768" in notice.message


def test_limit__of_a_field_and_a_body() -> None:
    head = "---\nname: {}\ndescription: {}\n---\n# R\n\n- One.\n"
    read = [parse(head.format("r", "Short."), dialect="skill"), parse(head.format("r", "Brief."), dialect="skill")]
    result = parse(head.format("r", "Long. " * 200), dialect="skill")
    found = prove(Case(result, tuple(read), KNOWLEDGE))
    assert [notice.rule for notice in found] == ["limit-exceeded"]


def test_merge__is_proven_with_either_side_of_its_conflicts() -> None:
    base = "# R\n\nSay a.\n\n## Checks\n\n- One check of all.\n"
    ours = base.replace("Say a.", "Say b.").replace("Checks", "Gates")
    theirs = base.replace("Say a.", "See [checks](#checks), say c.")
    merged = merge(parse(base), parse(ours), parse(theirs))
    assert merged.open_conflicts
    (notice,) = (notice for notice in merged.findings if notice.rule == "anchor-broken")
    assert ["See [checks](#checks), say c." in merged.text.split("\n")[line - 1] for line in notice.lines] == [True]
