"""Characters that a person does not see."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge.diffing.records import Spot
from agentmerge.drifting.records import NO_WORDS, Finding
from agentmerge.drifting.registry import Comparison, rule
from agentmerge.reading.checks import hidden_characters
from agentmerge.text.lines import split_lines


@rule("hidden-characters", order=20)
def hidden(comparison: Comparison) -> Iterator[Finding]:
    """Hidden characters that the second definition has more of, at the first line that holds one."""
    # A byte order mark at the start is how a file is written.
    before, after = (one.text.removeprefix("\ufeff") for one in (comparison.a, comparison.b))
    new = hidden_characters(after) - hidden_characters(before)
    if new:
        lines = split_lines(after)
        line = next(number for number, text in enumerate(lines, 1) if any(char in text for char in new))
        names = ", ".join(f"{count} x U+{ord(char):04X}" for char, count in sorted(new.items()))
        # What differs in them alone is told with them.
        plain = str.maketrans(dict.fromkeys(new, ""))
        pairs = ((pair.a.text, pair.b.text) for pair in comparison.matching.units)
        owns = tuple(b for a, b in pairs if a != b and a == b.translate(plain)) or NO_WORDS
        yield comparison.finding("hidden-characters", f"added: {names}", "", None, Spot(1, line, names), owns=owns)
