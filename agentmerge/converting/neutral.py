"""A definition as no host in particular has it: names, texts, scope and rights."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePath

from agentmerge.converting.carriers import SCOPE, Carriers
from agentmerge.converting.granting import asked_for
from agentmerge.converting.records import Kind, Neutral, When
from agentmerge.errors import InputError
from agentmerge.knowledge import Knowledge
from agentmerge.model import Definition, Field
from agentmerge.parsing.lines import split_lines
from agentmerge.paths import like
from agentmerge.rights import names

_SUFFIX = re.compile(r"(\.(agent|chatmode|prompt|instructions))?\.(md|mdc|markdown|toml|yaml|yml)\Z", re.IGNORECASE)
_SKILL = "skill.md"
_PLAIN = "plain"
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*\Z")
_FOREIGN = re.compile(r"[^a-z0-9]+")
_LONGEST = 64
"""Characters of a name that every host takes."""
_EVERY = frozenset({"**", "**/*", "*"})


def neutral(definition: Definition, knowledge: Knowledge) -> Neutral:
    """What a definition is, whatever host it was written for. Raises InputError for one that can't be taken apart."""
    front = definition.frontmatter
    if front is not None and front.tags:
        raise InputError(
            "has lines of a template in its frontmatter",
            file=definition.filename,
            line=front.tags[0],
            remedy="convert what the template makes",
        )
    fields = {one.key: one for one in definition.effective}
    prompt = prompt_of(definition, knowledge)
    carrier = knowledge.derived(Carriers).of(definition.dialect)
    by_concept = {carrier.concept(key) or key: one for key, one in fields.items() if key != prompt}
    title = _text(by_concept.get("name"))
    stem = _stem(definition.filename or "")
    slug = next((found for one in _names(title, stem, carrier.name) if (found := slugged(one))), "")
    kind, scope = _kind(definition, by_concept, knowledge), _scope(by_concept.get(SCOPE))
    return Neutral(
        kind,
        slug,
        title or stem,
        _text(by_concept.get("description")),
        _body(definition, prompt),
        () if _EVERY.issuperset(scope) else scope,
        _when(fields, scope, carrier.rule.whens if carrier.rule is not None else {}),
        asked_for(definition, knowledge),
        definition.dialect,
        tuple(one for key, one in fields.items() if key != prompt),
    )


def slugged(name: str) -> str:
    """A name in small letters, digits and hyphens; as it is where it has nothing else; "" where nothing is left."""
    if _SLUG.match(name) and len(name) <= _LONGEST:
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _FOREIGN.sub("-", plain).strip("-")[:_LONGEST].strip("-")


def prompt_of(definition: Definition, knowledge: Knowledge) -> str:
    """The field that holds the prompt; "" where the body does."""
    return knowledge.dialects[definition.dialect].prompt if definition.syntax == "toml" else ""


def _names(title: str, stem: str, identity: str) -> tuple[str, str]:
    """What a definition may be called, as its host goes by it."""
    return (stem, title) if identity in ("path", "text") else (title, stem)


def _stem(filename: str) -> str:
    path = PurePath(filename.replace("\\", "/").rpartition(":")[2])
    return path.parent.name if path.name.lower() == _SKILL else _SUFFIX.sub("", path.name).lstrip(".")


def _text(field: Field | None) -> str:
    return "" if field is None else field.text


def _body(definition: Definition, prompt: str) -> str:
    if definition.syntax == "toml":
        return _text(definition.field(prompt))
    if definition.frontmatter is None:
        return definition.text.removeprefix("\ufeff")
    return "".join(definition.frontmatter.cut_from(split_lines(definition.text))).removeprefix("\ufeff")


def _kind(definition: Definition, by_concept: Mapping[str, Field], knowledge: Knowledge) -> Kind:
    """A rule is what stands where its host, or a project as a whole, has rules, or what is for some files alone."""
    carriers = knowledge.derived(Carriers)
    rule = carriers.of(definition.dialect).rule
    path = "/" + (definition.filename or "").replace("\\", "/").rpartition(":")[2]
    if rule is not None and (SCOPE in by_concept or like(f"*/{rule.path.replace('{name}', '*')}", path)):
        return "rule"
    shared = knowledge.dialects[_PLAIN].paths if definition.dialect == _PLAIN else ()
    return "rule" if any(like(f"*/{one}", path) for one in shared) else "agent"


def _scope(field: Field | None) -> tuple[str, ...]:
    return () if field is None else names(field.value)


def _when(fields: Mapping[str, Field], scope: tuple[str, ...], whens: Mapping[str, Mapping[str, str]]) -> When:
    always = whens.get("always")
    if always and _says(fields, always):
        return "always"
    if scope and not _EVERY.issuperset(scope):
        return "files"
    return "asked" if always and "asked" in whens else "always"


def _says(fields: Mapping[str, Field], said: Mapping[str, str]) -> bool:
    return all(key in fields and fields[key].text.strip() == value for key, value in said.items())
