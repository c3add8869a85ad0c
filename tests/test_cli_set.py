"""`agentmerge set`: shows what would change, writes when asked to, all files or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentmerge.cli import application

TEXT = "---\nname: a{n}\ndescription: Does it.\ntools: Read\nmodel: opus # costly\n---\n# A\n\n- Be brief\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(application("set"), ["set", *arguments])


@pytest.fixture
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    names = [f"a{number}.md" for number in range(200)]
    for number, name in enumerate(names):
        Path(name).write_text(TEXT.replace("{n}", str(number)), "utf-8")
    return names


def test_200_files__are_shown_and_then_written(agents: list[str]) -> None:
    shown = run("model=haiku", *agents)
    assert shown.exit_code == 1
    assert shown.stdout.count("+model: haiku # costly") + shown.stdout.count("+model: haiku  # costly") == 200
    assert "200 would change, 0 as they were; --write writes them" in shown.stderr
    assert "opus" in Path(agents[0]).read_text("utf-8")
    written = run("model=haiku", *agents, "--write")
    assert (written.exit_code, written.stdout) == (0, "")
    for number, name in enumerate(agents):
        lines = Path(name).read_text("utf-8").splitlines()
        before = TEXT.replace("{n}", str(number)).splitlines()
        assert [one for one in lines if one not in before] == ["model: haiku  # costly"]
        assert len(lines) == len(before)
    assert run("model=haiku", *agents).exit_code == 0


def test_one_that_fails__and_none_is_written(agents: list[str]) -> None:
    Path(agents[1]).write_text("---\nname: a: b\n---\n# A\n", "utf-8")
    done = run("model=haiku", *agents[:3], "--write")
    assert done.exit_code == 2
    assert "a1.md" in done.stderr
    assert "opus" in Path(agents[0]).read_text("utf-8")


def test_wider_rights__are_told(agents: list[str]) -> None:
    done = run("tools=[Read, Bash]", agents[0])
    assert "+tools: [Read, Bash]" in done.stdout
    assert "warning[permission-widened]" in done.stderr
    assert "permission-widened" in run("permissionMode=bypassPermissions", agents[0]).stderr
    assert "permission-widened" not in run("tools=[]", agents[0]).stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("model", "a0.md"), "write FIELD=VALUE"),
        (("model=", "a0.md"), "write FIELD=VALUE"),
        (("model=x", "none.md"), "none.md"),
        (("model=x", "-", "--write"), "leave out --write"),
    ],
)
def test_what_can_not_be_set__is_told(agents: list[str], arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments)
    assert agents
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert message in done.stderr


@pytest.mark.parametrize(
    ("assignment", "told"),
    [
        ("tools=[Read", "'[Read' for 'tools' is not valid YAML; close the list or quotation"),
        ("tools={Read: 1", "'{Read: 1' for 'tools' is not valid YAML"),
        ('description="Does', "is not valid YAML"),
        ("x: [=3", "'x: [' is no name of a field"),
        ("#x=3", "'#x' is no name of a field"),
    ],
)
def test_what_is_begun_and_not_ended__is_refused(agents: list[str], assignment: str, told: str) -> None:
    done = run(assignment, *agents[:2])
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_text_in_brackets__is_a_text(agents: list[str]) -> None:
    assert '+argument-hint: "[file] [mode]"' in run("argument-hint=[file] [mode]", agents[0]).stdout


def test_fault_in_a_later_file__nothing_is_shown(agents: list[str]) -> None:
    Path(agents[2]).write_text("---\nname: a: b\n---\n# A\n", "utf-8")
    done = run("model=haiku", *agents[:3])
    assert (done.exit_code, done.stdout) == (2, "")


@pytest.mark.parametrize("value", ["#fff", "&a", "|", ">", ">= 3"])
def test_what_yaml_reads_as_nothing__is_a_text(agents: list[str], value: str) -> None:
    done = run(f"tools={value}", agents[0])
    assert f'+tools: "{value}"' in done.stdout or f"+tools: '{value}'" in done.stdout
    assert "every tool (no list)" not in done.stderr
