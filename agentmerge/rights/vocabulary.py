"""Names of tools, tiers and capabilities as hosts write them in, what they mean out; and the records of rights."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from agentmerge.knowledge.tables import Knowledge, ToolLists
from agentmerge.model import FrozenMap, Kept
from agentmerge.rights.patterns import ANY, EVERYTHING, SEGMENT, Extent, Layer, Level

# Vocabulary -----------------------------------------------------------------------------------------------------------
#
# What hosts call the same tool: `Read` here is `read_file` there, so that rights compare by meaning.


_SERVER = "mcp__"
"""Begins a tool of an MCP server where hosts write `mcp__server__tool`; others write `server/tool`."""
_COLON = re.compile(r"^(.*):(\*)$|^([\w.-]+):([^\s:/]+)$")
MCP = "mcp"
OTHER = "other"
COMMAND = "command"
PATH = "path"


class Grant(NamedTuple):
    """What one name of a list means."""

    name: str
    vocabulary: str
    """Where the name is from; "" for a name that no vocabulary holds."""
    capabilities: frozenset[str]
    pattern: str = ANY
    """Of the arguments that it is limited to."""
    core: frozenset[str] = frozenset()
    """The capabilities that the name itself stands for, without those that they bring along."""


_IN_SET = re.compile(r"(?<![\w/.-])([a-z]\w*)/([a-zA-Z]\w*)(?![\w/.-])")
_HOST_OF_SETS = "copilot"


class Vocabulary:
    """The names of tools in force, and what each means at a host."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._rows = knowledge.vocabularies
        rights = knowledge.raw("rights")
        self._implies: dict[str, list[str]] = rights["implies"]
        self._arguments: dict[str, str] = rights["arguments"]
        self._held = Kept(self._all_of, most=64)

    def lists(self, host: str) -> ToolLists:
        """What may stand in a host's lists of tools; any name where the host is not known."""
        dialect = self._knowledge.dialects.get(host)
        return ToolLists() if dialect is None else dialect.tool_lists

    def empty_is_all(self, host: str) -> bool:
        """Whether a list of tools with nothing in it grants all of them at a host."""
        return self.lists(host).empty == "all"

    def grants(self, name: str, host: str) -> tuple[Grant, ...]:
        """What a name grants, one for each of several names in its parentheses: `Agent(worker, scout)`."""
        base, limit = parted(name)
        one = self.grant(name, host)
        if "," not in limit or any(self.kind(capability) != "name" for capability in one.core):
            return (one,)
        return tuple(self.grant(f"{base}({part.strip()})", host) for part in limit.split(",") if part.strip())

    def grant(self, name: str, host: str) -> Grant:
        """What a name, such as `Bash(git:*)` or `mcp__db__query`, grants at a host."""
        base, limit = parted(name)
        vocabulary, means = self.means(base, host)
        if means:
            return Grant(name, vocabulary, self._widened(means, limit), self.pattern(limit, means), means)
        server = self.server(base, host)
        if server is not None:
            return Grant(name, MCP, frozenset({MCP}), "/".join(server), frozenset({MCP}))
        return Grant(name, "", frozenset({OTHER}), f"{base}({limit or ANY}", frozenset({OTHER}))

    def _widened(self, means: frozenset[str], limit: str) -> frozenset[str]:
        if limit not in ("", ANY, ":*"):
            return means
        return means.union(*(self._implies.get(one, ()) for one in means))

    def means(self, base: str, host: str) -> tuple[str, frozenset[str]]:
        """The vocabulary that a name is from, and its capabilities: the host's own one before any other's."""
        own, folded = self.own(host), self.lists(host).any_case
        rest = [row for row in self._rows if row not in own]
        for vocabulary in (*own, *rest):
            row = self._rows.get(vocabulary, {})
            found = row.get(base) or (row.get(_folded(base, row)) if folded and vocabulary in own else None)
            if found:
                return vocabulary, found
        return self._member(base, host) if "/" in base else ("", frozenset())

    def _member(self, base: str, host: str) -> tuple[str, frozenset[str]]:
        """A tool that is named with the set that it was in for a time: `runCommands/terminalLastCommand`."""
        group, _, tool = base.partition("/")
        if not tool or tool == ANY or not self.means(group, host)[1]:
            return self.means(group, host) if tool == ANY else ("", frozenset())
        found = self.means(tool, host)
        # What no table knows of a set that it knows is taken for the whole set.
        return found if found[1] else self.means(group, host)

    def server(self, base: str, host: str) -> tuple[str, str] | None:
        """Server and tool of an MCP tool's name; at a host that names a server alone, that is all of its tools."""
        found = server_tool(base)
        form = self.lists(host).server
        if found is None and form == "{server}_{tool}" and "_" in base:
            server, _, tool = base.partition("_")
            found = (server, tool)
        if found is None and form in ("{server}/{tool}", "@{server}/{tool}") and base not in ("", ANY):
            found = (base, ANY)
        return found

    def pattern(self, limit: str, means: Iterable[str]) -> str:
        """The pattern of a limit in parentheses, in one spelling: `git:*` and `git *` are the same."""
        kinds = {self._arguments.get(one, "name") for one in means}
        return argument_pattern(limit, next(iter(sorted(kinds)), "name"))

    def kind(self, capability: str) -> str:
        """What an argument of a capability is: command, path or name."""
        return self._arguments.get(capability, "name")

    def likeliest(self, names: Iterable[str], host: str) -> str:
        """The host whose vocabularies hold most of the names, `host` where no other holds more."""
        listed = [parted(name)[0] for name in names]
        rivals = [name for name, dialect in self._knowledge.dialects.items() if "tools" in dialect.fields]
        best = max(rivals, key=lambda name: (self._known(listed, name), self._known(listed, name, 1)), default=host)
        return best if self._known(listed, best) > self._known(listed, host) else host

    def _known(self, names: list[str], host: str, of: int | None = None) -> int:
        """How many names are in a host's vocabularies, or in the first ones of them."""
        held = self._held[host, of]
        return sum(name in held or name.rpartition("/")[2] in held for name in names)

    def _all_of(self, key: tuple[str, int | None]) -> frozenset[str]:
        host, of = key
        return frozenset().union(*(self._rows.get(row, ()) for row in self.lists(host).vocabularies[:of]))

    def own(self, host: str) -> tuple[str, ...]:
        """The vocabularies whose names a host takes, its own first."""
        return self.lists(host).vocabularies or (host,)

    def is_of(self, grant: Grant, host: str) -> bool:
        """Whether a host reads a name: one of its own, of a server as it writes it, or one that no table knows."""
        if grant.vocabulary == MCP:
            form = self.lists(host).server
            return not form or has_form(grant.name, form)
        return grant.vocabulary in ("", *self.own(host))

    def names(self, host: str) -> Iterator[tuple[str, str, frozenset[str]]]:
        """The names that a host takes, its own first, each with its vocabulary and its capabilities."""
        for row in self.own(host):
            for name, means in self._rows.get(row, {}).items():
                yield name, row, self._widened(means, "")


def bare_tools(text: str, knowledge: Knowledge) -> str:
    """A text with each tool that is named with its set (`web/fetch`) called by its own name.

    Of the names of a host whose sets hold tools by that form.
    """
    known = knowledge.derived(Vocabulary)
    return _IN_SET.sub(lambda match: match[2] if known.means(match[1], _HOST_OF_SETS)[1] else match[0], text)


def parted(name: str) -> tuple[str, str]:
    """A name and what stands in parentheses behind it: `Bash`, `git:*`."""
    base, opening, rest = name.partition("(")
    return base.strip(), rest.rstrip().removesuffix(")").strip() if opening else ""


def argument_pattern(limit: str, kind: str) -> str:
    """A limit as a pattern of the arguments of one kind.

    A command ends in a blank, so that `git *` takes `git` and `git log` and not `gitleaks`. Of paths `**` crosses
    slashes and `*` does not.
    """
    if limit in ("", ANY, ":*", "**"):
        return ANY
    if kind == COMMAND:
        # `git:push` is `git push`, as `git:*` is `git *`.
        word = _COLON.match(limit)
        text = " ".join(part for part in word.groups() if part is not None) if word else limit
        return text if text.endswith(ANY) else f"{text} "
    if kind == PATH:
        text = limit.replace("**/", "\0").replace("**", "\0").replace("*", SEGMENT).replace("\0", ANY)
        return text.removeprefix("./")
    return limit.removeprefix("domain:") if limit.startswith("domain:") else limit


def shown_argument(pattern: str, kind: str) -> str:
    """A pattern as a person writes it."""
    if kind == PATH:
        return pattern.replace(ANY, "**").replace(SEGMENT, "*")
    return pattern.rstrip() if kind == COMMAND else pattern


def _folded(name: str, row: Iterable[str]) -> str:
    return next((one for one in row if one.lower() == name.lower()), "")


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
    return (server, tool or ANY) if server else None


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


# Meanings -------------------------------------------------------------------------------------------------------------
#
# The tables of rights, ready to be asked: tiers, capabilities, states, and which fields a host reads.


Severity = Literal["breaking", "warning", "info"]
_LEVELS = {level.word: level for level in Level}
_DEFAULT = {"read": "allow", "write": "ask", "network": "ask", "execute": "ask", "spawn": "allow"}
_SEVERITIES: tuple[Severity, ...] = ("info", "warning", "breaking")
_LIST_KINDS = frozenset({"allow", "deny", "levels"})
"""Kinds of fields that name single tools."""
_HOSTS = 64
"""Hosts that are kept in mind."""


class RightsTables:
    """What the tables say about rights."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        raw = knowledge.raw("rights")
        self.tiers: Mapping[str, Severity] = {tier: self._severity(word) for tier, word in raw["tiers"].items()}
        self.tools: Mapping[str, str] = {name: tier for tier, names in raw["capabilities"].items() for name in names}
        """Capabilities of tools with their tier."""
        self.states: Mapping[str, Mapping[str, str]] = raw["states"]
        self.hooks: Mapping[str, list[str]] = raw["hooks"]
        self.factor: float = raw["limits"]["factor"]
        self.unsayable = Kept(self._unsayable, _HOSTS)
        """By host, the capabilities of tools that none of its fields can limit."""
        self._hosts = knowledge.raw("dialects")

    @staticmethod
    def _severity(word: str) -> Severity:
        return _SEVERITIES[_SEVERITIES.index(word)]

    def tier(self, capability: str) -> str:
        """The tier of a capability."""
        return self.tools.get(capability) or str(self.states.get(capability, {}).get("tier", "execute"))

    def severity(self, tier: str) -> Severity:
        """How much a new right of a tier weighs."""
        return self.tiers.get(tier, "breaking")

    def unsaid(self, state: str) -> Level:
        """The level of a state that no field speaks of."""
        return _LEVELS[self.states[state].get("unsaid", "deny")]

    def below(self, word: str) -> Iterator[str]:
        """The capabilities that a word of a row stands for: a tier's, or itself."""
        if word in self.tiers:
            yield from (name for name, tier in self.tools.items() if tier == word)
        else:
            yield word

    def default(self, host: str, capability: str) -> Level:
        """What a host lets an agent do with a tool where no field says it."""
        row = {**_DEFAULT, **self.host(host).get("default", {})}
        return _LEVELS[row.get(capability) or row[self.tier(capability)]]

    def host(self, host: str) -> Mapping[str, Any]:
        """What a host's file says about rights."""
        found: Mapping[str, Any] = self._hosts.get(host, {}).get("rights", {})
        return found

    def reads(self, key: str, host: str, *, guessed: bool) -> bool:
        """Whether a host takes notice of a field: any field where the host is not known for sure."""
        dialect = self.knowledge.dialects.get(host)
        if guessed or dialect is None or not dialect.fields:
            return True
        return key in dialect.fields or key in self.host(host).get("reads", ())

    def spoken(self, host: str) -> Iterator[str]:
        """The fields with a meaning for rights that a host reads."""
        dialect = self.knowledge.dialects.get(host)
        known = self.knowledge.fields if dialect is None or not dialect.fields else dialect.fields
        for key in known:
            if self.knowledge.field_row(key, host).get("rights"):
                yield key

    def _unsayable(self, host: str) -> frozenset[str]:
        dialect = self.knowledge.dialects.get(host)
        if dialect is None or not dialect.fields:
            return frozenset()
        said: set[str] = set()
        for key in self.spoken(host):
            row = self.knowledge.field_row(key, host)
            if row["rights"] in _LIST_KINDS and not self.host(host).get("session"):
                return frozenset()
            for mode in row.get("modes", {}).values():
                said.update(one for word in mode for one in self.below(word))
        return frozenset(self.tools) - said


def level(word: object) -> Level | None:
    """The level that a word names: deny, ask or allow."""
    return _LEVELS.get(str(word))


# Records --------------------------------------------------------------------------------------------------------------
#
# What a definition may do, and how that changes: the records.


Shift = Literal["", "widened", "narrowed", "both"]
Direction = Literal["widened", "narrowed"]


class Guard(NamedTuple):
    """A hook that may hold something back: the command that it runs before one kind of tool is used."""

    event: str
    about: str
    """A capability, the name of a tool that no table knows, or `*` for all."""
    command: str


class Said(NamedTuple):
    """What one field says about one capability."""

    capability: str
    key: str
    layer: Layer


class Source(NamedTuple):
    """A field that says something about rights."""

    key: str
    line: int


@dataclass(frozen=True, slots=True)
class Rights:
    """What a definition may do on its host: each capability with the levels of its arguments.

    Two of them are equal where they grant the same in the same form; where that came from does not count.
    """

    host: str = field(compare=False)
    extents: FrozenMap[str, Extent]
    """By capability: all that the tables name."""
    guards: frozenset[Guard] = frozenset()
    limits: tuple[tuple[str, float], ...] = ()
    """Turns, minutes and their like that the agent may take; what is not here has no limit."""
    said: tuple[Said, ...] = field(default=(), compare=False)
    """Which field says what."""
    grants: tuple[Grant, ...] = field(default=(), compare=False)
    """The names of allow lists."""
    sources: tuple[Source, ...] = field(default=(), compare=False)
    is_session: bool = field(default=False, compare=False)
    """Whether a file without a list of tools gets those of whoever calls it: a prompt, a skill."""

    def extent(self, capability: str) -> Extent:
        """How far one right reaches."""
        return self.extents.get(capability, EVERYTHING)

    def level(self, capability: str, argument: str = ANY) -> Level:
        """The level of one argument; by default of what no pattern names."""
        return self.extent(capability).level(argument)

    def keys(self, capability: str) -> frozenset[str]:
        """The fields that say something about a capability."""
        return frozenset(said.key for said in self.said if said.capability == capability)

    def line(self, key: str) -> int | None:
        """Where a field stands."""
        return next((source.line for source in self.sources if source.key == key), None)


class Change(NamedTuple):
    """One right that is wider or narrower than before."""

    capability: str
    tier: str
    direction: Direction
    before: Level
    after: Level
    scope: str
    """An argument for which it holds, such as the command `git push`; `*` where no limit plays a part."""
    keys: tuple[str, ...]
    """The fields that make it, of both sides."""
    severity: Literal["breaking", "warning", "info"]
    is_certain: bool = True
    """Whether the two hosts can say it at all: one that has no list of tools does not widen what another one lists."""
