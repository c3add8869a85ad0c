"""Real git in temporary repositories, without anything of the user's configuration."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentmerge.world import git

OWN = f"{sys.executable} -m agentmerge"
ROOT = Path(__file__).parents[2]
AGENT = ".claude/agents/reviewer.md"

BASE = """---
name: reviewer
description: Reviews code for bugs and style.
tools: Read, Grep
model: sonnet
---

# Reviewer

## Rules

- Read the whole change first.
- Name the file and the line.
- Never push to main.

## Workflow

1. Read the diff.
2. Run the tests.
3. Write the review.
"""


class Repo:
    """A repository with the drivers installed."""

    def __init__(self, path: Path, env: dict[str, str]) -> None:
        self.path = path
        self.env = env

    def git(self, *arguments: str, code: int | None = 0, **env: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env={**self.env, **env}, capture_output=True, text=True, timeout=120
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def agentmerge(self, *arguments: str, code: int = 0, cwd: Path | None = None, **env: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "agentmerge", *arguments],
            cwd=cwd or self.path,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def write(self, text: str, name: str = AGENT) -> None:
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())

    def read(self, name: str = AGENT) -> str:
        return (self.path / name).read_bytes().decode()

    def commit(self, text: str | None, message: str, name: str = AGENT) -> str:
        if text is not None:
            self.write(text, name)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD").strip()

    def fork(self, ours: str, theirs: str, base: str = BASE) -> None:
        """Branches `main` with ours and `other` with theirs, both from base; main is checked out."""
        self.commit(base, "base")
        self.git("checkout", "-q", "-b", "other")
        self.commit(theirs, "theirs")
        self.git("checkout", "-q", "main")
        self.commit(ours, "ours")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    home = tmp_path / "home"
    home.mkdir()
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
        "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    path = tmp_path / "repo"
    path.mkdir()
    repo = Repo(path, env)
    repo.git("init", "-q", "-b", "main")
    repo.agentmerge("git", "install")
    # The tests' own Python, whatever stands on the path.
    repo.git("config", "merge.agentmerge.driver", git.entries(OWN)["merge.agentmerge.driver"])
    repo.git("config", "diff.agentmerge.command", f"{sys.executable} -m agentmerge git diff")
    repo.git("config", "diff.agentmerge.textconv", f"{sys.executable} -m agentmerge git textconv")
    for tool, verb in (("difftool", "diff"), ("mergetool", "merge")):
        arguments = repo.git("config", f"{tool}.agentmerge.cmd").strip().partition(f"agentmerge {verb} ")[2]
        repo.git("config", f"{tool}.agentmerge.cmd", f"{sys.executable} -m agentmerge {verb} {arguments}")
    return repo
