"""The JSON API as an app uses it: a bearer token, paths below /api/v1."""

from typing import Any

import httpx

from tests.factories.people import Somebody
from tests.factories.world import PASSWORD, World


class Caller:
    def __init__(self, client: httpx.AsyncClient, token: str = "") -> None:
        self.client = client
        self.token = token

    async def send(self, method: str, path: str, **sent: Any) -> httpx.Response:
        headers = dict(sent.pop("headers", {}))
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        answer = await self.client.request(method, f"/api/v1{path}", headers=headers, **sent)
        self.client.cookies.clear()
        return answer

    async def ask(self, method: str, path: str, status: int, **sent: Any) -> Any:
        """The decoded answer, which must have this status."""
        answer = await self.send(method, path, **sent)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text[:1000])
        return answer.json() if answer.content else None

    async def problem(self, method: str, path: str, status: int, **sent: Any) -> Any:
        """A refusal in the form that the contract promises."""
        answer = await self.send(method, path, **sent)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text[:1000])
        assert answer.headers["content-type"] == "application/problem+json"
        found = answer.json()
        assert {"type", "title", "status", "detail", "code", "errors"} <= set(found)
        assert found["status"] == status
        return found


async def code_in_outbox(client: httpx.AsyncClient, phone: str) -> str:
    """What a person trying the demo reads."""
    found = await Caller(client).ask("GET", f"/demo/outbox?to={phone}", 200)
    newest = next(item for item in found["items"] if item["template"] == "sign_in_code")
    assert set(newest) == {"to", "channel", "template", "text", "sent_at"}
    assert newest["to"] == phone
    return "".join(letter for letter in newest["text"] if letter.isdigit())[:6]


async def sign_in(client: httpx.AsyncClient, who: Somebody) -> Caller:
    """By phone, the way everybody does it."""
    guest = Caller(client)
    sent = await guest.ask("POST", "/auth/sms-codes", 202, json={"phone": who.phone})
    assert set(sent) == {"expires_in", "retry_after"}
    code = await code_in_outbox(client, who.phone)
    session = await guest.ask("POST", "/auth/sessions", 201, json={"phone": who.phone, "code": code})
    assert {"access_token", "token_type", "expires_in", "account"} <= set(session)
    return Caller(client, session["access_token"])


async def staff(client: httpx.AsyncClient, world: World, role: str) -> Caller:
    sent = {"username": f"{world.letter.lower()}-{role}", "password": PASSWORD}
    session = await Caller(client).ask("POST", "/auth/staff/sessions", 201, json=sent)
    return Caller(client, session["access_token"])
