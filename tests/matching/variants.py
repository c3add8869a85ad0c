"""Generated variants of a role: statements that repeat, vary and contradict each other, and some that are nothing."""

from __future__ import annotations

from hypothesis import strategies as st

STATEMENTS = st.sampled_from(
    [
        "Use parameterized queries to prevent SQL injection",
        "Use prepared statements for SQL injection prevention",
        "**Injection**: parameterized queries, input validation",
        "Validate input at the boundary",
        "input validation, output encoding, rate limiting",
        "Never hardcode credentials",
        "Hardcoding credentials",
        "Keep test coverage above 80%",
        "Keep test coverage above 90%",
        "Log errors for all services",
        "Log errors for critical services",
        "Never log errors",
        "Write the unit tests",
        "Unit tests",
        "Respond under 200 ms",
        "Caching",
        "caching caching caching",
        "You are a reviewer of code.",
        '```json\n{"data": [], "meta": {}}\n```',
        '```json\n{"data": {}, "meta": {}}\n```',
    ]
)
WORDS = st.lists(
    st.sampled_from(["cache", "test", "error", "log", "the", "80%", "all", "never"]), min_size=1, max_size=5
)
ITEMS = st.one_of(STATEMENTS, STATEMENTS, WORDS.map(" ".join)).map(
    lambda text: f"{text}\n" if text.startswith(("```", "You")) else f"- {text}\n"
)
TITLES = st.sampled_from(["Security", "Pitfalls", "Deliverables", "Testing", "Checklist", "Security rules", "Examples"])
SECTIONS = st.tuples(st.sampled_from(["##", "###"]), TITLES, st.lists(ITEMS, min_size=1, max_size=5)).map(
    lambda row: f"{row[0]} {row[1]}\n\n" + "".join(row[2]) + "\n"
)
FIELDS = st.sampled_from(["", "model: opus\n", "model: sonnet\n", "tools: Read, Grep\n"])


def variants() -> st.SearchStrategy[str]:
    """One definition."""
    return st.tuples(FIELDS, st.lists(SECTIONS, min_size=1, max_size=4)).map(
        lambda row: f"---\nname: guard\n{row[0]}---\n\n# Guard\n\n" + "".join(row[1])
    )


def roles(most: int = 4) -> st.SearchStrategy[list[str]]:
    """Variants of one role, at least two."""
    return st.lists(variants(), min_size=2, max_size=most)
