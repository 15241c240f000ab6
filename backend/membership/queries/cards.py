"""The electronic member card and what a scan of it says. The code is signed, not stored."""

import hmac

from backend.core import clock, crypto, database, ids, national, reference
from backend.core.actor import Actor
from backend.core.errors import NotFound, sentence
from backend.membership import rules
from backend.membership.enums import EFFECTIVE, STATUS_TEXT, MemberStatus
from backend.membership.queries.members import BRIEF, BriefRow, brief
from backend.membership.schemas import CardCheck, CardView
from backend.web.qr import qr_svg

_PURPOSE = "member-card"


async def card(actor: Actor) -> CardView:
    """The actor's own card with a fresh code; NotFound while no membership is bound to the account."""
    row = await database.view(BriefRow, f"{BRIEF} WHERE m.id = %s", actor.member_id or 0)
    if row is None:
        raise NotFound("no_card")
    now = clock.now()
    code = _code(ids.public(row.id), rules.card_step(now))
    text = rules.card_text(code)
    shown = brief(row)
    return CardView(
        member_no=shown.member_no,
        name=shown.name,
        union=shown.union,
        status=shown.status,
        status_text=shown.status_text,
        joined_on=shown.joined_on,
        qr=text,
        # The address, so that any scanner opens a page that says whether the card holds.
        qr_svg=qr_svg(f"{reference.settings().base_url}/c/{text}", "会员二维码"),
        expires_in=rules.card_seconds_left(now, code.step),
    )


async def check_card(text: str) -> CardCheck:
    """What a scanned code is worth. Facts are masked, and there are none for a code that does not hold."""
    code = rules.parse_card(text)
    if code is None or not _is_signed(code):
        return CardCheck(valid=False, reason=sentence("card_unknown"))
    now = clock.now()
    if code.step > rules.card_step(now) or rules.card_seconds_left(now, code.step) <= 0:
        return CardCheck(valid=False, reason=sentence("card_expired"))
    row = await database.view(BriefRow, f"{BRIEF} WHERE m.id = %s", ids.parse(code.member) or 0)
    if row is None:
        return CardCheck(valid=False, reason=sentence("card_unknown"))
    effective = MemberStatus(row.status) in EFFECTIVE
    return CardCheck(
        valid=effective,
        reason="" if effective else sentence("card_not_effective"),
        name=national.mask_name(row.name),
        union=row.union_name,
        status_text=STATUS_TEXT[MemberStatus(row.status)],
        member_no=rules.mask_number(row.member_no),
    )


def _code(member: str, step: int) -> rules.CardCode:
    return rules.CardCode(member, step, crypto.sign(_PURPOSE, f"{member}.{step}")[: rules.CARD_SIGNATURE])


def _is_signed(code: rules.CardCode) -> bool:
    return hmac.compare_digest(_code(code.member, code.step).signature, code.signature)
