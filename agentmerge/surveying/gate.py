"""What of a survey a gate stops for, and what was accepted of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agentmerge.errors import PolicyError, unknown
from agentmerge.surveying.records import Klass, Survey

SCHEMA = "agentmerge/survey-baseline/1"
KINDS = ("collision", "widened", "description", *Klass)
"""What a gate may stop for."""


class Fact(NamedTuple):
    """Something that a survey found, as a baseline names it."""

    kind: str
    files: tuple[str, ...]
    """Below the folder that is surveyed, sorted; of a pair that has a direction, in that."""
    what: str = ""
    """The name that collides, the right that is wider."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The facts of a baseline."""

    facts: frozenset[Fact] = frozenset()
    stale: tuple[Fact, ...] = field(default=())
    """Those that the survey found no more."""

    def text(self) -> str:
        """The file: sorted, a row a line, so that git merges the rows of two branches."""
        rows = [json.dumps(one._asdict(), ensure_ascii=False) for one in sorted(self.facts)]
        listed = ",\n".join(f"    {row}" for row in rows)
        return f'{{\n  "schema": {json.dumps(SCHEMA)},\n  "accepted": [' + (
            f"\n{listed}\n  ]\n}}\n" if rows else "]\n}\n"
        )


def read_accepted(text: str, name: str) -> Accepted:
    """A baseline from its file. Raises PolicyError for what is none."""
    try:
        data = json.loads(text)
        if data["schema"] != SCHEMA:
            raise PolicyError("is not a baseline of a survey", file=name, remedy=f"expected {SCHEMA!r}")
        rows = [Fact(str(row["kind"]), tuple(map(str, row["files"])), str(row["what"])) for row in data["accepted"]]
    except (ValueError, KeyError, TypeError):
        raise PolicyError("is not a baseline of a survey", file=name, remedy="name another file") from None
    return Accepted(frozenset(rows))


def limits(names: Sequence[str]) -> tuple[str, ...]:
    """What to stop for, from values parted by commas. Raises PolicyError for what there is none of."""
    found = tuple(name.strip() for text in names for name in text.split(",") if name.strip())
    for name in found:
        if name not in KINDS:
            raise unknown("kind to fail on", name, KINDS)
    return found


def facts(survey: Survey, root: str) -> Iterator[Fact]:
    """Everything that a gate may stop for; paths are told from the folder `root`."""
    names = [below(card.file, root) for card in survey.cards]
    for family in survey.families:
        for pair in family.pairs:
            yield Fact(str(pair.klass), tuple(sorted((names[pair.a], names[pair.b]))))
            for one in pair.wider:
                other = pair.a if one.file == pair.b else pair.b
                yield Fact("widened", (names[other], names[one.file]), one.told)
    for twice in survey.collisions:
        yield Fact("collision", tuple(sorted(names[number] for number in twice.files)), twice.name)
    for near in survey.neighbours:
        yield Fact("description", tuple(sorted((names[near.a], names[near.b]))))


def failing(survey: Survey, root: str, wanted: Sequence[str], accepted: Accepted) -> list[Fact]:
    """What is found of the kinds to stop for and not accepted, each once."""
    found = dict.fromkeys(fact for fact in facts(survey, root) if fact.kind in wanted and fact not in accepted.facts)
    return list(found)


def counts(survey: Survey) -> Mapping[str, int]:
    """How many there are of each kind, those with none left out."""
    found: dict[str, int] = {}
    for fact in facts(survey, ""):
        found[fact.kind] = found.get(fact.kind, 0) + 1
    order = [*Klass, "widened", "collision", "description"]
    return {str(kind): found[kind] for kind in order if kind in found}


def below(file: str, root: str) -> str:
    """A path from a folder on."""
    path = file.replace("\\", "/")
    if not root:
        return path
    top = root.replace("\\", "/").rstrip("/") + "/"
    return path.removeprefix(top)
