"""Start-up as ratios: our commands against the bare imports of the libraries they need, in turn, in one run.

    python -m benchmarks.startup [RUNS]

Ends with 1 where a command takes longer than its bound allows. Processor time is what counts, and of all runs the
shortest: whatever else the machine does only adds to it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures" / "backend-engineer"

PAIRS = {
    "diff / import typer, markdown_it, ruamel.yaml": (
        ["-m", "agentmerge", "diff", str(FIXTURES / "systems-view.md"), str(FIXTURES / "contract-first.md")],
        ["-c", "import typer, markdown_it, ruamel.yaml"],
        2.9,
    ),
    "--version / import typer": (["-m", "agentmerge", "--version"], ["-c", "import typer"], 1.2),
}


def seconds(arguments: list[str]) -> float:
    """Processor time of one fresh interpreter."""
    # An installed package has its bytecode; a variable that forbids to keep it would measure the compiler.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def shortest(ours: list[str], theirs: list[str], runs: int) -> tuple[float, float]:
    """The shortest times of both, measured in turn so that the machine's mood is shared; the first run is left out."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs + 1)][1:]
    return min(a for a, _ in pairs), min(b for _, b in pairs)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    is_late = False
    for name, (ours, theirs, bound) in PAIRS.items():
        a, b = shortest(ours, theirs, runs)
        is_late |= a / b > bound
        print(f"{name}: {a * 1e3:.0f} ms / {b * 1e3:.0f} ms = {a / b:.2f} (bound {bound})")
    if is_late:
        sys.exit(1)


if __name__ == "__main__":
    main()
