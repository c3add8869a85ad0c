"""Frontmatters for the laws of rights: each host's fields with values of their own, put together at will."""

from __future__ import annotations

from hypothesis import strategies as st

from agentmerge import parse
from agentmerge.model import Definition

_LIMITS = ("", "(git:*)", "(git log:*)", "(gi*)", "(rm *)", "(*)", "(git status)")
_PATHS = ("", "(src/**)", "(src/*)", "(**/*.py)", "(docs/readme.md)")
_LEVELS = ("deny", "ask", "allow")

NAMES = {
    "claude": [
        *(f"Bash{limit}" for limit in _LIMITS),
        *(f"Edit{path}" for path in _PATHS),
        *("Read", "Grep", "Glob", "Write", "NotebookEdit", "WebFetch", "WebSearch", "Agent", "Task", "Agent(worker)"),
        *("mcp__db", "mcp__db__query", "mcp__web__*", "Frobnicate", "TodoWrite", "BashOutput"),
    ],
    "copilot": [
        *("read", "edit", "search", "execute", "web", "agent", "todo", "vscode", "editFiles", "edit/editFiles"),
        *("codebase", "search/codebase", "runCommands", "runCommands/terminalLastCommand", "runTests", "fetch"),
        *("db/query", "db/*", "github", "Read", "Bash", "custom-agent"),
    ],
    "kiro": ["read", "write", "shell", "web", "subagent", "@db", "@db/query", "@builtin", "todo_list"],
    "gemini": ["read_file", "replace", "run_shell_command", "glob", "web_fetch", "mcp_db_query", "mcp_db_*"],
    "qwen": ["read_file", "edit", "run_shell_command", "glob", "web_fetch", "mcp__db__query"],
    "factory": ["Read", "Create", "Edit", "Execute", "Glob", "FetchUrl", "read-only", "edit", "web"],
}
"""Names of tools that stand in the lists of a host."""

_MODES = {
    "claude": [f"permissionMode: {mode}" for mode in ("plan", "dontAsk", "acceptEdits", "bypassPermissions", "odd")],
    "copilot": ["agent: ask", "agent: edit", "agent: agent"],
    "kiro": [f"permissions: [{{capability: shell, effect: {one}, match: ['git *']}}]" for one in _LEVELS],
    "gemini": ["kind: remote", "max_turns: 5", "max_turns: 50"],
    "qwen": [f"approvalMode: {mode}" for mode in ("plan", "auto-edit", "yolo")],
    "factory": ["mcpServers: [db]"],
    "opencode": [
        *(f"permission: {{bash: {one}}}" for one in _LEVELS),
        *(f"permission: {{'*': {one}, edit: allow, bash: {{'git *': ask, 'git push *': deny}}}}" for one in _LEVELS),
        "permission: {bash: {'*': allow, 'rm *': deny}}",
        "permission: {task: {'*': deny, 'w*': allow}, 'db_*': deny}",
    ],
    "cursor": ["readonly: true", "readonly: false", "is_background: true"],
    "pi": ["spawning: false", "deny-tools: bash", "disallowed_tools: [write, edit]"],
    "antigravity": [f"commandExecutionPolicy: {one}" for one in ("off", "sandbox", "eager")],
    "skill": ["allowed-tools: Read Bash(git:*)", "allowed-tools: Bash", "disallowed-tools: Write"],
}
_MORE = {
    "claude": [
        "disallowedTools: Bash(rm *)",
        "disallowedTools: [Write, mcp__db]",
        "maxTurns: 5",
        "maxTurns: 50",
        "background: true",
        "isolation: worktree",
        "mcpServers: [db]",
        "mcpServers: {db: {command: ./db, tools: [query]}}",
        "mcpServers: {db: {command: ./db}}",
        "skills: [deploy]",
        "hooks: {PreToolUse: [{matcher: Bash, hooks: [{type: command, command: ./guard.sh}]}]}",
        "hooks: {PreToolUse: [{matcher: '*', hooks: [{type: command, command: ./guard.sh}]}]}",
        "hooks: {PostToolUse: [{matcher: Edit, hooks: [{type: command, command: ./fmt.sh}]}]}",
    ],
    "copilot": ["agents: [worker]", "handoffs: [{agent: coder, send: true}]"],
    "opencode": ["tools: {bash: false}", "tools: {edit: false, read: true}", "steps: 5"],
}
HOSTS = sorted(_MODES)


def definition(lines: list[str], host: str) -> Definition:
    """A definition with some lines of frontmatter."""
    text = "\n".join(["---", "name: a", "description: d", *lines, "---", "", "Read the code.", ""])
    return parse(text, dialect=host)


@st.composite
def frontmatters(draw: st.DrawFn, host: str = "") -> Definition:
    """A definition of a host, or of any, with up to three fields of rights."""
    host = host or draw(st.sampled_from(HOSTS))
    lines = []
    if host in NAMES and draw(st.booleans()):
        names = draw(st.lists(st.sampled_from(NAMES[host]), max_size=4, unique=True))
        lines.append(f"tools: {names!r}")
    for rows in (_MODES, _MORE):
        if host in rows and draw(st.booleans()):
            line = draw(st.sampled_from(rows[host]))
            if not any(one.partition(":")[0] == line.partition(":")[0] for one in lines):
                lines.append(line)
    return definition(lines, host)
