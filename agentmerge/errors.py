"""Every error that a caller can cause, each with the exit code that the command line gives it.

AgentMergeError          2   root: carries file and line
  InputError             2   a file can't be read as a definition
    EditError            2   an edit would change more than was asked for
    ConflictedError      2   a file holds conflict markers
  PolicyError            2   an unknown strategy, rule, pattern or configuration key
  TemplateError          2   a template can't be found or rendered
  OutputError            2   a result can't be written
  UndecidedError         1   conflicts are left that a person has to decide
  GitError               2   git is missing, or refused
InternalError            3   a law of ours does not hold: nothing is written
"""

from __future__ import annotations

from collections.abc import Iterable


class AgentMergeError(Exception):
    """An error the caller can mend: one line that says where and how.

    `file` and `line` (1-based) name the place where known; `remedy` says what to do about it.
    """

    exit_code = 2

    def __init__(self, message: str, *, file: str | None = None, line: int | None = None, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.remedy = remedy

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        text = f"{where}: {self.message}" if where else self.message
        return f"{text}; {self.remedy}" if self.remedy else text


class InputError(AgentMergeError):
    """A file can't be read as a definition."""


class EditError(InputError):
    """An edit can't be made: the result would not read back as what was asked for, and all else as it was."""


class ConflictedError(InputError):
    """A definition holds conflict markers: what it says is not decided."""


class PolicyError(AgentMergeError):
    """A policy or a configuration names something that does not exist."""


def unknown(what: str, name: str, known: Iterable[str]) -> PolicyError:
    """The error for a name that does not exist, with the one that is near it, or all that there are."""
    import difflib

    names = list(known)
    near = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(names)}"
    return PolicyError(f"there is no {what} '{name}'", remedy=hint)


class TemplateError(AgentMergeError):
    """A template can't be found, or fails while it is rendered."""


class OutputError(AgentMergeError):
    """A result can't be written."""


class UndecidedError(AgentMergeError):
    """Conflicts are left that nothing decides, and the policy says to fail then; `merged` is what there is of it."""

    exit_code = 1

    def __init__(self, message: str, merged: object, *, file: str | None = None, line: int | None = None) -> None:
        remedy = "decide them with a policy, or combine with on_conflict='both'"
        super().__init__(message, file=file, line=line, remedy=remedy)
        self.merged = merged


class GitError(AgentMergeError):
    """Git is missing, or refused what was asked of it."""


class InternalError(AgentMergeError):
    """One of our own laws does not hold; the result is thrown away."""

    exit_code = 3
