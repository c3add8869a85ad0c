"""What a survey finds: families with their classes, mirrors, names that collide, descriptions, boilerplate."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

import pytest

from agentmerge.surveying.engine import survey
from agentmerge.surveying.reading import from_row, read_content, to_row
from agentmerge.surveying.records import Card, Klass, Survey, Wider, of_collision, of_family
from tests.shipped import SHIPPED

_FIRST = "amber basin canal delta engine falcon garden hammer island jacket kettle ladder magnet needle"
WORDS = [
    *_FIRST.split(),
    *["oyster", "pencil", "quiver", "ribbon", "saddle", "tunnel", "urchin", "vessel", "walnut", "yellow", "zipper"],
]


def text(seed: int, count: int = 14, size: int = 9) -> list[str]:
    """Statements that no other seed makes."""
    chance = random.Random(seed)
    return [
        " ".join(chance.choice(WORDS) + chance.choice(WORDS) for _ in range(size)) + f" {seed}" for _ in range(count)
    ]


def agent(name: str, rows: list[str], description: str = "", **fields: str) -> str:
    head = [f"name: {name}", f"description: {description or f'Does what {name} does.'}"]
    head += [f"{key}: {value}" for key, value in fields.items()]
    return "\n".join(["---", *head, "---", "", "# Role", "", "## Steps", "", *(f"- {row}" for row in rows), ""])


def surveyed(files: Mapping[str, str]) -> Survey:
    return survey([Card(name, read_content(own, name, SHIPPED)) for name, own in files.items()], SHIPPED)


def classes(found: Survey) -> dict[tuple[str, str], Klass]:
    return {
        (found.cards[pair.a].file, found.cards[pair.b].file): pair.klass
        for family in found.families
        for pair in family.pairs
    }


ROWS = text(1)


@pytest.mark.parametrize(
    ("other", "klass"),
    [
        (agent("tidy", ROWS), Klass.IDENTICAL),
        (agent("sweeper", ROWS, "Sweeps."), Klass.IDENTICAL),
        (agent("tidy", [f"**{ROWS[0]}**", *ROWS[1:]]), Klass.COSMETIC),
        (agent("tidy", ROWS, model="opus"), Klass.HOST_ONLY),
        (agent("tidy", [*ROWS, *text(2, 4)]), Klass.SUPERSET),
        (agent("tidy", [*ROWS[:11], *text(3, 3)]), Klass.FORKED),
        (agent("tidy", text(4), "Does what tidy does, and well."), Klass.SAME_ROLE),
    ],
)
def test_class_of_a_pair(other: str, klass: Klass) -> None:
    found = classes(surveyed({"a/tidy.md": agent("tidy", ROWS), "b/tidy.md": other, "b/far.md": agent("far", text(9))}))
    assert list(found.values()) == [klass]


def test_one_role_of_three_authors__all_of_them_side_by_side() -> None:
    files = {
        f"{team}/tidy.md": agent("tidy", text(seed), "Does what tidy does, and well.")
        for seed, team in enumerate(("ann", "bob", "cyd"), 20)
    }
    found = surveyed(files)
    (family,) = found.families
    command = of_family(family, family.pairs[0], found.cards)
    assert command[:2] == ("agentmerge", "compare")
    assert sorted(command[2:]) == sorted(files)


def test_superset__the_larger_one_comes_first() -> None:
    files = {"a/tidy.md": agent("tidy", ROWS), "b/tidy.md": agent("tidy", [*ROWS, *text(2, 4)])}
    assert list(classes(surveyed(files))) == [("b/tidy.md", "a/tidy.md")]


def test_one_body_of_three_statements_is_a_pair_whatever_it_is_called() -> None:
    rows = text(5, 3)
    files = {
        "x/SKILL.md": agent("clone", rows),
        "y/SKILL.md": agent("voice", rows),
        "z/SKILL.md": agent("pdf", text(6)),
    }
    assert classes(surveyed(files)) == {("x/SKILL.md", "y/SKILL.md"): Klass.IDENTICAL}


def test_strangers_with_a_common_file_name_are_no_family() -> None:
    files = {"docs/README.md": "# Docs\n\nRead on.\n", "docs/CLAUDE.md": agent("x", ROWS)[3:]}
    assert not surveyed(files).families


def test_a_chain_is_no_family() -> None:
    rows = text(7, 30)
    links = [rows[at : at + 12] for at in (0, 6, 12, 18)]
    files = {f"{at}.md": agent(f"part{at}", own, "Does some of one thing.") for at, own in enumerate(links)}
    found = surveyed(files)
    ends = {0, 3}
    assert not any(ends <= {int(found.cards[n].file[0]) for n in family.members} for family in found.families)


def test_boilerplate_makes_no_copy_and_is_told() -> None:
    common = text(8, 8)
    files = {
        f"t{at:02}.md": agent(f"task{at:02}x", [*common, *text(100 + at, 8)], " ".join(text(200 + at, 1)))
        for at in range(30)
    }
    found = surveyed(files)
    assert {pair.klass for family in found.families for pair in family.pairs} <= {Klass.BOILERPLATE}
    assert {template.files for template in found.templates} == {30}
    # The same share of the words makes a copy where it is not what all say.
    pair = surveyed(
        {name: files[name].replace("task00x", "one").replace("task01x", "one") for name in ("t00.md", "t01.md")}
    )
    assert list(classes(pair).values()) == [Klass.FORKED]


def test_mirrors_of_one_project_are_one_member() -> None:
    own, host = agent("tidy", ROWS), agent("tidy", ROWS, mode="subagent")
    found = surveyed(
        {".claude/agents/tidy.md": own, ".opencode/agent/tidy.md": host, ".github/agents/tidy.agent.md": own}
    )
    assert not found.families
    apart = surveyed({"p/.claude/agents/tidy.md": own, "q/.claude/agents/tidy.md": own})
    assert len(apart.families) == 1
    both = surveyed({".claude/agents/tidy.md": own, ".opencode/agent/tidy.md": host, "old/agents/tidy.md": own})
    (family,) = both.families
    assert [both.cards[number].file for number in family.members] == [".claude/agents/tidy.md", "old/agents/tidy.md"]
    assert [both.cards[n].file for others in family.mirrors.values() for n in others] == [".opencode/agent/tidy.md"]


def test_copies_cost_their_tokens() -> None:
    files = {f"{folder}/tidy.md": agent("tidy", ROWS) for folder in "abc"}
    found = surveyed(files)
    assert found.copied == 2 * found.cards[0].content.tokens
    assert found.tokens == 3 * found.cards[0].content.tokens


def test_collision__other_texts_of_one_name_host_and_kind() -> None:
    files = {
        "a/agents/tidy.md": agent("tidy", ROWS, tools="Read"),
        "b/agents/tidy.md": agent("Tidy", text(2), tools="Read"),
        "b/commands/tidy.md": agent("tidy", text(3), tools="Read"),
        "c/agents/tidy.md": agent("tidy", ROWS, tools="Read"),
        "notes/tidy.md": "# Tidy\n\nText.\n",
    }
    (one,) = surveyed(files).collisions
    assert (one.name, [sorted(files)[number] for number in one.files]) == (
        "tidy",
        ["a/agents/tidy.md", "b/agents/tidy.md"],
    )


def test_collision__no_field_is_set_in_a_file_that_has_to_be_mended_first() -> None:
    def told(description: str) -> str:
        files = {"a/agents/tidy.md": agent("tidy", ROWS), "b/agents/tidy.md": agent("tidy", text(2), description)}
        found = surveyed(files)
        return of_collision(found.collisions[0], found.cards)[1]

    assert told("Sweeps.") == "set"
    assert told("Sweeps: and dusts.") == "diff"


def test_neighbours__descriptions_of_two_roles() -> None:
    told = "Optimizes slow database queries and proposes indexes for {}."
    files = {
        "a.md": agent("tuner", ROWS, told.format("Postgres")),
        "b.md": agent("doctor", text(2), told.format("Postgres servers")),
        "c.md": agent("writer", text(3), "Writes release notes from merged changes."),
        "d.md": agent("tuner-copy", ROWS, told.format("Postgres")),
    }
    found = surveyed(files)
    assert [(found.cards[one.a].file, found.cards[one.b].file) for one in found.neighbours] == [("a.md", "b.md")]


def test_translation__by_name_and_what_stays() -> None:
    english = (
        "# Tuner\n\nYou make the queries of a team fast.\n\n- Ask the planner with `EXPLAIN`.\n- Never run `DROP`.\n"
    )
    german = (
        "# Tuner\n\nDu machst die Abfragen einer Gruppe schnell.\n\n"
        "- Frage mit `EXPLAIN` und lies.\n- Nutze nie `DROP`.\n"
    )
    head = "---\nname: tuner\ndescription: {}\n---\n\n"
    files = {
        "en/tuner.md": head.format("Makes queries fast.") + english,
        "de/tuner.md": head.format("Schnell.") + german,
    }
    assert list(classes(surveyed(files)).values()) == [Klass.TRANSLATION]


def test_documents_are_apart() -> None:
    found = surveyed(
        {"README.md": "# X\n\n## Installation\n\nDo.\n\n## License\n\nMIT\n", "e.md": "", "a.md": agent("a", ROWS)}
    )
    assert [found.cards[number].file for number in found.papers] == ["README.md", "e.md"]


def test_order_of_the_files_says_nothing() -> None:
    files = {
        f"{seed}/tidy{seed % 3}.md": agent(f"tidy{seed % 3}", [*ROWS[: 6 + seed], *text(seed, 3)]) for seed in range(8)
    }
    cards = [Card(name, read_content(own, name, SHIPPED)) for name, own in files.items()]
    first = survey(cards, SHIPPED)
    assert first.families
    for seed in range(5):
        random.Random(seed).shuffle(cards)
        assert survey(cards, SHIPPED) == first


def test_rights__asked_once_for_texts_of_one_origin() -> None:
    files = {"a/tidy.md": agent("tidy", ROWS, tools="Read"), "b/tidy.md": agent("tidy", ROWS, tools="Read, Bash")}
    cards = [Card(name, read_content(own, name, SHIPPED)) for name, own in files.items()]
    asked: list[tuple[int, int]] = []

    def widen(couple: tuple[int, int]) -> tuple[Wider, ...]:
        asked.append(couple)
        return (Wider(couple[1], "breaking", "more"),)

    found = survey(cards, SHIPPED, widen=widen)
    assert [pair.wider for family in found.families for pair in family.pairs] == [(Wider(1, "breaking", "more"),)]
    assert asked == [(0, 1)]


def test_row__is_the_content_again_and_nothing_else_is_taken() -> None:
    content = read_content(agent("tidy", ROWS, tools="Read"), "a.md", SHIPPED)
    row = json.loads(json.dumps(to_row(content)))
    assert from_row(row) == content
    others: list[list[Any]] = [row[:-1], [], [1, *row[1:]], [*row[:8], ["x"], *row[9:]], [*row[:8], [-1], *row[9:]]]
    for broken in others:
        with pytest.raises(ValueError, match="another form"):
            from_row(broken)
