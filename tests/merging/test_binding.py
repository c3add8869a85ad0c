"""Which changes of a sentence leave no place for the other side's words, and which rights come back."""

from __future__ import annotations

import pytest

from agentmerge import parse
from agentmerge.merging.engine import merge
from agentmerge.merging.pieces import bind_differently, merge_words
from tests.shipped import SHIPPED

BOUND = [
    ("Never log names.", "Always log names.", "Never log names or tokens."),
    ("Ask before you push tags.", "Ask after you push tags.", "Ask before you push tags or branches."),
    ("Log all failed requests.", "Log failed requests.", "Log all failed requests and retries."),
    (
        "Delete old branches of the team.",
        "Delete old branches of the team, unless asked.",
        "Delete old tags of the team.",
    ),
    (
        "Use e.g. Redis. Never Kafka for the queue.",
        "Use e.g. Redis. Always Kafka for the queue.",
        "Use e.g. Redis. Never Kafka for the log.",
    ),
    (
        "Never use stores, e.g. Redis or Kafka.",
        "Always use stores, e.g. Redis or Kafka.",
        "Never use stores, e.g. Redis or Pulsar.",
    ),
    ("Don’t log names.", "Log names.", "Don’t log names or tokens."),
    ("Keep old branches of the team.", "Delete old branches of the team.", "Keep old branches of the team and tags."),
    ("Wait at least ten minutes for it.", "Wait at most ten minutes for it.", "Wait at least ten minutes for tests."),
]
FREE = [
    ("Write the report now.", "Add the report now.", "Write the report today."),
    ("Open the ticket of the team.", "Open and check the ticket of the team.", "Open the ticket of the whole team."),
    ("Review the diff on the branch.", "Use the diff on the branch.", "Review the diff on the main branch."),
    ("Keep short notes of the call.", "Keep notes of the call.", "Keep short notes of the whole call."),
    ("Never log names.", "Never log names or tokens.", "Never ever log names."),
    ("Never log names.", "Always log names.", "Never log names."),
    ("Never log names.", "Always log names.", "Always log names or tokens."),
    ("Never log names. Read the diff.", "Always log names. Read the diff.", "Never log names. Read the whole diff."),
    (
        "Read the diff. Name the file.",
        "Read the diff. Never push. Name the file.",
        "Read the diff. Name the exact file.",
    ),
    ("Must run one:check of the code.", "Must run two:check of the code.", "Run one:check of the code."),
]


@pytest.mark.parametrize(("base", "ours", "theirs"), BOUND)
def test_bind_differently__binding_word_changed_in_a_sentence_of_both(base: str, ours: str, theirs: str) -> None:
    assert bind_differently([base], [ours], [theirs], SHIPPED)
    assert bind_differently([base], [theirs], [ours], SHIPPED)
    assert merge_words([base], [ours], [theirs], SHIPPED) is None


@pytest.mark.parametrize(("base", "ours", "theirs"), FREE)
def test_bind_differently__not_in_other_sentences_or_alike(base: str, ours: str, theirs: str) -> None:
    assert not bind_differently([base], [ours], [theirs], SHIPPED)
    assert not bind_differently([base], [theirs], [ours], SHIPPED)


RIGHTS = [
    ("tools: Read, Bash", "tools: Read", "tools: Read, Bash(git:*)", True),
    ("tools: Read, Bash(git:*)", "tools: Read", "tools: Read, Bash", True),
    ("tools: Read, Bash(git:*)", "tools: Read", "tools: Read, Bash(*)", True),
    ("tools: Read, Bash", "tools: Read", 'tools: "*"', True),
    ("tools: [Read, mcp__x]", "tools: [Read]", "tools: [Read, mcp__x__find]", True),
    ("disallowedTools: Read, Bash", "disallowedTools: Read", "disallowedTools: Read, Bash(rm:*)", True),
    ("tools: Read, Bash", "tools: Read, Bash(git:*)", "tools: Read, Bash(git:*), Edit", False),
    ("tools: Read, Bash", "tools: Read", "tools: Read, Bash, BashOutput", False),
    ("tags: a, b", "tags: a", "tags: a, b, b/c", False),
]


@pytest.mark.parametrize(("base", "ours", "theirs", "is_conflict"), RIGHTS)
def test_field_of_rights__what_one_side_revoked_does_not_come_back(
    base: str, ours: str, theirs: str, is_conflict: bool
) -> None:
    b, o, t = (parse(f"---\nname: a\n{field}\n---\n\nYou help.\n") for field in (base, ours, theirs))
    assert bool(merge(b, o, t, SHIPPED).open_conflicts) == is_conflict
    assert bool(merge(b, t, o, SHIPPED).open_conflicts) == is_conflict


TOOLS = "---\nname: a\nmodel: {}\ntools:\n{}\n---\n\nYou help.\n"
WRAPPED = "# A\n\n- Model {} is used.\n\n- {} log secrets\n  or personal data,\n  or names of users{}.\n"
BESIDE = [
    (
        TOOLS.format("x", "  - Read\n  - Grep\n  - Glob\n  - Bash"),
        TOOLS.format("y", "  - Read\n  - Grep\n  - Glob"),
        TOOLS.format("z", "  - Bash(git:*)\n  - Read\n  - Grep\n  - Glob\n  - Bash"),
        "one side took back what the other granted",
    ),
    (
        WRAPPED.format("x", "Never", ""),
        WRAPPED.format("y", "Always", ""),
        WRAPPED.format("z", "Never", " and tokens"),
        "item: one side changed what binds",
    ),
]


@pytest.mark.parametrize(("base", "ours", "theirs", "slot"), BESIDE)
def test_merge__another_conflict_does_not_let_lines_cross(base: str, ours: str, theirs: str, slot: str) -> None:
    found = merge(parse(base), parse(ours), parse(theirs), SHIPPED).open_conflicts
    assert [conflict.slot for conflict in found][1:] == [slot]
