"""Which labelled roles serve for fitting and choosing, and which for the report alone.

The draw is by a hash of the role's name, so that nobody chose; report roles are scored once a release, and nobody
looks into what is wrong on them. `python -m benchmarks.alignment.split GOLD.json [--report]` prints the part.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

REPORT = 4
"""Roles that are kept for the report."""
TOO_FEW = frozenset({"database-administrator"})
"""Roles with so few certain pairs that they say nothing about recall."""


def report_roles(names: Iterable[str]) -> frozenset[str]:
    """The roles of the report: those whose names have the lowest hashes."""
    drawn = sorted(set(names) - TOO_FEW, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return frozenset(drawn[:REPORT])


def part(gold: dict[str, object], *, report: bool) -> dict[str, object]:
    """The labels of one part: of the report roles, or of all others."""
    held = report_roles(gold)
    return {name: labels for name, labels in gold.items() if (name in held) == report}


def main(arguments: list[str]) -> None:
    """Print the labels of one part as JSON."""
    gold = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    print(json.dumps(part(gold, report="--report" in arguments)))


if __name__ == "__main__":
    main(sys.argv[1:])
