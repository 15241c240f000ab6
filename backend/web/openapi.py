"""What the OpenAPI document says beyond the good answers: refusals by class of route, and the Idempotency-Key."""

from typing import Any

import msgspec
from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin

from backend.web.idempotency import MAX_KEY, is_kept
from backend.web.same_origin import SAFE_METHODS

# Name of the shared answer, and what it means.
_REFUSALS = {
    400: ("BadRequest", "The body or the address cannot be decoded"),
    401: ("NotSignedIn", "Nobody is signed in, or the session has ended"),
    403: ("NotAllowed", "Not allowed, or by cookie from a page of another site"),
    404: ("NotFound", "Not there, or not yours to see"),
    409: ("Conflict", "Lost a race, or not possible in this state; `code` says which"),
    413: ("TooLarge", "The body is too large"),
    415: ("UnsupportedMedia", "Not the media type that this address takes"),
    422: ("Invalid", "Wrong types or values; `errors` names every wrong field"),
    429: ("TooMany", "Too often; `Retry-After` says when again"),
    503: ("Unavailable", "Too busy just now; `Retry-After` says when again"),
}
_WAITS = (429, 503)

_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457, with a stable English code and sentences in plain Chinese",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_RETRY_AFTER = {"description": "Seconds to wait", "required": True, "schema": {"type": "integer", "minimum": 1}}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Chosen by the caller. The same request with the same key gets the first answer for 72 hours; "
    "another request with it is refused",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": r"^[!-~]+$"},
}


class JsonDocument(JsonRenderPlugin):
    """The document as JSON, completed once."""

    _done: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._done is None:
            self._done = msgspec.json.encode(complete(openapi_schema, request.app))
        return self._done


def complete(document: dict[str, Any], app: Litestar) -> dict[str, Any]:
    handlers = {
        (route.path_format, method): handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler)
        for method in handler.http_methods
    }
    for path, item in document["paths"].items():
        for method, operation in item.items():
            handler = handlers.get((path, method.upper()))
            if handler is not None:
                _complete(operation, path, method.upper(), public=handler.opt.get("access") == "public")
    components = document["components"]
    components["schemas"]["Problem"] = _PROBLEM
    components["responses"] = {name: _answer(status, text) for status, (name, text) in _REFUSALS.items()}
    return document


def _answer(status: int, description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = {"headers": {"Retry-After": _RETRY_AFTER}} if status in _WAITS else {}
    return {"description": description, "content": content, **headers}


def _complete(operation: dict[str, Any], path: str, method: str, *, public: bool) -> None:
    if public:
        operation["security"] = []
    if is_kept(method, path):
        operation["parameters"] = [*operation.get("parameters", []), _KEY]
    good = {status: answer for status, answer in operation["responses"].items() if int(status) < 400}
    refused = {
        str(status): {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"}
        for status in sorted(_statuses(operation, path, method, public=public))
    }
    operation["responses"] = good | refused


def _statuses(operation: dict[str, Any], path: str, method: str, *, public: bool) -> set[int]:
    found = {503}
    if not public:
        found |= {401, 403}
    if method not in SAFE_METHODS:
        found |= {403, 409, 429}
    if "requestBody" in operation:
        found |= {400, 413, 415, 422}
    if operation.get("parameters"):
        found |= {400, 422}
    if "{" in path:
        found.add(404)
    # Signing in is refused like any wrong password, and wherever a name is looked up it may be unknown.
    if path.startswith("/api/v1/auth/"):
        found.add(401)
    return found
