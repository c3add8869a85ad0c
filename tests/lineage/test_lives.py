"""What became of rules, rights, keys, procedures and fields from version to version."""

from __future__ import annotations

import pytest

from agentmerge.lineage.chains import Life, Lineage
from tests.lineage import role, traced

PUSH, TESTS = "Never push to the main branch.", "Always run the tests before a commit."
STEPS = "\n## Workflow\n\n1. Read the diff\n2. Run the linter\n3. Write the report\n"


def _life(line: Lineage, kind: str, start: str) -> Life:
    (found,) = [life for life in line.lives if life.kind == kind and life.text.startswith(start)]
    return found


def _ways(life: Life) -> list[str]:
    return [f"v{event.version} {event.what}" for event in life.events]


def test_rule__goes_and_comes_back_as_one_life() -> None:
    line = traced(role(TESTS), role(TESTS, PUSH), role(TESTS), role(TESTS, PUSH))
    assert _ways(_life(line, "guardrail", "Never push")) == ["v2 added", "v3 removed", "v4 restored"]
    assert _life(line, "guardrail", "Always").is_steady


def test_rule__comes_back_in_nearly_the_same_words() -> None:
    again = "Never push to the main branch of the project."
    line = traced(role(TESTS, PUSH), role(TESTS), role(TESTS, again))
    assert _ways(_life(line, "guardrail", "Never push")) == ["v1 added", "v2 removed", "v3 restored"]


def test_rule__another_one_in_its_place_is_another_life() -> None:
    line = traced(role(TESTS, PUSH), role(TESTS), role(TESTS, "Never delete a migration that has shipped."))
    assert not _life(line, "guardrail", "Never push").is_alive
    assert _ways(_life(line, "guardrail", "Never delete")) == ["v3 added"]


def test_rule__through_other_words_weaker_words_and_another_section() -> None:
    moved = role(TESTS, below="\n## Git\n\n- You should not push to the main branch.\n")
    line = traced(role(TESTS, PUSH), role(TESTS, "You must never push to the main branch."), moved)
    life = _life(line, "guardrail", "You should not push")
    assert [event.what for event in life.events] == ["added", "reworded", "weakened"]
    assert life.events[-1].rule == "guardrail-weakened"
    (peak,) = [one for one in line.peaks if one.kind == "guardrail"]
    assert (peak.version, peak.then.word, peak.now and peak.now.word) == (2, "must never", "should not")


def test_rule__that_is_gone_is_a_peak_and_one_that_was_weak_meanwhile_is_none() -> None:
    weak = "Avoid pushing to the main branch."
    line = traced(role(TESTS, PUSH), role(weak), role(PUSH))
    (peak,) = line.peaks
    assert (peak.then.text, peak.now) == (TESTS, None)


def test_rule__that_a_longer_sentence_says_is_not_lost() -> None:
    both = "Never push to the main branch and never delete a tag of a release."
    line = traced(role(PUSH, both.replace("push to the main branch and never ", "")), role(both))
    assert all(life.is_alive for life in line.lives if life.kind == "guardrail")
    assert not [peak for peak in line.peaks if peak.now is None]


def test_rights__by_tier_with_their_direction() -> None:
    heads = ("tools: Read", "tools: Read, Bash", "tools: Read")
    line = traced(*(role(TESTS, head=head) for head in heads))
    assert _ways(_life(line, "right", "execute")) == ["v1 added", "v2 widened", "v3 narrowed"]
    assert _life(line, "right", "read").is_steady
    assert [peak.then.text for peak in line.peaks] == ["Read, Bash"]


def test_rights__another_name_of_the_same_tool_is_no_change() -> None:
    path = "chatmodes/reviewer.chatmode.md"
    line = traced(
        role(TESTS, head="tools: ['editFiles']"), role(TESTS, head="tools: ['edit/editFiles']"), paths=(path, path)
    )
    assert all(life.is_steady for life in line.lives if life.kind == "right")
    assert _ways(_life(line, "field", "tools")) == ["v1 added", "v2 reworded"]


def test_field__that_gains_one_right_and_loses_another_is_neither_wider_nor_narrower() -> None:
    line = traced(role(TESTS, head="tools: Read, Bash"), role(TESTS, head="tools: Read, WebFetch"))
    assert _ways(_life(line, "field", "tools")) == ["v1 added", "v2 changed"]


def test_keys_of_data__come_and_go() -> None:
    shapes = ('{"a": 1, "b": 2}', '{"a": 1, "c": 2}', '{"a": 1, "b": 3}')
    line = traced(*(role(TESTS, below=f"\n## Output\n\n```json\n{shape}\n```\n") for shape in shapes))
    assert _ways(_life(line, "contract", "b")) == ["v1 added", "v2 removed", "v3 restored"]
    assert _ways(_life(line, "contract", "c")) == ["v2 added", "v3 removed"]
    assert _life(line, "contract", "a").is_steady


def test_procedure__keeps_its_life_under_another_title() -> None:
    longer = STEPS.replace("## Workflow", "## How you work").replace("3. Write", "3. Check the docs\n4. Write")
    line = traced(role(TESTS, below=STEPS), role(TESTS, below=longer))
    life = _life(line, "procedure", "Workflow")
    assert [(event.what, event.text) for event in life.events] == [("added", "3 steps"), ("changed", "4 steps")]


@pytest.mark.parametrize(
    ("head", "kind", "name"),
    [("model: opus", "model", "model"), ("description: Writes docs.", "trigger", "description")],
)
def test_field__by_what_it_is_for(head: str, kind: str, name: str) -> None:
    old = role(TESTS, head="model: sonnet")
    new = old.replace("model: sonnet", head) if kind == "model" else old.replace("description: Reviews code.", head)
    assert _ways(_life(traced(old, new), kind, name)) == ["v1 added", "v2 changed"]


def test_unreadable_version__is_passed_over() -> None:
    from agentmerge.lineage.chains import Version
    from agentmerge.lineage.story import lineage
    from tests.lineage import made
    from tests.shipped import SHIPPED

    read, steps = made(role(TESTS, PUSH), role(TESTS))
    versions = [Version(f"c{n}", "2025-01-01", "Ann", "", "a.md") for n in range(3)]
    line = lineage(versions, [read[0], None, read[1]], [steps[0]._replace(b=2)], SHIPPED)
    assert _ways(_life(line, "guardrail", "Never push")) == ["v1 added", "v3 removed"]
