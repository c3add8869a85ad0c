"""What the commands share: reading definitions, telling diagnostics, deciding on colour."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Container, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agentmerge.cli.boundary import tell, under

if TYPE_CHECKING:
    # Start-up counts: `--help` and `--version` need none of them.
    from agentmerge.config import Config
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.model import Definition
    from agentmerge.session import Session
    from agentmerge.text.similarity import Embed
    from agentmerge.views.paint import Paint

ColorMode = Literal["auto", "always", "never"]
Color = Annotated[ColorMode, typer.Option("--color", help="Colour the output.", show_default=True)]

ReportFile = Annotated[
    str | None, typer.Option("--report", help="Write decisions, conflicts and ledger as JSON.", metavar="FILE")
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings, too.")]
Explain = Annotated[bool, typer.Option("--explain", help="List every decision on standard error.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Write nothing; list the decisions instead.")]
Semantic = Annotated[
    str | None,
    typer.Option("--semantic", help="Ask an embedding model on disk, too (see the extra).", metavar="DIR"),
]
ConfigFile = Annotated[
    str | None, typer.Option("--config", help="Configuration to use instead of the one found.", metavar="FILE")
]
NoConfig = Annotated[bool, typer.Option("--no-config", help="Use no configuration file.")]


def session(flag: str | None = None, *, near: str, ignore: bool = False, quiet: bool = False) -> Session:
    """What a command runs under: as `Sessions.whole` for what stands near one file."""
    return Sessions(flag, [near], ignore=ignore, quiet=quiet).whole


class Sessions:
    """What a command runs under: the configuration named by the flag or the environment, else those that are near.

    For all files together that is the one nearest to their common folder, so that their order says nothing; for one of
    them, which is read by the tables of its own, the one nearest to it. Which one counts is told once, with what it
    gives up of safety.
    """

    def __init__(self, flag: str | None, names: Sequence[str], *, ignore: bool = False, quiet: bool = False) -> None:
        from agentmerge.cli import configs

        self._ignored = ignore
        self._flag = None if ignore else configs.named(flag)
        self._quiet = quiet
        self._known: dict[str | None, Session] = {}
        """By configuration file; one with overrides may say something else of each file, and is not here."""
        self._told: set[str] = set()
        self._names = names
        if self._flag is not None:
            # What is named is told where it can't be read, and not once a file.
            self._known[self._flag] = self.whole

    @cached_property
    def whole(self) -> Session:
        """What all of them are compared under."""
        return self._session(self._names)

    def near(self, name: str) -> Session:
        """What one of the files is read under."""
        if self._flag is not None or self._ignored:
            return self.whole
        return self._session([name], name)

    def _session(self, names: Sequence[str], own: str = "") -> Session:
        from agentmerge.cli import configs

        found = self._flag or (None if self._ignored else configs.find(names))
        return self._known[found] if found in self._known else self._made(found, names, own)

    def _made(self, found: str | None, names: Sequence[str], own: str) -> Session:
        from agentmerge.session import Session

        if found is None:
            # Most commands have none, and reading one loads every stage that it speaks of.
            return self._known.setdefault(None, Session())
        from agentmerge.cli import configs

        config = configs.load(found, names, read)
        under(config)
        if found not in self._told and not self._quiet:
            tell_config(config, own if len(self._names) > 1 else "")
        self._told.add(found)
        session = Session(config)
        return session if config.is_of_files else self._known.setdefault(found, session)


def tell_config(config: Config, own: str = "") -> None:
    """Which configuration counts, what it gives up of safety, and what looks like a slip in it.

    `own` is the one of several files that is read by its tables, where another one counts for all of them.
    """
    tell(f"with {config.file}" + (f", by whose tables {own} is read" if own else ""))
    tell_loosened(config)
    for slip in config.slips:
        tell(f"note: {slip}")


def tell_loosened(config: Config) -> None:
    """What a configuration gives up of safety, in one line."""
    if config.loosened:
        more = f"; and {len(config.loosened) - _TOLD} more" if len(config.loosened) > _TOLD else ""
        tell(f"warning: {config.file} loosens what is told: {'; '.join(config.loosened[:_TOLD])}{more}")


_TOLD = 4


def embedding(model: str | None) -> Embed | None:
    """The model in a directory, for alignments; None where none is named."""
    if model is None:
        return None
    from agentmerge.world.embedding import load

    return load(model)


def refuse_overwrite(output: str | None, inputs: list[str]) -> None:
    """An output that is one of the inputs would destroy what it was made from."""
    from agentmerge.errors import OutputError
    from agentmerge.world.files import STDIO

    if output is None or output == STDIO:
        return
    refuse_revision(output)
    for name in inputs:
        if name != STDIO and is_same_file(name, output):
            raise OutputError(f"is also the input '{name}'", file=output, remedy="write to another file")


def refuse_same(output: str, other: str | None, flag: str) -> None:
    """Two results can't go to one place; the other one goes where `flag` says."""
    from agentmerge.errors import OutputError
    from agentmerge.world.files import STDIO

    if other is None or (output == STDIO) != (other == STDIO):
        return
    if output == STDIO:
        remedy = f"name a file with --output or {flag}"
        raise OutputError(f"the result and {flag} both go there", file="<stdout>", remedy=remedy)
    if is_same_file(output, other):
        raise OutputError(f"is named by both --output and {flag}", file=other, remedy="name two files")


def refuse_revision(output: str | None) -> None:
    """A version in git's history can be read, and nothing can be written over it."""
    if output is not None and ":" in output:
        from agentmerge.errors import OutputError
        from agentmerge.world import git

        if git.is_revision(output):
            remedy = "name a file on disk, or leave it out for standard output"
            raise OutputError("is a version in git's history and can't be written back", file=output, remedy=remedy)


def resolved_base(base: str, name: str) -> str:
    """The file or revision that `--base` names; `auto` is the version that the file comes from, and is told."""
    if base != "auto":
        return base
    from agentmerge.world import git

    found = git.base_of(name)
    tell(f"base: {found}")
    return found


def is_same_file(a: str, b: str) -> bool:
    """Whether two names, however they are spelled or linked, are of one file."""
    first, second = Path(a), Path(b)
    if first.exists() and second.exists():
        return first.samefile(second)
    # Unlike `resolve`, it takes links that go in a circle as they are.
    return os.path.realpath(first) == os.path.realpath(second)


def tell_twice(names: Sequence[str]) -> None:
    """A file that is named more than once is compared with itself, which is hardly meant."""
    known: list[str] = []
    for name in names:
        twin = next((other for other in known if other == name or is_same_file(other, name)), None)
        if twin is not None:
            tell(f"note: {name} is named twice" if twin == name else f"note: {name} is the same file as {twin}")
        known.append(name)


def refuse_twice(names: list[str]) -> None:
    """Standard input can be read once only."""
    from agentmerge.errors import InputError
    from agentmerge.world.files import STDIO

    if names.count(STDIO) > 1:
        raise InputError("standard input ('-') is named more than once", remedy="write one of them to a file")


def load(
    name: str,
    knowledge: Knowledge,
    dialect: str | None = None,
    *,
    untold: Container[str] = (),
    conflicted: bool = False,
) -> Definition:
    """Read and parse one file argument; warnings go to stderr, but for those whose code is in `untold`.

    Raises ConflictedError for conflict markers in it, unless it may be `conflicted`.
    """
    from agentmerge.reading.parsing import parse
    from agentmerge.text.markers import refuse_in
    from agentmerge.world.files import STDIO

    text, shown = read(name), "<stdin>" if name == STDIO else name
    if not conflicted:
        # The error says it all: what else is odd about half of a merge helps nobody.
        refuse_in(text, shown, knowledge)
    definition = parse(text, knowledge, filename=shown, dialect=dialect)
    tell_diagnostics(definition, untold)
    return definition


def load_in_full(name: str, knowledge: Knowledge, *, conflicted: bool = False, quiet: bool = False) -> Definition:
    """A file argument; one that only imports others is read as what it imports, which is told.

    With `quiet` its warnings are left to `tell_kinds`.
    """
    definition = load(name, conflicted=conflicted, knowledge=knowledge, untold=EVERYTHING if quiet else ())
    return with_imported(name, definition, knowledge, conflicted=conflicted)


class _Everything:
    """A container of whatever is asked for."""

    def __contains__(self, _: object) -> bool:
        return True


EVERYTHING = _Everything()


def tell_kinds(definitions: Sequence[Definition]) -> None:
    """Warnings about many definitions, a line a kind with the first place of it."""
    found: dict[tuple[str, str], list[str]] = {}
    for definition in definitions:
        for note in definition.diagnostics:
            if note.severity != "info":
                found.setdefault((note.severity, note.code), []).append(f"{definition.filename}:{note.line}")
    for (severity, code), places in sorted(found.items(), key=lambda row: (-len(row[1]), row[0])):
        more = f" and {len(places) - 1:,} more" if len(places) > 1 else ""
        tell(f"{severity}[{code}]: {places[0]}{more}")


def with_imported(name: str, definition: Definition, knowledge: Knowledge, *, conflicted: bool = False) -> Definition:
    """The definition of a file argument, or what it imports, where it does nothing else; that is told."""
    from agentmerge.errors import InputError
    from agentmerge.reading.parsing import parse
    from agentmerge.reading.relations import imports, only_imports
    from agentmerge.text.markers import refuse_in

    if not only_imports(definition):
        return definition
    paths = [unit.label for unit in imports(definition)]
    try:
        text = "\n".join(read(beside(name, path)) for path in paths)
    except InputError as error:
        tell(f"{name}: imports {', '.join(paths)}, which can't be read here ({error}); it is reviewed as it stands")
        return definition
    tell(f"{name}: imports {', '.join(paths)} and says nothing else; that is read in its place")
    if not conflicted:
        refuse_in(text, ", ".join(beside(name, path) for path in paths), knowledge)
    return parse(text, knowledge, filename=definition.filename)


def beside(name: str, path: str) -> str:
    """The path that a file imports, as a file argument: of the same revision, from the folder of the file."""
    revision, mark, own = name.rpartition(":") if ":" in name and not Path(name).exists() else ("", "", name)
    target = Path(path).expanduser() if path.startswith("~") else Path(own).parent / path
    return f"{revision}{mark}{os.path.normpath(target)}"


def tell_diagnostics(definition: Definition, untold: Container[str] = (), *, before: Definition | None = None) -> None:
    """Warnings about a definition, a line each; what was to be told of the same line of one `before` it is no news."""
    shown = definition.filename
    known = set() if before is None else set(_warned(before))
    for warned, note in zip(_warned(definition), definition.diagnostics, strict=True):
        if note.severity != "info" and note.code not in untold and warned not in known:
            parts = [part for part in (note.message, note.assumed, note.remedy) if part]
            tell(f"{shown}:{note.line}: {note.severity}[{note.code}]: {'; '.join(parts)}")


def _warned(definition: Definition) -> list[tuple[str, str]]:
    """The code of each diagnostic with the line that it is about."""
    from agentmerge.text.lines import split_lines

    lines = split_lines(definition.text) if definition.diagnostics else []
    return [(note.code, "".join(lines[note.line - 1 : note.line])) for note in definition.diagnostics]


def read(name: str) -> str:
    """The text of a file argument: a file, `-`, or `REV:path`."""
    from agentmerge.world.files import decode, read_text

    if ":" in name:
        from agentmerge.world import git

        if git.is_revision(name):
            return decode(git.show(name), name)
    return read_text(name)


def paint(mode: ColorMode) -> Paint:
    """Colour or not: the flag, then NO_COLOR, then FORCE_COLOR or CLICOLOR_FORCE, then whether a person reads."""
    from agentmerge.views.paint import Paint

    if mode != "auto":
        return Paint(mode == "always")
    if os.environ.get("NO_COLOR"):
        return Paint(enabled=False)
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return Paint(enabled=True)
    return Paint(sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def out(text: str) -> None:
    """A result to standard output."""
    from agentmerge.world.files import write_stdout

    write_stdout(text)


def masked(text: str, knowledge: Knowledge) -> str:
    """A view of definitions in which no secret can be read; what is to be written as a file never comes here."""
    from agentmerge.drifting.fields import Secrets

    return knowledge.derived(Secrets).masked(text)


def page(text: str) -> None:
    """A result for a person to standard output; in a terminal its long lines are broken between words."""
    from agentmerge.views.paint import folded

    out(folded(text, columns()) if sys.stdout.isatty() else text)


def err(text: str) -> None:
    """Lines that go with a result, to standard error; they were made safe for a terminal before."""
    from agentmerge.views.paint import folded

    sys.stderr.write(folded(text, shutil.get_terminal_size((80, 24)).columns) if sys.stderr.isatty() else text)


def width() -> int:
    """Columns for text views: the terminal's, or 100 where no person reads."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100


def columns() -> int:
    """Columns of the terminal; 0 where no person reads, and lines may be of any length."""
    return width() if sys.stdout.isatty() else 0


def short_names(names: list[str]) -> list[str]:
    """File names as short as they stay distinct: the base name, or the path where two share it."""
    bases = [Path(name).name for name in names]
    return [base if bases.count(base) == 1 else name for base, name in zip(bases, names, strict=True)]


def place_of(argument: str) -> tuple[str, int | None]:
    """A file, and the line that is asked for."""
    name, colon, line = argument.rpartition(":")
    if Path(argument).exists() or not (colon and line.isdecimal()):
        return argument, None
    return name, int(line)
