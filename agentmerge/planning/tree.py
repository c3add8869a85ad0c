"""Sections of all variants in, the section tree of the result out: nodes with parent, title, topic and place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import combinations, count, pairwise

from agentmerge.knowledge import signs
from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching import features
from agentmerge.matching.features import normal_title
from agentmerge.matching.records import Alignment
from agentmerge.matching.sections import usual_words
from agentmerge.model import Definition, Section, Unit, walk_sections
from agentmerge.planning.clusters import stays_whole
from agentmerge.planning.intake import Key, containers_of, document_title, kind_of, warns
from agentmerge.text import lexicon

# Topics ---------------------------------------------------------------------------------------------------------------
#
# What the title of a section speaks of, beside the kind of section that it names.


class Subjects:
    """The subjects of titles in variants of one role."""

    def __init__(self, definitions: Sequence[Definition], knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._lexicon = lexicon.of(knowledge)
        self._usual = usual_words(knowledge)
        self._role = self._role_of(definitions)
        self._known: dict[str, frozenset[str]] = {}

    def _role_of(self, definitions: Sequence[Definition]) -> frozenset[str]:
        """The tokens of the role's names, and those that several top headings have: one alone may name a subject."""
        names = {field.text.replace("-", " ") for one in definitions if (field := one.field("name")) is not None}
        titles = Counter(
            token
            for one in definitions
            if (section := document_title(one)) is not None
            for token in set(self.words(section.title))
        )
        return frozenset(token for name in names for token in self.words(name)) | {
            token for token, count in titles.items() if count > 1
        }

    def of(self, title: str) -> frozenset[str]:
        """The tokens of a title that name a subject: neither the kind of its section nor the role itself.

        A title of no kind keeps the words of the role: `API Design` of an API designer is a subject all the same.
        """
        if title not in self._known:
            tokens = frozenset(self.words(title)) - self._lexicon.shaping
            kind = kind_of(title, self._knowledge)
            self._known[title] = tokens if kind == "topics" else tokens - self._usual[kind] - self._role
        return self._known[title]

    def is_general(self, title: str) -> bool:
        """Whether a title names a kind of section and no subject."""
        return kind_of(title, self._knowledge) != "topics" and not self.of(title)

    def words(self, text: str) -> list[str]:
        """The tokens of a text."""
        return list(self._lexicon.tokens(text, self._lexicon.language([text])))


# Spine ----------------------------------------------------------------------------------------------------------------
#
# The spine of a result: one section of each kind that a definition has once, and one of each topic.
#
# Sections of several authors are put together by what their titles say, where the alignment of their contents does not
# say it: `Deliverables` and `Output Format` are one, and so are `Database` and `Database & Data Layer`.


TOPICS = 3
"""Topics at the top of the result from which on they are a spine, and other topics stand beside them."""
ALIKE = 0.25
"""Probability from which a pair of units speaks for their sections being about one topic."""
_TOPICAL = frozenset({"topics", "standards"})

Paths = Mapping[Key, tuple[Section, ...]]


def of_one_kind(paths: Paths, subjects: Subjects, knowledge: Knowledge) -> Iterator[list[Key]]:
    """The sections at the top that are of one kind and name nothing else, by the kinds of which there is one."""
    found: dict[object, list[Key]] = defaultdict(list)
    for key, path in paths.items():
        section = path[-1]
        kind = knowledge.outline[kind_of(section.title, knowledge)]
        if (
            len(path) > 1
            or not kind.single
            or is_frame(section, kind.name, knowledge)
            or not (subjects.is_general(section.title) or kind.facet == "identity")
        ):
            continue
        found[kind.name, containers_of(path), _force(section.title, knowledge)].append(key)
    yield from (keys for keys in found.values() if len(keys) > 1)


def _force(title: str, knowledge: Knowledge) -> object:
    """What a title makes of what stands below it: what it forbids would be allowed, or asked for, below another one."""
    return signs.of(knowledge).own(title).force, warns(title, knowledge), features.of(knowledge).of_title(title)


def is_frame(section: Section, kind: str, knowledge: Knowledge) -> bool:
    """Whether a section only holds others, of which one is of another kind: `I handle` below `Boundaries`."""
    others = {kind_of(child.title, knowledge) for child in section.sections} - {kind, "topics"}
    return not section.units and bool(others)


def of_one_topic(paths: Paths, alignment: Alignment, subjects: Subjects, knowledge: Knowledge) -> Iterator[list[Key]]:
    """The sections of different files about one topic: at the top, or below a general section.

    Two titles name one topic where they have the same subject, or the one has all of the other's and some of what
    stands there is alike.
    """
    named = [
        (key, subject)
        for key, path in paths.items()
        if (subject := subjects.of(path[-1].title)) and _is_topic(path, subjects, knowledge)
    ]
    # Two sections that share neither the subject nor a unit are no pair: with thousands of headings most are none.
    number = {key: place for place, (key, _) in enumerate(named)}
    pairs = {
        (min(number[a], number[b]), max(number[a], number[b]))
        for (a, b), alike in _near(paths, alignment).items()
        if alike >= 2 * ALIKE and a in number and b in number
    }
    by_subject: dict[object, list[int]] = defaultdict(list)
    for place, (_, subject) in enumerate(named):
        by_subject[subject].append(place)
    for places in by_subject.values():
        pairs.update(combinations(places, 2))
    for one, other in sorted(pairs):
        (a, first), (b, second) = named[one], named[other]
        if a[0] == b[0] or not (first <= second or second <= first):
            continue
        if _force(paths[a][-1].title, knowledge) == _force(paths[b][-1].title, knowledge):
            yield [a, b]


def _is_topic(path: Sequence[Section], subjects: Subjects, knowledge: Knowledge) -> bool:
    if path[-1].is_container or kind_of(path[-1].title, knowledge) not in _TOPICAL:
        return False
    if len(path) == 1:
        return path[-1].heading_level > 0
    above = path[-2].title
    return len(path) == 2 and subjects.is_general(above) and knowledge.outline[kind_of(above, knowledge)].general


def _near(paths: Paths, alignment: Alignment) -> Mapping[tuple[Key, Key], float]:
    """How much of what stands in two sections is alike: the sum over their pairs of units."""
    sections = sorted(paths)
    homes: dict[Key, Key] = {}
    for file, line in _unit_keys(alignment):
        above = bisect_right(sections, (file, line)) - 1
        if above >= 0 and sections[above][0] == file:
            homes[file, line] = sections[above]
    found: dict[tuple[Key, Key], float] = defaultdict(float)
    for (a, b), value in alignment.odds.items():
        if value >= ALIKE and a in homes and b in homes:
            first, second = sorted((homes[a], homes[b]))
            found[first, second] += value
    return found


def _unit_keys(alignment: Alignment) -> list[Key]:
    return list(dict.fromkeys(key for pair in alignment.odds for key in pair))


# Tree -----------------------------------------------------------------------------------------------------------------
#
# The section tree of the result: sections of all variants into nodes, each with a parent, a title and a place.


_UNITED = 2
"""Files whose sections have become one from which on their lists are united."""
_STRONG_FACETS = frozenset({"prohibition", "check", "deliverable", "example", "input"})
"""Facets whose units mean something else under another heading: a pitfall under `Standards` reads as advice."""

Rank = Callable[[int], tuple[int, int]]
"""Sort key of a variant, from the policy."""


@dataclass(slots=True, eq=False)
class Node:
    """One section of the result."""

    members: list[tuple[int, Section]]
    """File and section, in the order of the policy."""
    position: float
    """Mean place in the variants, 0 for the first section and near 1 for the last."""
    knowledge: Knowledge
    title: str = ""
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    place: tuple[int, float, str] = (0, 0.0, "")
    """Where it stands among its siblings as far as their authors leave it open."""
    followed: bool = False
    """Whether text of the section above comes after it somewhere: behind a heading that text would be part of it."""

    is_raised: bool = False
    """Whether a line before a list becomes a heading, because the other lists of the result have one."""

    @property
    def kind(self) -> str:
        return kind_of(self.title, self.knowledge)

    @property
    def only_labels(self) -> bool:
        """Whether it is a line before a list, in every variant, and has to stay one."""
        if self.is_raised:
            return False
        styles = {section.style for _, section in self.members}
        return styles == {"label"} or (self.followed and styles <= {"label", "bold"})

    @property
    def is_container(self) -> bool:
        """Whether lines of its own open and close it in every variant."""
        return bool(self.members) and all(section.is_container for _, section in self.members)

    @property
    def path(self) -> str:
        titles = [self.title]
        above = self.parent
        while above is not None:
            titles.append(above.title)
            above = above.parent
        return " / ".join(title for title in reversed(titles) if title)


@dataclass(frozen=True, slots=True)
class Tree:
    """All nodes, and which of them each section of each variant has become."""

    root: Node
    nodes: Mapping[Key, Node]
    subjects: Subjects | None = None
    """What the titles speak of; None where there is one text alone, which keeps its structure."""

    def home(self, file: int, path: Sequence[Section]) -> Node:
        """The node that a unit with this path stands in."""
        return self.nodes[file, path[-1].line] if path else self.root


def build_tree(
    definitions: Sequence[Definition],
    alignment: Alignment,
    rank: Rank,
    procedures: Mapping[Key, Key],
    knowledge: Knowledge,
) -> Tree:
    """Sections that the alignment calls the same become one node; so do siblings of one title.

    Of several texts there is one section of each kind that a definition has once, and one spine of topics. A checklist
    is never one with what is no checklist, nor two procedures that do not correspond.
    """
    paths = _paths(definitions)
    root = Node([], 0.0, knowledge)
    are_several = len({definition.text for definition in definitions}) > 1
    subjects = Subjects(definitions, knowledge)
    apart = subjects if are_several else None
    nodes = _grouped(paths, alignment, procedures, rank, _positions(definitions), knowledge, apart)
    if are_several:
        for keys in of_one_kind(paths, subjects, knowledge):
            _join(nodes, keys, rank)
        for keys in of_one_topic(paths, alignment, subjects, knowledge):
            if not _holds_nested([key for one in keys for key in _keys(nodes[one])], paths):
                _join(nodes, keys, rank)
    else:
        _join(nodes, [key for key, path in paths.items() if len(path) == 1 and _is_identity(path[0], knowledge)], rank)
    followed = set(_followed(definitions))
    for node in _distinct(nodes):
        node.title = _title(node, apart)
        node.followed = any((file, section.line) in followed for file, section in node.members)
    _set_parents(nodes, paths, root)
    if are_several:
        _raise_to_top(nodes, paths, root, subjects, knowledge)
        _absorb(nodes, root, subjects, knowledge)
        _lift(nodes, root, subjects, knowledge)
        _head(nodes, root)
    _join_siblings(nodes, root, rank, knowledge)
    _set_children(nodes, root, knowledge)
    if are_several:
        _unnumber(root, definitions, knowledge)
    return Tree(root, nodes, apart)


def _keys(node: Node) -> list[Key]:
    return [(file, section.line) for file, section in node.members]


def _holds_nested(keys: Sequence[Key], paths: Mapping[Key, tuple[Section, ...]]) -> bool:
    """Whether one of the sections stands inside another."""
    return len(_without_nested(keys, paths)) < len(keys)


def _raise_to_top(
    nodes: Mapping[Key, Node],
    paths: Mapping[Key, tuple[Section, ...]],
    root: Node,
    subjects: Subjects,
    knowledge: Knowledge,
) -> None:
    """What one author has at the top stands there, where the others have a topic, a kind of section or a line of it."""
    for node in _distinct(nodes):
        at_top = [len(paths[key]) == 1 for key in _keys(node)]
        if node.parent is root or not any(at_top):
            continue
        lines = all(
            section.style in ("label", "bold")
            for (_, section), top in zip(node.members, at_top, strict=True)
            if not top
        )
        whole = knowledge.outline[node.kind].single and subjects.is_general(node.title)
        if lines or whole or node.kind == "topics":
            node.parent = root


def _absorb(nodes: dict[Key, Node], root: Node, subjects: Subjects, knowledge: Knowledge) -> None:
    """A line before a list that only says again what kind of section it stands in gives its list to the section."""
    for key, node in list(nodes.items()):
        above = node.parent
        if above is None or above.parent is not root or len({file for file, _ in above.members}) < _UNITED:
            continue
        labels = all(section.style in ("label", "bold") for _, section in node.members)
        alike = kind_of(node.title, knowledge) == above.kind and knowledge.outline[above.kind].single
        binds = any(holds_guardrail(section.title, knowledge) for _, section in node.members)
        if labels and alike and subjects.is_general(node.title) and not binds and not _has_children(node, nodes):
            nodes[key] = above


def _has_children(node: Node, nodes: Mapping[Key, Node]) -> bool:
    return any(other.parent is node for other in nodes.values())


def _lift(nodes: Mapping[Key, Node], root: Node, subjects: Subjects, knowledge: Knowledge) -> None:
    """Topics below a general section stand beside the topics of the others, where there is a spine of them."""
    distinct = _distinct(nodes)
    topics = [node for node in distinct if node.parent is root and node.kind == "topics" and is_headed(node)]
    if len(topics) < TOPICS:
        return
    for node in distinct:
        above = node.parent
        if above is None or above.parent is not root or node.kind != "topics" or not is_headed(node):
            continue
        if is_general(above, subjects, knowledge):
            node.parent = root


_NAMING = 4
"""Words of a line before a list that may become a heading."""


def _head(nodes: Mapping[Key, Node], root: Node) -> None:
    """Lists that stand before the first heading of their author, below a line that names them, are sections among
    those of the others: nobody looks for a checklist in an opening."""
    tops = [node for node in _distinct(nodes) if node.parent is root]
    headed = [node for node in tops if is_headed(node)]
    for node in tops:
        if len(headed) >= TOPICS and node.only_labels and not node.followed:
            node.is_raised = len(node.title.split()) <= _NAMING and not _has_children(node, nodes)


def is_general(node: Node, subjects: Subjects, knowledge: Knowledge) -> bool:
    """Whether a section of advice on this and that is in it: of a kind that speaks of topics, and of none alone."""
    return not node.is_container and any(
        knowledge.outline[kind_of(section.title, knowledge)].general and subjects.is_general(section.title)
        for _, section in node.members
    )


def is_headed(node: Node) -> bool:
    """Whether an author gave it a heading, and not only a line before a list."""
    return any(section.heading_level > 0 for _, section in node.members)


def _paths(definitions: Sequence[Definition]) -> dict[Key, tuple[Section, ...]]:
    """Every section with the sections above it, itself last, the document's title left out."""
    found = {}
    for file, definition in enumerate(definitions):
        title = document_title(definition)
        for path, section in walk_sections(definition.root):
            if section is not title and not any(map(stays_whole, (*path, section))):
                found[file, section.line] = tuple(above for above in (*path, section) if above is not title)
    return found


def _followed(definitions: Sequence[Definition]) -> Iterator[Key]:
    """Sections behind which a unit of the section above stands."""
    for file, definition in enumerate(definitions):
        for section in (definition.root, *(section for _, section in walk_sections(definition.root))):
            units = [number for number, part in enumerate(section.body) if isinstance(part, Unit)]
            last = max(units, default=0)
            yield from ((file, part.line) for part in section.body[:last] if isinstance(part, Section))


def _positions(definitions: Sequence[Definition]) -> dict[Key, float]:
    places = {}
    for file, definition in enumerate(definitions):
        lines = [section.line for _, section in walk_sections(definition.root)]
        places.update({(file, line): number / len(lines) for number, line in enumerate(lines)})
    return places


def _grouped(
    paths: Mapping[Key, tuple[Section, ...]],
    alignment: Alignment,
    procedures: Mapping[Key, Key],
    rank: Rank,
    positions: Mapping[Key, float],
    knowledge: Knowledge,
    subjects: Subjects | None,
) -> dict[Key, Node]:
    nodes: dict[Key, Node] = {}
    for group in alignment.sections:
        if group.relation != "same":
            continue
        keys = [member.key for member in group.members if member.key in paths and member.key not in nodes]
        parts: dict[object, list[Key]] = defaultdict(list)
        for key in _without_nested(keys, paths):
            parts[_company(key, paths[key], procedures, knowledge, subjects)].append(key)
        for part in parts.values():
            node = _node(part, paths, rank, positions, knowledge)
            nodes.update((key, node) for key in part)
    for key in paths:
        if key not in nodes:
            nodes[key] = _node([key], paths, rank, positions, knowledge)
    return nodes


def _company(
    key: Key,
    path: Sequence[Section],
    procedures: Mapping[Key, Key],
    knowledge: Knowledge,
    subjects: Subjects | None,
) -> object:
    """What kind of content a section must share with those that it becomes one with, and in which containers."""
    section, within = path[-1], containers_of(path)
    kind = knowledge.outline.get(kind_of(section.title, knowledge))
    facet = kind.facet if kind is not None and kind.facet in _STRONG_FACETS else ""
    direct = section.units
    if direct and all(unit.kind == "task" for unit in direct):
        facet = "check"
    first = next((unit for unit in direct if unit.ordinal is not None), None)
    # What is forbidden by its heading alone would be allowed, or asked for, below the other one.
    force = signs.of(knowledge).own(section.title).force, warns(section.title, knowledge)
    procedure = procedures.get((key[0], first.line)) if first is not None else None
    # What one author checks of migrations, and another before the end, are two lists.
    topic = subjects.of(section.title) if subjects is not None and facet == "check" else None
    frame = facet == "prohibition" and is_frame(section, "constraints", knowledge)
    return within, facet, force, procedure, topic, frame


def _without_nested(keys: Sequence[Key], paths: Mapping[Key, tuple[Section, ...]]) -> list[Key]:
    """Keys of which none is a section inside another of them."""
    chosen = set(keys)
    return [key for key in keys if not any((key[0], above.line) in chosen for above in paths[key][:-1])]


def _node(
    keys: Iterable[Key],
    paths: Mapping[Key, tuple[Section, ...]],
    rank: Rank,
    positions: Mapping[Key, float],
    knowledge: Knowledge,
) -> Node:
    ordered = sorted(keys, key=lambda key: (rank(key[0]), key[1]))
    members = [(key[0], paths[key][-1]) for key in ordered]
    return Node(members, sum(positions[key] for key in ordered) / len(ordered), knowledge)


def _distinct(nodes: Mapping[Key, Node]) -> list[Node]:
    return list(dict.fromkeys(nodes.values()))


def _is_identity(section: Section, knowledge: Knowledge) -> bool:
    return kind_of(section.title, knowledge) == "identity"


def _join(nodes: dict[Key, Node], keys: Sequence[Key], rank: Rank) -> None:
    """Make one node of the nodes that the keys stand in."""
    joined = list(dict.fromkeys(nodes[key] for key in keys))
    if len(joined) < 2:
        return
    first = joined[0]
    weight = sum(len(node.members) for node in joined)
    first.position = sum(node.position * len(node.members) for node in joined) / weight
    first.members = sorted(
        (member for node in joined for member in node.members), key=lambda member: (rank(member[0]), member[1].line)
    )
    nodes.update(((file, section.line), first) for file, section in first.members)


def _title(node: Node, subjects: Subjects | None) -> str:
    """The title that most variants give, then the first one's; of a kind of section one that names nothing else."""
    headed = [section.title for _, section in node.members if not section.is_container]
    titles = headed or [section.title for _, section in node.members]
    if subjects is not None:
        titles = [title for title in titles if subjects.is_general(title)] or titles
    votes = Counter(map(normal_title, titles))
    best = max(votes.values())
    return next(title for title in titles if votes[normal_title(title)] == best)


def _set_parents(nodes: Mapping[Key, Node], paths: Mapping[Key, tuple[Section, ...]], root: Node) -> None:
    """The parent that most variants give; a circle is cut at the node that closes it."""
    for node in sorted(_distinct(nodes), key=lambda node: (node.position, node.title)):
        candidates = []
        for file, section in node.members:
            path = paths[file, section.line]
            candidates.append(nodes[file, path[-2].line] if len(path) > 1 else root)
        votes = Counter(candidate for candidate in candidates if candidate is not node)
        ordered = sorted((c for c in candidates if c is not node), key=lambda c: -votes[c])
        node.parent = next((c for c in ordered if not _is_below(c, node)), root)


def _is_below(node: Node | None, above: Node) -> bool:
    while node is not None:
        if node is above:
            return True
        node = node.parent
    return False


def _join_siblings(nodes: dict[Key, Node], root: Node, rank: Rank, knowledge: Knowledge) -> None:
    """Siblings of one title become one, from the top down, because their children are siblings then."""
    level = [root]
    while level:
        titled: dict[Node, dict[object, list[Node]]] = {parent: defaultdict(list) for parent in level}
        for node in _distinct(nodes):
            if node.parent in titled:
                # Two containers of one name in one file are two things.
                apart = node if node.is_container else signs.of(knowledge).own(node.title).force
                titled[node.parent][normal_title(node.title) or node.title, apart].append(node)
        kept: dict[Node | None, Node] = {}
        for siblings in (siblings for parent in level for siblings in titled[parent].values()):
            _join(nodes, [(file, section.line) for node in siblings for file, section in node.members], rank)
            first = nodes[siblings[0].members[0][0], siblings[0].members[0][1].line]
            kept.update((node, first) for node in siblings)
        for node in _distinct(nodes):
            node.parent = kept.get(node.parent, node.parent)
        level = list(dict.fromkeys(kept.values()))


def _set_children(nodes: Mapping[Key, Node], root: Node, knowledge: Knowledge) -> None:
    for node in _distinct(nodes):
        assert node.parent is not None
        node.parent.children.append(node)
    for node in [root, *_distinct(nodes)]:
        is_top = node is root
        for child in node.children:
            child.place = _place(child, knowledge, top=is_top)
        node.children = _in_authors_order(sorted(node.children, key=lambda child: child.place))


def _place(node: Node, knowledge: Knowledge, *, top: bool) -> tuple[int, float, str]:
    """Below the title the outline's order counts first, then the variants' own."""
    return (knowledge.outline[node.kind].rank if top else 0, node.position, node.title)


def _in_authors_order(siblings: Sequence[Node]) -> list[Node]:
    """Siblings of one rank so that those of one author stand in that author's order, as far as the others' allow it."""
    later: dict[Node, set[Node]] = {node: set() for node in siblings}
    for line in _lines_of_authors(siblings):
        for first, second in pairwise(line):
            if first.place[0] == second.place[0] and not _leads_to(second, first, later):
                later[first].add(second)
    waiting = Counter(node for nodes in later.values() for node in nodes)
    ordered: list[Node] = []
    number = count()
    ready = [(node.place, next(number), node) for node in siblings if not waiting[node]]
    heapify(ready)
    while ready:
        node = heappop(ready)[2]
        ordered.append(node)
        for behind in later[node]:
            waiting[behind] -= 1
            if not waiting[behind]:
                heappush(ready, (behind.place, next(number), behind))
    return ordered


def _lines_of_authors(siblings: Sequence[Node]) -> list[list[Node]]:
    """The siblings of each author in that author's order, the longest such row first."""
    places: dict[int, list[tuple[int, Node]]] = defaultdict(list)
    for node in siblings:
        firsts: dict[int, int] = {}
        for file, section in node.members:
            firsts[file] = min(firsts.get(file, section.line), section.line)
        for file, line in firsts.items():
            places[file].append((line, node))
    lines = [[node for _, node in sorted(row, key=lambda pair: pair[0])] for row in places.values()]
    return sorted(lines, key=lambda line: (-len(line), [node.title for node in line]))


def _leads_to(node: Node, wanted: Node, later: Mapping[Node, set[Node]]) -> bool:
    seen, found = {node}, [node]
    while found:
        one = found.pop()
        if one is wanted:
            return True
        found += later[one] - seen
        seen |= later[one]
    return False


_NUMBERED = re.compile(r"\d{1,2}[.)]\s+(?=\S)")
_REFERRED = re.compile(r"\b(?:section|part|phase|step|stage)s?\s\d", re.IGNORECASE)


def _unnumber(root: Node, definitions: Sequence[Definition], knowledge: Knowledge) -> None:
    """Take the number from titles that no longer count the sections of one author from the first to the last."""
    for node in walk_nodes(root):
        numbered = [child for child in node.children if _NUMBERED.match(child.title)]
        if not numbered or _still_count(numbered):
            continue
        for child in numbered:
            is_referred = any(_REFERRED.search(definitions[file].text) for file, _ in child.members)
            if not is_referred and not child.only_labels and not holds_guardrail(child.title, knowledge):
                child.title = _NUMBERED.sub("", child.title, count=1)


def _still_count(numbered: Sequence[Node]) -> bool:
    """Whether the numbers of titles rise one by one, and all that their authors counted in one place stands there."""
    numbers = [int(re.split(r"[.)]", child.title, maxsplit=1)[0]) for child in numbered]
    rising = numbers[0] <= 1 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    files = {file for child in numbered for file, _ in child.members}
    return rising and (len(files) == 1 or all({file for file, _ in child.members} == files for child in numbered))


def walk_nodes(node: Node) -> Iterator[Node]:
    """A node and all below it, in the order of the result."""
    yield node
    for child in node.children:
        yield from walk_nodes(child)
