"""Inputs in which only the result breaks something: each with the finding that has to tell it, or "" where it is whole.

A combine has variants of one role; a merge has base, ours and theirs.
"""

# ruff: noqa: E501 - each input is one line

from __future__ import annotations

from textwrap import dedent
from typing import NamedTuple


class Case(NamedTuple):
    """Inputs of a combine or a merge."""

    name: str
    texts: tuple[str, ...]
    rule: str
    """The finding; "" for none of the laws'."""
    says: str = ""
    """What it has to say."""


def case(name: str, *texts: str, rule: str = "", says: str = "") -> Case:
    return Case(name, tuple(dedent(text).lstrip("\n") for text in texts), rule, says)


def steps(*texts: str, head: str = "# R\n\n", title: str = "Steps", tail: str = "") -> str:
    """A procedure below a heading, with what stands before and after it."""
    lines = "".join(f"{number}. {text}\n" for number, text in enumerate(texts, 1))
    return f"{head}## {title}\n\n{lines}{tail}"


BUILD, TEST, SHIP, WATCH, LINT = (
    "Build the image from the tagged commit.",
    "Run the whole test suite twice.",
    "Ship the package to the registry.",
    "Watch the error rate for an hour.",
    "Lint every changed module.",
)
COUNT = "count-broken"
COUNTS_MERGED = (
    case(
        "each side adds a step and corrects the number",
        steps(BUILD, TEST, SHIP, head="# R\n\nThe three steps below are all.\n\n"),
        steps(BUILD, LINT, TEST, SHIP, head="# R\n\nThe four steps below are all.\n\n"),
        steps(BUILD, TEST, SHIP, WATCH, head="# R\n\nThe four steps below are all.\n\n"),
        rule=COUNT,
        says="'four steps', and 'Steps' (line 7) has 5",
    ),
    case(
        "one side removes a step and the other one adds one",
        steps(BUILD, TEST, SHIP, head="# R\n\nThree steps.\n\n"),
        steps(BUILD, SHIP, head="# R\n\nTwo steps.\n\n"),
        steps(BUILD, TEST, SHIP, head="# R\n\nThree steps.\n\n"),
    ),
    case(
        "only the list of one side grows",
        steps(BUILD, TEST, head="# R\n\nTwo steps.\n\n"),
        steps(BUILD, TEST, head="# R\n\nTwo steps.\n\nBe quick.\n\n"),
        steps(BUILD, TEST, SHIP, head="# R\n\nThree steps.\n\n"),
    ),
    case(
        "a number in the description",
        steps(BUILD, TEST, head="---\nname: r\ndescription: Works in two steps\n---\n# R\n\n"),
        steps(LINT, BUILD, TEST, head="---\nname: r\ndescription: Works in three steps\n---\n# R\n\n"),
        steps(BUILD, TEST, SHIP, head="---\nname: r\ndescription: Works in three steps\n---\n# R\n\n"),
        rule=COUNT,
        says="line 3: the text says 'three steps'",
    ),
    case(
        "bullets after a colon",
        "# R\n\nCheck these 2 things:\n\n- Names say what they mean.\n- Errors reach the caller.\n",
        "# R\n\nCheck these 3 things:\n\n- Types are exact.\n- Names say what they mean.\n- Errors reach the caller.\n",
        "# R\n\nCheck these 3 things:\n\n- Names say what they mean.\n- Errors reach the caller.\n- Locks are short.\n",
        rule=COUNT,
        says="'3 things'",
    ),
    case(
        "headings that are counted",
        "# R\n\n## Phases\n\nThe two phases.\n\n### Phase 1: Plan\n\nWrite it down.\n\n### Phase 2: Do\n\nDo it well.\n",
        "# R\n\n## Phases\n\nThe three phases.\n\n### Phase 0: Ask\n\nAsk around.\n\n### Phase 1: Plan\n\nWrite it down."
        "\n\n### Phase 2: Do\n\nDo it well.\n",
        "# R\n\n## Phases\n\nThe three phases.\n\n### Phase 1: Plan\n\nWrite it down.\n\n### Phase 2: Do\n\nDo it well.\n"
        "\n### Phase 3: Look back\n\nSay what went wrong.\n",
        rule=COUNT,
        says="'three phases', and 'Phases' (line 7) has 4",
    ),
    case(
        "a number that was wrong before",
        steps(BUILD, TEST, SHIP, head="# R\n\nFour steps.\n\n"),
        steps(LINT, BUILD, TEST, SHIP, head="# R\n\nFour steps.\n\n"),
        steps(BUILD, TEST, SHIP, WATCH, head="# R\n\nFour steps.\n\n"),
        rule="",
    ),
    case(
        "a number of something else",
        steps(BUILD, TEST, SHIP, head="# R\n\nWithin three days of the release:\n\n"),
        steps(LINT, BUILD, TEST, SHIP, head="# R\n\nWithin three days of the release:\n\n"),
        steps(BUILD, TEST, SHIP, WATCH, head="# R\n\nWithin three days of the release:\n\n"),
    ),
    case(
        "digits and an adjective",
        steps(BUILD, TEST, title="Safety rules", head="# R\n\nThere are 2 safety rules.\n\n"),
        steps(LINT, BUILD, TEST, title="Safety rules", head="# R\n\nThere are 3 safety rules.\n\n"),
        steps(BUILD, TEST, WATCH, title="Safety rules", head="# R\n\nThere are 3 safety rules.\n\n"),
        rule=COUNT,
        says="'3 safety rules'",
    ),
    case(
        "the number stands in another section",
        steps(BUILD, TEST, title="Gates", tail="\n## Report\n\nName the result of all two gates.\n"),
        steps(LINT, BUILD, TEST, title="Gates", tail="\n## Report\n\nName the result of all three gates.\n"),
        steps(BUILD, TEST, SHIP, title="Gates", tail="\n## Report\n\nName the result of all three gates.\n"),
        rule=COUNT,
        says="'three gates'",
    ),
)
COUNTS_COMBINED = (
    case("steps of two authors", COUNTS_MERGED[0].texts[1], COUNTS_MERGED[0].texts[2], rule=COUNT, says="'four steps'"),
    case("the description", COUNTS_MERGED[3].texts[1], COUNTS_MERGED[3].texts[2], rule=COUNT, says="'three steps'"),
    case("bullets after a colon", COUNTS_MERGED[4].texts[1], COUNTS_MERGED[4].texts[2], rule=COUNT, says="'3 things'"),
    case("an adjective", COUNTS_MERGED[8].texts[1], COUNTS_MERGED[8].texts[2], rule=COUNT, says="'3 safety rules'"),
    case("another section", COUNTS_MERGED[9].texts[1], COUNTS_MERGED[9].texts[2], rule=COUNT, says="'three gates'"),
    case(
        "values of one file and another one's",
        "# R\n\n## Values\n\nWe hold two values:\n\n- Speed of the first answer.\n- Calm in every incident.\n",
        "# R\n\n## Values\n\n- Honest numbers in each report.\n",
    ),
    case(
        "values that become one list",
        "# R\n\nWe hold two values.\n\n## Values\n\n- Speed of the first answer.\n- Calm in every incident.\n",
        "# R\n\n## Values\n\n- Honest numbers in each report.\n",
        rule=COUNT,
        says="'two values'",
    ),
    case("the same twice", COUNTS_MERGED[0].texts[1], COUNTS_MERGED[0].texts[1] + "\nBe quick.\n"),
    case(
        "a list beside that is not counted",
        "# R\n\n## Values\n\nWe hold two values:\n\n- Speed of the first answer.\n- Calm in every incident.\n",
        "# R\n\n## Tools\n\n- The shell of the build machine.\n- The tracker.\n",
    ),
    case(
        "a number that was wrong in its file",
        "# R\n\n## Values\n\nWe hold three values:\n\n- Speed of the first answer.\n- Calm in every incident.\n",
        "# R\n\n## Values\n\n- Honest numbers in each report.\n",
    ),
    case(
        "numbers and measures",
        "# R\n\n## Steps\n\nWithin two hours:\n\n- Call the owner of the service.\n- Open an incident.\n",
        "# R\n\n## Steps\n\n- Write the report of it.\n",
    ),
)

ORDINAL = "number-broken"
BACK = "\n## Limits\n\nIf it fails, go back to step {}.\n"
ORDINALS_MERGED = (
    case(
        "a step is put in above the one that is meant",
        steps(BUILD, TEST, SHIP),
        steps(LINT, BUILD, TEST, SHIP),
        steps(BUILD, TEST, SHIP, tail=BACK.format(2)),
        rule=ORDINAL,
        says="'step 2' meant 'Run the whole test suite twice.', which stands on line 7 as number 3",
    ),
    case(
        "a step is taken out above it",
        steps(BUILD, TEST, SHIP),
        steps(TEST, SHIP),
        steps(BUILD, TEST, SHIP, tail=BACK.format(3)),
        rule=ORDINAL,
        says="'step 3' meant 'Ship the package",
    ),
    case(
        "the one that is meant is taken out",
        steps(BUILD, TEST, SHIP),
        steps(BUILD, SHIP),
        steps(BUILD, TEST, SHIP, tail=BACK.format(2)),
        rule=ORDINAL,
        says="is gone",
    ),
    case(
        "a step is put in below it",
        steps(BUILD, TEST, SHIP),
        steps(BUILD, TEST, SHIP, WATCH),
        steps(BUILD, TEST, SHIP, tail=BACK.format(2)),
    ),
    case(
        "a step that speaks of another one",
        steps(BUILD, TEST, "Ship it."),
        steps(BUILD, TEST, "Ship it; on failure start again at step 2."),
        steps(LINT, BUILD, TEST, "Ship it."),
        rule=ORDINAL,
        says="'step 2'",
    ),
    case(
        "numbered headings",
        "# R\n\n## Step 1: Plan\n\nWrite it.\n\n## Step 2: Do\n\nDo it well.\n",
        "# R\n\n## Step 1: Ask\n\nAsk around.\n\n## Step 2: Plan\n\nWrite it.\n\n## Step 3: Do\n\nDo it well.\n",
        "# R\n\n## Step 1: Plan\n\nWrite it.\n\n## Step 2: Do\n\nDo it well. Then tell what step 1 came to.\n",
        rule=ORDINAL,
        says="'step 1' meant",
    ),
    case(
        "the side that put it in corrected the number",
        steps(BUILD, TEST, SHIP, tail=BACK.format(2)),
        steps(LINT, BUILD, TEST, SHIP, tail=BACK.format(3)),
        steps(BUILD, TEST, SHIP, WATCH, tail=BACK.format(2)),
    ),
    case(
        "a rule by number",
        steps(BUILD, TEST, title="Rules"),
        steps(WATCH, BUILD, TEST, title="Rules"),
        steps(BUILD, TEST, title="Rules", tail="\n## Exceptions\n\nRule 1 does not hold for hotfixes.\n"),
        rule=ORDINAL,
        says="'rule 1'",
    ),
    case(
        "two lists, one of which is named so",
        steps(BUILD, TEST, tail="\n## Notes\n\n1. Be brief.\n2. Be kind.\n"),
        steps(LINT, BUILD, TEST, tail="\n## Notes\n\n1. Be brief.\n2. Be kind.\n"),
        steps(BUILD, TEST, tail="\n## Notes\n\n1. Be brief.\n2. Be kind.\n\nStep 2 may be left out on Friday.\n"),
        rule=ORDINAL,
        says="'step 2' meant 'Run the whole",
    ),
    case(
        "a number of a part of something else",
        steps(BUILD, TEST),
        steps(LINT, BUILD, TEST),
        steps(BUILD, TEST, tail="\n## Style\n\nLevel 2.5 of the guide holds; 2 spaces.\n"),
    ),
)
ORDINALS_COMBINED = (
    case(
        "the other one's steps push it down",
        steps(BUILD, TEST, SHIP, tail=BACK.format(3)),
        steps(BUILD, LINT, TEST, SHIP),
        rule=ORDINAL,
        says="'step 3' meant 'Ship the package",
    ),
    case("nothing moves", steps(BUILD, TEST, SHIP, tail=BACK.format(2)), steps(BUILD, TEST, SHIP, WATCH)),
    case(
        "a step in itself",
        steps(BUILD, TEST, "Ship it to the registry; on failure start again at step 1."),
        steps(LINT, BUILD, TEST, "Ship it to the registry."),
        rule=ORDINAL,
        says="'step 1'",
    ),
    case(
        "steps that are headings",
        "# R\n\n## Phase 1: Plan the work\n\nWrite it down.\n\n## Phase 2: Do the work\n\nAs phase 1 says.\n",
        "# R\n\n## Phase 1: Ask the owner\n\nAsk the owner of the service.\n\n## Phase 2: Measure twice\n\nLook first.\n",
        rule=ORDINAL,
        says="'phase 1'",
    ),
    case(
        "two procedures that stay apart",
        steps(BUILD, TEST, SHIP, tail=BACK.format(2)),
        steps("Call the owner of the service.", "Open an incident.", "Write the post-mortem."),
        rule="",
    ),
    case(
        "the wording of another file",
        steps(BUILD, TEST, SHIP, tail="\n## Limits\n\nOn red, repeat step 2.\n"),
        steps(LINT, BUILD, TEST, SHIP, tail="\n## Limits\n\nNever deploy on Friday.\n"),
        rule=ORDINAL,
        says="'step 2'",
    ),
    case(
        "rules whose numbers stay",
        steps(BUILD, TEST, title="Rules", tail="\n## Exceptions\n\nRule 2 does not hold for hotfixes.\n"),
        steps(BUILD, WATCH, TEST, title="Rules"),
    ),
    case(
        "both say the same of the same",
        steps(BUILD, TEST, SHIP, tail=BACK.format(3)),
        steps(BUILD, TEST, SHIP, tail=BACK.format(3)),
    ),
    case(
        "it was about nothing before",
        steps(BUILD, TEST, tail=BACK.format(7)),
        steps(BUILD, LINT, TEST),
    ),
    case(
        "not in code",
        steps(BUILD, TEST, tail="\n## Log\n\nIt prints `step 2` and ends.\n"),
        steps(BUILD, LINT, TEST),
    ),
)

LABEL = "label-broken"
NOTE = "# R\n\n## Rules\n\n- Keep it short.{}\n\n## End\n\nThat is all.{}\n\n[^1]: Generated code is exempt.\n{}"
LABELS_MERGED = (
    case(
        "both sides add a note under one number",
        NOTE.format("[^1]", "", ""),
        NOTE.format("[^1]", " Be kind.[^2]", "[^2]: Also to machines.\n"),
        "# R\n\n## Rules\n\n- Keep it short.[^1]\n- Never pay alone.[^2]\n\n## End\n\nThat is all.\n\n"
        "[^1]: Generated code is exempt.\n[^2]: Two owners sign.\n",
    ),
    case(
        "one side drops the note that the other one uses",
        "# R\n\n- Keep it short.[^a]\n- Look twice.\n- Say so.\n\n[^a]: Code is exempt.\n",
        "# R\n\n- Keep it short.\n- Look twice.\n- Say so.\n",
        "# R\n\n- Keep it short.[^a]\n- Look twice.\n- Say so.[^a]\n\n[^a]: Code is exempt.\n",
    ),
    case(
        "equal notes",
        "# R\n\n- Keep it short.\n- Look twice.\n- Say so.\n",
        "# R\n\n- Keep it short.[^a]\n- Look twice.\n- Say so.\n\n[^a]: Code is exempt.\n",
        "# R\n\n- Keep it short.\n- Look twice.\n- Say so.[^a]\n\n[^a]: Code is exempt.\n",
    ),
    case(
        "links with one label",
        "# R\n\n- Keep it short.\n- Look twice.\n- Say so.\n",
        "# R\n\n- Keep it short, see [the guide][g].\n- Look twice.\n- Say so.\n\n[g]: guide.md\n",
        "# R\n\n- Keep it short.\n- Look twice.\n- Say so, see [the gate][g].\n\n[g]: gate.md\n",
    ),
    case(
        "one side changes what a note says",
        NOTE.format("[^1]", "", ""),
        NOTE.format("[^1]", "", "").replace("exempt", "left out"),
        NOTE.format("[^1]", " So be it.", ""),
    ),
    case(
        "a label that was never defined",
        "# R\n\n- Keep it [short].\n- Look twice.\n",
        "# R\n\n- Keep it [short].\n- Look twice.\n- Say so.\n",
        "# R\n\nBe kind.\n\n- Keep it [short].\n- Look twice.\n",
    ),
    case(
        "three notes, one number",
        "# R\n\n- A rule of old.[^1]\n- Look twice.\n\n[^1]: As told.\n",
        "# R\n\n- A new rule first.[^2]\n- A rule of old.[^1]\n- Look twice.\n\n[^1]: As told.\n[^2]: Since May.\n",
        "# R\n\n- A rule of old.[^1]\n- Look twice.\n- Say so at last.[^2]\n\n[^1]: As told.\n[^2]: In writing.\n",
    ),
    case(
        "a note by name",
        "# R\n\n- A rule of old.\n- Look twice.\n",
        "# R\n\n- A rule of old.[^why]\n- Look twice.\n\n[^why]: It was asked for.\n",
        "# R\n\n- A rule of old.\n- Look twice.[^why]\n\n[^why]: Once is not enough.\n",
    ),
    case(
        "one side alone adds a note",
        "# R\n\n- A rule of old.\n- Look twice.\n",
        "# R\n\n- A rule of old.[^why]\n- Look twice.\n\n[^why]: It was asked for.\n",
        "# R\n\n- A rule of old.\n- Look twice.\n- Say so.\n",
    ),
    case(
        "a note that moves",
        "# R\n\n## A\n\n- A rule of old.[^1]\n\n[^1]: As told.\n\n## B\n\n- Look twice.\n",
        "# R\n\n## A\n\n- A rule of old.[^1]\n\n## B\n\n- Look twice.\n\n[^1]: As told.\n",
        "# R\n\n## A\n\n- A rule of old.[^1]\n- Say so.\n\n[^1]: As told.\n\n## B\n\n- Look twice.\n",
    ),
)

ANCHOR = "anchor-broken"
CHECKS = "# R\n\n{}\n\n## {}\n\n- A rollback script is there.\n- Locks are short.\n\n## Output\n\nOne table.\n"
ANCHORS_MERGED = (
    case(
        "one side renames the heading, the other one links it",
        CHECKS.format("Read it.", "Final checks"),
        CHECKS.format("Read it.", "Closing checks"),
        CHECKS.format("Read it; then [check](#final-checks).", "Final checks"),
        rule=ANCHOR,
        says="line 3: #final-checks leads nowhere or elsewhere: 'Final checks' is 'Closing checks' now",
    ),
    case(
        "one side takes the section out",
        CHECKS.format("Read it.", "Final checks"),
        "# R\n\nRead it.\n\n## Output\n\nOne table.\n",
        CHECKS.format("Read it; then [check](#final-checks).", "Final checks"),
        rule=ANCHOR,
        says="is gone",
    ),
    case(
        "the side that renames it renames its links",
        CHECKS.format("Then [check](#final-checks).", "Final checks"),
        CHECKS.format("Then [check](#closing-checks).", "Closing checks"),
        CHECKS.format("Then [check](#final-checks).", "Final checks") + "\nAnd one line.\n",
    ),
    case(
        "a link that led nowhere before",
        CHECKS.format("Then [check](#last-checks).", "Final checks"),
        CHECKS.format("Then [check](#last-checks).", "Closing checks"),
        CHECKS.format("Then [check](#last-checks) it.", "Final checks"),
    ),
    case(
        "a link in a definition of a label",
        CHECKS.format("Read it.", "Final checks"),
        CHECKS.format("Read it.", "Closing checks"),
        CHECKS.format("Read it; then [check][c].\n\n[c]: #final-checks", "Final checks"),
        rule=ANCHOR,
        says="'Closing checks' now",
    ),
    case(
        "a link in HTML",
        CHECKS.format("Read it.", "Final checks"),
        CHECKS.format("Read it.", "Closing checks"),
        CHECKS.format('Read it; then <a href="#final-checks">check</a>.', "Final checks"),
        rule=ANCHOR,
    ),
    case(
        "in code it is no link",
        CHECKS.format("Read it.", "Final checks"),
        CHECKS.format("Read it.", "Closing checks"),
        CHECKS.format("Read it; write `[check](#final-checks)`.", "Final checks"),
    ),
    case(
        "an anchor of the author's own",
        CHECKS.format('<a id="go"></a>Read it.', "Final checks"),
        CHECKS.format('<a id="go"></a>Read it.', "Closing checks"),
        CHECKS.format('<a id="go"></a>Read it.', "Final checks").replace("One table.", "One table, see [top](#go)."),
    ),
    case(
        "a heading that only changes its case",
        CHECKS.format("Read it.", "Final checks"),
        CHECKS.format("Read it.", "Final Checks"),
        CHECKS.format("Read it; then [check](#final-checks).", "Final checks"),
    ),
    case(
        "an equal heading comes before it",
        CHECKS.format("Read it.", "Final checks"),
        CHECKS.format("Read it.", "Final checks").replace(
            "## Final", "## Early\n\n### Final checks\n\n- Nothing is early.\n\n## Final"
        ),
        CHECKS.format("Read it; then [check](#final-checks).", "Final checks"),
        rule=ANCHOR,
        says="is another one now",
    ),
)
ANCHORS_COMBINED = (
    case(
        "the title of another file, which is followed",
        CHECKS.format("Read it.", "Final checks").replace("## Output", "## Response format"),
        CHECKS.format("Read it; the form is [here](#output).", "Final checks"),
    ),
    case(
        "both say where",
        CHECKS.format("See [checks](#final-checks).", "Final checks"),
        CHECKS.format("See [checks](#final-checks).", "Final checks"),
    ),
    case(
        "a section that both have",
        CHECKS.format("See [checks](#final-checks).", "Final checks"),
        CHECKS.format("Read all of it.", "Final Checks"),
    ),
    case(
        "another one with its title",
        "# R\n\nSee [limits](#limits).\n\n## Limits\n\n- Never drop a table of the ledger.\n",
        "# R\n\n## Limits\n\n- Keep batches below ten thousand rows.\n",
    ),
    case(
        "it led nowhere before",
        CHECKS.format("See [checks](#no-checks).", "Final checks"),
        CHECKS.format("Read all of it.", "Final Checks"),
    ),
    case(
        "the title of the document",
        "# Reviewer\n\nBack to the [top](#reviewer).\n\n## Limits\n\n- Never approve your own change.\n",
        "# Code review\n\nYou review code.\n\n## Limits\n\n- Never approve your own change.\n",
    ),
    case(
        "a numbered anchor",
        "# R\n\nSee [the second](#notes-1).\n\n## A\n\n### Notes\n\n- The first of all notes.\n\n## B\n\n### Notes\n\n"
        "- Something else entirely is told.\n",
        "# R\n\n## C\n\n### Notes\n\n- A third one by another author.\n",
    ),
    case(
        "images and addresses are no anchors",
        CHECKS.format("![check](checks.png) and [web](https://example.org/#final).", "Final checks"),
        CHECKS.format("Read all of it.", "Final Checks"),
    ),
    case(
        "a heading with signs",
        CHECKS.format("See [checks](#checks--gates-final).", "Checks & gates (final)"),
        CHECKS.format("Read all of it.", "Checks & gates (final)"),
    ),
    case(
        "a heading with code",
        CHECKS.format("See [make](#run-make-test).", "Run `make test`"),
        CHECKS.format("Read all of it.", "Run `make test`"),
    ),
)

ID = "id-broken"
IDS_MERGED = (
    case(
        "both sides give a number to another rule",
        "# R\n\n- R-01: Keep it short.\n- Look twice.\n",
        "# R\n\n- R-01: Keep it short.\n- R-02: Never pay alone.\n- Look twice.\n",
        "# R\n\n- R-01: Keep it short.\n- Look twice.\n- R-02: Say what you did.\n",
        rule=ID,
        says="R-02 stands for two things",
    ),
    case(
        "a rule is taken out that the other side names",
        "# R\n\n- R-01: Keep it short.\n- R-02: Never pay alone.\n- Look twice.\n\n## End\n\nDone.\n",
        "# R\n\n- R-01: Keep it short.\n- Look twice.\n\n## End\n\nDone.\n",
        "# R\n\n- R-01: Keep it short.\n- R-02: Never pay alone.\n- Look twice.\n\n## End\n\nDone as R-02 says.\n",
        rule=ID,
        says="R-02 is used, and what it stood for is gone",
    ),
    case(
        "a rule is reworded",
        "# R\n\n- R-01: Keep it short.\n- R-02: Never pay alone.\n",
        "# R\n\n- R-01: Keep it short.\n- R-02: Never pay anything alone.\n",
        "# R\n\n- R-01: Keep it short and clear.\n- R-02: Never pay alone.\n",
    ),
    case(
        "headings with numbers",
        "# R\n\n## FR-1 Login\n\nBy mail.\n\n## Notes\n\nNone.\n",
        "# R\n\n## FR-1 Login\n\nBy mail.\n\n## FR-2: Export\n\nAs a table.\n\n## Notes\n\nNone.\n",
        "# R\n\n## FR-1 Login\n\nBy mail.\n\n## Notes\n\nNone.\n\n## FR-2: Search\n\nBy words.\n",
        rule=ID,
        says="FR-2",
    ),
    case(
        "bold leads",
        "# R\n\n- **P0**: Page at once.\n- Look twice.\n",
        "# R\n\n- **P0**: Page at once.\n- **P1**: Within the hour.\n- Look twice.\n",
        "# R\n\n- **P0**: Page at once.\n- Look twice.\n- **P1**: A customer is down.\n",
        rule=ID,
        says="P1",
    ),
    case(
        "one that stood twice before",
        "# R\n\n- S1: Keep it short.\n- Look twice.\n- S1: Look thrice.\n",
        "# R\n\n- S1: Keep it short.\n- Look twice.\n- S1: Look thrice.\n- Say so.\n",
        "# R\n\nBe kind.\n\n- S1: Keep it short.\n- Look twice.\n- S1: Look thrice.\n",
    ),
    case(
        "one that only one side adds",
        "# R\n\n- R-01: Keep it short.\n- Look twice.\n",
        "# R\n\n- R-01: Keep it short.\n- R-02: Never pay alone.\n- Look twice.\n",
        "# R\n\n- R-01: Keep it short.\n- Look twice.\n- Say so.\n",
    ),
    case(
        "names that are no identifiers",
        "# R\n\n- Use UTF-8.\n- Look twice.\n",
        "# R\n\n- UTF-8 in every file.\n- Look twice.\n",
        "# R\n\n- Use UTF-8.\n- Look twice.\n- UTF-8 in every table.\n",
    ),
    case(
        "rows of a table",
        "# R\n\n| id | rule |\n|---|---|\n| R-1 | Short. |\n\nEnd.\n",
        "# R\n\n| id | rule |\n|---|---|\n| R-1 | Short. |\n| R-2 | Twice. |\n\nEnd.\n",
        "# R\n\n| id | rule |\n|---|---|\n| R-1 | Short. |\n\nEnd.\n\n- R-2: Never alone.\n",
        rule=ID,
        says="R-2",
    ),
    case(
        "used in code alone",
        "# R\n\n- R-02: Never pay alone.\n- Look twice.\n",
        "# R\n\n- Look twice.\n",
        "# R\n\n- R-02: Never pay alone.\n- Look twice.\n- Print `R-02`.\n",
    ),
)
IDS_COMBINED = (
    case(
        "two authors count from one",
        "# R\n\n## Rules\n\n- R-01: Keep functions short.\n- R-02: Never pay alone.\n",
        "# R\n\n## Rules\n\n- R-01: Write tests for every branch.\n",
        rule=ID,
        says="R-01 stands for two things",
    ),
    case(
        "the same rule under one number",
        "# R\n\n## Rules\n\n- R-01: Keep functions short.\n",
        "# R\n\n## Rules\n\n- R-01: Keep functions short.\n- R-02: Never pay alone.\n",
    ),
    case(
        "severities",
        "# R\n\n## Levels\n\n- **P1**: A customer can't log in.\n",
        "# R\n\n## Levels\n\n- **P1**: Answer within one hour.\n",
        rule=ID,
        says="P1",
    ),
    case(
        "headings",
        "# R\n\n## FR-1: Login\n\nBy mail and password.\n",
        "# R\n\n## FR-1: Search\n\nBy words of the title.\n",
        rule=ID,
        says="FR-1",
    ),
    case(
        "other names",
        "# R\n\n## Rules\n\n- A-1: Keep functions short.\n",
        "# R\n\n## Rules\n\n- B-1: Never pay alone.\n",
    ),
    case(
        "names in the middle",
        "# R\n\n## Rules\n\n- Hash with SHA-256 where you sign.\n",
        "# R\n\n## Rules\n\n- Check SHA-256 sums of every download.\n",
    ),
    case(
        "tables of two authors",
        "# R\n\n## Rules\n\n| id | rule |\n|---|---|\n| R-1 | Keep functions short. |\n",
        "# R\n\n## Rules\n\n| id | rule |\n|---|---|\n| R-1 | Never pay alone. |\n",
        rule=ID,
        says="R-1",
    ),
    case(
        "one of them twice in its own file",
        "# R\n\n## Rules\n\n- R-1: Keep functions short.\n- R-1: Say what you did.\n",
        "# R\n\n## Rules\n\n- R-1: Never pay alone.\n",
    ),
    case(
        "long names",
        "# R\n\n## Checks\n\n- AC-SEC-01: Secrets are in the vault.\n",
        "# R\n\n## Checks\n\n- AC-SEC-01: Every port is closed.\n",
        rule=ID,
        says="AC-SEC-01",
    ),
    case(
        "used and defined",
        "# R\n\n## Rules\n\n- R-7: Keep functions short.\n\n## End\n\nR-7 has no exception.\n",
        "# R\n\n## Rules\n\n- Never pay alone.\n",
    ),
)


def agent(name: str, *rules: str, about: str = "Reviews changes") -> str:
    """An agent with a name and some rules."""
    lines = "".join(f"- {rule}\n" for rule in rules)
    return f"---\nname: {name}\ndescription: {about}\n---\n# Reviewer\n\n## Rules\n\n{lines}"


NAME = "absorbed-name"
AGENTS_COMBINED = (
    case(
        "work is given to one of them",
        agent("code-reviewer", "Read the diff first."),
        agent("review-bot", "Read the diff first.", "Hand style questions over to code-reviewer."),
        rule=NAME,
        says="it hands over to 'code-reviewer', which is itself now",
    ),
    case(
        "one speaks of itself",
        agent("code-reviewer", "Read the diff first."),
        agent("review-bot", "Read the diff first.", "Begin each answer with the line: review-bot reports."),
        rule=NAME,
        says="'review-bot' is 'code-reviewer' now, and is still named",
    ),
    case(
        "a plain word as a name",
        agent("reviewer", "Read the diff first."),
        agent("critic", "Read the diff first.", "Ask the reviewer agent where a rule is open."),
        rule=NAME,
        says="it hands over to 'reviewer'",
    ),
    case(
        "a plain word that is no name",
        agent("reviewer", "Read the diff first."),
        agent("critic", "Read the diff first.", "A good reviewer and a good critic are brief."),
    ),
    case(
        "another agent",
        agent("code-reviewer", "Read the diff first."),
        agent("review-bot", "Read the diff first.", "Hand security questions over to security-auditor."),
    ),
    case(
        "one name",
        agent("code-reviewer", "Read the diff first.", "code-reviewer signs each report."),
        agent("code-reviewer", "Read the diff first.", "Never approve alone."),
    ),
    case(
        "one name in two spellings",
        agent("code-reviewer", "Read the diff first.", "code-reviewer signs each report."),
        agent("Code Reviewer", "Read the diff first.", "Never approve alone."),
    ),
    case(
        "an at-sign",
        agent("reviewer", "Read the diff first."),
        agent("critic", "Read the diff first.", "Mention @critic in the title of the report."),
        rule=NAME,
        says="'critic'",
    ),
    case(
        "a part of a path",
        agent("code-reviewer", "Read the diff first."),
        agent("review-bot", "Read the diff first.", "Write to logs/review-bot/out.txt at the end."),
    ),
    case("without names", "# R\n\n- Ask code-reviewer first.\n", "# R\n\n- Never approve alone.\n"),
)
AGENTS_MERGED = (
    case(
        "one side gives another name, the other one speaks of it",
        agent("code-reviewer", "Read the diff first."),
        agent("change-reviewer", "Read the diff first."),
        agent("code-reviewer", "Read the diff first.", "Sign as code-reviewer."),
        rule=NAME,
        says="'code-reviewer' is 'change-reviewer' now",
    ),
    case(
        "the name stays",
        agent("code-reviewer", "Read the diff first."),
        agent("code-reviewer", "Read the diff first.", "Be kind."),
        agent("code-reviewer", "Sign as code-reviewer.", "Read the diff first."),
    ),
    case(
        "the side that gave it left it out",
        agent("code-reviewer", "Read the diff first.", "Sign as code-reviewer."),
        agent("change-reviewer", "Read the diff first.", "Sign as change-reviewer."),
        agent("code-reviewer", "Read the diff first.", "Sign as code-reviewer.", "Be kind."),
    ),
    case(
        "it was so on the side that gave it",
        agent("code-reviewer", "Read the diff first.", "Sign as code-reviewer."),
        agent("change-reviewer", "Read the diff first.", "Sign as code-reviewer."),
        agent("code-reviewer", "Read the diff first.", "Sign as code-reviewer.", "Be kind."),
    ),
    case(
        "a plain word",
        agent("critic", "Read the diff first."),
        agent("reviewer", "Read the diff first."),
        agent("critic", "Read the diff first.", "A critic is kind."),
    ),
    case(
        "a plain word in ticks",
        agent("critic", "Read the diff first."),
        agent("reviewer", "Read the diff first."),
        agent("critic", "Read the diff first.", "Sign as `critic`."),
        rule=NAME,
        says="'critic'",
    ),
    case(
        "in the description",
        agent("code-reviewer", "Read the diff first."),
        agent("change-reviewer", "Read the diff first."),
        agent("code-reviewer", "Read the diff first.", about="Use code-reviewer for changes"),
        rule=NAME,
        says="line 3",
    ),
    case(
        "another agent's name",
        agent("code-reviewer", "Read the diff first."),
        agent("change-reviewer", "Read the diff first."),
        agent("code-reviewer", "Read the diff first.", "Ask security-auditor."),
    ),
    case("no names", "# R\n\n- A rule.\n", "# R\n\n- A rule.\n- Two rules.\n", "# R\n\nHello.\n\n- A rule.\n"),
    case(
        "both give the same name",
        agent("code-reviewer", "Read the diff first."),
        agent("change-reviewer", "Read the diff first."),
        agent("change-reviewer", "Read the diff first.", "Be kind."),
    ),
)

BALANCE = "unbalanced"
PROD = "# R\n\n{{#if prod}}\n\n- Ask first.\n\n{{else}}\n\n- Go on.\n\n{{/if}}\n"
BALANCE_MERGED = (
    case(
        "both add to the first branch",
        "# R\n\n{{#if prod}}\n- Ask first.\n{{else}}\n- Go on.\n{{/if}}\n",
        "# R\n\n{{#if prod}}\n- Ask first.\n- Never drop a table.\n{{else}}\n- Go on.\n{{/if}}\n",
        "# R\n\n{{#if prod}}\n- Ask first.\n- Tell the channel.\n{{else}}\n- Go on.\n{{/if}}\n",
    ),
    case(
        "both add to the last branch",
        "# R\n\n{% if prod %}\n- Ask first.\n{% else %}\n- Go on.\n{% endif %}\n",
        "# R\n\n{% if prod %}\n- Ask first.\n{% else %}\n- Go on.\n- Be quick.\n{% endif %}\n",
        "# R\n\n{% if prod %}\n- Ask first.\n{% else %}\n- Go on.\n- Be kind.\n{% endif %}\n",
    ),
    case(
        "one side drops the block, the other one adds to it",
        PROD,
        "# R\n\n- Ask first.\n",
        PROD.replace("- Go on.", "- Go on.\n- Be quick."),
    ),
    case(
        "both wrap another half",
        "# R\n\n- One rule.\n- Two rules.\n- Three rules.\n",
        "# R\n\n<rules>\n\n- One rule.\n- Two rules.\n\n</rules>\n\n- Three rules.\n",
        "# R\n\n- One rule.\n\n<rules>\n\n- Two rules.\n- Three rules.\n\n</rules>\n",
    ),
    case(
        "both add the same condition",
        "# R\n\n- One rule.\n",
        "# R\n\n{% if pro %}\n- Pay twice.\n{% endif %}\n\n- One rule.\n",
        "# R\n\n{% if pro %}\n- Look twice.\n{% endif %}\n\n- One rule.\n",
    ),
    case(
        "both add an else",
        "# R\n\n{{#if prod}}\n- Ask first.\n{{/if}}\n\n- One rule.\n",
        "# R\n\n{{#if prod}}\n- Ask first.\n{{else}}\n- Go on.\n{{/if}}\n\n- One rule.\n",
        "# R\n\n{{#if prod}}\n- Ask first.\n{{else}}\n- Take care.\n{{/if}}\n\n- One rule.\n",
    ),
    case(
        "one side closes a fence elsewhere",
        "# R\n\nRun:\n\n```sh\nmake\n```\n\nThen go.\n",
        "# R\n\nRun:\n\n```sh\nmake\nmake test\n```\n\nThen go.\n",
        "# R\n\nRun:\n\n````sh\nmake\n````\n\nThen go.\n",
        rule=BALANCE,
        says="is never closed",
    ),
    case(
        "a tag in a line",
        "# R\n\nUse <b>care</b> and time.\n",
        "# R\n\nUse <b>great care</b> and time.\n",
        "# R\n\nUse <b>care and time</b>.\n",
    ),
    case(
        "what was open before",
        "# R\n\n<rules>\n\n- One rule.\n",
        "# R\n\n<rules>\n\n- One rule.\n- Two rules.\n",
        "# R\n\nHello.\n\n<rules>\n\n- One rule.\n",
    ),
    case(
        "names between angles",
        "# R\n\nSay <name>.\n",
        "# R\n\nSay <name>.\n\nThen <verb>.\n",
        "# R\n\nHello.\n\nSay <name>.\n",
    ),
)
BALANCE_COMBINED = (
    case("conditions of two files", PROD, PROD.replace("Ask first", "Tell the channel")),
    case("the same condition", PROD, PROD),
    case("a tag of one file", "# R\n\n<rules>\n\n- One rule of old.\n\n</rules>\n", "# R\n\n- Look twice.\n"),
    case("the tag of both", "# R\n\n<rules>\n\n- One rule.\n\n</rules>\n", "# R\n\n<rules>\n\n- Look.\n\n</rules>\n"),
    case("fences", "# R\n\n```sh\nmake\n```\n", "# R\n\n````md\n```sh\nmake\n```\n````\n"),
    case("loops", "# R\n\n{% for x in y %}\n- {{ x }}\n{% endfor %}\n", "# R\n\n- Look twice.\n"),
    case("remarks", "# R\n\n<!-- note -->\n- One rule.\n", "# R\n\n- Look twice.\n<!-- two -->\n"),
    case("details", "# R\n\n<details>\n<summary>More</summary>\n\nText.\n\n</details>\n", "# R\n\nOther text.\n"),
    case("examples", "# R\n\n<example>\nHi.\n</example>\n", "# R\n\n<example>\nBye.\n</example>\n"),
    case("open in one file", "# R\n\n<rules>\n\n- One rule.\n", "# R\n\n- Look twice.\n"),
)

TWICE = "number-twice"
TWICE_MERGED = (
    case(
        "two Step 4",
        "# R\n\n## Step 1: Plan\n\nWrite.\n\n## Notes\n\nNone.\n",
        "# R\n\n## Step 1: Plan\n\nWrite.\n\n## Step 2: Build\n\nBuild it.\n\n## Notes\n\nNone.\n",
        "# R\n\n## Step 1: Plan\n\nWrite.\n\n## Step 2: Measure\n\nLook first.\n\n## Notes\n\nNone.\n",
        rule=TWICE,
        says="Step 2 stands for two things",
    ),
    case(
        "numbers of headings",
        "# R\n\n## 1. Plan\n\nWrite.\n\n## Notes\n\nNone.\n",
        "# R\n\n## 1. Plan\n\nWrite.\n\n## 2. Build\n\nBuild it.\n\n## Notes\n\nNone.\n",
        "# R\n\n## 1. Plan\n\nWrite.\n\n## 2. Measure\n\nLook first.\n\n## Notes\n\nNone.\n",
        rule=TWICE,
        says="number 2",
    ),
    case("items are counted anew", steps(BUILD, TEST), steps(BUILD, TEST, SHIP), steps(BUILD, LINT, TEST)),
    case(
        "leads of items",
        "# R\n\n- **Step 1**: Plan.\n- Be kind.\n",
        "# R\n\n- **Step 1**: Plan.\n- **Step 2**: Build.\n- Be kind.\n",
        "# R\n\n- **Step 1**: Plan.\n- Be kind.\n- **Step 2**: Measure.\n",
        rule=TWICE,
        says="step 2",
    ),
    case(
        "one that stood twice before",
        "# R\n\n## Step 1\n\nA.\n\n## Step 1\n\nB.\n",
        "# R\n\n## Step 1\n\nA.\n\n## Step 1\n\nB.\n\n## Step 2\n\nC.\n",
        "# R\n\nHello.\n\n## Step 1\n\nA.\n\n## Step 1\n\nB.\n",
    ),
    case(
        "the same step",
        "# R\n\n## Step 1: Plan\n\nWrite.\n",
        "# R\n\n## Step 1: Plan\n\nWrite.\n\n## Step 2: Build\n\nBuild it.\n",
        "# R\n\nHello.\n\n## Step 1: Plan\n\nWrite.\n\n## Step 2: Build\n\nBuild it.\n",
    ),
    case(
        "under two headings",
        "# R\n\n## A\n\n### Step 1: Plan\n\nWrite.\n\n## B\n\nNone.\n",
        "# R\n\n## A\n\n### Step 1: Plan\n\nWrite.\n\n### Step 2: Do\n\nDo it.\n\n## B\n\nNone.\n",
        "# R\n\n## A\n\n### Step 1: Plan\n\nWrite.\n\n## B\n\n### Step 2: Look\n\nLook.\n",
    ),
    case(
        "lists that begin anew",
        "# R\n\n1. One.\n2. Two.\n\nText.\n\n1. Three.\n",
        "# R\n\n1. One.\n2. Two.\n\nText.\n\n1. Three.\n2. Four.\n",
        "# R\n\n1. One.\n2. Two.\n\nMore text.\n\n1. Three.\n",
    ),
    case("ones", "# R\n\n1. A.\n1. B.\n", "# R\n\n1. A.\n1. B.\n1. C.\n", "# R\n\n1. D.\n1. A.\n1. B.\n"),
    case(
        "phases in bold",
        "# R\n\n**Phase 1: Plan**\n\nWrite.\n\n## End\n\nDone.\n",
        "# R\n\n**Phase 1: Plan**\n\nWrite.\n\n**Phase 2: Build**\n\nBuild it.\n\n## End\n\nDone.\n",
        "# R\n\n**Phase 1: Plan**\n\nWrite.\n\n**Phase 2: Look**\n\nLook first.\n\n## End\n\nDone.\n",
        rule=TWICE,
        says="Phase 2",
    ),
)
