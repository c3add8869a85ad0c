"""Fit the coefficients of the score to labelled roles, and cross-validate them role by role.

usage: python -m benchmarks.alignment.fit CORPUS [--gold ALIGNMENT.json ROLES] [--same THRESHOLD] [--quick]

Logistic regression with a ridge, solved by Newton's method (iteratively reweighted least squares; Hastie, Tibshirani
and Friedman, The Elements of Statistical Learning, 4.4.1). A pair that was labelled as certainly the same counts 1,
one that may be called the same 0.5, all others are negative. Pairs that a rule decides (equal text, code, who the
agent is) are left out. Prints for each role what the coefficients of the other roles do to it, then the lines for
`aligning/constants.py`.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from operator import mul
from pathlib import Path
from typing import Any, NamedTuple

from agentmerge.aligning import compare, constants
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.parsing import parse
from benchmarks.alignment.score import count, figures, load, show

RIDGE = 50.0
"""Penalty of a squared coefficient of a standardised value."""
MAYBE = 0.2
STEPS = 12
GRID = tuple(round(0.24 + 0.03 * step, 2) for step in range(13))
"""Thresholds that are tried."""
SLACK = 0.1
"""How far below the threshold two units of one group may score."""


class Row(NamedTuple):
    """One pair of units."""

    values: tuple[float, ...]
    same: bool
    weight: float


class Model(NamedTuple):
    bias: float
    coefficients: tuple[float, ...]


def rows(definitions: Sequence[Definition], pairs: Mapping[str, Any]) -> Iterator[Row]:
    """The candidate pairs of one role with their labels."""
    for name, kinds in pairs.items():
        first, second = (definitions[int(number) - 1] for number in name.split("-"))
        comparison = compare([first, second], Knowledge.shipped())
        scorer, candidates = comparison.scorer, comparison.pairs
        certain, allowed = ({tuple(pair) for pair in kinds["same"][key]} for key in ("core", "any"))
        for (a, b), _, evidence in scorer.compete(candidates):
            one, other = scorer.units[a], scorer.units[b]
            ruled = (
                "code" in (one.kind, other.kind) or one.words == other.words or one.facet == other.facet == "identity"
            )
            if evidence is not None and not ruled:
                key = one.member.line, other.member.line
                weight = MAYBE if key in allowed and key not in certain else 1.0
                yield Row(scorer.values(a, b, evidence), key in allowed, weight)


def fit(data: Sequence[Row]) -> Model:
    """Coefficients of the values as they come, from a fit of the standardised ones."""
    width = len(data[0].values)
    means = [math.fsum(row.values[k] for row in data) / len(data) for k in range(width)]
    spreads = [
        math.sqrt(math.fsum((row.values[k] - means[k]) ** 2 for row in data) / len(data)) or 1.0 for k in range(width)
    ]
    table = [[1.0, *((v - m) / s for v, m, s in zip(row.values, means, spreads, strict=True))] for row in data]
    beta = [0.0] * (width + 1)
    for _ in range(STEPS):
        beta = [b + d for b, d in zip(beta, _newton_step(table, data, beta), strict=True)]
    coefficients = tuple(b / s for b, s in zip(beta[1:], spreads, strict=True))
    return Model(beta[0] - sum(map(mul, coefficients, means)), coefficients)


def _newton_step(table: Sequence[Sequence[float]], data: Sequence[Row], beta: Sequence[float]) -> list[float]:
    width = len(beta)
    gradient = [0.0] + [-RIDGE * b for b in beta[1:]]
    curvature = [[RIDGE if i == j and i else 0.0 for j in range(width)] for i in range(width)]
    for x, row in zip(table, data, strict=True):
        p = 1 / (1 + math.exp(-max(-30.0, min(30.0, sum(map(mul, beta, x))))))
        error, spread = row.weight * (row.same - p), row.weight * p * (1 - p) + 1e-9
        for i in range(width):
            gradient[i] += error * x[i]
            scaled, line = spread * x[i], curvature[i]
            for j in range(i, width):
                line[j] += scaled * x[j]
    return _solve([[curvature[min(i, j)][max(i, j)] for j in range(width)] for i in range(width)], gradient)


def _solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Gaussian elimination with pivoting."""
    lines = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(lines)
    for at in range(size):
        pivot = max(range(at, size), key=lambda row: abs(lines[row][at]))
        lines[at], lines[pivot] = lines[pivot], lines[at]
        for below in range(at + 1, size):
            factor = lines[below][at] / lines[at][at]
            lines[below] = [v - factor * w for v, w in zip(lines[below], lines[at], strict=True)]
    found = [0.0] * size
    for at in reversed(range(size)):
        known = sum(lines[at][k] * found[k] for k in range(at + 1, size))
        found[at] = (lines[at][size] - known) / lines[at][at]
    return found


def use(model: Model, same: float) -> None:
    """Let the aligner use a model and a threshold."""
    settings = {"BIAS": model.bias, "MODEL": model.coefficients, "SAME": same, "LINK": same - SLACK, "SAME_FILE": same}
    for name, value in settings.items():
        setattr(constants, name, value)


def threshold(model: Model, roles: Mapping[str, tuple[Any, Sequence[Definition]]]) -> float:
    """The threshold with the best F1 over the roles, its neighbours counted in: the curve is flat and uneven."""
    reached = []
    for same in GRID:
        use(model, same)
        counts = Counter[tuple[str, str]]()
        for labels, definitions in roles.values():
            counts.update(count(labels, definitions, nway=False))
        reached.append(figures(counts, "same")[2])
    return max(GRID[1:-1], key=lambda same: sum(reached[(at := GRID.index(same)) - 1 : at + 2]))


def gold(path: Path, root: Path) -> dict[str, tuple[Any, list[Definition]]]:
    """Roles of an alignment file."""
    found = {}
    for role, pairs in json.loads(path.read_text("utf-8")).items():
        numbers = sorted({int(number) for name in pairs for number in name.split("-")})
        files = [parse((root / role / f"{number}.md").read_text("utf-8"), Knowledge.shipped()) for number in numbers]
        found[role] = {"pairs": pairs}, files
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus", type=Path)
    options.add_argument("--gold", type=Path, nargs=2, help="an alignment file and the folder of its roles")
    options.add_argument("--same", type=float, help="a fixed threshold instead of the best one of the other roles")
    options.add_argument("--quick", action="store_true", help="no cross-validation")
    chosen = options.parse_args()
    labels, definitions = load(chosen.corpus)
    roles: dict[str, tuple[Any, Sequence[Definition]]] = {role: (labels[role], definitions[role]) for role in labels}
    if chosen.gold:
        roles |= gold(*chosen.gold)
    data = {role: list(rows(files, row["pairs"])) for role, (row, files) in roles.items()}
    total = Counter[tuple[str, str]]()
    for left_out in () if chosen.quick else roles:
        others = {role: row for role, row in roles.items() if role != left_out}
        model = fit([row for role in others for row in data[role]])
        same = chosen.same or threshold(model, others)
        use(model, same)
        counts = count(*roles[left_out], nway=False)
        total.update(counts)
        show(f"{left_out} at {same:.2f}", counts)
    if total:
        show("all left out", total)
    model = fit([row for part in data.values() for row in part])
    print(f"at {threshold(model, roles):.2f}\nBIAS: Final = {model.bias:.2f}")
    print("\n".join(f"    {value:.2f}," for value in model.coefficients))


if __name__ == "__main__":
    main()
