"""`agentmerge combine` as a user runs it: output, exit codes, report, configuration, refusals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from agentmerge.planning.strategies import FIELD_RULES, STRATEGIES, WORDINGS

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures" / "backend-engineer"
VARIANTS = [str(path) for path in sorted(FIXTURES.glob("*.md"))]
SCHEMAS = ROOT / "agentmerge" / "data" / "schemas"


def run(*args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agentmerge", *args]
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=cwd)


def test_bare_command__writes_a_file_and_says_what_it_cost(tmp_path: Path) -> None:
    done = run("combine", *VARIANTS, "-o", str(tmp_path / "out.md"))
    text = (tmp_path / "out.md").read_text("utf-8")
    assert done.returncode == 1
    assert done.stdout == ""
    assert text.count("prevent SQL injection") == 1
    assert "tools: Read, Write, Edit, Bash\n" in text
    assert "left out: WebSearch" in done.stderr
    assert "error.details" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("agentmerge: 4 variants, 157 units:")


def test_contradictions__both_sides_stand_and_the_file_loads(tmp_path: Path) -> None:
    run("combine", *VARIANTS, "-o", str(tmp_path / "out.md"))
    text = (tmp_path / "out.md").read_text("utf-8")
    assert text.count("<!-- agentmerge: conflict 1, error.details:") == 2
    assert run("show", str(tmp_path / "out.md")).returncode == 0


def test_on_conflict_first__decides_and_exits_clean(tmp_path: Path) -> None:
    done = run("combine", *VARIANTS, "-o", str(tmp_path / "out.md"), "--on-conflict", "first")
    assert done.returncode == 0
    assert "<!-- agentmerge:" not in (tmp_path / "out.md").read_text("utf-8")


def test_on_conflict_fail__writes_nothing(tmp_path: Path) -> None:
    done = run("combine", *VARIANTS, "-o", str(tmp_path / "out.md"), "--on-conflict", "fail")
    assert done.returncode == 1
    assert not (tmp_path / "out.md").exists()
    assert "nothing was written" in done.stderr


def test_report__fits_its_schema_and_has_a_row_per_unit(tmp_path: Path) -> None:
    run("combine", *VARIANTS, "-o", str(tmp_path / "out.md"), "--report", str(tmp_path / "r.json"))
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    jsonschema.validate(report, json.loads((SCHEMAS / "report.json").read_text("utf-8")))
    lines = (tmp_path / "out.md").read_text("utf-8").split("\n")
    decisions = {decision["id"] for decision in report["decisions"]}
    assert len({(row["file"], row["line"]) for row in report["ledger"]}) == len(report["ledger"]) == 157
    for row in report["ledger"]:
        assert row["decision"] in decisions
        if row["fate"] == "kept" and row["kind"] in ("item", "task", "paragraph"):
            assert row["text"].split("\n")[0] in lines[row["into"] - 1]


def test_dry_run__lists_decisions_and_writes_nothing(tmp_path: Path) -> None:
    done = run("combine", *VARIANTS, "-o", str(tmp_path / "out.md"), "--dry-run")
    assert "prevent SQL injection" in done.stdout
    assert not (tmp_path / "out.md").exists()


def test_report_that_is_an_input__is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a.md"
    source.write_text("# A\n\n- x\n", "utf-8")
    done = run("combine", str(source), VARIANTS[0], "--report", str(source))
    assert done.returncode == 2
    assert "is also the input" in done.stderr
    assert source.read_text("utf-8") == "# A\n\n- x\n"


def test_configuration__is_found_upwards_and_flags_come_first(tmp_path: Path) -> None:
    (tmp_path / ".agentmerge.yaml").write_text(
        "strategy: intersection\npolicy:\n  frontmatter/tools: union\n"
        "tables:\n  outline:\n    constraints:\n      aliases: [house rules]\n",
        "utf-8",
    )
    (tmp_path / ".git").mkdir()
    out = tmp_path / "deep" / "out.md"
    variants = copied(tmp_path / "deep")
    run("combine", *variants, "-o", str(out))
    narrow = out.read_text("utf-8")
    assert "tools: Read, Write, Edit, Bash, WebSearch" in narrow
    assert "Ignoring time zones" not in narrow
    run("combine", *variants, "-o", str(out), "--strategy", "union")
    assert "Ignoring time zones" in out.read_text("utf-8")


def copied(folder: Path) -> list[str]:
    """The variants in a folder of their own."""
    folder.mkdir(exist_ok=True)
    for name in VARIANTS:
        (folder / Path(name).name).write_bytes(Path(name).read_bytes())
    return [str(folder / Path(name).name) for name in VARIANTS]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("stratgy: union\n", "did you mean 'strategy'?"),
        ("strategy: unoin\n", "did you mean 'union'?"),
        ("policy:\n  frontmatter/tools: restrct\n", "did you mean 'restrict'?"),
        ("a: [\n", "not valid YAML"),
        ("tables:\n  outlin: {}\n", "did you mean 'outline'?"),
    ],
)
def test_configuration__mistakes_are_one_clear_line(tmp_path: Path, content: str, message: str) -> None:
    config = tmp_path / "c.yaml"
    config.write_text(content, "utf-8")
    done = run("combine", *VARIANTS, "--config", str(config))
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "flags",
    [
        ["--policy", "frontmatter/model=union"],
        ["--policy", "frontmatter/name=restrict"],
        ["--prefer", "nobody.md"],
        ["--policy", "frontmatter/name=set:"],
    ],
)
def test_flags_that_mean_nothing__are_refused(flags: list[str]) -> None:
    done = run("combine", *VARIANTS, *flags)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("agentmerge: error:")


def test_own_template__may_include_what_stands_beside_it(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "foot.j2").write_text("{% include 'parts/more.j2' %}", "utf-8")
    (tmp_path / "parts" / "more.j2").write_text("## House\n\n- Be kind\n", "utf-8")
    template = tmp_path / "t.md.j2"
    body = "{% block body %}{{ super() }}{% include NAME %}{% endblock %}"
    template.write_text('{% extends "canonical" %}' + body.replace("NAME", "'parts/foot.j2'"), "utf-8")
    out = tmp_path / "out.md"
    done = run("combine", *VARIANTS, "--template", str(template), "-o", str(out))
    assert "- Be kind" in out.read_text("utf-8")
    assert "warning[template-adds]: the template adds 'Be kind'" in done.stderr
    out.unlink()
    (tmp_path / "parts" / "foot.j2").unlink()
    (tmp_path / "parts" / "foot.j2").symlink_to(FIXTURES / Path(VARIANTS[0]).name)
    for name in ("parts/foot.j2", "/etc/passwd", "../secret.j2", "none.j2"):
        template.write_text('{% extends "canonical" %}' + body.replace("NAME", repr(name)), "utf-8")
        done = run("combine", *VARIANTS, "--template", str(template), "-o", str(out))
        assert (done.returncode, out.exists()) == (2, False)
        assert f"t.md.j2:1: there is no template '{name}'" in done.stderr


def test_own_template__that_widens_rights_writes_nothing(tmp_path: Path) -> None:
    template = tmp_path / "t.md.j2"
    shipped = (ROOT / "templates" / "canonical.md.j2").read_text("utf-8")
    template.write_text(shipped.replace("in fields %}", "in fields if field.key != 'tools' %}"), "utf-8")
    done = run("combine", *VARIANTS, "--template", str(template), "-o", str(tmp_path / "out.md"))
    assert done.returncode == 2
    assert "t.md.j2: the field 'tools' is lost; write `{{ field.text }}`" in done.stderr
    assert not (tmp_path / "out.md").exists()


def test_own_template(tmp_path: Path) -> None:
    template = tmp_path / "t.md.j2"
    template.write_text("{% for f in fields %}{{ f.key }} {% endfor %}\n{{ nothing }}\n", "utf-8")
    done = run("combine", *VARIANTS, "--template", str(template))
    assert done.returncode == 2
    assert "t.md.j2:2: 'nothing' is undefined" in done.stderr
    done = run("combine", *VARIANTS, "--template", "canonicl")
    assert "there is no template 'canonicl'" in done.stderr


def test_help__lists_every_row_of_the_tables() -> None:
    text = run("combine", "--help").stdout
    for table in (STRATEGIES, WORDINGS, FIELD_RULES):
        for name, row in table.items():
            assert f"  {name} " in text
            assert row.help.split()[0] in text


def test_docs__describe_every_row_of_the_tables() -> None:
    text = (ROOT / "docs" / "combining.md").read_text("utf-8")
    for table in (STRATEGIES, WORDINGS, FIELD_RULES):
        for name, row in table.items():
            assert f"| `{name}` | {row.help} |" in text


def test_standard_input_and_output() -> None:
    command = [sys.executable, "-m", "agentmerge", "combine", "-", VARIANTS[1], "--on-conflict", "first"]
    done = subprocess.run(command, input=Path(VARIANTS[0]).read_bytes(), capture_output=True)
    assert done.returncode == 0
    assert done.stdout.startswith(b"---\nname: backend-engineer\n")
    assert b"\r" not in done.stdout


def test_prefer_of_the_configuration__that_is_none_of_the_files_is_told(tmp_path: Path) -> None:
    (tmp_path / ".agentmerge.yaml").write_text("prefer: nobody.md\n", "utf-8")
    done = run("combine", *copied(tmp_path), "-o", str(tmp_path / "out.md"), "--on-conflict", "first")
    assert done.returncode == 0
    assert "agentmerge: warning: `prefer` of the configuration names nobody.md" in done.stderr


def test_prefer__files_of_one_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    for folder, share in (("a", 80), ("b", 90)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "r.md").write_text(f"# R\n\n## Rules\n\n- Keep coverage above {share}%\n", "utf-8")
    flags = ["combine", "a/r.md", "b/r.md", "--strategy", "priority", "--on-conflict", "first", "--prefer"]
    assert "above 90%" in run(*flags, "b/r.md", cwd=tmp_path).stdout
    done = run(*flags, "r.md", cwd=tmp_path)
    assert done.returncode == 2
    assert "--prefer r.md may mean 2 of the files" in done.stderr


def test_folder_as_output__no_report_is_left(tmp_path: Path) -> None:
    done = run("combine", *VARIANTS, "-o", str(tmp_path), "--report", str(tmp_path / "r.json"))
    assert done.returncode == 2
    assert done.stderr == f"agentmerge: error: {tmp_path}: can't be written: is a directory\n"
    assert list(tmp_path.iterdir()) == []


def test_report_in_no_folder__no_result_is_left(tmp_path: Path) -> None:
    done = run("combine", *VARIANTS, "-o", str(tmp_path / "out.md"), "--report", str(tmp_path / "gone" / "r.json"))
    assert done.returncode == 2
    assert "r.json: can't be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_result_and_report_in_one_place__are_refused(tmp_path: Path) -> None:
    done = run("combine", *VARIANTS, "--report", "-")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "agentmerge: error: <stdout>: the result and --report both go there; name a file with --output or --report\n"
    )
    out = str(tmp_path / "x")
    done = run("combine", *VARIANTS, "-o", out, "--report", out)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"agentmerge: error: {out}: is named by both --output and --report; name two files\n"
    assert list(tmp_path.iterdir()) == []
