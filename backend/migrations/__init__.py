"""Tortoise migrations of the one app `union`: one linear history, read before committed."""
