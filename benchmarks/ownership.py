"""The law that no change is silent, on real files: `python -m benchmarks.ownership [COUNT [SEED [FILES]]]`.

Every mutator and every kind of edit on definitions of the corpus, then the steps of histories: a folder whose folders
hold one file's versions in the order of their names, `AGENTMERGE_HISTORIES` or a neighbour of the corpus.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from agentmerge import AgentMergeError, drift, parse
from agentmerge.model import Definition
from agentmerge.world.files import decode
from tests.corpus import FOLDER, sample
from tests.mutators import MUTATORS, mutations
from tests.ownership import EDITS, SILENT, Edit, edited, holes_of

HISTORIES = Path(os.environ.get("AGENTMERGE_HISTORIES", FOLDER.parent / "histories"))


def main(count: int = 540, seed: int = 1, files: int = 300) -> None:
    """Print a row per kind: pairs, silent ones, changes without an owner, findings by severity, those of the last rule.

    Exits with 1 where the law is broken.
    """
    definitions = list(sample(files, seed))
    print(f"{'kind':22} pairs silent holes | breaking warning  info |  last: warning  info")
    broken = 0
    for kind, pairs in {
        **{name: _mutated(name, definitions, count // len(MUTATORS), seed) for name in MUTATORS},
        **{edit.__name__.strip("_"): _edited(edit, definitions, count // len(EDITS), seed) for edit in EDITS},
        "histories": _steps(seed),
    }.items():
        broken += _row(kind, pairs)
    raise SystemExit(int(broken > 0))


def _row(kind: str, pairs: Iterator[tuple[Definition, Definition]]) -> int:
    start = time.process_time()
    made = silent = missing = 0
    severities: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for old, new in pairs:
        try:
            pair = drift([old, new], summary=False).pairs[0]
        except AgentMergeError:
            continue
        made += 1
        found = list(holes_of(pair))
        for hole in found:
            print(f"{kind} {old.filename}: {hole[:300]}", file=sys.stderr)
        missing += len(found)
        silent += pair.klass not in SILENT and not pair.findings
        severities.update(one.severity for one in pair.findings)
        last.update(one.severity for one in pair.findings if one.rule == "statement-changed")
    told = f"{severities['breaking']:8} {severities['warning']:7} {severities['info']:5}"
    own = f"{last['warning']:7} {last['info']:5}"
    print(
        f"{kind:22} {made:5} {silent:6} {missing:5} | {told} | {own:>14} {time.process_time() - start:5.1f} s",
        flush=True,
    )
    return missing


def _mutated(
    name: str, definitions: list[Definition], count: int, seed: int
) -> Iterator[tuple[Definition, Definition]]:
    for _, definition, mutation in mutations(definitions, [name], count, seed):
        yield definition, parse(mutation.text, filename=definition.filename)


def _edited(
    edit: Edit, definitions: list[Definition], count: int, seed: int
) -> Iterator[tuple[Definition, Definition]]:
    rng = random.Random(f"{seed} {edit.__name__}")
    for definition in rng.sample(definitions, min(count, len(definitions))):
        try:
            yield definition, parse(edited(definition, edit, rng), filename=definition.filename)
        except AgentMergeError:
            continue


def _steps(seed: int) -> Iterator[tuple[Definition, Definition]]:
    folders = sorted(path for path in HISTORIES.iterdir() if path.is_dir()) if HISTORIES.is_dir() else []
    steps = [step for folder in folders for step in pairwise(sorted(folder.glob("*.md")))]
    random.Random(seed).shuffle(steps)
    for paths in steps:
        try:
            old, new = (parse(decode(path.read_bytes(), str(path)), filename=str(path)) for path in paths)
        except AgentMergeError:
            continue
        yield old, new


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
