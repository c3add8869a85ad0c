"""The same members on one line and as bullets: a list of one author loses none of its members to a line of another."""

from __future__ import annotations

from itertools import permutations

import pytest

from agentmerge import combine, parse
from agentmerge.reading import relations
from tests.shipped import SHIPPED

FORMS = {
    "line": "Allowed: json, csv and toml\n",
    "bold line": "**Allowed**: json, csv, `toml`\n",
    "item": "- **Allowed**: json, csv, toml\n",
    "list under a label": "Allowed:\n- json\n- csv\n- toml\n",
    "list under an item": "- **Allowed:**\n  - json\n  - csv\n  - toml\n",
    "full width": "Allowed： json、csv、toml\n",
}


@pytest.mark.parametrize("pair", list(permutations(FORMS, 2)), ids=" and ".join)
def test_no_list_is_torn(pair: tuple[str, ...]) -> None:
    files = [parse(f"# R\n\n## Formats\n\n{FORMS[name]}") for name in pair]
    found = relations.enumerations(parse(combine(files).text), SHIPPED)
    assert found
    if set(pair) == {"list under a label", "list under an item"}:
        # Two lists of bullets are joined member by member.
        assert {member.text.strip("`") for each in found for member in each.members} == {"json", "csv", "toml"}
        return
    for each in found:
        assert {member.text.strip("`") for member in each.members} >= {"json", "csv", "toml"}
