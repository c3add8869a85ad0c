"""Every number that the aligner was tuned with, in one place. `docs/alignment.md` says where each comes from."""

from __future__ import annotations

from typing import Final

# Weights of tokens.
DETAIL: Final = 0.35
"""Share of a word that stands in the circumstances of a statement, not in its core."""
FORM: Final = 0.4
"""Share of a word that shapes a statement (`implement`, `strategy`)."""
ROLE: Final = 0.4
"""Share of a word of the role's own name: nearly everything in a definition is about it."""
RARE: Final = 0.0005
"""Share of units that is taken for a word without a row in the table of frequent words."""
OWN_SHARE: Final = 0.3
"""How much the variants themselves count against the table of frequent words."""
FEW_UNITS: Final = 40
"""Number of units at which the variants' own counts are trusted by half of that."""
AMBIENT: Final = 0.3
"""Share of an unmatched word that the other side's headings say."""

# The score of a pair.
CLASH: Final = 0.2
"""Factor where signs say different things: ✅ against ❌, or another grade."""
RIVALS: Final = 3
"""Nearest partners in a variant that say how near anything there is to a unit."""
FAR_OFF: Final = 0.4
"""Cosine that is taken for those of them that were not found."""
COVERS: Final = 0.5
"""Logarithm of the ratio of words from which one of two units that say the same says more than the other."""
APART: Final = 21
"""Signs of two directions that may differ before a pair without much in common is left out; by chance half of 64 do."""
IDENTITY: Final = 0.9
"""Score of the two sentences that say who the agent is: a file has room for one."""
SAME_SHAPE: Final = 0.9
"""Score of two JSON examples that require the same shape."""

MEANING: Final = 4.0
"""Weight of the cosine of two embeddings, where a user brings a model; chosen, not fitted."""
MEANING_AT: Final = 0.5
"""Cosine that speaks neither for nor against."""

CANDIDATE: Final = 0.5
"""Share of one core that the other unit must say before two units are compared."""

# How much is compared. None of it is reached by files that people keep: of these none needs a tenth of the steps.
MOST_PAIRS: Final = 60_000
"""Pairs of units, or of sections, that are compared whatever the number of units."""
PAIRS_PER_UNIT: Final = 4
"""Pairs for each unit and variant, where that is more."""
STEPS_PER_PAIR: Final = 10
"""Units that may be looked at to find one pair."""
CHEAP: Final = 10
"""Directions that are compared in the time in which one pair is found by its words."""
NEAREST: Final = 4
"""Partners in each other variant that a unit is compared with where there are too many."""
FEW_SECTIONS: Final = 200
"""Sections of which all pairs are compared, whatever they have in common."""
NEAREST_SECTIONS: Final = 2
"""The same of sections, for each word of the title."""
NEAREST_OF_SENSE: Final = 4
"""Units of a variant that are compared with one whose direction they share, whatever their words."""
NEAREST_OF_WORD: Final = 8
"""Units that are looked up by one word there."""
COPIES: Final = 4
"""How often a text may stand in one variant before one copy stands for all, where there are too many pairs."""
CROWD: Final = 4
"""Texts of each variant that one group may hold there."""

# What a score means.
SURE_SAME: Final = 0.5
"""Probability from which one of two texts may be given up: with what else `combine` asks, five of six are right."""
SURE_COVERS: Final = 0.7
"""The same where one covers the other; from 0.5 to 0.7 half of them are right."""
SAME: Final = 0.40
SAME_FILE: Final = 0.40
RELATED: Final = 0.10
HOPELESS: Final = -2.2
"""Logarithm of the odds below which a pair is surely less than `RELATED`."""
LONGEST: Final = 1.05
"""Above any cosine of two directions: as whole numbers they are a little longer or shorter than they should be."""
ENOUGH: Final = 1.5
"""Logarithm of the weight that must be shared before a rule and its opposite are taken for being about the same."""
LITTLE: Final = 1.7
"""Logarithm of the weight that one of them may say beyond the other."""

TASK: Final = 3.0
"""Weight of the words that two tasks must share before they are taken for one, whoever gets it."""
TASK_SHARE: Final = 0.75
"""Share of the words of both that these must be."""

LINK: Final = 0.3
"""Score that any two units of different variants in one group must have."""

# Sections.
TITLE_WORD: Final = 5.0
"""Weight of a title's word that no unit has."""
TITLE_FORM: Final = 1.6
"""A shaping word says more in a title than in a sentence."""
USUAL: Final = 0.5
"""Factor of a title's word that only names the kind, where others name a subject."""
SECTION_SAME: Final = 0.5
SECTION_OVERLAP: Final = 0.3
SECTION_SHARED: Final = 0.50
"""Share of the smaller section's units that makes an overlap by itself."""
SECTION_LEAST: Final = 2
"""Units on either side that must say the same before that share counts."""
SECTION_REASON: Final = 0.2
"""Evidence that is named in the reason."""
