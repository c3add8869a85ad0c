"""What else is told of a collection: mirrors, names that collide, descriptions all but the same, boilerplate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from agentmerge.drifting.grouping import stem
from agentmerge.knowledge import Knowledge
from agentmerge.surveying.comparing import Comparer, Form, Weights, cosine
from agentmerge.surveying.records import Card, Collision, Neighbours, Template

NEAR = 0.75
"""Likeness of two descriptions from which a router can hardly tell them apart."""
LEAST_TOKENS = 4
"""Words of a description that have to say something."""
TEMPLATE_ROLES = 8
"""Roles in which a statement stands at least, to be one of a template."""
TEMPLATE_WORDS = 5
SHOWN_TEMPLATES = 20
PLAIN = "plain"


def mirror_key(file: str, knowledge: Knowledge) -> tuple[str, str, str] | None:
    """The folder of a project, the host's folder in it and what the file is called there; None outside of such."""
    path = PurePosixPath(file.replace("\\", "/"))
    known = knowledge.derived(_host_folders)
    at = next((number for number in range(len(path.parts) - 2, -1, -1) if path.parts[number] in known), None)
    if at is None:
        return None
    kinds = knowledge.derived(_kind_folders)
    inner = [part for part in path.parts[at + 1 : -1] if part not in kinds]
    name = stem(file, knowledge)
    return "/".join(path.parts[:at]), path.parts[at], "/".join([*(p for p in inner if p != name), name]).lower()


def _host_folders(knowledge: Knowledge) -> frozenset[str]:
    shipped = frozenset(knowledge.raw("survey")["mirrors"]["folders"])
    of_hosts = {path.partition("/")[0] for one in knowledge.dialects.values() for path in one.paths if path[:1] == "."}
    return shipped | {folder for folder in of_hosts if "*" not in folder}


def _kind_folders(knowledge: Knowledge) -> frozenset[str]:
    return frozenset(knowledge.raw("survey")["kinds"]["folders"])


def _kind(file: str, knowledge: Knowledge) -> str:
    """What a file is for its host: the last folder that says so, without a plural; an agent where none does."""
    kinds = knowledge.derived(_kind_folders)
    parts = PurePosixPath(file.replace("\\", "/")).parts
    return next((part.removesuffix("s") for part in reversed(parts[:-1]) if part in kinds), "agent")


def _is_loaded(card: Card, knowledge: Knowledge) -> bool:
    """Whether a host loads the file by a name: of a host that reads files of one name alone, those are all."""
    host = card.content.host
    if host == PLAIN:
        return False
    names = [path.rpartition("/")[2] for path in knowledge.dialects[host].paths]
    return any("*" in name for name in names) or PurePosixPath(card.file.replace("\\", "/")).name in names


def collisions(cards: Sequence[Card], hidden: frozenset[int], knowledge: Knowledge) -> tuple[Collision, ...]:
    """Names that several definitions of one host and kind have; `hidden` are documents and mirrors."""
    holders: defaultdict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for number, card in enumerate(cards):
        name = card.content.name or stem(card.file, knowledge)
        if number in hidden or not name or not _is_loaded(card, knowledge):
            continue
        key = name.lower(), card.content.host, _kind(card.file, knowledge)
        holders[key].setdefault(card.content.digest, number)
    found = [
        Collision(key[0], key[1], tuple(sorted(by_text.values())))
        for key, by_text in holders.items()
        if len(by_text) > 1
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.files), one.name, one.host, one.files)))


def neighbours(
    cards: Sequence[Card], numbers: Sequence[int], family: Mapping[int, int], weights: Weights
) -> tuple[Neighbours, ...]:
    """Definitions of different families whose descriptions are all but the same.

    Two texts of unit length that are alike have one of the rare words in common which make up most of one of them.
    """
    first: dict[str, int] = {}
    for number in numbers:
        text = cards[number].content.description
        if len(weights.vector(text)) >= LEAST_TOKENS:
            first.setdefault(text.lower(), number)
    vectors = {number: weights.vector(cards[number].content.description) for number in first.values()}
    holders: defaultdict[str, list[int]] = defaultdict(list)
    found = []
    for number, own in vectors.items():
        met: set[int] = set()
        for token in _prefix(own):
            met.update(holders[token])
            holders[token].append(number)
        kin = family.get(number, -1 - number)
        for other in sorted(met):
            share = round(cosine(own, vectors[other]), 2) if family.get(other, -1 - other) != kin else 0.0
            if share >= NEAR:
                found.append(Neighbours(other, number, min(1.0, share)))
    found += _same_descriptions(cards, numbers, family, weights)
    return tuple(sorted(set(found), key=lambda one: (-one.share, one.a, one.b)))


def _same_descriptions(
    cards: Sequence[Card], numbers: Sequence[int], family: Mapping[int, int], weights: Weights
) -> Iterator[Neighbours]:
    """One definition of each further family that is described in the words of the first."""
    by_text: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for number in numbers:
        text = cards[number].content.description
        if len(weights.vector(text)) >= LEAST_TOKENS:
            by_text[text.lower()].setdefault(family.get(number, -1 - number), number)
    for by_family in by_text.values():
        first, *others = by_family.values()
        yield from (Neighbours(first, other, 1.0) for other in others)


def _prefix(vector: Mapping[str, float]) -> Iterator[str]:
    """The heaviest words of a text, until the others could not make it alike to one that has none of these."""
    left = 1.0
    for token, value in sorted(vector.items(), key=lambda row: (-row[1], row[0])):
        if left**0.5 < NEAR:
            return
        yield token
        left = max(0.0, left - value * value)


def templates(forms: Sequence[Form], files: Mapping[int, Sequence[int]], comparer: Comparer) -> tuple[Template, ...]:
    """Statements that stand in very many roles, those first that cost most; `files` are the cards of each form."""
    wanted = {one for one, roles in comparer.spread.items() if roles >= TEMPLATE_ROLES}
    counted: dict[int, int] = {}
    where: dict[int, tuple[int, int, int]] = {}
    for form in forms:
        for at, (one, words) in enumerate(zip(form.content.statements, form.content.lengths, strict=True)):
            if one in wanted and words >= TEMPLATE_WORDS:
                counted[one] = counted.get(one, 0) + len(files[form.number])
                where.setdefault(one, (files[form.number][0], at, words))
    rows = [Template(file, at, counted[one], words) for one, (file, at, words) in where.items()]
    return tuple(sorted(rows, key=lambda row: (-row.files * row.words, row.file, row.statement))[:SHOWN_TEMPLATES])
