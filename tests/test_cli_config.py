"""Every command that reads definitions reads the configuration, and reads it alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from agentmerge.cli import application
from agentmerge.config import config_problems
from agentmerge.knowledge.tables import Knowledge, names

CONFIG = """
drift: {severity: {guardrail-removed: info}}
tables:
  concepts: {own: {zorblax: quuxling}}
  diagnostics: {tools-absent: {severity: warning}}
  fields: {labels: {shape: set}}
  dialects:
    acme: {paths: [".acme/agents/*.md"], fields: [name, description, globs], forms: {globs: [bare]}}
"""
OLD = "---\nname: a\ndescription: b\n---\n# A\n\n- Never delete the log\n- Feed the zorblax every day\n"
NEW = "---\nname: a\ndescription: b\n---\n# A\n\n- Feed the quuxling every day\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "old.md").write_text(OLD, "utf-8")
    (tmp_path / "new.md").write_text(NEW, "utf-8")
    (tmp_path / ".agentmerge.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(application(), list(arguments))


def told(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--format", "json")
    assert result.exit_code in (0, 1), result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def severity(*flags: str) -> set[str]:
    """What `diff` and `drift` call the loss of a prohibition."""
    diff = {change["severity"] for change in told("diff", "old.md", "new.md", *flags)["changes"] if not change["new"]}
    findings = told("drift", "old.md", "new.md", *flags)["pairs"][0]["findings"]
    return diff | {found["severity"] for found in findings if found["rule"] == "guardrail-removed"}


@pytest.mark.usefixtures("folder")
def test_diff_and_drift_call_one_change_alike() -> None:
    assert severity() == {"info"}
    assert severity("--no-config") == {"breaking"}


@pytest.mark.usefixtures("folder")
def test_align_knows_the_users_terms() -> None:
    def score(*flags: str) -> float:
        groups = told("align", "old.md", "new.md", *flags)["units"]
        return max(float(group["score"]) for group in groups if group["members"][0]["line"] == 8)

    assert score() > score("--no-config")


def test_show_reads_with_the_users_hosts_and_severities(folder: Path) -> None:
    shown = {note["code"]: note["severity"] for note in told("show", "old.md")["diagnostics"]}
    assert shown["tools-absent"] == "warning"
    plain = {note["code"]: note["severity"] for note in told("show", "old.md", "--no-config")["diagnostics"]}
    assert plain["tools-absent"] == "info"
    (folder / ".acme" / "agents").mkdir(parents=True)
    (folder / ".acme" / "agents" / "a.md").write_text(OLD, "utf-8")
    assert told("show", ".acme/agents/a.md")["dialect"] == "acme"


def test_fmt_writes_as_the_users_host_reads(folder: Path) -> None:
    (folder / ".acme" / "agents").mkdir(parents=True)
    text = OLD.replace("name: a\n", 'name: a\nglobs: "*.ts"\n')
    (folder / ".acme" / "agents" / "a.md").write_text(text, "utf-8")
    (folder / "own.yaml").write_text("{}\n", "utf-8")
    assert "globs: *.ts\n" in run("fmt", ".acme/agents/a.md").stdout
    assert 'globs: "*.ts"\n' in run("fmt", ".acme/agents/a.md", "--config", "own.yaml").stdout


def test_git_drivers_read_it(folder: Path) -> None:
    for name, order in (("old.md", "[b, a]"), ("new.md", "[a, b]")):
        (folder / name).write_text(OLD.replace("name: a\n", f"name: a\nlabels: {order}\n"), "utf-8")

    def driven() -> tuple[bool, bool]:
        """Whether another order of the user's set is no change to `git diff`, by meaning and by lines."""
        arguments = ["git", "diff", "old.md", "old.md", "0", "100644", "new.md", "0", "100644"]
        return "cosmetic" in run(*arguments).stdout, _converted("old.md") == _converted("new.md")

    assert driven() == (True, True)
    (folder / ".agentmerge.yaml").unlink()
    assert driven() == (False, False)


def _converted(name: str) -> str:
    return run("git", "textconv", name).stdout


def test_a_configuration_that_is_wrong_is_told_by_each(folder: Path) -> None:
    (folder / ".agentmerge.yaml").write_text("drift: {severity: {no-such-rule: info}}\n", "utf-8")
    for arguments in (["show", "old.md"], ["diff", "old.md", "new.md"], ["align", "old.md", "new.md"]):
        result = run(*arguments)
        assert result.exit_code == 2, arguments
        assert "no-such-rule" in result.stderr
    # Git would show no difference at all.
    assert _converted("old.md") == OLD


WRONG = [
    ("strategy: union\nwording: longst\n", 2, "wording: there is no 'longst'"),
    ("strategy: union\npolicy:\n  a: union\n  frontmatter/tools: unoin\n", 4, "frontmatter/tools: there is no 'unoin'"),
    ("strategy: union\nwording: first\nstrategy: majority\n", 3, "the key 'strategy' stands twice"),
    ("strateg: union\n", 1, "did you mean 'strategy'?"),
    ("drift:\n  quorum: 2\n  severity: {model-changed: infos}\n", 3, "'infos'"),
    ("tables:\n  modality:\n    strong:\n      forbid: on no account\n", 4, "write a list"),
    ("tables:\n  modality:\n    strong:\n      forbid: [5]\n", 4, "write a text"),
    ("tables:\n  modality:\n    stron: {forbid: [on no account]}\n", 3, "did you mean 'strong'?"),
    ("tables:\n  concepts: {x: 5}\n", 2, "tables/concepts/x"),
    ("tables:\n  signs: {meaning: 5}\n", 2, "tables/signs/meaning"),
    ("tables:\n  rights: {tiers: 5}\n", 2, "tables/rights/tiers"),
    ("tables:\n  review:\n    size: {share: x}\n", 3, "write a number"),
    ("tables:\n  rules: {foo: {severity: breaking}}\n", 2, "'foo'"),
    ("tables:\n  rules:\n    model-changed: {severity: brk}\n", 3, "'brk'"),
    ("tables:\n  outline: {constraints: {aliases: house rules}}\n", 2, "tables/outline/constraints/aliases"),
    ("tables:\n  fields: {tools: {shap: set}}\n", 2, "did you mean 'shape'?"),
    ("tables:\n  words: {opposite: {pairs: [a b]}}\n", 2, "has one side"),
    ("tables:\n  dialects: {claude: {tools: 5}}\n", 2, "tables/dialects/claude/tools"),
]


@pytest.mark.parametrize(("text", "line", "message"), WRONG, ids=[row[0][:40] for row in WRONG])
def test_wrong_value__is_told_by_every_command_with_its_line(folder: Path, text: str, line: int, message: str) -> None:
    (folder / ".agentmerge.yaml").write_text(text, "utf-8")
    commands = (["show", "old.md"], ["diff", "old.md", "new.md"], ["combine", "old.md", "new.md", "-o", "out.md"])
    for command in (*commands, ["drift", "old.md", "new.md"], ["rules"]):
        result = run(*command)
        assert result.exit_code == 2
        assert f".agentmerge.yaml:{line}: " in result.stderr
        assert message in result.stderr
        assert len(result.stderr.splitlines()) == 1
    assert not (folder / "out.md").exists()


def test_rows_of_every_table__are_taken_as_they_are_shipped() -> None:
    """What a table says itself is never of a wrong shape."""
    shipped = Knowledge.shipped()
    for name in names():
        assert config_problems({"tables": {name: shipped.raw(name)}}, shipped) == []
