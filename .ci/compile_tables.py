"""Make `agentmerge/data/compiled.json` anew: run it after a change to a table.

python3 .ci/compile_tables.py
"""

from __future__ import annotations

import json
from typing import Any

from agentmerge import knowledge
from agentmerge.aligning.lexicon import Lexicon
from agentmerge.aligning.sections import make_usual
from agentmerge.knowledge import Knowledge


def compiled() -> dict[str, Any]:
    """What the file has to hold: every table, the index of terms, and the tokens of shaping words and of titles."""
    rows: dict[str, Any] = {
        name: {"of": knowledge.checksum(name), "data": knowledge.parsed(name)} for name in knowledge.names()
    }
    source = Knowledge()
    lexicon = Lexicon(source)
    made = {"phrases": lexicon.make_phrases(), "form": lexicon.make_form()}
    rows |= {name: {"of": knowledge.checksum("words", "concepts"), "data": data} for name, data in made.items()}
    rows["usual"] = {"of": knowledge.checksum("outline", "words", "concepts"), "data": make_usual(source, lexicon)}
    return rows


if __name__ == "__main__":
    text = json.dumps(compiled(), ensure_ascii=False, separators=(",", ":"), default=str)
    (knowledge.DATA / "compiled.json").write_text(text + "\n", encoding="utf-8", newline="\n")
