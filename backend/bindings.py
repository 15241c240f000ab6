"""The one table that ties names in flow files to functions of the domains. An unbound name stops the start."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.casework import catalogue, judging
from backend.casework.protocols import Approved, Bindings, Prefilled, Question
from backend.core import crypto, national
from backend.core.actor import Actor
from backend.core.errors import NotFound, sentence
from backend.core.settings import Settings
from backend.identity import queries as identity
from backend.identity.enums import ConsentKind
from backend.membership import commands as members
from backend.membership import queries as roll
from backend.membership.schemas import NewMember
from backend.unions import queries as unions
from backend.unions.enums import UnionLevel
from backend.unions.schemas import InviteView

FROM_INVITE, FROM_ACCOUNT = "来自邀请码", "来自您的账号"
TRANSFER = "member-transfer"


def load(settings: Settings) -> None:
    """Open the catalogue over these functions."""
    catalogue.load(settings.config_dir, BINDINGS)
    judging.configure(EXPLANATIONS)


# ---- outcomes ---------------------------------------------------------------------


async def create_member(approved: Approved, params: Mapping[str, Any]) -> dict[str, Any]:
    """Admit the applicant of an approved joining."""
    values = approved.values
    applicant = NewMember(
        name=values["real_name"],
        id_no=values["id_no"],
        phone=values["mobile"],
        division=values.get("division", ""),
        household=values.get("household", ""),
        employ_form=values.get("employ_form", ""),
        newform_group=values.get("newform_group", ""),
        employer=values.get("employer", ""),
    )
    member = await members.admit(
        approved.decided_by,
        applicant=applicant,
        union_id=approved.target_union_id or 0,
        account_id=approved.applicant_id,
        reference=approved.number,
    )
    made = {"member_no": member.member_no, "rejoined": member.rejoined, "card": "/me/card" if member.bound else None}
    return made if member.bound else made | {"next": sentence("card_not_bound")}


# ---- facts ------------------------------------------------------------------------


async def worker_age(question: Question) -> int | None:
    """Full years today, by the identity number in the form."""
    birth = _birth(question)
    return None if birth is None else national.age_on(birth, question.today)


def _birth(question: Question) -> date | None:
    number = question.values.get("id_no")
    try:
        return date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}") if number else None
    except ValueError:
        return None


async def worker_active_membership(question: Question) -> bool | None:
    """Whether the identity number of the form, or else the actor's own record, has an effective membership."""
    number = question.values.get("id_no")
    if number:
        return await roll.effective_by_id_no(crypto.blind_index("id_no", number)) is not None
    if question.member_id is None:
        return None
    member = await roll.facts(question.member_id)
    return member is not None and member.is_effective


async def worker_phone_free(question: Question) -> bool | None:
    """False when the form gives the applicant's own phone, which opens a member's record, and somebody else's
    identity number: the phone has changed hands, or is lent. Whose any other number is, a form tells nobody."""
    id_no, phone = question.values.get("id_no"), question.values.get("mobile")
    if not id_no or not phone:
        return None
    if question.member_id is None or await roll.has_id_no(question.member_id, id_no):
        return True
    user = await identity.account_of_phone(phone)
    return user is None or user[1] != question.member_id


async def org_has_union(question: Question) -> bool | None:
    """Whether the case goes to a union of the workplace itself, and not to the town's or county's."""
    if question.target_union_id is None:
        return None
    union = await unions.place(question.target_union_id)
    return None if union is None else union.level == UnionLevel.UNIT


# ---- prefills ---------------------------------------------------------------------


async def _invite(given: Mapping[str, str]) -> InviteView | None:
    code = given.get("invite", "")
    if not code:
        return None
    try:
        invite = await unions.invite_view(code)
    except NotFound:
        return None
    return invite if invite.valid else None


async def invite_code(actor: Actor, given: Mapping[str, str]) -> Prefilled | None:
    return Prefilled(given["invite"], FROM_INVITE) if await _invite(given) else None


async def invite_channel(actor: Actor, given: Mapping[str, str]) -> Prefilled | None:
    invite = await _invite(given)
    return Prefilled(invite.channel, FROM_INVITE) if invite else None


async def invite_union(actor: Actor, given: Mapping[str, str]) -> Prefilled | None:
    invite = await _invite(given)
    return Prefilled(invite.union.id, FROM_INVITE) if invite else None


async def invite_division(actor: Actor, given: Mapping[str, str]) -> Prefilled | None:
    """Of the invite's union where it names a township, else what the address says."""
    invite = await _invite(given)
    division = invite.division if invite else given.get("division", "")
    return Prefilled(division, FROM_INVITE) if len(division) >= len("990121001") else None


async def account_mobile(actor: Actor, given: Mapping[str, str]) -> Prefilled | None:
    phone = await identity.own_phone(actor) if actor.kind == "person" else None
    return Prefilled(phone, FROM_ACCOUNT) if phone else None


async def consent_privacy_version(actor: Actor, given: Mapping[str, str]) -> Prefilled | None:
    """The wording in force: the page shows it above the tick."""
    texts = [text for text in identity.consent_texts() if text.kind is ConsentKind.PRIVACY]
    return Prefilled(texts[0].version, "") if texts else None


# ---- explanations of refusals -----------------------------------------------------


async def explain_already_member(question: Question) -> dict[str, Any]:
    """Where the membership is, masked, and the way to move it: at a window while the service is not open."""
    transfer = catalogue.current().item(TRANSFER)
    online = transfer is not None and transfer.enabled
    hint = await roll.already_member_hint(question.values.get("id_no", ""), transfer_online=online)
    if hint is None:
        return {}
    return {
        "union": {"name": hint.union.name},
        "status_text": hint.status_text,
        "hint": hint.hint,
        "transfer": f"/services/{TRANSFER}",
        "transfer_online": online,
    }


BINDINGS = Bindings(
    outcomes={"create_member": create_member},
    facts={
        "worker.age": worker_age,
        "worker.active_membership": worker_active_membership,
        "worker.phone_free": worker_phone_free,
        "org.has_union": org_has_union,
    },
    prefills={
        "invite.code": invite_code,
        "invite.channel": invite_channel,
        "invite.union": invite_union,
        "invite.division": invite_division,
        "account.mobile": account_mobile,
        "consent.privacy_version": consent_privacy_version,
    },
)

EXPLANATIONS: Mapping[str, judging.Explain] = {"already_member": explain_already_member}
