"""What the system knows already and offers to fill in, each value with where it comes from."""

from collections.abc import Callable, Mapping

from backend.aid import queries as aid
from backend.casework.protocols import Prefill, Prefilled
from backend.core import clock, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.identity import queries as identity
from backend.identity.enums import ConsentKind
from backend.membership import queries as roll
from backend.membership.schemas import OwnRecord
from backend.unions import queries as unions
from backend.unions.schemas import InviteView

FROM_INVITE, FROM_ACCOUNT, FROM_RECORD = "来自邀请码", "来自您的账号", "来自会员档案"
Given = Mapping[str, str]


async def _invite(given: Given) -> InviteView | None:
    code = given.get("invite", "")
    if not code:
        return None
    try:
        invite = await unions.invite_view(code)
    except NotFound:
        return None
    return invite if invite.valid else None


async def invite_code(actor: Actor, given: Given) -> Prefilled | None:
    return Prefilled(given["invite"], FROM_INVITE) if await _invite(given) else None


async def invite_channel(actor: Actor, given: Given) -> Prefilled | None:
    invite = await _invite(given)
    return Prefilled(invite.channel, FROM_INVITE) if invite else None


async def invite_union(actor: Actor, given: Given) -> Prefilled | None:
    invite = await _invite(given)
    return Prefilled(invite.union.id, FROM_INVITE) if invite else None


async def invite_division(actor: Actor, given: Given) -> Prefilled | None:
    """Of the invite's union where it names a township, else what the address says."""
    invite = await _invite(given)
    division = invite.division if invite else given.get("division", "")
    return Prefilled(division, FROM_INVITE) if len(division) >= len("990121001") else None


async def account_mobile(actor: Actor, given: Given) -> Prefilled | None:
    phone = await identity.own_phone(actor) if actor.kind == "person" else None
    return Prefilled(phone, FROM_ACCOUNT) if phone else None


async def consent_privacy_version(actor: Actor, given: Given) -> Prefilled | None:
    """The wording in force: the page shows it above the tick."""
    texts = [text for text in identity.consent_texts() if text.kind is ConsentKind.PRIVACY]
    return Prefilled(texts[0].version, "") if texts else None


def of_record(pick: Callable[[OwnRecord], str]) -> Prefill:
    """A value of the member's own record; nothing where the record has none."""

    async def fill(actor: Actor, given: Given) -> Prefilled | None:
        record = await roll.own_record(actor)
        value = pick(record) if record is not None else ""
        return Prefilled(value, FROM_RECORD) if value else None

    return fill


def _union(record: OwnRecord) -> str:
    return ids.public(record.union_id) if record.union_id is not None else ""


member_name = of_record(lambda record: record.name)
member_id_no = of_record(lambda record: record.id_no)
member_mobile = of_record(lambda record: record.mobile)
member_union = of_record(_union)
member_division = of_record(lambda record: record.division)
member_employer = of_record(lambda record: record.employer)


async def policy_number(actor: Actor, given: Given) -> Prefilled | None:
    """The member's own policy that a claim most likely rests on; where it comes from names the others."""
    index = await roll.id_no_index(actor.member_id) if actor.kind == "person" and actor.member_id is not None else None
    held = await aid.best_of_person(index, clock.today()) if index is not None else []
    if not held:
        return None
    first, *others = held
    more = (
        f"，您还有 {'、'.join(f'{one.number}（{one.plan_name}，{one.ends_on}止）' for one in others)}" if others else ""
    )
    return Prefilled(first.number, f"您的{first.plan_name}互助凭证，{first.ends_on}止{more}")
