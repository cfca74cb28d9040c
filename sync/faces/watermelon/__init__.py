"""WatermelonDB's sync, served so that its stock client works unchanged: whole rows down, dirty rows up.

What that client does with an answer decides what may be in it: see the docstrings, and `docs/sync.md`.
"""
