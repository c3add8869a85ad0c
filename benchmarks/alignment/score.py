"""Score the alignment against hand-made labels, role by role, and cross-validate its thresholds by role.

usage: python -m benchmarks.alignment.score CORPUS [--cross] [--nway] [--wrong KIND]

CORPUS holds the labelled files as <owner>+<name>/<path>; `labels.json` names them by checksum and lines alone.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching import constants
from agentmerge.matching.aligning import align
from agentmerge.matching.records import Alignment, Group
from agentmerge.model import Definition
from agentmerge.reading.parsing import parse

KINDS = ("same", "sections", "contradict")
Labels = Mapping[str, Any]
Pairs = set[tuple[int, int]]


def load(corpus: Path) -> tuple[Labels, dict[str, list[Definition]]]:
    """The labels, and the definitions that they speak of."""
    labels: Labels = json.loads(Path(__file__).with_name("labels.json").read_text("utf-8"))
    definitions: dict[str, list[Definition]] = {}
    for role, row in labels.items():
        for file in row["files"]:
            raw = (corpus / file["repository"].replace("/", "+") / file["path"]).read_bytes()
            if hashlib.sha256(raw).hexdigest() != file["sha256"]:
                raise SystemExit(f"{file['path']} of {file['repository']} is not the file that was labelled")
            definitions.setdefault(role, []).append(parse(raw.decode("utf-8"), Knowledge.shipped()))
    return labels, definitions


def found(alignment: Alignment, kind: str, first: int, second: int) -> Pairs:
    """Pairs of lines of two files that the alignment reports."""
    groups: Iterable[Group] = alignment.sections if kind == "sections" else alignment.units
    relations = {"same": {"same", "covers"}, "sections": {"same", "overlap"}, "contradict": {"contradicts"}}[kind]
    return {
        (a.line, b.line)
        for group in groups
        if group.relation in relations
        for a, b in itertools.product(group.members, repeat=2)
        if (a.file, b.file) == (first, second) and (group.cover is None or group.cover in (a.key, b.key))
    }


def count(role: Labels, definitions: Sequence[Definition], *, nway: bool, wrong: str = "") -> Counter[tuple[str, str]]:
    """Hits, reported and certain pairs of one role."""
    counts: Counter[tuple[str, str]] = Counter()
    whole = align(definitions, Knowledge.shipped()) if nway else None
    for name, kinds in role["pairs"].items():
        i, j = (int(number) - 1 for number in name.split("-"))
        alignment = whole or align([definitions[i], definitions[j]], Knowledge.shipped())
        for kind in kinds.keys() & set(KINDS):
            core, allowed = ({tuple(pair) for pair in kinds[kind][key]} for key in ("core", "any"))
            hits = found(alignment, kind, *((i, j) if nway else (0, 1)))
            counts[kind, "right"] += len(hits & allowed)
            counts[kind, "reported"] += len(hits)
            counts[kind, "found"] += len(hits & core)
            counts[kind, "certain"] += len(core)
            if kind == wrong:
                for mark, pairs in (("wrong", hits - allowed), ("missed", core - hits)):
                    for a, b in sorted(pairs):
                        texts = (definitions[i].text.split("\n")[a - 1], definitions[j].text.split("\n")[b - 1])
                        print(f"  {mark:6} {name} {a}-{b}: {texts[0].strip()[:80]} || {texts[1].strip()[:80]}")
    return counts


def figures(counts: Counter[tuple[str, str]], kind: str) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    reported, certain = counts[kind, "reported"], counts[kind, "certain"]
    precision = counts[kind, "right"] / reported if reported else float(not certain)
    recall = counts[kind, "found"] / certain if certain else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def show(name: str, counts: Counter[tuple[str, str]]) -> None:
    row = "  ".join(f"{kind} " + "/".join(f"{figure:.2f}" for figure in figures(counts, kind)) for kind in KINDS)
    print(f"{name:28} {row}   ({counts['same', 'reported']} of {counts['same', 'certain']} same)")


def cross(labels: Labels, definitions: Mapping[str, Sequence[Definition]]) -> None:
    """Choose the thresholds on all roles but one, and report that one."""
    grid = [{"SAME": same, "LINK": same - 0.05} for same in (0.35, 0.40, 0.45, 0.50, 0.55, 0.60)]
    results: defaultdict[int, dict[str, Counter[tuple[str, str]]]] = defaultdict(dict)
    for number, setting in enumerate(grid):
        for name, value in setting.items():
            setattr(constants, name, value)
        for role in labels:
            results[number][role] = count(labels[role], definitions[role], nway=False)
    for left_out in labels:

        def quality(number: int, left_out: str = left_out) -> float:
            rest = sum((results[number][role] for role in labels if role != left_out), Counter[tuple[str, str]]())
            return figures(rest, "same")[2]

        best = max(range(len(grid)), key=quality)
        show(f"{left_out} at {grid[best]['SAME']:.2f}", results[best][left_out])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus", type=Path)
    options.add_argument("--cross", action="store_true", help="thresholds from the other roles")
    options.add_argument("--nway", action="store_true", help="all variants of a role at once")
    options.add_argument("--wrong", choices=KINDS, default="", help="list what is wrong and what is missed")
    options.add_argument("--role", action="append", help="only this role")
    chosen = options.parse_args()
    labels, definitions = load(chosen.corpus)
    if chosen.cross:
        cross(labels, definitions)
        return
    totals: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for role, row in labels.items():
        if not chosen.role or role in chosen.role:
            counts = count(row, definitions[role], nway=chosen.nway, wrong=chosen.wrong)
            show(f"{role} ({row['use']})", counts)
            totals[row["use"]].update(counts)
    for use, counts in totals.items():
        show(f"all of {use}", counts)


if __name__ == "__main__":
    main()
