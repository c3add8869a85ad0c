"""Labels of links and footnotes belong to their file: where two files mean different things by one, one is renamed.

A renamed definition is an edit of its file's text, at the places of the label and nowhere else, read again: lines and
units stay where they were.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from agentmerge.combining.deciding import Plan
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Unit, walk_units
from agentmerge.outcome import Decision, Merged, Notice, Source
from agentmerge.parsing import parse, relations

_DEFINED = re.compile(r"\A\s*\*?\[[^\]]*\]:\s*")
_NUMBER = re.compile(r"\^(\d+)\Z")
_CODE = r"(?P<code>`+)(?!`).*?(?<!`)(?P=code)(?!`)"
_LABELLED = re.compile(
    rf"{_CODE}|(?:(?<=\])(?P<before>))?(?<!\\)\[(?P<label>(?:[^\[\]\\]|\\.)+)\](?P<after>\[\]|:|\()?", re.DOTALL
)
"""What may be the use of a label, or its definition."""
_PROSE = frozenset({"item", "task", "paragraph", "table", "quote", "reference"})


def told_apart(definitions: Sequence[Definition], knowledge: Knowledge) -> list[Definition]:
    """The definitions, with labels renamed that mean something else in an earlier one; equal meanings share a label."""
    meanings = _Meanings()
    references = [list(_references(definition)) for definition in definitions]
    taken = {_folded(unit.label) for units in references for unit in units}
    found = []
    for definition, units in zip(definitions, references, strict=True):
        names = dict(_new_names(units, meanings, taken))
        found.append(_renamed(definition, names, knowledge) if names else definition)
    return found


def _references(definition: Definition) -> Iterator[Unit]:
    units = (place.unit for place in walk_units(definition.root))
    return (unit for unit in units if unit.kind == "reference" and not unit.text.lstrip().startswith("*"))


class _Meanings:
    """What the labels of the files so far mean."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._labels: dict[tuple[str, bool], str] = {}
        """The first label of each meaning, that of a link and that of a footnote."""
        self._last_number = 0

    def __contains__(self, label: str) -> bool:
        return label in self._of

    def add(self, label: str, meaning: str) -> None:
        if label not in self._of:
            self._of[label] = meaning
            self._labels.setdefault((meaning, label[0] == "^"), label)

    def shared(self, label: str, meaning: str) -> str:
        """The label of an earlier file that means the same, its own one first; "" where there is none."""
        if self._of.get(label) == meaning:
            return label
        return self._labels.get((meaning, label[0] == "^"), "")

    def free(self, label: str, taken: Collection[str]) -> str:
        """The next number that no file uses, or the label with one."""
        if _NUMBER.match(label):
            if not self._last_number:
                used = [int(match[1]) for other in taken if (match := _NUMBER.match(other))]
                self._last_number = max(used, default=0)
            self._last_number += 1
            return f"^{self._last_number}"
        number = 2
        while _folded(f"{label}-{number}") in taken:
            number += 1
        return f"{label}-{number}"


def _new_names(units: Sequence[Unit], meanings: _Meanings, taken: set[str]) -> Iterator[tuple[str, str]]:
    """Label to new label, for the labels of one file that have to change; `meanings` and `taken` learn from it."""
    own: dict[str, str] = {}
    there = {_folded(unit.label) for unit in units}
    for unit in units:
        label, meaning = _folded(unit.label), _meaning(unit)
        if label in own:
            continue
        shared = meanings.shared(label, meaning)
        if shared == label or (label not in meanings and (not shared or shared in there)):
            own[label] = meaning
        elif shared and shared not in there:
            there.add(shared)
            own[label] = ""
            yield label, shared
        else:
            new = meanings.free(unit.label, taken)
            taken.add(_folded(new))
            own[label], own[_folded(new)] = "", meaning
            yield label, new
    for label, meaning in own.items():
        if meaning:
            meanings.add(label, meaning)


def _meaning(unit: Unit) -> str:
    return " ".join(_DEFINED.sub("", unit.text).split())


def _folded(label: str) -> str:
    return " ".join(label.lower().split())


def _renamed(definition: Definition, names: Mapping[str, str], knowledge: Knowledge) -> Definition:
    parts, at = [], 0
    for place in walk_units(definition.root):
        unit = place.unit
        if unit.kind in _PROSE:
            parts += [definition.text[at : unit.span.start], _with_names(unit, names)]
            at = unit.span.end
    text = "".join([*parts, definition.text[at:]])
    return parse(text, knowledge, filename=definition.filename, dialect=definition.dialect)


def _with_names(unit: Unit, names: Mapping[str, str]) -> str:
    def changed(match: re.Match[str]) -> str:
        new, after = names.get(_folded(match["label"] or "")), match["after"] or ""
        if new is None or after == "(":
            return match[0]
        if (
            match["label"].startswith("^")
            or match["before"] is not None
            or (after == ":" and unit.kind == "reference" and match.start() <= 3)
        ):
            return f"[{new}]{after}"
        # The label is the text of the link, too, and stays it.
        return f"[{match['label']}][{new}]{'' if after == '[]' else after}"

    return _LABELLED.sub(changed, unit.source)


def keep_used(plan: Plan, definitions: Sequence[Definition]) -> None:
    """Let the definition of a label stand as long as a unit stands that uses it."""
    verdicts = plan.by_key
    for file, definition in enumerate(definitions):
        for note in relations.notes(definition):
            verdict = verdicts.get((file, note.line))
            users = (verdicts.get((file, line)) for line in note.used)
            if verdict is not None and verdict.dropped and any(user is not None and user.stands for user in users):
                verdict.dropped, verdict.rule = False, "note-of-what-stands"


def notices(originals: Sequence[Definition], renamed: Sequence[Definition], names: Sequence[str]) -> Iterator[Notice]:
    """Each label that is another in the result than in its file."""
    for file, (before, after) in enumerate(zip(originals, renamed, strict=True)):
        if before is not after:
            pairs = zip(_references(before), _references(after), strict=True)
            told = [f"[{old.label}] is [{new.label}]" for old, new in pairs if old.label != new.label]
            if not told:
                continue
            yield Notice("label-renamed", "info", f"{names[file]}: {', '.join(told)} in the result")


def as_written(merged: Merged, originals: Sequence[Definition], renamed: Sequence[Definition]) -> Merged:
    """The records of a combine with the sources' texts as their authors wrote them."""
    texts = {
        (file, place.unit.line): place.unit.text
        for file, (before, after) in enumerate(zip(originals, renamed, strict=True))
        if before is not after
        for place in walk_units(before.root)
    }
    if not texts:
        return merged

    def source(one: Source) -> Source:
        known = texts.get((one.file, one.line))
        return one if known is None or one.kind == "heading" else replace(one, text=known)

    def decision(one: Decision) -> Decision:
        return replace(one, members=tuple(map(source, one.members)))

    return replace(
        merged,
        decisions=tuple(map(decision, merged.decisions)),
        conflicts=tuple(replace(one, members=tuple(map(source, one.members))) for one in merged.conflicts),
        ledger=tuple(replace(row, source=source(row.source)) for row in merged.ledger),
    )
