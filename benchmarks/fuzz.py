"""Coverage-guided fuzzing of reading and formatting: `python -m benchmarks.fuzz [SECONDS] [LIBFUZZER OPTION...]`.

Needs `pip install atheris`. Starts from the cases of `fixtures/parse` and `fixtures/bytes`; an input that breaks a
law is written to the current folder as `crash-...`. Once mended it belongs into `fixtures/bytes`, whose every file
`tests/test_bytes.py` holds to the same laws.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

from agentmerge.knowledge.tables import Knowledge

with atheris.instrument_imports(include=["agentmerge", "markdown_it"]):
    from agentmerge.errors import InputError
    from agentmerge.reading.parsing import parse
    from agentmerge.world.files import decode

from tests.dotfiles import FIXTURES, cases
from tests.laws import require_laws

WORDS = ["---", "...", "```", "~~~", "- [ ] ", "1. ", "> ", "**", ": ", " #", "&a ", "*a", "!!str", "|-", ">+", "<!--"]
WORDS += [
    "-->",
    "===",
    "| - |",
    "{{",
    "[a]: ",
    "\ufeff",
    "\u202e",
    "\x00",
    "\r",
    "\t",
    "name: ",
    "tools: ",
    "<p>",
    "• ",
]


def one_input(data: bytes) -> None:
    """What libFuzzer calls: bytes are refused with our own error, or read and formatted by the laws."""
    try:
        text = decode(data, "fuzz.md")
    except InputError:
        return
    require_laws(text)


def seeds(folder: Path) -> None:
    """Every case of the fixtures as a file."""
    for number, case in enumerate(case for path in (FIXTURES / "parse").glob("*.txt") for case in cases(path)):
        (folder / f"case-{number}").write_text(case.text, "utf-8", newline="")
    for path in (FIXTURES / "bytes").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())


def main(seconds: str = "60", *options: str) -> None:
    parse("warm up", Knowledge.shipped())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seeds").mkdir()
        seeds(folder / "seeds")
        dictionary = folder / "words"
        escaped = ["".join(f"\\x{byte:02x}" for byte in word.encode()) for word in WORDS]
        dictionary.write_text("".join(f'"{word}"\n' for word in escaped))
        limits = [f"-max_total_time={seconds}", "-max_len=600", "-timeout=10", f"-dict={dictionary}"]
        atheris.Setup([sys.argv[0], str(folder / "seeds"), *limits, *options], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
