"""Frontmatter in tidy form: fields that strict YAML refuses are quoted, all others stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentmerge import forms
from agentmerge.errors import InputError
from agentmerge.knowledge import Dialect, Knowledge
from agentmerge.model import Comment, Definition, Field, Frontmatter
from agentmerge.parsing import bare_values
from agentmerge.parsing.lines import bare, split_lines, to_lf
from agentmerge.parsing.yamlio import MAX_CHARS, YamlError, entries
from agentmerge.yamltext import comment

_NOT_YAML = frozenset({"recovered", "toml"})
"""Styles of fields whose source can't stand in YAML."""


def tidy(definition: Definition, knowledge: Knowledge) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The frontmatter with its fences, and the keys of the fields that were written anew: as YAML, and as the host's
    own reader takes them."""
    front = definition.frontmatter
    if front is None:
        return "", (), ()
    if front.tags:
        return to_lf(front.source), (), ()
    host = knowledge.dialects[definition.dialect]
    host = forms.relaxed(host) if definition.guessed else host
    misformed = [field.key for field in front.fields if forms.fault(field, host)]
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
    lines, _ = bare_values.hide(split_lines(text), host.forms)
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
    inside = [line for remark in field.comments if remark.line >= field.line for line in _lines(remark)]
    above = [*above, *(f"{line}\n" for line in inside)]
    hint = field.style if field.style in ("block", "flow", "bare") else "literal"
    hint = "block" if isinstance(field.value, tuple) and field.style == "recovered" else hint
    return "".join([*above, forms.written(field.key, field.exact, hint, host)])


def _lines(remark: Comment) -> list[str]:
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
