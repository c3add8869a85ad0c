"""How well combine tells different roles: `python -m benchmarks.roles CORPUS ROLES... [--fit]`.

CORPUS is a folder of definitions of any roles; pairs are drawn from it by chance, with a fixed seed, those of one name
left out. Each of ROLES is a folder with a folder per role, in which files are by different authors; folders of one
role under two names are in `SYNONYMS`. Weights are fitted, and chosen, on half of the roles and half of the pairs (by a
hash of the name) and reported on the other half, with pairs of unlike roles of ROLES, on which nothing was fitted.
"""

from __future__ import annotations

import hashlib
import math
import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, product
from operator import mul
from pathlib import Path
from typing import NamedTuple

from agentmerge.errors import AgentMergeError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching import constants as c
from agentmerge.matching.aligning import Evidence, align, apart, evidence
from agentmerge.model import Definition
from agentmerge.reading.parsing import parse

KNOWN = Knowledge.shipped()
KEPT = frozenset({"planner", "technical-writer", "frontend-developer", "test-automator"})
"""Roles that are kept for another report."""
UNRELATED = 400
SYNONYMS = (
    ("backend-developer", "backend-engineer"),
    ("database-admin", "database-administrator"),
    ("python-expert", "python-pro"),
    ("typescript-expert", "typescript-pro"),
    ("code-refactorer", "refactoring-specialist"),
    ("performance-optimizer", "performance-engineer"),
    ("qa", "qa-engineer"),
)
STEPS, RATE, DECAY = 1500, 0.5, 0.01


class Row(NamedTuple):
    """A pair of files."""

    kind: str
    """same, synonym, unrelated or unlike."""
    key: str
    """What decides in which half it is."""
    found: Evidence
    are_apart: bool
    """Whether they are told as different roles."""


@cache
def read(path: Path) -> Definition:
    """A file, under no name: what a file is called must not help."""
    return parse(path.read_text("utf-8", errors="replace"), KNOWN)


def of_pair(kind: str, key: str, a: Path, b: Path) -> Row:
    """Two files with their evidence and what is told of them."""
    alignment = align([read(a), read(b)], KNOWN, same=c.SURE_SAME, covers=c.SURE_COVERS)
    return Row(kind, key, evidence(alignment, 0, 1, KNOWN), len(apart(alignment, KNOWN)) > 1)


def pairs(corpus: Path, roles: Sequence[Path]) -> Iterator[tuple[str, str, Path, Path]]:
    """Kind, key and files of each pair."""
    folders = {one.name: sorted(one.glob("*.md")) for root in roles for one in sorted(root.iterdir()) if one.is_dir()}
    folders = {name: files for name, files in folders.items() if name not in KEPT}
    for name, files in folders.items():
        yield from (("same", name, a, b) for a, b in combinations(files, 2))
    for one, other in SYNONYMS:
        yield from (("synonym", one, a, b) for a, b in product(folders.get(one, ()), folders.get(other, ())))
    draw = random.Random(7)
    files = [path for path in sorted(corpus.rglob("*.md")) if path.is_file()]
    for number in range(UNRELATED):
        a, b = draw.sample(files, 2)
        if name_of(a) != name_of(b):
            yield "unrelated", str(number), a, b
    names = sorted(folders)
    for number in range(UNRELATED // 2):
        one, other = draw.sample(names, 2)
        if (one, other) not in SYNONYMS and (other, one) not in SYNONYMS:
            yield "unlike", f"{number}", draw.choice(folders[one]), draw.choice(folders[other])


def name_of(path: Path) -> str:
    """What a file calls its role."""
    field = read(path).field("name")
    return field.text if field is not None and field.text else path.stem


def rows(corpus: Path, roles: Sequence[Path]) -> Iterator[Row]:
    """The evidence of every pair that can be read."""
    for kind, key, a, b in pairs(corpus, roles):
        try:
            yield of_pair(kind, key, a, b)
        except AgentMergeError as error:
            print(f"left out: {error}", file=sys.stderr)


def is_reported(row: Row) -> bool:
    """Whether a pair is in the half that nothing is fitted on."""
    return row.kind == "unlike" or hashlib.sha256(row.key.encode()).digest()[0] % 2 == 1


def fitted(found: Sequence[Row]) -> tuple[float, ...]:
    """Weights of a logistic regression of one role against unrelated; both count the same, and the last is the base."""
    xs = [row.found for row in found]
    means = [statistics.fmean(column) for column in zip(*xs, strict=True)]
    spread = [statistics.pstdev(column) or 1.0 for column in zip(*xs, strict=True)]
    one = [row.kind != "unrelated" for row in found]
    shares = [0.5 / sum(one) if yes else 0.5 / (len(one) - sum(one)) for yes in one]
    scaled = [[(v - m) / s for v, m, s in zip(x, means, spread, strict=True)] for x in xs]
    weights, base = [0.0] * len(means), 0.0
    for _ in range(STEPS):
        slopes, slope = [DECAY * weight for weight in weights], 0.0
        for x, yes, share in zip(scaled, one, shares, strict=True):
            off = share * (1 / (1 + math.exp(-base - sum(map(mul, weights, x)))) - yes)
            slopes = [s + off * v for s, v in zip(slopes, x, strict=True)]
            slope += off
        weights = [w - RATE * s for w, s in zip(weights, slopes, strict=True)]
        base -= RATE * slope
    plain = [w / s for w, s in zip(weights, spread, strict=True)]
    return (*plain, base - sum(map(mul, plain, means)))


def told(found: Sequence[Row], kind: str) -> str:
    """How many pairs of a kind are told as different roles."""
    chosen = [row.are_apart for row in found if row.kind == kind]
    share = sum(chosen) / max(1, len(chosen))
    return f"{kind:9} {sum(chosen):4} of {len(chosen):4} told as different roles ({share:.1%})"


def main(arguments: Sequence[str]) -> None:
    """Print the shares of the reported half, or, with `--fit`, the weights of the other half."""
    corpus, *roles = [Path(argument) for argument in arguments if argument != "--fit"]
    found = list(rows(corpus, roles))
    if "--fit" in arguments:
        print("weights", *(f"{weight:.2f}" for weight in fitted([row for row in found if not is_reported(row)])))
    for half, chosen in (("fitted", False), ("reported", True)):
        part = [row for row in found if is_reported(row) == chosen]
        print(half, *(told(part, kind) for kind in ("same", "synonym", "unrelated", "unlike")), sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])
