"""The file of accepted findings: sorted, merged by git line by line, and clear about what it can't read."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from agentmerge.drifting.acceptance import Baseline, read_baseline
from agentmerge.errors import PolicyError


def rows(*names: str) -> dict[tuple[str, str, str], dict[str, str]]:
    made = [
        {"fingerprint": f"{number:012x}", "rule": "tokens", "message": "m", "a": name, "b": name}
        for number, name in enumerate(names)
    ]
    return {(row["fingerprint"], row["a"], row["b"]): row for row in made}


def test_rows_are_sorted_whatever_their_order_was_and_stand_on_a_line_each() -> None:
    text = Baseline(rows("c.md", "a.md", "b.md"), {"z": "1", "y": "2"}, {"z": "3"}).text()
    assert [row["a"] for row in json.loads(text)["accepted"]] == ["a.md", "b.md", "c.md"]
    assert sum('"fingerprint"' in line for line in text.splitlines()) == 3
    assert read_baseline(text, "x").text() == text


def test_two_branches_that_add_rows_merge_with_git_s_union(tmp_path: Path) -> None:
    known = rows("b.md", "d.md", "a.md", "f.md")
    keys = list(known)
    sides = {"base": keys[:2], "ours": keys[:3], "theirs": [*keys[:2], keys[3]]}
    for name, own in sides.items():
        (tmp_path / name).write_text(Baseline({key: known[key] for key in own}, {"p": "1"}).text(), "utf-8")
    done = subprocess.run(
        ["git", "merge-file", "-p", "--union", "ours", "base", "theirs"], cwd=tmp_path, capture_output=True, text=True
    )
    assert set(read_baseline(done.stdout, "x").accepted) == set(keys)


def test_markers_of_a_conflict_are_named_with_their_line() -> None:
    text = Baseline(rows("a.md")).text().replace('  "accepted"', '<<<<<<< ours\n  "accepted"')
    with pytest.raises(PolicyError, match="x:3: holds conflict markers"):
        read_baseline(text, "x")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "other/1", "accepted": []}', '{"schema"'])
def test_what_is_none_is_refused_and_nobody_is_told_to_delete_it(text: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_baseline(text, "x")
    assert "delete" not in str(caught.value)
