"""Make `agentmerge/data/vectors.bin`: what the words of agent files are like, from the company that they keep.

usage: PYTHONHASHSEED=0 python -m benchmarks.alignment.vectors LINES.txt agentmerge/data/vectors.bin

LINES.txt holds a line of prose on each line. The vectors are those of a skip-gram model with negative sampling
(T. Mikolov et al., Distributed representations of words and phrases, 2013) over the tokens that the aligner reads. A
text is the sum of its words, frequent ones for less, without the direction that all texts share (S. Arora, Y. Liang
and T. Ma, A simple but tough-to-beat baseline for sentence embeddings, 2017); that direction is taken out of the words
here. Needs `gensim`, which nothing else does.
"""

from __future__ import annotations

import argparse
import struct
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agentmerge.knowledge.tables import Knowledge
from agentmerge.text import lexicon
from agentmerge.text.similarity import MAGIC, WEIGHT

DIMENSIONS = 64
LEAST = 5
"""How often a token must be there."""
WINDOW = 8
EPOCHS = 10
NEGATIVE = 10
SMOOTH = 1e-3
"""Share of all tokens at which a word counts for half."""
SAMPLE = 40_000
"""Lines whose common direction is taken out."""
RANGE = 127


def sentences(path: Path) -> list[list[str]]:
    """The tokens of each line that has two or more."""
    tokens = lexicon.of(Knowledge.shipped()).tokens
    read = (tokens(line, "en") for line in path.read_text("utf-8").split("\n"))
    return [line for line in read if len(line) > 1]


def trained(lines: Sequence[Sequence[str]]) -> tuple[list[str], np.ndarray]:
    """The words, the most frequent first, and their vectors at length 1."""
    from gensim.models import Word2Vec  # type: ignore[import-not-found]

    model = Word2Vec(
        lines,
        vector_size=DIMENSIONS,
        window=WINDOW,
        min_count=LEAST,
        sg=1,
        negative=NEGATIVE,
        epochs=EPOCHS,
        sample=SMOOTH,
        workers=1,
        seed=1,
    )
    found = model.wv.vectors
    return list(model.wv.index_to_key), found / np.linalg.norm(found, axis=1, keepdims=True)


def without_common(
    words: Sequence[str], found: np.ndarray, weights: np.ndarray, lines: Sequence[Sequence[str]]
) -> np.ndarray:
    """The vectors without the direction that most lines share."""
    at = {word: number for number, word in enumerate(words)}
    sums = np.zeros((min(SAMPLE, len(lines)), found.shape[1]))
    for number, line in enumerate(lines[: len(sums)]):
        known = [at[token] for token in line if token in at]
        sums[number] = weights[known] @ found[known]
    sums /= np.maximum(1e-9, np.linalg.norm(sums, axis=1, keepdims=True))
    common = np.linalg.svd(sums, full_matrices=False)[2][0]
    return found - np.outer(found @ common, common)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("lines", type=Path)
    options.add_argument("out", type=Path)
    chosen = options.parse_args()
    lines = sentences(chosen.lines)
    counts = Counter(token for line in lines for token in line)
    words, found = trained(lines)
    shares = np.array([counts[word] for word in words]) / sum(counts.values())
    weights = SMOOTH / (SMOOTH + shares)
    rows = np.rint(without_common(words, found, weights, lines) * RANGE / np.abs(found).max()).astype(np.int8)
    vocabulary = "\n".join(words).encode()
    head = struct.pack("<4sHII", MAGIC, DIMENSIONS, len(words), len(vocabulary))
    sizes = np.maximum(1, np.rint(weights * WEIGHT)).astype(np.uint8)
    chosen.out.write_bytes(head + vocabulary + sizes.tobytes() + rows.tobytes())
    print(f"{len(words)} words, {chosen.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
