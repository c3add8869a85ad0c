"""Fit the model of the aligner on judged pairs, and say what it is worth on roles that took no part.

usage: python -m benchmarks.alignment.fit PAIRS ALIGNMENT.json ROLES [--report] [--without NAME ...] [--curve]

Prints the table `model` for `agentmerge/data/alignment.toml`. PAIRS holds `labels.jsonl` (role, files i and j, lines a
and b, label) and `roles/<role>/<i>.md`; a pair counts where one of the two would be given up: `same`, `a-covers-b`,
`b-covers-a`. ALIGNMENT.json holds hand-made alignments of the
files of ROLES; its report roles take no part. Figures go to standard error, of models that did not see the role that
they are asked about: average precision and the best F1 of judged pairs, the share of right ones by score, precision,
recall and F1 of hand-made alignments with an interval by bootstrap over pairs of files. With `--report` the last are
those of the report roles, by the whole model: once a release, and nobody looks into what is wrong on them.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.aligning import compare
from agentmerge.matching.scoring import Evidence, Scorer, Standing, UnitPair
from agentmerge.model import Definition
from agentmerge.reading.parsing import parse
from agentmerge.reading.relations import with_prompt
from benchmarks.alignment.split import report_roles

RIGHT = frozenset({"same", "a-covers-b", "b-covers-a"})
SHIPPED = Knowledge.shipped()
NAMES = (*Evidence._fields, *Standing._fields)
RIDGE = 3.0
STEPS = 10
FOLDS = 12


MADE_BY_HAND = 2.0
"""Weight of a pair of a hand-made alignment, where all pairs of two files are judged, not the likely ones alone."""
MAYBE = 0.3
"""The same of a pair that may be reported and need not be, as a share."""


class Row(NamedTuple):
    """A judged pair."""

    role: str
    values: tuple[float, ...]
    right: bool
    weight: float = 1.0


def read(folder: Path) -> dict[int, Definition]:
    """The definitions of a role by number."""
    files = {int(path.stem): parse(path.read_text("utf-8"), SHIPPED) for path in sorted(folder.glob("*.md"))}
    return {number: with_prompt(file, SHIPPED) for number, file in files.items()}


def rows(pairs: Path) -> Iterator[Row]:
    """What the model sees of each judged pair."""
    judged: defaultdict[tuple[str, int, int], list[tuple[int, int, str]]] = defaultdict(list)
    for line in (pairs / "labels.jsonl").read_text("utf-8").splitlines():
        one = json.loads(line)
        judged[one["role"], one["i"], one["j"]].append((one["a"], one["b"], one["label"]))
    known: dict[str, dict[int, Definition]] = {}
    for (role, i, j), labels in judged.items():
        if role not in known:
            known[role] = read(pairs / "roles" / role)
        scorer, _ = compared(known[role][i], known[role][j])
        number = {unit.member.key: place for place, unit in enumerate(scorer.units)}
        for a, b, label in labels:
            if (0, a) in number and (1, b) in number:
                at = number[0, a], number[1, b]
                values = (*scorer.evidence(*at), *scorer.standing(*at))
                yield Row(role, values, label in RIGHT)


def rows_by_hand(gold: Mapping[str, Any], roles: Path) -> Iterator[Row]:
    """What the model sees of each pair of hand-made alignments that is worth a score."""
    for role, pairs in gold.items():
        files = read(roles / role)
        for name, kinds in pairs.items():
            i, j = map(int, name.split("-"))
            core, allowed = ({tuple(pair) for pair in kinds["same"][key]} for key in ("core", "any"))
            scorer, candidates = compared(files[i], files[j])
            for a, b in candidates:
                lines = scorer.units[a].member.line, scorer.units[b].member.line
                weight = MADE_BY_HAND * (MAYBE if lines in allowed and lines not in core else 1.0)
                yield Row(role, (*scorer.evidence(a, b), *scorer.standing(a, b)), lines in allowed, weight)


def compared(a: Definition, b: Definition, knowledge: Knowledge = SHIPPED) -> tuple[Scorer, Sequence[UnitPair]]:
    """What scores the units of two files, and the pairs that are worth a score."""
    comparison = compare([a, b], knowledge)
    comparison.scorer.compete(comparison.pairs)
    return comparison.scorer, comparison.pairs


class Table(NamedTuple):
    """Rows as arrays."""

    roles: np.ndarray
    values: np.ndarray
    right: np.ndarray
    weight: np.ndarray

    def part(self, chosen: np.ndarray) -> Table:
        return Table(*(column[chosen] for column in self))


def table(data: Sequence[Row]) -> Table:
    roles, values, right, weight = zip(*data, strict=True)
    return Table(np.array(roles), np.array(values), np.array(right), np.array(weight))


def fit(data: Table, names: Sequence[str] = NAMES, least: float = RIDGE) -> dict[str, float]:
    """Weights of the named values as they come, by Newton's method with a ridge on the standardised ones."""
    mean, spread = data.values.mean(0), data.values.std(0) + 1e-9
    inputs = np.hstack([np.ones((len(data.values), 1)), (data.values - mean) / spread])
    ridge = np.eye(inputs.shape[1]) * least
    ridge[0, 0] = 0.0
    beta = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-inputs @ beta))
        gradient = inputs.T @ (data.weight * (data.right - p)) - ridge @ beta
        curvature = (inputs * (data.weight * p * (1 - p))[:, None]).T @ inputs + ridge
        beta += np.linalg.solve(curvature, gradient)
    weights = beta[1:] / spread
    return {"bias": float(beta[0] - weights @ mean), **dict(zip(names, map(float, weights), strict=True))}


def probabilities(model: Mapping[str, float], values: np.ndarray) -> np.ndarray:
    logit = model["bias"] + values @ np.array([model[name] for name in NAMES])
    found: np.ndarray = 1 / (1 + np.exp(-logit))
    return found


def folds(data: Table) -> Iterator[tuple[np.ndarray, dict[str, float]]]:
    """Each part of the roles with a model that saw the others."""
    roles = sorted(set(data.roles))
    for fold in range(FOLDS):
        held = np.isin(data.roles, roles[fold::FOLDS])
        yield held, fit(data.part(~held))


def average_precision(score: np.ndarray, right: np.ndarray) -> float:
    ordered = right[np.argsort(-score, kind="stable")]
    precision = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    return float((precision * ordered).sum() / ordered.sum())


def best_f1(score: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """The best F1 over thresholds, and its threshold."""
    found = [
        (2 * float(((score >= at) & right).sum()) / float((score >= at).sum() + right.sum()), float(at))
        for at in np.arange(0.1, 0.8, 0.02)
    ]
    return max(found)


def _reliability(score: np.ndarray, right: np.ndarray) -> str:
    told = []
    for low in np.arange(0.0, 1.0, 0.1):
        at = (score >= low) & (score < low + 0.1 + 1e-9)
        if at.any():
            told.append(f"{low:.1f}: {score[at].mean():.2f} said, {right[at].mean():.2f} right ({at.sum()})")
    return "\n".join(told)


# On hand-made alignments


class Pairing(NamedTuple):
    """Two files with the scores of their units, and the labels."""

    role: str
    scores: Mapping[tuple[int, int], float]
    core: frozenset[tuple[int, int]]
    allowed: frozenset[tuple[int, int]]


def pairings(gold: Mapping[str, Any], roles: Path, models: Mapping[str, Mapping[str, float]]) -> Iterator[Pairing]:
    """The files of hand-made alignments, each role scored with a model of its own."""
    for role, pairs in gold.items():
        files = read(roles / role)
        for name, kinds in pairs.items():
            i, j = map(int, name.split("-"))
            ends = [block.end if (block := files[number].frontmatter) else 0 for number in (i, j)]
            core, allowed = (
                frozenset((a, b) for a, b in kinds["same"][key] if a >= ends[0] or b >= ends[1])
                for key in ("core", "any")
            )
            scorer, candidates = compared(files[i], files[j], Knowledge({"alignment": {"model": models[role]}}))
            lines = [unit.member.line for unit in scorer.units]
            scores = {(lines[a], lines[b]): scorer.score(a, b).value for a, b in candidates}
            yield Pairing(role, scores, core, allowed)


def figures(found: Sequence[Pairing], least: float) -> tuple[float, float, float]:
    """Precision, recall and F1 of the pairs with at least this score."""
    reported = right = hit = certain = 0
    for one in found:
        told = {pair for pair, score in one.scores.items() if score >= least}
        reported, right = reported + len(told), right + len(told & one.allowed)
        hit, certain = hit + len(told & one.core), certain + len(one.core)
    precision, recall = right / max(1, reported), hit / max(1, certain)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def interval(found: Sequence[Pairing], least: float) -> tuple[float, float]:
    """In which F1 lies with 95 % confidence, by bootstrap over the pairs of files."""
    draw = random.Random(0)
    reached = sorted(figures([draw.choice(found) for _ in found], least)[2] for _ in range(400))
    return reached[10], reached[389]


def _tell(found: Sequence[Pairing]) -> None:
    for least in np.arange(0.25, 0.75, 0.05):
        row = "/".join(f"{figure:.3f}" for figure in figures(found, float(least)))
        low, high = interval(found, float(least))
        print(f"{least:.2f}: {row} ({low:.2f} to {high:.2f})", file=sys.stderr)


def _curve(judged: Table, gold: Mapping[str, Any], roles: Path) -> None:
    """What fits on part of the judged roles give on hand-made alignments, none of which take part."""
    names = sorted(set(judged.roles))
    for share in (6, 12, 24, 48):
        model = fit(judged.part(np.isin(judged.roles, names[:: len(names) // share][:share])))
        found = list(pairings(gold, roles, dict.fromkeys(gold, model)))
        print(f"{share} roles: F1 {max(figures(found, t / 40)[2] for t in range(8, 28)):.3f}", file=sys.stderr)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("pairs", type=Path)
    options.add_argument("alignment", type=Path)
    options.add_argument("roles", type=Path)
    options.add_argument("--report", action="store_true", help="figures of the report roles")
    options.add_argument("--without", nargs="*", default=[], help="evidence that is left out, to see what it is worth")
    options.add_argument("--curve", action="store_true", help="fits on part of the roles, to see what more would give")
    chosen = options.parse_args()
    labels = json.loads(chosen.alignment.read_text("utf-8"))
    held_back = report_roles(labels)
    gold = {role: row for role, row in labels.items() if role not in held_back}
    judged, by_hand = table(list(rows(chosen.pairs))), table(list(rows_by_hand(gold, chosen.roles)))
    data = Table(*(np.concatenate(both) for both in zip(judged, by_hand, strict=True)))
    for name in chosen.without:
        data.values[:, NAMES.index(name)] = 0.0
    score, models = np.zeros(len(data.right)), {}
    for held, model in folds(data):
        score[held] = probabilities(model, data.values[held])
        models.update(dict.fromkeys(map(str, set(data.roles[held])), model))
    likely = np.arange(len(data.right)) < len(judged.right)
    f1, at = best_f1(score[likely], data.right[likely])
    precision = average_precision(score[likely], data.right[likely])
    print(f"judged: average precision {precision:.4f}, F1 {f1:.3f} at {at:.2f}", file=sys.stderr)
    print(_reliability(score, data.right), file=sys.stderr)
    model = fit(data)
    if chosen.report:
        gold = {role: labels[role] for role in held_back}
        models = dict.fromkeys(gold, model)
    _tell(list(pairings(gold, chosen.roles, models)))
    if chosen.curve:
        _curve(judged, gold, chosen.roles)
    print("# The weights of the evidence, made by `benchmarks/alignment/fit.py`; `docs/alignment.md` says from what.")
    print("[model]")
    print("\n".join(f"{name} = {weight:.4f}" for name, weight in model.items()))


if __name__ == "__main__":
    main()
