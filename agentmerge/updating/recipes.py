"""The `recipes` of a configuration: per output its sources and how they are combined."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import get_args

from agentmerge.combining.policy import OnConflict, Policy, make_rule
from agentmerge.errors import PolicyError, unknown
from agentmerge.model import Value
from agentmerge.updating.records import Options, Recipe, Source

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
