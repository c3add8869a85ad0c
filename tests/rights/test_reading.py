"""Effective rights of single definitions, where each comes from, and what the table of pairs does not reach."""

from __future__ import annotations

import pytest

from agentmerge import drift, parse
from agentmerge.model import Value
from agentmerge.rights.comparing import field_shift, model, model_step, moves, same_value
from agentmerge.rights.joining import spell
from agentmerge.rights.patterns import NOTHING, Extent, Level, Rule, constant, exceeding, extent, matches, overlap
from agentmerge.rights.patterns import covers as covers_extent
from agentmerge.rights.reading import effective, names, rights_of, spaced_names
from agentmerge.rights.vocabulary import Vocabulary, argument_pattern
from tests.shipped import SHIPPED


def _codex(*lines: str) -> str:
    return "\n".join(['name = "a"', 'description = "d"', *lines, 'developer_instructions = "Read the code."', ""])


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('sandbox_mode = "read-only"', 'sandbox_mode = "workspace-write"', {"widened": "breaking"}),
        ('sandbox_mode = "workspace-write"', 'sandbox_mode = "danger-full-access"', {"widened": "breaking"}),
        ('sandbox_mode = "danger-full-access"', 'sandbox_mode = "read-only"', {"narrowed": "warning"}),
        ('approval_policy = "untrusted"', 'approval_policy = "never"', {"widened": "breaking"}),
        ('web_search = "disabled"', 'web_search = "live"', {"widened": "breaking"}),
        (
            'shell_environment_policy = {inherit = "core"}',
            'shell_environment_policy = {inherit = "all"}',
            {"widened": "breaking"},
        ),
        (
            'permissions = {net = {mode = "limited"}}',
            'permissions = {net = {mode = "full"}}',
            {"widened": "breaking", "narrowed": "warning"},
        ),
        ("web_search = true", 'web_search = "live"', {}),
        ("tools = {web_search = false}", "tools = {web_search = true}", {"widened": "breaking"}),
        (
            "[sandbox_workspace_write]\nnetwork_access = false",
            "[sandbox_workspace_write]\nnetwork_access = true",
            {"widened": "breaking"},
        ),
        (
            '[mcp_servers.db]\ncommand = "./db"\nenabled_tools = ["query"]',
            '[mcp_servers.db]\ncommand = "./db"',
            {"widened": "breaking"},
        ),
        (
            '[mcp_servers.db]\ncommand = "./db"',
            '[mcp_servers.db]\ncommand = "./db"\ndisabled_tools = ["drop"]',
            {"narrowed": "warning"},
        ),
        ('[mcp_servers.db]\ncommand = "./db"', '[mcp_servers.db]\ncommand = "./db"\nstartup_timeout_sec = 9', {}),
    ],
)
def test_codex(before: str, after: str, told: dict[str, str]) -> None:
    is_table = before.startswith("[")
    texts = [_codex() + f"{lines}\n" if is_table else _codex(lines) for lines in (before, after)]
    one, two = (parse(text, filename=".codex/agents/a.toml") for text in texts)
    found = {move.direction: move.severity for move in moves(one, two, SHIPPED) if move.is_certain}
    assert found == told


def test_source__is_the_field_with_its_line() -> None:
    rights = effective(parse("---\nname: a\ndescription: d\ntools: Read\npermissionMode: plan\n---\nx\n"), SHIPPED)
    assert [(one.key, one.line) for one in rights.sources] == [("tools", 4), ("permissionMode", 5)]
    assert rights.line("tools") == 4
    assert rights.line("color") is None
    assert rights.keys("write") == {"tools", "permissionMode"}
    assert rights.keys("grep") == {"tools"}


def test_change__names_scope_tier_and_levels() -> None:
    one, two = (
        parse(f"---\nname: a\ndescription: d\ntools: Read{more}\n---\nx\n", dialect="claude")
        for more in ("", ", Bash(git push:*)")
    )
    (move,) = moves(one, two, SHIPPED)
    (change,) = move.changes
    assert (change.capability, change.tier, change.before, change.after) == ("shell", "execute", Level.DENY, Level.ASK)
    assert (change.scope, change.keys, change.is_certain) == ("git push *", ("tools",), True)
    assert (move.key, move.told) == ("tools", "tools: added Bash(git push:*)")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("tools: Read", "", "tools: every tool (no list) instead of Read"),
        ("tools: Read, Bash", "tools: Read", "tools: removed Bash"),
        ("tools: Read", "tools: '*'", "tools: every tool (*) instead of Read"),
        ("tools: Read", "tools: []", "tools: removed Read"),
        ("color: red", "tools: []", "tools: nothing instead of every tool (no list)"),
        ("disallowedTools: Bash", "color: red", "disallowedTools: removed Bash"),
        (
            "permissionMode: default",
            "permissionMode: acceptEdits",
            "permissionMode: write, edit, notebook, scaffold, memory, outside ask became allow",
        ),
        ("permissionMode: auto", "permissionMode: bypassPermissions", "permissionMode: setting 'permissionMode 5' new"),
        ("maxTurns: 5", "maxTurns: 500", "maxTurns: turns 5 became 500"),
        ("maxTurns: 5", "color: red", "maxTurns: turns 5 became no limit"),
        ("mcpServers: [db]", "mcpServers: [db, web]", "mcpServers: MCP server 'web' new"),
        ("skills: [a]", "skills: [a, b]", "skills: added b"),
        ("background: true", "color: red", "background: work that nobody watches gone"),
        (
            "mcpServers: {db: {command: ./db}}",
            "mcpServers: {db: {command: ./db, trust: true}}",
            "mcpServers: MCP server 'db {command: ./db}' ask became allow",
        ),
        ("hooks: {PreToolUse: [{matcher: Bash, command: ./g.sh}]}", "color: red", "hooks: guard on shell gone: ./g.sh"),
        ("hooks: {Stop: [{command: ./g.sh}]}", "color: red", "hooks: command of a hook 'stop ./g.sh' gone"),
        (
            "hooks: {Stop: [{command: ./g.sh *.py *}]}",
            "color: red",
            "hooks: command of a hook 'stop ./g.sh *.py *' gone",
        ),
        ("mcpServers: {db: {command: ./db a*}}", "color: red", "mcpServers: MCP server 'db {command: ./db a*}' gone"),
        ("tools: Read, Grep\ndisallowedTools: Grep", "tools: Read, Grep", "disallowedTools: removed Grep"),
    ],
)
def test_phrase(before: str, after: str, told: str) -> None:
    one, two = (parse(f"---\nname: a\ndescription: d\n{row}\n---\nx\n", dialect="claude") for row in (before, after))
    assert next(move.told for move in moves(one, two, SHIPPED)) == told


@pytest.mark.parametrize(
    ("tools", "host", "names_"),
    [
        ("Read, Bash", "gemini", ("read_file", "run_shell_command")),
        ("Read, Grep", "copilot", ("read/readFile", "search/codebase")),
        ("Read, Bash", "kiro", ("shell",)),
        ("Bash(git:*), Read", "claude", ("Read", "Bash(git *)")),
        ("Bash(git:*), Read", "gemini", ("read_file",)),
        ("mcp__db__query", "copilot", ("db/query",)),
        ("mcp__db", "opencode", ("db_*",)),
        ("Frobnicate", "claude", ("Frobnicate",)),
        ("Edit", "factory", ("Edit",)),
    ],
)
def test_spell(tools: str, host: str, names_: tuple[str, ...]) -> None:
    rights = effective(parse(f"---\nname: a\ndescription: d\ntools: {tools}\n---\nx\n", dialect="claude"), SHIPPED)
    assert spell(rights, host, SHIPPED) == names_


def test_spell__everything_needs_no_list() -> None:
    assert spell(rights_of((), "claude", SHIPPED), "gemini", SHIPPED) is None


def test_phrase__says_which_way_what_one_host_can_not_limit_goes() -> None:
    one = parse("---\nname: a\ndescription: d\ntools: Read\n---\nx\n", dialect="claude")
    two = parse("---\nname: a\ndescription: d\nreadonly: true\n---\nx\n", dialect="cursor")
    (there,), (back,) = moves(one, two, SHIPPED), moves(two, one, SHIPPED)
    assert there.told == "tools: wider in fetch, websearch, githubrepo, browser, mcp, agent"
    assert back.told == "tools: narrower in fetch, websearch, githubrepo, browser, mcp, agent"
    assert not there.is_certain
    assert there.severity == "info"


def test_phrase__many_rights_by_their_tiers() -> None:
    one, two = (
        parse(f"---\ndescription: d\npermission: {row}\n---\nx\n", dialect="opencode") for row in ("deny", "ask")
    )
    (move,) = moves(one, two, SHIPPED)
    assert move.told == "permission: read, write, network, execute, spawn deny became ask"


def test_frontmatter_that_no_host_finds__grants_all() -> None:
    seen = parse("---\nname: a\ndescription: d\ntools: Read\n---\nx\n", dialect="claude")
    unseen = parse("<!-- x -->\n---\nname: a\ndescription: d\ntools: Read\n---\nx\n", dialect="claude")
    assert effective(unseen, SHIPPED) == effective(parse("x\n", dialect="claude"), SHIPPED)
    assert [move.direction for move in moves(seen, unseen, SHIPPED)] == ["widened"]


def test_guessed_host__goes_by_the_names_in_the_list() -> None:
    one = parse("---\nname: a\ndescription: d\ntools: [codebase, editFiles, runCommands]\n---\nx\n")
    assert one.guessed
    assert effective(one, SHIPPED).host == "copilot"
    assert effective(parse("---\nname: a\ndescription: d\ntools: Read, Bash\n---\nx\n"), SHIPPED).host == "claude"


def test_prompt_that_becomes_a_skill__widens_nothing() -> None:
    prompt = parse("---\nagent: agent\ndescription: d\ntools: [codebase]\n---\nx\n")
    skill = parse("---\nname: a\ndescription: d\n---\nx\n")
    assert [move for move in moves(prompt, skill, SHIPPED) if move.is_certain] == []
    other = parse("---\nname: a\ndescription: d\ntools: [codebase]\n---\nx\n")
    assert [move.direction for move in moves(other, skill, SHIPPED) if move.is_certain] == ["widened"]


@pytest.mark.parametrize(
    ("rules", "capability", "argument", "level"),
    [
        ("{'web*': deny}", "fetch", "", Level.DENY),
        ("{'web*': deny}", "websearch", "", Level.DENY),
        ("{'web*': deny}", "shell", "", Level.ALLOW),
        ("{'db_*': deny}", "mcp", "db/query", Level.DENY),
        ("{'db_*': deny}", "mcp", "web/query", Level.ALLOW),
        ("{db_query: ask}", "mcp", "db/query", Level.ASK),
        ("{bash: ask}", "terminal", "", Level.ALLOW),
        ("{bash: ask}", "test", "", Level.ASK),
        ("{bash: deny}", "terminal", "", Level.DENY),
        ("{bash: {'git *': deny}}", "test", "", Level.ALLOW),
        ("{bash: {'git *': deny}}", "shell", "git log ", Level.DENY),
        ("{bash: true}", "shell", "", Level.ALLOW),
        ("{bash: false}", "shell", "", Level.DENY),
        ("{'*': ask}", "other", "anything(", Level.ASK),
        ("{external_directory: {'/tmp/**': allow}}", "outside", "/tmp/a/b", Level.ALLOW),
        ("{external_directory: {'/tmp/**': allow}}", "outside", "/etc/a", Level.ASK),
    ],
)
def test_levels_by_tool_and_pattern(rules: str, capability: str, argument: str, level: Level) -> None:
    one = parse(f"---\ndescription: d\npermission: {rules}\n---\nx\n", dialect="opencode")
    assert effective(one, SHIPPED).level(capability, argument) is level


def test_field_of_another_host__counts_where_the_host_is_not_known() -> None:
    fields = parse("---\nspawning: false\n---\nx\n").fields
    assert rights_of(fields, "plain", SHIPPED).level("agent") is Level.DENY
    assert rights_of(fields, "claude", SHIPPED).level("agent") is Level.ALLOW
    assert rights_of(fields, "claude", SHIPPED, guessed=True).level("agent") is Level.DENY


def test_change_that_both_hosts_write_alike__is_told_at_the_fields_that_speak_of_it() -> None:
    text = "---\nname: a\ndescription: d\ntools: [read, bash]\nmodel: x\nmaxTurns: 5\n---\nx\n"
    found = moves(parse(text, dialect="pi"), parse(text, dialect="opencode"), SHIPPED)
    assert {move.keys for move in found if move.direction == "widened"} == {("tools",)}


def test_two_limits_of_one_kind__the_lower_counts() -> None:
    fields = parse("---\nmaxTurns: 9\nmax_turns: 4\nsteps: x\n---\nx\n").fields
    assert dict(rights_of(fields, "plain", SHIPPED).limits) == {"turns": 4}


@pytest.mark.parametrize(
    ("key", "one", "other", "shift"),
    [
        ("tools", "tools: Read", "tools: Read, Bash", "widened"),
        ("tools", "tools: Read, Bash", "tools: Read", "narrowed"),
        ("tools", "tools: Read", "tools: Bash", "both"),
        ("tools", "tools: Read", "tools: [Read]", ""),
        ("tools", "tools: Read", "color: red", "widened"),
        ("readonly", "color: red", "readonly: true", "narrowed"),
    ],
)
def test_shift_of_one_field(key: str, one: str, other: str, shift: str) -> None:
    fields = [parse(f"---\n{row}\n---\nx\n").field(key) for row in (one, other)]
    assert field_shift(key, fields[0], fields[1], SHIPPED) == shift


@pytest.mark.parametrize(
    ("one", "other", "hosts", "same"),
    [
        ("tools: Read, Bash", "tools: [Bash, Read]", None, True),
        ("tools: Read", "tools: Bash", None, False),
        ("tools:", "tools: []", None, False),
        ("permission: {edit: deny, bash: ask}", "permission: {bash: ask, edit: deny}", ("opencode", "opencode"), True),
        ("permission: {'*': deny, bash: ask}", "permission: {bash: ask, '*': deny}", ("opencode", "opencode"), False),
        ("permission: {'*': deny, bash: ask}", "permission: {bash: ask, '*': deny}", None, True),
    ],
)
def test_same_value(one: str, other: str, hosts: tuple[str, str] | None, same: bool) -> None:
    key = one.partition(":")[0]
    old, new = (parse(f"---\n{row}\n---\nx\n").field(key) for row in (one, other))
    assert old is not None
    assert new is not None
    assert same_value(old, new, SHIPPED, hosts) is same


@pytest.mark.parametrize(
    ("limit", "kind", "text", "fits"),
    [
        ("git:*", "command", "git ", True),
        ("git:*", "command", "git log ", True),
        ("git:*", "command", "gitleaks ", False),
        ("git *", "command", "git ", True),
        ("git*", "command", "gitleaks ", True),
        ("git log", "command", "git log ", True),
        ("git log", "command", "git log -1 ", False),
        ("src/**", "path", "src/a/b", True),
        ("src/*", "path", "src/a/b", False),
        ("src/*", "path", "src/a", True),
        ("**/*.py", "path", "a.py", True),
        ("**/*.py", "path", "a/b.py", True),
        ("./src/a", "path", "src/a", True),
        ("domain:a.example", "name", "a.example", True),
        ("*", "name", "anything", True),
        ("", "command", "anything ", True),
    ],
)
def test_limit(limit: str, kind: str, text: str, fits: bool) -> None:
    assert matches(argument_pattern(limit, kind), text) is fits


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [("a*", "*b", True), ("a*", "b*", False), ("ab", "a*", True), ("*", "x", True), ("a*c", "ab*", True)],
)
def test_overlap(one: str, other: str, both: bool) -> None:
    assert overlap(one, other) is overlap(other, one) is both


def test_step__is_told_where_it_is_largest() -> None:
    rules = (Rule("*", Level.ASK), Rule("git *", Level.ALLOW))
    assert exceeding(extent(rules), NOTHING) == ("git ", Level.ALLOW, Level.DENY)
    assert exceeding(extent(rules), constant(Level.ASK)) == ("git ", Level.ALLOW, Level.ASK)
    assert exceeding(NOTHING, extent(rules)) is None


def test_too_many_patterns__are_no_proof() -> None:
    rules = tuple(
        Rule("*" + "*".join(f"{letter}{number}" for letter in "abcdefgh"), Level.ALLOW) for number in range(9)
    )
    other = tuple(
        Rule("*" + "*".join(f"{letter}{number}" for letter in "hgfedcba"), Level.ALLOW) for number in range(9)
    )
    assert not covers_extent(extent(rules[:1]), Extent(frozenset({rules[:1] + other})))


@pytest.mark.parametrize(
    ("name", "host", "capabilities"),
    [
        ("Bash", "claude", {"shell", "terminal", "test", "task", "cells"}),
        ("Bash(git:*)", "claude", {"shell"}),
        ("search/unheard", "copilot", {"find", "grep", "list", "changes"}),
        ("runCommands/terminalLastCommand", "copilot", {"terminal"}),
        ("db/query", "copilot", {"mcp"}),
        ("db_query", "opencode", {"mcp"}),
        ("Frobnicate", "claude", {"other"}),
        ("READ", "copilot", {"read", "problems", "terminal"}),
        ("READ", "claude", {"other"}),
    ],
)
def test_name(name: str, host: str, capabilities: set[str]) -> None:
    assert SHIPPED.derived(Vocabulary).grant(name, host).capabilities == capabilities


@pytest.mark.parametrize(
    ("value", "members"),
    [
        ("Agent(a, b), Read", ("Agent(a, b)", "Read")),
        ("*.{ts,js}, *.md", ("*.{ts,js}", "*.md")),
        ("Read, Bash(git, Grep", ("Read", "Bash(git", "Grep")),
        (("Read, Grep", "Read"), ("Read", "Grep")),
        ({"read": True, "write": False}, ("read", "!write")),
        (({"db": {"a": 1}}, 7), ("db", "7")),
        (None, ()),
        (12, ("12",)),
    ],
)
def test_members_of_a_list(value: Value, members: tuple[str, ...]) -> None:
    assert names(value) == members


def test_list_parted_by_blanks() -> None:
    assert spaced_names("Read Bash(git log:*)  Edit") == ("Read", "Bash(git log:*)", "Edit")
    assert spaced_names("Read, Bash") == ("Read", "Bash")
    assert spaced_names(("Read Bash",)) == ("Read Bash",)


# Models


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("claude-sonnet-4-20250514", "sonnet", "pin"),
        ("sonnet", "claude-sonnet-4-0", "pin"),
        ("claude-opus-4-1", "opus", "pin"),
        ("Claude Sonnet 4", "Claude Sonnet 4 (copilot)", "pin"),
        ("anthropic/claude-sonnet-5", "claude-sonnet-5", "pin"),
        ("sonnet", "opus", "larger"),
        ("opus", "haiku", "smaller"),
        ("claude-opus-4-1", "sonnet", "smaller"),
        ("gpt-5", "gpt-5-mini", "smaller"),
        ("gpt-5.4-mini", "gpt-5.4", "larger"),
        ("gemini-2.5-flash", "gemini-2.5-pro", "larger"),
        ("claude-sonnet-4", "claude-sonnet-4.5", "version"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4-20250601", "version"),
        ("sonnet", "gpt-5", None),
        ("sonnet", "inherit", None),
        ("house-model", "sonnet", None),
    ],
)
def test_model_step(before: str, after: str, kind: str | None) -> None:
    step = model_step(before, after, SHIPPED)
    assert (step.kind if step else None) == kind


def test_list_that_only_denies__leaves_all_else() -> None:
    one = parse("---\nname: a\ndescription: d\ntools: {Bash: false}\n---\nx\n", dialect="claude")
    rights = effective(one, SHIPPED)
    assert (rights.level("read"), rights.level("shell")) == (Level.ALLOW, Level.DENY)
    two = parse("---\nname: a\ndescription: d\ntools: {Bash: false, Read: true}\n---\nx\n", dialect="claude")
    assert effective(two, SHIPPED).level("grep") is Level.DENY
    assert effective(parse("---\nname: a\ntools: {}\n---\nx\n", dialect="claude"), SHIPPED).level("read") is Level.DENY


def test_version_of_a_model__says_which_is_newer() -> None:
    pairs = ("gpt-5.4", "gpt-5.5"), ("gpt-5.10", "gpt-5.9"), ("sonnet-4-20250514", "sonnet-4-20250601")
    steps = [model_step(one, other, SHIPPED) for one, other in (*pairs, ("sonnet-4-20250601", "sonnet-4-20250514"))]
    told = ["a newer version", "an older version", "a newer version", "an older version"]
    assert [one.told for one in steps if one] == told
    assert model("claude-sonnet-4-20250514", SHIPPED) == ("claude", 1, (4,), "20250514")


@pytest.mark.parametrize(
    ("before", "after", "severity", "told"),
    [
        ("model: claude-sonnet-4-20250514", "model: sonnet", "info", "another pin"),
        ("model: sonnet", "model: opus", "warning", "a larger tier"),
        ("model: opus", "model: haiku", "warning", "a smaller tier"),
        ("model: sonnet", "model: gpt-5", "warning", "became gpt-5"),
    ],
)
def test_model__severity_by_tier(before: str, after: str, severity: str, told: str) -> None:
    one, two = (parse(f"---\nname: a\ndescription: d\n{row}\n---\nx\n", dialect="claude") for row in (before, after))
    (found,) = drift([one, two]).findings
    assert (found.rule, found.severity) == ("model-changed", severity)
    assert told in found.message


# Scopes


def test_scope_under_the_name_of_another_host__stays() -> None:
    one = parse("---\ndescription: d\napplyTo: '**/*.py, **/*.pyi'\n---\nx\n", dialect="copilot")
    two = parse("---\ndescription: d\nglobs: **/*.pyi,**/*.py\n---\nx\n", dialect="cursor")
    found = drift([one, two]).findings
    assert {(one.rule, one.severity) for one in found} == {("field-changed", "info")}
    assert "the files stay" in found[0].message


def test_other_scope_under_another_name__is_told() -> None:
    one = parse("---\ndescription: d\napplyTo: '**/*.py'\n---\nx\n", dialect="copilot")
    two = parse("---\ndescription: d\nglobs: **/*.ts\n---\nx\n", dialect="cursor")
    assert {found.rule for found in drift([one, two]).findings} == {"trigger-changed"}
