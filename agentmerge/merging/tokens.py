"""A text as words, the white space between them, and the sentences that the words stand in."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

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
