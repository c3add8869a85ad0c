"""One variant forbids an act, another one asks somebody first: both can't hold."""

from __future__ import annotations

import pytest

from agentmerge import align, parse


def _contradict(one: str, other: str) -> bool:
    texts = [f"# Role\n\nRead the code.\n\n## Rules\n\n- {line}\n- Be brief\n" for line in (one, other)]
    found = [
        any(group.relation == "contradicts" for group in align([parse(a), parse(b)]).units)
        for a, b in (texts, texts[::-1])
    ]
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize(
    ("rule", "asking"),
    [
        ("Never delete a file of the archive", "Ask the owner before you delete files of the archive"),
        ("You must not force-push the branch", "Always get approval from a lead before force-pushing the branch"),
        ("Do not restart the database", "Check with the operator prior to restarting the database"),
    ],
)
def test_forbidden_here_and_asked_about_there(rule: str, asking: str) -> None:
    assert _contradict(rule, asking)


@pytest.mark.parametrize(
    ("rule", "asking"),
    [
        ("Never delete a file of the archive without asking", "Ask the owner before you delete files of the archive"),
        ("Never delete a file of the archive", "Ask the owner before you read files of the archive"),
        ("Never delete a file of the archive on Fridays", "Ask the owner before you delete files of the archive"),
        ("Never delete a file of the archive", "Never ask the owner before you delete files of the archive"),
    ],
)
def test_both_can_hold(rule: str, asking: str) -> None:
    assert not _contradict(rule, asking)
