"""`agentmerge convert`: results in the folders of other hosts, all or nothing, with what is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_schemas import validate

ROOT = Path(__file__).parents[1]
AGENT = "---\nname: scout\ndescription: Looks around\ntools: Read, Grep\nmodel: sonnet\n---\n\n# Scout\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scout.md").write_text(AGENT, "utf-8")
    (tmp_path / "free.md").write_text(AGENT.replace("tools: Read, Grep\n", "").replace("scout", "free"), "utf-8")
    return tmp_path


def run(folder: Path, *words: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "agentmerge", "convert", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
    return done.returncode, done.stdout, done.stderr


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_one_result__goes_to_standard_output(folder: Path) -> None:
    code, out, err = run(folder, "scout.md", "--to", "gemini")
    assert code == 0
    assert "tools: [read_file, grep_search]" in out
    assert "model dropped" in err


def test_several__go_to_the_folders_of_their_hosts(folder: Path) -> None:
    code, out, err = run(folder, "scout.md", "free.md", "--to", "gemini,opencode", "-o", "out")
    assert (code, out) == (0, "")
    assert files(folder / "out") == [
        ".gemini/agents/free.md",
        ".gemini/agents/scout.md",
        ".opencode/agents/free.md",
        ".opencode/agents/scout.md",
    ]
    assert err.count("written for") == 4
    # The same again is no reason to complain.
    assert run(folder, "scout.md", "free.md", "--to", "gemini,opencode", "-o", "out")[0] == 0


def test_one_refusal__and_nothing_is_written(folder: Path) -> None:
    before = files(folder)
    code, _, err = run(folder, "free.md", "scout.md", "--to", "gemini,codex", "-o", ".")
    assert code == 1
    assert "scout.md:4: refused for codex: tools:" in err
    assert "--allow-loss tools" in err
    assert files(folder) == before
    code, _, err = run(folder, "free.md", "scout.md", "--to", "gemini,codex", "-o", ".", "--allow-loss", "tools")
    assert code == 0
    assert "warning[permission-widened]: tools:" in err


def test_a_file_that_is_there__is_written_over_by_force_alone(folder: Path) -> None:
    run(folder, "scout.md", "--to", "gemini", "-o", ".")
    target = folder / ".gemini" / "agents" / "scout.md"
    target.write_text("mine\n", "utf-8")
    code, _, err = run(folder, "scout.md", "free.md", "--to", "gemini", "-o", ".")
    assert code == 2
    assert "--force" in err
    assert target.read_text("utf-8") == "mine\n"
    assert not (target.parent / "free.md").exists()
    assert run(folder, "scout.md", "--to", "gemini", "-o", ".", "--force")[0] == 0
    assert target.read_text("utf-8") != "mine\n"


def test_two_for_one_path__are_an_error(folder: Path) -> None:
    (folder / "twin.md").write_text(AGENT, "utf-8")
    code, _, err = run(folder, "scout.md", "twin.md", "--to", "gemini", "-o", ".")
    assert code == 2
    assert "would be written from scout.md and from twin.md" in err


def test_report__says_each_fate_and_writes_nothing(folder: Path) -> None:
    before = files(folder)
    code, out, _ = run(folder, "scout.md", "free.md", "--to", "gemini,cursor", "--report")
    assert code == 1
    assert files(folder) == before
    assert all(len(line) <= 80 for line in out.splitlines())
    for word in ("kept", "dropped", "refused", "scout.md (claude) to gemini"):
        assert word in out


def test_report__as_json(folder: Path) -> None:
    _, out, _ = run(folder, "scout.md", "--to", "gemini,cursor", "--report", "--format", "json")
    data = json.loads(out)
    validate(data, "convert")
    assert [one["refused"] for one in data["conversions"]] == [False, True]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scout.md", "--to", "nowhere"], "nothing is converted to 'nowhere'"),
        (["none.md", "--to", "gemini"], "none.md"),
        (["scout.md", "free.md", "--to", "gemini"], "-o DIR"),
        (["scout.md", "--to", ","], "names no host"),
        (["scout.md", "--to", "gemini", "--format", "json"], "--report"),
        (["scout.md", "--to", "gemini", "--allow-loss", "tolls"], "no field and no right"),
        (["scout.md", "--to", "gemini", "-o", "free.md"], "is no folder"),
        (["scout.md", "--to", "gemini", "--from", "nobody"], "no dialect"),
    ],
)
def test_what_can_not_be__is_told_in_a_line(folder: Path, words: list[str], said: str) -> None:
    before = files(folder)
    code, out, err = run(folder, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert files(folder) == before


def test_binary_and_empty__are_told(folder: Path) -> None:
    (folder / "b.md").write_bytes(b"\xff\xfe\x00\x01")
    (folder / "e.md").write_text("", "utf-8")
    assert run(folder, "b.md", "--to", "gemini")[0] == 2
    code, out, err = run(folder, "e.md", "--to", "gemini")
    assert (code, out) == (1, "")
    assert "needs one, and nothing says it" in err


def test_hidden_characters__do_not_reach_the_terminal(folder: Path) -> None:
    (folder / "h.md").write_text(AGENT.replace("model: sonnet", "model: son\u202enet\x1b[2J"), "utf-8")
    _, out, err = run(folder, "h.md", "--to", "gemini", "--report")
    assert "\u202e" not in out + err
    assert "\x1b" not in out + err


# combine --host

PAIR = [str(ROOT / "fixtures" / "decisions" / name) for name in ("calm.md", "brisk.md")]


def combine(folder: Path, *words: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "agentmerge", "combine", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(("host", "name"), [("opencode", "r.md"), ("codex", "r.toml"), ("gemini", "r.md")])
def test_combine__writes_for_a_host_and_its_report_has_the_lines_of_it(tmp_path: Path, host: str, name: str) -> None:
    words = [*PAIR, "--on-conflict", "first", "--host", host, "-o", name, "--report", "r.json"]
    code, _, err = combine(tmp_path, *words)
    assert code == 0, err
    assert f"the result to {host}: " in err
    lines = (tmp_path / name).read_text("utf-8").splitlines()
    rows = json.loads((tmp_path / "r.json").read_text("utf-8"))["ledger"]
    units = [row for row in rows if row["kind"] == "item" and row["fate"] == "kept"]
    assert units
    for row in units:
        assert row["text"].splitlines()[0] in lines[row["into"] - 1]
    fields = {row["text"]: row["into"] for row in rows if row["kind"] == "field" and row["fate"] == "kept"}
    assert all(into is None or lines[into - 1] for into in fields.values())


def test_combine__refuses_wider_rights_and_writes_nothing(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(AGENT, "utf-8")
    code, _, err = combine(tmp_path, "a.md", "b.md", "--all", "--host", "cursor", "-o", "r.md")
    assert code == 1, err
    assert "refused for cursor: tools:" in err
    assert not (tmp_path / "r.md").exists()
    code, _, err = combine(tmp_path, "a.md", "b.md", "--host", "cursor", "-o", "r.md", "--allow-loss", "tools")
    assert code == 0, err
    assert "readonly: true" in (tmp_path / "r.md").read_text("utf-8")


def test_combine__a_host_goes_with_the_plan(tmp_path: Path) -> None:
    assert combine(tmp_path, *PAIR, "--host", "opencode", "--plan", "plan.json")[0] == 0
    (tmp_path / "d.yaml").write_text("schema: agentmerge/decisions/1\ndecisions: []\n", "utf-8")
    command = [sys.executable, "-m", "agentmerge", "apply", "plan.json", "--decisions", "d.yaml", "-o", "r.md"]
    subprocess.run(command, cwd=tmp_path, capture_output=True)
    assert "name:" not in (tmp_path / "r.md").read_text("utf-8")


@pytest.mark.parametrize("words", [["--host", "nobody"], ["--allow-loss", "tools"]])
def test_combine__an_option_that_can_not_be(tmp_path: Path, words: list[str]) -> None:
    assert combine(tmp_path, *PAIR, *words)[:2] == (2, "")
