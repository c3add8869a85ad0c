"""Frontmatter in tidy form: fields that strict YAML refuses are quoted, all others stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentmerge.errors import InputError
from agentmerge.model import Comment, Definition, Field, Frontmatter
from agentmerge.parsing.lines import bare, split_lines, to_lf
from agentmerge.parsing.yamlio import MAX_CHARS, YamlError, entries
from agentmerge.yamltext import comment
from agentmerge.yamltext import field as written

_NOT_YAML = frozenset({"recovered", "toml"})
"""Styles of fields whose source can't stand in YAML."""
_BLOCKLESS = frozenset({"cursor"})
"""Dialects whose hosts read a value on one line only."""


def tidy(definition: Definition) -> tuple[str, tuple[str, ...]]:
    """The frontmatter with its fences, and the keys of the fields that were written anew."""
    front = definition.frontmatter
    if front is None:
        return "", ()
    block = definition.dialect not in _BLOCKLESS
    if front.valid and front.line == 1:
        return _fenced(front, [to_lf(field.source) for field in front.fields]), ()
    if len(front.source) > MAX_CHARS:
        raise InputError(
            f"the frontmatter has more than {MAX_CHARS:,} characters",
            file=definition.filename,
            line=1,
            remedy="close it with '---' where it ends",
        )
    parts = [_part(field, rewrite=field.style in _NOT_YAML, block=block) for field in front.fields]
    repaired = [field.key for field in front.fields if field.style in _NOT_YAML]
    if not _is_yaml("".join(parts)):
        # Each field reads by itself, and all together do not: no source can stay.
        parts = [_part(field, rewrite=True, block=block) for field in front.fields]
        repaired = [field.key for field in front.fields]
    return _fenced(front, parts), tuple(repaired)


def _fenced(front: Frontmatter, parts: Sequence[str]) -> str:
    inner = "".join(parts) if parts else to_lf("".join(split_lines(front.source)[1:-1]))
    return f"---\n{inner}---\n"


def _is_yaml(text: str) -> bool:
    try:
        entries(text)
    except YamlError:
        return False
    return True


def _part(field: Field, *, rewrite: bool, block: bool) -> str:
    above, own = list(_above(field)), split_lines(field.source)[field.line - field.start :]
    if not rewrite:
        text = to_lf("".join(own))
        return "".join([*above, text, "" if text.endswith("\n") else "\n"])
    inside = [line for remark in field.comments if remark.line >= field.line for line in _lines(remark)]
    above = [*above, *(f"{line}\n" for line in inside)]
    if field.style == "toml" and isinstance(field.value, (int, float)) and not isinstance(field.value, bool):
        return "".join([*above, f"{field.key}: {field.text}\n"])
    hint = field.style if field.style in ("block", "flow") else "literal" if block else ""
    hint = "block" if isinstance(field.value, tuple) and field.style == "recovered" else hint
    return "".join([*above, written(field.key, field.value, hint)])


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
