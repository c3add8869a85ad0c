"""One definition whose fields stand in every place in which people leave them."""

from __future__ import annotations

from collections.abc import Mapping

FIELDS = "name: scribe\ndescription: Writes the minutes\n"
TOOLS = "tools: [Read, Grep]\n"
BODY = (
    "# Scribe\n\nYou write the minutes.\n\n## Rules\n\n- Never quote a person without consent\n- Always name the date\n"
)
TITLE, REST = BODY.split("\n", 1)

PLACED = f"---\n{FIELDS}{TOOLS}---\n{BODY}"
UNSEEN: Mapping[str, str] = {
    "comment": f"<!-- mirrored, edit the source -->\n{PLACED}",
    "comments": f"<!-- one -->\n\n<!-- two\nlines -->\n\n{PLACED}",
    "blank lines": f"\n\n{PLACED}",
    "mark and comment": f"\ufeff<!-- mirrored -->\n{PLACED}",
    "never closed": f"---\n{FIELDS}{TOOLS}\n{BODY}",
    "closed late": f"---\n{FIELDS}{TOOLS}{BODY}---\n",
    "below the heading": f"---\n{FIELDS}{TITLE}\n{TOOLS}{REST}",
    "below the heading, closed late": f"---\n{FIELDS}{TITLE}\n{TOOLS}{REST}---\nFooter.\n",
    "comment, never closed": f"<!-- mirrored -->\n---\n{FIELDS}{TOOLS}{BODY}",
    "TOML": f'+++\nname = "scribe"\ndescription = "Writes the minutes"\ntools = ["Read", "Grep"]\n+++\n{BODY}',
    "TOML below a comment": f'<!-- x -->\n+++\nname = "scribe"\ndescription = "Writes the minutes"\n'
    f'tools = ["Read", "Grep"]\n+++\n{BODY}',
}
"""Texts with the same fields and rules, in which no host finds the fields."""
