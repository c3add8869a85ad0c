"""Body text in, a tree of blocks with lines out: Markdown's, and lists that Markdown takes for one paragraph."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from agentmerge.knowledge import signs
from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import UnitKind, flow_of, hard_runs
from agentmerge.reading import containers
from agentmerge.reading.containers import WHOLE, Boundary, Mark, Marks, enclosed, pair
from agentmerge.text.lines import bare

# Dispatching ----------------------------------------------------------------------------------------------------------
#
# Which rules of markdown-it can match a line at all, by its first character: the others are not even asked.
#
# The parser asks each of its rules at each line, at the start of a block and once more for the end of the one above.
# Most lines begin with a letter, and of a letter most rules want nothing to know.


Rule = Callable[[Any, int, int, bool], bool]

_DIGITS = "0123456789"
STARTS: Mapping[str, str] = {
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": f"*-+{_DIGITS}",
    "html_block": "<",
    "heading": "#",
}
"""The characters that a line begins with where such a rule may match; of the other rules any line may be one."""
LINE = "paragraph_line"
"""Type of the token of a paragraph of one line."""
_MARKS = frozenset("".join(STARTS.values()))
_BULLETS = frozenset("-+*")


class Dispatcher:
    """Takes the place of a ruler's lists of rules: each chain is one rule that asks those that may match."""

    def __init__(self, ruler: Any, trim: Callable[[str], str]) -> None:
        self._names = dict(zip(ruler.getRules(""), ruler.get_active_rules(), strict=True))
        self._rules: Callable[[str], list[Rule]] = ruler.getRules
        self._trim = trim
        self._chains: dict[str, list[Rule]] = {}

    def rules(self, chain: str = "") -> list[Rule]:
        """What a ruler's `getRules` returns; the ruler may not change any more."""
        found = self._chains.get(chain)
        if found is None:
            found = self._chains[chain] = [self._starting() if chain == "" else self._ending(chain)]
        return found

    def _by_first(self, chain: str) -> tuple[Mapping[str, tuple[Rule, ...]], tuple[Rule, ...]]:
        """The rules of a chain for each mark, and those for a line that begins with anything else."""
        rules = [(rule, STARTS.get(self._names[rule])) for rule in self._rules(chain)]
        marked = {
            mark: tuple(rule for rule, starts in rules if starts is None or mark in starts) for mark in sorted(_MARKS)
        }
        return marked, tuple(rule for rule, starts in rules if starts is None)

    def _ending(self, chain: str) -> Rule:
        marked, others = self._by_first(chain)

        def ends(state: Any, start: int, end: int, silent: bool) -> bool:
            at = state.bMarks[start] + state.tShift[start]
            for rule in marked.get(state.src[at : at + 1], others):  # noqa: SIM110  a generator for each line
                if rule(state, start, end, silent):
                    return True
            return False

        return ends

    def _starting(self) -> Rule:
        marked, others = self._by_first("")
        trim = self._trim

        def starts(state: Any, start: int, end: int, silent: bool) -> bool:
            at = state.bMarks[start] + state.tShift[start]
            rules = marked.get(state.src[at : at + 1], others)
            if rules is others and not silent and _is_one_line(state, start, end):
                _push_paragraph(state, start, trim(state.src[at : state.eMarks[start]]))
                return True
            for rule in rules:  # noqa: SIM110  a generator for each line
                if rule(state, start, end, silent):
                    return True
            return False

        return starts


def _is_one_line(state: Any, start: int, end: int) -> bool:
    """Whether a line that begins with no mark is surely a paragraph of its own.

    It is where a blank line follows, an item of a new list, or the next one of the list that it stands in.
    """
    if state.sCount[start] - state.blkIndent > 3 or start in state.env["marks"]:
        return False
    below = start + 1
    if below >= end:
        return bool(below >= state.lineMax)
    at: int = state.bMarks[below] + state.tShift[below]
    last: int = state.eMarks[below]
    if at >= last:
        return True
    indent: int = state.sCount[below]
    if indent < 0 or at + 2 >= last or state.src[at] not in _BULLETS or state.src[at + 1] != " ":
        return False
    if indent < state.blkIndent:
        return bool(indent - state.listIndent < 4)
    return indent - state.blkIndent < 4 and state.src[at + 2] not in " \t"


def _push_paragraph(state: Any, start: int, text: str) -> None:
    """One token instead of three: of long lists these are most of the tokens."""
    state.line = start + 1
    token = state.push(LINE, "p", 0)
    token.content, token.map = text, [start, state.line]


# Blocks ---------------------------------------------------------------------------------------------------------------
#
# The only importer of markdown-it: body text to a tree of blocks with line numbers.
#
# Only block structure is asked for: inline marks are words to us. Link reference definitions are left as
# paragraphs, because they are text that has to survive like any other.


BlockKind = Literal[
    "heading",
    "paragraph",
    "list",
    "item",
    "code",
    "table",
    "quote",
    "html",
    "break",
    "boundary",
    "example",
    "raw",
    "comment",
]

MAX_NESTING = 100
"""Levels of lists and quotes that are read as structure (an item counts two); what is deeper stays text."""
LINES_ABOVE = 20
"""Lines above a fence in which its heading is looked for."""

_KINDS: dict[str, BlockKind] = {
    "heading": "heading",
    "paragraph": "paragraph",
    "bullet_list": "list",
    "ordered_list": "list",
    "list_item": "item",
    "fence": "code",
    "code_block": "code",
    "table": "table",
    "blockquote": "quote",
    "html_block": "html",
    "hr": "break",
    "boundary": "boundary",
    "example": "example",
    "raw": "raw",
    "comment": "comment",
}
_KINDS_OF = {f"{name}{end}": kind for name, kind in _KINDS.items() for end in ("", "_open", "_close")}
"""The kind of block that a token belongs to, by its type."""
_ENDS_ITSELF = re.compile(r"<(?:[!?]|(?:script|pre|style|textarea)\b)", re.IGNORECASE)
"""HTML that ends with a sign of its own, not with a blank line."""
_ROUNDS = 3
"""How often a text is read again without the lines that turned out to bound nothing."""


@dataclass(slots=True)
class Block:
    """One block; lines are 0-based, `end` exclusive."""

    kind: BlockKind
    start: int
    end: int
    text: str = ""
    """Inline text of a heading or paragraph, content of code and HTML."""
    level: int = 0
    """Of a heading."""
    setext: bool = False
    marker: str = ""
    """Of a list item: its bullet or ordinal. Of a fence: its opening run."""
    info: str = ""
    """Of a fence."""
    fenced: bool = False
    cut: int = 0
    """Of a document with fences in it: the line after which CommonMark would end it; 0 where that is `end`."""
    children: list[Block] = field(default_factory=list)
    marks: tuple[Mark, ...] = ()
    """Of a line that may bound a container: what it may be."""
    boundary: Boundary | None = None
    """Of such a line: what it is."""


def parse_blocks(body: str, knowledge: Knowledge) -> list[Block]:
    """The blocks of a Markdown text, in order, without containers that Markdown does not know."""
    return _build(_parser().parse(body, {"marks": {}, "weak": frozenset(), "knowledge": knowledge}))


def wrapped_marks(body: str, marks: Marks, knowledge: Knowledge) -> list[Block]:
    """The paragraphs that CommonMark sees where some line bounds a container: re-wrapped, it would bound none."""
    lines = sorted(marks)
    rows = body.split("\n") if lines else []
    if not any(
        row.strip(" \t") for line in lines for row in (*rows[max(0, line - 1) : line], *rows[line + 1 : line + 2])
    ):
        # Blank lines on both sides: none is a line of a longer paragraph.
        return []
    return [
        block
        for block in descend(parse_blocks(body, knowledge))
        if block.kind == "paragraph"
        and block.end - block.start > 1
        and bisect_right(lines, block.start - 1) < bisect_right(lines, block.end - 1)
    ]


def parse_body(body: str, marks: Marks, knowledge: Knowledge) -> tuple[list[Block], list[tuple[int, Mark]]]:
    """The blocks of a Markdown text, in order, and the 0-based lines that bound a container without a partner.

    `marks` are the readings of each line that may bound one.
    """
    weak: set[int] = set()
    without: list[tuple[int, Mark]] = []
    rounds = _ROUNDS
    while True:
        env = {
            "marks": marks,
            "lines": sorted(marks),
            "enclosed": enclosed(marks),
            "weak": weak,
            "knowledge": knowledge,
        }
        blocks = _build(_parser().parse(body, env))
        lonely: list[tuple[int, Mark]] = []
        nothing = set(_pair_all(blocks, lonely)) - weak if marks else set()
        if not nothing or not rounds:
            return blocks, sorted([*without, *lonely])
        rounds -= 1
        # A tag without its partner is a line of its own where a block may start; what else bounds nothing is text.
        weak |= {line for line in nothing if marks[line][0].family == "tags"}
        without += [(line, mark) for line, mark in lonely if line in nothing and line not in weak]
        marks = {line: row for line, row in marks.items() if line not in nothing or line in weak}


def _pair_all(blocks: Sequence[Block], lonely: list[tuple[int, Mark]]) -> Iterator[int]:
    """Say of each line what it bounds; yields the lines that bound nothing."""
    pending = [blocks]
    while pending:
        siblings = pending.pop()
        lines = [block for block in siblings if block.kind == "boundary"]
        found = pair([block.marks for block in lines])
        lonely += [(lines[position].start, mark) for position, mark in found.lonely]
        for block, boundary in zip(lines, found.boundaries, strict=True):
            block.boundary = boundary
            if boundary is None:
                yield block.start
        pending += [block.children for block in siblings if block.kind in ("list", "item")]


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt
    from markdown_it.common.utils import mdTrim

    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("table")
    # Line endings are LF already, and a NUL is text that has to survive.
    parser.core.ruler.enableOnly(["block"])
    parser.block.ruler.disable("reference")
    ends = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("table", "boundary", _boundary, {"alt": ends})
    parser.block.ruler.at("html_block", _html_block, {"alt": ["paragraph", "reference", "blockquote"]})
    parser.block.ruler.at("fence", _fence, {"alt": ends})
    ruler: Any = parser.block.ruler
    ruler.getRules = Dispatcher(ruler, mdTrim).rules
    return parser


def _boundary(state: Any, start: int, end: int, silent: bool) -> bool:
    """The rule for a line that bounds a container, or for all of a container that is kept whole."""
    marks: tuple[Mark, ...] | None = state.env["marks"].get(start)
    is_weak = start in state.env["weak"]
    if marks is None or state.is_code_block(start) or (silent and is_weak):
        return False
    whole: Mapping[int, int] = state.env["enclosed"]
    last = whole.get(start)
    kind = None if is_weak else next((mark.kind for mark in marks if mark.kind in WHOLE), None)
    if kind in ("comment", "example") and any(mark.kind == kind and mark.role == "single" for mark in marks):
        last = start
    if kind is not None and (last is None or last >= end or _falls_out(state, start, last)):
        marks, kind, last = tuple(mark for mark in marks if mark.kind not in WHOLE), None, None
        if not marks:
            return False
    if not silent:
        stop = (start if last is None else last) + 1
        token = state.push(
            {"example": "example", "opaque": "raw", "comment": "comment"}.get(kind or "", "boundary"), "", 0
        )
        token.map = [start, stop]
        token.meta = {"marks": marks}
        state.line = stop
    return True


def _html_block(state: Any, start: int, end: int, silent: bool) -> bool:
    """HTML as Markdown takes it, but where only a blank line would end it, a line that bounds a container does, too."""
    from markdown_it.rules_block import html_block

    if not state.env["marks"]:
        return bool(html_block(state, start, end, silent))
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if not _ENDS_ITSELF.match(first):
        lines: list[int] = state.env["lines"]
        following = bisect_right(lines, start)
        end = min(end, lines[following]) if following < len(lines) else end
    return bool(html_block(state, start, end, silent))


def _falls_out(state: Any, start: int, last: int) -> bool:
    """Whether a line in between is indented less than the item that the first one stands in."""
    if state.sCount[start] < state.blkIndent:
        # The first line itself ends the item.
        return False
    indents = (state.sCount[line] for line in range(start, last + 1) if not state.isEmpty(line))
    return any(indent < state.blkIndent for indent in indents)


def _fence(state: Any, start: int, end: int, silent: bool) -> bool:
    """CommonMark's rule for fences; a document that surely ends later than at the first fence in it is kept whole."""
    from markdown_it.rules_block import fence

    if not fence(state, start, end, silent):
        return False
    if silent:
        return True
    token = state.tokens[-1]
    if (
        not containers.names_document(token.info, state.env["knowledge"])
        or containers.opening(token.content, token.markup) is None
    ):
        return True
    closing = _reading(state, start, end).closing(start)
    if closing is not None:
        token.meta = {"cut": token.map[1]}
        token.content = state.getLines(start + 1, closing, state.sCount[start], keepLastLF=True)
        token.map = [start, closing + 1]
        state.line = closing + 1
    return True


def _reading(state: Any, start: int, end: int) -> containers.Reading:
    """The fences of the container from `start` on, read once for all blocks of it."""
    container = (state.level, state.parentType, state.blkIndent, end)
    known = state.env.get("fences")
    if known is None or known[0] != container or not known[1] <= start < known[2]:
        first = max(0, start - LINES_ABOVE) if state.level == 0 else start
        rows = list(_rows(state, first, end))
        known = (container, start, first + len(rows), containers.Reading(rows, state.env["knowledge"]))
        state.env["fences"] = known
    found: containers.Reading = known[3]
    return found


def _rows(state: Any, start: int, end: int) -> Iterator[containers.Row]:
    for line in range(start, end):
        first, last = state.bMarks[line] + state.tShift[line], state.eMarks[line]
        if first < last and state.sCount[line] < state.blkIndent:
            return
        yield containers.Row(line, state.sCount[line] - state.blkIndent, state.src[first:last])


def _build(tokens: Sequence[Any]) -> list[Block]:
    root: list[Block] = []
    stack: list[Block] = []
    for token in tokens:
        kind = _KINDS_OF.get(token.type)
        if token.type == LINE:
            start, end = token.map
            (stack[-1].children if stack else root).append(Block("paragraph", start, end, token.content))
        elif token.type == "inline":
            _take_inline(stack, token)
        elif kind is None:
            continue
        elif token.nesting < 0:
            stack.pop()
        else:
            block = _block(kind, token)
            (stack[-1].children if stack else root).append(block)
            if token.nesting > 0:
                stack.append(block)
    return root


def _take_inline(stack: Sequence[Block], token: Any) -> None:
    if stack and stack[-1].kind in ("heading", "paragraph"):
        stack[-1].text = token.content


def _block(kind: BlockKind, token: Any) -> Block:
    start, end = token.map
    block = Block(kind, start, end)
    if kind == "heading":
        block.level, block.setext = int(token.tag[1]), token.markup in ("=", "-")
    elif kind == "item":
        block.marker = token.info + token.markup
    elif kind in ("code", "html"):
        block.text, block.info, block.fenced = token.content, token.info.strip(), token.type == "fence"
        block.marker = token.markup
        block.cut = token.meta.get("cut", 0)
    elif kind == "boundary":
        block.marks = token.meta["marks"]
    return block


def descend(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block below, parents before children."""
    for block in blocks:
        yield block
        yield from descend(block.children)


# Rows -----------------------------------------------------------------------------------------------------------------
#
# A paragraph as rows: its visible lines, or what stands between its hard breaks.


class Row(NamedTuple):
    """A visible line, or lines that were only wrapped; 0-based, `end` exclusive."""

    text: str
    start: int
    end: int

    @property
    def flow(self) -> str:
        return flow_of(self.text).strip()


def rows_of(block: Block) -> list[Row]:
    """The visible lines of a paragraph; one row for it all where the parser left some of them out."""
    lines = block.text.split("\n")
    if len(lines) != block.end - block.start:
        return [Row(block.text, block.start, block.end)]
    return [Row(line, number, number + 1) for number, line in enumerate(lines, block.start)]


def flowing(rows: Sequence[Row]) -> list[Row]:
    """The rows with those put together that no hard break parts."""
    runs = hard_runs([row.text for row in rows])
    return [joined(rows[start:end]) for start, end in runs]


def joined(rows: Sequence[Row]) -> Row:
    """Rows as one."""
    return Row("\n".join(row.text for row in rows), rows[0].start, rows[-1].end)


# Paragraphs -----------------------------------------------------------------------------------------------------------
#
# Lines of a paragraph that are no prose: imports, definitions of labels and footnotes, entries of a glossary.
#
# Markdown without extensions reads all of them as one paragraph, and a merge would tear or re-flow it.


_IMPORT = re.compile(
    r"@(?P<path>(?:~|\.{1,2})?/[^\s@,;!?()`]+|[^\s@,;!?()`/]?[^\s@,;!?()`]*\.[A-Za-z][A-Za-z0-9]{0,7})"
)
_FOOTNOTE = re.compile(r" {0,3}\[(?P<label>\^[^\]\s]+)\]:(?:[ \t]|\Z)")
_ABBREVIATION = re.compile(r" {0,3}\*\[(?P<label>[^\]]+)\]:[ \t]+\S")
_LINK = re.compile(
    r" {0,3}\[(?P<label>(?!\s*\]|[ xX]\]|//\]|comment\])(?:[^\[\]\\]|\\.)+)\]:[ \t]*(?:<[^<>]*>|[^\s<]\S*)"
    r"(?:[ \t]+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t]*\Z"
)
_LINK_COMMENT = re.compile(r" {0,3}\[(?://|comment)\]:[ \t]*(?:#|<>)[ \t]*[\"'(].*[\"')][ \t]*\Z")
_MEANING = re.compile(r" {0,3}:[ \t]+\S")


class Part(NamedTuple):
    """Lines of a paragraph that belong together: `rows[start:end]`."""

    kind: UnitKind
    start: int
    end: int
    label: str = ""
    lead: str = ""


def import_path(text: str) -> str:
    """The path that a line `@path` imports; "" for any other text."""
    match = _IMPORT.fullmatch(text.strip())
    return match["path"] if match is not None else ""


def is_meaning(text: str) -> bool:
    """Whether a line says what the term on the line above it means."""
    return _MEANING.match(text) is not None


def parts(rows: Sequence[str]) -> list[Part]:
    """The parts of a paragraph, in order, the prose between them one each; () where it is all prose."""
    heads = list(_heads(rows))
    if not heads:
        return []
    found = []
    if heads[0].start > 0:
        found.append(Part("paragraph", 0, heads[0].start))
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        stop = following.start if following is not None else len(rows)
        if head.kind in ("import", "comment"):
            found.append(head)
            if stop > head.end:
                found.append(Part("paragraph", head.end, stop))
        else:
            found.append(head._replace(end=stop))
    return found


def _heads(rows: Sequence[str]) -> Iterator[Part]:
    terms = _terms(rows)
    for number, row in enumerate(rows):
        note = _FOOTNOTE.match(row) or _ABBREVIATION.match(row) or _LINK.match(row)
        if note is not None:
            yield Part("reference", number, number + 1, label=note["label"])
        elif path := import_path(row):
            yield Part("import", number, number + 1, label=path)
        elif _LINK_COMMENT.match(row):
            yield Part("comment", number, number + 1)
        elif number in terms:
            yield Part("paragraph", number, number + 1, lead=row.strip().strip("*_` :"))


def _terms(rows: Sequence[str]) -> frozenset[int]:
    """The lines of terms: what each means is on the next line that is not blank."""
    found = set()
    below = ""
    for number in range(len(rows) - 1, -1, -1):
        row = rows[number]
        if row.strip():
            if is_meaning(below) and not is_meaning(row):
                found.add(number)
            below = row
    return frozenset(found)


def is_comment(text: str) -> bool:
    """Whether a block of HTML is one comment and nothing else."""
    inner = text.strip()
    return inner.startswith("<!--") and inner.endswith("-->") and "-->" not in inner[4:-3]


# Runs -----------------------------------------------------------------------------------------------------------------
#
# Lines with signs that Markdown takes for one paragraph, as the lists that they are: `• a`, `❌ b`, `2. c`.
#
# So are lines that are an element each: `<item>a</item>`.
#
# A run is at least two such lines one below the other, or one behind a line that ends in a colon, wherever the
# paragraph
# stands. A line that is indented deeper than the sign above it goes on with its item, and a sign that is indented
# deeper
# is nested. What is no run stays a paragraph.


_NUMBER = re.compile(r"[ \t]*(?P<marker>\d{1,3}[.)])[ \t]+(?P<text>\S.*)")
"""A list that does not begin with 1 is none to CommonMark where it follows a line of text."""
_BOLD_START = re.compile(r"(\*\*|__)(?=\S)(?P<lead>.+?)(?<=\S)\1")
_INTRODUCES = re.compile(r"[:：](?:\*\*|__)?[ \t]*\Z")
"""How a line ends that one line with a sign is enough behind."""
_NESTED = 2
"""Columns from which a sign is indented on purpose."""
MAX_DEPTH = 20
"""Levels of signs below each other; what is indented deeper still stands beside them."""


def signed(row: str, knowledge: Knowledge) -> tuple[str, str] | None:
    """The mark and the words of a line that starts with a sign or a number; None for any other line.

    A sign that means something is part of the words, and so are the tags of an element; the mark is "" then.
    """
    found = _NUMBER.match(row)
    if found is not None:
        return found["marker"], found["text"]
    text = row.strip(" \t")
    if text.startswith("<") and containers.grammar(knowledge).is_member(text):
        return "", text
    return signs.of(knowledge).bullet(row)


def starts_with_sign(row: str, knowledge: Knowledge) -> bool:
    """Whether a line starts with a sign that makes no list item there: one that Markdown does not know, or a number."""
    return signed(row, knowledge) is not None


def is_pseudo_list(rows: Sequence[str], knowledge: Knowledge) -> bool:
    """Whether every visible line of a paragraph starts with a sign, a number or a bold lead."""
    return len(rows) > 1 and all(signed(row, knowledge) or _BOLD_START.match(row.lstrip()) for row in rows)


@dataclass(slots=True)
class _Item:
    """One line with a sign, and the lines that go on with it; lines are 0-based."""

    start: int
    end: int
    column: int
    marker: str
    rows: list[str]
    below: list[_Item] = field(default_factory=list)

    def block(self) -> Block:
        children = [Block("paragraph", self.start, self.end, "\n".join(self.rows))]
        if self.below:
            children.append(_list(self.below))
        return Block("item", self.start, children[-1].end, marker=self.marker, children=children)


def _list(items: Sequence[_Item]) -> Block:
    children = [item.block() for item in items]
    return Block("list", children[0].start, children[-1].end, children=children)


def with_runs(blocks: Sequence[Block], lines: Sequence[str], knowledge: Knowledge) -> list[Block]:
    """The blocks with the runs in their paragraphs as lists."""
    return [part for block in blocks for part in _parts(block, lines, knowledge)]


def of_item(paragraph: Block, lines: Sequence[str], knowledge: Knowledge) -> list[Block]:
    """The first paragraph of an item, and the runs in what stands below its first line.

    Where the item itself begins with a sign, one more line with a sign makes the run.
    """
    if "\n" not in paragraph.text:
        return [paragraph]
    rows = paragraph.text.split("\n")
    if not _is_whole(paragraph, rows):
        return [paragraph]
    line = next((number for number in range(1, len(rows)) if import_path(rows[number])), 0)
    if line:
        # An import goes on with no sentence, wherever it stands.
        head, rest = _cut(paragraph, rows, line)
        return [*of_item(head, lines, knowledge), rest]
    found = _Rows(paragraph, rows, lines, knowledge)
    first = next((n for n in range(1, len(rows)) if found.signed[n]), len(rows))
    parts = found.parts(first, least=1 if found.signed[0] else 2)
    if parts and parts[0].kind == "paragraph":
        first, parts = parts[0].end - paragraph.start, parts[1:]
    return [Block("paragraph", paragraph.start, paragraph.start + first, "\n".join(rows[:first])), *parts]


def _parts(block: Block, lines: Sequence[str], knowledge: Knowledge) -> list[Block]:
    rows = block.text.split("\n") if block.kind == "paragraph" else []
    if not rows or not _is_whole(block, rows):
        return [block]
    found = _Rows(block, rows, lines, knowledge)
    if not any(found.signed) or found.has_leads:
        return [block]
    return found.task() or found.parts(0, least=2)


def _cut(paragraph: Block, rows: Sequence[str], at: int) -> tuple[Block, Block]:
    """A paragraph in two, above one of its rows."""
    line = paragraph.start + at
    return (
        Block("paragraph", paragraph.start, line, "\n".join(rows[:at])),
        Block("paragraph", line, paragraph.end, "\n".join([rows[at].strip(" \t"), *rows[at + 1 :]])),
    )


def _is_whole(block: Block, rows: Sequence[str]) -> bool:
    """Whether each row of a paragraph's text is a line of the file."""
    return len(rows) == block.end - block.start


class _Rows:
    """The rows of one paragraph."""

    def __init__(self, block: Block, rows: Sequence[str], lines: Sequence[str], knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self.start = block.start
        self.rows = rows
        self._lines = lines
        self.signed = [signed(row, knowledge) for row in rows]
        self.has_leads = not all(self.signed) and is_pseudo_list(rows, knowledge)
        """Whether it is a list some lines of which start with a bold lead instead."""
        for number, (mark, below) in enumerate(pairwise(self.signed)):
            if mark and below and not mark[0] and below[0] and _INTRODUCES.search(rows[number]):
                # `✅ Do:` above lines with bullets is their label and none of them.
                self.signed[number] = None

    def parts(self, first: int, *, least: int) -> list[Block]:
        """Paragraphs and lists that hold the rows from `first` on; `least` lines with a sign are a run."""
        found: list[Block] = []
        plain = at = first
        while at < len(self.rows):
            items = self._run(at)
            introduced = at > 0 and _INTRODUCES.search(self.rows[at - 1]) is not None
            if len(items) >= (1 if introduced else least):
                found += [*self._paragraph(plain, at), _list(_nested(items))]
                plain = at = items[-1].end - self.start
            else:
                at = items[-1].end - self.start if items else at + 1
        return [*found, *self._paragraph(plain, len(self.rows))]

    def task(self) -> list[Block]:
        """The whole as one task, where its first line alone has a sign, and that is one of a task."""
        mark, *others = self.signed
        if mark is None or any(others) or signs.of(self._knowledge).state(mark[1]) is None:
            return []
        rows = [mark[1], *self.rows[1:]]
        return [_list([_Item(self.start, self.start + len(rows), self._column(0), mark[0], rows)])]

    def _run(self, first: int) -> list[_Item]:
        """The items one below the other from a row on."""
        items: list[_Item] = []
        at = first
        while at < len(self.rows) and (mark := self.signed[at]):
            column, end = self._column(at), at + 1
            while end < len(self.rows) and not self.signed[end] and self._column(end) > column:
                end += 1
            rows = [mark[1], *(row.strip(" \t") for row in self.rows[at + 1 : end])]
            items.append(_Item(self.start + at, self.start + end, column, mark[0], rows))
            at = end
        return items

    def _column(self, number: int) -> int:
        """Where the words of a row begin on its line, container included."""
        line, row = bare(self._lines[self.start + number]).rstrip(" \t"), self.rows[number].strip(" \t")
        return len(line[: max(0, len(line) - len(row))].expandtabs(4))

    def _paragraph(self, first: int, end: int) -> Iterator[Block]:
        if first < end:
            rows = [self.rows[first].strip(" \t"), *self.rows[first + 1 : end]]
            yield Block("paragraph", self.start + first, self.start + end, "\n".join(rows))


def _nested(items: Sequence[_Item]) -> list[_Item]:
    """The items with those that are indented deeper below the one that they follow."""
    top: list[_Item] = []
    above: list[_Item] = []
    for item in items:
        while above and (item.column < above[-1].column + _NESTED or len(above) >= MAX_DEPTH):
            above.pop()
        (above[-1].below if above else top).append(item)
        above.append(item)
    return top
