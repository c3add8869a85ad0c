"""Combining variants: what stands, what it costs, and that every unit has its fate."""

from __future__ import annotations

from collections import Counter

import pytest

from agentmerge import combine, parse
from agentmerge.errors import PolicyError, TemplateError
from agentmerge.model import Definition
from agentmerge.planning.records import Merged
from agentmerge.planning.strategies import Policy, parse_rule

A = """---
name: api-helper
description: Builds APIs.
tools: Read, Write, Bash
model: sonnet
---

# API Helper

You are an API engineer who ships.

## Rules

- Use parameterized queries to prevent SQL injection
- Always paginate list endpoints

## Steps

1. Read the code
2. Write a failing test
3. Make it pass
"""
B = """---
name: api-helper
description: Builds and reviews APIs for services.
tools: [Read, Bash, Grep]
model: inherit
color: "#ff0000"
---

You design contracts between teams, as an architect would.

**Rules:**

- Use prepared statements to prevent SQL injection
- Log every external call

Steps:
1. Ask what the API is for
2. Draw the resources
"""
C = """---
name: api-helper
description: Third.
model: inherit
---

## Rules

* Use parameterized queries to prevent SQL injection
"""


def _all(*texts: str) -> list[Definition]:
    return [parse(text, filename=f"{number}.md") for number, text in enumerate(texts)]


def _combined(*texts: str, **policy: object) -> Merged:
    return combine(_all(*texts), Policy(**policy))  # type: ignore[arg-type]


def _fates(merged: Merged) -> Counter[str]:
    return Counter(row.fate for row in merged.ledger)


def test_every_unit_has_one_fate_and_stands_where_the_ledger_says() -> None:
    merged = _combined(A, B, C)
    lines = merged.text.split("\n")
    keys = [(row.source.file, row.source.line) for row in merged.ledger]
    assert len(keys) == len(set(keys)) == 24
    for row in merged.ledger:
        if row.fate == "kept" and row.source.kind != "field":
            assert row.into is not None
            assert row.source.text in lines[row.into - 1]


def test_same_advice_stands_once() -> None:
    merged = _combined(A, B, C)
    assert merged.text.count("SQL injection") == 1


def test_combined_twice__nothing_changes() -> None:
    merged = _combined(A, B, C)
    again = _combined(merged.text, merged.text)
    assert again.text == merged.text


def test_order_of_variants__same_units_survive() -> None:
    def survivors(order: tuple[int, ...]) -> set[tuple[str, int]]:
        texts = (A, B, C)
        merged = _combined(*(texts[number] for number in order))
        return {
            (texts[order[row.source.file]], row.source.line)
            for row in merged.ledger
            if row.fate in ("kept", "merged") and row.source.kind != "field"
        }

    assert survivors((0, 1, 2)) == survivors((2, 0, 1)) == survivors((1, 2, 0))


def test_tools__only_what_every_variant_allows_and_the_cost_is_told() -> None:
    merged = _combined(A, B, C)
    assert "tools: Read, Bash\n" in merged.text
    (notice,) = [n for n in merged.findings if n.rule == "permission-narrowed"]
    assert "Write, Grep" in notice.message
    assert "--policy 'frontmatter/tools=union'" in notice.message


def test_tools__nothing_in_common_is_an_empty_list_and_not_all_tools() -> None:
    merged = _combined("---\nname: x\ntools: Read\n---\na\n", "---\nname: x\ntools: Bash\n---\nb\n")
    assert "tools: []\n" in merged.text
    assert [n.severity for n in merged.findings if "empty" in n.message] == ["warning"]


def test_tools__union_by_policy_warns_that_it_grants_more() -> None:
    merged = combine(_all(A, B), Policy(rules=(parse_rule("frontmatter/tools=union"),)))
    assert "tools: Read, Write, Bash, Grep\n" in merged.text
    assert [n.severity for n in merged.findings if n.rule == "permission-widened"] == ["warning"]


def _rights(one: str, other: str, *rules: str) -> list[tuple[str, str, str]]:
    """Severity, kind and words of what is told of two variants' rights."""
    texts = (f"---\nname: x\n{field}---\nBe kind.\n" for field in (one, other))
    found = combine([parse(text) for text in texts], Policy(rules=tuple(map(parse_rule, rules)))).findings
    return [(n.severity, n.rule, n.message) for n in found if n.rule.startswith("permission")]


@pytest.mark.parametrize(
    ("one", "other", "rule", "told"),
    [
        ("allowed-tools: Read\n", "allowed-tools: Bash\n", "", "'allowed-tools' is empty: nothing is granted by"),
        ("tools: []\n", "tools: Bash\n", "", "'tools' is empty: no tool is allowed by every variant"),
        ("tools: Read\n", "tools: Bash\n", "frontmatter/tools=unset", "'tools' is left out: every tool is allowed"),
    ],
)
def test_rights_that_end_empty_or_without_limit__are_a_warning(one: str, other: str, rule: str, told: str) -> None:
    found = _rights(one, other, *([rule] if rule else []))
    assert next(message for severity, _, message in found if severity == "warning").startswith(told)


def test_unset_list_of_tools__is_told_as_widened_alone() -> None:
    found = _rights("tools: Read\n", "tools: Bash\n", "frontmatter/tools=unset")
    assert [rule for _, rule, _ in found] == ["permission-widened"]


def test_servers_that_differ__are_told_as_left_out() -> None:
    servers = "mcpServers:\n  git:\n    command: {}\n"
    ((severity, rule, message),) = _rights(servers.format("a"), servers.format("b"))
    assert (severity, rule) == ("info", "permission-narrowed")
    assert message.startswith("'mcpServers' is left out (the variants grant different things): git (--policy ")


def test_lists_that_are_empty_everywhere__are_no_news() -> None:
    assert _rights("tools: []\n", "tools: []\n") == []
    assert _rights("disallowedTools: Bash\n", "disallowedTools: Read\n") == []


@pytest.mark.parametrize(("first", "flag"), [("bypassPermissions", "first"), ("plan", "set:bypassPermissions")])
def test_strictest_mode__is_told_with_the_way_to_the_other(first: str, flag: str) -> None:
    other = "plan" if first != "plan" else "bypassPermissions"
    found = _rights(f"permissionMode: {first}\n", f"permissionMode: {other}\n")
    message = (
        "'permissionMode' is the strictest, 'plan', not 'bypassPermissions' "
        f"(--policy 'frontmatter/permissionMode={flag}' takes it)"
    )
    assert found == [("info", "permission-narrowed", message)]


def test_model__majority_wins_and_the_loser_is_reported() -> None:
    merged = _combined(A, B, C)
    assert "model: inherit\n" in merged.text
    (conflict,) = [c for c in merged.conflicts if c.slot == "model"]
    assert (conflict.path, conflict.decided_by) == ("frontmatter/model", "majority")
    assert any("not 'sonnet'" in notice.message for notice in merged.findings)


def test_identity__stands_once() -> None:
    merged = _combined(A, A.replace("You are an API engineer who ships.", "You are the careful twin of nobody."))
    assert merged.text.count("You are") == 1
    assert any(decision.rule == "one-identity" for decision in merged.decisions)


def test_identity__a_prohibition_is_never_given_up_for_another_wording() -> None:
    first = "You are an engineer for APIs that many teams use and depend on.\n"
    merged = _combined(first, "You are an engineer. You must never delete data.\n")
    assert "You must never delete data." in merged.text


@pytest.mark.parametrize("wording", ["first", "shortest", "longest", "central"])
def test_guardrail__stands_for_the_advice_that_says_the_same(wording: str) -> None:
    loose, strict = "- Validate all user input data at the boundary\n", "- Always validate user input data\n"
    assert strict in _combined(f"## A\n\n{loose}", f"## A\n\n{strict}", wording=wording).text


def test_procedures_of_two_authors__stay_apart_and_named() -> None:
    merged = _combined(A, B)
    ours, theirs = merged.text.index("1. Read the code"), merged.text.index("1. Ask what the API is for")
    between = merged.text[min(ours, theirs) : max(ours, theirs)]
    assert "3. Make it pass" in between or "2. Draw the resources" in between
    assert "Steps" in between.split("\n\n")[-2] or "Steps" in between.split("\n\n")[-1]


def test_strategies__what_survives() -> None:
    assert "Log every external call" in _combined(A, B, C, strategy="union").text
    majority = _combined(A, B, C, strategy="majority").text
    assert "SQL injection" in majority
    assert "Log every external call" not in majority
    assert _fates(_combined(A, B, C, strategy="intersection"))["dropped"] > 0


def test_wording__picks_the_text_that_stands() -> None:
    assert "Builds APIs." in _combined(A, B, wording="shortest").text
    assert "Builds and reviews APIs for services." in _combined(A, B, wording="longest").text


def test_prefer__comes_before_the_order() -> None:
    assert "model: inherit" in combine(_all(A, B), Policy(prefer=(1,))).text
    assert "model: sonnet" in combine(_all(A, B), Policy()).text


def test_name_and_fixed_values() -> None:
    rules = (parse_rule("frontmatter/model=set:opus"), parse_rule("frontmatter/color=unset"))
    text = combine(_all(A, B), Policy(name="better", rules=rules)).text
    assert text.startswith("---\nname: better\n")
    assert "model: opus\n" in text
    assert "color" not in text


def test_policy_by_section__and_a_pattern_that_matched_nothing_is_told() -> None:
    for pattern in ("Rules", "Rules/*"):
        rules = (parse_rule(f"{pattern}=intersection"), parse_rule("Nowhere/*=majority"))
        merged = combine(_all(A, B), Policy(rules=rules))
        assert "Log every external call" not in merged.text
        assert [n.path for n in merged.findings if n.rule == "policy-unmatched"] == ["Nowhere/*"]


def test_pattern_that_matched_nothing__the_nearest_path_is_told() -> None:
    rules = (parse_rule("frontmatter/toolz=union"), parse_rule("Rulez/*=majority"), parse_rule("frontmatter/x=unset"))
    told = [n.message for n in combine(_all(A, B), Policy(rules=rules)).findings if n.rule == "policy-unmatched"]
    assert told == [
        "the policy 'frontmatter/toolz=union' matched nothing; did you mean 'frontmatter/tools'?",
        "the policy 'Rulez/*=majority' matched nothing; did you mean 'Rules'?",
        "the policy 'frontmatter/x=unset' matched nothing",
    ]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("frontmatter/tools=unoin", "did you mean 'union'?"),
        ("Rules=intersect", "did you mean 'intersection'?"),
        ("nonsense", "write PATH=RULE"),
    ],
)
def test_unknown_rule__names_what_is_near(rule: str, message: str) -> None:
    with pytest.raises(PolicyError) as error:
        parse_rule(rule)
    assert message in str(error.value)


def test_checklist_in_a_fence__becomes_tasks() -> None:
    assert (
        "- [ ] one thing\n- [x] another thing\n"
        in _combined("## Checklist\n\n```\n[ ] one thing\n[x] another thing\n```\n").text
    )


def test_template_syntax_in_a_body__is_text() -> None:
    assert "{{ secret }} {% raw %}" in _combined("Say {{ secret }} {% raw %}\n").text


def test_own_template__that_leaves_units_out_is_refused() -> None:
    with pytest.raises(TemplateError, match="the field 'name' is lost"):
        combine(_all(A), template="# {{ title }}\n", template_name="short.j2")


def test_own_template__whose_other_lines_end_alike_is_refused() -> None:
    first_alone = "{% for block in sections[0].blocks %}{{ block.text }}\n\n{% endfor %}"
    first, second = "- Before a release, run tests\n- Never ship on Fridays", "- run tests\n- ship on Fridays"
    body = f"## A\n\n{first}\n\n## B\n\n{second}\n"
    with pytest.raises(TemplateError, match="the heading 'a' is lost"):
        combine([parse(body)] * 2, template=first_alone, template_name="short.j2")


def test_own_template__that_ticks_a_task_is_refused() -> None:
    ticking = "{% for block in sections[0].blocks %}{{ block.text | replace('[ ]', '[x]') }}\n\n{% endfor %}"
    definitions = [parse("## Checklist\n\n- [ ] Tests pass\n")] * 2
    assert "- [ ] Tests pass" in combine(definitions).text
    with pytest.raises(TemplateError, match="the heading"):
        combine(definitions, template=ticking, template_name="ticking.j2")


def test_wide_spaces__are_characters_of_their_author() -> None:
    assert "- Do\u2003this\u2003\n  \u2003\n  and that\n" in _combined("- Do\u2003this\u2003 \n\u2003\nand that\n").text


def test_annotate__names_the_sources() -> None:
    merged = combine(_all(A, B), annotate=True)
    assert "<!-- agentmerge: from 0.md:14, 1.md:13 -->" in merged.text


def test_blocks_between_tags__stay_together() -> None:
    example = "<example>\n\nContext: a\n\nuser: b\n\n</example>\n"
    assert example in _combined(f"# T\n\n## Examples\n\n{example}", "# T\n\n## Examples\n\nContext: a\n").text


def test_code_with_an_open_fence__is_closed() -> None:
    text = _combined("## B\n\ntext\n\n## A\n\n```sh\nls\n").text
    assert text.count("```") == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("- Always commit directly to main\n", "- Never commit directly to main\n"),
        ("- You may push to main\n", "- You may not push to main\n"),
        ("- Never delete production data\n", "- Never delete production data without a backup\n"),
        ("| a | b |\n|---|---|\n| max | 5 |\n", "| a | b |\n|---|---|\n| max | 9 |\n"),
        ("- Store keys with AES-128\n", "- Store keys with AES-256\n"),
        ("- Read https://a.example first\n", "- Read https://b.example first\n"),
    ],
)
def test_texts_that_differ_in_something_hard__both_stand(one: str, other: str) -> None:
    merged = _combined(f"## A\n\n{one}", f"## A\n\n{other}")
    for text in (one, other):
        assert text.strip().splitlines()[-1] in merged.text


def test_procedure_in_another_order__both_stand_whole() -> None:
    merged = _combined("1. Build\n2. Test\n3. Ship\n", "1. Test\n2. Build\n3. Ship\n")
    assert "1. Build\n2. Test\n3. Ship\n" in merged.text
    assert "1. Test\n2. Build\n3. Ship\n" in merged.text


def test_dropped_prohibition__is_told() -> None:
    merged = _combined("- Never log tokens\n- a\n", "- a\n", strategy="intersection")
    assert [n.rule for n in merged.findings if n.severity == "warning"] == ["guardrail-dropped"]


def test_permission_levels__the_strictest_of_each() -> None:
    one = "---\npermission:\n  edit: allow\n  bash: ask\n---\n"
    other = "---\npermission:\n  edit: deny\n---\n"
    assert _combined(one, other).text == _combined(other, one).text
    assert "edit: deny" in _combined(one, other).text
    assert "bash: ask" in _combined(one, other).text


def test_tools_switched_off__stay_off() -> None:
    text = _combined("---\ntools:\n  write: false\n---\n", "---\ntools:\n  bash: false\n---\n").text
    assert "write: false" in text
    assert "bash: false" in text


def test_conflict_of_an_earlier_combine__is_still_open() -> None:
    one, other = "- Keep coverage above 80%\n- Write docs\n", "- Keep coverage above 90%\n- Write docs\n"
    merged = _combined(f"## A\n\n{one}", f"## A\n\n{other}")
    assert len(merged.open_conflicts) == 1
    again = _combined(merged.text, merged.text)
    assert again.text == merged.text
    assert again.open_conflicts


R1 = "# Tester\n\n## Standards\n\n- Test coverage must be at least 80 %\n- Name tests after behaviour\n"
R2 = R1.replace("80 %", "90 %")


def _comments(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if "<!-- agentmerge:" in line]


def test_conflict_found_again__its_comments_are_replaced() -> None:
    result = _combined(R1, R2).text
    again = _combined(result, R1)
    assert _comments(again.text) == [
        "<!-- agentmerge: conflict 1, coverage test: side 1 of 2, another says otherwise -->",
        "<!-- agentmerge: conflict 1, coverage test: side 2 of 2, another says otherwise -->",
    ]
    assert len(again.open_conflicts) == 1
    fates = [row.fate for row in again.ledger if row.source.text.startswith("<!--")]
    assert fates == ["superseded", "superseded"]
    decided = combine([parse(result), parse(R1)], Policy(on_conflict="first"))
    assert _comments(decided.text) == []
    assert decided.open_conflicts == ()


def test_replaced_comment__is_no_lost_guardrail() -> None:
    other = parse(R2, filename="never.md")
    result = combine([parse(R1), other]).text
    again = combine([parse(result), other])
    assert [n.message for n in again.findings if n.rule.startswith("guardrail")] == []


def test_conflict_not_found_again__its_comments_stay_and_are_told_once() -> None:
    result = _combined(R1, R2).text
    limits = "\n## Limits\n\n- Answer in at most {} lines\n"
    merged = _combined(result, limits.format(10), limits.format(20))
    assert len(merged.open_conflicts) == 2
    assert sorted(line.split(",")[0] for line in _comments(merged.text)) == [
        "<!-- agentmerge: conflict 1",
        "<!-- agentmerge: conflict 1",
        "<!-- agentmerge: conflict 2",
        "<!-- agentmerge: conflict 2",
    ]


def test_annotated_result__combined_again_is_the_same() -> None:
    code = '\n## Errors\n\n```json\n{"error": {"code": "A", "details": %s}}\n```\n'
    texts = [f"{R1}{code % '[]'}", f"{R2}{code % '{}'}"]
    definitions = [parse(text, filename=f"{number}.md") for number, text in enumerate(texts)]
    first = combine(definitions, annotate=True).text
    assert "otherwise -->\n<!-- agentmerge: from" in first
    assert _combined(first).text == first
    second = combine([parse(first, filename="x.md")], annotate=True).text
    assert combine([parse(second, filename="x.md")], annotate=True).text == second
    assert len(_comments(second)) == len(_comments(first))


def test_hidden_characters__the_variant_that_brings_them_in_is_named() -> None:
    merged = _combined("- plain advice\n", "- other\u200b advice\n")
    (notice,) = [n for n in merged.findings if n.rule == "hidden-characters"]
    assert notice.message == "1.md brings in hidden characters: U+200B"


def test_skills__what_goes_beyond_a_variant_is_told_with_the_way_back() -> None:
    texts = ["---\nname: a\nskills: [testing]\n---\nOne.\n", "---\nname: a\n---\nOne.\n"]
    definitions = [parse(text) for text in texts]
    merged = combine(definitions)
    (notice,) = [n for n in merged.findings if n.rule == "permission-widened"]
    assert "1 of the 2 variants" in notice.message
    assert "--policy 'frontmatter/skills=restrict'" in notice.message
    restricted = combine(definitions, Policy(rules=(parse_rule("frontmatter/skills=restrict"),)))
    assert "skills" not in restricted.text
    assert "skills" not in combine(definitions, Policy(strategy="intersection")).text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Implement RESTful APIs and GraphQL endpoints", "Define clear RESTful resources or GraphQL schema"),
        ("Version APIs from day one", "Version APIs (prefer URL versioning for REST)"),
    ],
)
def test_same_topic__a_text_that_says_more_of_its_own_stays(one: str, other: str) -> None:
    merged = _combined(f"# T\n\n## API\n\n- {one}\n", f"# T\n\n## API\n\n- {other}\n")
    assert one in merged.text
    assert other in merged.text


@pytest.mark.parametrize(
    "body",
    [
        "## Experts\n\n**Ann** - Law\n\n- **Field**: contracts\n\n**Bob** - Operations\n\n- **Field**: servers\n",
        "## Steps\n\n1. **Build**:\n\n- run make\n\n2. **Push**:\n\n- tag it\n\n3. **Deploy**\n",
        "## Patterns\n\n- Use matching:\n\n```js\na\n```\n\n- Support guards:\n\n```js\nb\n```\n",
        "## Red flags\n\n**Watch for these:**\n- one thing\n- two things\n\n**When you see these:** STOP.\n",
    ],
)
def test_one_author__what_belongs_together_stays_together(body: str) -> None:
    assert _combined(f"# T\n\n{body}", f"# T\n\n{body}").text == f"# T\n\n{body}"


def test_second_author__stays_out_between_an_item_and_its_code() -> None:
    first = "# T\n\n## Patterns\n\n- Use matching:\n\n```js\na\n```\n"
    text = _combined(first, "# T\n\n## Patterns\n\n- Use matching:\n- Name things well\n").text
    assert text == f"{first}\n- Name things well\n"


def test_purpose__what_its_own_author_says_beside_it_stays() -> None:
    core = "**Core principle:** find the cause before any fix.\n"
    text = _combined(
        f"# T\n\n## Overview\n\n{core}", f"# T\n\n## Overview\n\nRandom fixes waste time and add bugs.\n\n{core}"
    ).text
    assert text.count("Core principle") == 1
    assert "Random fixes waste time and add bugs." in text


def test_purpose__facts_are_not_given_up() -> None:
    first = "# T\n\n## Overview\n\nReads the logs of staging clusters below /var/log/pods.\n"
    text = _combined(first, "# T\n\n## Overview\n\nFinds the slowest request of every service in a table.\n").text
    assert "/var/log/pods" in text


def test_cover__a_topic_does_not_contain_what_is_said_of_it() -> None:
    longer = "Event-driven architectures with schema evolution and compatibility"
    for texts in (("Event-driven", longer), (longer, "Event-driven")):
        assert longer in _combined(*(f"# T\n\n## Architecture\n\n- {text}\n" for text in texts)).text


def test_advice__is_given_up_for_a_subject_to_know_only_where_that_is_sure() -> None:
    advice = "Tune slow queries"
    topic = "**Database**: Query tuning, slow logs, replicas"
    text = _combined(f"# T\n\n## Responsibilities\n\n- {advice}\n", f"# T\n\n## Core Expertise\n\n- {topic}\n").text
    assert advice in text
    assert topic in text


def test_prohibition_of_a_later_sentence__contradicts_no_name() -> None:
    rule = "Formatting: Use markdown. DO NOT USE CODE BLOCKS unless asked"
    merged = _combined("# T\n\n## Output\n\n- Format consistency\n", f"# T\n\n## Output\n\n- {rule}\n")
    assert not merged.conflicts


def test_exception__of_another_item_is_another_one() -> None:
    rule, other, exception = "- Never delete files\n", "- Never push to main\n", "  - unless the user confirms\n"
    variants = [f"# T\n\n## Rules\n\n{rule}{exception}{other}", f"# T\n\n## Rules\n\n{rule}{other}{exception}"]
    for order in (variants, variants[::-1]):
        assert _combined(*order).text == f"# T\n\n## Rules\n\n{rule}{exception}{other}{exception}"


def test_fields__with_keys_in_another_order_agree() -> None:
    first = "---\nname: a\nhooks:\n  PreToolUse:\n    - matcher: Bash\n      command: check.sh\n---\n\n- Ask.\n"
    second = first.replace(
        "    - matcher: Bash\n      command: check.sh", "    - command: check.sh\n      matcher: Bash"
    )
    merged = combine([parse(first), parse(second)])
    assert "command: check.sh" in merged.text
    assert merged.findings == ()
