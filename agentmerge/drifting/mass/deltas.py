"""What a finding says was edited, in parts that can be the same in other files: members, words, names, paths."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from agentmerge import rights
from agentmerge.diffing.records import Spot, folded
from agentmerge.drifting.records import Finding
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition

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
        yield from _of_members(finding.path, rights.members(info, old.value), rights.members(info, new.value))
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
