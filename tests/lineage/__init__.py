"""Versions of one file that tests read a lineage from."""

from __future__ import annotations

from agentmerge import parse
from agentmerge.lineage.chains import Lineage, Step, Version, step
from agentmerge.lineage.story import lineage
from agentmerge.model import Definition
from tests.shipped import SHIPPED


def made(*texts: str, paths: tuple[str, ...] = ()) -> tuple[list[Definition], list[Step]]:
    """The versions read, and each compared with the one before."""
    read = [parse(text, filename=paths[n] if paths else "agents/reviewer.md") for n, text in enumerate(texts)]
    return read, [step(read, n, n + 1, SHIPPED) for n in range(len(read) - 1)]


def traced(*texts: str, paths: tuple[str, ...] = ()) -> Lineage:
    """The lineage of versions that are a month apart."""
    read, steps = made(*texts, paths=paths)
    versions = [
        Version(f"c{n}", f"2025-{n:02d}-01", "Ann", f"commit {n}", one.filename or "") for n, one in enumerate(read, 1)
    ]
    return lineage(versions, read, steps, SHIPPED)


def role(*rules: str, head: str = "tools: Read, Grep\nmodel: sonnet", below: str = "") -> str:
    """A definition with some rules."""
    lines = "\n".join(f"- {rule}" for rule in rules)
    return f"---\nname: reviewer\ndescription: Reviews code.\n{head}\n---\n\n# Reviewer\n\n## Rules\n\n{lines}\n{below}"
