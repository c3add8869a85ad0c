"""A contradiction that is written stays visible until somebody decides it."""

from __future__ import annotations

from agentmerge import combine, parse


def _rules(coverage: int) -> str:
    return f"# Reviewer\n\n## Rules\n\n- Test coverage must be at least {coverage} %.\n"


def test_open_contradiction__is_told_once_where_it_stands() -> None:
    merged = combine([parse(_rules(80)), parse(_rules(90))])
    assert merged.open_conflicts
    notes = [note for note in parse(merged.text).diagnostics if note.code == "conflict-open"]
    assert [note.severity for note in notes] == ["warning"]
    assert merged.text.splitlines()[notes[0].line - 1].strip().startswith("<!-- agentmerge: conflict 1")


def test_shown_comment_and_decided_file__are_quiet() -> None:
    merged = combine([parse(_rules(80)), parse(_rules(90))])
    fenced = f"# How\n\n```markdown\n{merged.text}```\n"
    for text in (_rules(80), fenced):
        assert "conflict-open" not in {note.code for note in parse(text).diagnostics}
