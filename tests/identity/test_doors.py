"""Sign-in through the doors: the contract's answers, cookies, redirects, what signing out leaves."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from backend.core import crypto, database, ids
from backend.identity import queries
from backend.web import limits
from tests.identity.helpers import PASSWORD, PHONE, code_at, make_staff, sent_code, sign_in, sign_in_staff
from tests.identity.small_app import browser


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with browser() as one:
        yield one


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def sign_in_through_api(client: httpx.AsyncClient) -> httpx.Response:
    await client.post("/api/v1/auth/sms-codes", json={"phone": PHONE})
    return await client.post("/api/v1/auth/sessions", json={"phone": PHONE, "code": await sent_code()})


async def test_a_code_is_asked_for(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/auth/sms-codes", json={"phone": PHONE})
    assert (answer.status_code, answer.json()) == (202, {"expires_in": 300, "retry_after": 60})
    again = await client.post("/api/v1/auth/sms-codes", json={"phone": PHONE})
    assert (again.status_code, again.json()["code"]) == (429, "sms_too_often")
    assert 1 <= int(again.headers["retry-after"]) <= 60


async def test_known_and_unknown_phones_cannot_be_told_apart(client: httpx.AsyncClient) -> None:
    await sign_in(PHONE)
    await limits.clear(limits.SMS_PHONE, crypto.blind_index("phone", PHONE))
    known = await client.post("/api/v1/auth/sms-codes", json={"phone": PHONE})
    unknown = await client.post("/api/v1/auth/sms-codes", json={"phone": "15400000077"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert set(known.headers) == set(unknown.headers)
    wrong_known = await client.post("/api/v1/auth/sessions", json={"phone": PHONE, "code": "000000"})
    wrong_unknown = await client.post("/api/v1/auth/sessions", json={"phone": "15400000078", "code": "000000"})
    assert (wrong_known.status_code, wrong_known.content) == (wrong_unknown.status_code, wrong_unknown.content)


async def test_a_session_is_answered_with_token_and_cookie(client: httpx.AsyncClient) -> None:
    answer = await sign_in_through_api(client)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["account"]["phone"]) == ("Bearer", 2_592_000, "154****0001")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"session={body['access_token']}; ")
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "HttpOnly",
        "Max-Age=2592000",
        "Path=/",
        "SameSite=lax",
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_the_cookie_of_production_is_bound_to_host_and_https(production) -> None:
    async with browser("https") as client:
        cookie = (await sign_in_through_api(client)).headers["set-cookie"]
        assert cookie.startswith("__Host-session=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")[1:]}
        assert "Domain" not in cookie
        assert (await client.get("/api/v1/me/sessions")).status_code == 200


@pytest.mark.parametrize("way", ["cookie", "bearer"])
async def test_token_and_cookie_are_the_same_session(client: httpx.AsyncClient, way: str) -> None:
    token = (await sign_in_through_api(client)).json()["access_token"]
    if way == "bearer":
        client.cookies.clear()
        client.headers.update(bearer(token))
    (line,) = (await client.get("/api/v1/me/sessions")).json()
    assert line["current"] is True


async def test_signing_out_kills_the_token_at_once(client: httpx.AsyncClient) -> None:
    token = (await sign_in_through_api(client)).json()["access_token"]
    answer = await client.delete("/api/v1/auth/sessions/current")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["set-cookie"].startswith('session=""; ')
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert (await client.get("/api/v1/me/sessions", headers=bearer(token))).status_code == 401
    assert (await client.delete("/api/v1/auth/sessions/current", headers=bearer(token))).status_code == 401


async def test_a_planted_cookie_is_replaced_not_adopted(client: httpx.AsyncClient) -> None:
    client.cookies.set("session", "planted-by-a-stranger")
    answer = await sign_in_through_api(client)
    assert answer.json()["access_token"] != "planted-by-a-stranger"
    assert await queries.signed_in("planted-by-a-stranger") is None


async def test_signing_in_again_ends_the_session_before(client: httpx.AsyncClient) -> None:
    first = (await sign_in_through_api(client)).json()["access_token"]
    await limits.clear(limits.SMS_PHONE, crypto.blind_index("phone", PHONE))
    second = (await sign_in_through_api(client)).json()["access_token"]
    assert await queries.signed_in(first) is None
    assert await queries.signed_in(second) is not None


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("sms-codes", {"phone": "123"}, "phone"),
        ("sms-codes", {}, "phone"),
        ("sms-codes", {"phone": 15400000001}, "phone"),
        ("sessions", {"phone": PHONE, "code": "12"}, "code"),
        ("sessions", {"phone": PHONE}, "code"),
        ("staff/sessions", {"username": "x"}, "password"),
    ],
)
async def test_wrong_fields_are_named(client: httpx.AsyncClient, path: str, body: dict, field: str) -> None:
    answer = await client.post(f"/api/v1/auth/{path}", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "body",
    [
        {"username": "\x00", "password": "\x00"},
        {"username": "a" * 100_000, "password": "b" * 100_000, "otp": "c" * 1000},
        {"username": "clerk-one", "password": "x", "otp": "１２３４５６"},
        {"username": "clerk-one' OR 1=1 -- ", "password": "%s %d ?"},
    ],
)
async def test_strange_credentials_are_only_wrong(client: httpx.AsyncClient, body: dict[str, str]) -> None:
    await make_staff()
    answer = await client.post("/api/v1/auth/staff/sessions", json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_failed")


async def test_staff_sign_in(client: httpx.AsyncClient) -> None:
    await make_staff()
    answer = await client.post("/api/v1/auth/staff/sessions", json={"username": "clerk-one", "password": PASSWORD})
    assert answer.status_code == 201
    assert (answer.json()["expires_in"], answer.json()["account"]["kind"]) == (43_200, "staff")


async def test_a_pending_session_may_sign_out_and_nothing_else(client: httpx.AsyncClient) -> None:
    _, first = await make_staff(password=None)
    body = {"username": "clerk-one", "password": first}
    answer = await client.post("/api/v1/auth/staff/sessions", json=body)
    assert answer.json()["pending"] == "password"
    refused = await client.get("/api/v1/me/sessions")
    assert (refused.status_code, refused.json()["code"]) == (403, "pending_password")
    assert (await client.delete("/api/v1/auth/sessions/current")).status_code == 204


async def test_consents_through_the_api(client: httpx.AsyncClient) -> None:
    await sign_in_through_api(client)
    text = (await client.get("/api/v1/me/consents")).json()["texts"][1]
    assert text["kind"] == "sensitive"
    body = {"kind": "sensitive", "text_version": text["version"]}
    given = await client.post("/api/v1/me/consents", json=body)
    assert (given.status_code, given.json()["given"][0]["standing"]) == (201, True)
    assert (await client.delete("/api/v1/me/consents/sensitive")).status_code == 204
    assert (await client.delete("/api/v1/me/consents/sensitive")).status_code == 404
    assert (await client.delete("/api/v1/me/consents/whatever")).status_code == 404
    wrong = await client.post("/api/v1/me/consents", json={"kind": "whatever", "text_version": "1"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "kind")


async def test_nobody_ends_a_strangers_session(client: httpx.AsyncClient) -> None:
    await sign_in_through_api(client)
    stranger = await queries.signed_in((await sign_in("15400000055")).access_token)
    assert stranger is not None
    for session in (ids.public(stranger.session_id), "nonsense", "0000000000000"):
        assert (await client.delete(f"/api/v1/me/sessions/{session}")).status_code == 404
    assert await database.scalar("SELECT COUNT(*) FROM session_row") == 2


async def test_signing_out_everywhere_else(client: httpx.AsyncClient) -> None:
    await make_staff()
    elsewhere = await sign_in_staff()
    body = {"username": "clerk-one", "password": PASSWORD}
    await client.post("/api/v1/auth/staff/sessions", json=body)
    assert (await client.delete("/api/v1/me/sessions")).status_code == 204
    assert await queries.signed_in(elsewhere.access_token) is None
    assert len((await client.get("/api/v1/me/sessions")).json()) == 1


# ---- pages ---------------------------------------------------------------------------


async def test_the_two_steps_of_the_page(client: httpx.AsyncClient) -> None:
    first = await client.get("/sign-in?next=/cases")
    assert first.status_code == 200
    assert 'name="next" value="/cases"' in first.text
    second = await client.post("/sign-in/code", data={"phone": PHONE, "next": "/cases"})
    assert second.status_code == 200
    assert "154****0001" in second.text
    done = await client.post("/sign-in", data={"phone": PHONE, "code": await sent_code(), "next": "/cases"})
    assert (done.status_code, done.headers["location"]) == (303, "/cases")
    assert (await client.get("/sign-in?next=/me")).headers["location"] == "/me"


async def test_what_was_wrong_is_said_on_the_page(client: httpx.AsyncClient) -> None:
    wrong = await client.post("/sign-in/code", data={"phone": "12", "next": "/"})
    assert wrong.status_code == 422
    assert "手机号是 11 位" in wrong.text
    await client.post("/sign-in/code", data={"phone": PHONE, "next": "/"})
    often = await client.post("/sign-in/code", data={"phone": PHONE, "next": "/"})
    assert often.status_code == 429
    assert int(often.headers["retry-after"]) <= 60
    # The code that is on its way can be typed in, without JavaScript too.
    assert f'name="phone" value="{PHONE}"' in often.text
    assert 'name="code"' in often.text
    assert f"{often.headers['retry-after']} 秒后可以重新发送" in often.text
    refused = await client.post("/sign-in", data={"phone": PHONE, "code": "000000", "next": "/"})
    assert refused.status_code == 401
    assert "验证码不对或已经失效" in refused.text
    assert "set-cookie" not in refused.headers


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "/\t/evil.example",
        "/%0d%0aset-cookie:x=1\r\nx",
        "evil.example",
        "",
        " //evil.example",
    ],
)
async def test_the_way_back_never_leaves_the_house(client: httpx.AsyncClient, target: str) -> None:
    await client.post("/api/v1/auth/sms-codes", json={"phone": PHONE})
    done = await client.post("/sign-in", data={"phone": PHONE, "code": await sent_code(), "next": target})
    assert done.status_code == 303
    assert re.fullmatch(r"/([^/\\].*)?", done.headers["location"])
    again = await client.get("/sign-in", params={"next": target})
    assert re.fullmatch(r"/([^/\\].*)?", again.headers["location"])


async def test_signing_out_on_the_page(client: httpx.AsyncClient) -> None:
    await sign_in_through_api(client)
    out = await client.post("/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert out.headers["clear-site-data"]
    assert await database.scalar("SELECT COUNT(*) FROM session_row") == 0
    assert (await client.post("/sign-out")).status_code == 303


async def test_no_page_signs_anybody_out_by_get(client: httpx.AsyncClient) -> None:
    await sign_in_through_api(client)
    assert (await client.get("/sign-out")).status_code == 405


async def test_the_pages_of_consents(client: httpx.AsyncClient) -> None:
    await sign_in_through_api(client)
    shown = await client.get("/me/consents")
    assert shown.status_code == 200
    assert "敏感个人信息单独同意书" in shown.text
    version = (await client.get("/api/v1/me/consents")).json()["texts"][0]["version"]
    given = await client.post("/me/consents/privacy/give", data={"text_version": version})
    assert given.headers["location"] == "/me/consents"
    assert (await client.post("/me/consents/privacy/withdraw")).status_code == 303
    assert (await client.post("/me/consents/privacy/withdraw")).status_code == 404
    assert (await client.post("/me/consents/nothing/withdraw")).status_code == 404
    assert (await client.get("/me/sessions")).headers["location"] == "/me#sessions"


async def test_guests_are_sent_to_sign_in_and_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/me/consents")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fme%2Fconsents")


async def test_ending_another_device_from_the_page(client: httpx.AsyncClient) -> None:
    await sign_in_through_api(client)
    await limits.clear(limits.SMS_PHONE, crypto.blind_index("phone", PHONE))
    other = await queries.signed_in((await sign_in()).access_token)
    assert other is not None
    ended = await client.post(f"/me/sessions/{ids.public(other.session_id)}/end")
    assert ended.headers["location"] == "/me#sessions"
    assert await database.scalar("SELECT COUNT(*) FROM session_row") == 1


# ---- desk ----------------------------------------------------------------------------


async def test_the_desk_page_from_first_password_to_second_factor(production, freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    _, first = await make_staff(password=None)
    async with browser("https") as client:
        wrong = await client.post("/desk/sign-in", data={"username": "clerk-one", "password": "x", "next": "/desk"})
        assert wrong.status_code == 401
        done = await client.post("/desk/sign-in", data={"username": "clerk-one", "password": first, "next": "/desk"})
        assert done.headers["location"] == "/desk/password"
        assert (await client.get("/desk/password")).status_code == 200
        unequal = await client.post("/desk/password", data={"new": PASSWORD, "again": "something else"})
        assert unequal.status_code == 422
        assert "两次输入的新密码不一样" in unequal.text
        changed = await client.post("/desk/password", data={"new": PASSWORD, "again": PASSWORD})
        assert changed.headers["location"] == "/desk/totp"
        page = await client.get("/desk/totp")
        secret = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", page.text)
        assert secret is not None
        mistyped = await client.post("/desk/totp", data={"code": "000000"})
        assert mistyped.status_code == 422
        assert secret.group() in mistyped.text
        enrolled = await client.post("/desk/totp", data={"code": code_at(secret.group())})
        assert enrolled.headers["location"] == "/desk"
        assert (await client.get("/desk/sign-in?next=/desk/cases")).headers["location"] == "/desk/cases"
        out = await client.post("/desk/sign-out")
        assert out.headers["location"] == "/desk/sign-in"
        assert await database.scalar("SELECT COUNT(*) FROM session_row") == 0


async def test_the_desk_page_in_the_demo_needs_no_code(client: httpx.AsyncClient) -> None:
    await make_staff()
    shown = await client.get("/desk/sign-in?next=/desk/cases")
    assert shown.status_code == 200
    done = await client.post(
        "/desk/sign-in", data={"username": "clerk-one", "password": PASSWORD, "next": "/desk/cases"}
    )
    assert (done.status_code, done.headers["location"]) == (303, "/desk/cases")
    assert await sign_in_staff()
