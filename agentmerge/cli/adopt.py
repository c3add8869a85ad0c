"""`agentmerge adopt`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentmerge.cli.boundary import FOUND, OK, guarded, tell
from agentmerge.cli.coercion import PlainCommand

if TYPE_CHECKING:
    from agentmerge.text.paths import Files
    from agentmerge.updating.lockfile import Match, Version
    from agentmerge.updating.recipes import Locked, Recipe

_SHOWN = 5
_MAX_COMMITS = 300
"""Commits of a folder that are compared as a whole, newest first."""


def register(app: typer.Typer) -> None:
    app.command("adopt", cls=PlainCommand)(guarded(adopt))


def adopt(
    output: Annotated[str, typer.Argument(help="File or folder that was copied from somebody.", metavar="OUT")],
    *,
    upstream: Annotated[str, typer.Option("--upstream", help="Local git repository, or a folder.", metavar="REPO|DIR")],
    path: Annotated[str | None, typer.Option("--path", help="Where it stands there, or stood.", metavar="PATH")] = None,
    rev: Annotated[
        str | None, typer.Option("--rev", help="Branch, tag or commit to follow (HEAD unless told).")
    ] = None,
    base: Annotated[
        str | None, typer.Option("--base", help="The version that it comes from, where you know it.", metavar="COMMIT")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; tell what was found.")] = False,
) -> None:
    """Find the version of an upstream that a file comes from, and let `update` follow it from there.

    Looked for is an equal blob in the upstream's history, then the nearest text, and the distance is told. Where
    several are as near, or none is near, nothing is written: name --path or --base.

    Exit 0: found, 1: it can't be told, 2: trouble.
    """
    from agentmerge.cli.recipe import below, configuration
    from agentmerge.errors import InputError
    from agentmerge.world.upstreams import is_repository, on_disk

    root = configuration().absolute().parent
    place = below(root, output)
    files = on_disk(root / place).files
    if not files:
        raise InputError("is not there", file=output, remedy="name a file or a folder that was copied")
    folder = Path(upstream)
    if not folder.is_dir():
        raise InputError("there is no such folder", file=upstream, remedy="name a local git repository, or a folder")
    search = _Repository if is_repository(folder) else _Folder
    found = search(folder, place, files, rev or "", path or "", base or "").match()
    if found is None:
        tell(f"{output}: nothing in {upstream} is like it; name --path")
        raise typer.Exit(FOUND)
    _tell(output, found)
    if not found.is_sure and base is None:
        tell("nothing was written; name --path, or the version with --base")
        raise typer.Exit(FOUND)
    if not dry_run:
        _write(root, place, found, below(root, upstream), rev or "", is_repository(folder))
    raise typer.Exit(OK)


def _tell(output: str, match: Match) -> None:
    commit, path, _ = match.version
    where = f"{commit[:10]}:{path}" if commit else path
    if not match.lines:
        tell(f"{output}: equal to {where}")
    else:
        tell(f"{output}: nearest to {where}; {match.lines} lines differ, {match.share:.0%} of both")
    for one in match.rivals[:_SHOWN]:
        tell(f"{output}: as near to {one.commit[:10]}:{one.path}")


class _Repository:
    """The history of a repository in which the base is looked for."""

    def __init__(self, repo: Path, output: str, files: Files, rev: str, path: str, base: str) -> None:
        from agentmerge.world.upstreams import commit_of

        self.repo = repo
        self.output = output
        self.files = files
        self.path = path
        self.base = base
        self.start = commit_of(repo, rev)

    def match(self) -> Match | None:
        """The version that the output comes from."""
        from agentmerge.text.paths import ITSELF

        return self._file() if ITSELF in self.files else self._folder()

    def _file(self) -> Match | None:
        from agentmerge.errors import GitError
        from agentmerge.text.paths import ITSELF
        from agentmerge.updating.lockfile import Match, Version, blob_ids, nearest, same_place
        from agentmerge.world import upstreams

        ours = self.files[ITSELF]
        kept = upstreams.kept_blobs(self.repo, self.start)
        paths = self._lineage(sorted({one.path for one in kept}))
        kept = [one for one in kept if one.path in paths]
        if self.base:
            commit = upstreams.commit_of(self.repo, self.base)
            for path in paths:
                if ITSELF in (there := upstreams.at_revision(self.repo, commit, path).files):
                    found = nearest(self.files, [Version(commit, path, there)])
                    return found._replace(rivals=()) if found is not None else None
            raise GitError(f"holds none of {', '.join(paths)}", file=self.base, remedy="name --path")
        names = blob_ids(ours)
        equal = [one for one in kept if one.blob in names]
        if equal:
            chosen = same_place(self.output, [one.path for one in equal])
            versions = [Version(one.commit, one.path, {ITSELF: ours}) for one in equal if one.path in chosen]
            others = tuple(one for one in versions if one.path != versions[0].path)
            return Match(versions[0], 0, 0.0, others)
        suffix = Path(self.output).suffix
        near = [one for one in kept if Path(one.path).suffix == suffix]
        versions = [Version(one.commit, one.path, {ITSELF: upstreams.blob(self.repo, one.blob)}) for one in near]
        return nearest(self.files, versions)

    def _lineage(self, paths: Sequence[str]) -> list[str]:
        """The paths in question: the one that is named, with the names that it had."""
        from agentmerge.errors import GitError
        from agentmerge.world import git

        if not self.path:
            return list(paths)
        try:
            known = {one.path for one in git.versions(str(self.repo / self.path))}
        except GitError:
            known = set()
        return sorted({self.path, *known})

    def _folder(self) -> Match | None:
        from agentmerge.updating.lockfile import Version, nearest, same_place
        from agentmerge.world import upstreams

        folder = self.path
        if not folder:
            kept = upstreams.kept_blobs(self.repo, self.start)
            name = Path(self.output).name
            found = {str(up) for one in kept for up in Path(one.path).parents if up.name.lower() == name.lower()}
            places = same_place(self.output, sorted(found))
            if not places:
                return None
            folder = places[0]
        commits = [upstreams.commit_of(self.repo, self.base)] if self.base else []
        commits = commits or upstreams.commits_of(self.repo, self.start, folder)[:_MAX_COMMITS]
        versions = [
            Version(commit, folder, there)
            for commit in commits
            if (there := upstreams.at_revision(self.repo, commit, folder).files)
        ]
        return nearest(self.files, versions)


class _Folder:
    """A folder without history: what it holds now is all that the base can be."""

    def __init__(self, folder: Path, output: str, files: Files, rev: str, path: str, base: str) -> None:
        from agentmerge.errors import InputError

        if rev or base:
            remedy = "leave out --rev and --base, or name a repository"
            raise InputError("is no git repository, and has no revisions", file=str(folder), remedy=remedy)
        self.folder = folder
        self.output = output
        self.files = files
        self.path = path

    def match(self) -> Match | None:
        """The file or folder that the output comes from."""
        from agentmerge.text.paths import ITSELF
        from agentmerge.updating.lockfile import Version, nearest
        from agentmerge.world.upstreams import on_disk

        if self.path:
            found = on_disk(self.folder / self.path).files
            return nearest(self.files, [Version("", self.path, found)]) if found else None
        whole = on_disk(self.folder).files
        if ITSELF in self.files:
            suffix = Path(self.output).suffix
            versions = [
                Version("", path, {ITSELF: data}) for path, data in whole.items() if Path(path).suffix == suffix
            ]
            return nearest(self.files, versions)
        name = Path(self.output).name
        places = sorted({str(up) for path in whole for up in Path(path).parents if up.name == name})
        return nearest(self.files, [Version("", place, on_disk(self.folder / place).files) for place in places])


def _write(root: Path, output: str, match: Match, upstream: str, rev: str, is_repo: bool) -> None:
    """The recipe, the row of the lock and the base, together or not at all."""
    from agentmerge.cli.recipe import configuration
    from agentmerge.updating.lockfile import NAME, lock_text, read_lock
    from agentmerge.updating.recipes import Recipe, Source
    from agentmerge.world.files import read_text
    from agentmerge.world.transactions import Step, Store

    config, lock = configuration(), root / NAME
    store = Store(root)
    with store.locked(lambda: tell("an update is running here; waiting for it")):
        rows = read_lock(read_text(str(lock)), str(lock)) if lock.is_file() else {}
        if output in rows:
            from agentmerge.errors import InputError

            raise InputError("is in the lock already", file=output, remedy="`agentmerge update` follows its sources")
        path = _current_name(root / upstream, rev, match.version) if is_repo else match.version.path
        source = Source(path, upstream, rev) if is_repo else Source(f"{upstream}/{path}")
        recipe = Recipe(output, (source,))
        text = _recipe_text(config, recipe)
        rows = {**rows, output: _row(recipe, match.version)}
        steps = [store.base_step(data) for data in match.version.files.values()]
        steps.append(Step(config.name, config.read_bytes() if config.is_file() else None, text.encode()))
        steps.append(Step(NAME, lock.read_bytes() if lock.is_file() else None, lock_text(rows).encode()))
        store.write([step for step in steps if step.old != step.new])
    tell(f"{output}: adopted; `agentmerge update` brings what {source.label} says since then")


def _recipe_text(config: Path, recipe: Recipe) -> str:
    """The configuration with the recipe; as it is where the output has one already."""
    from agentmerge.cli.recipe import text_with
    from agentmerge.config import read_config
    from agentmerge.world.files import read_text

    text = read_text(str(config)) if config.is_file() else ""
    if text and any(one.output == recipe.output for one in read_config(text, str(config)).recipes):
        return text
    return text_with(config, recipe)


def _current_name(repo: Path, rev: str, version: Version) -> str:
    """What the file is called at the revision that is followed."""
    from agentmerge.world import upstreams

    now = upstreams.commit_of(repo, rev)
    if upstreams.at_revision(repo, now, version.path).files:
        return version.path
    return upstreams.new_name(repo, version.commit, now, version.path) or version.path


def _row(recipe: Recipe, version: Version) -> Locked:
    from agentmerge.text.paths import digest_of_all, digests
    from agentmerge.updating.recipes import Locked, LockedSource, recipe_hash

    source = LockedSource(recipe.sources[0].label, version.commit, digest_of_all(version.files))
    return Locked(recipe_hash(recipe), digests(version.files), (source,))
