"""Variants of one role in, one canonical file out, with a decision for every group and a fate for every unit."""
