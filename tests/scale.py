"""How much of it: small in `make test`, full in `make chaos` and `make soak`."""

import os

FULL = os.environ.get("UNION_TEST_SCALE") == "full"


def sized(small: int, full: int) -> int:
    return full if FULL else small
