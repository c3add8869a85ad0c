"""A diff in, text for people out: by section, with word marks; in a terminal or as Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from agentmerge.diffing.records import Change, ChangeKind, Diff, DiffClass, Spot, texts_of, word_ops
from agentmerge.drifting.records import Finding, of_change, rules_by_place
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition
from agentmerge.views.paint import Paint, one_line, safe

# Figures --------------------------------------------------------------------------------------------------------------
#
# How a comparison is put into words and figures, the same in every view.


def percent(share: float, *, equal: bool) -> str:
    """A share in percent; only equal texts are 100, and what shares something is not 0."""
    number = round(share * 100)
    if not equal:
        number = min(max(number, 1 if share > 0 else 0), 99)
    return str(number)


def alike(diff: Diff) -> str:
    """Similarity of two definitions in percent."""
    return percent(diff.similarity, equal=diff.klass == "identical")


def verdict(klass: DiffClass, first: str) -> str:
    """A class, with what the second definition holds all of, or is a part of."""
    return f"{klass} of {first}" if klass in ("superset", "subset") else klass


# Diff -----------------------------------------------------------------------------------------------------------------
#
# A diff for people: grouped by section, word marks inside reworded units, moves as moves, a summary line.


_SIGNS = {
    "added": ("+", "added"),
    "removed": ("-", "removed"),
    "reworded": ("~", "changed"),
    "changed": ("~", "changed"),
    "renamed": ("~", "changed"),
    "moved": (">", "moved"),
    "reordered": (">", "moved"),
    "releveled": (">", "moved"),
    "checked": ("x", "changed"),
    "unchecked": ("x", "changed"),
    "restyled": ("·", "dim"),
}


_GONE = 2
"""Second part of an entry's place where only the old side has it."""


@dataclass(slots=True)
class Entry:
    """All changes of one node, shown together."""

    path: str
    place: tuple[int, int, int]
    """Where it is shown: line of the new file that it stands at or after, then removed before added."""
    changes: list[Change] = field(default_factory=list)
    texts: tuple[str, str] = ("", "")
    """Both sides' texts, "" for a side that there is none of; of fields in one line."""

    @property
    def is_section(self) -> bool:
        return self.changes[0].kind.startswith("section")

    @property
    def aspects(self) -> set[str]:
        return {change.kind.partition("-")[2] for change in self.changes}


def diff_text(
    diff: Diff,
    changes: Sequence[Change],
    names: Sequence[str],
    paint: Paint,
    knowledge: Knowledge,
    *,
    findings: Sequence[Finding] = (),
    inline: bool = False,
    width: int = 100,
) -> str:
    """The whole view; `inline` shows a reworded text once, with both versions of what differs in it.

    Findings of a review stand behind the line that they speak of, those that are serious at the top too.
    """
    lines = [_headline(diff, names, paint), *_serious(findings, paint, width), ""]
    marks = rules_by_place(findings)
    for path, group in groupby(entries(diff, changes), key=lambda entry: entry.path):
        headed = list(group)
        lines.append(_header(path, [entry for entry in headed if entry.is_section], paint))
        for entry in headed:
            if not entry.is_section or "renamed" in entry.aspects:
                shown = list(_entry(entry, paint, knowledge, inline=inline, width=width - 2))
                shown[0] += _mark(entry, marks, paint)
                lines += ("  " + line for line in shown)
        lines.append("")
    lines.append(summary(changes))
    return "\n".join(lines) + "\n"


def _serious(findings: Sequence[Finding], paint: Paint, width: int) -> Iterator[str]:
    for finding in findings:
        if finding.severity != "info":
            style = "error" if finding.severity == "breaking" else "changed"
            told = one_line(finding.message, max(width - len(finding.rule) - 14, 40))
            yield f"  {paint(style, f'{finding.severity:8} {finding.rule}')}: {told}"


def _mark(entry: Entry, marks: Mapping[tuple[int, int], list[Finding]], paint: Paint) -> str:
    found = [finding for change in entry.changes for finding in of_change(change, marks)]
    rules = dict.fromkeys(finding.rule for finding in found if finding.severity != "info")
    worst = "error" if any(finding.severity == "breaking" for finding in found) else "changed"
    return "  " + paint(worst, f"! {', '.join(rules)}") if rules else ""


def _header(path: str, sections: Sequence[Entry], paint: Paint) -> str:
    title = one_line(path) or "(before the first heading)"
    if not sections:
        return paint("title", title)
    sign, style = _sign(sections[0])
    notes = "; ".join(f"section {_label(change)}".rstrip() for entry in sections for change in entry.changes)
    return f"{paint(style, f'{sign} {title}')}  {paint('dim', f'({where(sections[0].changes[0])}: {notes})')}"


def _label(change: Change) -> str:
    return f"{change.kind.partition('-')[2]} {one_line(change.note)}"


def _headline(diff: Diff, names: Sequence[str], paint: Paint) -> str:
    old, new = (safe(name) for name in names)
    facts = f"{verdict(diff.klass, old)}, {alike(diff)}% similar; {coverage(diff, names)}"
    return f"{paint('title', f'{old} -> {new}')}  {facts}"


def coverage(diff: Diff, names: Sequence[str]) -> str:
    """How much of each side was compared with something."""
    shares = (f"{share:.0%} of {safe(name)}" for share, name in zip(diff.coverage, names, strict=True))
    return f"a partner was found for {' and '.join(shares)}"


def summary(changes: Iterable[Change]) -> str:
    """One line: how many of what."""
    counts = Counter(change.kind for change in changes)
    if not counts:
        return "no changes"
    parts = []
    for noun in ("field", "section", "unit"):
        found = [f"{count} {kind.partition('-')[2]}" for kind, count in counts.items() if kind.startswith(noun + "-")]
        if found:
            parts.append(f"{noun}s: {', '.join(found)}")
    parts += ["order of fields"] if counts[ChangeKind.FIELDS_REORDERED] else []
    parts += ["white space"] if counts[ChangeKind.LAYOUT] else []
    return "; ".join(parts)


def stat_text(diff: Diff, changes: Sequence[Change], names: Sequence[str], paint: Paint) -> str:
    """A line per section with its counts."""
    rows = [
        (
            one_line(path, 60) or "(before the first heading)",
            Counter(change.kind.partition("-")[2] for e in group for change in e.changes),
        )
        for path, group in groupby(entries(diff, changes), key=lambda entry: entry.path)
    ]
    merged: dict[str, Counter[str]] = {}
    for path, counts in rows:
        merged[path] = merged.get(path, Counter()) + counts
    pad = max(map(len, merged), default=0)
    lines = [_headline(diff, names, paint)]
    lines += [f" {path:{pad}} | {_counts(counts, paint)}" for path, counts in merged.items()]
    return "\n".join([*lines, summary(changes)]) + "\n"


def _counts(counts: Counter[str], paint: Paint) -> str:
    return ", ".join(
        paint(_SIGNS.get(word, ("", "dim"))[1], f"{number} {word or 'layout'}") for word, number in counts.items()
    )


def entries(diff: Diff, changes: Iterable[Change]) -> list[Entry]:
    """Changes gathered by node, in the order of the new file; what is gone stands where it stood."""
    anchors, found = _Anchors(diff), {}
    for change in changes:
        key = (change.kind.partition("-")[0], change.old and change.old.line, change.new and change.new.line)
        if key not in found:
            found[key] = Entry(anchors.path(change), anchors.place(change), texts=_texts(diff, change))
        found[key].changes.append(change)
    ordered = sorted(_rising(found.values()), key=lambda entry: entry.place)
    first = {entry.path: number for number, entry in reversed(list(enumerate(ordered)))}
    return sorted(ordered, key=lambda entry: (first[entry.path], entry.place))


def _texts(diff: Diff, change: Change) -> tuple[str, str]:
    old, new = texts_of(change.old, change.new)
    if not change.path.startswith("frontmatter/"):
        return old, new
    return _inline(diff.matching.a, change.old), _inline(diff.matching.b, change.new)


def _inline(definition: Definition, spot: Spot | None) -> str:
    return next((field.inline for field in definition.fields if spot is not None and field.line == spot.line), "")


def _rising(found: Iterable[Entry]) -> list[Entry]:
    """The entries, what is gone from a section in the order that it had there: what it followed may have moved."""
    following: dict[str, int] = {}
    entries = sorted(found, key=lambda entry: entry.place[2], reverse=True)
    for entry in entries:
        line, gone, old_line = entry.place
        if gone == _GONE:
            following[entry.path] = min(line, following.get(entry.path, line))
            entry.place = (following[entry.path], gone, old_line)
    return entries


class _Anchors:
    """Where on the new side a node of the old side belongs."""

    def __init__(self, diff: Diff) -> None:
        pairs = (*diff.matching.fields, *diff.matching.sections, *diff.matching.units)
        self._lines = sorted((pair.a.line, pair.b.line) for pair in pairs)
        self._paths = {
            _titles(pair.a.path, pair.a.text): _titles(pair.b.path, pair.b.text) for pair in diff.matching.sections
        }

    def path(self, change: Change) -> str:
        if change.path.startswith("frontmatter"):
            return "frontmatter"
        return change.path if change.new else self._paths.get(change.path, change.path)

    def place(self, change: Change) -> tuple[int, int, int]:
        if change.new:
            return change.new.line, 1, 0
        line = change.old.line if change.old else 0
        before = [new for old, new in self._lines if old < line]
        return (before[-1] if before else 0), _GONE, line


def _titles(path: Sequence[object], title: str) -> str:
    return " / ".join([*(getattr(section, "title", "") for section in path), title])


def _entry(entry: Entry, paint: Paint, knowledge: Knowledge, *, inline: bool, width: int) -> Iterator[str]:
    change = entry.changes[0]
    sign, style = _sign(entry)
    noun = change.kind.partition("-")[0]
    what = _what(entry, noun)
    if noun == "field" and change.old and change.new and "changed" in entry.aspects:
        yield paint(style, f"{sign} {where(change)}  {what}")
        if knowledge.field_info(change.path.partition("/")[2]).shape != "set":
            # The note names the members that came and went, whatever the spelling of the list.
            yield from _reworded(change, paint, inline=inline)
    elif "reworded" in entry.aspects or "renamed" in entry.aspects:
        yield paint(style, f"{sign} {where(change)}" + (f"  {what}" if what else ""))
        yield from _reworded(change, paint, inline=inline)
    else:
        text = _text(noun, change, entry.texts[1] if change.new else entry.texts[0], width)
        yield paint(style, f"{sign} {where(change)}  {text}") + (paint("dim", f"  ({what})") if what else "")


def _text(noun: str, change: Change, text: str, width: int) -> str:
    shown = one_line(text, width * 2)
    if noun in ("field", "fields"):
        key = one_line(change.path.partition("/")[2])
        return f"{key}: {shown}" if key else shown
    return shown or "(white space)"


def _sign(entry: Entry) -> tuple[str, str]:
    for aspect in ("added", "removed", "reworded", "renamed", "changed", "checked", "unchecked", "moved"):
        if aspect in entry.aspects:
            return _SIGNS[aspect]
    return next((_SIGNS[aspect] for aspect in sorted(entry.aspects) if aspect in _SIGNS), ("·", "dim"))


def _what(entry: Entry, noun: str) -> str:
    parts = []
    for change in entry.changes:
        aspect = change.kind.partition("-")[2]
        plain = aspect in ("added", "removed", "reworded", "changed")
        label = "" if plain else {"reordered": "order changed", "restyled": "style"}.get(aspect, aspect)
        parts.append(" ".join(part for part in (label, one_line(change.note)) if part))
    if noun == "field" and entry.aspects == {"changed"}:
        parts.insert(0, entry.changes[0].path.partition("/")[2])
    return "; ".join(part for part in parts if part)


def where(change: Change) -> str:
    """Lines of both sides: `12`, or `12->30` where a node has both."""
    if change.old and change.new:
        return f"{change.old.line}->{change.new.line}"
    spot = change.new or change.old
    return str(spot.line) if spot else ""


def _reworded(change: Change, paint: Paint, *, inline: bool) -> Iterator[str]:
    assert change.old is not None
    assert change.new is not None
    ops = word_ops(change.old.text, change.new.text)
    if inline:
        yield from _rows("    ", "".join(_marked(op, text, paint) for op, text in ops))
        return
    for sign, hidden, style in (("-", "added", "removed"), ("+", "removed", "added")):
        shown = "".join(_marked(op, text, paint) for op, text in ops if op != hidden)
        yield from _rows(f"  {paint(style, sign)} ", shown)


def _rows(prefix: str, text: str) -> Iterator[str]:
    for number, row in enumerate(text.split("\n")):
        yield (prefix if number == 0 else "    ") + row


def _marked(op: str, text: str, paint: Paint) -> str:
    text = safe(text)
    if op == "equal":
        return text
    if paint.enabled:
        return "\n".join(paint(op, row) for row in text.split("\n"))
    return f"[-{text}-]" if op == "removed" else f"{{+{text}+}}"


# Diff markdown --------------------------------------------------------------------------------------------------------
#
# A diff as Markdown, for a pull request or a job summary.


_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!])")


def diff_markdown(diff: Diff, changes: Sequence[Change], names: Sequence[str], findings: Sequence[Finding] = ()) -> str:
    """Headings per section, a list item per changed node; nothing of the content is taken for markup."""
    old, new = (escaped(name) for name in names)
    lines = [
        f"### {old} → {new}: {verdict(diff.klass, old)}",
        "",
        f"{alike(diff)}% similar; {escaped(coverage(diff, names))}. {escaped(summary(changes))}.",
        "",
        *_markdown_serious(findings),
    ]
    for path, group in groupby(entries(diff, changes), key=lambda entry: entry.path):
        lines += [
            f"**{escaped(path) or '(top)'}**",
            "",
            *(line for entry in group for line in _markdown_entry(entry)),
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_serious(findings: Sequence[Finding]) -> Iterator[str]:
    serious = [finding for finding in findings if finding.severity != "info"]
    yield from (f"- **{f.severity}** `{f.rule}`: {escaped(f.message)}" for f in serious)
    yield from [""] if serious else []


def escaped(text: str) -> str:
    """Text that Markdown shows as it stands, on one line."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def _markdown_entry(entry: Entry) -> Iterator[str]:
    change = entry.changes[0]
    labels = ", ".join(dict.fromkeys(c.kind.replace("-", " ") for c in entry.changes))
    notes = "; ".join(escaped(c.note) for c in entry.changes if c.note)
    key = change.path.partition("/")[2] if change.path.startswith("frontmatter/") else ""
    head = f"- {labels}{f' `{safe(key)}`' if key else ''} ({where(change)})" + (f" – {notes}" if notes else "")
    if change.old and change.new and {"reworded", "renamed", "changed"} & entry.aspects:
        yield f"{head}: {''.join(_markdown_marked(op, text) for op, text in word_ops(*entry.texts))}"
    else:
        yield f"{head}: {escaped(entry.texts[1] if change.new else entry.texts[0])}"


def _markdown_marked(op: str, text: str) -> str:
    lead = text[: len(text) - len(text.lstrip())]
    tail = text[len(text.rstrip()) :] if text.strip() else ""
    shown = escaped(text)
    if op == "equal" or not shown:
        return f"{' ' if lead else ''}{shown}{' ' if tail else ''}"
    tag = "del" if op == "removed" else "ins"
    return f"{' ' if lead else ''}<{tag}>{shown}</{tag}>{' ' if tail else ''}"
