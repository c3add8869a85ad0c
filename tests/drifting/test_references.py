"""Names and paths that are gone: who still calls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from agentmerge.drifting.changeset import FileChange, Version, dead_references
from agentmerge.knowledge.tables import Knowledge
from agentmerge.reading.parsing import parse

SHIPPED = Knowledge.shipped()


def version(place: str, name: str) -> Version:
    text = f"---\nname: {name}\ndescription: Works.\n---\n\nWork.\n"
    return Version(place, place, parse(text, SHIPPED, filename=place))


def told(change: FileChange, tree: Mapping[str, str]) -> list[str]:
    def others(texts: Sequence[str]) -> dict[str, str]:
        return {place: own for place, own in tree.items() if any(text in own for text in texts)}

    return [one.message for _, one in dead_references([change], others, SHIPPED)]


RENAMED = FileChange(version("agents/mower.md", "mower"), version("agents/mower.md", "lawn-mower"))
GONE = FileChange(version("agents/mower.md", "mower"), None)


@pytest.mark.parametrize(
    "line",
    [
        "Hand over to `mower`.",
        "Ask @mower for it.",
        'subagent_type: "mower"',
        "tools: Read, Agent(mower)",
        "Use the mower agent.",
        "- mower",
    ],
)
def test_who_still_calls_a_renamed_agent(line: str) -> None:
    assert told(RENAMED, {"agents/boss.md": f"# Boss\n\n{line}\n"}) == [
        "the agent mower is called lawn-mower now; still called by agents/boss.md:3"
    ]


@pytest.mark.parametrize("line", ["A mower is loud.", "Ask @mower-two.", "Hand over to `lawn-mower`.", "name: mower"])
def test_a_word_of_the_language_or_another_name_calls_nobody(line: str) -> None:
    assert told(RENAMED, {"agents/boss.md": f"# Boss\n\n{line}\n"}) == []


def test_another_agent_of_that_name_answers() -> None:
    tree = {"agents/boss.md": "Ask `mower`.\n", "plugins/x/mower.md": "---\nname: mower\n---\n\nMow.\n"}
    assert told(RENAMED, tree) == []


@pytest.mark.parametrize("line", ["See [it](mower.md).", "@mower.md", "See [it](/agents/mower.md#top)."])
def test_links_and_imports_of_a_file_that_is_gone(line: str) -> None:
    message = "the file agents/mower.md is gone; still called by agents/boss.md:1"
    assert told(GONE, {"agents/boss.md": f"{line}\n"}) == [message]
    assert told(RENAMED, {"agents/boss.md": f"{line}\n"}) == []
