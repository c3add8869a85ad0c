"""How long a prompt is, and whether that changed much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from agentmerge.diffing.records import Spot
from agentmerge.drifting.records import NO_WORDS, Finding
from agentmerge.drifting.registry import Comparison, rule
from agentmerge.model import Definition, per_definition

LETTERS_PER_TOKEN = 6
"""Letters of an alphabetic word that make one token; a mark or a character of a script without blanks is one."""

_ASCII_PIECE = re.compile(r"[A-Za-z]+|\d{1,3}|[^\s\w]|\w")


@cache
def _piece() -> re.Pattern[str]:
    """The same for every script; compiled late, because the ranges take as long as a review of a short file."""
    return re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|\d{1,3}|[^\s\w]|\w")


def tokens(text: str) -> int:
    """About how many tokens a model reads: an estimate without a vocabulary, within some 15 % for English prose."""
    return sum(
        -(-len(piece) // LETTERS_PER_TOKEN) for piece in (_ASCII_PIECE if text.isascii() else _piece()).findall(text)
    )


@per_definition
def _length(definition: Definition) -> int:
    return tokens(definition.text)


@rule("tokens", order=130)
def size(comparison: Comparison) -> Iterator[Finding]:
    """One finding where the length changed by more than the table of settings allows."""
    limits = comparison.knowledge.raw("review")["size"]
    before, after = _length(comparison.a), _length(comparison.b)
    if abs(after - before) >= max(limits["tokens"], limits["share"] * max(before, 1)):
        share = f"{(after - before) / before:+.0%}" if before else "new"
        spots = Spot(0, 1, f"about {before} tokens"), Spot(1, 1, f"about {after} tokens")
        yield comparison.finding(
            "tokens", f"about {before} tokens became about {after} ({share})", "", *spots, owns=NO_WORDS
        )
