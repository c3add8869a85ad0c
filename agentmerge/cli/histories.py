"""The versions of one file as `drift --history` and `blame` read them: definitions, steps, and their lineage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentmerge.cli import drift_inputs

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.drifting.records import Finding, Report
    from agentmerge.drifting.records import Step as Told
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.lineage.chains import Lineage, Step
    from agentmerge.model import Definition
    from agentmerge.world.git import Version


@dataclass(frozen=True)
class Versions:
    """A file's versions, oldest first, each compared with the last one before that says something to compare with."""

    found: tuple[Version, ...]
    definitions: tuple[Definition, ...]
    links: tuple[Step, ...]
    silent: tuple[Step, ...]
    """Steps to versions that say nothing, gone or emptied, and that another one follows."""
    broken: tuple[tuple[Finding, ...], ...]
    """For each version what keeps it from being compared; () for a clean one."""

    @property
    def clean(self) -> tuple[Definition | None, ...]:
        """The definitions, with None for those that can't be compared, or that nothing follows from."""
        silent = {step.b for step in self.silent}
        rows = enumerate(zip(self.definitions, self.broken, strict=True))
        return tuple(None if bad or number in silent else one for number, (one, bad) in rows)


def versions_of(
    name: str,
    since: str | None,
    knowledge: Knowledge,
    *,
    until: str = "HEAD",
    with_disk: bool = False,
    with_gone: bool = False,
    closely: bool = True,
) -> Versions:
    """Read and compare the versions of a file up to a revision.

    `with_disk` takes what is not committed as the last one, `with_gone` a commit that deletes the file as one that
    says nothing; `closely` is as `lineage.step` takes it.
    Raises GitError where it has no history.
    """
    from agentmerge.drifting.reviewing import conflict_findings
    from agentmerge.lineage.chains import step
    from agentmerge.reading.parsing import parse
    from agentmerge.world.files import decode
    from agentmerge.world.git import contents, now, versions

    found = versions(name, since, until, gone=with_gone)
    if with_disk and (edited := now(name, found[-1])) is not None:
        found.append(edited)
    definitions: list[Definition] = []
    broken: list[tuple[Finding, ...]] = []
    links: list[Step] = []
    silent: list[Step] = []
    last: int | None = None
    for number, (version, data) in enumerate(zip(found, contents(found, name), strict=True)):
        drift_inputs.progress(f"{number}/{len(found)} {version.rev[:10]}")
        text = decode(data, f"{version.rev}:{version.path}")
        definitions.append(parse(text, knowledge, filename=version.path))
        broken.append(conflict_findings(definitions[number], knowledge))
        if broken[number]:
            continue
        made = [] if last is None else [step(definitions, last, number, knowledge, closely=closely)]
        if text.strip() or last is None:
            links += made
            last = number
        else:
            silent += made
    drift_inputs.progress("")
    if silent and silent[-1].b == max(number for number, bad in enumerate(broken) if not bad):
        # What says nothing to the end is what became of the file.
        links.append(silent.pop())
    return Versions(tuple(found), tuple(definitions), tuple(links), tuple(silent), tuple(broken))


def lineage_of(versions: Versions, knowledge: Knowledge) -> Lineage:
    """What became of everything that the versions say."""
    from agentmerge.lineage.chains import Version as Commit
    from agentmerge.lineage.story import lineage

    told = [Commit(one.rev, one.date, one.author, one.subject, one.path) for one in versions.found]
    return lineage(told, versions.clean, versions.links, knowledge)


def report_of(versions: Versions, line: Lineage, knowledge: Knowledge, *, whole: bool) -> Report:
    """The review of a history: each version against the one before, what no longer holds marked, and against the first.

    `whole` says that it begins with the first version of the file.
    """
    from agentmerge.drifting.records import Report

    names = tuple(f"{version.rev}:{version.path}" for version in versions.found)
    places = tuple(version.path for version in versions.found)
    return Report(names, steps=tuple(_steps(versions, line, knowledge)), places=places, whole=whole)


def _steps(versions: Versions, line: Lineage, knowledge: Knowledge) -> list[Told]:
    from agentmerge.drifting.records import Step as Told
    from agentmerge.drifting.reviewing import pair_drift
    from agentmerge.lineage.holdings import with_undone

    clean = [number for number, bad in enumerate(versions.broken) if not bad]
    last = versions.definitions[clean[-1]] if clean else versions.definitions[-1]
    links = (*versions.links, *versions.silent)
    marked = with_undone(links, last, line.lives, knowledge)
    # Of a file that was begun empty the first version is the first that says something.
    first = next((number for number in clean if versions.definitions[number].text.strip()), 0)
    changes = {link.b: (link.pair, found) for link, found in zip(links, marked, strict=True)}
    steps = []
    for number, (version, broken) in enumerate(zip(versions.found, versions.broken, strict=True)):
        about = (version.rev, version.date, version.author, version.subject, version.path)
        if number not in changes:
            steps.append(Told(*about, None, None, broken, version.blob))
            continue
        pair, found = changes[number]
        drift_inputs.progress(f"{number}/{len(versions.found)} since the first")
        whole = pair if pair.a == first else None
        if not versions.definitions[number].text.strip():
            whole = None
        elif pair.a > first:
            whole = pair_drift(versions.definitions, first, number, knowledge)
        steps.append(Told(*about, pair._replace(findings=found), whole, broken, version.blob))
    drift_inputs.progress("")
    return steps


def read(asked: drift_inputs.Asked, knowledge: Knowledge) -> tuple[Report, Lineage]:
    """The review of `--history FILE`, and its lineage. Raises InputError where other files are named, too."""
    from agentmerge.errors import InputError

    name = asked.history or ""
    others = [*asked.files, *([asked.against] if asked.against else [])]
    if others:
        raise InputError("--history is of one file", file=others[0], remedy="leave out the other arguments")
    versions = versions_of(name, asked.since, knowledge, with_gone=True)
    line = lineage_of(versions, knowledge)
    return report_of(versions, line, knowledge, whole=asked.since is None), line
