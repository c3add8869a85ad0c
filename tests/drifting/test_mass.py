"""One change over many definitions: equal edits are one finding, known ones are proven, and what is left is told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agentmerge.drifting.changeset import FileChange, Version, review_changes
from agentmerge.drifting.mass import fold, migrations
from agentmerge.drifting.records import Finding, Report
from agentmerge.knowledge.tables import Knowledge
from agentmerge.reading.parsing import parse

SHIPPED = Knowledge.shipped()
ROLES = ("baker", "courier", "dentist", "editor", "farmer")


def review(old: Mapping[str, str], new: Mapping[str, str], moved: Mapping[str, str] | None = None) -> Report:
    """The folded review of files that changed; `moved` says under which path one stood before."""
    changes = []
    for place, text in new.items():
        before = (moved or {}).get(place, place)
        was = Version(f"old:{before}", before, parse(old[before], SHIPPED, filename=before))
        changes.append(FileChange(was, Version(f"new:{place}", place, parse(text, SHIPPED, filename=place))))
    still = {place: text for place, text in old.items() if place not in new and place not in (moved or {}).values()}
    report = review_changes(changes, SHIPPED, checked=len(old))
    return fold(report, SHIPPED, lambda texts: {place: own for place, own in still.items() if texts[0] in own})


def told(report: Report) -> list[tuple[str, str, str]]:
    found: list[Finding] = [one for _, _, pair in report.judged() for one in pair.findings]
    return [(one.rule, str(one.severity), one.message) for one in found]


def agents(fields: str, body: str = "Do the work of a {role}.", folder: str = ".claude/agents") -> dict[str, str]:
    text = f"---\nname: {{role}}\ndescription: Works as a {{role}}.\n{fields}---\n\n# Role\n\n{body}\n"
    return {f"{folder}/{role}.md": text.replace("{role}", role) for role in ROLES}


def copilot(tools: str, body: str = "Do the work of a {role}.") -> dict[str, str]:
    text = f"---\ndescription: Works as a {{role}}.\ntools: {tools}\n---\n\n# Role\n\n{body}\n"
    return {f".github/agents/{role}.agent.md": text.replace("{role}", role) for role in ROLES}


def test_an_edit_of_a_list_over_many_files_is_one_finding__as_serious_as_it_is_in_one() -> None:
    found = told(review(agents("tools: Read\n"), agents("tools: Read, Bash\n")))
    assert [row[:2] for row in found] == [("mass-edit", "breaking")]
    assert "5 of 5 definitions" in found[0][2]
    assert "Bash" in found[0][2]


def test_two_files_are_no_mass() -> None:
    new = dict(list(agents("tools: Read, Bash\n").items())[:2])
    assert [row[0] for row in told(review(agents("tools: Read\n"), new))] == ["permission-widened"] * 2


def test_a_file_that_gained_more_than_the_others_stays_by_itself() -> None:
    new = agents("tools: Read, Grep, Glob\n")
    new[".claude/agents/editor.md"] = new[".claude/agents/editor.md"].replace("Glob", "Glob, Bash")
    rules = [row[:2] for row in told(review(agents("tools: Read\n"), new))]
    assert ("permission-widened", "breaking") in rules


def test_a_known_migration_is_information_and_says_that_the_rights_stay() -> None:
    found = told(review(copilot("['fetch', 'codebase']"), copilot("['web/fetch', 'search/codebase']")))
    assert [row[:2] for row in found] == [("mass-edit", "info")]
    assert "Copilot calls its tools by their set" in found[0][2]
    assert "the rights stay" in found[0][2]


def test_a_migration_is_proven_for_each_file() -> None:
    new = copilot("['web/fetch', 'search/codebase']")
    place = ".github/agents/editor.agent.md"
    new[place] = new[place].replace("'web/fetch'", "'web/fetch', 'runCommands'")
    found = told(review(copilot("['fetch', 'codebase']"), new))
    assert ("mass-edit", "info") in [row[:2] for row in found]
    assert any(row[:2] == ("permission-widened", "breaking") and "runCommands" in row[2] for row in found)


def test_a_pinned_model_named_by_its_alias_is_known__another_tier_is_not() -> None:
    new = agents("model: sonnet\n")
    new[".claude/agents/farmer.md"] = new[".claude/agents/farmer.md"].replace("model: sonnet", "model: opus")
    found = told(review(agents("model: claude-sonnet-4-20250514\n"), new))
    assert ("mass-edit", "info") in [row[:2] for row in found]
    assert any(row[0] == "model-changed" and "opus" in row[2] for row in found)


def test_a_field_that_is_called_otherwise_is_one_edit() -> None:
    text = "---\ndescription: Works.\n{key}: agent\n---\n\n# Role\n\nDo the work of a {role}.\n"
    old, new = (
        {f".github/prompts/{one}.prompt.md": text.format(key=key, role=one) for one in ROLES}
        for key in ("mode", "agent")
    )
    found = told(review(old, new))
    assert [row[:2] for row in found] == [("mass-edit", "info")]
    assert "the field mode became agent" in found[0][2]


def test_a_name_in_prose_that_changed_everywhere_is_one_edit__and_who_kept_it_is_told() -> None:
    body = "Then run `/ovn:plan-{role}` and hand over."
    old, new = agents("", body), agents("", body.replace("/ovn:", "/ovn-"))
    new.pop(".claude/agents/baker.md")
    found = told(review(old, new))
    assert [row[:2] for row in found] == [("mass-edit", "info"), ("edit-left-out", "warning")]
    assert "1 of 5 kept /ovn:*: .claude/agents/baker.md" in found[1][2]


def test_who_was_not_given_what_the_others_were_is_told() -> None:
    old, new = agents("tools: Read, Grep\n"), agents("tools: Read, Grep, WebFetch\n")
    new.pop(".claude/agents/dentist.md")
    found = told(review(old, new))
    assert ("edit-left-out", "warning") in [row[:2] for row in found]
    assert "WebFetch came in 4 of 5 that list tools, and was left out: .claude/agents/dentist.md" in found[-1][2]


def test_a_definition_without_the_list_is_not_left_out() -> None:
    old, new = agents("tools: Read, Grep\n"), agents("tools: Read, Grep, WebFetch\n")
    new.pop(".claude/agents/dentist.md")
    old[".claude/agents/dentist.md"] = old[".claude/agents/dentist.md"].replace("tools: Read, Grep\n", "")
    assert "edit-left-out" not in [row[0] for row in told(review(old, new))]


@pytest.mark.parametrize(
    ("was", "now", "is_damage"),
    [
        ("Always fetch the newest page.", "Always web/fetch the newest page.", True),
        ("Set `{fetchLimit}` to four.", "Set `{web/fetchLimit}` to four.", True),
        ("Load it with `fetch` alone.", "Load it with `web/fetch` alone.", False),
        ("Load it with #fetch alone.", "Load it with #web/fetch alone.", False),
    ],
)
def test_a_word_of_the_language_that_was_replaced_with_a_tool_is_damage(was: str, now: str, is_damage: bool) -> None:
    old, new = copilot("['fetch', 'codebase']"), copilot("['web/fetch', 'codebase']")
    place = ".github/agents/editor.agent.md"
    old[place] += f"\n{was}\n"
    new[place] += f"\n{now}\n"
    found = told(review(old, new))
    assert (("edit-damage", "warning") in [row[:2] for row in found]) is is_damage
    assert [row[0] for row in found if row[0] not in ("mass-edit", "edit-damage")] == []


def test_a_move_of_many_files_is_one_finding() -> None:
    old = agents("tools: Read\n", folder="agents")
    moved = {name.replace("agents/", "plugins/town/agents/"): name for name in old}
    found = told(review(old, {place: old[before] for place, before in moved.items()}, moved))
    assert [row[:2] for row in found] == [("mass-edit", "info")]
    assert "moved from agents/*.md to plugins/town/agents/*.md" in found[0][2]


def test_the_same_rule_lost_in_many_files_is_one_breaking_finding() -> None:
    body = "Do the work of a {role}.\n\n- Never delete a ledger without a second reader."
    found = told(review(agents("", body), agents("")))
    assert ("mass-edit", "breaking") in [row[:2] for row in found]
    assert "guardrail-removed" not in [row[0] for row in found]


def test_what_was_accepted_is_not_folded() -> None:
    old, new = agents("tools: Read\n"), agents("tools: Read, Bash\n")
    changes = [
        FileChange(
            Version(place, place, parse(old[place], SHIPPED, filename=place)),
            Version(place, place, parse(new[place], SHIPPED, filename=place)),
        )
        for place in new
    ]
    report = review_changes(changes, SHIPPED, checked=5)
    groups = report.groups
    meant = (
        groups[0]
        .drift.pairs[0]
        ._replace(findings=tuple(one._replace(accepted="meant") for one in groups[0].drift.pairs[0].findings))
    )
    assert meant.findings
    from dataclasses import replace

    first = replace(groups[0], drift=replace(groups[0].drift, pairs=(meant,)))
    folded = fold(replace(report, groups=(first, *groups[1:])), SHIPPED)
    assert [one for pair in folded.groups[0].drift.pairs for one in pair.findings] == list(meant.findings)
    assert "4 of 5 definitions" in folded.edits[0].findings[0].message


def test_users_add_rows() -> None:
    rows = {
        "migrations": {"house": {"says": "our tool", "edits": {"frontmatter/tools": [["mcp__old__*", "mcp__new__*"]]}}}
    }
    assert migrations(Knowledge.of(rows))[-1].says == "our tool"


def test_every_shipped_row_says_what_it_does() -> None:
    for row in migrations(SHIPPED):
        assert row.says
        assert row.edits
        assert row.rights in ("same", "wider", "narrower")
        assert not row.host or row.host in SHIPPED.dialects
