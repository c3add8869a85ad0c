"""Values that a host takes as they stand, such as the `globs: *.ts,*.tsx` of Cursor, which no YAML reader takes.

They are hidden from the YAML reader behind a word, and put into their fields afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentmerge.model import Field
from agentmerge.parsing.lenient import key_of, unquoted, value_of
from agentmerge.parsing.lines import bare

BARE = "bare"
"""The form, and the style of a field that is written in it."""
_WORD = " x"
_YAML_STARTS = ("|", ">", "#")
"""With these a block or a comment begins for every reader."""


def hide(inner: Sequence[str], forms: Mapping[str, Sequence[str]]) -> tuple[list[str], dict[int, str]]:
    """Lines with a word for each bare value, and the values by 1-based line. A remark behind a value stays."""
    lines, hidden = list(inner), dict[int, str]()
    if not forms:
        return lines, hidden
    for number, line in enumerate(inner):
        text, sign, remark = value_of(line).partition(" #")
        value = text.strip()
        if BARE in forms.get(key_of(line), ()) and _is_bare(value) and not _goes_on(inner[number + 1 : number + 2]):
            head = bare(line)[: len(bare(line)) - len(value_of(line))]
            lines[number] = head + _WORD + sign + remark + line[len(bare(line)) :]
            hidden[number + 1] = value
    return lines, hidden


def shown(field: Field, hidden: Mapping[int, str], lines: Sequence[str]) -> Field:
    """A field with the value that was hidden on its line; `lines` are those of the file as they stand."""
    value = hidden.get(field.line)
    if value is None:
        return field
    source = "".join(lines[field.start - 1 : field.end - 1])
    return replace(field, source=source, value=value, text=value, style=BARE, written=value)


def _is_bare(value: str) -> bool:
    """Whether a value is neither empty nor one of YAML's own forms: quoted as a whole, a list, a block."""
    is_list = value.startswith("[") and value.endswith("]")
    return (
        value not in ("", "~", "null")
        and not is_list
        and not value.startswith(_YAML_STARTS)
        and unquoted(value) == value
    )


def _goes_on(following: Sequence[str]) -> bool:
    """Whether the next line belongs to the value."""
    return any((line[:1] in (" ", "\t") and line.strip() != "") or line.startswith("- ") for line in following)
