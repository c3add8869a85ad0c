"""`agentmerge apply-change`: a change of one definition, taken by structure to others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentmerge import parse
from agentmerge.cli import application
from agentmerge.updating.carrying import Carried, Fate, carry
from tests.corpus import corpus_files
from tests.shipped import SHIPPED

OLD = """---
name: reviewer
description: Reviews changes
tools: Read, Grep
model: sonnet
---
# Reviewer

## Rules

- Be brief in every comment.
- Name the file and the line.
- Ask twice.

## Answer

- A list of findings
"""
NEW = OLD.replace("Be brief", "Be kind and brief").replace("line.\n", "line.\n- Never approve without tests.\n")
NEW = NEW.replace("- Ask twice.\n", "").replace("Read, Grep", "Read, Grep, Glob").replace("sonnet", "opus")
OTHER = OLD.replace("Reviews changes", "Tests them").replace("name: reviewer", "name: tester").replace("- ", "* ")
OTHER = OTHER.replace("* Name the file and the line.\n", "* Write small tests.\n").replace("Read, Grep", "Read, Bash")


def carried(target: str, old: str = OLD, new: str = NEW) -> Carried:
    return next(carry(parse(old), parse(new), [parse(target)], SHIPPED))


def fates(one: Carried) -> dict[str, str]:
    return {f"{step.kind} {step.text}": str(step.fate) for step in one.steps}


def test_change__is_taken_in_the_form_of_the_other() -> None:
    found = carried(OTHER)
    assert found.is_whole, found.steps
    expected = OTHER.replace("Be brief", "Be kind and brief").replace("* Ask twice.\n", "")
    expected = expected.replace("comment.\n", "comment.\n* Never approve without tests.\n")
    assert found.after.text == expected.replace("Read, Bash", "Read, Bash, Glob").replace("sonnet", "opus")


def test_taken_twice__changes_nothing_the_second_time() -> None:
    once = carried(OTHER).after
    again = next(carry(parse(OLD), parse(NEW), [once], SHIPPED))
    assert again.after.text == once.text
    assert {step.fate for step in again.steps} == {Fate.THERE}


def test_whole_change_on_the_old_version__gives_the_new_one() -> None:
    assert carried(OLD).after.text == NEW


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (OTHER.replace("model: sonnet", "model: haiku"), "it has 'haiku' there"),
        (OTHER.replace("model: sonnet\n", ""), "it has no 'model'"),
        (OTHER.replace("Be brief in every comment.", "Keep every comment short."), "says it in other words"),
        (
            OTHER.replace("## Rules", "## Habits").replace("* Be brief in every comment.\n", ""),
            "it has no section 'Rules'",
        ),
        (f"{OTHER}\n## Rules\n\n* Be brief in every comment.\n", "2 times"),
    ],
)
def test_what_has_no_sure_place__is_left(target: str, why: str) -> None:
    found = carried(target)
    assert not found.is_whole
    assert any(why in step.why for step in found.steps), found.steps
    # The rest of the change is taken all the same.
    assert any(step.fate is Fate.TAKEN for step in found.steps)


def test_new_section__comes_behind_the_one_that_it_stands_behind() -> None:
    new = OLD.replace("## Answer", "## Limits\n\n- Never push.\n\n## Answer")
    found = carried(OTHER, new=new)
    assert found.is_whole, found.steps
    assert found.after.text == OTHER.replace("## Answer", "## Limits\n\n- Never push.\n\n## Answer")


def test_change_of_form__is_no_change_for_others() -> None:
    assert carried(OTHER, new=OLD.replace("- ", "+ ").replace("Read, Grep", "[Read, Grep]")).steps == ()


def test_files__are_shown_and_then_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("old.md", OLD), ("new.md", NEW), ("other.md", OTHER), ("far.md", "# Far\n\nWords.\n")):
        Path(name).write_text(text, "utf-8")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(application("apply-change"), ["apply-change", *arguments])

    shown = run("old.md", "new.md", "--", "other.md", "far.md", "new.md")
    assert shown.exit_code == 1
    assert "+* Never approve without tests." in shown.stdout
    assert "1 would change, 1 as they were, 1 with something left to you; --write writes them" in shown.stderr
    assert Path("other.md").read_text("utf-8") == OTHER
    assert run("old.md", "new.md", "other.md", "far.md", "--write", "--strict").exit_code == 1
    assert Path("other.md").read_text("utf-8") == OTHER
    assert run("old.md", "new.md", "other.md", "--write").exit_code == 0
    assert "Never approve" in Path("other.md").read_text("utf-8")
    data = json.loads(run("old.md", "new.md", "other.md", "--format", "json").stdout)
    assert [(one["changed"], {step["fate"] for step in one["steps"]}) for one in data["files"]] == [(False, {"there"})]
    failed = run("old.md", "nothing.md", "other.md")
    assert (failed.exit_code, failed.stdout) == (2, "")


def test_real_files__keep_all_that_the_change_does_not_name() -> None:
    for path in corpus_files()[::40]:
        text = path.read_bytes().decode("utf-8", "replace")
        try:
            found = carried(text)
        except Exception as error:
            raise AssertionError(path) from error
        if all(step.fate is not Fate.TAKEN for step in found.steps):
            assert found.after.text == text
