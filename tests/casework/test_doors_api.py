"""The JSON doors: paths, fields, states and refusals of the contract."""

import io
from datetime import date
from typing import Any

import httpx
import pytest
from PIL import Image

from backend.core import database, ids
from tests.casework.browser import browse
from tests.casework.world import World, aid_form, decide, file, flag, join_form, person

CASE_KEYS = {
    "number", "service", "status", "step", "submitted_at", "due_on", "version", "form", "attachments",
    "corrections", "decision", "outcome", "timeline", "actions",
}  # fmt: skip


async def submit(client: httpx.AsyncClient, form: dict[str, Any], slug: str = "member-join", **headers: str) -> Any:
    return await client.post(f"/api/v1/services/{slug}/cases", json={"form": form, "attachments": {}}, headers=headers)


async def test_a_case_from_submission_to_its_card(world: World, app: object) -> None:
    courier = await person(world)
    phone, desk = await browse(app, courier), await browse(app, world.officer)
    answer = await submit(phone, join_form(world))
    assert answer.status_code == 201, answer.text
    case = answer.json()
    assert set(case) >= CASE_KEYS
    assert case["service"] == {"slug": "member-join", "name": "会员入会申请"}
    assert case["step"] == {"index": 0, "name": "基层工会审核", "role": "officer", "desk": "星城快递工会"}
    assert case["timeline"][0].keys() >= {"at", "actor", "action", "comment"}
    number = case["number"]

    queue = (await desk.get("/api/v1/desk/cases")).json()
    assert [row["number"] for row in queue["items"]] == [number]
    assert queue["next_cursor"] is None
    seen = (await desk.get(f"/api/v1/desk/cases/{number}")).json()
    assert set(seen) >= CASE_KEYS | {"duplicates", "changes", "may"}
    returned = await desk.post(
        f"/api/v1/desk/cases/{number}/decisions",
        json={"action": "return", "version": 1, "corrections": [{"field": "employer", "comment": "请写全称"}]},
    )
    assert (returned.status_code, returned.json()["status"]) == (200, "returned")
    assert returned.json()["corrections"] == [{"field": "employer", "comment": "请写全称"}]

    corrected = await phone.post(
        f"/api/v1/cases/{number}/corrections",
        json={"form": {"employer": "测试快运有限公司"}, "attachments": {}, "version": 2},
    )
    assert (corrected.status_code, corrected.json()["status"]) == (200, "in_review")
    approved = await desk.post(f"/api/v1/desk/cases/{number}/decisions", json={"action": "approve", "version": 3})
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    assert approved.json()["outcome"]["member_no"] == "9901212026000001"
    listed = (await phone.get("/api/v1/cases?status=approved")).json()
    assert [row["number"] for row in listed["items"]] == [number]


async def test_every_wrong_field_is_named(world: World, app: object) -> None:
    phone = await browse(app, await person(world))
    answer = await submit(phone, join_form(world, id_no="990001199003070010", mobile="1"))
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "invalid_fields"
    assert [error["field"] for error in problem["errors"]] == ["id_no", "mobile"]
    wrong_types = await phone.post("/api/v1/services/member-join/cases", json={"form": [], "attachments": "x"})
    assert wrong_types.status_code == 422
    assert [error["field"] for error in wrong_types.json()["errors"]] == ["form", "attachments"]


async def test_the_same_key_twice_is_the_same_answer(world: World, app: object) -> None:
    phone = await browse(app, await person(world))
    first = await submit(phone, join_form(world), **{"Idempotency-Key": "k1"})
    second = await submit(phone, join_form(world), **{"Idempotency-Key": "k1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    # The stored answer is gone after 72 hours; the case is still the same one.
    await database.execute("DELETE FROM idempotent_answer")
    third = await submit(phone, join_form(world), **{"Idempotency-Key": "k1"})
    assert third.json()["number"] == first.json()["number"]
    other = await submit(phone, join_form(world, employer="别的"), **{"Idempotency-Key": "k1"})
    assert other.status_code in (201, 422)
    assert await database.scalar("SELECT COUNT(*) FROM case_file") == 1


async def test_running_and_already_member(world: World, app: object) -> None:
    phone = await browse(app, await person(world))
    number = (await submit(phone, join_form(world))).json()["number"]
    again = await submit(phone, join_form(world))
    assert again.status_code == 409
    assert (again.json()["code"], again.json()["number"]) == ("case_running", number)
    await decide(number, world.officer, "approve", 1)
    member = await submit(phone, join_form(world))
    assert (member.status_code, member.json()["code"]) == (422, "already_member")
    assert member.json()["union"] == {"name": "星**工会"}


async def test_a_lost_race_says_who_and_when(world: World, app: object) -> None:
    phone, desk = await browse(app, await person(world)), await browse(app, world.officer)
    number = (await submit(phone, join_form(world))).json()["number"]
    await decide(number, world.officer, "reject", 1, comment="不符")
    lost = await desk.post(f"/api/v1/desk/cases/{number}/decisions", json={"action": "approve", "version": 1})
    assert lost.status_code == 409
    assert {name: lost.json()[name] for name in ("code", "by", "at", "action")} == {
        "code": "already_decided",
        "by": "星城快递工会 邹*红",
        "at": "2026-03-10T09:00:00+08:00",
        "action": "reject",
    }


async def test_a_transfer_out_of_sight_is_still_answered(world: World, app: object) -> None:
    phone = await browse(app, await person(world))
    number = (await submit(phone, join_form(world, target_org="", division="990121002"))).json()["number"]
    desk = await browse(app, world.far_clerk)
    await database.execute("UPDATE case_file SET target_union_id = %s", world.far_town.id)
    body = {"action": "transfer", "version": 1, "to_union": ids.public(world.town.id), "role": "desk"}
    moved = await desk.post(f"/api/v1/desk/cases/{number}/decisions", json=body)
    assert (moved.status_code, moved.json()["step"]["desk"]) == (200, "黄枫镇总工会")


async def test_urge_withdraw_and_hold(world: World, app: object) -> None:
    phone, desk = await browse(app, await person(world)), await browse(app, world.officer)
    number = (await submit(phone, join_form(world))).json()["number"]
    assert (await phone.post(f"/api/v1/cases/{number}/urge")).status_code == 200
    again = await phone.post(f"/api/v1/cases/{number}/urge")
    assert (again.status_code, again.headers["retry-after"]) == (429, "86400")
    held = await desk.post(
        f"/api/v1/desk/cases/{number}/decisions",
        json={"action": "hold", "version": 1, "until": "2026-03-20", "message": "等证明"},
    )
    assert (held.json()["status"], held.json()["hold_message"]) == ("on_hold", "等证明")
    gone = await phone.post(f"/api/v1/cases/{number}/withdraw")
    assert (gone.status_code, gone.json()["status"]) == (200, "withdrawn")


async def test_the_draft(world: World, app: object) -> None:
    phone = await browse(app, await person(world))
    path = "/api/v1/services/member-join/draft"
    assert (await phone.get(path)).status_code == 404
    saved = await phone.put(path, json={"form": {"id_no": "990001199003071231", "employer": ""}, "attachments": {}})
    assert saved.status_code == 200
    assert saved.json() == {
        "form": {"id_no": "990001********1231"},
        "attachments": {},
        "sources": {},
        "cleared": [],
        "version": 1,
        "saved_at": "2026-03-10T09:00:00+08:00",
    }
    stale = await phone.put(path, json={"form": {}, "attachments": {}, "version": 7})
    assert (stale.status_code, stale.json()["code"], stale.json()["draft"]["version"]) == (409, "draft_changed", 1)
    assert (await phone.delete(path)).status_code == 204
    assert (await phone.get(path)).status_code == 404


async def test_the_directory_and_one_service(world: World, app: object) -> None:
    visitor = await browse(app)
    directory = (await visitor.get("/api/v1/services")).json()
    assert directory["flows"] == len(directory["items"]) == 4
    assert directory["items"][0].keys() >= {"slug", "name", "group", "audience", "limit_working_days", "enabled"}
    service = (await visitor.get("/api/v1/services/member-join")).json()
    assert service.keys() >= {"slug", "name", "form", "eligibility", "steps", "functions", "prefill"}
    assert service["form"].keys() == {"fields", "attachments"}
    assert [check["state"] for check in service["eligibility"]["checks"]] == ["unknown"] * 4
    assert service["prefill"]["privacy_version"]["value"] == "2026-01"
    assert (await visitor.get("/api/v1/services/nothing")).status_code == 404
    phone = await browse(app, await person(world, phone="15412345678"))
    prefill = (await phone.get("/api/v1/services/member-join")).json()["prefill"]
    assert prefill["mobile"] == {"value": "154****5678", "source": "来自您的账号"}


def photo() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "JPEG")
    return picture.getvalue()


async def test_attachments(world: World, app: object) -> None:
    phone = await browse(app, await person(world))
    answer = await phone.post("/api/v1/attachments", files={"file": ("证明.jpg", photo(), "image/jpeg")})
    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert (kept["name"], kept["media_type"], len(kept["sha256"])) == ("证明.jpg", "image/jpeg", 64)
    nothing = await phone.post("/api/v1/attachments", files={"other": ("a.jpg", photo(), "image/jpeg")})
    assert nothing.status_code == 422
    wrong = await phone.post("/api/v1/attachments", files={"file": ("a.txt", b"hello", "text/plain")})
    assert wrong.status_code == 415
    shown = await phone.get(f"/files/{kept['id']}")
    assert (shown.status_code, len(shown.content)) == (200, kept["size"])
    assert shown.headers["content-disposition"].startswith("inline")
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown.headers["x-content-type-options"] == "nosniff"
    stranger = await browse(app, await person(world))
    assert (await stranger.get(f"/files/{kept['id']}")).status_code == 404
    assert (await (await browse(app)).get("/api/v1/cases")).status_code == 401


async def test_the_window_files(world: World, app: object) -> None:
    desk = await browse(app, world.clerk)
    body = {"form": join_form(world), "attachments": {}}
    filed = await desk.post("/api/v1/desk/services/member-join/cases", json=body)
    assert (filed.status_code, filed.json()["form"]["join_channel"]) == (201, "desk")


async def test_receipts(world: World, app: object) -> None:
    phone = await browse(app, await person(world))
    number = (await submit(phone, join_form(world))).json()["number"]
    page = await phone.get(f"/api/v1/cases/{number}/receipt")
    assert page.status_code == 200
    assert "王*测" in page.text
    assert "王小测" not in page.text
    assert (await phone.get(f"/api/v1/cases/{number}/receipt?format=doc")).status_code == 422


async def test_the_course_on_paper(world: World, app: object) -> None:
    owner = await person(world)
    phone, desk, stranger = await browse(app, owner), await browse(app, world.officer), await browse(app, world.clerk)
    number = (await submit(phone, join_form(world))).json()["number"]
    await decide(number, world.officer, "hold", 1, until=date(2026, 3, 20), message="等证明")
    for client, path in (
        (phone, f"/cases/{number}"),
        (phone, f"/api/v1/cases/{number}"),
        (desk, f"/desk/cases/{number}"),
    ):
        page = await client.get(f"{path}/timeline")
        assert page.status_code == 200
        first, then = page.text.index("申请人提交了申请"), page.text.index("星城快递工会 挂起")
        assert first < then
        assert "（经办：邹*红）" in page.text
        assert "王小测" not in page.text
        assert (await client.get(f"{path}/timeline?format=doc")).status_code == 422
    assert (await stranger.get(f"/cases/{number}/timeline")).status_code in (403, 404)
    assert f"/cases/{number}/timeline" in (await phone.get(f"/cases/{number}")).text
    assert f"/desk/cases/{number}/timeline" in (await desk.get(f"/desk/cases/{number}")).text


@pytest.mark.slow
@pytest.mark.parametrize("what", ["receipt", "timeline"])
async def test_as_pdf(world: World, app: object, what: str) -> None:
    phone = await browse(app, await person(world))
    number = (await submit(phone, join_form(world))).json()["number"]
    answer = await phone.get(f"/api/v1/cases/{number}/{what}?format=pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")


async def test_reveal_and_take_up(world: World, app: object) -> None:
    phone, desk = await browse(app, await person(world)), await browse(app, world.officer)
    number = (await submit(phone, join_form(world))).json()["number"]
    opened = await desk.post(f"/api/v1/desk/cases/{number}/reveal/id_no")
    assert opened.json() == {"field": "id_no", "label": "身份证号", "value": join_form(world)["id_no"]}
    taken = await desk.post(f"/api/v1/desk/cases/{number}/open")
    assert taken.json()["status"] == "in_review"


async def test_persons_and_staff_keep_to_their_doors(world: World, app: object) -> None:
    phone, desk = await browse(app, await person(world)), await browse(app, world.officer)
    number = (await submit(phone, join_form(world))).json()["number"]
    for path in ("/api/v1/desk/cases", f"/api/v1/desk/cases/{number}"):
        assert (await phone.get(path)).status_code == 403
    assert (await desk.get(f"/api/v1/cases/{number}")).status_code == 403
    stranger = await browse(app, await person(world))
    assert (await stranger.get(f"/api/v1/cases/{number}")).status_code == 404
    far = await browse(app, world.far_clerk)
    decision = {"action": "approve", "version": 1}
    assert (await far.post(f"/api/v1/desk/cases/{number}/decisions", json=decision)).status_code == 404


async def test_corrections_of_closed_fields(world: World, app: object) -> None:
    worker = await person(world)
    phone = await browse(app, worker)
    number = (await submit(phone, aid_form(world), "sample-aid")).json()["number"]
    await decide(number, world.officer, "return", 1, corrections=[flag("reason")])
    answer = await phone.post(
        f"/api/v1/cases/{number}/corrections", json={"form": {"fee": 5}, "attachments": {}, "version": 2}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "field_not_open")
    proof = await file(worker)
    attached = await phone.post(
        f"/api/v1/cases/{number}/corrections", json={"form": {}, "attachments": {"proof": [proof]}, "version": 2}
    )
    assert attached.status_code == 422
