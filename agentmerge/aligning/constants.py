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
DOUBT: Final = 1.0
"""Weight that is always unmatched: little shared is little evidence."""
EXCESS: Final = 0.3
"""Weight of what is unmatched on the side with more of it: detail is forgiven."""
PART_EXCESS: Final = 0.6
"""Weight of what a part says beyond the unit that it is to contain."""
PART_DOUBT: Final = 0.5
BEHIND: Final = -0.25
"""How far behind its best rival a pair counts at most: one statement may have several partners."""
DETAILED: Final = 2.0
"""Weight of the words of content beyond the core from which a unit goes into detail."""
CLASH: Final = 0.2
"""Factor where two units do different things with the same words, or the same with different things."""
OTHER_SUBJECT: Final = 1.0
"""Logarithm of the weight from which both cores name something that the other unit does not."""
IDENTITY: Final = 0.9
"""Score of the two sentences that say who the agent is: a file has room for one."""
SAME_SHAPE: Final = 0.9
"""Score of two JSON examples that require the same shape."""
SAME_NUMBER: Final = 0.6
"""Score of two statements that ask for the same number of the same thing."""
BIAS: Final = -4.02
MODEL: Final = (
    1.71,  # alike
    -0.09,  # core
    -0.06,  # core_lack
    0.47,  # amount
    -0.29,  # lack
    -0.27,  # excess
    0.68,  # conjunct
    1.37,  # listed
    0.30,  # exact
    1.08,  # form
    1.05,  # headings
    4.57,  # sections
    -1.68,  # clash
    -0.47,  # prose
    0.09,  # rarest
    -0.61,  # head
    1.10,  # lesser lead
    1.46,  # greater lead
    0.37,  # exact x core
    -0.67,  # partners
    -1.16,  # heading that the other side does not say
    0.46,  # both go into detail
    2.92,  # resemblance
    1.51,  # containment
)
"""Coefficients of the evidence, in the order of `Scorer.values`; made by `benchmarks/alignment/fit.py`."""

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
NEAREST: Final = 4
"""Partners in each other variant that a unit is compared with where there are too many."""
NEAREST_SECTIONS: Final = 2
"""The same of sections, for each word of the title."""
NEAREST_OF_WORD: Final = 8
"""Units that are looked up by one word there."""
COPIES: Final = 4
"""How often a text may stand in one variant before one copy stands for all, where there are too many pairs."""
CROWD: Final = 4
"""Texts of each variant that one group may hold there."""

# What a score means.
SAME: Final = 0.5
CONTAINED: Final = 0.85
SAME_FILE: Final = 0.5
RELATED: Final = 0.10
ENOUGH: Final = 1.5
"""Logarithm of the weight that must be shared before a rule and its opposite are taken for being about the same."""
LITTLE: Final = 1.7
"""Logarithm of the weight that one of them may say beyond the other."""

TASK: Final = 3.0
"""Weight of the words that two tasks must share before they are taken for one, whoever gets it."""
TASK_SHARE: Final = 0.75
"""Share of the words of both that these must be."""

LINK: Final = 0.4
"""Score that any two units of different variants in one group must have."""

# Sections: how much each kind of evidence says alone, joined as by a noisy-or.
TITLES: Final = 0.7
WORDS: Final = 0.9
KIND: Final = 0.30
"""Two titles that name the same kind of section."""
PRIMARY: Final = 0.4
"""The same, where each is the largest of that kind in its variant."""
KIND_OF_OTHERS: Final = 0.2
"""Factor where both name a subject of their own, and not the same."""
KIND_OF_ONE: Final = 0.6
"""Factor where only one names a subject."""
UNITS: Final = 0.6
KIND_CLASH: Final = 0.8
"""Factor for titles that name different kinds."""
SAME_TITLE: Final = 0.9
"""Likeness of titles from which the kinds don't matter."""
TITLE_WORD: Final = 5.0
"""Weight of a title's word that no unit has."""
TITLE_FORM: Final = 1.6
"""A shaping word says more in a title than in a sentence."""
USUAL: Final = 0.5
"""Factor of a title's word that only names the kind, where others name a subject."""
SECTION_SAME: Final = 0.55
SECTION_OVERLAP: Final = 0.37
SECTION_SHARED: Final = 0.50
"""Share of the smaller section's units that makes an overlap by itself."""
SECTION_LEAST: Final = 2
"""Units on either side that must say the same before that share counts."""
SECTION_REASON: Final = 0.2
"""Evidence that is named in the reason."""
