"""One definition in, the same in tidy form out: valid frontmatter, calm whitespace, and not a word else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agentmerge.errors import InputError, InternalError
from agentmerge.knowledge.tables import Dialect, Knowledge
from agentmerge.model import VERBATIM, Comment, Definition, Field, Frontmatter, Section, Unit
from agentmerge.reading import lenient, yamlio
from agentmerge.reading.parsing import parse
from agentmerge.reading.yamlio import MAX_CHARS, YamlError, comment, entries
from agentmerge.rights import reading
from agentmerge.text.lines import bare, split_lines, to_lf
from agentmerge.text.markers import refuse_markers

# Body -----------------------------------------------------------------------------------------------------------------
#
# The body in tidy form: whitespace that nobody sees, and the blanks around a heading's marks.


Role = Literal["text", "heading", "kept"]

_HEADING = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(?=\S)")
_FIRST_ONLY = ("---", "+++", "\ufeff")
"""What means something else on the first line of a file than below it."""
_BLANKS = " \t"


def tidy_body(definition: Definition) -> str:
    """The lines below the frontmatter, with LF."""
    lines = [bare(line) for line in split_lines(without_mark(definition.text))]
    roles = _roles(definition.root, len(lines))[1:]
    if definition.frontmatter is not None:
        lines, roles = definition.frontmatter.cut_from(lines), definition.frontmatter.cut_from(roles)
    found = list(_body_lines(lines, roles))
    while found and not found[-1]:
        found.pop()
    if definition.frontmatter is None and found[:1] == [""] and not found[1].startswith(_FIRST_ONLY):
        found.pop(0)
    return "".join(f"{line}\n" for line in found)


def untouched(definition: Definition) -> str:
    """The body as it stands."""
    lines = split_lines(without_mark(definition.text))
    return "".join(definition.frontmatter.cut_from(lines) if definition.frontmatter else lines)


def without_mark(text: str) -> str:
    """The text without its byte order mark; a second mark behind the first would take its place."""
    return text if text.startswith("\ufeff\ufeff") else text.removeprefix("\ufeff")


def _body_lines(lines: Sequence[str], roles: Sequence[Role | None]) -> Iterator[str]:
    """Lines of the body; of several blank lines in a row one is left."""
    was_blank = False
    for number, (line, role) in enumerate(zip(lines, roles, strict=True), 1):
        if role == "kept":
            yield line
        elif line.strip(_BLANKS) or not was_blank:
            follows = number < len(lines) and lines[number].strip(_BLANKS) != ""
            yield _line(line, role, is_followed=follows)
        was_blank = role != "kept" and not line.strip(_BLANKS)


def _line(line: str, role: Role | None, *, is_followed: bool) -> str:
    if role == "heading":
        return _HEADING.sub(r"\1 ", line.rstrip(_BLANKS), count=1)
    stripped = line.rstrip(_BLANKS)
    # Two blanks at the end of a line that goes on are a line break.
    return line if stripped and is_followed and line.endswith("  ") else stripped


def _roles(root: Section, count: int) -> list[Role | None]:
    """What each 1-based line is: text, a heading, or something whose every byte counts; None between units."""
    roles: list[Role | None] = [None] * (count + 1)
    pending: list[Section | Unit] = [root]
    fence = 0
    for node in _in_order(pending):
        role = _role(node)
        for line in range(node.line, node.end):
            roles[line] = role
        if isinstance(node, Unit) and node.kind == "rule" and not node.text:
            # The fence lines around a checklist: blank lines between them are code.
            if fence:
                roles[fence : node.line] = ["kept"] * (node.line - fence)
            fence = 0 if fence else node.line
    return roles


def _in_order(pending: list[Section | Unit]) -> Iterator[Section | Unit]:
    while pending:
        node = pending.pop()
        yield node
        pending += reversed(node.body if isinstance(node, Section) else node.children)


def _role(node: Section | Unit) -> Role:
    if isinstance(node, Section):
        return "heading" if node.style == "atx" else "text"
    return "kept" if node.kind in ("code", "quote") or node.kind in VERBATIM else "text"


# Check ----------------------------------------------------------------------------------------------------------------
#
# The promise of formatting, kept by the program itself: the result reads as the same definition.


def first_difference(before: Definition, after: Definition, knowledge: Knowledge) -> str:
    """Where the two first differ in a field, section or unit; "" where they hold the same in the same order."""
    # Sections and items tell how much they hold, so a node too many shows as a difference before one side ends.
    for old, new in zip(_facts(before, knowledge), _facts(after, knowledge), strict=False):
        if old != new:
            return f"{old} into {new}"
    return ""


def _value(field: Field, definition: Definition, knowledge: Knowledge) -> object:
    """What a field says; where the host has a form of its own for it, members count however they are written."""
    dialect = knowledge.dialects[definition.dialect]
    return reading.names(field.value) if field.key in dialect.forms else (field.value, field.content)


def _facts(definition: Definition, knowledge: Knowledge) -> Iterator[tuple[object, ...]]:
    for field in definition.fields:
        yield ("field", field.key, _value(field, definition, knowledge))
    pending: list[Section | Unit] = [definition.root]
    while pending:
        node = pending.pop()
        if isinstance(node, Section):
            yield ("section", node.title, node.level, node.style, node.heading_level, len(node.body))
            pending += reversed(node.body)
        else:
            words = tuple(line.rstrip(" \t") for line in node.text.split("\n"))
            yield (node.kind, words, node.lead, node.marker, node.checked, node.language, len(node.children))
            pending += reversed(node.children)


# Frontmatter ----------------------------------------------------------------------------------------------------------
#
# Frontmatter in tidy form: fields that strict YAML refuses are quoted, all others stay as they are.


_NOT_YAML = frozenset({"recovered", "toml"})
"""Styles of fields whose source can't stand in YAML."""


def tidy_frontmatter(definition: Definition, knowledge: Knowledge) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The frontmatter with its fences, and the keys of the fields that were written anew: as YAML, and as the host's
    own reader takes them."""
    front = definition.frontmatter
    if front is None:
        return "", (), ()
    if front.tags:
        return to_lf(front.source), (), ()
    host = knowledge.dialects[definition.dialect]
    host = yamlio.relaxed(host) if definition.guessed else host
    misformed = [field.key for field in front.fields if yamlio.fault(field, host)]
    if front.valid and front.line == 1:
        kept = [_part(f, rewrite=True, host=host) if f.key in misformed else to_lf(f.source) for f in front.fields]
        return _fenced(front, kept), (), tuple(misformed)
    if len(front.source) > MAX_CHARS:
        raise InputError(
            f"the frontmatter has more than {MAX_CHARS:,} characters",
            file=definition.filename,
            line=1,
            remedy="close it with '---' where it ends",
        )
    rewritten = [field.style in _NOT_YAML or field.key in misformed for field in front.fields]
    parts = [_part(field, rewrite=anew, host=host) for field, anew in zip(front.fields, rewritten, strict=True)]
    repaired = [field.key for field in front.fields if field.style in _NOT_YAML and field.key not in misformed]
    if not _is_yaml("".join(parts), host):
        # Each field reads by itself, and all together do not: no source can stay.
        parts = [_part(field, rewrite=True, host=host) for field in front.fields]
        repaired = [field.key for field in front.fields if field.key not in misformed]
    return _fenced(front, parts), tuple(repaired), tuple(misformed)


def _fenced(front: Frontmatter, parts: Sequence[str]) -> str:
    inner = "".join(parts) if parts else to_lf("".join(split_lines(front.source)[1:-1]))
    return f"---\n{inner}---\n"


def _is_yaml(text: str, host: Dialect) -> bool:
    """Whether YAML readers take it, but for the fields that the host has a form of its own for."""
    lines, _ = lenient.hide(split_lines(text), host.forms)
    try:
        entries("".join(lines))
    except YamlError:
        return False
    return True


def _part(field: Field, *, rewrite: bool, host: Dialect) -> str:
    above, own = list(_above(field)), split_lines(field.source)[field.line - field.start :]
    if not rewrite:
        text = to_lf("".join(own))
        return "".join([*above, text, "" if text.endswith("\n") else "\n"])
    inside = [line for remark in field.comments if remark.line >= field.line for line in _frontmatter_lines(remark)]
    above = [*above, *(f"{line}\n" for line in inside)]
    hint = field.style if field.style in ("block", "flow", "bare") else "literal"
    hint = "block" if isinstance(field.value, tuple) and field.style == "recovered" else hint
    return "".join([*above, yamlio.written(field.key, field.exact, hint, host)])


def _frontmatter_lines(remark: Comment) -> list[str]:
    return [_comment(line) for line in remark.text.split("\n")]


def _comment(words: str) -> str:
    """A line as a comment: as it is, unless it is none or holds what YAML has no place for."""
    text = words.removeprefix("#").strip(" \t")
    is_fit = words.startswith("#") and comment(text) == f"# {text}".rstrip()
    return words if is_fit else comment(text)


def _above(field: Field) -> Iterator[str]:
    """What stands above the key: comments stay, and text that is in nobody's value becomes one."""
    for line in split_lines(field.source)[: field.line - field.start]:
        words = bare(line).strip(" \t")
        yield f"{words and _comment(words)}\n"


# Formatting -----------------------------------------------------------------------------------------------------------
#
# Canonical re-emission of one definition: valid frontmatter and calm whitespace, and not a word else.
#
# What is tidy already is left alone byte for byte. Nothing is wrapped, escaped, renumbered or given another bullet;
# code, HTML and quotes keep every byte. The result is read again and compared with what was read before; a body that
# would read otherwise with one blank line less (there are such) stays as it is.


@dataclass(frozen=True, slots=True)
class Formatted:
    """A definition in tidy form."""

    text: str
    repaired: tuple[str, ...]
    """Keys of the fields that were written anew, because their YAML was broken."""
    is_changed: bool
    reformed: tuple[str, ...] = ()
    """Keys of the fields that were written anew, because the host has another form for them."""


def format_definition(definition: Definition, knowledge: Knowledge) -> Formatted:
    """The definition in tidy form; formatting that again changes nothing.

    Raises ConflictedError for conflict markers in it, InputError for TOML and for broken frontmatter of more than
    `yamlio.MAX_CHARS`, InternalError where the result does not hold the same fields, sections and units.
    """
    refuse_markers(definition, knowledge=knowledge)
    if definition.syntax != "yaml":
        remedy = "leave it out: a TOML file is read and compared, not written"
        raise InputError("is TOML and can't be formatted", file=definition.filename, remedy=remedy)
    head, repaired, reformed = tidy_frontmatter(definition, knowledge)
    difference = ""
    for rest in (tidy_body(definition), untouched(definition)):
        text = to_lf(head + rest).replace("\n", definition.newline)
        result = Formatted(text, repaired, text != definition.text, reformed)
        difference = _difference(definition, result, knowledge)
        if not difference:
            return result
    raise InternalError(f"formatting would change {difference}", file=definition.filename)


def _difference(before: Definition, result: Formatted, knowledge: Knowledge) -> str:
    if not result.is_changed:
        return ""
    return first_difference(
        before, parse(result.text, knowledge, filename=before.filename, dialect=before.dialect), knowledge
    )
