"""What each host carries, as its file in `data/hosts` declares it: paths, fields by concept, rights, models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from agentmerge.errors import PolicyError
from agentmerge.knowledge import Knowledge
from agentmerge.rights import model

SCOPE = "scope"
_WORDS = re.compile(r"[a-z0-9][a-z0-9. _-]*")
_VERSION = re.compile(r"(?<=\d)[.-](?=\d(?:\D|$))")
"""The sign between the numbers of a version: `claude-opus-4-5` here is `claude-opus-4.5` there; no part of a date."""


class RuleForm(NamedTuple):
    """How a host writes a rule: a text that holds for files, and that nobody calls."""

    path: str
    fields: Mapping[str, str]
    """By concept."""
    is_list: bool
    """Whether the files of its scope are a list; else a text with commas."""
    whens: Mapping[str, Mapping[str, str]]
    """By `always`, `files` and `asked`, the fields that say so; no row where the host can't say it."""


class Carrier(NamedTuple):
    """What one host carries."""

    host: str
    agent: str
    """Path of an agent's file, with `{name}`; "" where nothing is converted to the host."""
    name: str
    """What identifies an agent: slug (a field of small letters and hyphens), text (any field), path (its file)."""
    reserved: frozenset[str]
    rights: tuple[str, ...]
    """Fields that a conversion writes to say rights."""
    fields: Mapping[str, str]
    """By concept."""
    values: Mapping[str, Sequence[str]]
    """By field of rights or by concept, the values that a conversion writes."""
    models: Mapping[str, str]
    """By family, or family and tier, the form of a model's name."""
    rule: RuleForm | None

    def concept(self, key: str) -> str:
        """What a field is about, by the names that all hosts share; "" for one that the host does not declare."""
        rule = self.rule.fields if self.rule is not None else {}
        return next((name for row in (self.fields, rule) for name, field in row.items() if field == key), "")


class Carriers:
    """The carriers of all hosts."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._rows = {host: _carrier(host, row.get("carries", {})) for host, row in knowledge.raw("dialects").items()}
        self.hosts: tuple[str, ...] = tuple(host for host in knowledge.dialects if self._rows[host].agent)
        """Those that a definition can be converted to."""

    def of(self, host: str) -> Carrier:
        """What a host carries."""
        return self._rows[host]

    def target(self, host: str) -> Carrier:
        """The same of a host to convert to. Raises PolicyError where there is none of that name."""
        if host not in self.hosts:
            raise PolicyError(f"nothing is converted to '{host}'", remedy=f"known are {', '.join(self.hosts)}")
        return self._rows[host]

    def concept(self, key: str, host: str) -> str:
        """What a field is about: by its own host's names, else by another host's, else by its own."""
        own = self._rows[host].concept(key)
        return own or next((found for row in self._rows.values() if (found := row.concept(key))), key)

    def holders(self, concept: str) -> tuple[str, ...]:
        """The hosts that carry a concept."""
        return tuple(host for host in self.hosts if concept in self._rows[host].fields or self._has_rule(host, concept))

    def _has_rule(self, host: str, concept: str) -> bool:
        rule = self._rows[host].rule
        return rule is not None and concept in rule.fields

    def model(self, name: str, host: str) -> tuple[str, bool] | None:
        """A model's name at a host, and whether it says the same; None where the table has no row for it."""
        rows = self._rows[host].models
        text = name.strip()
        if text.lower() in ("inherit", "default", ""):
            return (rows["inherit"], True) if "inherit" in rows else ("", True)
        found = model(text, self._knowledge)
        if found is None:
            return None
        identifier = _identifier(text)
        form = rows.get(found.family)
        if form is not None and identifier and found.version:
            return _spelt(form, identifier), True
        tiers = self._knowledge.raw("models")[found.family]["tiers"]
        words = str(tiers[found.tier]).split(" | ")
        row = next((rows[f"{found.family} {word}"] for word in words if f"{found.family} {word}" in rows), None)
        return None if row is None else (row, not found.version and not found.date)


def _identifier(name: str) -> str:
    """A model's name as an identifier, without its provider: `claude-sonnet-4.5` of `Claude Sonnet 4.5 (copilot)`."""
    bare = name.lower().partition("(")[0].strip().rpartition("/")[2]
    return "-".join(bare.split()) if _WORDS.fullmatch(bare) else ""


def _spelt(form: str, identifier: str) -> str:
    return form.replace("{dotted}", _VERSION.sub(".", identifier)).replace("{hyphened}", _VERSION.sub("-", identifier))


def _carrier(host: str, row: Mapping[str, Any]) -> Carrier:
    rule = row.get("rule")
    return Carrier(
        host,
        str(row.get("agent", "")),
        str(row.get("name", "slug")),
        frozenset(row.get("reserved", ())),
        tuple(row.get("rights", ())),
        row.get("fields", {}),
        row.get("values", {}),
        row.get("models", {}),
        None
        if rule is None
        else RuleForm(rule["path"], rule.get("fields", {}), rule.get("scope") == "list", dict(_whens(rule))),
    )


def _whens(rule: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for when in ("always", "files", "asked"):
        if when in rule:
            yield when, rule[when]
