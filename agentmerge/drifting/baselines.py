"""The file that keeps what was accepted: findings by fingerprint, and the version of each file that was reviewed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from agentmerge.characters import in_json
from agentmerge.drifting.reports import Judged, Report
from agentmerge.errors import PolicyError

SCHEMA = "agentmerge/baseline/1"
IN_BASELINE = "in the baseline"

_MARKER = re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?:\s|$)")
_MISSING = re.compile(r"([}\"])(?=\n +[{\"])")
"""The end of a row before another one."""
_EXTRA = re.compile(r",(\n *[\]}])")
"""A comma behind the last row, and what follows it."""

Key = tuple[str, str, str]
"""Fingerprint and the names of both files: what is accepted between two files says nothing of a third."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was accepted so far."""

    accepted: Mapping[Key, Mapping[str, str]] = field(default_factory=dict)
    """Rows of the file: fingerprint, rule, message and both names."""
    reviewed: Mapping[str, str] = field(default_factory=dict)
    """Commit of the version that was reviewed last, by the file's path from the top of its repository."""
    contents: Mapping[str, str] = field(default_factory=dict)
    """Hash of what that version says, by the same path: a commit goes where branches are squashed."""
    ended: frozenset[Key] = frozenset()
    """Rows that a change set has used up: what they accept has been in the tree, and would come in once more."""

    def stale(self, report: Report, found: Iterable[Key]) -> tuple[str, ...]:
        """Rows that a report had to answer to, and did not."""
        known = set(found)
        rows = ((key, row) for key, row in sorted(self.accepted.items(), key=lambda item: _order(item[1])))
        return tuple(
            f"{row['fingerprint']} {row['rule']}: {row['message']} ({row['a']}, {row['b']})"
            for key, row in rows
            if (key not in known or key in self.ended) and _speaks_of(report, key)
        )

    def updated(self, report: Report) -> Baseline:
        """A baseline that accepts every finding of the report but those that are meant anyway.

        Rows that the report says nothing of stay. The newest version of a history counts as reviewed.
        """
        kept = {key: row for key, row in self.accepted.items() if not _speaks_of(report, key)}
        new = {(row["fingerprint"], row["a"], row["b"]): row for row in _rows(report.judged())}
        last = report.steps[-1] if report.steps else None
        reviewed = {last.path: last.rev} if last else {}
        contents = {last.path: last.blob} if last and last.blob else {}
        return Baseline({**kept, **new}, {**self.reviewed, **reviewed}, {**self.contents, **contents})

    def text(self) -> str:
        """The file: sorted, a row a line, so that git merges the rows of two branches."""
        maps = {"reviewed": self.reviewed, "contents": self.contents}
        parts = [f'  "schema": {json.dumps(SCHEMA)}']
        for name, rows in maps.items():
            lines = ",\n".join(f"    {_json(key)}: {_json(value)}" for key, value in sorted(rows.items()))
            parts += [f'  "{name}": {{\n{lines}\n  }}'] if rows else []
        lines = ",\n".join(f"    {_json(dict(row))}" for row in sorted(self.accepted.values(), key=_order))
        parts.append(f'  "accepted": [\n{lines}\n  ]' if lines else '  "accepted": []')
        return "{\n" + ",\n".join(parts) + "\n}\n"

    def accepts(self, key: Key) -> bool:
        """Whether a finding is accepted."""
        return key in self.accepted and key not in self.ended


def _json(value: object) -> str:
    return in_json(json.dumps(value, ensure_ascii=False))


def _order(row: Mapping[str, str]) -> tuple[str, ...]:
    return row["a"], row["b"], row["rule"], row["fingerprint"]


def _speaks_of(report: Report, key: Key) -> bool:
    """Whether a report would hold a finding if it were still there: two files, or two versions of one.

    Of two files both have to be among what was looked at: a run over one folder says nothing of another one.
    """
    _, a, b = key
    if report.steps:
        return a == b and report.whole and any(step.path == a for step in report.steps)
    if report.checked is not None:
        return any((row.old or row.new, row.new or row.old) == (a, b) for row in report.accounted)
    if report.places:
        return False
    if a == b:
        return a in report.names
    return all(_is_below(report.names if report.scope is None else report.scope, name) for name in (a, b))


def _is_below(scope: Iterable[str], name: str) -> bool:
    """Whether a file is one of some, or in a folder of them."""
    return any(
        name == one
        or name.startswith(f"{one}/")
        or (PurePath(name).is_relative_to(one) and name.startswith("..") == one.startswith(".."))
        for one in scope
    )


def _rows(pairs: Iterable[tuple[str, str, Judged]]) -> Iterator[dict[str, str]]:
    for a, b, pair in pairs:
        for finding in pair.findings:
            if finding.accepted in ("", IN_BASELINE):
                yield {
                    "fingerprint": finding.fingerprint,
                    "rule": finding.rule,
                    "message": finding.message,
                    "a": a,
                    "b": b,
                }


def read_baseline(text: str, name: str) -> Baseline:
    """A baseline from its file; one that git merged by lines may lack commas. Raises PolicyError for what is none."""
    marked = next((number for number, line in enumerate(text.split("\n"), 1) if _MARKER.match(line)), None)
    if marked is not None:
        remedy = "keep the rows of both sides; `merge=union` in .gitattributes does so from now on"
        raise PolicyError("holds conflict markers", file=name, line=marked, remedy=remedy)
    try:
        data = _data(text)
        if data["schema"] != SCHEMA:
            raise PolicyError(f"has the schema {data['schema']!r}", file=name, remedy=f"expected {SCHEMA!r}")
        rows = [
            {key: str(row[key]) for key in ("fingerprint", "rule", "message", "a", "b")} for row in data["accepted"]
        ]
        reviewed, contents = (
            {str(path): str(value) for path, value in data.get(key, {}).items()} for key in ("reviewed", "contents")
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PolicyError(
            "is not a baseline", file=name, remedy="name another file, or take back what was changed in it"
        ) from None
    return Baseline({(row["fingerprint"], row["a"], row["b"]): row for row in rows}, reviewed, contents)


def _data(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(_EXTRA.sub(r"\1", _MISSING.sub(r"\1,", text)))
