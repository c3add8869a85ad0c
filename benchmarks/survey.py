"""A survey of a collection of known truth: time, memory, and what it found of what is there.

    python -m benchmarks.survey COLLECTION [JOBS...]

COLLECTION is what `benchmarks.collections` made. Times are told as they are and as ratios: to the time that this
machine takes for a fixed piece of work in one process, so that runs of different days compare. Bounds on two idle
cores: 2,000 files in 10 s, 13,000 in 60 s, below 1 GB.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from zlib import crc32

EXACT = ("copied", "renamed", "hosted", "laid out")
NEAR = ("touched", "extended")


def unit() -> float:
    """Seconds of a fixed piece of plain work."""
    start = time.perf_counter()
    for number in range(1_000_000):
        crc32(number.to_bytes(8, "big"))
    return time.perf_counter() - start


def run(collection: Path, jobs: int, cache: str | None) -> tuple[float, float, dict[str, Any]]:
    """Seconds, megabytes of all processes at most, and the data of one survey."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "survey.json"
        command = [sys.executable, "-m", "agentmerge", "survey", str(collection), "--format", "json", "-o", str(out)]
        command += ["-j", str(jobs), *([] if cache else ["--no-cache"])]
        environment = {**os.environ, "XDG_CACHE_HOME": cache or folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environment)
        most = 0.0
        while process.poll() is None:
            most = max(most, _memory(process.pid))
            time.sleep(0.1)
        seconds = time.perf_counter() - start
        if process.returncode:
            raise SystemExit(process.returncode)
        return seconds, most, json.loads(out.read_text("utf-8"))


def _memory(pid: int) -> float:
    """Megabytes of a process and those that it started; 0 where the system does not tell."""
    try:
        own = sum(int(row.split()[1]) for row in Path(f"/proc/{pid}/status").read_text().split("\n") if "VmRSS" in row)
        others = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    return own / 1024 + sum(_memory(int(other)) for other in others)


def families_of(data: dict[str, Any], root: Path) -> dict[str, int]:
    """The family of each file, by its path below the collection."""
    names = [str(Path(row["file"]).relative_to(root)) for row in data["files"]]
    return {
        names[member]: number
        for number, one in enumerate(data["families"])
        for member in [*one["members"], *(n for others in one["mirrors"].values() for n in others)]
    }


def judge(data: dict[str, Any], truth: dict[str, tuple[str, str]], root: Path, kin: dict[str, int]) -> None:
    """Print precision of pairs, and recall by how a file was made.

    Some files of the source are kin: `kin` is the family of each of those, by a survey of them alone.
    """
    names = [str(Path(row["file"]).relative_to(root)) for row in data["files"]]
    first = {number: name for name, (number, kind) in truth.items() if kind == "origin"}
    line = {name: kin.get(first[number], f"alone {number}") for name, (number, _) in truth.items()}
    family = families_of(data, root)
    kin_of: defaultdict[int, set[object]] = defaultdict(set)
    for name in set(first.values()) & family.keys():
        kin_of[family[name]].add(line[name])
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    missed = []
    for name, (number, kind) in truth.items():
        if kind != "origin":
            total[kind] += 1
            same = name in family and (family[name] == family.get(first[number]) or line[name] in kin_of[family[name]])
            found[kind] += same
            missed += [] if same or kind == "forked" else [name]
    print("recall:", ", ".join(f"{kind} {found[kind] / total[kind]:.4f}" for kind in total), "missed:", missed[:6])
    pairs = [(p["class"], names[p["a"]], names[p["b"]]) for one in data["families"] for p in one["pairs"]]
    textual = [row for row in pairs if row[0] not in ("boilerplate", "same-role", "translation")]
    right = [line[a] == line[b] for _, a, b in textual]
    share, top = sum(right) / max(1, len(right)), sum(right[:50]) / max(1, len(right[:50]))
    print(f"pairs: {len(pairs)}, of copies {len(textual)}; precision {share:.4f}, of the first 50 {top:.2f}")
    classes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for klass, a, b in pairs:
        kinds = (truth[a][1], truth[b][1])
        if truth[a][0] == truth[b][0] and "origin" in kinds:
            classes[kinds[kinds[0] == "origin"]][klass] += 1
    for made_as, row in sorted(classes.items()):
        print(f"  {made_as}: {dict(row.most_common())}")


def main() -> None:
    root = Path(sys.argv[1])
    truth = {name: (row[0], row[1]) for name, row in json.loads((root / "truth.json").read_text("utf-8")).items()}
    jobs = [int(text) for text in sys.argv[2:]] or [2]
    once = unit()
    texts = set()
    data: dict[str, Any] = {}
    for number in jobs:
        with tempfile.TemporaryDirectory() as cache:
            for state in ("cold", "warm"):
                seconds, memory, data = run(root, number, cache)
                texts.add(json.dumps(data))
                ratio = f"{seconds:.1f} s = {seconds / once:.0f} units of {once:.2f} s"
                print(f"{len(truth)} files, {number} processes, {state}: {ratio}; {memory:.0f} MB")
    print("same bytes in all runs:", len(texts) == 1)
    _, _, origins = run(root / "set-00", jobs[0], None)
    judge(data, truth, root, families_of(origins, root))


if __name__ == "__main__":
    main()
