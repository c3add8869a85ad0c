"""Projects with recipes in temporary folders, with real git repositories upstream."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner, Result

from agentmerge.cli import application

AGENT = """---
name: reviewer
description: Reviews changes.
tools: Read, Grep
---
# Reviewer

## Rules

- Never push to the main branch.
- Run the tests before you answer.
- Keep the answer short.

## Steps

1. Read the change.
2. Answer with the file and the line.
"""
SKILL = "---\nname: release\ndescription: Makes a release.\n---\n# Release\n\n- Tag the commit\n- Write the notes\n"
SCRIPT = "#!/bin/sh\nset -e\necho build\necho test\necho publish\n"


def git(folder: Path, *arguments: str) -> str:
    """One call of git, with an author and without anybody's settings."""
    env = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    named = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *named, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Upstream:
    """Somebody's repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        git(folder, "init", "-q", "-b", "main")
        self.commit({"agents/r.md": AGENT, "skills/x/SKILL.md": SKILL, "skills/x/scripts/run.sh": SCRIPT})

    def commit(self, files: dict[str, str | bytes | None]) -> str:
        """Write, or delete, some files, and commit them; the commit."""
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                git(self.folder, "rm", "-q", name)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", "x")
        return git(self.folder, "rev-parse", "HEAD")


RECIPES = """recipes:
  agents/r.md:
    sources: {repo: ../up, path: agents/r.md}
  skills/x:
    sources: {repo: ../up, path: skills/x}
"""


class Project:
    """A project that vendors from it."""

    def __init__(self, folder: Path, recipes: str = RECIPES) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / ".agentmerge.yaml").write_text(recipes, "utf-8")

    def run(self, *arguments: str) -> Result:
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            return CliRunner().invoke(application(), list(arguments))
        finally:
            os.chdir(before)

    def update(self, *arguments: str, code: int = 0) -> str:
        """An update that ends with a code; what it printed."""
        result = self.run("update", *arguments)
        assert result.exit_code == code, result.output
        return result.output

    def status(self) -> dict[str, str]:
        lines = self.run("status").stdout.splitlines()
        return {line.split()[1]: line.split()[0] for line in lines}

    def read(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.read(name)
        assert old in text
        self.write(name, text.replace(old, new))

    def files(self) -> dict[str, bytes]:
        """All there is, but for the file that says who writes."""
        paths = (path for path in sorted(self.folder.rglob("*")) if path.is_file() and path.name != "running")
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths if ".git" not in path.parts
        }


_EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "shutil.rmtree"}


def killed_at(number: int, folder: Path, work: Callable[[], object]) -> bool:
    """Whether a process that does some work was killed before its `number`-th touch of a file below a folder."""
    child = os.fork()
    if child == 0:  # pragma: no cover
        seen = 0

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal seen
            if event in _EVENTS and str(folder) in os.path.realpath(str(arguments[0])):
                seen += 1
                if seen == number:
                    os._exit(9)

        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.addaudithook(watch)
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
