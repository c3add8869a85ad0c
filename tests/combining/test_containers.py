"""What stands in a container stays in it, and what stands outside of it does not go in."""

from __future__ import annotations

import pytest

from agentmerge import combine, parse
from agentmerge.errors import InputError
from agentmerge.planning.strategies import Policy

WRAPPED = [
    ("{% comment %}", "{% endcomment %}"),
    ("{{#if a}}", "{{/if}}"),
    ("{% if a %}", "{% endif %}"),
    ("<!-- X:START -->", "<!-- X:END -->"),
    ("<deprecated>", "</deprecated>"),
    ("<|im_start|>user", "<|im_end|>"),
    (":::warning", ":::"),
]


@pytest.mark.parametrize(("opened", "closed"), WRAPPED)
def test_container__takes_in_no_section_of_another_variant(opened: str, closed: str) -> None:
    inside = f"# A\n\n{opened}\n## Git\n\n- Use tabs.\n{closed}\n"
    outside = "# A\n\n## Git\n\n- Never push to main.\n"
    for order in ([inside, outside], [outside, inside]):
        text = combine([parse(one) for one in order]).text
        assert text.count(f"\n{opened}\n") == text.count(f"\n{closed}\n") == 1
        start, end = text.index(f"{opened}\n"), text.index(f"\n{closed}\n")
        assert start < text.index("- Use tabs.") < end
        assert not start < text.index("- Never push to main.") < end


@pytest.mark.parametrize(("opened", "closed"), WRAPPED)
def test_container__stands_for_no_rule_outside_of_it(opened: str, closed: str) -> None:
    inside = f"# A\n\n{opened}\n## Git\n\n- Never push to main.\n{closed}\n"
    outside = "# A\n\n## Git\n\n- Never push to main.\n"
    assert combine([parse(inside), parse(outside)]).text.count("- Never push to main.") == 2


def test_owned__two_blocks_of_one_file_are_two() -> None:
    block = "<!-- note -->\n- {}\n<!-- /note -->\n"
    text = f"# A\n\n{block.format('Use tabs.')}\n{block.format('Never push.')}"
    other = f"# A\n\n{block.format('Use tabs.')}"
    for order in ([text, other], [other, text]):
        result = combine([parse(one) for one in order]).text
        assert result.count("<!-- note -->") == 2
        assert "- Never push." in result


def test_owned__a_rule_that_the_newer_version_lacks_is_told() -> None:
    old = "# A\n\n<!-- gen v1 -->\n- Never push to main.\n- Ask.\n<!-- /gen -->\n"
    new = "# A\n\n<!-- gen v2 -->\n- Ask.\n<!-- /gen -->\n"
    merged = combine([parse(old), parse(new)])
    assert "Never push" not in merged.text
    assert [(one.rule, "Never push to main." in one.message) for one in merged.findings] == [
        ("guardrail-dropped", True)
    ]


@pytest.mark.parametrize(
    "remark",
    ["{# retired:\n- Never rebase the main branch.\n#}", "{{!-- retired:\n- Never rebase the main branch.\n--}}"],
)
def test_remark_of_a_template__stands_for_no_rule(remark: str) -> None:
    a = f"# A\n\n## Rules\n\n- Use tabs in code.\n{remark}\n- Write tests first.\n"
    b = "# A\n\n## Rules\n\n- Never rebase the main branch.\n- Use tabs in code.\n- Write tests first.\n"
    for order in ([a, b], [b, a]):
        text = combine([parse(one) for one in order]).text
        assert remark in text
        assert text.count("- Never rebase the main branch.") == 2


def test_template__with_remarks_behind_its_lines_is_not_torn() -> None:
    block = (
        "{% if admin %}\n- You may push to main.\n{% else %} {# all others #}\n- Ask first.\n{% endif %} {# admin #}\n"
    )
    a = f"# A\n\n## Rules\n\n{block}- Write tests first.\n"
    b = "# A\n\n## Rules\n\n- Ask first.\n- You may push to main.\n- Write tests first.\n"
    for order in ([a, b], [b, a]):
        assert block in combine([parse(one) for one in order]).text


@pytest.mark.parametrize(
    "bounds", ["{% if prod %}|{% endif %}", "<important>|</important>", "<!-- x:start -->|<!-- x:end -->"]
)
def test_procedure__goes_round_a_container(bounds: str) -> None:
    opened, closed = bounds.split("|")
    inside = f"{opened}\n3. Never skip the review.\n{closed}\n"
    steps = f"1. Read the ticket.\n2. Write the code.\n\n{inside}\n4. Merge the branch.\n"
    a = f"# A\n\n## Steps\n\n{steps}"
    b = "# A\n\n## Steps\n\n1. Read the ticket.\n2. Write the code.\n3. Run the linter.\n4. Merge the branch.\n"
    for order in ([a, b], [b, a]):
        text = combine([parse(one) for one in order]).text
        assert text.count("Merge the branch.") == 1
        assert text.index(closed) < text.index("Merge the branch.")


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\n1. a\n- b\n  - c\n2. d\n",
        "# A\n\n1. a\n\n- b\n\n  more\n\n2. d\n",
        "# A\n\n1. a\n\n- [ ] b\n  - c\n\n2. d\n",
    ],
)
def test_procedure__with_items_between_its_steps(text: str) -> None:
    result = combine([parse(text)]).text
    assert combine([parse(result)]).text == result
    assert result.split() == text.split()


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\n- x\n\n  <Scene at={1}>\n    <Part />\n  </Scene>\n",
        "+++\ntext\n\n- x\n",
        "# A\n\n<x>a\n{{#if b}}\n- c\n{{/if}}\n</x>\n",
        "<i>\n\n## H\n\n{% if b %}\n## G\n- c\n{% endif %}\n\n</i>\n",
    ],
)
def test_container__with_odd_layout_is_combined(text: str) -> None:
    result = combine([parse(text), parse("# A\n\n- y\n")]).text
    assert set(text.split()) <= set(result.split())


def test_meaning_without_a_term__is_refused_where_it_would_get_another() -> None:
    odd = parse("# T\n\ncolor\n\n---\n\n: gold\n", filename="odd.md")
    with pytest.raises(InputError, match="meaning of no term") as caught:
        combine([odd])
    assert (caught.value.file, caught.value.line) == ("odd.md", 7)


@pytest.mark.parametrize(
    "rows",
    [
        "{% for row in rows %}\n| {{ row }} | 1 |\n{% endfor %}\n",
        "| x | 0 |\n{% if more %}\n| y | 1 |\n{% endif %}\n| z | 2 |\n",
        "{{#each rows}}\n| {{this}} | 1 |\n{{/each}}\n| all | 9 |\n",
    ],
)
def test_a_table__keeps_the_loop_that_writes_its_rows(rows: str) -> None:
    table = f"| a | b |\n|---|---|\n{rows}"
    texts = [f"# R\n\n## T\n\n{table}\n- Never push\n", "# R\n\n## T\n\n- Run the tests\n", f"# R\n\n## T\n\n{table}"]
    for files in (texts, texts[::-1]):
        merged = combine([parse(text) for text in files])
        assert merged.text.count(table) == 1
        assert merged.text.count("|---|---|") == 1


@pytest.mark.parametrize(("opens", "closes"), [("<rules>", "</rules>"), ("{% if strict %}", "{% endif %}")])
@pytest.mark.parametrize("policy", [Policy(), Policy(on_conflict="first")])
def test_containers_that_contradict_each_other__are_a_conflict(opens: str, closes: str, policy: Policy) -> None:
    head = "# Role\n\nRead the code.\n\n"
    texts = [
        f"{head}{opens}\n\n- {word} push to the main branch.\n- Be {manner}.\n\n{closes}\n"
        for word, manner in (("Never", "brief"), ("Always", "kind"))
    ]
    merged = combine([parse(text) for text in texts], policy)
    assert len(merged.open_conflicts) == 1
    for text in ("Never push to the main branch.", "Always push to the main branch.", "Be brief.", "Be kind."):
        assert text in merged.text
    assert merged.text.count("agentmerge: conflict 1") == 2
