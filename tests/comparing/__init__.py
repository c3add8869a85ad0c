"""Tests of the comparison of authors."""
