"""The extra that asks an embedding model: off by default, never from a server, one clear line where it can't."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from agentmerge import align, parse
from agentmerge.cli import main
from agentmerge.errors import InputError
from agentmerge.matching.records import Alignment
from agentmerge.text.similarity import Embed
from agentmerge.world.embedding import load

FIRST = "# A\n\n## Testing\n\n- Write unit tests for payment code\n- Keep logs\n"
SECOND = "# A\n\n## Testing\n\n- Write checks for payment code\n- Rotate keys\n"
PAIR = ("Write unit tests for payment code", "Write checks for payment code")
WORDS = ["[UNK]", "write", "unit", "tests", "for", "payment", "code", "cover", "by", "checks", "keep", "logs"]


def score(alignment: Alignment) -> float:
    """Score of the two statements on tests; 0.0 where they are not brought together."""
    found = [g.score for g in alignment.units if tuple(member.text for member in g.members) == PAIR]
    return found[0] if found else 0.0


def aligned(embed: Embed | None = None) -> Alignment:
    return align([parse(FIRST), parse(SECOND)], embed=embed)


def near(texts: Sequence[str]) -> list[list[float]]:
    return [[1.0, 0.0] if "payment" in text else [0.0, 1.0] for text in texts]


def far(texts: Sequence[str]) -> list[list[float]]:
    return [[1.0, 0.0] if "tests" in text else [0.0, 1.0] for text in texts]


def test_embedding__speaks_for_and_against() -> None:
    plain = score(aligned())
    assert score(aligned(near)) > plain
    assert score(aligned(far)) < plain
    assert score(aligned()) == plain


def test_embedding__order_of_the_files_changes_nothing() -> None:
    there = [g.score for g in align([parse(FIRST), parse(SECOND)], embed=near).units]
    back = [g.score for g in align([parse(SECOND), parse(FIRST)], embed=near).units]
    assert sorted(there) == sorted(back)


def test_library__that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "model2vec", None)
    with pytest.raises(InputError, match=r"not installed; install it: pip install 'agentmerge\[semantic\]'"):
        load(str(tmp_path))


def test_command__tells_it_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "model2vec", None)
    for name, text in (("a.md", FIRST), ("b.md", SECOND)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = [str(tmp_path / name) for name in ("a.md", "b.md")]
    monkeypatch.setattr(sys, "argv", ["agentmerge", "align", *files, "--semantic", str(tmp_path)])
    with pytest.raises(SystemExit) as stopped:
        main()
    told = capsys.readouterr()
    assert stopped.value.code == 2
    assert told.out == ""
    assert len(told.err.strip().splitlines()) == 1


@pytest.fixture(name="model")
def tiny_model(tmp_path: Path) -> Path:
    """A static model of a dozen words, in which tests and checks are one."""
    model2vec, tokenizers, numpy = map(pytest.importorskip, ("model2vec", "tokenizers", "numpy"))
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = tokenizers.normalizers.Lowercase()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    vectors = numpy.eye(len(WORDS), dtype="float32")
    vectors[WORDS.index("checks")] = vectors[WORDS.index("tests")]
    model2vec.StaticModel(vectors, tokenizer).save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def test_model__is_loaded_from_disk(model: Path) -> None:
    plain = score(aligned())
    assert score(aligned(load(str(model)))) != plain


def test_model__that_is_not_there_is_not_looked_for_elsewhere(model: Path) -> None:
    with pytest.raises(InputError, match="no such directory with a model"):
        load(str(model.parent / "potion-base"))


def test_model__that_is_none_is_told(model: Path) -> None:
    empty = model.parent / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="can't be read as a model"):
        load(str(empty))
