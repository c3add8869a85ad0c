"""Make `agentmerge/data/frequent.toml`: how many of the units of many definitions hold each frequent stem.

usage: python -m benchmarks.alignment.word_weights DIRECTORY > agentmerge/data/frequent.toml
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from agentmerge.errors import AgentMergeError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import walk_units
from agentmerge.reading.parsing import parse
from agentmerge.text import lexicon

WORDS = 1200
ROW = 12


def main(directory: str) -> None:
    words = lexicon.of(Knowledge.shipped())
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    for path in sorted(Path(directory).rglob("*.md")):
        try:
            definition = parse(path.read_text("utf-8"), Knowledge.shipped())
        except (AgentMergeError, UnicodeDecodeError):
            continue
        texts = {place.unit.text for place in walk_units(definition.root) if place.unit.kind not in ("code", "html")}
        if words.language(sorted(texts)) != "en":
            continue
        for text in sorted(texts - seen):
            counts.update(set(words.tokens(text, "en")))
        seen |= texts
    rows = [
        f"{token}:{round(count * 100_000 / len(seen))}"
        for token, count in sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:WORDS]
        if token.isascii() and not token.isdigit()
    ]
    print("# Units in 100,000 that hold a stem, for the stems that most definitions use. Made by benchmarks/alignment.")
    print("shares = '''")
    for start in range(0, len(rows), ROW):
        print(" ".join(rows[start : start + ROW]))
    print("'''")


if __name__ == "__main__":
    main(sys.argv[1])
