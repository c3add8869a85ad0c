"""MCP servers that a definition brings along, as rules: which server, made of what, with which tools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agentmerge.model import Value
from agentmerge.rights.lists import names, spelt
from agentmerge.rights.patterns import ANY, Level, Rule, literal

_ONLY = ("tools", "enabled_tools", "includeTools", "allowedTools")
_NOT = ("disabled_tools", "excludeTools", "disabledTools")
_TRUSTED = ("autoApprove", "alwaysAllow")
_ASIDE = {
    *_ONLY,
    *_NOT,
    *_TRUSTED,
    "trust",
    "enabled",
    "disabled",
    "timeout",
    "startup_timeout_sec",
    "tool_timeout_sec",
}


def rules(value: Value) -> Iterator[Rule]:
    """A rule for each server, or for each of its tools where it lists some; to ask, but for tools that it trusts."""
    if isinstance(value, Mapping):
        for name, config in value.items():
            yield from _server(name, config)
    elif isinstance(value, tuple):
        for item in value:
            yield from rules(item)
    else:
        for name in names(value):
            yield from _server(name, None)


def _server(name: str, config: Value) -> Iterator[Rule]:
    if not isinstance(config, Mapping):
        yield Rule(f"{literal(name)}  {ANY}", Level.ASK)
        return
    if config.get("disabled") is True or config.get("enabled") is False:
        return
    made = {key: item for key, item in config.items() if key not in _ASIDE and item not in (None, "", ())}
    head = f"{literal(name)} {literal(spelt(made)) if made else ''} "
    yield from (Rule(f"{head}{tool}", Level.ASK) for tool in _listed(config, _ONLY) or (ANY,))
    if config.get("trust") is True:
        yield Rule(f"{head}{ANY}", Level.ALLOW)
    yield from (Rule(f"{head}{tool}", Level.ALLOW) for tool in _listed(config, _TRUSTED))
    yield from (Rule(f"{head}{tool}", Level.DENY) for tool in _listed(config, _NOT))


def _listed(config: Mapping[str, Value], keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for key in keys for name in names(config.get(key)))
