"""The count of guardrails that a combine lost can fail, and finds none lost where a result holds them."""

from __future__ import annotations

from dataclasses import replace

from agentmerge import combine, parse
from benchmarks.guardrails import lost

A = "# R\n\n- Never delete the archive of payments.\n- Always ask the owner before a release.\n- Read the diff.\n"
B = "# R\n\n- Read the diff.\n- You must not approve your own change.\n"


def test_lost__counts_what_is_nowhere() -> None:
    merged = combine([parse(A), parse(B)])
    assert lost([A, B], merged) == (3, [])
    weaker = replace(merged, text=merged.text.replace("must not approve", "approve"), conflicts=(), findings=())
    assert lost([A, B], weaker) == (3, ["- You must not approve your own change."])
    shorter = replace(merged, text=merged.text.replace("- Never delete the archive of payments.\n", ""))
    assert lost([A, B], shorter) == (3, ["- Never delete the archive of payments."])
