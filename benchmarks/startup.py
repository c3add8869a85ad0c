"""Start-up as ratios: our commands against the bare imports of the libraries they need, in turn, in one run.

    python -m benchmarks.startup [RUNS]

`diff` may take twice the bare imports, `--version` one and a half times `import typer`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures" / "backend-engineer"

PAIRS = {
    "diff / import typer, markdown_it, ruamel.yaml": (
        ["-m", "agentmerge", "diff", str(FIXTURES / "systems-view.md"), str(FIXTURES / "contract-first.md")],
        ["-c", "import typer, markdown_it, ruamel.yaml"],
        2.0,
    ),
    "--version / import typer": (["-m", "agentmerge", "--version"], ["-c", "import typer"], 1.5),
}


def seconds(arguments: list[str]) -> float:
    """Wall time of one fresh interpreter."""
    # An installed package has its bytecode; a variable that forbids to keep it would measure the compiler.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *arguments]
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, check=False)
    return time.perf_counter() - start


def ratio(ours: list[str], theirs: list[str], runs: int) -> tuple[float, float, float]:
    """Median times of both and the median of the ratios, measured in turn so that the machine's mood is shared."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs + 1)][1:]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    for name, (ours, theirs, bound) in PAIRS.items():
        a, b, share = ratio(ours, theirs, runs)
        print(f"{name}: {a * 1e3:.0f} ms / {b * 1e3:.0f} ms = {share:.2f} (bound {bound})")


if __name__ == "__main__":
    main()
