"""Confusion table of the mutation suite: `python -m benchmarks.mutations [COUNT [SEED [FILES]]]`."""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict

from agentmerge import drift, parse
from tests.corpus import sample
from tests.mutators import MUTATORS, is_right, mutations


def main(count: int = 2000, seed: int = 1, files: int = 1026) -> None:
    """Print a row per mutator: how often each class was given, how often class and findings were right."""
    definitions = list(sample(files, seed))
    start = time.perf_counter()
    classes: dict[str, Counter[str]] = defaultdict(Counter)
    right: Counter[str] = Counter()
    for name, definition, mutation in mutations(definitions, list(MUTATORS), count, seed):
        pair = drift([definition, parse(mutation.text, filename=definition.filename)], summary=False).pairs[0]
        classes[name][pair.klass] += 1
        if is_right(mutation, pair):
            right[name] += 1
        else:
            rules = sorted({finding.rule for finding in pair.findings})
            print(f"wrong: {name} {definition.filename}: {pair.klass}, {rules}", file=sys.stderr)
    total = sum(found.total() for found in classes.values())
    for name, found in classes.items():
        told = ", ".join(f"{number} {klass}" for klass, number in found.most_common())
        print(f"{name:20} {right[name]:4}/{found.total():<4} {told}")
    print(f"{'all':20} {right.total():4}/{total:<4} {right.total() / total:.2%}, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
