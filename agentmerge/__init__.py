"""Diff, merge and review variant definitions of the same AI-agent role.

from agentmerge import parse, emit, align, diff, combine, merge, drift
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentmerge.config import Config, read_config
    from agentmerge.diffing.records import Change, Diff
    from agentmerge.drifting.records import Drift, Finding
    from agentmerge.errors import (
        AgentMergeError,
        ConflictedError,
        EditError,
        GitError,
        InputError,
        InternalError,
        OutputError,
        PolicyError,
        TemplateError,
        UndecidedError,
    )
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.matching.records import Alignment
    from agentmerge.model import Definition, Field, Place, Section, Unit, walk_sections, walk_units
    from agentmerge.planning.records import Merged
    from agentmerge.planning.strategies import Policy, Rule
    from agentmerge.session import (
        Limits,
        Session,
        align,
        combine,
        diff,
        drift,
        insert,
        merge,
        parse,
        remove,
        replace,
        set_field,
    )
    from agentmerge.writing.emitting import emit

__version__ = "0.1.0"

__all__ = [
    "AgentMergeError",
    "Alignment",
    "Change",
    "Config",
    "ConflictedError",
    "Definition",
    "Diff",
    "Drift",
    "EditError",
    "Field",
    "Finding",
    "GitError",
    "InputError",
    "InternalError",
    "Knowledge",
    "Limits",
    "Merged",
    "OutputError",
    "Place",
    "Policy",
    "PolicyError",
    "Rule",
    "Section",
    "Session",
    "TemplateError",
    "UndecidedError",
    "Unit",
    "__version__",
    "align",
    "combine",
    "diff",
    "drift",
    "emit",
    "insert",
    "merge",
    "parse",
    "read_config",
    "remove",
    "replace",
    "set_field",
    "walk_sections",
    "walk_units",
]

# Each name is imported when it is first asked for, so that a command loads only what it uses.
_HOMES = {
    "AgentMergeError": "agentmerge.errors",
    "Alignment": "agentmerge.matching.records",
    "Change": "agentmerge.diffing.records",
    "Config": "agentmerge.config",
    "ConflictedError": "agentmerge.errors",
    "Definition": "agentmerge.model",
    "Diff": "agentmerge.diffing.records",
    "Drift": "agentmerge.drifting.records",
    "EditError": "agentmerge.errors",
    "Field": "agentmerge.model",
    "Finding": "agentmerge.drifting.records",
    "GitError": "agentmerge.errors",
    "InputError": "agentmerge.errors",
    "InternalError": "agentmerge.errors",
    "Knowledge": "agentmerge.knowledge.tables",
    "Limits": "agentmerge.session",
    "Merged": "agentmerge.planning.records",
    "OutputError": "agentmerge.errors",
    "Place": "agentmerge.model",
    "Policy": "agentmerge.planning.strategies",
    "PolicyError": "agentmerge.errors",
    "Rule": "agentmerge.planning.strategies",
    "Section": "agentmerge.model",
    "Session": "agentmerge.session",
    "TemplateError": "agentmerge.errors",
    "UndecidedError": "agentmerge.errors",
    "Unit": "agentmerge.model",
    "align": "agentmerge.session",
    "combine": "agentmerge.session",
    "diff": "agentmerge.session",
    "drift": "agentmerge.session",
    "emit": "agentmerge.writing.emitting",
    "insert": "agentmerge.session",
    "merge": "agentmerge.session",
    "parse": "agentmerge.session",
    "read_config": "agentmerge.config",
    "remove": "agentmerge.session",
    "replace": "agentmerge.session",
    "set_field": "agentmerge.session",
    "walk_sections": "agentmerge.model",
    "walk_units": "agentmerge.model",
}

if not TYPE_CHECKING:
    # A checker would take any name for one of ours.
    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
