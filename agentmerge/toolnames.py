"""What hosts call the same tool: `Read` here is `read_file` there, so that rights compare by meaning."""

from __future__ import annotations

from collections.abc import Iterator

from agentmerge.knowledge import Knowledge
from agentmerge.memo import Kept
from agentmerge.paths import like

Hosts = tuple[str, str]
"""Dialects of the list that grants, and of the one whose names are asked for."""

_SERVER = "mcp__"
"""Begins a tool of an MCP server where hosts write `mcp__server__tool`; others write `server/tool`."""


_SIGNS = frozenset("*/@")
_FEW = 50
"""Grants that are looked at one by one."""
_LISTS = 8
"""Lists of grants that are remembered."""


class ToolNames:
    """The vocabularies of tools, ready for reading."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._rows = knowledge.vocabularies
        self._forms = {name: dialect.tool_lists.server for name, dialect in knowledge.dialects.items()}
        self._own = {name: dialect.own_names for name, dialect in knowledge.dialects.items()}
        self._telling: Kept[frozenset[str], frozenset[str]] = Kept(self._meaning, _LISTS)
        """Of a list of grants those that may stand for a tool of another name."""

    def stands_for(self, granted: str, name: str, hosts: Hosts) -> bool:
        """Whether a tool that is granted under one name is, at another host, the tool of another name.

        Two names of different vocabularies are one tool where they share a capability. What is granted with a limit,
        such as `Bash(git:*)`, is not the whole tool elsewhere.
        """
        if _is_server_tool(granted) or _is_server_tool(name):
            return self._same_server(granted, name, hosts)
        ours, theirs = dict(self._senses(granted, hosts[0])), dict(self._senses(name.partition("(")[0], hosts[1]))
        if ours.keys() & theirs.keys():
            return False
        return any(not one.isdisjoint(two) for one in ours.values() for two in theirs.values())

    def one_stands_for(self, granted: frozenset[str], name: str, hosts: Hosts) -> bool:
        """Whether one of several granted tools is, at another host, the tool of another name."""
        telling = self._telling[granted] if len(granted) > _FEW else granted
        if any(self.stands_for(other, name, hosts) for other in telling):
            return True
        tool = _exactly(name) if telling is not granted and _is_server_tool(name) else None
        return tool is not None and self._written(tool, hosts[0]) in granted

    def _meaning(self, granted: frozenset[str]) -> frozenset[str]:
        return frozenset(filter(self.means_something, granted))

    def means_something(self, name: str) -> bool:
        """Whether a name may be that of a tool of another name: it is in a vocabulary, or that of a server's tool."""
        return not _SIGNS.isdisjoint(name) or _is_server_tool(name) or any(name in row for row in self._rows.values())

    def _same_server(self, granted: str, name: str, hosts: Hosts) -> bool:
        """Whether a tool of an MCP server is the other one, or one of those that it stands for with `*`."""
        ours, theirs = _exactly(granted), _exactly(name)
        if ours is not None and theirs is not None:
            return ours[0] == theirs[0] and ours[1] in ("*", theirs[1])
        if ours is not None:
            return like(self._written(ours, hosts[1]), name)
        return theirs is not None and like(granted, self._written(theirs, hosts[0]))

    def _written(self, tool: tuple[str, str], host: str) -> str:
        return (self._forms.get(host) or "{server}/{tool}").format(server=tool[0], tool=tool[1])

    def _senses(self, name: str, dialect: str) -> Iterator[tuple[str, frozenset[str]]]:
        """Vocabularies with what a name means there: the dialect's own where it holds the name, else any."""
        own = self._own.get(dialect, dialect)
        if name in self._rows.get(own, ()):
            yield own, self._rows[own][name]
            return
        for host, row in self._rows.items():
            if name in row:
                yield host, row[name]


def _is_server_tool(name: str) -> bool:
    return name.startswith(("mcp_", "mcp:"))


def _exactly(name: str) -> tuple[str, str] | None:
    """Server and tool of a name in which no sign of a name can be mistaken for the one that parts them; else None."""
    is_exact = name.startswith((_SERVER, "@")) or "/" in name
    return server_tool(name) if is_exact else None


def server_tool(name: str) -> tuple[str, str] | None:
    """Server and tool of an MCP tool's name, in any host's way of writing it; the tool is `*` where all are meant.

    None for a name that is plainly none, such as `Read`. Where one sign parts everything (`mcp_a_b_c`) the first part
    is the server: another host may mean another one.
    """
    if name.startswith(_SERVER):
        server, _, tool = name.removeprefix(_SERVER).partition("__")
    elif name.startswith(("mcp_", "mcp:")):
        server, _, tool = name[4:].partition(name[3])
    elif name.startswith("@"):
        server, _, tool = name[1:].partition("/")
    elif name.count("/") == 1 and " " not in name:
        server, _, tool = name.partition("/")
    else:
        return None
    return (server, tool or "*") if server else None


def has_form(name: str, form: str) -> bool:
    """Whether an MCP tool's name is written as `form` says, such as `mcp__{server}__{tool}`."""
    prefix, _, rest = form.partition("{server}")
    joint = rest.partition("{tool}")[0]
    if not name.startswith(prefix):
        return False
    inner = name.removeprefix(prefix)
    # `mcp__a__b` starts as `mcp_a_b` does, and `@a/b` holds what `a/b` is.
    if inner.startswith((joint, "_", "@")):
        return False
    return prefix != "" or (joint in inner and not inner.startswith("mcp_"))


def of(knowledge: Knowledge) -> ToolNames:
    """The names that are known."""
    return knowledge.derived(ToolNames)
