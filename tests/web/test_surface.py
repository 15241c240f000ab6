"""The machinery around every door, on a small application of its own."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, get, post
from litestar.di import Provide
from litestar.params import FromPath, JSONBody
from structlog.testing import capture_logs

from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import Conflict, TooMany, Unavailable, invalid
from backend.web import problems
from backend.web.access import PERSON, PUBLIC, SIGNED_IN, CurrentActor, assert_declared, check_access, provide_actor
from backend.web.client import provide_client
from backend.web.forms import read_form
from backend.web.idempotency import Idempotency
from backend.web.media import MULTIPART, check_media
from backend.web.same_origin import check_origin
from backend.web.surface import Frame, Surface

PEOPLE = {
    "person": Actor(kind="person", account_id=1, display="王小测"),
    "clerk": Actor(kind="staff", account_id=2, display="邹某"),
}


class Parcel(msgspec.Struct, kw_only=True):
    weight: int
    to: str
    tags: list[str] = []


calls: list[int] = []


@get("/api/v1/open", opt=PUBLIC)
async def open_door(actor: CurrentActor) -> dict[str, str]:
    return {"kind": actor.kind}


@get("/api/v1/mine", opt=SIGNED_IN)
async def mine(actor: CurrentActor) -> dict[str, str]:
    return {"display": actor.display}


@post("/api/v1/parcels", opt=PERSON, status_code=201)
async def send_parcel(data: JSONBody[Parcel]) -> dict[str, int]:
    calls.append(data.weight)
    if data.weight == 99:
        raise invalid("weight", "wrong_value")
    if data.weight == 500:
        raise RuntimeError("a secret 990001199003071231 in a message")
    return {"weight": data.weight, "call": len(calls)}


@post("/api/v1/slow", opt=PERSON, status_code=201)
async def slow(data: JSONBody[Parcel]) -> dict[str, int]:
    calls.append(data.weight)
    for _ in range(50):
        await asyncio.sleep(0)
    return {"call": len(calls)}


@post("/api/v1/letters", opt=PERSON | MULTIPART)
async def send_letter(request: Request[Any, Any, Any]) -> dict[str, Any]:
    form = await read_form(request)
    content = await form.files["file"][0].read() if form.files else b""
    calls.append(len(content))
    return {"call": len(calls), "size": len(content), "to": form.one("to")}


@get("/api/v1/errors/{kind:str}", opt=PUBLIC)
async def errors(kind: FromPath[str]) -> None:
    raise {
        "late": TooMany("too_many_reveals", retry_after=60),
        "busy": Unavailable(),
        "lost": Conflict("still_running"),
    }[kind]


async def load_actor(token: str) -> Actor | None:
    return PEOPLE.get(token)


async def load_frame(_: Actor, __: str) -> Frame:
    return Frame(unread=0, shell=None)


@pytest.fixture
async def client(db: None) -> AsyncIterator[httpx.AsyncClient]:
    calls.clear()
    app = Litestar(
        [open_door, mine, send_parcel, slow, send_letter, errors],
        guards=[check_origin, check_access, check_media],
        exception_handlers=problems.handlers(),
        dependencies={"actor": Provide(provide_actor), "client": Provide(provide_client)},
        request_max_body_size=3_000_000,
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = Surface(Idempotency(app.asgi_handler), load_actor=load_actor, load_frame=load_frame)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type] - Litestar types its scope more narrowly
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as made:
        yield made


BEARER = {"authorization": "Bearer person"}
COOKIE = {"cookie": "session=person"}


async def test_guests_are_told_to_sign_in(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/mine")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "需要登录",
        "status": 401,
        "detail": "请先登录，登录后会回到这一页。",
        "code": "not_signed_in",
        "errors": [],
    }


@pytest.mark.parametrize("headers", [BEARER, COOKIE])
async def test_a_token_is_taken_from_header_or_cookie(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.get("/api/v1/mine", headers=headers)).json() == {"display": "王小测"}


async def test_a_planted_token_is_nobody(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/open", headers={"cookie": "session=attackerchosen"})).json() == {"kind": "guest"}


async def test_staff_do_not_use_the_doors_of_members(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/parcels", json={}, headers={"authorization": "Bearer clerk"})
    assert (answer.status_code, answer.json()["code"]) == (403, "members_only")


async def test_every_wrong_field_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/parcels", json={"weight": "heavy", "tags": "x"}, headers=BEARER)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"field": "weight", "message": "这一项应为整数。"},
        {"field": "to", "message": "这一项必须填写。"},
        {"field": "tags", "message": "这一项应为列表。"},
    ]


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"[" * 5000 + b"]" * 5000, b"{", b'{"weight": 1, "to": "\\ud800"}', b""], ids=range(5)
)
async def test_undecodable_bodies_are_the_callers_fault(client: httpx.AsyncClient, body: bytes) -> None:
    headers = BEARER | {"content-type": "application/json"}
    answer = await client.post("/api/v1/parcels", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]


async def test_too_large_a_body_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/parcels", json={"weight": 1, "to": "x" * 4_000_000}, headers=BEARER)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_an_unexpected_error_shows_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/parcels", json={"weight": 500, "to": "x"}, headers=BEARER)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text


async def test_the_log_names_the_route_of_a_failure_and_not_its_path(client: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        answer = await client.get("/api/v1/errors/RH2026-000123")
    assert answer.status_code == 500
    failed = next(line for line in lines if line["event"] == "request.failed")
    assert failed["route"] == "/api/v1/errors/{kind}"
    assert "RH2026-000123" not in str({name: value for name, value in failed.items() if name != "exc_info"})


@pytest.mark.parametrize(("kind", "status", "retry"), [("late", 429, "60"), ("busy", 503, "5"), ("lost", 409, None)])
async def test_errors_carry_their_status(client: httpx.AsyncClient, kind: str, status: int, retry: str | None) -> None:
    answer = await client.get(f"/api/v1/errors/{kind}")
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://testserver"}, 201),
        ({"referer": "https://evil.example/x"}, 403),
        ({"referer": "http://testserver/services"}, 201),
        ({"sec-fetch-site": "none"}, 201),
        ({}, 403),
    ],
)
async def test_a_cookie_is_worth_nothing_on_a_foreign_page(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    answer = await client.post("/api/v1/parcels", json={"weight": 1, "to": "x"}, headers=COOKIE | headers)
    assert answer.status_code == status


async def test_an_app_with_its_token_says_no_origin(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/parcels", json={"weight": 1, "to": "x"}, headers=BEARER)
    assert answer.status_code == 201


async def test_a_guest_without_a_cookie_needs_no_origin(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/parcels", json={"weight": 1, "to": "x"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_every_answer_carries_the_headers(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/open", "/api/v1/mine", "/api/v1/nowhere", "/api/v1/errors/lost"):
        answer = await client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_wrong_method_and_a_wrong_path(client: httpx.AsyncClient) -> None:
    assert (await client.delete("/api/v1/open")).json()["code"] == "method_not_allowed"
    assert (await client.get("/api/v1/nowhere")).json()["code"] == "not_found"


async def test_the_same_key_gives_the_first_answer(client: httpx.AsyncClient) -> None:
    headers = BEARER | {"idempotency-key": "k-1"}
    first = await client.post("/api/v1/parcels", json={"weight": 7, "to": "x"}, headers=headers)
    again = await client.post("/api/v1/parcels", json={"weight": 7, "to": "x"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert calls == [7]


async def test_another_body_under_the_same_key_is_refused(client: httpx.AsyncClient) -> None:
    headers = BEARER | {"idempotency-key": "k-1"}
    await client.post("/api/v1/parcels", json={"weight": 7, "to": "x"}, headers=headers)
    other = await client.post("/api/v1/parcels", json={"weight": 8, "to": "x"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert calls == [7]


def letter(content: bytes, *, to: str = "x", name: str = "a.pdf") -> dict[str, Any]:
    return {"files": {"file": (name, content, "application/pdf")}, "data": {"to": to}}


LARGE = bytes(range(256)) * 8_000  # 2 MB, more than JSON may have


async def test_the_same_file_under_the_same_key_is_taken_once(client: httpx.AsyncClient) -> None:
    """Each sending has a boundary of its own, so the bytes differ and the request does not."""
    headers = BEARER | {"idempotency-key": "k-file"}
    answers = [await client.post("/api/v1/letters", headers=headers, **letter(LARGE)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json() == {"call": 1, "size": len(LARGE), "to": "x"}
    assert calls == [len(LARGE)]


@pytest.mark.parametrize(
    "other",
    [
        letter(b"%PDF-1.7 b"),
        letter(b"%PDF-1.7 a", to="y"),
        letter(b"%PDF-1.7 a", name="b.pdf"),
        letter(b"%PDF-1.7 a\n"),
    ],
    ids=["content", "field", "name", "one byte more"],
)
async def test_another_form_under_the_same_key_is_refused(client: httpx.AsyncClient, other: dict[str, Any]) -> None:
    headers = BEARER | {"idempotency-key": "k-file"}
    await client.post("/api/v1/letters", headers=headers, **letter(b"%PDF-1.7 a"))
    answer = await client.post("/api/v1/letters", headers=headers, **other)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert len(calls) == 1


async def test_too_large_a_form_with_a_key_is_refused(client: httpx.AsyncClient) -> None:
    headers = BEARER | {"idempotency-key": "k-file"}
    answer = await client.post("/api/v1/letters", headers=headers, **letter(bytes(13 * 1024 * 1024)))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert calls == []


async def test_a_form_that_is_none_is_refused_with_a_key_too(client: httpx.AsyncClient) -> None:
    headers = BEARER | {"idempotency-key": "k-file", "content-type": "multipart/form-data; boundary=b"}
    for body in (b"", b"--b", b"nothing", b"--b\r\nx"):
        answer = await client.post("/api/v1/letters", headers=headers, content=body)
        assert answer.status_code in (201, 400), body
        await database.execute("DELETE FROM idempotent_answer")


async def test_a_guest_sends_no_file_into_the_void(client: httpx.AsyncClient) -> None:
    """Refused by its head alone: nothing of the body was read, and nothing is kept under the key."""
    read: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        for _ in range(20):
            read.append(b"x" * 100_000)
            yield read[-1]

    headers = {"idempotency-key": "k-guest", "content-type": "multipart/form-data; boundary=b"}
    answer = await client.post("/api/v1/letters", headers=headers, content=body())
    assert (answer.status_code, await database.scalar("SELECT COUNT(*) FROM idempotent_answer")) == (401, 0)


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("parcels", "application/json", 201),
        ("parcels", "application/json; charset=utf-8", 201),
        ("parcels", "application/merge-patch+json", 201),
        ("parcels", "", 201),
        ("parcels", "text/plain", 415),
        ("parcels", "application/x-www-form-urlencoded", 415),
        ("parcels", "multipart/form-data; boundary=x", 415),
        ("letters", "application/json", 415),
        ("letters", "text/plain", 415),
        ("letters", "application/x-www-form-urlencoded", 415),
    ],
)
async def test_each_door_takes_its_own_media_type(client: httpx.AsyncClient, path: str, kind: str, status: int) -> None:
    headers = BEARER | ({"content-type": kind} if kind else {})
    answer = await client.post(f"/api/v1/{path}", content=b'{"weight": 1, "to": "x"}', headers=headers)
    assert answer.status_code == status
    if status == 415:
        assert answer.json()["code"] == "unsupported_media"
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_refused_request_may_be_corrected_under_its_key(client: httpx.AsyncClient) -> None:
    headers = BEARER | {"idempotency-key": "k-1"}
    refused = await client.post("/api/v1/parcels", json={"weight": 99, "to": "x"}, headers=headers)
    corrected = await client.post("/api/v1/parcels", json={"weight": 9, "to": "x"}, headers=headers)
    assert (refused.status_code, corrected.status_code) == (422, 201)


async def test_keys_of_two_people_are_two_keys(client: httpx.AsyncClient) -> None:
    for kind in ("person", "clerk"):
        headers = {"authorization": f"Bearer {kind}", "idempotency-key": "shared"}
        await client.post("/api/v1/parcels", json={"weight": 7, "to": "x"}, headers=headers)
    assert calls == [7]


@pytest.mark.race(control="test_control_without_the_key_all_fifty_run")
async def test_fifty_at_once_run_once(client: httpx.AsyncClient) -> None:
    headers = BEARER | {"idempotency-key": "k-50"}
    answers = await asyncio.gather(
        *(client.post("/api/v1/slow", json={"weight": 1, "to": "x"}, headers=headers) for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert calls == [1]


@pytest.mark.race(is_control=True)
async def test_control_without_the_key_all_fifty_run(client: httpx.AsyncClient) -> None:
    await asyncio.gather(
        *(client.post("/api/v1/slow", json={"weight": 1, "to": "x"}, headers=BEARER) for _ in range(50))
    )
    assert len(calls) == 50


async def test_a_run_that_died_without_answering_is_taken_over(client: httpx.AsyncClient, freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    headers = BEARER | {"idempotency-key": "k-dead"}
    await client.post("/api/v1/parcels", json={"weight": 7, "to": "x"}, headers=headers)
    await database.execute("UPDATE idempotent_answer SET state = %s, body = %s", "running", "")
    clock.advance(minutes=1)
    answer = await client.post("/api/v1/parcels", json={"weight": 7, "to": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["call"]) == (201, 2)


async def test_an_undeclared_route_stops_the_start() -> None:
    @get("/forgotten")
    async def forgotten() -> None: ...

    with pytest.raises(RuntimeError, match="/forgotten"):
        assert_declared(Litestar([forgotten], openapi_config=None, logging_config=None).routes)
