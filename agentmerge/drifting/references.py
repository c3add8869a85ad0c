"""Who still names what a change set took away or renamed: agents by name, files by path."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple, Protocol

from agentmerge.diffing.records import Spot
from agentmerge.drifting.records import Finding
from agentmerge.drifting.rulebook import finding
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition
from agentmerge.parsing.lines import split_lines

Others = Callable[[Sequence[str]], Mapping[str, str]]
"""The texts of definitions of the new tree that hold one of some texts, by path."""
_LINK = re.compile(r"\]\(<?([^)>#\s]+)|(?:^|[\s(])@([\w./-]+\.\w+)")

SHOWN = 3
"""Places that a finding names."""
_LEAST = 3
"""Letters of a name that is looked for."""


class Placed(Protocol):
    """A definition with its path."""

    @property
    def place(self) -> str: ...
    @property
    def definition(self) -> Definition: ...


class Changed(Protocol):
    """What happened to a file."""

    @property
    def old(self) -> Placed | None: ...
    @property
    def new(self) -> Placed | None: ...


class Call(NamedTuple):
    """A line that names something."""

    place: str
    line: int
    text: str


def dead_references(changes: Sequence[Changed], others: Others, knowledge: Knowledge) -> Iterator[tuple[str, Finding]]:
    """For each name or path that is gone and still called: the first file that does so, and the finding."""
    names, paths = _gone_names(changes), _gone_paths(changes)
    wanted = {name for name in names if len(name) >= _LEAST} | {PurePosixPath(path).name for path in paths}
    texts = dict(sorted(others(sorted(wanted)).items())) if wanted else {}
    for name, heir in sorted(names.items()):
        holding = {place: text for place, text in texts.items() if len(name) >= _LEAST and name in text}
        if any(_is_called(name, text) for text in holding.values()):
            continue
        calls = [call for place, text in holding.items() for call in _calls(name, place, text)]
        yield from _told(f"the agent {name}", f"is called {heir} now" if heir else "is gone", calls, name, knowledge)
    linked: dict[str, list[Call]] = {path: [] for path in paths}
    for place, text in texts.items():
        for path, call in _links(place, text):
            if path in linked and call not in linked[path]:
                linked[path].append(call)
    for path, now in sorted(paths.items()):
        how = f"stands at {now} now" if now else "is gone"
        yield from _told(f"the file {path}", how, linked[path], path, knowledge)


def _gone_names(changes: Sequence[Changed]) -> dict[str, str]:
    """Names of agents that no changed file has any more, each with what the same agent is called now."""
    kept = {_name(change.new) for change in changes if change.new is not None}
    pairs = ((_name(change.old), _name(change.new)) for change in changes if change.old is not None)
    return {old: new if new != old else "" for old, new in pairs if old and old not in kept}


def _name(one: Placed | None) -> str:
    field = one.definition.field("name") if one is not None else None
    return field.text.strip() if field is not None else ""


def _gone_paths(changes: Sequence[Changed]) -> dict[str, str]:
    kept = {change.new.place for change in changes if change.new is not None}
    return {
        change.old.place: change.new.place if change.new is not None else ""
        for change in changes
        if change.old is not None and change.old.place not in kept
    }


def _is_called(name: str, text: str) -> bool:
    """Whether a definition has a name."""
    return re.search(rf"^name:[ \t]*[\"']?{re.escape(name)}[\"']?[ \t]*$", text, re.MULTILINE) is not None


def _calls(name: str, place: str, text: str) -> Iterator[Call]:
    """Lines that call an agent: a mark or a word beside the name says that it is no word of the language."""
    own = re.escape(name)
    pattern = re.compile(
        rf"`@?{own}`|(?<![\w/])@{own}(?![\w/-]|\.\w)"
        rf"|\b(?:agents?|subagents?|subagent_type|skills?|handoffs?)\b[\"']?\s*[:=(]\s*[\"'\[]*{own}(?![\w-])"
        rf"|\b(?:Agent|Task|Skill)\({own}\)|^\s*-\s+[\"']?{own}[\"']?\s*$"
        rf"|(?<![\w-]){own}[`\"']?\s+(?:sub)?agent\b|\b(?:sub)?agent\s+[`\"']?{own}(?![\w-])"
    )
    for number, line in enumerate(split_lines(text), 1):
        if pattern.search(line) and not _is_called(name, line):
            yield Call(place, number, line.strip())


def _links(place: str, text: str) -> Iterator[tuple[str, Call]]:
    """Links and imports of files, each read from the folder of the file that has it, and from the top."""
    for number, line in enumerate(split_lines(text), 1):
        for target in _LINK.findall(line):
            name = (target[0] or target[1]).removeprefix("./")
            here = posixpath.normpath(posixpath.join(posixpath.dirname(place), name))
            for path in dict.fromkeys((here, name.lstrip("/"))):
                yield path, Call(place, number, line.strip())


def _told(what: str, how: str, calls: Sequence[Call], slot: str, knowledge: Knowledge) -> Iterator[tuple[str, Finding]]:
    if not calls:
        return
    more = f" and {len(calls) - SHOWN} more" if len(calls) > SHOWN else ""
    places = ", ".join(f"{one.place}:{one.line}" for one in calls[:SHOWN])
    spot = Spot(1, calls[0].line, calls[0].text)
    message = f"{what} {how}; still called by {places}{more}"
    yield calls[0].place, finding("reference-dead", message, "", None, spot, knowledge, slot=slot)
