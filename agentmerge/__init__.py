"""Diff, merge and review variant definitions of the same AI-agent role.

from agentmerge import parse, emit, align, diff, combine, merge, drift
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentmerge.emitting import emit
    from agentmerge.errors import AgentMergeError
    from agentmerge.knowledge import Knowledge
    from agentmerge.public import align, combine, diff, drift, merge, parse
    from agentmerge.session import Session

__version__ = "0.1.0"

__all__ = [
    "AgentMergeError",
    "Knowledge",
    "Session",
    "__version__",
    "align",
    "combine",
    "diff",
    "drift",
    "emit",
    "merge",
    "parse",
]

# Each name is imported when it is first asked for, so that a command loads only what it uses.
_HOMES = {
    "AgentMergeError": "agentmerge.errors",
    "Knowledge": "agentmerge.knowledge",
    "Session": "agentmerge.session",
    "align": "agentmerge.public",
    "combine": "agentmerge.public",
    "diff": "agentmerge.public",
    "drift": "agentmerge.public",
    "emit": "agentmerge.emitting",
    "merge": "agentmerge.public",
    "parse": "agentmerge.public",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
