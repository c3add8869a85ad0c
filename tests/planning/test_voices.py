"""Name, title, description and identity of a result come from one file."""

from __future__ import annotations

from itertools import permutations

import pytest

from agentmerge import parse
from agentmerge.combining.engine import combine
from agentmerge.planning.records import Merged
from agentmerge.planning.strategies import Policy, parse_rule
from tests.matching.test_roles import DATA, FRONT, FRONT_TOO
from tests.shipped import SHIPPED

VOICES = {
    "frontend-developer": ("Builds accessible web interfaces", "# Frontend Developer", "You are a frontend developer."),
    "data-engineer": ("Builds pipelines for the warehouse", "# Data Engineer", "You are a senior data engineer."),
}


def _combined(*texts: str, policy: Policy | None = None) -> Merged:
    return combine([parse(text) for text in texts], SHIPPED, policy)


def _told(merged: Merged) -> list[str]:
    return [notice.severity for notice in merged.findings if notice.rule == "different-roles"]


@pytest.mark.parametrize("texts", list(permutations([FRONT, DATA])))
@pytest.mark.parametrize("wording", ["longest", "shortest", "first", "central"])
def test_different_roles__are_told_and_one_voice_speaks(texts: tuple[str, ...], wording: str) -> None:
    merged = _combined(*texts, policy=Policy(wording=wording))
    assert _told(merged) == ["warning"]
    name = next(line for line in merged.text.splitlines() if line.startswith("name: ")).removeprefix("name: ")
    for other, said in VOICES.items():
        assert [text in merged.text for text in said] == [other == name] * 3


def test_one_role__is_not_told_and_one_voice_speaks_all_the_same() -> None:
    longer = FRONT_TOO.replace("frontend-engineer", "frontend-developer")
    merged = _combined(FRONT, longer)
    assert _told(merged) == []
    assert "description: Expert in web interfaces and components" in merged.text
    assert "You are a senior engineer of web frontends." in merged.text
    assert "You are a frontend developer." not in merged.text


def test_what_the_voice_does_not_say__comes_from_its_role_alone() -> None:
    silent = DATA.replace("# Data Engineer\n\nYou are a senior data engineer.\n\n", "")
    merged = _combined(silent, FRONT)
    assert "# Data Engineer" in merged.text
    assert "# Frontend Developer" not in merged.text


def test_policy_for_the_description__comes_first() -> None:
    policy = Policy(rules=(parse_rule("frontmatter/description=longest"),), prefer=(0,))
    assert "Builds pipelines for the warehouse" in _combined(FRONT, DATA, policy=policy).text
