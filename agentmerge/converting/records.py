"""What a conversion reads and what it comes to: the neutral record, the fate of each field, the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from agentmerge.model import Diagnostic, Field, Value
from agentmerge.rights import Rights

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
