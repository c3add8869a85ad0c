"""What a definition may do on its host, computed from all its fields, and the one algebra in which rights compare.

rights = effective(definition, knowledge)        # capability -> deny, ask, allow, each by patterns of arguments
compare(before, after, knowledge)                # what is wider or narrower, by capability, with tier and severity
covers(wide, narrow), meet(one, two, ...)        # a partial order and its greatest lower bound
beyond(wide, narrow)                             # what keeps one from covering the other, by name
spell(rights, host, knowledge)                   # back into a host's names, never wider
"""

from agentmerge.rights.comparing import beyond, compare, covers, is_out_of_reach, meet, shift
from agentmerge.rights.joining import Least, least_field, united_field
from agentmerge.rights.lists import DENIED, in_force, is_absent, members, names, spaced_names, spelt
from agentmerge.rights.models import Model, ModelStep, model, model_step
from agentmerge.rights.patterns import Extent, Level
from agentmerge.rights.reading import effective, rights_of
from agentmerge.rights.records import Change, Direction, Guard, Rights, Shift
from agentmerge.rights.spelling import common, includes, is_same_tool, spell, too_wide
from agentmerge.rights.telling import Hosts, Move, field_changes, field_shift, is_right, moves, same_value
from agentmerge.rights.vocabulary import bare_tools, has_form, server_tool

__all__ = [
    "DENIED",
    "Change",
    "Direction",
    "Extent",
    "Guard",
    "Hosts",
    "Least",
    "Level",
    "Model",
    "ModelStep",
    "Move",
    "Rights",
    "Shift",
    "bare_tools",
    "beyond",
    "common",
    "compare",
    "covers",
    "effective",
    "field_changes",
    "field_shift",
    "has_form",
    "in_force",
    "includes",
    "is_absent",
    "is_out_of_reach",
    "is_right",
    "is_same_tool",
    "least_field",
    "meet",
    "members",
    "model",
    "model_step",
    "moves",
    "names",
    "rights_of",
    "same_value",
    "server_tool",
    "shift",
    "spaced_names",
    "spell",
    "spelt",
    "too_wide",
    "united_field",
]
