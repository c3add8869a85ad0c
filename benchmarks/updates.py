"""Replays of real histories: an upstream that moves, a local edit, and what `update` makes of both.

    python -m benchmarks.updates FOLDER [--half 0|1] [--form file|skill|role] [--only N]

FOLDER holds a folder for each history with its versions, `00.md`, `01.md` ... Each is committed version by version to
a real git repository; a project takes the first version, edits it in one of six ways, and follows. Told are, by kind
of edit: updates, those that asked, git's line merge on the same three texts, and edits or upstream's words that are
gone without a question.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from agentmerge.cli import application

KINDS = ("added", "reworded", "removed", "tool", "section", "reformatted")
MARK = "zqxlocal"
_ITEM = re.compile(r"^(\s*)([-*])( +)(\S.*)$")
_SCRIPT = "#!/bin/sh\nset -e\necho build\necho test\necho publish\n"


class Edit(NamedTuple):
    """A local edit: the text with it, and whether a later text still has it."""

    text: str
    stands: Callable[[str], bool]


def edited(kind: str, text: str) -> Edit | None:
    """A text with a local edit of a kind in its middle; None where there is no place for it."""
    lines = text.split("\n")
    head = lines.index("---", 1) + 1 if lines[0] == "---" and "---" in lines[1:] else 0
    items = [number for number, line in enumerate(lines) if number >= head and _ITEM.match(line)]
    found = _EDITS[kind](lines, items, head)
    return None if found is None or found.text == text else found


def _added(lines: list[str], items: list[int], _head: int) -> Edit | None:
    if not items:
        return None
    at = items[len(items) // 2]
    match = _ITEM.match(lines[at])
    assert match is not None
    new = f"{match[1]}{match[2]}{match[3]}Always name the ticket {MARK} in the answer"
    text = "\n".join([*lines[: at + 1], new, *lines[at + 1 :]])
    return Edit(text, lambda now: f"ticket {MARK} in the answer" in now)


def _reworded(lines: list[str], items: list[int], head: int) -> Edit | None:
    places = items or [number for number, line in enumerate(lines) if number >= head and len(line.split()) > 6]
    if not places:
        return None
    at = places[len(places) // 2]
    new = f"{lines[at].rstrip()} as agreed with {MARK}"
    return Edit("\n".join([*lines[:at], new, *lines[at + 1 :]]), lambda text: f"as agreed with {MARK}" in text)


def _removed(lines: list[str], items: list[int], _head: int) -> Edit | None:
    once = [number for number in items if lines.count(lines[number]) == 1 and len(lines[number].split()) > 3]
    if not once:
        return None
    at = once[len(once) // 2]
    gone = lines[at]
    words = set(gone.split())

    def stands(text: str) -> bool:
        return all(
            2 * len(words & set(line.split())) / (len(words) + len(set(line.split()))) < 0.8
            for line in text.split("\n")
            if line.strip() and line not in lines[:at] + lines[at + 1 :]
        )

    return Edit("\n".join([*lines[:at], *lines[at + 1 :]]), stands)


def _tool(lines: list[str], _items: list[int], head: int) -> Edit | None:
    for number, line in enumerate(lines[:head]):
        match = re.match(r"^((?:allowed-)?tools:\s*\[?)(.*?)(\]?\s*)$", line)
        tools = [one.strip() for one in match[2].split(",")] if match else []
        if match and len(tools) > 1 and all(tools):
            gone, rest = tools[-1], ", ".join(tools[:-1])
            text = "\n".join([*lines[:number], f"{match[1]}{rest}{match[3]}", *lines[number + 1 :]])
            return Edit(text, lambda now, gone=gone: not re.search(rf"(?m)^(allowed-)?tools:.*{re.escape(gone)}", now))  # type: ignore[misc]
    return None


def _section(lines: list[str], _items: list[int], head: int) -> Edit | None:
    heads = [number for number, line in enumerate(lines) if number >= head and re.match(r"^## ", line)]
    if not heads:
        return None
    at = heads[len(heads) // 2]
    own = ["## Local conventions", "", f"- {MARK} one: write in French", f"- {MARK} two: ask the owner first", ""]
    return Edit("\n".join([*lines[:at], *own, *lines[at:]]), lambda text: all(one in text for one in own if one))


def _reformatted(lines: list[str], items: list[int], _head: int) -> Edit | None:
    if len(items) < 3:
        return None
    first = _ITEM.match(lines[items[0]])
    assert first is not None
    old, new = first[2], "*" if first[2] == "-" else "-"
    changed = [_other(line, old, new) if number in set(items) else line for number, line in enumerate(lines)]
    own = {line for number, line in enumerate(lines) if number in set(items) and line != changed[number]}
    return Edit("\n".join(changed), lambda text: not own & set(text.split("\n")))


def _other(line: str, old: str, new: str) -> str:
    match = _ITEM.match(line)
    return f"{match[1]}{new}{match[3]}{match[4]}" if match and match[2] == old else line


_EDITS: dict[str, Callable[[list[str], list[int], int], Edit | None]] = {
    "added": _added,
    "reworded": _reworded,
    "removed": _removed,
    "tool": _tool,
    "section": _section,
    "reformatted": _reformatted,
}


# Replays


def git(folder: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    """One call of git, with an author."""
    env = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    named = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "gc.auto=0")
    command = ["git", *named, *arguments]
    return subprocess.run(command, cwd=folder, env=env, input=stdin, capture_output=True, check=True).stdout


def agentmerge(folder: Path, *arguments: str) -> tuple[int, str]:
    """One command in a folder; its exit code and what it printed."""
    before, out = Path.cwd(), io.StringIO()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                application(arguments[0])([*arguments], standalone_mode=False)
                code = 0
            except SystemExit as error:
                code = int(error.code or 0)
            except Exception as error:  # noqa: BLE001
                code = int(getattr(error, "exit_code", 3))
    finally:
        os.chdir(before)
    return code, out.getvalue()


def line_merge(folder: Path, base: str, ours: str, theirs: str) -> bool:
    """Whether git's line merge of three texts leaves a conflict."""
    for name, text in (("b", base), ("o", ours), ("t", theirs)):
        (folder / name).write_text(text, "utf-8", newline="")
    done = subprocess.run(["git", "merge-file", "-p", "o", "b", "t"], cwd=folder, capture_output=True, check=False)
    return done.returncode != 0


class Replay:
    """One history followed by one project with one local edit."""

    def __init__(self, versions: list[str], kind: str, form: str, others: list[Path], counts: Counter[str]) -> None:
        self.versions = versions
        self.kind = kind
        self.form = form
        self.others = others
        self.counts = counts

    def run(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            self.root = Path(name)
            self.up, self.project = self.root / "up", self.root / "project"
            for folder in (self.up, self.project, self.root / "lines"):
                folder.mkdir()
            git(self.up, "init", "-q", "-b", "main")
            self.output = {"file": "agents/x.md", "skill": "skills/x/SKILL.md", "role": "role.md"}[self.form]
            (self.project / ".agentmerge.yaml").write_text(self._recipe(), "utf-8")
            self._follow()

    def _recipe(self) -> str:
        source = "{repo: ../up, path: agents/x.md}"
        if self.form == "file":
            return f"recipes:\n  agents/x.md: {{sources: {source}}}\n"
        if self.form == "skill":
            return "recipes:\n  skills/x: {sources: {repo: ../up, path: agents}}\n"
        rows = "".join(f"      - {path.name}\n" for path in self.others)
        for path in self.others:
            (self.project / path.name).write_bytes(path.read_bytes())
        return f"recipes:\n  role.md:\n    sources:\n{rows}      - {source}\n    combine: {{on-conflict: first}}\n"

    def _commit(self, number: int) -> None:
        folder = self.up / "agents"
        folder.mkdir(exist_ok=True)
        name = "SKILL.md" if self.form == "skill" else "x.md"
        (folder / name).write_text(self.versions[number], "utf-8", newline="")
        if self.form == "skill":
            (folder / "run.sh").write_text(f"{_SCRIPT}echo version {number}\n", "utf-8")
        git(self.up, "add", "-A")
        git(self.up, "commit", "-q", "--allow-empty", "-m", str(number))

    def _follow(self) -> None:
        self._commit(0)
        code, _ = agentmerge(self.project, "update")
        place = self.project / self.output
        if code:
            self.counts["not taken"] += 1
            return
        text = place.read_bytes().decode()
        edit = edited(self.kind, text)
        if edit is None:
            return
        self.counts["replays"] += 1
        place.write_bytes(edit.text.encode())
        if self.form == "skill":
            script = place.parent / "run.sh"
            script.write_text(script.read_text("utf-8").replace("echo test", f"echo {MARK}"), "utf-8")
            (place.parent / "local.md").write_text("mine\n", "utf-8")
        base = text
        for number in range(1, len(self.versions)):
            self._commit(number)
            after = self._step(edit, base, place)
            if after is None:
                return
            base = after

    def _step(self, edit: Edit, base: str, place: Path) -> str | None:
        """One update; the new base, None where the edit is gone with somebody's word for it."""
        counts = self.counts
        ours = place.read_bytes().decode()
        code, told = agentmerge(self.project, "update")
        counts["updates"] += 1
        if code > 1:
            counts["trouble"] += 1
            return None
        if code == 1:
            rights = "rights would get wider" in told and "open" in told
            slots = [line for line in told.splitlines() if line.startswith("  asked:")]
            only_rights = bool(slots) and all("rights would get wider" in line for line in slots)
            counts["asked for rights" if rights and only_rights else "asked"] += 1
            if place.read_bytes().decode() != ours:
                counts["touched though asked"] += 1
            output = "skills/x" if self.form == "skill" else self.output
            code, _ = agentmerge(self.project, "update", "--accept", "ours", output)
            if code:
                counts["not settled"] += 1
                return None
            self._check(edit, base, ours, place, asked=True)
        else:
            self._check(edit, base, ours, place, asked=False)
        counts["git"] += line_merge(self.root / "lines", base, ours, self._stored())
        before = self._bytes()
        agentmerge(self.project, "update")
        counts["changed by a second update"] += self._bytes() != before
        return self._stored()

    def _check(self, edit: Edit, base: str, ours: str, place: Path, *, asked: bool) -> None:
        result, theirs = place.read_bytes().decode(), self._stored()
        if not edit.stands(result):
            self.counts["edit lost" if edit.stands(ours) else "edit gone before"] += 1
            print(f"lost: {self.kind} {self.form} {self.versions[0][:60]!r}", file=sys.stderr)
        if self.form == "skill":
            script = (place.parent / "run.sh").read_text("utf-8")
            self.counts["script edit lost"] += MARK not in script
            self.counts["local file lost"] += not (place.parent / "local.md").exists()
        if not asked:
            missing = (_words(theirs) - _words(base)) - (_words(result) - (_words(base) - _words(theirs)))
            missing = +Counter({word: n for word, n in missing.items() if _words(result)[word] < _words(theirs)[word]})
            self.counts["upstream words lost"] += bool(missing) and self.kind != "removed"

    def _stored(self) -> str:
        """What the tool stored as the base of the output."""
        lock = (self.project / "agentmerge.lock").read_text("utf-8")
        name = re.search(r"(?:SKILL\.md|base): \"?([0-9a-f]{64})", lock)
        path = self.project / ".agentmerge/base" / (name[1] if name else "")
        return path.read_bytes().decode()

    def _bytes(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in self.project.rglob("*") if path.is_file()}


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def histories(folder: Path, half: int | None, only: int | None) -> Iterator[list[str]]:
    """The versions of each history, oldest first."""
    found = sorted(path for path in folder.iterdir() if path.is_dir())
    chosen = [path for number, path in enumerate(found) if half is None or number % 2 == half]
    for path in chosen[:only]:
        yield [one.read_bytes().decode() for one in sorted(path.glob("*.md"))]


def main() -> None:
    parser = argparse.ArgumentParser(description="Replays of real histories with local edits.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1), help="every second history, from the first or the second")
    parser.add_argument("--form", choices=("file", "skill", "role"), default="file")
    parser.add_argument("--only", type=int, help="so many of them")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=KINDS)
    parser.add_argument("--others", nargs="*", type=Path, default=[], help="two definitions for the form `role`")
    options = parser.parse_args()
    names = (
        "replays", "updates", "asked", "asked for rights", "git", "edit lost", "script edit lost", "local file lost",
        "upstream words lost", "changed by a second update", "touched though asked", "not settled",
        "trouble", "not taken",
    )  # fmt: skip
    print("| kind | " + " | ".join(names) + " |\n|---" * 1 + "|---" * len(names) + "|")
    total: Counter[str] = Counter()
    for kind in options.kinds:
        counts: Counter[str] = Counter()
        for versions in histories(options.folder, options.half, options.only):
            Replay(versions, kind, options.form, options.others, counts).run()
        total += counts
        print(f"| {kind} | " + " | ".join(str(counts[name]) for name in names) + " |", flush=True)
    print("| all | " + " | ".join(str(total[name]) for name in names) + " |")


if __name__ == "__main__":
    main()
