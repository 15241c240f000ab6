"""The doors of the inbox and the demo's outbox, through the machinery that is around every door."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar, Router
from litestar.di import Provide

from backend.channels import sms
from backend.core.actor import Actor
from backend.core.settings import Settings
from backend.demo import api as demo
from backend.identity import commands as identity
from backend.notifications import api, commands, portal, queries
from backend.notifications.enums import Audience, Notice
from backend.web import problems
from backend.web.access import check_access, provide_actor
from backend.web.client import provide_client
from backend.web.same_origin import check_origin
from backend.web.surface import Frame, Surface
from tests.notifications.samples import CASE, recipient

MORNING = "2026-03-10T09:00:00+08:00"
LI = Actor(kind="person", account_id=11, display="李小测")
WANG = Actor(kind="person", account_id=12, display="王小测")
PEOPLE = {"li": LI, "wang": WANG}
BEARER = {"authorization": "Bearer li"}
COOKIE = {"cookie": "session=li", "origin": "http://testserver"}


async def load_actor(token: str) -> Actor | None:
    return PEOPLE.get(token)


async def load_frame(actor: Actor, path: str) -> Frame:
    return Frame(unread=await queries.unread_count(actor), shell=None)


@pytest.fixture
async def client(db: None, settings: Settings, freeze: Callable[[str], datetime]) -> AsyncIterator[httpx.AsyncClient]:
    freeze(MORNING)
    sms.configure(settings)
    app = Litestar(
        [Router("/api/v1", route_handlers=[*api.routes, *demo.routes]), Router("/", route_handlers=portal.routes)],
        guards=[check_origin, check_access],
        exception_handlers=problems.handlers(),
        dependencies={"actor": Provide(provide_actor), "client": Provide(provide_client)},
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = Surface(app.asgi_handler, load_actor=load_actor, load_frame=load_frame)
    transport = httpx.ASGITransport(cast("Any", app))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as made:
        yield made


async def tell(key: str = "7", account_id: int = 11) -> None:
    await commands.notify(
        Notice.CASE_SUBMITTED, Audience.APPLICANT, recipients=[recipient(account_id)], values=CASE, key=key
    )


async def test_the_api_lists_ones_own_notices(client: httpx.AsyncClient) -> None:
    await tell()
    await tell(account_id=12)
    answer = await client.get("/api/v1/me/notifications", headers=BEARER)
    assert answer.status_code == 200
    [item] = answer.json()["items"]
    assert answer.json()["next_cursor"] is None
    assert item == {
        "id": item["id"],
        "title": "申请已收到",
        "text": "您的“职工医疗互助”申请已经收到，办件号 GH20260310000123。现在由高桥街道总工会审核。"
        "预计 3月27日 前办结。不用再跑窗口，有结果会马上告诉您；想看进度，点开就能看到。",
        "case_number": "GH20260310000123",
        "created_at": MORNING,
        "read_at": None,
        "link": "/cases/GH20260310000123",
    }


async def test_the_api_pages(client: httpx.AsyncClient) -> None:
    for number in range(3):
        await tell(str(number))
    first = (await client.get("/api/v1/me/notifications?limit=2", headers=BEARER)).json()
    rest = (
        await client.get(
            "/api/v1/me/notifications", headers=BEARER, params={"limit": 2, "cursor": first["next_cursor"]}
        )
    ).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    for bad in ("limit=0", "limit=101", "cursor=%00", "cursor=W10", "cursor=!!"):
        answer = await client.get(f"/api/v1/me/notifications?{bad}", headers=BEARER)
        assert answer.status_code in (400, 422), bad


async def test_reading_one_and_reading_all(client: httpx.AsyncClient) -> None:
    await tell("1")
    await tell("2")
    notice = (await queries.inbox(LI)).items[0].id
    answer = await client.post(f"/api/v1/me/notifications/{notice}/read", headers=BEARER)
    assert (answer.status_code, answer.json()["read_at"]) == (200, MORNING)
    stranger = await client.post(f"/api/v1/me/notifications/{notice}/read", headers={"authorization": "Bearer wang"})
    assert (stranger.status_code, stranger.json()["code"]) == (404, "not_found")
    answer = await client.post("/api/v1/me/notifications/read", headers=BEARER)
    assert (answer.status_code, answer.json()) == (200, {"unread": 0})


async def test_guests_have_no_inbox(client: httpx.AsyncClient) -> None:
    for method, path in (
        ("GET", "/api/v1/me/notifications"),
        ("POST", "/api/v1/me/notifications/read"),
        ("POST", "/api/v1/me/notifications/0000000000000/read"),
    ):
        assert (await client.request(method, path)).status_code == 401, path


async def test_the_page_shows_the_notices(client: httpx.AsyncClient) -> None:
    await tell()
    answer = await client.get("/me/inbox", headers=COOKIE)
    assert answer.status_code == 200
    assert "申请已收到" in answer.text
    assert "GH20260310000123" in answer.text
    assert await queries.unread_count(LI) == 1


async def test_the_page_of_an_empty_inbox(client: httpx.AsyncClient) -> None:
    answer = await client.get("/me/inbox", headers=COOKIE)
    assert (answer.status_code, "还没有消息" in answer.text) == (200, True)


async def test_opening_a_notice_reads_it_and_goes_where_it_points(client: httpx.AsyncClient) -> None:
    await tell()
    notice = (await queries.inbox(LI)).items[0].id
    answer = await client.post(f"/me/inbox/{notice}/read", headers=COOKIE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases/GH20260310000123")
    assert await queries.unread_count(LI) == 0
    answer = await client.post("/me/inbox/read", headers=COOKIE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/inbox")


async def test_a_foreign_page_cannot_read_for_me(client: httpx.AsyncClient) -> None:
    await tell()
    notice = (await queries.inbox(LI)).items[0].id
    foreign = {"cookie": "session=li", "origin": "https://elsewhere.example"}
    for path in (f"/me/inbox/{notice}/read", "/me/inbox/read", "/api/v1/me/notifications/read"):
        assert (await client.post(path, headers=foreign)).status_code == 403, path
    assert await queries.unread_count(LI) == 1


async def test_the_demo_shows_what_a_phone_was_sent_newest_first(
    client: httpx.AsyncClient, freeze: Callable[[str], datetime]
) -> None:
    account_id = await identity.account_for_phone("15400000001")
    await sms.send(recipient="15400000001", template="sign_in_code", text="您的验证码是 123456。")
    await sms.send(recipient="15400000002", template="sign_in_code", text="您的验证码是 654321。")
    freeze("2026-03-10T09:05:00+08:00")
    await tell(account_id=account_id)
    answer = await client.get("/api/v1/demo/outbox", params={"to": "154 0000 0001"})
    assert answer.status_code == 200
    notice, code = answer.json()["items"]
    assert code == {
        "to": "15400000001",
        "channel": "sms",
        "template": "sign_in_code",
        "text": "您的验证码是 123456。",
        "sent_at": MORNING,
    }
    assert (notice["channel"], notice["template"]) == ("inbox", "case.submitted")
    assert notice["sent_at"] == "2026-03-10T09:05:00+08:00"


async def test_the_demo_knows_nothing_of_other_phones(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/demo/outbox?to=15400000009")).json() == {"items": []}
    wrong = await client.get("/api/v1/demo/outbox?to=12345")
    assert (wrong.status_code, [one["field"] for one in wrong.json()["errors"]]) == (422, ["to"])
    assert (await client.get("/api/v1/demo/outbox")).status_code in (400, 422)
