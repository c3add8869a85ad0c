"""The hooks of `.pre-commit-hooks.yaml`, called as pre-commit calls them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

import pytest

from agentmerge.reading.yamlio import load
from tests.git.conftest import AGENT, BASE, ROOT, Repo

HOOKS: dict[str, Mapping[str, Any]] = {
    str(hook["id"]): hook
    for hook in load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))  # type: ignore[union-attr]
    if isinstance(hook, Mapping)
}


def call(repo: Repo, name: str, *files: str, code: int) -> str:
    """Entry, arguments, and the files that the hook asks for."""
    hook = HOOKS[name]
    entry = shlex.split(hook["entry"])
    assert entry[0] == "agentmerge"
    wanted = re.compile(str(hook.get("files", "")))
    passed = [file for file in files if wanted.search(file)] if hook.get("pass_filenames", True) else []
    return repo.agentmerge(*entry[1:], *hook.get("args", ()), *passed, code=code)


def test_hooks__are_those_that_are_told_of() -> None:
    assert set(HOOKS) == {"agentmerge-fmt", "agentmerge-drift", "agentmerge-update"}


@pytest.mark.parametrize("path", [AGENT, ".github/agents/a.agent.md", "skills/x/SKILL.md", ".cursor/rules/a.mdc"])
def test_fmt__fails_on_what_it_would_change(repo: Repo, path: str) -> None:
    repo.commit(BASE, "base", path)
    assert call(repo, "agentmerge-fmt", path, "README.md", code=0) == ""
    repo.write(BASE.replace("description: Reviews", "description: Reviews: all") + "\n\n", path)
    assert path in call(repo, "agentmerge-fmt", path, "README.md", code=1)


def test_drift__fails_where_a_guardrail_is_about_to_go(repo: Repo) -> None:
    repo.commit(BASE, "base")
    call(repo, "agentmerge-drift", code=0)
    repo.write(BASE.replace("- Never push to main.\n", ""))
    call(repo, "agentmerge-drift", AGENT, code=0)
    repo.git("add", "-A")
    assert "guardrail-removed" in call(repo, "agentmerge-drift", AGENT, code=1)
    repo.git("rm", "-q", "-f", AGENT)
    assert HOOKS["agentmerge-drift"]["always_run"] is True
    assert "agent-removed" in call(repo, "agentmerge-drift", code=1)
