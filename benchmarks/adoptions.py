"""Which version of an upstream a copied and edited file comes from: what `adopt` finds, against what is true.

    python -m benchmarks.adoptions FOLDER [--half 0|1]

FOLDER holds a folder for each history with its versions. All of them go into one git repository, version by version.
Each version but the last is copied, as it is and with a local edit of each kind, and looked for in the whole history.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from agentmerge.text.paths import ITSELF, same
from agentmerge.updating.lockfile import Match, Version, nearest
from agentmerge.world import upstreams
from benchmarks.updates import KINDS, edited, git


def repository(folder: Path, histories: Sequence[Path]) -> None:
    """All histories in one repository; the n-th commit brings the n-th version of each."""
    git(folder, "init", "-q", "-b", "main")
    most = max(len(list(one.glob("*.md"))) for one in histories)
    for number in range(most):
        for one in histories:
            version = one / f"{number:02}.md"
            if version.exists():
                (folder / f"{one.name}.md").write_bytes(version.read_bytes())
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "--allow-empty", "-m", str(number))


def judged(match: Match | None, path: str, text: bytes) -> str:
    """What came of one search."""
    if match is None:
        return "none"
    right = match.version.path == path and same(match.version.files[ITSELF], text)
    if not match.is_sure:
        return "asked, right one shown" if right or _is_shown(match, path, text) else "asked"
    return "right" if right else "wrong file" if match.version.path != path else "wrong version"


def _is_shown(match: Match, path: str, text: bytes) -> bool:
    return any(one.path == path and same(one.files[ITSELF], text) for one in match.rivals)


def main() -> None:
    parser = argparse.ArgumentParser(description="What adopt finds, against what is true.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1))
    options = parser.parse_args()
    histories = sorted(path for path in options.folder.iterdir() if path.is_dir())
    with tempfile.TemporaryDirectory() as name:
        repo = Path(name)
        repository(repo, histories)
        kept = upstreams.kept_blobs(repo, upstreams.commit_of(repo, ""))
        versions = [Version(one.commit, one.path, {ITSELF: upstreams.blob(repo, one.blob)}) for one in kept]
        names = ("right", "asked, right one shown", "asked", "wrong version", "wrong file", "none")
        print("| copied | " + " | ".join(names) + " |\n|---" + "|---" * len(names) + "|")
        for kind in ("as it is", *KINDS):
            counts: Counter[str] = Counter()
            for number, one in enumerate(histories):
                if options.half is not None and number % 2 != options.half:
                    continue
                for version in sorted(one.glob("*.md"))[:-1]:
                    text = version.read_bytes().decode()
                    edit = edited(kind, text) if kind in KINDS else None
                    if kind in KINDS and edit is None:
                        continue
                    ours = {ITSELF: (edit.text if edit is not None else text).encode()}
                    counts[judged(nearest(ours, versions), f"{one.name}.md", text.encode())] += 1
            print(f"| {kind} | " + " | ".join(str(counts[one]) for one in names) + " |", flush=True)


if __name__ == "__main__":
    main()
