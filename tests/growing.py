"""Hostile texts of any size: each generator takes the number of characters and makes a text of about that many.

`benchmarks/growth.py` runs every command on them at growing sizes, `tests/test_growing.py` counts work at small ones.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import count

Generator = Callable[[int], str]

_NOUNS = [
    "review",
    "change",
    "never",
    "push",
    "secret",
    "token",
    "branch",
    "merge",
    "deploy",
    "cluster",
    "schema",
    "index",
    "query",
    "cache",
    "retry",
    "timeout",
    "error",
    "budget",
    "alert",
    "owner",
    "ticket",
    "release",
    "rollback",
    "migration",
    "contract",
    "endpoint",
    "payload",
    "header",
    "session",
    "user",
    "password",
    "audit",
    "coverage",
    "failing",
    "suite",
    "linter",
    "format",
    "commit",
    "message",
    "author",
    "reader",
    "writer",
    "summary",
    "finding",
    "severity",
    "report",
    "table",
]
_VERBS = (
    "check",
    "write",
    "read",
    "keep",
    "avoid",
    "never",
    "always",
    "prefer",
    "ask",
    "tell",
    "run",
    "stop",
    "make",
    "use",
)

_SIGNS = "\u2705\u274c"


def _filled(size: int, line: Callable[[int], str], before: str = "", after: str = "") -> str:
    """Lines made of their number until the text is long enough."""
    parts, length = [before], len(before) + len(after)
    for number in count():
        parts.append(line(number))
        length += len(parts[-1])
        if length >= size:
            return "".join([*parts, after])
    raise AssertionError


def _repeated(text: str, size: int, before: str = "", after: str = "") -> str:
    return before + text * max(1, (size - len(before) - len(after)) // len(text)) + after


def _levels(size: int, per_level: float) -> int:
    """Number of levels whose indentation, growing by so many characters a level, fills the size."""
    return max(2, int((2 * size / per_level) ** 0.5))


def _words(number: int, length: int) -> str:
    chosen = random.Random(number)
    return " ".join([chosen.choice(_VERBS), *chosen.choices(_NOUNS, k=length)])


def _nonsense(number: int) -> str:
    """Words that no other line has."""
    letters = "bcdfghjklmnpqrstvwxz"
    chosen = random.Random(f"nonsense {number}")
    return " ".join("".join(chosen.choices(letters, k=6)) + f"a{number}" for _ in range(4))


def _table(size: int, columns: int) -> str:
    head = "| " + " | ".join(f"column {n}" for n in range(columns)) + " |\n|" + " --- |" * columns + "\n"
    return _filled(size, lambda n: "| " + " | ".join(_words(n * columns + k, 2) for k in range(columns)) + " |\n", head)


def _wide(size: int) -> str:
    columns = max(2, size // 24)
    row = "|".join(["", *(f" w{n} a " for n in range(columns)), ""])
    return f"{row}\n{'|---' * columns}|\n{row}\n"


def _prose(size: int) -> str:
    return _filled(size, lambda n: f"{_words(n, 9).capitalize()}.\n" + ("\n" if n % 4 == 3 else ""))


def _ordinary(number: int) -> str:
    items = "".join(f"- **{_words(number * 7 + n, 1).title()}**: {_words(number * 7 + n, 8)}\n" for n in range(5))
    return (
        f"## {_words(number, 2).title()}\n\n{_words(number + 5000, 14).capitalize()}.\n\n{items}\n"
        f"1. {_words(number + 9000, 6)}\n2. {_words(number + 9500, 6)}\n\n```sh\nrun {number}\n```\n\n"
    )


def _front(fields: str, body: str = "# Role\n\n- Never push to main\n") -> str:
    return f"---\nname: role\n{fields}---\n{body}"


def _distinct(size: int, form: str) -> str:
    """Lines of words that come again and again, no two lines the same."""
    return _filled(size, lambda n: form.format(words=_words(n, 7), n=n))


GROWING: dict[str, Generator] = {
    # Ordinary shapes, many of them.
    "ordinary sections": lambda size: _filled(size, _ordinary),
    "prose": _prose,
    "items": lambda size: _distinct(size, "- {words} {n}\n"),
    "items of common words": lambda size: _distinct(size, "- {words}\n"),
    "items, numbers apart": lambda size: _filled(size, lambda n: f"- Keep at most {n} open connections per worker\n"),
    "items, one word apart": lambda size: _filled(size, lambda n: f"- Never push the branch w{n} to the main remote\n"),
    "items, orders and prohibitions": lambda size: _filled(
        size, lambda n: f"- {'Never' if n % 2 else 'Always'} {_words(n // 2 % 40, 4)}\n"
    ),
    "handovers": lambda size: _filled(size, lambda n: f"- Delegate review of the w{n % 50} branch to agent{n}\n"),
    "one item again": lambda size: _repeated("- Never push to main without review\n", size),
    "two items in turn": lambda size: _repeated("- Never push to main\n- Always run the tests\n", size),
    "orders and prohibitions by sign": lambda size: _repeated("- \u2705 Skip tests\n- \u274c Skip tests\n", size),
    "headings with signs": lambda size: _filled(
        size, lambda n: f"## {_SIGNS[n % 2]} Rules\n\n- Skip {_words(n % 30, 3)}\n\n"
    ),
    "one short item again": lambda size: _repeated("- x\n", size),
    "tasks": lambda size: _distinct(size, "- [ ] {words}\n"),
    "one task again": lambda size: _repeated("- [x] Tests run\n", size),
    "ordered steps": lambda size: _filled(size, lambda n: f"{n + 1}. {_words(n, 5)}\n"),
    "steps with text between them": lambda size: _filled(size, lambda n: f"{n + 1}. {_words(n, 4)}\n\nWait {n}.\n\n"),
    "one step again": lambda size: _repeated("1. Run the tests\n", size),
    "one paragraph again": lambda size: _repeated("Run the tests before each push.\n\n", size),
    "paragraphs": lambda size: _distinct(size, "{words} {n}.\n\n"),
    "one line again, one paragraph": lambda size: _repeated("Never push to main without a review.\n", size),
    "nonsense lines": lambda size: _filled(size, lambda n: f"{_nonsense(n)}\n"),
    "nonsense items": lambda size: _filled(size, lambda n: f"- {_nonsense(n)}\n"),
    "nonsense paragraphs": lambda size: _filled(size, lambda n: f"{_nonsense(n)}\n\n"),
    "leads": lambda size: _filled(size, lambda n: f"- **{_words(n, 1)} {n}**: {_words(n, 6)}\n"),
    "one lead again": lambda size: _filled(size, lambda n: f"- **Limits**: {_words(n, 5)}\n"),
    "pseudo-list": lambda size: _distinct(size, "• {words}\n"),
    # Headings.
    "headings": lambda size: _filled(size, lambda n: f"## {_words(n, 2)} {n}\n\n"),
    "headings of one title": lambda size: _repeated("## Rules\n\n", size),
    "headings of one title with items": lambda size: _filled(size, lambda n: f"## Rules\n\n- {_words(n, 4)}\n\n"),
    "one section again": lambda size: _repeated("## Rules\n\n- Never push to main\n- Run the tests\n\n", size),
    "headings of common words": lambda size: _filled(size, lambda n: f"## {_words(n, 1)}\n\n{_words(n, 4)}\n\n"),
    "headings that go down and up": lambda size: _filled(size, lambda n: f"{'#' * (n % 6 + 1)} T{n}\n\n- a{n}\n\n"),
    "setext headings": lambda size: _filled(size, lambda n: f"Title {n}\n---\n\n"),
    "pseudo-headings": lambda size: _filled(size, lambda n: f"**Title {n}**\n\ntext {n}\n\n"),
    "labels with a list": lambda size: _filled(size, lambda n: f"Label {n}:\n- a{n}\n\n"),
    "one label again": lambda size: _repeated("Label:\n- a\n\n", size),
    "a title of one line": lambda size: "# " + _repeated("word ", size) + "\n",
    # Depth.
    "lists nested by indentation": lambda size: "".join(f"{'  ' * n}- w{n}\n" for n in range(_levels(size, 2))),
    "lists nested on one line": lambda size: _repeated("- ", size, after="x\n"),
    "ordered lists nested": lambda size: "".join(f"{'   ' * n}1. w{n}\n" for n in range(_levels(size, 3))),
    "lists nested 60 deep, again": lambda size: _repeated("".join(f"{'  ' * n}- w{n}\n" for n in range(60)), size),
    "quotes nested on one line": lambda size: _repeated(">", size, after=" x\n"),
    "quotes nested, a level a line": lambda size: "".join(f"{'>' * n} w{n}\n" for n in range(_levels(size, 1))),
    "quotes and lists nested": lambda size: _repeated("> - ", size, after="x\n"),
    "labels nested": lambda size: _filled(size, lambda n: f"**Label {n}:**\n\n- **Label {n}:**\n  - x\n\n"),
    "one quote again": lambda size: _repeated("> Never push\n\n", size),
    # Inline marks.
    "square brackets": lambda size: _repeated("[", size),
    "links unclosed": lambda size: _repeated("[a](b ", size),
    "images unclosed": lambda size: _repeated("![", size),
    "bold marks": lambda size: _repeated("**", size),
    "bold openers": lambda size: _repeated("**a ", size),
    "emphasis openers": lambda size: _repeated("*a _b ", size),
    "emphasis runs": lambda size: _repeated("*a **b* c** ", size),
    "lines that open bold": lambda size: _repeated("**a\n", size),
    "backticks of growing length": lambda size: "".join("`" * n + "a " for n in range(1, _levels(size, 1))),
    "code spans": lambda size: _repeated("`a` ", size),
    "angle brackets": lambda size: _repeated("<", size),
    "entities": lambda size: _repeated("&amp", size),
    "backslashes": lambda size: _repeated("\\", size),
    "a line of words": lambda size: _repeated("word ", size),
    "a line without a blank": lambda size: _repeated("w", size),
    "a line of sentences": lambda size: _repeated("Never push to main. ", size),
    "a line of distinct sentences": lambda size: _filled(size, lambda n: f"{_words(n, 6)}. "),
    "an item of one line": lambda size: "- " + _filled(size, lambda n: f"{_words(n, 5)}, "),
    "a lead of one line": lambda size: "- **" + _repeated("word ", size) + "**: x\n",
    "a long enumeration": lambda size: "Tools: " + _filled(size, lambda n: f"tool{n}, "),
    "link definitions": lambda size: _filled(size, lambda n: f"[l{n}]: http://x/{n}\n"),
    "link uses and definitions": lambda size: _filled(size, lambda n: f"see [l{n}]\n\n[l{n}]: http://x/{n}\n\n"),
    "one label of links again": lambda size: _filled(size, lambda n: f"See [docs].\n\n[docs]: http://x/{n}\n\n"),
    "footnotes": lambda size: _filled(size, lambda n: f"Word {n}.[^{n}]\n\n[^{n}]: Note {n}.\n\n"),
    # Blocks.
    "a table of many rows": lambda size: _table(size, 3),
    "a table of one row again": lambda size: _repeated("| a | b |\n", size, "| a | b |\n|---|---|\n"),
    "a table of many columns": _wide,
    "many tables": lambda size: _filled(size, lambda n: f"| k | v |\n|---|---|\n| k{n} | v{n} |\n\n"),
    "fences unclosed": lambda size: _filled(size, lambda n: f"```{'py' * (n % 2)}\nrun {n}\n"),
    "fences of growing length": lambda size: "".join("`" * n + "\n" for n in range(3, _levels(size, 1))),
    "fences": lambda size: _filled(size, lambda n: f"```py\nrun({n})\n```\n\n"),
    "one fence again": lambda size: _repeated("```sh\nrun\n```\n\n", size),
    "a fence of lines": lambda size: _filled(size, lambda n: f"run {n}\n", "```\n", "```\n"),
    "a fence of one JSON object": lambda size: _filled(size, lambda n: f'  "k{n}": {n},\n', "```json\n{\n", "}\n```\n"),
    "fences of JSON": lambda size: _filled(size, lambda n: f'```json\n{{"k{n}": "string", "n": {n}}}\n```\n\n'),
    "a fence of deep JSON": lambda size: _repeated("[", size // 2, "```json\n", _repeated("]", size // 2) + "\n```\n"),
    "a fence of YAML": lambda size: _filled(size, lambda n: f"k{n}: v{n}\n", "```yaml\n", "```\n"),
    "a fence of deep YAML": lambda size: (
        "```yaml\n" + "".join(f"{' ' * n}a:\n" for n in range(_levels(size, 1))) + "```\n"
    ),
    "comment opener at the end": lambda size: _prose(size) + "\n<!-- ",
    "comment openers": lambda size: _repeated("<!-- \n", size),
    "comment openers on one line": lambda size: _repeated("<!-- ", size),
    "comments": lambda size: _filled(size, lambda n: f"<!-- note {n} -->\n- item {n}\n\n"),
    "owned blocks": lambda size: _filled(size, lambda n: f"<!-- T{n}:START -->\ntext {n}\n<!-- T{n}:END -->\n\n"),
    "comments about one item": lambda size: _repeated("<!-- why -->\n- Run the tests\n\n", size),
    "ranges of a linter": lambda size: _filled(
        size, lambda n: f"<!-- markdownlint-disable -->\n\n- a{n}\n\nb{n}\n\n<!-- markdownlint-enable -->\n\n"
    ),
    "ranges of a linter nested": lambda size: (
        _repeated("<!-- prettier-ignore-start -->\n\nx\n\n", size // 2)
        + _repeated("<!-- prettier-ignore-end -->\n\n", size // 2)
    ),
    "blocks of one owner": lambda size: _repeated("<!-- T:START -->\ntext\n<!-- T:END -->\n\n", size),
    "examples": lambda size: _filled(size, lambda n: f"<example>\nuser: {_words(n, 4)}\n</example>\n\n"),
    "tags": lambda size: _filled(size, lambda n: f"<t{n}>\n\n- item {n}\n\n</t{n}>\n\n"),
    "tags unclosed": lambda size: _filled(size, lambda n: f"<rules>\n\n- item {n}\n\n"),
    "one tag nested": lambda size: _repeated("<rules>\n", size // 2) + "x\n" + _repeated("</rules>\n", size // 2),
    "tags on one line": lambda size: _repeated("<a>", size),
    "template lines": lambda size: _filled(size, lambda n: f"{{{{#if c{n}}}}}\n- item {n}\n{{{{/if}}}}\n\n"),
    "template lines nested": lambda size: (
        _repeated("{{#if c}}\n", size // 2) + "x\n" + _repeated("{{/if}}\n", size // 2)
    ),
    "conflict markers": lambda size: _filled(
        size, lambda n: f"<<<<<<< a\nleft {n}\n||||||| b\nbase {n}\n=======\nright {n}\n>>>>>>> c\n"
    ),
    "conflict openers": lambda size: _repeated("<<<<<<< a\n", size),
    "imports": lambda size: _filled(size, lambda n: f"@docs/file{n}.md\n"),
    # White space and characters.
    "form feeds": lambda size: _repeated("\x0c", size),
    "lines of form feeds": lambda size: _repeated("\x0c\n", size),
    "words between form feeds": lambda size: _repeated("word\x0c", size),
    "line separators": lambda size: _repeated("- word\u2028", size),
    "blank lines": lambda size: _repeated("\n", size),
    "blanks": lambda size: _repeated(" ", size, after="x\n"),
    "tabs": lambda size: _repeated("\t- a\n", size),
    "lone CR": lambda size: _repeated("- a\r", size),
    "NUL": lambda size: _repeated("\0", size),
    "hidden characters": lambda size: _repeated("a\u200bb\u202ec\n", size),
    "emoji": lambda size: _repeated("\u274c Skip the tests\n", size),
    "ideographs": lambda size: _filled(
        size, lambda n: f"- {chr(0x4E00 + n % 5000)}代码审查必须通过{chr(0x5000 + n % 300)}\n"
    ),
    "a line of ideographs": lambda size: _repeated("代码审查必须通过", size),
    "rules": lambda size: _repeated("***\n", size),
    # Frontmatter.
    "fields": lambda size: _front(_filled(size, lambda n: f"k{n}: v{n}\n")),
    "one field again": lambda size: _front(_repeated("tools: Read\n", size)),
    "broken fields": lambda size: _front(_filled(size, lambda n: f"k{n}: v: w\n")),
    "tools": lambda size: _front(_filled(size, lambda n: f"  - Tool{n}\n", "tools:\n")),
    "tools on one line": lambda size: _front(_filled(size, lambda n: f"Tool{n}, ", "tools: ", "Read\n")),
    "tools with patterns": lambda size: _front(_filled(size, lambda n: f"Bash(w{n} *), ", "tools: ", "Read\n")),
    "a deep field": lambda size: _front("".join(f"{' ' * n}a:\n" for n in range(_levels(size, 1)))),
    "a deep flow field": lambda size: _front("a: " + "[" * (size // 2) + "]" * (size // 2) + "\n"),
    "a mapping": lambda size: _front(_filled(size, lambda n: f"  k{n}: allow\n", "permission:\n")),
    "a long description": lambda size: _front("description: " + _filled(size, lambda n: f"{_words(n, 6)}. ") + "\n"),
    "a description of lines": lambda size: _front(_filled(size, lambda n: f"  {_words(n, 6)}\n", "description: |\n")),
    "a frontmatter unclosed": lambda size: _filled(size, lambda n: f"k{n}: v{n}\n", "---\nname: x\n"),
    "a frontmatter of prose": lambda size: _filled(size, lambda n: f"{_words(n, 6)}\n", "---\nname: x\n"),
    "comments in the frontmatter": lambda size: _front(_filled(size, lambda n: f"# note {n}\n")),
    "aliases": lambda size: _front("a: &a [x, x]\n" + _filled(size, lambda n: f"b{n}: *a\n")),
    "fence lines": lambda size: _repeated("---\n", size),
}
"""Name to a generator of texts of about so many characters."""


def edited(text: str, share: float, word: str) -> str:
    """The text with a small edit: of the line that stands at this share of it one word is changed or added."""
    lines = text.split("\n")
    at = min(int(len(lines) * share), len(lines) - 1)
    line = lines[at]
    middle = int(len(line) * share) if len(lines) < 5 else len(line)
    lines[at] = f"{line[:middle]} {word}{line[middle:]}"
    return "\n".join(lines)


def shortened(text: str, share: float) -> str:
    """The text without some of its lines, a hundredth of them and at least one."""
    lines = text.split("\n")
    at = int(len(lines) * share)
    return (
        "\n".join(lines[:at] + lines[at + max(1, len(lines) // 100) :]) if len(lines) > 3 else text[: -len(text) // 9]
    )
