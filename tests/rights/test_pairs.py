"""What two frontmatters grant, on every host: which way it goes and how much that weighs."""

from __future__ import annotations

import pytest

from agentmerge import diff, drift, parse
from agentmerge.model import Definition
from agentmerge.rights.comparing import moves
from tests.rights.pairs import PAIRS, Pair
from tests.shipped import SHIPPED

ORDER = ("info", "warning", "breaking")


def _definition(field: str, host: str) -> Definition:
    return parse(f"---\nname: a\ndescription: d\n{field.rstrip()}\n---\n# Role\n\nRead the code.\n", dialect=host)


def _sides(pair: Pair) -> tuple[Definition, Definition]:
    return _definition(pair.before, pair.host), _definition(pair.after, pair.to or pair.host)


def _told(pair: Pair) -> tuple[tuple[str, str], ...]:
    """Each direction once, with its most serious severity."""
    found: dict[str, str] = {}
    for move in moves(*_sides(pair), SHIPPED):
        if move.is_certain:
            worse = max(found.get(move.direction, "info"), move.severity, key=ORDER.index)
            found[move.direction] = worse
    return tuple(sorted(found.items(), reverse=True))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.host}: {pair.before!r} -> {pair.after!r}")
def test_pair__direction_and_severity(pair: Pair) -> None:
    assert _told(pair) == tuple(sorted(pair.told, reverse=True))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.host}: {pair.before!r} -> {pair.after!r}")
def test_pair__diff_and_drift_say_the_same(pair: Pair) -> None:
    a, b = _sides(pair)
    found = [one for one in drift([a, b]).findings if one.rule.startswith("permission")]
    changes = [one for one in diff(a, b) if one.path.startswith("frontmatter") and "permission" in one.note]
    assert {one.rule.removeprefix("permission-") for one in found} == {
        word for one in changes for word in ("widened", "narrowed") if word in one.note
    }
    assert _worst([one.severity for one in found]) == _worst([one.severity for one in changes])


def _worst(severities: list[str]) -> str:
    return max(severities, key=ORDER.index, default="")


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.host}: {pair.before!r} -> {pair.after!r}")
def test_pair__nothing_changes_against_itself(pair: Pair) -> None:
    for side in _sides(pair):
        assert moves(side, side, SHIPPED) == ()


def test_table_is_large_and_covers_every_host() -> None:
    hosts = {pair.host for pair in PAIRS} | {pair.to for pair in PAIRS}
    assert len(PAIRS) >= 120
    assert hosts >= {name for name, one in SHIPPED.dialects.items() if one.fields} - {"cline", "codex"}
