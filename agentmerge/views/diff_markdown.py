"""A diff as Markdown, for a pull request or a job summary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from agentmerge.diffing.records import Change, Diff
from agentmerge.diffing.wording import word_ops
from agentmerge.drifting.records import Finding
from agentmerge.views.diff import Entry, coverage, entries, summary, where
from agentmerge.views.figures import alike, verdict
from agentmerge.views.safe import one_line, safe

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!])")


def diff_markdown(diff: Diff, changes: Sequence[Change], names: Sequence[str], findings: Sequence[Finding] = ()) -> str:
    """Headings per section, a list item per changed node; nothing of the content is taken for markup."""
    old, new = (escaped(name) for name in names)
    lines = [
        f"### {old} → {new}: {verdict(diff.klass, old)}",
        "",
        f"{alike(diff)}% similar; {escaped(coverage(diff, names))}. {escaped(summary(changes))}.",
        "",
        *_serious(findings),
    ]
    for path, group in groupby(entries(diff, changes), key=lambda entry: entry.path):
        lines += [f"**{escaped(path) or '(top)'}**", "", *(line for entry in group for line in _entry(entry)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _serious(findings: Sequence[Finding]) -> Iterator[str]:
    serious = [finding for finding in findings if finding.severity != "info"]
    yield from (f"- **{f.severity}** `{f.rule}`: {escaped(f.message)}" for f in serious)
    yield from [""] if serious else []


def escaped(text: str) -> str:
    """Text that Markdown shows as it stands, on one line."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def _entry(entry: Entry) -> Iterator[str]:
    change = entry.changes[0]
    labels = ", ".join(dict.fromkeys(c.kind.replace("-", " ") for c in entry.changes))
    notes = "; ".join(escaped(c.note) for c in entry.changes if c.note)
    key = change.path.partition("/")[2] if change.path.startswith("frontmatter/") else ""
    head = f"- {labels}{f' `{safe(key)}`' if key else ''} ({where(change)})" + (f" – {notes}" if notes else "")
    if change.old and change.new and {"reworded", "renamed", "changed"} & entry.aspects:
        yield f"{head}: {''.join(_marked(op, text) for op, text in word_ops(*entry.texts))}"
    else:
        yield f"{head}: {escaped(entry.texts[1] if change.new else entry.texts[0])}"


def _marked(op: str, text: str) -> str:
    lead = text[: len(text) - len(text.lstrip())]
    tail = text[len(text.rstrip()) :] if text.strip() else ""
    shown = escaped(text)
    if op == "equal" or not shown:
        return f"{' ' if lead else ''}{shown}{' ' if tail else ''}"
    tag = "del" if op == "removed" else "ins"
    return f"{' ' if lead else ''}<{tag}>{shown}</{tag}>{' ' if tail else ''}"
