"""One section of a kind, one of a topic, one opening; nothing is torn."""

from __future__ import annotations

from itertools import permutations

from agentmerge import combine, parse
from agentmerge.planning.records import Merged
from agentmerge.planning.strategies import Policy

HEAD = "---\nname: backend-engineer\n---\n\n# Backend Engineer\n\n"


def combined(*bodies: str) -> Merged:
    return combine([parse(HEAD + body) for body in bodies])


def headings(merged: Merged) -> list[str]:
    return [line for line in merged.text.splitlines() if line.startswith("#")]


def again(merged: Merged) -> bool:
    """Whether the result combined with itself is another text."""
    result = parse(merged.text)
    return combine([result]).text != merged.text or combine([result, result]).text != merged.text


def test_sections_of_one_kind__become_one_under_one_title() -> None:
    merged = combined(
        "## Deliverables\n\n- Runbook of the service\n",
        "## Output Format\n\n- Diagram of the tables\n",
        "## Deliverables\n\nProvide:\n\n- Load report\n",
    )
    assert headings(merged) == ["# Backend Engineer", "## Deliverables"]
    assert "- Runbook of the service\n- Diagram of the tables\n- Load report\n" in merged.text
    assert "Provide" not in merged.text
    assert not again(merged)


def test_numbered_list_of_a_united_kind__is_one_list_with_the_others() -> None:
    merged = combined(
        "## Deliverables\n\n1. Runbook of the service\n2. Diagram of the tables\n",
        "## Deliverables\n\n- Load report\n",
    )
    assert "- Runbook of the service\n- Diagram of the tables\n- Load report\n" in merged.text


def test_numbered_list_that_is_referred_to__keeps_its_numbers() -> None:
    merged = combined(
        "## Deliverables\n\n1. Runbook of the service\n2. Diagram of the tables\n\nRule 2 comes first.\n",
        "## Deliverables\n\n- Load report\n",
    )
    assert "1. Runbook of the service\n2. Diagram of the tables\n" in merged.text


def test_label_that_binds__stays_above_its_list() -> None:
    merged = combined("## Deliverables\n\nYou must provide:\n\n- Load report\n", "## Deliverables\n\n- Runbook\n")
    assert "You must provide:\n- Load report\n" in merged.text


def test_checklists_of_two_subjects__stay_two() -> None:
    merged = combined(
        "## Definition of Done\n\n- [ ] Authentication tested\n- [ ] Logs are read\n",
        "## Integration Checklist\n\n- [ ] Authentication documented and tested\n- [ ] Timeouts are set\n",
    )
    assert headings(merged)[1:] == ["## Definition of Done", "## Integration Checklist"]


TOPICS = (
    "## Caching\n\n- Drop stale entries on every write\n\n## Databases\n\n- Index what is looked up\n\n"
    "## Monitoring\n\n- Page a person on errors\n"
)


def test_topic_below_a_general_section__stands_in_the_spine_of_topics() -> None:
    merged = combined(TOPICS, "## Core Expertise\n\n### Job Queues\n\n- Retry with a growing pause\n")
    assert "## Job Queues" in headings(merged)
    assert "## Core Expertise" not in headings(merged)
    assert not again(merged)


def test_same_topic_below_a_general_section__is_one_with_the_topic() -> None:
    merged = combined(TOPICS, "## Core Expertise\n\n### Caching\n\n- Name each key by its owner\n")
    assert headings(merged).count("## Caching") == 1
    assert "- Drop stale entries on every write\n- Name each key by its owner\n" in merged.text


def test_advice_of_a_general_section__goes_to_the_topic_that_it_names() -> None:
    merged = combined(TOPICS, "## Best Practices\n\n- **Caching**: Name each key by its owner\n- Write it down\n")
    assert "- Drop stale entries on every write\n- **Caching**: Name each key by its owner\n" in merged.text
    assert "## Best Practices\n\n- Write it down\n" in merged.text
    assert not again(merged)


def test_steps_and_nested_items__do_not_move() -> None:
    body = "## Best Practices\n\n1. **Caching**: Name each key\n2. Write it down in step 1\n"
    assert "1. **Caching**: Name each key\n2. Write it down in step 1\n" in combined(TOPICS, body).text


def test_list_on_one_line__gives_way_where_all_its_members_stand() -> None:
    listed = "- **Caching**: Stale entries, key names\n"
    body = "## Caching\n\n- Drop stale entries on every write\n- Give each owner key names of its own\n"
    merged = combined(body, f"## Focus Areas\n\n{listed}")
    assert listed not in merged.text
    assert [row.fate for row in merged.ledger if "key names" in row.source.text] == ["kept", "superseded"]


def test_list_on_one_line__stays_whole_where_one_member_stands_nowhere_else() -> None:
    listed = "- **Caching**: Stale entries, key names, regions\n"
    body = "## Caching\n\n- Drop stale entries on every write\n- Give each owner key names of its own\n"
    assert listed in combined(body, f"## Focus Areas\n\n{listed}").text


def test_openings_of_others__give_way_to_the_one_that_stands() -> None:
    rules = "\n## Rules\n\n- Keep ledgers in focus and functions small\n"
    first = f"You are a backend engineer who builds services.\n\nYou like small functions.\n{rules}"
    second = f"You are a senior backend engineer for payment services.\n\nYour focus is on ledgers.\n{rules}"
    merged = combined(first, second)
    openings = [text for text in (first, second) if text.split("\n\n")[0] in merged.text]
    assert len(openings) == 1
    assert openings[0].split("## Rules")[0] in merged.text
    assert len([text for text in (first, second) if text.split("\n")[2] in merged.text]) == 1
    assert {row.fate for row in merged.ledger if row.source.kind == "paragraph"} == {"kept", "superseded"}


def test_opening_of_another_that_forbids__stands_beside() -> None:
    rule = "You never touch production."
    merged = combined("You are a backend engineer for services.\n", f"You are an engineer of backends.\n\n{rule}\n")
    assert rule in merged.text


def test_identity__is_a_typical_one_and_no_slogan_because_it_is_long() -> None:
    slogan = "You are the last line of defence, the calm in every storm and the one whom all of them call at night."
    others = ("You are a backend engineer who builds services.", "You are a backend engineer who builds databases.")
    for order in permutations([slogan, *others]):
        text = combined(*(f"{text}\n" for text in order)).text
        assert slogan not in text
        assert any(other in text for other in others)


def test_list_that_lost_its_first_step__counts_from_one() -> None:
    whole = "## Flow\n\n1. Read the ticket in full\n2. Draw the tables\n3. Write the tests\n"
    part = "## Care\n\n1. Read the ticket in full\n2. Draw the tables\n3. Ask the owner\n"
    for text in (combined(whole, part).text, combined(part, whole).text):
        lines = [line for line in text.splitlines() if line[:1].isdigit()]
        firsts = [
            line
            for at, line in enumerate(text.splitlines())
            if line[:1].isdigit() and not text.splitlines()[at - 1][:1].isdigit()
        ]
        assert lines
        assert all(line.startswith("1. ") for line in firsts)


def test_block_that_says_more_than_the_slot__stays_where_the_slot_is_decided() -> None:
    one = """## Errors

```json
{"error": {"code": "BAD", "message": "Text", "details": {"field": "email"}}}
```
"""
    envelope = """## Errors

```json
{"data": {"id": 1, "name": "x"}}
{"error": {"code": "BAD", "message": "Text", "details": [{"field": "email"}]}}
```
"""
    merged = combine([parse(HEAD + one), parse(HEAD + envelope)], Policy(on_conflict="first"))
    assert '"data"' in merged.text
    assert [conflict.decided_by for conflict in merged.conflicts] == ["on-conflict=first"]
    bare = envelope.replace('{"data": {"id": 1, "name": "x"}}\n', "")
    merged = combine([parse(HEAD + one), parse(HEAD + bare)], Policy(on_conflict="first"))
    assert merged.text.count("```json") == 1


def test_subject_that_is_only_named__gives_way_to_the_instruction_of_its_section() -> None:
    merged = combined(TOPICS, "## Core Expertise\n\n### Caching\n\n- Stale entries\n- Regions\n")
    assert "- Stale entries" not in merged.text
    assert "- Regions\n" in merged.text


def test_one_of_two_joined_things__is_never_lost() -> None:
    both = "- Implement connection pooling and query optimization\n"
    merged = combined(f"## Database\n\n{both}", "## Checklist\n\n- [ ] Implement database connection pooling\n")
    assert both in merged.text


def test_siblings__stand_in_the_order_of_their_author() -> None:
    order = ["Zebra tests", "Alpha queues", "Middle caches"]
    body = "## Topics of mine\n\n" + "".join(f"### {title}\n\n- About {title.split()[0]}\n\n" for title in order)
    other = "## Topics of mine\n\n### Middle caches\n\n- Keep small\n\n### Quiet logs\n\n- Keep short\n"
    for some in ((body, other), (other, body)):
        found = [line[4:] for line in combined(*some).text.splitlines() if line.startswith("### ")]
        assert [title for title in found if title in order] == order


def test_numbers_of_titles_that_count_nothing_more__go() -> None:
    one = "## Core Expertise\n\n### 1. Caching\n\n- Stale entries go\n\n### 2. Regions\n\n- Close to users\n"
    text = combined(TOPICS, one).text
    assert "## Regions" in text
    assert "2. Regions" not in text


def test_two_sections_of_one_title_in_one_file__are_not_poured_together() -> None:
    template = "## Report\n\nThe template:\n\n```\nScore: N\n```\n\n- Fill it\n\n"
    twice = f"{template}## Report\n\nA filled one:\n\n```\nScore: 4\n```\n\n- Note it\n"
    for bodies in ((twice, "## Report\n\n- Keep it short\n"), ("## Report\n\n- Keep it short\n", twice)):
        merged = combined(*bodies)
        wanted = ["The template:", "Score: N", "- Fill it", "A filled one:", "Score: 4", "- Note it"]
        found = [line for line in merged.text.splitlines() if line in wanted]
        assert found == wanted
        assert not again(merged)


def test_opening_of_another_that_says_something_new__stands_beside() -> None:
    new = "You read each ticket twice and draw the tables by hand."
    merged = combined("You are a backend engineer for services.\n", f"You are an engineer of backends.\n\n{new}\n")
    assert new in merged.text


def test_item__gives_way_to_what_says_the_same_between_two_tags() -> None:
    block = "## Cloud\n\n<network>\n- Share one network between the projects of the host\n- Log flows\n</network>\n"
    merged = combined(block, "## Setup\n\n- Share one network between the projects\n- Ask for the region\n")
    assert block in merged.text
    assert "- Share one network between the projects\n" not in merged.text
    row = next(row for row in merged.ledger if row.source.text == "Share one network between the projects")
    assert row.into is not None
    assert merged.text.splitlines()[row.into - 1] == "- Share one network between the projects of the host"
    shown = block.replace("network>", "example>")
    assert (
        "- Share one network between the projects\n"
        in combined(shown, "## Setup\n\n- Share one network between the projects\n").text
    )


def test_bold_line_whose_following_text_went__is_a_heading_at_once() -> None:
    one = "## Areas\n\n**Indexes**\n\n- Balance reads and writes\n\nKeep the result small and simple.\n"
    other = "## Areas\n\n- Name tables in the plural\n\n## Rules\n\nKeep the result small and simple.\n"
    for some in ((one, other), (other, one)):
        assert not again(combined(*some))
