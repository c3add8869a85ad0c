"""`combine --explain` is one page: what needs a decision first, and counts where lists would be long."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOUR = [str(path) for path in sorted((ROOT / "fixtures" / "backend-engineer").glob("*.md"))]
PAIR = [str(ROOT / "fixtures" / "decisions" / name) for name in ("calm.md", "brisk.md")]


def page(*args: str, cwd: Path | None = None) -> list[str]:
    command = [sys.executable, "-m", "agentmerge", "combine", *args, "--explain", "--dry-run"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=cwd)
    assert done.returncode in (0, 1), done.stderr
    return [line for line in done.stderr.splitlines() if not line.startswith("agentmerge: ")]


def test_page__fits_on_one_and_opens_with_what_is_open() -> None:
    lines = page(*FOUR)
    assert len(lines) <= 70
    assert lines[0].startswith("4 variants, 157 units: ")
    titles = [line for line in lines if line and not line.startswith(" ")]
    assert titles[1:3] == ["Needs a decision", "What they agree on"]
    assert any("error.details" in line and "contract-first.md:54" in line for line in lines)
    assert any("may say the same and stand apart" in line for line in lines)
    assert any("4 of 4  " in line for line in lines)


def test_page__names_the_likeliest_pairs_first() -> None:
    lines = page(*PAIR)
    start = next(number for number, line in enumerate(lines) if "may say the same" in line)
    shares = [int(line.split("%")[0]) for line in lines[start + 1 :] if "% " in line][:3]
    assert len(shares) == 3
    assert shares == sorted(shares, reverse=True)


def test_answers__are_no_longer_asked_and_have_their_rule(tmp_path: Path) -> None:
    decisions = str(ROOT / "fixtures" / "decisions" / "decisions.yaml")
    lines = page(*PAIR, "--decisions", decisions)
    assert any(line.endswith("(person)") for line in lines)
    assert any(line.endswith("(agent)") for line in lines)
    assert not any("%  " in line and "Tell support" in line for line in lines)


@pytest.mark.parametrize("count", [30])
def test_long_lists__are_counted(count: int, tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        body = "".join(f"- Rule {number} of the house is kept\n" for number in range(count))
        (tmp_path / name).write_text(f"---\nname: a\ndescription: d\n---\n\n# A\n\n## R\n\n{body}", "utf-8")
    (tmp_path / "b.md").write_text((tmp_path / "b.md").read_text("utf-8") + "- Sleep\n", "utf-8")
    lines = page("a.md", "b.md", cwd=tmp_path)
    assert f"  and {count - 8} more" in lines
