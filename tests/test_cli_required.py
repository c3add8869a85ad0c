"""`require` of a configuration: missing, weakened, contradicted, only mentioned; imports count, exceptions hold."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.lineage import role
from tests.test_cli_drift import _run

PUSH, TESTS = "Never push to the main branch.", "Always run the tests before a commit."
CONFIG = """require:
  - text: Never push to the main branch
    agents: agents/*.md
    except: agents/free.md
    strength: must
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    # A configuration is looked for up to the root of the repository.
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True)
    _write(tmp_path, ".agentmerge.yaml", CONFIG)
    for name in ("one", "two"):
        _write(tmp_path, f"agents/{name}.md", role(TESTS, PUSH))
    return tmp_path


def _write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8", newline="\n")


def _told(folder: Path, *arguments: str) -> dict[str, tuple[str, str]]:
    """Rule and severity by file."""
    done = _run("drift", "--format", "json", *(arguments or ("agents",)), cwd=folder)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    rows = [one for one in data.get("findings", ()) if one["rule"].startswith("requirement-")]
    return {data["files"][one["file"]]: (one["rule"], one["severity"]) for one in rows}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (PUSH, None),
        ("You must never push directly to the main branch.", None),
        ("You should not push to the main branch.", ("requirement-weakened", "warning")),
        ("You may push to the main branch.", ("requirement-contradicted", "breaking")),
        ("Be kind.", ("requirement-missing", "breaking")),
    ],
)
def test_what_is_required(folder: Path, rule: str, told: tuple[str, str] | None) -> None:
    _write(folder, "agents/two.md", role(TESTS, rule))
    assert _told(folder) == ({} if told is None else {"agents/two.md": told})


def test_exceptions_and_other_files(folder: Path) -> None:
    _write(folder, "agents/free.md", role(TESTS))
    _write(folder, "docs/other.md", role(TESTS))
    assert not _told(folder, "agents", "docs")


def test_only_mentioned(folder: Path) -> None:
    _write(folder, "agents/two.md", role(TESTS, below=f"\n## Bad examples\n\n- {PUSH}\n"))
    assert _told(folder) == {"agents/two.md": ("requirement-mentioned", "warning")}


def test_import_counts(folder: Path) -> None:
    _write(folder, "shared/rules.md", role(PUSH))
    _write(folder, "agents/two.md", role(TESTS, below="\n@../shared/rules.md\n"))
    assert not _told(folder)


def test_a_file_of_rules(folder: Path) -> None:
    _write(folder, "house.md", f"# House\n\n- {PUSH}\n- {TESTS}\n- We are kind.\n")
    _write(folder, ".agentmerge.yaml", "require:\n  - file: house.md\n")
    _write(folder, "agents/two.md", role(PUSH))
    assert _told(folder) == {"agents/two.md": ("requirement-missing", "breaking")}


def test_gate_and_change_set(folder: Path) -> None:
    git = ("git", "-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    for arguments in (("add", "-A"), ("commit", "-qm", "one")):
        subprocess.run([*git, *arguments], cwd=folder, check=True)
    _write(folder, "agents/two.md", role(TESTS))
    _write(folder, ".agentmerge.yaml", "drift: {}\n")
    subprocess.run([*git, "commit", "-qam", "two"], cwd=folder, check=True)
    done = _run("drift", "HEAD~1..HEAD", "--fail-on", "breaking", cwd=folder)
    assert done.returncode == 1
    assert "requirement-missing" in done.stdout
    assert "no longer required as before: Never push to the main branch" in done.stdout


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ("require:\n  - agents: a.md\n", "neither or both of text and file"),
        ("require:\n  - text: Never push\n    strength: loud\n", "loud"),
        ("require:\n  - text: Never push\n    agent: a.md\n", "agent"),
        ("require:\n  - file: nowhere.md\n", "nowhere.md"),
    ],
)
def test_bad_row__is_told(folder: Path, config: str, why: str) -> None:
    _write(folder, ".agentmerge.yaml", config)
    done = _run("drift", "agents", cwd=folder)
    assert done.returncode == 2
    assert why in done.stderr
