"""Which configuration counts: that of the flag, of the environment, or the one nearest to what a command reads."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agentmerge.errors import PolicyError
from agentmerge.world.files import CONFIG_NAMES, STDIO, read_text

if TYPE_CHECKING:
    # Most commands have no configuration, and reading one loads every stage that it speaks of.
    from agentmerge.config import Config, Source

PYPROJECT = "pyproject.toml"
VARIABLE = "AGENTMERGE_CONFIG"
Reader = Callable[[str], str]
_DEEPEST = 20
"""Files that may extend each other in a row."""


def named(flag: str | None) -> str | None:
    """The configuration that the flag names, else the environment."""
    return flag or os.environ.get(VARIABLE) or None


def find(names: Sequence[str]) -> str | None:
    """The configuration nearest to the common folder of some files and folders; None where there is none."""
    for folder in upwards(common_folder(names)):
        found = in_folder(folder)
        if found is not None:
            return os.path.relpath(found)
    return None


def in_folder(folder: Path) -> Path | None:
    """The configuration that stands in a folder: a file of its own, else a table of `pyproject.toml`."""
    for name in CONFIG_NAMES:
        if (folder / name).is_file():
            return folder / name
    project = folder / PYPROJECT
    if not project.is_file():
        return None
    return project if has_own_table(read_text(str(project))) else None


def has_own_table(text: str) -> bool:
    """Whether a `pyproject.toml` holds a configuration."""
    return "tool.agentmerge" in text or bool(re.search(r"\[tool\s*\.\s*[\"']?agentmerge", text))


def upwards(folder: Path) -> Iterator[Path]:
    """A folder and those above it, up to the root of its repository; outside of one the folder alone."""
    above = [folder, *folder.parents]
    root = next((number for number, one in enumerate(above) if (one / ".git").exists()), 0)
    yield from above[: root + 1]


def common_folder(names: Sequence[str]) -> Path:
    """The folder that holds all files and folders of these names; a folder holds itself."""
    folders = [str(_folder(name)) for name in names] or [str(Path.cwd())]
    return Path(os.path.commonpath(folders))


def _folder(name: str) -> Path:
    if name == STDIO or name.startswith("/dev/"):
        return Path.cwd()
    path = Path(name)
    if ":" in name and not path.exists():
        inner = name.partition(":")[2]
        # A path of a revision is one from the top of the repository, unless it begins with a point.
        top = Path.cwd() if inner.startswith(".") else list(upwards(Path.cwd()))[-1]
        path = top / inner
    path = _absolute(path)
    return path if path.is_dir() else path.parent


def _absolute(path: Path) -> Path:
    """A path without points in it; links stay as they are."""
    return Path(os.path.normpath(path.absolute()))


def load(file: str, names: Sequence[str], read: Reader) -> Config:
    """A configuration with all that it extends, for these files; `read` reads one. Raises PolicyError."""
    from agentmerge.config import config_of

    return config_of(sources(file, names, read))


def sources(file: str, names: Sequence[str], read: Reader) -> list[Source]:
    """A configuration file behind all that it extends, each of which stands before what is laid over it."""
    return list(_sources(file, names, read, ()))


def _sources(file: str, names: Sequence[str], read: Reader, above: tuple[str, ...]) -> Iterator[Source]:
    from agentmerge.config import read_source

    if file in above or len(above) > _DEEPEST:
        raise PolicyError(f"'{file}' extends itself", file=above[-1], remedy="take it out of `extends`")
    folder = _absolute(Path(file)).parent
    asked = (_absolute(Path(name)) for name in names if name != STDIO)
    own = tuple(Path(os.path.relpath(name, folder)).as_posix() for name in asked)
    source = read_source(read(file), file, own)
    for name in source.extends:
        yield from _sources(_extended(file, name), names, read, (*above, file))
    yield source


def _extended(file: str, name: str) -> str:
    """The file that a configuration extends. It stands in the same repository: a gate depends on no other place."""
    if name.startswith(("/", "~")) or Path(name).is_absolute():
        raise PolicyError(f"extends '{name}'", file=file, remedy="name a file of the same repository, from this one")
    revision, mark, path = file.rpartition(":") if not Path(file).exists() else ("", "", file)
    found = os.path.normpath(Path(path).parent / name)
    if not mark:
        root = list(upwards(_absolute(Path(file)).parent))[-1]
        if not Path(found).resolve().is_relative_to(root.resolve()):
            raise PolicyError(f"extends '{name}', which is outside", file=file, remedy=f"name a file below {root}")
    return f"{revision}{mark}{found}"
