"""The digital union: a small kernel, one casework engine, one package per domain."""
