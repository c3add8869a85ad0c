"""Near copies are found without comparing each with each."""

from __future__ import annotations

import random

from agentmerge.surveying.comparing import CROWD, EMPTY, near, resemblance, sharing, sketch, words_of
from agentmerge.surveying.engine import Link, clusters
from agentmerge.surveying.records import Klass, Signals


def words(seed: int, count: int = 400) -> list[str]:
    chance = random.Random(seed)
    return [f"w{chance.randrange(100_000)}" for _ in range(count)]


def test_near_copies_meet_and_strangers_do_not() -> None:
    texts = [words(seed) for seed in range(40)]
    edited = [[*text[:180], "new", "words", *text[200:]] for text in texts]
    found = near([sketch(text) for text in (*texts, *edited)])
    assert {(at, at + 40) for at in range(40)} <= found
    assert len(found) < 60


def test_resemblance__is_near_the_true_share() -> None:
    one = words(1, 2000)
    two = [*one[:1200], *words(2, 800)]
    a, b = (set(zip(text, text[1:], text[2:], strict=False)) for text in (one, two))
    assert abs((resemblance(sketch(one), sketch(two)) or 0) - len(a & b) / len(a | b)) < 0.12
    assert resemblance(sketch(one), sketch(one)) == 1.0
    assert resemblance(sketch(["a", "b"]), sketch(["a", "b"])) is None
    assert set(sketch([])) == {EMPTY}


def test_words__ideographs_one_by_one() -> None:
    assert words_of("read the 注意 file") == ["read", "the", "注", "意", "file"]


def test_a_small_text_inside_of_a_large_one_is_found() -> None:
    large = dict.fromkeys(range(200), 6)
    small = dict.fromkeys(range(5), 6)
    assert sharing([large, small, dict.fromkeys(range(900, 950), 6)]) == {(0, 1)}
    # What very many have brings nobody together.
    assert not sharing([{1: 6, 2: 6}] * 30)


def test_a_crowd_is_not_held_against_itself() -> None:
    text = sketch(words(3))
    count = 4 * CROWD
    assert len(near([text] * count)) < 10 * count


def test_clusters__half_of_the_pairs_are_linked() -> None:
    signals = Signals((0.8, 0.8), (0.8, 0.8), 0.8, None, name=True, description=None)

    def links(*pairs: tuple[int, int]) -> list[Link]:
        return [Link(a, b, Klass.FORKED, signals) for a, b in pairs]

    assert clusters(3, links((0, 1), (1, 2), (0, 2))) == [[0, 1, 2]]
    assert max(map(len, clusters(6, links(*((at, at + 1) for at in range(5)))))) < 6
    assert clusters(2, [Link(0, 1, Klass.SAME_ROLE, signals)]) == [[0], [1]]
