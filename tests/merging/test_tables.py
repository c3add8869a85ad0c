"""A table is merged by its columns, rows and cells."""

from __future__ import annotations

import pytest

from agentmerge.merging.lists import merge_table

TABLE = """| Field | Meaning | Default |
|---|---|---|
| `name` | what it is called | none |
| `color` | how it is shown in the list | blue |
| `model` | which model runs it | opus |"""


def replaced(*pairs: str) -> str:
    text = TABLE
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    return text


def with_column(text: str = TABLE) -> str:
    cells = [" Since |", "---|", " 1.0 |", " 1.1 |", " 1.2 |"]
    return "\n".join(row + cell for row, cell in zip(text.split("\n"), cells, strict=True))


def without_default(text: str) -> str:
    rows = (row.split("|") for row in text.split("\n"))
    return "\n".join("|".join([*row[:3], *row[4:]]) for row in rows)


ROW = "\n| `tools` | what it may call | all |"
LAST = ("| opus |", f"| opus |{ROW}")
FIRST = ("| none |", f"| none |{ROW}")
SAID = ("in the list", "in a list")
NAMED = ("| `color` | how", "| `colour` | how")
BELOW = ("| blue |", f"| blue |{ROW}")
WIDE = TABLE.replace("|---|---|---|", "|-------|---------|---------|").replace("| none |", "| none    |")
MERGED = {
    "column, cell": (with_column(), replaced(*SAID), with_column(replaced(*SAID))),
    "column in, column out": (with_column(), without_default(TABLE), without_default(with_column())),
    "column out, cell": (without_default(TABLE), replaced(*SAID), without_default(replaced(*SAID))),
    "row, cell": (replaced(*LAST), replaced(*SAID), replaced(*SAID, *LAST)),
    "row reworded, row beside it": (replaced(*NAMED), replaced(*BELOW), replaced(*NAMED, *BELOW)),
    "row twice, cell": (replaced(*LAST, *FIRST), replaced(*SAID), replaced(*SAID, *LAST, *FIRST)),
    "widths, cell": (WIDE, replaced(*SAID), WIDE.replace(*SAID)),
    "column, row": (with_column(), replaced(*LAST), None),
    "column out, cell in it": (without_default(TABLE), replaced("| blue |", "| red |"), None),
    "one cell twice": (replaced("blue", "red"), replaced("blue", "green"), None),
}


@pytest.mark.parametrize("name", MERGED)
def test_table__comes_to(name: str) -> None:
    ours, theirs, wanted = MERGED[name]
    for one, two in ((ours, theirs), (theirs, ours)):
        merged = merge_table(*(text.split("\n") for text in (TABLE, one, two)))
        assert (None if merged is None else "\n".join(merged)) == wanted
