"""A contradiction that is written stays visible until somebody decides it."""

from __future__ import annotations

import pytest

from agentmerge import combine, drift, parse


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


@pytest.mark.parametrize(("name", "start"), [("CLAUDE.md", "> agentmerge: "), ("rules.md", "<!-- agentmerge: ")])
def test_contradiction_where_a_host_takes_comments_out__is_marked_in_the_text(name: str, start: str) -> None:
    merged = combine([parse(_rules(80), filename=name), parse(_rules(90), filename="other.md")])
    marks = [line.strip() for line in merged.text.splitlines() if "agentmerge:" in line]
    assert len(marks) == 2
    assert all(mark.startswith(start) for mark in marks)
    read = parse(merged.text, filename=name)
    assert "conflict-open" in {note.code for note in read.diagnostics}
    assert combine([read, read]).text == merged.text


@pytest.mark.parametrize("name", ["CLAUDE.md", "rules.md"])
def test_mark_of_a_contradiction__is_no_part_of_a_contract(name: str) -> None:
    forms = "Respond with JSON only, do not deviate.", "Always deliver a Markdown table."
    texts = [f"# Reviewer\n\n## Output\n\n{form}\n" for form in forms]
    merged = combine([parse(text, filename=name) for text in texts])
    assert "another says otherwise" in merged.text
    found = drift([parse(texts[0]), parse(merged.text)]).pairs[0].findings
    told = {one.rule for one in found if one.b is not None and "agentmerge:" in one.b.text}
    assert told <= {"knowledge-added"}


def test_what_forbids__stands_before_what_a_host_cuts_off() -> None:
    rows = "\n".join(
        f"- Payment check {number} of the nightly ledger run compares row {number}." for number in range(420)
    )
    long = f"# Shop\n\n## Checks\n\n{rows}\n"
    other = long.replace("Payment", "Storage").replace("nightly ledger", "weekly backup")
    rails = "\n## Never touch\n\n- Never delete the archive.\n"
    merged = combine([parse(long, filename="AGENTS.md"), parse(other + rails, filename="CLAUDE.md")])
    assert len(merged.text) > 32_768
    assert merged.text.index("Never delete the archive.") < merged.text.index("Payment check 0 ")
    assert {"guardrails-first", "limit-exceeded"} <= {one.rule for one in merged.findings}
    short = combine([parse(long, filename="AGENTS.md"), parse(f"# Shop\n{rails}", filename="CLAUDE.md")])
    assert "guardrails-first" not in {one.rule for one in short.findings}
