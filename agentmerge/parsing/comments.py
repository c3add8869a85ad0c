"""Remarks among the lines of a field: whole lines, and what stands behind a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from agentmerge.model import Comment
from agentmerge.parsing.lines import bare, to_lf
from agentmerge.parsing.plainyaml import simple_entries
from agentmerge.parsing.yamlio import YamlError, scalar_spans

_REMARK = re.compile(r"(?:(?<=[ \t])|^)#[^\n]*", re.MULTILINE)
_TOML = re.compile(
    r'(?P<text>"""(?:[^\\]|\\.)*?"""' + r"|'''.*?'''" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*')|(?P<remark>#[^\n]*)",
    re.DOTALL,
)


def of_yaml(inner: Sequence[str], at: Sequence[int], span: tuple[int, int, int]) -> tuple[Comment, ...]:
    """The remarks of a field that YAML reads: first line, line of the key, and end in `inner`."""
    start, line, end = span
    if not any("#" in row for row in inner[start:end]):
        return ()
    own = to_lf("".join(inner[line:end]))
    if simple_entries(own, str) is not None:
        return above(inner, at, start, line)
    try:
        texts = _texts(inner, line, end)
    except YamlError:
        return above(inner, at, start, line)
    return (*above(inner, at, start, line), *_joined(_placed(own, _remarks(own, texts)), at[line:]))


def _texts(inner: Sequence[str], line: int, end: int) -> list[tuple[int, int]]:
    """Where the scalars of a field stand in its own lines; what it names by an alias may stand in another field."""
    try:
        return scalar_spans(to_lf("".join(inner[line:end])))
    except YamlError:
        shift = len(to_lf("".join(inner[:line])))
        return [(first - shift, last - shift) for first, last in scalar_spans(to_lf("".join(inner)))]


def above(inner: Sequence[str], at: Sequence[int], start: int, line: int) -> tuple[Comment, ...]:
    """The remarks above a key."""
    rows = [(number, bare(inner[number]).strip(" \t")) for number in range(start, line)]
    return _joined([(number, row, True) for number, row in rows if row.startswith("#")], at)


def of_toml(text: str, at: Sequence[int]) -> tuple[Comment, ...]:
    """The remarks among lines of TOML."""
    return _joined(_placed(text, (match for match in _TOML.finditer(text) if match["remark"])), at)


def _remarks(text: str, texts: Sequence[tuple[int, int]]) -> Iterator[re.Match[str]]:
    """What starts with a `#` outside of the scalars at `texts`."""
    spans = iter(sorted(texts))
    span = next(spans, None)
    at = 0
    while (match := _REMARK.search(text, at)) is not None:
        while span is not None and span[1] <= match.start():
            span = next(spans, None)
        is_text = span is not None and span[0] <= match.start()
        # Behind a `#` of a text another one may stand on the same line.
        at = match.start() + 1 if is_text else match.end()
        if not is_text:
            yield match


def _placed(text: str, found: Iterable[re.Match[str]]) -> Iterator[tuple[int, str, bool]]:
    """Line, text and whether it has the line to itself, of each remark."""
    number = start = 0
    for match in found:
        number += text.count("\n", start, match.start())
        start = match.start()
        before = text.rfind("\n", 0, start) + 1
        yield number, match[0].rstrip(" \t"), not text[before:start].strip()


def _joined(found: Iterable[tuple[int, str, bool]], at: Sequence[int]) -> tuple[Comment, ...]:
    """Remarks on adjacent lines of their own are one."""
    runs: list[tuple[int, list[str], bool]] = []
    for number, text, whole in found:
        if runs and whole and runs[-1][2] and runs[-1][0] + len(runs[-1][1]) == number:
            runs[-1][1].append(text)
        else:
            runs.append((number, [text], whole))
    return tuple(Comment(at[number], "\n".join(texts)) for number, texts, _ in runs)
