"""The document says of every operation how it refuses, and how a request is repeated."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from tests.factories.application import app, browser

__all__ = ["app"]

Operation = dict[str, Any]
UNSAFE = ("post", "put", "patch", "delete")


@pytest.fixture(scope="module")
async def document(app: Litestar) -> dict[str, Any]:
    async with browser(app) as client:
        answer = await client.get("/api/v1/openapi.json")
        again = await client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.content) == (200, again.content)
    return answer.json()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, item in document["paths"].items():
        yield from ((path, method, operation) for method, operation in item.items())


def refusals(operation: Operation) -> set[int]:
    return {int(status) for status in operation["responses"] if int(status) >= 400}


def test_every_refusal_is_a_shared_problem(document: dict[str, Any]) -> None:
    shared = document["components"]["responses"]
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                name = answer["$ref"].removeprefix("#/components/responses/")
                assert set(shared[name]["content"]) == {"application/problem+json"}, (path, method, status)
    assert document["components"]["schemas"]["Problem"]["required"] == [
        "type", "title", "status", "detail", "code", "errors",
    ]  # fmt: skip
    assert {name for name, answer in shared.items() if "Retry-After" in answer.get("headers", {})} == {
        "TooMany",
        "Unavailable",
    }


def test_refusals_follow_from_the_kind_of_door(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        found, where = refusals(operation), (method, path)
        public = operation.get("security") == []
        assert 503 in found, where
        assert public or {401, 403} <= found, where
        assert ("{" in path) <= (404 in found), where
        assert ("requestBody" in operation) <= ({400, 413, 415, 422} <= found), where
        assert (method in UNSAFE) <= ({403, 409, 429} <= found), where


def test_public_doors_ask_for_no_token(document: dict[str, Any]) -> None:
    public = {path for path, _, operation in operations(document) if operation.get("security") == []}
    assert {"/api/v1/services", "/api/v1/auth/sms-codes", "/api/v1/unions"} <= public
    assert not {"/api/v1/me", "/api/v1/cases", "/api/v1/attachments"} & public


def test_the_key_is_described_where_it_works(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        named = {one["name"]: one for one in operation.get("parameters", [])}
        works = method == "post" and not path.startswith("/api/v1/auth/")
        assert ("Idempotency-Key" in named) is works, (method, path)
        if works:
            assert named["Idempotency-Key"]["in"] == "header"
            assert named["Idempotency-Key"]["schema"]["maxLength"] == 255


def test_bodies_that_are_no_json(document: dict[str, Any]) -> None:
    paths = document["paths"]
    for path in ("/api/v1/attachments", "/api/v1/desk/members/import"):
        assert set(paths[path]["post"]["requestBody"]["content"]) == {"multipart/form-data"}
    receipt = paths["/api/v1/cases/{number}/receipt"]["get"]["responses"]["200"]
    assert set(receipt["content"]) == {"text/html", "application/pdf"}


async def test_the_document_is_for_everybody(app: Litestar) -> None:
    async with browser(app) as client:
        answer: httpx.Response = await client.get("/api/v1/openapi.json")
    assert answer.headers["content-type"].startswith("application/vnd.oai.openapi+json")
