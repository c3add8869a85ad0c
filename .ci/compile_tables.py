"""Make `agentmerge/data/compiled.json` anew: run it after a change to a table.

python3 .ci/compile_tables.py
"""

from __future__ import annotations

import json
from typing import Any

from agentmerge import tables
from agentmerge.aligning.lexicon import Lexicon


def compiled() -> dict[str, Any]:
    """What the file has to hold: every table, and the index of terms."""
    rows: dict[str, Any] = {name: {"of": tables.checksum(name), "data": tables.parsed(name)} for name in tables.names()}
    phrases = Lexicon(tables.Tables()).make_phrases()
    rows["phrases"] = {"of": tables.checksum("words", "concepts"), "data": phrases}
    return rows


if __name__ == "__main__":
    text = json.dumps(compiled(), ensure_ascii=False, separators=(",", ":"), default=str)
    (tables.DATA / "compiled.json").write_text(text + "\n", encoding="utf-8", newline="\n")
