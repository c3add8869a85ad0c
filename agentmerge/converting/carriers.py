"""What a conversion is made of, and what each host carries as its file declares it: paths, fields, rights, models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from agentmerge.errors import PolicyError
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Diagnostic, Field, Value
from agentmerge.rights.comparing import model
from agentmerge.rights.vocabulary import Rights

# Records --------------------------------------------------------------------------------------------------------------
#
# What a conversion reads and what it comes to: the neutral record, the fate of each field, the result.


Fate = Literal["kept", "renamed", "approximated", "dropped", "refused"]
FATES: tuple[Fate, ...] = ("kept", "renamed", "approximated", "dropped", "refused")
Kind = Literal["agent", "rule"]
When = Literal["always", "files", "asked"]
"""When a rule holds: always, for the files of its scope, or where somebody asks for it."""
Values: TypeAlias = Mapping[str, Value]
DEFAULT = "default"
"""The key of what no field says and the host does by itself."""
BODY = "body"


class Loss(NamedTuple):
    """What became of one field, or of what a host does by itself."""

    key: str
    line: int
    """Of the field in its file; 1 for what no field says."""
    fate: Fate
    to: tuple[str, ...] = ()
    """The fields of the result that say it."""
    told: str = ""
    """What is lost or different, in a phrase."""
    carriers: tuple[str, ...] = ()
    """Hosts that would carry it."""
    rights: tuple[str, ...] = ()
    """Of what is refused, or was allowed to grow: the rights that would be wider."""


@dataclass(frozen=True, slots=True)
class Neutral:
    """A definition as no host in particular has it."""

    kind: Kind
    slug: str
    """What a file or an identifier may be called; "" where nothing of its names can be."""
    title: str
    """Its name as its author writes it."""
    description: str
    body: str
    """Byte for byte."""
    scope: tuple[str, ...]
    """Of a rule: the files that it is for."""
    when: When
    rights: Rights
    host: str
    fields: tuple[Field, ...]
    """As hosts read them, each key once."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One definition in another host's form."""

    file: str
    """What was converted."""
    source: str
    """The host that it was written for."""
    host: str
    path: str
    """Where the host looks for it, from the folder of the project."""
    text: str
    """The result; it is not to be written where something is refused."""
    losses: tuple[Loss, ...]
    """The fate of each field in the order of the file, then what no field says."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What the host's reader warns of in the result, and the source's did not."""

    @property
    def refused(self) -> tuple[Loss, ...]:
        """What keeps it from being written."""
        return tuple(loss for loss in self.losses if loss.fate == "refused")


# Carriers -------------------------------------------------------------------------------------------------------------
#
# What each host carries, as its file in `data/hosts` declares it: paths, fields by concept, rights, models.


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
