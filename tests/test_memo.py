from __future__ import annotations

from agentmerge import parse
from agentmerge.model import Definition, per_definition


def test_a_definition_is_read_once_under_each_set_of_tables() -> None:
    asked: list[str] = []

    @per_definition
    def first_line(definition: Definition, prefix: str) -> str:
        asked.append(definition.text)
        return prefix + definition.text.partition("\n")[0]

    one, other = parse("# A\n"), parse("# B\n")
    assert [first_line(one, ""), first_line(other, ""), first_line(one, ""), first_line(one, "> ")] == [
        "# A",
        "# B",
        "# A",
        "> # A",
    ]
    assert asked == ["# A\n", "# B\n", "# A\n"]


def test_definitions_of_equal_text_are_not_taken_for_each_other() -> None:
    @per_definition
    def named(definition: Definition) -> str | None:
        return definition.filename

    assert named(parse("# A\n", filename="a.md")) == "a.md"
    assert named(parse("# A\n", filename="b.md")) == "b.md"
