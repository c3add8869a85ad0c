"""Findings of many files in, equal edits told once out: what was edited, known migrations, and what was left over."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import NamedTuple

from agentmerge.diffing.records import ChangeSeverity, Spot, folded
from agentmerge.drifting.records import SEVERITIES, FileReview, Finding, Member, Report, finding, with_findings
from agentmerge.knowledge.tables import Knowledge, Raw
from agentmerge.model import Definition
from agentmerge.reading.parsing import parse
from agentmerge.rights import comparing, reading
from agentmerge.text.lines import bare, split_lines

# Deltas ---------------------------------------------------------------------------------------------------------------
#
# What a finding says was edited, in parts that can be the same in other files: members, words, names, paths.


TEXT, PATH, KEY, BACK = "text", "path", "key", "back"
"""Where an edit is that is none of a field's value."""
ANY = "…"
"""Stands for a value that may be another one in each file."""
MOST_WORDS = 600
"""Words of a text up to which two are compared word by word."""
LONGEST = 8
"""Words of one replacement from which a text counts as written anew, and equal to nothing but itself."""
_EDGES = "`*_\"'()[]{}<>.,;!?#@"
_FRONT = "frontmatter/"


class Delta(NamedTuple):
    """One edit: something became something else; either is "" where it was added or removed."""

    where: str
    """`frontmatter/tools` for the value of a field, `key`, `path`, or `text`."""
    old: str
    new: str

    @property
    def says(self) -> str:
        if not self.old or not self.new:
            what = "+" if self.new else "-"
            return f"{what}{self.new or self.old}"
        return f"{self.old} became {self.new}"


Edit = tuple[Delta, ...]
"""One edit as it may be told of, the most exact way first."""


class File(NamedTuple):
    """A changed file: both definitions with their paths."""

    before: str
    after: str
    old: Definition
    new: Definition


def edits_of(finding: Finding, file: File, knowledge: Knowledge) -> tuple[Edit, ...]:
    """The edits that a finding is made of, all of them; none where it can't be told."""
    if finding.rule == "restored":
        return ((Delta(BACK, "", finding.slot),),)
    if finding.path.startswith(_FRONT):
        return tuple(_of_field(finding, file, knowledge))
    if finding.rule == "agent-moved":
        return (_of_path(file.before, file.after),)
    if finding.a is None or finding.b is None:
        return tuple(_of_one_side(finding))
    stem = PurePosixPath(file.after).name.split(".")[0]
    return tuple(_with_stem(edit, stem) for edit in _of_texts(finding.a.text, finding.b.text))


def renamed_key(found: Sequence[Finding], file: File) -> tuple[Finding, Finding, Delta] | None:
    """A field that is gone and another one that came with its value; None where no two are such."""
    gone = [one for one in found if one.path.startswith(_FRONT) and one.a is not None and one.b is None]
    came = [one for one in found if one.path.startswith(_FRONT) and one.b is not None and one.a is None]
    for one in gone:
        for other in came:
            keys = one.path.removeprefix(_FRONT), other.path.removeprefix(_FRONT)
            was, now = file.old.field(keys[0]), file.new.field(keys[1])
            if was is not None and now is not None and was.value == now.value:
                return one, other, Delta(KEY, *keys)
    return None


def _of_field(finding: Finding, file: File, knowledge: Knowledge) -> Iterator[Edit]:
    key = finding.path.removeprefix(_FRONT)
    old, new = file.old.field(key), file.new.field(key)
    if old is not None and new is not None and knowledge.field_info(key).shape == "set":
        info = knowledge.field_info(key)
        yield from _of_members(finding.path, reading.members(info, old.value), reading.members(info, new.value))
        return
    before, after = (" ".join(one.text.split()) if one is not None else "" for one in (old, new))
    if before == after:
        return
    exact = Delta(finding.path, before, after)
    named = _named_after(exact, file.after)
    short = max(len(before.split()), len(after.split())) <= LONGEST
    wide = [Delta(finding.path, ANY if before else "", after)] if short and before and after else []
    wide += [Delta(finding.path, before and ANY, after and ANY)] if not (before and after) else []
    yield (*named, exact, *(_patterns(finding.path, before, after) if short and before and after else ()), *wide)


def _of_members(where: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Edit]:
    """The members of a list that came and went; one that is named otherwise now is one edit."""
    gone, came = [one for one in old if one not in new], [one for one in new if one not in old]
    for name in list(gone):
        heir = next((one for one in came if re.split(r"[/._:]", one)[-1] == name or one == name.split("/")[-1]), None)
        if heir is not None:
            gone.remove(name)
            came.remove(heir)
            yield (Delta(where, name, heir), *_patterns(where, name, heir))
    if len(gone) == len(came) == 1:
        yield (Delta(where, gone[0], came[0]),)
        return
    yield from ((Delta(where, one, ""),) for one in gone)
    yield from ((Delta(where, "", one),) for one in came)


def _named_after(exact: Delta, place: str) -> list[Delta]:
    """The edit with the file's own folder or name in the place of what it is called."""
    path = PurePosixPath(place)
    names = {"{folder}": path.parent.name, "{file}": path.name.split(".")[0]}
    names |= {"{plugin}": path.parent.parent.name} if len(path.parts) > 2 else {}
    found = []
    for sign, name in names.items():
        if name and exact.new == name:
            old = "*" if exact.old and (exact.old.lower() == name or name.endswith(exact.old)) else exact.old
            found.append(exact._replace(old=old, new=sign))
        elif name and exact.old and exact.new == f"{name}-{exact.old}":
            found.append(exact._replace(old="*", new=f"{sign}-*"))
    if exact.old and exact.new == exact.old.lower():
        found.append(exact._replace(old="*", new="* in lower case"))
    return found


def _of_path(before: str, after: str) -> Edit:
    """A move, with a star for the name of the file, then for the folders between the first and the last, too."""
    stem = PurePosixPath(before).name.split(".")[0]
    old, new = (_starred(path, stem) for path in (before, after))
    wide = [_without_middle(path) for path in (old, new)]
    return tuple(dict.fromkeys((Delta(PATH, old, new), Delta(PATH, wide[0], wide[1]), Delta(PATH, ANY, wide[1]))))


def _starred(path: str, stem: str) -> str:
    parts = [re.sub(rf"^{re.escape(stem)}(?=\.|$)", "*", part) for part in path.split("/")]
    return "/".join(parts)


def _without_middle(path: str) -> str:
    parts = path.split("/")
    if len(parts) < 3:
        return path
    return posixpath.join(parts[0], "*", *parts[-2:]) if parts[-2] != "*" else posixpath.join(parts[0], *parts[-2:])


def _of_one_side(finding: Finding) -> Iterator[Edit]:
    spot: Spot | None = finding.a or finding.b
    if spot is not None and spot.text.strip():
        text = folded(spot.text)
        yield (Delta(TEXT, text, "") if finding.a is not None else Delta(TEXT, "", text),)


def _with_stem(edit: Edit, stem: str) -> Edit:
    """An edit, and the same with a sign where the name of its own file stands."""
    exact = edit[0]
    named = Delta(exact.where, *(text.replace(stem, "{file}") for text in exact[1:])) if len(stem) > 3 else exact
    return edit if named == exact else (*edit, named)


def _of_texts(old: str, new: str) -> Iterator[Edit]:
    """Replaced words of two texts."""
    before, after = old.split(), new.split()
    if max(len(before), len(after)) > MOST_WORDS:
        return
    steps = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for tag, a, b, c, d in steps:
        if tag == "equal":
            continue
        if b - a == d - c:
            for was, now in zip(before[a:b], after[c:d], strict=True):
                if was != now:
                    yield from _of_word(was, now)
        else:
            whole = Delta(TEXT, " ".join(before[a:b]), " ".join(after[c:d]))
            yield (whole,)
    if before == after and old != new:
        yield (Delta(TEXT, "line breaks", "others"),)


def _of_word(was: str, now: str) -> Iterator[Edit]:
    old, new = was.strip(_EDGES), now.strip(_EDGES)
    if old == new or not old or not new:
        old, new = was, now
    yield (Delta(TEXT, old, new), *_patterns(TEXT, old, new))


def _patterns(where: str, old: str, new: str) -> list[Delta]:
    """What a name became, with a star for what both have."""
    head = len(posixpath.commonprefix([old, new]))
    tail = len(posixpath.commonprefix([old[head:][::-1], new[head:][::-1]]))
    if not head and not tail:
        return []
    # What stands before the place that changed says what kind of name it is: `/gsd` in `/gsd:plan`.
    kept = old[:head] if re.fullmatch(r"\W?\w{1,16}\W?", old[:head]) else f"*{old[:head][-8:]}" if head else ""
    rest = "*" if tail else ""
    middle = old[head : len(old) - tail], new[head : len(new) - tail]
    return [Delta(where, f"{kept}{middle[0]}{rest}", f"{kept}{middle[1]}{rest}")]


# Migrations -----------------------------------------------------------------------------------------------------------
#
# Migrations that are known: rows of `data/migrations.toml`, and the edits that belong to them.


class Migration(NamedTuple):
    """One row: what hosts or authors renamed, and what that means for the rights."""

    id: str
    says: str
    host: str
    since: str
    rights: str
    """`same`, or what the rights become: what is proven per file."""
    edits: tuple[Delta, ...]
    """Edits that it is made of, with stars."""

    def has(self, delta: Delta) -> bool:
        """Whether an edit is one of it."""
        return any(
            one.where == delta.where and _matches(one.old, delta.old) and _matches(one.new, delta.new)
            for one in self.edits
        )


def migrations(knowledge: Knowledge) -> Sequence[Migration]:
    """All rows, in the order of the table."""
    return knowledge.derived(_migrations)


def _migrations(knowledge: Knowledge) -> Sequence[Migration]:
    return [_migration(name, row) for name, row in knowledge.raw("migrations").items()]


def _migration(name: str, row: Raw) -> Migration:
    edits = tuple(
        Delta(where, str(old), str(new)) for where, pairs in row.get("edits", {}).items() for old, new in pairs
    )
    return Migration(name, row["says"], row.get("host", ""), row.get("since", ""), row.get("rights", "same"), edits)


def _matches(pattern: str, text: str) -> bool:
    """A pattern with stars; the empty one stands for nothing alone."""
    return text == pattern or bool(pattern and text and fnmatchcase(text, pattern.replace("[", "[[]")))


# Leftovers ------------------------------------------------------------------------------------------------------------
#
# What one edit over many files left over: files that it did not reach, and words that it should not have reached.


Others = Callable[[Sequence[str]], Mapping[str, str]]
"""The texts of definitions of the new tree, changed ones too, that hold one of some texts, by path."""

_MARKED = "#@`'\"/[,"
"""What stands before a word that is the name of a tool, and not of the language."""
_FIELD = "frontmatter/"


class Left(NamedTuple):
    """Files that an edit did not reach."""

    told: str
    places: tuple[str, ...]


class Harm(NamedTuple):
    """A line in which a word was replaced that is no name."""

    was: int
    now: int
    old: str
    new: str


class Damage(NamedTuple):
    """Such lines of one file."""

    at: int
    delta: Delta
    lines: tuple[Harm, ...]

    def has(self, finding: Finding) -> bool:
        """Whether a finding tells of the damage alone."""
        if finding.a is None or finding.b is None or finding.path.startswith(_FIELD) or finding.accepted:
            return False
        back = finding.b.text.lower().replace(self.delta.new.lower(), self.delta.old.lower())
        return folded(back) == folded(finding.a.text.lower()) and any(
            folded(one.new) in folded(finding.b.text) or folded(finding.b.text) in folded(one.new) for one in self.lines
        )


def is_name(text: str) -> bool:
    """Whether a text is the name of one thing, without a star or a blank."""
    return bool(text) and re.fullmatch(r"[\w./:-]+", text) is not None


def left_out(
    delta: Delta, count: int, changed: Mapping[str, Definition], others: Others, knowledge: Knowledge
) -> Left | None:
    """The files that kept what an edit replaced in `count` others, or lack what it added; None where there are none.

    Where as many files were left as were changed, that is no oversight.
    """
    if delta.where == TEXT and delta.old and delta.new:
        return _kept_words(delta, count, changed, others)
    if not delta.where.startswith(_FIELD) or not (is_name(delta.new) or is_name(delta.old)):
        return None
    key = delta.where.removeprefix(_FIELD)
    if knowledge.field_info(key).shape != "set":
        # Another model or mode is chosen file by file.
        return None
    rest = {place: text for place, text in others([f"{key}:"]).items() if place not in changed}
    read = {place: parse(_head(text), knowledge, filename=place) for place, text in rest.items()}
    listed = {place: own for place, one in {**changed, **read}.items() if (own := _members(one, key, knowledge))}
    if delta.old:
        kept = tuple(sorted(place for place, own in listed.items() if delta.old in own and delta.new not in own))
        what = f"{len(kept)} of {count + len(kept)} kept {delta.old} in {key}"
    else:
        kept = tuple(sorted(place for place, own in listed.items() if delta.new not in own))
        what = f"{key}: {delta.new} came in {count} of {count + len(kept)} that list {key}, and was left out"
    return Left(what, kept) if 0 < len(kept) < count else None


def _head(text: str) -> str:
    """The frontmatter of a text alone; of many files nothing else is asked for."""
    lines = split_lines(text)
    end = next((at for at, line in enumerate(lines) if at and bare(line).strip() == "---"), len(lines))
    return "".join(lines[: end + 1])


def _members(definition: Definition, key: str, knowledge: Knowledge) -> Sequence[str]:
    field = definition.field(key)
    return () if field is None else reading.members(knowledge.field_info(key), field.value)


def _kept_words(delta: Delta, count: int, changed: Mapping[str, Definition], others: Others) -> Left | None:
    """Files in which a word still stands that was replaced elsewhere."""
    core = max(delta.old.split("*"), key=len)
    if len(core) < 3 or " " in delta.old or not re.search(r"\W", core):
        # A word of the language stands everywhere.
        return None
    pattern = r"[\w-]+".join(map(re.escape, delta.old.split("*")))
    word = re.compile(rf"(?<!\w){pattern}(?!\w)")
    found = {**others([core]), **{place: one.text for place, one in changed.items()}}
    kept = tuple(sorted(place for place, text in found.items() if word.search(text)))
    return Left(f"{len(kept)} of {count + len(kept)} kept {delta.old}", kept) if 0 < len(kept) <= count else None


def damages(files: Mapping[int, File], renamed: Sequence[Delta]) -> list[Damage]:
    """Lines in which the name of a tool was put where its old name was a word of the language, or a part of one."""
    found = []
    for at, file in files.items():
        before, after = (list(enumerate(map(bare, split_lines(one.text)), 1)) for one in (file.old, file.new))
        known = {line for _, line in before}
        fresh = [(number, line) for number, line in after if line not in known]
        for delta in renamed:
            lines = tuple(_harmed(delta, fresh, before)) if delta.old in delta.new else ()
            if lines:
                found.append(Damage(at, delta, lines))
    return found


def _harmed(delta: Delta, fresh: Sequence[tuple[int, str]], before: Sequence[tuple[int, str]]) -> Iterator[Harm]:
    for number, line in fresh:
        if not any(_is_wrong(line, one) for one in re.finditer(re.escape(delta.new), line)):
            continue
        back = line.replace(delta.new, delta.old).lower()
        was = next(((at, old) for at, old in before if old.lower() == back), None)
        if was is not None:
            yield Harm(was[0], number, was[1], line)


def _is_wrong(line: str, found: re.Match[str]) -> bool:
    """Whether a name stands inside of a longer one, or among words without a mark."""
    ahead, behind = line[: found.start()], line[found.end() :]
    if behind[:1].isalnum() or ahead[-1:].isalnum():
        return True
    in_code = ahead.count("`") % 2 == 1
    return not in_code and not ahead.endswith(tuple(_MARKED)) and not re.search(r"[\[,]\s*$", ahead)


# Folding --------------------------------------------------------------------------------------------------------------
#
# Equal edits of a change set told once: which findings are the same edit, and the line that stands for them.


FEWEST = 3
"""Files from which one edit is one finding."""
FEWEST_KNOWN = 2
"""Files from which that holds for a migration that is known."""
SHOWN = 3
"""Edits and files that a line names."""
_ALONE = ("agent-added", "agent-removed", "agent-split", "agent-joined", "gate-loosened", "conflict-markers")
"""Rules that speak of a file, not of an edit."""


class Edited(NamedTuple):
    """A finding with the edits that it is made of."""

    at: int
    """Number of what is judged."""
    finding: Finding
    edits: tuple[Edit, ...]


class Line(NamedTuple):
    """What findings have in common that are told as one: all that is about a field, an edit of texts, or a move."""

    where: str
    rule: str
    severity: ChangeSeverity
    what: str = ""


@dataclass(frozen=True)
class Group:
    """One edit over many files."""

    deltas: Mapping[Delta, int]
    """Each with the number of files that it was made in."""
    members: tuple[tuple[int, Finding], ...]
    migration: Migration | None = None

    @property
    def files(self) -> tuple[int, ...]:
        return tuple(sorted({at for at, _ in self.members}))


def fold(report: Report, knowledge: Knowledge, others: Others | None = None) -> Report:
    """A change set with each edit that many files share as one finding; what is left over stays where it is.

    Findings that were accepted stay, too. A migration that is known and leaves the rights of each file as they were is
    information; any other edit is as serious as the worst finding that it stands for. `others` gives the texts of
    definitions of the new tree that hold a text and did not change: an edit may have left them out.
    """
    if report.checked is None:
        return report
    return _Folding(report, knowledge, others).run()


class _Folding:
    def __init__(self, report: Report, knowledge: Knowledge, others: Others | None) -> None:
        self.report, self.knowledge, self.others = report, knowledge, others
        self.judged = list(report.judged())
        self.files = dict(_files(report))
        self.numbers = {place: number for number, place in enumerate(report.places)}
        self.chosen: dict[tuple[int, Edit], Delta] = {}
        self.renamed: dict[tuple[str, str], Delta] = {}
        """By a name and what it became: the edit of a field that many files share."""

    def run(self) -> Report:
        edited = [one for at, file in self.files.items() for one in self._edited(at, file)]
        support = _support(edited)
        self.renamed = {
            (one.old, one.new): one
            for (_, one), at in sorted(support.items())
            if one.where.startswith("frontmatter/") and is_name(one.old) and is_name(one.new) and len(at) >= FEWEST
        }
        harm = damages(self.files, list(self.renamed.values()))
        gone = {(one.at, found) for one in harm for found in self.judged[one.at][2].findings if one.has(found)}
        edited = [one for one in edited if (one.at, one.finding) not in gone]
        groups = self._groups([one for one in edited if self._is_shared(one, support)])
        gone |= {(at, one) for group in groups for at, one in group.members}
        if not gone:
            return self.report
        kept = [
            tuple(one for one in pair.findings if (at, one) not in gone) for at, (_, _, pair) in enumerate(self.judged)
        ]
        report = with_findings(self.report, kept)
        told = [self._told(group) for group in groups]
        told += [found for group in groups for found in self._left(group)]
        told += [self._harmed(one) for one in harm]
        quiet = frozenset(self.judged[at][1] for at, _ in gone if not kept[at])
        return replace(report, edits=tuple(told), folded=quiet)

    def _edited(self, at: int, file: File) -> Iterator[Edited]:
        found = [one for one in self.judged[at][2].findings if not one.accepted and one.rule not in _ALONE]
        key = renamed_key(found, file)
        for one in found:
            if key is not None and one in key[:2]:
                yield Edited(at, one, ((key[2],),))
            else:
                yield Edited(at, one, edits_of(one, file, self.knowledge))

    def _is_shared(self, one: Edited, support: Mapping[tuple[str, Delta], set[int]]) -> bool:
        """Whether every edit of a finding is one that enough files share; which way of telling it is chosen here."""
        for edit in one.edits:
            heir = self.renamed.get((edit[0].old, edit[0].new)) if edit[0].where == TEXT else None
            if heir is not None:
                self.chosen[one.at, edit] = heir
                continue
            best = max(edit, key=lambda delta: min(len(support[one.finding.severity, delta]), FEWEST))
            known = next((delta for delta in edit if self._known(delta)), None)
            delta = known if known and len(support[one.finding.severity, known]) >= FEWEST_KNOWN else best
            if len(support[one.finding.severity, delta]) < (FEWEST_KNOWN if delta is known else FEWEST):
                return False
            self.chosen[one.at, edit] = delta
        return bool(one.edits)

    def _known(self, delta: Delta) -> Migration | None:
        return next((row for row in migrations(self.knowledge) if row.has(delta)), None)

    # Findings that are one line

    def _groups(self, shared: Sequence[Edited]) -> list[Group]:
        """Lines of findings, most files first; what belongs to one known migration is one line."""
        lines: dict[object, list[Edited]] = defaultdict(list)
        for one in shared:
            lines[self._line(one)].append(one)
        groups = [self._group(rows) for rows in lines.values()]
        merged: dict[object, list[Group]] = defaultdict(list)
        for group in groups:
            merged[group.migration.id if group.migration else id(group)].append(group)
        found = [_joined(rows) for rows in merged.values()]
        least = [one for one in found if len(one.files) >= (FEWEST_KNOWN if one.migration else FEWEST)]
        return sorted(least, key=lambda one: (-len(one.files), one.files))

    def _line(self, one: Edited) -> object:
        deltas = [self.chosen[one.at, edit] for edit in one.edits]
        known = {row.id for delta in deltas if (row := self._known(delta))}
        if len(known) == 1 and all(self._known(delta) for delta in deltas) and self._is_proven(one.at, known):
            return next(iter(known))
        where = deltas[0].where
        if where != TEXT:
            is_text = not one.finding.path.startswith("frontmatter/")
            return Line(where, "field-changed" if is_text and where != PATH else one.finding.rule, one.finding.severity)
        rule = "" if all(delta.old and delta.new for delta in deltas) else one.finding.rule
        return Line(where, rule, one.finding.severity, min(deltas).says)

    def _is_proven(self, at: int, known: set[str]) -> bool:
        """Whether the rights of a file are what its migration says that they are."""
        row = next(row for row in migrations(self.knowledge) if row.id in known)
        file = self.files[at]
        if row.host and row.host not in (file.old.dialect, file.new.dialect):
            return False
        moved = {move.direction for move in comparing.moves(file.old, file.new, self.knowledge) if move.is_certain}
        return moved <= ({row.rights.removesuffix("er") + "ed"} if row.rights != "same" else set())

    def _group(self, rows: Sequence[Edited]) -> Group:
        counted: dict[Delta, set[int]] = defaultdict(set)
        for one in rows:
            for edit in one.edits:
                counted[self.chosen[one.at, edit]].add(one.at)
        deltas = dict(sorted(((delta, len(at)) for delta, at in counted.items()), key=lambda row: (-row[1], row[0])))
        known = {row.id: row for delta in deltas if (row := self._known(delta))}
        is_known = len(known) == 1 and all(map(self._known, deltas))
        is_known = is_known and all(self._is_proven(one.at, set(known)) for one in rows)
        return Group(
            deltas, tuple((one.at, one.finding) for one in rows), next(iter(known.values())) if is_known else None
        )

    # What is told of a line

    def _told(self, group: Group) -> FileReview:
        worst = min((one.severity for _, one in group.members), key=SEVERITIES.index)
        if group.migration is not None:
            worst = ChangeSeverity.INFO
        files = [self.judged[at][1] for at in group.files]
        first, one = group.members[0]
        what = f"{_what(group)}{self._rights(group)}"
        told = f"{len(files)} of {self.report.checked} definitions: {what} ({_named(files)})"
        spot = one.b or Spot(1, 1, self.judged[first][1])
        slot = "; ".join(f"{delta.where} {delta.says}" for delta in group.deltas)
        made = finding("mass-edit", told, one.path, None, spot, self.knowledge, slot=slot)._replace(severity=worst)
        members = tuple(Member(self._number(at), found.fingerprint) for at, found in group.members)
        return FileReview(self._number(first), (made,), members=members)

    def _rights(self, group: Group) -> str:
        files = [self.files[at] for at in group.files] if group.migration is not None else []
        return _rights(group, moved=any(comparing.moves(one.old, one.new, self.knowledge) for one in files))

    def _left(self, group: Group) -> Iterator[FileReview]:
        """Files that an edit should have reached as well, by what the others say."""
        if self.others is None:
            return
        for delta, count in group.deltas.items():
            changed = {file.after: file.new for file in self.files.values()}
            left = left_out(delta, count, changed, self.others, self.knowledge)
            if left is not None:
                message = f"{left.told}: {_named(left.places)}"
                spot = Spot(1, 1, left.places[0])
                made = finding("edit-left-out", message, delta.where, None, spot, self.knowledge, slot=delta.says)
                number = self.numbers.get(left.places[0], self._number(group.files[0]))
                yield FileReview(number, (made,))

    def _harmed(self, harm: Damage) -> FileReview:
        more = f" and {len(harm.lines) - 1} more" if len(harm.lines) > 1 else ""
        told = f"'{harm.delta.old}' became '{harm.delta.new}' where no tool is named: {harm.lines[0].new.strip()}{more}"
        spots = Spot(0, harm.lines[0].was, harm.lines[0].old), Spot(1, harm.lines[0].now, harm.lines[0].new)
        made = finding("edit-damage", told, "", *spots, self.knowledge, slot=harm.delta.says)
        return FileReview(self._number(harm.at), (made,))

    def _number(self, at: int) -> int:
        """The index of the file that a finding is about."""
        return self.numbers[self.judged[at][1]]


def _files(report: Report) -> Iterator[tuple[int, File]]:
    """Each judged pair by its number, with both definitions and paths."""
    at = 0
    for group in report.groups:
        for pair in group.drift.pairs:
            old, new = (report.place(group.files[number]) for number in (pair.a, pair.b))
            yield at, File(old, new, group.drift.definitions[pair.a], group.drift.definitions[pair.b])
            at += 1


def _support(edited: Sequence[Edited]) -> dict[tuple[str, Delta], set[int]]:
    """The files of each way to tell an edit, findings of one severity together."""
    found: dict[tuple[str, Delta], set[int]] = defaultdict(set)
    for one in edited:
        for edit in one.edits:
            for delta in edit:
                found[one.finding.severity, delta].add(one.at)
    return found


def _joined(groups: Sequence[Group]) -> Group:
    if len(groups) == 1:
        return groups[0]
    deltas: Counter[Delta] = Counter()
    for one in groups:
        deltas.update(one.deltas)
    members = tuple(sorted((row for one in groups for row in one.members), key=lambda row: row[0]))
    return Group(dict(deltas.most_common()), members, groups[0].migration)


_HEADS = {TEXT: "", BACK: "", PATH: "moved from ", KEY: "the field "}
"""What a line says before the edits of one place."""


def _what(group: Group) -> str:
    """The edits of a line, the commonest first."""
    parts = []
    by_where: dict[str, list[str]] = defaultdict(list)
    for delta, count in group.deltas.items():
        told = _says(delta) + (f" in {count}" if len(group.deltas) > 1 else "")
        by_where[delta.where].append(told)
    for where, all_told in by_where.items():
        more = f" and {len(all_told) - SHOWN} more" if len(all_told) > SHOWN else ""
        head = _HEADS.get(where, f"{where.removeprefix('frontmatter/')}: ")
        parts.append(f"{head}{', '.join(all_told[:SHOWN])}{more}")
    what = "; ".join(parts)
    if group.migration is not None:
        return f"{group.migration.says}: {what}"
    return what


def _rights(group: Group, *, moved: bool) -> str:
    """What a change means for the rights, where that is said of all files alike.

    `moved` says whether the rights of one of them are others, if only as far as its host can't limit them.
    """
    tails = {one.message.rpartition("; ")[2] for _, one in group.members if one.path.startswith("frontmatter/")}
    if tails == {"the rights stay"} or (group.migration is not None and not moved):
        return "; the rights stay"
    if group.migration is not None:
        return "; what both hosts can limit stays, beyond it more may be allowed"
    told = {one.message for _, one in group.members}
    if len(told) == 1 and len(group.deltas) == 1 and not next(iter(told)).startswith(_what(group)[:12]):
        return f": {next(iter(told))}"
    if any("what both hosts can limit stays" in one.message for _, one in group.members):
        return "; what both hosts can limit stays, beyond it more may be allowed"
    return ""


def _says(delta: Delta) -> str:
    if delta.where == BACK:
        return f"what {delta.new} had left is put back"
    if delta.where == PATH:
        return f"{delta.old} to {delta.new}" if delta.old != ANY else f"elsewhere to {delta.new}"
    if delta.where == TEXT:
        return delta.says if len(delta.says) < 80 else f"{delta.says[:79]}…"
    if delta.new == ANY:
        return "added, another one in each"
    if delta.old == ANY:
        return f"became {delta.new}" if delta.new else "removed"
    return delta.says


def _named(files: Sequence[str]) -> str:
    more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
    return f"{', '.join(files[:SHOWN])}{more}"
