"""Which configuration counts: the nearest up to the root of the repository, for a pair that of the common folder."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentmerge.cli import application

OLD = "---\nname: a\ndescription: b\n---\n# A\n\n- Never delete the log\n- Feed the cat\n"
NEW = "---\nname: a\ndescription: b\n---\n# A\n\n- Feed the cat\n"
INFO = "drift: {severity: {guardrail-removed: info}}\n"
LOOSE = "drift: {severity: {guardrail-removed: warning}}\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(application(arguments[0]), list(arguments))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders of definitions in a repository, below a folder with a configuration that is nobody's here."""
    (tmp_path / ".agentmerge.yaml").write_text("nonsense: true\n", "utf-8")
    top = tmp_path / "repository"
    for name in ("one", "two"):
        (top / name).mkdir(parents=True)
        (top / name / "old.md").write_text(OLD, "utf-8")
        (top / name / "new.md").write_text(NEW, "utf-8")
    (top / ".git").mkdir()
    monkeypatch.chdir(top)
    return top


def verdict(*arguments: str) -> tuple[int, str]:
    done = run("drift", *arguments, "--fail-on", "breaking")
    assert done.exit_code in (0, 1), done.output
    return done.exit_code, next((line for line in done.stderr.splitlines() if " with " in line), "")


def test_search__ends_at_the_root_of_the_repository(repository: Path) -> None:
    assert verdict("one/old.md", "one/new.md") == (1, "")
    (repository / ".agentmerge.yaml").write_text(INFO, "utf-8")
    assert verdict("one/old.md", "one/new.md") == (0, "agentmerge: with .agentmerge.yaml")


def test_search__outside_of_a_repository_is_of_one_folder(repository: Path) -> None:
    (repository / ".git").rmdir()
    (repository / ".agentmerge.yaml").write_text(INFO, "utf-8")
    assert verdict("one/old.md", "one/new.md") == (1, "")
    assert verdict("one/old.md", "two/new.md")[0] == 0


def test_pair__is_judged_by_its_common_folder_in_either_order(repository: Path) -> None:
    (repository / "one" / ".agentmerge.yaml").write_text(INFO, "utf-8")
    assert verdict("one/old.md", "one/new.md")[0] == 0
    assert verdict("one/old.md", "two/new.md")[0] == verdict("two/old.md", "one/new.md")[0] == 1
    assert "by whose tables one/old.md is read" in run("drift", "one/old.md", "two/new.md").stderr
    (repository / ".agentmerge.yaml").write_text(LOOSE, "utf-8")
    for pair in (("one/old.md", "two/new.md"), ("two/old.md", "one/new.md")):
        assert "with .agentmerge.yaml" in run("drift", *pair).stderr


def test_swapped_files__have_one_configuration(repository: Path) -> None:
    (repository / "two" / ".agentmerge.yaml").write_text("drift: {severity: {guardrail-added: breaking}}\n", "utf-8")
    pairs = ("one/old.md", "two/new.md"), ("two/new.md", "one/old.md")
    added = [
        [one["severity"] for one in json.loads(run("drift", *pair, "--format", "json").stdout)["pairs"][0]["findings"]]
        for pair in pairs
    ]
    assert "breaking" not in added[1]


def test_folder__has_its_own(repository: Path) -> None:
    (repository / "one" / ".agentmerge.yaml").write_text(INFO, "utf-8")
    assert "with one/.agentmerge.yaml" in run("drift", "one").stderr
    assert "with" not in run("drift", "two").stderr


def test_each_file__is_read_by_the_tables_nearest_to_it(repository: Path) -> None:
    hosts = "tables: {dialects: {acme: {paths: ['one/*.md'], fields: [name, description]}}}\n"
    (repository / "one" / ".agentmerge.yaml").write_text(hosts, "utf-8")
    found = run("config", "show", "one/old.md").stdout
    assert "acme" in found
    assert run("config", "show", "two/old.md").stdout == ""
    assert json.loads(run("show", "one/old.md", "--format", "json").stdout)["dialect"] == "acme"
    assert json.loads(run("show", "two/old.md", "--format", "json").stdout)["dialect"] != "acme"
    assert "with one/.agentmerge.yaml" in run("align", "one/old.md", "two/old.md").stderr


def test_combine__is_the_same_wherever_it_goes(repository: Path, tmp_path: Path) -> None:
    (repository / ".agentmerge.yaml").write_text("policy: {frontmatter/model: 'set:opus'}\n", "utf-8")
    texts = []
    for place in ("one/out.md", str(tmp_path / "out.md")):
        assert run("combine", "one/old.md", "two/new.md", "-o", place).exit_code == 0
        texts.append(Path(place).read_text("utf-8"))
    assert texts[0] == texts[1]
    assert "model: opus" in texts[0]


def test_a_file_of_its_own__comes_before_pyproject(repository: Path) -> None:
    project = repository / "pyproject.toml"
    project.write_text('[project]\nname = "x"\n', "utf-8")
    assert verdict("one/old.md", "one/new.md") == (1, "")
    project.write_text('[tool.agentmerge.drift.severity]\nguardrail-removed = "info"\n', "utf-8")
    assert verdict("one/old.md", "one/new.md") == (0, "agentmerge: with pyproject.toml")
    (repository / ".agentmerge.yaml").write_text("strategy: union\n", "utf-8")
    assert verdict("one/old.md", "one/new.md") == (1, "agentmerge: with .agentmerge.yaml")
    (repository / ".agentmerge.yaml").unlink()
    project.write_text('[tool.agentmerge]\nstrategy = "union"\n\n[tool.agentmerge.drift]\nqorum = 2\n', "utf-8")
    done = run("show", "one/old.md")
    assert done.exit_code == 2
    assert "pyproject.toml:5: drift/qorum: there is no key 'qorum'; did you mean 'quorum'?" in done.stderr


def test_flag_environment_and_revision(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / ".agentmerge.yaml").write_text(INFO, "utf-8")
    (repository / "strict.yaml").write_text("{}\n", "utf-8")
    assert verdict("one/old.md", "one/new.md", "--config", "strict.yaml") == (1, "agentmerge: with strict.yaml")
    monkeypatch.setenv("AGENTMERGE_CONFIG", "strict.yaml")
    assert verdict("one/old.md", "one/new.md") == (1, "agentmerge: with strict.yaml")
    assert verdict("one/old.md", "one/new.md", "--config", ".agentmerge.yaml")[0] == 0
    assert verdict("one/old.md", "one/new.md", "--no-config") == (1, "")
    monkeypatch.delenv("AGENTMERGE_CONFIG")
    (repository / ".git").rmdir()
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], check=True)
    (repository / ".agentmerge.yaml").unlink()
    assert verdict("one/old.md", "one/new.md", "--config", "HEAD:.agentmerge.yaml")[0] == 0


def test_extends__lays_one_over_another(repository: Path) -> None:
    base = (
        "tables: {modality: {strong: {forbid: [verboten!]}}}\nquorum: 3\ndrift: {severity: {guardrail-removed: info}}\n"
    )
    (repository / "base.yaml").write_text(base, "utf-8")
    own = "extends: ../base.yaml\ntables: {modality: {strong: {forbid: {remove: [never]}}}}\nquorum: 2\n"
    (repository / "one" / ".agentmerge.yaml").write_text(own, "utf-8")
    assert verdict("one/old.md", "one/new.md")[0] == 0
    shown = run("config", "show", "one", "--origin").stdout.splitlines()
    assert "quorum: 2  # one/.agentmerge.yaml:3" in shown
    assert "drift/severity/guardrail-removed: info  # base.yaml:3" in shown
    (listed,) = [line for line in shown if line.startswith("tables/modality")]
    assert "verboten!" in listed
    assert "never" in listed
    for text, told in (
        ("extends: ../../.agentmerge.yaml\n", "which is outside"),
        ("extends: /etc/agentmerge.yaml\n", "name a file of the same repository"),
        ("extends: ~/agentmerge.yaml\n", "name a file of the same repository"),
        ("extends: .agentmerge.yaml\n", "extends itself"),
        ("extends: none.yaml\n", "none.yaml"),
        ("extends: [5]\n", "write a text"),
    ):
        (repository / "one" / ".agentmerge.yaml").write_text(text, "utf-8")
        done = run("show", "one/old.md")
        assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert told in done.stderr
    (repository / "base.yaml").write_text("quorum: 1\nquorm: 2\n", "utf-8")
    (repository / "one" / ".agentmerge.yaml").write_text("extends: ../base.yaml\n", "utf-8")
    assert "base.yaml:2: quorm" in run("show", "one/old.md").stderr


def test_overrides__are_for_some_files(repository: Path) -> None:
    text = "overrides:\n  - paths: ['one/*']\n    drift: {severity: {guardrail-removed: info}}\n"
    (repository / ".agentmerge.yaml").write_text(text, "utf-8")
    assert verdict("one/old.md", "one/new.md")[0] == 0
    assert verdict("two/old.md", "two/new.md")[0] == 1
    assert verdict("one/old.md", "two/new.md")[0] == verdict("two/old.md", "one/new.md")[0] == 1
    (repository / ".agentmerge.yaml").write_text("overrides:\n  - drift: {quorum: 2}\n", "utf-8")
    assert "row 1 has no paths" in run("show", "one/old.md").stderr
    (repository / ".agentmerge.yaml").write_text("overrides:\n  - {paths: [a], drift: {qorum: 2}}\n", "utf-8")
    assert "did you mean 'quorum'?" in run("show", "one/old.md").stderr


def test_config_check__tells_mistakes_slips_and_what_is_loosened(repository: Path) -> None:
    file = repository / ".agentmerge.yaml"
    file.write_text("quorum: 2\n", "utf-8")
    assert (run("config", "check").exit_code, run("config", "check", str(file)).exit_code) == (0, 0)
    file.write_text("quorm: 2\nstrategy: unoin\n", "utf-8")
    done = run("config", "check")
    assert done.exit_code == 2
    assert ".agentmerge.yaml:1: error: quorm" in done.stderr
    assert ".agentmerge.yaml:2: error: strategy" in done.stderr
    file.write_text("tables: {modality: {strong: {forbid: [nevr]}}}\n", "utf-8")
    assert run("config", "check").exit_code == 1
    file.write_text("tables: {modality: {strong: {forbid: {remove: [never]}}}}\n", "utf-8")
    done = run("config", "check")
    assert done.exit_code == 0
    assert "loosens what is told: tables/modality/strong/forbid no longer holds 'never'" in done.stderr
    shown = run("show", "one/old.md").stderr
    assert shown.count("loosens") == 1


def test_schema__is_printed() -> None:
    assert "config" in run("schema").stdout.split()
    assert json.loads(run("schema", "config").stdout)["$id"] == "agentmerge/config/1"
    assert json.loads(run("schema", "drift").stdout)["$id"] == "agentmerge/drift/1"
    assert "did you mean 'drift'?" in run("schema", "drfit").stderr


def test_rows_that_nothing_can_work_with__are_no_bug_report(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A net below the shape: what it lets through, and breaks a command, is told as what it is."""
    monkeypatch.setattr("agentmerge.knowledge.shapes.problems", lambda *_: iter(()))
    (repository / ".agentmerge.yaml").write_text("tables: {frequent: {shares: 'a:b'}}\n", "utf-8")
    for command in (["align", "one/old.md", "two/new.md"], ["config", "check"]):
        done = run(*command)
        assert done.exit_code == 2
        assert ".agentmerge.yaml: tables/frequent: its rows can't be worked with" in done.stderr
