"""Which inputs are variants: documents that define no agent, copies, and versions of one file."""

from __future__ import annotations

import pytest

from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import Definition
from agentmerge.planning.intake import edits, is_result, paper_kind, sift, versions
from agentmerge.reading.parsing import parse as parse_with

KNOWN = Knowledge.shipped()


def parse(text: str, filename: str | None = None) -> Definition:
    return parse_with(text, KNOWN, filename=filename)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("# X\n\n## Install\n\npip\n\n## Usage\n\nx -h\n\n## How it works\n\nWell.\n\n## License\n\nMIT\n", "install"),
        ("# MIT License\n\nCopyright (c) somebody\n\nDo what you like.\n", "licence"),
        ("Permission is hereby granted, free of charge, to any person\nobtaining a copy\n", "licence"),
        ("# Changelog\n\n## [1.2.0] - 2026-01-05\n\n- Fix a\n\n## v1.1\n\n- Fix b\n", "releases"),
        ("# News\n\n## 2026-01-05\n\n- Fix a\n\n## 2025.11.30, stable\n\n- Fix b\n", "releases"),
        ("# Agents\n\nAll we have.\n\n- [A](a.md): one\n- [B](b.md): two\n- [C](sub/c.md): three\n", "index"),
        ("# Agents\n\n| file | use |\n|---|---|\n| [A](a.md) | x |\n| [B](b.md) | y |\n| [C](c.md) | z |\n", "index"),
    ],
)
def test_document__is_known_by_its_content(text: str, kind: str) -> None:
    assert paper_kind(parse(text), KNOWN).startswith(kind)
    assert paper_kind(parse(f"---\nname: x\n---\n{text}"), KNOWN) == ""
    assert paper_kind(parse(text, "docs/README.md"), KNOWN).startswith(kind)
    assert paper_kind(parse(text, "docs/CLAUDE.md"), KNOWN) == ""


@pytest.mark.parametrize(
    "text",
    [
        "# Reviewer\n\n## Setup\n\nInstall the linter.\n\n## Process\n\n1. Read.\n\n## Rules\n\n- Never merge.\n",
        "# Helper\n\nYou are a packager.\n\n## Installation\n\n- Test it.\n\n## License\n\n- Check it.\n",
        "# Rules\n\n- Be kind.\n- See [the guide](guide.md).\n- Ask first.\n",
        "# Versions\n\n## Rules for 2.0\n\n- Keep the old field.\n\n## Rules for 3.0\n\n- Drop it.\n",
    ],
)
def test_definition_without_frontmatter__is_no_document(text: str) -> None:
    assert paper_kind(parse(text), KNOWN) == ""


def test_kinds_of_documents__are_data() -> None:
    text = "# X\n\n## Bestellung\n\nDort.\n\n## Rabatt\n\nHier.\n"
    more = Knowledge.of({"inputs": {"shop": {"titles": ["bestellung", "rab*"]}}})
    assert paper_kind(parse(text), KNOWN) == ""
    assert paper_kind(parse_with(text, more), more) == "shop"


def test_copies__the_first_stands_but_for_the_output() -> None:
    one, other = parse("# A\n\n- x\n"), parse("# B\n\n- y\n")
    found = sift([one, other, one], ["a", "b", "c"], KNOWN)
    assert (found.taken, found.stands_for) == ((0, 1), {2: 0})
    found = sift([one, other, one], ["a", "b", "c"], KNOWN, last=[0])
    assert (found.taken, found.stands_for) == ((1, 2), {0: 2})


def test_nothing_but_empty_files__is_left_to_the_combine() -> None:
    assert sift([parse(""), parse("\n")], ["a", "b"], KNOWN).taken == (0, 1)


def _list(*words: str) -> str:
    return "# R\n\n" + "".join(f"- Keep the {word}.\n" for word in words)


def test_versions__are_near_and_the_one_contained_comes_first() -> None:
    short = _list("a1", "b1", "c1", "d1", "e1", "f1")
    (found,) = versions([parse(short + "- Keep the g1.\n- Keep the h1.\n"), parse(short)])
    assert (found.file, found.other, found.share, found.is_near) == (1, 0, 1.0, True)
    assert versions([parse(short), parse(_list("a2", "b2", "c2", "d2", "e2", "f1"))]) == ()


def test_result__is_what_nearly_stands_in_the_others_and_each_gave_to() -> None:
    a, b, c = (parse(_list(*words)) for words in (("a1", "s1"), ("b1", "s1"), ("c1",)))
    assert is_result(parse(_list("a1", "b1", "c1", "s1")), [a, b, c])
    assert not is_result(parse(_list("a1", "b1", "s1")), [a, b, c])
    assert not is_result(parse(_list("a1", "b1", "c1", "z1")), [a, b, c])
    assert not is_result(parse(_list("a1", "s1")), [a])


def test_edits__are_lines_that_nobody_has_whatever_their_marks() -> None:
    earlier = parse("# R\n\n## Rules\n\n- One thing.\n1. Two things.\n\n<!-- agentmerge: from a.md:3 -->\nBy hand.\n")
    sources = [parse("# R\n\n**Rules**\n\n* One thing.\n"), parse("# R\n\n- Two things.\n")]
    assert edits(earlier, sources, "") == ((9, "By hand."),)
    assert edits(earlier, sources, "By hand.\n") == ()
