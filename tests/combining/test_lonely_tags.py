"""Tags without a partner: a result in which they would find one is refused with the line, never an internal error."""

from __future__ import annotations

import pytest

from agentmerge import combine, parse
from agentmerge.errors import InputError

LONELY = """# A

<process>
## P
</{tag}>
1. Do one
2. Do two
</process>

<{tag}>
## Patterns

Text of some kind here.
"""
PLAIN = "# A\n\n## Patterns\n\nText of some kind here.\n\n## P\n\n1. Do one\n2. Do two\n"


@pytest.mark.parametrize("tag", ["examples", "rules", "my-block"])
@pytest.mark.parametrize("first", [True, False])
def test_combine__refuses_tags_that_would_pair_up(tag: str, first: bool) -> None:
    lonely = parse(LONELY.format(tag=tag), filename="lonely.md")
    plain = parse(PLAIN, filename="plain.md")
    with pytest.raises(InputError, match=f"'</{tag}>' has no partner") as caught:
        combine([lonely, plain] if first else [plain, lonely])
    assert (caught.value.file, caught.value.line) == ("lonely.md", 5)
