"""The raw floor: the same framework, driver, statements and answers as the product, and nothing else.

One connection a request, tuples of SQL, no permissions, no forms, no commands. The submission checks four
fields with regular expressions and writes exactly the rows that `casework.commands.submit` writes.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import aiomysql
import msgspec
from litestar import Litestar, MediaType, Request, Response, get, post

from backend.core import crypto, ids
from backend.core.engines.mysql import INIT_COMMAND
from backend.core.settings import load_keyring, load_settings
from tests.bench import plain

AnyRequest = Request[Any, Any, Any]

_SESSION = (
    "SELECT s.id AS session_id, s.account_id, s.seen_at, a.kind, a.display, a.member_id,"
    " a.must_change_password, a.totp_sealed <> '' AS has_totp"
    " FROM session_row s JOIN account a ON a.id = s.account_id"
    " WHERE s.token_hash = %s AND s.idle_until > %s AND s.expires_at > %s AND a.state = %s"
)
_POSTS = (
    "SELECT p.union_id, u.name AS union_name, u.path, u.level, u.division, p.role"
    " FROM staff_post p JOIN union_org u ON u.id = p.union_id"
    " WHERE p.account_id = %s AND p.standing IS NOT NULL AND p.suspended = %s AND u.state <> %s"
    " ORDER BY LENGTH(u.path), p.union_id, p.id"
)
_OWN = (
    "SELECT c.id, c.number, c.flow, c.flow_version, c.status, c.step_index, c.plan, c.passed, c.submitted_at,"
    " c.due_on, c.next_due_on, c.days_left, c.held_until, d.name AS desk_name,"
    " (SELECT COUNT(*) FROM correction k WHERE k.case_id = c.id AND k.round = c.round) AS to_correct"
    " FROM case_file c LEFT JOIN union_org d ON d.id = c.desk_union_id WHERE c.applicant_id = %s"
)
_NEWEST = " AND c.id < %s ORDER BY c.id DESC LIMIT %s"
_OPEN = " AND c.status IN (%s, %s, %s, %s)"
_OPEN_STATES = ("submitted", "in_review", "returned", "on_hold")
_COUNTS = "SELECT status, COUNT(*) AS cases FROM case_file WHERE applicant_id = %s GROUP BY status"
_DRAFTS = "SELECT flow, saved_at FROM draft WHERE account_id = %s ORDER BY saved_at DESC"
_UNREAD = "SELECT COUNT(*) AS unread FROM notification WHERE account_id = %s AND read_at IS NULL"
_QUEUE_COLUMNS = (
    "c.id, c.number, c.flow, c.flow_version, c.status, c.subject_name, c.summary, c.division, c.due_on,"
    " c.calendar_due_on, c.next_due_on, c.held_until, c.round, c.step_index, c.version, c.desk_flagged, c.urge_count,"
    " c.batch_id, c.open_questions, c.desk_unread, c.submitted_at"
)
_BRANCH = (
    f"SELECT * FROM (SELECT {_QUEUE_COLUMNS} FROM case_file c"
    " WHERE c.desk_union_id = %s AND c.desk_role = %s AND c.status = %s"
    " ORDER BY c.next_due_on, c.id LIMIT %s) AS branch"
)
_QUEUE = (
    f"SELECT * FROM ({_BRANCH} UNION ALL {_BRANCH}) AS c ORDER BY COALESCE(c.next_due_on, '9999-12-31'), c.id LIMIT %s"
)
_LAST = 2**63 - 1
_PATTERNS = {
    name: re.compile(pattern)
    for name, pattern in {
        "division": r"\d{9}",
        "real_name": r".{2,25}",
        "id_no": r"\d{17}[\dX]",
        "mobile": r"1[3-9]\d{9}",
    }.items()
}
_DROP_DRAFT = "DELETE FROM draft WHERE account_id = %s AND flow = %s"
_NEW_SERIES = "INSERT INTO sequence (name, next) VALUES (%s, 1) ON DUPLICATE KEY UPDATE name=name"
_BLOCK = 20
_free: list[int] = []


@asynccontextmanager
async def connected(app: Litestar) -> AsyncIterator[None]:
    settings = load_settings()
    crypto.configure(load_keyring(settings))
    url = urlsplit(settings.database)
    async with aiomysql.create_pool(
        host=url.hostname,
        port=url.port,
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        db=url.path.lstrip("/"),
        minsize=1,
        maxsize=20,
        autocommit=True,
        charset="utf8mb4",
        init_command=INIT_COMMAND,
    ) as pool:
        app.state.pool = pool
        yield


@asynccontextmanager
async def cursor_of(request: AnyRequest) -> AsyncIterator[Any]:
    async with request.app.state.pool.acquire() as connection, connection.cursor(aiomysql.DictCursor) as cursor:
        yield cursor


async def rows(cursor: Any, sql: str, *values: object) -> list[dict[str, Any]]:
    await cursor.execute(sql, values)
    return await cursor.fetchall()


async def signed_in(cursor: Any, request: AnyRequest) -> dict[str, Any]:
    token = request.headers["authorization"].removeprefix("Bearer ")
    now = datetime.now(UTC).replace(tzinfo=None)
    found = await rows(cursor, _SESSION, crypto.keyed_hash("session", token), now, now, "active")
    return found[0]


def _page_of(found: list[dict[str, Any]]) -> plain.CasePage:
    now = plain.today()
    lines = [
        plain.case_row(
            number=row["number"],
            status=row["status"],
            step_index=row["step_index"],
            plan=row["plan"],
            submitted_at=row["submitted_at"],
            due_on=row["due_on"],
            desk_name=row["desk_name"],
            now=now,
        )
        for row in found[: plain.LIMIT + 1]
    ]
    return plain.case_page(lines, [row["id"] for row in found])


@get("/cases")
async def list_cases(request: AnyRequest) -> plain.CasePage:
    async with cursor_of(request) as cursor:
        owner = await signed_in(cursor, request)
        found = await rows(cursor, _OWN + _NEWEST, owner["account_id"], _LAST, plain.LIMIT + 1)
    return _page_of(found)


@get("/page")
async def show_page(request: AnyRequest) -> Response[str]:
    async with cursor_of(request) as cursor:
        owner = await signed_in(cursor, request)
        account = owner["account_id"]
        unread = await rows(cursor, _UNREAD, account)
        found = await rows(cursor, _OWN + _OPEN + _NEWEST, account, *_OPEN_STATES, _LAST, plain.LIMIT + 1)
        counts = await rows(cursor, _COUNTS, account)
        await rows(cursor, _DRAFTS, account)
    html = plain.cases_html(
        _page_of(found),
        display=owner["display"],
        counts=plain.grouped({row["status"]: row["cases"] for row in counts}),
        unread=unread[0]["unread"],
    )
    return Response(html, media_type=MediaType.HTML)


@get("/queue")
async def show_queue(request: AnyRequest) -> plain.QueuePage:
    async with cursor_of(request) as cursor:
        clerk = await signed_in(cursor, request)
        posts = await rows(cursor, _POSTS, clerk["account_id"], False, "dissolved")
        desk = (posts[0]["union_id"], posts[0]["role"])
        limit = plain.LIMIT + 1
        found = await rows(cursor, _QUEUE, *desk, "submitted", limit, *desk, "in_review", limit, limit)
    return plain.queue_page(found, plain.today())


@post("/submit", status_code=201)
async def submit(request: AnyRequest, data: dict[str, Any]) -> dict[str, str]:
    form = data["form"]
    for name, pattern in _PATTERNS.items():
        if not pattern.fullmatch(form[name]):
            raise ValueError(name)
    async with cursor_of(request) as cursor:
        owner = await signed_in(cursor, request)
        await cursor.connection.begin()
        try:
            serial = _free.pop() if _free else await _take_block(cursor)
            number = f"FL{plain.today().year}-{serial:06d}"
            for table, row in _rows_of(form, owner, number):
                await _insert(cursor, table, row)
            await cursor.execute(_DROP_DRAFT, (owner["account_id"], "member-join"))
            await cursor.connection.commit()
        except BaseException:
            await cursor.connection.rollback()
            raise
    return {"number": number}


async def _take_block(cursor: Any) -> int:
    name = "case:FL"
    await cursor.execute(_NEW_SERIES, (name,))
    await cursor.execute("UPDATE sequence SET next = next + %s WHERE name = %s", (_BLOCK, name))
    first = (await rows(cursor, "SELECT next FROM sequence WHERE name = %s", name))[0]["next"] - _BLOCK
    _free.extend(range(first + 1, first + _BLOCK))
    return first


async def _insert(cursor: Any, table: str, row: dict[str, Any]) -> None:
    sql = _INSERTS.get(table)
    if sql is None:
        marks = ", ".join(["%s"] * len(row))
        sql = _INSERTS[table] = f"INSERT INTO {table} ({', '.join(f'`{column}`' for column in row)}) VALUES ({marks})"
    await cursor.execute(sql, list(row.values()))


_INSERTS: dict[str, str] = {}


def _rows_of(form: dict[str, Any], owner: dict[str, Any], number: str) -> list[tuple[str, dict[str, Any]]]:
    """The case, its first line of history, the audit row and the event."""
    now, today, case_id = datetime.now(UTC).replace(tzinfo=None), plain.today(), ids.new_id()
    account, index = owner["account_id"], crypto.blind_index("id_no", form["id_no"])
    sensitive = {name: form[name] for name in ("real_name", "id_no", "mobile")}
    ordinary = {name: value for name, value in form.items() if name not in sensitive}
    due, event_id = plain.due_on(today), ids.new_id()
    sealed = crypto.seal(msgspec.json.encode(sensitive).decode(), context=f"case_file/sealed/{case_id}")
    case = {
        "id": case_id, "number": number, "flow": "member-join", "flow_version": 1, "status": "submitted",
        "step_index": 1, "plan": "1", "round": 1, "reopened": 0, "version": 1, "applicant_id": account,
        "filed_by": None, "member_id": None, "subject_name": form["real_name"], "subject_initials": "wxc",
        "id_no_index": index, "phone_index": crypto.blind_index("phone", form["mobile"]),
        "summary": f"快递员 · {form['employer']}", "division": form["division"], "target_union_id": 1,
        "desk_union_id": 1, "desk_role": "desk",
        "desk_flagged": False, "passed": "{}", "form": msgspec.json.encode(ordinary).decode(), "sealed": sealed,
        "attachments": "{}", "submitted_at": now, "due_on": due, "calendar_due_on": None, "next_due_on": due,
        "days_left": None, "reminded": "", "held_until": None,
        "hold_message": "", "urged_at": None, "urge_count": 0, "decided_at": None, "decision_action": None,
        "decision_comment": "", "outcome": None, "open_questions": 0, "desk_unread": 0, "applicant_unread": 0,
        "duplicate_of": "", "agent_id": None, "agent_label": "", "signed_by": None,
        "submission_key": None, "running_key": f"member-join:{index}",
    }  # fmt: skip
    event = {
        "id": event_id, "case_id": case_id, "at": now, "action": "submit", "actor_kind": "person",
        "actor_id": account, "actor_label": "本人", "comment": "", "private": False, "step_index": 1, "round": 1,
        "desk_union_id": 1, "desk_role": "desk", "due_on": due, "held_until": None,
    }  # fmt: skip
    audit = {
        "id": ids.new_id(), "at": now, "actor_kind": "person", "actor_id": account, "action": "case.submitted",
        "object_kind": "case", "object_id": case_id,
        "detail": msgspec.json.encode({"desk_union": 1, "flow": "member-join", "step": 1}).decode(),
    }  # fmt: skip
    waiting = {"state": "waiting", "attempts": 0, "created_at": now, "next_at": now, "lease": "", "last_error": ""}
    submitted = {
        "id": ids.new_id(), "key": f"casework.CaseSubmitted:{case_id}", "topic": "casework.CaseSubmitted",
        "payload": f'{{"case_id":{case_id},"event_id":{event_id}}}', **waiting,
    }  # fmt: skip
    assigned = {
        "id": ids.new_id(), "key": f"casework.CaseAssigned:{event_id}", "topic": "casework.CaseAssigned",
        "payload": f'{{"case_id":{case_id},"event_id":{event_id},"union_id":1,"role":"desk"}}', **waiting,
    }  # fmt: skip
    keys = [
        ("case_key", {"id": ids.new_id(), "case_id": case_id, "kind": kind, "key_index": key})
        for kind, key in (("id_no", index), ("phone", case["phone_index"]))
    ]
    rows = [("case_file", case), *keys, ("case_event", event), ("audit", audit)]
    return [*rows, ("outbox", submitted), ("outbox", assigned)]


@get("/hello", sync_to_thread=False)
def hello() -> str:
    """The bare framework."""
    return "hello"


app = Litestar([list_cases, show_page, show_queue, submit, hello], lifespan=[connected], openapi_config=None)
