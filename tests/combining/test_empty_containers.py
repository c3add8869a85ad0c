"""Bounds with nothing between them stand in the result as they stood."""

from __future__ import annotations

import pytest

from agentmerge import combine, parse

BOUNDS = (
    "{% if x %}\n{% endif %}",
    "#if ANDROID\n#elif IOS\n#endif",
    "<!-- TOOL:START -->\n<!-- TOOL:END -->",
    "<example>\n</example>",
)


@pytest.mark.parametrize("above", ["# Reviewer\n\n", "# Reviewer\n\n## Rules\n\n- Be brief.\n\n", ""])
@pytest.mark.parametrize("bounds", BOUNDS)
def test_bounds_with_nothing_between__stand_where_they_stood(bounds: str, above: str) -> None:
    text = f"{above}{bounds}\n"
    merged = combine([parse(text, filename="a.md"), parse("# Reviewer\n\n## Tone\n\n- Be kind.\n", filename="b.md")])
    assert bounds in merged.text
    assert [row.fate for row in merged.ledger if row.source.text == bounds] == ["kept"]
    assert bounds in combine([parse(merged.text, filename="c.md")]).text
