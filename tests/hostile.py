"""Input made to be slow, deep or large; sizes are those that an attacker or an accident may bring, times a scale."""

from __future__ import annotations

from collections.abc import Callable

PARAGRAPH = "Some words of ordinary text that an author wrote, with **bold** and `code`.\n"
ORDINARY = (
    "## Heading\n\n"
    + PARAGRAPH * 3
    + "\n- item one **x**: y\n- item two\n  - nested\n\n1. a\n2. b\n\n```py\ncode\n```\n\n"
)

BODIES: dict[str, Callable[[float], str]] = {
    "10 MB of ordinary text": lambda k: ORDINARY * int(10_000_000 * k / len(ORDINARY)),
    "100,000 headings": lambda k: "".join(f"## Heading {i}\n\n" for i in range(int(100_000 * k))),
    "lists 5,000 deep by indentation": lambda k: "".join("  " * i + "- x\n" for i in range(int(5000 * k))),
    "lists 5,000 deep on one line": lambda k: "- " * int(5000 * k) + "x\n",
    "quotes 5,000 deep on one line": lambda k: ">" * int(5000 * k) + " x\n",
    "quotes 5,000 deep, a level per line": lambda k: "".join(">" * i + " x\n" for i in range(int(5000 * k))),
    "quotes and lists 5,000 deep": lambda k: "> - " * int(5000 * k) + "x\n",
    "a line of 5 MB": lambda k: "word " * int(1_000_000 * k),
    "a line of 5 MB that opens bold": lambda k: "**" + "a" * int(5_000_000 * k),
    "a line of 5 MB of bold openers": lambda k: "**a " * int(1_250_000 * k),
    "a title of 5 MB with blanks": lambda k: "# a" + " " * int(5_000_000 * k) + "#b\n",
    "a label of 5 MB": lambda k: "a:" * int(2_500_000 * k) + "\n- b\n",
    "an item of 5 MB": lambda k: "- **" + "a " * int(2_500_000 * k),
    "10,000 unclosed emphasis openers": lambda k: "*a " * int(10_000 * k),
    "10,000 lines that open bold": lambda k: "**a\n" * int(10_000 * k),
    "50,000 link definitions": lambda k: "".join(f"[l{i}]: http://x/{i}\n" for i in range(int(50_000 * k))),
    "100,000 items": lambda k: "- item\n" * int(100_000 * k),
    "100,000 tasks in a fence": lambda k: "```\n" + "[ ] x\n" * int(100_000 * k) + "```\n",
    "100,000 lines of a pseudo-list": lambda k: "• item\n" * int(100_000 * k),
    "50,000 labels with a list": lambda k: "Label:\n- a\n\n" * int(50_000 * k),
    "50,000 bold titles": lambda k: "**Bold**\n\ntext\n\n" * int(50_000 * k),
    "50,000 headings by accident": lambda k: "a.\n---\n" * int(50_000 * k),
    "a table of 100,000 rows": lambda k: "|a|b|\n|-|-|\n" + "|a|b|\n" * int(100_000 * k),
    "a table of 100,000 columns": lambda k: "|" + "a|" * int(100_000 * k) + "\n|" + "-|" * int(100_000 * k) + "\n",
    "100,000 fences": lambda k: "```\n" * int(100_000 * k),
    "100,000 HTML openers": lambda k: "<div>\n" * int(100_000 * k),
    "100,000 comment openers": lambda k: "<!--\n" * int(100_000 * k),
    "1,000,000 blank lines": lambda k: "\n" * int(1_000_000 * k),
    "200,000 lone CR": lambda k: "a\r" * int(200_000 * k),
    "100,000 rules": lambda k: "***\n" * int(100_000 * k),
    "50,000 hidden characters": lambda k: "a\u200bb\n" * int(50_000 * k),
    "50,000 conflict markers": lambda k: "<<<<<<< a\n" * int(50_000 * k),
}
"""Name to a body of the full size times `k`."""

_LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)

FRONTMATTERS: dict[str, str] = {
    "alias bomb": _LAUGHS,
    "alias bomb of long text": "a: &a " + "x" * 100_000 + "\nb: [" + ",".join(["*a"] * 90_000) + "]",
    "merge keys": "a: &a {x: 1}\n" + "".join(f"b{i}: {{<<: [*a,*a,*a]}}\n" for i in range(2000)),
    "alias of itself": "a: &a [*a]",
    "tag of an object": "a: !!python/object/apply:os.system ['exit 1']",
    "plain scalar of 1 MB": "description: " + "word " * 200_000,
    "double-quoted scalar of 1 MB": 'description: "' + "word\\n" * 160_000 + '"',
    "single-quoted scalar of 1 MB": "description: '" + "wo''d " * 160_000 + "'",
    "literal scalar of 1 MB": "description: |\n" + "  word word\n" * 80_000,
    "plain scalar over 80,000 lines": "description: a\n" + "  word word\n" * 80_000,
    "invalid scalar of 1 MB": "description: a: b " + "word " * 200_000,
    "100,000 lines of prose": "description: a: b\n" + "user: words c: d\n" * 50_000,
    "brackets 10,000 deep": "a: " + "[" * 10_000 + "]" * 10_000,
    "braces 10,000 deep": "a: " + "{a: " * 10_000 + "}" * 10_000,
    "dashes 10,000 deep": "a:\n  " + "- " * 10_000 + "x",
    "question marks 10,000 deep": "? " * 10_000 + "x",
    "indentation 1,500 deep": "".join("  " * i + "a:\n" for i in range(1, 1500)),
    "30,000 keys": "".join(f"k{i}: v\n" for i in range(30_000)),
    "10,000 broken fields": "".join(f"k{i}: v: w\n" for i in range(10_000)),
    "list of 50,000": "tools:\n" + "  - x\n" * 50_000,
    "100,000 quotes": "description: " + '"' * 100_000,
    "100,000 colons": "description: " + ": " * 100_000,
    "100,000 comments": "# c\n" * 100_000,
    "100,000 hashes": "description: x" + " #" * 100_000,
    "key of 1 MB": "k" * 1_000_000 + ": v",
    "quote over 20,000 lines": 'description: "abc\n' + "line: x\n" * 20_000,
}
"""Name to the text between the fences, in full size."""
