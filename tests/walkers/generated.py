"""Requests made up from our own OpenAPI document, sent inside the process."""

from typing import Any, cast

import httpx
import msgspec
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from tests.factories.people import join_form
from tests.factories.world import World

PEOPLE, STAFF = ("person", "member"), ("officer", "desk", "admin")
# Ending a session makes dull the calls that follow.
DULL = {"/api/v1/auth/sessions/current", "/api/v1/me/sessions", "/api/v1/me/sessions/{session}"}

leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
json_values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)


class Made(msgspec.Struct):
    """One made-up request, prepared down to its bytes, and who sends it."""

    role: str
    case: Case
    prepared: requests.PreparedRequest

    def __repr__(self) -> str:
        return f"{self.role}: {self.prepared.method} {self.prepared.url} {self.prepared.body!r}"[:3000]


async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def made_up(raw: dict[str, Any], world: World) -> st.SearchStrategy[Made]:
    """Any operation with what it says it takes, or with what it does not; every other one on things that are there."""
    schema = schemathesis.openapi.from_dict(raw)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    kept = [one for one in operations if one.path not in DULL]
    assert len(kept) > 35
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of([one.as_strategy(generation_mode=mode) for one in kept for mode in modes])

    forms = _forms(world)

    @st.composite
    def one(draw: st.DrawFn) -> Made:
        case = draw(cases)
        if draw(st.integers(0, 2)):
            for name in case.path_parameters or {}:
                if name in world.ids:
                    case.path_parameters[name] = draw(st.sampled_from(world.ids[name]))
        if isinstance(case.body, dict) and "form" in case.body and draw(st.booleans()):
            case.body = {**case.body, "form": draw(forms)}
        sent = case.as_transport_kwargs(base_url="http://testserver")
        known = ("method", "url", "params", "headers", "cookies", "json", "data", "files")
        prepared = requests.Request(**{name: sent[name] for name in known if sent.get(name)}).prepare()
        usual = STAFF if "/desk/" in case.operation.path else PEOPLE
        return Made(draw(st.sampled_from([*usual, *usual, "guest", "person", "admin"])), case, prepared)

    return one()


def _forms(world: World) -> st.SearchStrategy[Any]:
    """The fields of a joining, each missing, right or anything."""
    right = join_form(world.next_person(), division=world.division, target_org=world.unit)
    others = {"invite_code": world.ids["code"][0], "household": "430121", "is_migrant": True, "education": "junior"}
    return st.fixed_dictionaries(
        {}, optional={name: st.just(value) | json_values for name, value in (right | others).items()}
    )


async def send(client: httpx.AsyncClient, made: Made, world: World) -> httpx.Response:
    """As a bearer, so that no origin is asked for."""
    prepared = made.prepared
    headers = {name.lower(): _text(value) for name, value in prepared.headers.items()}
    headers.pop("authorization", None)
    if token := world.tokens[made.role]:
        headers["authorization"] = f"Bearer {token}"
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    content = cast("bytes | str | None", prepared.body)
    request = httpx.Request(prepared.method or "GET", prepared.url or "/", headers=encoded, content=content)
    answer = await client.send(request)
    client.cookies.clear()
    return answer


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def check(answer: httpx.Response, made: Made) -> None:
    """No error of ours, and every refusal in the promised form."""
    assert answer.status_code < 500, (made, answer.text[:500])
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", made
        problem = answer.json()
        assert problem["status"] == answer.status_code, made
        assert problem["detail"], made
        assert {"type", "title", "status", "detail", "code", "errors"} <= set(problem), made
    if answer.status_code in (429, 503):
        assert int(answer.headers["retry-after"]) > 0, made
