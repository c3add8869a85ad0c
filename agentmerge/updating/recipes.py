"""The `recipes` of a configuration in, what each output is made of out; and a recipe written into that file."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Literal, get_args

from agentmerge.drifting.records import Finding
from agentmerge.errors import PolicyError, unknown
from agentmerge.model import Value
from agentmerge.planning.records import Conflict, Notice
from agentmerge.planning.strategies import OnConflict, Policy, Rule, make_rule
from agentmerge.reading.yamlio import field_text
from agentmerge.text.paths import Files

# Records --------------------------------------------------------------------------------------------------------------
#
# What an update is about: recipes, what was written last, and what would be written now.


Side = Literal["ours", "theirs"]

GONE = "gone"
"""The hash of a source that its place no longer holds."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where one source of an output stands."""

    path: str
    """From the folder of the configuration, or from the top of `repo`."""
    repo: str = ""
    """Folder of a local git repository, from the folder of the configuration; "" for a file on disk."""
    rev: str = ""
    """Branch, tag or commit in it; HEAD where it is empty."""
    lock: str = ""
    """Lock file of an installer that says the revision."""
    entry: str = ""
    """Name of the entry in that lock file."""

    @property
    def label(self) -> str:
        """How it is named in the lock and in messages; without the revision, which moves."""
        return f"{self.repo}:{self.path}" if self.repo else self.path


@dataclass(frozen=True, slots=True)
class Options:
    """How the sources of one output are combined; None where the configuration's defaults hold."""

    strategy: str | None = None
    wording: str | None = None
    quorum: int | None = None
    prefer: tuple[str, ...] = ()
    on_conflict: OnConflict | None = None
    template: str | None = None
    name: str | None = None
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one output is made of."""

    output: str
    """File or folder, from the folder of the configuration, with slashes."""
    sources: tuple[Source, ...]
    combine: Options = field(default_factory=Options)
    decisions: str = ""
    """File with decisions about the combine; "" for none."""

    @property
    def is_vendored(self) -> bool:
        """Whether it is somebody's file or folder, as it is."""
        return len(self.sources) == 1


@dataclass(frozen=True, slots=True)
class LockedSource:
    """A source as an update read it."""

    label: str
    revision: str
    """Commit it was read at; "" for a file on disk."""
    hash: str
    """Of its content; `GONE` where the update was told that there is none any more."""
    path: str = ""
    """Its path then, where the recipe has an older one."""


@dataclass(frozen=True, slots=True)
class Locked:
    """What the tool wrote last for one output."""

    recipe: str
    """Hash of the recipe with everything that decides how its sources are combined."""
    base: Mapping[str, str]
    """Path to hash of what the sources came to."""
    sources: tuple[LockedSource, ...]


class Status(StrEnum):
    """How an output stands to its base and its sources."""

    CLEAN = "clean"
    """As the tool wrote it, from the sources as they are."""
    PENDING = "pending"
    """As the tool wrote it; the sources, or the recipe, have moved."""
    LOCAL = "local"
    """Edited here; the sources have not moved."""
    BOTH = "both"
    """Edited here, and the sources have moved."""
    CONVERGED = "converged"
    """It says what the sources come to, though the lock does not know."""
    NEW = "new"
    """Not written yet."""
    FOREIGN = "foreign"
    """There is a file that the tool did not write."""
    ORPHAN = "orphan"
    """In the lock, and in no recipe."""


CURRENT = frozenset({Status.CLEAN, Status.LOCAL, Status.ORPHAN})
"""There is nothing that an update could do."""


@dataclass(frozen=True, slots=True)
class Read:
    """One source as it is now."""

    source: Source
    files: Files
    """A single file by `ITSELF`; empty where its place holds nothing."""
    revision: str = ""
    executable: frozenset[str] = frozenset()
    path: str = ""
    """Where it was found, where the recipe has an older path."""
    notices: tuple[Notice, ...] = ()
    """What is told of it: that it has another name now, that its history was rewritten."""


@dataclass(frozen=True, slots=True)
class Made:
    """What the sources of an output come to now."""

    files: Files
    sources: tuple[LockedSource, ...]
    recipe: str
    """Hash of the recipe."""
    executable: frozenset[str] = frozenset()
    """Paths of files that may be run."""
    gone: tuple[str, ...] = ()
    """Labels of sources that were there and are no more."""
    notices: tuple[Notice, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    """What keeps the sources from being combined."""


@dataclass(frozen=True, slots=True)
class State:
    """One output with all that an update looks at."""

    recipe: Recipe
    locked: Locked | None
    base: Files
    """What the tool wrote last, as far as it is known."""
    lost: frozenset[str]
    """Paths of the base whose text can't be found anywhere."""
    ours: Files
    """What is there now; empty where nothing is."""
    made: Made


@dataclass(frozen=True, slots=True)
class Write:
    """A file to write, or to delete."""

    path: str
    """From the folder of the configuration."""
    old: bytes | None
    """What is there; None where nothing is."""
    new: bytes | None
    """None to delete it."""
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Drop:
    """A finding about what an update takes away or changes, with its file."""

    path: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person has to decide in one file of an output."""

    path: str
    """From the folder of the configuration."""
    conflict: Conflict
    texts: tuple[str, str, str] = ("", "", "")
    """Base, ours and theirs of the file, where they are texts."""


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """What an update would do with one output."""

    output: str
    status: Status
    writes: tuple[Write, ...] = ()
    asked: tuple[Asked, ...] = ()
    """Open questions; while there is one, nothing of the output is written."""
    dropped: tuple[Drop, ...] = ()
    """What its definitions lose or change by it, most serious first."""
    notices: tuple[Notice, ...] = ()
    locked: Locked | None = None
    """The row of the lock after it; None to leave the row as it is."""
    bases: tuple[bytes, ...] = ()
    """Texts that the row of the lock names."""
    kept: int = 0
    """Files with local edits that stay."""

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to do and nothing to ask."""
        return self.locked is None and not self.writes and not self.asked


# Recipes --------------------------------------------------------------------------------------------------------------
#
# The `recipes` of a configuration: per output its sources and how they are combined.


_RECIPE = ("sources", "combine", "decisions")
SOURCE_KEYS = ("path", "repo", "rev", "lock", "entry")
_COMBINE = ("strategy", "wording", "quorum", "prefer", "on-conflict", "template", "name", "policy")


def read_recipes(data: Value) -> tuple[Recipe, ...]:
    """The recipes of a configuration, sorted by output. PolicyError says what is wrong in which one."""
    if data is None:
        return ()
    recipes = tuple(_recipe(_inside(output, output), value) for output, value in sorted(_mapping(data, "recipes")))
    for one, other in ((a.output, b.output) for a in recipes for b in recipes if a is not b):
        if other.startswith(f"{one}/") or one == other:
            raise PolicyError(f"recipes/{other}: the output '{one}' holds it already", remedy="keep one of the two")
    return recipes


def _recipe(output: str, data: Value) -> Recipe:
    where = f"recipes/{output}"
    if isinstance(data, (str, tuple)):
        data = {"sources": data}
    found = dict(_mapping(data, where))
    _only(found, _RECIPE, where)
    rows = found.get("sources")
    rows = rows if isinstance(rows, tuple) else (rows,)
    sources = tuple(_source(row, where) for row in rows)
    decisions = _text(found, "decisions", where)
    options = _options(dict(_mapping(found.get("combine") or {}, f"{where}/combine")), f"{where}/combine")
    if len(sources) == 1 and (decisions or options != Options()):
        raise PolicyError(f"{where}: one source is taken as it is", remedy="leave out `combine` and `decisions`")
    return Recipe(output, sources, options, decisions)


def _source(data: Value, where: str) -> Source:
    where = f"{where}/sources"
    if isinstance(data, str) and data:
        return Source(_clean(data))
    if not isinstance(data, Mapping):
        raise PolicyError(f"{where}: a source is a path, or `path` with `repo`", remedy="write `- path: FILE`")
    _only(data, SOURCE_KEYS, where)
    path, repo, rev, lock, entry = (_text(data, key, where) for key in SOURCE_KEYS)
    if not path:
        raise PolicyError(f"{where}: a source has no `path`", remedy="write `path: FILE`")
    if not repo and (rev or lock):
        raise PolicyError(f"{where}: `{'rev' if rev else 'lock'}` is of a git repository", remedy="name it with `repo`")
    if bool(lock) != bool(entry) or (lock and rev):
        raise PolicyError(f"{where}: `lock` and `entry` go together, in the place of `rev`", remedy="write both")
    if rev.startswith("-"):
        raise PolicyError(f"{where}: '{rev}' is no revision")
    return Source(_inside(path, where) if repo else _clean(path), _clean(repo) if repo else "", rev, lock, entry)


def _clean(path: str) -> str:
    return posixpath.normpath(path.replace("\\", "/"))


def _inside(path: str, where: str) -> str:
    """A path that does not lead out of its folder."""
    found = _clean(path)
    if found.startswith(("/", "../")) or found in ("..", ".") or found[1:2] == ":":
        raise PolicyError(f"{where}: '{path}' leads out of its folder", remedy="write a path below it")
    return found


def _options(data: Mapping[str, Value], where: str) -> Options:
    _only(data, _COMBINE, where)
    asked = _text(data, "on-conflict", where) or None
    on_conflict: OnConflict | None = next((one for one in get_args(OnConflict) if one == asked), None)
    if asked != on_conflict:
        raise PolicyError(f"{where}: on-conflict is '{asked}'", remedy="use both, first or fail")
    quorum = data.get("quorum")
    if quorum is not None and (isinstance(quorum, bool) or not isinstance(quorum, int)):
        raise PolicyError(f"{where}: quorum is {quorum!r}, not a whole number")
    prefer = data.get("prefer", ())
    strategy, wording, template, name = (
        _text(data, key, where) or None for key in ("strategy", "wording", "template", "name")
    )
    Policy(strategy=strategy or "union", wording=wording or "longest", quorum=quorum)
    rules = tuple(make_rule(pattern, str(value)) for pattern, value in _mapping(data.get("policy") or {}, where))
    named = tuple(map(str, prefer)) if isinstance(prefer, tuple) else (str(prefer),)
    return Options(strategy, wording, quorum, named, on_conflict, template, name, rules)


def _mapping(data: Value, where: str) -> Iterable[tuple[str, Value]]:
    if not isinstance(data, Mapping):
        raise PolicyError(f"{where} is not a list of `key: value` lines")
    return data.items()


def _only(data: Iterable[str], known: Sequence[str], where: str) -> None:
    for key in data:
        if key not in known:
            error = unknown("key", key, known)
            raise PolicyError(f"{where}: {error.message}", remedy=error.remedy)


def _text(data: Mapping[str, Value], key: str, where: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise PolicyError(f"{where}: {key} is no text")
    return str(value)


def in_order(recipes: Sequence[Recipe]) -> list[Recipe]:
    """Recipes so that each comes after those whose outputs it is made of. PolicyError where they go in a circle."""
    done: list[Recipe] = []
    left = list(recipes)
    while left:
        ready = [one for one in left if not any(_needs(one, other) for other in left if other is not one)]
        if not ready or any(_needs(one, one) for one in ready):
            output = left[0].output
            raise PolicyError(f"recipes/{output}: it is made of itself", remedy="name another source")
        done += ready
        left = [one for one in left if one not in ready]
    return done


def _needs(one: Recipe, other: Recipe) -> bool:
    out = other.output
    return any(
        not source.repo
        and (source.path == out or f"{source.path}/".startswith(f"{out}/") or out.startswith(f"{source.path}/"))
        for source in one.sources
    )


def recipe_hash(recipe: Recipe, texts: Sequence[str] = (), *more: object) -> str:
    """The hash of a recipe with all that decides how its sources are combined.

    `texts` are those of its template and decisions, `more` what else holds for it. Where a source stands, and at which
    revision, is no part: what it says is.
    """
    if recipe.is_vendored:
        return sha256(b"vendored").hexdigest()
    said = [recipe.combine, [text.replace("\r\n", "\n") for text in texts], *more]
    return sha256(json.dumps(said, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Options):
        return [getattr(value, name) for name in Options.__slots__]
    return str(value)


# Writing --------------------------------------------------------------------------------------------------------------
#
# A recipe written into the text of a configuration: a few lines come in, all others stay as they are.


_HEAD = re.compile(r"^recipes:[ \t]*(#.*)?$", re.MULTILINE)
_ANY = re.compile(r"^[\"']?recipes[\"']?[ \t]*:", re.MULTILINE)


def with_recipe(text: str, recipe: Recipe) -> str:
    """The text of a configuration with one more recipe. PolicyError where its `recipes` are no block of lines."""
    newline = "\r\n" if "\r\n" in text else "\n"
    plain = text.replace("\r\n", "\n")
    head = _HEAD.search(plain)
    entry = field_text(recipe.output, _written(recipe))
    if head is None:
        if _ANY.search(plain):
            remedy = "write it below `recipes:` by hand: " + " ".join(entry.split())
            raise PolicyError("`recipes` is not a block of lines", remedy=remedy)
        start = plain if not plain or plain.endswith("\n") else f"{plain}\n"
        found = f"{start}recipes:\n{_indented(entry, '  ')}"
    else:
        rest = plain[head.end() :].removeprefix("\n")
        first = re.search(r"^([ \t]+)[^\s#]", rest, re.MULTILINE)
        found = f"{plain[: head.end()]}\n{_indented(entry, first[1] if first else '  ')}{rest}"
    return found.replace("\n", newline)


def _indented(text: str, indent: str) -> str:
    return "".join(f"{indent}{line}\n" for line in text.removesuffix("\n").split("\n"))


def _written(recipe: Recipe) -> Mapping[str, Value]:
    options = {
        key: value
        for key, value in (
            ("strategy", recipe.combine.strategy),
            ("wording", recipe.combine.wording),
            ("on-conflict", recipe.combine.on_conflict),
            ("name", recipe.combine.name),
        )
        if value is not None
    }
    combine: dict[str, Value] = {"combine": dict(options)} if options else {}
    return {"sources": tuple(_writing_source(source) for source in recipe.sources), **combine}


def _writing_source(source: Source) -> Value:
    if not source.repo:
        return source.path
    revision: dict[str, Value] = {"rev": source.rev} if source.rev else {}
    return {"path": source.path, "repo": source.repo, **revision}
