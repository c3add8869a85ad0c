"""The template that a command writes through, with what it includes: read from disk, never from out of its folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple


class Chosen(NamedTuple):
    """A template."""

    name: str
    source: str | None = None
    """None for a shipped one."""
    parts: Mapping[str, str] | None = None


def chosen(flag: str | None, configured: str | None, config: str) -> Chosen:
    """The template that the flag names, else the one of a configuration file, which may stand beside that file."""
    from agentmerge.world.files import read_text
    from agentmerge.writing.emitting import CANONICAL, shipped_templates

    wanted = flag or CANONICAL
    if flag is None and configured is not None:
        beside = Path(config).parent / configured
        wanted = str(beside) if beside.is_file() else configured
    if wanted in shipped_templates() or not Path(wanted).exists():
        return Chosen(wanted)
    source = read_text(wanted)
    return Chosen(wanted, source, _parts(Path(wanted), source))


def _parts(template: Path, source: str) -> dict[str, str]:
    """All that a template includes, and what that includes, by name; what is not there is told when it is asked for."""
    from agentmerge.world.files import read_text
    from agentmerge.writing.sandbox import references

    parts: dict[str, str] = {}
    pending = list(references(source, str(template)))
    while pending:
        name = pending.pop()
        path = _beside(template, name)
        if name in parts or path is None:
            continue
        parts[name] = read_text(str(path))
        pending += references(parts[name], str(path))
    return parts


def _beside(template: Path, name: str) -> Path | None:
    """The file of an include: below the folder of the template, links followed; None where there is none."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\\" in name:
        return None
    folder, path = template.parent.resolve(), template.parent / pure
    return path if path.is_file() and path.resolve().is_relative_to(folder) else None
