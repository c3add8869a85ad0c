"""How a dialect's fields are written: YAML that every reader takes, TOML, or another form that its row names."""

from __future__ import annotations

from agentmerge import rights, tomltext, yamltext
from agentmerge.knowledge import Dialect
from agentmerge.model import Field, Value

BARE = "bare"
LIST = "list"
ANY = "any"
_QUOTED = ("single", "double")
_BLOCKS = ("literal", "folded")


def written(key: str, value: Value, style: str, dialect: Dialect) -> str:
    """A field's line or lines, each with a LF; `style` as for `yamltext.field`, or bare."""
    if dialect.syntax == "toml":
        return tomltext.field(key, value)
    accepted = dialect.forms.get(key, ("",))
    if (accepted[0] == BARE or (style == BARE and BARE in accepted)) and (text := bare(value)):
        return f"{key}: {text}\n"
    if dialect.one_line and isinstance(value, str):
        return yamltext.field(key, value)
    return yamltext.field(key, value, style)


def relaxed(dialect: Dialect) -> Dialect:
    """A dialect that nothing but its fields speaks for: another host may read the same fields as YAML."""
    return dialect._replace(forms={key: (ANY, *accepted) for key, accepted in dialect.forms.items()})


def bare(value: Value) -> str:
    """A value as it stands, members parted by commas; "" where it can't be written so."""
    members = rights.names(value)
    text = ",".join(members)
    is_plain = text.isprintable() and " #" not in text and text[:1] not in ("#", "|", ">", '"', "'", "")
    # Read again, it has to part into the same members.
    return text if is_plain and rights.names(text) == members else ""


def fault(field: Field, dialect: Dialect) -> str:
    """What is wrong with how a field is written for the dialect's own reader; "" where nothing is."""
    accepted = dialect.forms.get(field.key)
    if accepted is None or ANY in accepted or field.value in (None, "", ()):
        return ""
    if isinstance(field.value, tuple):
        return "" if LIST in accepted else "a list"
    if BARE not in accepted:
        return ""
    if field.style in _QUOTED:
        return "in quotes"
    if field.style in _BLOCKS or field.style == "recovered" or "\n" in field.text:
        return "no bare text on one line"
    return "with blanks behind the commas" if ", " in field.text and bare(field.value) != field.text else ""
