"""Rows of people: the number-th person is always the same one. Members come first, applicants after them."""

import functools
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from backend.core import crypto, national, pinyin
from backend.demo import places
from backend.demo.bulk import lives
from backend.demo.bulk.plan import Plan, moment
from backend.membership.enums import EmployForm, MemberStatus
from backend.membership.rules import member_number

Rows = dict[str, list[dict[str, Any]]]

# Identity numbers of real provinces behind the synthetic prefix: the demo county's own people have none.
_PROVINCES = ("43", "44", "36", "42", "45", "52", "41", "50")
_SEQUENCES, _BIRTHDAYS = 998, 13_000
_FIRST_PHONE = 20_000_000
_ONE_IN_HAS_ACCOUNT = 4
# In each year before the system so many numbers were given out.
_NUMBERS_A_YEAR, _FIRST_YEAR = 900_000, 2001


class Person(msgspec.Struct, frozen=True):
    number: int
    name: str
    id_no: str
    birth: date
    phone: str

    @property
    def initials(self) -> str:
        return _initials(self.name)[:25]

    @property
    def town(self) -> int:
        return self.number % len(places.TOWNS)

    @property
    def account_id(self) -> int | None:
        """Most people were served at the window and never signed in."""
        return account_id(self.number) if self.number % _ONE_IN_HAS_ACCOUNT == 0 else None


_initials = functools.cache(pinyin.name_initials)


def person(number: int) -> Person:
    nth, which = divmod(number, len(_PROVINCES))
    days, sequence = divmod(nth, _SEQUENCES)
    birth = places.FIRST_BIRTHDAY + timedelta(days=days % _BIRTHDAYS)
    return Person(
        number,
        places.person_name(lives.mixed(number) % 100_000),
        national.synthetic_id_no(birth, sequence + 1, province=_PROVINCES[which]),
        birth,
        places.phone_number(_FIRST_PHONE + number),
    )


def member_id(number: int) -> int:
    """Identifiers below all that the clock gives, rising with the number."""
    return (number + 1) << 12


def account_id(number: int) -> int:
    return (number + 1) << 12


def number_of(plan_number: int, county: str) -> str:
    year, serial = divmod(plan_number, _NUMBERS_A_YEAR)
    return member_number(county, _FIRST_YEAR + year, serial + 1)


def account_row(who: Person, *, member: int | None, at: datetime) -> dict[str, Any]:
    made = account_id(who.number)
    return {
        "id": made,
        "kind": "person",
        "phone_index": crypto.blind_index("phone", who.phone),
        "phone_sealed": crypto.seal(who.phone, context=f"account/phone/{made}"),
        "display": who.name if member is not None else "",
        "member_id": member,
        "created_at": at,
    }


def member_rows(plan: Plan, numbers: range, county: str) -> Rows:
    rows: Rows = {"member": [], "membership_change": [], "account": []}
    for number in numbers:
        changes = _history(plan, number)
        rows["membership_change"] += changes
        who = person(number)
        rows["member"].append(_member(plan, who, changes, county))
        if who.account_id is not None:
            rows["account"].append(account_row(who, member=member_id(number), at=changes[-1]["at"]))
    return rows


def unit_of(plan: Plan, number: int) -> int:
    units = plan.units[number % len(places.TOWNS)]
    return units[number // len(places.TOWNS) % len(units)]


def _member(plan: Plan, who: Person, changes: list[dict[str, Any]], county: str) -> dict[str, Any]:
    number, made, mixed = who.number, member_id(who.number), lives.mixed(who.number)
    joined = next(one for one in reversed(changes) if one["to_status"] == MemberStatus.ACTIVE.value)
    return {
        "id": made,
        "member_no": number_of(number, county),
        "name": who.name,
        "initials": who.initials,
        "id_no_index": crypto.blind_index("id_no", who.id_no),
        "id_no_sealed": crypto.seal(who.id_no, context=f"member/id_no/{made}"),
        "phone_index": crypto.blind_index("phone", who.phone),
        "phone_sealed": crypto.seal(who.phone, context=f"member/phone/{made}"),
        "gender": "m" if int(who.id_no[16]) % 2 else "f",
        "birth_year": who.birth.year,
        "birth_month": who.birth.month,
        "household_province": who.id_no[2:4],
        "status": changes[-1]["to_status"],
        "status_since": changes[-1]["at"].date(),
        "union_id": unit_of(plan, number),
        "division": places.TOWNS[who.town].division,
        "employ_form": (EmployForm.NEWFORM if mixed % 5 < 2 else EmployForm.CONTRACT).value,
        "newform_group": places.GROUPS[mixed % len(places.GROUPS)] if mixed % 5 < 2 else "",
        "employer": places.PLATFORMS[mixed % len(places.PLATFORMS)],
        "joined_on": joined["at"].date(),
        "version": len(changes),
        "created_at": changes[0]["at"],
    }


def _history(plan: Plan, number: int) -> list[dict[str, Any]]:
    """Joined by the roll or by a case; between two joinings she had left; a few have left for good."""
    joined = [(at, case) for case in plan.joinings_of(number) if (at := lives.joined_at(plan, case)) is not None]
    steps: list[tuple[MemberStatus, datetime, str, str]] = []
    for at, case in joined:
        if steps:
            steps.append((MemberStatus.LEFT, steps[-1][1] + (at - steps[-1][1]) / 2, "退会", ""))
        steps.append((MemberStatus.ACTIVE, at, "重新入会" if steps else "入会", lives.number_of(plan, case)))
    if not steps:
        day = date(2008 + number * 14 // plan.members, number % 12 + 1, number % 28 + 1)
        steps.append((MemberStatus.ACTIVE, moment(day, 36_000), "导入会员名册", ""))
    if lives.mixed(number) % 100 < 4:
        ended = MemberStatus.LEFT if number % 2 else MemberStatus.KEPT
        steps.append((ended, plan.until, "退会" if number % 2 else "保留会籍", ""))
    union, before, rows = unit_of(plan, number), "", []
    for index, (status, at, reason, reference) in enumerate(steps):
        rows.append(_change(number, index, (before, status.value), union, at, reason, reference))
        before = status.value
    return rows


def _change(
    number: int, index: int, statuses: tuple[str, str], union: int, at: datetime, reason: str, reference: str
) -> dict[str, Any]:
    return {
        "id": ((number + 1) << 12) + index,
        "member_id": member_id(number),
        "from_status": statuses[0],
        "to_status": statuses[1],
        "from_union_id": union if statuses[0] else None,
        "to_union_id": union,
        "reason": reason,
        "reference": reference,
        "actor_id": 0,
        "at": at,
    }
