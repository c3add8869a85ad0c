"""Make `agentmerge/data/compiled.json` anew: run it after a change to a table.

python3 .ci/compile_tables.py
"""

from __future__ import annotations

import json
from typing import Any

from needed import needed

from agentmerge.drifting.fields import filled, filled_groups
from agentmerge.knowledge import tables
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.sections import make_usual
from agentmerge.text.lexicon import FLAGS, ORDER, Lexicon


def compiled() -> dict[str, Any]:
    """What the file has to hold: every table, and what is made ready of words, titles and patterns."""
    rows: dict[str, Any] = {name: {"of": tables.checksum(name), "data": tables.parsed(name)} for name in tables.names()}
    source = Knowledge()
    lexicon = Lexicon(source)
    made = {"phrases": lexicon.make_phrases(), "form": lexicon.make_form()}
    rows |= {name: {"of": tables.checksum("words", "concepts"), "data": data} for name, data in made.items()}
    rows["usual"] = {"of": tables.checksum("outline", "words", "concepts"), "data": make_usual(source, lexicon)}
    rows["needed"] = {"of": tables.checksum("actions"), "data": make_needed(source)}
    return rows


def make_needed(source: Knowledge) -> dict[str, list[Any]]:
    """What each pattern of an action cannot match without: sets of words, and how an order begins."""
    table = source.raw("actions")
    groups = filled_groups(table["groups"])
    parts = (row.get(part, ()) for row in table.values() for part in ("commands", "patterns", "mild"))
    patterns = [filled(one, groups) for part in parts for one in part]
    found = {one: needed(one.removeprefix(ORDER), FLAGS) for one in patterns}
    return {one: [needs.words, needs.begins if one.startswith(ORDER) else []] for one, needs in found.items()}


if __name__ == "__main__":
    text = json.dumps(compiled(), ensure_ascii=False, separators=(",", ":"), default=str)
    (tables.DATA / "compiled.json").write_text(text + "\n", encoding="utf-8", newline="\n")
