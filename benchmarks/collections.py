"""Makes a collection of any size whose truth is known, from files that are at hand.

python -m benchmarks.collections SOURCE OUT [COUNT]

Each file of SOURCE is copied once and then changed in known ways until there are COUNT files: `truth.json` in OUT says
for each file which one it comes from, and how. Nothing is random but by the number of the file.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

from agentmerge.world.files import find_definitions, read_text

_FIRST = "cedar harbour lantern quarry meadow copper violet timber anchor beacon cobalt dune ember fjord glacier"
_SECOND = "hazel inlet juniper kelp lagoon marble nectar orchard pebble quartz ridge saffron thicket umber valley"
WORDS = [*_FIRST.split(), *_SECOND.split()]


def _parts(text: str) -> tuple[list[str], list[str]]:
    """Lines of the fields and of the body."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return [], lines
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    return lines[1:end], lines[end + 1 :]


def _whole(fields: list[str], body: list[str]) -> str:
    return "\n".join([*(["---", *fields, "---"] if fields else []), *body])


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choice(WORDS) + chance.choice(WORDS) for _ in range(9))


def copied(text: str, _: random.Random, __: int) -> str:
    """The same bytes."""
    return text


def renamed(text: str, chance: random.Random, number: int) -> str:
    """Another name and description, the body as it was."""
    fields, body = _parts(text)
    fields = [line for line in fields if not line.startswith(("name:", "description:"))]
    fields = [line for line in fields if line and not line[0].isspace() and ":" in line]
    return _whole([f"name: {chance.choice(WORDS)}-{number}", f"description: {_sentence(chance)}", *fields], body)


def hosted(text: str, _: random.Random, number: int) -> str:
    """The fields of another host, the body as it was."""
    fields, body = _parts(text)
    named = [line for line in fields if line.startswith(("name:", "description:")) and len(line) > 14]
    return _whole([*named, "mode: subagent", f"temperature: 0.{number % 9 + 1}"], body)


def laid_out(text: str, _: random.Random, __: int) -> str:
    """Other marks of lists, other blank lines; every word as it was."""
    fields, body = _parts(text)
    fence, found = False, []
    for line in body:
        fence ^= line.lstrip().startswith(("```", "~~~"))
        found.append(line if fence else line.replace("- ", "* ", 1) if line.startswith("- ") else line)
        if not fence and line.startswith("#"):
            found.append("")
    return _whole(fields, [*found, ""])


def touched(text: str, chance: random.Random, number: int) -> str:
    """A statement in fifteen in other words, and one more."""
    return _edited(text, chance, number, 0.07)


def forked(text: str, chance: random.Random, number: int) -> str:
    """A statement in four in other words, and one more."""
    return _edited(text, chance, number, 0.25)


def _edited(text: str, chance: random.Random, number: int, share: float) -> str:
    fields, body = _parts(text)
    places = [
        at for at, line in enumerate(body) if len(line.split()) > 3 and not line.startswith(("#", "```", "~~~", "|"))
    ]
    for at in chance.sample(places, max(1, int(len(places) * share))) if places else []:
        mark = body[at][: len(body[at]) - len(body[at].lstrip("-*0123456789. "))]
        body[at] = f"{mark}{_sentence(chance).capitalize()}."
    return _whole(fields, [*body, "", f"Keep {_sentence(chance)} {number}.", ""])


def extended(text: str, chance: random.Random, number: int) -> str:
    """All that it was, and a section more."""
    rows = [f"- {_sentence(chance)} {number}" for _ in range(6)]
    return text.rstrip("\n") + "\n\n## Further\n\n" + "\n".join(rows) + "\n"


KINDS: dict[str, Callable[[str, random.Random, int], str]] = {
    "copied": copied,
    "renamed": renamed,
    "hosted": hosted,
    "laid out": laid_out,
    "touched": touched,
    "forked": forked,
    "extended": extended,
}


def make(source: Path, out: Path, count: int) -> dict[str, tuple[str, str]]:
    """The files, and for each of them which it comes from and how."""
    origins = [(name, read_text(name)) for name in find_definitions(source)]
    origins = [(name, text) for name, text in origins if len(text.split()) >= 60][:count]
    truth: dict[str, tuple[str, str]] = {}
    kinds = list(KINDS)
    for number in range(count):
        name, text = origins[number % len(origins)]
        kind = "origin" if number < len(origins) else kinds[(number // len(origins) - 1) % len(kinds)]
        own = text if kind == "origin" else KINDS[kind](text, random.Random(number), number)
        stem = Path(name).stem if Path(name).stem.lower() != "skill" else Path(name).parent.name
        path = out / f"set-{number // len(origins):02}" / f"team-{number % 7}" / f"{stem}-{number % len(origins)}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(own, "utf-8", newline="")
        truth[str(path.relative_to(out))] = (str(number % len(origins)), kind)
    (out / "truth.json").write_text(json.dumps(truth, indent=0), "utf-8")
    return truth


if __name__ == "__main__":
    made = make(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 13_000)
    print(f"{len(made)} files in {sys.argv[2]}")
