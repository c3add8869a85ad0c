"""What names the role of a definition: its name, its file, aliases; which of many are of one role says `surveying`."""

from __future__ import annotations

import re
from pathlib import PurePath

from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition

_PARTS = re.compile(r"[^\w]+|_+")


def role_keys(definition: Definition, knowledge: Knowledge) -> list[str]:
    """What names the role of a definition: its `name`, else its file, without titles such as `senior` or `expert`."""
    name = definition.field("name")
    return keys_of(name.text if name is not None else "", definition.filename, knowledge)


def keys_of(name: str, filename: str | None, knowledge: Knowledge) -> list[str]:
    """What names a role, by the field `name` and the file's name."""
    keys = [_key(text, knowledge) for text in (name, stem(filename, knowledge)) if text.strip()]
    return list(dict.fromkeys(key for key in keys if key))


def stem(filename: str | None, knowledge: Knowledge) -> str:
    """A file's name without its ending, or its folder's where all files are called the same."""
    if not filename:
        return ""
    path = PurePath(filename)
    found = path.name.split(".")[0]
    if found.lower() in knowledge.raw("roles")["files"]["generic"]:
        return path.parent.name
    return found


def _key(text: str, knowledge: Knowledge) -> str:
    raw = knowledge.raw("roles")
    words = [part for part in _PARTS.split(text.lower()) if part]
    words = [raw["aliases"].get(word, word) for word in words]
    bare = [word for word in words if word not in raw["titles"]["words"]]
    return " ".join(bare or words)
