"""What a merge tells beside its conflicts."""

from __future__ import annotations

import pytest

from agentmerge import parse
from agentmerge.merging.engine import merge
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


def test_several_reasons__the_first_of_ours_is_told() -> None:
    base = "---\nname: a\n{% if pro %}\nmodel: opus\n{% endif %}\n---\n\n# A\n\nRead it.\n\nEnd.\n"
    notes = ["\n".join(f"[n{number}]: https://{host}.org/{number}" for number in range(9)) for host in ("x", "y")]
    texts = (base, base.replace("Read", f"{notes[0]}\n\nRead"), f"{base}\n{notes[1]}\n")
    one, two, three = map(parse, texts)
    told = {conflict.slot for conflict in merge(one, two, three, SHIPPED).open_conflicts}
    assert told == {"reference '[n0]: https://x.org/0': theirs gives '[n0]' another meaning"}


def test_heading_that_binds_and_was_renamed__has_its_rows() -> None:
    base = "# A\n\n## Never push\n\n- Read the diff.\n\n## Tone\n\n- Be brief.\n"
    ours, theirs = base.replace("Never push", "Pushing"), base.replace("brief", "short")
    merged = merge(parse(base), parse(ours), parse(theirs), SHIPPED)
    assert merged.text == ours.replace("brief", "short")
    assert merged.findings == ()
    assert {(row.source.file, row.source.text) for row in merged.ledger} >= {(0, "Never push"), (2, "Never push")}
