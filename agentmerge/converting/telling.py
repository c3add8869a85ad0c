"""The fate of rights: which field said what the result says, what is lost of it, and what would be wider."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agentmerge.converting.carriers import Carrier, Carriers
from agentmerge.converting.granting import Granted
from agentmerge.converting.records import DEFAULT, Fate, Loss, Neutral
from agentmerge.knowledge import Knowledge
from agentmerge.rights import Rights, members, spelt
from agentmerge.rights.meanings import RightsTables
from agentmerge.rights.patterns import ANY, covers, sample
from agentmerge.rights.vocabulary import Grant, Vocabulary

_LISTS = frozenset({"allow", "levels"})
_GUARDS = "hooks"
_MOST = 6


class Fates:
    """What becomes of each field of rights of one record at one host."""

    def __init__(
        self, record: Neutral, granted: Granted, result: Rights, carrier: Carrier, knowledge: Knowledge
    ) -> None:
        self._record, self._granted, self._result, self._carrier = record, granted, result, carrier
        self._own = record.rights
        self._knowledge = knowledge
        self._known = knowledge.derived(RightsTables)
        self._words = knowledge.derived(Vocabulary)
        self._title = knowledge.dialects[carrier.host].title
        self._wider: dict[str, list[str]] = {}
        for name in granted.beyond:
            for key in self._keys(name) or (DEFAULT,):
                self._wider.setdefault(key, []).append(name)

    def of(self, keys: Sequence[str], losses: Sequence[Loss], allowed: frozenset[str]) -> Iterator[Loss]:
        """All rows: those of other fields, of which some were rights, and one for each of `keys`."""
        for loss in losses:
            yield self._weighed(loss, allowed) if loss.key in self._wider else loss
        known = {loss.key for loss in losses}
        for field in self._record.fields:
            if field.key in keys and field.key not in known:
                loss = self._row(field.key)
                yield self._weighed(loss, allowed) if loss.key in self._wider else loss
        if DEFAULT in self._wider:
            yield self._weighed(Loss(DEFAULT, 1, "approximated"), allowed)

    def _keys(self, name: str) -> tuple[str, ...]:
        """The fields of the source that hold a right back."""
        found = [said.key for said in self._own.said if said.capability == name]
        for source in self._own.sources:
            row = self._knowledge.field_row(source.key, self._record.host)
            is_limit = row.get("rights") == "limit" and row.get("capability", source.key) == name
            if is_limit or (name == _GUARDS and row.get("rights") == "hooks"):
                found.append(source.key)
        return tuple(dict.fromkeys(found))

    def _weighed(self, loss: Loss, allowed: frozenset[str]) -> Loss:
        """A row of what would be wider: refused, unless every field that holds it back may be lost."""
        names = self._wider[loss.key]
        rights = tuple(names)
        open_ = [key for name in names for key in self._keys(name) or (DEFAULT,) if key not in allowed]
        told = f"wider at this host: {self.named(names)}"
        if open_:
            return loss._replace(fate="refused", told=told, carriers=self._limiting(loss.key), rights=rights)
        fate: Fate = "dropped" if not loss.to else "approximated"
        return loss._replace(fate=fate, told=f"{told}, as allowed", carriers=self._limiting(loss.key), rights=rights)

    def named(self, names: Iterable[str]) -> str:
        """Rights by tier: `network (fetch, mcp)`."""
        tiers: dict[str, list[str]] = {}
        for name in names:
            tier = self._known.tier(name) if name in self._known.tools else ""
            tiers.setdefault(tier, []).append(name)
        order = [*self._known.tiers, ""]
        rows = sorted(tiers.items(), key=lambda row: order.index(row[0]))
        return ", ".join(f"{tier} ({', '.join(found)})" if tier else ", ".join(found) for tier, found in rows)

    def _limiting(self, key: str) -> tuple[str, ...]:
        """Hosts that can hold back what a field does."""
        carriers = self._knowledge.derived(Carriers)
        concept = carriers.concept(key, self._record.host)
        others = (host for host in carriers.hosts if host != self._carrier.host)
        if concept != key or concept in {name for host in carriers.hosts for name in carriers.of(host).fields}:
            return tuple(host for host in others if concept in carriers.of(host).fields)
        return tuple(host for host in others if self._lists_tools(host, carriers))

    def _lists_tools(self, host: str, carriers: Carriers) -> bool:
        return any(self._knowledge.field_row(key, host).get("rights") in _LISTS for key in carriers.of(host).rights)

    # One field

    def _row(self, key: str) -> Loss:
        field = next(one for one in self._record.fields if one.key == key)
        if not any(source.key == key for source in self._own.sources):
            title = self._knowledge.dialects[self._record.host].title
            return Loss(key, field.line, "dropped", (), f"it means nothing to a {title}")
        about = {said.capability for said in self._own.said if said.key == key} - {"setting"}
        to = tuple(
            one
            for one in self._granted.values
            if any(said.key == one and said.capability in about for said in self._result.said)
        )
        core = self._core(key)
        lost = [
            name
            for name in about
            if not covers(self._result.extent(name), self._own.extent(name)) and (not core or name in core)
        ]
        if not lost:
            is_same = self._says_the_same(key)
            return Loss(key, field.line, "kept" if is_same else "renamed", (key,) if is_same else to)
        told, hosts = self._lost(key, lost)
        return Loss(key, field.line, "approximated" if to else "dropped", to, told, hosts)

    def _core(self, key: str) -> frozenset[str]:
        """What the names of an allow list stand for, without what they bring along; nothing for any other field."""
        return frozenset().union(*(one.core for one in self._listed(key)))

    def _listed(self, key: str) -> list[Grant]:
        row = self._knowledge.field_row(key, self._record.host)
        if row.get("rights") != "allow":
            return []
        field = next(one for one in self._record.fields if one.key == key)
        listed = members(self._knowledge.field_info(key, self._record.host), field.value)
        return [one for name in listed for one in self._words.grants(name, self._own.host)]

    def _says_the_same(self, key: str) -> bool:
        field = next(one for one in self._record.fields if one.key == key)
        if key not in self._granted.values:
            return False
        info = self._knowledge.field_info(key, self._carrier.host)
        value = self._granted.values[key]
        if info.shape == "set":
            return set(members(info, field.value)) == set(members(info, value))
        return spelt(field.value) == spelt(value)

    def _lost(self, key: str, lost: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """What is left out, in the source's words where it has some, and the hosts that could say it."""
        gone = [one for one in self._listed(key) if self._is_less(one)]
        if gone:
            names = list(dict.fromkeys(one.name for one in gone))
            more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
            # Of several that are lost, the first one says where it could stand.
            return f"left out: {', '.join(names[:_MOST])}{more}", self._able(gone[0])
        order = [*self._known.tools, *self._known.states]
        found = sorted(lost, key=order.index)
        return f"less than before: {self.named(found)}", ()

    def _is_less(self, grant: Grant) -> bool:
        text = sample(grant.pattern) if grant.pattern != ANY else ANY
        return any(self._result.level(one, text) < self._own.level(one, text) for one in grant.core)

    def _able(self, grant: Grant) -> tuple[str, ...]:
        """Hosts that have a name for no more than a grant."""
        carriers = self._knowledge.derived(Carriers)
        return tuple(host for host in carriers.hosts if host != self._carrier.host and self._can_say(host, grant))

    def _can_say(self, host: str, grant: Grant) -> bool:
        if not self._lists_tools(host, self._knowledge.derived(Carriers)):
            return False
        if grant.pattern != ANY and grant.vocabulary != "mcp":
            dialect = self._knowledge.dialects[host]
            is_able = self._known.host(host).get("limits") or dialect.ordered
            if not is_able:
                return False
        own = self._words.own(host)[0]
        if grant.vocabulary == "mcp":
            return bool(self._words.lists(host).server)
        return any(
            vocabulary == own and self._words.grant(name, host).core <= grant.core
            for name, vocabulary, _ in self._words.names(host)
        )
