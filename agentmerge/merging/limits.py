"""What a merge by structure may cost, in counted work rather than in time: a result must not depend on the machine."""

from __future__ import annotations

MAX_LINES = 4_000
"""Lines of a file above which only lines are merged; the longest definitions that we know have 3,400."""

MAX_COMPARISONS = 20_000
"""Comparisons of two nodes by their words, for one pair of files."""


class UnresolvableError(Exception):
    """The three trees contradict each other in a way that has no place for a small conflict, or cost too much."""
