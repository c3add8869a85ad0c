"""Files that once broke reading or formatting, and files that are no text: every one of `fixtures/bytes`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge.errors import InputError
from agentmerge.text.paths import is_text
from agentmerge.world.files import decode
from tests.dotfiles import FIXTURES
from tests.laws import require_laws
from tests.strategies import definitions

FILES = sorted((FIXTURES / "bytes").iterdir())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file__is_read_by_the_laws_or_refused(path: Path) -> None:
    data = path.read_bytes()
    if path.stem.startswith("refused-"):
        with pytest.raises(InputError, match=r"a\.md"):
            decode(data, "a.md")
    else:
        require_laws(decode(data, "a.md"))


@given(definitions())
@settings(deadline=None)
def test_any_definition__is_read_by_the_laws(text: str) -> None:
    require_laws(text)


@given(st.text(max_size=80))
@settings(deadline=None)
def test_any_text__is_read_by_the_laws(text: str) -> None:
    require_laws(text)


@given(st.binary(max_size=60))
def test_any_bytes__are_decoded_as_they_are_or_refused(data: bytes) -> None:
    if is_text(data):
        assert decode(data, "a.md").encode() == data
    else:
        with pytest.raises(InputError, match=r"a\.md"):
            decode(data, "a.md")


@pytest.mark.parametrize(
    ("data", "readable"), [(b"", True), (b"abc\0", True), (b"ab\0", False), (b"\xff", False), (b"\xef\xbb\xbfa", True)]
)
def test_a_text__is_one_for_a_folder_as_for_a_file(data: bytes, *, readable: bool) -> None:
    assert is_text(data) == readable
    with nullcontext() if readable else pytest.raises(InputError):
        decode(data, "a.md")


def test_nul_behind_what_git_looks_at__is_read_as_any_character() -> None:
    assert decode(b"x" * 8000 + b"\0", "a.md")[-1] == "\0"
