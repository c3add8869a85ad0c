"""The rules of a review, a module for each family that shares its evidence; `registry` finds them here.

A new rule is a module here, its test in `tests/drifting/rules`, and a row in `data/rules.toml`.
"""
