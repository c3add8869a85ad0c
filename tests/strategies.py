"""Generated definitions: frontmatter and bodies of the shapes that people write, and noise between them."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = st.sampled_from(
    [
        *(
            "never",
            "push",
            "Read",
            "when",
            "a:",
            "b",
            "#12",
            "**Lead**:",
            "x",
            "`code`",
            "*em*",
            "http://a.b/c:d",
            "日本",
        ),
        *("–", "•", "✅", "|", "\\", "[x]", "  ", "...", "---", "{{x}}", "<b>", "&amp;", "'", '"', "é"),
        *("\u200b", "\x0c", "\xa0"),
    ]
)
TEXT = st.lists(WORDS, max_size=7).map(" ".join)
KEYS = st.sampled_from(
    ["name", "description", "tools", "model", "color", "argument-hint", "globs", "x-own", "Context", "user", '"name"']
)
INDENTS = st.sampled_from(["", "", "", "  ", "    ", "\t", " ", "      "])
MARKS = st.sampled_from(
    [
        *(
            "",
            "",
            "- ",
            "* ",
            "1. ",
            "12) ",
            "- [ ] ",
            "- [x] ",
            "# ",
            "## ",
            "### ",
            "> ",
            "> - ",
            "• ",
            "    ",
            "|",
            "+ ",
        ),
        *("```", "~~~", "```py", "<div>", "</div>", "<!--", "-->", "---", "===", "**B**", "**L:**", "[a]: ", "[ ] "),
    ]
)
ENDINGS = st.sampled_from(["\n"] * 12 + ["\n\n"] * 4 + ["\n\n\n", "  \n", " \n", "\r\n", "\r", "\\\n"])
VALUES = st.one_of(
    TEXT,
    st.just("|\n  lines\n\n  of text"),
    st.just(">-\n  folded\n  text"),
    st.just("\n  - a\n  - b: c"),
    st.just("\n- a\n- b"),
    st.just("[a, b, Bash(x:*)]"),
    st.just("\n  key: value\n  more: [1]"),
    TEXT.map(lambda text: f'"{text}"'),
    TEXT.map(lambda text: f"'{text}'"),
)
FIELDS = st.one_of(
    st.tuples(KEYS, VALUES).map(lambda pair: f"{pair[0]}: {pair[1]}\n"),
    st.tuples(KEYS, VALUES).map(lambda pair: f"{pair[0]}: {pair[1]}\n"),
    TEXT.map(lambda text: f"{text}\n"),
    TEXT.map(lambda text: f"# {text}\n"),
)
LINES = st.tuples(INDENTS, MARKS, TEXT, ENDINGS).map("".join)


def frontmatters() -> st.SearchStrategy[str]:
    """A block of fields with its fences, valid or not."""
    fences = st.sampled_from(["---\n"] * 6 + ["--- \n", "---\r\n", "...\n"])
    return st.tuples(fences, st.lists(FIELDS, max_size=6).map("".join), fences).map("".join)


def bodies() -> st.SearchStrategy[str]:
    """Lines of Markdown, in and out of order."""
    return st.lists(LINES, max_size=25).map("".join)


def definitions() -> st.SearchStrategy[str]:
    """A whole file; often with frontmatter, sometimes without."""
    heads = st.one_of(st.just(""), frontmatters(), frontmatters(), st.just("\ufeff"))
    return st.tuples(heads, bodies(), st.sampled_from(["", "", "end"])).map("".join)
