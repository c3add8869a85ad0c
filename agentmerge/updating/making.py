"""What the sources of an output come to now: somebody's files as they are, or one definition of several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from agentmerge.combining import combine
from agentmerge.combining.policy import Policy
from agentmerge.contents import ITSELF, Files, digest_of_all, is_text
from agentmerge.emitting import CANONICAL
from agentmerge.errors import InputError
from agentmerge.knowledge import Knowledge
from agentmerge.outcome import Conflict, Merged, Notice
from agentmerge.parsing import parse
from agentmerge.parsing.dialects import by_path
from agentmerge.planning.answers import Answers
from agentmerge.updating.records import GONE, Locked, LockedSource, Made, Options, Read, Recipe

Template = tuple[str | None, str]
"""Source and name of a template: None for the source of a shipped one."""


def policy_of(options: Options, defaults: Policy, paths: Sequence[str]) -> Policy:
    """The policy of a recipe over the configuration's defaults."""
    prefer = tuple(dict.fromkeys(place for one in options.prefer for place in _places(one, paths)))
    return Policy(
        options.strategy or defaults.strategy,
        options.wording or defaults.wording,
        options.quorum if options.quorum is not None else defaults.quorum,
        prefer or defaults.prefer,
        options.on_conflict or defaults.on_conflict,
        options.name,
        (*defaults.rules, *options.rules),
    )


def _places(named: str, paths: Sequence[str]) -> list[int]:
    """Where a source that is named by its path, or by its file name alone, stands among the sources."""
    exact = [place for place, path in enumerate(paths) if path == named]
    wanted = PurePosixPath(named).name
    return exact or [place for place, path in enumerate(paths) if PurePosixPath(path).name == wanted]


def locked_sources(read: Sequence[Read]) -> tuple[LockedSource, ...]:
    """The sources as the lock writes them down."""
    return tuple(
        LockedSource(one.source.label, one.revision, digest_of_all(one.files) if one.files else GONE, one.path)
        for one in read
    )


def moved(locked: Locked | None, sources: Sequence[LockedSource], recipe: str) -> bool:
    """Whether the recipe or what a source says is another than the lock knows; a commit by itself is no move."""
    if locked is None or locked.recipe != recipe:
        return True
    return [one.hash for one in locked.sources] != [one.hash for one in sources]


def gone(recipe: Recipe, locked: Locked | None, read: Sequence[Read]) -> tuple[str, ...]:
    """Labels of sources that were there at the last update and are no more.

    Raises InputError for one that never was: nobody deleted it, its place is misspelt.
    """
    known = {one.label: one.hash for one in locked.sources} if locked is not None else {}
    found = []
    for one in read:
        if one.files:
            continue
        if one.source.label not in known:
            message = f"the source '{one.source.label}' of '{recipe.output}' can't be found"
            raise InputError(message, remedy="check its path, repository and revision in the recipe")
        if known[one.source.label] != GONE:
            found.append(one.source.label)
    return tuple(found)


def make(
    recipe: Recipe,
    read: Sequence[Read],
    recipe_hash: str,
    locked: Locked | None,
    base: Files | None,
    combined: Callable[[Sequence[Read]], Merged],
) -> Made:
    """What the sources come to. Where nothing moved that is the base, whatever this version of the tool would make.

    `base` is None where it is not known as a whole.
    """
    sources = locked_sources(read)
    missing = gone(recipe, locked, read)
    notices = tuple(notice for one in read for notice in one.notices)
    executable = read[0].executable if recipe.is_vendored else frozenset()
    if recipe.is_vendored:
        return Made(read[0].files, sources, recipe_hash, executable, missing, notices)
    if base is not None and not moved(locked, sources, recipe_hash):
        return Made(base, sources, recipe_hash, executable, missing, notices)
    there = [one for one in read if one.files]
    _refuse_folders(recipe, there)
    if not there:
        return Made({}, sources, recipe_hash, executable, missing, notices)
    merged = combined(there)
    told = tuple(notice for notice in merged.findings if notice.severity != "info")
    files: Mapping[str, bytes] = {ITSELF: merged.text.encode()}
    conflicts = merged.open_conflicts
    return Made(files, sources, recipe_hash, executable, missing, (*notices, *told, *_told(conflicts)), conflicts)


def _refuse_folders(recipe: Recipe, read: Sequence[Read]) -> None:
    for one in read:
        if set(one.files) != {ITSELF} or not is_text(one.files[ITSELF]):
            what = "a folder" if set(one.files) != {ITSELF} else "no text"
            message = f"the source '{one.source.label}' of '{recipe.output}' is {what}, which can't be combined"
            raise InputError(message, remedy="name a definition, or make it the only source")


def _told(conflicts: Sequence[Conflict]) -> tuple[Notice, ...]:
    if not conflicts:
        return ()
    paths = ", ".join(dict.fromkeys(one.path or one.slot for one in conflicts))
    return (Notice("sources-contradict", "warning", f"the sources contradict each other: {paths}"),)


def combine_sources(
    read: Sequence[Read],
    options: Options,
    defaults: Policy,
    knowledge: Knowledge,
    template: Template = (None, CANONICAL),
    answers: Answers | None = None,
) -> Merged:
    """The definitions of the sources as one; `answers` decide what is in doubt."""
    paths = [one.source.path for one in read]
    definitions = [
        parse(one.files[ITSELF].decode(), knowledge, filename=path, dialect=_dialect(path, knowledge))
        for one, path in zip(read, paths, strict=True)
    ]
    source, name = template
    ask = None if answers is None else lambda _plan: answers
    policy = policy_of(options, defaults, paths)
    return combine(definitions, knowledge, policy, template=source, template_name=name, ask=ask)


def _dialect(path: str, knowledge: Knowledge) -> str | None:
    return None if path.lower().endswith(".toml") else by_path(path, knowledge)
