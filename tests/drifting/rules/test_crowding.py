"""Too much alike to compare all of it: told once, wherever that was noticed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentmerge import parse
from agentmerge.diffing.comparing import diff
from agentmerge.drifting.registry import compare
from agentmerge.drifting.rules.crowding import crowding
from agentmerge.matching.aligning import align
from tests.shipped import SHIPPED

A, B = parse("# Role\n\n- Read\n"), parse("# Role\n\n- Write\n")


@pytest.mark.parametrize("where", ["nowhere", "sentences", "matching", "alignment"])
def test_crowded__is_told_once(where: str) -> None:
    found = diff(A, B, SHIPPED)
    if where == "matching":
        found = replace(found, matching=found.matching._replace(crowded=True))
    comparison = compare(found, SHIPPED, replace(align([A, B], SHIPPED), crowded=where == "alignment"))
    if where == "sentences":
        comparison = replace(comparison, sentences=replace(comparison.sentences, crowded=True))
    told = [(one.rule, one.severity) for one in crowding(comparison)]
    assert told == ([] if where == "nowhere" else [("not-compared", "warning")])
