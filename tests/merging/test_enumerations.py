"""Names listed in a sentence are merged as the set that they are."""

from __future__ import annotations

import pytest

from agentmerge import parse
from agentmerge.merging.engine import merge
from tests.shipped import SHIPPED

BASE = "Keys that can be unset are `a`, `b`, and `c` for each user of the service."
LISTS = {
    "both add at one place": ("`a`, `b`, `d`, and `c`", "`a`, `b`, `e`, and `c`", "`a`, `b`, `d`, `e`, and `c`"),
    "one adds, one takes out": ("`a`, `b`, `d`, and `c`", "`a` and `c`", "`a`, `d`, and `c`"),
    "both take out": ("`b`, and `c`", "`a`, and `c`", None),
    "one takes out, one changes the joint": ("`a` and `c`", "`a`, `b`, or `c`", None),
    "both add the same": ("`a`, `b`, `d`, and `c`", "`a`, `d`, and `c`", "`a`, `d`, and `c`"),
}


@pytest.mark.parametrize("name", LISTS)
def test_list_of_names__comes_to(name: str) -> None:
    old = "`a`, `b`, and `c`"
    ours, theirs, wanted = LISTS[name]
    for one, two in ((ours, theirs), (theirs, ours)):
        texts = (parse(f"# A\n\n{BASE.replace(old, new)}\n") for new in (old, one, two))
        merged = merge(next(texts), next(texts), next(texts), SHIPPED)
        assert bool(merged.open_conflicts) == (wanted is None)
        if wanted is not None:
            assert merged.text == f"# A\n\n{BASE.replace(old, wanted)}\n"


def test_sentence_turned_round__is_no_place_for_a_name() -> None:
    base = "# A\n\nAlways take `a`, `b`, and `c` for each user of the service.\n"
    ours = base.replace("Always", "Never").replace("`b`,", "`b`, `d`,")
    merged = merge(parse(base), parse(ours), parse(base.replace("`b`,", "`b`, `e`,")), SHIPPED)
    assert merged.open_conflicts
