"""Real definitions to test against, where a folder with them is at hand: `AGENTMERGE_CORPUS` or a neighbour folder."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

from agentmerge import AgentMergeError, parse
from agentmerge.model import Definition
from agentmerge.world.files import decode

ROOT = Path(__file__).parents[1]
FOLDER = Path(os.environ.get("AGENTMERGE_CORPUS", ROOT.parent / "shared" / "corpus"))


def corpus_files() -> list[Path]:
    """Every Markdown file of the corpus, sorted; none where there is no corpus."""
    return sorted(path for path in FOLDER.rglob("*.md") if path.is_file()) if FOLDER.is_dir() else []


def sample(count: int, seed: int) -> Iterator[Definition]:
    """Some readable definitions of the corpus, the same ones for a seed."""
    files = corpus_files()
    random.Random(seed).shuffle(files)
    for path in files[:count]:
        try:
            yield parse(decode(path.read_bytes(), str(path)), filename=str(path))
        except AgentMergeError:
            continue
