"""A session reads a configuration once, and owns what was read under it."""

from __future__ import annotations

import gc
import weakref

import pytest

from agentmerge import Knowledge, Session, combine
from agentmerge.config import read_config
from agentmerge.session import Limits
from agentmerge.text.lexicon import Lexicon

A = "# A\n\n## Rules\n\n- Never delete the log\n- Feed the zorblax every day\n- Wash hands\n"
B = "# A\n\n## Rules\n\n- Feed the quuxling every day\n- Close doors\n"
CONFIG = """
strategy: intersection
quorum: 2
prefer: [b.md]
merge: {"**": theirs}
drift: {severity: {guardrail-removed: info}}
tables: {concepts: {own: {zorblax: quuxling}}}
"""


@pytest.fixture
def session() -> Session:
    return Session(read_config(CONFIG, "c.yaml"))


def test_without_a_configuration_it_is_the_plain_library() -> None:
    plain = Session()
    assert plain.knowledge is Knowledge.shipped()
    assert plain.combine([plain.parse(A), plain.parse(B)]).text.count("- ") > 3
    assert Session(knowledge=Knowledge({})).knowledge is not Knowledge.shipped()


def test_the_configuration_counts_in_every_function(session: Session) -> None:
    a, b = session.parse(A, filename="a.md"), session.parse(B, filename="b.md")
    same = [group for group in session.align([a, b]).units if group.relation == "same"]
    assert {member.text for group in same for member in group.members} == {
        "Feed the zorblax every day",
        "Feed the quuxling every day",
    }
    severities = {found.rule: found.severity for found in session.drift([a, b]).findings}
    assert severities["guardrail-removed"] == "info"
    # Both say it, in two words that the tables call one, and the second file comes first.
    assert "- Feed the quuxling every day\n" in session.combine([a, b]).text
    assert "Wash hands" not in session.combine([a, b]).text
    base = session.parse(A.replace("Wash hands", "Wash feet"))
    theirs = session.parse(A.replace("Wash hands", "Wash both"))
    merged = session.merge(base, a, theirs)
    assert "- Wash both\n" in merged.text
    assert not merged.open_conflicts
    assert session.diff(a, b).changes


def test_a_text_that_is_read_again_is_the_same_definition(session: Session) -> None:
    assert session.parse(A) is session.parse(A)
    assert session.parse(A) is not session.parse(A, filename="a.md")


def test_what_was_read_is_bounded_and_can_be_dropped() -> None:
    session = Session(limits=Limits(definitions=2))
    first = session.parse("# 1\n")
    session.parse("# 2\n")
    assert session.parse("# 1\n") is first
    session.parse("# 3\n")
    assert session.parse("# 1\n") is first
    gone = weakref.ref(first)
    session.align([session.parse(A), session.parse(B)])
    assert session.knowledge.derived(Lexicon)._tokens
    session.forget()
    assert not session.knowledge.derived(Lexicon)._tokens
    assert session.parse("# 1\n") is not first
    del first
    gc.collect()
    assert gone() is None


def test_a_generator_is_as_good_as_a_list(session: Session) -> None:
    pair = [session.parse(A), session.parse(B)]
    assert session.combine(one for one in pair).text == session.combine(pair).text
    assert session.align(one for one in pair) == session.align(pair)
    assert session.drift(one for one in pair) == session.drift(pair)
    assert combine(one for one in pair).text == combine(pair).text
