"""One slot of a statement that changed: a condition, a member, an opposite."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import messages, told

BODY = "# Role\n\nRead the code.\n\n- {}\n- Write small tests\n"


def _told(old: str, new: str) -> list[tuple[str, str]]:
    return [(rule, str(severity)) for rule, severity in told(BODY.format(old), BODY.format(new))]


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ("Never close an issue without a reason", "Never close an issue"),
        ("Use tabs when you edit a makefile", "Use tabs"),
        ("If the build is red, stop the release", "Stop the release"),
        ("Draw the plan once the tests pass", "Draw the plan"),
        ("Delete the branch unless somebody uses it, and close the issue", "Delete the branch, and close the issue"),
    ],
)
def test_condition__is_told_where_it_goes(more: str, less: str) -> None:
    assert _told(more, less) == [("condition-dropped", "warning")]


def test_condition_of_a_plain_statement__is_told_where_it_comes() -> None:
    assert _told("Use tabs", "Use tabs when you edit a makefile") == [("condition-added", "warning")]


def test_condition_in_other_words__is_none_that_went() -> None:
    found = _told("Ask for the log if the build fails", "Ask for the log when a build has failed")
    assert not {rule for rule, _ in found} & {"condition-dropped", "condition-added"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Run the formatter", "Skip the formatter"),
        ("Write the results to the staging table", "Write the results to the production table"),
        ("Reply with internal names", "Reply with public names"),
        ("Report all failures", "Report no failures"),
    ],
)
def test_opposite__is_told_anywhere_in_a_plain_statement(old: str, new: str) -> None:
    assert ("action-turned", "warning") in _told(old, new)


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("Look at names, types, and comments", "Look at names and comments", "'types'"),
        ("Answer `yes`, `no` or `later`", "Answer `yes` or `no`", "'`later`'"),
        ("Set `offset`/`limit` for it", "Set `offset` for it", "'`limit`'"),
    ],
)
def test_member_of_an_enumeration__is_told_where_it_goes(old: str, new: str, gone: str) -> None:
    assert _told(old, new) == [("member-dropped", "warning")]
    assert gone in messages(BODY.format(old), BODY.format(new), "member-dropped")[0]


def test_words_that_go_from_plain_prose__are_no_member() -> None:
    assert "member-dropped" not in dict(_told("Look at the very long names", "Look at the names"))


def test_rows_of_a_table__are_told_together() -> None:
    table = "# Role\n\n| act | who |\n|---|---|\n| build | a |\n| ship | b |\n| close | c |\n"
    less = table.replace("| ship | b |\n| close | c |\n", "")
    assert told(table, less) == [("member-dropped", "warning")]
    assert messages(table, less, "member-dropped") == ["row removed: | ship | b |, and 1 more"]


def test_flag_in_a_span_of_code__is_told() -> None:
    assert _told("Start it with `make test`", "Start it with `make test -k`") == [("command-changed", "warning")]


def test_member__of_a_sentence_that_was_written_anew_is_none() -> None:
    old = "For several files, look for them first, then read all of them at once"
    assert ("member-dropped", "warning") not in _told(old, "Look first and read the full set in parallel at once")
    old = "Answer briefly: leave out nulls, empty lists, and long fields"
    assert ("member-dropped", "warning") not in _told(old, "Return JSON. Leave out nulls and empty lists")


def test_value_of_data_that_is_switched_off__is_told() -> None:
    text = '# Role\n\nWords.\n\n```json\n{"dryRun": true, "deep": {"keep": [false, 1]}, "name": "true story"}\n```\n'
    assert told(text, text.replace('"dryRun": true', '"dryRun": false')) == [("action-turned", "warning")]
    assert told(text, text.replace("[false", "[true")) == [("action-turned", "warning")]
    assert ("action-turned", "warning") not in told(text, text.replace("true story", "false story"))
