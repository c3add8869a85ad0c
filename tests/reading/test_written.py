"""The written text of a value counts beside its type; how a value is styled does not."""

from __future__ import annotations

import pytest

from agentmerge import combine, diff, drift, parse
from agentmerge.model import Definition
from agentmerge.views.jsonable import show_json
from tests.shipped import SHIPPED


def agent(fields: str, dialect: str = "claude") -> Definition:
    return parse(f"---\nname: a\ndescription: d\n{fields}\n---\n# A\n\nBody.\n", dialect=dialect)


OTHER_TEXT = [
    ("version: 1.1", "version: 1.10"),
    ("version: 1.0", "version: 1.00"),
    ("n: 0x1F", "n: 31"),
    ("n: 0o17", "n: 15"),
    ("n: 1e3", "n: 1000"),
    ("n: +1", "n: 1"),
    ("n: 1.50", "n: 1.5"),
    ("n: .5", "n: 0.5"),
    ("metadata: {schema: 1.1}", "metadata: {schema: 1.10}"),
    ("metadata:\n  schema: 1.1", "metadata:\n  schema: 1.10"),
    ("metadata: {a: [1.1, 2]}", "metadata: {a: [1.10, 2]}"),
    ("list: [1.1]", "list: [1.10]"),
    # Quotes that change the type are a change.
    ("version: 1.1", 'version: "1.1"'),
    ("flag: true", 'flag: "true"'),
    ("metadata: {a: 1}", "metadata: {a: '1'}"),
]


@pytest.mark.parametrize(("old", "new"), OTHER_TEXT)
def test_another_text_of_a_number__is_a_change(old: str, new: str) -> None:
    a, b = agent(old), agent(new)
    for one, two in ((a, b), (b, a)):
        (change,) = diff(one, two)
        assert (change.kind, change.severity) == ("field-changed", "info")
        result = drift([one, two])
        assert result.pairs[0].klass == "frontmatter-only"
        (found,) = result.findings
        assert found.severity == "info"
        assert found.rule == ("version-changed" if old.startswith("version") else "field-changed")
        assert "written" not in found.message
        assert found.message.partition(": ")[2].strip()
        assert "field-differs" in {notice.rule for notice in combine([one, two]).findings}


SAME = [
    ("version: 1.10", "version:   1.10"),
    ("flag: true", "flag: True"),
    ("x: null", "x: ~"),
    ("x: word", 'x: "word"'),
    ("x: word", "x: 'word'"),
    ("x: two words", "x: >-\n  two\n  words"),
    ("x: two words", "x: >\n  two\n  words"),
    ("x: two words", "x: |\n  two words"),
    ("expertise: [a, b]", "expertise:\n  - a\n  - b"),
    ("expertise: [a, b]", "expertise: a, b"),
    ("metadata: {a: 1.10, b: [x, y]}", "metadata:\n  b:\n    - x\n    - 'y'\n  a: 1.10"),
    (
        "hooks: {Stop: [{hooks: [{type: command, command: x}]}]}",
        "hooks:\n  Stop:\n    - hooks:\n        - command: x\n          type: command",
    ),
    ("mcpServers: {a: {url: u, type: http}}", "mcpServers:\n  a:\n    type: http\n    url: u"),
    ("permissionMode: plan", "permissionMode: >\n  plan"),
    ("model: inherit", "model: |\n  inherit"),
    ("when_to_use: |\n  After a\n  change.", "when_to_use: After a change."),
    ("when_to_use: |\n  One.\n\n  Two is\n  longer.", "when_to_use: |\n  One.\n\n  Two\n  is longer.\n"),
]


@pytest.mark.parametrize(("old", "new"), SAME)
def test_another_style__is_cosmetic_and_no_finding(old: str, new: str) -> None:
    a, b = agent(old), agent(new)
    for one, two in ((a, b), (b, a)):
        result = drift([one, two])
        assert result.pairs[0].klass == "cosmetic"
        assert result.findings == ()
        assert "field-differs" not in {notice.rule for notice in combine([one, two]).findings}


def test_lines_of_a_list_in_prose__are_no_wrapping() -> None:
    a, b = agent("when_to_use: |\n  Steps\n  - one\n  - two"), agent("when_to_use: Steps - one - two")
    assert diff(a, b).klass == "frontmatter-only"


def test_show__gives_the_text_beside_the_value() -> None:
    rows = {
        row["key"]: row
        for row in show_json(agent("version: 1.10\nm: {a: 0x1F, b: [True, ~, x]}"), SHIPPED)["frontmatter"]
    }
    assert (rows["version"]["value"], rows["version"]["written"]) == (1.1, "1.10")
    assert rows["m"]["value"] == {"a": 31, "b": [True, None, "x"]}
    assert rows["m"]["written"] == {"a": "0x1F", "b": ["True", "~", "x"]}


def _permission(*rules: str) -> Definition:
    lines = "".join(f"\n    {rule}" for rule in rules)
    return agent(f"permission:\n  bash:{lines}", "opencode")


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        (("'*': ask", "git push: deny"), ("git push: deny", "'*': ask"), ["permission-widened"]),
        (("git push: deny", "'*': ask"), ("'*': ask", "git push: deny"), ["permission-narrowed"]),
        (("'git *': allow", "'*': deny"), ("'*': deny", "'git *': allow"), ["permission-widened"]),
        # What can't fit the same command may stand in any order, and so may equal rules.
        (("git push: deny", "ls: allow"), ("ls: allow", "git push: deny"), []),
        (("'git *': deny", "'npm *': allow"), ("'npm *': allow", "'git *': deny"), []),
        (("'*': deny", "rm: deny"), ("rm: deny", "'*': deny"), []),
    ],
)
def test_order_counts_where_the_last_rule_does(old: tuple[str, ...], new: tuple[str, ...], rules: list[str]) -> None:
    a, b = _permission(*old), _permission(*new)
    assert [found.rule for found in drift([a, b]).findings] == rules
    kinds = [change.kind for change in diff(a, b)]
    assert kinds == (["field-changed"] if rules else ["field-restyled"])


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("{capability: shell, effect: ask}", "{capability: shell, effect: allow}", ["permission-widened"]),
        ("{capability: shell, effect: allow}", "{capability: shell, effect: deny}", ["permission-narrowed"]),
        # The default is to ask.
        ("{capability: web, effect: ask}", "{capability: shell, effect: ask}", []),
        (
            "{capability: web, effect: deny}",
            "{capability: shell, effect: deny}",
            ["permission-widened", "permission-narrowed"],
        ),
        (
            "{capability: shell, effect: allow, match: [git *]}",
            "{effect: allow, match: [git *], capability: shell}",
            [],
        ),
    ],
)
def test_rules_of_permissions__are_rights(old: str, new: str, rules: list[str]) -> None:
    a, b = (agent(f"permissions:\n  rules:\n    - {rule}", "kiro") for rule in (old, new))
    assert [found.rule for found in drift([a, b]).findings if found.severity != "info"] == rules


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ('"agent #2"', "Agent #2"),
        ("'code: reviewer'", "Code: Reviewer"),
        ("backend-engineer", "Backend Engineer"),
        ('"a\\tb"', "A B"),
        ("'it''s mine'", "It's Mine"),
        ('"say \\"hi\\""', 'Say "hi"'),
        (">-\n  long\n  name", "Long Name"),
        ("007", "007"),
        ("1.10", "1.10"),
        ('"x" # why', "X"),
        ("a: b # c", "A: B # C"),
    ],
)
def test_a_title_is_made_of_the_value(name: str, title: str) -> None:
    variants = [parse(f"---\nname: {name}\ndescription: d\n---\nBody {n}.\n") for n in ("one", "two")]
    assert f"\n# {title}\n" in combine(variants).text
