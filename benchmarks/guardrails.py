"""Whether every guardrail of every source stands in a combine as strong as in its source, counted by another reader.

python -m benchmarks.guardrails FOLDER [--number 60] [--seed 1]

Of files with one name in FOLDER, or two at random, combines are made; a line of a source that forbids, demands or asks
first has to stand in the result with its words and a word of the same force, or in a conflict, or in a finding. The
reader is a handful of expressions over plain lines: it shares nothing with the code that combines.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from agentmerge import AgentMergeError, combine, parse
from agentmerge.planning.records import Merged

FORCES = {
    "forbids": r"\b(?:never|do not|don['’]t|must not|mustn['’]t|may not|cannot|can['’]t|should not|shouldn['’]t"
    r"|shall not|avoid|forbidden|prohibited|not allowed|refuse|under no circumstances)\b|❌|🚫",
    "demands": r"\b(?:must|always|required|mandatory|shall|at all times|no exceptions)\b",
    "asks": r"\b(?:ask|confirm|approv\w+|permission|consent)\b[^.]*\b(?:before|first|user|owner)\b",
}
_FORCES = {force: re.compile(pattern, re.IGNORECASE) for force, pattern in FORCES.items()}
_MARKS = re.compile(r"\A\s*(?:[-*+>]|\d+[.)]|#+)?\s*(?:\[[ xX]\])?\s*")
_WORD = re.compile(r"[^\W_]{2,}")
SHARE = 0.8
"""Share of the words of a guardrail that a line of the result has to have."""


def lines_of(text: str) -> Iterator[str]:
    """The lines of a file without fences and what stands in them, and without its fields."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text.replace("\r\n", "\n"), flags=re.DOTALL)
    fence = ""
    for line in text.split("\n"):
        mark = re.match(r"\s*(`{3,}|~{3,})", line)
        if mark and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence and line.strip():
            yield line


def forces(line: str) -> set[str]:
    return {force for force, pattern in _FORCES.items() if pattern.search(line)}


def words(line: str) -> Counter[str]:
    return Counter(word.lower() for word in _WORD.findall(_MARKS.sub("", line)))


class Said:
    """Lines by their words."""

    def __init__(self, texts: list[str]) -> None:
        self.lines = [(words(line), forces(line)) for text in texts for line in text.split("\n")]
        self.by_word: dict[str, set[int]] = defaultdict(set)
        for number, (bag, _) in enumerate(self.lines):
            for word in bag:
                self.by_word[word].add(number)

    def holds(self, line: str) -> bool:
        wanted, force = words(line), forces(line)
        votes: Counter[int] = Counter()
        for word, count in wanted.items():
            for number in self.by_word.get(word, ()):
                votes[number] += min(count, self.lines[number][0][word])
        enough = SHARE * wanted.total()
        return any(votes[n] >= enough and force <= self.lines[n][1] for n in votes)


def lost(texts: list[str], merged: Merged) -> tuple[int, list[str]]:
    """How many guardrails the sources have, and those that are nowhere."""
    told = [member.text for conflict in merged.conflicts for member in conflict.members]
    told += [source.text for notice in merged.findings for source in notice.sources]
    told += [notice.message for notice in merged.findings]
    said = Said([merged.text, *told])
    guardrails = [line for text in texts for line in lines_of(text) if forces(line) and words(line).total() > 2]
    return len(guardrails), [line for line in guardrails if not said.holds(line)]


def groups(folder: Path, number: int, seed: int) -> Iterator[list[Path]]:
    """Files with one name, then pairs at random."""
    chosen = random.Random(seed)
    files = sorted(path for path in folder.rglob("*.md") if path.stat().st_size < 60_000)
    named: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        named[path.name.lower()].append(path)
    alike = [paths[:3] for name, paths in sorted(named.items()) if len(paths) > 1 and name != "readme.md"]
    chosen.shuffle(alike)
    yield from alike[: number * 3 // 4]
    for _ in range(number - min(len(alike), number * 3 // 4)):
        yield chosen.sample(files, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--number", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    made = total = missing = 0
    for paths in groups(arguments.folder, arguments.number, arguments.seed):
        texts = [path.read_text("utf-8", errors="replace") for path in paths]
        try:
            merged = combine([parse(text, filename=path.name) for text, path in zip(texts, paths, strict=True)])
        except AgentMergeError as error:
            print(f"- {paths[0]}: {error}")
            continue
        count, gone = lost(texts, merged)
        made, total, missing = made + 1, total + count, missing + len(gone)
        for line in gone:
            print(f"! {' '.join(path.name for path in paths)}: {line.strip()[:160]}")
    print(f"{made} combines, {total} guardrails, {missing} not found")


if __name__ == "__main__":
    main()
