"""Merges that are right by construction: `python -m benchmarks.triples [--sparse N] [--dense N] [--formed N]`.

A file of the corpus is the base. Edits of single units are handed to two sides so that no two touch the same unit;
each side has its own, and the wanted result has all. `sparse` leaves unchanged lines between any two, `dense` lets them
stand on neighbouring units, `formed` writes all of one side in another form. Git's merge stands beside ours;
`--keep FOLDER` writes what came out otherwise than wanted.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar

from agentmerge import merge, parse
from agentmerge.model import Definition, Section, Unit, walk_sections, walk_units
from tests.corpus import sample

T = TypeVar("T")

DISTANCE = 6
"""Lines between two sparse edits."""

_WORD = re.compile(r"(?<![\w`/.@*_<>{}$-])[a-z]{5,}(?![\w`/.@*_<>{}$-])")
_BINDING = re.compile(
    r"must|never|always|should|avoid|could|might|cannot|ensure|prefer|require|optional|every|should|without|unless"
    r"|before|after|until|while|where|which|their|there|these|those|shall|least|exceed|except|allow|forbid|deny|when"
)
_BULLET = re.compile(r"(?P<mark>[ ]*[-*+] )\S")
_STEP = re.compile(r"(?P<indent>[ ]*)(?P<number>\d{1,3})(?P<dot>[.)] )\S")
_FIELD = re.compile(r"[A-Za-z][\w-]*: [A-Za-z][\w ,-]*\Z")
_HEADING = re.compile(r"#{1,5} \S")


class Edit(NamedTuple):
    """One change of one unit, by indices of the base's lines."""

    kind: str
    touched: frozenset[int]
    replaced: Mapping[int, str] = {}
    deleted: frozenset[int] = frozenset()
    inserted: Mapping[int, tuple[str, ...]] = {}
    """Lines that stand behind one of the base."""
    moved: tuple[range, int] | None = None
    """A block, and the line of the base behind which it goes."""


class Triple(NamedTuple):
    """Three versions and what they come to."""

    name: str
    kinds: tuple[str, ...]
    base: str
    ours: str
    theirs: str
    wanted: str


@dataclass(slots=True)
class Base:
    """A file with the places where it can be edited."""

    definition: Definition
    random: random.Random
    lines: list[str] = field(init=False)
    runs: list[list[int]] = field(init=False)
    """First lines of the steps of each list that counts one by one."""
    made: int = 0

    def __post_init__(self) -> None:
        self.lines = self.definition.text.split("\n")[:-1]
        self.runs = list(_runs(self))

    def said(self) -> str:
        """Words that nobody wrote before."""
        self.made += 1
        return f"quorl{self.random.randrange(10**6)} zint{self.made} brevor{self.random.randrange(10**6)} mulp"


def _runs(base: Base) -> Iterator[list[int]]:
    for siblings in _lists(base.definition):
        starts = [unit.line - 1 for unit in siblings]
        matches = [_STEP.match(base.lines[at]) for at in starts]
        numbers = [int(match["number"]) for match in matches if match]
        if len(numbers) == len(starts) >= 2 and all(b == a + 1 for a, b in pairwise(numbers)):
            yield starts


def _lists(definition: Definition) -> Iterator[list[Unit]]:
    """Items that stand together, by list."""
    bodies: list[Sequence[Unit | Section]] = [section.body for _, section in walk_sections(definition.root)]
    bodies += [place.unit.children for place in walk_units(definition.root)]
    for body in [definition.root.body, *bodies]:
        run: list[Unit] = []
        for node in body:
            if isinstance(node, Unit) and node.kind == "item" and node.marker:
                run.append(node)
            elif run:
                yield run
                run = []
        if run:
            yield run


# Edits


def _single(base: Base, kinds: Sequence[str]) -> list[Unit]:
    """Units on one line without anything inside."""
    found = (place.unit for place in walk_units(base.definition.root))
    return [unit for unit in found if unit.kind in kinds and unit.end == unit.line + 1 and not unit.children]


def _reworded(base: Base, line: str) -> str | None:
    words = [match for match in _WORD.finditer(line) if not _BINDING.search(match[0])]
    if len(words) < 4:
        return None
    word = base.random.choice(words)
    base.made += 1
    return f"{line[: word.start()]}vexil{base.made}{line[word.end() :]}"


def _word(base: Base) -> Edit | None:
    unit = _chosen(base, _single(base, ("item", "paragraph")))
    new = _reworded(base, base.lines[unit.line - 1]) if unit else None
    return Edit("word", frozenset({unit.line - 1}), {unit.line - 1: new}) if unit and new else None


def _item_added(base: Base) -> Edit | None:
    unit = _chosen(base, [one for one in _single(base, ("item",)) if _BULLET.match(base.lines[one.line - 1])])
    if unit is None:
        return None
    at = unit.line - 1
    match = _BULLET.match(base.lines[at])
    assert match is not None
    return Edit("item added", frozenset({at}), inserted={at: (f"{match['mark']}{base.said()}",)})


def _step_added(base: Base) -> Edit | None:
    leaves = {unit.line - 1 for unit in _single(base, ("item",))}
    at = _chosen(base, [at for run in base.runs for at in run if at in leaves])
    if at is None:
        return None
    match = _STEP.match(base.lines[at])
    assert match is not None
    new = f"{match['indent']}{match['number']}{match['dot']}{base.said()}"
    return Edit("step added", frozenset({at}), inserted={at: (new,)})


def _item_deleted(base: Base) -> Edit | None:
    lists = [run for run in _lists(base.definition) if len(run) >= 4]
    leaves = {unit.line for unit in _single(base, ("item",))}
    unit = _chosen(base, [one for run in lists for one in run[1:-1] if one.line in leaves])
    if unit is None or base.lines.count(base.lines[unit.line - 1]) > 1:
        return None
    return Edit("item deleted", frozenset({unit.line - 1}), deleted=frozenset({unit.line - 1}))


def _item_moved(base: Base) -> Edit | None:
    leaves = {unit.line for unit in _single(base, ("item",))}
    lists = [run for run in _lists(base.definition) if len(run) >= 6 and {unit.line for unit in run} <= leaves]
    run = _chosen(base, [run for run in lists if _BULLET.match(base.lines[run[0].line - 1])])
    if run is None or len({unit.text for unit in run}) < len(run):
        return None
    starts = [unit.line - 1 for unit in run]
    if starts != list(range(starts[0], starts[0] + len(starts))):
        return None
    one, other = base.random.sample(range(1, len(starts)), 2)
    if abs(one - other) < 2:
        return None
    touched = frozenset(starts)
    return Edit("item moved", touched, moved=(range(starts[one], starts[one] + 1), starts[other]))


def _paragraph_added(base: Base) -> Edit | None:
    roots = [place.unit for place in walk_units(base.definition.root) if not place.unit.children]
    lines = base.lines
    free = [u for u in roots if u.kind == "paragraph" and not lines[u.line - 1][:1].isspace()]
    unit = _chosen(base, [u for u in free if u.end <= len(lines) and not "".join(lines[u.end - 1 : u.end]).strip()])
    if unit is None or base.definition.text.count("\r"):
        return None
    at = unit.end - 2
    return Edit("paragraph added", frozenset({at}), inserted={at: ("", f"{base.said().capitalize()}.")})


def _blocks(base: Base) -> list[range]:
    """Sections of the second level with what stands below them, each closed by a blank line."""
    tops = [s for _, s in walk_sections(base.definition.root) if s.heading_level == 2 and s.style == "atx"]
    starts = [section.line - 1 for section in tops]
    higher = [s.line - 1 for _, s in walk_sections(base.definition.root) if s.heading_level == 1]
    blocks = [range(a, b) for a, b in pairwise([*starts, len(base.lines)]) if not any(a < h < b for h in higher)]
    return [block for block in blocks if len(block) > 2 and not base.lines[block[-1]].strip()]


def _section_added(base: Base) -> Edit | None:
    block = _chosen(base, _blocks(base))
    if block is None:
        return None
    base.made += 1
    at = block[-1]
    lines = (f"## Quorl{base.made} zint", "", f"{base.said().capitalize()}.", "")
    return Edit("section added", frozenset({at - 1, at, at + 1}), inserted={at: lines})


def _section_moved(base: Base) -> Edit | None:
    blocks = _blocks(base)
    titles = Counter(base.lines[block[0]].strip().lower() for block in blocks)
    if len(blocks) < 4 or max(titles.values()) > 1:
        return None
    one, other = base.random.sample(range(len(blocks)), 2)
    if abs(one - other) < 2 or other + 1 == one:
        return None
    ends = {at for block in blocks for at in (block[0], block[-1], block[-2])}
    return Edit("section moved", frozenset(ends), moved=(blocks[one], blocks[other][-1]))


def _field_lines(base: Base) -> list[int]:
    front = base.definition.frontmatter
    if front is None or not front.valid or front.is_toml:
        return []
    one_line = [item.start - 1 for item in front.fields if item.end == item.start + 1]
    return [at for at in one_line if _FIELD.match(base.lines[at])]


def _field_changed(base: Base) -> Edit | None:
    at = _chosen(base, [at for at in _field_lines(base) if base.lines[at].split(":")[0] in ("name", "color", "model")])
    if at is None:
        return None
    base.made += 1
    key = base.lines[at].split(":")[0]
    return Edit("field changed", frozenset({at}), {at: f"{key}: quorl{base.made}"})


def _field_added(base: Base) -> Edit | None:
    at = _chosen(base, _field_lines(base))
    base.made += 1
    return Edit("field added", frozenset({at}), inserted={at: (f"zint{base.made}: quorl",)}) if at is not None else None


def _tool_added(base: Base) -> Edit | None:
    at = _chosen(base, [at for at in _field_lines(base) if re.match(r"tools: \w+(?:, \w+)+\Z", base.lines[at])])
    base.made += 1
    return Edit("tool added", frozenset({at}), {at: f"{base.lines[at]}, Quorl{base.made}"}) if at is not None else None


def _description(base: Base) -> Edit | None:
    at = _chosen(base, [at for at in _field_lines(base) if base.lines[at].startswith("description: ")])
    new = _reworded(base, base.lines[at].partition(": ")[2]) if at is not None else None
    return Edit("description", frozenset({at}), {at: f"description: {new}"}) if at is not None and new else None


def _rows(base: Base) -> list[int]:
    tables = [place.unit for place in walk_units(base.definition.root) if place.unit.kind == "table"]
    return [at for table in tables for at in range(table.line + 1, table.end - 1) if base.lines[at].startswith("|")]


def _row_added(base: Base) -> Edit | None:
    at = _chosen(base, _rows(base))
    if at is None or "\\|" in base.lines[at] or "`" in base.lines[at] or not base.lines[at].rstrip().endswith("|"):
        return None
    cells = base.lines[at].strip().strip("|").count("|") + 1
    new = "| " + " | ".join(base.said() for _ in range(cells)) + " |"
    return Edit("row added", frozenset({at}), inserted={at: (new,)})


def _cell_edited(base: Base) -> Edit | None:
    at = _chosen(base, _rows(base))
    if at is None or "\\|" in base.lines[at]:
        return None
    new = _reworded(base, base.lines[at])
    first = base.lines[at].split("|")[1]
    return Edit("cell edited", frozenset({at}), {at: new}) if new and new.split("|")[1] == first else None


def _code_lines(base: Base) -> list[int]:
    blocks = [place.unit for place in walk_units(base.definition.root) if place.unit.kind == "code"]
    inside = [at for block in blocks for at in range(block.line, block.end - 2)]
    counted = Counter(base.lines)
    return [at for at in inside if len(base.lines[at].strip()) > 8 and counted[base.lines[at]] == 1]


def _code_edited(base: Base) -> Edit | None:
    at = _chosen(base, _code_lines(base))
    base.made += 1
    return Edit("code edited", frozenset({at}), {at: f"{base.lines[at]} zint{base.made}"}) if at is not None else None


def _code_added(base: Base) -> Edit | None:
    at = _chosen(base, _code_lines(base))
    if at is None:
        return None
    indent = base.lines[at][: len(base.lines[at]) - len(base.lines[at].lstrip())]
    return Edit("code added", frozenset({at}), inserted={at: (f"{indent}{base.said()}",)})


def _chosen(base: Base, among: Sequence[T]) -> T | None:
    return base.random.choice(among) if among else None


Maker = Callable[[Base], "Edit | None"]

EDITS: Sequence[tuple[Maker, int]] = [
    (_word, 5),
    (_item_added, 3),
    (_step_added, 3),
    (_item_deleted, 2),
    (_item_moved, 1),
    (_paragraph_added, 2),
    (_section_added, 1),
    (_section_moved, 1),
    (_field_changed, 1),
    (_field_added, 1),
    (_tool_added, 1),
    (_description, 1),
    (_row_added, 2),
    (_cell_edited, 2),
    (_code_edited, 2),
    (_code_added, 1),
]
"""Each with how often it is drawn."""


# Versions


def written(base: Base, edits: Sequence[Edit]) -> str:
    """The base with some edits, steps counted anew."""
    order = list(range(len(base.lines)))
    for edit in edits:
        if edit.moved is not None:
            block, behind = edit.moved
            rest = [at for at in order if at not in block]
            place = rest.index(behind) + 1
            order = [*rest[:place], *block, *rest[place:]]
    replaced = {at: text for edit in edits for at, text in edit.replaced.items()}
    deleted = {at for edit in edits for at in edit.deleted}
    inserted: defaultdict[int, list[str]] = defaultdict(list)
    for edit in edits:
        for at, lines in edit.inserted.items():
            inserted[at] += lines
    standing = [(at, line) for at in order for line in _standing(base.lines, at, replaced, deleted, inserted)]
    return "".join(f"{line}\n" for line in _counted_anew(base, standing))


def _standing(
    lines: Sequence[str], at: int, replaced: Mapping[int, str], deleted: set[int], inserted: Mapping[int, list[str]]
) -> list[str]:
    """A line of the base with what stands behind it."""
    own = [] if at in deleted else [replaced.get(at, lines[at])]
    return [*own, *inserted.get(at, ())]


def _counted_anew(base: Base, lines: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Lines, each with that of the base where it comes from; steps of a list have their numbers in order."""
    starts = {at: run[0] for run in base.runs for at in run}
    last: dict[int, int] = {}
    for at, line in lines:
        match = _STEP.match(line) if at in starts else None
        first = _STEP.match(base.lines[starts[at]]) if match is not None else None
        if match is None or first is None:
            yield line
            continue
        number = last[starts[at]] = last.get(starts[at], int(first["number"]) - 1) + 1
        yield f"{match['indent']}{number}{line[match.end('number') :]}"


def _drawn(base: Base, count: int) -> list[Edit]:
    makers = [maker for maker, weight in EDITS for _ in range(weight)]
    found: list[Edit] = []
    for _ in range(count * 8):
        edit = base.random.choice(makers)(base)
        if edit is not None and not any(edit.touched & one.touched for one in found):
            found.append(edit)
        if len(found) == count:
            break
    return found


def _shared(base: Base, edits: Sequence[Edit], distance: int) -> tuple[list[Edit], list[Edit]]:
    """The edits, handed to two sides that keep their distance."""
    sides: tuple[list[Edit], list[Edit]] = ([], [])
    for edit in edits:
        side = base.random.randrange(2)
        far = all(_gap(edit, one) >= distance for one in sides[1 - side])
        bare = all(_gap(edit, one) > 2 for one in sides[1 - side] if edit.deleted or one.deleted)
        # Lines of code that touch are one thing.
        apart = not _is_code(edit) or all(_gap(edit, one) > 1 for one in sides[1 - side] if _is_code(one))
        if far and bare and apart and not (edit.moved and any(one.moved for one in [*sides[0], *sides[1]])):
            sides[side].append(edit)
    return sides


def _is_code(edit: Edit) -> bool:
    return edit.kind.startswith("code")


def _gap(one: Edit, other: Edit) -> int:
    return min(abs(a - b) for a in one.touched for b in other.touched)


def edited(base: Base, count: int, distance: int) -> Triple | None:
    """A triple with edits on both sides; None where the file has no room for them."""
    ours, theirs = _shared(base, _drawn(base, count), distance)
    if not ours or not theirs:
        return None
    kinds = tuple(sorted(edit.kind for edit in (*ours, *theirs)))
    texts = [written(base, edits) for edits in ([], ours, theirs, [*ours, *theirs])]
    return Triple(str(base.definition.filename), kinds, *texts)


# Forms


def _bullets(definition: Definition, text: str) -> str:
    code = _verbatim(definition)
    rows = text.split("\n")
    return "\n".join(re.sub(r"^(\s*)- (?=\S)", r"\1* ", row) if row not in code else row for row in rows)


def _levels(definition: Definition, text: str) -> str:
    code = _verbatim(definition)
    return "\n".join(f"#{row}" if _HEADING.match(row) and row not in code else row for row in text.split("\n"))


def _quotes(_: Definition, text: str) -> str:
    return re.sub(r"(?m)\A(---\n(?:.*\n)*?description: )([A-Za-z][^\n\"'\\#]*)$", r'\1"\2"', text, count=1)


def _tools(_: Definition, text: str) -> str:
    return re.sub(r"(?m)\A(---\n(?:.*\n)*?tools: )(\w+(?:, \w+)+)$", r"\1[\2]", text, count=1)


def _verbatim(definition: Definition) -> set[str]:
    """Lines of code and tables, and of the frontmatter."""
    units = [place.unit for place in walk_units(definition.root) if place.unit.kind not in ("item", "task")]
    front = definition.frontmatter
    head = front.source.split("\n") if front is not None else []
    return {line for unit in units for line in unit.source.split("\n")} | set(head)


FORMS: Mapping[str, Callable[[Definition, str], str]] = {
    "bullets": _bullets,
    "levels": _levels,
    "quotes": _quotes,
    "tools": _tools,
}


def formed(base: Base, count: int) -> Triple | None:
    """One side in another form, edits on the other; None where the form changes nothing."""
    name = base.random.choice(list(FORMS))
    # Inside of code the same signs are no form.
    edits = [edit for edit in _drawn(base, count) if edit.moved is None and not _is_code(edit)]
    text = written(base, [])
    ours, theirs = FORMS[name](base.definition, text), written(base, edits)
    if ours == text or not edits:
        return None
    wanted = FORMS[name](base.definition, theirs)
    return Triple(str(base.definition.filename), (f"form: {name}",), text, ours, theirs, wanted)


# Measuring


def triples(kind: str, count: int, seed: int) -> Iterator[Triple]:
    """Triples of one kind, the same ones for a seed."""
    chosen = random.Random(f"{kind}{seed}")
    files = [one for one in sample(10**6, seed) if _is_usable(one)]
    made = 0
    while files and made < count:
        base = Base(chosen.choice(files), chosen)
        if kind == "formed":
            triple = formed(base, chosen.randrange(1, 4))
        else:
            sparse = kind == "sparse"
            triple = edited(
                base, chosen.randrange(2, 6) if sparse else chosen.randrange(6, 16), DISTANCE if sparse else 1
            )
        if triple is not None:
            made += 1
            yield triple


def _is_usable(definition: Definition) -> bool:
    text = definition.text
    errors = [found for found in definition.diagnostics if found.severity == "error"]
    return not errors and "\r" not in text and text.endswith("\n") and "\t" not in text and 20 < text.count("\n") < 800


class Verdict(NamedTuple):
    """What came of one merge."""

    word: str
    lost: bool = False
    misplaced: bool = False


def judged(merged: str, wanted: str, *, is_clean: bool) -> Verdict:
    """Exact, in conflict, or differing: then whether a line is lost, or only stands in the wrong place."""
    if not is_clean:
        return Verdict("conflict")
    if merged == wanted:
        return Verdict("exact")
    found, asked = (Counter(filter(str.strip, text.split("\n"))) for text in (merged, wanted))
    return Verdict("differs", bool(asked - found), found == asked)


def by_git(triple: Triple, folder: Path) -> Verdict:
    """The same merge by `git merge-file`."""
    paths = [folder / name for name in ("ours", "base", "theirs")]
    for path, text in zip(paths, (triple.ours, triple.base, triple.theirs), strict=True):
        path.write_text(text, encoding="utf-8")
    done = subprocess.run(["git", "merge-file", "-p", *paths], capture_output=True, check=False, encoding="utf-8")
    return judged(done.stdout, triple.wanted, is_clean=done.returncode == 0)


def by_us(triple: Triple) -> tuple[Verdict, str]:
    """Our verdict, and our text."""
    base, ours, theirs = (parse(text, filename=triple.name) for text in (triple.base, triple.ours, triple.theirs))
    merged = merge(base, ours, theirs)
    return judged(merged.text, triple.wanted, is_clean=not merged.open_conflicts), merged.text


def measured(kind: str, count: int, seed: int, keep: Path | None) -> Mapping[str, Counter[str]]:
    """How often each tool came to what."""
    counts: dict[str, Counter[str]] = {"agentmerge": Counter(), "git": Counter()}
    with tempfile.TemporaryDirectory() as scratch:
        for number, triple in enumerate(triples(kind, count, seed)):
            verdict, text = by_us(triple)
            for tool, found in (("agentmerge", verdict), ("git", by_git(triple, Path(scratch)))):
                counts[tool].update([found.word, *(["lost"] * found.lost), *(["misplaced"] * found.misplaced)])
            if verdict.word != "exact":
                print(
                    f"{kind} {number}: {verdict.word} {Path(triple.name).name} {', '.join(triple.kinds)}",
                    file=sys.stderr,
                )
                if keep is not None:
                    _kept(keep / f"{kind}-{number}", triple, text)
    return counts


def _kept(folder: Path, triple: Triple, merged: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"base": triple.base, "ours": triple.ours, "theirs": triple.theirs, "wanted": triple.wanted, "out": merged}
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def main() -> None:
    """Print a row for each kind and tool."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind, count in (("sparse", 400), ("dense", 200), ("formed", 200)):
        reader.add_argument(f"--{kind}", type=int, default=count)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--keep", type=Path)
    asked = reader.parse_args()
    for kind in ("sparse", "dense", "formed"):
        count = getattr(asked, kind)
        for tool, found in (measured(kind, count, asked.seed, asked.keep) if count else {}).items():
            told = ", ".join(f"{word} {found[word]}" for word in ("conflict", "differs", "lost", "misplaced"))
            print(f"{kind:7} {tool:11} {found['exact']:5}/{count} exact ({found['exact'] / count:.2%}), {told}")


if __name__ == "__main__":
    main()
