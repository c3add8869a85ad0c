"""Processor time and memory of a drift review: `python -m benchmarks.drift [FILES...]`, such as `125 250 500`.

Real definitions are grouped by role, those with variants first, and all pairs inside each group are reviewed; then
files of any role are taken for one group, to show the growth. Each size runs in a process of its own, so that its
memory is its own.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from agentmerge.drifting.reviewing import drift
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition
from agentmerge.surveying.engine import variants
from tests.corpus import sample


def main(sizes: list[int]) -> None:
    """A row per number of files."""
    print(" files groups  pairs findings  read s group s review s    MB")
    for kind, counts in (("roles", sizes), ("single", [4, 8, 16, 32])):
        print({"roles": "all pairs inside the role groups", "single": "all of them one group"}[kind], flush=True)
        for count in counts:
            subprocess.run([sys.executable, "-m", "benchmarks.drift", f"--{kind}", str(count)], check=True)


def one(size: int, *, single: bool) -> None:
    """Review `size` files, by role or as one group, and print the row."""
    start = time.process_time()
    definitions = list(sample(size if single else 10_000, seed=1))
    read = time.process_time()
    chosen = [tuple(range(size))] if single else _in_groups(definitions, size)
    grouped = time.process_time()
    pairs = findings = 0
    for numbers in chosen:
        found = drift([definitions[number] for number in numbers], Knowledge.shipped())
        pairs += len(found)
        findings += len(found.findings)
    done = time.process_time()
    files = sum(map(len, chosen))
    shared = sum(len(numbers) > 1 for numbers in chosen)
    memory = int(Path("/proc/self/status").read_text("utf-8").split("VmHWM:")[1].split()[0]) // 1024
    times = f"{read - start:7.1f} {grouped - read:7.1f} {done - grouped:8.1f}"
    print(f"{files:6} {shared:6} {pairs:6} {findings:8} {times} {memory:5}", flush=True)


def _in_groups(definitions: list[Definition], size: int) -> list[tuple[int, ...]]:
    """Role groups of up to `size` files together, those of several files first."""
    chosen: list[tuple[int, ...]] = []
    left = size
    for _, numbers in sorted(variants(definitions, Knowledge.shipped()), key=lambda group: -min(len(group[1]), 2)):
        chosen += [numbers[:left]] if left else []
        left -= len(numbers[:left])
    return chosen


if __name__ == "__main__":
    if sys.argv[1:2] in (["--roles"], ["--single"]):
        one(int(sys.argv[2]), single=sys.argv[1] == "--single")
    else:
        main([int(text) for text in sys.argv[1:]] or [125, 250, 500])
