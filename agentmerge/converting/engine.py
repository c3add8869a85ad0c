"""One definition in, another host's form out: its body byte for byte, rights never wider, each field's fate told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agentmerge.converting.carriers import BODY, DEFAULT, Carrier, Carriers, Conversion, Loss, Neutral
from agentmerge.converting.fates import Fates, Written, carried, rights_keys
from agentmerge.converting.granting import Granted, bound, grant, made, neutral
from agentmerge.errors import InputError, InternalError, PolicyError
from agentmerge.knowledge.tables import Dialect, Knowledge
from agentmerge.model import Definition, Diagnostic, Field, Value
from agentmerge.planning.records import Merged
from agentmerge.reading import yamlio
from agentmerge.reading.parsing import parse
from agentmerge.rights.comparing import beyond
from agentmerge.rights.reading import effective, names, spelt
from agentmerge.rights.vocabulary import RightsTables

# Converting -----------------------------------------------------------------------------------------------------------
#
# One definition into another host's form: its body byte for byte, its rights never wider, each field's fate told.


_UNSAID = ("recovered", "toml", "merged", "bare")
"""Styles whose lines are not to be written again as they are."""


def convert(
    definition: Definition, host: str, knowledge: Knowledge, allowed: frozenset[str] = frozenset()
) -> Conversion:
    """A definition in the form of a host.

    `allowed` names what may grow or get lost where the host can't say it: keys of fields, rights, tiers, `default` for
    what no field says. Whatever else would be wider is refused in `losses`, and the text is not to be written then.
    Raises PolicyError for a host that nothing is converted to, InputError for a definition that can't be taken apart,
    InternalError where the result does not read back as what was decided.
    """
    carrier = knowledge.derived(Carriers).target(host)
    record = neutral(definition, knowledge)
    if not record.slug:
        raise InputError(
            "has no name that a file could have",
            file=definition.filename,
            remedy="give it a name, or another file name",
        )
    if definition.dialect == host and definition.is_seen:
        return _as_it_is(definition, record, carrier)
    return _Converting(definition, record, carrier, knowledge, allowed).result()


def _as_it_is(definition: Definition, record: Neutral, carrier: Carrier) -> Conversion:
    losses = tuple(Loss(field.key, field.line, "kept", (field.key,)) for field in record.fields)
    path = _path(record, carrier)
    return Conversion(definition.filename or "", record.host, carrier.host, path, definition.text, losses)


def _path(record: Neutral, carrier: Carrier) -> str:
    form = carrier.rule.path if record.kind == "rule" and carrier.rule is not None else carrier.agent
    return form.replace("{name}", record.slug)


class _Converting:
    """One definition on its way to one host."""

    def __init__(
        self, definition: Definition, record: Neutral, carrier: Carrier, knowledge: Knowledge, allowed: frozenset[str]
    ) -> None:
        self._definition, self._record, self._carrier = definition, record, carrier
        self._knowledge, self._allowed = knowledge, allowed
        self._dialect: Dialect = knowledge.dialects[carrier.host]
        self._path = _path(record, carrier)
        self._is_rule = record.kind == "rule" and carrier.rule is not None
        self._limit = bound(record.rights, carrier.host, allowed, knowledge)

    def result(self) -> Conversion:
        record, carrier, knowledge = self._record, self._carrier, self._knowledge
        fields = carried(record, carrier, knowledge)
        granted = self._granted(fields.written)
        sources = {field.key: field for field in record.fields}
        written = [*fields.written, *(Written(key, value, sources.get(key)) for key, value in granted.values.items())]
        written.sort(key=lambda one: knowledge.field_info(one.key, carrier.host).rank)
        text, read = self._proven(written, granted)
        fates = Fates(record, granted, effective(read, knowledge), carrier, knowledge)
        losses = [*fates.of(rights_keys(record, knowledge), fields.losses, self._allowed), *self._extras()]
        losses.sort(key=lambda loss: (loss.key in (DEFAULT, BODY), loss.line))
        return Conversion(
            self._definition.filename or "",
            record.host,
            carrier.host,
            self._path,
            text,
            tuple(losses),
            self._warned(read),
        )

    def _granted(self, written: Sequence[Written]) -> Granted:
        if self._is_rule:
            # A rule grants nothing: whoever reads it works with what the session has.
            return Granted({}, ())
        rest = [made(one.key, one.value) for one in written]
        return grant(self._record.rights, self._limit, self._carrier, rest, self._knowledge)

    def _extras(self) -> list[Loss]:
        record, found = self._record, []
        if record.kind == "rule" and not self._is_rule and not any(f.key in ("globs", "paths") for f in record.fields):
            hosts = self._knowledge.derived(Carriers)
            others = tuple(host for host in hosts.hosts if hosts.of(host).rule is not None)
            found.append(Loss(BODY, 1, "approximated", (BODY,), "a rule becomes an agent that is called", others))
        if self._dialect.prompt and not record.body.strip():
            found.append(Loss(BODY, 1, "refused", (), "the host needs a prompt, and there is none", (), (BODY,)))
        if self._dialect.body_limit is not None and len(record.body) > self._dialect.body_limit:
            told = f"{len(record.body):,} characters; the host reads {self._dialect.body_limit:,}"
            found.append(Loss(BODY, 1, "approximated", (BODY,), told))
        if record.slug in self._carrier.reserved:
            found.append(Loss("name", 1, "refused", (), f"the host has a {record.slug} of its own", (), ("name",)))
        return [one for one in found if not (one.fate == "refused" and one.key in self._allowed)]

    def _warned(self, read: Definition) -> tuple[Diagnostic, ...]:
        known = {note.code for note in self._definition.diagnostics}
        return tuple(note for note in read.diagnostics if note.severity != "info" and note.code not in known)

    # The text

    def _proven(self, written: Sequence[Written], granted: Granted) -> tuple[str, Definition]:
        """The text, read back with the host's reader: with the source's own lines where they read the same."""
        fault = ""
        for verbatim in (True, False):
            text = self._text(written, verbatim=verbatim)
            read = parse(text, self._knowledge, filename=self._path, dialect=self._carrier.host)
            fault = self._fault(read, written, granted)
            if not fault:
                return text, read
        raise InternalError(f"the result for {self._carrier.host} {fault}", file=self._definition.filename)

    def _fault(self, read: Definition, written: Sequence[Written], granted: Granted) -> str:
        for one in written:
            field = read.field(one.key)
            if field is None or not self._is_same(one, field):
                return f"does not read back its field {one.key}"
        if {field.key for field in read.fields} - {one.key for one in written} - {self._dialect.prompt}:
            return "has a field that nobody wrote"
        if neutral(read, self._knowledge).body != self._record.body:
            return "has another body"
        if not self._is_rule and beyond(self._limit, effective(read, self._knowledge)) != granted.beyond:
            return "has other rights than it was made for"
        return ""

    def _is_same(self, one: Written, read: Field) -> bool:
        if one.key in self._dialect.forms:
            # A bare list is a text to whoever reads it.
            return names(read.value) == names(one.value)
        return spelt(self._value(read.value, read.exact)) == spelt(one.value)

    def _value(self, value: Value, exact: Value) -> Value:
        return exact if self._dialect.syntax == "yaml" else value

    def _text(self, written: Sequence[Written], *, verbatim: bool) -> str:
        lines = "".join(self._lines(one, verbatim=verbatim) for one in written)
        if self._dialect.syntax == "toml":
            return lines + yamlio.written(self._dialect.prompt, self._record.body, "", self._dialect)
        if not lines:
            return self._record.body
        newline = self._definition.newline
        front = f"---\n{lines}---\n"
        return (front if newline == "\n" else front.replace("\n", newline)) + self._record.body

    def _lines(self, one: Written, *, verbatim: bool) -> str:
        field = one.source
        if field is None:
            return yamlio.written(one.key, one.value, "", self._dialect)
        if verbatim and self._is_verbatim(one):
            return field.source.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
        remarks = "".join(
            f"{yamlio.comment(line.strip().lstrip('# '))}\n" for c in field.comments for line in c.text.split("\n")
        )
        return remarks + yamlio.written(one.key, one.value, field.style, self._dialect)

    def _is_verbatim(self, one: Written) -> bool:
        """Whether the source's own lines say the value to the host."""
        field = one.source
        if field is None or field.key != one.key or field.style in _UNSAID or field.condition:
            return False
        if self._dialect.syntax == "toml" or self._dialect.forms.get(one.key):
            return False
        if self._dialect.one_line and field.style in ("literal", "folded", "block"):
            return False
        return spelt(self._value(field.value, field.exact)) == spelt(one.value)


def refuse_unknown(allowed: frozenset[str], knowledge: Knowledge, definitions: Sequence[Definition]) -> None:
    """Raise PolicyError for what may get lost and is neither a field of a definition or a host, nor a right."""
    known = knowledge.derived(RightsTables)
    keys = {key for dialect in knowledge.dialects.values() for key in dialect.fields}
    keys |= {field.key for one in definitions for field in one.fields}
    names = {*keys, *known.tools, *known.states, *known.tiers, DEFAULT, BODY, *_limits(knowledge)}
    for one in sorted(allowed - names):
        raise PolicyError(f"'{one}' is no field and no right", remedy="name one as the refusal does, such as tools")


def _limits(knowledge: Knowledge) -> frozenset[str]:
    return frozenset(str(row.get("capability", "")) for row in knowledge.raw("fields").values())


# Hosting --------------------------------------------------------------------------------------------------------------
#
# What was combined, in the form of a host: the same decisions, with the lines that they have there.


def in_form(merged: Merged, before: Definition, one: Conversion, knowledge: Knowledge) -> Merged:
    """A result as a conversion wrote it; `before` is its text as it was combined."""
    after = parse(one.text, knowledge, filename=one.path, dialect=one.host)
    lines = _Lines(before, after, one, knowledge)
    return replace(
        merged,
        text=one.text,
        conflicts=tuple(replace(each, line=lines.of(each.line)) for each in merged.conflicts),
        ledger=tuple(replace(row, into=lines.of(row.into)) for row in merged.ledger),
        findings=tuple(replace(notice, lines=lines.all_of(notice.lines)) for notice in merged.findings),
    )


class _Lines:
    """Where a line of one text stands in the other."""

    def __init__(self, before: Definition, after: Definition, one: Conversion, knowledge: Knowledge) -> None:
        self._start = _body_line(before, knowledge)
        self._shift = _body_line(after, knowledge) - self._start
        to = {loss.key: loss.to for loss in one.losses}
        written = {field.key: field.line for field in after.fields}
        self._fields = {
            line: next((written[key] for key in to.get(field.key, ()) if key in written), None)
            for field in before.fields
            for line in range(field.start, field.end)
        }

    def of(self, line: int | None) -> int | None:
        """A line there; None for one that is gone."""
        if line is None or line >= self._start:
            return None if line is None else line + self._shift
        return self._fields.get(line)

    def all_of(self, lines: Sequence[int]) -> tuple[int, ...]:
        return tuple(found for line in lines if (found := self.of(line)) is not None)


def _body_line(definition: Definition, knowledge: Knowledge) -> int:
    """The line on which the body starts."""
    if definition.syntax == "toml":
        prompt = definition.field(knowledge.dialects[definition.dialect].prompt)
        assert prompt is not None
        return prompt.line + 1
    return 1 if definition.frontmatter is None else definition.frontmatter.end
