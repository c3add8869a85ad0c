"""`agentmerge survey` as a user runs it: inputs, exit codes, cache, baseline, commands that it prints."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.test_schemas import schema, validate

ROOT = Path(__file__).parents[1]


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "fixtures" / "survey", tmp_path / "house"))


def run(*arguments: str, cwd: Path, program: str = "survey") -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cwd.parent / "cache")}
    return subprocess.run(
        [sys.executable, "-m", "agentmerge", program, *arguments],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def data(*arguments: str, cwd: Path) -> dict[str, Any]:
    done = run("--format", "json", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_json__is_of_its_schema_and_the_same_however_it_is_asked(collection: Path) -> None:
    first = data(".", cwd=collection)
    validate(first, "survey")
    parts = [str(path.name) for path in collection.iterdir()]
    assert data(".", "--no-cache", "-j", "2", cwd=collection) == first
    assert data(".", cwd=collection) == first
    folders = [name for name in parts if (collection / name).is_dir()]
    orders = [data(*order, cwd=collection) for order in (sorted(folders), sorted(folders, reverse=True))]
    assert orders[0] == orders[1]


def test_every_command_works_as_printed(collection: Path) -> None:
    found = data(".", cwd=collection)
    commands = [row["command"] for row in found["next"]]
    commands += [pair["next"] for family in found["families"] for pair in family["pairs"]]
    commands += [row["next"] for row in (*found["collisions"], *found["descriptions"])]
    assert len({shlex.split(command)[1] for command in commands}) >= 4
    for command in sorted(set(commands), key=lambda one: one.startswith("rm")):
        words = shlex.split(command)
        if words[0] == "rm":
            assert words[1] == "--"
            assert all((collection / name).is_file() for name in words[2:])
        else:
            done = run(*words[2:], cwd=collection, program=words[1])
            assert done.returncode in (0, 1), (command, done.stderr)


def test_text__first_screen_has_three_commands_that_a_shell_reads(collection: Path) -> None:
    done = run(".", cwd=collection)
    lines = done.stdout.split("\n")
    assert max(map(len, lines)) <= 80
    screen = "\n".join(lines[:24])
    assert re.findall(r"^(\d)\. ", screen, re.MULTILINE) == ["1", "2", "3"]
    shown = [shlex.split(found) for found in re.findall(r"^   (agentmerge (?:.*\\\n)*.*)$", screen, re.MULTILINE)]
    assert len(shown) == 3
    assert all((collection / words[-1]).is_file() for words in shown)


def test_fail_on__and_baseline(collection: Path) -> None:
    gate = ("--fail-on", "identical,collision,widened")
    first = run(".", *gate, cwd=collection)
    assert first.returncode == 1
    assert "agentmerge: widened: tools: added Bash, Write:" in first.stderr
    update = run(".", "--baseline", "known.json", "--update-baseline", "-q", cwd=collection)
    assert (update.returncode, update.stdout) == (0, "")
    assert re.fullmatch(r"agentmerge: known.json: \d+ facts accepted\n", update.stderr)
    known = json.loads((collection / "known.json").read_text("utf-8"))
    import jsonschema

    jsonschema.validate(known, schema("survey-baseline"))
    assert run(".", *gate, "--baseline", "known.json", cwd=collection).returncode == 0
    wider = collection / "vendor" / "agents" / "patch-critic.md"
    wider.write_text((collection / "plugins/backend/agents/patch-critic.md").read_text("utf-8"), "utf-8")
    assert run(".", *gate, "--baseline", "known.json", cwd=collection).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("missing",), "missing: there is no such folder"),
        (("README.md",), "README.md: is no folder"),
        ((".", "--fail-on", "identicle"), "identical"),
        ((".", "--update-baseline"), "--baseline FILE"),
        ((".", "-o", "missing/out.txt"), "missing/out.txt"),
        ((".", "--baseline", "README.md"), "README.md: is not a baseline of a survey"),
        ((".", "-o", "README.md"), "README.md: is also the input"),
        (("empty",), "empty: there is no definition in it"),
    ],
)
def test_errors_are_one_line(collection: Path, arguments: tuple[str, ...], told: str) -> None:
    (collection / "empty").mkdir()
    done = run(*arguments, cwd=collection)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_cant_be_read_is_told_and_the_rest_is_surveyed(collection: Path) -> None:
    (collection / "binary.md").write_bytes(b"\x00\x01" * 40)
    (collection / "latin.md").write_bytes(b"caf\xe9\n")
    (collection / "link.md").symlink_to("README.md")
    found = data(".", cwd=collection)
    assert [row["file"] for row in found["unread"]] == ["binary.md", "latin.md"]
    assert found["links"] == 1
    assert "could not be read" in run(".", cwd=collection).stdout


def test_cache__is_used_and_survives_what_others_do_to_it(collection: Path) -> None:
    first = run(".", cwd=collection)
    (store,) = (collection.parent / "cache" / "agentmerge").iterdir()
    assert store.parent.stat().st_mode & 0o077 == 0
    with sqlite3.connect(store) as base:
        ((held,),) = base.execute("SELECT COUNT(*) FROM contents").fetchall()
        assert held == 10
        base.execute("UPDATE contents SET row = '[1, 2]'")
    assert run(".", cwd=collection).stdout == first.stdout
    store.write_bytes(b"no database" * 500)
    assert run(".", cwd=collection).stdout == first.stdout
    with sqlite3.connect(store) as base:
        assert base.execute("SELECT COUNT(*) FROM contents").fetchall() == [(10,)]
    store.unlink()
    store.parent.chmod(0o777)
    assert run(".", cwd=collection).stdout == first.stdout
    assert not store.exists()


def test_cache__two_at_once(collection: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(collection.parent / "cache")}
    command = [sys.executable, "-m", "agentmerge", "survey", "."]
    both = [subprocess.Popen(command, cwd=collection, env=env, stdout=subprocess.PIPE) for _ in range(2)]
    outputs = {process.communicate()[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(outputs) == 1


def test_no_cache__keeps_nothing(collection: Path) -> None:
    assert run(".", "--no-cache", cwd=collection).returncode == 0
    assert not (collection.parent / "cache").exists()


def test_a_name_that_looks_like_markup_or_an_option_is_neither(collection: Path) -> None:
    own = (collection / "plugins/docs/agents/release-notes.md").read_text("utf-8")
    (collection / "-x.md").write_text(own.replace("release-notes", "<b>x</b>|`y`"), "utf-8")
    page = run(".", "--format", "html", cwd=collection).stdout
    assert "<b>x</b>" not in page
    markdown = run(".", "--format", "markdown", cwd=collection).stdout
    assert "<b>x</b>" not in markdown
    shown = [pair["next"] for family in data("../house", cwd=collection)["families"] for pair in family["pairs"]]
    assert all("-x.md" not in shlex.split(command)[1:2] for command in shown)
