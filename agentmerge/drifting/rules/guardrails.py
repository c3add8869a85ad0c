"""Prohibitions and obligations: removed, added, weakened, strengthened, reversed, sentence by sentence."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from agentmerge.diffing.changes import path_of, section_homes
from agentmerge.diffing.records import ChangeSeverity
from agentmerge.drifting.fields import guards, takes_away
from agentmerge.drifting.records import Finding
from agentmerge.drifting.registry import Comparison, in_line, rule, spots_of
from agentmerge.drifting.rules.slots import slot_findings
from agentmerge.knowledge import signs
from agentmerge.knowledge.tables import Knowledge
from agentmerge.matching.pairwise import Bag, Pair, similarity
from agentmerge.statements.clauses import MEDIUM, PITFALL, STRONG, WEAK, Clause, Modal, modality
from agentmerge.statements.sentences import FAR, ClausePair, Conditions, agrees, told, turned_words
from agentmerge.text import lexicon

TOGETHER = 3
"""Rules of one section from which on their loss, or that they came, is told once."""
SHOWN = 6
"""Rules of which a finding on several shows the words."""
WIDTH = 90
"""Characters of each of them."""

EVERYWHERE = 3
"""Places in which a word became another one, from which on it was renamed."""
LEAST_SPELLED = 6
"""Letters from which on a word may be misspelled."""
SPELLED_ALIKE = 0.85

_PARTS = re.compile(r"[();:—–,]|\band\b|\bbut\b")
"""Where a sentence goes on to another act."""
_LABEL = re.compile(r"\W*\w+:\s")
"""A word that says what sort of rule follows: `Constraints: never ...`."""
_NAMES = (
    "mode-changed",
    "guardrail-removed",
    "guardrail-reversed",
    "guardrail-weakened",
    "guardrail-reworded",
    "guardrail-added",
    "guardrail-strengthened",
    "sign-changed",
)


@rule(*_NAMES, order=40)
def guardrails(comparison: Comparison) -> Iterator[Finding]:
    """What changed in what the definition forbids and asks for."""
    homes = section_homes(comparison.matching)
    together = _shifted_together(comparison, homes)
    told = {pair.b.spot for pairs in together for pair in pairs}
    for pair in comparison.sentences.pairs:
        if pair.b.spot not in told:
            yield from _changed(comparison, pair, homes)
    for first, *others in together:
        found = _shifted(comparison, _shift(*first), *first)
        owns = tuple(pair.b.text for pair in (first, *others))
        yield found._replace(message=f"{found.message}, and {len(others)} more", owns=owns)
    yield from _announced_otherwise(comparison, homes)
    yield from _mentioned_below(comparison, homes)
    yield from _taken_back(comparison)
    known = comparison.knowledge
    lost = [one for one in comparison.sentences.only_a if one.is_guardrail and not _guards(one, known)]
    yield from _lost(comparison, lost)
    # What a lost rule may be said by is told with it.
    said = {one.spot for clause in lost for one in [_heir(comparison, clause)] if one is not None}
    new = [one for one in comparison.sentences.only_b if one.is_guardrail and not takes_away(one, known)]
    yield from _new(comparison, [one for one in new if one.spot not in said])


def _heir(comparison: Comparison, clause: Clause) -> Clause | None:
    """The new statement that says a lost one in other words."""
    found = comparison.restatements.of(clause)
    return found[0].clause if found and found[0].is_new else None


def _new(comparison: Comparison, clauses: Sequence[Clause]) -> Iterator[Finding]:
    """Rules that came; many of one new section together."""
    sections = {section.line for section in comparison.matching.sections_only_b}
    homes: dict[int, list[Clause]] = defaultdict(list)
    for clause in clauses:
        homes[clause.home].append(clause)
    for home, found in homes.items():
        if home in sections and len(found) >= TOGETHER:
            mild = max(clause.strength for clause in found) < STRONG
            message = f"{len(found)} rules added: {_list(found)}"
            owns = tuple(clause.text for clause in found)
            yield comparison.finding(
                "guardrail-added", message, found[0].path, None, found[0].spot, mild=mild, owns=owns
            )
        else:
            yield from (_added(comparison, clause) for clause in found)


def _list(clauses: Sequence[Clause]) -> str:
    """Some of several rules, and how many more there are."""
    shown = "; ".join(in_line(clause.text, WIDTH) for clause in clauses[:SHOWN])
    return shown + (f"; and {len(clauses) - SHOWN} more" if len(clauses) > SHOWN else "")


def _guards(clause: Clause, knowledge: Knowledge) -> bool:
    """Whether a soft rule is a safeguard, of which the rule on these speaks."""
    return clause.strength < STRONG and guards(clause, knowledge) is not None


def _added(comparison: Comparison, clause: Clause, a: Clause | None = None) -> Finding:
    spot = a.spot if a is not None else None
    message = f"{_kind(clause)} added: {clause.text}"
    return comparison.finding("guardrail-added", message, clause.path, spot, clause.spot, mild=clause.strength < STRONG)


def _lost(comparison: Comparison, clauses: Sequence[Clause]) -> Iterator[Finding]:
    """Rules that are gone: soft ones of one section together, and those of a section that is gone or of a rewrite."""
    together: dict[object, list[Clause]] = defaultdict(list)
    for clause in clauses:
        together[_fold(comparison, clause)].append(clause)
    for clause in clauses:
        alike = together[_fold(comparison, clause)]
        if len(alike) < TOGETHER:
            yield _removed(comparison, clause)
        elif clause is alike[0]:
            yield _removed_together(comparison, alike)


def _fold(comparison: Comparison, clause: Clause) -> object:
    """What a lost rule is told together with: a key that others have, too, or one of its own."""
    if clause.strength < STRONG:
        return "soft", clause.home
    unsure = bool(comparison.restatements.of(clause))
    if comparison.is_rewrite:
        return "rewrite", unsure
    gone = {section.line for section in comparison.matching.sections_only_a}
    return ("section", clause.home, unsure) if clause.home in gone else clause.spot


def _removed_together(comparison: Comparison, clauses: Sequence[Clause]) -> Finding:
    first, owns = clauses[0], tuple(one.text for one in clauses)
    unsure = bool(comparison.restatements.of(first))
    if first.strength < STRONG:
        message = f"{len(clauses)} soft rules removed, such as: {first.text}"
        return comparison.finding("guardrail-removed", message, first.path, first.spot, None, mild=True, owns=owns)
    how = "may be said in other words" if unsure else "stand nowhere now"
    message = f"{len(clauses)} rules {how}: {_list(clauses)}"
    return comparison.finding("guardrail-removed", message, first.path, first.spot, None, mild=unsure, owns=owns)


def _removed(comparison: Comparison, clause: Clause, b: Clause | None = None) -> Finding:
    candidates = comparison.restatements.of(clause)
    message = f"{_kind(clause)} removed: {clause.text}{told(candidates)}"
    heir = b or _heir(comparison, clause)
    spot = heir.spot if heir is not None else None
    mild = clause.strength < STRONG
    found = comparison.finding(
        "guardrail-removed", message, clause.path, clause.spot, spot, mild=mild or bool(candidates)
    )
    return found._replace(severity=ChangeSeverity.INFO) if mild and candidates else found


def _kind(clause: Clause) -> str:
    return "prohibition" if clause.forbids else "obligation"


def _announced_otherwise(comparison: Comparison, homes: Mapping[int, int]) -> Iterator[Finding]:
    """A heading whose words lay something else on what stays below it, told once: `Never` that became `Always`."""
    below: dict[tuple[int, str], list[ClausePair]] = defaultdict(list)
    for pair in comparison.sentences.pairs:
        a, b = pair
        by_words = not (a.is_signed_above or b.is_signed_above)
        if by_words and _says_same(a, b) and homes.get(a.home) == b.home and (name := _shift(a, b)):
            below[b.home, name].append(pair)
    titles = {pair.b.line: pair for pair in comparison.matching.sections if pair.a.text != pair.b.text}
    for (home, name), pairs in below.items():
        if home in titles:
            yield _below_title(comparison, name, titles[home], pairs)


def _shifted_together(comparison: Comparison, homes: Mapping[int, int]) -> list[list[ClausePair]]:
    """Reworded rules of one list that all bind otherwise by what stands above them: `Never` that became `Avoid`."""
    lists: dict[tuple[int, str, str], list[ClausePair]] = defaultdict(list)
    for pair in comparison.sentences.pairs:
        a, b = pair
        by_heading = a.above is not None and b.above is not None and not (a.modals or b.modals)
        at_home = homes.get(a.home) == b.home and a.mentioned == b.mentioned
        if by_heading and at_home and not _says_same(a, b) and _shift(a, b):
            lists[b.home, _words(a), _words(b)].append(pair)
    return [sorted(pairs, key=lambda pair: pair.b.unit.line) for pairs in lists.values() if len(pairs) >= TOGETHER]


def _mentioned_below(comparison: Comparison, homes: Mapping[int, int]) -> Iterator[Finding]:
    """Rules that stay word for word below a heading by which they are only spoken of now: `Old rules`."""
    below: dict[int, list[ClausePair]] = defaultdict(list)
    for pair in comparison.sentences.pairs:
        a, b = pair
        if a.is_guardrail and b.mentioned and not a.mentioned and _says_same(a, b) and homes.get(a.home) == b.home:
            below[b.home].append(pair)
    for pairs in below.values():
        a, b = max(pairs, key=lambda pair: pair.a.strength)
        more = f", and {len(pairs) - 1} more" if len(pairs) > 1 else ""
        message = f"only mentioned now, below '{b.path}': {b.text}{more}"
        owns = tuple(one.b.text for one in pairs)
        yield comparison.finding("mode-changed", message, b.path, a.spot, b.spot, mild=a.strength < STRONG, owns=owns)


def _taken_back(comparison: Comparison) -> Iterator[Finding]:
    """A new plain sentence behind a prohibition that asks for the act: `Never print keys. In tests print them.`"""
    stay = (b for a, b in comparison.sentences.pairs if a.folded == b.folded and b.forbids and b.above is None)
    rules = {one.unit.line: one for one in stay}
    for clause in comparison.sentences.only_b:
        rule = rules.get(clause.unit.line)
        if rule is None or clause.is_guardrail or clause.mentioned or not (act := _act(rule, comparison.knowledge)):
            continue
        # What is done to an end asks for something else: `Add a flag to print them`.
        words = lexicon.of(comparison.knowledge).tokens(_PURPOSE.sub(" ", clause.folded), "en")
        if act in words and rule.strength >= STRONG and not modality(comparison.knowledge).read(clause.text):
            message = f"taken back in some cases by a new sentence, '{clause.text}': {rule.text}"
            yield comparison.finding("guardrail-weakened", message, clause.path, None, clause.spot)


_PURPOSE = re.compile(r"\bto \w+")


def _act(rule: Clause, knowledge: Knowledge) -> str:
    """The word behind the one that forbids, as a token; "" where there is none."""
    text = rule.text.lower().replace("’", "'")
    word = next((modal.word for modal in rule.modals if modal.sign == "forbid"), "")
    behind = text.partition(word)[2] if word else ""
    return next(iter(lexicon.of(knowledge).tokens(" ".join(behind.split()[:2]), "en")), "")


def _below_title(comparison: Comparison, name: str, title: Pair, pairs: Sequence[ClausePair]) -> Finding:
    mild = max(clause.strength for pair in pairs for clause in pair) < STRONG
    if mild and name == "guardrail-reversed":
        # What a list of mistakes describes is mild: another title of it turns nothing round.
        name = "guardrail-weakened" if pairs[0].a.forbids else "guardrail-strengthened"
    more = f", and {len(pairs) - 1} more" if len(pairs) > 1 else ""
    message = f"{_MESSAGES[name]} below '{title.b.text}', which was '{title.a.text}': {pairs[0].b.text}{more}"
    return comparison.finding(name, message, path_of(title.b), *spots_of(title), mild=mild)


def _changed(comparison: Comparison, pair: ClausePair, homes: Mapping[int, int]) -> Iterator[Finding]:
    a, b = pair.a, pair.b
    if _is_unchanged(a, b, at_home=homes.get(a.home) == b.home):
        return
    if comparison.is_rewrite and (a.is_guardrail or b.is_guardrail) and not _is_version(a, b):
        # In a text that was written anew two sentences of little in common are no versions of one.
        yield from _replaced(comparison, a, b)
        return
    name = _shift(a, b)
    if a.mentioned != b.mentioned:
        yield from _mode_changed(comparison, a, b)
    elif name:
        yield _shifted(comparison, name, a, b)
    elif turned := _opposites(a, b, comparison.knowledge):
        message = f"turned round, '{turned[0]}' became '{turned[1]}': {b.text}"
        yield comparison.finding("guardrail-reversed", message, b.path, a.spot, b.spot)
    elif less := _less(a, b, comparison.knowledge):
        mild = max(a.strength, b.strength) < STRONG
        yield comparison.finding(less[0], f"binds {less[1]}: {b.text}", b.path, a.spot, b.spot, mild=mild)
    elif a.is_guardrail and b.is_guardrail:
        yield from slot_findings(comparison, a, b) or _reworded(comparison, a, b)
    if not name and a.told != b.told and a.mentioned == b.mentioned:
        yield from _signs_changed(comparison, a, b)


def _less(a: Clause, b: Clause, knowledge: Knowledge) -> tuple[str, str] | None:
    """The rule that speaks of a guardrail that binds less, or in other cases, by the same words, and how it does."""
    if not a.is_guardrail:
        return None
    known, limit = modality(knowledge), _limit(a, b, knowledge)
    if hedges := known.hedges(b.folded) - known.hedges(a.folded):
        return "guardrail-weakened", f"less, with '{', '.join(sorted(hedges))}'"
    if a.strength > b.strength and b.unit.kind == "code" != a.unit.kind:
        return "guardrail-weakened", "less, in a block of code"
    if limit and len(a.folded) < len(b.folded):
        return "guardrail-weakened", f"in fewer cases, with '{limit}'"
    if a.forbids and b.forbids and (more := known.excepted(b.text, a.text)):
        return "guardrail-weakened", f"in fewer cases, with the further exception '{more}'"
    if limit and not _is_condition(limit, knowledge):
        return "guardrail-strengthened", f"in more cases, without '{limit}'"
    return None


def _replaced(comparison: Comparison, a: Clause, b: Clause) -> Iterator[Finding]:
    """A rule that is gone and another one that stands in its place."""
    if a.is_guardrail:
        yield _removed(comparison, a, b)
    if b.is_guardrail and not takes_away(b, comparison.knowledge):
        yield _added(comparison, b, None if a.is_guardrail else a)


def _shifted(comparison: Comparison, name: str, a: Clause, b: Clause) -> Finding:
    """A rule that binds otherwise than before; what it forbids beside its act came or went by itself."""
    if name == "guardrail-reversed" and (a.unit.kind == "table") != (b.unit.kind == "table"):
        # A cell that speaks of the same things is no version of a sentence.
        return _removed(comparison, a, b) if a.is_guardrail else _added(comparison, b, a)
    rule = _alone_on(a, b, comparison.knowledge) if name == "guardrail-reversed" else None
    if rule is not None:
        return _added(comparison, b, a) if rule is b else _removed(comparison, a, b)
    message = f"{_MESSAGES[name]}, {_words(a)} became {_words(b)}: {b.text}"
    # How strongly ✅ asks, nobody knows: it stands for a plain order as well as for `always`.
    mild = max(a.strength, b.strength) < STRONG or (name == "guardrail-weakened" and b.asks_by_sign)
    mild |= name == "guardrail-weakened" and not b.is_guardrail and modality(comparison.knowledge).is_label(a.modals)
    mild |= a.forbids and not b.forbids and name == "guardrail-weakened" and agrees(a, b, comparison.knowledge)
    found = comparison.finding(name, message, b.path, a.spot, b.spot, mild=mild)
    if mild and name == "guardrail-weakened" and a.above is not None and not a.modals and not b.is_guardrail:
        # What a list of things to avoid names, told as what to do instead.
        return found._replace(severity=ChangeSeverity.INFO)
    return found


def _mode_changed(comparison: Comparison, a: Clause, b: Clause) -> Iterator[Finding]:
    """A rule that is only spoken of now, or one that was and is in use."""
    if a.is_guardrail:
        message = f"only mentioned now: {b.text}"
        yield comparison.finding("mode-changed", message, b.path, a.spot, b.spot, mild=a.strength < STRONG)
    elif b.is_guardrail:
        yield _added(comparison, b, a)


def _alone_on(a: Clause, b: Clause, knowledge: Knowledge) -> Clause | None:
    """Of a rule and a plain sentence the rule, where what it forbids is an act of which the other does not speak."""
    rule, other = (a, b) if a.forbids else (b, a)
    if other.is_guardrail or rule.above is not None:
        return None
    parts = [
        part for part in _PARTS.split(rule.text) if any(m.sign == "forbid" for m in modality(knowledge).read(part))
    ]
    known = lexicon.of(knowledge)
    there, rest = frozenset(known.tokens(other.folded, "en")), frozenset(known.shaping)
    binding = {token for modal in rule.modals for token in known.tokens(modal.word.replace("'", " "), "en")}
    said = {token for part in parts for token in known.tokens(part.lower(), "en")} - rest - binding
    return rule if said and len(said & there) * 2 < len(said) else None


def _is_condition(text: str, knowledge: Knowledge) -> bool:
    return knowledge.derived(Conditions).begins(text)


def _is_unchanged(a: Clause, b: Clause, *, at_home: bool) -> bool:
    """Whether two sentences have the same words and signs, and what stands above them binds them alike.

    What the words of a heading lay on its items is told with the heading, what its sign does with each item.
    """
    if not _says_same(a, b):
        return False
    if a.mentioned != b.mentioned:
        # Told with the heading that has them only mentioned.
        return at_home
    by_title = (a.unit.kind == "code") == (b.unit.kind == "code") and not (a.is_signed_above or b.is_signed_above)
    return _bound(a) == _bound(b) or (at_home and by_title)


def _says_same(a: Clause, b: Clause) -> bool:
    return a.folded == b.folded and a.told == b.told


def _signs_changed(comparison: Comparison, a: Clause, b: Clause) -> Iterator[Finding]:
    """Other signs with words that bind alike: a cell turned from ✅ to ❌, another grade, a mark that came or went."""
    turned = signs.turned(
        *(signs.of(comparison.knowledge).told(signs.of(comparison.knowledge).opening(one.text)[1]) for one in (a, b))
    )
    if turned and a.folded == b.folded and a.unit.kind != "code":
        message = f"turned round, {turned[0]} became {turned[1]}: {b.text}"
        yield comparison.finding("guardrail-reversed", message, b.path, a.spot, b.spot)
        return
    before, after = (one.told[1:] if one.forbids and one.told[:1] == ("forbid",) else one.told for one in (a, b))
    if before != after:
        message = f"signs {_named_signs(a.told)} became {_named_signs(b.told)}: {b.text}"
        mild = not signs.weighs(before, after)
        yield comparison.finding("sign-changed", message, b.path, a.spot, b.spot, mild=mild)


def _opposites(a: Clause, b: Clause, knowledge: Knowledge) -> tuple[str, str] | None:
    """The words by which a rule became its opposite, where the rest of it stays: `before` that became `after`."""
    if not (a.is_guardrail and b.is_guardrail) or a.folded == b.folded:
        return None
    return turned_words(a.folded, b.folded, knowledge)


def _named_signs(told: Sequence[str]) -> str:
    return f"'{' '.join(told)}'" if told else "none"


def _reworded(comparison: Comparison, a: Clause, b: Clause) -> Iterator[Finding]:
    """What a rule names that it did not, or no longer names: a member of a list that goes is no longer forbidden."""
    gone, new = _named(a, b, comparison.knowledge), _named(b, a, comparison.knowledge)
    gone = [word for word in gone if not _is_renamed(word, new, comparison)]
    if gone or new:
        told = [f"no longer '{' '.join(gone)}'" if gone else "", f"now '{' '.join(new)}'" if new else ""]
        message = f"names {', '.join(filter(None, told))}: {b.text}"
        # A sentence of which little stays is another sentence, and its words tell nothing of what it no longer forbids.
        anew = len(gone) + len(new) > len(set(a.folded.split()) & set(b.folded.split()))
        yield comparison.finding(
            "guardrail-reworded", message, b.path, a.spot, b.spot, mild=not gone or anew or _is_described(a)
        )


def _is_described(clause: Clause) -> bool:
    """Whether a sentence is an item of a list of what goes wrong, and binds by that alone."""
    return clause.above is not None and clause.above.word == PITFALL and not clause.modals


def _is_renamed(word: str, new: Sequence[str], comparison: Comparison) -> bool:
    """Whether a word is spelled otherwise here, or was replaced everywhere: `claude` that became `agents`."""
    if len(word) >= LEAST_SPELLED and get_close_matches(word, new, n=1, cutoff=SPELLED_ALIKE):
        return True
    if len(new) == 0:
        return False
    gone = _count(word, comparison.a.text) - _count(word, comparison.b.text)
    came = max(_count(one, comparison.b.text) - _count(one, comparison.a.text) for one in new)
    return min(gone, came) >= EVERYWHERE


def _count(word: str, text: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE))


def _named(clause: Clause, other: Clause, knowledge: Knowledge) -> list[str]:
    """Words of a sentence that say what the other does not say in any words; numbers are thresholds, told as such."""
    known = lexicon.of(knowledge)
    label = _LABEL.match(clause.text)
    labels = set(re.findall(r"\w+", label[0].lower())) if label else set()
    there = {token for word in other.folded.split() for token in known.tokens(word, "en")}
    there |= {*known.tokens(other.folded, "en"), *known.shaping}
    modal = {word for one in (*clause.modals, *other.modals) for word in one.word.replace("'", " ").split()}
    return [
        word
        for word in dict.fromkeys(clause.folded.split())
        if not word.isdigit()
        and word not in modal
        and word not in labels
        and (found := known.tokens(word, "en"))
        and not there & set(found)
    ]


def _limit(a: Clause, b: Clause, knowledge: Knowledge) -> str:
    """What one of two sentences says at its end beyond the other, where that limits it to some cases."""
    less, more = sorted((a.folded, b.folded), key=len)
    known = modality(knowledge)
    rest = more.removeprefix(f"{less} ")
    if rest == more:
        rest = more.removesuffix(f" {less}")
    limits = known.limits_of_prohibitions if a.forbids and b.forbids else known.limits
    is_limit = rest != more and rest.startswith(limits) and not known.universal & set(rest.split())
    return rest if is_limit else ""


_MESSAGES = {
    "guardrail-reversed": "turned round",
    "guardrail-weakened": "binds less",
    "guardrail-strengthened": "binds more",
}


def _bound(clause: Clause) -> tuple[int, bool]:
    return clause.strength, clause.forbids


def _words(clause: Clause) -> str:
    found = [f"'{modal.word}'" for modal in clause.modals]
    if clause.above is not None:
        found.append(PITFALL if clause.above.word == PITFALL else f"'{clause.above.word}' above it")
    return ", ".join(dict.fromkeys(found)) or "a plain statement"


def _shift(a: Clause, b: Clause) -> str:
    """The rule that speaks for the way from `a` to `b`, "" where both bind alike."""
    gone, new = _difference(a, b)
    if not gone and not new:
        return ""
    signs_of_words = _own_sign(a), _own_sign(b)
    alone = all(one.above is None or one.above.sign == _own_sign(one) for one in (a, b))
    if all(signs_of_words) and signs_of_words[0] != signs_of_words[1] and alone and _is_close(a, b):
        return "guardrail-reversed"
    if a.forbids != b.forbids:
        return _turned(a, b)
    before, after = _strength(gone), _strength(new)
    if before == after:
        return ""
    return "guardrail-weakened" if before > after else "guardrail-strengthened"


def _own_sign(clause: Clause) -> str:
    """Whether the words that a sentence begins to bind with forbid or ask, whatever stands above it or as a sign."""
    found = next((modal for modal in clause.modals if modal.strength > WEAK and modal.word.isascii()), None)
    return found.sign if found is not None else ""


def _turned(a: Clause, b: Clause) -> str:
    """A sentence that forbids against one that doesn't: reversed where the rest of the words stays."""
    if _is_close(a, b) and not _denies_alike(a, b) and not _is_a_pitfall_by_place(a, b):
        return "guardrail-reversed"
    if a.strength != b.strength:
        return "guardrail-weakened" if a.strength > b.strength else "guardrail-strengthened"
    return ""


def _is_version(a: Clause, b: Clause) -> bool:
    """Whether two sentences have most of their words in common, or one has those of the other."""
    return _is_close(a, b) or a.bag.shared(b.bag) >= FAR * min(a.bag.size, b.bag.size)


def _is_close(a: Clause, b: Clause) -> bool:
    return similarity(_content(a), _content(b)) >= FAR


def _is_a_pitfall_by_place(a: Clause, b: Clause) -> bool:
    """Whether all that forbids one of two sentences is its place among pitfalls, where the other one stands, too."""
    rule, other = (a, b) if a.forbids else (b, a)
    by_place = rule.above is not None and rule.above.word == PITFALL
    return by_place and not any(modal.sign == "forbid" for modal in rule.modals) and rule.path == other.path


def _denies_alike(a: Clause, b: Clause) -> bool:
    """Whether the plain one of two sentences holds the very word that forbids: `Ensure no TODO` is `No TODO`."""
    rule, other = (a, b) if a.forbids else (b, a)
    words = [modal.word for modal in rule.modals if modal.sign == "forbid"]
    return rule.above is None and bool(words) and all(f" {word} " in f" {other.folded} " for word in words)


def _content(clause: Clause) -> Bag:
    modal_words = {word for modal in clause.modals for word in modal.word.split()} | {"'", "t", "."}
    return Bag(word for word, count in clause.bag.items() if word not in modal_words for _ in range(count))


def _difference(a: Clause, b: Clause) -> tuple[list[Modal], list[Modal]]:
    """The modals of `a` that `b` does not have, and the other way round; words of one strength and sign are equal."""
    left, right = Counter(map(_class, _all(a))), Counter(map(_class, _all(b)))
    return (
        [modal for modal in _all(a) if _class(modal) in left - right],
        [modal for modal in _all(b) if _class(modal) in right - left],
    )


def _all(clause: Clause) -> Sequence[Modal]:
    return clause.modals if clause.above is None else (*clause.modals, clause.above)


def _class(modal: Modal) -> tuple[int, str]:
    return modal.strength, modal.sign


def _strength(modals: Sequence[Modal]) -> int:
    """How strongly words bind; a plain sentence asks for what it says, as `should` does, and a hedge takes from it."""
    binding = [modal.strength for modal in modals if modal.sign != "permit"]
    if binding:
        return max(binding)
    return WEAK if modals else MEDIUM
