"""The acceptance journey by the exact paths and fields of the API contract."""

import httpx
import pytest

from backend.core import clock
from tests.factories.application import drain, wrong
from tests.factories.people import Somebody, join_form
from tests.factories.pictures import picture
from tests.factories.world import World
from tests.journeys.caller import Caller, sign_in, staff

pytestmark = pytest.mark.slow

CASE = {
    "number",
    "service",
    "status",
    "step",
    "submitted_at",
    "due_on",
    "version",
    "form",
    "attachments",
    "corrections",
    "decision",
    "outcome",
    "timeline",
    "actions",
}
SLUG = "/services/member-join"


async def submitted(client: httpx.AsyncClient, world: World, **changes: object) -> tuple[Caller, Somebody, dict]:
    """Somebody new with a case at the unit's desk."""
    who = world.next_person()
    person = await sign_in(client, who)
    form = join_form(who, division=world.division, target_org=world.unit, **changes)
    return person, who, await person.ask("POST", f"{SLUG}/cases", 201, json={"form": form})


async def test_who_am_i(client: httpx.AsyncClient, world: World) -> None:
    person = await sign_in(client, world.next_person())
    me = await person.ask("GET", "/me", 200)
    assert (me["account"]["kind"], me["member"], me["staff"], me["unread_notifications"]) == ("person", None, None, 0)
    me = await (await staff(client, world, "desk")).ask("GET", "/me", 200)
    assert set(me["staff"]) == {"union", "roles", "desks"}
    assert me["staff"]["union"] == {
        "id": world.town,
        "name": "A镇总工会",
        "level": "town",
        "division": world.division,
    }
    assert me["staff"]["roles"] == ["desk"]


async def test_unions_and_invites(client: httpx.AsyncClient, world: World) -> None:
    guest, desk = Caller(client), await staff(client, world, "desk")
    found = await guest.ask("GET", f"/unions?q=A快递&division={world.division}", 200)
    parent = {"id": world.town, "name": "A镇总工会"}
    union = {"id": world.unit, "name": "A快递工会", "level": "unit", "division": world.division, "parent": parent}
    assert union in found["items"]
    made = await desk.ask(
        "POST",
        "/desk/invites",
        201,
        json={"union_id": world.unit, "max_uses": 1, "expires_on": "2026-04-01"},
    )
    assert made["url"].endswith(f"/i/{made['code']}")
    assert made["qr_svg"].startswith("<svg")
    invite = await guest.ask("GET", f"/invites/{made['code']}", 200)
    assert (invite["union"], invite["expires_on"], invite["valid"]) == (
        {"id": world.unit, "name": "A快递工会"},
        "2026-04-01",
        True,
    )
    service = await guest.ask("GET", f"{SLUG}?invite={made['code']}", 200)
    assert service["prefill"]["target_org"]["value"] == world.unit
    assert service["prefill"]["division"]["value"] == world.division


async def test_the_directory_counts_itself(client: httpx.AsyncClient, world: World) -> None:
    guest = Caller(client)
    found = await guest.ask("GET", "/services", 200)
    assert (found["flows"], len(found["items"]), found["functions"]["total"]) == (46, 46, 224)
    line = {"slug", "name", "group", "audience", "limit_working_days", "enabled"}
    assert all(line <= set(item) for item in found["items"])
    [joining] = [item for item in found["items"] if item["slug"] == "member-join"]
    assert (joining["enabled"], joining["limit_working_days"]) == (True, 3)
    searched = await guest.ask("GET", "/services?q=入会", 200)
    assert searched["items"][0]["slug"] == "member-join"
    grouped = await guest.ask("GET", f"/services?group={joining['group']}", 200)
    assert {item["group"] for item in grouped["items"]} == {joining["group"]}
    service = await guest.ask("GET", SLUG, 200)
    assert {"slug", "name", "form", "eligibility", "steps", "functions", "prefill"} <= set(service)
    assert {"fields", "attachments"} == set(service["form"])
    assert {"text", "checks"} == set(service["eligibility"])
    assert (await guest.problem("GET", "/services/nowhere", 404))["code"] == "no_such_service"


async def test_one_live_draft(client: httpx.AsyncClient, world: World) -> None:
    who = world.next_person()
    person, path = await sign_in(client, who), f"{SLUG}/draft"
    assert (await person.problem("GET", path, 404))["code"] == "no_draft"
    first = await person.ask(
        "PUT", path, 200, json={"form": {"employer": "测试", "id_no": who.id_no}, "attachments": {}}
    )
    assert {"form", "attachments", "version", "saved_at"} <= set(first)
    assert (first["version"], first["form"]["employer"]) == (1, "测试")
    assert first["form"]["id_no"] == f"{who.id_no[:6]}********{who.id_no[-4:]}"
    second = await person.ask("PUT", path, 200, json=first | {"form": first["form"] | {"employer": "测试快运"}})
    assert second["version"] == 2
    stale = await person.problem("PUT", path, 409, json=first)
    assert (stale["code"], stale["draft"]["form"]["employer"]) == ("draft_changed", "测试快运")
    assert await person.ask("GET", path, 200) == second
    await person.ask("DELETE", path, 204)
    assert (await person.problem("GET", path, 404))["code"] == "no_draft"
    assert (await person.problem("DELETE", path, 404))["code"] == "no_draft"


async def test_what_was_masked_in_a_draft_is_submitted_whole(client: httpx.AsyncClient, world: World) -> None:
    who = world.next_person()
    person = await sign_in(client, who)
    form = join_form(who, division=world.division, target_org=world.unit)
    draft = await person.ask("PUT", f"{SLUG}/draft", 200, json={"form": form})
    case = await person.ask("POST", f"{SLUG}/cases", 201, json={"form": draft["form"]})
    opened = await (await staff(client, world, "officer")).ask(
        "POST", f"/desk/cases/{case['number']}/reveal/id_no", 200
    )
    assert opened["value"] == who.id_no
    views = await person.ask("GET", "/me/views", 200)
    assert [line["field"] for line in views["items"]] != []
    assert (await person.problem("GET", f"{SLUG}/draft", 404))["code"] == "no_draft"


async def test_a_courier_joins(client: httpx.AsyncClient, world: World) -> None:
    """From the form to the card, with a correction on the way."""
    who = world.next_person()
    person = await sign_in(client, who)
    photo = await person.ask("POST", "/attachments", 201, files={"file": ("工牌.jpg", picture(), "image/jpeg")})
    assert {"id", "name", "media_type", "size", "sha256"} <= set(photo)
    sent = {
        "form": join_form(who, division=world.division, target_org=world.unit),
        "attachments": {"work_proof": [photo["id"]]},
    }
    case = await person.ask("POST", f"{SLUG}/cases", 201, json=sent)
    number = case["number"]
    assert set(case) >= CASE
    assert (case["status"], case["version"], case["due_on"]) == ("submitted", 1, "2026-03-13")
    assert case["service"] == {"slug": "member-join", "name": "会员入会申请"}
    assert case["submitted_at"] == "2026-03-10T09:00:00+08:00"
    assert case["step"] == {"index": 0, "name": "基层工会审核", "role": "officer", "desk": "A快递工会"}
    assert case["attachments"] == {"work_proof": [photo["id"]]}
    assert case["form"]["id_no"] == f"{who.id_no[:6]}********{who.id_no[-4:]}"
    assert case["form"]["mobile"] == f"154****{who.phone[-4:]}"
    assert (case["decision"], case["outcome"], case["corrections"]) == (None, None, [])
    assert {"urge", "withdraw"} <= set(case["actions"])
    assert [set(line) >= {"at", "actor", "action", "comment"} for line in case["timeline"]] == [True]

    listed = await person.ask("GET", "/cases?status=open", 200)
    assert ([row["number"] for row in listed["items"]], listed["next_cursor"]) == ([number], None)
    assert await person.ask("GET", f"/cases/{number}", 200) == case

    officer = await staff(client, world, "officer")
    queue = await officer.ask("GET", "/desk/cases?service=member-join&limit=100", 200)
    assert number in [row["number"] for row in queue["items"]]
    seen = await officer.ask("GET", f"/desk/cases/{number}", 200)
    assert set(seen) >= CASE | {"duplicates", "changes"}
    assert {"approve", "return", "reject", "transfer", "hold"} <= set(seen["actions"])

    flagged = [{"field": "employer", "comment": "请写平台全称"}]
    back = {"action": "return", "version": seen["version"], "corrections": flagged}
    returned = await officer.ask("POST", f"/desk/cases/{number}/decisions", 200, json=back)
    assert (returned["status"], returned["corrections"]) == ("returned", flagged)

    await _correct(person, number)
    await _approve(client, world, officer, person, number)
    await _is_member(person, who)
    await _was_told(client, person, who, number)

    assert (await person.send("DELETE", "/auth/sessions/current")).status_code == 204
    assert (await person.problem("GET", "/me", 401))["code"] == "not_signed_in"


async def _correct(person: Caller, number: str) -> None:
    """Only what was flagged, and only the case as it is now."""
    path = f"/cases/{number}/corrections"
    case = await person.ask("GET", f"/cases/{number}", 200)
    assert (case["status"], case["due_on"], "correct" in case["actions"]) == ("returned", None, True)
    closed = {"form": {"employer": "测试快运有限公司", "real_name": "李另外"}, "version": case["version"]}
    refused = await person.problem("POST", path, 422, json=closed)
    assert [error["field"] for error in refused["errors"]] == ["real_name"]
    fixed = {"form": {"employer": "测试快运有限公司"}, "attachments": {}, "version": case["version"]}
    stale = await person.problem("POST", path, 409, json=fixed | {"version": case["version"] - 1})
    assert stale["code"] in ("already_decided", "case_changed")
    corrected = await person.ask("POST", path, 200, json=fixed)
    assert (corrected["status"], corrected["form"]["employer"]) == ("in_review", "测试快运有限公司")
    assert corrected["due_on"] == "2026-03-13"


async def _approve(client: httpx.AsyncClient, world: World, officer: Caller, person: Caller, number: str) -> None:
    path = f"/desk/cases/{number}/decisions"
    seen = await officer.ask("GET", f"/desk/cases/{number}", 200)
    assert [(one["field"], one["before"], one["after"]) for one in seen["changes"]] == [
        ("employer", "测试快运", "测试快运有限公司")
    ]
    approve = {"action": "approve", "comment": "材料齐全", "version": seen["version"]}
    approved = await officer.ask("POST", path, 200, json=approve)
    assert (approved["status"], approved["decision"]["action"]) == ("approved", "approve")
    lost = await officer.problem("POST", path, 409, json=approve | {"action": "reject", "comment": "不符合"})
    assert (lost["code"], lost["by"], lost["at"]) == ("already_decided", "A快递工会 邹*A", "2026-03-10T09:00:00+08:00")
    case = await person.ask("GET", f"/cases/{number}", 200)
    assert (case["status"], case["step"], case["decision"]["comment"]) == ("approved", None, "材料齐全")
    assert case["outcome"]["member_no"]


async def _is_member(person: Caller, who: Somebody) -> None:
    card = await person.ask("GET", "/me/card", 200)
    assert {"member_no", "name", "union", "status", "joined_on", "qr"} <= set(card)
    assert (card["name"], card["status"], card["joined_on"]) == (who.name, "active", "2026-03-10")
    assert (await person.ask("GET", "/me", 200))["member"]["member_no"] == card["member_no"]


async def _was_told(client: httpx.AsyncClient, person: Caller, who: Somebody, number: str) -> None:
    await drain()
    found = await person.ask("GET", "/me/notifications", 200)
    about = [item for item in found["items"] if item["case_number"] == number]
    assert all({"id", "title", "text", "case_number", "created_at", "read_at"} <= set(item) for item in found["items"])
    assert len(about) == 3  # submitted, returned, approved
    unread = (await person.ask("GET", "/me", 200))["unread_notifications"]
    read = await person.ask("POST", f"/me/notifications/{about[0]['id']}/read", 200)
    assert read["read_at"] == "2026-03-10T09:00:00+08:00"
    assert (await person.ask("GET", "/me", 200))["unread_notifications"] == unread - 1
    outbox = await Caller(client).ask("GET", f"/demo/outbox?to={who.phone}", 200)
    sent = {item["template"] for item in outbox["items"] if item["channel"] == "sms"}
    assert {"case.returned", "case.approved", "sign_in_code"} <= sent


async def test_urging_once_a_day(client: httpx.AsyncClient, world: World) -> None:
    person, _, case = await submitted(client, world)
    path = f"/cases/{case['number']}/urge"
    urged = await person.ask("POST", path, 200)
    assert "urge" not in urged["actions"]
    answer = await person.send("POST", path)
    assert (answer.status_code, answer.json()["code"]) == (429, "urged_already")
    assert answer.headers["retry-after"] == str(24 * 3600)


async def test_withdrawing(client: httpx.AsyncClient, world: World) -> None:
    person, who, case = await submitted(client, world)
    path = f"/cases/{case['number']}/withdraw"
    assert (await person.ask("POST", path, 200))["status"] == "withdrawn"
    assert (await person.problem("POST", path, 409))["code"] == "already_decided"
    # The same person may begin again.
    form = join_form(who, division=world.division, target_org=world.unit)
    await person.ask("POST", f"{SLUG}/cases", 201, json={"form": form})


async def test_the_receipt(client: httpx.AsyncClient, world: World) -> None:
    person, who, case = await submitted(client, world)
    path = f"/cases/{case['number']}/receipt"
    page = await person.send("GET", path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert case["number"] in page.text
    assert "王*测" in page.text
    assert who.id_no not in page.text
    pdf = await person.send("GET", f"{path}?format=pdf")
    assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert (await person.problem("GET", f"{path}?format=doc", 422))["errors"][0]["field"] == "format"


async def test_holding_and_releasing(client: httpx.AsyncClient, world: World) -> None:
    person, _, case = await submitted(client, world)
    officer, path = await staff(client, world, "officer"), f"/desk/cases/{case['number']}/decisions"
    hold = {"action": "hold", "version": 1, "until": "2026-03-20", "message": "等平台的证明"}
    held = await officer.ask("POST", path, 200, json=hold)
    assert (held["status"], held["due_on"], held["actions"]) == ("on_hold", None, ["release"])
    mine = await person.ask("GET", f"/cases/{case['number']}", 200)
    assert "等平台的证明" in str(mine)
    released = await officer.ask("POST", path, 200, json={"action": "release", "version": held["version"]})
    assert (released["status"], released["due_on"]) == ("in_review", "2026-03-13")


async def test_handing_over(client: httpx.AsyncClient, world: World) -> None:
    _, _, case = await submitted(client, world)
    officer, desk = await staff(client, world, "officer"), await staff(client, world, "desk")
    path = f"/desk/cases/{case['number']}/decisions"
    transfer = {"action": "transfer", "version": 1, "to_union": world.town, "role": "desk", "comment": "请镇里办"}
    await officer.ask("POST", path, 200, json=transfer)
    queue = await desk.ask("GET", "/desk/cases?limit=100", 200)
    assert case["number"] in [row["number"] for row in queue["items"]]
    late = await officer.problem("POST", path, 409, json={"action": "approve", "version": 1})
    assert late["code"] == "already_decided"
    approved = await desk.ask("POST", path, 200, json={"action": "approve", "version": 2})
    assert approved["status"] == "approved"


async def test_a_list_is_read_page_by_page(client: httpx.AsyncClient, world: World) -> None:
    officer = await staff(client, world, "officer")
    whole = await officer.ask("GET", "/desk/cases?limit=100", 200)
    numbers, path = [], "/desk/cases?limit=2"
    while path:
        part = await officer.ask("GET", path, 200)
        assert len(part["items"]) <= 2
        numbers += [row["number"] for row in part["items"]]
        path = f"/desk/cases?limit=2&cursor={part['next_cursor']}" if part["next_cursor"] else ""
    assert numbers == [row["number"] for row in whole["items"]]
    assert len(numbers) > 3


async def test_filing_at_the_window_for_somebody_without_a_phone(client: httpx.AsyncClient, world: World) -> None:
    desk, who = await staff(client, world, "desk"), world.next_person()
    form = join_form(who, division=world.division, target_org=world.unit)
    case = await desk.ask("POST", f"/desk{SLUG}/cases", 201, json={"form": form})
    assert (case["status"], case["form"]["join_channel"]) == ("submitted", "desk")
    # The person signs in later with that phone: the case is not theirs by that alone.
    person = await sign_in(client, who)
    assert (await person.ask("GET", "/cases", 200))["items"] == []


async def test_a_token_is_dead_when_its_session_is_ended_elsewhere(client: httpx.AsyncClient, world: World) -> None:
    person = await sign_in(client, world.next_person())
    [session] = await person.ask("GET", "/me/sessions", 200)
    assert session["current"] is True
    assert (await person.send("DELETE", f"/me/sessions/{session['id']}")).status_code == 204
    await person.problem("GET", "/cases", 401)


async def test_waiting_for_the_applicant_takes_no_day(client: httpx.AsyncClient, world: World) -> None:
    """The clock of a returned case stands still: on Friday all its days are left."""
    person, _, case = await submitted(client, world)
    officer, path = await staff(client, world, "officer"), f"/desk/cases/{case['number']}/decisions"
    flagged = [{"field": "employer", "comment": "请写全称"}]
    await officer.ask("POST", path, 200, json={"action": "return", "version": 1, "corrections": flagged})
    now = clock.now()
    try:
        clock.advance(days=3)
        fixed = {"form": {"employer": "测试快运有限公司"}, "version": 2}
        corrected = await person.ask("POST", f"/cases/{case['number']}/corrections", 200, json=fixed)
        assert corrected["due_on"] == "2026-03-18"
    finally:
        clock.freeze(now)


async def test_the_doctor_finds_nothing_afterwards(world: World) -> None:
    assert await wrong() == []
