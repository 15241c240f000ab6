"""What an approval makes true: the effect, the answer, and the same answer when it is done twice."""

from typing import Any

import pytest

from backend.casework import queries
from backend.core import database, ids, national
from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.home import doctor
from backend.membership import queries as roll
from backend.payments import queries as payments
from backend.unions import queries as unions
from tests.bindings.acting import act, again, applied, approve, approved, form, id_no, member
from tests.casework.world import World, decide, person
from workers import tasks

CODE = "91990121MA4L16JD37"


async def wrong(*but: str) -> list[str]:
    """What the doctor finds; the audit log is not sealed here."""
    return [one.check for one in await doctor.examine() if one.check not in but]


# ---- members ----------------------------------------------------------------------


def roster(*sequences: int) -> list[dict[str, str]]:
    return [{"name": "李小试", "id_no": id_no(n), "mobile": f"154{n:08d}", "group": "courier"} for n in sequences]


async def recruited(world: World, rows: list[dict[str, str]]) -> dict[str, Any]:
    return await approved(world, "member-recruit", {"org_ref": ids.public(world.unit.id), "roster": rows})


async def test_everybody_of_a_list_joins_and_a_wrong_row_says_why(world: World) -> None:
    await member(world, 2)
    broken = {"name": "李小试", "id_no": "123", "mobile": "15400000009", "group": ""}
    answer = await recruited(world, [*roster(1, 2, 1), broken])
    assert (answer["joined"], answer["refused"], answer["waiting"]) == (1, 3, 0)
    assert [row["row"] for row in answer["refused_rows"]] == [2, 3, 4]
    assert answer["refused_rows"][0]["reason"].startswith("这个证件号已经")
    [joined] = await database.rows("SELECT id FROM member WHERE newform_group = 'courier'")
    facts = await roll.facts(joined["id"])
    assert facts is not None
    assert (facts.status, facts.union_id, facts.employ_form) == ("active", world.unit.id, "newform")
    assert await again(world, answer["number"]) == answer
    assert await database.scalar("SELECT COUNT(*) FROM member") == 2
    assert await wrong() == []


async def test_a_long_list_goes_on_after_the_decision(world: World) -> None:
    answer = await recruited(world, roster(*range(1, 121)))
    assert (answer["joined"], answer["waiting"]) == (50, 70)
    while await tasks.react_next():
        pass
    assert await database.scalar("SELECT COUNT(*) FROM member") == 120
    actor_id = await database.scalar("SELECT applicant_id FROM case_file WHERE number = %s", answer["number"])
    seen = await queries.own_case(answer["number"], Actor(kind="person", account_id=actor_id))
    assert seen.outcome is not None
    assert (seen.outcome["joined"], seen.outcome["waiting"], seen.outcome["text"]) == (120, 0, "逐人入会")


async def test_an_empty_list_changes_nothing(world: World) -> None:
    assert "joined" not in await approved(world, "member-recruit", {"org_ref": ids.public(world.unit.id)})
    assert await wrong() == []


async def test_joining_twice_is_joining_once(world: World) -> None:
    who = form(world)
    del who["org_ref"]  # nobody who joins has a union yet
    number = await applied(
        world,
        "member-join",
        {
            **who,
            "employ_form": "contract",
            "division": "990121001",
            "target_org": ids.public(world.unit.id),
            "charter_ok": True,
            "privacy_ok": True,
            "privacy_version": "2026-01",
        },
    )
    await decide(number, world.officer, "approve", 1)
    first = (await database.rows("SELECT outcome FROM case_file WHERE number = %s", number))[0]["outcome"]
    repeated = await again(world, number)
    assert f'"member_no":"{repeated["member_no"]}"' in first
    assert repeated["rejoined"] is False
    assert await database.scalar("SELECT COUNT(*) FROM membership_change") == 1


async def test_a_transfer_moves_the_membership(world: World) -> None:
    admitted = await member(world)
    values = form(world, to_org=ids.public(world.far_unit.id))
    answer = await approved(world, "member-transfer", values)
    assert (answer["member_status"], answer["union_name"]) == ("active", "松坡物流工会")
    facts = await roll.facts(admitted.id)
    assert facts is not None
    assert facts.union_id == world.far_unit.id
    history = await database.rows("SELECT to_status FROM membership_change WHERE reference = %s", answer["number"])
    assert [row["to_status"] for row in history] == ["transferring", "active"]
    assert await again(world, answer["number"]) == answer
    assert await database.scalar("SELECT COUNT(*) FROM membership_change") == 3
    assert await wrong() == []


async def test_a_transfer_to_where_one_is_already_is_refused(world: World) -> None:
    await member(world)
    number = await applied(world, "member-transfer", form(world, to_org=ids.public(world.unit.id)))
    with pytest.raises(Conflict) as refused:
        await approve(world, number)
    assert refused.value.code == "transfer_same_union"
    assert await database.scalar("SELECT status FROM case_file WHERE number = %s", number) == "submitted"


@pytest.mark.parametrize(
    ("action", "status"), [("keep", "kept"), ("leave", "left"), ("deceased", "deceased"), ("sanction", None)]
)
async def test_the_form_says_what_becomes_of_a_membership(world: World, action: str, status: str | None) -> None:
    admitted = await member(world)
    answer = await approved(world, "member-status", form(world, action=action))
    facts = await roll.facts(admitted.id)
    assert facts is not None
    assert (answer.get("member_status"), facts.status) == (status, status or "active")
    assert await again(world, answer["number"]) == answer
    assert await wrong() == []


async def test_an_impossible_change_is_refused_in_words(world: World) -> None:
    await member(world)
    number = await applied(world, "member-status", form(world, action="resume"))
    with pytest.raises(Conflict) as refused:
        await approve(world, number)
    assert refused.value.code == "status_change_impossible"
    number = await applied(world, "member-status", form(world, 9, action="keep"))
    with pytest.raises(Conflict) as stranger:
        await approve(world, number)
    assert stranger.value.code == "not_on_roll"


# ---- unions -----------------------------------------------------------------------


def setup(world: World, **changes: Any) -> dict[str, Any]:
    values = {"union_name": "测试快运工会", "org_name": "测试快运", "uscc": CODE, "setup_kind": "single"}
    return {**values, "org_ref": ids.public(world.town.id), **changes}


async def test_a_founding_puts_a_union_below_the_one_asked(world: World) -> None:
    answer = await approved(world, "union-setup", setup(world))
    union = await unions.place(ids.parse(answer["union"]) or 0)
    assert union is not None
    assert (union.name, union.kind, union.level, union.state) == ("测试快运工会", "grassroots", "unit", "active")
    assert (union.parent_id, union.division) == (world.town.id, "990121001")
    assert union.path.startswith(world.town.path)
    assert await unions.is_active(code=CODE) is True
    assert await again(world, answer["number"]) == answer
    assert await database.scalar("SELECT COUNT(*) FROM union_org") == 6
    assert await wrong() == []


async def test_a_union_in_preparation_takes_no_members_until_it_is_approved(world: World) -> None:
    number = await applied(world, "union-setup", setup(world, setup_kind="industry"))
    await act(number, "prepare", world.clerk)
    await act(number, "prepare", world.clerk)
    preparing = await unions.place_named("测试快运工会")
    assert preparing is not None
    assert (preparing.state, preparing.accepts_members, preparing.kind) == ("preparing", False, "federation")
    answer = await approve(world, number)
    union = await unions.place(preparing.id)
    assert union is not None
    assert (union.state, union.accepts_members, answer["union"]) == ("active", True, ids.public(preparing.id))
    kinds = [row["kind"] for row in await database.rows("SELECT kind FROM union_change ORDER BY id")]
    assert kinds == ["founded", "activated"]


async def test_a_name_that_is_taken_stops_the_approval_in_words(world: World) -> None:
    number = await applied(world, "union-setup", setup(world, union_name="星城快递工会"))
    with pytest.raises(Conflict) as refused:
        await approve(world, number)
    assert refused.value.detail.startswith("按申请表建立或变更工会办不成：已经有一个同名的工会")
    assert await database.scalar("SELECT COUNT(*) FROM union_change") == 0


async def changed(world: World, kind: str, **more: Any) -> dict[str, Any]:
    values = {"org_ref": ids.public(world.unit.id), "change_kind": kind, **more}
    return await approved(world, "union-change", values)


async def test_a_union_is_renamed(world: World) -> None:
    answer = await changed(world, "rename", new_value="星城速运工会")
    assert answer["union_name"] == "星城速运工会"
    assert await again(world, answer["number"]) == answer
    [line] = await database.rows("SELECT `before`, `after` FROM union_change")
    assert line == {"before": "星城快递工会", "after": "星城速运工会"}
    assert await wrong() == []


async def test_a_union_moves_below_another_one(world: World) -> None:
    answer = await changed(world, "reparent", new_value="松坡镇总工会")
    union = await unions.place(world.unit.id)
    assert union is not None
    assert union.parent_id == world.far_town.id
    assert union.path.startswith(world.far_town.path)
    assert await again(world, answer["number"]) == answer
    assert await wrong() == []


async def test_a_parent_that_nobody_knows_is_asked_for(world: World) -> None:
    with pytest.raises(Conflict) as refused:
        await changed(world, "reparent", new_value="不存在总工会")
    assert refused.value.code == "new_parent_unknown"


@pytest.mark.parametrize(("kind", "status", "where"), [("dissolve", "kept", "town"), ("merge", "active", "far_unit")])
async def test_members_of_a_closed_union_go_on(world: World, kind: str, status: str, where: str) -> None:
    admitted = await member(world)
    answer = await changed(world, kind, new_value="松坡物流工会")
    await tasks.drain_outbox({})
    union, facts = await unions.place(world.unit.id), await roll.facts(admitted.id)
    assert union is not None
    assert facts is not None
    assert (union.state, facts.status, facts.union_id) == ("dissolved", status, getattr(world, where).id)
    assert await again(world, answer["number"]) == answer
    assert await wrong() == []


async def test_an_election_sets_the_term(world: World) -> None:
    answer = await changed(world, "reelect", term_no=3, effective_date="2026-03-01", term_years=5)
    sql = "SELECT term_no, term_began, term_ends FROM union_org WHERE id = %s"
    [row] = await database.rows(sql, world.unit.id)
    assert [str(value) for value in row.values()] == ["3", "2026-03-01", "2031-03-01"]
    await changed(world, "coopt", term_no=9)
    assert await database.scalar("SELECT term_no FROM union_org WHERE id = %s", world.unit.id) == 3
    assert await again(world, answer["number"]) == answer
    kinds = await database.rows("SELECT kind, `after` FROM union_change ORDER BY id")
    assert [row["kind"] for row in kinds] == ["elected", "coopted"]
    assert kinds[0]["after"] == "第3届 2026-03-01至2031-03-01"


# ---- registers --------------------------------------------------------------------


async def test_an_entry_is_opened_once(world: World) -> None:
    admitted = await member(world)
    answer = await approved(world, "mutual-aid-enrol", form(world, plan_ref="hospital", period="2026"))
    assert (answer["record_no"], answer["record_name"]) == ("HZ2026-000001", "互助凭证")
    assert answer["valid_until"] == "2027-03-09"
    assert await again(world, answer["number"]) == answer
    [entry] = await database.rows("SELECT kind, member_id, union_id, state FROM register_entry")
    assert (entry["kind"], entry["member_id"], entry["union_id"]) == ("policy", admitted.id, world.unit.id)
    assert await wrong() == []


async def test_a_later_case_changes_the_entry(world: World) -> None:
    opened = await approved(world, "hardship-file", form(world))
    left = await approved(world, "hardship-review", form(world, file_no=opened["record_no"], review_kind="exit"))
    assert (left["record_no"], left["record_state"]) == (opened["record_no"], "已终止")
    back = await approved(world, "hardship-review", form(world, review_kind="return"))
    assert (back["record_no"], back["record_state"]) == (opened["record_no"], "有效")
    await again(world, left["number"])
    assert await database.scalar("SELECT state FROM register_entry") == "active"
    untouched = await approved(world, "hardship-review", form(world, review_kind="annual"))
    assert "record_state" not in untouched
    history = await database.rows("SELECT from_state, to_state FROM register_change ORDER BY id")
    assert [(row["from_state"], row["to_state"]) for row in history] == [("active", "ended"), ("ended", "active")]
    assert await wrong() == []


async def test_an_action_may_change_an_entry_again_and_again(world: World) -> None:
    opened = await approved(world, "hardship-file", form(world))
    number = await applied(world, "hardship-review", form(world, file_no=opened["record_no"], review_kind="return"))
    await act(number, "pause", world.clerk)
    [entry] = await database.rows("SELECT state, valid_until FROM register_entry")
    assert (entry["state"], str(entry["valid_until"])) == ("suspended", "2026-09-09")
    await approve(world, number)
    assert await database.scalar("SELECT state FROM register_entry") == "active"


async def test_an_entry_of_somebody_else_is_not_changed(world: World) -> None:
    opened = await approved(world, "hardship-file", form(world))
    for values in (form(world, 2, file_no=opened["record_no"]), form(world, 2), form(world, file_no="DA2026-999999")):
        number = await applied(world, "hardship-review", {**values, "review_kind": "exit"})
        if values.get("file_no") == "DA2026-999999":
            await approve(world, number)  # a number from before the registers: the person's own entry is meant
            continue
        with pytest.raises(Conflict) as refused:
            await approve(world, number)
        assert refused.value.code == "record_unknown"


# ---- money ------------------------------------------------------------------------


async def test_a_granted_amount_waits_to_be_paid(world: World) -> None:
    actor = await person(world)
    answer = await approved(world, "temporary-aid", form(world, request_amount=150_000), actor)
    assert (answer["due_fen"], answer["due_text"]) == (150_000, "已核定，等待拨付")
    assert await again(world, answer["number"]) == answer
    [due] = (await payments.own_dues(actor)).items
    assert (due.amount_fen, due.state, due.state_text) == (150_000, "waiting", "已核定，等待拨付，请补充银行卡")
    assert (due.case_number, due.name) == (answer["number"], "temporary-aid")
    assert (await payments.own_dues(await person(world))).items == []
    assert (await payments.own_dues(world.clerk)).items == []
    assert await wrong() == []


async def test_the_amount_is_what_the_last_act_set(world: World) -> None:
    admitted = await member(world)
    card = "6222020000000000000"
    number = await applied(world, "mutual-aid-claim", form(world, bank_card=_luhn(card)))
    with pytest.raises(Conflict) as refused:
        await approve(world, number)
    assert refused.value.code == "due_amount_missing"
    await act(number, "set-amount", world.clerk, amount=10_000)
    await act(number, "set-amount", world.clerk, amount=12_345)
    assert (await approve(world, number))["due_fen"] == 12_345
    [due] = await database.rows("SELECT programme, member_id, card_field, payee_name FROM payment_due")
    assert (due["programme"], due["member_id"], due["card_field"]) == ("mutual-aid", admitted.id, "bank_card")
    assert due["payee_name"] == "王小测"


def _luhn(card: str) -> str:
    for digit in "0123456789":
        if national.parse_bank_card(card[:-1] + digit).luhn_ok:
            return card[:-1] + digit
    raise AssertionError


async def test_the_doctor_misses_an_effect(world: World) -> None:
    """The control of `wrong() == []` above: take an effect away and it is missed."""
    await member(world)
    await approved(world, "member-transfer", form(world, to_org=ids.public(world.far_unit.id)))
    await approved(world, "union-setup", setup(world))
    await approved(world, "hardship-file", form(world))
    await approved(world, "temporary-aid", form(world, request_amount=1))
    await recruited(world, roster(5))
    for table in ("membership_change", "union_change", "register_entry", "payment_due", "roster_row"):
        await database.execute(f"DELETE FROM {table}")
    assert sorted(await wrong()) == [
        "a membership was not changed as approved",
        "an approved amount is not due to anybody",
        "an approved case has no entry in its register",
        "an approved founding has no union",
        "nobody was looked at of an approved list",
    ]
