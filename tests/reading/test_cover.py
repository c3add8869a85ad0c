"""The law that parsing checks itself: each line on which something stands belongs to one field, section or unit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentmerge import parse
from agentmerge.errors import InternalError
from agentmerge.model import Section
from agentmerge.reading import checks, sections

TEXT = "---\nname: a\n---\n# T\n\n- one\n- two\n"


def test_law_holds() -> None:
    assert checks.uncovered(parse(TEXT)) == []


def test_lost_line__is_told() -> None:
    definition = parse(TEXT)
    title = definition.root.sections[0]
    lost = replace(definition.root, body=(replace(title, body=title.body[:1]),))
    assert checks.uncovered(replace(definition, root=lost)) == [(7, 0, "- two\n")]


def test_line_in_two_nodes__is_told() -> None:
    definition = parse(TEXT)
    twice = replace(definition.root, body=(*definition.root.body, *definition.root.body))
    assert [line for line, nodes, _ in checks.uncovered(replace(definition, root=twice)) if nodes == 2] == [4, 6, 7]


def test_parse__raises_where_its_own_law_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> Section:
        return Section("", 0, "root", 1, 1, "", ())

    monkeypatch.setattr(sections, "build", nothing)
    with pytest.raises(InternalError, match="belongs to no field, section or unit") as caught:
        parse(TEXT, filename="a.md")
    assert (caught.value.file, caught.value.line) == ("a.md", 4)
