"""Pairs of frontmatters with what a reviewer must be told of the rights: direction and severity."""

from __future__ import annotations

from typing import NamedTuple

W, N = "widened", "narrowed"
SAME: tuple[tuple[str, str], ...] = ()
BREAKS = ((W, "breaking"),)
WARNS = ((W, "warning"),)
NOTES = ((W, "info"),)
LESS = ((N, "warning"),)


class Pair(NamedTuple):
    """What stood before and stands after, each on its host, and what is told: direction with severity."""

    before: str
    after: str
    host: str
    told: tuple[tuple[str, str], ...]
    to: str = ""
    """Host of the new side, where it is another one."""


HOOK = "hooks:\n  PreToolUse:\n    - matcher: {}\n      hooks:\n        - type: command\n          command: {}\n"
SERVER = "mcpServers:\n  db:\n    command: {}\n"
RULE = "permissions:\n  - capability: {}\n    effect: {}\n"
MATCH = f"{RULE}    match: [{{}}]\n"
OLD_SETS = (
    "tools: [runCommands, runTasks, edit, runNotebooks, search, extensions, usages, vscodeAPI, think, problems,"
    " changes, testFailure, openSimpleBrowser, fetch, githubRepo, todos]"
)
NEW_SETS = "tools: [vscode, execute, read, edit, search, web, agent, todo]"

PAIRS = [
    # A list of tools on a host that grants all without one.
    Pair("tools: Read, Grep", "tools: Read, Grep, Glob", "claude", NOTES),
    Pair("tools: Read", "tools: Read, TodoWrite", "claude", NOTES),
    Pair("tools: Read", "tools: Read, Write", "claude", WARNS),
    Pair("tools: Read", "tools: Read, Edit", "claude", WARNS),
    Pair("tools: Read, Edit", "tools: Read, Edit, NotebookEdit", "claude", WARNS),
    Pair("tools: Read", "tools: Read, WebFetch", "claude", BREAKS),
    Pair("tools: Read", "tools: Read, WebSearch", "claude", BREAKS),
    Pair("tools: Read", "tools: Read, mcp__db", "claude", BREAKS),
    Pair("tools: Read", "tools: Read, Bash", "claude", BREAKS),
    Pair("tools: Read", "tools: Read, Agent", "claude", BREAKS),
    Pair("tools: Read", "tools: Read, Frobnicate", "claude", BREAKS),
    Pair("tools: Read, Bash", "tools: Read", "claude", LESS),
    Pair("tools: Read, Bash", "tools: Read, WebFetch", "claude", (*BREAKS, *LESS)),
    Pair("tools: Read", "", "claude", BREAKS),
    Pair("tools: Read", "tools:", "claude", BREAKS),
    Pair("tools: Read", 'tools: "*"', "claude", BREAKS),
    Pair('tools: "*"', "", "claude", SAME),
    Pair("", "tools: Read", "claude", LESS),
    Pair("", "tools: []", "claude", LESS),
    Pair("tools: []", "", "claude", BREAKS),
    Pair("tools: []", "tools: Read", "claude", NOTES),
    Pair("tools: Read, Grep", "tools: [Grep, Read]", "claude", SAME),
    Pair("tools: Read, Task", "tools: Read, Agent", "claude", SAME),
    Pair("tools: Agent(worker)", "tools: Task(worker)", "claude", SAME),
    Pair("tools: Agent(worker)", "tools: Agent(worker, scout)", "claude", BREAKS),
    Pair("tools: Agent(worker)", "tools: Agent", "claude", BREAKS),
    Pair("tools: Read, Edit", "tools: Read, MultiEdit", "claude", SAME),
    Pair("tools: Bash", "tools: Bash, BashOutput", "claude", SAME),
    # Limits in parentheses.
    Pair("tools: Bash(git:*)", "tools: Bash(git *)", "claude", SAME),
    Pair("tools: Bash(git:*)", "tools: Bash(gitleaks detect)", "claude", (*BREAKS, *LESS)),
    Pair("tools: Bash(git:*)", "tools: Bash(git:*), Bash(gitleaks:*)", "claude", BREAKS),
    Pair("tools: Bash(git:*)", "tools: Bash(git log:*)", "claude", LESS),
    Pair("tools: Bash(git log:*)", "tools: Bash(git:*)", "claude", BREAKS),
    Pair("tools: Bash(git:*)", "tools: Bash(git:*), Bash(git push)", "claude", SAME),
    Pair("tools: Bash(git:*)", "tools: Bash", "claude", BREAKS),
    Pair("tools: Bash(*)", "tools: Bash", "claude", SAME),
    Pair("tools: Bash(git status)", "tools: Bash(git status:*)", "claude", BREAKS),
    Pair("tools: Edit(src/*)", "tools: Edit(src/**)", "claude", WARNS),
    Pair("tools: Edit(src/**)", "tools: Edit(src/lib/**)", "claude", LESS),
    Pair("tools: WebFetch(domain:a.example)", "tools: WebFetch(domain:b.example)", "claude", (*BREAKS, *LESS)),
    Pair("tools: mcp__db__query", "tools: mcp__db__*", "claude", BREAKS),
    Pair("tools: mcp__db__*", "tools: mcp__db", "claude", SAME),
    Pair("tools: mcp__db__query", "tools: mcp__dbx__query", "claude", (*BREAKS, *LESS)),
    # Lists of what is denied.
    Pair("disallowedTools: Bash", "", "claude", BREAKS),
    Pair("disallowedTools: Write", "", "claude", WARNS),
    Pair("disallowedTools: Glob", "", "claude", NOTES),
    Pair("", "disallowedTools: Bash", "claude", LESS),
    Pair("disallowedTools: Bash", "disallowedTools: Bash(rm:*)", "claude", BREAKS),
    Pair("disallowedTools: mcp__web__*", "disallowedTools: mcp__web__find", "claude", BREAKS),
    Pair("disallowedTools: Task", "disallowedTools: Agent", "claude", SAME),
    Pair("tools: Read", "tools: Read\ndisallowedTools: Bash", "claude", SAME),
    Pair("tools: Read, Bash\ndisallowedTools: Bash", "tools: Read", "claude", SAME),
    Pair("tools: Read\ndisallowedTools: Bash", "disallowedTools: Bash", "claude", BREAKS),
    # Modes.
    Pair("permissionMode: default", "permissionMode: acceptEdits", "claude", WARNS),
    Pair("permissionMode: acceptEdits", "permissionMode: bypassPermissions", "claude", BREAKS),
    Pair("permissionMode: auto", "permissionMode: bypassPermissions", "claude", BREAKS),
    Pair("permissionMode: plan", "permissionMode: default", "claude", BREAKS),
    Pair("permissionMode: plan", "permissionMode: dontAsk", "claude", (*BREAKS, *LESS)),
    Pair("permissionMode: default", "permissionMode: dontAsk", "claude", LESS),
    Pair("permissionMode: default", "permissionMode: manual", "claude", SAME),
    Pair("permissionMode: bypassPermissions", "", "claude", LESS),
    Pair("tools: Read", "tools: Read\npermissionMode: acceptEdits", "claude", BREAKS),
    Pair("background: true", "", "claude", LESS),
    Pair("", "background: true", "claude", WARNS),
    Pair("background: false", "", "claude", SAME),
    Pair("isolation: worktree", "", "claude", WARNS),
    Pair("", "isolation: worktree", "claude", LESS),
    Pair("", "initialPrompt: Start at once.", "claude", BREAKS),
    Pair("maxTurns: 5", "maxTurns: 500", "claude", WARNS),
    Pair("maxTurns: 5", "maxTurns: 6", "claude", NOTES),
    Pair("maxTurns: 5", "", "claude", WARNS),
    Pair("maxTurns: 500", "maxTurns: 5", "claude", LESS),
    Pair("", "skills: [deploy]", "claude", BREAKS),
    Pair("skills: [deploy, test]", "skills: [test]", "claude", LESS),
    # Hooks.
    Pair(HOOK.format("Bash", "./guard.sh"), "", "claude", BREAKS),
    Pair("", HOOK.format("Bash", "./guard.sh"), "claude", (*BREAKS, *LESS)),
    Pair(HOOK.format("Bash|Write", "./guard.sh"), HOOK.format("Write", "./guard.sh"), "claude", BREAKS),
    Pair(HOOK.format("Write", "./guard.sh"), HOOK.format("Bash|Write", "./guard.sh"), "claude", LESS),
    Pair(HOOK.format("'*'", "./guard.sh"), HOOK.format("Bash", "./guard.sh"), "claude", BREAKS),
    Pair(HOOK.format("Bash", "./guard.sh"), HOOK.format("'*'", "./guard.sh"), "claude", LESS),
    Pair(HOOK.format("Bash", "./guard.sh"), HOOK.format("Bash", "'true'"), "claude", BREAKS),
    Pair(HOOK.format("Bash", "./guard.sh"), HOOK.format("Bash", "./guard.sh || true"), "claude", BREAKS),
    Pair(HOOK.format("Bash", "./guard.sh"), HOOK.format("Bash", "./other.sh"), "claude", (*BREAKS, *LESS)),
    Pair(HOOK.format("Task", "./guard.sh"), HOOK.format("Agent", "./guard.sh"), "claude", SAME),
    Pair("", HOOK.format("Bash", "./a.sh").replace("PreToolUse", "PostToolUse"), "claude", BREAKS),
    Pair(HOOK.format("Bash", "./a.sh").replace("PreToolUse", "Stop"), "", "claude", LESS),
    # MCP servers.
    Pair("mcpServers: [db]", SERVER.format("./db"), "claude", (*BREAKS, *LESS)),
    Pair(SERVER.format("./db"), SERVER.format("./evil"), "claude", (*BREAKS, *LESS)),
    Pair("", SERVER.format("./db"), "claude", BREAKS),
    Pair(SERVER.format("./db"), "", "claude", LESS),
    Pair(SERVER.format("./db"), f"{SERVER.format('./db')}    tools: ['*']\n", "claude", SAME),
    Pair(f"{SERVER.format('./db')}    tools: ['*']\n", SERVER.format("./db"), "claude", SAME),
    Pair(f"{SERVER.format('./db')}    tools: [read]\n", SERVER.format("./db"), "claude", BREAKS),
    Pair(SERVER.format("./db"), f"{SERVER.format('./db')}    autoApprove: [drop]\n", "claude", BREAKS),
    Pair(f"{SERVER.format('./db')}    disabled: true\n", "", "claude", SAME),
    # Skills: what needs no question.
    Pair("allowed-tools: Read", "allowed-tools: Read, Bash", "skill", BREAKS),
    Pair("allowed-tools: Read Bash", "allowed-tools: [Read, Bash]", "skill", SAME),
    Pair("allowed-tools: Bash(git:*)", "allowed-tools: Bash", "skill", BREAKS),
    Pair("allowed-tools: Task", "allowed-tools: Agent", "skill", SAME),
    Pair("allowed-tools: Read, Write", "allowed-tools: Read", "skill", LESS),
    Pair("allowed-tools: Bash", "", "skill", LESS),
    Pair("tools: Read", "tools: Read, Bash", "skill", SAME),
    Pair("disallowed-tools: Bash", "", "skill", BREAKS),
    # Copilot: old names, interim ones, sets, mixed lists, modes, handoffs.
    Pair("tools: [editFiles]", "tools: [edit/editFiles]", "copilot", SAME),
    Pair("tools: [edit/editFiles]", "tools: [edit]", "copilot", SAME),
    Pair("tools: [editFiles, codebase]", "tools: [edit, search/codebase]", "copilot", SAME),
    Pair("tools: [searchResults]", "tools: [search/searchResults]", "copilot", SAME),
    Pair("tools: [terminalLastCommand]", "tools: [runCommands/terminalLastCommand]", "copilot", SAME),
    Pair("tools: [terminalLastCommand]", "tools: [read/terminalLastCommand]", "copilot", SAME),
    Pair("tools: [runCommands, codebase]", "tools: [execute, codebase]", "copilot", SAME),
    Pair("tools: [runInTerminal, fetch]", "tools: [execute/runInTerminal, web/fetch]", "copilot", SAME),
    Pair(
        "tools: [vscodeAPI, new, extensions]",
        "tools: [vscode/vscodeAPI, vscode/newWorkspace, vscode/extensions]",
        "copilot",
        SAME,
    ),
    Pair("tools: [todos, runSubagent]", "tools: [todo, agent]", "copilot", SAME),
    Pair(OLD_SETS, NEW_SETS, "copilot", SAME),
    Pair("tools: [read, 'github/*']", "tools: [read, github]", "copilot", SAME),
    Pair("tools: [read]", "tools: [read, github]", "copilot", BREAKS),
    Pair("tools: [read]", "tools: [read, execute]", "copilot", BREAKS),
    Pair("tools: [codebase]", "tools: [codebase, runCommands]", "copilot", BREAKS),
    Pair("tools: [codebase]", "tools: [codebase, editFiles]", "copilot", WARNS),
    Pair("tools: [runCommands]", "tools: [execute/runTests]", "copilot", LESS),
    Pair("tools: [READ]", "tools: [read]", "copilot", SAME),
    Pair("agent: ask", "agent: agent", "copilot", BREAKS),
    Pair("mode: agent", "agent: agent", "copilot", SAME),
    Pair("mode: edit", "agent: agent", "copilot", BREAKS),
    Pair("agent: agent", "agent: ask", "copilot", LESS),
    Pair(
        "handoffs:\n  - agent: coder\n    send: false\n",
        "handoffs:\n  - agent: coder\n    send: true\n",
        "copilot",
        BREAKS,
    ),
    Pair("handoffs:\n  - agent: coder\n    send: true\n", "handoffs:\n  - agent: coder\n", "copilot", LESS),
    Pair("agents: [scout]", "agents: [scout, coder]", "copilot", BREAKS),
    Pair("agents: []", "", "copilot", BREAKS),
    # OpenCode: levels, order, patterns.
    Pair("permission: {bash: deny}", "permission: {bash: allow}", "opencode", BREAKS),
    Pair("permission: {bash: deny}", "permission: {bash: ask}", "opencode", BREAKS),
    Pair("permission: {bash: allow}", "", "opencode", SAME),
    Pair("permission: {bash: ask}", "", "opencode", BREAKS),
    Pair("permission: {edit: deny}", "permission: {edit: allow}", "opencode", WARNS),
    Pair("permission: {write: deny}", "permission: {edit: deny}", "opencode", SAME),
    Pair("permission: {'*': deny, bash: allow}", "permission: {bash: allow, '*': deny}", "opencode", LESS),
    Pair(
        "permission: {bash: {'*': deny, 'git *': allow}}",
        "permission: {bash: {'git *': allow, '*': deny}}",
        "opencode",
        LESS,
    ),
    Pair(
        "permission: {bash: {'git push *': deny, 'git *': allow}}",
        "permission: {bash: {'git *': allow, 'git push *': deny}}",
        "opencode",
        LESS,
    ),
    Pair(
        "permission: {bash: {'*': ask, 'git *': allow}}",
        "permission: {bash: {'*': ask, 'gi*': allow}}",
        "opencode",
        BREAKS,
    ),
    Pair("permission: {bash: ask, edit: deny}", "permission: {edit: deny, bash: ask}", "opencode", SAME),
    Pair("permission: deny", "permission: {'*': deny, read: allow}", "opencode", NOTES),
    Pair("permission: {external_directory: deny}", "permission: {external_directory: allow}", "opencode", WARNS),
    Pair("tools: {bash: false}", "", "opencode", BREAKS),
    Pair("tools: {bash: false}", "permission: {bash: deny}", "opencode", SAME),
    Pair("tools: {read: true}", "", "opencode", SAME),
    Pair("permission: {'db_*': deny}", "", "opencode", BREAKS),
    Pair(
        "permission: {task: {'*': deny, scout: allow}}",
        "permission: {task: {'*': deny, '*er': allow}}",
        "opencode",
        (*BREAKS, *LESS),
    ),
    Pair("steps: 5", "steps: 50", "opencode", WARNS),
    # Kiro: the strictest rule counts, what no rule fits is asked for.
    Pair(RULE.format("shell", "deny"), RULE.format("shell", "allow"), "kiro", BREAKS),
    Pair(RULE.format("shell", "allow"), "", "kiro", LESS),
    Pair(RULE.format("shell", "ask"), "", "kiro", SAME),
    Pair(RULE.format("write", "ask"), RULE.format("write", "allow"), "kiro", WARNS),
    Pair(MATCH.format("shell", "allow", "git *"), MATCH.format("shell", "allow", "gi*"), "kiro", BREAKS),
    Pair(MATCH.format("shell", "deny", "rm *"), "", "kiro", BREAKS),
    Pair(
        MATCH.format("shell", "deny", "rm *") + RULE.format("shell", "allow").partition("\n")[2],
        RULE.format("shell", "allow") + MATCH.format("shell", "deny", "rm *").partition("\n")[2],
        "kiro",
        SAME,
    ),
    Pair("tools: [read]", "tools: [read, shell]", "kiro", BREAKS),
    Pair("tools: [read, '@db']", "tools: [read, '@db/query']", "kiro", LESS),
    Pair("tools: [read, shell]", "tools: ['@builtin']", "kiro", BREAKS),
    # The other hosts.
    Pair("readonly: true", "", "cursor", BREAKS),
    Pair("readonly: false", "readonly: true", "cursor", LESS),
    Pair("tools: Read", "tools: Bash", "cursor", SAME),
    Pair("is_background: false", "is_background: true", "cursor", WARNS),
    Pair("kind: local", "kind: remote", "gemini", BREAKS),
    Pair("agent_card_url: https://a.example", "agent_card_url: https://b.example", "gemini", (*BREAKS, *LESS)),
    Pair("tools: [read_file]", "tools: [read_file, run_shell_command]", "gemini", BREAKS),
    Pair("tools: [search_file_content]", "tools: [grep_search]", "gemini", SAME),
    Pair("max_turns: 10", "max_turns: 1000", "gemini", WARNS),
    Pair("timeout_mins: 5", "timeout_mins: 60", "gemini", WARNS),
    Pair("commandExecutionPolicy: off", "commandExecutionPolicy: eager", "antigravity", BREAKS),
    Pair("commandExecutionPolicy: sandbox", "commandExecutionPolicy: eager", "antigravity", BREAKS),
    Pair("commandExecutionPolicy: eager", "commandExecutionPolicy: off", "antigravity", LESS),
    Pair("inheritMcp: false", "", "antigravity", BREAKS),
    Pair("tools: [read_file]", "tools: []", "qwen", BREAKS),
    Pair("tools: []", "", "qwen", SAME),
    Pair("approvalMode: default", "approvalMode: auto-edit", "qwen", WARNS),
    Pair("approvalMode: auto-edit", "approvalMode: yolo", "qwen", BREAKS),
    Pair("tools: read-only", "tools: [Read, Grep, Glob, LS]", "factory", SAME),
    Pair("tools: read-only", "tools: execute", "factory", (*BREAKS, *LESS)),
    Pair("tools: edit", "tools: [Create, Edit, ApplyPatch]", "factory", LESS),
    Pair("deny-tools: bash, write", "deny-tools: write", "pi", BREAKS),
    Pair("spawning: false", "", "pi", BREAKS),
    Pair("max-nesting: 1", "max-nesting: 20", "windsurf", WARNS),
    Pair("permissions: {deny: [Bash]}", "permissions: {allow: [Bash]}", "windsurf", BREAKS),
    # Two hosts.
    Pair("tools: Read, Grep", "readonly: true", "claude", SAME, "cursor"),
    Pair("readonly: true", "tools: Read, Grep", "cursor", SAME, "claude"),
    Pair("tools: Read, Grep", "readonly: false", "claude", BREAKS, "cursor"),
    Pair("tools: Read, Grep, Glob", "tools: [read, search]", "claude", SAME, "copilot"),
    Pair("tools: [read, search]", "tools: Read, Grep, Glob", "copilot", SAME, "claude"),
    Pair("tools: Read", "tools: [read, execute]", "claude", BREAKS, "copilot"),
    Pair("tools: Read, Edit, Bash", "tools: [read, edit, execute]", "claude", SAME, "copilot"),
    Pair("tools: Read, Bash(git:*)", "tools: [read, execute]", "claude", BREAKS, "copilot"),
    Pair("tools: Read, WebFetch", "tools: [read_file, web_fetch]", "claude", SAME, "gemini"),
    Pair("tools: Read", "permission: {'*': deny, read: allow}", "claude", SAME, "opencode"),
    Pair("tools: Read, Bash", "permission: {'*': deny, read: allow, bash: allow}", "claude", BREAKS, "opencode"),
    Pair("tools: Read, Bash", "permission: {'*': deny, read: allow, bash: ask}", "claude", SAME, "opencode"),
    Pair("tools: Read", "tools: [read]", "claude", SAME, "kiro"),
    Pair("disallowedTools: Bash", "deny-tools: bash", "claude", SAME, "pi"),
    Pair("tools: [read]", "tools: []", "copilot", BREAKS, "qwen"),
    Pair("tools: [read, edit]", "", "copilot", SAME, "skill"),
]
