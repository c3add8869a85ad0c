"""What was read before in a process changes no result: the caches only save time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import align, combine, parse, tables
from tests.aligning.variants import roles


def told(texts: list[str]) -> tuple[str, str, str]:
    """All that is said of some variants."""
    definitions = [parse(text) for text in texts]
    alignment, merged = align(definitions), combine(definitions)
    return repr((alignment.units, alignment.sections)), merged.text, repr(merged.ledger)


@given(roles(3), st.lists(roles(3), max_size=2), st.booleans())
@settings(max_examples=15, deadline=None)
def test_result__does_not_depend_on_what_was_read_before(
    texts: list[str], before: list[list[str]], other_tables: bool
) -> None:
    with tables.using({}):
        fresh = told(texts)
    with tables.using({}):
        for others in before:
            told(others)
        told(texts[::-1])
        if other_tables:
            with tables.using({"concepts": {"own": {"cache": "test, log"}}}):
                told(texts)
        assert told(texts) == fresh
    assert told(texts) == fresh


def test_tables__of_a_users_own_leave_no_trace() -> None:
    texts = ["# A\n\n- Use a wobbler\n- Test the cache\n", "# A\n\n- Use a flurb\n- Log the cache\n"]
    plain = told(texts)
    with tables.using({"concepts": {"own": {"wobbler": "flurb"}}}):
        extended = told(texts)
    assert extended != plain
    assert told(texts) == plain
