"""Rights between hosts: names of tools by meaning, and scales of permission."""

from __future__ import annotations

import pytest

from agentmerge import diff, drift, parse
from agentmerge.drifting.records import Finding
from agentmerge.knowledge.tables import Knowledge
from agentmerge.rights.comparing import stands_for
from agentmerge.rights.joining import includes as includes_name
from agentmerge.rights.vocabulary import Vocabulary, has_form, server_tool
from tests.shipped import SHIPPED

RIGHTS = ("permission-widened", "permission-narrowed")


def _findings(old: str, new: str, hosts: tuple[str, str]) -> list[Finding]:
    body = "---\n# Role\n\nRead the code.\n"
    texts = (f"---\nname: a\ndescription: d\n{field}\n{body}" for field in (old, new))
    definitions = [parse(text, dialect=host) for text, host in zip(texts, hosts, strict=True)]
    return list(drift(definitions).findings)


@pytest.mark.parametrize(
    ("old", "new", "hosts", "rules"),
    [
        ("tools: Read, Edit, Bash", "tools: [read, edit, execute]", ("claude", "copilot"), []),
        ("tools: [read, edit, execute]", "tools: Read, Edit, Bash", ("copilot", "claude"), []),
        ("tools: Read, Grep, Glob", "tools: ['read', 'search']", ("claude", "copilot"), []),
        ("tools: Read, Grep", "tools: [read_file, grep_search]", ("claude", "gemini"), []),
        ("tools: Read, Grep", "tools: [read_file, run_shell_command]", ("claude", "gemini"), list(RIGHTS)),
        ("tools: Read", "tools: [read, execute]", ("claude", "copilot"), ["permission-widened"]),
        ("tools: Read, Bash(git:*)", "tools: [read, execute]", ("claude", "copilot"), ["permission-widened"]),
        ("tools: [read, execute]", "tools: Read, Bash(git:*)", ("copilot", "claude"), ["permission-narrowed"]),
        ("tools: Read, mcp__docs__find", "tools: [read, docs/find]", ("claude", "copilot"), []),
        ("tools: Read, mcp__docs__find", "tools: [read, 'docs/*']", ("claude", "copilot"), ["permission-widened"]),
        ("tools: Read, Frobnicate", "tools: [read, frob]", ("claude", "copilot"), list(RIGHTS)),
        ("tools: Read, Edit", "tools: Read, Edit, Write", ("claude", "claude"), ["permission-widened"]),
        ("tools: [agent]", "tools: [custom-agent]", ("copilot", "copilot"), []),
        ("tools: [agent]", "tools: [Task]", ("copilot", "copilot"), []),
        ("tools: [Task]", "tools: [custom-agent]", ("copilot", "copilot"), []),
        ("tools: [agent]", "tools: [agent, execute]", ("copilot", "copilot"), ["permission-widened"]),
        ("tools: mcp__db__query", "tools: [mcp_db_query]", ("claude", "gemini"), []),
        ("tools: [mcp_db_query]", "tools: mcp__db__query", ("gemini", "claude"), []),
        ("tools: [mcp_db_query]", "tools: ['@db/query']", ("gemini", "kiro"), []),
        ("tools: mcp__db__query", "tools: ['mcp_db_*']", ("claude", "gemini"), ["permission-widened"]),
        ("tools: mcp__db__*", "tools: [mcp_db_query]", ("claude", "gemini"), ["permission-narrowed"]),
        ("tools: mcp__db__query", "tools: [mcp_dc_query]", ("claude", "gemini"), list(RIGHTS)),
        ("tools: [read_file]", "tools: []", ("qwen", "qwen"), ["permission-widened"]),
        ("tools: [read]", "tools: []", ("copilot", "copilot"), ["permission-narrowed"]),
        ("spawning: true", "spawning: false", ("pi", "pi"), ["permission-narrowed"]),
        ("spawning: false", "thinking: low", ("pi", "pi"), ["permission-widened"]),
        ("deny-tools: bash, write", "deny-tools: bash", ("pi", "pi"), ["permission-widened"]),
        ("disallowed_tools: [bash]", "disallowed_tools: bash, write", ("pi", "pi"), ["permission-narrowed"]),
        ("tools: [codebase, fetch]", "tools: [search/codebase, web/fetch]", ("copilot", "copilot"), []),
        ("tools: [search]", "tools: [search/codebase]", ("copilot", "copilot"), ["permission-narrowed"]),
        ("tools: [search/codebase]", "tools: [search]", ("copilot", "copilot"), ["permission-widened"]),
        ("disallowedTools: Bash", "disallowedTools: run_shell_command", ("claude", "plain"), []),
        ("disallowedTools: Bash", "disallowedTools: write_file", ("claude", "plain"), list(RIGHTS)),
    ],
)
def test_lists_of_tools__compare_by_what_names_mean(
    old: str, new: str, hosts: tuple[str, str], rules: list[str]
) -> None:
    assert [one.rule for one in _findings(old, new, hosts) if one.rule in RIGHTS] == rules


def test_only_the_names_differ__told_as_a_changed_field() -> None:
    (found,) = _findings("tools: Read", "tools: [read]", ("claude", "copilot"))
    assert (found.rule, found.severity) == ("field-changed", "info")
    assert "the rights stay" in found.message


def test_diff__has_the_same_opinion() -> None:
    old = parse("---\ntools: Read\n---\n# A\n", dialect="claude")
    new = parse("---\ntools: [read]\n---\n# A\n", dialect="copilot")
    assert [change.severity for change in diff(old, new)] == ["info"]


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("readonly: true", "readonly: false", ["permission-widened"]),
        ("readonly: true", "color: red", ["permission-widened"]),
        ("color: red", "readonly: True", ["permission-narrowed"]),
        ("color: red", "readonly: false", []),
        ("sandbox_mode: read-only", "sandbox_mode: workspace-write", ["permission-widened"]),
        ("sandbox_mode: danger-full-access", "sandbox_mode: read-only", ["permission-narrowed"]),
        ("color: red", "sandbox_mode: danger-full-access", ["permission-widened"]),
        ("color: red", "sandbox_mode: read-only", ["permission-narrowed"]),
        ("color: red", "sandbox_mode: workspace-write", list(RIGHTS)),
        ("approvalMode: plan", "approvalMode: yolo", ["permission-widened"]),
        ("color: red", "approvalMode: default", []),
        ("permissionMode: default", "permissionMode: manual", []),
        ("permissionMode: default", "permissionMode: dontAsk", ["permission-narrowed"]),
        ("permissionMode: acceptEdits", "color: red", ["permission-narrowed"]),
        ("permissionMode: odd", "permissionMode: default", list(RIGHTS)),
    ],
)
def test_scales__say_which_way(old: str, new: str, rules: list[str]) -> None:
    assert [one.rule for one in _findings(old, new, ("plain", "plain")) if one.rule in RIGHTS] == rules


def _stand(name: str, other: str, hosts: tuple[str, str], knowledge: Knowledge = SHIPPED) -> bool:
    words = knowledge.derived(Vocabulary)
    return stands_for(words.grant(name, hosts[0]), words.grant(other, hosts[1]))


def test_a_user_names_the_tools_of_another_host() -> None:
    hosts = ("claude", "house")
    assert not _stand("Bash", "console", hosts)
    known = Knowledge({"toolnames": {"house": {"console": ["shell"]}}})
    assert _stand("Bash", "console", hosts, known)
    assert not _stand("Read", "console", hosts, known)


def test_two_names_of_one_host__never_stand_for_each_other() -> None:
    for host, row in SHIPPED.raw("toolnames").items():
        for name in row:
            for other in row:
                assert not _stand(name, other, (host, host)), (host, name, other)


@pytest.mark.parametrize(
    ("name", "form", "has"),
    [
        ("mcp__db__query", "mcp__{server}__{tool}", True),
        ("mcp__db", "mcp__{server}__{tool}", True),
        ("mcp__db__query", "mcp_{server}_{tool}", False),
        ("mcp_db_query", "mcp_{server}_{tool}", True),
        ("mcp_db_query", "mcp__{server}__{tool}", False),
        ("mcp_db_query", "{server}_{tool}", False),
        ("@db/query", "@{server}/{tool}", True),
        ("@db/query", "{server}/{tool}", False),
        ("db/query", "{server}/{tool}", True),
        ("db/query", "@{server}/{tool}", False),
        ("db", "{server}/{tool}", False),
        ("db_query", "{server}_{tool}", True),
    ],
)
def test_form_of_a_server_tool(name: str, form: str, has: bool) -> None:
    assert has_form(name, form) is has


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        ("mcp__db__query", ("db", "query")),
        ("mcp__db", ("db", "*")),
        ("mcp__db__*", ("db", "*")),
        ("mcp_db_query_all", ("db", "query_all")),
        ("mcp:db:query", ("db", "query")),
        ("@db/query", ("db", "query")),
        ("@db", ("db", "*")),
        ("db/query", ("db", "query")),
        ("db/*", ("db", "*")),
        ("a/b/c", None),
        ("a b/c", None),
        ("Read", None),
        ("mcp__", None),
    ],
)
def test_server_and_tool(name: str, tool: tuple[str, str] | None) -> None:
    assert server_tool(name) == tool


@pytest.mark.parametrize(
    ("one", "other", "includes"),
    [
        ("Bash", "Bash(git:*)", True),
        ("Bash(git:*)", "Bash", False),
        ("Bash(git:*)", "Bash(git log)", True),
        ("Bash(git:*)", "Bash(gitleaks detect)", False),
        ("Bash(*)", "Bash", True),
        ("*", "anything", True),
        ("anything", "*", False),
        ("mcp__db", "mcp__db__query", True),
        ("mcp__db__query", "mcp__db", False),
        ("Task", "Agent", True),
        ("edit", "Write", True),
        ("unheard", "unheard(a)", True),
        ("unheard(a)", "unheard", False),
        ("unheard(a)", "unheard(a)", True),
        ("unheard", "unheardof", False),
    ],
)
def test_one_name_includes_another(one: str, other: str, includes: bool) -> None:
    assert includes_name(one, other, SHIPPED) is includes
