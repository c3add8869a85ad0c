"""Which rules of markdown-it can match a line at all, by its first character: the others are not even asked.

The parser asks each of its rules at each line, at the start of a block and once more for the end of the one above.
Most lines begin with a letter, and of a letter most rules want nothing to know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

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
