"""How often a review gives an edit the severity that it needs: `python -m benchmarks.graded [COUNT [SEED [HALF]]]`.

HALF is 0 or 1: one half of the corpus is for looking at while rules are made, the other for measuring.
"""

from __future__ import annotations

import random
import sys
import time

from agentmerge import AgentMergeError, drift, parse
from agentmerge.model import Definition
from agentmerge.world.files import decode
from tests.corpus import corpus_files
from tests.graded import COSMETIC, GRADED, Graded, graded

FILES = 240
_RANK = {"breaking": 3, "warning": 2, "info": 1}


def main(count: int = 30, seed: int = 1, half: int = 0) -> None:
    """Print a row per kind: edits, told as needed, silent ones."""
    definitions = _half(half, seed)
    for title, kinds in (("what it has to tell", GRADED), ("form alone", COSMETIC)):
        start = time.process_time()
        print(f"{title:34} edits right silent")
        total = [_row(kind, definitions, count, seed) for kind in kinds]
        made, right, silent = (sum(row[n] for row in total) for n in range(3))
        print(
            f"{'all':34} {made:5} {right:5} {silent:6}  {right / max(made, 1):.1%}  {time.process_time() - start:.0f} s"
        )


def _half(half: int, seed: int) -> list[Definition]:
    files = corpus_files()[half::2]
    random.Random(seed).shuffle(files)
    found = []
    for path in files[:FILES]:
        try:
            found.append(parse(decode(path.read_bytes(), str(path)), filename=str(path)))
        except AgentMergeError:
            continue
    return found


def _row(kind: Graded, definitions: list[Definition], count: int, seed: int) -> tuple[int, int, int]:
    made = right = silent = 0
    for _, definition, (old, new) in graded(definitions, [kind], count, seed):
        sides = [parse(text, filename=definition.filename) for text in (old, new)]
        pair = drift(sides, summary=False).pairs[0]
        worst = max((_RANK[one.severity] for one in pair.findings), default=0)
        made += 1
        silent += not pair.findings
        good = worst < _RANK["warning"] if kind.least == "none" else worst >= _RANK.get(kind.least, 1)
        right += good
        if not good:
            print(f"{kind.name}: {definition.filename}", file=sys.stderr)
            told = [(one.rule, one.severity, one.message[:160]) for one in pair.findings[:3]]
            before, after = set(old.split("\n")), set(new.split("\n"))
            print(f"   - {list(before - after)[:2]}\n   + {list(after - before)[:2]}\n   {told}", file=sys.stderr)
    mark = "" if made and right / made >= 0.97 else "  <" if made else "  (no file)"
    print(f"{kind.name:34} {made:5} {right:5} {silent:6}{mark}", flush=True)
    return made, right, silent


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
