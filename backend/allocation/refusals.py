"""Answers that other domains tell apart."""

from backend.core.errors import Conflict


class SoldOut(Conflict):
    def __init__(self) -> None:
        super().__init__("sold_out")


class AlreadyClaimed(Conflict):
    def __init__(self) -> None:
        super().__init__("already_claimed")
