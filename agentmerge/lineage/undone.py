"""Which findings of a history hold no longer: what a version did, and a later one took back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentmerge import rights
from agentmerge.aligning.matching import Bag, similarity, words
from agentmerge.diffing.records import folded
from agentmerge.drifting import pair_drift
from agentmerge.drifting.records import SEVERITIES, UNDONE, Finding, PairDrift
from agentmerge.drifting.sentences import FAR
from agentmerge.knowledge import Knowledge
from agentmerge.lineage.chains import Step
from agentmerge.lineage.records import Life
from agentmerge.model import Definition

_OF_LIVES = frozenset({"guardrail-added", "guardrail-removed", "guardrail-weakened", "guardrail-strengthened"})
_RIGHTS = {"permission-widened": "widened", "permission-narrowed": "narrowed"}


def with_undone(
    steps: Sequence[Step], last: Definition, lives: Sequence[Life], knowledge: Knowledge
) -> list[tuple[Finding, ...]]:
    """The findings of each step, those marked that do not hold between the version before it and the last one.

    What became of a rule its life says. A version that says what an earlier one said takes back all between them.
    """
    rules = [life for life in lives if life.kind == "guardrail"]
    return [_marked(step, last, rules, knowledge) for step in steps]


def _marked(step: Step, last: Definition, rules: Sequence[Life], knowledge: Knowledge) -> tuple[Finding, ...]:
    before, after = step.matching.a, step.matching.b
    if not step.pair.findings or after.text == last.text:
        return step.pair.findings
    now = pair_drift((before, last), 0, 1, knowledge) if before.text != last.text else None
    known = {(n, folded(form.text)): life for life in rules for n, form in enumerate(life.forms) if form is not None}
    found = []
    for one in step.pair.findings:
        holds = now is not None and _holds_in(_life_of(one, step, known), one, step)
        if holds is None and now is not None:
            holds = _holds(one, step.pair, now, knowledge)
        found.append(one if holds else one._replace(accepted=UNDONE))
    return tuple(found)


def _life_of(finding: Finding, step: Step, known: Mapping[tuple[int, str], Life]) -> Life | None:
    """The life of the rule that a finding is about."""
    sides = (step.b, finding.b), (step.a, finding.a)
    found = (known.get((version, folded(spot.text))) for version, spot in sides if spot is not None)
    return next((life for life in found if life is not None), None)


def _holds_in(life: Life | None, finding: Finding, step: Step) -> bool | None:
    """Whether a rule still is what a finding says that it became; None where its life does not tell."""
    if life is None or finding.rule not in _OF_LIVES:
        return None
    now, before = life.forms[-1], life.forms[step.a]
    if finding.rule == "guardrail-added":
        return now is not None and now.weight > 0
    if finding.rule == "guardrail-removed":
        return now is None or now.weight == 0
    weighs, weighed = (form.strength if form is not None else (0, 0) for form in (now, before))
    return weighs < weighed if finding.rule == "guardrail-weakened" else weighs > weighed


def _holds(finding: Finding, then: PairDrift, now: PairDrift, knowledge: Knowledge) -> bool:
    """Whether what a finding tells of is still so."""
    if finding.rule in _RIGHTS:
        return not _moved(then, finding, knowledge).isdisjoint(_moved(now, finding, knowledge))
    return any(_is_about_same(finding, other) for other in now.findings)


def _moved(pair: PairDrift, finding: Finding, knowledge: Knowledge) -> frozenset[str]:
    """The capabilities that went the way of a finding."""
    before, after = (rights.effective(one, knowledge) for one in (pair.diff.matching.a, pair.diff.matching.b))
    found = [one for one in rights.compare(before, after, knowledge) if one.direction == _RIGHTS[finding.rule]]
    return frozenset(one.capability for one in found if one.is_certain)


def _is_about_same(finding: Finding, other: Finding) -> bool:
    """Whether another finding, from the same version on, is about the same thing and weighs as much."""
    if other.rule != finding.rule and SEVERITIES.index(other.severity) > SEVERITIES.index(finding.severity):
        return False
    if finding.path.startswith("frontmatter/"):
        return other.path == finding.path
    if finding.a is not None:
        return other.a is not None and other.a.line == finding.a.line and _shares(finding, other)
    if finding.b is None:
        return other.rule == finding.rule
    return other.rule == finding.rule and other.b is not None and _alike(finding.b.text, other.b.text)


def _shares(finding: Finding, other: Finding) -> bool:
    """Whether two findings at one place are about the same words of it."""
    if finding.owns and other.owns:
        return not {*finding.owns}.isdisjoint(other.owns)
    texts = [folded(one.a.text) for one in (finding, other) if one.a is not None]
    return finding.rule == other.rule or texts[0] in texts[1] or texts[1] in texts[0]


def _alike(a: str, b: str) -> bool:
    return folded(a) == folded(b) or similarity(Bag(words(a)), Bag(words(b)), FAR) >= FAR
