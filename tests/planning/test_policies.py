"""Policies: what they set is read as YAML and told, what they name exists; they speak of files, kinds and support."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agentmerge import combine, parse
from agentmerge.errors import PolicyError, UndecidedError
from agentmerge.merging.pieces import Rule as MergeRule
from agentmerge.planning.records import Merged
from agentmerge.planning.strategies import Policy, Rule, parse_rule


def file(name: str, fields: str, body: str) -> Any:
    return parse(f"---\nname: a\ndescription: It does.\n{fields}---\n# A\n\n{body}", filename=name)


def combined(*rules: str, fields: tuple[str, str] = ("", ""), policy: Policy | None = None) -> Merged:
    bodies = "## Rules\n\n- Be brief\n", "## Rules\n\n- Be brief\n- Say please\n"
    files = [file(f"{n}.md", own, body) for n, (own, body) in enumerate(zip(fields, bodies, strict=True))]
    return combine(files, policy or Policy(rules=tuple(map(parse_rule, rules))))


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("tools=set:[Read, Bash]", "tools: [Read, Bash]"),
        ("tools=set:Read, Bash", "tools: Read, Bash"),
        ("maxTurns=set:5", "maxTurns: 5"),
        ("version=set:1.10", "version: 1.10"),
        ('version=set:"1.10"', "version: '1.10'"),
        ("background=set:true", "background: true"),
        ("hooks=set:{a: [b]}", "hooks:"),
        ("role=set:reads: all of it", "role: 'reads: all of it'"),
        ("role=set:-", "role: '-'"),
    ],
)
def test_what_is_set__is_read_as_yaml(rule: str, line: str) -> None:
    text = combined(f"frontmatter/{rule}").text
    assert line in text.replace('"', "'")
    assert parse(text).frontmatter is not None
    assert not [note for note in parse(text).diagnostics if note.code == "frontmatter-repaired"]


def test_list_that_is_not_closed__is_refused() -> None:
    with pytest.raises(PolicyError, match="not valid YAML"):
        combined("frontmatter/role=set:[ not closed")


@pytest.mark.parametrize("fields", [("", ""), ("permissionMode: plan\n", ""), ("permissionMode: plan\n",) * 2])
def test_rights_that_are_set__are_told(fields: tuple[str, str]) -> None:
    merged = combined("frontmatter/permissionMode=set:bypassPermissions", fields=fields)
    assert "permissionMode: bypassPermissions" in merged.text
    (told,) = [note for note in merged.findings if note.rule == "permission-widened"]
    assert "permissionMode" in told.message


def test_rights_that_are_set_and_grant_nothing_new__are_not_told() -> None:
    merged = combined("frontmatter/permissionMode=set:plan")
    assert not [note for note in merged.findings if note.rule == "permission-widened"]


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: Policy("unoin"), "did you mean 'union'?"),
    (lambda: Policy(wording="longst"), "did you mean 'longest'?"),
    (lambda: Policy(on_conflict="frist"), "did you mean 'first'?"),  # type: ignore[arg-type]
    (lambda: Policy(prefer=(-1,)), "indices of variants"),
    (lambda: Policy(prefer=("a.md",)), "indices of variants"),  # type: ignore[arg-type]
    (lambda: Policy(quorum=0), "less than one"),
    (lambda: Policy("at-least:none"), "write at-least:2"),
    (lambda: Rule("Rules", "unoin"), "did you mean 'union'?"),
    (lambda: Rule("frontmatter/tools", "longst"), "field rule"),
    (lambda: Rule("frontmatter/tools", "set:"), "write set:VALUE"),
    (lambda: Rule("", "union"), "write PATH=RULE"),
    (lambda: Rule("Rules", "from:"), "write from:FILE"),
    (lambda: MergeRule("Rules", "our"), "did you mean 'ours'?"),
    (lambda: combined(policy=Policy(prefer=(9,))), "there are 2"),
    (lambda: combined("Rules=from:3.md"), "'3.md'"),
    (lambda: combined(policy=Policy("from:3.md")), "'3.md'"),
]


@pytest.mark.parametrize(("make", "message"), WRONG)
def test_what_does_not_exist__is_refused_where_it_is_made(make: Callable[[], object], message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        make()
    assert message in str(caught.value)


def test_fail_on_conflict__fails_in_python() -> None:
    sides = [
        file("a.md", "", "## Rules\n\n- Keep coverage above 80%\n"),
        file("b.md", "", "## Rules\n\n- Keep coverage above 90%\n"),
    ]
    both = combine(sides)
    assert both.open_conflicts
    with pytest.raises(UndecidedError, match="conflicts are left: 1") as caught:
        combine(sides, Policy(on_conflict="fail"))
    assert caught.value.merged == both
    assert (caught.value.file, caught.value.line) == ("a.md", 9)


THREE = [
    file("dba.md", "", "## Database\n\n- Index every key\n- Normalise\n\n## Security\n\n- Hide it\n"),
    file("sec.md", "", "## Database\n\n- Use any index\n\n## Security\n\n- Never log secrets\n- Encrypt\n"),
    file("ops/x.md", "", "## Database\n\n- Normalise\n- Back up\n\n## Security\n\n- Encrypt\n"),
]


def test_a_section__from_one_file() -> None:
    policy = Policy(rules=tuple(map(parse_rule, ("Database=from:dba.md", "Security=from:sec.md"))))
    text = combine(THREE, policy).text
    for kept in ("Index every key", "Normalise", "Never log secrets", "Encrypt"):
        assert kept in text
    for left in ("any index", "Back up", "Hide it"):
        assert left not in text
    dropped = {row.source.text for row in combine(THREE, policy).ledger if row.fate == "dropped"}
    assert dropped == {"Use any index", "Back up", "Hide it"}


def test_a_section__in_the_words_of_its_file() -> None:
    longer = file("b.md", "", "## Database\n\n- Index every key of each of the tables that there are\n")
    shorter = file("a.md", "", "## Database\n\n- Index every key of each of the tables\n")
    assert "that there are" in combine([shorter, longer]).text
    assert "that there are" not in combine([shorter, longer], Policy("from:a.md")).text


def test_support__how_many_say_it() -> None:
    text = combine(THREE, Policy(rules=(parse_rule("Database=at-least:2"),))).text
    assert "Normalise" in text
    assert "Back up" not in text
    assert "Hide it" in text


def test_kinds__guardrails_of_all_and_the_rest_by_majority() -> None:
    policy = Policy("majority", rules=(parse_rule("kind:guardrail=union"),))
    text = combine(THREE, policy).text
    assert "Never log secrets" in text
    assert "Encrypt" in text
    assert "Hide it" not in text
    assert not [note for note in combine(THREE, policy).findings if note.rule == "policy-unmatched"]
    unmatched = combine(THREE, Policy(rules=(parse_rule("kind:tabel=union"),))).findings
    assert any(note.rule == "policy-unmatched" for note in unmatched)


def test_a_section_called_like_a_kind__is_a_section() -> None:
    code = file("a.md", "", "## Code\n\n- Be brief\n\n## Rules\n\n```sh\nls\n```\n")
    other = file("b.md", "", "## Code\n\n- Be long\n")
    text = combine([code, other], Policy(rules=(parse_rule("Code=intersection"),))).text
    assert "Be brief" not in text
    assert "ls" in text
