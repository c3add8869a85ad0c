"""How the cost of every command grows with the size of hostile input.

    python -m benchmarks.growth [--input PART]... [--command NAME]... [--sizes KB,KB,...] [--all]

Each command runs in a forked child at growing sizes of each input of `tests/growing.py`. A row shows the processor
time at each size, the peak memory at the largest, and the growth: the time at the largest size against that at a
quarter of it, over what n log n allows. Marked is what ends with exit 3, what takes more than 3 s or 500 MB at 100 KB,
and what grows faster than n log n; a series ends at the size that broke the bound. Without `--all` only these rows are
shown.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import forked
from tests.growing import GROWING, edited, shortened

SIZES = (10, 25, 50, 100, 200, 400)
"""In KB."""
SECONDS, MEGABYTES = 3.0, 500
"""The bound for 100 KB."""
SLACK = 1.5
"""How much more than n log n a ratio of times may show: a cache that no longer fits, a busy neighbour."""
LEAST = 0.2
"""Seconds below which a time says nothing about growth."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "show": ("show", "A"),
    "show json": ("show", "A", "--format", "json"),
    "align": ("align", "A", "B"),
    "align json": ("align", "A", "B", "--format", "json"),
    "diff": ("diff", "A", "B"),
    "diff json": ("diff", "A", "B", "--format", "json"),
    "diff html": ("diff", "A", "B", "--format", "html"),
    "diff equal": ("diff", "A", "A2"),
    "drift": ("drift", "A", "B"),
    "drift json": ("drift", "A", "B", "--format", "json"),
    "drift shortened": ("drift", "A", "D"),
    "combine": ("combine", "A", "B", "C"),
    "combine json": ("combine", "A", "B", "--report", "REPORT"),
    "combine equal": ("combine", "A", "A2", "A3"),
    "combine shortened": ("combine", "A", "D"),
    "merge": ("merge", "A", "B", "C"),
    "merge json": ("merge", "A", "B", "C", "--report", "REPORT"),
    "merge shortened": ("merge", "A", "B", "D"),
    "fmt": ("fmt", "A"),
    "resolve": ("resolve", "M"),
    "compare": ("compare", "A", "B"),
    "where": ("where", "never push to main", "A", "B"),
    "survey": ("survey", "TWO", "--no-cache"),
    "convert": ("convert", "A", "--to", "copilot", "--report"),
    "set": ("set", "model=opus", "A", "B"),
    "review": ("review", "A", "B"),
}
"""Command lines: A is the input, A2 and A3 are copies, B and C have a small edit each, D lost some lines, M is B with
a conflict in it, and TWO is a folder of A and B."""


class Row(NamedTuple):
    """One command on one input at growing sizes."""

    input: str
    command: str
    sizes: tuple[int, ...]
    runs: tuple[forked.Run, ...]

    @property
    def growth(self) -> float | None:
        """Time at the largest size over that at a quarter of it, over what n log n allows; 1 is n log n."""
        time = dict(zip(self.sizes, (run.seconds for run in self.runs), strict=True))
        large = self.sizes[-1]
        small = next((size for size in reversed(self.sizes) if size * 4 <= large), None)
        if small is None or time[large] < LEAST:
            return None
        ratio = large / small
        fair = ratio * math.log(large * 1000) / math.log(small * 1000)
        return time[large] / max(time[small], LEAST / ratio) / fair

    @property
    def broken(self) -> str:
        """Which bound it breaks; empty where it keeps all."""
        found = []
        for size, run in zip(self.sizes, self.runs, strict=True):
            if run.code not in (0, 1, 2):
                found.append(f"{_ENDS.get(run.code, f'ends with {run.code}')} at {size} KB")
            elif size <= 100 and run.seconds > SECONDS:
                found.append(f"{run.seconds:.1f} s at {size} KB")
            elif size <= 100 and run.megabytes > MEGABYTES:
                found.append(f"{run.megabytes:.0f} MB at {size} KB")
        if self.growth is not None and self.growth > SLACK:
            found.append(f"grows {self.growth:.1f} times as n log n")
        return ", ".join(found)


_ENDS = {forked.HANG: "hangs", forked.MEMORY: "out of memory", forked.INTERNAL: "exit 3"}


def measure(name: str, command: str, sizes: Sequence[int], folder: Path) -> Row:
    """The command on the input at every size until a run ends badly."""
    runs = []
    for size in sizes:
        files = _files(name, size, folder)
        arguments = [files.get(word, word) for word in COMMANDS[command]]
        bound = max(1.0, size / 100) * 4
        runs.append(forked.run(arguments, seconds=math.ceil(SECONDS * bound), megabytes=int(MEGABYTES * bound)))
        if runs[-1].code not in (0, 1, 2) or runs[-1].seconds > SECONDS * bound / 2:
            break
    return Row(name, command, tuple(sizes[: len(runs)]), tuple(runs))


def _files(name: str, size: int, folder: Path) -> dict[str, str]:
    """The files of one input and size by the words that stand for them; written once."""
    place = folder / f"{list(GROWING).index(name)}-{size}"
    found = {word: str(place / f"{word}.md") for word in ("A", "A2", "A3", "B", "C", "D", "M")}
    found["REPORT"] = str(place / "report.json")
    found["TWO"] = str(place / "two")
    if not place.exists():
        Path(found["TWO"]).mkdir(parents=True)
        text = GROWING[name](size * 1000)
        mine, theirs = edited(text, 0.33, "added"), edited(text, 0.66, "other")
        conflicted = f"{mine}\n<<<<<<< ours\nkeep one\n||||||| base\nkeep\n=======\nkeep two\n>>>>>>> theirs\n"
        texts = (text, text, text, mine, theirs, shortened(text, 0.5), conflicted)
        for word, made in zip(("A", "A2", "A3", "B", "C", "D", "M"), texts, strict=True):
            Path(found[word]).write_text(made, "utf-8", newline="")
        for file, made in (("a.md", text), ("b.md", mine)):
            (place / "two" / file).write_text(made, "utf-8", newline="")
    return found


def measured(inputs: Sequence[str], commands: Sequence[str], sizes: Sequence[int]) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        for name in inputs:
            for command in commands:
                yield measure(name, command, sizes, Path(folder))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--input", action="append", help="only inputs whose name holds this")
    options.add_argument("--command", action="append", help="only these commands", choices=list(COMMANDS))
    options.add_argument("--sizes", default=",".join(map(str, SIZES)), help="in KB")
    options.add_argument("--all", action="store_true", help="show every row")
    given = options.parse_args()
    inputs = [name for name in GROWING if not given.input or any(part in name for part in given.input)]
    commands = [name for name in COMMANDS if not given.command or name in given.command]
    sizes = [int(size) for size in given.sizes.split(",")]
    forked.warm()
    print(f"{'input':34} {'command':18} " + " ".join(f"{size:>5}KB" for size in sizes) + "    MB growth")
    broken = total = 0
    for row in measured(inputs, commands, sizes):
        total += 1
        broken += bool(row.broken)
        if given.all or row.broken:
            times = " ".join(f"{run.seconds:6.2f}s" for run in row.runs).ljust(8 * len(sizes) - 1)
            growth = "     -" if row.growth is None else f"{row.growth:6.2f}"
            print(
                f"{row.input:34} {row.command:18} {times} {row.runs[-1].megabytes:5.0f} {growth} {row.broken}",
                flush=True,
            )
    print(f"{total - broken} of {total} within the bounds")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
