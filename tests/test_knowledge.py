"""Knowledge is one object that owns what is made of its tables, and nothing of it stays behind elsewhere."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from dataclasses import FrozenInstanceError
from threading import Thread
from typing import Any

import pytest

from agentmerge import parse
from agentmerge.knowledge.tables import Knowledge
from tests.shipped import SHIPPED

ROWS: dict[str, Any] = {"diagnostics": {"tools-absent": {"severity": "warning"}}, "modes": {"documents": ["rst"]}}
TEXT = "---\nname: a\ndescription: b\n---\n# A\n\n- Test it\n"


def test_rows_are_laid_over_the_shipped_tables() -> None:
    own = Knowledge(ROWS)
    assert own.diagnostics["tools-absent"].severity == "warning"
    assert own.diagnostics["tools-absent"].message == SHIPPED.diagnostics["tools-absent"].message
    assert own.document_languages == SHIPPED.document_languages | {"rst"}
    assert SHIPPED.diagnostics["tools-absent"].severity == "info"


def test_shipped_knowledge_is_one_object() -> None:
    assert Knowledge.shipped() is Knowledge.shipped() is Knowledge.of({})
    assert pickle.loads(pickle.dumps(SHIPPED)) is SHIPPED


def test_what_is_made_is_made_once_and_belongs_to_its_tables() -> None:
    made: list[Knowledge] = []

    def index(knowledge: Knowledge) -> list[str]:
        made.append(knowledge)
        return sorted(knowledge.raw("modes")["documents"])

    own = Knowledge(ROWS)
    assert own.derived(index) is own.derived(index)
    assert "rst" in own.derived(index)
    assert "rst" not in SHIPPED.derived(index)
    assert made == [own, SHIPPED]
    del SHIPPED._made[index]


def test_knowledge_is_pickled_as_its_rows() -> None:
    own = Knowledge(ROWS)
    size = len(pickle.dumps(own))
    parse(TEXT, knowledge=own)
    assert len(pickle.dumps(own)) == size < 500
    for other in (pickle.loads(pickle.dumps(own)), copy.deepcopy(own)):
        assert other != own
        assert other.rows == own.rows
        assert other.diagnostics["tools-absent"].severity == "warning"


def test_knowledge_is_dropped_with_all_that_was_made_of_it() -> None:
    own = Knowledge(ROWS)
    definition = parse(TEXT, knowledge=own)
    assert [note.severity for note in definition.diagnostics] == ["warning"]
    gone = weakref.ref(own)
    del own, definition
    gc.collect()
    assert gone() is None


def test_nobody_changes_it() -> None:
    rows: dict[str, Any] = {"modes": {"documents": ["rst"]}}
    own = Knowledge(rows)
    rows["modes"]["documents"].append("adoc")
    assert "adoc" not in own.document_languages
    with pytest.raises(FrozenInstanceError):
        own.rows = {}  # type: ignore[misc]


def test_a_thread_knows_what_its_caller_hands_over() -> None:
    found: list[str] = []
    own = Knowledge(ROWS)
    thread = Thread(target=lambda: found.extend(n.severity for n in parse(TEXT, knowledge=own).diagnostics))
    thread.start()
    thread.join()
    assert found == ["warning"]
