"""Findings in, those out that nobody accepted: baselines, intentional differences, and who judges a change set."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Any

from agentmerge.diffing.records import DiffClass, Spot
from agentmerge.drifting.records import SEVERITIES, FileReview, Finding, Judged, Report, rules, with_findings
from agentmerge.drifting.records import finding as finding_of
from agentmerge.errors import PolicyError, unknown
from agentmerge.knowledge.tables import Knowledge, Raw
from agentmerge.rights import reading
from agentmerge.statements.clauses import MEDIUM, STRONG, WEAK
from agentmerge.text.lines import in_json
from agentmerge.text.paths import matches

# Requirements ---------------------------------------------------------------------------------------------------------
#
# Rules that a configuration requires of agents: which, of whom, and how strongly they have to say it.


STRENGTHS: Mapping[str, int] = {"must": STRONG, "should": MEDIUM, "may": WEAK}
"""How strongly a rule has to be said, by the word for it."""
KEYS = ("text", "file", "agents", "except", "strength")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of `require`."""

    text: str = ""
    """The rule in words; "" where a file says the rules."""
    file: str = ""
    """A file of which each prohibition and obligation is required, from the folder of the configuration."""
    agents: tuple[str, ...] = ()
    """Patterns of paths that it is required of; all where there are none."""
    exempt: tuple[str, ...] = ()
    """Patterns of paths that it is not required of."""
    strength: int = 0
    """How strongly it has to be said; 0 as strongly as it says itself."""

    def speaks_of(self, place: str) -> bool:
        """Whether it is required of the definition at a path."""
        return (not self.agents or _is_of(place, self.agents)) and not _is_of(place, self.exempt)


def _is_of(place: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(place, pattern) or fnmatchcase(place, f"*/{pattern}") for pattern in patterns)


def requirements(rows: Sequence[Mapping[str, Any]]) -> tuple[Requirement, ...]:
    """Rows of a configuration: `text` or `file`, and any of `agents`, `except`, `strength`. Raises PolicyError."""
    return tuple(_requirement(row) for row in rows)


def _requirement(row: Mapping[str, Any]) -> Requirement:
    for key in row:
        if key not in KEYS:
            raise PolicyError(f"a requirement has no {key!r}", remedy=f"use {', '.join(KEYS)}")
    text, file = (str(row.get(key, "")).strip() for key in ("text", "file"))
    if bool(text) == bool(file):
        raise PolicyError("a requirement has neither or both of text and file", remedy="say the rule, or name a file")
    word = str(row.get("strength", "")) or None
    if word is not None and word not in STRENGTHS:
        raise PolicyError(f"a requirement has the strength {word!r}", remedy=f"use {', '.join(STRENGTHS)}")
    agents, exempt = (_requirements_texts(row.get(key, ())) for key in ("agents", "except"))
    return Requirement(text, file, agents, exempt, STRENGTHS[word] if word is not None else 0)


def _requirements_texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)


# Baselines ------------------------------------------------------------------------------------------------------------
#
# The file that keeps what was accepted: findings by fingerprint, and the version of each file that was reviewed.


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
        new = {(row["fingerprint"], row["a"], row["b"]): row for row in _baselines_rows(report.judged())}
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


def _baselines_rows(pairs: Iterable[tuple[str, str, Judged]]) -> Iterator[dict[str, str]]:
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


# Acceptance -----------------------------------------------------------------------------------------------------------
#
# Findings that somebody has accepted: by a baseline, or as an intentional difference with a reason.


_KEYS = {"reason", "rules", "paths", "files", "adds", "sees", "until"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Intention:
    """Differences that are meant: of some rules, below some paths, between some files."""

    reason: str
    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Patterns of file names; one of the two has to match."""
    adds: tuple[str, ...] = ()
    """Members that a list may gain; where it gains any other, or is gone, the difference is not meant."""
    sees: tuple[str, ...] = ()
    """Fingerprints of the findings that were looked at."""
    until: str = ""
    """The last day on which it holds, as YYYY-MM-DD."""

    @property
    def is_bounded(self) -> bool:
        """Whether it says of what it speaks."""
        return bool(self.rules or self.paths or self.files or self.adds or self.sees)

    def has_ended(self, day: str) -> bool:
        """Whether it held up to a day before that."""
        return bool(self.until and day) and day > self.until

    def covers(self, finding: Finding, names: tuple[str, str], pair: Judged) -> bool:
        """Whether a finding between two files is meant."""
        return (
            (not self.sees or finding.fingerprint in self.sees)
            and (not self.adds or _gained(finding, pair) <= {*self.adds})
            and (not self.rules or finding.rule in self.rules)
            and (not self.paths or any(matches(pattern, finding.path) for pattern in self.paths))
            and (not self.files or any(_names(pattern, name) for pattern in self.files for name in names))
        )


_UNBOUND = frozenset({"*"})
"""What a list gains that is gone, or no list: everything."""


def _gained(finding: Finding, pair: Judged) -> frozenset[str]:
    """The members that a finding's field gained."""
    key = finding.path.removeprefix("frontmatter/")
    if isinstance(pair, FileReview) or key == finding.path:
        return _UNBOUND
    old, new = (side.field(key) for side in (pair.diff.matching.a, pair.diff.matching.b))
    if old is None or new is None or new.value is None:
        return _UNBOUND if new is None or new.value is None else frozenset(reading.names(new.value))
    return frozenset(reading.names(new.value)) - frozenset(reading.names(old.value))


def _names(pattern: str, name: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"*/{pattern}")


def intentions(rows: Iterable[Mapping[str, Any]], knowledge: Knowledge) -> tuple[Intention, ...]:
    """Rows of a configuration: `reason`, and any of `rules`, `paths`, `files`, `adds`, `sees`, `until`.

    Raises PolicyError.
    """
    return tuple(_intention(row, knowledge) for row in rows)


def _intention(row: Mapping[str, Any], knowledge: Knowledge) -> Intention:
    unknown = sorted(set(row) - _KEYS)
    if unknown:
        remedy = "use reason, rules, paths, files, adds, sees, until"
        raise PolicyError(f"an intentional difference has no {unknown[0]!r}", remedy=remedy)
    if not str(row.get("reason", "")).strip():
        raise PolicyError("an intentional difference has no reason", remedy="say in `reason` why it is meant")
    known = rules(knowledge)
    named, paths, files, adds, sees = (_texts(row.get(key, ())) for key in ("rules", "paths", "files", "adds", "sees"))
    until = str(row.get("until", ""))
    if until and not _DAY.fullmatch(until):
        raise PolicyError(f"an intentional difference ends on {until!r}", remedy="write the day as YYYY-MM-DD")
    for rule in named:
        if rule not in known:
            raise PolicyError(f"there is no rule '{rule}'", remedy="`agentmerge rules` lists them")
    return Intention(str(row["reason"]), named, paths, files, adds, sees, until)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)


def accept(report: Report, baseline: Baseline, meant: Sequence[Intention], day: str = "") -> Report:
    """The report with each accepted finding marked, and the baseline's lines that nothing answers to any more.

    `day` is that of the newest commit that is reviewed: intentions that ended before it hold no longer, which is told,
    as is one that accepts whatever there is.
    """
    if not baseline.accepted and not meant:
        return report
    used: set[Key] = set()
    found = []
    held = [one for one in meant if not one.has_ended(day)]
    for a, b, pair in report.judged():
        marked = [(finding, _accepted(finding, (a, b), pair, baseline, held)) for finding in pair.findings]
        used |= {(finding.fingerprint, a, b) for finding in pair.findings}
        found.append(tuple(finding._replace(accepted=why) if why else finding for finding, why in marked))
    return replace(with_findings(report, found), stale=baseline.stale(report, used), idle=tuple(_idle(meant, day)))


def _idle(meant: Sequence[Intention], day: str) -> Iterator[str]:
    for one in meant:
        if one.has_ended(day):
            yield f"'{one.reason}' ended on {one.until}, before the newest commit ({day})"
        elif not one.is_bounded:
            yield f"'{one.reason}' names nothing, and so accepts every finding"


def _accepted(
    finding: Finding, names: tuple[str, str], pair: Judged, baseline: Baseline, meant: Sequence[Intention]
) -> str:
    reason = next((one.reason for one in meant if one.covers(finding, names, pair)), "")
    return reason or (IN_BASELINE if baseline.accepts((finding.fingerprint, *names)) else "")


def failing(report: Report, limits: Sequence[str]) -> list[str]:
    """What reaches one of the limits: findings of a severity or a more serious one, or pairs of a class.

    Accepted findings reach none. A class counts as long as its pair has an open finding, or has no finding at all.
    """
    levels = [SEVERITIES.index(limit) for limit in SEVERITIES if limit in limits]
    worst = max(levels, default=-1)
    reached = []
    for a, b, pair in report.judged():
        still_open = [finding for finding in pair.findings if not finding.accepted]
        serious = [finding for finding in still_open if SEVERITIES.index(finding.severity) <= worst]
        is_edit = isinstance(pair, FileReview) and bool(pair.members)
        if serious or (not is_edit and pair.klass in limits and (still_open or not pair.findings)):
            pair_of = a if isinstance(pair, FileReview) else f"{a} -> {b}"
            reached.append(f"{pair_of}: {pair.klass}, {_count(serious)}{_rules_of(serious)}")
    return reached


def _rules_of(findings: Sequence[Finding]) -> str:
    """Which rules they are of, those with most findings first."""
    counted = Counter(finding.rule for finding in findings)
    told = (f"{count} {rule}" if count > 1 else rule for rule, count in counted.most_common())
    return f": {', '.join(told)}" if counted else ""


def _count(findings: Sequence[Finding]) -> str:
    return f"{len(findings)} {'finding' if len(findings) == 1 else 'findings'}"


# Options --------------------------------------------------------------------------------------------------------------
#
# What a configuration says under `drift`: severities, intentional differences, limits, a baseline.


_OPTIONS_KEYS = ("severity", "intentional", "fail-on", "baseline", "quorum")


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a review."""

    severities: Mapping[str, str] = field(default_factory=dict)
    """Severity by rule."""
    intentional: tuple[Intention, ...] = ()
    fail_on: tuple[str, ...] = ()
    baseline: str | None = None
    quorum: int | None = None
    required: tuple[Requirement, ...] = ()
    """Rules that definitions have to say."""

    @property
    def table(self) -> Mapping[str, Mapping[str, str]]:
        """Rows that lay the severities over the table of rules."""
        return {rule: {"severity": level, "mild": level} for rule, level in self.severities.items()}


def read_options(data: Mapping[str, Any], knowledge: Knowledge, required: object = ()) -> Options:
    """Options from a configuration's `drift` and `require`. Raises PolicyError for what there is none of."""
    for key in data:
        if key not in _OPTIONS_KEYS:
            raise PolicyError(f"there is no drift option '{key}'", remedy=f"known are {', '.join(_OPTIONS_KEYS)}")
    baseline, quorum = data.get("baseline"), data.get("quorum")
    if quorum is not None and (isinstance(quorum, bool) or not isinstance(quorum, int)):
        raise PolicyError(f"quorum is {quorum!r}, not a whole number")
    return Options(
        _options_severities(data.get("severity") or {}, knowledge),
        intentions(_options_rows(data.get("intentional") or ()), knowledge),
        limits(_options_texts(data.get("fail-on") or ())),
        None if baseline is None else str(baseline),
        quorum,
        requirements(_options_rows(required or ())),
    )


def with_severities(rows: Mapping[str, Raw], options: Options) -> Mapping[str, Raw]:
    """A configuration's tables with its severities laid over the table of rules."""
    return {**rows, "rules": {**rows.get("rules", {}), **options.table}}


def _options_severities(data: object, knowledge: Knowledge) -> dict[str, str]:
    if not isinstance(data, Mapping):
        raise PolicyError("severity is not a list of `rule: severity` lines")
    for rule, level in data.items():
        if rule not in rules(knowledge):
            raise PolicyError(f"there is no rule '{rule}'", remedy="`agentmerge rules` lists them")
        if level not in SEVERITIES:
            raise PolicyError(f"rule '{rule}' has the severity '{level}'", remedy=f"use {', '.join(SEVERITIES)}")
    return dict(data)


def _options_rows(data: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(data, (list, tuple)) or not all(isinstance(row, Mapping) for row in data):
        raise PolicyError(
            "intentional is not a list of rows", remedy="write `- reason: ...` with rules, paths or files"
        )
    return data


def _options_texts(data: object) -> list[str]:
    return [str(item) for item in data] if isinstance(data, (list, tuple)) else [str(data)]


def classes_of(names: Sequence[str]) -> tuple[DiffClass, ...]:
    """Classes of pairs, from values parted by commas. Raises PolicyError for what is none."""
    found = tuple(name.strip() for text in names for name in text.split(",") if name.strip())
    for name in found:
        if name not in tuple(DiffClass):
            raise unknown("class", name, DiffClass)
    return tuple(map(DiffClass, found))


def limits(names: Sequence[str]) -> tuple[str, ...]:
    """Severities and classes to fail on. Raises PolicyError for what is neither."""
    known = (*SEVERITIES, *DiffClass)
    found = tuple(name.strip() for text in names for name in text.split(",") if name.strip())
    for name in found:
        if name not in known:
            raise PolicyError(f"'{name}' is no severity or class to fail on", remedy=f"use one of {', '.join(known)}")
    return found


# Gate -----------------------------------------------------------------------------------------------------------------
#
# What judges a change set, before and after it: loosening the judge is a finding of its own.


@dataclass(frozen=True, slots=True)
class Gate:
    """What a change set is judged by at one of its ends."""

    options: Options
    knowledge: Knowledge
    """The tables with the severities of the configuration laid over them."""
    baseline: Baseline = field(default_factory=Baseline)


def loosened(old: Gate, new: Gate, *, wanted: bool = False) -> tuple[Finding, ...]:
    """A finding for each way in which the later gate lets more pass, judged by the earlier one.

    `wanted` says that whoever runs it has asked for the later one.
    """
    told = dict.fromkeys(
        [
            *_gate_severities(old, new),
            *_limits(old, new),
            *_intentions(old, new),
            *_tables(old, new),
            *_gate_accepted(old, new),
            *_required(old, new),
        ]
    )
    judge = new.knowledge if wanted else old.knowledge
    return tuple(finding_of("gate-loosened", one, "", None, Spot(1, 1, one), judge, mild=wanted) for one in told)


def unreadable(why: str, knowledge: Knowledge) -> Finding:
    """The finding for a later configuration or baseline that can't be read."""
    message = f"what judges the next change can't be read: {why}"
    return finding_of("gate-loosened", message, "", None, Spot(1, 1, message), knowledge)


def _gate_severities(old: Gate, new: Gate) -> Iterator[str]:
    after = rules(new.knowledge)
    for name, row in rules(old.knowledge).items():
        for was, now in ((row.severity, after[name].severity), (row.mild, after[name].mild)):
            if SEVERITIES.index(now) > SEVERITIES.index(was):
                yield f"the severity of {name} is {now} instead of {was}"


def _limits(old: Gate, new: Gate) -> Iterator[str]:
    worst = max((SEVERITIES.index(one) for one in SEVERITIES if one in new.options.fail_on), default=-1)
    for limit in old.options.fail_on:
        level = next((number for number, one in enumerate(SEVERITIES) if one == limit), None)
        if limit not in new.options.fail_on and (level is None or level > worst):
            yield f"fail-on no longer holds {limit}"


def _intentions(old: Gate, new: Gate) -> Iterator[str]:
    for one in new.options.intentional:
        if one not in old.options.intentional:
            yield f"accepted from now on, as '{one.reason}': {_of(one)}"


def _required(old: Gate, new: Gate) -> Iterator[str]:
    for one in old.options.required:
        if one not in new.options.required:
            yield f"no longer required as before: {one.text or one.file}"


def _of(one: Intention) -> str:
    named: Sequence[str] = (*one.rules, *one.paths, *one.files, *one.adds, *one.sees)
    return ", ".join(named) or "every finding"


def _tables(old: Gate, new: Gate) -> Iterator[str]:
    for name in sorted({*old.knowledge.rows, *new.knowledge.rows} - {"rules"}):
        if old.knowledge.own(name) != new.knowledge.own(name):
            yield f"the table '{name}' is another one"


def _gate_accepted(old: Gate, new: Gate) -> Iterator[str]:
    for key, row in new.baseline.accepted.items():
        if key not in old.baseline.accepted:
            yield f"the baseline accepts {row['rule']}: {row['message']} ({row['a']}, {row['b']})"
