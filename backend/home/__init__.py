"""Reads across domains for the first screens: portal home, /me, the desk shell. Queries and doors only."""
