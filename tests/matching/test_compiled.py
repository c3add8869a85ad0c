"""What is shipped ready-made is what the tables say: whoever changes a table makes it anew."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from agentmerge.knowledge import tables
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.sections import make_usual
from agentmerge.text.lexicon import Lexicon

ANEW = "run .ci/compile_tables.py"


def test_tables__are_shipped_as_they_are_written() -> None:
    for name in tables.names():
        assert tables.ready(name, name) == tables.parsed(name), ANEW


def test_index__of_terms_shaping_words_and_titles_is_shipped() -> None:
    source = Knowledge()
    lexicon = Lexicon(source)
    assert tables.ready("phrases", "words", "concepts") == lexicon.make_phrases(), ANEW
    assert tables.ready("form", "words", "concepts") == lexicon.make_form(), ANEW
    assert tables.ready("usual", "outline", "words", "concepts") == make_usual(source, lexicon), ANEW


def test_words__that_patterns_need_are_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / ".ci"))
    made = import_module("compile_tables").make_needed(Knowledge())
    assert tables.ready("needed", "actions") == made, ANEW
