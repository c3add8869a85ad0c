"""A definition in another host's form: rights never grow, the body is the same, each field has one fate."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge.converting.carriers import FATES, Carriers, Conversion
from agentmerge.converting.engine import convert
from agentmerge.converting.granting import bound, neutral, slugged
from agentmerge.errors import AgentMergeError, InputError, PolicyError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition
from agentmerge.reading.parsing import parse
from agentmerge.rights.comparing import beyond, covers, moves
from agentmerge.rights.patterns import Level
from agentmerge.rights.reading import effective, names, spelt
from tests.corpus import sample
from tests.shipped import SHIPPED
from tests.strategies import definitions

HOSTS = SHIPPED.derived(Carriers).hosts
AGENT = "---\nname: scout\ndescription: Looks around\n{}---\n\n# Scout\n\nLook, and *touch* nothing.\n"
NOWHERE = frozenset({"dropped", "refused"})


def claude(*lines: str) -> Definition:
    text = AGENT.format("".join(f"{line}\n" for line in lines))
    return parse(text, SHIPPED, filename=".claude/agents/scout.md")


def to(definition: Definition, host: str, *allowed: str) -> Conversion:
    return convert(definition, host, SHIPPED, frozenset(allowed))


def read(one: Conversion) -> Definition:
    return parse(one.text, SHIPPED, filename=one.path, dialect=one.host)


def fate(one: Conversion, key: str) -> str:
    return next(loss.fate for loss in one.losses if loss.key == key)


def hold(definition: Definition, one: Conversion) -> None:
    """The laws of every conversion."""
    result = read(one)
    own = neutral(definition, SHIPPED)
    assert neutral(result, SHIPPED).body == own.body
    fates = [loss.key for loss in one.losses]
    assert set(fates) <= {field.key for field in own.fields} | {
        "default",
        "body",
        "name",
        "description",
        *result_keys(result),
    }
    for field in own.fields:
        rows = [loss for loss in one.losses if loss.key == field.key]
        assert len(rows) == 1, f"{field.key} has {len(rows)} fates"
        if rows[0].fate in NOWHERE:
            continue
        for key in rows[0].to:
            assert key == "path" or result.field(key) is not None
        if rows[0].fate == "kept":
            found = result.field(field.key)
            assert found is not None
            assert spelt(found.value) == spelt(field.value) or set(names(found.value)) == set(names(field.value))
    if not one.refused and own.kind == "agent" and one.source != one.host:
        limit = bound(own.rights, one.host, frozenset(), SHIPPED)
        assert covers(limit, effective(result, SHIPPED)), beyond(limit, effective(result, SHIPPED))


def result_keys(definition: Definition) -> set[str]:
    return {field.key for field in definition.fields}


@pytest.mark.parametrize("host", HOSTS)
def test_corpus__laws_hold(host: str) -> None:
    for definition in sample(25, seed=HOSTS.index(host)):
        try:
            one = to(definition, host)
        except InputError:
            continue
        hold(definition, one)


@given(definitions(), st.sampled_from(HOSTS))
@settings(deadline=None, max_examples=60)
def test_any_text__laws_hold(text: str, host: str) -> None:
    definition = parse(text, SHIPPED, filename="some/agents/scout.md")
    try:
        one = to(definition, host)
    except InputError:
        return
    hold(definition, one)


RIGHTS = st.lists(
    st.sampled_from(
        [
            "Read",
            "Write",
            "Edit",
            "Bash",
            "Bash(git log:*)",
            "Glob",
            "Grep",
            "WebFetch",
            "Task",
            "mcp__db__query",
            "Odd",
        ]
    ),
    unique=True,
)


@given(RIGHTS, RIGHTS, st.sampled_from(["", "plan", "acceptEdits", "bypassPermissions"]), st.sampled_from(HOSTS))
@settings(deadline=None, max_examples=150)
def test_rights__never_grow_and_come_back_no_wider(tools: list[str], denied: list[str], mode: str, host: str) -> None:
    lines = [f"tools: [{', '.join(tools)}]"] if tools else []
    lines += [f"disallowedTools: [{', '.join(denied)}]"] if denied else []
    lines += [f"permissionMode: {mode}"] if mode else []
    definition = claude(*lines)
    one = to(definition, host)
    hold(definition, one)
    if not one.refused:
        back = to(read(one), "claude", "default", "read")
        if not back.refused:
            own = effective(definition, SHIPPED)
            roof = bound(own, "claude", frozenset({"read", "default"}), SHIPPED)
            assert "shell" not in beyond(roof, effective(read(back), SHIPPED))


@pytest.mark.parametrize(
    ("line", "host", "written"),
    [
        ("tools: Read, Grep, Glob", "gemini", "tools: [read_file, glob, grep_search, list_directory]"),
        ("tools: []", "gemini", "tools: []"),
        ("tools: []", "opencode", 'permission:\n  "*": deny'),
        ("tools: Read, Write, Edit", "kiro", "tools: [write]"),
        ("tools: Read, Grep, Glob", "kiro", "tools: [read]"),
        ("disallowedTools: Bash", "qwen", "disallowedTools: [run_shell_command"),
        ("permissionMode: plan", "cursor", "readonly: true"),
        ("permissionMode: plan", "codex", 'sandbox_mode = "read-only"'),
        ("permissionMode: plan", "qwen", "approvalMode: plan"),
        ("tools: Bash(git log:*), Read", "opencode", "git log"),
    ],
)
def test_rights__in_the_words_of_the_host(line: str, host: str, written: str) -> None:
    one = to(claude(line), host)
    assert not one.refused
    assert written in one.text


@pytest.mark.parametrize("host", HOSTS)
def test_drift__tells_no_wider_right_of_a_result(host: str) -> None:
    for tools in (
        "Read, Write, Edit, Bash, Glob, Grep",
        "Read, Write",
        "Read, Grep, Bash(git:*)",
        "[]",
        "Read, WebFetch",
    ):
        definition = claude(f"tools: {tools}")
        one = to(definition, host)
        if not one.refused and host != "claude":
            told = [move for move in moves(definition, read(one), SHIPPED) if move.direction == "widened"]
            assert told == [], tools


def test_no_list__stays_none() -> None:
    for host in ("copilot", "gemini", "qwen", "cursor", "codex"):
        assert "tools" not in result_keys(read(to(claude(), host)))


def test_absent_and_empty__are_not_mixed_up() -> None:
    assert effective(read(to(claude("tools: []"), "copilot")), SHIPPED).level("read") is Level.DENY
    assert effective(read(to(claude(), "copilot")), SHIPPED).level("read") is Level.ALLOW
    # There an empty list grants everything.
    assert fate(to(claude("tools: []"), "qwen"), "tools") == "refused"


@pytest.mark.parametrize("host", ["cursor", "codex"])
def test_a_host_that_can_not_say_less__is_refused_unless_allowed(host: str) -> None:
    definition = claude("tools: Read, Grep")
    refused = to(definition, host)
    assert [loss.key for loss in refused.refused] == ["tools"]
    assert "agent" in refused.refused[0].rights
    assert "gemini" in refused.refused[0].carriers
    allowed = to(definition, host, "tools")
    assert not allowed.refused
    assert next(loss for loss in allowed.losses if loss.key == "tools").rights == refused.refused[0].rights
    # What it can hold back it does, all the same.
    assert effective(read(allowed), SHIPPED).level("shell") is Level.DENY


def test_a_tier__may_be_allowed_alone() -> None:
    definition = parse(AGENT.format("tools: [read]\n"), SHIPPED, filename=".kiro/agents/scout.md")
    assert to(definition, "gemini").refused
    assert not to(definition, "gemini", "read").refused


def test_a_right_that_may_grow__is_not_asked_for_by_itself() -> None:
    one = to(claude("tools: Read"), "kiro", "find", "grep", "list")
    assert read(one).field("tools").value == ("read",)  # type: ignore[union-attr]
    assert "glob" not in to(claude("tools: Read"), "gemini", "find").text


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("maxTurns: 5", "maxTurns"),
        ("isolation: worktree", "isolation"),
        ("hooks: {PreToolUse: [{matcher: Bash, hooks: [{type: command, command: check.sh}]}]}", "hooks"),
    ],
)
def test_what_holds_back__is_refused_where_it_gets_lost(line: str, key: str) -> None:
    assert [loss.key for loss in to(claude(line), "copilot").refused] == [key]
    assert not to(claude(line), "copilot", key).refused


def test_limits_and_servers__under_the_name_of_the_host() -> None:
    one = to(claude("maxTurns: 5", "mcpServers: {db: {command: x, args: [y]}}"), "gemini")
    assert not one.refused
    assert {"max_turns: 5", "mcp_servers:"} <= set(one.text.splitlines())
    named = to(claude("mcpServers: [github]"), "gemini")
    assert fate(named, "mcpServers") == "dropped"


@pytest.mark.parametrize(
    ("model", "host", "written", "told"),
    [
        ("sonnet", "gemini", None, "dropped"),
        ("inherit", "gemini", "inherit", "kept"),
        ("inherit", "codex", None, "renamed"),
        ("claude-opus-4-5", "copilot", "claude-opus-4.5", "renamed"),
        ("claude-sonnet-4-20250514", "opencode", "anthropic/claude-sonnet-4-20250514", "renamed"),
        ("gpt-5", "codex", "gpt-5", "kept"),
        ("something-new", "codex", None, "dropped"),
    ],
)
def test_models__by_the_table_or_inherited(model: str, host: str, written: str | None, told: str) -> None:
    one = to(claude(f"model: {model}"), host)
    field = read(one).field("model")
    assert (None if field is None else field.value) == written
    assert fate(one, "model") == told


def test_a_model_of_a_host__becomes_an_alias_of_its_tier() -> None:
    text = "---\ndescription: d\nmodel: Claude Sonnet (copilot)\n---\n\nB\n"
    one = to(parse(text, SHIPPED, filename=".github/agents/a.agent.md"), "claude")
    assert read(one).field("model").value == "sonnet"  # type: ignore[union-attr]


def test_names__become_what_the_host_can_call_a_file() -> None:
    definition = parse(AGENT.format("").replace("scout\n", "Code Scout\n"), SHIPPED, filename=".claude/agents/x.md")
    gemini = to(definition, "gemini")
    assert gemini.path == ".gemini/agents/code-scout.md"
    assert "display_name: Code Scout" in gemini.text
    assert fate(to(definition, "opencode"), "name") == "approximated"
    assert "name: Code Scout" in to(definition, "copilot").text
    assert to(claude(), "opencode").path == ".opencode/agents/scout.md"
    assert [slugged(name) for name in ("Ärger & Co.", "日本", "a_b", "-x-")] == ["arger-co", "", "a_b", "x"]


def test_a_name_of_the_host_itself__is_refused() -> None:
    definition = parse(AGENT.format("").replace("scout", "default"), SHIPPED, filename=".claude/agents/default.md")
    assert [loss.key for loss in to(definition, "codex").refused] == ["name"]


def test_a_name_of_no_letters__is_an_error() -> None:
    with pytest.raises(InputError, match="no name"):
        to(parse("# 探\n", SHIPPED, filename="探.md"), "claude")


def test_unknown_fields__stay_where_they_do_no_harm() -> None:
    definition = claude("emoji: 🦀")
    assert "emoji: 🦀" in to(definition, "qwen").text
    for host in ("gemini", "codex", "opencode"):
        assert fate(to(definition, host), "emoji") == "dropped"


def test_a_field_that_means_a_right_only_there__is_not_taken_along() -> None:
    one = to(claude("permission: {bash: allow}"), "opencode")
    assert fate(one, "permission") == "dropped"
    assert effective(read(one), SHIPPED).level("shell") is Level.ASK


@pytest.mark.parametrize(
    ("body", "newline"),
    [("\n# A\n\n'''\n\n\\d \"x\"\n", "\n"), ("no end", "\n"), ("a\r\nb\r\n", "\r\n"), ("---\nx\n", "\n")],
)
def test_body__comes_through_byte_for_byte(body: str, newline: str) -> None:
    text = "---\nname: scout\ndescription: d\n---\n".replace("\n", newline) + body
    definition = parse(text, SHIPPED, filename=".claude/agents/scout.md")
    for host in HOSTS:
        one = to(definition, host)
        assert neutral(read(one), SHIPPED).body == body
        # And back again from a file that has no body.
        assert neutral(read(to(read(one), "claude", "default", "read")), SHIPPED).body == body


def test_rules__stay_rules() -> None:
    text = "---\ndescription: d\nglobs: src/**/*.ts,*.tsx\nalwaysApply: false\n---\n\nUse types.\n"
    definition = parse(text, SHIPPED, filename=".cursor/rules/types.mdc")
    assert to(definition, "claude").path == ".claude/rules/types.md"
    assert 'paths: [src/**/*.ts, "*.tsx"]' in to(definition, "claude").text
    assert "applyTo: src/**/*.ts,*.tsx" in to(definition, "copilot").text
    kiro = read(to(definition, "kiro"))
    assert kiro.field("inclusion").value == "fileMatch"  # type: ignore[union-attr]
    agent = to(definition, "gemini")
    assert agent.path == ".gemini/agents/types.md"
    assert fate(agent, "globs") == "dropped"


def test_a_rule_for_everything__holds_always() -> None:
    definition = parse("Be kind.\n", SHIPPED, filename="AGENTS.md")
    one = to(definition, "cursor")
    assert one.path == ".cursor/rules/agents.mdc"
    assert read(one).field("alwaysApply").value is True  # type: ignore[union-attr]
    assert to(definition, "claude").text == "Be kind.\n"


def test_what_a_host_needs__is_made_or_refused() -> None:
    definition = parse("# Scout\n\nLooks around. Touches nothing.\n", SHIPPED, filename="agents/scout.md")
    assert "description: Looks around." in to(definition, "claude").text
    empty = parse("---\nname: scout\n---\n", SHIPPED, filename=".claude/agents/scout.md")
    assert {"description"} <= {loss.key for loss in to(empty, "gemini").refused}
    assert {"body"} <= {loss.key for loss in to(empty, "codex").refused}


def test_the_same_host__changes_nothing() -> None:
    definition = claude("tools: Read,Grep   # both")
    assert to(definition, "claude").text == definition.text


def test_comments__go_with_their_fields() -> None:
    one = to(claude("# few", "maxTurns: 5"), "gemini")
    assert "# few\nmax_turns: 5\n" in one.text


def test_a_field_that_no_host_finds__counts_for_its_rights() -> None:
    definition = parse("<!-- note -->\n" + AGENT.format("tools: Read\n"), SHIPPED, filename=".claude/agents/scout.md")
    assert not definition.is_seen
    assert effective(read(to(definition, "gemini")), SHIPPED).level("shell") is Level.DENY


def test_a_template__is_an_error() -> None:
    definition = parse("---\nname: a\n{% if x %}\ntools: Read\n{% endif %}\n---\nB\n", SHIPPED, filename="a.md")
    with pytest.raises(InputError, match="template"):
        to(definition, "gemini")


def test_unknown_host__is_an_error() -> None:
    with pytest.raises(PolicyError, match="nothing is converted to 'skill'"):
        to(claude(), "skill")


def test_a_host_of_the_user__is_converted_to() -> None:
    row = {
        "paths": [".acme/*.md"],
        "fields": ["name", "description", "tools"],
        "tool_lists": {"fields": ["tools"], "vocabularies": ["acme"]},
        "tools": {"look": ["read"], "run": ["shell"]},
        "carries": {
            "agent": ".acme/{name}.md",
            "rights": ["tools"],
            "fields": {"name": "name", "description": "description"},
        },
    }
    own = Knowledge.of({"dialects": {"acme": row}})
    one = convert(claude("tools: Read, Write"), "acme", own)
    assert one.path == ".acme/scout.md"
    assert "tools: [look]" in one.text


def test_every_host_of_the_table__is_whole() -> None:
    for host in HOSTS:
        carrier = SHIPPED.derived(Carriers).of(host)
        dialect = SHIPPED.dialects[host]
        own = {*carrier.fields.values(), *carrier.rights}
        assert own <= dialect.fields, f"{host} carries a field that it does not read"
        assert carrier.agent.count("{name}") == 1
        path = carrier.agent.replace("{name}", "x")
        assert parse("x", SHIPPED, filename=path).dialect == host
    assert FATES[0] == "kept"
    assert issubclass(PolicyError, AgentMergeError)
