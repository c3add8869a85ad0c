"""Several files at once: all old or all new, whenever the process dies; one writer at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentmerge.errors import OutputError
from agentmerge.world.transactions import Step, Store
from tests.updating.projects import killed_at

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be copied")
OLD = {"a/one.md": b"1 old\n", "two.md": b"2 old\n", "gone/three.md": b"3 old\n", "lock": b"old\n"}
NEW = {"a/one.md": b"1 new\n", "two.md": b"2 new\n", "new/four.md": b"4 new\n", "lock": b"new\n"}


def steps() -> list[Step]:
    """From OLD to NEW, the lock last."""
    names = sorted({*OLD, *NEW} - {"lock"})
    return [Step(name, OLD.get(name), NEW.get(name)) for name in (*names, "lock")]


def files(root: Path) -> dict[str, bytes]:
    found = (path for path in root.rglob("*") if path.is_file() and ".agentmerge" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def lay_out(root: Path) -> Store:
    for name, data in OLD.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return Store(root)


def test_all_is_written_and_empty_folders_go(tmp_path: Path) -> None:
    lay_out(tmp_path).write(steps())
    assert files(tmp_path) == NEW
    assert not (tmp_path / "gone").exists()
    assert not (tmp_path / ".agentmerge/pending").exists()


@needs_fork
def test_killed_anywhere_all_is_old_or_the_next_one_makes_all_new(tmp_path: Path) -> None:
    number = decided = 0
    while True:
        number += 1
        root = tmp_path / str(number)
        store = lay_out(root)
        if not killed_at(number, root, lambda store=store: store.write(steps())):  # type: ignore[misc]
            break
        for name, data in files(root).items():
            assert data in (OLD.get(name), NEW.get(name))
        outcome = store.finish()
        assert files(root) == (NEW if outcome == "finished" or not files(root).keys() - NEW.keys() else OLD)
        assert not (root / ".agentmerge/pending").exists()
        decided += outcome == "finished"
    assert number > 20
    assert decided > 5


@needs_fork
def test_killed_while_it_finishes_it_finishes_later(tmp_path: Path) -> None:
    first = 0
    while not (store := lay_out(tmp_path / "0")).is_interrupted:
        first += 1
        killed_at(first, store.root, lambda: store.write(steps()))
    number = 0
    while True:
        number += 1
        root = tmp_path / str(number)
        store = lay_out(root)
        killed_at(first, root, lambda store=store: store.write(steps()))  # type: ignore[misc]
        assert store.is_interrupted
        again = killed_at(number, root, lambda store=store: store.finish())  # type: ignore[misc]
        store.finish()
        assert files(root) == NEW
        if not again:
            break
    assert number > 3


def test_a_file_that_is_another_than_was_planned_stops_all_of_it(tmp_path: Path) -> None:
    store = lay_out(tmp_path)
    (tmp_path / "two.md").write_bytes(b"2 edited\n")
    with pytest.raises(OutputError, match=r"two\.md: was changed"):
        store.write(steps())
    assert files(tmp_path) == OLD | {"two.md": b"2 edited\n"}


def test_a_link_is_followed_and_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    store = lay_out(tmp_path)
    (tmp_path / "link.md").symlink_to("two.md")
    store.write([Step("link.md", OLD["two.md"], b"by the link\n")])
    assert (tmp_path / "two.md").read_bytes() == b"by the link\n"
    assert (tmp_path / "link.md").is_symlink()
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError, match="is no file"):
        store.write([Step("taken", None, b"x")])


@needs_fork
def test_of_two_at_once_one_waits(tmp_path: Path) -> None:
    store = Store(tmp_path)
    held, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover
        with store.locked(lambda: None):
            os.write(held[1], b"x")
            os.read(go[0], 1)
        os._exit(0)
    os.read(held[0], 1)
    told = []

    def waiting() -> None:
        told.append(True)
        os.write(go[1], b"x")

    with store.locked(waiting):
        assert told == [True]
    os.waitpid(child, 0)
