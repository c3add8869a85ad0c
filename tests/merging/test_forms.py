"""One side writes a definition in another form, the other changes what it says: the result is that, in that form."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from agentmerge import parse
from agentmerge.merging import inputs
from agentmerge.merging.engine import merge
from tests.shipped import SHIPPED

Change = Callable[[str], str]

TEXT = """---
name: sender
description: Sends long reports to the client
tools: [Read, Grep]
---

# Sender

You send reports.

## Rules

- Check totals:
  - of the day
  - of the week
- Check names.
- Check dates.

## Order

- Read the ledger.
- Write the report.

## Tone

Be brief.
"""


def replaced(old: str, new: str) -> Change:
    return lambda text: text.replace(old, new)


def deeper(text: str) -> str:
    return re.sub(r"^#", "##", text, flags=re.MULTILINE)


FORMS: dict[str, Change] = {
    "bullets": lambda text: re.sub(r"^( *)- ", r"\1* ", text, flags=re.MULTILINE),
    "wide marks": lambda text: re.sub(r"^- ", "-   ", text, flags=re.MULTILINE).replace("\n  - ", "\n    -   "),
    "levels": deeper,
    "indents": lambda text: re.sub(r"^  ((?:-|\w).*)$", r"    \1", text, flags=re.MULTILINE),
}
WORDS: dict[str, Change] = {
    "item at the end": replaced("- Check dates.\n", "- Check dates.\n- Check places.\n"),
    "item in the middle": replaced("- Check names.\n", "- Check places.\n- Check names.\n"),
    "nested item": replaced("  - of the week\n", "  - of the week\n  - of the year\n"),
    "item with nested items": replaced(
        "- Check dates.\n", "- Check dates.\n- Check places:\n  - near ones\n  - far ones\n"
    ),
    "section": replaced(
        "## Tone\n", "## Scope\n\nAll of it.\n\n### Limits\n\n- Leave the rest.\n- Ask first.\n\n## Tone\n"
    ),
    "words": replaced("Check names.", "Check the names of all."),
    "item taken out": replaced("- Check names.\n", ""),
}


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("form", FORMS)
def test_form_of_one_side__is_the_form_of_all(form: str, words: str) -> None:
    base, ours, theirs = (parse(text) for text in (TEXT, FORMS[form](TEXT), WORDS[words](TEXT)))
    assert ours.text != base.text != theirs.text
    wanted = FORMS[form](WORDS[words](TEXT))
    for one, two in ((ours, theirs), (theirs, ours)):
        merged = merge(base, one, two, SHIPPED)
        assert not merged.open_conflicts
        assert merged.text == wanted


QUOTED = [
    (f"{quote}Sends {size} reports to the client{mark}{quote}", f"Sends {size} reports to the client{mark}")
    for quote in ("'", '"')
    for size, mark in (("short", ""), ("long", ": now"))
]


@pytest.mark.parametrize(("wanted", "said"), QUOTED)
def test_quotes_of_one_side__hold_what_the_other_says(wanted: str, said: str) -> None:
    plain = "Sends long reports to the client"
    ours = TEXT.replace(plain, f"{wanted[0]}{plain}{wanted[0]}")
    merged = merge(parse(TEXT), parse(ours), parse(TEXT.replace(plain, said)), SHIPPED)
    assert merged.text == TEXT.replace(plain, wanted)
    front = parse(merged.text).frontmatter
    assert front is not None
    assert front.valid


def test_form_of_one_list__is_left_to_that_list() -> None:
    ours = TEXT.replace("- Read the ledger.\n- Write", "* Read the ledger.\n* Write")
    theirs = WORDS["item in the middle"](TEXT)
    merged = merge(parse(TEXT), parse(ours), parse(theirs), SHIPPED)
    assert merged.text == WORDS["item in the middle"](ours)


DEEP = """---
name: sender
mcpServers:
  - mail
  - files:
      type: stdio
permission:
  edit: deny
  bash:
    git: ask
---

You send reports.
"""
ADDED = {
    "member": replaced("  - mail\n", "  - mail\n  - calendar\n"),
    "key": replaced("  edit: deny\n", "  edit: deny\n  web: deny\n"),
    "key of a key": replaced("    git: ask\n", "    git: ask\n    rm: deny\n"),
    "key with keys": replaced("  edit: deny\n", "  edit: deny\n  web:\n    get: ask\n"),
}


@pytest.mark.parametrize("words", ADDED)
def test_depth_of_keys_and_members__is_that_of_the_side_that_changed_it(words: str) -> None:
    def shifted(text: str) -> str:
        return text.replace("\n  ", "\n    ")

    ours, theirs = shifted(DEEP), ADDED[words](DEEP)
    assert ours != DEEP != theirs
    for one, two in ((ours, theirs), (theirs, ours)):
        merged = merge(parse(DEEP), parse(one), parse(two), SHIPPED)
        assert not merged.open_conflicts
        assert merged.text == shifted(theirs)


def test_member_that_is_a_map__stays_one() -> None:
    base = "---\nname: sender\ntools:\n  - Read\n  - Bash: ls\n---\n\nYou send.\n"
    ours, theirs = base.replace("\n  -", "\n-"), base.replace("  - Read\n", "  - Read\n  - Grep\n")
    merged = merge(parse(base), parse(ours), parse(theirs), SHIPPED)
    assert merged.text == theirs.replace("\n  -", "\n-")


def test_level__has_a_floor() -> None:
    assert inputs.levelled(["###### Deep"], 1) == ["###### Deep"]
    assert inputs.levelled(["# Top"], -1) == ["# Top"]
