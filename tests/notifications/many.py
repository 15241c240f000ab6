"""A roll of members, most of them with an account, as a notice to many meets it."""

from datetime import date

from backend.core import clock, crypto, ids
from backend.identity.models import Account
from backend.membership.models import Member


def phone_of(number: int) -> str:
    return f"154{number:08d}"


async def enrol(number: int, *, account: bool = True, phone: int | None = None, own_phone: bool = True) -> int:
    """The number-th member: `phone` is that of the roll, where there is one; an account has the number's own unless it
    was parted from it. The id of the member."""
    member_id, now, today = ids.new_id(), clock.now(), date(2026, 3, 10)
    on_roll = "" if phone is None else phone_of(phone)
    await Member.create(
        id=member_id,
        member_no=f"99{number:08d}",
        name="王小测",
        id_no_index=crypto.blind_index("id_no", str(number)),
        id_no_sealed="",
        phone_index=crypto.blind_index("phone", on_roll) if on_roll else None,
        phone_sealed=crypto.seal(on_roll, context=f"member/phone/{member_id}") if on_roll else "",
        gender="m",
        birth_year=1990,
        birth_month=3,
        status="active",
        status_since=today,
        union_id=1,
        joined_on=today,
        created_at=now,
    )
    if account:
        await open_account(number, member_id=member_id, phone=own_phone)
    return member_id


async def open_account(number: int, *, member_id: int | None = None, phone: bool = True) -> int:
    account_id, own = ids.new_id(), phone_of(number)
    await Account.create(
        id=account_id,
        kind="person",
        phone_index=crypto.blind_index("phone", own) if phone else None,
        phone_sealed=crypto.seal(own, context=f"account/phone/{account_id}") if phone else "",
        member_id=member_id,
        created_at=clock.now(),
    )
    return account_id
