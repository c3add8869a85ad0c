"""Run the checks over real data and fail where a figure is below the floor that was reached before.

python3 .ci/floors.py ../shared
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.alignment.split import part

ALIGN_FLOORS = {"same": (0.67, 0.66), "contradict": (0.82, 0.82), "sections": (0.62, 0.62)}
"""F1 of a pairwise and of an N-way run, on the labelled roles that are not kept for the report."""
PRECISION_FLOORS = (0.69, 0.69)
"""Precision of `same`, pairwise and N-way: what gives a text up has a higher threshold, and guards of its own."""
MERGE_CEILINGS = {
    "resolved": {"harm": 0, "error": 0, "lost": 0, "conflict": 30},
    "vendored": {"harm": 0, "error": 0, "lost": 0, "conflict": 13},
}
COMBINE_CEILINGS = {"doubled": 39, "wrong": 9, "lost": 0}
"""Per cent of the pairs that a curator would merge and the result says twice, of the merges that are wrong, and units
that are lost, on the same roles."""
MERGE_FLOORS = {"resolved": {"exact": 49}, "vendored": {"exact": 0}}
"""Merges, of the 89 that people resolved and of the 45 of agents that two projects changed."""


def run(*command: str) -> str:
    done = subprocess.run([sys.executable, *command], capture_output=True, encoding="utf-8", check=False)
    sys.stdout.write(done.stdout + done.stderr)
    return done.stdout


def labelled(shared: Path) -> list[str]:
    """What needs labels: how well units are aligned, and what a combine makes of it."""
    with tempfile.TemporaryDirectory() as folder:
        gold = Path(folder) / "gold.json"
        labels = json.loads((shared / "gold" / "alignment.json").read_text(encoding="utf-8"))
        gold.write_text(json.dumps(part(labels, report=False)), encoding="utf-8")
        return [*_alignment(shared, gold), *_combining(shared, gold)]


def _alignment(shared: Path, gold: Path) -> list[str]:
    failures = []
    for column, flags in enumerate(([], ["--nway"])):
        check = shared / "checks" / "score_align.py"
        out = run(str(check), str(gold), str(shared / "gold" / "roles"), *flags)
        found = {name: float(f1) for name, f1 in re.findall(r"^(\w+) .*?F1 ([\d.]+)", out, re.MULTILINE)}
        precision = re.search(r"^same +precision ([\d.]+)", out, re.MULTILINE)
        if precision is None or float(precision[1]) < PRECISION_FLOORS[column]:
            failures.append(f"precision of same {' '.join(flags)} is below {PRECISION_FLOORS[column]}")
        for name, floors in ALIGN_FLOORS.items():
            if found.get(name, 0.0) < floors[column]:
                failures.append(f"alignment {name} {' '.join(flags)}: {found.get(name)} is below {floors[column]}")
    return failures


def _combining(shared: Path, gold: Path) -> list[str]:
    out = run(str(shared / "checks" / "score_combine.py"), str(gold), str(shared / "gold" / "roles"))
    row = re.search(r"^all .*\( *(?P<doubled>\d+)%\) .*\( *(?P<wrong>\d+)%\) +(?P<lost>\d+)", out, re.MULTILINE)
    if row is None:
        return ["combine: no result"]
    return [
        f"combine: {name} {row[name]} is above {most}"
        for name, most in COMBINE_CEILINGS.items()
        if int(row[name]) > most
    ]


def merges(shared: Path) -> list[str]:
    out = run(str(shared / "checks" / "score_merge.py"), str(shared / "merges"))
    failures = []
    for kind, ceilings in MERGE_CEILINGS.items():
        block = re.search(
            rf"^{kind}: \d+ merges, harm (?P<harm>\d+)\n(?:.*\n)?\s+agentmerge(?P<row>.*)", out, re.MULTILINE
        )
        if block is None:
            failures.append(f"merges {kind}: no result")
            continue
        counts = {"harm": int(block["harm"])}
        counts |= {name: int(number) for name, number in re.findall(r"(\w+) +(\d+) \(", block["row"])}
        failures += [
            f"merges {kind}: {name} {counts[name]} is above {most}"
            for name, most in ceilings.items()
            if counts[name] > most
        ]
        failures += [
            f"merges {kind}: {name} {counts[name]} is below {least}"
            for name, least in MERGE_FLOORS[kind].items()
            if counts[name] < least
        ]
    return failures


def round_trip(shared: Path) -> list[str]:
    out = run(str(shared / "checks" / "roundtrip.py"), str(shared / "corpus" / "files"))
    return [] if "broken laws 0 " in out and "refused" not in out else ["round trip: a law is broken or a file refused"]


def main() -> None:
    shared = Path(sys.argv[1])
    failures = [*labelled(shared), *merges(shared), *round_trip(shared)]
    for failure in failures:
        sys.stderr.write(f"{failure}\n")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
