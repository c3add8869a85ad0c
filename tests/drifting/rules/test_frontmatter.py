"""Fields: what each kind of them is told as."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import Told, told

FIELDS = (
    "name: helper\ndescription: Helps. Use for questions.\nversion: 1.0\nmodel: opus\ncolor: red\ntools: Read, Grep\n"
)


def _written(fields: str) -> str:
    return f"---\n{fields}---\n\n# Helper\n\nHelp with the code.\n"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("tools: Read, Grep", "tools: Read, Grep, Bash", [("permission-widened", "breaking")]),
        ("tools: Read, Grep", "tools: Read", [("permission-narrowed", "warning")]),
        ("model: opus", "model: haiku", [("model-changed", "warning")]),
        ("name: helper", "name: guide", [("identity-changed", "warning")]),
        ("name: helper", "name: Helper", [("identity-changed", "info")]),
        ("color: red", "color: red\ntitle: The helper", [("identity-changed", "info")]),
        ("color: red", "color: red\nargument-hint: '[file]'", [("field-changed", "info")]),
        ("Helps. Use for", "Helps: Use for", [("field-changed", "info")]),
        ("Use for questions", "Use for releases", [("trigger-changed", "warning")]),
        ("version: 1.0", "version: 1.1", [("version-changed", "info")]),
        ("color: red", "color: blue", [("field-changed", "info")]),
        ("tools: Read, Grep", "tools: [Grep, Read]", []),
        ("description: Helps. Use for questions.", "description: >-\n  Helps. Use for\n  questions.", []),
    ],
)
def test_field__is_told_as_its_kind(old: str, new: str, found: Told) -> None:
    assert told(_written(FIELDS), _written(FIELDS.replace(old, new))) == found
