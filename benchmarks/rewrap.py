"""What a review says of files that were only re-wrapped: `python -m benchmarks.rewrap FOLDER [COUNT [SEED]]`.

Each file is wrapped at several widths with equal HTML. Every one of them ought to be cosmetic, without a finding. With
`--newest` behind it only the last file of each folder is taken, by name.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from agentmerge import AgentMergeError, diff, drift, parse
from agentmerge.drifting.records import PairDrift
from agentmerge.model import Definition
from agentmerge.world.files import decode
from tests.rewrapping import WIDTHS, rewrapped


def main(files: Sequence[Path]) -> None:
    """Print for each width the classes and the worst severities; on stderr what is wrong."""
    definitions = list(_definitions(files))
    wrong = sum(_at_width(definitions, width) for width in WIDTHS)
    print(f"{wrong} wrong of {len(definitions)} files at {len(WIDTHS)} widths")


def _at_width(definitions: Sequence[Definition], width: str) -> int:
    """Print one row; how many files were taken for more than re-wrapped."""
    classes: Counter[str] = Counter()
    worst: Counter[str] = Counter()
    wrong = 0
    for definition in definitions:
        text = rewrapped(definition, width)
        if text is None:
            classes["left alone"] += 1
            continue
        other = parse(text, filename=definition.filename)
        pair = drift([definition, other], summary=False).pairs[0]
        severity = pair.findings[0].severity if pair.findings else "no finding"
        classes[pair.klass] += 1
        worst[severity] += 1
        if pair.findings or {pair.klass, diff(definition, other).klass} != {"cosmetic"}:
            wrong += 1
            _tell(definition, width, pair)
    told = ("  ".join(f"{count} {name}" for name, count in found.most_common()) for found in (classes, worst))
    print(f"{width:>10}  {' | '.join(told)}", flush=True)
    return wrong


def _tell(definition: Definition, width: str, pair: PairDrift) -> None:
    found = [f"{one.severity} {one.rule} {one.message[:150]!r}" for one in pair.findings[:6]]
    print(f"{width} {definition.filename}: {pair.klass}", *found, sep="\n    ", file=sys.stderr)


def _definitions(files: Sequence[Path]) -> Iterator[Definition]:
    for path in files:
        try:
            yield parse(decode(path.read_bytes(), str(path)), filename=str(path))
        except AgentMergeError:
            continue


def _chosen(folder: str, count: int = 0, seed: int = 1, *, newest: bool = False) -> list[Path]:
    files = sorted(path for path in Path(folder).rglob("*.md") if path.is_file())
    if newest:
        files = list({path.parent: path for path in files}.values())
    random.Random(seed).shuffle(files)
    return files[: count or None]


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--newest"]
    main(_chosen(words[0], *map(int, words[1:]), newest="--newest" in sys.argv))
