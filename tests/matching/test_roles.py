"""Whether variants define one role."""

from __future__ import annotations

from agentmerge import parse
from agentmerge.matching.aligning import align, apart, evidence
from tests.shipped import SHIPPED

FRONT = (
    "---\nname: frontend-developer\ndescription: Builds accessible web interfaces\n---\n\n# Frontend Developer\n\n"
    "You are a frontend developer.\n\n- Write semantic HTML.\n- Keep the bundle small.\n"
    "- Test components in a browser.\n"
)
FRONT_TOO = (
    "---\nname: frontend-engineer\ndescription: Expert in web interfaces and components\n---\n\n"
    "You are a senior engineer of web frontends.\n\n- Prefer CSS grid for layouts.\n"
    "- Lazy-load images and split the bundle.\n"
)
DATA = (
    "---\nname: data-engineer\ndescription: Builds pipelines for the warehouse\n---\n\n# Data Engineer\n\n"
    "You are a senior data engineer.\n\n- Partition tables by date.\n"
    "- Make every load idempotent.\n- Monitor the freshness of tables.\n"
)


def _apart(*texts: str) -> tuple[tuple[int, ...], ...]:
    return apart(align([parse(text) for text in texts], SHIPPED), SHIPPED)


def test_unlike_names_and_contents__are_different_roles() -> None:
    assert _apart(FRONT, DATA) == ((0,), (1,))


def test_other_words_for_one_role__are_one_role() -> None:
    assert _apart(FRONT, FRONT_TOO) == ((0, 1),)


def test_groups__hold_the_files_of_each_role_in_any_order() -> None:
    assert _apart(FRONT, DATA, FRONT_TOO) == ((0, 2), (1,))
    assert _apart(DATA, FRONT_TOO, FRONT) == ((0,), (1, 2))


def test_file_that_says_nothing_of_its_role__is_told_apart_from_none_and_links_none() -> None:
    assert _apart("- Keep it short.\n", FRONT) == ((0, 1),)
    assert _apart(FRONT, DATA, "- Keep it short.\n") == ((0, 2), (1,))


def test_evidence__counts_names_without_titles_and_partners_of_the_pair_alone() -> None:
    alignment = align([parse(FRONT), parse(DATA), parse(FRONT)], SHIPPED)
    assert evidence(alignment, 0, 2, SHIPPED)[:1] == (1.0,)
    assert evidence(alignment, 0, 2, SHIPPED).matched > 0.9
    assert evidence(alignment, 0, 1, SHIPPED).names == 0.0
    assert evidence(alignment, 0, 1, SHIPPED).matched < 0.5
