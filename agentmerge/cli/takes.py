"""`combine --take FILE#SECTION`: one file to start from, and sections of others that are taken, too."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from agentmerge.cli import combine_inputs
from agentmerge.errors import PolicyError

if TYPE_CHECKING:
    from agentmerge.planning.strategies import Rule


def rules(takes: list[str], inputs: combine_inputs.Inputs) -> tuple[str | None, list[Rule]]:
    """The strategy that starts from the first file, and a rule for each section that is taken from others.

    Raises PolicyError for a file that is none of the inputs, and for a section that the file does not have.
    """
    if not takes:
        return None, []
    from agentmerge.planning.strategies import make_rule

    base = inputs.names[0]
    wanted: dict[str, list[str]] = defaultdict(lambda: [base])
    for take in takes:
        file, section = _parts(take, inputs)
        wanted[section] += [file] if file not in wanted[section] else []
    return f"from:{base}", [make_rule(section, f"from:{'|'.join(files)}") for section, files in wanted.items()]


def _parts(take: str, inputs: combine_inputs.Inputs) -> tuple[str, str]:
    """File and section: either may hold a `#` of its own."""
    from agentmerge.planning.strategies import is_named

    splits = [(take[:at], take[at + 1 :].strip()) for at, sign in enumerate(take) if sign == "#"]
    if not any(section for _, section in splits):
        raise PolicyError(f"--take {take} names no section", remedy="write FILE#SECTION")
    for name, section in splits:
        wanted = inputs.stands_for.get(name, name)
        found = [n for n, file in enumerate(inputs.names) if is_named(wanted, file)]
        if found and section:
            _require(inputs, found[0], section)
            return inputs.names[found[0]], section
    raise PolicyError(f"--take {splits[0][0]} is none of the files", remedy="name one of the arguments")


def _require(inputs: combine_inputs.Inputs, number: int, section: str) -> None:
    from agentmerge.model import walk_sections
    from agentmerge.text.paths import matches

    paths = [(*path, one) for path, one in walk_sections(inputs.definitions[number].root)]
    titles = [" / ".join(one.title for one in path if one.title) for path in paths]
    if not any(matches(section, title) for title in titles):
        remedy = f"`agentmerge show {inputs.names[number]}` lists its sections"
        raise PolicyError(f"'{inputs.names[number]}' has no section '{section}'", remedy=remedy)
