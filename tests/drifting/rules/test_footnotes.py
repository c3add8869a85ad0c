"""A footnote is a part of its sentence, often the exemption; what its label is called says nothing."""

from __future__ import annotations

import pytest

from tests.drifting.rules.edits import told

HEAD = "# Keeper\n\n## Rules\n\n"
NOTED = (
    HEAD
    + "- Seal every crate.[^1]\n- Never open the vault.[^2]\n\n[^1]: With red wax.\n[^2]: Fire drills are exempt.\n"
)


def test_labels__bind_no_numbers_and_no_rules() -> None:
    other = NOTED.replace("^2", "^drill").replace("^1", "^9")
    assert {(rule, severity) for rule, severity in told(NOTED, other)} <= {("statement-changed", "info")}


@pytest.mark.parametrize(
    "new",
    [
        NOTED.replace("crate.[^1]", "crate.[^2]")
        .replace("vault.[^2]", "vault.[^1]")
        .replace("With red wax", "Drills are exempt"),
        NOTED.replace("crate.[^1]", "crate.").replace("Fire drills are", "Fire drills and audits are"),
    ],
)
def test_other_note_of_a_rule__is_another_rule(new: str) -> None:
    assert any(rule.startswith("guardrail") for rule, _ in told(NOTED, new))


def test_note_that_exempts_from_a_prohibition__weakens_it() -> None:
    old = NOTED.replace("vault.[^2]", "vault.").replace("[^2]: Fire drills are exempt.\n", "")
    assert ("guardrail-weakened", "breaking") in told(old, NOTED)
