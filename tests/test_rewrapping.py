"""How a text is wrapped says nothing: not to a diff, not to a review, not to an alignment."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge import align, combine, diff, drift, parse
from agentmerge.model import Definition, flow_of, quoted_flow, walk_sections, walk_units
from tests.laws import examples, require_laws
from tests.rewrapping import WIDTHS, rendered, rewrapped

FIXTURES = Path(__file__).parents[1] / "fixtures"
FILES = sorted(
    path for folder in ("rewrap", "backend-engineer", "drift", "review") for path in (FIXTURES / folder).glob("*.md")
)
VOCABULARY = (
    "you must not never always only push deploy the a data rule when it fails 5 minutes should ask **Owner**: `code` "
    "Never. Stop! (unless) [link](x.md) — and, or; 2. • x: _it_"
)


def _read(path: Path) -> Definition:
    return parse(path.read_text("utf-8"), filename=str(path))


def _told(a: str, b: str) -> tuple[str, str, list[str]]:
    old, new = parse(a), parse(b)
    pair = drift([old, new], summary=False).pairs[0]
    return diff(old, new).klass, pair.klass, [finding.rule for finding in pair.findings]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rewrapped__is_cosmetic_both_ways(path: Path, width: str) -> None:
    definition = _read(path)
    text = rewrapped(definition, width)
    if text is None:
        return
    require_laws(text)
    assert _told(definition.text, text) == ("cosmetic", "cosmetic", [])
    assert _told(text, definition.text) == ("cosmetic", "cosmetic", [])


@pytest.mark.parametrize("width", ["72", "45", "unwrapped"])
def test_fixture__is_really_rewrapped(width: str) -> None:
    definition = _read(FIXTURES / "rewrap" / "night-watch.md")
    text = rewrapped(definition, width)
    assert text is not None
    changed = set(definition.text.split("\n")) ^ set(text.split("\n"))
    assert len(changed) > 20
    if width != "unwrapped":
        assert max(len(line) for line in text.split("\n") if "Severity" in line) <= int(width)


def test_tag_of_an_example_that_joins_the_line_above__is_cosmetic() -> None:
    text = "# Tests\n\n<Bad>\n```py\ncheck(mock)\n```\nA vague name, and it tests the mock\n</Bad>\n\n- Run them\n"
    assert _told(text, text.replace("mock\n</Bad>", "mock </Bad>")) == ("cosmetic", "cosmetic", [])
    assert _told(text, text.replace("tests the mock", "tests the code"))[2]


@pytest.mark.parametrize("width", ["80", "45"])
def test_rewrapped_copy__is_the_same_to_an_alignment_and_a_combine(width: str) -> None:
    definition = _read(FIXTURES / "backend-engineer" / "contract-first.md")
    text = rewrapped(definition, width)
    assert text is not None
    copy = parse(text)
    assert all(coverage.share == 1 for coverage in align([definition, copy]).coverage)
    merged = combine([definition, copy])
    assert _told(combine([definition]).text, merged.text)[1:] in (("cosmetic", []), ("identical", []))


@given(st.lists(st.sampled_from(VOCABULARY.split()), min_size=2, max_size=30), st.data())
@settings(max_examples=examples(150), deadline=None)
def test_any_two_wrappings_of_a_paragraph_say_the_same(words: list[str], data: st.DataObject) -> None:
    texts = []
    for _ in range(2):
        gaps = data.draw(st.lists(st.sampled_from(" \n"), min_size=len(words) - 1, max_size=len(words) - 1))
        paragraph = words[0] + "".join(f"{gap}{word}" for gap, word in zip(gaps, words[1:], strict=True))
        texts.append(f"# R\n\nFirst.\n\n{paragraph}\n\n- item\n")
    if rendered([texts[0]]) == rendered([texts[1]]):
        assert _told(*texts) in (("identical", "identical", []), ("cosmetic", "cosmetic", []))


@pytest.mark.parametrize(
    ("wrapped", "joined"),
    [
        ("You must\nnot push to main.", "You must not push to main."),
        ("- Do\n  not delete data.", "- Do not delete data."),
        ("- [ ] Never\n  merge red builds.", "- [ ] Never merge red builds."),
        ("> You must\n> never guess.", "> You must never guess."),
        ("**Long\nlead**: never do it.", "**Long lead**: never do it."),
        ("You must\nnever:\n\n- push\n- pull", "You must never:\n\n- push\n- pull"),
        ("**A bold\ntitle**\n\nText.", "**A bold title**\n\nText."),
        ("**Do**: this now\n**Never**: that now", "**Do**: this now **Never**: that now"),
        ("**Title**\nNever push.", "**Title** Never push."),
        ("Done is done.\nSteps:\n\n- a\n- b", "Done is done. Steps:\n\n- a\n- b"),
        ("Steps:\n• never a\n• b", "Steps: • never a • b"),
        ("Coverage is at\nleast 80 %, in\nall modules.", "Coverage is at least 80 %, in all modules."),
        ("Ask first (e.g.\nthe owner), then\nact.", "Ask first (e.g. the owner), then act."),
        ("1. Never ask\n   twice\n2. Stop", "1. Never ask twice\n2. Stop"),
        ("One  \nnever\ntwo", "One  \nnever two"),
        ("<night_rules>\nNever push.\n</night_rules>", "<night_rules> Never push. </night_rules>"),
        (
            "<night_rules>\n\n- Ask.\n- Never push.\n</night_rules>",
            "<night_rules>\n\n- Ask.\n- Never push. </night_rules>",
        ),
        ("❌ Skip the tests\n✅ Rotate keys", "❌ Skip the tests ✅ Rotate keys"),
        ("1. Steps of the night:\n   • never a\n   • b\n2. Stop", "1. Steps of the night: • never a • b\n2. Stop"),
        ("❌ Never skip the\ntests.", "❌ Never skip the tests."),
        ("- ❌ Never skip the\n  tests.", "- ❌ Never skip the tests."),
        ("> ☐ one\n> ☑ two", "> ☐ one ☑ two"),
        ("Say why.[^1]\n\n[^1]: Never\nwithout one.", "Say why.[^1]\n\n[^1]: Never without one."),
        ("Term\n: what it must\nmean", "Term : what it must mean"),
        ("**Rules**: one, two,\nthree", "**Rules**: one, two, three"),
        ("One\\\nnever\ntwo", "One\\\nnever two"),
    ],
)
def test_soft_break__is_a_blank(wrapped: str, joined: str) -> None:
    a, b = (f"# Role\n\nIntro of the role.\n\n## Rules\n\n{text}\n" for text in (wrapped, joined))
    assert _told(a, b) == ("cosmetic", "cosmetic", [])
    assert _told(b, a) == ("cosmetic", "cosmetic", [])


def test_change_in_a_rewrapped_text__is_told_once() -> None:
    old = "# R\n\n- You must\n  not push to main, and you must ask the\n  owner first.\n- Other.\n"
    new = "# R\n\n- You should not push to main, and you must ask\n  the owner first.\n- Other.\n"
    assert _told(old, new) == ("reworded", "reworded", ["guardrail-weakened"])


def test_hard_break__is_content() -> None:
    assert flow_of("one  \ntwo\nthree\\\nfour") == "one\ntwo three\nfour"
    assert flow_of("one\\\\\ntwo") == "one\\\\ two"
    assert flow_of("a  b\tc") == "a b c"


def test_quote__keeps_its_blocks() -> None:
    text = "one\ntwo\n\n- three\n  four\n- five\n```\nsix\nseven\n```\n> eight\n> nine\n# ten\neleven"
    told = "one two\n\n- three four\n- five\n```\nsix\nseven\n```\n> eight nine\n# ten\neleven"
    assert quoted_flow(text) == told


def test_unit__keeps_its_lines_beside_its_flow() -> None:
    unit = parse("You must\nnot push.\n").root.units[0]
    assert (unit.text, unit.flow, unit.source) == ("You must\nnot push.", "You must not push.", "You must\nnot push.\n")


def test_wrapped_sentence_before_a_list__has_no_label_in_its_last_line() -> None:
    intro = (
        "Whenever a person asks you to deploy the service in the middle of the night, and no one else is there, then\n"
    )
    read = parse(f"{intro}follow these steps:\n\n- a\n- b\n")
    assert [section.title for _, section in walk_sections(read.root)] == []
    lines = parse("Some text ends here.\nSteps:\n\n- a\n- b\n")
    assert [section.title for _, section in walk_sections(lines.root)] == ["Steps"]
    wrapped = parse("The steps\nof the night:\n\n- a\n- b\n")
    assert [section.title for _, section in walk_sections(wrapped.root)] == ["The steps of the night"]


def test_items_between_hard_breaks__are_a_list_however_they_are_wrapped() -> None:
    read = parse("**A**: one\ntwo  \n**B**: three  \n**C**: four\nfive\n")
    assert [(p.unit.kind, p.unit.line, p.unit.end, p.unit.lead) for p in walk_units(read.root)] == [
        ("item", 1, 3, "A"),
        ("item", 3, 4, "B"),
        ("item", 4, 6, "C"),
    ]


@pytest.mark.parametrize("word", ["<user>", "<https://a.example>"])
def test_quote__wrapped_before_an_angle_is_one_sentence(word: str) -> None:
    pair = drift(
        [parse(f"# T\n\n> Ask {word} and never push.\n"), parse(f"# T\n\n> Ask\n> {word} and never push.\n")]
    ).pairs[0]
    assert (pair.diff.klass, pair.findings) == ("cosmetic", ())
