"""What `agentmerge drift` was asked for, as a report: variants or folders; `histories.py` reads a history."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentmerge.cli import common
from agentmerge.cli.common import Sessions
from agentmerge.errors import InputError, PolicyError

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.drifting.acceptance import Baseline, Intention
    from agentmerge.drifting.records import Report
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.model import Definition


MANY = 24
"""Variants of one role from which each is compared with the first alone."""
REVIEWED = "reviewed"
"""Stands for the version that a baseline records as reviewed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments that say what to compare."""

    files: tuple[str, ...]
    against: str | None
    history: str | None
    since: str | None
    quorum: int | None

    @property
    def inputs(self) -> list[str]:
        """Every file or folder that is named."""
        return [name for name in (*self.files, self.against, self.history) if name]


def against(name: str | None, files: Sequence[str]) -> str | None:
    """The one file to compare with; `auto` is the version in git that the only other file comes from."""
    if name != "auto":
        return name
    if len(files) != 1 or Path(files[0]).is_dir():
        raise InputError("--against auto is of one file", remedy="name one file, or use --history FILE")
    return common.resolved_base("auto", files[0])


def refuse_mixture(asked: Asked, *, is_set: bool, staged: bool) -> None:
    """A change set and a history are two reviews. Raises InputError where both are asked for."""
    if staged and asked.history:
        raise InputError("--staged and --history are two reviews", remedy="leave one of them out")
    if is_set and asked.since:
        raise InputError("--since is of a history", remedy="name the file with --history FILE")


def refuse_story(history: str | None, output_format: str, *, story: bool) -> None:
    """A story is told of a history, to somebody who reads. Raises InputError where it can't be."""
    if story and not history:
        raise InputError("--story is of a history", remedy="name the file with --history FILE")
    if story and output_format in ("github", "sarif"):
        raise InputError(
            f"--format {output_format} has no place for a story", remedy="use text, markdown, html or json"
        )


def refuse_summary(output_format: str, *, summary: bool) -> None:
    """Raises InputError for a table of groups in a form that has none."""
    if summary and output_format != "text":
        raise InputError(f"--summary is a text, and --format is {output_format}", remedy="leave one of them out")


def read(asked: Asked, sessions: Sessions, quorum: int | None, odd: list[Definition]) -> Report:
    """The review that was asked for; `quorum` is what the configuration says of it.

    Each file is read by the tables that are nearest to it, and all are compared by those of their common folder. To
    `odd` go the definitions of folders, whose warnings are still to be told.
    """
    knowledge = sessions.whole.knowledge
    asked = replace(asked, quorum=asked.quorum if asked.quorum is not None else quorum)
    if asked.since:
        raise InputError("--since is of a history", remedy="name the file with --history FILE")
    if not asked.files:
        raise InputError("nothing to compare", remedy="name two files, a folder, or --history FILE")
    if any(_is_folder(name) for name in asked.files):
        return _folders(asked, knowledge, sessions, odd)
    return _variants(asked, knowledge, sessions)


def _is_folder(name: str) -> bool:
    """Whether an argument is a folder, on disk or of a revision."""
    if ":" not in name or Path(name).exists():
        return Path(name).is_dir()
    from agentmerge.world.git import is_folder

    return is_folder(name)


def _variants(asked: Asked, knowledge: Knowledge, sessions: Sessions) -> Report:
    from agentmerge.drifting.records import Report, RoleGroup
    from agentmerge.drifting.reviewing import drift

    names = [*([asked.against] if asked.against else []), *asked.files]
    if len(names) == 1:
        return _alone(names[0], sessions)
    common.tell_twice(names)
    definitions = [common.load_in_full(name, sessions.near(name).knowledge) for name in names]
    against = 0 if asked.against else None
    found = drift(definitions, knowledge, against=against, quorum=asked.quorum, watch=watch())
    progress("")
    return Report(tuple(names), (RoleGroup("", tuple(range(len(names))), found),), scope=tuple(names))


def _alone(name: str, sessions: Sessions) -> Report:
    """One file by itself."""
    from agentmerge.drifting.records import FileReview, Report
    from agentmerge.drifting.reviewing import review_alone

    knowledge = sessions.near(name).knowledge
    definition = common.load_in_full(name, knowledge, conflicted=True)
    return Report((name,), apart=(FileReview(0, review_alone(name, definition, knowledge)),), scope=(name,))


def _folders(asked: Asked, knowledge: Knowledge, sessions: Sessions, odd: list[Definition]) -> Report:
    from agentmerge.drifting.records import FileReview, Report, RoleGroup
    from agentmerge.drifting.reviewing import conflict_findings, drift
    from agentmerge.surveying.engine import variants

    names = definitions_in(asked)
    definitions = [
        common.load_in_full(name, sessions.near(name).knowledge, conflicted=name != asked.against, quiet=True)
        for name in names
    ]
    odd += definitions
    found = [conflict_findings(definition, knowledge) for definition in definitions]
    unread = [FileReview(number, broken) for number, broken in enumerate(found) if broken]
    clean = [number for number, broken in enumerate(found) if not broken]
    roles = [
        (role, tuple(clean[at] for at in own)) for role, own in variants([definitions[at] for at in clean], knowledge)
    ]
    shared = [(role, numbers) for role, numbers in roles if len(numbers) > 1]
    if asked.against:
        canon = names.index(asked.against)
        shared = [(role, numbers) for role, numbers in shared if canon in numbers]
    reviewed = []
    for done, (role, numbers) in enumerate(shared):
        members: list[Definition] = [definitions[number] for number in numbers]
        told = watch(f"{done}/{len(shared)} {role}, ")
        # Each against each grows with the square: of very many one stands for all.
        first = numbers.index(names.index(asked.against)) if asked.against else 0 if len(numbers) > MANY else None
        reviewed.append(
            RoleGroup(
                role,
                numbers,
                drift(
                    members,
                    knowledge,
                    against=first,
                    quorum=asked.quorum,
                    directed=first is not None,
                    watch=told,
                ),
            )
        )
    progress("")
    alone = tuple(numbers[0] for _, numbers in roles if len(numbers) == 1)
    return Report(tuple(names), tuple(reviewed), alone=alone, unread=tuple(unread), scope=tuple(asked.inputs))


def definitions_in(asked: Asked) -> list[str]:
    """Definitions in the folders, sorted, and the files that were named."""
    found: dict[str, None] = dict.fromkeys([asked.against] if asked.against else [])
    for name in asked.files:
        found.update(dict.fromkeys(_definitions(name) if _is_folder(name) else [name]))
    if not found:
        raise InputError("there is no definition in it", file=asked.files[0], remedy="name a folder with .md files")
    return list(found)


def _definitions(folder: str) -> list[str]:
    """Every definition of a folder, on disk or of a revision, as file arguments."""
    from agentmerge.world.files import find_definitions, is_definition

    if Path(folder).is_dir():
        return find_definitions(Path(folder))
    from agentmerge.world.git import files, tree_of

    tree = tree_of(folder)
    return [tree.file(path) for path in files(tree) if is_definition(path)]


def watch(what: str = "") -> Callable[[int, int], None]:
    return lambda done, of: progress(f"{what}{done}/{of} pairs")


def progress(text: str) -> None:
    """What is being done, on a line of its own that the next one takes; only for a person who watches."""
    from agentmerge.views.paint import one_line

    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{one_line(text, 100)}")
        sys.stderr.flush()


def beside(config: str, baseline: str | None) -> str | None:
    """A baseline that a configuration names stands beside it."""
    return None if baseline is None else str(Path(config).parent / baseline)


class Meant(NamedTuple):
    """Intentional differences, and the day by which those that end are judged."""

    rows: Sequence[Intention]
    day: str = ""


def accepted(
    report: Report,
    baseline: str | None,
    meant: Meant,
    *,
    update: bool,
    known: Baseline | None = None,
) -> tuple[Report, list[tuple[str, str]]]:
    """The report with the findings marked that the baseline has, or that are meant.

    With it, for `update`, the name and the text of the baseline to write. `known` is what the baseline holds where the
    file on disk is not the one that counts; an update is of that on disk.
    """
    from agentmerge.drifting.acceptance import Baseline, accept

    if update:
        if baseline is None:
            raise PolicyError("--update-baseline has nothing to write", remedy="say where with --baseline FILE")
        known = _baseline(baseline) if Path(baseline).exists() else Baseline()
        known = known.updated(accept(report, Baseline(), *meant))
        return accept(report, known, *meant), [(baseline, known.text())]
    if known is None:
        known = _baseline(baseline) if baseline else Baseline()
    return accept(report, known, *meant), []


def _baseline(name: str) -> Baseline:
    from agentmerge.drifting.acceptance import read_baseline
    from agentmerge.world.files import read_text

    return read_baseline(read_text(name), name)


def since_review(asked: Asked, baseline: str | None) -> Asked:
    """What was asked for, with `--since reviewed` as the commit that the baseline has for the file."""
    if asked.since != REVIEWED or not asked.history:
        return asked
    if baseline is None:
        raise PolicyError("--since reviewed reads a baseline, and there is none", remedy="name it with --baseline FILE")
    from agentmerge.drifting.acceptance import Baseline
    from agentmerge.world.git import versions

    known = _baseline(baseline) if Path(baseline).exists() else Baseline()
    found = versions(asked.history)
    revs = {version.rev for version in found}
    for version in reversed(found):
        rev, blob = known.reviewed.get(version.path), known.contents.get(version.path)
        # A squash or a shallow clone drops the commit; what was reviewed then stands in another one.
        same = next((one.rev for one in reversed(found) if one.blob == blob), None) if rev not in revs else None
        if rev is not None:
            return replace(asked, since=same or rev)
    raise PolicyError(
        f"no reviewed version of '{asked.history}' is recorded",
        file=baseline,
        remedy="record the newest one with --history FILE --update-baseline",
    )
