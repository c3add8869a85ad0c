"""Results in the form of a host: what `convert` and `combine --host` share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from agentmerge.cli.boundary import FOUND, tell

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.converting.carriers import Conversion
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.model import Definition
    from agentmerge.planning.records import Merged

AllowLoss = Annotated[
    list[str] | None,
    typer.Option("--allow-loss", help="Field, right or tier that may grow where a host can't say less.", metavar="KEY"),
]
Host = Annotated[
    str | None,
    typer.Option("--host", help="Host in whose form the result is written (that of the first file).", metavar="HOST"),
]


class Form(NamedTuple):
    """The form that a result is to have."""

    host: str | None
    """None for that of its first source."""
    allowed: frozenset[str]

    def check(self, knowledge: Knowledge) -> None:
        """Raise PolicyError for a host that nothing is converted to, or a right that there is not."""
        if self.host is None:
            if self.allowed:
                raise typer.BadParameter(
                    "says what may get lost at a host; name it with --host", param_hint="--allow-loss"
                )
            return
        from agentmerge.converting import carriers, engine

        knowledge.derived(carriers.Carriers).target(self.host)
        engine.refuse_unknown(self.allowed, knowledge, ())

    def of(self, merged: Merged, first: Definition, knowledge: Knowledge) -> Merged:
        """The result in this form; what it loses is told. Where its rights would be wider the command ends."""
        if self.host is None:
            return merged
        from agentmerge.converting import engine
        from agentmerge.converting.engine import in_form

        before = self._as_combined(merged.text, first, knowledge)
        one = engine.convert(before, self.host, knowledge, self.allowed)
        tell_losses(replace(one, file="the result"))
        if one.refused:
            tell("nothing was written")
            raise typer.Exit(FOUND)
        return in_form(merged, before, one, knowledge)

    def read(self, text: str, dialect: str, knowledge: Knowledge) -> Definition:
        """A result, read as what it is."""
        from agentmerge.reading.parsing import parse

        host = self.host or dialect
        return parse(
            text, knowledge, filename="result.toml" if knowledge.dialects[host].syntax == "toml" else None, dialect=host
        )

    @staticmethod
    def _as_combined(text: str, first: Definition, knowledge: Knowledge) -> Definition:
        from agentmerge.reading.parsing import parse

        read = parse(text, knowledge, filename=first.filename, dialect=first.dialect)
        return replace(read, guessed=first.guessed)


def tell_losses(one: Conversion, *, is_reported: bool = False) -> None:
    """What a conversion loses, in a line each for what is refused or grows, and in one for the rest."""
    from agentmerge.views import plan as view

    for line in (*view.refusals(one), *view.widened(one)):
        tell(line)
    if not is_reported and (line := view.told(one)):
        tell(line)
