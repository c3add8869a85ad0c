"""The page in which a person decides: its data, and its keys in a headless Chromium where there is one."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agentmerge.cli.serving import Server
from agentmerge.planning.records import (
    KINDS,
    Action,
    Answer,
    Decision,
    Kind,
    Merged,
    Plan,
    Question,
    Source,
    Text,
    hash_of,
    question_id,
    read_answers,
    text_ids,
)
from agentmerge.views.plan import decisions_text, read_plan
from agentmerge.views.review import Review, review_data, review_html
from tests.browser import PROGRAM, Browser
from tests.shipped import SHIPPED

ROOT = Path(__file__).parents[1]
PAIR = [str(ROOT / "fixtures" / "decisions" / name) for name in ("calm.md", "brisk.md")]
FOUR = [str(path) for path in sorted((ROOT / "fixtures" / "backend-engineer").glob("*.md"))]
HOSTILE = (
    "</script><script>window.hit=1</script> [go](javascript:window.hit=2) <img src=x onerror=window.hit=3> a\u202eb"
)
needs_browser = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


def agentmerge(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agentmerge", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")


def plan_of(kind: Kind, rows: list[list[str]]) -> Plan:
    """A plan with a question for each row of texts."""
    said = [text for row in rows for text in row]
    hashes = [hash_of(text, "item") for text in said]
    names = text_ids(hashes)
    texts = tuple(
        Text(name, number % 2, number + 1, "Rules", digest, text)
        for number, (name, digest, text) in enumerate(zip(names, hashes, said, strict=True))
    )
    questions, at = [], 0
    for row in rows:
        own = tuple(names[at : at + len(row)])
        questions.append(Question(question_id(kind, own), kind, own, KINDS[kind].choices, binds=False, p=0.5))
        at += len(row)
    return Plan(("a.md", "b.md"), texts, tuple(questions))


def review(plan: Plan, merged: Merged | None = None) -> Review:
    return Review(plan, merged, plan.files, "agentmerge apply plan.json")


def page_of(plan: Plan) -> str:
    return review_html(review(plan), SHIPPED)


def data_of(page: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    return found


# Without a browser


def test_data__has_each_question_with_its_texts_and_what_is_done_without_an_answer(tmp_path: Path) -> None:
    done = agentmerge(tmp_path, "review", *FOUR, "-o", "page.html")
    assert done.returncode == 0, done.stderr
    data = data_of((tmp_path / "page.html").read_text("utf-8"))
    kinds = [one["kind"] for one in data["questions"]]
    assert kinds[0] == "conflict"
    assert {"field", "same?", "section?"} <= set(kinds)
    for one in data["questions"]:
        assert all(name in data["texts"] for name in one["texts"])
        assert one["why"]
    fields = [one for one in data["questions"] if one["kind"] == "field"]
    assert any(one["stands"] in one["texts"] for one in fields)
    assert any("a value of its own, by restrict" in one["why"] for one in fields)


def test_data__rights_and_guardrails_that_rules_touched_stand_apart() -> None:
    def member(line: int, text: str) -> Source:
        return Source(line % 2, line, "item", text)

    decisions = (
        Decision(1, "frontmatter/tools", "union", Action.SET, (member(2, "Read"), member(3, "Bash")), "wider"),
        Decision(2, "frontmatter/color", "majority", Action.SET, (member(4, "red"), member(5, "blue"))),
        Decision(3, "Rules", "longest", Action.MERGE, (member(20, "Ship it"), member(21, "Never ship it"))),
        Decision(4, "Rules", "union", Action.KEEP, (member(22, "Never sleep"),)),
        Decision(5, "Rules", "majority", Action.DROP, (member(24, "You must ask"),)),
        Decision(6, "Rules", "longest", Action.MERGE, (member(26, "Never eat"), member(27, "Never eat"))),
        # Somebody is asked about it: it is not told twice.
        Decision(7, "Rules", "longest", Action.DROP, (Source(0, 1, "item", "Never a"),)),
    )
    plan = plan_of("same?", [["Never a", "b"]])
    data = review_data(review(plan, Merged("", decisions, (), ())), SHIPPED)
    assert [(row["what"], row["members"][-1][1]) for row in data["touched"]] == [
        ("right", 3),
        ("guardrail", 21),
        ("guardrail", 24),
    ]
    assert [(group["says"], group["count"]) for group in data["rest"]] == [
        ("kept by union", 1),
        ("merged by longest", 1),
        ("set by majority", 1),
    ]


def test_marks__are_the_words_of_one_text_and_give_the_text_back() -> None:
    plan = plan_of("conflict", [["Coverage above 80%", "Coverage above 90%"], ["Ship on Monday", "Nothing alike here"]])
    first, second = review_data(review(plan), SHIPPED)["questions"]
    assert [run for run, own in first["marks"][1] if own] == ["90"]
    assert "".join(run for run, _ in first["marks"][0]) == "Coverage above 80%"
    assert second["marks"][1] == [["Nothing alike here", False]]


def test_hostile_text__is_no_markup_and_shows_what_hides() -> None:
    page = page_of(plan_of("conflict", [[HOSTILE, "b"]]))
    assert page.count("<script") == 2
    assert "<img" not in page
    text = next(iter(data_of(page)["texts"].values()))
    assert "a<U+202E>b" in text["text"]
    assert "\u202e" not in text["plain"]


def test_size__of_200_conflicts() -> None:
    rows = [[f"{number} {'word ' * 40}one", f"{number} {'word ' * 40}two"] for number in range(200)]
    assert len(page_of(plan_of("conflict", rows)).encode()) < 1_000_000


def test_a_plan__is_shown_without_its_files(tmp_path: Path) -> None:
    assert agentmerge(tmp_path, "combine", *PAIR, "--plan", "plan.json").returncode == 0
    plan = (tmp_path / "plan.json").read_text("utf-8").replace("calm.md", "gone.md")
    (tmp_path / "plan.json").write_text(plan, "utf-8")
    done = agentmerge(tmp_path, "review", "plan.json", "-o", "page.html")
    assert done.returncode == 0
    assert "the page shows the questions alone" in done.stderr
    assert data_of((tmp_path / "page.html").read_text("utf-8"))["rest"] == []


def test_answers_that_there_are__are_in_the_page(tmp_path: Path) -> None:
    decisions = str(ROOT / "fixtures" / "decisions" / "decisions.yaml")
    assert agentmerge(tmp_path, "combine", *PAIR, "--plan", "plan.json").returncode == 0
    assert agentmerge(tmp_path, "review", "plan.json", "--decisions", decisions, "-o", "page.html").returncode == 0
    given = data_of((tmp_path / "page.html").read_text("utf-8"))["given"]
    assert {"same", "use", "custom"} <= {answer["action"] for answer in given.values()}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.json"], "none.json"),
        (["bad.json"], "is no JSON"),
        (["bad.json", "a.md"], "name the plan alone"),
        (["none.md", "a.md"], "none.md"),
        (["none.md"], "none.md: can't be read"),
        (["a.md"], "a.md: there is nothing to decide about one file"),
        ([*PAIR, "--serve", "-o", "x.html"], "written or served"),
        ([*PAIR, "--port", "80"], "--serve"),
        ([*PAIR, "-o", PAIR[0]], "is also the input"),
        ([*PAIR, "--decisions", "bad.json"], "bad.json"),
    ],
)
def test_what_can_not_be__is_told_in_a_line(tmp_path: Path, words: list[str], said: str) -> None:
    (tmp_path / "bad.json").write_text("{", "utf-8")
    (tmp_path / "a.md").write_text("# A\n", "utf-8")
    done = agentmerge(tmp_path, "review", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not list(tmp_path.glob("*.html"))


# Served


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    plan = plan_of("conflict", [["Ship on Monday", "Ship on Friday"]])
    with Server(review(plan), str(tmp_path / "decisions.yaml"), 0, SHIPPED) as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def send(address: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(address, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


DECIDED = b"schema: agentmerge/decisions/1\ndecisions:\n  - {id: q1, action: both}\n"


def test_served__the_page_and_decisions_with_the_token_alone(server: Server) -> None:
    target = Path(server.target)
    bare = server.address.replace(f"{server.token}/", "")
    assert send(server.address)[0] == 200
    for address in (bare, f"{bare}{server.token[:-1]}/", f"{server.address}../../etc/passwd", f"{server.address}x"):
        assert send(address)[0] == 404
    assert send(f"{bare}decisions", DECIDED)[0] == 404
    assert not target.exists()
    assert send(f"{server.address}decisions", DECIDED) == (200, f"1 decision in {target}")
    assert target.read_bytes() == DECIDED


def test_served__nothing_to_a_page_of_somebody_else(server: Server) -> None:
    assert send(server.address, Host="evil.example")[0] == 404
    assert send(f"{server.address}decisions", DECIDED, Origin="https://evil.example")[0] == 404
    assert not Path(server.target).exists()


@pytest.mark.parametrize(
    "body", [b"decisions: []\n", b"\xff", b"schema: agentmerge/decisions/1\ndecisions: [{id: 1}]\n"]
)
def test_served__only_decisions_are_taken(server: Server, body: bytes) -> None:
    assert send(f"{server.address}decisions", body)[0] == 400
    assert not Path(server.target).exists()


def test_served__by_the_command_until_it_is_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "agentmerge", "review", *PAIR, "--serve"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, encoding="utf-8")
    try:
        assert process.stderr is not None
        address = next(word for line in process.stderr for word in line.split() if word.startswith("http://127."))
        assert send(f"{address}decisions", DECIDED)[0] == 200
        process.send_signal(2)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.stderr.close()  # type: ignore[union-attr]
        process.wait()
    assert (tmp_path / "decisions.yaml").read_bytes() == DECIDED


# In a browser


def opened(browser: Browser, folder: Path, page: str, width: int = 1280, scheme: str = "light") -> None:
    target = folder / "page.html"
    target.write_text(page, "utf-8")
    browser.events.clear()
    browser.view(width, scheme=scheme)
    browser.open(target)
    browser.run("localStorage.clear()")
    browser.events.clear()
    browser.open(target)
    assert browser.run("document.documentElement.dataset.ready") == "true"


def quiet(browser: Browser) -> None:
    assert not browser.told("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
    urls = {event["request"]["url"].partition(":")[0] for event in browser.told("Network.requestWillBeSent")}
    assert urls <= {"file", "data"}


def yaml_of(browser: Browser) -> str:
    found: str = browser.run("document.getElementById('yaml').value")
    return found


@needs_browser
def test_page__loads_nothing_and_hostile_text_does_nothing(browser: Browser, tmp_path: Path) -> None:
    plan = plan_of("conflict", [[HOSTILE, "b"], ["c", HOSTILE + "d"]])
    opened(browser, tmp_path, page_of(plan))
    for key in ("1", "e", "Escape", "u", "b", "k", "2"):
        browser.press(key)
    quiet(browser)
    assert browser.run("typeof window.hit") == "undefined"
    assert browser.run("document.images.length") == 0
    assert browser.run("document.querySelectorAll('main a').length") == 0
    assert "<script>window.hit=1</script>" in browser.run("document.body.textContent")
    assert "\u202e" not in browser.run("document.body.textContent") + yaml_of(browser)
    assert read_answers(yaml_of(browser), "page").refused == ()


VERBS = {"conflict": ["1", "2", "b", "l"], "same?": ["1", "2", "b", "l"], "section?": ["1", "2", "b", "l"]}
VERBS["field"] = ["1", "2", "l"]


def expected(question: Question, key: str) -> Answer:
    """The answer that a key stands for, as a person writes it by hand."""
    if key == "l":
        return Answer(0, question.id, "defer", question.texts)
    if key == "b":
        return Answer(0, question.id, "both" if question.kind == "conflict" else "distinct", question.texts)
    action = "use" if question.kind in ("conflict", "field") else "same"
    return Answer(0, question.id, action, question.texts, take=question.texts[int(key) - 1])  # type: ignore[arg-type]


@needs_browser
@pytest.mark.parametrize("seed", range(4))
def test_decisions__of_the_page_are_those_of_the_command_line(browser: Browser, tmp_path: Path, seed: int) -> None:
    """Every question of a real combine is answered by keys alone; both ways come to the same file."""
    files = FOUR[seed % 3 : seed % 3 + 2] if seed else FOUR
    assert agentmerge(tmp_path, "combine", *files, "--plan", "plan.json").returncode == 0
    assert agentmerge(tmp_path, "review", "plan.json", "-o", "page.html").returncode == 0
    plan = read_plan((tmp_path / "plan.json").read_text("utf-8"), "plan.json")
    opened(browser, tmp_path, (tmp_path / "page.html").read_text("utf-8"))
    chosen, answers = Random(seed), []
    for question in plan.questions:
        key = chosen.choice(VERBS[question.kind])
        browser.press(key)
        answers.append(expected(question, key))
    assert browser.run("document.getElementById('count').textContent").startswith("All ")
    quiet(browser)
    read = read_answers(yaml_of(browser), "page").answers
    assert [(one.id, one.action, one.take, one.sees, one.by) for one in read] == [
        (one.id, one.action, one.take, one.sees, one.by) for one in answers
    ]
    (tmp_path / "page.yaml").write_text(yaml_of(browser), "utf-8")
    (tmp_path / "hand.yaml").write_text(decisions_text(answers), "utf-8")
    told = []
    for name in ("page", "hand"):
        done = agentmerge(tmp_path, "apply", "plan.json", "--decisions", f"{name}.yaml", "-o", f"{name}.md")
        assert done.returncode in (0, 1), done.stderr
        told.append(done.stderr.splitlines()[-2])
    assert told[0] == told[1]
    assert f"{len(answers)} answered" in told[0] or "left to a person" in told[0]
    assert (tmp_path / "page.md").read_bytes() == (tmp_path / "hand.md").read_bytes()


@needs_browser
def test_parts_edits_and_reasons__are_in_the_decisions(browser: Browser, tmp_path: Path) -> None:
    plan = plan_of("same?", [["Read it once", "Read it two times", 'Sleep: "well"'], ["x", "y"]])
    opened(browser, tmp_path, page_of(plan))
    browser.run("document.querySelectorAll('#card .part')[2].click()")
    browser.press("1")
    browser.press("e")
    value = 'a: "b"\\n\\u2028# c, \\u202e {d}'
    script = (
        f"const set = (id, value) => {{ const f = document.getElementById(id); f.value = value;"
        f" f.dispatchEvent(new Event('input')); }}; set('f-text', '{value}'); set('f-drops', 'one, two');"
        " set('f-why', 'it\\'s \"so\"')"
    )
    browser.run(f"(() => {{ {script} }})()")
    first, second = read_answers(yaml_of(browser), "page").answers
    assert (first.action, first.take, first.of) == ("same", plan.questions[0].texts[0], (plan.questions[0].texts[:2],))
    assert (second.action, second.text) == ("custom", 'a: "b"\n\u2028# c, \u202e {d}')
    assert (second.drops, second.why) == (("one", "two"), 'it\'s "so"')
    assert "\u202e" not in yaml_of(browser)
    # It is all there when the page is opened again, and an answer can be taken back.
    before = yaml_of(browser)
    browser.events.clear()
    browser.open(tmp_path / "page.html")
    assert yaml_of(browser) == before
    browser.press("u")
    assert len(read_answers(yaml_of(browser), "page").answers) == 1
    quiet(browser)


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 1280])
def test_page__fits_and_every_control_has_a_name(browser: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    long = "x" * 300 + " https://example.org/" + "path/" * 60
    opened(browser, tmp_path, page_of(plan_of("same?", [[long, "b", "c"]])), width, scheme)
    browser.press("e")
    browser.press("Escape")
    assert browser.run("document.documentElement.scrollWidth") <= width
    unnamed = (
        "[...document.querySelectorAll('button,input,textarea,summary')].filter((n) => !(n.textContent.trim()"
        " || n.getAttribute('aria-label') || (n.labels && n.labels.length))).length"
    )
    assert browser.run(unnamed) == 0
    assert browser.run("document.querySelectorAll('[id]').length") == browser.run(
        "new Set([...document.querySelectorAll('[id]')].map((n) => n.id)).size"
    )


@needs_browser
def test_200_conflicts__are_there_within_a_second(browser: Browser, tmp_path: Path) -> None:
    rows = [[f"{number} {'word ' * 40}one", f"{number} {'word ' * 40}two"] for number in range(200)]
    page = page_of(plan_of("conflict", rows))
    opened(browser, tmp_path, page)
    start = time.perf_counter()
    browser.events.clear()
    browser.open(tmp_path / "page.html")
    assert time.perf_counter() - start < 1
    for _ in range(5):
        browser.press("b")
    assert browser.run("document.getElementById('count').textContent") == "195 open of 200, 5 decided"


@needs_browser
def test_served_page__sends_its_decisions_and_nothing_else(browser: Browser, server: Server) -> None:
    browser.events.clear()
    browser.view(1280)
    browser.send("Page.navigate", url=server.address)
    while not any(event.get("method") == "Page.loadEventFired" for event in browser.events):
        browser.run("0")
    browser.press("2")
    browser.press("s")
    end = time.monotonic() + 10
    while not Path(server.target).exists() and time.monotonic() < end:
        browser.run("0")
    assert [one.action for one in read_answers(Path(server.target).read_text("utf-8"), "d").answers] == ["use"]
    assert not browser.told("Log.entryAdded", "Runtime.exceptionThrown")
