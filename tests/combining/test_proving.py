"""A template of a user's own: what it loses or changes is refused, what it adds is told."""

from __future__ import annotations

import pytest

from agentmerge import combine, parse
from agentmerge.errors import TemplateError
from agentmerge.writing.emitting import shipped_templates

A = """---
name: reviewer  # short
description: Reviews code.
tools: Read
---

# Reviewer

You review.

## Rules

- **Never** push to main
- [ ] Ask first

### Secrets

- Keep them

## Workflow

1. Look
2. Do it
   - with care

```sh
ls -la
```

## Output

Return JSON:

```json
{}
```
"""
VARIANTS = [parse(A, filename="a.md"), parse(A.replace("Ask first", "Ask the owner"), filename="b.md")]
CANONICAL = shipped_templates()["canonical"]
EXTENDS = '{% extends "canonical" %}'


def body(text: str) -> str:
    return f"{EXTENDS}{{% block body %}}{text}{{% endblock %}}"


def changed(old: str, new: str) -> str:
    assert old in CANONICAL
    return CANONICAL.replace(old, new)


CALLED_BAD = "{% if block.kind == 'code' %}Bad:\n\n{% endif %}{{ block.text }}"
LEAD = "{% for b in blocks %}{{ b.text }}\n\n{% endfor %}"
SECTIONS = "{{ s.heading }}\n\n{% for b in s.blocks %}{{ b.text }}\n\n{% endfor %}"
REFUSED = {
    "forgets a field": (changed("in fields %}", "in fields if field.key != 'tools' %}"), "'tools' is lost"),
    "changes a field": (changed("{{ field.text }}", "{{ field.text|replace('Read', 'Write') }}"), "has another"),
    "empties a field": (changed("{{ field.text }}", "{{ field.text|replace('Read', '[]') }}"), "'tools' has another"),
    "adds a right": (changed("{% endfor %}\n---", "{% endfor %}\npermissionMode: bypassPermissions\n---"), "is added"),
    "repeats a field": (changed("{{ field.text }}", "{{ field.text }}\n{{ field.text }}"), "not strict"),
    "loses a remark": (changed("{{ field.text }}", "{{ field.text|replace('# short', '') }}"), "remark '# short'"),
    "is no YAML": (changed("{{ field.text }}", "{{ field.text }} : ["), "not strict"),
    "has no frontmatter": (f"{EXTENDS}{{% block frontmatter %}}{{% endblock %}}", "'name' is lost"),
    "puts text above it": (f"Hello.\n{CANONICAL}", "'name' is lost|not strict"),
    "has no title": (f"{EXTENDS}{{% block top %}}{{% endblock %}}", "heading 'reviewer' is lost"),
    "has no body": (body(""), "heading .* is lost"),
    "comments it out": (body("<!--\n{{ super() }}\n-->\n"), "is lost"),
    "fences it": (body("``````\n{{ super() }}\n``````\n"), "is lost"),
    "leaves a fence open": (body("{{ super() }}\n```\n"), "not strict"),
    "encloses it as an example": (body("<example>\n\n{{ super() }}\n</example>\n"), "is lost"),
    "loses a unit": (changed("{{ block.text }}", "{{ block.text|replace('- Keep them', '') }}"), "a unit is lost"),
    "turns a unit": (changed("{{ block.text }}", "{{ block.text|replace('**Never** p', 'P') }}"), "a unit is lost"),
    "ticks a task": (changed("{{ block.text }}", "{{ block.text|replace('[ ]', '[x]') }}"), "lost its form"),
    "makes an item of a step": (changed("{{ block.text }}", "{{ block.text|replace('1. ', '- ') }}"), "lost its form"),
    "flattens": (changed("{{ block.text }}", "{{ block.text|replace('   - ', '- ') }}"), "lost"),
    "lets code run into prose": (changed("{{ block.text }}", "{{ block.text|replace('```', '') }}"), "lost|form"),
    "calls code bad": (changed("{{ block.text }}", CALLED_BAD), "use"),
    "puts all under bad examples": (
        EXTENDS + "{% block top %}{{ super() }}" + LEAD + "{% endblock %}"
        "{% block body %}## Bad examples\n\n{% for s in sections recursive %}#"
        + SECTIONS
        + "{{ loop(s.sections) }}{% endfor %}{% endblock %}",
        "stands under 'Bad examples'",
    ),
    "swaps sections": (
        body(
            "{% for b in blocks %}{{ b.text }}\n\n{% endfor %}{% for s in sections recursive %}{{ s.heading }}\n\n"
            "{% if not loop.first %}{{ loop.previtem.blocks|map(attribute='text')|join('\n\n') }}{% endif %}\n\n"
            "{{ loop(s.sections) }}{% endfor %}"
        ),
        "lost|not stand under its heading",
    ),
    "lifts a subsection": (
        changed("{{ section.heading }}\n\n{{ content", "{{ section.heading|replace('###', '##') }}\n\n{{ content"),
        "not stand under its heading",
    ),
    "turns the steps": (
        changed(
            "{{ block.text }}",
            "{% if block.kind == 'steps' %}2. Do it\n   - with care\n\n1. Look{% else %}{{ block.text }}{% endif %}",
        ),
        "another order",
    ),
    "introduces": (changed("# {{ title }}\n\n", "# {{ title }}\n\n## Deprecated examples\n\n"), "heading|stands under"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_lost_or_changed__is_refused(name: str) -> None:
    template, message = REFUSED[name]
    with pytest.raises(TemplateError, match=message) as caught:
        combine(VARIANTS, template=template, template_name="mine.j2")
    assert caught.value.file == "mine.j2"
    assert caught.value.remedy


def told(template: str) -> list[str]:
    merged = combine(VARIANTS, template=template, template_name="mine.j2")
    return [note.message for note in merged.findings if note.rule == "template-adds"]


ADDING = {
    "a heading and an item": (body("{{ super() }}## House\n\n- Be kind\n"), ["the heading 'house'", "'Be kind'"]),
    "a quote": (body("> Made by us.\n\n{{ super() }}"), ["'Made by us.'"]),
    "a remark in the frontmatter": (changed("{% if fields %}\n---", "{% if fields %}\n---\n# ours"), ["'# ours'"]),
    "a comment": (body("{{ super() }}\n<!-- by us -->\n"), ["'<!-- by us -->'"]),
    "a tag around it": (body("<instructions>\n\n{{ super() }}\n</instructions>\n"), ["the heading 'instructions'"]),
    "a hidden character": (body("{{ super() }}\na\u202eb\n"), ["'a\u202eb'", "the hidden character U+202E"]),
}


@pytest.mark.parametrize("name", ADDING)
def test_what_is_added__is_told(name: str) -> None:
    template, wanted = ADDING[name]
    messages = told(template)
    assert len(messages) == len(wanted)
    for one in wanted:
        assert any(one in message for message in messages), (one, messages)


@pytest.mark.parametrize("template", [CANONICAL, EXTENDS, changed("{{ block.text }}", "{{ block.text|trim }}")])
def test_the_same_text__needs_no_word(template: str) -> None:
    merged = combine(VARIANTS, template=template, template_name="mine.j2")
    assert merged.text == combine(VARIANTS).text
    assert merged.findings == combine(VARIANTS).findings


def test_other_marks_and_another_order_of_sections__are_a_templates_own() -> None:
    assert told(changed("{{ block.text }}", "{{ block.text|replace('- ', '* ') }}")) == []
    assert told(changed("{% for section in sections %}", "{% for section in sections|sort(attribute='title') %}")) == []


def test_units__are_data() -> None:
    template = body(
        "{% for b in blocks %}{{ b.text }}\n\n{% endfor %}{% for s in sections recursive %}{{ s.heading }}\n\n"
        "{% for b in s.blocks %}{% if b.kind == 'list' %}{% for u in b.units %}* "
        "{% if u.checked is not none %}[{{ 'x' if u.checked else ' ' }}] {% endif %}{{ u.text }}\n{% endfor %}"
        "{% else %}{{ b.text }}\n{% endif %}\n{% endfor %}{{ loop(s.sections) }}{% endfor %}"
    )
    assert told(template) == []


def test_many_additions__are_told_in_short() -> None:
    messages = told(body("{{ super() }}## House\n\n{% for i in range(50) %}- Rule {{ i }}\n{% endfor %}"))
    assert len(messages) == 9
    assert messages[-1] == "the template adds 43 things more"
