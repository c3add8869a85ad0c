"""Settings of the whole suite."""

from __future__ import annotations

from hypothesis import settings

# A test run says the same every time; new cases are looked for by the fuzz target, and with
# `AGENTMERGE_EXAMPLES=20 pytest --hypothesis-profile=search tests/merging`, and are kept as fixtures.
settings.register_profile("same-every-time", derandomize=True)
settings.register_profile("search", derandomize=False, print_blob=True)
settings.load_profile("same-every-time")
