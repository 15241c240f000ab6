"""Pure policy of membership: who may join, which change is allowed, numbers, the code of the card."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

import msgspec

from backend.core import national
from backend.core.errors import FieldError, Invalid
from backend.membership.enums import EFFECTIVE, MemberAct, MemberStatus
from backend.membership.schemas import NewMember

T = TypeVar("T")

# What a desk decides by itself; a transfer takes two unions and is a service of its own.
DESK_ACTS = (MemberAct.KEEP, MemberAct.RESTORE, MemberAct.LEAVE, MemberAct.DECEASED, MemberAct.EXPEL)

MIN_AGE = 16
NUMBER_LENGTH = 16
CONFIRM_TRIES_A_DAY = 5

# (act, status before) → status after; what is not here is not possible.
_CHANGES = {
    MemberAct.KEEP: {MemberStatus.ACTIVE: MemberStatus.KEPT},
    MemberAct.RESTORE: {MemberStatus.KEPT: MemberStatus.ACTIVE, MemberStatus.DECEASED: MemberStatus.ACTIVE},
    MemberAct.LEAVE: dict.fromkeys(EFFECTIVE, MemberStatus.LEFT),
    MemberAct.DECEASED: dict.fromkeys((*EFFECTIVE, MemberStatus.LEFT), MemberStatus.DECEASED),
    MemberAct.EXPEL: dict.fromkeys(EFFECTIVE, MemberStatus.EXPELLED),
    MemberAct.TRANSFER_OUT: {MemberStatus.ACTIVE: MemberStatus.TRANSFERRING},
    MemberAct.TRANSFER_IN: {MemberStatus.TRANSFERRING: MemberStatus.ACTIVE, MemberStatus.KEPT: MemberStatus.ACTIVE},
    MemberAct.TRANSFER_STOP: {MemberStatus.TRANSFERRING: MemberStatus.ACTIVE},
}


def may_join(*, age: int, status: MemberStatus | None) -> str | None:
    """None, or the code of the sentence that says why not. `status` is that of an earlier membership."""
    if status in EFFECTIVE:
        return "already_member"
    if status is MemberStatus.DECEASED:
        return "recorded_deceased"
    if status is MemberStatus.EXPELLED:
        return "expelled_member"
    return "too_young_to_join" if age < MIN_AGE else None


def status_after(act: MemberAct, status: MemberStatus) -> MemberStatus | None:
    """What the act makes of this status; None when it cannot be done from here."""
    return _CHANGES[act].get(status)


def desk_acts(status: MemberStatus) -> list[MemberAct]:
    """What a desk may do to a membership of this status."""
    return [act for act in DESK_ACTS if status_after(act, status) is not None]


def member_number(county: str, year: int, sequence: int) -> str:
    """Six digits of county, four of year, six running: 9901212026000007."""
    number = f"{county[:6]}{year:04d}{sequence:06d}"
    if len(number) != NUMBER_LENGTH:
        raise ValueError(f"{sequence} is more members than a year can number")
    return number


def number_series(county: str, year: int) -> str:
    return f"member_no:{county[:6]}:{year}"


def gender_letter(id_no: national.IdNo) -> str:
    return "m" if id_no.gender is national.Gender.MALE else "f"


class Person(msgspec.Struct, frozen=True):
    """An applicant's values in their normal forms."""

    name: str
    id_no: national.IdNo
    phone: str

    @property
    def gender(self) -> str:
        return gender_letter(self.id_no)


def person_of(applicant: NewMember, *, allow_synthetic: bool, today: date) -> Person:
    """Parse what was typed; Invalid names every wrong field."""
    errors: list[FieldError] = []
    name = _parsed("name", lambda: national.parse_name(applicant.name), errors)
    id_no = _parsed(
        "id_no",
        lambda: national.parse_id_no(applicant.id_no, allow_synthetic=allow_synthetic, today=today),
        errors,
    )
    phone = _parsed("phone", lambda: national.parse_phone(applicant.phone), errors)
    if name is None or id_no is None or phone is None:
        raise Invalid(errors)
    return Person(name, id_no, phone)


def _parsed(field: str, parse: Callable[[], T], errors: list[FieldError]) -> T | None:
    try:
        return parse()
    except national.InvalidValue as exc:
        errors.append(FieldError(field, exc.message))
        return None


_UNION_WORDS = re.compile(r"(总工会|工会联合会|工会委员会|联合工会|工会|分会)\Z")


def mask_union(name: str) -> str:
    """星城县黄枫镇总工会 → 星城**总工会: enough for its own member to recognise."""
    ending = _UNION_WORDS.search(name)
    tail = ending[1] if ending else name[-1:]
    stem = name[: len(name) - len(tail)]
    return f"{stem[: 2 if len(stem) > 4 else 1]}**{tail}"


def mask_number(member_no: str) -> str:
    return member_no[:6] + "*" * (len(member_no) - 10) + member_no[-4:]


# ---- the code on the card --------------------------------------------------------

CARD_STEP = 30  # seconds; a code holds in its own step and the next, so it lives 30 to 60 seconds
CARD_SIGNATURE = 16  # letters of hex: 64 bits for a minute
CARD_PREFIX = "U1"
_CARD = re.compile(r"\AU1\.([0-9a-z]{13})\.([0-9]{1,12})\.([0-9a-f]{16})\Z")


class CardCode(msgspec.Struct, frozen=True):
    """The parts of a scanned code: whose, of which step, and the signature."""

    member: str
    step: int
    signature: str


def card_step(moment: datetime) -> int:
    return int(moment.timestamp()) // CARD_STEP


def card_seconds_left(moment: datetime, step: int) -> int:
    """Until a code of this step is refused; 0 or less when it is."""
    return (step + 2) * CARD_STEP - int(moment.timestamp())


def card_text(code: CardCode) -> str:
    return f"{CARD_PREFIX}.{code.member}.{code.step}.{code.signature}"


def parse_card(text: str) -> CardCode | None:
    """From the bare code or the address that a scanner saw; None when it is no card of ours."""
    last = unicodedata.normalize("NFKC", text[-200:]).strip().rsplit("/", 1)[-1]
    found = _CARD.match(last)
    return CardCode(found[1], int(found[2]), found[3]) if found else None
