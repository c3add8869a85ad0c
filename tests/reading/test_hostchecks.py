"""What a host refuses is a warning with line and remedy; what it takes is none."""

from __future__ import annotations

import pytest

from agentmerge import parse
from agentmerge.model import Definition, Diagnostic

GEMINI, CLAUDE, COPILOT = ".gemini/agents/a.md", ".claude/agents/a.md", "a.agent.md"
OPENCODE, QWEN, KIRO, PI = ".opencode/agents/a.md", ".qwen/agents/a.md", ".kiro/agents/a.md", ".pi/agents/a.md"
CURSOR, WINDSURF, FACTORY = "a.mdc", ".windsurf/rules/a.md", ".factory/droids/a.md"


def read(fields: str, filename: str | None) -> Definition:
    return parse(f"---\n{fields}\n---\nBody.\n", filename=filename)


def warnings(fields: str, filename: str | None) -> list[Diagnostic]:
    return [note for note in read(fields, filename).diagnostics if note.severity == "warning"]


NAMED = "name: a\ndescription: d\n"


@pytest.mark.parametrize(
    ("filename", "fields", "told"),
    [
        (GEMINI, "color: blue", [("field-refused", 4, "take it out")]),
        (GEMINI, "maxTurns: 3", [("field-refused", 4, "take it out")]),
        (GEMINI, "tools: read_file, replace", [("field-type", 4, "write [read_file, replace]")]),
        (GEMINI, 'max_turns: "30"', [("field-type", 4, "write 30 without quotes")]),
        (GEMINI, "kind: distant", [("field-value", 4, "use one of local, remote")]),
        (GEMINI, "tools: [Read]", [("tool-unknown", 4, "write read_file")]),
        (GEMINI, "tools:\n  - read_file\n  - Bash\n", [("tool-unknown", 6, "write run_shell_command")]),
        (GEMINI, "tools: [read_fle]", [("tool-unknown", 4, "take it out")]),
        (GEMINI, "tools: [mcp__db__query]", [("tool-server", 4, "write mcp_db_query")]),
        (GEMINI, "tools: [db/query]", [("tool-server", 4, "write mcp_db_query")]),
        (GEMINI, "tools: ['db/*']", [("tool-server", 4, "write mcp_db_*")]),
        (CLAUDE, "tools: Read, read_file", [("tool-unknown", 4, "write Read")]),
        (CLAUDE, "tools: Read, mcp_db_query", [("tool-server", 4, "write mcp__db__query")]),
        (CLAUDE, "disallowedTools: execute", [("tool-unknown", 4, "write Bash")]),
        (CLAUDE, "tools: Read, github/issues", [("tool-server", 4, "write mcp__github__issues")]),
        (COPILOT, "tools: [read, run_shell_command]", [("tool-unknown", 4, "write execute")]),
        (COPILOT, "tools: [read, mcp__db__query]", [("tool-server", 4, "write db/query")]),
        (COPILOT, "model-policy: always", [("field-value", 4, "use one of preferred, required")]),
        (COPILOT, "excludeAgent: coding-agent", [("field-value", 4, "use one of code-review, cloud-agent")]),
        (COPILOT, "infer: 'yes'", [("field-type", 4, "write a boolean")]),
        (OPENCODE, "tools: read, grep", [("field-type", 4, "write a mapping")]),
        (OPENCODE, "color: blue", [("field-value", 4, "use one of primary")]),
        (OPENCODE, "permission:\n  agent: deny\n", [("tool-unknown", 5, "write task")]),
        (OPENCODE, "permission:\n  Bash: deny\n", [("tool-unknown", 5, "write bash")]),
        (OPENCODE, "mode: sub", [("field-value", 4, "use one of subagent, primary, all")]),
        (QWEN, "tools: read_file, edit", [("field-type", 4, "write [read_file, edit]")]),
        (QWEN, "tools: []", [("tools-empty-open", 4, "list the tools")]),
        (QWEN, "tools: [mcp_db_query]", [("tool-server", 4, "write mcp__db__query")]),
        (QWEN, "approvalMode: acceptEdits", [("field-value", 4, "use one of default")]),
        (KIRO, "tools: [Read]", [("tool-unknown", 4, "write read")]),
        (KIRO, "tools: [db/query]", [("tool-server", 4, "write @db/query")]),
        (PI, "tools: read, Bash", [("tool-unknown", 4, "write bash")]),
        (PI, 'spawning: "false"', [("field-type", 4, "write false without quotes")]),
        (FACTORY, "tools: [Read, run_shell_command]", [("tool-unknown", 4, "write Execute")]),
        (CURSOR, 'alwaysApply: "true"', [("field-type", 4, "write true without quotes")]),
        (CURSOR, "globs: *.ts\nalwaysApply: true", [("field-overruled", 4, "remove one of the two")]),
        (CURSOR, 'globs: ["*.ts", "*.js"]', [("field-form", 4, "write `globs: *.ts,*.js`")]),
        (CURSOR, "globs: '*.ts'", [("field-form", 4, "write `globs: *.ts`")]),
        (CURSOR, "globs: *.ts, *.js", [("field-form", 4, "write `globs: *.ts,*.js`")]),
        (CURSOR, "globs:\n  - *.ts\n  - *.js", [("field-form", 4, "write `globs: *.ts,*.js`")]),
        (WINDSURF, "trigger: always_on\nglobs: *.ts", [("field-overruled", 5, "remove one of the two")]),
        (WINDSURF, "trigger: glob\nglobs:\n  - *.ts", [("frontmatter-repaired", 5, "quote the value")]),
        (WINDSURF, "trigger: sometimes", [("field-value", 4, "use one of always_on")]),
    ],
)
def test_what_a_host_refuses__is_told(filename: str, fields: str, told: list[tuple[str, int, str]]) -> None:
    found = [(note.code, note.line, note.remedy) for note in warnings(NAMED + fields.rstrip("\n"), filename)]
    assert [row[:2] for row in found] == [row[:2] for row in told]
    for (_, _, remedy), (_, _, start) in zip(found, told, strict=True):
        assert remedy.startswith(start)


@pytest.mark.parametrize(
    ("filename", "fields"),
    [
        (
            GEMINI,
            (
                "tools: [read_file, replace, run_shell_command, mcp_db_query, 'mcp_*', '*']"
                "\nmax_turns: 3\ntemperature: 0.2"
            ),
        ),
        (GEMINI, "kind: remote\nagent_card_url: https://x.example"),
        (CLAUDE, "tools: Read, Grep, Agent(a, b), Bash(git:*), mcp__db, mcp__db__*, context-manager, KillShell"),
        (CLAUDE, "tools: [Read, Edit]\nsome-key: kept"),
        (
            COPILOT,
            "tools: ['Bash', 'NotebookRead', 'db/*', 'db/query', 'custom-agent', 'Task', 'agent']",
        ),
        (COPILOT, "tools: ['read/terminalLastCommand', 'search/searchResults', 'read']"),
        (COPILOT, "model: ['Claude Sonnet 5', 'GPT-6']\nmodel-policy: required"),
        (COPILOT, "tools: read, edit\nmodel: x"),
        (COPILOT, "applyTo: '**/*.ts'\nexcludeAgent: cloud-agent"),
        (
            OPENCODE,
            (
                "permission:\n  bash:\n    '*': ask\n    git status: allow\n"
                "  doom_loop: ask\n  lsp: allow\n  db_query: deny"
            ),
        ),
        (OPENCODE, "tools:\n  write: false\n  db_*: false\ncolor: '#ff0000'\nmode: all"),
        (OPENCODE, "permission: ask\ncolor: accent"),
        (QWEN, "tools:\n  - read_file\n  - mcp__db__query\napprovalMode: plan"),
        (
            KIRO,
            (
                "tools: [read, shell, '@mcp', '@db/query', '*']"
                "\npermissions:\n  rules:\n    - capability: shell\n      effect: ask"
            ),
        ),
        (PI, "tools: read, bash, grep\ndeny-tools: claude, some-tool\nspawning: false"),
        (FACTORY, "tools: read-only"),
        (CURSOR, "globs: *.ts,*.tsx\nalwaysApply: false"),
        (CURSOR, "globs:\nalwaysApply: true"),
        (CURSOR, "globs: **/*.{ts,tsx},src/**"),
        (CURSOR, "globs: src/a.ts # why\nalwaysApply: false"),
        (CURSOR, 'globs: ""\nalwaysApply: true'),
        (WINDSURF, "trigger: glob\nglobs: ['*.ts', '*.js']"),
        (WINDSURF, "trigger: glob\nglobs: *.ts,*.js"),
    ],
)
def test_what_a_host_takes__is_not_told(filename: str, fields: str) -> None:
    assert warnings(NAMED + fields, filename) == []


def test_a_strict_host_wants_its_fields() -> None:
    assert [note.code for note in warnings("name: a", GEMINI)] == ["field-needed"]
    assert [note.code for note in warnings("name: A b!\ndescription: d", GEMINI)] == ["field-value"]


@pytest.mark.parametrize(
    "fields",
    [
        "kind: local\ndisplay_name: A\ncolor: red",
        "description: d\nmcp-servers: [a, b]\npersonas: [x]",
        "globs: ['*.ts']\nalwaysApply: false",
    ],
)
def test_a_host_that_is_guessed__refuses_nothing(fields: str) -> None:
    definition = read(fields, None)
    assert definition.guessed
    assert [note.code for note in definition.diagnostics if note.severity == "warning"] == []


def test_each_wrong_name_is_told_once_on_its_line() -> None:
    told = warnings(f"{NAMED}tools: [Read, Bash, Read, read_file]", GEMINI)
    assert [note.message.split("'")[1] for note in told] == ["Read", "Bash"]


def test_the_remedy_names_what_the_other_host_means() -> None:
    (told,) = warnings(f"{NAMED}tools: Read, edit/editFiles", CLAUDE)
    assert "GitHub Copilot" in told.message
    assert told.remedy == "write Edit, NotebookEdit, Write"
