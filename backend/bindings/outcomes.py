"""What an approval, or an action of a flow, makes true. Parameters are the strings written beside it in the file.

Twice for one case gives the first result: every effect below has a key made of the case, or of the act.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.casework import catalogue
from backend.casework import commands as cases
from backend.casework import queries as casework
from backend.casework.enums import RECORD_STATE_TEXT, RecordState
from backend.casework.protocols import Approved
from backend.core import crypto, ids, reference
from backend.core.errors import Conflict, sentence
from backend.grading import commands as grading
from backend.grading.chair_inputs import Enrolment
from backend.membership import commands as members
from backend.membership import queries as roll
from backend.membership.enums import ACT_TEXT, STATUS_TEXT, MemberAct, MemberStatus
from backend.membership.schemas import MemberFacts, NewMember
from backend.payments import commands as payments
from backend.payments.enums import DUE_TEXT, DueSource, DueState
from backend.payments.schemas import NewDue
from backend.unions import commands as tree
from backend.unions import queries as unions
from backend.unions.enums import UnionChangeKind, UnionKind, UnionLevel, UnionNature
from backend.unions.schemas import Founding, Term, UnionPlace
from backend.vouchers import commands as vouchers
from backend.vouchers.enums import SettleCycle
from backend.vouchers.redeeming import LONGEST_ADDRESS, LONGEST_HOURS, LONGEST_OFFERS
from backend.vouchers.shop_schemas import ShopInput

Params = Mapping[str, Any]
Answer = dict[str, Any]

# ---- members ----------------------------------------------------------------------


async def create_member(approved: Approved, params: Params) -> Answer:
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
    account_id, reference = approved.applicant_id, approved.number
    member = await members.admitted_before(id_no=applicant.id_no, account_id=account_id, reference=reference)
    if member is None:
        member = await members.admit(
            approved.decided_by,
            applicant=applicant,
            union_id=approved.target_union_id or 0,
            account_id=account_id,
            reference=reference,
        )
    made = {"member_no": member.member_no, "rejoined": member.rejoined, "card": "/me/card" if member.bound else None}
    return made if member.bound else made | {"next": sentence("card_not_bound")}


async def create_members(approved: Approved, params: Params) -> Answer:
    """Admit everybody in the form's list `table`; a row that cannot be admitted is reported with its reason."""
    return await cases.admit_roster(approved.decided_by, approved=approved, table=params["table"])


# What a flow file or a choice of its form may say.
MEMBER_ACTS = {
    **dict.fromkeys(("kept", "keep"), MemberAct.KEEP),
    **dict.fromkeys(("active", "resume", "restore"), MemberAct.RESTORE),
    **dict.fromkeys(("left", "leave"), MemberAct.LEAVE),
    **dict.fromkeys(("expelled", "expel"), MemberAct.EXPEL),
    "deceased": MemberAct.DECEASED,
    "transfer": MemberAct.TRANSFER_IN,
}
TRANSFER_FIELD = "to_org"


async def change_member(approved: Approved, params: Params) -> Answer:
    """`to` says what becomes of the membership, or `by` the choice of the form that says so; a choice that means no
    change, a warning for instance, changes nothing. A transfer goes to the union in `to_org`, else to the case's.
    """
    said = params["to"] if "to" in params else str(_value(approved, params["by"]) or "")
    act = MEMBER_ACTS.get(said)
    if act is None:
        return {}
    member = await _member(approved)
    who, reference = {"member_id": member.id}, approved.reference
    reason = f"{ACT_TEXT[act]}：办件 {approved.number}"
    if act is MemberAct.TRANSFER_IN:
        to = ids.parse(str(_value(approved, TRANSFER_FIELD) or "")) or approved.target_union_id or 0
        if await unions.place(to) is None:
            raise Conflict("union_unknown")
        await members.transfer(approved.decided_by, **who, to_union_id=to, reason="会籍转移", reference=reference)
    else:
        await members.change_by_decision(approved.decided_by, **who, act=act, reason=reason, reference=reference)
    now = await roll.facts(member.id) or member
    text = STATUS_TEXT[MemberStatus(now.status)]
    return {"member_status": now.status, "member_status_text": text, "union_name": now.union_name}


async def _member(approved: Approved) -> MemberFacts:
    """The member whose number is in the form, else the applicant's own record."""
    number = _value(approved, "id_no")
    found = None
    if number:
        found = await roll.facts_by_id_no(crypto.blind_index("id_no", number))
    elif approved.member_id is not None:
        found = await roll.facts(approved.member_id)
    if found is None:
        raise Conflict("not_on_roll")
    return found


# ---- unions -----------------------------------------------------------------------

SETUP_KINDS = {
    **dict.fromkeys(("area", "industry"), UnionKind.FEDERATION),
    **dict.fromkeys(("single", "joint", "village"), UnionKind.GRASSROOTS),
}


async def create_union(approved: Approved, params: Params) -> Answer:
    """A union below the one that the case went to. With `state: preparing`, as the effect of an action, it may not
    take members yet; the approval then makes it active."""
    values, parent = approved.values, await unions.place(approved.target_union_id or 0)
    data = Founding(
        name=str(values["union_name"]),
        kind=SETUP_KINDS.get(str(values.get("setup_kind", "")), UnionKind.GRASSROOTS),
        level=UnionLevel.UNIT,
        parent_id=approved.target_union_id or 0,
        division=str(values.get("division") or (parent.division if parent else "")),
        workplace_code=str(values.get("uscc") or ""),
        nature=_nature(values),
        preparing=params.get("state") == "preparing",
    )
    union = await tree.found_union(approved.decided_by, data=data, reference=approved.number)
    return {"union_name": union.name, "union": ids.public(union.id)}


def _nature(values: Mapping[str, Any]) -> UnionNature:
    given = str(values.get("nature") or "")
    return UnionNature(given) if given in set(UnionNature) else UnionNature.UNKNOWN


UNION_CHANGES = ("reelect", "coopt", "rename", "reparent", "merge", "dissolve")
PARENT_FIELDS = ("new_parent", "to_org")


async def change_union(approved: Approved, params: Params) -> Answer:
    """What the choice in field `by` says, to the union that the case is about."""
    kind = str(_value(approved, params["by"]) or "")
    union = await unions.place(approved.target_union_id or 0)
    if union is None or kind not in UNION_CHANGES:
        return {}
    actor, reference = approved.decided_by, approved.reference
    match kind:
        case "rename":
            name = str(_value(approved, "new_value") or _value(approved, "new_name") or "")
            await tree.rename_by_decision(actor, union_id=union.id, name=name, reference=reference)
        case "reparent":
            other = await _other_union(approved)
            await tree.move_by_decision(actor, union_id=union.id, parent_id=other.id, reference=reference)
        case "merge":
            other = await _other_union(approved)
            await tree.dissolve_by_decision(actor, union_id=union.id, into_id=other.id, reference=reference)
        case "dissolve":
            await tree.dissolve_by_decision(actor, union_id=union.id, reference=reference)
        case _:
            change = UnionChangeKind.ELECTED if kind == "reelect" else UnionChangeKind.COOPTED
            term = _term(approved)
            await tree.note_term(actor, union_id=union.id, kind=change, term=term, reference=reference)
    now = await unions.place(union.id) or union
    return {"union_name": now.name, "union_change": kind}


async def _other_union(approved: Approved) -> UnionPlace:
    """Chosen in a field for it, else written out as the new value."""
    for field in PARENT_FIELDS:
        if chosen := _value(approved, field):
            found = await unions.place(ids.parse(str(chosen)) or 0)
            if found is not None:
                return found
    name = str(_value(approved, "new_value") or "").strip()
    found = await unions.place_named(name)
    if found is None:
        raise Conflict("new_parent_unknown", name=name)
    return found


def _term(approved: Approved) -> Term:
    number = _value(approved, "term_no")
    began = _day(approved, "term_start") or _day(approved, "effective_date")
    ends = _day(approved, "term_end")
    years = _value(approved, "term_years")
    if ends is None and began is not None and isinstance(years, int):
        ends = date(began.year + years, began.month, min(began.day, 28))
    return Term(number=number if isinstance(number, int) else None, began=began, ends=ends)


def _day(approved: Approved, field: str) -> date | None:
    value = _value(approved, field)
    return date.fromisoformat(value) if isinstance(value, str) and value else None


# ---- registers --------------------------------------------------------------------


async def open_record(approved: Approved, params: Params) -> Answer:
    """A numbered entry in the register `kind`, which people know as `name`, that holds for `months`."""
    entry = await cases.open_entry(
        approved.decided_by,
        approved=approved,
        kind=params["kind"],
        name=params["name"],
        prefix=params["prefix"],
        months=int(params["months"]) if "months" in params else None,
    )
    until = entry.valid_until.isoformat() if entry.valid_until else ""
    return {"record_no": entry.number, "record_name": entry.name, "valid_until": until}


RECORD_STATES = {state.value: state for state in RecordState} | {"closed": RecordState.ENDED}


async def change_record(approved: Approved, params: Params) -> Answer:
    """The entry of register `kind` that the case is about becomes `state`. With `by`, a choice of the form says
    which: {by: review_kind, exit: ended, return: active}; one that is not named changes nothing. `months` lets the
    entry hold so long from today.
    """
    state = params.get("state") or params.get(str(_value(approved, params.get("by", "")) or ""), "")
    if not state:
        return {}
    entry = await cases.change_entry(
        approved.decided_by,
        approved=approved,
        kind=params["kind"],
        state=RECORD_STATES[state],
        months=int(params["months"]) if "months" in params else None,
    )
    text = RECORD_STATE_TEXT[RecordState(entry.state)]
    return {"record_no": entry.number, "record_name": entry.name, "record_state": text}


# ---- grades -----------------------------------------------------------------------


async def enrol_chair(approved: Approved, params: Params) -> Answer:
    """The applicant is in the appraisal of the year, with what the lines of their self-assessment add up to."""
    values = approved.values
    until = values.get("in_post_until")
    data = Enrolment(
        case_id=approved.case_id,
        case_number=approved.number,
        year=int(values["year"]),
        id_no=values["chair_id"],
        name=values["chair_name"],
        post=values["post_kind"],
        union_id=approved.target_union_id or 0,
        since=date.fromisoformat(values["in_post_since"]),
        until=date.fromisoformat(until) if until else None,
        self_score=grading.self_score([*(values.get("self_scores") or ()), *(values.get("bonus_items") or ())]),
        bank_card=str(values.get(CARD_FIELD) or ""),
        account_id=approved.applicant_id,
        member_id=approved.member_id,
    )
    return {"grade": await grading.enrol(approved.decided_by, data=data)}


# ---- money ------------------------------------------------------------------------

CARD_FIELD, PAYEE_FIELD = "bank_card", "account_name"


async def record_due(approved: Approved, params: Params) -> Answer:
    """An amount that is now due under `programme`: that of a field, or of the last act in `act.<key>.<field>`. With
    `zero: closed` nothing is due where nothing is left to pay."""
    values = approved.values
    amount = await _amount(approved, params["amount"])
    if amount == 0 and params.get("zero") == "closed":
        return {}
    case = await casework.record_by_id(approved.case_id)
    number = values.get("id_no")
    member = await roll.facts_by_id_no(crypto.blind_index("id_no", number)) if number else None
    card = str(values.get(CARD_FIELD) or "")
    context = f"case_file/bank_card/{approved.case_id}"
    due = NewDue(
        key=f"{approved.case_id}:{params['programme']}",
        source=DueSource.CASE,
        case_id=approved.case_id,
        case_number=approved.number,
        programme=params["programme"],
        name=catalogue.version(case.flow, case.flow_version).name,
        amount_fen=amount if isinstance(amount, int) else 0,
        payee_name=str(values.get(PAYEE_FIELD) or case.subject_name),
        account_id=approved.applicant_id,
        member_id=member.id if member else approved.member_id,
        union_id=approved.target_union_id or approved.desk_union_id,
        bank_name=str(values.get("bank_name") or ""),
        card_field=CARD_FIELD if card else "",
        card_sealed=crypto.seal(card, context=context) if card else "",
        card_context=context,
    )
    granted = await payments.record_due(approved.decided_by, due=due)
    return {"due_fen": granted, "due_text": DUE_TEXT[DueState.WAITING]}


async def open_campaign(approved: Approved, params: Params) -> Answer:
    """Hold the money of an approved plan and open it, by somebody else than its maker."""
    case = await casework.record_by_id(approved.case_id)
    campaign = await vouchers.open_approved(
        approved.decided_by,
        case_id=approved.case_id,
        number=approved.number,
        union_id=approved.desk_union_id or 0,  # whose desk approves it, wherever it was handed in
        values=dict(approved.values),
        filed_by=case.filed_by,
    )
    return {"campaign": campaign}


async def open_shop(approved: Approved, params: Params) -> Answer:
    """The shop of an approved merchant, at the union that the case went to."""
    values = approved.values
    data = ShopInput(
        name=str(values["shop_name"]),
        address=str(values.get("shop_address") or "")[:LONGEST_ADDRESS],
        division=_township(str(values.get("division") or "")),
        hours=str(values.get("open_hours") or "")[:LONGEST_HOURS],
        offers=str(values.get("offers") or "")[:LONGEST_OFFERS],
        settle_cycle=SettleCycle(str(values["settle_cycle"])),
    )
    union_id = approved.target_union_id or approved.desk_union_id or 0
    shop = await vouchers.open_decided_shop(approved.decided_by, data=data, union_id=union_id, case_id=approved.case_id)
    return {"shop": shop}


def _township(code: str) -> str:
    """Of a township or a village in it; nothing of what is no such place."""
    return code[:9] if len(code) >= 9 and reference.divisions().exists(code[:9]) else ""


async def stop_shop(approved: Approved, params: Params) -> Answer:
    """The shop that the case opened takes no voucher any more."""
    await vouchers.stop_decided_shop(approved.decided_by, case_id=approved.case_id)
    return {}


async def _amount(approved: Approved, where: str) -> Any:
    if not where.startswith("act."):
        return _value(approved, where)
    _, action, field = where.split(".", 2)
    return await casework.last_said(approved.case_id, action, field)


def _value(approved: Approved, field: str) -> Any:
    """Of the action's own form first, where this is the effect of an action."""
    return approved.act.get(field, approved.values.get(field))
