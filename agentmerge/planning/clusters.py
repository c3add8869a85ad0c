"""Units of all variants in, clusters out: each unit stands in exactly one, and of each cluster one text will stand.

Three things are kept from being torn apart: a procedure (its steps keep their order and company), a run of blocks
between an opening and a closing tag, and a nested item (it follows the item that it belongs to).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from agentmerge.knowledge import signs
from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.features import normal_title
from agentmerge.matching.pairwise import words
from agentmerge.matching.records import Alignment
from agentmerge.model import VERBATIM, Definition, Section, Unit, walk_units
from agentmerge.planning.guards import Likely, hard, keeps, parts
from agentmerge.planning.intake import Entry, Key, containers_of, document_title, kind_of, top_sections
from agentmerge.reading import relations
from agentmerge.reading.containers import missing_end, version_of
from agentmerge.text.lines import split_lines, to_lf

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w-]*)(?:\s[^<>]*)?(?P<self>/?)>")
_SENTENCE_END = re.compile(r"[.!?;](?=\s|\Z)|[。！？；]")
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr"})
_SHAPES = {kind: kind for kind in ("code", "table", *sorted(VERBATIM))}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Units that say the same; of most clusters there is only one."""

    members: tuple[Entry, ...]
    score: float = 1.0
    reason: str = ""
    cover: Key | None = None
    """The member that has to stand: it contains all the others, or forbids or demands what they do not."""
    guarded: bool = False
    """Whether it has to stand for what it forbids or demands."""
    ruled: str = ""
    """The rule by which somebody's answer made it; then `cover` says what stands."""
    anew: Unit | None = None
    """What an answer writes in place of the text that stands."""

    @property
    def files(self) -> frozenset[int]:
        return frozenset(member.file for member in self.members)

    @property
    def keys(self) -> frozenset[Key]:
        return frozenset(member.key for member in self.members)


def _nowhere(_: Key) -> bool:
    return False


def gather(
    definitions: Sequence[Definition], knowledge: Knowledge, frozen: Callable[[Key], bool] = _nowhere
) -> dict[Key, Entry]:
    """Every unit with words of every variant, by file and line; `frozen` says where a numbered list stays one."""
    united = _united(definitions, knowledge)
    return {
        entry.key: entry
        for file, definition in enumerate(definitions)
        for entry in _entries(file, definition, united, frozen, knowledge)
    }


def _united(definitions: Sequence[Definition], knowledge: Knowledge) -> frozenset[str]:
    """The kinds of sections whose lists several texts have, and the result once: there a number counts no step."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for definition in definitions:
        for section in top_sections(definition):
            if section.body:
                by_kind[kind_of(section.title, knowledge)].add(definition.text)
    outline = knowledge.outline
    return frozenset(
        kind for kind, texts in by_kind.items() if len(texts) > 1 and outline[kind].single and kind != "checklists"
    )


_COUNTED = re.compile(r"\b(?:step|item|point|rule|number|no\.|#)\s?\d", re.IGNORECASE)
"""A word that refers to a member of a list by its number."""


def _entries(
    file: int, definition: Definition, united: frozenset[str], frozen: Callable[[Key], bool], knowledge: Knowledge
) -> Iterator[Entry]:
    title = document_title(definition)
    runs = list(_tag_runs(definition, knowledge))
    steps = _steps(definition)
    is_counted = _COUNTED.search(definition.text) is not None
    stances = signs.stances(definition, knowledge)
    taken: set[int] = set()
    places = list(walk_units(definition.root))
    lines = [place.unit.line for place in places]
    for run in runs:
        inside = places[bisect_left(lines, run.start) : bisect_left(lines, run.stop)]
        taken.update(range(run.start, run.stop))
        unit = Unit("html", run.start, run.stop, run.source, run.source.strip("\n"))
        step = (file, steps[run.start]) if run.start in steps else None
        inner = tuple(place.unit for place in inside if place.unit.text)
        yield Entry(file, unit, _below(run.path, title), inner=inner, owner=run.owner, procedure=step, is_run=True)
    for place in places:
        if not place.unit.text or place.unit.line in taken:
            continue
        parent = next((unit for unit in reversed(place.parents) if unit.text), None)
        first = steps.get(place.unit.line) if not place.parents else None
        is_kept = is_counted or frozen((file, place.unit.line))
        if not is_kept and any(kind_of(one.title, knowledge) in united for one in _below(place.path, title)[:1]):
            first = None
        yield Entry(
            file,
            place.unit,
            _below(place.path, title),
            (file, parent.line) if parent else None,
            (file, first) if first is not None else None,
            parent.flow if parent else "",
            stance=stances.get(place.unit.line, signs.PLAIN),
        )


def _below(path: tuple[Section, ...], title: Section | None) -> tuple[Section, ...]:
    """The sections of a path without the document's title."""
    return path[1:] if title is not None and bool(path) and path[0] is title else path


def _steps(definition: Definition) -> dict[int, int]:
    """Line of each step of a procedure, and of what stands between its steps, to the line of its first step."""
    return {
        line: procedure.steps[0]
        for procedure in relations.procedures(definition)
        for line in (*procedure.steps, *procedure.between)
    }


# Runs between tags: an <example> whose parts are blocks of their own is one thing to its reader.


@dataclass(frozen=True, slots=True)
class _Run:
    start: int
    stop: int
    path: tuple[Section, ...]
    """The sections above it."""
    source: str
    owner: str = ""


def _tag_runs(definition: Definition, knowledge: Knowledge) -> Iterator[_Run]:
    lines = split_lines(definition.text)
    ends = {each.opened: each.closed for each in relations.ranges(definition, knowledge)}
    for start, stop, path, owner in _runs_in(definition.root, (), ends):
        yield _Run(start, stop, path, to_lf("".join(lines[start - 1 : stop - 1])), owner)


def _runs_in(
    section: Section, path: tuple[Section, ...], ends: Mapping[int, int]
) -> Iterator[tuple[int, int, tuple[Section, ...], str]]:
    nodes = section.body
    opened = _Opened(nodes, ends)
    position = 0
    while position < len(nodes):
        node = nodes[position]
        last = opened.closing(position) if isinstance(node, Unit) else None
        if last is not None:
            yield node.line, _end(nodes[last]), path, ""
            position = last + 1
            continue
        if (last := _end_of_rows(nodes, position)) > position:
            yield node.line, _end(nodes[last]), path, ""
            position = last + 1
            continue
        if isinstance(node, Section) and stays_whole(node):
            yield node.line, _end(node), path, node.title.lower() if node.style == "owned" else ""
        elif isinstance(node, Section):
            yield from _runs_in(node, (*path, node), ends)
        position += 1


def _end_of_rows(nodes: Sequence[Unit | Section], position: int) -> int:
    """Position of the last node that goes on with the rows of a table, such as the loop of a template that writes them.

    A blank line between them would end the table.
    """
    first = nodes[position]
    if not isinstance(first, Unit) or first.kind != "table":
        return position
    last = position
    while last + 1 < len(nodes) and nodes[last + 1].line == _end(nodes[last]) and _has_rows(nodes[last + 1]):
        last += 1
    return last


def _has_rows(node: Unit | Section) -> bool:
    if isinstance(node, Unit):
        return node.text.lstrip().startswith("|")
    return node.style == "template" and any(map(_has_rows, node.body))


def stays_whole(section: Section) -> bool:
    """Whether nothing goes in or out: under a condition, kept by a tool, or between tags without a heading inside."""
    return section.is_container and (section.style != "tag" or not any(map(_holds_heading, section.sections)))


class _Row(NamedTuple):
    """The tags of one name in the nodes of a section."""

    places: list[int]
    """Nodes that hold one."""
    left_open: list[int]
    """How many more were opened than closed, at the end of each of these nodes."""
    lower: list[int]
    """For each of them the next at whose end fewer are open; one past the last for none."""


class _Opened:
    """Where that is closed which the nodes of one section leave open: tags, and ranges between two comments."""

    def __init__(self, nodes: Sequence[Unit | Section], ends: Mapping[int, int]) -> None:
        self._nodes = nodes
        self._ends = ends

    @cached_property
    def _places(self) -> Mapping[int, int]:
        return {node.line: number for number, node in enumerate(self._nodes)}

    @cached_property
    def _headings(self) -> list[int]:
        return [number for number, node in enumerate(self._nodes) if _holds_heading(node)]

    @cached_property
    def _rows(self) -> Mapping[str, _Row]:
        found: dict[str, _Row] = {}
        for number, node in enumerate(self._nodes):
            for name, balance in _balances(_all_text(node)).items():
                row = found.setdefault(name, _Row([], [], []))
                row.places.append(number)
                row.left_open.append((row.left_open[-1] if row.left_open else 0) + balance)
        for row in found.values():
            row.lower.extend(_next_lower(row.left_open))
        return found

    def closing(self, position: int) -> int | None:
        """Position of the node that closes the tag, or the range of several units, which a node opens."""
        first = self._nodes[position]
        if first.line in self._ends:
            last = self._places.get(self._ends[first.line], 0)
            return last if last > position + 2 else None
        return self._end_of_tag(first, position)

    def _end_of_tag(self, first: Unit | Section, position: int) -> int | None:
        """Where a heading comes first, the tag encloses sections, and those are taken one by one."""
        if not isinstance(first, Unit) or first.kind == "code" or not first.text.startswith("<"):
            return None
        name, balance = _left_open(first.text)
        if not name:
            return None
        row = self._rows[name]
        at = bisect_left(row.places, position)
        before, number = row.left_open[at] - balance, at + 1
        while number < len(row.places) and row.left_open[number] > before:
            number = row.lower[number]
        heading = bisect_right(self._headings, position)
        end = self._headings[heading] if heading < len(self._headings) else len(self._nodes)
        return row.places[number] if number < len(row.places) and row.places[number] < end else None


def _next_lower(values: Sequence[int]) -> list[int]:
    """For each value the place of the next one that is lower; one past the last for none."""
    found = [len(values)] * len(values)
    waiting: list[int] = []
    for number, value in enumerate(values):
        while waiting and values[waiting[-1]] > value:
            found[waiting.pop()] = number
        waiting.append(number)
    return found


def _balances(text: str) -> Counter[str]:
    """How many more tags of each name a text opens than it closes."""
    found: Counter[str] = Counter()
    for match in _TAG.finditer(text) if "<" in text else ():
        found[match["name"].lower()] += 0 if match["self"] else -1 if match["close"] else 1
    return found


def _holds_heading(node: Unit | Section) -> bool:
    """Whether a real heading is in it: then the tag encloses sections, and those are taken one by one."""
    return isinstance(node, Section) and (node.heading_level > 0 or any(map(_holds_heading, node.sections)))


def unclosed(unit: Unit) -> str:
    """What closes a block of HTML that runs to the end of its file because nothing closes it; else ""."""
    return missing_end(unit.text) if unit.kind in VERBATIM else ""


def _left_open(text: str) -> tuple[str, int]:
    match = _TAG.match(text)
    if not match or match["close"] or match["self"] or match["name"].lower() in _VOID:
        return "", 0
    balance = _balances(text)[match["name"].lower()]
    return (match["name"].lower(), balance) if balance > 0 else ("", 0)


def _all_text(node: Unit | Section) -> str:
    if isinstance(node, Unit):
        return "" if node.kind == "code" else "\n".join([node.text, *map(_all_text, node.children)])
    return "\n".join(map(_all_text, node.body))


def _end(node: Unit | Section) -> int:
    last = (node.children if isinstance(node, Unit) else node.body)[-1:]
    return max(node.end, _end(last[0])) if last else node.end


# Clusters


def build(entries: Mapping[Key, Entry], alignment: Alignment, knowledge: Knowledge) -> list[Cluster]:
    """The clusters, in the order of their first members; procedures that do not correspond are kept apart."""
    found = _with_covered(list(_aligned(entries, alignment, knowledge)), entries, alignment, knowledge)
    taken = {member.key for cluster in found for member in cluster.members}
    found += _owned(entry for entry in entries.values() if entry.owner)
    found += _equal([entry for entry in entries.values() if entry.key not in taken and not entry.owner], knowledge)
    groups = procedure_groups(entries, found)
    parted = [part for cluster in found for part in _by_procedure(cluster, groups, knowledge)]
    return sorted(parted, key=lambda cluster: min(member.key for member in cluster.members))


def _owned(entries: Iterable[Entry]) -> Iterator[Cluster]:
    """The blocks of one tool in several files are one: the highest version stands, of equal ones the first file's."""
    by_owner: dict[tuple[str, int], list[Entry]] = defaultdict(list)
    seen: Counter[tuple[int, str]] = Counter()
    for entry in entries:
        # What one file holds twice is two blocks: the first of one file is that of another.
        by_owner[entry.owner, seen[entry.file, entry.owner]].append(entry)
        seen[entry.file, entry.owner] += 1
    for (owner, _), members in by_owner.items():
        ordered = sorted(members, key=lambda member: member.key)
        newest = max(ordered, key=lambda member: version_of(member.unit.text.split("\n", 1)[0]))
        yield Cluster(tuple(ordered), reason=f"one block of {owner}", cover=newest.key)


def _equal(entries: Sequence[Entry], knowledge: Knowledge) -> list[Cluster]:
    """Units of equal text in different variants are one: blocks anywhere, items under the same title and item."""
    by_text: dict[object, list[Entry]] = defaultdict(list)
    for entry in entries:
        anywhere = entry.inner or entry.unit.kind in _SHAPES
        title = "" if anywhere or not entry.path else normal_title(entry.path[-1].title)
        under = "" if anywhere else " ".join(entry.under.lower().split())
        text = entry.unit.flow if entry.unit.kind == "code" else signs.of(knowledge).said(entry.unit.flow)
        within = containers_of(entry.path)
        by_text[entry.unit.kind, text, entry.stance.force, entry.stance.shows, title, under, within].append(entry)
    found = []
    for run in by_text.values():
        firsts = {entry.file: entry for entry in reversed(run)}
        found.append(Cluster(tuple(sorted(firsts.values(), key=lambda entry: entry.key)), reason="equal text"))
        found += [Cluster((entry,)) for entry in run if firsts[entry.file] is not entry]
    return found


def _aligned(entries: Mapping[Key, Entry], alignment: Alignment, knowledge: Knowledge) -> Iterator[Cluster]:
    for group in alignment.units:
        if group.relation != "same":
            continue
        shapes: dict[str, list[Entry]] = defaultdict(list)
        for member in group.members:
            entry = entries.get(member.key)
            if entry is not None and not entry.inner:
                shapes[_SHAPES.get(entry.unit.kind, "prose")].append(entry)
        likely = _likely(alignment, group.score)
        for members in (part for shape in shapes.values() for part in parts(shape, knowledge, likely)):
            kept, guard = _guarded(members, None, knowledge)
            if len(kept) > 1:
                yield Cluster(tuple(kept), group.score, group.reason, guard, guarded=guard is not None)


def _likely(alignment: Alignment, otherwise: float) -> Likely:
    """How probable it is that two units of a group say the same; that of the group where a pair has none."""

    def likely(a: Entry, b: Entry) -> float:
        keys = (a.key, b.key) if a.key < b.key else (b.key, a.key)
        return alignment.odds.get(keys, otherwise)

    return likely


def _with_covered(
    clusters: list[Cluster], entries: Mapping[Key, Entry], alignment: Alignment, knowledge: Knowledge
) -> list[Cluster]:
    """The clusters with what one of their members covers, the surest first; a unit is given up for one text alone."""
    found = dict(enumerate(clusters))
    home = {key: number for number, cluster in found.items() for key in cluster.keys}
    for score, head, other, reason in _coverings(entries, alignment):
        cluster = found.get(home.get(head.key, -1), Cluster((head,), score, reason))
        covered = found.get(home.get(other.key, -1), Cluster((other,)))
        if other.key in cluster.keys or covered.cover is not None or covered.files & cluster.files - {other.file}:
            continue
        if all(_may_cover(head, cluster, one, alignment, knowledge) for one in covered.members):
            number = home.get(head.key, home.get(other.key, len(home) + len(clusters)))
            found.pop(home.get(other.key, -1), None)
            members = tuple(sorted((*cluster.members, *covered.members), key=lambda one: one.key))
            found[number] = replace(cluster, members=members, cover=head.key)
            home.update((one.key, number) for one in members)
    return list(found.values())


def _coverings(entries: Mapping[Key, Entry], alignment: Alignment) -> Iterator[tuple[float, Entry, Entry, str]]:
    """What covers what, with its probability, the surest first; of equals by their words."""
    pairs = []
    for group in alignment.units:
        head = entries.get(group.cover) if group.relation == "covers" and group.cover else None
        if head is None or head.inner:
            continue
        likely = _likely(alignment, group.score)
        others = (entries.get(member.key) for member in group.members)
        pairs += [
            (likely(head, other), head, other, group.reason)
            for other in others
            if other is not None and other is not head and not other.inner
        ]
    yield from sorted(pairs, key=lambda pair: (-pair[0], pair[1].unit.flow, pair[2].unit.flow))


def _may_cover(head: Entry, cluster: Cluster, other: Entry, alignment: Alignment, knowledge: Knowledge) -> bool:
    """Whether a unit may be given up for a head, and the head may stand for its whole cluster."""
    if _SHAPES.get(head.unit.kind, "prose") != _SHAPES.get(other.unit.kind, "prose"):
        return False
    if cluster.cover not in (None, head.key) or len(parts([head, other], knowledge, _likely(alignment, 0.0))) > 1:
        return False
    if not all(keeps(head, member, knowledge) for member in (*cluster.members, other)):
        return False
    return not _is_guard(other.unit.flow, knowledge) or other.unit.flow == head.unit.flow


def _guarded(members: Sequence[Entry], cover: Key | None, knowledge: Knowledge) -> tuple[list[Entry], Key | None]:
    """The members that may be merged, and the one that then has to stand for its guardrail.

    A text of several sentences that forbids or demands something may say more than its partners, so it is never
    given up for one of other words: the longest such text stands, the others are left to themselves.
    """
    guards = [member for member in members if _is_guard(member.unit.flow, knowledge)]
    if not guards:
        return list(members), None
    stands = next((member for member in guards if member.key == cover), None)
    if stands is None and cover is None:
        stands = max(guards, key=lambda member: (len(words(member.unit.flow)), member.unit.flow, -member.file))
    text = stands.unit.flow if stands is not None else None
    kept = [member for member in members if member not in guards or member.unit.flow == text]
    return kept, stands.key if stands is not None else None


def _is_guard(text: str, knowledge: Knowledge) -> bool:
    return len(_SENTENCE_END.findall(text.strip())) > 1 and holds_guardrail(text, knowledge)


PART = 1 / 3
"""Share of the longer of two procedures that the steps they share must be, where these are not all of the shorter."""


def procedure_groups(entries: Mapping[Key, Entry], clusters: Sequence[Cluster]) -> dict[Key, Key]:
    """For each procedure the one that stands for all it corresponds to.

    Two procedures of different variants correspond when at least half of the steps of the shorter one have a partner
    in the other, in the same order, and these are not only a small part of the other.
    """
    steps: dict[Key, list[Key]] = defaultdict(list)
    for entry in entries.values():
        if entry.procedure is not None:
            steps[entry.procedure].append(entry.key)
    partner = _shared_steps(clusters)
    _add_equal_steps(partner, entries, steps)
    groups = {procedure: procedure for procedure in steps}
    together = {procedure: [procedure] for procedure in steps}
    for a, b in sorted(partner, key=lambda pair: (-len(partner[pair]), pair)):
        shorter, longer = sorted((len(steps[a]), len(steps[b])))
        first, second = groups[a], groups[b]
        enough = 2 * len(partner[a, b]) >= shorter and len(partner[a, b]) >= min(shorter, PART * longer)
        if enough and _in_order(partner[a, b]) and not _share(together, first, second):
            groups.update(dict.fromkeys(together[second], first))
            together[first] += together.pop(second)
    return groups


def _share(together: Mapping[Key, Sequence[Key]], first: Key, second: Key) -> bool:
    """Whether two groups of procedures hold procedures of one variant."""
    return not {file for file, _ in together[first]}.isdisjoint(file for file, _ in together[second])


def _shared_steps(clusters: Sequence[Cluster]) -> dict[tuple[Key, Key], list[tuple[Key, Key]]]:
    shared: dict[tuple[Key, Key], list[tuple[Key, Key]]] = defaultdict(list)
    for cluster in clusters:
        members = sorted((m for m in cluster.members if m.procedure is not None), key=lambda m: m.key)
        for number, a in enumerate(members):
            for b in members[number + 1 :]:
                if a.file != b.file and a.procedure is not None and b.procedure is not None:
                    shared[a.procedure, b.procedure].append((a.key, b.key))
    return shared


def _add_equal_steps(
    partner: dict[tuple[Key, Key], list[tuple[Key, Key]]], entries: Mapping[Key, Entry], steps: Mapping[Key, list[Key]]
) -> None:
    """Steps of equal words count as partners too, so that a procedure in another order is not taken for the same."""
    for a, b in list(partner):
        first, second = (_unrepeated(entries, steps[procedure]) for procedure in (a, b))
        equal = [(first[text], second[text]) for text in first.keys() & second.keys()]
        partner[a, b] = sorted({*partner[a, b], *equal})


def _unrepeated(entries: Mapping[Key, Entry], steps: Sequence[Key]) -> dict[str, Key]:
    texts = [entries[key].unit.flow.lower() for key in steps]
    counts = Counter(texts)
    return {text: key for text, key in zip(texts, steps, strict=True) if counts[text] == 1}


def _in_order(pairs: Sequence[tuple[Key, Key]]) -> bool:
    ordered = sorted(pairs)
    return [b for _, b in ordered] == sorted(b for _, b in ordered)


def _by_procedure(cluster: Cluster, groups: Mapping[Key, Key], knowledge: Knowledge) -> Iterator[Cluster]:
    """A cluster with steps of procedures that do not correspond falls apart: each procedure keeps its step.

    What is no step is only merged into a step that says at least as much, whatever the order of the variants.
    """
    steps: dict[Key, list[Entry]] = defaultdict(list)
    others: list[Entry] = []
    for member in cluster.members:
        if member.procedure is None:
            others.append(member)
        else:
            steps[groups[member.procedure]].append(member)
    if not steps:
        yield cluster
        return
    parts = sorted(steps.values(), key=lambda part: (-len(part), min(member.unit.flow for member in part)))
    if others and (cluster.cover in {member.key for member in others} or _says_more(others, parts[0], knowledge)):
        parts.append(others)
    else:
        parts[0] += others
    for part in parts:
        members = tuple(sorted(part, key=lambda member: member.key))
        cover = cluster.cover if cluster.cover in {member.key for member in members} else None
        yield replace(cluster, members=members, cover=cover, guarded=cluster.guarded and cover is not None)


def _says_more(others: Sequence[Entry], steps: Sequence[Entry], knowledge: Knowledge) -> bool:
    """Whether merging `others` into one of the steps would lose words, or what they forbid or demand."""
    if any(holds_guardrail(m.unit.flow, knowledge) for m in others) and not any(
        holds_guardrail(m.unit.flow, knowledge) for m in steps
    ):
        return True
    lost, held = ({name for one in part for name in hard(one, knowledge)} for part in (others, steps))
    if not lost <= held:
        return True
    return max(len(words(m.unit.flow)) for m in others) > max(len(words(m.unit.flow)) for m in steps)
