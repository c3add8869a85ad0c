"""What a block is there for: read from what introduces it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmerge.knowledge.tables import Knowledge
from agentmerge.model import walk_units
from agentmerge.reading.parsing import parse
from agentmerge.views.jsonable import show_json
from agentmerge.views.paint import Paint
from agentmerge.views.show import show_text
from tests.shipped import SHIPPED


def _modes(text: str, knowledge: Knowledge = SHIPPED) -> list[str]:
    return [place.unit.mode for place in walk_units(parse(text, knowledge).root) if place.unit.kind == "code"]


USE = [
    "Use the Task tool:\n\n```\nReview the diff.\n```\n",
    "Use the Task tool to start a reviewer.\n\n```text\nReview the diff.\n```\n",
    "prompt:\n\n```markdown\nYou review.\n```\n",
    "- **prompt**:\n  ```\n  You review.\n  ```\n",
    "`subagent_type: reviewer`\n\n```\nGo.\n```\n",
    "```\nsubagent_type: reviewer\nprompt: Go.\n```\n",
    "Dispatch a reviewer with this prompt:\n```markdown\n# Task\n```\n",
    "1. Run\n   ```bash\n   ls\n   ```\n",
    "Run the tests before you push.\n\n```sh\nmake test\n```\n",
    "If a file is missing, run:\n```bash\nls\n```\n",
    "To check that all is correct, run:\n```bash\nls\n```\n",
    "Then execute:\n```python\nx\n```\n",
    "Output exactly this:\n\n```markdown\n# R\n```\n",
    "Your answer has to be exactly as follows.\n\n```md\n# R\n```\n",
    "Return JSON:\n```json\n{}\n```\n",
    "Respond with the following template:\n```markdown\n# R\n```\n",
    "**Use this format:**\n\n```markdown\n# R\n```\n",
    "## Output Format\n\n```markdown\n# R\n```\n",
    "## Usage\n\n```bash\nls\n```\n",
    "## Prompt\n\n```text\nGo.\n```\n",
    "```prompt\nGo.\n```\n",
    "次の形式で出力してください：\n\n```markdown\n# R\n```\n",
]
EXAMPLE = [
    "For example:\n```bash\nls\n```\n",
    "For example, run:\n```bash\nls\n```\n",
    "Here is a sample session:\n```\n$ ls\n```\n",
    "Bad:\n```python\nx\n```\n",
    "**Wrong**\n\n```python\nx\n```\n",
    "❌ Two calls:\n```python\nx\n```\n",
    "Never do this:\n```bash\nrm -rf /\n```\n",
    "The output looks like this:\n```\nx\n```\n",
    "Example prompt:\n```\nGo.\n```\n",
    "## Examples\n\n### One\n\n```python\nx\n```\n",
    "```bash example\nls\n```\n",
    "Two ways.\n\n```python\n# Bad\nx\n```\n",
    "About reports in general, as they are written here.\n\n```markdown\n# T\n```\n",
    "Zum Beispiel:\n```python\nx\n```\n",
    "## 示例\n\n```python\nx\n```\n",
    "```markdown\n# T\n\n```sh\nls\n```\n\n## U\n```\n",
]
UNKNOWN = [
    '"\n\n```python\n\n```\n',
    "(\n\n```\n#\n```\n",
    "1.\n   ```python\n   x\n   ```\n",
    "**\n\n```python\nx\n```\n",
    "About pools in general, as they are used here.\n\n```python\nx\n```\n",
    "```text\n├── src\n```\n",
    "## Pools\n\n```python\nx\n```\n",
    "- Never push to main\n\n```python\nx\n```\n",
    "## Usage\n\n```python\nx\n```\n",
    "```yaml\ngood: 1\nbefore: x\n```\n",
    "It is not the best of all the ways that there are, but it is one.\n\n```python\nx\n```\n",
]


@pytest.mark.parametrize("text", USE)
def test_block_to_run_to_send_or_to_answer_in__is_in_use(text: str) -> None:
    assert _modes(text) == ["use"]


@pytest.mark.parametrize("text", EXAMPLE)
def test_block_that_is_shown__is_an_example(text: str) -> None:
    assert _modes(text) == ["example"]


@pytest.mark.parametrize("text", UNKNOWN)
def test_block_that_nothing_introduces__has_no_mode(text: str) -> None:
    assert _modes(text) == [""]


@given(st.text("*_`:\"'([#-1. 。例run\n", max_size=20), st.text("# :/\"'([a\n", max_size=10))
def test_any_introduction__is_read(above: str, content: str) -> None:
    assert set(_modes(f"{above}\n\n````python\n{content}\n````\n")) <= {"use", "example", ""}


def test_nearest_introduction__decides() -> None:
    assert _modes("## Examples\n\nOutput exactly this:\n\n```md\n# R\n```\n") == ["use"]
    assert _modes("## Output Format\n\nFor example:\n\n```json\n{}\n```\n") == ["example"]
    assert _modes("Run:\n\n```bash\nls\n```\n\n```python\nx\n```\n") == ["use", ""]


def test_phrases__are_a_table_that_a_user_extends() -> None:
    text = "Recite what follows here without any change at all:\n\n```markdown\n# R\n```\n"
    assert _modes(text) == ["example"]
    assert _modes(text, Knowledge({"modes": {"use": {"orders": ["recite"]}}})) == ["use"]


def test_units_that_are_no_code__have_no_mode() -> None:
    assert {place.unit.mode for place in walk_units(parse("For example:\n\n- a\n\n> b\n", SHIPPED).root)} == {""}


def test_views__show_a_mode_that_is_known() -> None:
    definition = parse("Run:\n\n```bash\nls\n```\n\nSo it is, as all of them say.\n\n```python\nx\n```\n", SHIPPED)
    _, first, _, second = show_json(definition, SHIPPED)["units"]
    assert first["mode"] == "use"
    assert "mode" not in second
    text = show_text(definition, Paint(enabled=False), SHIPPED)
    assert "code bash (in use): ls" in text
    assert "code python: x" in text
