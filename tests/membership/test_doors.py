"""The doors of membership, through the machinery that is around every door."""

import io
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import openpyxl
import pytest
from litestar import Litestar, Router
from litestar.di import Provide

from backend.core import database, ids
from backend.core.actor import Actor
from backend.membership import api, commands, desk, portal
from backend.web import problems
from backend.web.access import check_access, provide_actor
from backend.web.client import provide_client
from backend.web.same_origin import check_origin
from backend.web.surface import Frame, Surface
from tests.core.test_sheets import workbook
from tests.membership.rolls import COURIERS, HEADER, line
from tests.membership.samples import Tree, admit, clerk, id_no, person, phone

CLERK = {"authorization": "Bearer clerk"}
ME = {"authorization": "Bearer me"}


class Door:
    """A client, and who the tokens stand for."""

    def __init__(self, http: httpx.AsyncClient, people: dict[str, Actor]) -> None:
        self.http = http
        self.people = people


@pytest.fixture
async def door(tree: Tree) -> AsyncIterator[Door]:
    people = {
        "clerk": await clerk(tree.town),
        "sibling": await clerk(tree.other_town, account_id=501),
        "reader": await clerk(tree.town, permissions=frozenset({"member.view"}), account_id=502),
        "me": await person(1),
    }

    async def load_actor(token: str) -> Actor | None:
        return people.get(token)

    async def load_frame(_: Actor, __: str) -> Frame:
        return Frame(unread=0, shell=None)

    app = Litestar(
        [
            Router("/api/v1", route_handlers=api.routes),
            Router("/", route_handlers=portal.routes),
            Router("/desk", route_handlers=desk.routes),
        ],
        guards=[check_origin, check_access],
        exception_handlers=problems.handlers(),
        dependencies={"actor": Provide(provide_actor), "client": Provide(provide_client)},
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = Surface(app.asgi_handler, load_actor=load_actor, load_frame=load_frame)
    transport = httpx.ASGITransport(cast("Any", app))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        yield Door(http, people)


async def test_the_card_of_the_contract(tree: Tree, door: Door, freeze) -> None:
    freeze("2026-03-10T12:00:00+08:00")
    none_yet = await door.http.get("/api/v1/me/card", headers=ME)
    assert (none_yet.status_code, none_yet.json()["code"]) == (404, "no_card")
    await admit(tree.couriers, 1, account_id=door.people["me"].account_id)
    door.people["me"] = await person(1)

    card = (await door.http.get("/api/v1/me/card", headers=ME)).json()

    assert {name: card[name] for name in ("member_no", "name", "union", "status", "joined_on")} == {
        "member_no": "9901212026000001",
        "name": "王小测",
        "union": {"id": ids.public(tree.couriers), "name": COURIERS},
        "status": "active",
        "joined_on": "2026-03-10",
    }
    page = await door.http.get("/me/card", headers=ME)
    assert (page.status_code, "9901212026000001" in page.text, "<html" in page.text) == (200, True, True)
    part = await door.http.get("/me/card", headers=ME | {"hx-request": "true"})
    assert (part.status_code, "<html" in part.text, "<svg" in part.text) == (200, False, True)
    scanned = await door.http.get(f"/c/{card['qr']}")
    assert scanned.status_code == 200
    assert "会员身份有效" in scanned.text
    assert "王*测" in scanned.text
    assert "王小测" not in scanned.text
    assert "不是本会" in (await door.http.get("/c/U1.made.up")).text


async def test_a_member_of_the_roll_confirms_on_a_page(tree: Tree, door: Door) -> None:
    await admit(tree.couriers, 1)
    assert (await door.http.get("/me/card", headers=ME)).headers["location"] == "/me/confirm"
    assert "身份证" in (await door.http.get("/me/confirm", headers=ME)).text

    wrong = await door.http.post("/me/confirm", headers=ME, data={"id_no": id_no(2)})
    right = await door.http.post("/me/confirm", headers=ME, data={"id_no": id_no(1)})

    assert (wrong.status_code, "没有找到手机号和身份证号码都相符" in wrong.text) == (422, True)
    assert (right.status_code, right.headers["location"]) == (303, "/me/card")
    assert (await person(1)).member_id is not None


async def test_the_same_by_the_api(tree: Tree, door: Door) -> None:
    admitted = await admit(tree.couriers, 1)

    wrong = await door.http.post("/api/v1/me/member/confirmation", headers=ME, json={"id_no": id_no(2)})
    empty = await door.http.post("/api/v1/me/member/confirmation", headers=ME, json={})
    right = await door.http.post("/api/v1/me/member/confirmation", headers=ME, json={"id_no": id_no(1)})

    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "id_no")
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "id_no")
    assert (right.status_code, right.json()["member_no"]) == (200, admitted.member_no)


async def test_staff_find_and_open_a_member(tree: Tree, door: Door) -> None:
    admitted = await admit(tree.couriers, 1, account_id=door.people["me"].account_id)
    member = ids.public(admitted.id)

    found = await door.http.get("/api/v1/desk/members", params={"q": phone(1)}, headers=CLERK)
    page = await door.http.get("/desk/members", params={"q": "王"}, headers=CLERK)
    one = await door.http.get(f"/api/v1/desk/members/{member}", headers=CLERK)
    sheet = await door.http.get(f"/desk/members/{member}", headers=CLERK)

    assert [item["id"] for item in found.json()["items"]] == [member]
    assert (page.status_code, "王小测" in page.text) == (200, True)
    assert one.json()["sensitive"][1] == {
        "name": "phone",
        "label": "手机号",
        "masked": "154****0001",
        "revealable": True,
    }
    assert (sheet.status_code, "解除绑定" in sheet.text) == (200, True)
    for text in (found.text, page.text, one.text, sheet.text):
        assert id_no(1) not in text
        assert phone(1) not in text


async def test_opening_a_value(tree: Tree, door: Door) -> None:
    member = ids.public((await admit(tree.couriers, 1)).id)

    part = await door.http.post(f"/desk/members/{member}/reveal/phone", headers=CLERK | {"hx-request": "true"})
    page = await door.http.post(f"/desk/members/{member}/reveal/id_no", headers=CLERK)
    unknown = await door.http.post(f"/desk/members/{member}/reveal/name", headers=CLERK)

    assert (part.status_code, phone(1) in part.text, "<html" in part.text) == (200, True, False)
    assert (page.status_code, id_no(1) in page.text, "<html" in page.text) == (200, True, True)
    assert unknown.status_code == 404
    assert page.headers["cache-control"] == "no-store"
    assert await database.scalar("SELECT COUNT(*) FROM access_trace") == 2
    audited = await database.rows("SELECT detail FROM audit WHERE action = 'value.revealed' ORDER BY id")
    assert [row["detail"] for row in audited] == [
        f'{{"field":"{field}","purpose":"counter_service"}}' for field in ("phone", "id_no")
    ]


async def test_releasing_a_phone(tree: Tree, door: Door) -> None:
    member = ids.public((await admit(tree.couriers, 1, account_id=door.people["me"].account_id)).id)
    release = f"/desk/members/{member}/release-phone"

    assert (await door.http.post(release, headers={"authorization": "Bearer reader"})).status_code == 403
    done = await door.http.post(release, headers=CLERK, data={"reason": "换号"})
    again = await door.http.post(release, headers=CLERK, data={"reason": "换号"})

    assert (done.status_code, done.headers["location"]) == (303, f"/desk/members/{member}")
    assert (again.status_code, "没有绑定手机账号" in again.text) == (409, True)
    assert (await person(1)).member_id is None


async def test_a_new_number_on_the_page(tree: Tree, door: Door) -> None:
    admitted = await admit(tree.couriers, 1, account_id=door.people["me"].account_id)
    address = f"/desk/members/{ids.public(admitted.id)}"
    assert "登记新手机号" in (await door.http.get(address, headers=CLERK)).text
    assert "登记新手机号" not in (await door.http.get(address, headers={"authorization": "Bearer reader"})).text
    given = {"phone": phone(9), "reason": "本人换号"}

    refused = await door.http.post(f"{address}/phone", headers={"authorization": "Bearer reader"}, data=given)
    wrong = await door.http.post(f"{address}/phone", headers=CLERK, data=given | {"phone": "12"})
    done = await door.http.post(f"{address}/phone", headers=CLERK, data=given)

    assert refused.status_code == 403
    assert (wrong.status_code, "手机号是 11 位" in wrong.text) == (422, True)
    assert (done.status_code, done.headers["location"]) == (303, address)
    assert "登记新手机号：本人换号" in (await door.http.get(address, headers=CLERK)).text


async def test_a_change_of_membership_on_the_page(tree: Tree, door: Door) -> None:
    address = f"/desk/members/{ids.public((await admit(tree.couriers, 1)).id)}"
    shown = (await door.http.get(address, headers=CLERK)).text
    assert all(f">{label}<" in shown for label in ("保留会籍", "退会", "登记去世", "开除会籍"))
    given = {"act": "leave", "reason": "本人书面申请", "version": "1"}

    refused = await door.http.post(f"{address}/acts", headers={"authorization": "Bearer reader"}, data=given)
    wrong = await door.http.post(f"{address}/acts", headers=CLERK, data=given | {"reason": ""})
    done = await door.http.post(f"{address}/acts", headers=CLERK, data=given)
    late = await door.http.post(f"{address}/acts", headers=CLERK, data=given | {"act": "deceased"})

    assert refused.status_code == 403
    assert (wrong.status_code, "请写明原因和依据" in wrong.text) == (422, True)
    assert (done.status_code, done.headers["location"]) == (303, address)
    assert (late.status_code, "刚刚被别人改过" in late.text) == (409, True)
    assert "在籍 → 已退会" in (await door.http.get(address, headers=CLERK)).text


async def test_a_number_that_no_member_has_is_released_from_the_search(tree: Tree, door: Door) -> None:
    found = await door.http.get("/desk/members", params={"q": phone(1)}, headers=CLERK)
    assert "154****0001 有登录账号，没有绑定会员" in found.text
    done = await door.http.post("/desk/phones/release", headers=CLERK, data={"phone": phone(1), "reason": "asked"})
    gone = await door.http.post("/desk/phones/release", headers=CLERK, data={"phone": phone(1), "reason": "asked"})
    assert (done.status_code, gone.status_code) == (303, 404)
    assert "有登录账号" not in (await door.http.get("/desk/members", params={"q": phone(1)}, headers=CLERK)).text


async def test_this_is_not_me_by_page_and_api(tree: Tree, door: Door) -> None:
    for number, (path, status) in enumerate([("/me/member/disown", 303), ("/api/v1/me/member/disown", 204)], start=1):
        door.people["me"] = await person(number)
        await admit(tree.couriers, number, account_id=door.people["me"].account_id)
        assert (await door.http.post(path, headers=ME)).status_code == status
        assert (await person(number)).member_id is None
    door.people["me"] = await person(3)
    nothing = await door.http.post("/api/v1/me/member/disown", headers=ME)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nobody_bound")


def sheet(*rows: list[str]) -> dict[str, tuple[str, bytes]]:
    return {"sheet": ("名册.xlsx", workbook([HEADER, *rows]))}


async def work(import_id: str) -> None:
    while not await commands.import_chunk(ids.parse(import_id) or 0):
        pass


async def test_a_roll_by_the_api(tree: Tree, door: Door) -> None:
    sent = {"union_id": ids.public(tree.town), "dry_run": "false"}
    started = await door.http.post(
        "/api/v1/desk/members/import", headers=CLERK, data=sent, files=sheet(line(1), line(2, name=""))
    )
    assert started.status_code == 202
    address = f"/api/v1/desk/members/import/{started.json()['id']}"
    assert (await door.http.get(address, headers=CLERK)).json()["state"] == "waiting"

    await work(started.json()["id"])

    report = (await door.http.get(address, headers=CLERK)).json()
    assert (report["state"], report["added"], report["refused"], report["dry_run"]) == ("done", 1, 1, False)
    assert report["rows"][1] == {"row_no": 3, "result": "refused", "field": "name", "message": "请填写姓名"}
    assert (await door.http.get(address, headers={"authorization": "Bearer sibling"})).status_code == 404
    assert (await door.http.get(address, headers={"authorization": "Bearer reader"})).status_code == 403


@pytest.mark.parametrize(
    ("field", "dry_run", "expected"), [("file", "true", True), ("sheet", "1", True), ("sheet", "", False)]
)
async def test_the_form_is_read_leniently(tree: Tree, door: Door, field: str, dry_run: str, expected: bool) -> None:
    content = workbook([HEADER, line(1)])
    started = await door.http.post(
        "/api/v1/desk/members/import", headers=CLERK, data={"dry_run": dry_run}, files={field: ("a.xlsx", content)}
    )

    address = f"/api/v1/desk/members/import/{started.json()['id']}"
    assert (await door.http.get(address, headers=CLERK)).json()["dry_run"] is expected


@pytest.mark.parametrize(
    ("files", "status", "code"),
    [
        (None, 422, "import_no_file"),
        ({"sheet": ("a.pdf", b"%PDF-1.7\x00\x01")}, 415, "sheet_type_refused"),
        ({"sheet": ("a.xls", b"\xd0\xcf\x11\xe0")}, 415, "sheet_old_excel"),
        ({"sheet": ("a.csv", b"")}, 422, "file_empty"),
    ],
)
async def test_refused_uploads(door: Door, files: Any, status: int, code: str) -> None:
    answer = await door.http.post("/api/v1/desk/members/import", headers=CLERK, data={"x": "y"}, files=files)
    page = await door.http.post("/desk/members/import", headers=CLERK, data={"x": "y"}, files=files)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert page.status_code == status
    assert answer.json()["detail"] in page.text or answer.json()["errors"][0]["message"] in page.text


async def test_another_branch_is_not_there(tree: Tree, door: Door) -> None:
    sent = {"union_id": ids.public(tree.other_town)}
    answer = await door.http.post("/api/v1/desk/members/import", headers=CLERK, data=sent, files=sheet(line(1)))

    assert answer.status_code == 404


async def test_the_pages_of_an_import(tree: Tree, door: Door) -> None:
    first = await door.http.get("/desk/members/import", headers=CLERK)
    assert (first.status_code, "还没有导入过" in first.text, "黄枫镇总工会" in first.text) == (200, True, True)
    started = await door.http.post(
        "/desk/members/import", headers=CLERK, data={"dry_run": "true"}, files=sheet(line(1), line(2, name="Wang"))
    )
    address = started.headers["location"]
    assert (started.status_code, address.startswith("/desk/members/import/")) == (303, True)
    assert "排队中" in (await door.http.get(address, headers=CLERK | {"hx-request": "true"})).text
    assert (await door.http.get(f"{address}/report", headers=CLERK)).status_code == 409

    await work(address.rsplit("/", 1)[1])

    done = await door.http.get(address, headers=CLERK)
    assert (done.status_code, "试导入" in done.text, "姓名请按身份证填写汉字" in done.text) == (200, True, True)
    as_csv = await door.http.get(f"{address}/report", params={"format": "csv"}, headers=CLERK)
    assert as_csv.content.decode("utf-8-sig").splitlines()[:2] == ["行号,结果,列,说明", "2,新增,,"]
    as_xlsx = await door.http.get(f"{address}/report", headers=CLERK)
    report = openpyxl.load_workbook(io.BytesIO(as_xlsx.content)).active
    assert report is not None
    assert [cell.value for cell in report[3]][:3] == [3, "没有导入", "姓名"]
    template = await door.http.get("/desk/members/import/template", headers=CLERK)
    assert "attachment" in template.headers["content-disposition"]
    empty = openpyxl.load_workbook(io.BytesIO(template.content)).active
    assert empty is not None
    assert [cell.value for cell in empty[1]] == list(HEADER)


@pytest.mark.parametrize("path", ["/api/v1/desk/members", "/desk/members", "/desk/members/import", "/me/card"])
async def test_guests_are_asked_to_sign_in(door: Door, path: str) -> None:
    assert (await door.http.get(path)).status_code in (303, 401)


async def test_members_stay_out_of_the_desk(tree: Tree, door: Door) -> None:
    member = ids.public((await admit(tree.couriers, 1)).id)
    for path in ("/desk/members", f"/desk/members/{member}", "/api/v1/desk/members", "/desk/members/import"):
        assert (await door.http.get(path, headers=ME)).status_code == 403
    assert (await door.http.get("/api/v1/me/card", headers=CLERK)).status_code == 403
