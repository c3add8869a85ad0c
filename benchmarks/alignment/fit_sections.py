"""Fit the model of sections on hand-made alignments, and say what it is worth on roles that took no part.

usage: python -m benchmarks.alignment.fit_sections ALIGNMENT.json ROLES

Prints the table `sections` for `agentmerge/data/alignment.toml`; the report roles take no part. Figures go to standard
error: F1 of section pairs, each role scored by a model that saw the others.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.aligning import align, judged
from agentmerge.matching.sections import SectionEvidence
from benchmarks.alignment.fit import MAYBE, SHIPPED, Row, fit, read, table
from benchmarks.alignment.split import report_roles

NAMES = SectionEvidence._fields
RIDGE = 10.0


class Labelled(NamedTuple):
    """Two files with the labels of their sections."""

    role: str
    files: tuple[Any, Any]
    core: frozenset[tuple[int, int]]
    allowed: frozenset[tuple[int, int]]


def labelled(gold: Mapping[str, Any], roles: Path) -> Iterator[Labelled]:
    for role, pairs in gold.items():
        files = read(roles / role)
        for name, kinds in pairs.items():
            if "sections" in kinds:
                i, j = map(int, name.split("-"))
                core, allowed = (frozenset((a, b) for a, b in kinds["sections"][key]) for key in ("core", "any"))
                yield Labelled(role, (files[i], files[j]), core, allowed)


def rows(data: Labelled) -> Iterator[Row]:
    """What the model sees of each pair of sections."""
    comparison = judged(data.files, SHIPPED)
    for (a, b), (_, evidence) in comparison.sections.rows().items():
        lines = tuple(comparison.sections.sectors[number].member.line for number in (a, b))
        weight = MAYBE if lines in data.allowed and lines not in data.core else 1.0
        yield Row(data.role, evidence, lines in data.allowed, weight)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("alignment", type=Path)
    options.add_argument("roles", type=Path)
    chosen = options.parse_args()
    gold = json.loads(chosen.alignment.read_text("utf-8"))
    held_back = report_roles(gold)
    files = list(labelled({role: row for role, row in gold.items() if role not in held_back}, chosen.roles))
    data = table([row for one in files for row in rows(one)])
    reported = right = hit = certain = 0
    for role in sorted({one.role for one in files}):
        model = fit(data.part(data.roles != role), NAMES, RIDGE)
        knowledge = Knowledge({"alignment": {"sections": model}})
        for one in (one for one in files if one.role == role):
            groups = align(one.files, knowledge).sections
            told = {(group.members[0].line, group.members[1].line) for group in groups}
            reported, right = reported + len(told), right + len(told & one.allowed)
            hit, certain = hit + len(told & one.core), certain + len(one.core)
    precision, recall = right / reported, hit / certain
    f1 = 2 * precision * recall / (precision + recall)
    print(f"left out: {precision:.3f}/{recall:.3f}/{f1:.3f}", file=sys.stderr)
    print("\n[sections]")
    print("\n".join(f"{name} = {weight:.4f}" for name, weight in fit(data, NAMES, RIDGE).items()))


if __name__ == "__main__":
    main()
