"""The one voice of a result: name, title, description and identity speak of one role, as one of the files says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentmerge.aligning import roles
from agentmerge.aligning.kinds import identity_of, normal_title
from agentmerge.aligning.matching import Bag, similarity, words
from agentmerge.aligning.records import Alignment
from agentmerge.combining.guards import content
from agentmerge.combining.outline import document_title, kind_of
from agentmerge.combining.policy import Policy
from agentmerge.combining.strategies import WORDINGS
from agentmerge.guardrails import listed_words
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.outcome import Notice


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose name, title, description and identity stand."""

    file: int
    group: frozenset[int]
    """The files of its role: where it says nothing, one of them may."""
    roles: tuple[tuple[int, ...], ...]
    """The files by role; one group for one role."""

    def first(self, files: Sequence[int]) -> int | None:
        """The one of some files that speaks: the voice itself, else the first of its role."""
        return self.file if self.file in files else next((file for file in files if file in self.group), None)


def choose(definitions: Sequence[Definition], alignment: Alignment, policy: Policy, knowledge: Knowledge) -> Voice:
    """Of the files with the name, and then the title, that most have, the most typical one that names the role.

    That is the one whose identity and description are most like those of the others, where there are several to be
    like; else the wording chooses among their descriptions.
    """
    groups = roles.apart(alignment, knowledge)
    order = sorted(range(len(definitions)), key=policy.rank)
    if policy.strategy_decides:
        order = order[:1]
    files = _most(order, lambda file: _name(definitions[file]))
    titled = _most(files, lambda file: _title(definitions[file], knowledge))
    # A title that one file alone gives is no reason to pass over the description that the wording takes.
    files = titled if len(titled) > 1 else files
    name = policy.wording_at(["frontmatter/description"])
    wording = WORDINGS[name].choose
    typical = _typical(definitions, files, knowledge) if name == Policy().wording and not policy.prefer else None
    for texts in (_descriptions, identity_of):
        if typical is not None:
            file = typical
            break
        said = [(file, text) for file in files if (text := texts(definitions[file], knowledge))]
        if said:
            file = said[wording([text for _, text in said])][0]
            break
    else:
        file = files[0]
    return Voice(file, frozenset(next(group for group in groups if file in group)), groups)


_SEVERAL = 3
"""Files that say who the agent is from which on one of them may be the most typical."""
_TRIGGERED = 0.15
"""What it is worth that a description says when to use the agent: a slogan does not."""


def _typical(definitions: Sequence[Definition], files: Sequence[int], knowledge: Knowledge) -> int | None:
    """The file whose identity and description are most like the others' and that names its role; None for too few."""
    said = {file: identity_of(definitions[file], knowledge) for file in files}
    said = {file: text for file, text in said.items() if text}
    if len(said) < _SEVERAL:
        return None
    role = {word for file in said for word in words(_name(definitions[file]).replace("-", " "))}
    identities = {file: Bag(sorted(content(text, knowledge))) for file, text in said.items()}
    told = {file: Bag(sorted(content(_descriptions(definitions[file], knowledge), knowledge))) for file in said}

    def rank(file: int) -> tuple[float, int]:
        names = not role or bool(role & set(words(said[file])))
        likeness = _likeness(file, identities) + _likeness(file, told)
        triggered = listed_words(_descriptions(definitions[file], knowledge), "trigger", knowledge=knowledge)
        # What ends in a colon says the rest in the list below it.
        whole = not said[file].rstrip("*_ ").endswith((":", "："))
        return -(names + whole + likeness + (_TRIGGERED if triggered else 0.0)), files.index(file)

    return min(said, key=rank)


def _likeness(file: int, bags: Mapping[int, Bag]) -> float:
    others = [similarity(bags[file], bag) for other, bag in bags.items() if other != file]
    return sum(sorted(others)) / len(others)


def _most(files: Sequence[int], said: Callable[[int], str]) -> list[int]:
    """The files that say what most of them say, of equals what comes first; all of them where none says anything."""
    votes = Counter(text for file in files if (text := said(file)))
    if not votes:
        return list(files)
    # Of equal counts the one that was met first comes first.
    ((winner, _),) = votes.most_common(1)
    return [file for file in files if said(file) == winner]


def _name(definition: Definition) -> str:
    field = definition.field("name")
    return field.text.strip() if field is not None else ""


def _title(definition: Definition, knowledge: Knowledge) -> str:
    """The top heading, unless it is the name of a kind of section."""
    section = document_title(definition)
    return normal_title(section.title) if section is not None and kind_of(section.title, knowledge) == "topics" else ""


def _descriptions(definition: Definition, _: Knowledge) -> str:
    field = definition.field("description")
    return field.text.strip() if field is not None else ""


def notices(voice: Voice, names: Sequence[str]) -> Iterator[Notice]:
    """What is told where the files define more than one role."""
    if len(voice.roles) > 1:
        parts = "; ".join(", ".join(names[file] for file in group) for group in voice.roles)
        message = (
            f"the files define {len(voice.roles)} roles, as far as names, identity and content tell: {parts}; name,"
            f" title, description and identity are those of {names[voice.file]}; combine the files of each role alone"
        )
        yield Notice("different-roles", "warning", message)
