"""Every value comes back from TOML as it was."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from agentmerge.model import Value
from agentmerge.reading import yamlio
from agentmerge.text.lines import to_lf

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.one_of(TEXTS, st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner).map(tuple), st.dictionaries(TEXTS, inner)),
    max_leaves=8,
)


def plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


@given(TEXTS, VALUES)
def test_field__reads_back(key: str, value: Value) -> None:
    text = yamlio.field(key, value)
    assert tomllib.loads(text) == {key: plain(value)}
    # A reader that takes all line endings for one must not change it either.
    assert tomllib.loads(to_lf(text)) == {key: plain(value)}


def test_text_of_lines__stands_as_it_is() -> None:
    assert yamlio.field("p", 'a "b"\n\\n\n') == "p = '''\na \"b\"\n\\n\n'''\n"
    assert yamlio.field("p", "a '''\n") == 'p = """\na \'\'\'\n"""\n'


def test_null__is_left_out() -> None:
    assert yamlio.field("s", {"a": None, "b": (1, None)}) == "s = { b = [1] }\n"
