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
RARE: Final = 0.0005
"""Share of units that is taken for a word without a row in the table of frequent words."""
CORPUS_SHARE: Final = 0.7
"""How much the table counts against the variants themselves."""
AMBIENT: Final = 0.3
"""Share of an unmatched word that the other side's headings say."""

# The score of a pair.
LESS_UNMATCHED: Final = 1.0
"""Weight of what is unmatched on the side with less of it."""
MORE_UNMATCHED: Final = 0.4
"""Weight of what is unmatched on the side with more of it: detail is forgiven."""
DOUBT: Final = 1.0
"""Weight that is always unmatched: little shared is little evidence."""
PART_EXTRA: Final = 0.6
"""Weight of what a part says beyond the unit that it is to contain."""
HEADINGS: Final = 0.15
SECTION_WORDS: Final = 0.15
FACET_CLASH: Final = 0.3
"""Factor for a deliverable against an instruction and the like."""

# What a score means.
SAME: Final = 0.45
CONTAINED: Final = 0.85
SAME_FILE: Final = 0.55
RELATED: Final = 0.30
CONTRADICTS: Final = 0.42

# Sections.
SECTION_SAME: Final = 0.55
SECTION_OVERLAP: Final = 0.40
LINK: Final = 0.40
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
