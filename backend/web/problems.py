"""How errors look: problem+json under /api, a page in plain words elsewhere."""

from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, SerializationException, ValidationException
from litestar.response import Redirect
from litestar.utils.scope.state import ScopeState

from backend.core.errors import (
    AppError,
    BadRequest,
    FieldError,
    Invalid,
    NotFound,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
    is_connection_loss,
    is_retryable,
    sentence,
)
from backend.web.bodies import body_errors
from backend.web.pages import page
from backend.web.same_origin import SAFE_METHODS

log = structlog.get_logger(__name__)

AnyRequest = Request[Any, Any, Any]


class Problem(msgspec.Struct, kw_only=True):
    """RFC 9457, with our stable code and the wrong fields."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError]


class MethodNotAllowed(AppError):
    status = 405


class Internal(AppError):
    status = 500


_BY_STATUS: dict[int, type[AppError]] = {404: NotFound, 413: TooLarge, 415: UnsupportedMedia}
_PENDING = {"pending_password": "/desk/password", "pending_totp": "/desk/totp"}
_AT_TILL = "/merchant"
_ELSEWHERE = {"tills_elsewhere": _AT_TILL, "managers_elsewhere": f"{_AT_TILL}/shops"}
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media"}


def is_api(request: AnyRequest) -> bool:
    return request.scope["path"].startswith("/api/")


def answer_app_error(request: AnyRequest, error: AppError) -> Response[Any]:
    if isinstance(error, Unauthenticated) and not is_api(request) and request.method == "GET":
        return _to_sign_in(request)
    if error.code in _PENDING and not is_api(request):
        return Redirect(_PENDING[error.code], status_code=303)
    if error.code in _ELSEWHERE and not is_api(request) and request.method == "GET":
        return Redirect(_ELSEWHERE[error.code], status_code=303)
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    if is_api(request):
        return Response(
            content=problem_bytes(error),
            status_code=error.status,
            media_type="application/problem+json",
            headers=headers,
        )
    title = sentence(f"title_{error.status}")
    response = page(request, "error.html", title=title, status=error.status, error=error, again=_again(request))
    response.headers.update(headers)
    return response


def _again(request: AnyRequest) -> str:
    """Where one goes on. The address of a form that was sent is often no page; the page that it stood on is."""
    path = str(request.scope["path"])
    if request.method in SAFE_METHODS:
        return path
    stood = urlsplit(request.headers.get("referer", ""))
    if not stood.path.startswith("/") or stood.path.startswith("//"):
        return path.rpartition("/")[0] or "/"
    return f"{stood.path}?{stood.query}" if stood.query else stood.path


def problem_bytes(error: AppError) -> bytes:
    problem = Problem(
        type="about:blank",
        title=sentence(f"title_{error.status}"),
        status=error.status,
        detail=error.detail,
        code=error.code,
        errors=list(error.errors),
    )
    return msgspec.json.encode(msgspec.to_builtins(problem) | error.extra)


def _to_sign_in(request: AnyRequest) -> Response[Any]:
    path = request.scope["path"]
    door = "/desk/sign-in" if path.startswith(("/desk", _AT_TILL)) else "/sign-in"
    query = request.scope["query_string"].decode("latin-1")
    target = f"{path}?{query}" if query else path
    return Redirect(f"{door}?next={quote(target, safe='')}", status_code=303)


def answer_http_error(request: AnyRequest, error: HTTPException) -> Response[Any]:
    if isinstance(error, ValidationException):
        return answer_app_error(request, _validation(request, error))
    status = error.status_code
    if status == 405:
        return answer_app_error(request, MethodNotAllowed("method_not_allowed"))
    if status >= 500:
        return answer_unexpected(request, error)
    kind = _BY_STATUS.get(status, BadRequest)
    return answer_app_error(request, kind(_CODES.get(status, "bad_request")))


def _validation(request: AnyRequest, error: ValidationException) -> AppError:
    """A wrong body names all its fields; a wrong query or path value names itself."""
    raw = ScopeState.from_scope(request.scope).body
    data = request.route_handler.parsed_data_field
    if data is not None and isinstance(raw, bytes):
        found = body_errors(data.annotation, raw)
        if found:
            return Invalid(found)
    extra = error.extra if isinstance(error.extra, list) else []
    fields = [FieldError(str(item.get("key", "")), sentence("wrong_value")) for item in extra if isinstance(item, dict)]
    return Invalid(fields)


def answer_undecodable(request: AnyRequest, error: Exception) -> Response[Any]:
    """Bytes that are no JSON, no UTF-8, or nested absurdly deep."""
    if isinstance(error, SerializationException) and not isinstance(error.__cause__, msgspec.DecodeError):
        return answer_unexpected(request, error)
    return answer_app_error(request, BadRequest("undecodable"))


def answer_unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    if is_connection_loss(error) or is_retryable(error):
        log.warning("request.unavailable", error=type(error).__name__)
        return answer_app_error(request, Unavailable())
    log.error("request.failed", route=request.scope.get("path_template") or "unmatched", exc_info=error)
    return answer_app_error(request, Internal("internal_error"))


def handlers() -> dict[Any, Any]:
    return {
        AppError: answer_app_error,
        HTTPException: answer_http_error,
        SerializationException: answer_undecodable,
        UnicodeDecodeError: answer_undecodable,
        RecursionError: answer_undecodable,
        Exception: answer_unexpected,
    }
