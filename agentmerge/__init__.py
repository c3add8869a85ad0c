"""Diff, merge and review variant definitions of the same AI-agent role.

from agentmerge import parse, emit, align, diff, combine, merge, drift
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentmerge.aligning import align
    from agentmerge.combining import combine
    from agentmerge.diffing import diff
    from agentmerge.drifting import drift
    from agentmerge.emitting import emit
    from agentmerge.errors import AgentMergeError
    from agentmerge.merging import merge
    from agentmerge.parsing import parse

__version__ = "0.1.0"

__all__ = ["AgentMergeError", "__version__", "align", "combine", "diff", "drift", "emit", "merge", "parse"]

# Each name is imported when it is first asked for, so that a command loads only what it uses.
_HOMES = {
    "AgentMergeError": "agentmerge.errors",
    "align": "agentmerge.aligning",
    "combine": "agentmerge.combining",
    "diff": "agentmerge.diffing",
    "drift": "agentmerge.drifting",
    "emit": "agentmerge.emitting",
    "merge": "agentmerge.merging",
    "parse": "agentmerge.parsing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
