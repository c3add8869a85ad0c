"""The direction of imports, who may touch the world, and who may import which library: read from the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "agentmerge"

RANKS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "data"}),
    frozenset({"model"}),
    frozenset({"knowledge"}),
    frozenset({"text", "rights"}),
    frozenset({"reading"}),
    frozenset({"matching", "writing"}),
    frozenset({"diffing", "planning"}),
    frozenset({"statements", "proving"}),
    frozenset({"combining", "converting", "drifting", "merging"}),
    frozenset({"lineage", "surveying", "updating"}),
    frozenset({"comparing", "locating"}),
    frozenset({"config"}),
    frozenset({"session", "views"}),
    frozenset({"__init__"}),
    frozenset({"world"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
"""Parts of the package in the order in which to read them. One imports those of the ranks above it, lazily or for types
too, and never a sibling of its own rank."""

RANK = {part: number for number, rank in enumerate(RANKS) for part in rank}
EDGES = {"world": {"errors", "model", "text"}}
"""Parts that stand for the outside know little of the inside."""

IO_PARTS = {"world", "cli"}
WORLDLY = {"cli", "world"}
"""They alone import `world`."""
SOLE_IMPORTERS = {
    "ruamel": {"reading.yamlio"},
    "markdown_it": {"reading.blocks"},
    "deepdiff": {"diffing.changes"},
    "jinja2": {"writing.emitting", "writing.sandbox", "views.html"},
    "snowballstemmer": {"text.lexicon"},
    "typer": {"cli"},
    "mcp": {"cli.mcp"},
    "model2vec": {"world.embedding"},
    "tomllib": {"knowledge.tables", "reading.frontmatter", "drifting.changeset"},
}
"""Library to the modules (or packages) that alone may import it."""

IO_MODULES = {
    "subprocess",
    "socket",
    "shutil",
    "tempfile",
    "urllib",
    "http",
    "logging",
    "io",
    "random",
    "time",
    "locale",
}
IO_CALLS = {"open", "print", "input", "exec", "eval", "breakpoint"}
IO_ATTRIBUTES = {
    ("os", None),
    ("sys", "stdin"),
    ("sys", "stdout"),
    ("sys", "stderr"),
    ("sys", "argv"),
    ("sys", "exit"),
}
IO_METHODS = {"read_text", "write_text", "read_bytes", "write_bytes", "unlink", "mkdir", "iterdir", "glob", "rglob"}
PACKAGE_DATA_READERS = {"text.similarity", "knowledge.tables", "writing.emitting"}
"""They read data files of the package itself, through importlib.resources."""


def _modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)] = path
    return found


MODULES = _modules()


_DOTTED = re.compile(r"agentmerge(\.\w+)+")
"""A module that is imported by its name, such as the home of a public function."""


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _imports(path: Path) -> Iterator[str]:
    """Dotted names that a module imports anywhere in it: at the top, in functions, below TYPE_CHECKING."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and _DOTTED.fullmatch(str(node.value)):
            yield str(node.value)


def _own(path: Path) -> set[str]:
    """Modules of ours that a module imports; a name out of a module counts as the module."""
    found = set()
    for name in _imports(path):
        if name.split(".")[0] == "agentmerge":
            parts = name.split(".")[1:]
            while parts and ".".join(parts) not in MODULES:
                parts.pop()
            found.add(".".join(parts) or "__init__")
    return found


def _part(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize("module", MODULES)
def test_import_is_allowed(module: str) -> None:
    part = _part(module)
    assert part in RANK, f"agentmerge/{part} has no rank"
    used = {_part(name) for name in _own(MODULES[module])} - {part}
    used -= {"__init__"} if _version_only(MODULES[module]) else set()
    strangers = {other for other in used if RANK[other] >= RANK[part]}
    strangers |= used - EDGES.get(part, used)
    strangers |= used & {"world"} if part not in WORLDLY else set()
    assert not strangers, f"{module} may not import {sorted(strangers)}"


def _version_only(path: Path) -> bool:
    names = [
        alias.name
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ImportFrom) and node.module == "agentmerge"
        for alias in node.names
    ]
    return set(names) <= {"__version__", *RANK}


def test_each_part_has_one_rank() -> None:
    assert sum(map(len, RANKS)) == len(RANK)
    assert set(RANK) >= {_part(module) for module in MODULES}


def test_modules_have_no_import_cycle() -> None:
    # The package's front imports every stage by name and nothing below imports it but for the version.
    graph = {module: _own(path) - {module, "__init__"} for module, path in MODULES.items()}
    for module in list(graph):
        if "." in module:
            # Importing a module runs the front of its package first.
            graph[module] -= {_part(module)}
    _assert_acyclic(graph)


def _assert_acyclic(graph: dict[str, set[str]]) -> None:
    done: set[str] = set()

    def visit(node: str, trail: tuple[str, ...]) -> None:
        assert node not in trail, f"import cycle: {' -> '.join((*trail, node))}"
        if node not in done:
            for target in sorted(graph.get(node, ())):
                visit(target, (*trail, node))
            done.add(node)

    for node in graph:
        visit(node, ())


@pytest.mark.parametrize("module", [m for m in MODULES if _part(m) not in IO_PARTS | {"__main__"}])
def test_core_does_no_io(module: str) -> None:
    tree = _tree(MODULES[module])
    bad = {name for name in _imports(MODULES[module]) if name.split(".")[0] in IO_MODULES}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IO_CALLS:
            bad.add(node.func.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            pair = (node.value.id, node.attr)
            bad |= {".".join(pair)} if pair in IO_ATTRIBUTES or (node.value.id, None) in IO_ATTRIBUTES else set()
        if isinstance(node, ast.Attribute) and node.attr in IO_METHODS and module not in PACKAGE_DATA_READERS:
            bad.add(node.attr)
    assert not bad, f"{module} touches the world: {sorted(bad)}"


@pytest.mark.parametrize("library", SOLE_IMPORTERS)
def test_library_has_its_importers_alone(library: str) -> None:
    importers = {module for module, path in MODULES.items() for name in _imports(path) if name.split(".")[0] == library}
    strangers = {m for m in importers if not any(m == a or m.startswith(f"{a}.") for a in SOLE_IMPORTERS[library])}
    assert not strangers, f"{library} is imported by {sorted(strangers)}"


def test_no_module_has_the_name_of_a_public_function() -> None:
    import agentmerge

    taken = set(agentmerge.__all__) & {path.stem for path in MODULES.values() if path.parent == PACKAGE}
    assert not taken


FRONT = {"config", "knowledge.tables", "session"}
"""They alone say which knowledge holds where nobody names one; everybody else is handed it."""


@pytest.mark.parametrize("module", [module for module in MODULES if module not in FRONT])
def test_knowledge_is_handed_on(module: str) -> None:
    assert not list(_ambient(_tree(MODULES[module])))


def _ambient(tree: ast.Module) -> Iterator[str]:
    """What would let a function read other tables than its caller's, or forget them without an error of types."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "contextvars":
            yield "a context variable"
        if isinstance(node, ast.Attribute) and node.attr == "shipped":
            yield "the shipped tables, whatever the caller's are"
        if isinstance(node, ast.FunctionDef):
            ordered = node.args.args[len(node.args.args) - len(node.args.defaults) :]
            named = [one for one, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if value]
            if any(one.arg == "knowledge" for one in (*ordered, *named)):
                yield f"{node.name}: a default"
            takes = any(one.arg == "knowledge" for one in (*node.args.args, *node.args.kwonlyargs))
            # Their wrappers take any arguments, so that a call without it is no error of types.
            if takes and any("cache" in ast.unparse(one) for one in node.decorator_list):
                yield f"{node.name}: a cache without an owner"


def test_checks_can_fail() -> None:
    code = """
from contextvars import ContextVar
@cache
def a(knowledge): return Knowledge.shipped()
def b(x, knowledge=None, *, y): ...
def c(*, knowledge=None, y): ...
"""
    assert len(list(_ambient(ast.parse(code)))) == 5
    with pytest.raises(AssertionError, match="import cycle: a -> b -> a"):
        _assert_acyclic({"a": {"b"}, "b": {"a"}})
    assert "session" in _own(PACKAGE / "__init__.py")
    assert {"agentmerge.model.Definition"} <= set(_imports(PACKAGE / "cli" / "common.py"))
