"""What comes into an appraisal of chairs. Points are decimals from the first character on."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

Words = Annotated[str, msgspec.Meta(max_length=500)]
Short = Annotated[str, msgspec.Meta(max_length=200)]


class NewPeriod(msgspec.Struct, kw_only=True):
    union_id: str
    year: int
    closes_on: date | None = None


class SheetInput(msgspec.Struct, kw_only=True):
    """Points by item; every item of the scheme."""

    candidate: str
    scores: dict[str, Decimal]


class RecusalInput(msgspec.Struct, kw_only=True):
    candidate: str
    reason: Short


class AbsenceInput(msgspec.Struct, kw_only=True):
    """`assessor` is an account of the panel, or `self`. Without a candidate it is about all whom they did not score."""

    assessor: str
    reason: Short
    candidate: str = ""


class VetoInput(msgspec.Struct, kw_only=True):
    """An empty `veto` takes back the one that is registered."""

    candidate: str
    veto: str = ""
    reason: Words


class TownInput(msgspec.Struct, kw_only=True):
    """Who scores for the township; without a candidate for everybody there who is not scored yet."""

    assessor: str
    candidate: str = ""
    town: str = ""


class PanelInput(msgspec.Struct, kw_only=True):
    assessors: list[str]


class WithdrawalInput(msgspec.Struct, kw_only=True):
    """`on` is the last day in post; without it a withdrawal is taken back."""

    candidate: str
    reason: Short
    on: date | None = None


class ClosingInput(msgspec.Struct, kw_only=True):
    closes_on: date


class PostInput(msgspec.Struct, kw_only=True):
    candidate: str
    since: date
    until: date | None = None


class AppealInput(msgspec.Struct, kw_only=True):
    text: Annotated[str, msgspec.Meta(max_length=1000)]


class ReplyInput(msgspec.Struct, kw_only=True):
    upheld: bool
    reply: Annotated[str, msgspec.Meta(max_length=1000)]


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """An approved application."""

    case_id: int
    case_number: str
    year: int
    id_no: str
    name: str
    post: str
    union_id: int
    since: date
    until: date | None
    self_score: Decimal | None
    bank_card: str = ""
    account_id: int | None
    member_id: int | None
