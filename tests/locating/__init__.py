"""Tests of the search for one rule in many definitions."""
