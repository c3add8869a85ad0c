"""Outputs that are made of sources which move: what to write so that the edits of people stay.

recipes.py    what each output is made of, as the configuration says
installers.py which revision the lock file of an installer has
lockfile.py   what the tool wrote last, and from which revisions
making.py     what the sources come to now
planning.py   base, ours and theirs of each output to what would be written, and what is asked
rights.py     rights that would get wider, and how to leave them as they are
writing.py    a recipe into the text of a configuration
adopting.py   which version of an upstream a file comes from

All of it is pure: who reads and writes the files is `workspace`, `upstreams` and `transactions`.
"""
