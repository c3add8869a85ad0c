"""What was read before in a process changes no result: the caches only save time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import align, combine, parse
from agentmerge.knowledge.tables import Knowledge
from tests.matching.variants import roles


def told(texts: list[str], knowledge: Knowledge | None = None) -> tuple[str, str, str]:
    """All that is said of some variants."""
    definitions = [parse(text, knowledge=knowledge) for text in texts]
    alignment, merged = align(definitions, knowledge=knowledge), combine(definitions, knowledge=knowledge)
    return repr((alignment.units, alignment.sections)), merged.text, repr(merged.ledger)


@given(roles(3), st.lists(roles(3), max_size=2), st.booleans())
@settings(max_examples=15, deadline=None)
def test_result__does_not_depend_on_what_was_read_before(
    texts: list[str], before: list[list[str]], other_tables: bool
) -> None:
    fresh, used = told(texts, Knowledge()), Knowledge()
    for others in before:
        told(others, used)
    told(texts[::-1], used)
    if other_tables:
        told(texts, Knowledge({"concepts": {"own": {"cache": "test, log"}}}))
    assert told(texts, used) == fresh
    assert told(texts) == fresh


def test_tables__of_a_users_own_leave_no_trace() -> None:
    texts = ["# A\n\n- Use a wobbler\n- Test the cache\n", "# A\n\n- Use a flurb\n- Log the cache\n"]
    plain = told(texts)
    extended = told(texts, Knowledge({"concepts": {"own": {"wobbler": "flurb"}}}))
    assert extended != plain
    assert told(texts) == plain
