"""Which version brought each thing in its present meaning, and which rules went."""

from __future__ import annotations

import pytest

from agentmerge.lineage.origins import Blame, blame
from tests.lineage import made, role
from tests.shipped import SHIPPED

PUSH, TESTS = "Never push to the main branch.", "Always run the tests before a commit."


def _blame(*texts: str) -> Blame:
    return blame(*made(*texts), SHIPPED)


def _since(found: Blame, start: str) -> tuple[int, str]:
    (row,) = [one for one in found.origins if one.text.startswith(start)]
    return row.version, row.what


@pytest.mark.parametrize(
    "now",
    [
        "You must never push to the main branch.",
        "Never push to the **main** branch.",
        "Never push to the main branchh.",
        "Never push\n  to the main branch.",
    ],
)
def test_other_words_and_another_form__change_no_meaning(now: str) -> None:
    found = _blame(role(TESTS, PUSH), role(now, TESTS))
    (row,) = [one for one in found.origins if one.kind == "guardrail" and "push" in one.text]
    assert row.version == 1


@pytest.mark.parametrize(
    ("now", "what"),
    [
        ("You should not push to the main branch.", "weakened"),
        ("Never push to the main branch without asking.", "weakened"),
        ("Never push to the main branch or a branch of a release.", "changed"),
    ],
)
def test_meaning__has_its_own_commit(now: str, what: str) -> None:
    found = _blame(role(TESTS, PUSH), role(TESTS, now), role(now, TESTS, "Be kind."))
    assert _since(found, now) == (2, what)
    assert _since(found, TESTS) == (1, "added")


def test_statement_that_only_informs__by_what_it_names_to_the_letter() -> None:
    old, new = "Run `lint --fast` on the diff.", "Run `lint --slow` on the diff."
    assert _since(_blame(role(TESTS, old), role(TESTS, new)), "Run")[0] == 2


def test_moved_to_another_section__keeps_its_origin() -> None:
    moved = role(TESTS, below=f"\n## Git\n\n- {PUSH}\n")
    found = _blame(role(TESTS, PUSH), moved)
    assert _since(found, PUSH) == (1, "added")
    assert _since(found, "Git") == (2, "added")


def test_went_and_came_back__is_of_the_version_that_brought_it_back() -> None:
    assert _since(_blame(role(TESTS, PUSH), role(TESTS), role(TESTS, PUSH)), PUSH) == (3, "restored")


def test_sentences_of_one_unit__apart_where_they_came_apart() -> None:
    found = _blame(role(PUSH), role(f"{PUSH} Ask the owner of the branch first."))
    assert [(one.text, one.version) for one in found.origins if one.kind in ("guardrail", "statement")] == [
        (PUSH, 1),
        ("Ask the owner of the branch first.", 2),
    ]


def test_fields_and_blocks() -> None:
    code = "\n```bash\nmake {}\n```\n"
    found = _blame(
        role(TESTS, below=code.format("all")),
        role(TESTS, head="tools: Read, Bash\nmodel: sonnet", below=code.format("all")),
        role(TESTS, head="model: sonnet\ntools: [Read, Bash]", below=code.format("lint")),
    )
    assert _since(found, "tools") == (2, "widened")
    assert _since(found, "model") == (1, "added")
    assert [one.version for one in found.origins if one.kind == "block"] == [3]
    assert [one.kind for one in found.origins if one.text.startswith("tools")] == ["right"]


def test_lines__of_a_row_are_those_of_the_file() -> None:
    (row,) = [one for one in _blame(role(TESTS, "One\n  two\n  three.", PUSH)).origins if one.text.startswith("One")]
    text = role(TESTS, "One\n  two\n  three.", PUSH).split("\n")
    assert text[row.line - 1 : row.end] == ["- One", "  two", "  three."]


def test_lost__with_the_version_that_took_it() -> None:
    found = _blame(role(TESTS, PUSH), role(TESTS), role("Be kind."))
    assert [(one.text, one.version) for one in found.lost] == [(TESTS, 3), (PUSH, 2)]
    assert not _blame(role(TESTS, PUSH), role(PUSH, TESTS)).lost
