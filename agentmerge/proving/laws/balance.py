"""What opens and closes in every source opens and closes in the result: fences, blocks, tags, tags of templates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from agentmerge.model import Definition
from agentmerge.planning.records import Notice
from agentmerge.proving.cases import Case, bare, law

_CODES = frozenset(
    {"fence-unclosed", "fence-late", "fence-unsure", "html-unclosed", "container-unpaired", "heading-repeated"}
)
"""Diagnostics that tell of a text that does not hold together."""
_TEMPLATE = re.compile(
    r"\{\{[~-]?\s*(?P<sign>[#/^])?[>*]?\s*(?P<name>[\w./@-]+)?[^{}]*\}\}|\{%[-+~]?\s*(?P<word>\w+)[^{}]*%\}"
)
_TAG = re.compile(r"<(?P<close>/)?(?P<name>[A-Za-z][\w:.-]*)(?:\s[^<>]*?)?(?P<alone>/)?>")
_FENCED = re.compile(r"^[ \t]*(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^[ \t]*(?P=fence)[`~]*[ \t]*$", re.DOTALL | re.MULTILINE)


@law("unbalanced", "heading-repeated")
def balance(case: Case) -> Iterator[Notice]:
    allowed = _allowed([_told(source) for source in case.sources], case)
    found: Counter[tuple[str, str]] = Counter()
    for note in case.result.diagnostics:
        if note.code in _CODES:
            key = note.code, _kept(note.code, note.message)
            found[key] += 1
            if found[key] > allowed[key]:
                rule = note.code if note.code == "heading-repeated" else "unbalanced"
                yield case.notice(rule, f"{note.message}, which no source says of itself", [note.line])
    yield from _templates(case)
    yield from _tags(case)


def _told(definition: Definition) -> Counter[tuple[str, str]]:
    return Counter((n.code, _kept(n.code, n.message)) for n in definition.diagnostics if n.code in _CODES)


def _kept(code: str, message: str) -> str:
    """What a message says without the lines that it names."""
    return re.sub(r"\d+", "", message) if code != "container-unpaired" else message


def _allowed(counts: list[Counter[tuple[str, str]]], case: Case) -> Counter[tuple[str, str]]:
    """How often each fault may stand in the result: in versions of one text as often as in one of them."""
    total: Counter[tuple[str, str]] = Counter()
    for count in counts:
        total = total | count if case.are_versions else total + count
    return total


def _templates(case: Case) -> Iterator[Notice]:
    """Tags of a template that are out of balance, where those of every source are in it."""
    texts = [_prose(source) for source in case.sources]
    text = _prose(case.result)
    if "{{" not in text and "{%" not in text:
        return
    closers = {word[3:] for one in (*texts, text) for word in re.findall(r"\{%[-+~]?\s*(end\w+)", one)}
    if any(next(_unbalanced(one, closers), None) for one in texts):
        return
    for message, offset in _unbalanced(text, closers):
        yield case.notice("unbalanced", message, [text.count("\n", 0, offset) + 1])


def _prose(definition: Definition) -> str:
    """The text without code, line for line."""
    text = definition.text
    if "{{" not in text and "{%" not in text and "<" not in text:
        return ""
    return re.sub(_FENCED, lambda match: "\n" * match[0].count("\n"), text)


def _unbalanced(text: str, closers: set[str]) -> Iterator[tuple[str, int]]:
    """What is wrong with the tags of a text, and where."""
    opened: list[tuple[str, str, int, bool]] = []
    for match in _TEMPLATE.finditer(text):
        role, name = _role(match, closers)
        if role == "open":
            opened.append((name, match[0], match.start(), False))
        elif role == "branch":
            if not opened:
                yield f"'{match[0]}' stands in no block", match.start()
            elif opened[-1][3]:
                yield f"'{match[0]}' is the second one of '{opened[-1][1]}'", match.start()
            elif _is_last_branch(match):
                opened[-1] = (*opened[-1][:3], True)
        elif role == "close":
            if opened and (not name or opened[-1][0] == name):
                opened.pop()
            else:
                yield f"'{match[0]}' closes what is not open", match.start()
    yield from ((f"'{tag}' is never closed", offset) for _, tag, offset, _ in opened)


def _role(match: re.Match[str], closers: set[str]) -> tuple[str, str]:
    word, name, sign = match["word"], match["name"] or "", match["sign"] or ""
    if word is not None:
        if word.startswith("end"):
            return "close", word[3:].lstrip("_")
        if word in ("else", "elif", "elsif", "elseif", "when"):
            return "branch", word
        return ("open" if word in closers else "", word)
    if sign == "#" or (sign == "^" and name):
        return "open", name
    if sign == "/":
        return "close", name
    if name == "else" or sign == "^":
        return "branch", name
    return "", name


def _is_last_branch(match: re.Match[str]) -> bool:
    """Whether nothing but the end may follow it: an `else` without a condition of its own."""
    return bool(re.fullmatch(r"\{[{%][-+~]?\s*(?:else|\^)\s*[-+~]?[}%]\}", match[0]))


def _tags(case: Case) -> Iterator[Notice]:
    """Tags that are opened and closed equally often in every source and not in the result."""
    if "<" not in case.result.text:
        return
    now = _balance(_prose(case.result))
    if not any(now.values()):
        return
    before = [_balance(_prose(source)) for source in case.sources]
    for name, balance in sorted(now.items()):
        if balance and not any(one[name] for one in before):
            text, sign = _prose(case.result), f"<{name}>" if balance > 0 else f"</{name}>"
            lines = [text.count("\n", 0, m.start()) + 1 for m in _TAG.finditer(text) if m["name"] == name]
            what = "never closed" if balance > 0 else "closed without being open"
            yield case.notice("unbalanced", f"'{sign}' is {what}", lines)


def _balance(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for match in _TAG.finditer(bare(text)):
        if not match["alone"]:
            found[match["name"]] += -1 if match["close"] else 1
    return found
