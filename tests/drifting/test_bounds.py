"""Settings of hosts, hooks and scripts: what goes from a bound, or comes to a grant, is a wider right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agentmerge.drifting.changeset import Bound, BoundChange, bound_findings, is_bound, is_settings
from agentmerge.errors import InputError
from agentmerge.knowledge.tables import Knowledge

SHIPPED = Knowledge.shipped()
CLAUDE = ".claude/settings.json"
OLD: dict[str, Any] = {
    "permissions": {"deny": ["Bash(rm:*)", "Read(.env)"], "allow": ["Read"], "defaultMode": "default"},
    "hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "./guard.sh"}]}]},
}


def told(old: str | None, new: str | None, place: str = CLAUDE) -> list[tuple[str, str]]:
    sides = (Bound(place, place, text) if text is not None else None for text in (old, new))
    return [(one.rule, one.message) for one in bound_findings(BoundChange(*sides), SHIPPED)]


def changed(path: str, value: Any) -> str:
    data = json.loads(json.dumps(OLD))
    *parents, last = path.split(".")
    inner = data
    for name in parents:
        inner = inner.setdefault(name, {})
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(data, indent=2)


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("permissions.deny", ["Read(.env)"], "permission-widened"),
        ("permissions.deny", None, "permission-widened"),
        ("permissions.deny", ["Bash(rm:*)", "Read(.env)", "WebFetch"], "permission-narrowed"),
        ("permissions.allow", ["Read", "Bash(*)"], "permission-widened"),
        ("permissions.allow", [], "permission-narrowed"),
        ("permissions.defaultMode", "bypassPermissions", "permission-widened"),
        ("permissions.defaultMode", "plan", "permission-narrowed"),
        ("permissions.defaultMode", "unheard-of", "permission-widened"),
        ("hooks.PreToolUse", [], "permission-widened"),
        ("disableAllHooks", True, "permission-widened"),
        ("enableAllProjectMcpServers", True, "permission-widened"),
        ("model", "opus", "field-changed"),
    ],
)
def test_settings__what_goes_from_a_bound_or_comes_to_a_grant(path: str, value: Any, rule: str) -> None:
    found = told(json.dumps(OLD), changed(path, value))
    assert {row[0] for row in found} == {rule}


def test_settings__layout_and_order_are_no_change() -> None:
    assert told(json.dumps(OLD), json.dumps(OLD, indent=4, sort_keys=True)) == []
    assert told('{"model": "a"}', '// why\n{"model": "a",}') == []


def test_settings__that_are_new_grant_what_they_allow_and_those_that_are_gone_deny_no_longer() -> None:
    assert ("permission-widened", "permissions.allow holds now Read") in told(None, json.dumps(OLD))
    assert ("permission-widened", "permissions.deny no longer holds Read(.env)") in told(json.dumps(OLD), None)


def test_settings__a_server_that_comes_or_runs_something_else() -> None:
    old = {"mcpServers": {"docs": {"command": "docs-server"}}}
    new = {"mcpServers": {"docs": {"command": "docs-server"}, "shop": {"url": "https://shop.example"}}}
    assert [row[0] for row in told(json.dumps(old), json.dumps(new), ".mcp.json")] == ["permission-widened"]
    other = {"mcpServers": {"docs": {"command": "sh -c anything"}}}
    assert "permission-widened" in [row[0] for row in told(json.dumps(old), json.dumps(other), ".mcp.json")]


def test_settings__in_toml() -> None:
    old, new = 'sandbox_mode = "read-only"\n', 'sandbox_mode = "danger-full-access"\n'
    assert [row[0] for row in told(old, new, ".codex/config.toml")] == ["permission-widened"]
    assert [row[0] for row in told(old, "", ".codex/config.toml")] == ["permission-widened"]


@pytest.mark.parametrize("text", ["{", "[]", '{"a": }'])
def test_settings__that_cannot_be_read_are_trouble(text: str) -> None:
    with pytest.raises(InputError, match="can't be read as settings"):
        told(json.dumps(OLD), text)


def test_script__that_holds_back_less_is_breaking__any_other_change_is_to_be_read() -> None:
    guard = "#!/bin/sh\nif grep -q secret; then\n  exit 2\nfi\n"
    place = ".claude/hooks/guard.sh"
    assert [row[0] for row in told(guard, guard.replace("exit 2", "exit 0"), place)] == ["guardrail-removed"]
    assert [row[0] for row in told(guard, guard.replace("exit 2", "# exit 2"), place)] == ["guardrail-removed"]
    assert [row[0] for row in told(guard, None, place)] == ["guardrail-removed"]
    assert [row[0] for row in told(guard, guard.replace("secret", "token"), place)] == ["script-changed"]
    assert [row[0] for row in told(None, guard, "skills/pdf/run.py")] == ["script-changed"]


@pytest.mark.parametrize(
    ("place", "is_one"),
    [
        (".claude/settings.json", True),
        ("packages/app/.claude/settings.json", True),
        ("settings.json", False),
        (".mcp.json", True),
        ("skills/pdf/scripts/fill.py", True),
        ("src/skills.py", False),
        ("src/app.py", False),
        (".claude/hooks/guard.sh", True),
    ],
)
def test_which_files_bound_agents(place: str, is_one: bool) -> None:
    assert is_bound(place, SHIPPED) is is_one
    assert not is_settings("src/settings.json", SHIPPED)
