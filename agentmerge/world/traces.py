"""What git's merges of definitions decided, kept beside the repository: the last ones in, each of a file out again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agentmerge.errors import AgentMergeError
from agentmerge.world import git
from agentmerge.world.files import write_text

KEPT = 50
"""Merges of one file that are kept in a repository; the oldest go."""
_NUMBER = 6


def keep(path: str, labels: tuple[str, str, str], report: Mapping[str, Any], told: str) -> None:
    """Keep what the merge of a file decided: its report, and the same in words. Whatever fails, the merge stands."""
    try:
        folder = _folder(None)
        if folder is None:
            return
        folder.mkdir(parents=True, exist_ok=True)
        there = _numbered(folder)
        number = int(there[-1].stem) + 1 if there else 1
        data = {"schema": "agentmerge/trace/1", "path": path, "labels": list(labels), "told": told, "report": report}
        write_text(str(folder / f"{number:0{_NUMBER}}.json"), json.dumps(data, ensure_ascii=False))
        for old in there[: max(len(there) + 1 - KEPT, 0)]:
            old.unlink(missing_ok=True)
    except (AgentMergeError, OSError, ValueError):
        return


def of(name: str) -> Iterator[Mapping[str, Any]]:
    """What is kept of merges of a file on disk, the newest first. Raises GitError where there is no git."""
    place = Path(name).absolute()
    around = str(place.parent) if place.parent.is_dir() else None
    folder = _folder(around)
    if folder is None:
        return
    top = git.run("rev-parse", "--show-toplevel", cwd=around).out.decode("utf-8", "surrogateescape").strip()
    path = Path(os.path.relpath(place.resolve(), Path(top).resolve())).as_posix()
    for file in reversed(_numbered(folder)):
        try:
            data = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(data, dict) and data.get("schema") == "agentmerge/trace/1" and data.get("path") == path:
            yield data


def _folder(cwd: str | None) -> Path | None:
    """The folder in the repository's own directory, shared by all of its working trees; None outside of one."""
    ran = git.run("rev-parse", "--git-common-dir", cwd=cwd)
    if ran.code != 0:
        return None
    found = ran.out.decode("utf-8", "surrogateescape").strip()
    return Path(cwd or ".", found) / "agentmerge" / "merges"


def _numbered(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.glob("*.json") if one.stem.isdecimal())
