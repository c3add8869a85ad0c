"""A survey of a collection on Daft, on one machine or on a Ray cluster: the same JSON as `agentmerge survey` writes.

    python examples/scale/survey.py DIR... [--runner native|ray] [--address ray://HOST:10001] [--workers N] [-o FILE]

Reading, the search for candidates and their comparison are spread; families are made of the links here. All workers
must see the files under the same names. Needs `pip install "agentmerge[survey]"`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import daft
from daft import DataType, col

from agentmerge import AgentMergeError
from agentmerge.cli import collection
from agentmerge.knowledge.tables import Knowledge
from agentmerge.surveying import comparing, engine
from agentmerge.surveying.comparing import Comparer, Form
from agentmerge.surveying.reading import from_row, read_content, to_row
from agentmerge.surveying.records import Accepted, Card, Klass, Signals
from agentmerge.views.jsonable import dumps
from agentmerge.views.survey import Surveyed, survey_json
from agentmerge.world.files import read_text

PORTION = 64
"""Rows that a worker takes at once: a few seconds of reading."""
_CROWDS = {"statement": comparing.RARE, "role": engine.NAMED, "shape": engine.NAMED}
"""Forms with one key from which that key says nothing; a band says something of any number."""
_PAIR = ("a", "b", "sure", "shapes", "statements")
"""Two forms, and how many keys of each kind brought them together."""


# Stages ---------------------------------------------------------------------------------------------------------------
#
# Each takes and gives plain values, so that it can run in any process.


class Reading:
    """Names of files to rows of what a survey knows of them, or to why they can't be read."""

    def __init__(self) -> None:
        self.knowledge = Knowledge.shipped()

    def __call__(self, file: str) -> str:
        try:
            return json.dumps(to_row(read_content(read_text(file), file, self.knowledge)))
        except AgentMergeError as error:
            return json.dumps(error.message)


def keys(number: int, form: str) -> list[str]:
    """What brings a form together with others, each as `kind key`."""
    one = _form(number, form)
    found = [f"band {' '.join(map(str, band))}" for band in comparing.bands(one.content.sketch)]
    found += [f"statement {s}" for s, length in one.statements.items() if length >= comparing.LEAST_WORDS]
    found += [f"role {role}" for role in sorted(one.roles)]
    return found + ([f"shape {one.content.shape}"] if one.content.shape else [])


def pairs(key: str, numbers: Sequence[int]) -> list[dict[str, int]]:
    """The pairs of forms that one key brings together."""
    kind = key.partition(" ")[0]
    ordered = sorted(numbers)
    if len(ordered) > _CROWDS.get(kind, len(ordered)):
        return []
    counted = {"sure": kind in ("band", "role"), "shapes": kind == "shape", "statements": kind == "statement"}
    row = {name: int(value) for name, value in counted.items()}
    found = comparing.within(ordered) if kind == "band" else combinations(ordered, 2)
    return [{"a": a, "b": b, **row} for a, b in found]


class Judging:
    """Candidates to links, or to None where nothing speaks for one."""

    def __init__(self, comparer: Comparer) -> None:
        self.comparer = comparer

    def __call__(self, a: int, form_a: str, b: int, form_b: str, sure: int, shapes: int, statements: int) -> str | None:
        one, two = _form(a, form_a), _form(b, form_b)
        spoken = [sum(length >= comparing.LEAST_WORDS for length in form.statements.values()) for form in (one, two)]
        is_shared = statements >= min(comparing.LEAST_SHARED, *spoken) and statements > 0
        is_shaped = shapes and one.content.language != two.content.language
        if not (sure or is_shared or is_shaped):
            return None
        klass, signals = self.comparer.judge(one, two)
        return json.dumps((a, b, klass, signals)) if klass is not None else None


def _packed(form: Form) -> str:
    return json.dumps([to_row(form.content), sorted(form.roles)])


def _form(number: int, packed: str) -> Form:
    row, roles = json.loads(packed)
    return comparing.form_with(number, from_row(row), roles)


# On Daft --------------------------------------------------------------------------------------------------------------


def read(files: Sequence[str], workers: int) -> collection.Found:
    """The cards of some files."""
    stage = daft.cls(Reading, use_process=True, max_concurrency=workers)()
    frame = daft.from_pydict({"file": list(files)}).into_batches(PORTION)
    done = frame.select(col("file"), stage(col("file")).alias("row")).to_pydict()
    rows = [(file, json.loads(row)) for file, row in zip(done["file"], done["row"], strict=True)]
    cards = tuple(Card(file, from_row(row)) for file, row in sorted(rows) if isinstance(row, list))
    unread = tuple(collection.Unread(file, row) for file, row in sorted(rows) if isinstance(row, str))
    return collection.Found(cards, unread, 0)


def compare(forms: Sequence[Form], comparer: Comparer, workers: int) -> Iterator[engine.Link]:
    """What `engine.links` gives, found by joins."""
    packed = {"number": [form.number for form in forms], "form": [_packed(form) for form in forms]}
    frame = daft.from_pydict(packed).into_batches(PORTION)
    key = daft.func(keys, return_dtype=DataType.list(DataType.string()), use_process=True)
    struct = DataType.struct(dict.fromkeys(_PAIR, DataType.int64()))
    pair = daft.func(pairs, return_dtype=DataType.list(struct))
    stage = daft.cls(Judging, use_process=True, max_concurrency=workers)(comparer)
    buckets = (
        frame.select(col("number"), key(col("number"), col("form")).alias("key"))
        .explode("key")
        .groupby("key")
        .agg(col("number").list_agg().alias("numbers"), col("number").count().alias("held"))
        .where("held > 1")
    )
    met = buckets.select(pair(col("key"), col("numbers")).alias("pair")).explode("pair").where(col("pair").not_null())
    counted = (
        met.select(*(col("pair")[name].alias(name) for name in _PAIR))
        .groupby("a", "b")
        .agg(*(col(name).sum() for name in _PAIR[2:]))
    )
    sides = [frame.select(col("number").alias(side), col("form").alias(f"form_{side}")) for side in "ab"]
    both = counted.join(sides[0], on="a").join(sides[1], on="b").into_batches(PORTION)
    columns = (col(name) for name in ("a", "form_a", "b", "form_b", "sure", "shapes", "statements"))
    found = both.select(stage(*columns).alias("link")).where(col("link").not_null()).to_pydict()["link"]
    for a, b, klass, (body, plain, *others) in sorted(json.loads(link) for link in found):
        yield engine.Link(a, b, Klass(klass), Signals(tuple(body), tuple(plain), *others))


def main() -> None:
    arguments = _arguments()
    if arguments.runner == "ray":
        daft.set_runner_ray(arguments.address)
    else:
        daft.set_runner_native()
    knowledge = Knowledge.shipped()
    start = time.perf_counter()
    files, links = collection.find(arguments.folders)
    found = read(files, arguments.workers)._replace(links=links)
    _tell(f"{len(files):,} files read", start)

    def linked(forms: Sequence[Form], comparer: Comparer) -> list[engine.Link]:
        from_here = time.perf_counter()
        links = list(compare(forms, comparer, arguments.workers))
        _tell(f"{len(forms):,} texts compared, {len(links):,} links", from_here)
        return links

    with collection.Crew(knowledge, arguments.workers) as crew:
        survey = collection.survey(found, crew, knowledge, linked)
    statements = collection.statements(survey, knowledge)
    shown = Surveyed(survey, found.unread, found.links, Accepted(), collection.root(arguments.folders), statements)
    Path(arguments.output).write_text(dumps(survey_json(shown)), encoding="utf-8", newline="")
    _tell(f"{len(survey.families):,} families in {arguments.output}", start)


def _arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="DIR")
    parser.add_argument("--runner", choices=("native", "ray"), default="native")
    parser.add_argument("--address", help="a running Ray cluster; without it one is started on this machine")
    parser.add_argument("--workers", type=int, default=2, help="processes that read and compare")
    parser.add_argument("-o", "--output", default="survey.json")
    return parser.parse_args()


def _tell(text: str, start: float) -> None:
    sys.stderr.write(f"{text}: {time.perf_counter() - start:.1f} s\n")


if __name__ == "__main__":
    main()
