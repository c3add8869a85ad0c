"""Every command on mutated files: `python -m benchmarks.fuzz_commands FOLDER [--count 5000] [--seed 1] [--keep OUT]`.

Files of the folder are damaged in the ways that editors, tools, merges and attackers damage files, the same ways for
one seed, and every command runs on them in a forked child with 5 s of the processor and 500 MB. Told is what ends with
exit 3, a hang, too much memory or an exit code that no command has, and a result of `combine`, `merge` or `fmt` that
can't be read again. What broke a law is kept with `--keep`; mended, it belongs, made small, into `fixtures/bytes`.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import forked

SECONDS, MEGABYTES = 5, 500
MAX_FILE = 60_000
"""Bytes of a file that is taken; some are also put together."""

TOKENS = (
    "```",
    "~~~~",
    "```markdown\n",
    "<!--",
    "-->",
    "<!-- X:START -->",
    "<!-- X:END -->",
    "<rules>",
    "</rules>",
    "<example>",
    "<<<<<<< ours",
    "=======",
    ">>>>>>> theirs",
    "||||||| base",
    "---",
    "---\n",
    "+++",
    "\u202e",
    "\u200b",
    "\ufeff",
    "\u2028",
    "\x0c",
    "\x85",
    "\0",
    "\r",
    "\x1b[31m",
    "\u274c ",
    "\u2705 ",
    "- [ ] ",
    "- [x] ",
    "1. ",
    "> ",
    "**",
    "*",
    "`",
    "[",
    "](",
    "[^1]",
    "[^1]: note",
    "| a | b |\n|---|---|\n",
    "{{",
    "{% if x %}",
    "{% endif %}",
    "@AGENTS.md\n",
    "tools: []\n",
    "tools: Read, Bash(*)\n",
    "name: x\n",
    "key: &a [*a]\n",
    "!!python/none ",
    "? ",
    ": ",
    " #",
    "\t",
    "\t\t- ",
    "# ",
    "###### ",
    "Label:\n",
    "**Label:**\n",
    "You must never ",
    "Use at most 5 ",
    "- " * 200,
    ">" * 200,
    "[" * 3000,
    "x" * 5000,
    "\\",
    "&#0;",
    "<!",
    "<?",
    "]]>",
    "=" * 80,
    "\u0301" * 50,
    "\U000e0041",
)
"""What is put anywhere."""

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("show", "A"),
    ("show", "A", "--format", "json"),
    ("fmt", "A"),
    ("fmt", "A", "--diff"),
    ("align", "A", "B"),
    ("align", "A", "B", "C", "--format", "json"),
    ("diff", "A", "B"),
    ("diff", "A", "B", "--format", "json"),
    ("diff", "A", "B", "--format", "html"),
    ("diff", "A", "B", "--format", "markdown"),
    ("diff", "A", "B", "--word-diff"),
    ("drift", "A", "B"),
    ("drift", "A", "B", "C", "--format", "json"),
    ("drift", "A", "B", "--format", "html"),
    ("drift", "A", "B", "--format", "markdown"),
    ("drift", "A", "B", "--format", "sarif"),
    ("combine", "A", "B"),
    ("combine", "A", "B", "C", "--report", "REPORT"),
    ("combine", "A", "B", "C", "--strategy", "majority", "--annotate"),
    ("combine", "A", "B", "--strategy", "intersection"),
    ("combine", "A", "B", "--explain", "--on-conflict", "first"),
    ("merge", "A", "B", "C"),
    ("merge", "A", "B", "C", "--report", "REPORT", "--conflict-style", "diff3"),
    ("merge", "B", "A", "C", "--frontmatter-conflicts", "ours"),
    ("combine", "A", "B", "--plan", "PLAN"),
    ("resolve", "A"),
    ("git", "diff", "A"),
    ("compare", "A", "B"),
    ("compare", "A", "B", "C", "--format", "json"),
    ("compare", "A", "B", "--format", "html"),
    ("where", "never push to main", "A", "B", "C"),
    ("where", "A:9", "A", "B", "--format", "json"),
    ("survey", "FOLDER", "--no-cache"),
    ("survey", "FOLDER", "--no-cache", "--format", "json"),
    ("convert", "A", "--to", "copilot,cursor,opencode,gemini,codex,skill", "--report"),
    ("set", "model=opus", "A", "B"),
    ("set", "tools=Read, Grep", "A"),
    ("review", "A", "B"),
)
"""Command lines: A, B and C are a file, or two, in different states, `A:9` a line of one, FOLDER the folder that holds
them. What needs a history or a lock is tried elsewhere."""

_READ_AGAIN = {"combine", "merge", "fmt"}


class Broken(NamedTuple):
    """A command that broke a law."""

    what: str
    """Kind of the breach, with the place in the code where there is one."""
    arguments: tuple[str, ...]
    err: str


Mutator = Callable[[str, str, random.Random], str]


def _lines(change: Callable[[list[str], int, random.Random], None]) -> Mutator:
    """A mutator of lines."""

    def mutate(text: str, _: str, chosen: random.Random) -> str:
        lines = text.split("\n")
        for _number in range(chosen.choice((1, 1, 2, 5))):
            if lines:
                change(lines, chosen.randrange(len(lines)), chosen)
        return "\n".join(lines)

    return mutate


def _drop(lines: list[str], at: int, chosen: random.Random) -> None:
    del lines[at : at + chosen.choice((1, 1, 3, 20))]


def _again(lines: list[str], at: int, chosen: random.Random) -> None:
    block = lines[at : at + chosen.choice((1, 3, 10))]
    lines[at:at] = block * chosen.choice((1, 2, 30))


def _swap(lines: list[str], at: int, chosen: random.Random) -> None:
    other = chosen.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _indent(lines: list[str], at: int, chosen: random.Random) -> None:
    sign = chosen.choice(("  ", "    ", "\t", " ", "> ", "- ", ""))
    for number in range(at, min(at + chosen.choice((1, 5, 30)), len(lines))):
        lines[number] = sign + lines[number] if sign else lines[number].lstrip()


def _join(lines: list[str], at: int, chosen: random.Random) -> None:
    count = chosen.choice((2, 2, 5))
    lines[at : at + count] = [chosen.choice((" ", "", "\r", "\u2028")).join(lines[at : at + count])]


def _insert(text: str, _: str, chosen: random.Random) -> str:
    for _number in range(chosen.choice((1, 1, 2, 6))):
        at = _place(text, chosen)
        before, after = chosen.choice((("", ""), ("\n", "\n"), ("\n\n", "\n\n"), ("", "\n")))
        text = f"{text[:at]}{before}{chosen.choice(TOKENS)}{after}{text[at:]}"
    return text


def _place(text: str, chosen: random.Random) -> int:
    """Anywhere, at a line's start, or near the top, where the frontmatter is."""
    at = chosen.randrange(len(text) + 1)
    kind = chosen.randrange(3)
    return at if kind == 0 else text.rfind("\n", 0, at) + 1 if kind == 1 else chosen.randrange(min(len(text), 300) + 1)


def _flip(text: str, _: str, chosen: random.Random) -> str:
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for _number in range(chosen.choice((1, 3, 30))):
        if data:
            data[chosen.randrange(len(data))] ^= 1 << chosen.randrange(7)
    return data.decode("utf-8", "replace" if chosen.random() < 0.9 else "surrogateescape")


def _cut(text: str, _: str, chosen: random.Random) -> str:
    at = chosen.randrange(len(text) + 1)
    return text[:at] if chosen.random() < 0.6 else text[at:]


def _splice(text: str, other: str, chosen: random.Random) -> str:
    return text[: chosen.randrange(len(text) + 1)] + other[chosen.randrange(len(other) + 1) :]


def _frontmatter(text: str, other: str, chosen: random.Random) -> str:
    """Damage of the block at the top."""
    kind = chosen.randrange(6)
    if kind == 0:
        return text.replace("\n---", "\n", 1)
    if kind == 1:
        return text.replace(":", chosen.choice((": a: ", ":", ": [", ": {", ": |\n", ": 'x")), 1)
    if kind == 2:
        return chosen.choice(("\n\n", "<!-- c -->\n", "\ufeff", " ", "# Title\n")) + text
    if kind == 3:
        return text.replace("---", "+++", 2)
    if kind == 4:
        return text.replace(
            "\n", "\n" + chosen.choice(("name: y\n", "tools:\n  - Read\n  - *a\n", "- x\n", "  : \n")), 1
        )
    return other[: other.find("\n---", 4) + 5] + text


def _endings(text: str, _: str, chosen: random.Random) -> str:
    ending = chosen.choice(("\r\n", "\r", "\n\n", "\x0b", "\u2029"))
    return text.replace("\n", ending) if chosen.random() < 0.5 else text.replace("\n", ending, chosen.randrange(1, 30))


MUTATORS: tuple[Mutator, ...] = (
    *map(_lines, (_drop, _again, _swap, _indent, _join)),
    *(_insert, _insert, _insert, _flip, _cut, _splice, _frontmatter, _frontmatter, _endings),
)


def mutated(text: str, other: str, chosen: random.Random) -> str:
    for _ in range(chosen.choice((1, 1, 2, 4))):
        text = chosen.choice(MUTATORS)(text, other, chosen)[: 2 * MAX_FILE]
    return text


def cases(files: Sequence[Path], seed: int) -> Iterator[tuple[str, str, str]]:
    """Texts for A, B and C without end, the same ones for a seed."""
    chosen = random.Random(seed)
    while True:
        first, second = (chosen.choice(files).read_bytes().decode("utf-8", "replace") for _ in range(2))
        a = mutated(first, second, chosen) if chosen.random() < 0.8 else first
        b = mutated(chosen.choice((a, first, second)), second, chosen)
        c = mutated(chosen.choice((a, b, first)), second, chosen)
        yield a, b, c


def broken(arguments: Sequence[str], result: forked.Run, folder: Path) -> str:
    """The law that a run broke, "" where it kept all."""
    if result.code == forked.HANG:
        return f"hang: {arguments[0]}"
    if result.code == forked.MEMORY:
        return f"memory: {arguments[0]}"
    if result.code not in (0, 1, 2):
        rows = [row.strip() for row in result.err.strip().splitlines()]
        places = [row for row in rows if row.startswith("File") and "agentmerge" in row]
        return f"exit {result.code}: {rows[-1][:100] if rows else ''} {places[-1].rpartition('/')[2] if places else ''}"
    if "Traceback" in result.err:
        return "traceback"
    if arguments[0] in _READ_AGAIN and result.code != 2 and "--diff" not in arguments:
        again = folder / "again.md"
        again.write_text(result.out, "utf-8", "surrogateescape", newline="")
        if forked.run(["show", str(again)], seconds=SECONDS, megabytes=MEGABYTES).code:
            return f"result not readable: {arguments[0]}"
    return ""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--count", type=int, default=5000, help="commands to run")
    options.add_argument("--seconds", type=int, default=10**6, help="time after which no further input is begun")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", type=Path, help="where the inputs of what broke a law go")
    given = options.parse_args()
    files = sorted(
        p for p in given.folder.rglob("*") if p.suffix in (".md", ".mdc") and 0 < p.stat().st_size < MAX_FILE
    )
    if not files:
        options.error(f"there are no Markdown files in {given.folder}")
    forked.warm()
    last = time.monotonic() + given.seconds
    done, codes, kinds = 0, Counter[int](), Counter[str]()
    slowest, largest = 0.0, 0.0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        inputs = folder / "inputs"
        inputs.mkdir()
        names = {word: str(inputs / f"{word.lower()}.md") for word in "ABC"}
        names |= {word: str(folder / f"{word.lower()}.json") for word in ("REPORT", "PLAN")}
        names |= {"A:9": f"{names['A']}:9", "FOLDER": str(inputs)}
        for number, texts in enumerate(cases(files, given.seed)):
            for word, text in zip("ABC", texts, strict=True):
                Path(names[word]).write_text(text, "utf-8", "surrogateescape", newline="")
            chosen = random.Random(given.seed * 1_000_003 + number)
            for command in chosen.sample(COMMANDS, min(8, given.count - done)):
                arguments = [names.get(word, word) for word in command]
                result = forked.run(arguments, seconds=SECONDS, megabytes=MEGABYTES)
                done, slowest, largest = done + 1, max(slowest, result.seconds), max(largest, result.megabytes)
                codes[result.code] += 1
                what = broken(arguments, result, folder)
                if what:
                    kinds[what] += 1
                    print(f"{number}: {' '.join(command)}: {what}", flush=True)
                    if given.keep and kinds[what] <= 3:
                        kept = given.keep / f"{given.seed}-{number}"
                        kept.mkdir(parents=True, exist_ok=True)
                        for word in "ABC":
                            (kept / f"{word.lower()}.md").write_bytes(Path(names[word]).read_bytes())
                        (kept / "command.txt").write_text(f"{' '.join(command)}\n{what}\n{result.err[-3000:]}", "utf-8")
            if done >= given.count or time.monotonic() > last:
                break
    print(
        f"{done} commands, exit codes {dict(sorted(codes.items()))}, slowest {slowest:.1f} s, largest {largest:.0f} MB"
    )
    for what, count in kinds.most_common():
        print(f"{count:5} {what}")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
