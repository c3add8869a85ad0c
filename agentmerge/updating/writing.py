"""A recipe written into the text of a configuration: a few lines come in, all others stay as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentmerge.errors import PolicyError
from agentmerge.model import Value
from agentmerge.updating.records import Recipe, Source
from agentmerge.yamltext import field

_HEAD = re.compile(r"^recipes:[ \t]*(#.*)?$", re.MULTILINE)
_ANY = re.compile(r"^[\"']?recipes[\"']?[ \t]*:", re.MULTILINE)


def with_recipe(text: str, recipe: Recipe) -> str:
    """The text of a configuration with one more recipe. PolicyError where its `recipes` are no block of lines."""
    newline = "\r\n" if "\r\n" in text else "\n"
    plain = text.replace("\r\n", "\n")
    head = _HEAD.search(plain)
    entry = field(recipe.output, _written(recipe))
    if head is None:
        if _ANY.search(plain):
            remedy = "write it below `recipes:` by hand: " + " ".join(entry.split())
            raise PolicyError("`recipes` is not a block of lines", remedy=remedy)
        start = plain if not plain or plain.endswith("\n") else f"{plain}\n"
        found = f"{start}recipes:\n{_indented(entry, '  ')}"
    else:
        rest = plain[head.end() :].removeprefix("\n")
        first = re.search(r"^([ \t]+)[^\s#]", rest, re.MULTILINE)
        found = f"{plain[: head.end()]}\n{_indented(entry, first[1] if first else '  ')}{rest}"
    return found.replace("\n", newline)


def _indented(text: str, indent: str) -> str:
    return "".join(f"{indent}{line}\n" for line in text.removesuffix("\n").split("\n"))


def _written(recipe: Recipe) -> Mapping[str, Value]:
    options = {
        key: value
        for key, value in (
            ("strategy", recipe.combine.strategy),
            ("wording", recipe.combine.wording),
            ("on-conflict", recipe.combine.on_conflict),
            ("name", recipe.combine.name),
        )
        if value is not None
    }
    combine: dict[str, Value] = {"combine": dict(options)} if options else {}
    return {"sources": tuple(_source(source) for source in recipe.sources), **combine}


def _source(source: Source) -> Value:
    if not source.repo:
        return source.path
    revision: dict[str, Value] = {"rev": source.rev} if source.rev else {}
    return {"path": source.path, "repo": source.repo, **revision}
