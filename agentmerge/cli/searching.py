"""One rule searched in many files: only those that hold its words are read, and what they import."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agentmerge.cli import drift_inputs
from agentmerge.cli.boundary import tell
from agentmerge.errors import AgentMergeError, InputError

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.locating.engine import Hit, Located, Wanted

_IMPORTS = re.compile(r"^[ \t]*(?:[-*+][ \t]+)?@\S", re.MULTILINE)
"""A line that may import a file."""


def names_in(places: Sequence[str]) -> list[str]:
    """Every definition in some folders, and the files that are named. Raises InputError where there is none."""
    from agentmerge.world.files import find_definitions

    found: dict[str, None] = {}
    for place in places:
        if Path(place).is_dir():
            found.update(dict.fromkeys(find_definitions(Path(place))))
        elif Path(place).is_file():
            found[place] = None
        else:
            raise InputError("can't be read: no such file or folder", file=place, remedy="name a folder to search")
    if not found:
        raise InputError("there is no definition in it", file=places[0], remedy="name a folder with definitions")
    return list(found)


def search(asked: Wanted, names: Sequence[str]) -> Located:
    """Who says what is looked for; an import counts for the file that imports."""
    from agentmerge.locating.engine import located

    hits: list[Hit] = []
    known: dict[str, tuple[Hit, ...]] = {}
    for number, name in enumerate(names):
        if number % 50 == 0:
            drift_inputs.progress(f"{number}/{len(names)} files")
        text = _text(name)
        own = _hits(asked, number, name, text)
        hits += own or _through(asked, number, name, text, known)
    drift_inputs.progress("")
    return located(asked, hits, len(names))


def _text(name: str) -> str:
    """What a file says; one that can't be read is told, and says nothing."""
    from agentmerge.world.files import read_text

    try:
        return read_text(name)
    except AgentMergeError as error:
        tell(f"{error}; it is passed over")
        return ""


def _hits(asked: Wanted, number: int, name: str, text: str) -> list[Hit]:
    from agentmerge.locating.engine import hits_in
    from agentmerge.reading.parsing import parse

    if not text or not asked.may_stand_in(text):
        return []
    return list(hits_in(asked, number, parse(text, asked.knowledge, filename=name)))


def _through(asked: Wanted, number: int, name: str, text: str, known: dict[str, tuple[Hit, ...]]) -> list[Hit]:
    """What a file says by importing another one."""
    from agentmerge.reading.parsing import parse
    from agentmerge.reading.relations import imports

    if not _IMPORTS.search(text):
        return []
    found = []
    for unit in imports(parse(text, asked.knowledge, filename=name)):
        path = os.path.normpath(Path(name).parent / Path(unit.label).expanduser())
        if path not in known:
            known[path] = tuple(_hits(asked, 0, path, _text(path) if Path(path).is_file() else ""))
        found += [hit._replace(file=number, line=unit.line, through=unit.label) for hit in known[path] if hit.says]
    return found
