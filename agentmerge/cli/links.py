"""Where the relative links of the inputs lead on disk, and how they are written from the folder of the output."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from agentmerge.world.files import STDIO

if TYPE_CHECKING:
    from agentmerge.combining.rendering import Surroundings
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.model import Definition
    from agentmerge.planning.records import Notice

_ELSEWHERE = re.compile(r"[a-zA-Z][\w+.-]*:|[/#~\\]|.*[{}$*|<>]")
"""What is no path from the folder of its file: an address, an absolute path, an anchor, a pattern."""
_IN_CODE = re.compile(r"(?<!`)`(?P<path>(?:\.{1,2}/)*[\w.-]+(?:/[\w.-]+)+)`(?!`)")
_TAIL = re.compile(r"[?#].*\Z", re.DOTALL)


class _Target(NamedTuple):
    """A path that a file names."""

    line: int
    text: str
    """As it is written."""
    path: str
    """Without anchor and query."""
    is_link: bool


def surroundings(
    definitions: Sequence[Definition], names: Sequence[str], output: str, knowledge: Knowledge
) -> tuple[Surroundings, list[Notice]]:
    """How links that lead to files on disk are written in the output, and what is told of them and of other paths."""
    from agentmerge.combining.rendering import Surroundings

    folders = [None if name == STDIO or not Path(name).is_file() else _folder(name) for name in names]
    there = None if output == STDIO else _folder(output)
    links: dict[tuple[int, str], str] = {}
    notices: list[Notice] = []
    if there is None and len({folder for folder in folders if folder is not None}) < 2:
        return Surroundings(), []
    for file, (definition, folder) in enumerate(zip(definitions, folders, strict=True)):
        if folder is None or folder == there:
            continue
        targets = [target for target in _targets(definition, knowledge) if (folder / target.path).exists()]
        moved = {} if there is None else {t.text: _from(there, folder, t) for t in targets if t.is_link}
        links |= {(file, old): new for old, new in moved.items() if old != new}
        notices += _told(names[file], folder, there, targets, moved)
    return Surroundings("" if output == STDIO else output, links), notices


def astray(definition: Definition, name: str, output: str, knowledge: Knowledge) -> Iterator[str]:
    """A line for each path of a body that leads to a file on disk, and from the folder of an output does not.

    For a body that stays as it is, wherever it goes.
    """
    if name == STDIO or not Path(name).is_file():
        return
    folder, there = _folder(name), _folder(output)
    known: set[str] = set()
    for target in _targets(definition, knowledge):
        found = (there / target.path).exists() if target.is_link else _is_found(target.path, folder, there)
        if target.text not in known and not found and (folder / target.path).exists():
            known.add(target.text)
            yield (
                f"{name}:{target.line}: warning[link-broken]: {target.text} leads nowhere from {output}; "
                f"from there it is {_from(there, folder, target)}"
            )


def _folder(name: str) -> Path:
    return Path(os.path.realpath(name)).parent


def _targets(definition: Definition, knowledge: Knowledge) -> Iterator[_Target]:
    """Every relative path that a file links to, imports, or names in code."""
    from agentmerge.proving.cases import links_of, read

    for place in read(definition, knowledge).places:
        unit = place.unit
        texts = [unit.label] if unit.kind == "import" else [link.target for link in links_of(unit)]
        for text in texts:
            path = unquote(_TAIL.sub("", text))
            if path and not _ELSEWHERE.match(text):
                yield _Target(unit.line, text, path, is_link=True)
        if unit.kind in ("item", "task", "paragraph", "table", "quote"):
            for match in _IN_CODE.finditer(unit.source):
                yield _Target(unit.line, match["path"], match["path"], is_link=False)


def _from(there: Path, folder: Path, target: _Target) -> str:
    """A target as it is written from the folder of the output."""
    path = Path(os.path.relpath(folder / target.path, there)).as_posix()
    tail = _TAIL.search(target.text)
    written = path.replace(" ", "%20") if " " in path and " " not in target.text else path
    slash = "/" if target.path.endswith("/") else ""
    return f"{written}{slash}{tail[0] if tail else ''}"


def _told(
    name: str, folder: Path, there: Path | None, targets: Sequence[_Target], moved: dict[str, str]
) -> Iterator[Notice]:
    from agentmerge.planning.records import Notice

    changed = {old: new for old, new in moved.items() if old != new}
    if changed:
        pairs = ", ".join(f"{old} is {new}" for old, new in changed.items())
        yield Notice("link-followed", "info", f"{name}: {pairs} in the result")
    lost: dict[str, list[int]] = defaultdict(list)
    for target in targets:
        if target.is_link and there is None:
            lost[
                f"{target.text} leads from the folder of its file; name the output (-o) and it is written from there"
            ] += [target.line]
        elif not target.is_link and not _is_found(target.path, folder, there):
            lost[f"`{target.text}` is there beside the file, and not beside the result"].append(target.line)
    for message, lines in lost.items():
        where = f"{name}:{lines[0]}" + (f" and {len(lines) - 1} more" if len(lines) > 1 else "")
        yield Notice("link-broken", "warning", f"{where}: {message}")


def _is_found(path: str, folder: Path, there: Path | None) -> bool:
    """Whether a path leads to something from the result, too, or from the top of the repository."""
    root = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)
    return any(one is not None and (one / path).exists() for one in (root if root != folder else None, there))
