"""Lines that bound containers: which belong together, what they enclose, and that no merge changes a branch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmerge import combine, merge, parse
from agentmerge.model import Section, Unit, walk_sections, walk_units
from agentmerge.reading.containers import version_of
from agentmerge.writing.formatting import format_definition
from tests.laws import require_laws
from tests.shipped import SHIPPED

TEMPLATES = {
    "handlebars": ("{{#if prod}}", "{{else}}", "{{/if}}"),
    "mustache": ("{{#prod}}", "{{^}}", "{{/prod}}"),
    "jinja": ("{% if prod %}", "{% else %}", "{% endif %}"),
    "liquid": ("{%- unless dev -%}", "{%- else -%}", "{%- endunless -%}"),
    "go": ("{{ if .Prod }}", "{{ else }}", "{{ end }}"),
    "erb": ("<% if prod %>", "<% else %>", "<% end %>"),
    "ejs": ("<% if (prod) { %>", "<% } else { %>", "<% } %>"),
    "svelte": ("{#if prod}", "{:else}", "{/if}"),
    "freemarker": ("<#if prod>", "<#else>", "</#if>"),
    "velocity": ("#if($prod)", "#else", "#end"),
    "preprocessor": ("#ifdef PROD", "#else", "#endif"),
    "blade": ("@if($prod)", "@else", "@endif"),
}
NAMED = {
    "tags": ("<rules>", "</rules>"),
    "tags with a value": ('<step name="check">', "</step>"),
    "directives": (":::warning", ":::"),
    "pandoc": ("::: {.callout}", ":::"),
    "chat": ("<|im_start|>system", "<|im_end|>"),
    "roles": ("<|system|>", "<|end|>"),
    "headers": ("<|start_header_id|>system<|end_header_id|>", "<|eot_id|>"),
    "turns": ("<start_of_turn>user", "<end_of_turn>"),
    "brackets": ("[INST]", "[/INST]"),
    "angles": ("<<SYS>>", "<</SYS>>"),
    "shortcodes": ("{{< note >}}", "{{< /note >}}"),
    "banners": ("=== BEGIN RULES ===", "=== END RULES ==="),
    "strings": ('"""', '"""'),
    "details": ("<details>", "</details>"),
}
OWNED = {
    "start": ("<!-- WIKI:START -->", "<!-- WIKI:END -->"),
    "begin": ("<!-- BEGIN gen -->", "<!-- END gen -->"),
    "version": ("<!-- BEGIN gen v1.4 (do not edit) -->", "<!-- END gen -->"),
    "slash": ("<!-- acme:managed v2 -->", "<!-- /acme:managed -->"),
    "dash": ("<!-- doc-index-start -->", "<!-- doc-index-end -->"),
    "arrows": ("<!-- >>> conda >>> -->", "<!-- <<< conda <<< -->"),
    "region": ("<!-- #region gen -->", "<!-- #endregion -->"),
    "mdx": ("{/* gen:start */}", "{/* gen:end */}"),
    "link": ("[//]: # (gen:start)", "[//]: # (gen:end)"),
    "toc": ("<!-- toc -->", "<!-- tocstop -->"),
}
WHOLE = {
    "example": ("<example>", "</example>"),
    "sample": ('<sample lang="en">', "</sample>"),
    "dollars": ("$$", "$$"),
    "brackets of maths": ("\\[", "\\]"),
    "latex": ("\\begin{align}", "\\end{align}"),
    "org": ("#+begin_src sh", "#+end_src"),
    "heredoc": ("cat <<EOF", "EOF"),
}


def containers(text: str) -> list[Section]:
    return [section for _, section in walk_sections(parse(text).root) if section.is_container]


def branches(text: str) -> dict[str, tuple[str, ...]]:
    """The titles of the containers that each item stands in."""
    return {
        place.unit.text: tuple(section.title for section in place.path if section.is_container)
        for place in walk_units(parse(text).root)
    }


@pytest.mark.parametrize("bounds", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_template__parts_what_is_between(bounds: tuple[str, str, str]) -> None:
    opened, branch, closed = bounds
    text = f"- a\n{opened}\n- b\n{branch}\n- c\n{closed}\n- d\n"
    assert branches(text) == {"a": (), "b": (opened,), "c": (opened, branch), "d": ()}
    require_laws(text)


@pytest.mark.parametrize("bounds", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_template__a_merge_keeps_one_of_each_line_and_every_item_in_its_branch(bounds: tuple[str, str, str]) -> None:
    opened, branch, closed = bounds

    def file(*added: str) -> str:
        items = "".join(f"- {text}\n" for text in ("Ask before each step.", "Never restart the base.", *added))
        return f"# R\n\n## Rules\n\n{opened}\n{items}{branch}\n- Restart freely.\n{closed}\n\n## Output\n\nA log.\n"

    base, ours, theirs = file(), file("Never drop a table."), file("Announce the window in public.")
    merged = merge(parse(base), parse(ours), parse(theirs))
    assert merged.conflicts == ()
    assert [merged.text.count(line) for line in bounds] == [1, 1, 1]
    found = branches(merged.text)
    assert found["Never drop a table."] == found["Announce the window in public."] == (opened,)
    assert found["Restart freely."] == (opened, branch)


@pytest.mark.parametrize("bounds", NAMED.values(), ids=NAMED.keys())
def test_named__what_is_between_is_read(bounds: tuple[str, str]) -> None:
    opened, closed = bounds
    text = f"Before.\n{opened}\n- Never push.\n- Ask.\n{closed}\nAfter.\n"
    (section,) = containers(text)
    assert [unit.text for unit in section.units] == ["Never push.", "Ask."]
    assert parse(text).text[slice(*section.extent)] == f"{opened}\n- Never push.\n- Ask.\n{closed}\n"
    require_laws(text)


@pytest.mark.parametrize("bounds", OWNED.values(), ids=OWNED.keys())
def test_owned__is_one_block_that_combine_never_enters(bounds: tuple[str, str]) -> None:
    opened, closed = bounds
    block = f"{opened}\n## Wiki\n- Never edit this by hand.\n{closed}\n"
    (section,) = containers(f"- a\n{block}- b\n")
    assert section.style == "owned"
    ours = parse(f"# R\n\n## Wiki\n\nOur own words on the wiki.\n\n{block}\n## End\n\n- z\n")
    result = combine([ours, parse("# R\n\n## Wiki\n\n- Never edit this by hand.\n- Look there first.\n")]).text
    assert block in result
    assert result.count("Our own words on the wiki.") == 1
    require_laws(ours.text)


def test_owned__the_higher_version_stands_whole() -> None:
    old = "# A\n\n<!-- gen v9 -->\n- Run `task check`.\n- Ask.\n<!-- /gen -->\n"
    new = "# A\n\n<!-- gen v10 -->\n- Run `task verify`.\n- Ask.\n<!-- /gen -->\n"
    for order in ((old, new), (new, old)):
        result = combine([parse(text) for text in order]).text
        assert "v10" in result
        assert "v9" not in result
        assert "task check" not in result


def test_version__is_compared_by_number() -> None:
    assert version_of("<!-- gen v10 -->") > version_of("<!-- gen v9.9 -->") > version_of("<!-- gen -->") == ()


@pytest.mark.parametrize("bounds", WHOLE.values(), ids=WHOLE.keys())
def test_whole__holds_neither_items_nor_sections(bounds: tuple[str, str]) -> None:
    opened, closed = bounds
    text = f"- a\n{opened}\n# T\n- Never do this\n\n1. x\n{closed}\n- b\n"
    definition = parse(text)
    assert [unit.kind for unit in definition.root.units if unit.kind != "item"] in (["example"], ["raw"])
    assert not list(walk_sections(definition.root))
    assert combine([definition, parse("- a\n- Never do this\n")]).text.count(f"# T\n- Never do this\n\n1. x\n{closed}")
    require_laws(text)


@pytest.mark.parametrize("text", ["- a\n{{else}}\n- b\n", "- a\n{% endif %}\n- b\n", "- a\n{{#if x}}\n- b\n"])
def test_unpaired__is_a_line_of_its_own_and_told(text: str) -> None:
    definition = parse(text)
    assert [unit.kind for unit in definition.root.units] == ["item", "tag", "item"]
    assert [note.code for note in definition.diagnostics] == ["container-unpaired"]


@pytest.mark.parametrize("text", ["- a\n<your name>\n", "Press <kbd>x</kbd>\n", "a\n<br>\nb\n", 'Say """ and\n"""\n'])
def test_text__that_only_looks_like_a_boundary(text: str) -> None:
    assert not containers(text)
    require_laws(text)


LINES = [line for table in (TEMPLATES, NAMED, OWNED, WHOLE) for bounds in table.values() for line in bounds]
LINES += ["- item", "  - nested", "1. step", "text", "", "## Heading", "```", "> quote", "**Bold**", "Label:", "---"]


@given(st.lists(st.sampled_from(LINES), max_size=14).map("\n".join))
def test_any_sequence_of_boundaries__is_read_by_the_laws(text: str) -> None:
    require_laws(text)


@given(st.lists(st.sampled_from(LINES), max_size=12).map("\n".join))
def test_any_container__is_closed_by_the_last_line_in_it(text: str) -> None:
    for path, section in walk_sections(parse(text).root):
        is_branch = section.style == "template" and bool(path) and path[-1].style == "template"
        assert not section.is_container or is_branch or _closes(section)


def _closes(section: Section) -> bool:
    last = section.body[-1] if section.body else None
    return isinstance(last, Unit) and last.kind == "close"


def test_fmt__leaves_containers_as_they_are() -> None:
    for table in (TEMPLATES, NAMED, OWNED, WHOLE):
        for bounds in table.values():
            text = "\n".join(["- a", bounds[0], "- b", *bounds[1:], "- c", ""])
            assert format_definition(parse(text), SHIPPED).text == text


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("{% if not a %}\n- Ask.\n{% endif %}\n", "{% if a %}\n- Ask.\n- Push freely.\n{% endif %}\n"),
        ("{% if a %}\n- Ask.\n{% else %}\n- Wait.\n{% endif %}\n", "{% if a %}\n- Ask.\n- Push freely.\n{% endif %}\n"),
        ("- Ask.\n", "{% if a %}\n- Ask.\n- Push freely.\n{% endif %}\n"),
    ],
)
def test_merge__puts_nothing_under_a_condition_that_its_side_did_not(ours: str, theirs: str) -> None:
    base = "{% if a %}\n- Ask.\n{% endif %}\n"
    texts = [f"# R\n\n## Rules\n\n{block}\nThe end.\n" for block in (base, ours, theirs)]
    merged = merge(parse(texts[0]), parse(texts[1]), parse(texts[2]))
    if not merged.conflicts:
        assert branches(merged.text)["Push freely."] == ("{% if a %}",)
