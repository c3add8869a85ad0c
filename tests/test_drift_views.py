"""The forms of a drift review: JSON, SARIF, annotations, Markdown and text, on friendly and hostile content."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from agentmerge import diff, drift, parse
from agentmerge.drifting.acceptance import Baseline, accept, intentions
from agentmerge.drifting.records import Report, RoleGroup, rules
from agentmerge.drifting.reviewing import review
from agentmerge.views.diff import alike, percent
from agentmerge.views.drift import Look, drift_github, drift_markdown, drift_text, rules_json, sarif
from agentmerge.views.drift_json import drift_json
from agentmerge.views.jsonable import diff_json, dumps
from agentmerge.views.paint import Paint
from tests.shipped import SHIPPED
from tests.test_drifting import BASE
from tests.test_schemas import validate

SARIF = jsonschema.Draft4Validator(
    json.loads((Path(__file__).parent / "schemas" / "sarif-schema-2.1.0.json").read_text("utf-8")),
    format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER,
)
HOSTILE = (
    BASE.replace(
        "Never push to the main branch", "Never trust </script><script>alert(1)</script> | `x` \x1b[31m\u202e::error::"
    )
    .replace("tools: Read, Grep\n", "")
    .replace("# Reviewer", "# <img src=http://example.com/a.png onerror=alert(2)>")
)


def report(*texts: str, names: tuple[str, ...] = (), directed: bool | None = None) -> Report:
    found = drift([parse(text) for text in texts], directed=directed)
    files = tuple(range(len(texts)))
    return Report(names or tuple(f"agents/{number}.md" for number in files), (RoleGroup("", files, found),))


EDITED = BASE.replace("You must run", "You may run").replace("tools: Read, Grep", "tools: Read, Grep, Bash")


@pytest.mark.parametrize("texts", [(BASE, EDITED), (BASE, EDITED, HOSTILE), (BASE, BASE), ("", BASE), ("", "")])
def test_json__is_of_the_shape(texts: tuple[str, ...]) -> None:
    validate(drift_json(report(*texts)), "drift")
    found = diff(parse(texts[0]), parse(texts[1]))
    validate(diff_json(found, list(found), review(found, SHIPPED), ["a.md", "b.md"]), "diff")


def test_rules__are_of_the_shape() -> None:
    validate(rules_json(rules(knowledge=SHIPPED)), "rules")


def test_json__wrong_shape_is_refused() -> None:
    data = drift_json(report(BASE, EDITED))
    data["pairs"][0]["class"] = "odd"
    with pytest.raises(jsonschema.ValidationError):
        validate(data, "drift")


def test_sarif__is_of_the_standard_shape() -> None:
    data = _sarif(report(BASE, EDITED, HOSTILE, names=("a.md", "b c.md", "/tmp/ü.md"), directed=True))
    (run,) = data["runs"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert run["results"]
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["partialFingerprints"]["agentmergeFinding/v1"]
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]}
    assert uris == {"b%20c.md", "file:///tmp/%C3%BC.md"}


def _sarif(shown: Report) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(dumps(sarif(shown, SHIPPED)))
    SARIF.validate(data)
    return data


def test_sarif__a_wrong_shape_is_refused() -> None:
    data = _sarif(report(BASE, EDITED))
    data["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        SARIF.validate(data)


@pytest.mark.parametrize("texts", [(BASE, BASE), ("", BASE), ("", "")])
def test_sarif__is_of_the_standard_shape_without_findings_too(texts: tuple[str, ...]) -> None:
    _sarif(report(*texts))


def test_sarif__accepted_findings_are_suppressed() -> None:
    shown = accept(
        report(BASE, EDITED), Baseline(), intentions([{"reason": "meant", "rules": ["permission-widened"]}], SHIPPED)
    )
    results = _sarif(shown)["runs"][0]["results"]
    assert [r["ruleId"] for r in results if "suppressions" in r] == ["permission-widened"]


def test_github__one_command_per_finding_and_nothing_breaks_out() -> None:
    shown = report(BASE, HOSTILE, names=("a.md", "b,c: d.md"))
    lines = drift_github(shown).splitlines()
    findings = shown.groups[0].drift.findings
    assert len(lines) == len(findings) + 1
    for line in lines[:-1]:
        assert re.match(r"::(?:error|warning|notice) file=b%2Cc%3A d\.md,line=\d+,title=[\w-]+ \(\w+\)::", line)


def test_markdown__content_is_no_markup() -> None:
    text = drift_markdown(report(BASE, HOSTILE))
    assert not re.search(r"(?<!\\)<(?:script|img)", text)
    assert not re.search(r"^::", text, re.MULTILINE)
    assert "\x1b" not in text
    rows = [line for line in text.splitlines() if line.startswith("| 🔴")]
    assert rows
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)


def test_text__no_control_character_but_ours() -> None:
    text = drift_text(report(BASE, HOSTILE, EDITED), Look(Paint(enabled=False), 200, every=True))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<U+202E>" in text


def test_text__most_serious_first() -> None:
    text = drift_text(report(BASE, EDITED.replace("sonnet", "opus")), Look(Paint(enabled=False)))
    assert text.index("permission-widened") < text.index("model-changed")


@pytest.mark.parametrize(("share", "shown"), [(0.0, "0"), (0.001, "1"), (0.999, "99"), (0.5, "50")])
def test_percent__only_equal_is_100_and_only_nothing_is_0(share: float, shown: str) -> None:
    assert percent(share, equal=False) == shown
    assert percent(1.0, equal=True) == "100"


def test_text__names_what_is_contained_in_what() -> None:
    more = BASE + "\nThe team meets on Mondays and writes down what it decided.\n"
    look = Look(Paint(enabled=False))
    assert "superset of a.md, " in drift_text(report(BASE, more, names=("a.md", "b.md")), look)
    assert "subset of b.md, " in drift_text(report(more, BASE, names=("b.md", "a.md")), look)
    assert alike(diff(parse(BASE), parse(BASE + "\nDone.\n"))) == "99"


def test_text__all_lists_what_only_one_says_and_lacks() -> None:
    alone = BASE + "\nThe team meets on Mondays and writes down what it decided.\n"
    without = BASE.replace("- Keep the coverage above 80%\n", "")
    text = drift_text(report(BASE, alone, without), Look(Paint(enabled=False), every=True))
    assert "only here: The team meets on Mondays" in text
    assert "lacks: Keep the coverage" in text


def test_text__fits_the_width() -> None:
    for width in (80, 120):
        text = drift_text(report(BASE, EDITED, HOSTILE), Look(Paint(enabled=False), width, every=True))
        assert max(map(len, text.splitlines())) <= width
