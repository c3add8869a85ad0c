"""Pinned outputs: what the commands say of many files, as hashes, so that a rebuilding proves that it changed nothing.

    python -m benchmarks.pins write before.json [FOLDER [FILES]]
    python -m benchmarks.pins compare before.json after.json

`write` runs `show`, `fmt`, `diff`, `drift`, `combine` and `merge` over the fixtures, or over a sample of a folder's
Markdown files: FILES of them, always the same ones, 60 where it says nothing. `compare` names what differs.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice, pairwise
from pathlib import Path

from agentmerge import cli

FIXTURES = Path(__file__).parent.parent / "fixtures"
SAMPLE = 60
LARGEST = 40_000
"""Bytes of a file of the sample: larger ones take minutes."""
TOGETHER = 4
"""Files that are combined at most."""
Pins = dict[str, str]
"""A hash by command line."""
Key = Callable[[str], str]
"""What files have in common that are compared with each other."""


def write(target: Path, folder: Path | None = None, count: int = SAMPLE) -> int:
    """Write the hashes of every output, by command line. Returns how many there are."""
    target = target.absolute()
    names, key = (_fixtures(), _folder) if folder is None else (_sampled(folder, count), _name)
    found: Pins = {}
    with contextlib.chdir(folder or FIXTURES), tempfile.TemporaryDirectory() as scratch:
        for line in _command_lines(names, key, Path(scratch)):
            found[" ".join(part.replace(scratch, "") for part in line)] = _hash(line, Path(scratch))
    target.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(found)


def differing(before: Pins, after: Pins) -> list[str]:
    """The command lines whose output differs, or that only one side has."""
    return sorted(line for line in {*before, *after} if before.get(line) != after.get(line))


def _fixtures() -> list[str]:
    return sorted(path.relative_to(FIXTURES).as_posix() for path in FIXTURES.rglob("*.md"))


def _sampled(folder: Path, count: int) -> list[str]:
    """Files whose name more than one folder has, since these are about the same, chosen by the hash of the name."""
    paths = [path.relative_to(folder) for path in folder.rglob("*.md") if path.stat().st_size <= LARGEST]
    by_name: dict[str, list[str]] = {}
    for path in sorted(paths):
        by_name.setdefault(path.name, []).append(path.as_posix())
    shared = sorted((name for name, own in by_name.items() if len(own) > 1), key=_digest)
    return list(islice((path for name in shared for path in by_name[name][:TOGETHER]), count))


def _command_lines(names: Sequence[str], key: Key, scratch: Path) -> Iterator[list[str]]:
    results = ["-o", str(scratch / "result"), "--report", str(scratch / "report")]
    for name in names:
        yield ["show", name, "--format", "json"]
        yield ["fmt", name]
    for group in (list(own) for _, own in groupby(names, key)):
        for old, new in pairwise(group):
            yield ["diff", old, new, "--format", "json"]
            yield ["drift", old, new, "--format", "json"]
        if len(group) > 1:
            yield ["align", *group[:TOGETHER], "--format", "json"]
            yield ["combine", *group[:TOGETHER], *results]
        sides = [name for name in group if not name.endswith("/expected.md")]
        if len(sides) > 2:
            yield ["merge", *sides[:3], *results]


def _folder(name: str) -> str:
    return Path(name).parent.as_posix()


def _name(name: str) -> str:
    return Path(name).name


def _hash(line: list[str], scratch: Path) -> str:
    """A hash of what a command prints, tells, writes and returns."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.application(line[0])(line, standalone_mode=False)
    parts = [str(code), out.getvalue(), err.getvalue()]
    for path in sorted(scratch.iterdir()):
        parts.append(path.read_text(encoding="utf-8"))
        path.unlink()
    return _digest("\0".join(parts))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def main(arguments: Sequence[str]) -> int:
    """The command line above. Exit code 1 where outputs differ."""
    action, *rest = arguments
    if action == "write":
        folder = Path(rest[1]) if len(rest) > 1 else None
        print(write(Path(rest[0]), folder, int(rest[2]) if len(rest) > 2 else SAMPLE), "outputs")
        return 0
    before, after = (json.loads(Path(name).read_text(encoding="utf-8")) for name in rest)
    found = differing(before, after)
    print("\n".join(found) or f"{len(after)} outputs are equal")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
