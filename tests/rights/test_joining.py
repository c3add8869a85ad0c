"""One field of several definitions: what all of them grant, in the form of the first."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agentmerge import combine, parse
from agentmerge.model import Definition, Value
from agentmerge.planning.records import Merged
from agentmerge.planning.strategies import Policy, parse_rule
from agentmerge.rights.comparing import covers
from agentmerge.rights.joining import Least, least_field, united_field
from agentmerge.rights.reading import rights_of
from tests.shipped import SHIPPED


def _definition(lines: str, host: str = "claude") -> Definition:
    return parse(f"---\nname: a\ndescription: d\n{lines.rstrip()}\n---\nRead the code.\n", dialect=host)


def _joined(key: str, *sides: tuple[str, str]) -> tuple[Least, Value]:
    definitions = [_definition(lines, host) for lines, host in sides]
    fields = [one.field(key) for one in definitions]
    found = least_field(fields, [host for _, host in sides], SHIPPED)
    if found.place is None or found.is_new:
        return found, found.value
    field = fields[found.place]
    assert field is not None
    return found, field.value


def _names(key: str, *sides: tuple[str, str]) -> list[str]:
    value = _joined(key, *sides)[1]
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    assert isinstance(value, tuple)
    return [str(one) for one in value]


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        ("tools: Read, Grep, Bash", "tools: [Bash, Read]", ["Bash", "Read"]),
        ("tools: Read, Bash(git log:*)", "tools: Read, Bash", ["Read", "Bash(git log:*)"]),
        ("tools: Read, Bash", "tools: Bash(git log:*), Read", ["Bash(git log:*)", "Read"]),
        ("tools: Bash(git:*)", "tools: Bash(git log:*), Bash(ls)", ["Bash(git log:*)"]),
        ("tools: Read, Bash(git:*)", "tools: Read, Bash(gitleaks:*)", ["Read"]),
        ("tools: mcp__db__*", "tools: mcp__db__query, Read", ["mcp__db__query"]),
        ("tools: Task, Read", "tools: Agent, Read", ["Task", "Read"]),
        ("tools: Task, Agent, Read", "tools: Read, Agent, Task", ["Task", "Agent", "Read"]),
        ("tools: Bash, Bash(git:*), Read", "tools: Read, Bash", ["Bash", "Read"]),
        ("tools: Agent(worker, scout)", "tools: Agent(scout)", ["Agent(scout)"]),
        ('tools: "*"', "tools: Read", ["Read"]),
        ("tools: Read, Grep", "color: red", ["Read", "Grep"]),
        ("tools: Read, Frobnicate", "tools: Frobnicate, Read", ["Read", "Frobnicate"]),
    ],
)
def test_lists_of_one_host(one: str, other: str, names: list[str]) -> None:
    assert sorted(_names("tools", (one, "claude"), (other, "claude"))) == sorted(names)


@pytest.mark.parametrize(
    ("one", "other", "names"),
    [
        (("tools: [read, search]", "copilot"), ("tools: Read, Grep, Glob", "claude"), ["read", "search"]),
        (("tools: Read, Grep, Glob", "claude"), ("tools: [read, search]", "copilot"), ["Read", "Grep", "Glob"]),
        (("tools: [read, search, execute]", "copilot"), ("tools: Read, Grep, Edit", "claude"), ["read", "search"]),
        (("tools: Read, Edit, Bash", "claude"), ("tools: [edit, read]", "copilot"), ["Read", "Edit"]),
        (("tools: Read, Bash", "claude"), ("tools: [read_file, run_shell_command]", "gemini"), ["Read", "Bash"]),
        (("tools: [read_file]", "gemini"), ("tools: Read, Bash", "claude"), ["read_file"]),
        (("tools: [read, shell]", "kiro"), ("tools: Read, Bash(git:*)", "claude"), ["read"]),
        (("tools: Read, mcp__db__*", "claude"), ("tools: [read, 'db/query']", "copilot"), ["Read", "mcp__db__query"]),
        (("tools: [read, execute/runTests]", "copilot"), ("tools: Read, Bash", "claude"), ["read", "execute/runTests"]),
    ],
)
def test_lists_of_two_hosts__in_the_words_of_the_first(
    one: tuple[str, str], other: tuple[str, str], names: list[str]
) -> None:
    assert _names("tools", one, other) == names


def test_three_lists__only_what_each_of_them_names() -> None:
    sides = (
        ("tools: Read, Grep, Bash, Edit", "claude"),
        ("tools: [read, search, edit]", "copilot"),
        ("tools: Read, Grep", "claude"),
    )
    assert _names("tools", *sides) == ["Read", "Grep"]
    assert _names("tools", *reversed(sides)) == ["Read", "Grep"]
    sides = (
        ("tools: Bash(git:*), Read", "claude"),
        ("tools: Bash, Read", "claude"),
        ("tools: Bash(git log:*), Edit", "claude"),
    )
    assert _names("tools", *sides) == ["Bash(git log:*)"]


def test_every_tool__in_each_list_stays_every_tool() -> None:
    assert _names("tools", ('tools: "*"', "claude"), ('tools: ["*"]', "claude")) == ["*"]
    assert _names("tools", ('tools: "*"', "claude"), ("color: red", "claude")) == ["*"]


def test_switched_off_names__are_off_in_the_result() -> None:
    sides = ("tools: {read: true, bash: true}", "claude"), ("tools: {bash: false}", "claude")
    assert _names("tools", *sides) == ["read", "!bash"]
    assert _names("tools", ("tools: {bash: false}", "claude"), ("tools: {write: false}", "claude")) == [
        "!bash",
        "!write",
    ]


@pytest.mark.parametrize("host", ["claude", "copilot"])
def test_nothing_in_common__is_an_empty_list_and_open(host: str) -> None:
    found, value = _joined("tools", ("tools: [Read]", host), ("tools: [Bash]", host))
    assert (found.is_empty, value) == (True, ())


def test_nothing_in_common_where_an_empty_list_grants_all__keeps_a_list() -> None:
    found, value = _joined("tools", ("tools: [read_file]", "qwen"), ("tools: [edit]", "qwen"))
    assert (found.is_empty, value) == (True, ("read_file",))


def test_empty_list__is_no_conflict_with_anything() -> None:
    found, value = _joined("tools", ("tools: []", "claude"), ("tools: Bash", "claude"))
    assert (found.is_empty, value) == (False, ())


def test_empty_list_of_a_host_where_it_grants_all__limits_nothing() -> None:
    assert _names("tools", ("tools: []", "qwen"), ("tools: [edit]", "qwen")) == ["edit"]


def test_denied_names__add_up_once_each() -> None:
    assert _names(
        "disallowedTools", ("disallowedTools: Bash, Task", "claude"), ("disallowedTools: Agent, Write", "claude")
    ) == [
        "Bash",
        "Task",
        "Write",
    ]


def test_grant_that_one_does_not_have__is_left_out() -> None:
    found, _ = _joined("allowed-tools", ("allowed-tools: Read, Bash", "skill"), ("color: red", "skill"))
    assert (found.place, found.note) == (None, "not every variant grants it")


def test_grants__only_what_all_list() -> None:
    sides = ("allowed-tools: Read, Bash(git:*), Write", "skill"), ("allowed-tools: Bash Read", "skill")
    assert _names("allowed-tools", *sides) == ["Read", "Bash(git:*)"]


def test_skills__only_those_of_all() -> None:
    assert _names("skills", ("skills: [test, deploy]", "claude"), ("skills: [deploy]", "claude")) == ["deploy"]


def test_agents__only_those_of_all() -> None:
    assert _names("agents", ("agents: [scout, coder]", "copilot"), ("agents: [coder]", "copilot")) == ["coder"]
    assert _names("agents", ("agents: ['*']", "copilot"), ("agents: [coder]", "copilot")) == ["coder"]


@pytest.mark.parametrize(
    ("key", "one", "other", "text"),
    [
        ("permissionMode", "permissionMode: plan", "permissionMode: bypassPermissions", "plan"),
        ("permissionMode", "permissionMode: acceptEdits", "permissionMode: plan", "plan"),
        ("permissionMode", "permissionMode: bypassPermissions", "color: red", None),
        ("permissionMode", "permissionMode: plan", "color: red", "plan"),
        ("readonly", "readonly: true", "readonly: false", True),
        ("maxTurns", "maxTurns: 50", "maxTurns: 5", 5),
        ("maxTurns", "maxTurns: 50", "color: red", 50),
        ("background", "background: true", "color: red", None),
        ("background", "background: true", "background: false", False),
    ],
)
def test_value__the_least_of_both(key: str, one: str, other: str, text: object) -> None:
    for sides in (((one, "claude"), (other, "claude")), ((other, "claude"), (one, "claude"))):
        assert _joined(key, *sides)[1] == text


@pytest.mark.parametrize("line", ["readonly: false", "permissionMode: default", "background: false", "isolation: none"])
def test_value_that_grants_what_no_field_grants__stands(line: str) -> None:
    for number, sides in enumerate(((line, "color: red"), ("color: red", line))):
        found, _ = _joined(line.partition(":")[0], *((side, "claude") for side in sides))
        assert (found.place, found.is_new) == (number, False)


GUARD = "{matcher: Bash, hooks: [{type: command, command: ./guard.sh}]}"
OTHER = "{matcher: Edit, hooks: [{type: command, command: ./check.sh}]}"


def _events(value: Value) -> dict[str, int]:
    assert isinstance(value, Mapping)
    return {event: len(rows) for event, rows in value.items() if isinstance(rows, tuple)}


def test_guards__are_united_and_other_hooks_only_kept_where_all_have_them() -> None:
    one = f"hooks: {{PreToolUse: [{GUARD}, {OTHER}], PostToolUse: [{OTHER}]}}"
    other = f"hooks: {{PreToolUse: [{GUARD}]}}"
    assert _events(_joined("hooks", (one, "claude"), (other, "claude"))[1]) == {"PreToolUse": 2}
    assert _events(_joined("hooks", (one, "claude"), (one, "claude"))[1]) == {"PreToolUse": 2, "PostToolUse": 1}
    assert _events(_joined("hooks", (other, "claude"), (one, "claude"))[1]) == {"PreToolUse": 2}


def test_guard_that_one_does_not_have__stands() -> None:
    assert _events(_joined("hooks", ("color: red", "claude"), (f"hooks: {{PreToolUse: [{GUARD}]}}", "claude"))[1]) == {
        "PreToolUse": 1
    }


def test_hook_that_guards_nothing__is_left_out_where_one_has_none() -> None:
    found, _ = _joined("hooks", (f"hooks: {{Stop: [{OTHER}]}}", "claude"), ("color: red", "claude"))
    assert found.place is None
    assert found.note


def test_servers__only_those_that_all_make_of_the_same() -> None:
    one = "mcpServers: {db: {command: ./db}, web: {command: ./web}}"
    other = "mcpServers: {web: {command: ./other}, db: {command: ./db}}"
    assert _joined("mcpServers", (one, "claude"), (other, "claude"))[1] == {"db": {"command": "./db"}}
    assert _joined("mcpServers", ("mcpServers: [db, web]", "claude"), ("mcpServers: [web]", "claude"))[1] == ("web",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{'*': deny}", "{bash: allow}"),
        ("{'*': deny, bash: allow}", "{'*': deny, bash: ask}"),
        ("{bash: {'*': deny, 'git *': allow}}", "{bash: allow}"),
        ("{bash: {'*': allow, 'rm *': deny}}", "{bash: {'*': ask, 'git *': allow}}"),
        ("deny", "{bash: allow}"),
        ("{bash: allow, '*': deny}", "{'*': allow}"),
        ("{edit: allow, bash: ask}", "{edit: deny}"),
    ],
)
def test_levels__grant_no_more_than_either(one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        sides = [_definition(f"permission: {text}", "opencode") for text in (first, second)]
        merged = combine(sides)
        result = parse(merged.text, dialect="opencode")
        made, *given = (
            rights_of(tuple(f for f in side.fields if f.key == "permission"), "opencode", SHIPPED)
            for side in (result, *sides)
        )
        assert all(covers(side, made) for side in given), merged.text


def test_levels__general_entries_stand_first() -> None:
    one, other = "permission: {bash: {'git *': allow, '*': ask}}", "permission: {bash: {'*': ask, 'git *': allow}}"
    found, value = _joined("permission", (one, "opencode"), (other, "opencode"))
    assert found.is_new
    assert isinstance(value, Mapping)
    assert isinstance(value["bash"], Mapping)
    assert list(value["bash"].items()) == [("*", "ask"), ("git *", "ask")]


def test_levels__a_level_alone_is_that_of_everything() -> None:
    sides = ("permission: {bash: {'rm *': deny}}", "opencode"), ("permission: {bash: ask}", "opencode")
    assert _joined("permission", *sides)[1] == {"bash": {"*": "ask", "rm *": "deny"}}


def test_levels__what_nobody_can_read_is_denied() -> None:
    sides = ("permission: {bash: odd, edit: ask}", "opencode"), ("permission: {bash: allow}", "opencode")
    assert _joined("permission", *sides)[1] == {"bash": "deny", "edit": "ask"}


def test_rules__those_that_hold_back_add_up() -> None:
    rule = "{{capability: {}, effect: {}}}"
    one = f"permissions: [{rule.format('shell', 'deny')}, {rule.format('web', 'allow')}]"
    other = (
        f"permissions: [{rule.format('write', 'ask')}, {rule.format('web', 'allow')}, {rule.format('shell', 'allow')}]"
    )
    value = _joined("permissions", (one, "kiro"), (other, "kiro"))[1]
    assert value == (
        {"capability": "shell", "effect": "deny"},
        {"capability": "web", "effect": "allow"},
        {"capability": "write", "effect": "ask"},
    )


def test_levels__the_field_that_stands_has_the_order_that_was_proven() -> None:
    one, other = "permission: {bash: deny, '*': allow}", "permission: {'*': allow, bash: deny}"
    for sides in ((one, other), (other, one)):
        _, value = _joined("permission", *((side, "opencode") for side in sides))
        assert isinstance(value, Mapping)
        assert list(value) == ["*", "bash"]


def test_no_field__is_refused() -> None:
    with pytest.raises(ValueError, match="no field"):
        least_field([None, None], ["claude", "claude"], SHIPPED)


def test_united_maps__have_the_entries_of_all() -> None:
    fields = [
        _definition(lines).field("hooks")
        for lines in (
            f"hooks: {{PreToolUse: [{GUARD}]}}",
            f"hooks: {{PreToolUse: [{OTHER}, {GUARD}], Stop: [{OTHER}]}}",
        )
    ]
    assert _events(united_field(fields, SHIPPED).value) == {"PreToolUse": 2, "Stop": 1}
    assert united_field([fields[1], fields[0]], SHIPPED).is_new is False


def test_united_lists__have_the_entries_of_all() -> None:
    fields = [_definition(f"mcpServers: {row}").field("mcpServers") for row in ("[db, {web: {url: x}}]", "[log, db]")]
    found = united_field(fields, SHIPPED)
    assert isinstance(found.value, tuple)
    assert [one if isinstance(one, str) else "web" for one in found.value] == ["db", "web", "log"]
    mixed = [fields[0], _definition("mcpServers: {db: {url: x}}").field("mcpServers")]
    assert united_field(mixed, SHIPPED) == Least(0)


# In a combine


def _combined(*sides: tuple[str, str], policy: str = "") -> Merged:
    rules = (parse_rule(policy),) if policy else ()
    return combine([_definition(lines, host) for lines, host in sides], Policy(rules=rules))


def test_combine__rights_of_two_hosts_in_the_words_of_the_first() -> None:
    merged = _combined(("tools: ['read','search']", "copilot"), ("tools: Read, Grep, Glob", "claude"))
    assert "tools: ['read','search']\n" in merged.text
    assert merged.open_conflicts == ()
    assert [one for one in merged.findings if one.rule.startswith("permission")] == []


def test_combine__nothing_in_common_is_an_open_conflict() -> None:
    merged = _combined(("tools: Read", "claude"), ("tools: Bash", "claude"))
    assert "tools: []\n" in merged.text
    assert [(one.path, one.slot) for one in merged.open_conflicts] == [("frontmatter/tools", "nothing in common")]
    assert {row.fate for row in merged.ledger if row.source.text in ("Read", "Bash")} == {"conflict"}


def test_combine__a_policy_that_decides_leaves_no_conflict() -> None:
    merged = _combined(("tools: Read", "claude"), ("tools: Bash", "claude"), policy="frontmatter/tools=union")
    assert merged.open_conflicts == ()


def test_combine__guards_are_kept_and_the_command_that_one_did_not_run_is_told() -> None:
    one, other = f"hooks: {{PreToolUse: [{GUARD}, {OTHER}]}}", f"hooks: {{PreToolUse: [{GUARD}]}}"
    for sides in ((one, other), (other, one)):
        merged = _combined(*((side, "claude") for side in sides))
        assert merged.text.count("./guard.sh") == merged.text.count("./check.sh") == 1
        (notice,) = [one for one in merged.findings if one.rule == "permission-widened"]
        assert "runs what not every variant runs: ./check.sh" in notice.message


def test_combine__guard_left_out_by_policy_is_widened() -> None:
    sides = (f"hooks: {{PreToolUse: [{GUARD}]}}", "claude"), ("color: red", "claude")
    merged = _combined(*sides, policy="frontmatter/hooks=unset")
    (notice,) = [one for one in merged.findings if one.rule == "permission-widened"]
    assert "no longer holds back what these do: ./guard.sh" in notice.message


def test_combine__hooks_can_be_united_by_policy() -> None:
    one, other = f"hooks: {{Stop: [{GUARD}]}}", f"hooks: {{Stop: [{OTHER}]}}"
    merged = _combined((one, "claude"), (other, "claude"), policy="frontmatter/hooks=union")
    assert "./guard.sh" in merged.text
    assert "./check.sh" in merged.text


def test_combine__what_the_host_of_the_result_does_not_read_limits_nothing() -> None:
    merged = _combined(("readonly: false", "cursor"), ("disallowedTools: Bash, Write", "claude"))
    (notice,) = [one for one in merged.findings if one.rule == "permission-widened"]
    assert "may do more than" in notice.message


@pytest.mark.parametrize(
    ("one", "other", "asks"),
    [
        (f"hooks: {{Stop: [{OTHER}]}}", "color: red", True),
        (f"hooks: {{PreToolUse: [{GUARD}], PostToolUse: [{OTHER}]}}", f"hooks: {{PreToolUse: [{GUARD}]}}", True),
        (f"hooks: {{PreToolUse: [{GUARD}]}}", "color: red", False),
        (f"hooks: {{Stop: [{OTHER}]}}", f"hooks: {{Stop: [{OTHER}]}}", False),
    ],
)
def test_command_that_not_every_variant_runs__asks_a_person(one: str, other: str, *, asks: bool) -> None:
    frontmatters = [parse(f"---\nname: a\n{lines}\n---\n# A\n", dialect="claude") for lines in (one, other)]
    for definitions in (frontmatters, frontmatters[::-1]):
        merged = combine(definitions)
        assert bool(merged.open_conflicts) is asks
        assert ("check.sh" in merged.text) is (one == other)
        remedy = "./check.sh (--policy 'frontmatter/hooks=union' adds it)"
        told = [note for note in merged.findings if remedy in note.message]
        assert bool(told) is asks
