"""Every number that the aligner was tuned with, in one place. `docs/alignment.md` says where each comes from."""

from __future__ import annotations

from typing import Final

# Weights of tokens.
DETAIL: Final = 0.35
"""Share of a word that stands in the circumstances of a statement, not in its core."""
FORM: Final = 0.22
"""Share of a word that shapes a statement (`implement`, `strategy`)."""
IDF_POWER: Final = 1.0
"""How strongly a rare word outweighs a frequent one."""
ROLE: Final = 0.4
"""Share of a word of the role's own name: nearly everything in a definition is about it."""
RARE: Final = 0.0005
"""Share of units that is taken for a word without a row in the table of frequent words."""
CORPUS_SHARE: Final = 0.7
"""How much the table counts against the variants themselves."""
AMBIENT: Final = 0.3
"""Share of an unmatched word that the other side's headings say."""

# The score of a pair.
DOUBT: Final = 1.0
"""Weight that is always unmatched: little shared is little evidence."""
EXCESS: Final = 0.3
"""Weight of what is unmatched on the side with more of it: detail is forgiven."""
PART_EXCESS: Final = 0.6
"""Weight of what a part says beyond the unit that it is to contain."""
PART_DOUBT: Final = 0.5
BEHIND: Final = -0.25
"""How far behind its best rival a pair counts at most: one statement may have several partners."""
IDENTITY: Final = 0.9
"""Score of the two sentences that say who the agent is: a file has room for one."""
SAME_SHAPE: Final = 0.9
"""Score of two JSON examples that require the same shape."""
BIAS: Final = -5.97
MODEL: Final = (0.22, -0.71, -0.28, 0.24, 2.79, -0.77, -0.61, 1.15, 0.34, 1.2, 2.47, 1.06, 5.1, -3.15, 0.28, 2.73, 1.51)
"""Coefficients of the evidence, in the order of `Scorer._logit`."""

COMMON: Final = 0.5
"""Weight up to which a shared word alone makes no candidates of two units."""

# What a score means.
SAME: Final = 0.27
CONTAINED: Final = 0.85
SAME_FILE: Final = 0.27
RELATED: Final = 0.10
ENOUGH: Final = 1.5
"""Logarithm of the weight that must be shared before a rule and its opposite are taken for being about the same."""
LITTLE: Final = 1.7
"""Logarithm of the weight that one of them may say beyond the other."""

# Sections.
SECTION_SAME: Final = 0.55
SECTION_OVERLAP: Final = 0.40
LINK: Final = 0.19
"""Score that any two units of different variants in one group must have."""

# Sections (continued).
TITLE_WORD: Final = 5.0
"""Weight of a title's word that no unit has."""
TITLE_FORM: Final = 1.6
"""A shaping word says more in a title than in a sentence."""
KIND: Final = 0.35
"""Evidence of two titles that name the same kind of section."""
KIND_CLASH: Final = 0.5
"""Factor for titles that name different kinds."""
