"""Sequences in, what they have in common out: longest common subsequences, three-way regions; texts as lines, words."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from agentmerge.text.lines import line_ending, split_lines, to_lf

# Sequences ------------------------------------------------------------------------------------------------------------
#
# Longest common subsequences of lines and words, and the three-way regions that follow from two of them.
#
# Greedy O(ND) after E. W. Myers, "An O(ND) difference algorithm and its variations" (1986), run only on what is
# left when equal ends are cut off and elements without a partner are set aside. Beyond a fixed effort the text is
# cut at elements that stand once in both (B. Cohen's patience diff), so that hostile input stays cheap. Runs that
# could stand in several places slide to the last one, as git does it: clean line merges come out the same.


MAX_EDITS = 400
"""Edits that the greedy search follows before the text is cut into pieces; its effort is the square of it."""

MAX_STRIDE = 50
"""The same for a text without a place to cut it: what was reached then is kept, and the search begins anew there."""

WINDOW = 2_000
"""Elements that are looked at for one such stride."""

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hunk:
    """`a[a0:a1]` became `b[b0:b1]`."""

    a0: int
    a1: int
    b0: int
    b1: int


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of the base with what each side has in its place."""

    base: tuple[int, int]
    ours: tuple[int, int]
    theirs: tuple[int, int]
    changed: bool
    """False where both sides still have the base's elements."""


def hunks(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Hunk]:
    """The changes from `a` to `b`, in order; neighbours are apart by at least one equal element."""
    found: list[Hunk] = []
    i = j = 0
    for x, y in [*common(a, b), (len(a), len(b))]:
        if (i, j) != (x, y):
            found.append(Hunk(i, x, j, y))
        i, j = x + 1, y + 1
    return _slide(found, a, b)


def common(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Pair]:
    """Index pairs of a long common subsequence; the longest one unless the input is large and very different."""
    head = 0
    while head < len(a) and head < len(b) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    middle = _filtered(a, b, head, tail)
    ends = [(len(a) - tail + n, len(b) - tail + n) for n in range(tail)]
    return [(n, n) for n in range(head)] + middle + ends


def _filtered(a: Sequence[Hashable], b: Sequence[Hashable], head: int, tail: int) -> list[Pair]:
    """The middle, without the elements that only one side has."""
    in_a, in_b = set(a[head : len(a) - tail]), set(b[head : len(b) - tail])
    rows = [n for n in range(head, len(a) - tail) if a[n] in in_b]
    columns = [n for n in range(head, len(b) - tail) if b[n] in in_a]
    if not rows or not columns:
        return []
    pairs = _search([a[n] for n in rows], [b[n] for n in columns])
    return [(rows[x], columns[y]) for x, y in pairs]


def _search(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Pair]:
    trace = _greedy(a, b, MAX_EDITS)
    return _walk_back(trace, len(a), len(b)) if _is_through(trace, a, b) else _cut(a, b)


def _is_through(trace: Sequence[dict[int, int]], a: Sequence[Hashable], b: Sequence[Hashable]) -> bool:
    return trace[-1].get(len(a) - len(b), -1) >= len(a)


def _greedy(a: Sequence[Hashable], b: Sequence[Hashable], limit: int) -> list[dict[int, int]]:
    """Furthest reach on each diagonal per number of edits, until the end or the limit is reached."""
    reach: dict[int, int] = {1: 0}
    trace: list[dict[int, int]] = []
    for edits in range(min(len(a) + len(b), limit) + 1):
        row: dict[int, int] = {}
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and reach[k - 1] < reach[k + 1])
            x = reach[k + 1] if down else reach[k - 1] + 1
            while x < len(a) and x - k < len(b) and a[x] == b[x - k]:
                x += 1
            row[k] = x
            if x >= len(a) and x - k >= len(b):
                return [*trace, row]
        trace.append(row)
        reach = row
    return trace


def _walk_back(trace: Sequence[dict[int, int]], x: int, y: int) -> list[Pair]:
    pairs: list[Pair] = []
    for edits in range(len(trace) - 1, 0, -1):
        before, k = trace[edits - 1], x - y
        down = k == -edits or (k != edits and before[k - 1] < before[k + 1])
        old = k + 1 if down else k - 1
        start = before[old] if down else before[old] + 1
        while x > start:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = before[old], before[old] - old
    pairs.extend((n, n) for n in range(x - 1, -1, -1))
    return pairs[::-1]


def _cut(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Pair]:
    """Align at elements that both have once, then what lies between."""
    once_a, once_b = Counter(a), Counter(b)
    where = {element: n for n, element in enumerate(b)}
    shared = [(n, where[e]) for n, e in enumerate(a) if once_a[e] == 1 and once_b.get(e) == 1]
    anchors = longest_increasing(shared)
    if not anchors:
        return _strides(a, b)
    pairs: list[Pair] = []
    i = j = 0
    for x, y in [*anchors, (len(a), len(b))]:
        pairs.extend((i + p, j + q) for p, q in common(a[i:x], b[j:y]))
        if x < len(a):
            pairs.append((x, y))
        i, j = x + 1, y + 1
    return pairs


def _strides(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Pair]:
    """Search so far as the effort allows, keep the way to the furthest point, and search on from there."""
    pairs: list[Pair] = []
    i = j = 0
    while i < len(a) and j < len(b):
        left, right = a[i : i + WINDOW], b[j : j + WINDOW]
        trace = _greedy(left, right, MAX_STRIDE)
        x, y = _furthest(trace[-1], len(left), len(right))
        pairs.extend((i + p, j + q) for p, q in _walk_back(trace, x, y))
        i, j = i + x, j + y
    return pairs


def _furthest(row: dict[int, int], width: int, height: int) -> Pair:
    """The point of a row of the search that lies furthest in both texts."""
    points = ((x, x - k) for k, x in row.items() if x <= width and x - k <= height)
    return max(points, key=lambda point: (sum(point), point))


def longest_increasing(pairs: Sequence[Pair]) -> list[Pair]:
    """The longest run of pairs, ordered by the first number, whose second numbers rise (patience sorting)."""
    tops: list[int] = []
    piles: list[int] = []
    previous: list[int] = []
    for number, (_, value) in enumerate(pairs):
        at = bisect_left(tops, value)
        previous.append(piles[at - 1] if at else -1)
        tops[at : at + 1] = [value]
        piles[at : at + 1] = [number]
    found: list[Pair] = []
    number = piles[-1] if piles else -1
    while number >= 0:
        found.append(pairs[number])
        number = previous[number]
    return found[::-1]


def _slide(found: Sequence[Hunk], a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Hunk]:
    """Move each pure insertion and deletion down as far as it goes; joined where it meets the next change."""
    result: list[Hunk] = []
    for hunk in reversed(found):
        moved = _moved_down(hunk, result[-1] if result else None, a, b)
        if result and moved.a1 == result[-1].a0 and moved.b1 == result[-1].b0:
            last = result.pop()
            moved = Hunk(moved.a0, last.a1, moved.b0, last.b1)
        result.append(moved)
    return result[::-1]


def _moved_down(hunk: Hunk, following: Hunk | None, a: Sequence[Hashable], b: Sequence[Hashable]) -> Hunk:
    if hunk.a0 < hunk.a1 and hunk.b0 < hunk.b1:
        return hunk
    run, start, end = (b, hunk.b0, hunk.b1) if hunk.a0 == hunk.a1 else (a, hunk.a0, hunk.a1)
    limit = len(a) if following is None else following.a0
    room, steps = limit - hunk.a1, 0
    while steps < room and run[start + steps] == run[end + steps]:
        steps += 1
    return Hunk(hunk.a0 + steps, hunk.a1 + steps, hunk.b0 + steps, hunk.b1 + steps)


def regions(base: Sequence[Hashable], ours: Sequence[Hashable], theirs: Sequence[Hashable]) -> Iterator[Region]:
    """The base cut into stretches that nobody changed and stretches that somebody did; changes that touch are one."""
    left, right = hunks(base, ours), hunks(base, theirs)
    b = o = t = 0
    for mine, other in _joined(left, right):
        start = min(h.a0 for h in (*mine, *other))
        end = max(h.a1 for h in (*mine, *other))
        if start > b:
            yield Region((b, start), (o, o + start - b), (t, t + start - b), changed=False)
        o_start, t_start = o + start - b, t + start - b
        o, t = o_start + end - start + _growth(mine), t_start + end - start + _growth(other)
        yield Region((start, end), (o_start, o), (t_start, t), changed=True)
        b = end
    if b < len(base):
        yield Region((b, len(base)), (o, len(ours)), (t, len(theirs)), changed=False)


def _growth(group: Sequence[Hunk]) -> int:
    return sum((h.b1 - h.b0) - (h.a1 - h.a0) for h in group)


def _joined(left: Sequence[Hunk], right: Sequence[Hunk]) -> Iterator[tuple[list[Hunk], list[Hunk]]]:
    """Hunks of both sides in groups that touch or overlap in the base."""
    order = sorted([(h.a0, h.a1, 0, h) for h in left] + [(h.a0, h.a1, 1, h) for h in right], key=lambda row: row[:3])
    group: tuple[list[Hunk], list[Hunk]] = ([], [])
    end = -1
    for start, stop, side, hunk in order:
        if start > end and (group[0] or group[1]):
            yield group
            group = ([], [])
        group[side].append(hunk)
        end = max(end, stop)
    if group[0] or group[1]:
        yield group


# Tokens ---------------------------------------------------------------------------------------------------------------
#
# A text as words, the white space between them, and the sentences that the words stand in.


TOKEN = re.compile(r"`[^`\s]+`|[^\W_]+(?:[./@'’_+&-]*[^\W_]+)*|[^\w\s]|_+")
_SENTENCE = re.compile(
    r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<=[.!?])[\"'’”)\]*_]*\s+(?=[^\sa-z])"
    r"|(?<=[。！？])|\n[ \t]*\n|(?:\\n)+"
)
"""Between two sentences; a quoted value of the frontmatter has its line breaks written out."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text cut into words and signs."""

    words: list[str]
    spaces: list[str]
    """White space after each word; `lead` stands before the first."""
    lead: str
    sentences: list[int]
    """The number of the sentence of each word."""


def cut(text: str) -> Text:
    """The words of a text with all that stands between them."""
    words: list[str] = []
    spaces: list[str] = []
    sentences: list[int] = []
    ends = [match.end() for match in _SENTENCE.finditer(text)]
    at = 0
    lead = ""
    for match in TOKEN.finditer(text):
        if words:
            spaces.append(text[at : match.start()])
        else:
            lead = text[: match.start()]
        words.append(match[0])
        sentences.append(bisect_right(ends, match.start()))
        at = match.end()
    return Text(words, [*spaces, text[at:]] if words else [], lead if words else text, sentences)


def is_word(token: str) -> bool:
    """Whether a token is more than a sign."""
    return token[0].isalnum() or token[0] == "`"


# Wholes ---------------------------------------------------------------------------------------------------------------
#
# Texts to lines and back: byte order mark, line endings and final newline stand outside of a merge, as in ours.


BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Whole:
    """A text without what a merge leaves alone."""

    text: str
    """LF line endings, no byte order mark, a newline at the end unless it is empty."""

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")[:-1]


def plain(text: str) -> Whole:
    """A text as it is merged."""
    bare = to_lf(text.removeprefix(BOM))
    return Whole(bare if not bare or bare.endswith("\n") else bare + "\n")


def restored(lines: Sequence[str], ours: str) -> str:
    """Merged lines as a text with byte order mark, line endings and final newline as in `ours`."""
    body = "\n".join(lines)
    newline = line_ending(ours)
    if "\r" in ours:
        body = _with_endings(lines, ours, newline)
    elif lines and (not ours or ours.endswith("\n")):
        body += "\n"
    return (BOM if ours.startswith(BOM) else "") + body


def _with_endings(lines: Sequence[str], ours: str, newline: str) -> str:
    """Lines that ours has keep their own ending, which may differ from the others'."""
    own = split_lines(ours.removeprefix(BOM))
    endings = [newline] * len(lines)
    if len({line[len(line.rstrip("\r\n")) :] for line in own[:-1]}) > 1:
        for x, y in common([line.rstrip("\r\n") for line in own], list(lines)):
            endings[y] = own[x][len(own[x].rstrip("\r\n")) :] or newline
    if endings and own and not own[-1].endswith(("\r", "\n")):
        endings[-1] = ""
    return "".join(line + ending for line, ending in zip(lines, endings, strict=True))


# Nearest --------------------------------------------------------------------------------------------------------------
#
# The nearest of many: what is compared where comparing all would take too long.


def nearest(places: Sequence[int], at: int, most: int) -> Sequence[int]:
    """Those of some ascending numbers, at most so many, that are nearest to a number."""
    if len(places) <= most:
        return places
    middle = bisect_left(places, at)
    first = max(0, min(middle - most // 2, len(places) - most))
    return places[first : first + most]
