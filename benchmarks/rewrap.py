"""What a review says of files that were only re-wrapped: `python -m benchmarks.rewrap FOLDER [COUNT [SEED]]`.

Each file is wrapped at several widths with equal HTML. Every one of them ought to be cosmetic, without a finding.
"""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from pathlib import Path

from agentmerge import AgentMergeError, diff, drift, parse
from agentmerge.files import decode
from agentmerge.model import Definition
from tests.rewrapping import WIDTHS, rewrapped


def main(folder: str, count: int = 0, seed: int = 1, *only: str) -> None:
    """Print for each width the classes and the worst severities; on stderr what is wrong."""
    definitions = list(_definitions(Path(folder), count, seed))
    wrong = 0
    for width in WIDTHS:
        classes: Counter[str] = Counter()
        worst: Counter[str] = Counter()
        for definition in definitions:
            text = rewrapped(definition, width)
            if text is None:
                classes["unchanged"] += 1
                continue
            other = parse(text, filename=definition.filename)
            pair = drift([definition, other], summary=False).pairs[0]
            classes[pair.klass] += 1
            severity = next((name for name in ("breaking", "warning", "info") if name in {f.severity for f in pair.findings}), "none")
            worst[severity] += 1
            plain = diff(definition, other)
            classes["diff differs"] += plain.klass != pair.klass
            if severity != "none" or pair.klass != "cosmetic":
                wrong += 1
                _tell(definition, width, pair)
        told = [", ".join(f"{number} {name}" for name, number in found.most_common() if number) for found in (classes, worst)]
        print(f"{width:>10}  {told[0]}; worst: {told[1]}")
    print(f"{wrong} wrong of {len(definitions)} files at {len(WIDTHS)} widths")


def _tell(definition: Definition, width: str, pair: object) -> None:
    found = [f"{f.severity} {f.rule} {f.message[:150]!r}" for f in pair.findings]
    print(f"{width} {definition.filename}: {pair.klass}", *found[:6], sep="\n    ", file=sys.stderr)


def _definitions(folder: Path, count: int, seed: int):
    files = sorted(path for path in folder.rglob("*.md") if path.is_file())
    if os.environ.get("NEWEST"):
        by_folder: dict[Path, Path] = {}
        for path in files:
            by_folder[path.parent] = path
        files = sorted(by_folder.values())
    random.Random(seed).shuffle(files)
    for path in files[: count or None]:
        try:
            yield parse(decode(path.read_bytes(), str(path)), filename=str(path))
        except AgentMergeError:
            continue


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
