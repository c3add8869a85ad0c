"""What hosts call the same tool: `Read` here is `read_file` there, so that rights compare by meaning."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from agentmerge import tables

Hosts = tuple[str, str]
"""Dialects of the list that grants, and of the one whose names are asked for."""

_SERVER = "mcp__"
"""Begins a tool of an MCP server where hosts write `mcp__server__tool`; others write `server/tool`."""

_SAME = {"skill": "claude"}
"""Dialects that use the names of another."""


class ToolNames:
    """The vocabularies in force."""

    def __init__(self, source: tables.Tables) -> None:
        rows: Mapping[str, Mapping[str, Collection[str]]] = source.raw("toolnames")
        self._rows = {host: {name: frozenset(means) for name, means in row.items()} for host, row in rows.items()}

    def stands_for(self, granted: str, name: str, hosts: Hosts) -> bool:
        """Whether a tool that is granted under one name is, at another host, the tool of another name.

        Two names of different vocabularies are one tool where they share a capability. What is granted with a limit,
        such as `Bash(git:*)`, is not the whole tool elsewhere.
        """
        if granted.startswith(_SERVER) != name.startswith(_SERVER):
            server, tool = _of_server(granted), _of_server(name)
            return server == tool or (server.endswith("/*") and tool.startswith(server[:-1]))
        ours, theirs = dict(self._senses(granted, hosts[0])), dict(self._senses(name.partition("(")[0], hosts[1]))
        if ours.keys() & theirs.keys():
            return False
        return any(not one.isdisjoint(two) for one in ours.values() for two in theirs.values())

    def _senses(self, name: str, dialect: str) -> Iterator[tuple[str, frozenset[str]]]:
        """Vocabularies with what a name means there: the dialect's own where it holds the name, else any."""
        own = _SAME.get(dialect, dialect)
        if name in self._rows.get(own, ()):
            yield own, self._rows[own][name]
            return
        for host, row in self._rows.items():
            if name in row:
                yield host, row[name]


def _of_server(name: str) -> str:
    """A tool of an MCP server as `server/tool`, all of them as `server/*`."""
    if not name.startswith(_SERVER):
        return name
    server, _, tool = name.removeprefix(_SERVER).partition("__")
    return f"{server}/{tool or '*'}"


@lru_cache(maxsize=8)
def _of(source: tables.Tables) -> ToolNames:
    return ToolNames(source)


def current() -> ToolNames:
    """The names of the tables in force."""
    return _of(tables.current())
