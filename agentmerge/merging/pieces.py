"""Three texts in, settled lines and clashes out: prose by words, code by lines, and the policy that settles a clash."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from agentmerge.errors import unknown
from agentmerge.knowledge.tables import Knowledge
from agentmerge.text.paths import assignment, matches, normalised
from agentmerge.text.sequences import TOKEN, Region, Text, common, cut, is_word, regions

# Pieces ---------------------------------------------------------------------------------------------------------------
#
# What a three-way merge is made of before it is text: settled lines, and clashes of three versions.
#
# Lines are without their endings; the ending is put back when the result is written out.


ConflictStyle = Literal["merge", "diff3", "zdiff3"]

JOIN_LINES = 3
"""Equal lines between two conflicts that are not worth two conflicts; the number that git uses."""

MAX_TITLE = 60
"""Characters of a section's title behind a marker."""

Lines: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """Lines that stand in the result."""

    lines: Lines


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule with a name makes of a conflict where no policy speaks for it."""

    lines: Lines
    rule: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Three versions of a stretch that no rule decides."""

    base: Lines
    ours: Lines
    theirs: Lines
    path: str = ""
    """`frontmatter/model`, or section titles joined by ` / `."""
    slot: str = ""
    """What the sides disagree about, in a few words: `step 3: changed by both sides`."""
    at: tuple[int, int, int] = (0, 0, 0)
    """1-based line of the first line in base, ours and theirs; 0 where a version has nothing there."""
    is_whole: bool = False
    """Whether the sides disagree about all of it, so that lines of it that merge are not settled."""
    ruling: Ruling | None = None


Piece: TypeAlias = Settled | Clash


@dataclass(frozen=True, slots=True)
class Style:
    """How conflicts are written."""

    conflict_style: ConflictStyle = "merge"
    marker_size: int = 7
    labels: tuple[str, str, str] = ("base", "ours", "theirs")
    """Names of base, ours and theirs behind the markers."""


def merge_lines(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[Piece]:
    """The three-way line merge as git does it: changes that touch are in conflict unless they are the same."""
    pieces: list[Piece] = []
    for region in regions(base, ours, theirs):
        b, o, t = base[slice(*region.base)], ours[slice(*region.ours)], theirs[slice(*region.theirs)]
        at = (region.base[0] + 1, region.ours[0] + 1, region.theirs[0] + 1)
        pieces.append(_decided(tuple(b), tuple(o), tuple(t), at))
    return pieces


def _decided(base: Lines, ours: Lines, theirs: Lines, at: tuple[int, int, int]) -> Piece:
    if ours == theirs or theirs == base:
        return Settled(ours)
    if ours == base:
        return Settled(theirs)
    if _visible(ours) == _visible(theirs):
        # Nobody resolves a conflict about blank lines.
        return Settled(max(ours, theirs, key=lambda lines: (len(lines), lines)))
    return Clash(base, ours, theirs, at=at)


def _visible(lines: Lines) -> list[str]:
    return [line for line in lines if line.strip()]


def clashes(pieces: Iterable[Piece]) -> list[Clash]:
    return [piece for piece in pieces if isinstance(piece, Clash)]


def mass(pieces: Iterable[Piece]) -> tuple[int, int]:
    """How much conflict is left for a person: lines of both sides inside markers, and the number of conflicts."""
    found = [clash for piece in pieces for clash in refined(piece) if isinstance(clash, Clash)]
    return sum(len(clash.ours) + len(clash.theirs) for clash in found), len(found)


def refined(piece: Piece, style: ConflictStyle = "merge") -> Iterator[Piece]:
    """A clash cut down to the lines that differ between the sides, as far as `style` allows."""
    if isinstance(piece, Settled) or style == "diff3":
        yield piece
        return
    shared = common(piece.ours, piece.theirs)
    if style == "zdiff3":
        shared = _ends(shared, len(piece.ours), len(piece.theirs))
    for stretch in _joined(shared, piece):
        if isinstance(stretch, Settled) or style == "merge":
            yield stretch
        else:
            yield replace(stretch, base=piece.base)


def _ends(shared: Sequence[tuple[int, int]], left: int, right: int) -> list[tuple[int, int]]:
    head = [pair for n, pair in enumerate(shared) if pair == (n, n)]
    rest = shared[len(head) :]
    tail = [(x, y) for n, (x, y) in enumerate(reversed(rest), 1) if (x, y) == (left - n, right - n)]
    return head + tail[::-1]


def _joined(shared: Sequence[tuple[int, int]], piece: Clash) -> Iterator[Settled | Clash]:
    """The stretches of a clash in order; short equal stretches between two differing ones stay inside."""
    ours, theirs = piece.ours, piece.theirs
    i = j = 0
    start: tuple[int, int] | None = None
    for run in _runs(shared, len(ours), len(theirs)):
        x, y, length = run
        at_edge = (x + length, y + length) == (len(ours), len(theirs)) or (i, j) == (0, 0) == (x, y)
        if (x, y) != (i, j) and start is None:
            start = (i, j)
        if start is not None and (length > JOIN_LINES or at_edge):
            at = (piece.at[0], piece.at[1] + start[0], piece.at[2] + start[1])
            yield replace(piece, ours=ours[start[0] : x], theirs=theirs[start[1] : y], at=at)
            start = None
        if start is None and length:
            yield Settled(ours[x : x + length])
        i, j = x + length, y + length


def _runs(shared: Sequence[tuple[int, int]], left: int, right: int) -> list[tuple[int, int, int]]:
    """Equal stretches as (place in ours, place in theirs, length), closed by an empty one at the end."""
    runs: list[tuple[int, int, int]] = []
    for x, y in shared:
        if runs and (runs[-1][0] + runs[-1][2], runs[-1][1] + runs[-1][2]) == (x, y):
            runs[-1] = (runs[-1][0], runs[-1][1], runs[-1][2] + 1)
        else:
            runs.append((x, y, 1))
    if not runs or (runs[-1][0] + runs[-1][2], runs[-1][1] + runs[-1][2]) != (left, right):
        runs.append((left, right, 0))
    return runs


def written(pieces: Iterable[Piece], style: Style) -> list[str]:
    """The lines of the result, conflicts between markers."""
    lines: list[str] = []
    for piece in pieces:
        for part in refined(piece, style.conflict_style):
            lines.extend(part.lines if isinstance(part, Settled) else marked(part, style))
    return lines


def told(clash: Clash) -> str:
    """What a conflict is about and why, for a person: `section 'Workflow', step 3: changed by both sides`."""
    if not clash.path:
        return clash.slot
    if clash.path.partition("/")[0] == "frontmatter":
        return f"{clash.path}: {clash.slot}"
    title = clash.path.rpartition(" / ")[2]
    short = title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1].rstrip()}…"
    return f"section '{short}'{', ' if ': ' in clash.slot else ': '}{clash.slot}"


def marked(clash: Clash, style: Style) -> list[str]:
    """A conflict between markers; behind the first one stands what it is about."""
    base, ours, theirs = style.labels
    about = told(clash)
    opening = f"{ours} ({about})" if about else ours
    middle = []
    if style.conflict_style != "merge":
        middle = [f"{'|' * style.marker_size} {base}".rstrip(), *clash.base]
    return [
        f"{'<' * style.marker_size} {opening}".rstrip(),
        *clash.ours,
        *middle,
        "=" * style.marker_size,
        *clash.theirs,
        f"{'>' * style.marker_size} {theirs}".rstrip(),
    ]


# Binding --------------------------------------------------------------------------------------------------------------
#
# Words that say whether, how strongly and in which cases a statement binds.
#
# Where one side turned a rule round or drew its limits anew, what the other side wrote into the old rule was meant for
# that one: `Never log secrets or tokens` and `Always log secrets` do not make `Always log secrets or tokens`.


_UNPARTED = "\u2e80"
"""The first sign of the scripts that write no blanks between words."""


def changes_what_binds(found: Sequence[Region], base: Text, ours: Text, theirs: Text, knowledge: Knowledge) -> bool:
    """Whether one side changed a binding word of a sentence in which the other side changed words too.

    What both sides changed alike is no change of either.
    """
    texts = (base, ours, theirs)
    homes = _Sentences(found, texts)
    binding = [_positions(text.words, knowledge) for text in texts]
    touched: dict[int, set[int]] = {1: set(), 2: set()}
    bound: dict[int, set[int]] = {1: set(), 2: set()}
    for region in found:
        side = _side(region, texts)
        for version, span in ((0, region.base), (side, (region.base, region.ours, region.theirs)[side])):
            for at in range(*span) if side else ():
                if is_word(texts[version].words[at]) and not _is_namespace(texts[version], at):
                    touched[side].add(homes.of(version, at))
                if at in binding[version]:
                    bound[side].add(homes.of(version, at))
        if side and _is_turned(region, side, texts, knowledge):
            bound[side].add(homes.of(0, region.base[0]))
    return bool(bound[1] & touched[2] or bound[2] & touched[1])


def binding_words(text: Text, knowledge: Knowledge) -> list[str]:
    """The words of a text that bind, in order."""
    return [_folded(text.words[at]) for at in sorted(_positions(text.words, knowledge))]


def _side(region: Region, texts: Sequence[Text]) -> int:
    """The side that alone changed a stretch, 1 or 2; 0 where there is none."""
    spans = (region.base, region.ours, region.theirs)
    base, ours, theirs = (text.words[slice(*span)] for text, span in zip(texts, spans, strict=True))
    return 0 if ours == theirs or base not in (ours, theirs) else 1 if theirs == base else 2


def _is_turned(region: Region, side: int, texts: Sequence[Text], knowledge: Knowledge) -> bool:
    """Whether a side wrote the opposite of a word in its place: `add` alone binds nobody, `add` for `remove` does."""
    spans = (region.base, (region.base, region.ours, region.theirs)[side])
    if any(start == end for start, end in spans):
        return False
    old, new = (
        f" {' '.join(map(_folded, texts[version].words[max(0, start - REACH) : end + REACH]))} "
        for version, (start, end) in zip((0, side), spans, strict=True)
    )
    return any(
        one in old and one not in new and other in new and other not in old
        for one, other in knowledge.derived(_Opposites).pairs
    )


REACH = 1
"""Words beside a change that may belong to the phrase it is in: `at least` to `at most` changes the second one."""


def _is_namespace(text: Text, at: int) -> bool:
    """Whether a word only says whose a name is: `ours:check` for `theirs:check`, in a copy that was renamed."""
    following = text.words[at + 1 : at + 3]
    return len(following) == 2 and following[0] == ":" and is_word(following[1]) and not any(text.spaces[at : at + 2])


class _Sentences:
    """Sentences of three versions, as one wherever they share a word that stayed."""

    def __init__(self, found: Sequence[Region], texts: Sequence[Text]) -> None:
        self._texts = texts
        self._above: dict[tuple[int, int], tuple[int, int]] = {}
        for region in found:
            spans = (region.base, region.ours, region.theirs)
            words = texts[0].words[slice(*region.base)]
            for version in (1, 2):
                if texts[version].words[slice(*spans[version])] == words:
                    self._link(version, region.base[0], spans[version][0], words)
        roots = sorted({self._root((n, one)) for n, text in enumerate(texts) for one in text.sentences})
        self._number = {root: number for number, root in enumerate(roots)}

    def of(self, version: int, at: int) -> int:
        """The number of the sentence of a word."""
        return self._number[self._root((version, self._texts[version].sentences[at]))]

    def _link(self, version: int, base: int, side: int, words: Sequence[str]) -> None:
        for n, word in enumerate(words):
            if is_word(word):
                one = self._root((0, self._texts[0].sentences[base + n]))
                other = self._root((version, self._texts[version].sentences[side + n]))
                if one != other:
                    self._above[other] = one

    def _root(self, sentence: tuple[int, int]) -> tuple[int, int]:
        while sentence in self._above:
            sentence = self._above[sentence]
        return sentence


def _positions(words: Sequence[str], knowledge: Knowledge) -> set[int]:
    """Places of the words that bind, alone or as part of a phrase."""
    known = knowledge.derived(_Phrases)
    low = [_folded(word) for word in words]
    found = {at for at, word in enumerate(low) if word[0] >= _UNPARTED and any(part in word for part in known.inside)}
    for at, word in enumerate(low):
        for phrase in known.starting.get(word, ()):
            if tuple(low[at : at + len(phrase)]) == phrase:
                found.update(range(at, at + len(phrase)))
    return found


def _folded(text: str) -> str:
    return text.lower().replace("’", "'")


class _Phrases:
    """The rows of the tables that speak of modality, negation, quantity and scope, and the signs that bind."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.starting: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self.inside: list[str] = []
        """What stands inside runs of signs."""
        for phrase in sorted(set(_listed(knowledge))):
            words = tuple(map(_folded, TOKEN.findall(phrase)))
            if phrase[0] >= _UNPARTED and " " not in phrase:
                self.inside.append(phrase)
            else:
                self.starting[words[0]].append(words)


class _Opposites:
    """The pairs of words of which one turns a statement round where it replaces the other, both ways."""

    def __init__(self, knowledge: Knowledge) -> None:
        rows = (row.split(" / ") for row in knowledge.raw("words")["opposite"]["pairs"])
        listed = [(f" {_folded(one)} ", f" {_folded(other)} ") for one, other in rows]
        self.pairs = [pair for one, other in listed for pair in ((one, other), (other, one))]


def _listed(knowledge: Knowledge) -> Iterable[str]:
    modality, identity, words = (knowledge.raw(name) for name in ("modality", "identity", "words"))
    for row in ("strong", "medium", "weak", "leading"):
        for phrases in modality[row].values():
            yield from phrases
    for row in ("guardrail", "negation", "universal", "condition", "reach"):
        yield from identity[row]["words"]
    # A phrase of order rules something out; a single word of order joins any two things.
    yield from (phrase for phrase in words["opposite"]["orders"] if " " in phrase)
    signs = knowledge.raw("signs")
    binding = (*signs["force"], *signs["severity"]["grades"])
    yield from (sign for sign, name in signs["meaning"].items() if name in binding)


# Words ----------------------------------------------------------------------------------------------------------------
#
# Three-way merge inside one unit: prose by words, code by lines.
#
# Each function returns the merged lines, or None where the sides disagree. Two changes of words never touch: at
# least one word that nobody changed stands between them, because touching changes are two answers to one question. And
# where one side changed how a sentence binds, the other side's words have no place in it.


KEPT_SHARE = 0.5
"""Share of the base's words that each side must have kept; a text that was rewritten has no places to compare."""

RIVAL_LIKENESS = 0.6
"""Share of common words from which two additions at one spot are taken for two wordings of one thing."""

_HARD_BREAK = re.compile(r"  \n|\n[ \t]*\n")


def merge_words(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], knowledge: Knowledge
) -> list[str] | None:
    """Merge prose by words; a changed line break counts as white space, not as a change of the words around it."""
    b, o, t = (cut("\n".join(lines)) for lines in (base, ours, theirs))
    found = list(regions(b.words, o.words, t.words))
    if not (_kept(b, o) and _kept(b, t) and _apart(found, b, o, t)) or changes_what_binds(found, b, o, t, knowledge):
        return None
    return _words_joined(found, b, o, t)


def bind_differently(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], knowledge: Knowledge) -> bool:
    """Whether one side changed what binds in a sentence that the other side changed too."""
    if ours == theirs or base in (ours, theirs):
        return False
    b, o, t = (cut("\n".join(lines)) for lines in (base, ours, theirs))
    return changes_what_binds(list(regions(b.words, o.words, t.words)), b, o, t, knowledge)


def merge_words_loosely(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The same for who asked for it: changes may stand side by side, but not both be made of the same words."""
    b, o, t = (cut("\n".join(lines)) for lines in (base, ours, theirs))
    return _words_joined(list(regions(b.words, o.words, t.words)), b, o, t)


def _words_joined(found: Sequence[Region], b: Text, o: Text, t: Text) -> list[str] | None:
    lead = _three(b.lead, o.lead, t.lead)
    parts = [lead, *(_stretch(region, b, o, t) for region in found)]
    return None if None in parts else "".join(part for part in parts if part is not None).split("\n")


def _kept(base: Text, side: Text) -> bool:
    shared = sum((Counter(base.words) & Counter(side.words)).values())
    return shared >= KEPT_SHARE * len(base.words)


def _apart(found: Sequence[Region], b: Text, o: Text, t: Text) -> bool:
    """Whether a whole word stands unchanged between any two changes of different sides."""
    for before, between, after in zip(found, found[1:], found[2:], strict=False):
        if between.changed or any(is_word(word) for word in b.words[slice(*between.base)]):
            continue
        if {_author(before, b, o, t), _author(after, b, o, t)} >= {"ours", "theirs"}:
            return False
    return True


def _author(region: Region, b: Text, o: Text, t: Text) -> str:
    """Who changed a stretch; what both changed alike belongs to both."""
    base, ours, theirs = b.words[slice(*region.base)], o.words[slice(*region.ours)], t.words[slice(*region.theirs)]
    return "both" if ours == theirs else "theirs" if ours == base else "ours"


def _stretch(region: Region, b: Text, o: Text, t: Text) -> str | None:
    texts = [_slice(text, span) for text, span in ((b, region.base), (o, region.ours), (t, region.theirs))]
    merged = _three(*texts)
    if merged is not None:
        return merged
    if region.changed:
        return _rewrapped(region, b, o, t)
    # The words are the same in all three: only the white space between them differs.
    out = []
    for n in range(region.base[1] - region.base[0]):
        x, y, z = (text.spaces[at[0] + n] for text, at in ((b, region.base), (o, region.ours), (t, region.theirs)))
        space = _three(x, y, z)
        out.append(b.words[region.base[0] + n] + (max(y, z) if space is None else space))
    return "".join(out)


def _rewrapped(region: Region, b: Text, o: Text, t: Text) -> str | None:
    """The words of the side that changed some, where the other one only wrapped them in another way."""
    spans = ((b, region.base), (o, region.ours), (t, region.theirs))
    base, ours, theirs = (text.words[slice(*span)] for text, span in spans)
    spaces = [text.spaces[slice(*span)] for text, span in spans]
    if any(_HARD_BREAK.search(space) for each in spaces for space in each) or base not in (ours, theirs):
        return None
    (new, span), wrapped = (spans[2], spaces[1]) if ours == base else (spans[1], spaces[2])
    if span[0] == span[1] or not wrapped:
        return None
    # What stands behind the last word parts it from one that nobody changed.
    return _slice(new, span).removesuffix(new.spaces[span[1] - 1]) + wrapped[-1]


def _slice(text: Text, span: tuple[int, int]) -> str:
    return "".join(word + text.spaces[n] for n, word in enumerate(text.words[slice(*span)], span[0]))


def _three(base: str, ours: str, theirs: str) -> str | None:
    if ours == theirs or theirs == base:
        return ours
    return theirs if ours == base else None


def merge_code(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """Merge code by lines; changes of neighbouring lines are in conflict."""
    pieces = merge_lines(base, ours, theirs)
    if not all(isinstance(piece, Settled) for piece in pieces):
        return None
    return [line for piece in pieces if isinstance(piece, Settled) for line in piece.lines]


def likeness(a: Counter[str], b: Counter[str], floor: float = 0.0) -> float:
    """Share of words that two texts have in common, in [0, 1]; 1.0 for two empty ones.

    0.0 where their lengths alone keep it below `floor`.
    """
    left, right = a.total(), b.total()
    if not left + right:
        return 1.0
    if 2 * min(left, right) < floor * (left + right):
        return 0.0
    few, many = (a, b) if len(a) <= len(b) else (b, a)
    return 2 * sum(min(count, many[word]) for word, count in few.items() if word in many) / (left + right)


def words_of(text: str) -> list[str]:
    """The words of a text, lower case, without punctuation."""
    return [token.lower() for token in TOKEN.findall(text) if is_word(token)]


# Policy ---------------------------------------------------------------------------------------------------------------
#
# Strategies that decide a conflict, and the policy that says which one holds where.


Resolve = Callable[[Clash], Lines | None]


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to decide a conflict; None leaves it to a person."""

    resolve: Resolve
    help: str


def _union(clash: Clash) -> Lines | None:
    """Both sides; never in frontmatter, where it would leave a key twice."""
    if normalised(clash.path).partition("/")[0] == "frontmatter":
        return None
    return (*clash.ours, *(line for line in clash.theirs if not line.strip() or line not in clash.ours))


def _words(clash: Clash) -> Lines | None:
    if not (clash.base and clash.ours and clash.theirs):
        return None
    merged = merge_words_loosely(clash.base, clash.ours, clash.theirs)
    return None if merged is None else tuple(merged)


STRATEGIES: dict[str, Strategy] = {
    "ours": Strategy(lambda clash: clash.ours, "take ours"),
    "theirs": Strategy(lambda clash: clash.theirs, "take theirs"),
    "base": Strategy(lambda clash: clash.base, "take neither: as in base"),
    "union": Strategy(_union, "take both, ours first; in the frontmatter it stays a conflict"),
    "words": Strategy(_words, "merge by words, also where words of both sides stand side by side"),
    "marker": Strategy(lambda _clash: None, "leave it to a person"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Which strategy holds under a path pattern."""

    pattern: str
    strategy: str

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise unknown("merge strategy", self.strategy, STRATEGIES)


@dataclass(frozen=True, slots=True)
class Policy:
    """How conflicts are decided; the last rule that speaks for a path counts."""

    rules: tuple[Rule, ...] = ()
    favor: str = ""
    """The strategy for conflicts that no rule speaks for; "" leaves them to a person."""

    def decide(self, clash: Clash) -> tuple[Lines, str] | None:
        """The lines that a strategy, or where no policy speaks, a rule of ours gives for a conflict, and its name."""
        rule = next((rule for rule in reversed(self.rules) if matches(rule.pattern, clash.path)), None)
        if rule is not None and clash.path:
            return _resolved(clash, rule.strategy, f"{rule.pattern}={rule.strategy}")
        if clash.ruling is not None:
            return clash.ruling.lines, clash.ruling.rule
        return _resolved(clash, self.favor, f"favor={self.favor}") if self.favor else None


def _resolved(clash: Clash, strategy: str, name: str) -> tuple[Lines, str] | None:
    lines = STRATEGIES[strategy].resolve(clash)
    return None if lines is None else (lines, name)


def parse_rule(text: str) -> Rule:
    """`PATH=STRATEGY`, as the command line takes it. PolicyError names what is unknown and what is near it."""
    return make_rule(*assignment(text, "PATH=STRATEGY", "frontmatter/model=ours"))


def make_rule(pattern: str, strategy: str) -> Rule:
    """A rule; raises PolicyError where its strategy is unknown."""
    return Rule(pattern, strategy)
