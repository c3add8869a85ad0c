"""The story in one paragraph: what it tells, and that it tells nothing that was not so."""

from __future__ import annotations

import pytest

from tests.lineage import role, traced

PUSH, TESTS = "Never push to the main branch.", "Always run the tests before a commit."


def _story(*texts: str, paths: tuple[str, ...] = ()) -> str:
    return " ".join(traced(*texts, paths=paths).story)


def test_one_version() -> None:
    story = _story(role(TESTS))
    assert story.startswith(
        "One version on 2025-01-01, by Ann. Rights: Read, Grep. Model: sonnet. Rules: 1 throughout."
    )


def test_extent_rights_and_model() -> None:
    heads = ("tools: Read\nmodel: sonnet", "tools: Read, Bash\nmodel: opus", "model: sonnet")
    story = _story(*(role(TESTS, head=head) for head in heads))
    assert "Three versions in eight weeks, by Ann." in story
    assert "Rights: Read; Read, Bash from v2; every tool from v3." in story
    assert "Model: sonnet; opus from v2; sonnet from v3." in story


def test_rules__counted_and_named() -> None:
    extra = "Never delete a migration that has shipped."
    story = _story(role(TESTS, PUSH), role(PUSH, extra), role(PUSH))
    assert "Rules: 2 at first, 1 now." in story
    assert f"One of the first is gone: '{TESTS}' (v2)." in story
    assert f"One came and went: '{extra}' (v2)." in story


def test_rules__below_their_strongest() -> None:
    story = _story(role(PUSH), role("You should not push to the main branch."))
    assert "Below its strongest: 'You should not push to the main branch.': never (v1), should not now." in story
    assert "gone" not in story


@pytest.mark.parametrize(("third", "told"), [(role(TESTS, PUSH), "v3 undid v2."), (role(TESTS), "")])
def test_undone__only_where_it_is(third: str, told: str) -> None:
    story = _story(role(TESTS, PUSH), role(TESTS, "Never push to the release branch."), third)
    assert ("undid" in story) == bool(told)
    assert told in story


def test_undone__what_came_between_may_stay() -> None:
    first, second = "Read the whole file first.", "Read the diff first."
    texts = [(first, ""), (second, ""), (second, "\nMore.\n"), (first, "\nMore.\n")]
    assert "v4 undid v2." in _story(*(role(TESTS, text, below=below) for text, below in texts))


def test_rewriting_and_length() -> None:
    long = "\n".join(f"Statement {word} tells of the {word} case at length." for word in "abcdefghijklmnopqrst")
    story = _story(role(TESTS, below=f"\n{long}\n"), role(TESTS))
    assert "v2 cut it from" in story
    other = "# Poet\n\nYou write short poems about the sea.\n\n- Rhyme where it is easy.\n- End on an image.\n"
    assert "v2 rewrote it (" in _story(role(TESTS, PUSH, "Look twice.", "Be kind."), other)


def test_renames_and_sections() -> None:
    story = _story(
        role(TESTS, below="\n## Style\n\nBe short.\n"), role(TESTS), paths=("agents/reviewer.md", "agents/critic.md")
    )
    assert "v2 renamed it from agents/reviewer.md to agents/critic.md." in story
    assert "Sections: v2: without 'Style'." in story
    assert "Statements: v2: 1 gone ('Be short.')." in story


def test_nothing_but_spaces__tells_of_no_change() -> None:
    story = _story(role(TESTS), role(TESTS) + "\n\n")
    assert "Statements" not in story
    assert "Fields" not in story
