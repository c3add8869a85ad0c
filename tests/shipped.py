"""The shipped knowledge, for tests that call what takes one."""

from __future__ import annotations

from agentmerge.knowledge.tables import Knowledge

SHIPPED = Knowledge.shipped()
