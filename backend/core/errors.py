"""Errors are answers: each class carries an HTTP status, each raise a stable code.

The Chinese sentence of a code lives in config/messages.yaml. Surfaces render these once.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pymysql
import yaml
from tortoise.exceptions import DBConnectionError

_messages: dict[str, str] = {}


def load_messages(config_dir: Path) -> None:
    _messages.clear()
    _messages.update(yaml.safe_load((config_dir / "messages.yaml").read_text("utf-8")))


def sentence(code: str, **params: Any) -> str:
    """The Chinese sentence for a code. An unknown code is a programming error, not a user's problem."""
    return _messages[code].format(**params)


class FieldError(msgspec.Struct, frozen=True):
    field: str
    message: str


class AppError(Exception):
    """`code` is stable English; `params` fill its Chinese sentence; `extra` goes into problem+json as it is."""

    status: ClassVar[int] = 400

    def __init__(self, code: str, *, extra: dict[str, Any] | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.detail = sentence(code, **params)
        self.extra = extra or {}
        self.errors: Sequence[FieldError] = ()
        self.retry_after: int | None = None


class BadRequest(AppError):
    status = 400


class Unauthenticated(AppError):
    status = 401

    def __init__(self, code: str = "not_signed_in", **params: Any) -> None:
        super().__init__(code, **params)


class Forbidden(AppError):
    status = 403

    def __init__(self, code: str = "not_allowed", **params: Any) -> None:
        super().__init__(code, **params)


class NotFound(AppError):
    """Also for what exists but is not the asker's to see."""

    status = 404

    def __init__(self, code: str = "not_found", **params: Any) -> None:
        super().__init__(code, **params)


class Conflict(AppError):
    """A lost race or a wrong state; `extra` says who and when where that is known."""

    status = 409


class Gone(AppError):
    status = 410


class TooLarge(AppError):
    status = 413


class UnsupportedMedia(AppError):
    status = 415


class Invalid(AppError):
    """Wrong values: names every wrong field at once."""

    status = 422

    def __init__(self, errors: Sequence[FieldError], code: str = "invalid_fields", **params: Any) -> None:
        super().__init__(code, **params)
        self.errors = tuple(errors)


def invalid(field: str, code: str, **params: Any) -> Invalid:
    """One wrong field, with the sentence of `code` beside it and as the answer's code."""
    return Invalid([FieldError(field, sentence(code, **params))], code=code, **params)


class TooMany(AppError):
    status = 429

    def __init__(self, code: str, *, retry_after: int, **params: Any) -> None:
        super().__init__(code, **params)
        self.retry_after = retry_after


class Unavailable(AppError):
    status = 503

    def __init__(self, code: str = "unavailable", *, retry_after: int = 5, **params: Any) -> None:
        super().__init__(code, **params)
        self.retry_after = retry_after


# MariaDB: deadlock, lock wait, changed since last read, statement time. The unit is rolled back and run again.
_RETRY_CODES = {1213, 1205, 1020}
# Lost server, refused connection, too many connections.
_CONNECTION_CODES = {2002, 2003, 2006, 2013, 2014, 2055, 1040, 1053, 1927}
_STATEMENT_TIME_CODES = {1969, 3024}


def driver_error(exc: BaseException) -> BaseException:
    """The driver's own error inside Tortoise's wrapping."""
    while exc.args and isinstance(exc.args[0], BaseException):
        exc = exc.args[0]
    return exc


def is_retryable(exc: BaseException) -> bool:
    cause = driver_error(exc)
    if isinstance(cause, sqlite3.OperationalError):
        return (getattr(cause, "sqlite_errorcode", 0) & 0xFF) in (5, 6)
    return isinstance(cause, pymysql.err.MySQLError) and bool(cause.args) and cause.args[0] in _RETRY_CODES


def is_connection_loss(exc: BaseException) -> bool:
    cause = driver_error(exc)
    if isinstance(exc, DBConnectionError) or isinstance(cause, (ConnectionError, EOFError)):
        return True
    if isinstance(cause, pymysql.err.InterfaceError):
        return True
    codes = _CONNECTION_CODES | _STATEMENT_TIME_CODES
    return isinstance(cause, pymysql.err.MySQLError) and bool(cause.args) and cause.args[0] in codes
