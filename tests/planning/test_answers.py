"""Decisions files: what counts as one, and which answers have the wrong shape."""

from __future__ import annotations

import pytest

from agentmerge.errors import InputError
from agentmerge.planning.records import read_answers
from agentmerge.views.plan import decisions_text

HEAD = "schema: agentmerge/decisions/1\ndecisions:\n"


def test_answer__all_that_it_may_say() -> None:
    text = (
        f"{HEAD}  - id: q1\n    sees: [t1e5, 'ab12']\n    action: custom\n    of: [t1e5, t2]\n    take: t1e5\n"
        "    text: 'Say 80%: no'\n    drops: [never]\n    why: because\n    by: agent\n    confidence: 0.5\n"
    )
    (answer,) = read_answers(text, "d.yaml").answers
    assert (answer.file, answer.line, answer.id) == ("d.yaml", 3, "q1")
    assert (answer.sees, answer.of, answer.take) == (("t1e5", "ab12"), (("t1e5", "t2"),), "t1e5")
    assert (answer.text, answer.drops, answer.why) == ("Say 80%: no", ("never",), "because")
    assert (answer.action, answer.by, answer.confidence) == ("custom", "agent", 0.5)


def test_sets__one_or_several() -> None:
    rows = "  - {id: a, action: same, of: [t1, t2]}\n  - {id: b, action: same, of: [[t1, t2], [t3, t4]]}\n"
    found = read_answers(HEAD + rows, "d").answers
    assert [one.of for one in found] == [(("t1", "t2"),), (("t1", "t2"), ("t3", "t4"))]


def test_who_answers__is_who_was_asked_whatever_is_said() -> None:
    (answer,) = read_answers(f"{HEAD}  - {{id: q1, action: same, by: person}}\n", "d", by="agent").answers
    assert answer.by == "agent"


def test_text_between_fences__is_read_and_keeps_its_lines() -> None:
    (answer,) = read_answers(f"```yaml\n{HEAD}  - {{id: q1, action: same, take: null}}\n```\n", "d").answers
    assert (answer.line, answer.take) == (4, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "d.yaml:1: not valid YAML"),
        ("a: [", "not valid YAML"),
        ("decisions: []\n", "d.yaml:1: is no decisions file; begin it with schema: agentmerge/decisions/1"),
        ("schema: agentmerge/decisions/1\n", "there is no list under `decisions:`"),
        ("schema: agentmerge/decisions/1\ndecisions: same\n", "there is no list under `decisions:`"),
        ("schema: agentmerge/decisions/1\ndecisions: []\nplan: x\n", "'plan' is nothing that a decisions file says"),
        (f"{HEAD}  - {{id: q1, id: q2}}\n", "the key 'id' stands twice"),
        (f"{HEAD}  - !!python/object:os.system x\n", "makes it no text"),
    ],
)
def test_what_is_no_decisions_file__is_an_error(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_answers(text, "d.yaml")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("same", "is no answer"),
        ("{id: q1, action: maybe}", "the action is 'maybe'"),
        ("{id: q1}", "the action is ''"),
        ("{action: same}", "has no id"),
        ("{id: q1, action: same, tak: t1}", "there is no key of an answer 'tak'"),
        ("{id: q1, action: same, by: robot}", "by is 'robot'"),
        ("{id: q1, action: same, confidence: 7}", "confidence is '7'"),
        ("{id: q1, action: same, take: [t1]}", "'take' is no text"),
        ("{id: q1, action: same, sees: {a: b}}", "'sees' is no list of texts"),
    ],
)
def test_answer_of_the_wrong_shape__is_refused_by_itself(row: str, why: str) -> None:
    found = read_answers(f"{HEAD}  - {row}\n  - {{id: q9, action: same}}\n", "d.yaml")
    assert [one.id for one in found.answers] == ["q9"]
    (refusal,) = found.refused
    assert refusal.line == 3
    assert why in refusal.why
    assert refusal.remedy


def test_second_answer_to_a_question__is_refused() -> None:
    found = read_answers(f"{HEAD}  - {{id: q1, action: same}}\n  - {{id: q1, action: distinct}}\n", "d")
    assert [one.action for one in found.answers] == ["same"]
    assert found.refused[0].why == "'q1' was answered above"


def test_written_answers__are_read_as_the_same() -> None:
    text = (
        f"{HEAD}  - {{id: q1, sees: [t1, t2-2], action: custom, take: t1, drops: ['80%', don't], by: agent, "
        'text: "Say: [80%] \\"so\\"", why: "yes, {no}", confidence: 0.25}\n'
        "  - {id: q2, sees: [t1, t2, t3, t4], action: same, of: [[t1, t2], [t3, t4]]}\n"
    )
    found = read_answers(text, "d").answers
    again = read_answers(decisions_text(found), "d").answers
    assert again == found
    assert read_answers(decisions_text([]), "d").answers == ()
