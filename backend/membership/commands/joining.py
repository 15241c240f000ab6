"""Becoming a member: one effective membership per identity number, whoever asks at the same time."""

from backend.core import audit, clock, crypto, database, ids, outbox, pinyin, reference, sequences
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Invalid, NotFound, sentence
from backend.core.national import age_on
from backend.identity import commands as identity_commands
from backend.identity import queries as identity
from backend.membership import rules
from backend.membership.commands.history import changed_by, note_change
from backend.membership.enums import MemberStatus
from backend.membership.events import MemberAdmitted
from backend.membership.models import Member
from backend.membership.schemas import AdmittedMember, NewMember
from backend.unions import queries as unions
from backend.unions.enums import UnionState
from backend.unions.schemas import UnionPlace


@command
async def admit(
    actor: Actor, *, applicant: NewMember, union_id: int, account_id: int | None, reference: str
) -> AdmittedMember:
    """Make the applicant a member of the union; somebody who left comes back to their own record.

    Called inside the command that decides the application, whose number is `reference`. Conflict when there
    is an effective membership. The applicant's account, if it has no card yet and its phone is that of the
    form, opens the new one; anybody else confirms the identity number from the phone of the form.
    """
    union = await open_union(union_id)
    person = _person(applicant)
    index = crypto.blind_index("id_no", person.id_no.number)
    known = await Member.get_or_none(id_no_index=index)
    refusal = rules.may_join(
        age=age_on(person.id_no.birth, clock.today()), status=MemberStatus(known.status) if known else None
    )
    if refusal:
        raise Conflict(refusal)
    if known is None:
        member_id, member_no = await _enrol(person, applicant, union, index)
        version = 1
    else:
        member_id, member_no = known.id, known.member_no
        version = await _take_back(known, person, applicant, union)
    await note_change(
        actor,
        member_id=member_id,
        before=(known.status, known.union_id) if known else None,
        after=(MemberStatus.ACTIVE, union_id),
        reason="重新入会" if known else "入会",
        reference=reference,
    )
    await audit.record(actor, "member.admitted", object_kind="member", object_id=member_id, detail={"ref": reference})
    await outbox.emit(MemberAdmitted(member_id), key=f"{member_id}:{version}")
    bound = await _bind(actor, account_id, member_id, person)
    return AdmittedMember(id=member_id, member_no=member_no, rejoined=known is not None, bound=bound)


async def admitted_before(*, id_no: str, account_id: int | None, reference: str) -> AdmittedMember | None:
    """What this application's admission gave; None when it was not admitted yet."""
    known = await Member.get_or_none(id_no_index=crypto.blind_index("id_no", id_no))
    before = await changed_by(reference, known.id) if known is not None else None
    if known is None or before is None:
        return None
    bound = (await identity.accounts_of_members([known.id])).get(known.id)
    return AdmittedMember(
        id=known.id,
        member_no=known.member_no,
        rejoined=before != "",
        bound=account_id is not None and bound == account_id,
    )


async def why_not(applicant: NewMember) -> str | None:
    """The sentence that says why this person cannot be admitted, or None. For lists, where one refused row must
    not undo the others."""
    try:
        person = _person(applicant)
    except Invalid as exc:
        return exc.errors[0].message
    index = crypto.blind_index("id_no", person.id_no.number)
    status = await database.scalar("SELECT status FROM member WHERE id_no_index = %s", index)
    age = age_on(person.id_no.birth, clock.today())
    refusal = rules.may_join(age=age, status=MemberStatus(status) if status else None)
    return sentence(refusal) if refusal else None


async def open_union(union_id: int) -> UnionPlace:
    union = await unions.place(union_id)
    if union is None:
        raise NotFound()
    if not union.accepts_members or union.state != UnionState.ACTIVE:
        raise Conflict("union_takes_no_members")
    return union


def _person(applicant: NewMember) -> rules.Person:
    settings = reference.settings()
    return rules.person_of(applicant, allow_synthetic=settings.allow_synthetic_ids, today=clock.today())


def values_of(member_id: int, person: rules.Person, applicant: NewMember, union: UnionPlace) -> dict[str, object]:
    """The columns that an admission sets, on a new record and on an old one alike."""
    household = applicant.household or reference.divisions().household_province(person.id_no.number)
    return {
        "name": person.name,
        "initials": pinyin.name_initials(person.name)[:25],
        "phone_index": crypto.blind_index("phone", person.phone),
        "phone_sealed": crypto.seal(person.phone, context=f"member/phone/{member_id}"),
        "household_province": household[:2],
        "status": MemberStatus.ACTIVE.value,
        "status_since": clock.today(),
        "union_id": union.id,
        "division": (applicant.division or union.division)[:12],
        "employ_form": applicant.employ_form,
        "newform_group": applicant.newform_group,
        "employer": applicant.employer[:60],
        "joined_on": clock.today(),
    }


async def _enrol(person: rules.Person, applicant: NewMember, union: UnionPlace, index: str) -> tuple[int, str]:
    county, year = reference.settings().county_division, clock.today().year
    number = rules.member_number(county, year, await sequences.next_number(rules.number_series(county, year)))
    member_id = ids.new_id()
    row = values_of(member_id, person, applicant, union) | {
        "id": member_id,
        "member_no": number,
        "id_no_index": index,
        "id_no_sealed": crypto.seal(person.id_no.number, context=f"member/id_no/{member_id}"),
        "gender": person.gender,
        "birth_year": person.id_no.birth.year,
        "birth_month": person.id_no.birth.month,
        "version": 1,
        "created_at": clock.now(),
    }
    # The unique index decides between admissions that all saw no record.
    if not await database.insert_if_absent("member", row, key="id_no_index"):
        raise Conflict("already_member")
    return member_id, number


async def _take_back(known: Member, person: rules.Person, applicant: NewMember, union: UnionPlace) -> int:
    values = values_of(known.id, person, applicant, union)
    assignments = ", ".join(f"{column} = %s" for column in values)
    won = await database.execute(
        f"UPDATE member SET {assignments}, version = version + 1 WHERE id = %s AND version = %s",  # noqa: S608
        *values.values(),
        known.id,
        known.version,
    )
    if not won:
        raise Conflict("already_member")
    return known.version + 1


async def _bind(actor: Actor, account_id: int | None, member_id: int, person: rules.Person) -> bool:
    """Whether the account opens this card: only that of the phone in the form, for others may file for somebody.

    Nor does it when it stands for somebody else already.
    """
    if account_id is None:
        return False
    phones = await identity.phones_of([account_id])
    if not phones or phones[0].index != crypto.blind_index("phone", person.phone):
        return False
    holder = await identity.account_of_phone(person.phone)
    if holder is not None and holder[1] is not None:
        return holder[1] == member_id
    if await identity.is_reachable(member_id):
        return False
    await identity_commands.bind_member(account_id, member_id, display=person.name, actor=actor)
    return True
