"""What the alignment must keep, whatever the scores: laws, and cases that a reader would not forgive."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from agentmerge import align, parse
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching import constants
from agentmerge.matching.aligning import partners
from agentmerge.matching.features import kind_of
from agentmerge.matching.records import Alignment, Group
from agentmerge.text import lexicon
from agentmerge.text.shapes import Block, disagreement
from agentmerge.text.similarity import contained, letters
from tests.shipped import SHIPPED

SECURITY_A = """---
name: api-guard
model: opus
tools: Read, Grep
---

You are a guard of interfaces.

## Security

- Use parameterized queries to prevent SQL injection
- Never hardcode credentials
- Encrypt personal data at rest
- Keep test coverage above 80%
- **Caching**: Redis patterns, cache invalidation

## Deliverables

- API documentation
"""
SECURITY_B = """---
name: api-guard
model: sonnet
tools: [Grep, Read]
---

# Guard

You are an engineer who guards interfaces.

## Security rules

- Use prepared statements for SQL injection prevention
- Keep test coverage above 90%
- Rotate the keys of the signing service every month

## Pitfalls

- Hardcoding credentials

## Caching

- Cache invalidation strategies

## Workflow

1. Document the API
"""
SECURITY_C = """---
name: api-guard
model: opus
---

You are careful.

## Data safety

- Encrypt PII at rest
- Prepared statements against SQL injection
- Hardcode credentials in tests
"""


def _aligned(*texts: str, knowledge: Knowledge = SHIPPED) -> Alignment:
    return align([parse(text, knowledge=knowledge) for text in texts], knowledge=knowledge)


def _texts(group: Group) -> set[str]:
    return {member.text for member in group.members}


def _groups(alignment: Alignment, relation: str) -> list[set[str]]:
    return [_texts(group) for group in alignment.units if group.relation == relation]


def _together(alignment: Alignment, relation: str, first: str, second: str) -> bool:
    return any({first, second} <= texts for texts in _groups(alignment, relation))


def _items(*items: str, title: str = "Rules") -> str:
    return f"## {title}\n\n" + "".join(f"- {item}\n" for item in items)


# Words


def test_same__synonyms_of_the_tables() -> None:
    assert _together(
        _aligned(SECURITY_A, SECURITY_B),
        "same",
        "Use parameterized queries to prevent SQL injection",
        "Use prepared statements for SQL injection prevention",
    )


def test_same__a_users_synonym_counts() -> None:
    texts = (_items("Feed the zorblax every day", "Wash hands"), _items("Feed the quuxling every day", "Close doors"))
    assert not _together(_aligned(*texts), "same", "Feed the zorblax every day", "Nothing")
    own = Knowledge({"concepts": {"own": {"zorblax": "quuxling"}}})
    pair = "Feed the zorblax every day", "Feed the quuxling every day"
    assert _together(_aligned(*texts, knowledge=own), "same", *pair)


def test_same__chinese_without_english_tables() -> None:
    first = _items("使用参数化查询防止SQL注入", "编写单元测试", title="安全")
    second = _items("使用参数化查询来防止SQL注入攻击", "记录日志", title="安全规则")
    assert _together(_aligned(first, second), "same", "使用参数化查询防止SQL注入", "使用参数化查询来防止SQL注入攻击")


def test_language__is_told_by_its_function_words() -> None:
    known = lexicon.of(SHIPPED)
    assert known.language(["Você deve escrever testes para o código e não deixar falhas"]) == "pt"
    assert known.language(["You must write the tests for the code"]) == "en"
    assert known.language(["你必须编写测试"]) == "cjk"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("validate", "validation"),
        ("caching", "caches"),
        ("queries", "query"),
        ("optimise", "optimization"),
        ("optimization", "optimizations"),
        ("prioritize", "prioritizes"),
        ("objective", "objectives"),
        ("opportunity", "opportunities"),
        ("story", "stories"),
        ("visible", "visibility"),
    ],
)
def test_stem__joins_a_family(first: str, second: str) -> None:
    assert lexicon.of(SHIPPED).stem(first) == lexicon.of(SHIPPED).stem(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("integrity", "integration"),
        ("login", "logging"),
        ("user", "use"),
        ("product", "production"),
        ("generate", "generator"),
    ],
)
def test_stem__keeps_strangers_apart(first: str, second: str) -> None:
    assert lexicon.of(SHIPPED).stem(first) != lexicon.of(SHIPPED).stem(second)


@pytest.mark.parametrize(
    ("term", "other"),
    [
        ("CORS", "core"),
        ("customer types", "custom types"),
        ("paging", "page"),
        ("error messaging", "error message"),
        ("localization of files", "local files"),
        ("story data", "stored data"),
        ("type safety", "types"),
        ("settings", "set"),
    ],
)
def test_term__is_not_taken_from_a_word_that_looks_like_it(term: str, other: str) -> None:
    assert not set(lexicon.of(SHIPPED).tokens(term, "en")) <= set(lexicon.of(SHIPPED).tokens(other, "en"))


@pytest.mark.parametrize("term", ["prepared statements", "error handling", "data quality", "state management"])
def test_term__of_shaping_words_still_says_something(term: str) -> None:
    assert set(lexicon.of(SHIPPED).tokens(term, "en")) - lexicon.of(SHIPPED).form


def test_circumstances__do_not_begin_inside_a_term() -> None:
    alignment = _aligned(
        _items("Adopt infrastructure as code for all servers", "Draw the infrastructure as a diagram"),
        _items("Infrastructure as code adopted"),
    )
    assert _together(
        alignment, "same", "Adopt infrastructure as code for all servers", "Infrastructure as code adopted"
    )
    assert not _together(alignment, "same", "Draw the infrastructure as a diagram", "Infrastructure as code adopted")


# What must never be the same


def test_prohibition__is_not_the_same_as_its_opposite() -> None:
    alignment = _aligned(SECURITY_A, SECURITY_C)
    assert not _together(alignment, "same", "Never hardcode credentials", "Hardcode credentials in tests")


def test_prohibition__is_the_same_as_the_pitfall_that_names_it() -> None:
    assert _together(_aligned(SECURITY_A, SECURITY_B), "same", "Never hardcode credentials", "Hardcoding credentials")


def test_prohibition__contradicts_the_rule_that_asks_for_it() -> None:
    alignment = _aligned(_items("Never use global variables"), _items("Use global variables"))
    (group,) = [group for group in alignment.units if group.relation == "contradicts"]
    assert group.slot
    assert "forbids" in group.reason


def test_prohibition__of_something_else_in_passing_contradicts_nothing() -> None:
    alignment = _aligned(
        _items("**Injection**: Build queries from parameters, never from strings"),
        _items("Use parameterized queries to prevent SQL injection"),
    )
    assert not _groups(alignment, "contradicts")


def test_prohibition__agrees_with_a_pitfall_under_any_title_that_warns() -> None:
    first = _items("Keep secrets in the environment, never hardcode credentials", title="Security")
    for title in ("Pitfalls to avoid", "Don'ts", "Avoid these mistakes", "Whatever"):
        alignment = _aligned(first, _items("Hardcoding credentials", "Ignoring time zones", title=title))
        assert not _groups(alignment, "contradicts"), title


def test_deliverable__is_the_same_as_the_order_to_make_just_that() -> None:
    first = _items("Write comprehensive unit and integration tests", "Lint the migration scripts", title="Workflow")
    second = _items("Unit and integration tests", "Migration scripts", title="Deliverables")
    alignment = _aligned(first, second)
    made, other = ("Write comprehensive unit and integration tests", "Lint the migration scripts")
    assert _together(alignment, "same", made, "Unit and integration tests")
    assert _score_of(alignment, made) > _score_of(alignment, other)


def test_introduction__is_the_same_line_in_every_variant() -> None:
    texts = (
        "When invoked:\n\n1. Read the ticket\n",
        "When working on a task, you MUST:\n\n1. Open the door\n",
        "Checklist:\n\n- Wash hands\n",
    )
    groups = [g for g in _aligned(*texts).units if g.reason.endswith("to its steps")]
    assert [sorted(m.file for m in g.members) for g in groups] == [[0, 1]]


def test_deliverable__is_less_likely_an_instruction_than_another_deliverable() -> None:
    one, other = "API documentation", "Document the API"
    ordered, listed = (
        _aligned(_items(one, title="Deliverables"), _items(other, title=t)) for t in ("Steps", "Outputs")
    )
    assert 0 < _score_of(ordered, other) < _score_of(listed, other)


def _score_of(alignment: Alignment, text: str) -> float:
    return max((group.score for group in alignment.units if text in _texts(group)), default=0.0)


def test_threshold__another_value_contradicts() -> None:
    alignment = _aligned(SECURITY_A, SECURITY_B)
    assert _together(alignment, "contradicts", "Keep test coverage above 80%", "Keep test coverage above 90%")
    assert not _together(alignment, "same", "Keep test coverage above 80%", "Keep test coverage above 90%")


def test_threshold__of_the_same_metric_is_the_same_whatever_else_is_said() -> None:
    first = _items("Write unit tests with >80% coverage for business logic", "Wash hands", title="Testing")
    second = _items("Tests achieve >80% coverage", "Close doors", title="Definition of Done")
    assert _together(
        _aligned(first, second),
        "same",
        "Write unit tests with >80% coverage for business logic",
        "Tests achieve >80% coverage",
    )


def test_threshold__of_another_metric_does_not_contradict() -> None:
    alignment = _aligned(_items("Functions stay under 50 lines"), _items("Modules stay under 400 lines"))
    assert not _groups(alignment, "contradicts")


def test_field__other_value_contradicts_and_order_of_a_set_does_not() -> None:
    slots = {g.slot for g in _aligned(SECURITY_A, SECURITY_B).units if g.relation == "contradicts"}
    assert "frontmatter/model" in slots
    assert "frontmatter/tools" not in slots


def test_field__groups_of_a_contradiction_hold_no_two_that_agree() -> None:
    groups = [g for g in _aligned(SECURITY_A, SECURITY_B, SECURITY_C).units if g.slot == "frontmatter/model"]
    assert groups
    assert all(len({member.text for member in group.members}) == len(group.members) for group in groups)


def test_shapes__another_type_is_named_by_its_path() -> None:
    left, right = '{"error": {"code": 1, "details": []}}', '{"error": {"code": 2, "details": {"field": "x"}}}'
    found = disagreement(Block(left, "json"), Block(right, "json"))
    assert found is not None
    assert found[0] == "error.details"
    assert disagreement(Block('{"error": {"code": 1}}', ""), Block('{"data": []}', "")) is None


def test_code__is_never_the_same_as_prose() -> None:
    alignment = _aligned("## A\n\n```\nwrite the unit tests\n```\n", "## A\n\n- write the unit tests\n")
    assert not _groups(alignment, "same")


# Laws

ADVICE = {
    "naming": ("Name variables for what they hold", "Prefer whole words to abbreviations"),
    "logging": ("Log each failed request with its cause", "Rotate log files every night"),
    "caching": ("Invalidate cached pages when an article changes", "Warm caches before traffic arrives"),
    "routing": ("Keep public routes behind the gateway", "Version every route that clients call"),
    "sharding": ("Split tenants over database shards by region", "Rebalance shards in small steps"),
    "signing": ("Sign release artifacts with the team key", "Verify signatures before an install"),
}
MANY = [_items(*advice, title=f"About {word}") for word, advice in ADVICE.items()] + [
    SECURITY_A,
    SECURITY_B,
    SECURITY_C,
]


def _shape(alignment: Alignment, order: Sequence[int]) -> tuple[set[object], ...]:
    """Groups without file numbers: what must not depend on the order of the files."""

    def row(group: Group) -> tuple[object, ...]:
        members = frozenset((order[member.file], member.line) for member in group.members)
        return members, group.relation, group.score, group.slot

    return {row(group) for group in alignment.units}, {row(group) for group in alignment.sections}


def test_order__of_the_files_changes_their_numbers_only() -> None:
    texts = [SECURITY_A, SECURITY_B, SECURITY_C]
    shapes = [_shape(_aligned(*(texts[i] for i in order)), order) for order in itertools.permutations(range(3))]
    assert all(shape == shapes[0] for shape in shapes)


def test_order__of_many_files_changes_their_numbers_only() -> None:
    order = [*range(len(MANY))]
    turned = order[::-1]
    assert _shape(_aligned(*MANY), order) == _shape(_aligned(*(MANY[i] for i in turned)), turned)


def test_same__groups_are_disjoint() -> None:
    keys = [member.key for group in _aligned(*MANY).units if group.relation == "same" for member in group.members]
    assert len(keys) == len(set(keys))


def test_same__groups_do_not_chain() -> None:
    alignment = _aligned(*MANY)
    for group in alignment.units:
        if group.relation == "same":
            named = {word for word, advice in ADVICE.items() if not _texts(group).isdisjoint(advice)}
            assert len(named) <= 1, _texts(group)


def test_same__every_pair_of_a_group_is_the_same_by_itself() -> None:
    """A chain a-b-c with nothing between a and c stays apart."""
    first, middle, last = _items("Encrypt tokens"), _items("Encrypt tokens and audit logins"), _items("Audit logins")
    assert not _together(_aligned(first, middle, last), "same", "Encrypt tokens", "Audit logins")


def test_adding_a_variant__keeps_every_unit() -> None:
    small, large = _aligned(SECURITY_A, SECURITY_B), _aligned(SECURITY_A, SECURITY_B, SECURITY_C)
    assert [row.units for row in small.coverage] == [row.units for row in large.coverage][:2]


def test_one_definition__has_no_groups() -> None:
    alignment = _aligned(SECURITY_A)
    assert not alignment.units
    assert not alignment.sections


def test_empty_definitions__align_to_nothing() -> None:
    alignment = _aligned("", "")
    assert not alignment.units
    assert [row.share for row in alignment.coverage] == [0.0, 0.0]


def test_identical_definitions__are_the_same_unit_by_unit() -> None:
    alignment = _aligned(SECURITY_A, SECURITY_A)
    assert all(row.matched == row.units for row in alignment.coverage)
    assert not _groups(alignment, "contradicts")


def test_reason__names_words_and_heading() -> None:
    for group in _aligned(SECURITY_A, SECURITY_B, SECURITY_C).units:
        assert group.reason
        assert group.relation != "contradicts" or group.slot


def test_reason__is_in_words_not_in_stems() -> None:
    (group,) = [
        g for g in _aligned(_items("Document every API"), _items("Document each API")).units if g.relation == "same"
    ]
    assert "document" in group.reason
    (conflict,) = [g for g in _aligned(SECURITY_A, SECURITY_B).units if "threshold" in g.reason]
    assert conflict.slot == "coverage test"


def _score(one: str, other: str) -> float:
    return max((group.score for group in _aligned(one, other).units if group.relation != "contradicts"), default=0.0)


@pytest.mark.xfail(strict=True, reason="statements of one template are alike in all that the model weighs")
def test_template__with_another_object_is_another_statement() -> None:
    first, second = _items("Review the linting of every change"), _items("Review the naming of every change")
    assert _score(first, second) < constants.SAME


def test_letters__tell_how_alike_two_texts_are_written() -> None:
    whole, part, other = letters("caching strategies of services"), letters("caching strategy"), letters("unit tests")
    assert contained(whole, whole) == 1.0
    assert contained(whole, other) < contained(whole, part) == contained(part, whole) < 1
    assert contained(whole, letters("")) == 0.0


def test_letters__count_in_any_script() -> None:
    assert contained(letters("缓存失效策略"), letters("缓存失效的策略")) > 0


def test_score__is_less_under_a_heading_that_the_other_side_does_not_say() -> None:
    other = _items("Performance tuning of hot loops")
    strange, plain = (f"Notes.\n\n{_items('Performance tuning', title=title)}" for title in ("WebAssembly", "Rules"))
    assert _score(strange, other) < _score(plain, other)


def test_score__is_less_for_what_has_many_partners() -> None:
    few = _items("Performance tuning of hot loops")
    many = _items(
        "Performance tuning of hot loops", "Performance budget", "Performance report", "Slow performance alert"
    )
    assert _score(_items("Performance tuning"), many) < _score(_items("Performance tuning"), few)


def test_score__lies_in_its_range() -> None:
    for group in (*_aligned(*MANY).units, *_aligned(*MANY).sections):
        assert 0 <= group.score <= 1


def test_result__does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from agentmerge import align, parse; import sys;"
        "texts = sys.stdin.read().split('\\0'); found = align([parse(text) for text in texts]);"
        "print([(g.relation, g.score, g.reason, [m.key for m in g.members]) for g in (*found.units, *found.sections)])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            input="\0".join(MANY),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(outputs) == 1


def test_tables__may_be_empty_of_concepts(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = Knowledge.raw
    monkeypatch.setattr(Knowledge, "raw", lambda self, name: {} if name == "concepts" else shipped(self, name))
    alignment = _aligned(_items("Validate all input"), _items("Validate all input"), knowledge=Knowledge())
    assert _groups(alignment, "same") == [{"Validate all input"}]


# Sections


def test_section__same_kind_under_another_title() -> None:
    first = "## Personality\n\n- Thinks in systems\n\n## Outputs\n\n- Schema of tables\n"
    second = "## Core Philosophy\n\n- Loves order\n\n## Deliverables\n\n- Schema of the tables\n"
    pairs = {frozenset(_texts(group)) for group in _aligned(first, second).sections}
    assert frozenset({"Outputs", "Deliverables"}) in pairs
    assert frozenset({"Personality", "Core Philosophy"}) in pairs


def test_section__of_another_subject_is_not_the_same_for_its_kind() -> None:
    first = "## Migration checklist\n\n- Back up the tables\n\n## Deliverables\n\n- Release notes\n"
    second = "## Accessibility checklist\n\n- Check the contrast\n\n## Outputs\n\n- Screenshots\n"
    pairs = {frozenset(_texts(group)) for group in _aligned(first, second).sections}
    assert pairs == {frozenset({"Deliverables", "Outputs"})}


def test_section__that_holds_a_better_partner_is_no_partner() -> None:
    topics = "### Caching\n\n- Invalidate the cache\n- Warm the cache\n\n### Queues\n\n- Drain the queue\n"
    alignment = _aligned(f"## Expertise\n\n{topics}", "## Caching\n\n- Invalidate the cache\n- Warm the cache\n")
    assert [_texts(group) for group in alignment.sections] == [{"Caching"}]


def test_section__that_frames_the_others_is_no_partner() -> None:
    lines = {member.line for group in _aligned(SECURITY_A, SECURITY_B).sections for member in group.members}
    assert lines.isdisjoint({1, 6, 7})


@pytest.mark.parametrize(
    ("title", "kind"), [("1. Core Principles", "principles"), ("🚀 Workflow:", "workflow"), ("Database", "")]
)
def test_kind__is_read_from_the_title(title: str, kind: str) -> None:
    assert kind_of(title, SHIPPED) == kind


def test_constants__thresholds_are_ordered() -> None:
    assert constants.RELATED < constants.LINK <= constants.SAME
    assert constants.SECTION_OVERLAP < constants.SECTION_SAME


def test_partners__are_ranked_however_unlikely() -> None:
    found = partners([parse(SECURITY_A), parse(SECURITY_B)], SHIPPED)
    assert {one.rank for one in found} == {1, 2}
    assert any(0 < one.score < constants.RELATED for one in found)
