"""Who answers the questions of a combine: a decisions file, a program that the user names, or nobody yet."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    # Start-up counts: `--help` needs none of it.
    from agentmerge.planning.records import Answers, Merged, Plan

PlanFile = Annotated[
    str | None,
    typer.Option(
        "--plan",
        help="Write what is undecided or doubtful, with its choices; without -o, nothing else.",
        metavar="FILE",
    ),
]
Decisions = Annotated[
    str | None, typer.Option("--decisions", help="Answers to the questions of a plan (YAML).", metavar="FILE")
]
Ask = Annotated[
    str | None,
    typer.Option(
        "--ask",
        help="A program that reads the plan and writes decisions, run without a shell; they count as an agent's.",
        metavar="CMD",
    ),
]
Save = Annotated[
    str | None,
    typer.Option("--save-decisions", help="Write the answers that counted, to use again (YAML).", metavar="FILE"),
]


@dataclass(slots=True)
class Asking:
    """Who is asked, and what is written of it."""

    plan: str | None = None
    """File for the questions that nobody answered."""
    decisions: str | None = None
    command: str | None = None
    save: str | None = None
    given: Answers | None = None
    """Answers that were read already."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the result was asked to be, for the plan."""
    left: Plan | None = None
    """What nobody answered."""

    @property
    def outputs(self) -> tuple[tuple[str, str | None], ...]:
        """The files that are written besides the result, each with its flag."""
        return ("--plan", self.plan), ("--save-decisions", self.save)

    @property
    def is_wanted(self) -> bool:
        """Whether anybody is asked, or wants to know the questions."""
        return any((self.plan, self.decisions, self.command, self.save, self.given))

    @property
    def next_step(self) -> str:
        """What to do with the plan that was written; "" where there is none, or nothing in it."""
        if self.plan is None or self.left is None or not self.left.questions:
            return ""
        given = shlex.quote(self.decisions or "decisions.yaml")
        done = f"agentmerge apply {shlex.quote(self.plan)} --decisions {given} -o FILE"
        return f"answer the questions in {given}, then {done}"

    def prepare(self) -> None:
        """Read what is given before anything else is done: what is wrong with it is told at once."""
        from agentmerge.cli import common
        from agentmerge.planning.records import read_answers

        if self.decisions is not None and self.given is None:
            self.given = read_answers(common.read(self.decisions), self.decisions)
        if self.command is not None:
            _arguments(self.command)

    def __call__(self, plan: Plan) -> Answers:
        """The answers to a plan."""
        from agentmerge.planning.records import Answers

        answers = self.given or Answers()
        answered = {answer.id for answer in answers.answers}
        left = tuple(question for question in plan.questions if question.id not in answered)
        used = {name for question in left for name in question.texts}
        texts = tuple(text for text in plan.texts if text.id in used)
        options = {key: value for key, value in self.options.items() if key != "files" or list(plan.files) != value}
        self.left = replace(plan, texts=texts, questions=left, options=options)
        return answers if self.command is None or not left else answers.with_more(_run(self.command, self.left))

    def results(self, merged: Merged) -> list[tuple[str, str]]:
        """Names and texts of what is written besides the result."""
        from agentmerge.views.plan import decisions_text, plan_text

        found = []
        if self.plan is not None and self.left is not None:
            found.append((self.plan, plan_text(self.left)))
        if self.save is not None and merged.heard is not None:
            found.append((self.save, decisions_text(merged.heard.counted)))
        return found


def _arguments(command: str) -> list[str]:
    from agentmerge.errors import InputError

    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise InputError(f"--ask can't be read: {str(error).lower()}", remedy="close its quotes") from None
    if not arguments:
        raise InputError("--ask names no program", remedy="name one, with its arguments")
    return arguments


def _run(command: str, plan: Plan) -> Answers:
    """What a program answers; it is never run by a shell, and whatever it says, an agent said it."""
    from agentmerge.errors import InputError
    from agentmerge.planning.records import read_answers
    from agentmerge.views.plan import plan_text
    from agentmerge.world.files import decode

    arguments = _arguments(command)
    shown = f"--ask {arguments[0]}"
    text = plan_text(plan).encode("utf-8", "surrogatepass")
    try:
        done = subprocess.run(arguments, input=text, stdout=subprocess.PIPE, check=False)  # noqa: S603
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(f"can't be run: {why.lower()}", file=shown, remedy="nothing was written") from None
    if done.returncode != 0:
        raise InputError(f"ended with {done.returncode}", file=shown, remedy="nothing was written")
    return read_answers(decode(done.stdout, shown), shown, by="agent")


def completed(answers: Answers, plan: Plan) -> Answers:
    """Answers to a plan that was written earlier, each with the texts that its question had then."""
    asked = {question.id: question.texts for question in plan.questions}
    places = {
        text.id: f"{plan.files[text.file]}:{text.line}: '{' '.join(text.text.split())[:60]}'" for text in plan.texts
    }
    found = [
        replace(answer, sees=asked[answer.id]) if not answer.sees and answer.id in asked else answer
        for answer in answers.answers
    ]
    return replace(answers, answers=tuple(found), places=places)
