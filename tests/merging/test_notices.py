"""What a merge tells beside its conflicts."""

from __future__ import annotations

import pytest

from agentmerge import parse
from agentmerge.merging import merge
from tests.shipped import SHIPPED

TEXT = "---\nname: a\n{}\n---\n\n# A\n\n- Read the {} diff.\n- Name the file.\n- Be brief and {}.\n"
VERSIONS = [
    ("version: 1.2.0", "version: 1.3.0", "version: 1.3.0", True),
    ("version: 1.2.0", "version: 1.3.0", "version: 1.2.0", False),
    ("version: 1.2.0", "version: 1.2.0", "version: 1.2.0", False),
    ("model: opus", "version: 1.0.0", "version: 1.0.0", True),
    ("metadata:\n  version: 1", "metadata:\n  version: 2", "metadata:\n  version: 2", True),
    ("model: opus", "model: haiku", "model: haiku", False),
]


@pytest.mark.parametrize(("base", "ours", "theirs", "is_told"), VERSIONS)
def test_version_of_two_texts__is_told(base: str, ours: str, theirs: str, is_told: bool) -> None:
    texts = (TEXT.format(base, "x", "y"), TEXT.format(ours, "z", "y"), TEXT.format(theirs, "x", "w"))
    one, two, three = map(parse, texts)
    merged = merge(one, two, three, SHIPPED)
    found = [notice for notice in merged.findings if notice.rule == "version-shared"]
    assert bool(found) == is_told
    assert not merged.open_conflicts
    assert all(notice.severity == "info" for notice in found)
