"""`agentmerge drift` and `rules` as a user runs them: inputs, exit codes, baseline, configuration, git history."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.test_drifting import BASE
from tests.test_schemas import validate

EDITED = BASE.replace("You must run", "You may run")


def _run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    root = str(Path(__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-m", "agentmerge", *arguments],
        cwd=cwd,
        env={**env, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def _json(*arguments: str, cwd: Path, code: int = 0) -> dict[str, Any]:
    done = _run("drift", "--format", "json", *arguments, cwd=cwd)
    assert done.returncode == code, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    return data


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text(BASE, "utf-8")
    (tmp_path / "b.md").write_text(EDITED, "utf-8")
    (tmp_path / "c.md").write_text(BASE.replace("sonnet", "opus"), "utf-8")
    return tmp_path


def test_all_pairs_and_against(files: Path) -> None:
    data = _json("a.md", "b.md", "c.md", cwd=files)
    assert {tuple(sorted((p["a"], p["b"]))) for p in data["pairs"]} == {(0, 1), (0, 2), (1, 2)}
    assert data["directed"] is False
    assert "directed" not in _json("a.md", "b.md", cwd=files)
    data = _json("--against", "c.md", "a.md", "b.md", cwd=files)
    assert data["files"] == ["c.md", "a.md", "b.md"]
    assert [(p["a"], p["b"]) for p in data["pairs"]] == [(0, 1), (0, 2)]


def test_exit_codes(files: Path) -> None:
    def code(*arguments: str) -> int:
        return _run("drift", *arguments, "-q", cwd=files).returncode

    assert code("a.md", "b.md") == 0
    assert code("a.md", "b.md", "--fail-on", "breaking") == 1
    assert code("a.md", "c.md", "--fail-on", "breaking") == 0
    assert code("a.md", "c.md", "--fail-on", "warning") == 1
    assert code("a.md", "c.md", "--fail-on", "breaking,frontmatter-only") == 1
    assert code("a.md", "a.md", "--fail-on", "info") == 0
    assert code("a.md", "c.md", "--fail-on", "bad") == 2
    assert code("a.md") == 0
    assert code() == 2
    assert code("a.md", "missing.md") == 2


def test_baseline__accepts_what_is_known_and_tells_what_is_stale(files: Path) -> None:
    first = _run("drift", "a.md", "b.md", "--baseline", "known.json", "--update-baseline", cwd=files)
    assert first.returncode == 0, first.stderr
    gate = ("drift", "a.md", "b.md", "--baseline", "known.json", "--fail-on", "info")
    assert _run(*gate, cwd=files).returncode == 0
    (files / "b.md").write_text("\n\n" + EDITED.replace("Never push", "Push"), "utf-8")
    worse = _run(*gate, cwd=files)
    assert worse.returncode == 1
    assert "guardrail-reversed" in worse.stdout
    assert "1 accepted" in worse.stdout
    (files / "b.md").write_text(BASE, "utf-8")
    assert "stale in the baseline" in _run(*gate, cwd=files).stdout


def test_baseline__says_nothing_of_another_pair(files: Path) -> None:
    _run("drift", "a.md", "b.md", "--baseline", "known.json", "--update-baseline", cwd=files)
    (files / "d.md").write_text(EDITED, "utf-8")
    assert _run("drift", "a.md", "d.md", "--baseline", "known.json", "--fail-on", "info", cwd=files).returncode == 1


def test_baseline__update_of_one_folder_keeps_the_rows_of_the_others(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder / "x").mkdir(parents=True)
        (tmp_path / folder / "a.md").write_text(BASE, "utf-8")
        (tmp_path / folder / "x" / "a.md").write_text(EDITED, "utf-8")

    def rows(*arguments: str) -> set[str]:
        done = _run("drift", *arguments, "--baseline", "known.json", "--update-baseline", "-q", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        found = json.loads((tmp_path / "known.json").read_text("utf-8"))["accepted"]
        return {row["a"] for row in found}

    assert {Path(name).parts[0] for name in rows("one")} == {"one"}
    assert {Path(name).parts[0] for name in rows("two")} == {"one", "two"}
    (tmp_path / "one" / "x" / "a.md").unlink()
    assert {Path(name).parts[0] for name in rows("one")} == {"two"}
    assert "stale" not in _run("drift", "one", "--baseline", "known.json", cwd=tmp_path).stdout
    (tmp_path / "two" / "x" / "a.md").write_text(BASE, "utf-8")
    assert "stale" in _run("drift", ".", "--baseline", "known.json", cwd=tmp_path).stdout


def test_baseline__that_is_none_is_refused(files: Path) -> None:
    done = _run("drift", "a.md", "b.md", "--baseline", "c.md", cwd=files)
    assert done.returncode == 2
    assert "is not a baseline" in done.stderr


def test_configuration__severity_and_intentional_differences(files: Path) -> None:
    config = files / ".agentmerge.yaml"
    config.write_text("drift:\n  severity: {guardrail-weakened: info}\n  fail-on: warning\n", "utf-8")
    assert _run("drift", "a.md", "b.md", cwd=files).returncode == 0
    assert _run("drift", "a.md", "c.md", cwd=files).returncode == 1
    config.write_text(
        "drift:\n  fail-on: [info]\n  intentional:\n  - reason: c runs on the big model\n    rules: [model-changed]\n"
        "    files: [c.md]\n",
        "utf-8",
    )
    done = _run("drift", "a.md", "c.md", "--all", cwd=files)
    assert done.returncode == 0
    assert "c runs on the big model" in done.stdout
    config.write_text("drift:\n  severity: {no-such-rule: info}\n", "utf-8")
    assert "no-such-rule" in _run("drift", "a.md", "b.md", cwd=files).stderr


def test_folder__groups_by_role(tmp_path: Path) -> None:
    for name, text in {
        "one/backend-engineer.md": BASE.replace("name: reviewer", "name: backend-engineer"),
        "two/senior-backend-developer.md": BASE.replace("name: reviewer\n", "").replace("Read the diff", "Look"),
        "three/SKILL.md": "---\nname: baker\ndescription: Bakes.\n---\n\nBake bread.\n",
    }.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, "utf-8")
    data = _json(".", cwd=tmp_path)
    assert [len(group["files"]) for group in data["groups"]] == [2]
    assert [data["files"][number] for number in data["alone"]] == ["three/SKILL.md"]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return Path(shutil.copytree(Path(__file__).parents[1] / "fixtures" / "survey", tmp_path / "house"))


def test_folder__table_first_and_commands_that_work(house: Path) -> None:
    done = _run("drift", ".", cwd=house)
    lines = done.stdout.split("\n")
    assert lines[0] == "Look at next"
    (command,) = re.findall(r"^   (agentmerge (?:.*\\\n)*.*)$", "\n".join(lines[:24]), re.MULTILINE)
    assert "breaking" in _run(*shlex.split(command.replace("\\\n", " "))[1:], cwd=house).stdout
    table = lines.index(next(line for line in lines if line.startswith("role ")))
    assert [line.split()[0] for line in lines[table + 1 : table + 4]] == ["code-reviewer", "release-notes", "4"]
    short = _run("drift", ".", "--summary", cwd=house).stdout
    assert done.stdout.startswith(short.rsplit("\n", 2)[0])
    assert len(short.split("\n")) < 14
    assert max(map(len, short.split("\n")[:-2])) <= 80


def test_folder_of_many_groups__the_table_alone_and_warnings_after_it(tmp_path: Path) -> None:
    roles = [
        "baker",
        "carpenter",
        "diver",
        "editor",
        "farmer",
        "gardener",
        "hunter",
        "inker",
        "joiner",
        "keeper",
        "lawyer",
        "mason",
    ]
    for role in roles:
        rules = "".join(f"- Each {role} {at} brings {role}-tool-{at} and {role}-word-{at}.\n" for at in range(9))
        for team, verb in enumerate(("must", "may")):
            file = tmp_path / f"team-{team}" / f"{role}.md"
            file.parent.mkdir(exist_ok=True)
            head = f"---\nname: {role}\ndescription: Works: as a {role}.\n---\n"
            file.write_text(f"{head}\n# {role}\n\n{rules}- You {verb} lock the {role}'s door.\n", "utf-8")
    done = _run("drift", ".", cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert len(lines) < 50
    assert lines[-1] == "of more than 10 groups the findings are shown by --top 10 or --all"
    assert re.fullmatch(r"agentmerge: warning\[frontmatter-repaired\]: \S+ and 23 more\n", done.stderr)
    assert len(_run("drift", ".", "--all", cwd=tmp_path).stdout.splitlines()) > 60
    assert "guardrail-weakened" in _run("drift", ".", "--top", "2", cwd=tmp_path).stdout


def test_folder__groups_and_classes_that_are_asked_for(house: Path) -> None:
    def shown(*arguments: str) -> dict[str, Any]:
        return _json(".", *arguments, cwd=house)

    assert len(shown("--top", "1")["groups"]) == 1
    assert {pair["class"] for pair in shown("--class", "identical,reworded")["pairs"]} == {"identical", "reworded"}
    # What is not shown still counts.
    assert _run("drift", ".", "--class", "identical", "--fail-on", "breaking", "-q", cwd=house).returncode == 1
    wrong = _run("drift", ".", "--class", "identicle", cwd=house)
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "agentmerge: error: there is no class 'identicle'; did you mean 'identical'?\n",
    )
    assert _run("drift", ".", "--summary", "--format", "json", cwd=house).returncode == 2


def test_folder__things_of_one_place_or_file_name_are_no_group(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "README.md").write_text("# House\n\n## Installation\n\nCopy it.\n\n## License\n\nMIT\n", "utf-8")
    (tmp_path / "CLAUDE.md").write_text("# Rules\n\nNever push to main. Always run the tests of a package.\n", "utf-8")
    (tmp_path / "search-specialist.md").write_text(BASE.replace("name: reviewer", "name: search-specialist"), "utf-8")
    (tmp_path / "tools" / "search.md").write_text("# Search\n\nCall it with a query; it gives ten rows.\n", "utf-8")
    assert _json(".", cwd=tmp_path)["groups"] == []


def test_folder__warnings_are_a_line_a_kind(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.md").write_text(f"---\nname: {name}\ndescription: it: is\n---\n\nDo {name}.\n", "utf-8")
    done = _run("drift", ".", cwd=tmp_path)
    assert done.stderr == "agentmerge: warning[frontmatter-repaired]: a.md:3 and 2 more\n"


def test_options_are_checked_before_anything_is_written(files: Path) -> None:
    done = _run("drift", "a.md", "b.md", "--fail-on", "braking", "-o", "out.txt", cwd=files)
    assert (done.returncode, done.stdout) == (2, "")
    assert "braking" in done.stderr
    assert not (files / "out.txt").exists()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    def git(*arguments: str) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        identity = ("-c", "user.name=A B", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, env=env, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    for name, text, moved in (("one", BASE, ""), ("two", EDITED, ""), ("three", EDITED.replace("sonnet", "opus"), "x")):
        target = tmp_path / "agents" / "b.md" if moved else tmp_path / "a.md"
        if moved:
            target.parent.mkdir()
            git("mv", "a.md", "agents/b.md")
        target.write_text(text, "utf-8")
        git("add", ".")
        git("commit", "-q", "-m", name)
        git("tag", name)
    return tmp_path


def test_history__follows_renames(repository: Path) -> None:
    steps = _json("--history", "agents/b.md", cwd=repository)["steps"]
    assert [step["subject"] for step in steps] == ["one", "two", "three"]
    assert [step["path"] for step in steps] == ["a.md", "a.md", "agents/b.md"]
    assert [step["class"] for step in steps] == [None, "reworded", "frontmatter-only"]
    assert [[f["rule"] for f in step["findings"]] for step in steps] == [[], ["guardrail-weakened"], ["model-changed"]]
    assert [f["rule"] for f in steps[2]["drift"]["findings"]] == ["guardrail-weakened", "model-changed"]


def test_history__a_file_that_began_empty_and_was_gone_for_a_while(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    file = tmp_path / "a.md"
    git("init", "-q")
    for text in ("", BASE, None, EDITED, ""):
        if text is None:
            git("rm", "-q", "a.md")
        else:
            file.write_text(text, "utf-8")
            git("add", "a.md")
        git("commit", "-q", "-m", "step")
    git("rm", "-q", "a.md")
    git("commit", "-q", "-m", "step")
    steps = _json("--history", "a.md", cwd=tmp_path)["steps"]
    rules = [[finding["rule"] for finding in step["findings"]] for step in steps]
    assert [found[:1] for found in rules] == [
        [],
        ["agent-added"],
        ["agent-removed"],
        ["guardrail-weakened"],
        ["agent-removed"],
        ["agent-removed"],
    ]
    # What is gone, or not there yet, is no base; what came back is held against what it was.
    assert [number for number, step in enumerate(steps) if step["drift"]] == [3]
    assert _run("drift", "--history", "a.md", "--fail-on", "breaking", "-q", cwd=tmp_path).returncode == 1


def test_history__since_a_tag_and_from_a_folder_below(repository: Path) -> None:
    steps = _json("--history", "b.md", "--since", "two", cwd=repository / "agents")["steps"]
    assert [(step["rev"][:3], step["path"]) for step in steps] == [
        ("two", "a.md"),
        (steps[1]["rev"][:3], "agents/b.md"),
    ]
    gate = ("drift", "--history", "agents/b.md", "--since", "two", "-q", "--fail-on")
    assert _run(*gate, "breaking", cwd=repository).returncode == 0
    assert _run(*gate, "warning", cwd=repository).returncode == 1


def test_history__since_the_version_that_was_reviewed(repository: Path) -> None:
    def checkout(rev: str) -> None:
        subprocess.run(["git", "checkout", "-q", rev], cwd=repository, check=True)

    (repository / "known.json").write_text(
        json.dumps({"schema": "agentmerge/baseline/1", "accepted": [ROW]}, indent=2), "utf-8"
    )
    since = ("--history", "agents/b.md", "--baseline", "known.json", "--since", "reviewed")
    assert "no reviewed version" in _run("drift", *since, cwd=repository).stderr
    checkout("two")
    _json("--history", "a.md", "--baseline", "known.json", "--update-baseline", cwd=repository)
    checkout("main")
    known = json.loads((repository / "known.json").read_text("utf-8"))
    validate(known, "baseline")
    assert list(known["reviewed"]) == ["a.md"]
    assert ROW in known["accepted"]

    steps = _json(*since, cwd=repository)["steps"]
    assert [[f["rule"] for f in step["findings"]] for step in steps] == [[], ["model-changed"]]
    assert "stale" not in _run("drift", *since, cwd=repository).stdout
    assert _run("drift", *since, "--fail-on", "warning", "-q", cwd=repository).returncode == 1
    _json(*since, "--update-baseline", cwd=repository)
    assert len(_json(*since, cwd=repository)["steps"]) == 1
    assert "there is none" in _run("drift", *since[:2], *since[4:], cwd=repository).stderr


ROW = {"fingerprint": "0" * 12, "rule": "tokens", "message": "m", "a": "x.md", "b": "y.md"}


def test_revisions__each_file_with_its_earlier_self(repository: Path) -> None:
    data = _json("one..three", "--", "agents", "a.md", cwd=repository)
    assert data["files"] == ["one:a.md", "three:agents/b.md"]
    assert [pair["class"] for pair in data["pairs"]] == ["reworded"]
    assert _json("two..two", cwd=repository)["pairs"] == []
    assert _run("drift", "one..nowhere", cwd=repository).returncode == 2


@pytest.mark.parametrize("arguments", [["--", "agnets"], ["--", ".", "--fail-on", "breaking"]])
def test_revisions__a_path_that_is_nothing_lets_no_gate_pass(repository: Path, arguments: list[str]) -> None:
    done = _run("drift", "one..three", *arguments, cwd=repository)
    assert done.returncode == 2
    assert "there is nothing of that name at either revision" in done.stderr


def test_history__without_one_is_told(files: Path) -> None:
    done = _run("drift", "--history", "a.md", cwd=files)
    assert done.returncode == 2
    assert done.stderr.startswith("agentmerge: error: ")


def test_history__goes_with_no_other_input(repository: Path) -> None:
    assert "is of a history" in _run("drift", "a.md", "b.md", "--since", "two", cwd=repository).stderr
    for other in (("x.md",), ("--against", "x.md")):
        done = _run("drift", "--history", "agents/b.md", *other, cwd=repository)
        assert done.returncode == 2
        assert "is of one file" in done.stderr


def test_output__never_over_an_input(files: Path) -> None:
    assert _run("drift", "a.md", "b.md", "--format", "html", "-o", "b.md", cwd=files).returncode == 2
    assert (files / "b.md").read_text("utf-8") == EDITED


def test_diff__marks_findings(files: Path) -> None:
    done = _run("diff", "a.md", "b.md", cwd=files)
    assert done.returncode == 1
    assert "! guardrail-weakened" in done.stdout
    data = json.loads(_run("diff", "a.md", "b.md", "--format", "json", cwd=files).stdout)
    assert [change["severity"] for change in data["changes"]] == ["breaking"]
    assert [finding["rule"] for finding in data["findings"]] == ["guardrail-weakened"]
    page = _run("diff", "a.md", "b.md", "--format", "html", cwd=files).stdout
    assert page.startswith("<!doctype html>")


def test_rules__are_listed(tmp_path: Path) -> None:
    done = _run("rules", cwd=tmp_path)
    assert done.returncode == 0
    assert "guardrail-removed" in done.stdout
    assert json.loads(_run("rules", "--format", "json", cwd=tmp_path).stdout)["rules"][0]["severity"] == "breaking"
    (tmp_path / ".agentmerge.yaml").write_text("drift:\n  severity: {permission-widened: info}\n", "utf-8")
    assert json.loads(_run("rules", "--format", "json", cwd=tmp_path).stdout)["rules"][0]["severity"] == "info"
    plain = _run("rules", "--format", "json", "--no-config", cwd=tmp_path).stdout
    assert json.loads(plain)["rules"][0]["severity"] == "breaking"


def test_combine__reports_what_its_result_differs_in_from_each_source(files: Path) -> None:
    done = _run("combine", "a.md", "b.md", "-o", "all.md", "--report", "report.json", "--explain", cwd=files)
    assert done.returncode in (0, 1), done.stderr
    assert "Result against each source" in done.stderr
    rows = json.loads((files / "report.json").read_text("utf-8"))["drift"]
    assert [row["file"] for row in rows] == [0, 1]
    assert all(finding["severity"] in ("breaking", "warning", "info") for row in rows for finding in row["findings"])


def test_folder_as_output__no_baseline_is_left(files: Path) -> None:
    (files / "out").mkdir()
    done = _run("drift", "a.md", "b.md", "-o", "out", "--baseline", "base.json", "--update-baseline", cwd=files)
    assert done.returncode == 2
    assert "out: can't be written: is a directory" in done.stderr
    assert not (files / "base.json").exists()


def test_output_over_the_baseline__is_refused(files: Path) -> None:
    _run("drift", "a.md", "b.md", "--baseline", "base.json", "--update-baseline", cwd=files)
    kept = (files / "base.json").read_bytes()
    for flags in ([], ["--update-baseline"]):
        done = _run("drift", "a.md", "b.md", "-o", "base.json", "--baseline", "base.json", *flags, cwd=files)
        assert (done.returncode, (files / "base.json").read_bytes()) == (2, kept)


def test_history__since_a_reviewed_version_whose_commit_is_gone(repository: Path) -> None:
    since = ("--history", "agents/b.md", "--baseline", "known.json")
    _json(*since, "--update-baseline", cwd=repository)
    known = json.loads((repository / "known.json").read_text("utf-8"))
    validate(known, "baseline")
    known["reviewed"]["agents/b.md"] = "1" * 40
    (repository / "known.json").write_text(json.dumps(known), "utf-8")
    assert len(_json(*since, "--since", "reviewed", cwd=repository)["steps"]) == 1


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html", "github", "sarif"])
def test_drift__of_one_file_reviews_it_alone_and_shows_no_secret(form: str, tmp_path: Path) -> None:
    key = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    (tmp_path / "old.md").write_text(BASE, encoding="utf-8")
    (tmp_path / "a.md").write_text(f"{BASE}\nCall it with {key} from now on.\n", encoding="utf-8")
    for arguments in (["a.md"], ["old.md", "a.md"]):
        done = _run("drift", *arguments, "--format", form, "--fail-on", "breaking", cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        shown = done.stdout.replace("\\", "")
        assert "ghp_****" in shown
        assert key not in shown + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("diff", "old.md", "a.md"),
        ("diff", "old.md", "a.md", "--word-diff", "--color", "always"),
        ("diff", "old.md", "a.md", "--format", "json"),
        ("diff", "old.md", "a.md", "--format", "markdown"),
        ("diff", "old.md", "a.md", "--format", "html"),
        ("diff", "before", "after"),
        ("diff", "before", "after", "--format", "json"),
        ("show", "a.md"),
        ("show", "a.md", "--format", "json"),
        ("align", "other.md", "a.md"),
        ("git", "diff", "a.md", "old.md", "0", "100644", "a.md", "1", "100644"),
    ],
)
def test_secret__can_be_read_in_no_view(arguments: tuple[str, ...], tmp_path: Path) -> None:
    key = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    former = key[:-4] + "Zz99"
    (tmp_path / "old.md").write_text(f"{BASE}\nCall it with {former} from now on.\n", encoding="utf-8")
    (tmp_path / "a.md").write_text(f"{BASE}\nCall it with {key} from now on.\n", encoding="utf-8")
    (tmp_path / "other.md").write_text(f"{BASE}\nCall it with {former} from now on.\n", encoding="utf-8")
    for folder, name in (("before", "old.md"), ("after", "a.md")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.md").write_bytes((tmp_path / name).read_bytes())
    done = _run(*arguments, cwd=tmp_path)
    assert done.returncode in (0, 1), done.stderr
    shown = done.stdout.replace("\\", "")
    assert "ghp_" in shown
    assert key[:12] not in shown + done.stderr


def test_drift__of_one_file_without_fault_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Helper\n\n- Keep it short\n", encoding="utf-8")
    done = _run("drift", "a.md", cwd=tmp_path)
    assert (done.returncode, done.stdout.split("\n")[-2]) == (0, "1 file by itself; no findings")
    validate(_json("a.md", cwd=tmp_path), "drift")
    assert _run("drift", "none.md", cwd=tmp_path).returncode == 2


def test_history__tells_its_story_and_lives(repository: Path) -> None:
    data = _json("--history", "agents/b.md", cwd=repository)
    validate(data, "drift")
    assert data["story"].startswith("Three versions on ")
    (weaker,) = [life for life in data["lives"] if any(event["what"] == "weakened" for event in life["events"])]
    assert [event["commit"] for event in weaker["events"]] == [step["rev"] for step in data["steps"][:2]]
    (peak,) = data["peaks"]
    assert (peak["then"]["word"], peak["now"]["word"]) == ("must", "may")
    for form in ("text", "markdown"):
        told = _run("drift", "--history", "agents/b.md", "--format", form, cwd=repository).stdout
        alone = _run("drift", "--history", "agents/b.md", "--format", form, "--story", cwd=repository).stdout
        assert "Model: sonnet; opus from v3." in " ".join(told.split())
        assert "guardrail-weakened" in told
        assert "guardrail-weakened" not in alone
    page = _run("drift", "--history", "agents/b.md", "--format", "html", cwd=repository).stdout
    assert 'class="lives"' in page
    assert "Model: sonnet; opus from v3." in page


def test_history__that_was_repaired_passes_the_gate(repository: Path) -> None:
    gate = ("drift", "--history", "agents/b.md", "--fail-on", "breaking")
    assert _run(*gate, cwd=repository).returncode == 1
    (repository / "agents" / "b.md").write_text(BASE.replace("sonnet", "opus"), "utf-8")
    commit = ("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qam", "four")
    subprocess.run(["git", *commit], cwd=repository, check=True)
    done = _run(*gate, cwd=repository)
    assert done.returncode == 0
    assert "undone since" in done.stdout
    assert "weakened v2" in " ".join(done.stdout.split())


def test_story__is_of_a_history(files: Path, repository: Path) -> None:
    for arguments, why in (
        (("a.md", "b.md", "--story"), "--story is of a history"),
        (("--history", "agents/b.md", "--story", "--format", "sarif"), "has no place for a story"),
    ):
        done = _run("drift", *arguments, cwd=files if "a.md" in arguments else repository)
        assert done.returncode == 2
        assert why in done.stderr


def test_folders__whose_names_change_keep_the_verdict(tmp_path: Path) -> None:
    codes, totals = [], []
    for one, other in (("a", "b"), ("y", "x")):
        for name, text in ((one, BASE), (other, BASE.replace("- Never push to the main branch", "- Be kind"))):
            target = tmp_path / one / "all" / name / "reviewer.md"
            target.parent.mkdir(parents=True)
            target.write_text(text, "utf-8")
        done = _run("drift", f"{one}/all", "--fail-on", "breaking", cwd=tmp_path)
        codes.append(done.returncode)
        totals.append(done.stdout.splitlines()[-1])
    assert codes == [1, 1]
    assert len(set(totals)) == 1
