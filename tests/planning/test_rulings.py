"""Answers decide before any rule, lose nothing in silence, and are refused one by one."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from agentmerge import combine, parse
from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.model import Definition
from agentmerge.planning.records import Answer, Answers, By, Fate, Merged, Plan, Question, hash_of
from tests.shipped import SHIPPED

ROOT = Path(__file__).parents[2]
HEAD = "---\nname: a\ndescription: Use for a\n---\n\n# A\n\n"


class Reader:
    """Answers questions by the texts that they are about."""

    def __init__(self, answer: Callable[[Question, dict[str, str]], dict[str, Any] | None], by: By = "person") -> None:
        self._answer, self._by = answer, by
        self.plan: Plan | None = None

    def __call__(self, plan: Plan) -> Answers:
        self.plan = plan
        texts = {text.id: text.text for text in plan.texts}
        said = ((question, self._answer(question, texts)) for question in plan.questions)
        return Answers(tuple(self._made(question, one) for question, one in said if one))

    def _made(self, question: Question, said: dict[str, Any]) -> Answer:
        whole: dict[str, Any] = {"line": 1, "id": question.id, "by": self._by, "file": "d", **said}
        return Answer(**whole)


def _definitions(*bodies: str) -> list[Definition]:
    return [parse(HEAD + body, filename=f"{number}.md") for number, body in enumerate(bodies)]


def _about(*beginnings: str, by: By = "person", **answer: Any) -> Reader:
    """One answer for the question that has a text with each of these beginnings; `of` and `take` are told by them."""

    def named(begin: str, texts: dict[str, str], question: Question) -> str:
        return next(name for name in question.texts if texts[name].startswith(begin))

    def say(question: Question, texts: dict[str, str]) -> dict[str, Any] | None:
        if not all(any(texts[name].startswith(begin) for name in question.texts) for begin in beginnings):
            return None
        said = dict(answer)
        if "take" in said:
            said["take"] = named(said["take"], texts, question)
        if question.kind == "same?" and said["action"] in ("same", "custom"):
            said["of"] = (tuple(named(begin, texts, question) for begin in beginnings),)
        return said

    return Reader(say, by)


def _rules(merged: Merged, rule: str) -> list[str]:
    return [note.message for note in merged.findings if note.rule == rule]


PLAIN = "## Work\n\n- Tell support two days ahead\n- Write the change log\n"
OTHER = "## Work\n\n- Support knows of it two days before\n- Draw the diagram\n"


def test_same__merges_and_the_fuller_text_stands() -> None:
    merged = combine(_definitions(PLAIN, OTHER), ask=_about("Tell support", "Support knows", action="same"))
    assert "Support knows of it two days before" in merged.text
    assert "Tell support" not in merged.text
    (decision,) = [one for one in merged.decisions if one.rule == "person"]
    assert decision.action == "merge"
    row = next(row for row in merged.ledger if row.source.text.startswith("Tell support"))
    assert row.fate == Fate.MERGED
    assert row.into == merged.text.split("\n").index("- Support knows of it two days before") + 1


def test_take__says_which_text_stands() -> None:
    ask = _about("Tell support", "Support knows", action="same", take="Tell")
    text = combine(_definitions(PLAIN, OTHER), ask=ask).text
    assert "- Tell support two days ahead" in text
    assert "Support knows" not in text


def test_distinct__keeps_what_the_tool_would_merge() -> None:
    bodies = "## Work\n\n- Validate all input data\n", "## Work\n\n- Validate the input data\n"
    bare = combine(_definitions(*bodies))
    assert bare.text.count("alidate") == 1
    # It is so sure of them that it does not ask: the texts alone say what is meant.
    sees = tuple(hash_of(body.split("- ")[1].strip(), "item") for body in bodies)
    answers = Answers((Answer(1, "mine", "distinct", sees),))
    assert combine(_definitions(*bodies), ask=lambda plan: answers).text.count("alidate") == 2


def test_without_answers__the_result_is_the_same() -> None:
    definitions = _definitions(PLAIN, OTHER)
    asked = combine(definitions, ask=lambda plan: Answers())
    assert asked.text == combine(definitions).text
    assert asked.heard is not None
    assert asked.heard.asked > 0


def test_fact_that_goes__is_told_of_a_person_and_refused_to_an_agent() -> None:
    bodies = "## Work\n\n- Tell support by `mail` ahead\n", "## Work\n\n- Support knows of it some days ahead\n"
    definitions = _definitions(*bodies)
    by_person = combine(definitions, ask=_about("Tell", "Support", action="same", take="Support"))
    assert "`mail`" not in by_person.text
    assert "'mail'" in _rules(by_person, "fact-given-up")[0]
    by_agent = combine(definitions, ask=_about("Tell", "Support", action="same", take="Support", by="agent"))
    assert "`mail`" in by_agent.text
    assert "'mail' is said there alone" in _rules(by_agent, "decision-left")[0]


def test_what_binds__an_agent_leaves_to_a_person() -> None:
    bodies = "## Rules\n\n- Never release on a Friday\n", "## Rules\n\n- Don't ship on Fridays\n"
    definitions = _definitions(*bodies)
    by_agent = combine(definitions, ask=_about("Never", "Don't", action="same", by="agent"))
    assert "Never release" in by_agent.text
    assert "Don't ship" in by_agent.text
    assert len(_rules(by_agent, "decision-left")) == 1
    by_person = combine(definitions, ask=_about("Never", "Don't", action="same"))
    assert ("Never" in by_person.text) != ("Don't" in by_person.text)
    assert _rules(by_person, "fact-given-up")


def test_what_an_agent_keeps_apart__is_no_rule_that_the_tool_took_for_the_same() -> None:
    bodies = "## Rules\n\n- Never log the passwords of users\n", "## Rules\n\n- Never log passwords of users\n"
    assert combine(_definitions(*bodies)).text.count("Never log") == 1
    sees = tuple(hash_of(body.split("- ")[1].strip(), "item") for body in bodies)
    by_agent, by_person = (Answers((Answer(1, "mine", "distinct", sees, by=by),)) for by in get_args(By)[::-1])
    assert combine(_definitions(*bodies), ask=lambda plan: by_agent).text.count("Never log") == 1
    assert combine(_definitions(*bodies), ask=lambda plan: by_person).text.count("Never log") == 2


def test_distinct__holds_against_a_list_that_its_members_cover() -> None:
    lists = "## Models\n\n- Supervised models: regression and classification\n"
    items = "## Models\n\n- Choose supervised models of regression and of classification, and test them on Sunday\n"
    sees = tuple(hash_of(body.split("- ")[1].strip(), "item") for body in (lists, items))
    answers = Answers((Answer(1, "mine", "distinct", sees),))
    text = combine(_definitions(lists, items), ask=lambda plan: answers).text
    assert "Supervised models: regression" in text
    assert "on Sunday" in text


HIGH, LOW = "## Rules\n\n- Keep the coverage above 80%\n", "## Rules\n\n- Keep the coverage above 60%\n"


@pytest.mark.parametrize("on_conflict", ["both", "first"])
def test_conflict__the_side_that_is_taken_stands(on_conflict: Any) -> None:
    from agentmerge.planning.strategies import Policy

    policy = Policy(on_conflict=on_conflict)
    use = combine(_definitions(HIGH, LOW), policy, ask=_about("Keep", action="use", take="Keep the coverage above 60"))
    assert "80%" not in use.text
    assert use.conflicts[0].decided_by == "person"
    assert use.open_conflicts == ()
    both = combine(_definitions(HIGH, LOW), policy, ask=_about("Keep", action="both"))
    assert "80%" in both.text
    assert "60%" in both.text
    assert "agentmerge: conflict" not in both.text
    assert both.open_conflicts == ()


def test_custom__stands_for_all_that_it_covers() -> None:
    text = "Tell support, which knows of it two days ahead, and before"
    ask = _about("Tell support", "Support knows", action="custom", text=text)
    merged = combine(_definitions(PLAIN, OTHER), ask=ask)
    assert f"- {text}\n" in merged.text
    assert "Support knows of it" not in merged.text
    fates = {row.source.text: row.fate for row in merged.ledger}
    assert fates["Tell support two days ahead"] == fates["Support knows of it two days before"] == Fate.SUPERSEDED


def test_custom_with_news__is_refused_and_nothing_changes() -> None:
    ask = _about("Tell support", "Support knows", action="custom", text="Always tell support three days before")
    merged = combine(_definitions(PLAIN, OTHER), ask=ask)
    (message,) = _rules(merged, "decision-refused")
    assert "brings in the binding word 'always'" in message
    assert "lacks the fact 'two'" in message
    assert merged.text == combine(_definitions(PLAIN, OTHER)).text


def test_field__takes_a_value_that_there_is_and_a_wider_right_is_told() -> None:
    texts = [f"---\nname: a\ntools: {tools}\n---\n\n# A\n" for tools in ("Read", "Read, Bash")]
    definitions = [parse(text) for text in texts]
    assert "Bash" not in combine(definitions).text
    wide = combine(definitions, ask=_about("tools: Read, Bash", action="use", take="tools: Read, Bash"))
    assert "tools: Read, Bash" in wide.text
    assert _rules(wide, "permission-widened")
    by_agent = combine(definitions, ask=_about("tools: Read, Bash", action="use", take="tools: Read, Bash", by="agent"))
    assert "Bash" not in by_agent.text
    custom = combine(definitions, ask=_about("tools: Read, Bash", action="custom", text="tools: Write"))
    assert "'custom' is no answer to it" in _rules(custom, "decision-refused")[0]


def test_headings__are_one_section_or_two() -> None:
    one = "## Before a release\n\n- Read the change log once more\n- Every test of the main branch has passed\n"
    two = "## Checks\n\n- The tests of the main branch have passed\n- The change log was read\n- Coffee is made\n"
    definitions = _definitions(one, two)
    same, apart = (
        combine(definitions, ask=_about("Before a release", "Checks", action=action)) for action in ("same", "distinct")
    )
    assert same.text.count("## ") == 1
    assert apart.text.count("## ") == 2


def test_chain__nothing_goes_with_a_text_that_no_answer_set_beside_it() -> None:
    long = "Review the schema of the database with every migration and its index"
    bodies = (
        f"## W\n\n- {long}\n",
        "## W\n\n- Review the database schema\n",
        "## W\n\n- Review the schema twice, and in the evening\n",
    )

    def say(question: Question, texts: dict[str, str]) -> dict[str, Any] | None:
        if question.kind != "same?":
            return None
        short = [name for name in question.texts if texts[name] == "Review the database schema"]
        others = [name for name in question.texts if name not in short]
        return {"action": "same", "of": ((short[0], others[0]),)} if short and others else {"action": "distinct"}

    text = combine(_definitions(*bodies), ask=Reader(say)).text
    assert "Review the database schema" not in text
    assert long in text
    assert "in the evening" in text


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"id": "q000000"}, "there is no question 'q000000'"),
        ({"sees": ("tffffff", "teeeeee")}, "text 'tffffff' has changed, or is in none of the files"),
        ({"take": "tffffff"}, "takes 'tffffff', which is none of its texts"),
        ({"of": (("tffffff", "teeeeee"),)}, "speaks of 'tffffff', which is none of its texts"),
        ({"action": "drop"}, "'drop' is no answer to it; use one of same, distinct, custom, defer"),
    ],
)
def test_answer_that_does_not_fit__is_refused_with_place_and_remedy(answer: dict[str, Any], why: str) -> None:
    ask = Reader(lambda question, texts: {"action": "same"} | answer if question.kind == "same?" else None)
    merged = combine(_definitions(PLAIN, OTHER), ask=ask)
    messages = _rules(merged, "decision-refused")
    assert messages
    assert all(message.startswith("d:1: q") and why in message and "; " in message for message in messages)
    assert merged.text == combine(_definitions(PLAIN, OTHER)).text


def test_contradiction_that_there_is_not__can_not_be_decided() -> None:
    sees = tuple(hash_of(text, "item") for text in ("Tell support two days ahead", "Draw the diagram"))
    answers = Answers((Answer(1, "mine", "use", sees, take=sees[0]),))
    merged = combine(_definitions(PLAIN, OTHER), ask=lambda plan: answers)
    assert "do not exclude each other" in _rules(merged, "decision-refused")[0]
    assert "Draw the diagram" in merged.text


def test_side_that_was_merged_elsewhere__still_wins_its_contradiction() -> None:
    third = "## Rules\n\n- Hold what the tests cover above 60% all the year\n"
    low, high, held = (body.split("- ")[1].strip() for body in (LOW, HIGH, third))
    by_hash = {text: hash_of(text, "item") for text in (low, high, held)}
    answers = (
        Answer(1, "one", "same", (by_hash[low], by_hash[held]), take=by_hash[held]),
        Answer(2, "two", "use", (by_hash[low], by_hash[high]), take=by_hash[low]),
    )
    merged = combine(_definitions(HIGH, LOW, third), ask=lambda plan: Answers(answers))
    assert _rules(merged, "decision-refused") == []
    assert held in merged.text
    assert high not in merged.text
    assert low not in merged.text


def test_take_outside_of_the_set__is_refused() -> None:
    third = "## Work\n\n- Let support know of it two days before\n"
    definitions = _definitions(PLAIN, OTHER, third)

    def say(question: Question, texts: dict[str, str]) -> dict[str, Any] | None:
        if len(question.texts) < 3 or question.kind != "same?":
            return None
        first, second, last = question.texts[:3]
        return {"action": "same", "of": ((first, second),), "take": last}

    merged = combine(definitions, ask=Reader(say))
    assert "which is in no set of `of`" in _rules(merged, "decision-refused")[0]


def test_headings_that_can_not_be_one__are_told() -> None:
    one = "## Rules\n\n- Read the change log once more\n- Count the open tasks of the week\n"
    two = "## Never\n\n- Reading the change log at night\n- Count the open tasks of the month\n"
    sees = tuple(hash_of(f"\n{title}", "heading") for title in ("Rules", "Never"))
    answers = Answers((Answer(1, "mine", "same", sees),))
    merged = combine(_definitions(one, two), ask=lambda plan: answers)
    assert merged.text.count("\n## ") == 2
    assert any("'Rules', 'Never' stay apart" in message for message in _rules(merged, "decision-left"))


def test_answer_by_its_texts__holds_when_the_sources_move() -> None:
    asked = _about("Tell support", "Support knows", action="same")
    heard = combine(_definitions(PLAIN, OTHER), ask=asked).heard
    assert heard is not None
    moved = _definitions("## New\n\n- Count the stars\n\n" + OTHER, "Some words.\n\n" + PLAIN, "## More\n\n- Sleep\n")
    merged = combine(moved, ask=lambda plan: Answers(heard.counted))
    assert "Tell support" not in merged.text
    changed = _definitions(PLAIN.replace("two", "three"), OTHER)
    stale = combine(changed, ask=lambda plan: Answers(heard.counted))
    assert len(_rules(stale, "decision-refused")) == 1
    assert "Tell support three days ahead" in stale.text


def test_two_answers_that_take_different_texts__the_later_one_is_refused() -> None:
    definitions = _definitions(PLAIN, OTHER)
    reader = _about("Tell support", "Support knows", action="same", take="Tell")
    combine(definitions, ask=reader)
    assert reader.plan is not None
    names = {text.text.split()[0]: text.id for text in reader.plan.texts}
    sees = names["Tell"], names["Support"]
    answers = [Answer(line, f"x{line}", "same", sees, take=take) for line, take in enumerate(sees, 1)]
    merged = combine(definitions, ask=lambda plan: Answers(tuple(answers)))
    assert "- Tell support" in merged.text
    assert _rules(merged, "decision-refused") == [":2: x2: takes another text than x1 does; take the same text in both"]


def _at_random(seed: int, by: By) -> Reader:
    """Answers of any kind, sound and unsound ones."""
    chance = random.Random(seed)

    def say(question: Question, texts: dict[str, str]) -> dict[str, Any] | None:
        action = chance.choice(question.choices)
        said: dict[str, Any] = {"action": action}
        if chance.random() < 0.3 or action == "use":
            said["take"] = chance.choice(question.texts)
        if action == "custom":
            said |= {"text": texts[question.texts[0]], "drops": ("x",), "why": "so"}
        if action == "same" and chance.random() < 0.3:
            said["of"] = (tuple(chance.sample(question.texts, 2)),)
        return said

    return Reader(say, by)


FILES = sorted((ROOT / "fixtures" / "backend-engineer").glob("*.md"))


@pytest.mark.parametrize("by", ["person", "agent"])
@pytest.mark.parametrize("seed", range(6))
def test_any_answers__leave_a_result_that_is_proven(seed: int, by: By) -> None:
    """Whatever is answered, the result reads back, every unit has a fate, and an agent's answers lose no rule."""
    definitions = [parse(path.read_text("utf-8"), filename=path.name) for path in FILES]
    merged = combine(definitions, ask=_at_random(seed, by))
    assert {row.fate for row in merged.ledger if row.source.kind not in ("field", "comment")} <= KEPT
    assert parse(merged.text).text == merged.text
    bare = combine(definitions)
    if by == "agent":
        assert _bound(merged) == _bound(bare)


KEPT = frozenset({Fate.KEPT, Fate.MERGED, Fate.SUPERSEDED, Fate.CONFLICT})


def _bound(merged: Merged) -> set[str]:
    """What forbids or demands in a result."""
    rows = (row.source.text for row in merged.ledger if row.fate in (Fate.KEPT, Fate.CONFLICT))
    return {text for text in rows if holds_guardrail(text, SHIPPED)}


def test_text_whose_label_had_to_change__is_known_by_what_its_author_wrote() -> None:
    one = "## Work\n\n- See [the guide of support][a]\n\n[a]: https://a.org\n"
    two = "## Work\n\n- See [the guide of the tests][a]\n\n[a]: https://b.org\n"
    reader = Reader(lambda question, texts: None)
    assert "][a-2]" in combine(_definitions(one, two), ask=reader).text
    assert reader.plan is not None
    assert "See [the guide of the tests][a]" in [text.text for text in reader.plan.texts]
