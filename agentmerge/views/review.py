"""A plan in, a page out in which a person decides: what is open first, then what rules did to rights and guards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from agentmerge import __version__
from agentmerge.diffing.records import word_ops
from agentmerge.knowledge.signs import holds_guardrail
from agentmerge.knowledge.tables import Knowledge
from agentmerge.planning.records import KINDS, Action, Answer, Decision, Merged, Plan, Question, Source, Text
from agentmerge.text.lines import may_hide, suspects
from agentmerge.text.paths import FRONTMATTER
from agentmerge.views.combine import verb
from agentmerge.views.html import render_page, script_data
from agentmerge.views.paint import safe
from agentmerge.writing.emitting import template_source

_SHOWN = 300
"""Characters of a text that nobody is asked about."""
_MOST = 400
"""Decisions of one kind that are listed; more are counted."""
_ALIKE = 0.4
"""Share of a text that another one has, from which on marks of the rest help."""
_MARKED = 4000
"""Characters of a text up to which the words that differ are marked."""
_QUIET = frozenset({Action.KEEP})


class Review(NamedTuple):
    """What the page shows."""

    plan: Plan
    merged: Merged | None
    """The result without any answer; None where the plan alone is at hand."""
    names: Sequence[str]
    """The files, short."""
    command: str
    """What writes the result with the decisions."""
    given: Sequence[Answer] = ()
    """Answers that there are already."""
    post: str = ""
    """Where decisions are sent to; "" where they are kept in the browser alone."""


def review_html(review: Review, knowledge: Knowledge) -> str:
    """The page: nothing is loaded, nothing of the content is markup or code, nothing is sent but decisions."""
    style = "\n".join(template_source(name).strip() for name in ("drift.css", "review.css"))
    page = render_page(
        "review.html.j2",
        style,
        template_source("review.js").strip(),
        title=safe(_title(review.names)),
        total=_total(review),
        version=__version__,
        data=script_data(review_data(review, knowledge)),
    )
    # Served, the page sends decisions to where it came from, and to nowhere else.
    return (
        page.replace("default-src &#39;none&#39;;", "default-src &#39;none&#39;; connect-src &#39;self&#39;;", 1)
        if (review.post)
        else page
    )


def _title(names: Sequence[str]) -> str:
    more = len(names) - 1
    return f"Decide: {names[0]} and {more} more" if more > 1 else "Decide: " + " and ".join(names)


def _total(review: Review) -> str:
    count = len(review.plan.questions)
    binding = sum(question.binds for question in review.plan.questions)
    said = f"{count} {'question' if count == 1 else 'questions'} of {len(review.names)} files"
    said += f", {binding} of them bind" if binding else ""
    return said + (f"; {review.plan.left_out} less likely ones were left out" if review.plan.left_out else "")


def review_data(review: Review, knowledge: Knowledge) -> dict[str, Any]:
    """What the page's script works on."""
    texts = {text.id: text for text in review.plan.texts}
    standing = _Standing(review.merged)
    touched, rest = _decided(review, knowledge)
    return {
        "names": [safe(name) for name in review.names],
        "texts": {name: _text(text) for name, text in texts.items()},
        "questions": [_question(one, texts, standing) for one in review.plan.questions],
        "asks": {kind: KINDS[kind].asks for kind in KINDS},
        "touched": touched,
        "rest": rest,
        "given": {answer.id: _given(answer) for answer in review.given},
        "command": review.command,
        "post": review.post,
        "key": sha256(" ".join(question.id for question in review.plan.questions).encode()).hexdigest()[:16],
    }


def _text(text: Text) -> dict[str, Any]:
    data = {"file": text.file, "line": text.line, "path": safe(text.path), "text": safe(text.text)}
    # Who edits a text starts from it; what can't be seen in it would be kept unseen.
    plain = suspects().sub("", text.text) if may_hide(text.text) else text.text
    return data if plain == data["text"] else data | {"plain": plain.replace("\r", "")}


def _question(question: Question, texts: Mapping[str, Text], standing: _Standing) -> dict[str, Any]:
    asked = [texts[name] for name in question.texts if name in texts]
    stands, why = standing.of(question, asked)
    return {
        "id": question.id,
        "kind": question.kind,
        "texts": [text.id for text in asked],
        "choices": list(question.choices),
        "binds": question.binds,
        "p": question.p,
        "stands": stands,
        "why": safe(why),
        "marks": _marks(asked),
    }


def _marks(texts: Sequence[Text]) -> list[list[list[Any]]]:
    """The words in which each text differs from the first: runs with whether they are its own."""
    if len(texts) < 2 or any(len(text.text) > _MARKED for text in texts):
        return []
    shown = [safe(text.text) for text in texts]
    return [_own_words(shown[1 if number == 0 else 0], text) for number, text in enumerate(shown)]


def _own_words(other: str, text: str) -> list[list[Any]]:
    """A text as runs, those that another one does not have marked; one run where they have little in common."""
    ops = [(op, run) for op, run in word_ops(other, text) if op != "removed"]
    shared = sum(len(run) for op, run in ops if op == "equal")
    if shared < _ALIKE * len(text):
        return [[text, False]]
    return [[run, op == "added"] for op, run in ops]


class _Standing:
    """Which text stands where nobody answers, and by which rule."""

    def __init__(self, merged: Merged | None) -> None:
        self._by_place: dict[tuple[int, int], Decision] = {}
        for decision in merged.decisions if merged is not None else ():
            for member in decision.members:
                self._by_place.setdefault((member.file, member.line), decision)

    def of(self, question: Question, texts: Sequence[Text]) -> tuple[str, str]:
        """The id of the text that stands for all ("" for none, or for each), and what the rules do."""
        decisions = [self._by_place.get((text.file, text.line)) for text in texts]
        first = decisions[0] if decisions else None
        if first is None or any(one is not first for one in decisions) or question.kind == "section?":
            return "", _NOW.get(question.now, question.now) if question.now else "each of them stands"
        if first.action is Action.CONFLICT:
            return "", _NOW["conflict"]
        head = first.members[0]
        stands = next((text.id for text in texts if (text.file, text.line) == (head.file, head.line)), "")
        is_set = first.action is Action.SET
        said = f"{'a value of its own' if is_set else 'stands'}, by {first.rule}"
        return "" if is_set else stands, f"{said}: {first.note}" if first.note else said


_NOW = {"conflict": "each of them stands, with a mark", "same": "they are taken for one"}


def _decided(review: Review, knowledge: Knowledge) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What rules did to rights and guardrails; and everything else that they did, by rule."""
    touched: list[dict[str, Any]] = []
    rest: dict[str, list[dict[str, Any]]] = {}
    if review.merged is None:
        return [], []
    asked = {(text.file, text.line) for text in review.plan.texts}
    for decision in review.merged.decisions:
        if all((member.file, member.line) in asked for member in decision.members):
            continue
        row = _row(decision)
        what = _weighs(decision, knowledge)
        if what:
            touched.append(row | {"what": what})
        else:
            rest.setdefault(f"{verb(decision.action)} by {decision.rule}", []).append(row)
    groups = [{"says": says, "count": len(rows), "rows": rows[:_MOST]} for says, rows in rest.items()]
    return touched, sorted(groups, key=lambda group: (-group["count"], group["says"]))


def _weighs(decision: Decision, knowledge: Knowledge) -> str:
    """Whether a decision changed a right, or gave up a guardrail's own words."""
    folder, _, key = decision.path.partition("/")
    if folder == FRONTMATTER and knowledge.field_info(key.strip()).rights:
        return "right" if decision.action not in _QUIET or len(decision.members) > 1 or decision.note else ""
    gone = _gone(decision)
    return "guardrail" if any(holds_guardrail(member.text, knowledge) for member in gone) else ""


def _gone(decision: Decision) -> Iterable[Source]:
    """The members whose own words do not stand in the result."""
    if decision.action in (Action.KEEP, Action.CONFLICT):
        return ()
    if decision.action is Action.DROP:
        return decision.members
    first = decision.members[0].text if decision.members else ""
    return [member for member in decision.members[1:] if member.text != first]


def _row(decision: Decision) -> dict[str, Any]:
    return {
        "path": safe(decision.path),
        "rule": decision.rule,
        "action": verb(decision.action),
        "note": safe(decision.note),
        "members": [[member.file, member.line, safe(_cut(member.text))] for member in decision.members],
    }


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN].rstrip()} …"


def _given(answer: Answer) -> dict[str, Any]:
    said: dict[str, Any] = {"action": answer.action, "by": answer.by}
    for key, value in (("take", answer.take), ("text", answer.text), ("why", answer.why)):
        said |= {key: value} if value else {}
    said |= {"of": [list(one) for one in answer.of]} if answer.of else {}
    return said | ({"drops": list(answer.drops)} if answer.drops else {})
