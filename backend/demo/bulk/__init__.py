"""A large county in bulk: rows instead of commands, sensitive values sealed as ever, every invariant kept.

What the rows hold follows from their running numbers alone, so an interrupted build goes on where it stopped.
"""
