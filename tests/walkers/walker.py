"""Going through doors as somebody, and judging the answers."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import httpx
import msgspec

from backend.unions import roles
from tests.factories.world import World
from tests.walkers.acts import Act
from tests.walkers.doors import Door

PEOPLE = ("guest", "person", "member", "pending", "cashier", "manager")
_AWAY = re.compile(r"/(desk/)?sign-in\?next=|/desk/(password|totp)$|^/merchant$")


class Walker:
    """One client for all; nothing that an answer sets is kept."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.calls = 0

    async def go(self, method: str, path: str, token: str = "", **sent: Any) -> httpx.Response:
        headers = dict(sent.pop("headers", {}))
        if token:
            headers["cookie"] = f"session={token}"
        self.calls += 1
        answer = await self.client.request(method, path, headers=headers, **sent)
        self.client.cookies.clear()
        return answer

    async def through(
        self, door: Door, world: World, role: str, values: Mapping[str, str], **sent: Any
    ) -> httpx.Response:
        return await self.go(door.method, door.at(values), world.tokens[role], **sent)

    async def act(self, act: Act, door: Door, world: World, *, token: str | None = None) -> httpx.Response:
        who = act.token or world.tokens[act.role] if token is None else token
        return await self.go(door.method, door.at(act.values) + act.query, who, **act.sent)


def is_refused(answer: httpx.Response) -> bool:
    """Not signed in, not allowed, not there; a page sends guests to the sign-in."""
    if answer.status_code in (401, 403, 404):
        return True
    return answer.status_code == 303 and _AWAY.search(answer.headers["location"]) is not None


def is_success(answer: httpx.Response) -> bool:
    return answer.status_code in (200, 201, 202, 204, 303) and not is_refused(answer)


class Leaks(msgspec.Struct):
    """Strings that must not be in an answer, found by one pattern."""

    pattern: re.Pattern[str]

    @classmethod
    def of(cls, values: Iterable[str]) -> "Leaks":
        return cls(re.compile("|".join(re.escape(value) for value in sorted(set(values), reverse=True))))

    def found_in(self, *texts: str) -> list[str]:
        return sorted({found for text in texts for found in self.pattern.findall(text)})


def headers_of(answer: httpx.Response) -> str:
    return "\n".join(f"{name}: {value}" for name, value in answer.headers.items())


def personal(*worlds: World) -> Leaks:
    """Identity numbers, phones and bank cards of everybody there."""
    people = [who for world in worlds for who in world.everybody]
    return Leaks.of(value for who in people for value in (who.id_no, who.phone, who.bank_card))


def different_roles(world: World) -> list[str]:
    """One of each kind of caller: of roles that may do the same at the same union, the first."""
    seen: dict[object, str] = {}
    for role, known in roles.catalogue().roles.items():
        place = min(known.levels, key=["unit", "town", "county", "city", "province"].index)
        seen.setdefault((place, known.permissions), role)
    # These two do the desk work in every world.
    return [*PEOPLE, *dict.fromkeys([*seen.values(), "officer", "desk", "admin"])]
