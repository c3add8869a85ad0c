"""Plans and decisions: what a combine or a merge leaves undecided or doubtful, and what somebody says of it.

A plan holds texts and questions about them; a decisions file holds answers. Both name a text by its hash, so that an
answer holds as long as the text does, wherever it moves, and no longer.
"""
