"""The laws of the algebra: an order, its greatest lower bound, and a spelling that never grants more."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentmerge import parse
from agentmerge.model import Definition
from agentmerge.rights.comparing import compare, covers, meet, moves
from agentmerge.rights.joining import common, spell
from agentmerge.rights.patterns import Level
from agentmerge.rights.reading import effective, rights_of
from agentmerge.rights.vocabulary import Rights, RightsTables
from tests.rights.fields import NAMES, definition, frontmatters
from tests.shipped import SHIPPED

MANY = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TOOLS = tuple(SHIPPED.derived(RightsTables).tools)


def _rights(one: Definition) -> Rights:
    return effective(one, SHIPPED)


@MANY
@given(frontmatters())
def test_compare__finds_nothing_against_itself(one: Definition) -> None:
    assert compare(_rights(one), _rights(one), SHIPPED) == ()
    assert moves(one, parse(one.text, dialect=one.dialect), SHIPPED) == ()


@MANY
@given(frontmatters(), frontmatters(), frontmatters())
def test_covers__is_a_partial_order(one: Definition, two: Definition, three: Definition) -> None:
    a, b, c = map(_rights, (one, two, three))
    assert covers(a, a)
    if covers(a, b) and covers(b, c):
        assert covers(a, c)
    if covers(a, b) and covers(b, a):
        assert all(a.extent(name).level(text) == b.extent(name).level(text) for name in TOOLS for text in ("", "git "))


@MANY
@given(frontmatters(), frontmatters(), frontmatters())
def test_meet__is_the_greatest_lower_bound(one: Definition, two: Definition, three: Definition) -> None:
    a, b, c = map(_rights, (one, two, three))
    both = meet(a, b)
    assert both == meet(b, a)
    assert meet(a, a) == a
    assert meet(meet(a, b), c) == meet(a, meet(b, c)) == meet(a, b, c)
    assert covers(a, both)
    assert covers(b, both)
    if covers(a, c) and covers(b, c):
        assert covers(both, c)


@MANY
@given(frontmatters("claude"), frontmatters("claude"))
def test_compare__widened_says_what_covers_says(one: Definition, two: Definition) -> None:
    a, b = _rights(one), _rights(two)
    changes = [change for change in compare(a, b, SHIPPED) if not _is_command_of_a_guard(change.capability, b)]
    assert any(change.direction == "widened" for change in changes) == (not covers(a, b))
    assert any(change.direction == "narrowed" for change in changes) == (not covers(b, a))


def _is_command_of_a_guard(capability: str, after: Rights) -> bool:
    return capability == "hook" and bool(after.guards)


@MANY
@given(frontmatters("claude"), frontmatters("claude"))
def test_compare__the_other_way_round_turns_each_direction(one: Definition, two: Definition) -> None:
    there, back = compare(_rights(one), _rights(two), SHIPPED), compare(_rights(two), _rights(one), SHIPPED)
    turned = {"widened": "narrowed", "narrowed": "widened"}
    told = {(one.capability, turned[one.direction], one.after, one.before) for one in back if one.capability != "hook"}
    assert {(one.capability, one.direction, one.before, one.after) for one in there if one.capability != "hook"} == told


@MANY
@given(frontmatters(), st.sampled_from(sorted(NAMES)))
def test_spell__grants_no_more(one: Definition, host: str) -> None:
    names = spell(_rights(one), host, SHIPPED)
    if names is None:
        return
    again = _listed(names, host)
    for name in TOOLS:
        for text in ("", "git ", "git log ", "gitleaks ", "rm -r ", "src/a/b.py", "src/a.py", "db/query", "worker"):
            if again.level(name, text) > Level.DENY:
                assert _rights(one).level(name, text) > Level.DENY, (names, name, text)


def _listed(names: tuple[str, ...], host: str) -> Rights:
    # An empty list is everything on one of the hosts.
    written = list(names) or (["nothing-at-all"] if host == "qwen" else [])
    return _rights(definition([f"tools: {written!r}"], host))


@pytest.mark.parametrize("host", sorted(NAMES))
@MANY
@given(data=st.data())
def test_spell__of_a_list_is_the_list_again(host: str, data: st.DataObject) -> None:
    given_names = data.draw(st.lists(st.sampled_from(NAMES[host]), min_size=1, max_size=4, unique=True))
    rights = _rights(definition([f"tools: {given_names!r}"], host))
    spelled = spell(rights, host, SHIPPED, given_names)
    assert spelled is not None
    assert set(spelled) <= {*given_names, "Agent(worker)"}
    again = _rights(definition([f"tools: {list(spelled)!r}"], host))
    assert covers(rights, again)
    assert covers(again, rights)


@pytest.mark.parametrize("host", sorted(NAMES))
@MANY
@given(data=st.data())
def test_adding_a_name__never_narrows(host: str, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(NAMES[host]), min_size=1, max_size=4, unique=True))
    more = data.draw(st.sampled_from(NAMES[host]))
    before, after = (_rights(definition([f"tools: {row!r}"], host)) for row in (names, [*names, more]))
    assert covers(after, before)
    assert {change.direction for change in compare(before, after, SHIPPED)} <= {"widened"}


@pytest.mark.parametrize("host", sorted(NAMES))
@MANY
@given(data=st.data())
def test_common__is_allowed_by_every_list(host: str, data: st.DataObject) -> None:
    lists = [data.draw(st.lists(st.sampled_from(NAMES[host]), min_size=1, max_size=4, unique=True)) for _ in range(2)]
    names = common([(row, host) for row in lists], host, SHIPPED)
    result = _listed(names, host)
    for row in lists:
        own = _rights(definition([f"tools: {row!r}"], host))
        wider = [one for one in compare(own, result, SHIPPED) if one.direction == "widened" and one.is_certain]
        assert [one for one in wider if one.capability != "other" or names] == [], (lists, names)


@MANY
@given(frontmatters())
def test_rights__can_be_copied_hashed_and_sent(one: Definition) -> None:
    rights = _rights(one)
    assert pickle.loads(pickle.dumps(rights)) == rights
    assert copy.deepcopy(rights) == rights
    assert hash(rights) == hash(_rights(parse(one.text, dialect=one.dialect)))


@MANY
@given(frontmatters("claude"), frontmatters("claude"))
def test_meet__is_a_bound_of_what_only_hooks_and_limits_say(one: Definition, two: Definition) -> None:
    both = meet(_rights(one), _rights(two))
    for side in map(_rights, (one, two)):
        assert all(any(g.command == o.command for o in both.guards) for g in side.guards)
        assert all(dict(both.limits)[name] <= number for name, number in side.limits)


def test_meet_of_nothing__is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to meet"):
        meet()


def test_rights_of_no_field__are_the_defaults_of_the_host() -> None:
    assert rights_of((), "claude", SHIPPED).level("read") is Level.ALLOW
    assert rights_of((), "claude", SHIPPED).level("shell") is Level.ASK
    assert rights_of((), "opencode", SHIPPED).level("shell") is Level.ALLOW
    assert rights_of((), "kiro", SHIPPED).level("read") is Level.ASK
