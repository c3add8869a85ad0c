"""What a maintainer would do next about what a survey found: the exact command, as words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from agentmerge.surveying.records import Card, Collision, Klass, Neighbours, Pair, Survey

LEVELS = ("breaking", "warning", "info")
Words = tuple[str, ...]
_OTHER = re.compile(r"[^a-z0-9]+")
_FOR_CLASS: Mapping[Klass, Words] = {
    Klass.IDENTICAL: ("diff",),
    Klass.COSMETIC: ("diff",),
    Klass.HOST_ONLY: ("diff",),
    Klass.SUPERSET: ("drift",),
    Klass.FORKED: ("drift",),
    Klass.TRANSLATION: ("align",),
    Klass.SAME_ROLE: ("combine", "--dry-run"),
    Klass.BOILERPLATE: ("align",),
}


def of_pair(pair: Pair, cards: Sequence[Card]) -> Words:
    """What to do about two members of a family.

    A second file of the same bytes can go; of any other one the difference is to be seen first.
    """
    a, b = (argument(cards[number].file) for number in (pair.a, pair.b))
    if pair.wider:
        return ("agentmerge", "drift", a, b)
    if cards[pair.a].content.digest == cards[pair.b].content.digest:
        return ("rm", "--", b)
    return ("agentmerge", *_FOR_CLASS[pair.klass], a, b)


def of_collision(one: Collision, cards: Sequence[Card]) -> Words:
    """A name of its own for the second file, where a field gives it; else what the two say."""
    first, second = (cards[number] for number in one.files[:2])
    if not second.content.name or one.host == "skill":
        return ("agentmerge", "diff", argument(first.file), argument(second.file))
    return ("agentmerge", "set", f"name={_own_name(first, second)}", argument(second.file))


def _own_name(first: Card, second: Card) -> str:
    """The name with the last folder by which the path of the second file differs from that of the first."""
    ours, theirs = (PurePath(card.file.replace("\\", "/")).parts[:-1] for card in (first, second))
    apart = [part for part in theirs if part not in ours]
    slug = _OTHER.sub("-", (apart[-1] if apart else "other").lower()).strip("-") or "other"
    name = _OTHER.sub("-", second.content.name.lower()).strip("-") or "agent"
    return f"{name}-{slug}" if slug != name else f"{name}-2"


def of_neighbours(one: Neighbours, cards: Sequence[Card]) -> Words:
    """What a router reads of the two."""
    a, b = (argument(cards[number].file) for number in (one.a, one.b))
    return ("agentmerge", "diff", "--only", "frontmatter/description", a, b)


def argument(file: str) -> str:
    """A file's name as an argument that no command takes for an option."""
    return f"./{file}" if file.startswith("-") else file


def command(words: Words) -> str:
    """A command as a shell reads it, in one line."""
    return shlex.join(words)


def most_wanted(survey: Survey) -> list[tuple[str, str, Words]]:
    """What to do first, as kind, what it is about, and the command: one of each kind, the gravest kind first."""
    cards = survey.cards
    pairs = [pair for family in survey.families for pair in family.pairs]
    wider = sorted((p for p in pairs if p.wider), key=lambda p: (_gravity(p), p.a, p.b))
    files = {one.file for pair in wider for one in pair.wider}
    found: list[tuple[str, str, Words]] = []
    if wider:
        about = f"{_many(len(files), 'copy', 'copies')} may do more than another one"
        worst = min(wider[0].wider, key=lambda one: LEVELS.index(one.severity))
        found.append(("widened", f"{about}; {worst.told}", of_pair(wider[0], cards)))
    same = [pair for pair in pairs if pair.klass is Klass.IDENTICAL]
    if same:
        top = max(same, key=lambda pair: (cards[pair.b].content.tokens, -pair.a, -pair.b))
        cost = sum(cards[pair.b].content.tokens for pair in same)
        about = f"{_many(len(same), 'file says', 'files say')} what another one says: {cost:,} tokens"
        found.append(("identical", about, of_pair(top, cards)))
    if survey.collisions:
        count = len(survey.collisions)
        about = f"{_many(count, 'name stands', 'names stand')} for several definitions, and a host loads one of them"
        found.append(("collision", f"{about}: {survey.collisions[0].name}", of_collision(survey.collisions[0], cards)))
    found += _by_class(survey, pairs)
    if survey.neighbours:
        count, first = len(survey.neighbours), survey.neighbours[0]
        about = f"{_many(count, 'pair has', 'pairs have')} descriptions that a router can hardly tell apart"
        found.append(("description", about, of_neighbours(first, cards)))
    return found


def _by_class(survey: Survey, pairs: Sequence[Pair]) -> list[tuple[str, str, Words]]:
    """What to do about the classes that cost less at once."""
    texts = {
        Klass.FORKED: "{} went another way than what {} copied from",
        Klass.SUPERSET: "{} part of what another file says",
        Klass.HOST_ONLY: "{} from another one in fields of the host alone",
        Klass.COSMETIC: "{} from another one in layout alone",
        Klass.SAME_ROLE: "{} a role that another author has, too",
        Klass.TRANSLATION: "{} in another language",
    }
    nouns = {
        Klass.FORKED: ("copy", "copies"),
        Klass.SUPERSET: ("file says", "files say"),
        Klass.HOST_ONLY: ("file differs", "files differ"),
        Klass.COSMETIC: ("file differs", "files differ"),
        Klass.SAME_ROLE: ("file has", "files have"),
        Klass.TRANSLATION: ("file is another one", "files are others"),
    }
    found = []
    for klass, text in texts.items():
        own = [pair for pair in pairs if pair.klass is klass]
        if own:
            top = max(own, key=lambda pair: (survey.cards[pair.b].content.tokens, -pair.a, -pair.b))
            about = text.format(_many(len(own), *nouns[klass]), _it(len(own)))
            found.append((str(klass), about, of_pair(top, survey.cards)))
    return found


def _gravity(pair: Pair) -> int:
    return min(LEVELS.index(one.severity) for one in pair.wider)


def _many(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"


def _it(count: int) -> str:
    return "it was" if count == 1 else "they were"
