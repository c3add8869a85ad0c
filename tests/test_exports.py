"""What the package offers: the names of `__all__`, nothing hidden, nothing missing."""

from __future__ import annotations

import subprocess
import sys

import agentmerge


def test_every_exported_name_can_be_imported() -> None:
    for name in agentmerge.__all__:
        assert getattr(agentmerge, name) is not None, name


def test_all_is_sorted_and_holds_each_name_once() -> None:
    assert list(agentmerge.__all__) == sorted(set(agentmerge.__all__))


def test_homes_are_the_exports() -> None:
    assert set(agentmerge._HOMES) == set(agentmerge.__all__) - {"__version__"}


def test_public_names_have_a_docstring() -> None:
    for name in set(agentmerge.__all__) - {"__version__"}:
        assert getattr(agentmerge, name).__doc__, name


def test_a_function_stays_one_after_every_module_is_imported() -> None:
    # A module of the same name as a function would replace it as soon as anybody imports the module.
    code = """
import importlib, pkgutil, agentmerge
for info in pkgutil.walk_packages(agentmerge.__path__, "agentmerge."):
    if not info.name.endswith("__main__"):
        importlib.import_module(info.name)
for name in agentmerge.__all__:
    print(name, type(getattr(agentmerge, name)).__name__)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "module" not in {line.split()[1] for line in result.stdout.splitlines()}


def test_unknown_name__is_an_attribute_error() -> None:
    assert not hasattr(agentmerge, "no_such_name")
