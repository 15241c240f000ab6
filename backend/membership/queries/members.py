"""Members as other domains and the members themselves see them."""

from collections.abc import Collection
from datetime import date

import msgspec

from backend.core import clock, crypto, database, ids, national, reference
from backend.core.actor import Actor
from backend.core.reveal import Purpose, reveal_to_system
from backend.membership import rules
from backend.membership.enums import EFFECTIVE, STATUS_TEXT, MemberStatus
from backend.membership.schemas import EffectiveMember, MemberBrief, MemberFacts, OwnRecord
from backend.unions.schemas import UnionReference

_EFFECTIVE = tuple(status.value for status in EFFECTIVE)


class BriefRow(msgspec.Struct, kw_only=True):
    id: int
    member_no: str
    name: str
    status: str
    joined_on: date
    union_id: int
    union_name: str
    initials: str = ""


# A left join, so that a list is read in the order of members and stops at its limit.
BRIEF = (
    "SELECT m.id, m.member_no, m.name, m.status, m.joined_on, m.union_id, u.name AS union_name, m.initials"
    " FROM member m LEFT JOIN union_org u ON u.id = m.union_id"
)
_FACTS = (
    "SELECT m.id, m.member_no, m.name, m.gender, m.birth_year, m.household_province, m.status, m.status_since,"
    " m.union_id, u.name AS union_name, u.path AS union_path, m.division, m.employ_form, m.newform_group,"
    " m.employer, m.joined_on FROM member m JOIN union_org u ON u.id = m.union_id"
)


def brief(row: BriefRow) -> MemberBrief:
    return MemberBrief(
        id=ids.public(row.id),
        member_no=row.member_no,
        name=row.name,
        union=UnionReference(id=ids.public(row.union_id), name=row.union_name),
        status=row.status,
        status_text=STATUS_TEXT[MemberStatus(row.status)],
        joined_on=row.joined_on.isoformat(),
    )


async def own(actor: Actor) -> MemberBrief | None:
    """The actor's own membership, whatever its status; None while no record is bound to the account."""
    if actor.member_id is None:
        return None
    row = await database.view(BriefRow, f"{BRIEF} WHERE m.id = %s", actor.member_id)
    return brief(row) if row else None


async def facts(member_id: int) -> MemberFacts | None:
    return await database.view(MemberFacts, f"{_FACTS} WHERE m.id = %s", member_id)


async def born_in(month: int, *, after: int, limit: int) -> list[int]:
    """Ids of members in good standing whose birthday is in this month, in ranges of rising ids."""
    found = await database.rows(
        "SELECT id FROM member WHERE birth_month = %s AND id > %s AND status = %s ORDER BY id LIMIT %s",
        month,
        after,
        MemberStatus.ACTIVE.value,
        limit,
    )
    return [row["id"] for row in found]


async def in_groups(groups: Collection[str], *, after: int, limit: int) -> list[int]:
    """Ids of members in good standing who work in one of these new forms of employment, in ranges of rising ids."""
    if not groups:
        return []
    marks = ", ".join(["%s"] * len(groups))
    found = await database.rows(
        f"SELECT id FROM member WHERE id > %s AND newform_group IN ({marks}) AND status = %s"  # noqa: S608
        " ORDER BY id LIMIT %s",
        after,
        *groups,
        MemberStatus.ACTIVE.value,
        limit,
    )
    return [row["id"] for row in found]


async def facts_by_id_no(index: str) -> MemberFacts | None:
    """Whoever has this identity number, by its blind index, whatever became of the membership."""
    return await database.view(MemberFacts, f"{_FACTS} WHERE m.id_no_index = %s", index)


async def ids_by_id_no(indexes: Collection[str]) -> dict[str, int]:
    """Whoever has these identity numbers, by their blind indexes."""
    wanted = set(indexes)
    if not wanted:
        return {}
    marks = ", ".join(["%s"] * len(wanted))
    found = await database.rows(f"SELECT id_no_index, id FROM member WHERE id_no_index IN ({marks})", *wanted)  # noqa: S608
    return {row["id_no_index"]: row["id"] for row in found}


async def count_effective(indexes: Collection[str]) -> int:
    """How many of these identity numbers, by their blind indexes, have an effective membership."""
    wanted = set(indexes)
    if not wanted:
        return 0
    marks = ", ".join(["%s"] * len(wanted))
    sql = f"SELECT COUNT(*) FROM member WHERE id_no_index IN ({marks}) AND status IN (%s, %s, %s)"  # noqa: S608
    return int(await database.scalar(sql, *wanted, *_EFFECTIVE))


class _SealedRow(msgspec.Struct):
    id: int
    name: str
    id_no_sealed: str
    phone_sealed: str
    id_no_index: str
    status: str
    union_id: int
    division: str
    employer: str


_SEALED = (
    "SELECT id, name, id_no_sealed, phone_sealed, id_no_index, status, union_id, division, employer"
    " FROM member WHERE id = %s"
)


async def own_record(actor: Actor) -> OwnRecord | None:
    """What a member need not type again, in the clear and for nobody else. None without a record."""
    if actor.kind != "person" or actor.member_id is None:
        return None
    row = await database.view(_SealedRow, _SEALED, actor.member_id)
    if row is None:
        return None
    phone, own = row.phone_sealed, Purpose.OWN
    return OwnRecord(
        name=row.name,
        id_no=reveal_to_system(row.id_no_sealed, context=f"member/id_no/{row.id}", purpose=own),
        mobile=reveal_to_system(phone, context=f"member/phone/{row.id}", purpose=own) if phone else "",
        union_id=row.union_id if row.status in _EFFECTIVE else None,
        division=row.division,
        employer=row.employer,
    )


async def id_no_of(member_id: int) -> tuple[str, str] | None:
    """(blind index, identity number) of a member, for computing an age or finding their cases; nobody reads it."""
    row = await database.view(_SealedRow, _SEALED, member_id)
    if row is None:
        return None
    number = reveal_to_system(row.id_no_sealed, context=f"member/id_no/{row.id}", purpose=Purpose.OWN)
    return row.id_no_index, number


async def id_no_index(member_id: int) -> str | None:
    """The blind index of a member's identity number."""
    return await database.scalar("SELECT id_no_index FROM member WHERE id = %s", member_id)


async def phones_of(member_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """For messages to members without an account: the sealed phone of the roll and what it opens with."""
    if not member_ids:
        return {}
    marks = ", ".join(["%s"] * len(member_ids))
    found = await database.rows(
        f"SELECT id, phone_sealed FROM member WHERE id IN ({marks}) AND phone_index IS NOT NULL",  # noqa: S608
        *member_ids,
    )
    return {row["id"]: (row["phone_sealed"], f"member/phone/{row['id']}") for row in found}


async def has_id_no(member_id: int, id_no: str) -> bool:
    """Whether this is the identity number of that member, for comparing without opening it."""
    return await id_no_index(member_id) == crypto.blind_index("id_no", id_no)


async def effective_by_id_no(index: str) -> EffectiveMember | None:
    """The effective membership of an identity number, by its blind index."""
    return await database.view(
        EffectiveMember,
        "SELECT m.id, m.member_no, m.status, m.union_id, u.name AS union_name"
        " FROM member m JOIN union_org u ON u.id = m.union_id"
        " WHERE m.id_no_index = %s AND m.status IN (%s, %s, %s)",
        index,
        *_EFFECTIVE,
    )


async def already_member_hint(id_no: str, *, transfer_online: bool = False) -> MemberBrief | None:
    """For somebody who wants to join and is a member: where, masked, and what to do. None if they are not.

    Whoever asks has only typed a number, so nothing here names the person or opens anything.
    """
    settings = reference.settings()
    try:
        number = national.parse_id_no(id_no, allow_synthetic=settings.allow_synthetic_ids, today=clock.today()).number
    except national.InvalidValue:
        return None
    found = await effective_by_id_no(crypto.blind_index("id_no", number))
    if found is None:
        return None
    union = rules.mask_union(found.union_name)
    way = "请在手机上" if transfer_online else "请带身份证到新单位所在乡镇街道的工会窗口"
    return MemberBrief(
        id="",
        member_no=rules.mask_number(found.member_no),
        name="",
        union=UnionReference(id="", name=union),
        status=found.status,
        status_text=STATUS_TEXT[MemberStatus(found.status)],
        hint=f"这个证件号已经是“{union}”的会员，不用再申请。换了单位{way}办理会籍转接，会龄接着算。",
    )


async def count_by_union(union_ids: Collection[int]) -> dict[int, int]:
    """Effective members of each of these unions, without the unions below them."""
    if not union_ids:
        return {}
    marks = ", ".join(["%s"] * len(union_ids))
    found = await database.rows(
        f"SELECT union_id, COUNT(*) AS members FROM member WHERE union_id IN ({marks})"  # noqa: S608 - placeholders
        " AND status IN (%s, %s, %s) GROUP BY union_id",
        *union_ids,
        *_EFFECTIVE,
    )
    return {row["union_id"]: row["members"] for row in found}
