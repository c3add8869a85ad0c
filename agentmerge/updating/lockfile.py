"""The lock: what the tool wrote last for each output. Sorted, without a time and without a version of the tool."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentmerge.contents import ITSELF
from agentmerge.errors import InputError
from agentmerge.model import Value
from agentmerge.parsing.yamlio import YamlError, load
from agentmerge.updating.records import GONE, Locked, LockedSource
from agentmerge.yamltext import field

NAME = "agentmerge.lock"
SCHEMA = "agentmerge/lock/1"
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_HEAD = "# Written by `agentmerge update`: what it wrote last, and from what. Keep it under version control.\n"


def read_lock(text: str, file: str = NAME) -> dict[str, Locked]:
    """The rows of a lock by output. InputError for a file that is none: a base must not be guessed."""
    try:
        data = load(text)
    except YamlError as error:
        raise InputError(
            f"not valid YAML: {error.message}", file=file, line=error.line + 1, remedy="take it from git's history"
        ) from None
    if data is None:
        return {}
    if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
        raise InputError(f"is no lock of the form {SCHEMA}", file=file, remedy="take it from git's history")
    rows = data.get("outputs") or {}
    try:
        if not isinstance(rows, Mapping):
            raise TypeError("outputs")
        return {str(output): _row(row) for output, row in rows.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"a row has another form: {error}", file=file, remedy="take it from git's history") from None


def _row(data: Value) -> Locked:
    if not isinstance(data, Mapping):
        raise TypeError("an output is no list of `key: value` lines")
    base = data["base"]
    files = base if isinstance(base, Mapping) else {ITSELF: base}
    sources = data["sources"]
    if not isinstance(sources, tuple):
        raise TypeError("sources")
    return Locked(
        _hash(data["recipe"]), {str(path): _hash(name) for path, name in files.items()}, tuple(map(_source, sources))
    )


def _source(data: Value) -> LockedSource:
    if not isinstance(data, Mapping):
        raise TypeError("a source")
    name = str(data["hash"])
    revision, path = (str(data.get(key) or "") for key in ("revision", "path"))
    return LockedSource(str(data["source"]), revision, name if name == GONE else _hash(name), path)


def _hash(value: Value) -> str:
    # Digits alone are a number for YAML; they are written in quotes.
    if not isinstance(value, str) or not _HASH.match(value):
        raise ValueError(f"'{value}' is no hash")
    return value


def lock_text(rows: Mapping[str, Locked]) -> str:
    """The lock as text, the same bytes for the same rows."""
    outputs: dict[str, Value] = {output: _written(rows[output]) for output in sorted(rows)}
    return _HEAD + field("schema", SCHEMA) + field("outputs", outputs)


def _written(row: Locked) -> dict[str, Value]:
    base: Value = row.base[ITSELF] if set(row.base) == {ITSELF} else {path: row.base[path] for path in sorted(row.base)}
    sources = tuple(_written_source(source) for source in row.sources)
    return {"base": base, "recipe": row.recipe, "sources": sources}


def _written_source(source: LockedSource) -> dict[str, Value]:
    known: dict[str, Value] = {"path": source.path, "revision": source.revision}
    return {"hash": source.hash, **{key: value for key, value in known.items() if value}, "source": source.label}
