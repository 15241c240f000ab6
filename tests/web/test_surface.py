"""The machinery around every door, on a small application of its own."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
from litestar import Litestar, get, post
from litestar.di import Provide
from litestar.params import FromPath, JSONBody

from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import Conflict, TooMany, Unavailable, invalid
from backend.web import problems
from backend.web.access import PERSON, PUBLIC, SIGNED_IN, CurrentActor, assert_declared, check_access, provide_actor
from backend.web.client import provide_client
from backend.web.idempotency import Idempotency
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
        [open_door, mine, send_parcel, slow, errors],
        guards=[check_origin, check_access],
        exception_handlers=problems.handlers(),
        dependencies={"actor": Provide(provide_actor), "client": Provide(provide_client)},
        request_max_body_size=100_000,
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
    answer = await client.post("/api/v1/parcels", json={"weight": 1, "to": "x" * 200_000}, headers=BEARER)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_an_unexpected_error_shows_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/parcels", json={"weight": 500, "to": "x"}, headers=BEARER)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text


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
        ({}, 201),
    ],
)
async def test_a_cookie_is_worth_nothing_on_a_foreign_page(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    answer = await client.post("/api/v1/parcels", json={"weight": 1, "to": "x"}, headers=COOKIE | headers)
    assert answer.status_code == status


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
