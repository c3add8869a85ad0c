"""The page of a drift review, in a headless Chromium where there is one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentmerge.drifting.records import Report, RoleGroup, Step
from agentmerge.drifting.reviewing import drift
from agentmerge.reading.parsing import parse
from agentmerge.views.html import drift_html, rows, script_data
from tests.browser import PROGRAM, Browser
from tests.shipped import SHIPPED
from tests.test_drift_views import EDITED, HOSTILE, report
from tests.test_drifting import BASE

needs_browser = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


def _open(browser: Browser, folder: Path, shown: Report, *, width: int = 1280, scheme: str = "light") -> None:
    page = folder / "page.html"
    page.write_text(drift_html(shown, SHIPPED), "utf-8")
    browser.events.clear()
    browser.view(width, scheme=scheme)
    browser.open(page)
    assert browser.run("document.documentElement.dataset.ready") == "true"


def _quiet(browser: Browser) -> None:
    """No error, no message, no request but for the page itself."""
    assert not browser.told("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
    urls = [event["request"]["url"] for event in browser.told("Network.requestWillBeSent")]
    assert [url for url in urls if not url.startswith("data:")] == urls[:1]


def _set(browser: Browser, field: str, value: str, event: str) -> None:
    found = f"document.getElementById('{field}')"
    browser.run(f"{found}.value = '{value}'; {found}.dispatchEvent(new Event('{event}'))")


@needs_browser
def test_page__loads_nothing_and_says_nothing(browser: Browser, tmp_path: Path) -> None:
    _open(browser, tmp_path, report(BASE, EDITED, HOSTILE))
    _quiet(browser)
    assert browser.run("document.querySelectorAll('.cell').length") == 6


@needs_browser
def test_page__hostile_content_stays_text(browser: Browser, tmp_path: Path) -> None:
    names = ("a.md", "</script><script>window.hit=1</script>.md")
    _open(browser, tmp_path, report(BASE, HOSTILE, names=names))
    for number in range(8):
        browser.press("j")
        assert number >= 0
    browser.run("document.getElementById('fold').click()")
    _quiet(browser)
    assert browser.run("document.images.length") == 0
    assert browser.run("document.scripts.length") == 2
    assert browser.run("typeof window.hit") == "undefined"
    text = browser.run("document.body.textContent")
    assert "</script><script>alert(1)</script>" in text
    assert browser.run("[...document.querySelectorAll('.hid')].some((n) => n.textContent === 'U+202E')")


@needs_browser
def test_page__filters_by_severity_class_rule_and_section(browser: Browser, tmp_path: Path) -> None:
    _open(browser, tmp_path, report(BASE, EDITED, BASE.replace("sonnet", "opus")))

    def shown() -> list[str]:
        found: list[str] = browser.run("[...document.querySelectorAll('.finding .rule')].map((n) => n.textContent)")
        return found

    def pairs() -> int:
        count: int = browser.run("document.querySelectorAll('.pair').length")
        return count

    assert pairs() == 3
    browser.run("document.querySelector('.chip[data-value=\"frontmatter-only\"]').click()")
    assert pairs() == 1
    assert shown() == ["model-changed"]
    browser.run("document.getElementById('reset').click()")
    assert pairs() == 3
    browser.run("document.querySelector('.pair').click(); document.querySelector('.chip[data-value=breaking]').click()")
    assert sorted(set(shown())) == ["guardrail-weakened", "permission-widened"]
    _set(browser, "section", "rules", "input")
    assert shown() == ["guardrail-weakened"]
    browser.run("document.getElementById('reset').click()")
    _set(browser, "rule", "model-changed", "change")
    assert set(shown()) == {"model-changed"}
    _quiet(browser)


@needs_browser
def test_page__findings_jump_to_their_place_by_key(browser: Browser, tmp_path: Path) -> None:
    _open(browser, tmp_path, report(BASE, EDITED))
    browser.press("j")
    assert browser.run("document.querySelectorAll('.side.flash').length") == 2
    assert "tools: Read, Grep" in browser.run("document.querySelector('.side.flash').textContent")
    assert browser.run("document.activeElement.classList.contains('finding')")
    browser.press("j")
    assert "tests before a commit" in browser.run("document.querySelector('.side.flash').textContent")
    assert browser.run("[...document.querySelectorAll('.flash del')].map((n) => n.textContent)") == ["must"]
    assert browser.run("[...document.querySelectorAll('.flash ins')].map((n) => n.textContent)") == ["may"]
    browser.press("/")
    assert browser.run("document.activeElement.id") == "role"


@needs_browser
def test_page__the_matrix_is_one_stop_and_arrows_move_in_it(browser: Browser, tmp_path: Path) -> None:
    _open(browser, tmp_path, report(BASE, EDITED, BASE.replace("sonnet", "opus"), names=("a.md", "b.md", "c.md")))
    stops = "[...document.querySelectorAll('.cell')].filter((n) => n.tabIndex === 0).length"

    def press(key: str) -> str:
        event = f"new KeyboardEvent('keydown', {{key: '{key}', bubbles: true}})"
        browser.run(f"document.activeElement.dispatchEvent({event})")
        title: str = browser.run("document.activeElement.title")
        # Groups have no direction: which of two stands first says nothing.
        return " → ".join(sorted(title.partition(":")[0].split(" → ")))

    browser.run("document.querySelector('.cell').focus()")
    assert browser.run("document.activeElement.title").startswith("a.md → b.md")
    assert press("ArrowRight") == "a.md → c.md"
    assert press("ArrowDown") == "b.md → c.md"
    assert press("ArrowLeft") == "a.md → b.md"
    assert press("ArrowLeft") == "a.md → b.md"
    assert browser.run(stops) == 1
    _quiet(browser)


@needs_browser
def test_page__says_what_the_filters_leave_and_why_there_is_nothing(browser: Browser, tmp_path: Path) -> None:
    _open(browser, tmp_path, report(BASE, EDITED))
    assert browser.run("document.getElementById('status').textContent") == ""
    _set(browser, "section", "rules", "input")
    assert browser.run("document.getElementById('status').textContent").startswith("1 of 2 findings in 1 of 1 pairs")
    _set(browser, "section", "nowhere", "input")
    assert "No pair passes" in browser.run("document.getElementById('pairs').textContent")
    _open(browser, tmp_path, report(BASE, BASE))
    assert "equal, byte for byte" in browser.run("document.getElementById('detail').textContent")
    _open(browser, tmp_path, Report(("a.md",)))
    assert "nothing to compare" in browser.run("document.getElementById('detail').textContent")


@needs_browser
def test_page__lists_what_only_one_variant_says(browser: Browser, tmp_path: Path) -> None:
    _open(browser, tmp_path, report(BASE, BASE + "\nThe team meets on Mondays.\n", BASE.replace("sonnet", "opus")))
    assert browser.run("document.querySelectorAll('details.said li').length") == 0
    browser.run("document.querySelector('details.said').open = true")
    browser.run("new Promise((done) => setTimeout(done, 50))")
    found = "[...document.querySelectorAll('details.said li')].map((n) => n.textContent)"
    assert browser.run(found) == ["The team meets on Mondays."]
    _quiet(browser)


@needs_browser
def test_page__many_groups_are_folded_and_one_pair_needs_no_list(browser: Browser, tmp_path: Path) -> None:
    one = report(BASE, EDITED, BASE.replace("sonnet", "opus"))
    names = tuple(f"{number}.md" for number in range(6))
    groups = tuple(RoleGroup(f"role {n}", tuple(range(n * 3, n * 3 + 3)), one.groups[0].drift) for n in range(2))
    _open(browser, tmp_path, Report(names, groups))
    assert browser.run("[...document.querySelectorAll('details')].map((n) => n.open)") == [False, False]
    browser.run("document.querySelector('summary').click()")
    assert browser.run("document.querySelector('details .cell').offsetParent !== null")
    _open(browser, tmp_path, report(BASE, EDITED))
    assert browser.run("document.getElementById('pairs').hidden")
    assert browser.run("document.getElementById('arrows').hidden")
    _quiet(browser)


@needs_browser
@pytest.mark.parametrize("width", [380, 760, 1280])
def test_page__fits_the_width(browser: Browser, tmp_path: Path, width: int) -> None:
    name = "a-name-without-any-blank-" * 6 + ".md"
    _open(browser, tmp_path, report(BASE, EDITED, HOSTILE, names=(name, f"b/{name}", "c.md")), width=width)
    assert browser.run("document.documentElement.scrollWidth") <= width


@needs_browser
def test_page__light_dark_and_print(browser: Browser, tmp_path: Path) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    _open(browser, tmp_path, report(BASE, EDITED), scheme="dark")
    dark = browser.run(colour)
    browser.view(1280, scheme="light")
    light = browser.run(colour)
    assert dark != light
    browser.run("document.getElementById('theme').click()")
    assert browser.run(colour) == dark
    browser.view(1280, media="print")
    assert browser.run("getComputedStyle(document.getElementById('filters')).display") == "none"


CONTRAST = """
(() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const ink = canvas.getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    ink.clearRect(0, 0, 1, 1);
    ink.fillStyle = colour;
    ink.fillRect(0, 0, 1, 1);
    const [r, g, b, alpha] = ink.getImageData(0, 0, 1, 1).data;
    return [r, g, b, alpha / 255];
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    const layers = [];
    for (let one = node; one && !(layers.length && layers[0][3] === 1); one = one.parentElement)
      layers.unshift(rgba(getComputedStyle(one).backgroundColor));
    const white = [255, 255, 255];
    return layers.reduce((base, layer) => base.map((v, n) => v * (1 - layer[3]) + layer[n] * layer[3]), white);
  };
  const told = [...document.querySelectorAll("body *")].filter((node) => node.offsetParent &&
    [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()));
  const ratio = (node) => {
    const pair = [light(rgba(getComputedStyle(node).color).slice(0, 3)), light(behind(node))].sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  };
  return told.filter((node) => ratio(node) < 4.5).map((node) => node.tagName + "." + node.className);
})()
"""


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page__every_text_has_the_contrast_of_wcag_aa(browser: Browser, tmp_path: Path, scheme: str) -> None:
    _open(browser, tmp_path, report(BASE, EDITED, HOSTILE, BASE), scheme=scheme)
    browser.run("document.getElementById('fold').click()")
    assert browser.run("document.querySelectorAll('.cell.deep').length") == 2
    assert browser.run(CONTRAST) == []
    browser.run("document.querySelector('h1').style.color = getComputedStyle(document.body).backgroundColor")
    assert browser.run(CONTRAST) == ["H1."]
    _open(browser, tmp_path, _history(), scheme=scheme)
    assert browser.run(CONTRAST) == []


@needs_browser
def test_page__timeline_of_a_history(browser: Browser, tmp_path: Path) -> None:
    _open(browser, tmp_path, _history())
    assert browser.run("document.querySelectorAll('.tick-bar').length") == 3
    browser.run("document.querySelectorAll('.tick-bar')[1].click()")
    assert "1111111" in browser.run("document.querySelector('#detail h2').textContent")
    _quiet(browser)


def _history() -> Report:
    texts = (BASE, EDITED, EDITED.replace("sonnet", "opus"))
    found = drift([parse(text, SHIPPED) for text in texts], SHIPPED, summary=False).pairs
    by_index = {(pair.a, pair.b): pair for pair in found}
    steps = tuple(
        Step(str(n) * 40, "2026-01-02", "A", f"subject {n}", "a.md", by_index.get((n - 1, n)), by_index.get((0, n)))
        for n in range(3)
    )
    return Report(tuple(step.rev for step in steps), steps=steps, places=("a.md",) * 3)


def test_page__allows_its_own_style_and_script_alone() -> None:
    page = drift_html(report(BASE, HOSTILE), SHIPPED)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    assert page.count("<script") == 2


def test_script_data__can_not_end_its_element() -> None:
    hostile = "</script><!--<script> & \u2028"
    data = script_data({"text": hostile})
    assert not re.search(r"[<>&\u2028]", data)
    assert json.loads(data) == {"text": hostile}


def test_rows__every_node_once() -> None:
    matching = drift([parse(BASE, SHIPPED), parse(HOSTILE, SHIPPED)], SHIPPED).pairs[0].diff.matching
    found = rows(matching)
    left, right = ([row[side] for row in found if row[side] >= 0] for side in (0, 1))
    assert sorted(left) == list(range(len(left)))
    assert right == list(range(len(right)))


@needs_browser
def test_page__search_for_a_role_leaves_its_pairs_and_its_card(browser: Browser, tmp_path: Path) -> None:
    one = report(BASE, EDITED, BASE.replace("sonnet", "opus"))
    names = tuple(f"{number}.md" for number in range(9))
    groups = tuple(
        RoleGroup(role, tuple(range(n * 3, n * 3 + 3)), one.groups[0].drift)
        for n, role in enumerate(("tidy", "test", "tell"))
    )
    _open(browser, tmp_path, Report(names, groups))
    browser.press("/")
    assert browser.run("document.activeElement.id") == "role"
    _set(browser, "role", "TES", "input")
    shown = "[...document.querySelectorAll('details.card')].filter((n) => !n.hidden).map((n) => n.dataset.role)"
    assert browser.run(shown) == ["test 3.md 4.md 5.md"]
    assert browser.run("[...document.querySelectorAll('#pairs .role')].map((n) => n.textContent)") == ["test"]
    assert "of 9 pairs" in browser.run("document.getElementById('status').textContent")
    _set(browser, "role", "8.md", "input")
    assert browser.run("document.querySelectorAll('.pair').length") == 2
    browser.run("document.getElementById('reset').click()")
    assert browser.run("document.querySelectorAll('.pair').length") == 9
    _quiet(browser)


@needs_browser
def test_page__bars_are_drawn_to_scale(browser: Browser, tmp_path: Path) -> None:
    shown = _history()
    _open(browser, tmp_path, shown)
    drifted = [1 - step.drift.diff.similarity if step.drift else 0.0 for step in shown.steps]
    heights = browser.run("[...document.querySelectorAll('.tick-bar i')].map((n) => n.getBoundingClientRect().height)")
    top, full = max(0.1, *drifted), 144 - 3.9 * 16
    for share, height in zip(drifted, heights, strict=True):
        assert height == pytest.approx(max(3, full * share / top), abs=8)


@needs_browser
def test_page__marks_of_markdown_in_a_finding_are_styles(browser: Browser, tmp_path: Path) -> None:
    _open(
        browser,
        tmp_path,
        report(BASE, BASE.replace("- Never push", "- **Never** push with `git push`, and never push")),
    )
    told = browser.run("[...document.querySelectorAll('.what')].map((n) => n.textContent).join(' ')")
    assert "git push" in told
    assert "`" not in told
    assert "**" not in told
    _quiet(browser)


@needs_browser
def test_page__many_pairs_keep_the_page_small(browser: Browser, tmp_path: Path) -> None:
    one = report(BASE, EDITED)
    names = tuple(f"agents/file {number}.md" for number in range(160))
    groups = tuple(RoleGroup(f"role {n}", (2 * n, 2 * n + 1), one.groups[0].drift) for n in range(80))
    _open(browser, tmp_path, Report(names, groups))
    assert browser.run("document.querySelectorAll('.pair').length") == 30
    browser.run("document.querySelector('#pairs .more').click()")
    assert browser.run("document.querySelectorAll('.pair').length") == 80
    assert browser.run("document.querySelectorAll('.side').length") > 0
    browser.run("document.querySelectorAll('.pair')[79].click()")
    assert browser.run("document.querySelectorAll('.side').length") == 0
    command = browser.run("document.querySelector('.command').textContent")
    assert command == "agentmerge drift 'agents/file 158.md' 'agents/file 159.md'"
    assert browser.run("document.querySelectorAll('.finding').length") > 0
    _quiet(browser)


@needs_browser
@pytest.mark.parametrize("width", [380, 1280])
def test_survey_page__search_filters_and_width(browser: Browser, tmp_path: Path, width: int) -> None:
    import subprocess
    import sys

    page = tmp_path / "survey.html"
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "agentmerge", "survey", "fixtures/survey", "--no-cache", "--format", "html"]
    page.write_text(subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout, "utf-8")
    browser.events.clear()
    browser.view(width)
    browser.open(page)
    shown = "[...document.querySelectorAll('details.family')].filter((n) => !n.hidden).length"
    assert browser.run(shown) == 3
    browser.press("/")
    assert browser.run("document.activeElement.id") == "search"
    _set(browser, "search", "release", "input")
    assert browser.run(shown) == 1
    assert browser.run("document.getElementById('status').textContent") == "1 of 3 families"
    _set(browser, "search", "", "input")
    _set(browser, "class", "translation", "input")
    assert browser.run(shown) == 1
    assert browser.run("document.documentElement.scrollWidth") <= width
    _quiet(browser)


@needs_browser
def test_page__folds_what_no_finding_speaks_of(browser: Browser, tmp_path: Path) -> None:
    code = "\n".join(f"step {number}" for number in range(60))
    told = "\n".join(f"- The harbour has berth {number} for ship {number}.\n" for number in range(20))
    _open(browser, tmp_path, report(BASE, f"{BASE}\n## Harbour\n\n{told}\n```text\n{code}\n```\n"))
    folds = "[...document.querySelectorAll('.fold')].map(one => one.textContent).join()"
    assert "only on the right" in browser.run(folds)
    deep = browser.run("document.documentElement.scrollHeight")
    browser.run("[...document.querySelectorAll('.fold')].find(one => one.textContent.includes('right')).click()")
    assert "berth 19" in browser.run("document.querySelector('.sides').textContent")
    assert "step 59" not in browser.run("document.querySelector('.sides').textContent")
    browser.run("document.querySelector('.sides .more').click()")
    assert "step 59" in browser.run("document.querySelector('.sides').textContent")
    browser.run("document.getElementById('fold').click()")
    assert browser.run("document.documentElement.scrollHeight") > deep + 300
    assert not browser.run("document.querySelectorAll('.sides .fold, .sides .more').length")
    _quiet(browser)
