"""A frontmatter that hosts do not find: it is no body text anywhere, and what it says grants nothing."""

from __future__ import annotations

from itertools import product

import pytest

from agentmerge import combine, diff, drift, merge, parse
from agentmerge.views.show import canonical
from agentmerge.writing.formatting import format_definition
from tests.reading.blocks import PLACED, UNSEEN
from tests.shipped import SHIPPED

FORMS = [pytest.param(text, id=name) for name, text in UNSEEN.items()]
LOOSE = "---\nname: a\ndescription: b\npermissionMode: bypassPermissions\nallowed-tools: Bash\n---\n# T\n\n- One.\n"


def rules(old: str, new: str) -> list[tuple[str, str]]:
    found = drift([parse(old), parse(new)]).pairs[0].findings
    return [(one.rule, one.severity) for one in found if one.path.startswith("frontmatter")]


@pytest.mark.parametrize("text", FORMS)
def test_drift__to_where_no_host_looks_widens(text: str) -> None:
    assert rules(PLACED, text) == [("permission-widened", "breaking"), ("field-changed", "info")]
    assert rules(text, PLACED) == [("permission-narrowed", "warning"), ("field-changed", "info")]


def test_drift__names_both_places_and_what_is_granted() -> None:
    finding = drift([parse(PLACED), parse(UNSEEN["comment"])]).pairs[0].findings[0]
    assert finding.message == "tools: every tool (no list) instead of Read, Grep"
    assert finding.a is not None
    assert finding.b is not None
    assert (finding.a.line, finding.b.line) == (4, 5)


def test_drift__what_is_lost_may_narrow_and_what_nobody_reads_changes_no_right() -> None:
    below = f"<!-- x -->\n{LOOSE}"
    assert ("permission-narrowed", "warning") in rules(LOOSE, below)
    assert ("permission-widened", "breaking") in rules(below, LOOSE)
    comment = UNSEEN["comment"]
    assert rules(comment, comment.replace("Grep", "Grep, Bash")) == [("field-changed", "info")]


@pytest.mark.parametrize("text", FORMS)
def test_diff__tells_the_permission(text: str) -> None:
    changes = {change.path: change for change in diff(parse(PLACED), parse(text))}
    assert changes["frontmatter/tools"].severity == "breaking"
    assert "hosts no longer find it" in changes["frontmatter/tools"].note
    assert list(diff(parse(text), parse(text))) == []


@pytest.mark.parametrize(("one", "two"), list(product([PLACED, *UNSEEN.values()], UNSEEN.values())))
def test_combine__writes_no_field_as_body(one: str, two: str) -> None:
    text = combine([parse(one), parse(two)]).text
    result = parse(text)
    assert result.frontmatter is not None
    assert result.frontmatter.seen
    assert [field.key for field in result.fields] == ["name", "description", "tools"]
    body = "\n".join(result.frontmatter.cut_from(text.split("\n")))
    assert not any(word in body for word in ("name:", "name =", "tools", "+++", "---"))
    assert "Never quote a person without consent" in body


def test_combine__tells_that_a_grant_comes_into_force() -> None:
    below = parse(f"<!-- x -->\n{LOOSE}")
    findings = combine([below, below]).findings
    widened = {note.path for note in findings if note.rule == "permission-widened"}
    assert widened == {"frontmatter/permissionMode", "frontmatter/allowed-tools"}


@pytest.mark.parametrize("text", FORMS)
def test_merge__of_edits_on_both_sides_is_the_edited_file(text: str) -> None:
    def reworded(old: str) -> str:
        return old.replace("the date", "the date and place")

    def longer(old: str) -> str:
        return old.replace("Writes the minutes", "Writes short minutes")

    merged = merge(parse(text), parse(reworded(text)), parse(longer(text)))
    assert merged.text == longer(reworded(text))
    assert not merged.conflicts
    assert {row.source.text for row in merged.ledger} >= {"scribe", "Never quote a person without consent"}


@pytest.mark.parametrize("text", FORMS)
@pytest.mark.parametrize("repairs", ["ours", "theirs"])
def test_merge__of_a_repair_and_an_edit_has_both(text: str, repairs: str) -> None:
    repaired = format_definition(parse(text), SHIPPED).text
    edited = text.replace("the date", "the date and place")
    ours, theirs = (repaired, edited) if repairs == "ours" else (edited, repaired)
    merged = merge(parse(text), parse(ours), parse(theirs))
    assert not merged.conflicts
    assert parse(merged.text).is_seen
    assert "the date and place" in merged.text
    assert merged.text.count("scribe") == 1


def test_merge__does_not_mix_the_lines_of_two_syntaxes() -> None:
    text = UNSEEN["TOML"].replace('name = "scribe"\n', 'name = "scribe"\nmodel = "opus"\n')
    merged = merge(
        parse(text), parse(format_definition(parse(text), SHIPPED).text), parse(text.replace("opus", "haiku"))
    )
    assert merged.open_conflicts


def test_textconv__shows_where_the_fields_stand() -> None:
    assert canonical(parse(UNSEEN["comment"]), SHIPPED) == UNSEEN["comment"]
    assert canonical(parse(UNSEEN["comment"]), SHIPPED) != canonical(parse(PLACED), SHIPPED)
