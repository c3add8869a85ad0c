"""Labels that mean other things in another file, however many: each is renamed at all its places and nowhere else."""

from __future__ import annotations

import re

from agentmerge import combine, parse


def _notes(word: str, count: int) -> str:
    return "# T\n\n" + "".join(f"Do {word}{n}[^{n}].\n\n[^{n}]: As {word}{n}.\n\n" for n in range(1, count + 1))


def test_footnotes_of_two_files__get_numbers_of_their_own() -> None:
    merged = combine([parse(_notes("alpha", 60)), parse(_notes("omega", 60))])
    meant = dict(re.findall(r"^\[\^(\d+)\]: As (\w+)\.$", merged.text, re.MULTILINE))
    used = dict(re.findall(r"^Do (\w+)\[\^(\d+)\]\.$", merged.text, re.MULTILINE))
    assert len(meant) == len(used) == 120
    assert all(meant[number] == word for word, number in used.items())


def test_a_renamed_label__leaves_other_brackets_alone() -> None:
    mine = "# T\n\nSee [docs].\n\n[docs]: http://a/\n"
    yours = (
        "# U\n\nLook at [a][docs], [docs](http://c/), [DOCS][], x[docs] and `[docs]` [other].\n\n[docs]: http://b/\n"
    )
    merged = combine([parse(mine), parse(yours)])
    assert "[a][docs-2], [docs](http://c/), [DOCS][docs-2], x[docs][docs-2] and `[docs]` [other]." in merged.text
    assert "[docs-2]: http://b/" in merged.text
