"""Settings of the whole suite."""

from __future__ import annotations

from functools import cache

import pytest
import typer.main
import typer.testing
from hypothesis import settings

from agentmerge import cli

# Typer builds all commands anew for each call, which takes longer than most of them: once is enough for a test run.
_ONCE = pytest.MonkeyPatch()
_ONCE.setattr(cli, "application", cache(cli.application))
_ONCE.setattr(typer.testing, "_get_command", cache(typer.main.get_command))

# A test run says the same every time; new cases are looked for by the fuzz target, and with
# `AGENTMERGE_EXAMPLES=20 pytest --hypothesis-profile=search tests/merging`, and are kept as fixtures.
settings.register_profile("same-every-time", derandomize=True)
settings.register_profile("search", derandomize=False, print_blob=True)
settings.load_profile("same-every-time")
