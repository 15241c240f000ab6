"""What conditions of flow files learn: real answers where the data is, None where nobody knows."""

from datetime import date
from typing import Any

import pytest

from backend import bindings
from backend.bindings import facts
from backend.casework import catalogue
from backend.casework.catalogue import Catalogue, open_catalogue
from backend.casework.protocols import unknown
from backend.core import database, ids
from backend.core.actor import SYSTEM
from backend.core.settings import CONFIG_DIR
from backend.membership import commands as members
from backend.membership.enums import MemberAct
from tests.bindings.acting import applied, approved, ask, form, id_no, member
from tests.bindings.test_outcomes import CODE, setup
from tests.casework.world import World, person


async def case_id(number: str) -> int:
    return await database.scalar("SELECT id FROM case_file WHERE number = %s", number)


def about(sequence: int = 1, **more: Any) -> Any:
    return ask(values={"id_no": id_no(sequence), **more})


async def test_the_status_of_a_member(world: World) -> None:
    assert await facts.member_status(ask()) is None
    assert await facts.member_status(about()) == "none"
    admitted = await member(world)
    for question in (about(), ask(member_id=admitted.id)):
        assert await facts.member_status(question) == "active"
        assert await facts.member_age(question) == 36
        assert await facts.member_gender(question) in ("F", "M")
        assert await facts.person_status(question) == "active"
    await members.change_status(SYSTEM, member_id=admitted.id, act=MemberAct.KEEP, reason="")
    assert await facts.person_status(about()) == "kept"
    await members.change_status(SYSTEM, member_id=admitted.id, act=MemberAct.LEAVE, reason="")
    assert (await facts.member_status(about()), await facts.person_status(about())) == ("left", "worker")
    assert await facts.person_status(about(7)) == "worker"
    assert await facts.person_status(ask()) is None
    assert await facts.member_age(ask()) is None


async def test_the_gender_is_that_of_the_number(world: World) -> None:
    assert await facts.member_gender(ask(values={"id_no": "990001199003070011"})) == "M"
    assert await facts.member_gender(ask(values={"id_no": "990001199003070020"})) == "F"
    assert await facts.member_gender(ask(values={"id_no": "99000119"})) is None
    assert await facts.member_gender(ask()) is None


async def test_a_transfer_under_way_counts_but_not_the_case_itself(world: World) -> None:
    await member(world)
    assert await facts.open_transfer(about()) == 0
    number = await applied(world, "member-transfer", form(world, to_org=ids.public(world.far_unit.id)))
    assert await facts.open_transfer(about()) == 1
    same = ask(values={"id_no": id_no()}, case_id=await case_id(number))
    assert await facts.open_transfer(same) == 0
    assert await facts.open_transfer(about(2)) == 0
    assert await facts.open_transfer(ask()) is None


async def test_a_hardship_file_that_is_applied_for_counts(world: World) -> None:
    assert await facts.open_hardship_file(about()) == 0
    await applied(world, "hardship-file", form(world))
    assert await facts.open_hardship_file(about()) == 1
    assert await facts.open_hardship_file(ask()) is None


async def test_the_days_of_temporary_aid(world: World) -> None:
    assert await facts.temporary_aid(about()) == []
    await approved(world, "temporary-aid", form(world, request_amount=100))
    await applied(world, "temporary-aid", form(world, request_amount=100))
    assert await facts.temporary_aid(about()) == [date(2026, 3, 10)]
    assert await facts.temporary_aid(about(2)) == []
    assert await facts.temporary_aid(ask()) is None


async def test_a_plan_is_taken_by_whoever_asks_for_one(world: World) -> None:
    plan: dict[str, Any] = {"plan_ref": "hospital", "period": 2026}
    number = await applied(world, "mutual-aid-enrol", form(world, **plan))
    assert await facts.plan_period_free(about(**plan)) is False
    own = ask(values={"id_no": id_no(), **plan}, case_id=await case_id(number))
    assert await facts.plan_period_free(own) is True
    assert await facts.plan_period_free(about(enrol_mode="unit", **plan)) is True
    assert await facts.plan_period_free(about(2, **plan)) is True
    assert await facts.plan_period_free(about(2, plan_ref="critical", period=2026)) is True
    assert await facts.plan_period_free(about(2, plan_ref="hospital")) is None


async def test_an_invoice_counts_for_one_case(world: World) -> None:
    rows = [{"invoice_no": "ab 123"}, {"invoice_no": "45"}]
    assert await facts.invoice_duplicate(about(invoices=rows)) is False
    number = await applied(world, "mutual-aid-claim", form(world, invoices=rows))
    assert await facts.invoice_duplicate(about(invoice_no="ＡＢ123")) is True
    assert await facts.invoice_duplicate(ask(values={"invoices": rows}, case_id=await case_id(number))) is False
    assert await facts.invoice_duplicate(about(invoice_no="ab123", invoice_code="9")) is False
    assert await facts.invoice_duplicate(about(invoices=[{"invoice_no": "7"}, {"invoice_no": "7"}])) is True
    assert await facts.invoice_duplicate(about(invoices=[{}])) is None


async def test_everybody_of_a_list_is_a_member(world: World) -> None:
    await member(world, 1)
    await member(world, 2)
    two = [{"id_no": id_no(1)}, {"id_no": id_no(2)}]
    assert await facts.members_of_form(ask(values={"players": two})) is True
    assert await facts.members_of_form(ask(values={"players": two, "person_id": id_no(3)})) is False
    assert await facts.members_of_form(ask(values={"person_id": id_no(2)})) is True
    assert await facts.members_of_form(ask(values={"players": [{"name": "x"}]})) is None


async def test_whether_a_workplace_has_an_active_union(world: World) -> None:
    assert await facts.org_active_union(ask()) is None
    assert await facts.org_active_union(ask(values=setup(world))) is False
    await approved(world, "union-setup", setup(world))
    by_code = {"uscc": CODE, "union_name": "另一个名称"}
    for values in (setup(world), {"org_name": "测试快运"}, {"union_name": "测试快运工会"}, by_code):
        assert await facts.org_active_union(ask(values=values)) is True
    assert await facts.org_active_union(ask(values={"org_name": "星城快递"})) is True
    await database.execute("UPDATE union_org SET state = 'dissolved'")
    assert await facts.org_active_union(ask(values=by_code)) is False


async def test_what_is_known_of_the_union_asked(world: World) -> None:
    at = ask(target_union_id=world.unit.id)
    assert await facts.union_status(at) == "active"
    assert await facts.union_has_name(at) is True
    assert await facts.union_nature(at) is None
    for nature, said in (("private", "non_public"), ("public", "public")):
        await database.execute("UPDATE union_org SET nature = %s WHERE id = %s", nature, world.unit.id)
        assert await facts.union_nature(at) == said
    for fact in (facts.union_status, facts.union_has_name, facts.union_nature):
        assert await fact(ask()) is None
        assert await fact(ask(target_union_id=1)) is None


# Each is asked with an identity number, a union and a form that gives it something to look for.
ASKED = {name for name, fact in bindings.FACTS.items() if fact is not unknown}


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return open_catalogue(CONFIG_DIR, bindings.BINDINGS)


@pytest.mark.parametrize("name", sorted(ASKED))
async def test_a_fact_is_asked_by_index(
    world: World, shipped: Catalogue, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No statement of a fact reads a whole table, whatever stands in it."""
    monkeypatch.setattr(catalogue, "_current", shipped)  # some go by what their service's own file says
    seen: list[tuple[str, tuple[Any, ...]]] = []
    rows = database.rows

    async def noted(sql: str, *params: Any) -> Any:
        seen.append((sql, params))
        return await rows(sql, *params)

    monkeypatch.setattr(database, "rows", noted)
    values: dict[str, Any] = {
        "invoice_no": "1",
        "person_id": id_no(3),
        "plan_ref": "a",
        "period": "2026",
        "policy_no": "YLHZ2026-000001",
    }
    question = about(**values, file_no="KNDA2026-000001", union_name="甲乙丙工会", uscc=CODE)
    await bindings.FACTS[name](_with_union(question, world))
    assert len(seen) <= 4
    for sql, params in seen:
        plan = await rows(f"EXPLAIN {'QUERY PLAN ' if database.is_sqlite() else ''}{sql}", *params)
        assert not [line for line in plan if _scans(line)], (sql, plan)


def _with_union(question: Any, world: World) -> Any:
    return ask(values=question.values, target_union_id=world.unit.id)


def _scans(line: dict[str, Any]) -> bool:
    if "detail" in line:
        return str(line["detail"]).startswith("SCAN")
    return line["type"] == "ALL"


async def test_the_person_is_who_asks_where_the_form_has_no_number(world: World) -> None:
    admitted = await member(world)
    await approved(world, "temporary-aid", form(world, request_amount=100), await person(world))
    assert await facts.temporary_aid(ask(member_id=admitted.id)) == [date(2026, 3, 10)]
    assert await facts.temporary_aid(ask(member_id=1)) == []
