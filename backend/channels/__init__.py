"""Adapters to the outside: one small protocol per kind of provider, thin clients behind it. They know addresses and
signatures, never members or cases."""
