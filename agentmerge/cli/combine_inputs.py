"""What `agentmerge combine` was given: which files are variants, which one is the earlier result, what is left out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentmerge.cli import common
from agentmerge.cli.boundary import tell
from agentmerge.world.files import STDIO

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.model import Definition
    from agentmerge.planning.records import Merged, Notice

_ENOUGH = 1000
"""Copies of one name that are kept at most."""
_SHOWN = 5
"""Lines edited by hand that are named; all of them are kept."""


class Asked(NamedTuple):
    """The arguments that say what goes in."""

    files: list[str]
    output: str
    like: str | None
    sides: bool
    everything: bool
    flatten: bool = False
    quiet: bool = False
    """Whether what is odd about the files is not told."""


class Inputs(NamedTuple):
    """What goes into a combine."""

    definitions: list[Definition]
    names: list[str]
    notices: tuple[Notice, ...]
    earlier: Definition | None
    """The earlier result, where the output is one and is written over."""
    told: str
    """What the summary says of an output that is among the files."""
    stands_for: Mapping[str, str]
    """The name of the file that stands for one that says the same."""
    scopes: tuple[str, ...] = ()
    """The path that each layer holds for, where layers are flattened."""


def read(asked: Asked, knowledge: Knowledge) -> Inputs:
    """Read the files and leave out what is no variant; each that is left out is told."""
    from agentmerge.planning.intake import sift

    common.refuse_twice(asked.files)
    if len(asked.files) == 1 and not asked.sides and not asked.quiet:
        tell("note: there is only one file, which is written in canonical form; name its variants, too")
    if asked.sides:
        common.refuse_overwrite(asked.output, asked.files)
        definitions = _sides(asked.files, knowledge)
        names = [str(one.filename) for one in definitions]
    else:
        common.refuse_revision(asked.output)
        definitions = [
            common.load(file, knowledge, _dialect(file, knowledge), untold=common.EVERYTHING) for file in asked.files
        ]
        names = asked.files
    result = [] if asked.sides else _same_files(asked.like or asked.output, names)
    _refuse_strange(asked, result)
    intake = sift(definitions, names, knowledge, everything=asked.everything, last=result)
    notices, taken = list(intake.notices), list(intake.taken)
    candidate = next((number for number in taken if number in result), None)
    if not asked.sides:
        found = list(_earlier_versions([n for n in taken if n != candidate], definitions, names))
        notices += [notice for _, notice in found]
        taken = [number for number in taken if number not in {file for file, _ in found if file is not None}]
    earlier, told = _result(candidate, taken, asked, definitions, names)
    for definition in () if asked.quiet else definitions:
        # The earlier result is written anew: what is odd about it now, its sources tell.
        if definition is not earlier:
            common.tell_diagnostics(definition)
    taken = [number for number in taken if number != candidate or earlier is None]
    stands_for = {names[copy]: names[one] for copy, one in intake.stands_for.items()}
    written_over = earlier is not None and _same_files(asked.output, [str(earlier.filename)])
    return Inputs(
        [definitions[number] for number in taken],
        [names[number] for number in taken],
        tuple(notices),
        earlier if written_over else None,
        told,
        stands_for,
        () if asked.sides else _layers([names[number] for number in taken], knowledge, flatten=asked.flatten),
    )


def _layers(names: Sequence[str], knowledge: Knowledge, *, flatten: bool) -> tuple[str, ...]:
    """What each layer holds for; () where there are none. They are combined only where that is asked for."""
    from agentmerge.combining import engine
    from agentmerge.errors import PolicyError

    on_disk = all(name != STDIO and Path(name).is_file() for name in names)
    found = engine.scopes([Path(name).resolve() for name in names], knowledge) if on_disk else None
    if found is not None and not flatten:
        raise engine.refuse(names, found)
    if found is None and flatten:
        raise PolicyError("--flatten is for files of one name in nested folders", remedy="leave it out")
    return tuple(found or ())


def _sides(files: list[str], knowledge: Knowledge) -> list[Definition]:
    """The files, in the place of each one with conflict markers its sides, called after it and their labels."""
    from agentmerge.errors import InputError
    from agentmerge.merging.resolving import flattened
    from agentmerge.reading.parsing import parse

    found: list[Definition] = []
    for file in files:
        shown = "<stdin>" if file == STDIO else file
        for label, text in flattened(common.read(file), knowledge, shown):
            one = parse(text, knowledge, filename=shown)
            found.append(replace(one, filename=f"{shown} ({label})") if label else one)
    if len(found) == len(files):
        raise InputError("holds no conflict markers", file=files[0], remedy="leave out --sides")
    return found


def _dialect(file: str, knowledge: Knowledge) -> str | None:
    """The host that claims a file by its whole path: the working directory makes no other file of it."""
    from agentmerge.reading.parsing import by_path

    if file == STDIO or ":" in file or file.lower().endswith(".toml"):
        return None
    return by_path(os.path.abspath(file), knowledge)  # noqa: PTH100


def _same_files(name: str, files: Sequence[str]) -> list[int]:
    """The places of one file among the arguments, by whichever path or link they name it."""
    if name == STDIO:
        return []
    return [number for number, file in enumerate(files) if file != STDIO and common.is_same_file(name, file)]


def _refuse_strange(asked: Asked, result: Sequence[int]) -> None:
    from agentmerge.errors import PolicyError

    if asked.like is not None and asked.sides:
        raise PolicyError("--like names a file, and --sides are no files", remedy="leave out one of them")
    if asked.like is not None and not result:
        remedy = "name the earlier result as it stands among the files, or leave out --like"
        raise PolicyError(f"--like {asked.like} is none of the files", remedy=remedy)


# The earlier result


def _result(
    candidate: int | None, taken: Sequence[int], asked: Asked, definitions: Sequence[Definition], names: Sequence[str]
) -> tuple[Definition | None, str]:
    """The earlier result among the files, and what is said of the file that may be it."""
    from agentmerge.errors import PolicyError
    from agentmerge.planning.intake import is_result

    if candidate is None:
        return None, ""
    name = names[candidate]
    others = [definitions[number] for number in taken if number != candidate]
    if asked.like is not None and not others:
        raise PolicyError(f"--like {asked.like} leaves no source", remedy="name what it was made of, too")
    if asked.like is not None:
        return definitions[candidate], f"{name} is the earlier result and no source (--like)"
    if is_result(definitions[candidate], others):
        return definitions[candidate], f"{name} is the earlier result and no source"
    hint = f" (--like {name} makes it the earlier result)" if others else ""
    return None, f"{name} is a source and the output{hint}"


def with_edits(merged: Merged, inputs: Inputs, output: str) -> tuple[Merged, list[tuple[str, str]]]:
    """The result with what is told of its inputs; and the earlier result to keep, by name, where it was edited."""
    from agentmerge.planning.intake import edits
    from agentmerge.planning.records import Notice

    notices = list(inputs.notices)
    kept: list[tuple[str, str]] = []
    if inputs.earlier is not None:
        found = edits(inputs.earlier, inputs.definitions, merged.text)
        if found:
            backup, is_new = _backup(output, inputs.earlier.text)
            kept = [(backup, inputs.earlier.text)] if is_new else []
            lines = "; ".join(f"line {number} '{text}'" for number, text in found[:_SHOWN])
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            message = (
                f"{output} holds what no source says: {lines}{more}; it is kept in {backup}; write it into a source,"
                f" or combine {backup} as one"
            )
            notices.append(Notice("hand-edited", "warning", message))
    return replace(merged, findings=(*notices, *merged.findings)), kept


def _backup(output: str, text: str) -> tuple[str, bool]:
    """The first free name for a copy of a file, or one that holds it already; and whether it has to be written."""
    from agentmerge.errors import OutputError

    for number in range(1, _ENOUGH):
        name = f"{output}~" if number == 1 else f"{output}~{number}~"
        if not os.path.lexists(name):
            return name, True
        if Path(name).is_file() and Path(name).read_bytes() == text.encode("utf-8"):
            return name, False
    remedy = f"move the files {output}~* away"
    raise OutputError("was edited, and there is no free name to keep it under", file=output, remedy=remedy)


# Earlier versions of one file


def _earlier_versions(
    taken: Sequence[int], definitions: Sequence[Definition], names: Sequence[str]
) -> Iterator[tuple[int | None, Notice]]:
    """What is told of inputs that are versions of one file; with the one that history proves to be the earlier one."""
    from agentmerge.planning.intake import versions
    from agentmerge.planning.records import Notice
    from agentmerge.world import git

    out: set[int] = set()
    for version in versions([definitions[number] for number in taken]):
        one, other = taken[version.file], taken[version.other]
        if out & {one, other}:
            continue
        pairs = [(a, b) for a, b in ((one, other), (other, one)) if git.is_earlier(names[a], names[b])]
        if len(pairs) == 1:
            (old, new), *_ = pairs
            out.add(old)
            message = f"{names[old]} is an earlier version of {names[new]}, as git's history says, and is left out"
            yield old, Notice("earlier-version-left-out", "info", message)
        elif version.is_near:
            message = (
                f"{version.share:.0%} of {names[one]} stands in {names[other]}; if one is an earlier version of the"
                " other, leave it out: what the later one dropped comes back"
            )
            yield None, Notice("near-version", "warning", message)
