"""Nothing personal and nothing secret reaches the log, whoever writes it and however it is wrapped."""

import io
import json
import logging
import secrets
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO, cast

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from backend.core import ids, logs, national, scrub
from tests.conftest import plain_log

PHONE = "15400000001"
ID_NO = national.synthetic_id_no(date(1990, 1, 1), 7)
CARD = "6222020000000000000"


class Output:
    def __init__(self) -> None:
        self.stream = io.BytesIO()

    def text(self) -> str:
        return self.stream.getvalue().decode()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def output() -> Iterator[Output]:
    """Logging set up as in production, into memory; pytest's own set-up comes back afterwards."""
    root = logging.getLogger()
    before, level, hook = list(root.handlers), root.level, sys.excepthook
    kept = Output()
    logs.configure("DEBUG", kept.stream)
    yield kept
    root.handlers, sys.excepthook = before, hook
    root.setLevel(level)
    plain_log()
    logging.captureWarnings(False)


def test_a_line_is_one_json_object(output: Output) -> None:
    structlog.get_logger("backend.web").info("request", route="/api/v1/cases/{number}", status=200, ms=3.5)
    [line] = output.lines()
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "backend.web",
        "route": "/api/v1/cases/{number}",
        "status": 200,
        "ms": 3.5,
    }


def test_what_is_bound_to_the_request_is_on_each_line(output: Output) -> None:
    with structlog.contextvars.bound_contextvars(request_id="0c3k5qjv7m2xy"):
        structlog.get_logger("backend").warning("late")
    assert output.lines()[0]["request_id"] == "0c3k5qjv7m2xy"


def test_a_line_break_in_a_value_makes_no_second_line(output: Output) -> None:
    structlog.get_logger("backend").info("import.row", union='矿工会\r\n{"event": "forged"}\x1b[31m')
    assert len(output.text().splitlines()) == 1
    assert output.lines()[0]["union"] == '矿工会\r\n{"event": "forged"}\x1b[31m'


def test_exceptions_of_our_own_loggers_are_scrubbed(output: Output) -> None:
    try:
        raise ValueError(f"Duplicate entry '{PHONE}' for key 'phone'")
    except ValueError:
        structlog.get_logger("backend").exception("command.failed")
    assert PHONE not in output.text()
    assert "ValueError: Duplicate entry '[phone]' for key 'phone'" in output.lines()[0]["exception"]


def test_libraries_are_scrubbed_too(output: Output) -> None:
    try:
        raise RuntimeError(f"no such member {ID_NO}")
    except RuntimeError:
        logging.getLogger("some.library").exception("reading %s for %s", CARD, PHONE)
    [line] = output.lines()
    assert line["event"] == "reading [card] for [phone]"
    assert "RuntimeError: no such member [id number]" in line["exception"]
    assert line["level"] == "error"


def test_a_record_that_cannot_be_formatted_says_so_without_its_arguments(output: Output) -> None:
    record = logging.LogRecord("some.library", logging.WARNING, __file__, 1, "two %s %s", (PHONE,), None)
    logging.getLogger().handlers[0].handle(record)
    [line] = output.lines()
    assert (line["event"], line["logger"]) == ("log.unwritable", "some.library")
    assert PHONE not in output.text()


def test_statements_with_their_values_stay_out_even_at_debug(output: Output) -> None:
    logging.getLogger("tortoise.db_client").debug("SELECT 1: %s", [PHONE])
    logging.getLogger("aiosqlite").debug("executing %s", PHONE)
    logging.getLogger("uvicorn.access").info("GET /demo/outbox?to=%s", PHONE)
    logging.getLogger("httpx").info("GET https://sms.example/%s", PHONE)
    assert output.text() == ""


def test_an_error_that_ends_the_process_is_a_log_line(output: Output) -> None:
    try:
        raise KeyError(PHONE)
    except KeyError as exc:
        sys.excepthook(type(exc), exc, exc.__traceback__)
    [line] = output.lines()
    assert (line["event"], line["level"]) == ("uncaught", "critical")
    assert PHONE not in output.text()


def test_the_level_decides(output: Output) -> None:
    logs.configure("WARNING", output.stream)
    structlog.get_logger("backend").info("quiet")
    logging.getLogger("some.library").info("quiet")
    structlog.get_logger("backend").warning("loud")
    assert [line["event"] for line in output.lines()] == ["loud"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+86 154-0000-0001", "[phone]"),
        ("8615400000001", "[phone]"),
        ("１５４０００００００１", "[phone]"),
        ("990001 19900101 0070", "[id number]"),
        ("990001199001010o7", "990001199001010o7"),
        ("990001900101007", "[id number]"),
        ("6222 0200 0000 0000 000", "[card]"),
        ("Authorization: Bearer abc.def", f"Authorization: {scrub.REMOVED} {scrub.REMOVED}"),
        ('{"access_token": "abc", "n": 1}', f'{{"access_token": {scrub.REMOVED}, "n": 1}}'),
        ("password='open sesame' user=li", f"password={scrub.REMOVED} user=li"),
        ("您的验证码是 123456，五分钟内有效", f"您的验证码是 {scrub.REMOVED},五分钟内有效"),
        ("mysql://union:geheim@db/union", f"mysql://{scrub.REMOVED}@db/union"),
        ("k=3f1c9d0e7b6a5948372615f4e3d2c1b0", f"k={scrub.REMOVED}"),
    ],
)
def test_what_is_taken_out(text: str, shown: str) -> None:
    assert scrub.text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-10 09:00:00.123456+00:00",
        "GH20260310000123",
        "backend/casework/commands/decisions.py",
        "outbox 190268442371829760 after 12.5 ms on 127.0.0.1:33060",
        "already_decided",
        "File /usr/lib/python3.11/site-packages/tortoise/backends/base/client.py, in SafeTransactionContext",
    ],
)
def test_what_operators_need_stays(text: str) -> None:
    assert scrub.text(text) == text


def test_fields_are_judged_by_their_names_too() -> None:
    values = {
        "token": "x",
        "new_password": "y",
        "id_no": "z",
        "recipient_sealed": "k1.abc",
        "session_id": 5,
        "code": "already_decided",
        "otp": None,
        PHONE: 1,
        "deep": {"phone": "1", "rows": [{"mobile": "2"}, PHONE]},
    }
    assert scrub.fields(values) == {
        "token": scrub.REMOVED,
        "new_password": scrub.REMOVED,
        "id_no": scrub.REMOVED,
        "recipient_sealed": scrub.REMOVED,
        "session_id": 5,
        "code": "already_decided",
        "otp": None,
        "[phone]": 1,
        "deep": {"phone": scrub.REMOVED, "rows": [{"mobile": scrub.REMOVED}, "[phone]"]},
    }


def test_odd_values_are_shown_as_text() -> None:
    class Odd:
        def __str__(self) -> str:
            return f"Odd({PHONE})"

    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    nested: Any = "end"
    for _ in range(20):
        nested = [nested]
    assert scrub.value({"a": Odd(), "b": b"abc", "c": int(PHONE), "d": (1, 2.5)}) == {
        "a": "Odd([phone])",
        "b": "b'abc'",
        "c": "[phone]",
        "d": [1, 2.5],
    }
    assert scrub.value(Broken()) == "<Broken that cannot be shown: RuntimeError>"
    assert "…" in str(scrub.value(nested))


SURROUNDINGS = st.text(alphabet=st.characters(exclude_characters="0123456789xX", exclude_categories=["Cs", "Nd"]))
PHONES = st.integers(0, 99_999_999).map(lambda n: f"154{n:08d}")
ID_NOS = st.builds(national.synthetic_id_no, st.dates(date(1930, 1, 1), date(2015, 12, 31)), st.integers(1, 999))
TOKENS = st.binary(min_size=32, max_size=32).map(lambda raw: secrets.token_urlsafe(32))
WRAPPERS = st.sampled_from(
    [
        lambda inner: inner,
        lambda inner: [inner],
        lambda inner: {"values": (inner, 3)},
        ValueError,
        lambda inner: {inner: True},
        lambda inner: inner.encode(),
    ]
)


@given(SURROUNDINGS, st.one_of(PHONES, ID_NOS, TOKENS), SURROUNDINGS, WRAPPERS)
def test_no_planted_value_survives(before: str, planted: str, after: str, wrap: Any) -> None:
    line = logs.line({"event": f"{before} {planted} {after}", "detail": wrap(f"{before} {planted}, {after}")})
    assert planted.encode() not in line
    assert json.loads(line)["event"] is not None


@given(SURROUNDINGS, st.one_of(PHONES, ID_NOS), SURROUNDINGS)
def test_a_number_may_touch_any_text(before: str, planted: str, after: str) -> None:
    assert planted not in scrub.text(before + planted + after)


@given(st.integers(1, 20))
def test_our_own_identifiers_stay_readable(count: int) -> None:
    made = [ids.new_id() for _ in range(count)]
    kept = [one for one in made if scrub.value(one) == one]
    assert len(kept) >= count - 1


class Broken(io.RawIOBase):
    """A pipe whose reader is gone."""

    def write(self, content: Any) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


def test_a_line_that_nobody_reads_stops_nothing(output: Output) -> None:
    logs.configure("INFO", cast(BinaryIO, Broken()))
    structlog.get_logger("backend.web").info("request", status=200)
    logging.getLogger("uvicorn.error").info("Shutting down")
