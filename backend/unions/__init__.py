"""The tree of trade-union organisations, staff posts with their roles, the scope that follows, and invites.

It owns where somebody may act; it does not know members or cases.
"""
