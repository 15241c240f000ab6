"""What conditions of flow files may ask. None means that nobody knows: it refuses nobody and asks a person."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from backend.aid import queries as aid
from backend.aid.enums import PolicyState
from backend.aid.hardship_enums import FileState
from backend.aid.schemas import PolicyFacts
from backend.bindings.persons import birth_of, cases_of, member_of, person_of, typed_person
from backend.casework import invoices
from backend.casework import queries as cases
from backend.casework.protocols import Question
from backend.core import crypto, national
from backend.identity import queries as identity
from backend.membership import queries as roll
from backend.membership.enums import MemberStatus
from backend.unions import queries as unions
from backend.unions.enums import UnionLevel, UnionNature
from backend.unions.schemas import UnionPlace

NOBODY, SOMEBODY_ELSE, UNIT = "none", "other", "unit"
ENROL, HARDSHIP, TRANSFER, TEMPORARY = "mutual-aid-enrol", "hardship-file", "member-transfer", "temporary-aid"

# ---- persons ----------------------------------------------------------------------


async def worker_age(question: Question) -> int | None:
    """Full years today, by the identity number in the form."""
    birth = birth_of(question.values.get("id_no") or "")
    return None if birth is None else national.age_on(birth, question.today)


async def worker_active_membership(question: Question) -> bool | None:
    """Whether the identity number of the form, or else the actor's own record, has an effective membership."""
    if not typed_person(question).known:
        return None
    member = await member_of(question)
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


async def member_status(question: Question) -> str | None:
    """A status of the roll, `none` for somebody who is not on it."""
    if not typed_person(question).known:
        return None
    member = await member_of(question)
    return member.status if member else NOBODY


async def person_status(question: Question) -> str | None:
    """`active` or `kept` for members, `worker` for everybody else who is alive."""
    status = await member_status(question)
    if status in (None, MemberStatus.KEPT, MemberStatus.DECEASED):
        return status
    effective = status in (MemberStatus.ACTIVE, MemberStatus.TRANSFERRING)
    return MemberStatus.ACTIVE.value if effective else "worker"


async def member_age(question: Question) -> int | None:
    birth = (await person_of(question)).birth
    return None if birth is None else national.age_on(birth, question.today)


async def member_gender(question: Question) -> str | None:
    """F or M, by the last digit but one of the identity number."""
    number = (await person_of(question)).number or ""
    if len(number) != len("YYYYMMDD") + 10 or not number[-2].isdigit():
        return None
    return "M" if int(number[-2]) % 2 else "F"


async def applicant_is_subject(question: Question) -> bool | None:
    """Whether the form is about the member who sent it, by the identity number of the record."""
    number = question.values.get("id_no")
    if not number:
        return None
    return question.member_id is not None and await roll.has_id_no(question.member_id, number)


async def members_of_form(question: Question) -> bool | None:
    """Whether everybody whose number stands in the form's lists, or as `person_id`, is an effective member."""
    numbers = set(_listed(question.values))
    if not numbers:
        return None
    return await roll.count_effective([crypto.blind_index("id_no", number) for number in numbers]) == len(numbers)


def _listed(values: Mapping[str, Any]) -> Iterator[str]:
    if values.get("person_id"):
        yield values["person_id"]
    for value in values.values():
        if isinstance(value, list):
            yield from (row["id_no"] for row in value if isinstance(row, dict) and row.get("id_no"))


# ---- cases of a person ------------------------------------------------------------


async def open_transfer(question: Question) -> int | None:
    """How many transfers of this person are under way beside the case itself."""
    who = await cases_of(question)
    return None if who.condition is None else await cases.running(who, TRANSFER)


async def running_alike(question: Question) -> int | None:
    """How many cases of the same service this person has under way beside the case itself."""
    who = await cases_of(question)
    return None if who.condition is None else await cases.running(who, question.flow)


async def open_hardship_file(question: Question) -> int | None:
    """The open hardship file of the person's household, and what they ask for one."""
    who = await cases_of(question)
    if who.index is None:
        return None
    return int(await aid.is_on_file(who.index)) + await cases.running(who, HARDSHIP)


async def temporary_aid(question: Question) -> Sequence[date] | None:
    """The days on which this person was granted temporary aid."""
    who = await cases_of(question)
    return None if who.condition is None else await cases.approved_on(who, TEMPORARY)


async def plan_period_free(question: Question) -> bool | None:
    """Whether the person neither has nor asks for a policy of the same plan and year; of a list each row is looked
    at by itself."""
    if question.values.get("enrol_mode") == UNIT:
        return True
    wanted = _plan(question.values)
    who = await cases_of(question)
    if who.index is None or None in wanted:
        return None
    plan, year = wanted
    if await aid.plan_taken(who.index, str(plan), int(year), but_case=who.but):
        return False
    return wanted not in [_plan(form) for form in await cases.running_forms(who, ENROL)]


def _plan(form: Mapping[str, Any]) -> tuple[Any, Any]:
    return form.get("plan_ref"), form.get("period")


async def invoice_duplicate(question: Question) -> bool | None:
    """Whether an invoice stands in the form twice, or another case counts on it."""
    numbers = invoices.numbers_of(question.values)
    if not numbers:
        return None
    if len(set(numbers)) < len(numbers):
        return True
    return await cases.holds_invoice(numbers, but=question.case_id)


# ---- policies ---------------------------------------------------------------------


async def policy_status(question: Question) -> str | None:
    """`effective`, `ended` or `refunded`; `other` where the form is about somebody else than the policy. With a day
    of admission that day decides, and whether it lies within the policy is asked by itself."""
    policy = await policy_of(question)
    if policy is None:
        return None
    index = typed_person(question).index
    if index and policy.person_index != index:
        return SOMEBODY_ELSE
    if policy.state is PolicyState.REFUNDED:
        return policy.state.value
    over = policy.ends_on < question.today and not question.values.get("admit_date")
    return "ended" if over else "effective"


async def policy_plan(question: Question) -> str | None:
    policy = await policy_of(question)
    return policy.plan if policy else None


async def policy_wait_end(question: Question) -> date | None:
    """The last day of the waiting period; the day before the policy where it has none."""
    policy = await policy_of(question)
    return policy.wait_end if policy else None


async def policy_end_date(question: Question) -> date | None:
    policy = await policy_of(question)
    return policy.ends_on if policy else None


async def policy_of(question: Question) -> PolicyFacts | None:
    """The one whose number is in the form; without a number the newest of the person. A number that nobody knows may
    be on a paper from before the policies were kept here."""
    number = question.values.get("policy_no")
    if isinstance(number, str) and number:
        return await aid.policy_by_number(national.compact(number))
    index = (await person_of(question)).index
    return await aid.newest_policy(index) if index is not None else None


# ---- hardship files ---------------------------------------------------------------


async def file_status(question: Question) -> str | None:
    """`active` or `ended`; `other` where the form is about somebody who is not of the household. A number that nobody
    knows may be on a paper from before the files were kept here."""
    number, index = question.values.get("file_no"), typed_person(question).index
    if isinstance(number, str) and number:
        file = await aid.file_by_number(national.compact(number))
        if file is not None and index and not await aid.is_of_file(file.id, index):
            return SOMEBODY_ELSE
    else:
        index = index or (await person_of(question)).index
        file = await aid.newest_file(index) if index is not None else None
    if file is None:
        return None
    return "active" if file.state is FileState.OPEN else "ended"


# ---- unions -----------------------------------------------------------------------


async def org_has_union(question: Question) -> bool | None:
    """Whether the case goes to a union of the workplace itself, and not to the town's or county's."""
    union = await _target(question)
    return None if union is None else union.level == UnionLevel.UNIT


async def org_active_union(question: Question) -> bool | None:
    """Whether the workplace of the form has an active union, by the union's name, its own or its credit code."""
    values = question.values
    union, workplace = (str(values.get(name) or "").strip() for name in ("union_name", "org_name"))
    code = str(values.get("uscc") or "")
    if not (union or workplace or code):
        return None
    names = [union, *(f"{workplace}{ending}" for ending in ("工会", "工会委员会") if workplace)]
    return await unions.is_active(names=names, code=code)


async def union_status(question: Question) -> str | None:
    union = await _target(question)
    return union.state if union else None


async def union_has_name(question: Question) -> bool | None:
    union = await _target(question)
    return None if union is None else bool(union.name)


async def union_nature(question: Question) -> str | None:
    """`public` or `non_public`; None where nobody has filled it in."""
    union = await _target(question)
    natures = {UnionNature.PUBLIC.value: "public", UnionNature.PRIVATE.value: "non_public"}
    return natures.get(union.nature) if union else None


async def _target(question: Question) -> UnionPlace | None:
    return await unions.place(question.target_union_id) if question.target_union_id is not None else None
