"""Definitions in, what drifted out: findings by rule over pairs, groups, change sets and histories."""
