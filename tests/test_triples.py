"""The generator of merges that are right by construction, on a text that has a place for each of its edits."""

from __future__ import annotations

import random

import pytest

from agentmerge import parse
from benchmarks import triples

TEXT = """---
name: writer
description: Writes handbooks about services, their tables and several other things
tools: Read, Grep
color: blue
---

# Writer

Handbooks about services have chapters with several tables.

## Rules

- Keep the chapters about services in the order of the handbook.
- Name the sources of numbers in tables and lists of services.
- Write titles in the language of the people who read handbooks.
- Leave drafts of other writers in the folder of the chapter.
- Ask editors about words that stand in two languages today.
- Take numbers from the newest report of the service.
- Close each chapter with a list of sources and people.

## Steps

1. Collect the notes of the week about services.
2. Sort the notes by chapter and by service.
3. Write drafts of chapters about services.

## Tables

| Name | Meaning |
|---|---|
| alpha | notes about services and people |
| gamma | lists of chapters with sources of numbers |
| delta | tables about handbooks in several languages |

## Code

```python
chapter = read("handbook", number=1)
sources = list_sources(chapter, newest=True)
write(chapter, sources, folder="drafts")
```

## Tone

Write plainly about services, people and chapters of handbooks.

"""


def _base(seed: int) -> triples.Base:
    return triples.Base(parse(TEXT, filename="writer.md"), random.Random(seed))


def test_no_edit__gives_the_base() -> None:
    assert triples.written(_base(1), []) == TEXT


@pytest.mark.parametrize("maker", [maker for maker, _ in triples.EDITS], ids=lambda maker: maker.__name__)
def test_each_edit__has_a_place_and_changes_the_text(maker: triples.Maker) -> None:
    base = _base(3)
    edits = [edit for _ in range(20) if (edit := maker(base)) is not None]
    assert edits
    assert all(triples.written(base, [edit]) != TEXT for edit in edits)


@pytest.mark.parametrize("seed", range(40))
def test_dense_triple__comes_out_as_wanted(seed: int) -> None:
    base = _base(seed)
    triple = next(found for _ in range(9) if (found := triples.edited(base, 8, 1)) is not None)
    assert TEXT not in (triple.ours, triple.theirs)
    assert triples.by_us(triple)[0].word == "exact"


@pytest.mark.parametrize("seed", range(20))
def test_formed_triple__comes_out_as_wanted(seed: int) -> None:
    base = _base(seed)
    triple = next(found for _ in range(9) if (found := triples.formed(base, 3)) is not None)
    assert triples.by_us(triple)[0].word == "exact"


def test_verdict__tells_what_is_lost_from_what_is_misplaced() -> None:
    assert triples.judged("a\nb\n", "a\nb\n", is_clean=True).word == "exact"
    assert triples.judged("a\n", "a\nb\n", is_clean=True) == triples.Verdict("differs", lost=True)
    assert triples.judged("b\na\n", "a\nb\n", is_clean=True) == triples.Verdict("differs", misplaced=True)
    assert triples.judged("a\n", "a\nb\n", is_clean=False).word == "conflict"
