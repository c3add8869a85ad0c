"""A project with recipes: its configuration, its lock, and each output with what an update looks at."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agentmerge.cli import common
from agentmerge.cli.boundary import tell

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of them.
    from agentmerge.planning.records import Merged, Notice
    from agentmerge.session import Session
    from agentmerge.updating.planning import Accepted
    from agentmerge.updating.recipes import Locked, Made, OutputPlan, Read, Recipe, Source, State
    from agentmerge.world.transactions import Step, Store
    from agentmerge.world.upstreams import Found

_IGNORED = b"# What an update needs while it runs; the rest belongs under version control.\n/pending/\n/running\n"


class Workspace:
    """The project around the working directory."""

    def __init__(self, config: str | None = None) -> None:
        from agentmerge.errors import InputError
        from agentmerge.world.transactions import Store

        self.session: Session = common.session(config, near="x")
        if self.session.config is None:
            remedy = "`agentmerge recipe add OUT SOURCE...` writes one"
            raise InputError("there is no .agentmerge.yaml here or above", remedy=remedy)
        self.file = Path(self.session.config.file)
        self.root = self.file.absolute().parent
        self.recipes = self.session.config.recipes
        self.store: Store = Store(self.root)
        self.lock = self._lock()
        self._planned: dict[str, bytes | None] = {}
        """What outputs will say: others may be made of them."""

    def _lock(self) -> dict[str, Locked]:
        from agentmerge.updating.lockfile import NAME, read_lock
        from agentmerge.world.files import read_text

        path = self.root / NAME
        return read_lock(read_text(str(path)), str(path)) if path.is_file() else {}

    def reread(self) -> None:
        """Read the lock once more: somebody else may have written it while this command waited."""
        self.lock = self._lock()

    @property
    def orphans(self) -> list[str]:
        """Outputs of the lock that no recipe names."""
        named = {recipe.output for recipe in self.recipes}
        return sorted(output for output in self.lock if output not in named)

    def chosen(self, outputs: Sequence[str] | None) -> list[Recipe]:
        """The recipes of some outputs, or all. InputError for an output without one."""
        from agentmerge.errors import InputError

        if not outputs:
            return list(self.recipes)
        known = {recipe.output: recipe for recipe in self.recipes}
        found = []
        for name in outputs:
            output = self.name_of(name)
            if output not in known:
                remedy = f"known are {', '.join(known) or 'none'}; `agentmerge recipe add` writes one"
                raise InputError("has no recipe", file=name, remedy=remedy)
            found.append(known[output])
        return found

    def name_of(self, argument: str) -> str:
        """A file argument as recipes name it: from the root, with slashes."""
        return Path(os.path.relpath(Path(argument).absolute(), self.root)).as_posix()

    # Reading

    def state(self, recipe: Recipe) -> State:
        """One output with base, ours and what its sources come to."""
        from agentmerge.text.paths import ITSELF
        from agentmerge.updating.recipes import State
        from agentmerge.world.upstreams import on_disk

        locked = self.lock.get(recipe.output)
        read = [self._read(source, locked) for source in recipe.sources]
        ours = on_disk(self.root / recipe.output).files
        base, lost = self._base(recipe, locked)
        made = self._made(recipe, locked, read, None if lost else base)
        if ours and made.files and (ITSELF in ours) != (ITSELF in made.files):
            self._refuse_kind(recipe)
        return State(recipe, locked, base, lost, ours, made)

    def _refuse_kind(self, recipe: Recipe) -> None:
        from agentmerge.errors import InputError

        message = "is a file and its source a folder, or the other way round"
        raise InputError(message, file=recipe.output, remedy="name another output or another source")

    def _read(self, source: Source, locked: Locked | None) -> Read:
        from agentmerge.text.paths import overlaid
        from agentmerge.updating.recipes import Read
        from agentmerge.world.upstreams import on_disk

        if source.repo:
            return self._read_repository(source, locked)
        found = on_disk(self.root / source.path)
        return Read(source, overlaid(found.files, source.path, self._planned), "", found.executable)

    def _read_repository(self, source: Source, locked: Locked | None) -> Read:
        from agentmerge.planning.records import Notice
        from agentmerge.updating.recipes import Read
        from agentmerge.world import upstreams

        repo = self.root / source.repo
        rev = self._installed(source) if source.lock else source.rev
        commit = upstreams.commit_of(repo, rev)
        known = locked.sources if locked is not None else ()
        last = next((one for one in known if one.label == source.label), None)
        before = last.revision if last is not None else ""
        notices: list[Notice] = []
        if before and before != commit and upstreams.is_rewritten(repo, before, commit):
            message = f"{source.label}: {commit[:10]} does not follow {before[:10]}: its history was rewritten, or the"
            notices.append(Notice("upstream-rewritten", "info", f"{message} branch is another"))
        found, name = upstreams.at_revision(repo, commit, source.path), ""
        if not found.files and last is not None and before:
            found, name = _followed(repo, last.path or source.path, before, commit)
        if name:
            message = f"{source.label} is now {name}; write it into the recipe"
            notices.append(Notice("upstream-renamed", "warning", message))
        return Read(source, found.files, commit, found.executable, name, tuple(notices))

    def _installed(self, source: Source) -> str:
        """The revision that an installer's lock file has."""
        from agentmerge.updating.lockfile import revision_in
        from agentmerge.world.files import read_text

        path = str(self.root / source.lock)
        return revision_in(read_text(path), path, source.entry)

    def _base(self, recipe: Recipe, locked: Locked | None) -> tuple[dict[str, bytes], frozenset[str]]:
        """The base of an output: from the store, from git's history of the output, from its source's old revision."""
        found: dict[str, bytes] = {}
        wanted = dict(locked.base) if locked is not None else {}
        for path, name in wanted.items():
            data = self.store.base(name)
            if data is None:
                data = self._base_elsewhere(recipe, locked, path, name)
            if data is not None:
                found[path] = data
        return found, frozenset(wanted) - found.keys()

    def _base_elsewhere(self, recipe: Recipe, locked: Locked | None, path: str, name: str) -> bytes | None:
        from agentmerge.errors import GitError
        from agentmerge.text.paths import digest
        from agentmerge.world import upstreams

        output = f"{recipe.output}/{path}" if path else recipe.output
        data = upstreams.content_in_history(self.root, output, name)
        if data is not None or locked is None or not recipe.is_vendored or not locked.sources[0].revision:
            return data
        source, last = recipe.sources[0], locked.sources[0]
        try:
            old = upstreams.at_revision(self.root / source.repo, last.revision, last.path or source.path).files
        except (GitError, OSError):
            return None
        return old[path] if path in old and digest(old[path]) == name else None

    def _made(self, recipe: Recipe, locked: Locked | None, read: Sequence[Read], base: dict[str, bytes] | None) -> Made:
        from agentmerge.updating.planning import make
        from agentmerge.updating.recipes import recipe_hash

        config = self.session.config
        assert config is not None
        template, name = self._template(recipe)
        texts = [template or name, self._decisions(recipe)]
        defaults = config.combining([source.path for source in recipe.sources])
        digest = recipe_hash(recipe, texts, str(defaults), config.tables)
        return make(recipe, read, digest, locked, base, lambda there: self._combined(recipe, there))

    def _combined(self, recipe: Recipe, there: Sequence[Read]) -> Merged:
        from agentmerge.planning.records import read_answers
        from agentmerge.updating.planning import combine_sources

        config = self.session.config
        assert config is not None
        decisions = self._decisions(recipe)
        answers = read_answers(decisions, str(self.root / recipe.decisions)) if recipe.decisions else None
        defaults = config.combining([source.path for source in recipe.sources])
        knowledge = self.session.knowledge
        return combine_sources(there, recipe.combine, defaults, knowledge, self._template(recipe), answers)

    def sources(self, recipe: Recipe) -> list[Read]:
        """The sources of an output as they are now, those alone that hold something."""
        read = [self._read(source, self.lock.get(recipe.output)) for source in recipe.sources]
        return [one for one in read if one.files]

    def combined(self, recipe: Recipe) -> Merged:
        """What the sources of an output come to now, with every decision. InputError where they can't be combined."""
        from agentmerge.updating.planning import refuse_folders

        there = self.sources(recipe)
        refuse_folders(recipe, there)
        return self._combined(recipe, there)

    def _template(self, recipe: Recipe) -> tuple[str | None, str]:
        from agentmerge.world.files import read_text
        from agentmerge.writing.emitting import CANONICAL, shipped_templates

        config = self.session.config
        wanted = recipe.combine.template or (config.template if config is not None else None) or CANONICAL
        beside = self.root / wanted
        if not beside.is_file() or wanted in shipped_templates():
            return None, wanted
        return read_text(str(beside)), wanted

    def _decisions(self, recipe: Recipe) -> str:
        """The text of the file with decisions; it is read and never written."""
        from agentmerge.world.files import read_text

        return read_text(str(self.root / recipe.decisions)) if recipe.decisions else ""

    # Planning and writing

    def plans(self, outputs: Sequence[str] | None, accepted: Accepted) -> list[OutputPlan]:
        """What an update would do, output by output."""
        from agentmerge.updating.planning import plan
        from agentmerge.updating.recipes import in_order

        config = self.session.config
        assert config is not None
        found = []
        for recipe in in_order(self.chosen(outputs)):
            one = plan(self.state(recipe), self.session.knowledge, config.merging, accepted)
            self._planned |= {write.path: write.new for write in one.writes}
            found.append(one)
        return sorted(found, key=lambda one: one.output)

    def steps(self, plans: Sequence[OutputPlan], sheets: dict[str, bytes]) -> list[Step]:
        """The files that an update writes, the lock last. `sheets` are the plans of open questions by path."""
        from agentmerge.updating.lockfile import NAME, lock_text
        from agentmerge.world.transactions import FOLDER, Step

        rows = dict(self.lock)
        steps: list[Step] = []
        for one in plans:
            steps += [Step(write.path, write.old, write.new, write.executable) for write in one.writes]
            if one.locked is not None:
                rows[one.output] = one.locked
                steps += [self.store.base_step(data) for data in one.bases]
        steps += [Step(path, self._bytes(path), data) for path, data in sheets.items()]
        steps += self._old_sheets(plans, sheets)
        if rows != self.lock:
            steps += [Step(f"{FOLDER}/.gitignore", self._bytes(f"{FOLDER}/.gitignore"), _IGNORED)]
            steps += self._unused(rows)
            steps.append(Step(NAME, self._bytes(NAME), lock_text(rows).encode()))
        return [step for step in {step.path: step for step in steps}.values() if step.old != step.new]

    def _bytes(self, path: str) -> bytes | None:
        target = self.root / path
        return target.read_bytes() if target.is_file() else None

    def _old_sheets(self, plans: Sequence[OutputPlan], sheets: dict[str, bytes]) -> Iterator[Step]:
        """Plans of questions that are not open any more; a file that is none of ours stays."""
        from agentmerge.world.transactions import Step

        for one in plans:
            path = sheet_of(one.output)
            data = self._bytes(path)
            if path not in sheets and data is not None and b'"agentmerge/plan/1"' in data:
                yield Step(path, data, None)

    def _unused(self, rows: dict[str, Locked]) -> Iterator[Step]:
        """Stored bases that no row of the lock names."""
        from agentmerge.world.transactions import FOLDER, Step

        named = {name for row in rows.values() for name in row.base.values()}
        for name in self.store.bases():
            if name not in named:
                path = f"{FOLDER}/base/{name}"
                yield Step(path, self._bytes(path), None)


def _followed(repo: Path, path: str, before: str, commit: str) -> tuple[Found, str]:
    """A source under the name that it had at the last update, or got since then; nothing where it is gone."""
    from agentmerge.world import upstreams

    found = upstreams.at_revision(repo, commit, path)
    if found.files:
        return found, path
    name = upstreams.new_name(repo, before, commit, path)
    return (upstreams.at_revision(repo, commit, name), name) if name else (found, "")


def sheet_of(output: str) -> str:
    """Where the questions about an output are written down."""
    return f"{output}.plan.json"


def finish_interrupted(space: Workspace) -> None:
    """End what a killed update left, and say so."""
    outcome = space.store.finish()
    if outcome == "finished":
        tell("an update was cut short; it is finished now")
    elif outcome == "dropped":
        tell("an update was cut short, and a file of it was edited since; it is planned anew")
    if outcome:
        space.reread()


def refuse_interrupted(space: Workspace) -> bool:
    """Whether an update was cut short, which is told: what the files say is not what they will say."""
    if space.store.is_interrupted:
        tell("an update was cut short; `agentmerge update` finishes it")
        return True
    return False
