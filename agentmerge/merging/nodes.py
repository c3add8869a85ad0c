"""A definition as a tree in which every visible line belongs to one node; blank lines are gaps between nodes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agentmerge.errors import InternalError
from agentmerge.model import LAYOUT, VERBATIM, Definition, Field, Frontmatter, Section, Unit

CONTAINERS = frozenset({"root", "section", "frontmatter", "field", "entry"})
PROSE = frozenset({"item", "task", "paragraph", "quote"})

_LITERAL = frozenset({"code", "table"}) | LAYOUT | VERBATIM
_ENTRY = re.compile(r"""[ ]*(?:"[^"]+"|'[^']+'|[^\s#:'"\-\[{&*!|>%@`][^:]*|-[^\s:][^:]*):(?:[ ]|\Z)""")
_MARK = re.compile(r"(?P<mark>[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)?")


@dataclass(slots=True, eq=False)
class Node:
    """One node of one version; compared by identity."""

    kind: str
    """A unit's kind, or root, section, frontmatter, field, entry (key of a map), element (member of a list), fence."""
    lines: list[str]
    """Its own lines, children's lines left out."""
    name: str = ""
    """What it is recognised by: a key, a title, or its words."""
    line: int = 1
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    gap: list[str] = field(default_factory=list)
    """Blank lines between its own lines and the next visible line."""
    unit: Unit | Field | None = None
    """What the reader made of it."""
    shape: str = ""
    """Of a field: scalar, prose, set, list, map. Of a section: how it is opened."""
    words: Counter[str] | None = None
    """Its words for comparison, once somebody asked for them."""

    @property
    def label(self) -> str:
        """How messages name a unit."""
        if isinstance(self.unit, Unit) and self.unit.ordinal is not None:
            return f"step {self.unit.ordinal}"
        return self.kind


def build(definition: Definition, shapes: Mapping[str, str]) -> Node:
    """The tree of a definition with LF line endings; `shapes` gives the shape of known fields.

    Raises InternalError where the tree does not hold every line of the text.
    """
    lines = definition.text.split("\n")
    root = Node("root", [], line=0)
    _fill(root, definition.root.body)
    if definition.frontmatter is not None:
        _insert_frontmatter(definition.frontmatter, lines, shapes, root)
    _spread_gaps(root, lines)
    return root


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the file."""
    yield node
    for child in node.children:
        yield from walk(child)


def text_of(node: Node) -> list[str]:
    """The lines of the node and all below it, without the gap after the last."""
    nodes = list(walk(node))
    lines = [line for each in nodes[:-1] for line in (*each.lines, *each.gap)]
    return [*lines, *nodes[-1].lines]


def split_mark(lines: Sequence[str]) -> tuple[str, list[str]]:
    """The list mark of an item, with its indentation and task box, and the lines without it."""
    if not lines:
        return "", []
    match = _MARK.match(lines[0])
    mark = (match["mark"] or "") if match else ""
    return mark, [lines[0][len(mark) :], *lines[1:]]


def _insert_frontmatter(front: Frontmatter, lines: Sequence[str], shapes: Mapping[str, str], root: Node) -> None:
    """Put the frontmatter among the children of the root, and a field that stands below it under its heading."""
    top = Node("frontmatter", [lines[front.line - 1]], "---", front.line, root)
    below = [item for item in front.fields if item.start >= front.end]
    for item in front.fields[: len(front.fields) - len(below)]:
        top.children.append(_field(item, lines, shapes, top, is_plain=front.valid))
    if front.is_closed:
        top.children.append(Node("fence", [lines[front.end - 2]], "---", front.end - 1, top))
    root.children.insert(sum(child.line < front.line for child in root.children), top)
    for item in below:
        home = max((node for node in walk(root) if node.kind == "section" and node.line < item.start), key=_line)
        place = sum(child.line < item.start for child in home.children)
        home.children.insert(place, _field(item, lines, shapes, home, is_plain=False))


def _line(node: Node) -> int:
    return node.line


def _field(item: Field, lines: Sequence[str], shapes: Mapping[str, str], parent: Node, *, is_plain: bool) -> Node:
    own = list(lines[item.start - 1 : item.end - 1])
    while own and not own[-1].strip():
        own.pop()
    shape = shapes.get(item.key, "map" if isinstance(item.value, Mapping) else "scalar")
    node = Node("field", own, item.key, item.start, parent, unit=item, shape=shape)
    if is_plain and item.style == "block" and item.start == item.line:
        _split_entries(node, item.start)
    return node


def _split_entries(node: Node, line: int) -> None:
    """Make the keys or members of a block value nodes of their own, where the layout is plain enough."""
    chunks = _chunks(node.lines[1:])
    if chunks is None or node.lines[0].rstrip()[-1:] != ":":
        return
    node.lines, at = node.lines[:1], line + 1
    for chunk in chunks:
        is_element = chunk[0].lstrip().startswith("-")
        name = " ".join(chunk[0].split()) if is_element else chunk[0].split(":")[0].strip().strip("'\"")
        child = Node("element" if is_element else "entry", chunk, name, at, node, shape="scalar")
        if is_element:
            child.name = "\n".join(text.strip() for text in chunk)
        elif len(chunk) > 1:
            _split_entries(child, at)
        node.children.append(child)
        at += len(chunk)


def _chunks(lines: Sequence[str]) -> list[list[str]] | None:
    """Lines of a block value, one list per key or member; None where that can't be told by layout alone."""
    if not lines or any(not line.strip() or line.lstrip().startswith("#") or "\t" in line for line in lines):
        return None
    indent = len(lines[0]) - len(lines[0].lstrip())
    is_list = lines[0].lstrip().startswith("- ")
    chunks: list[list[str]] = []
    for line in lines:
        deep = len(line) - len(line.lstrip())
        if deep == indent:
            if not (line.lstrip().startswith("- ") if is_list else _ENTRY.match(line)):
                return None
            chunks.append([line])
        elif deep > indent and chunks:
            chunks[-1].append(line)
        else:
            return None
    names = [chunk[0].split(":")[0].strip() for chunk in chunks]
    return chunks if is_list or len(set(names)) == len(names) else None


def _fill(parent: Node, body: Sequence[Unit | Section]) -> None:
    for item in body:
        own = item.source.split("\n")
        if own and not own[-1]:
            own.pop()
        if isinstance(item, Section):
            node = Node("section", own, item.title, item.line, parent, shape=item.style)
            _fill(node, item.body)
        else:
            node = Node(item.kind, own, _words(item, own), item.line, parent, unit=item)
            _fill(node, item.children)
        parent.children.append(node)


def _words(unit: Unit, lines: Sequence[str]) -> str:
    """What a unit says, for comparison: its content without list mark, task box and indentation."""
    if unit.kind in _LITERAL:
        return "\n".join(line.strip() for line in lines)
    return " ".join(" ".join(split_mark(lines)[1]).split())


def _spread_gaps(root: Node, lines: Sequence[str]) -> None:
    """Give every blank line to the node before it; a visible line without a node is an error of ours."""
    end = len(lines) - 1 if lines and not lines[-1] else len(lines)
    nodes = list(walk(root))
    for node, following in zip(nodes, [*nodes[1:], None], strict=True):
        start = node.line - 1 + len(node.lines) if node is not root else 0
        stop = following.line - 1 if following is not None else end
        node.gap = list(lines[start:stop])
        if (
            start > stop
            or any(line.strip() for line in node.gap)
            or node.lines != lines[start - len(node.lines) : start]
        ):
            raise InternalError("the section tree does not hold every line", line=start + 1)
