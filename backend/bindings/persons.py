"""Whom a question is about: the identity number in the form, else the record of whoever asks."""

from datetime import date

import msgspec

from backend.casework.protocols import Question
from backend.casework.queries import PersonCases
from backend.core import crypto
from backend.membership import queries as roll
from backend.membership.schemas import MemberFacts


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """`number` is the identity number where it is known, `index` its blind index."""

    number: str | None = None
    index: str | None = None
    member_id: int | None = None

    @property
    def known(self) -> bool:
        return self.index is not None or self.member_id is not None

    @property
    def birth(self) -> date | None:
        return birth_of(self.number or "")


def typed_person(question: Question) -> Person:
    """As far as no database has to be asked."""
    number = question.values.get("id_no")
    if isinstance(number, str) and number:
        return Person(number=number, index=crypto.blind_index("id_no", number))
    return Person(member_id=question.member_id)


async def person_of(question: Question) -> Person:
    """With the identity number of the record, where the form has none."""
    person = typed_person(question)
    if person.index is not None or person.member_id is None:
        return person
    held = await roll.id_no_of(person.member_id)
    return person if held is None else Person(index=held[0], number=held[1], member_id=person.member_id)


async def member_of(question: Question) -> MemberFacts | None:
    person = typed_person(question)
    if person.index is not None:
        return await roll.facts_by_id_no(person.index)
    return await roll.facts(person.member_id) if person.member_id is not None else None


async def cases_of(question: Question) -> PersonCases:
    """The person's cases but the one that is being judged."""
    person = await person_of(question)
    return PersonCases(index=person.index, member_id=person.member_id, but=question.case_id)


def birth_of(number: str) -> date | None:
    try:
        return date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}") if number else None
    except ValueError:
        return None
