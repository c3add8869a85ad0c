"""Hostile input is read in time, within memory, and by the same laws as any other."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from agentmerge.reading.parsing import parse
from agentmerge.writing.emitting import emit
from agentmerge.writing.formatting import format_definition
from tests.hostile import BODIES, FRONTMATTERS
from tests.laws import uncovered
from tests.shipped import SHIPPED

SCALE = 0.05
"""Of the full size, which `benchmarks/reading.py` measures."""
SECONDS = 5.0
"""Of the processor; many times what is needed, and what is quadratic takes minutes."""


@pytest.mark.parametrize("name", BODIES)
def test_body__is_read_whole_and_in_time(name: str) -> None:
    text = BODIES[name](SCALE)
    start = time.process_time()
    definition = parse(text, SHIPPED)
    assert time.process_time() - start < SECONDS
    assert emit(definition) == text
    assert uncovered(definition) == []


@pytest.mark.parametrize("name", ["lists 5,000 deep by indentation", "quotes 5,000 deep on one line"])
def test_deep_nesting__does_not_overflow(name: str) -> None:
    text = BODIES[name](0.4)
    definition = parse(text, SHIPPED)
    assert "nesting-too-deep" in {note.code for note in definition.diagnostics}
    assert uncovered(definition) == []


@pytest.mark.parametrize("name", ["100,000 items", "lists 5,000 deep by indentation", "1,000,000 blank lines"])
def test_formatting__keeps_up(name: str) -> None:
    definition = parse(BODIES[name](SCALE), SHIPPED)
    start = time.process_time()
    format_definition(definition, SHIPPED)
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("name", FRONTMATTERS)
def test_frontmatter__has_a_value_in_time(name: str) -> None:
    text = f"---\nname: x\n{FRONTMATTERS[name]}\n---\n# T\n"
    start = time.process_time()
    definition = parse(text, SHIPPED)
    assert time.process_time() - start < SECONDS
    assert emit(definition) == text
    assert definition.fields[0].key == "name"
    assert uncovered(definition) == []


def test_frontmatter__takes_less_than_200_mb() -> None:
    code = """
from pathlib import Path
from agentmerge import parse
from tests.hostile import FRONTMATTERS
for text in FRONTMATTERS.values():
    parse(f"---\\nname: x\\n{text}\\n---\\n# T\\n")
# What getrusage tells is inherited from the process of the tests; this is not.
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(result.stdout) < 200
    assert result.stderr == ""


def test_tag__makes_no_object() -> None:
    field = parse(f"---\n{FRONTMATTERS['tag of an object']}\n---\n", SHIPPED).fields[0]
    assert field.value == "!!python/object/apply:os.system ['exit 1']"
