"""Commands in blocks of a shell: added, or run with other arguments."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge.diffing.changes import path_of
from agentmerge.drifting.parts import line_runs
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, in_line, rule, spots_of
from agentmerge.matching.pairwise import Pair
from agentmerge.model import Unit
from agentmerge.reading.containers import language_of

WIDTH = 120
"""Characters of a line that a message shows."""
_SHELLS = frozenset(
    {"bash", "sh", "shell", "zsh", "fish", "console", "terminal", "powershell", "pwsh", "ps1", "cmd", "bat"}
)


@rule("command-changed", order=56)
def commands(comparison: Comparison) -> Iterator[Finding]:
    """A finding for each block of which the commands changed."""
    for pair in comparison.matching.units:
        old, new = pair.a.node, pair.b.node
        if isinstance(old, Unit) and isinstance(new, Unit) and _is_shell(new) and not pair.a.says_same(pair.b):
            yield from _changed(comparison, pair, old, new)


def _is_shell(unit: Unit) -> bool:
    return unit.kind == "code" and language_of(unit.language) in _SHELLS


def _changed(comparison: Comparison, pair: Pair, old: Unit, new: Unit) -> Iterator[Finding]:
    runs = [(_commands(before), _commands(after), before, after) for before, after, _ in line_runs(old.text, new.text)]
    told = [run for run in runs if run[0] != run[1]]
    if not told:
        return
    before, after = told[0][:2]
    word = f"'{before}' became '{after}'" if before and after else f"added: {after}" if after else f"removed: {before}"
    # What a shown example does more is done by nobody; what a command no longer does is rather a loss than a danger.
    mild = all(not gone and new.mode == "example" for gone, *_ in told) or not any(came for _, came, *_ in told)
    owns = tuple(dict.fromkeys(text for run in told for text in run[2:] if text))
    yield comparison.finding(
        "command-changed", f"command {in_line(word, WIDTH)}", path_of(pair.b), *spots_of(pair), mild=mild, owns=owns
    )


def _commands(text: str) -> str:
    """Lines of a shell in one, without comments."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "; ".join(line for line in lines if line and not line.startswith(("#", "::", "REM ")))
