"""Tortoise database clients whose transactions survive cancellation and failed begins.

Tortoise loads `client_class` from the engine module of the connection. The stock contexts leak a pool
slot (MySQL) or hold the process-wide lock for ever (SQLite) when BEGIN fails or is cancelled.
"""
