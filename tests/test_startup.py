"""What a command must not load: start-up is most of the time of a small command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

NEVER = ["pydantic", "pydantic_core", "rich", "pygments", "asyncio", "http", "urllib.request", "hypothesis", "email"]
READERS = ["markdown_it", "ruamel.yaml"]
LATE = ["deepdiff", "jinja2", "snowballstemmer"]

SAMPLE = """---
name: reviewer
description: Reviews code.
tools: Read, Grep
color: "#3b82f6"
---

# Reviewer

## Rules
- Never push.
"""


def loaded_by(*arguments: str) -> set[str]:
    """Modules in memory after `agentmerge ARGUMENTS` has run."""
    code = """
import json, sys
sys.argv = ["agentmerge", *json.loads(sys.argv[1])]
from agentmerge.cli import main
try:
    main()
except SystemExit as stop:
    assert stop.code in (0, 1, None), stop.code
finally:
    sys.stderr.write("\\x00" + json.dumps(sorted(sys.modules)))
"""
    result = subprocess.run(
        [sys.executable, "-c", code, json.dumps(arguments)], capture_output=True, text=True, check=True
    )
    return set(json.loads(result.stderr.rpartition("\x00")[2]))


@pytest.fixture
def sample(tmp_path: Path) -> str:
    path = tmp_path / "reviewer.md"
    path.write_text(SAMPLE, "utf-8")
    return str(path)


def test_version__loads_no_reader() -> None:
    assert not loaded_by("--version") & {*NEVER, *READERS, *LATE, "agentmerge.reading.parsing"}


def test_help__loads_no_reader() -> None:
    assert not loaded_by("--help") & {*NEVER, *READERS, *LATE, "agentmerge.reading.parsing"}


def test_command_help__loads_no_reader() -> None:
    assert not loaded_by("show", "--help") & {*NEVER, *READERS, *LATE, "agentmerge.reading.parsing"}


def test_show__loads_the_readers_alone(sample: str) -> None:
    modules = loaded_by("show", sample, "--format", "json")
    assert "markdown_it" in modules
    assert not modules & {*NEVER, *LATE, "ruamel.yaml"}, "simple frontmatter needs no YAML library"


def test_diff__of_simple_files_loads_no_yaml_library(sample: str, tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    other.write_text(SAMPLE.replace("- Never push.", "- Never push to main."), "utf-8")
    assert not loaded_by("diff", sample, str(other)) & {*NEVER, "ruamel.yaml", "jinja2", "snowballstemmer"}


def test_library_front__loads_nothing() -> None:
    code = "import sys; import agentmerge; print(*(m for m in sys.modules if m.startswith('agentmerge')))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["agentmerge"]
