"""What ours marked by hand and theirs took out is told."""

from __future__ import annotations

import pytest

from agentmerge import merge, parse

BASE = "# Writer\n\n## House rules\n\n- Use British spelling.\n\n## Style\n\n- Short sentences.\n"
WITHOUT = "# Writer\n\n## Style\n\n- Short sentences.\n"


def _told(ours: str, theirs: str) -> list[str]:
    merged = merge(parse(BASE), parse(ours), parse(theirs))
    return [note.message for note in merged.findings if note.rule == "mark-broken"]


@pytest.mark.parametrize("word", ["keep", "freeze"])
@pytest.mark.parametrize("theirs", [WITHOUT, BASE.replace("British", "American")])
def test_marked_part_that_theirs_changed__is_told(word: str, theirs: str) -> None:
    ours = BASE.replace("## House", f"<!-- agentmerge: {word} -->\n## House")
    (message,) = _told(ours, theirs)
    assert f"'{word}' holds for" in message
    assert "Use British spelling." in message


def test_part_without_a_mark_or_unchanged__is_quiet() -> None:
    assert _told(BASE, WITHOUT) == []
    ours = BASE.replace("## House", "<!-- agentmerge: keep -->\n## House")
    assert _told(ours, BASE.replace("Short", "Long")) == []
    assert _told(ours, BASE) == []
