"""What the title of a section speaks of, beside the kind of section that it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agentmerge.aligning import lexicon
from agentmerge.aligning.sections import usual_words
from agentmerge.combining.outline import document_title, kind_of
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition


class Subjects:
    """The subjects of titles in variants of one role."""

    def __init__(self, definitions: Sequence[Definition], knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._lexicon = lexicon.of(knowledge)
        self._usual = usual_words(knowledge)
        self._role = self._role_of(definitions)
        self._known: dict[str, frozenset[str]] = {}

    def _role_of(self, definitions: Sequence[Definition]) -> frozenset[str]:
        """The tokens of the role's names, and those that several top headings have: one alone may name a subject."""
        names = {field.text.replace("-", " ") for one in definitions if (field := one.field("name")) is not None}
        titles = Counter(
            token
            for one in definitions
            if (section := document_title(one)) is not None
            for token in set(self.words(section.title))
        )
        return frozenset(token for name in names for token in self.words(name)) | {
            token for token, count in titles.items() if count > 1
        }

    def of(self, title: str) -> frozenset[str]:
        """The tokens of a title that name a subject: neither the kind of its section nor the role itself.

        A title of no kind keeps the words of the role: `API Design` of an API designer is a subject all the same.
        """
        if title not in self._known:
            tokens = frozenset(self.words(title)) - self._lexicon.shaping
            kind = kind_of(title, self._knowledge)
            self._known[title] = tokens if kind == "topics" else tokens - self._usual[kind] - self._role
        return self._known[title]

    def is_general(self, title: str) -> bool:
        """Whether a title names a kind of section and no subject."""
        return kind_of(title, self._knowledge) != "topics" and not self.of(title)

    def words(self, text: str) -> list[str]:
        """The tokens of a text."""
        return list(self._lexicon.tokens(text, self._lexicon.language([text])))
