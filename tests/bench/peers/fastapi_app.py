"""The same list, page and submission with FastAPI, SQLAlchemy's ORM and aiomysql: a peer for `make bench`.

Plain and honest: mapped classes, a pooled async engine, Jinja2, pydantic. It works on the tables of the
product's own schema, reads the session like the product does, shows the product's page and writes the rows
that the product writes, but checks no permission and encrypts nothing.
"""

import base64
import hashlib
import os
import secrets
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, ForeignKey, String, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

from tests.bench import plain

engine = create_async_engine(
    os.environ["BENCH_SQLALCHEMY_URL"],
    pool_size=20,
    max_overflow=0,
    pool_recycle=300,
    isolation_level="READ COMMITTED",
)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    display: Mapped[str] = mapped_column(String(60))


class Union(Base):
    __tablename__ = "union_org"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class SessionRow(Base):
    __tablename__ = "session_row"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]


class Case(Base):
    __tablename__ = "case_file"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[str] = mapped_column(String(24))
    flow: Mapped[str] = mapped_column(String(40))
    flow_version: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    step_index: Mapped[int]
    plan: Mapped[str] = mapped_column(String(60))
    round: Mapped[int]
    reopened: Mapped[int]
    agent_label: Mapped[str] = mapped_column(String(50))
    open_questions: Mapped[int]
    desk_unread: Mapped[int]
    applicant_unread: Mapped[int]
    duplicate_of: Mapped[str] = mapped_column(String(24))
    version: Mapped[int]
    applicant_id: Mapped[int | None] = mapped_column(BigInteger)
    subject_name: Mapped[str] = mapped_column(String(50))
    subject_initials: Mapped[str] = mapped_column(String(25))
    id_no_index: Mapped[str | None] = mapped_column(String(32))
    phone_index: Mapped[str | None] = mapped_column(String(32))
    summary: Mapped[str] = mapped_column(String(80))
    division: Mapped[str] = mapped_column(String(12))
    target_union_id: Mapped[int | None] = mapped_column(BigInteger)
    desk_union_id: Mapped[int | None] = mapped_column(ForeignKey("union_org.id"))
    desk: Mapped[Union | None] = relationship(lazy="raise")
    desk_role: Mapped[str | None] = mapped_column(String(30))
    desk_flagged: Mapped[bool]
    passed: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(Text)
    sealed: Mapped[str] = mapped_column(Text)
    attachments: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime]
    due_on: Mapped[date | None]
    next_due_on: Mapped[date | None]
    reminded: Mapped[str] = mapped_column(String(8))
    hold_message: Mapped[str] = mapped_column(String(200))
    urge_count: Mapped[int]
    decision_comment: Mapped[str] = mapped_column(String(500))
    running_key: Mapped[str | None] = mapped_column(String(80))


class CaseEvent(Base):
    __tablename__ = "case_event"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(20))
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int] = mapped_column(BigInteger)
    actor_label: Mapped[str] = mapped_column(String(80))
    comment: Mapped[str] = mapped_column(String(500))
    private: Mapped[bool]
    step_index: Mapped[int]
    round: Mapped[int]
    desk_union_id: Mapped[int | None] = mapped_column(BigInteger)
    desk_role: Mapped[str | None] = mapped_column(String(30))
    due_on: Mapped[date | None]


class CaseKey(Base):
    __tablename__ = "case_key"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(10))
    key_index: Mapped[str] = mapped_column(String(32))


class Outbox(Base):
    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    key: Mapped[str] = mapped_column(String(120))
    topic: Mapped[str] = mapped_column(String(80))
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    lease: Mapped[str] = mapped_column(String(32))
    last_error: Mapped[str] = mapped_column(String(200))


class Audit(Base):
    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(60))
    object_kind: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[int] = mapped_column(BigInteger)
    detail: Mapped[str] = mapped_column(Text)


class Notification(Base):
    __tablename__ = "notification"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime | None]


class Draft(Base):
    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger)
    flow: Mapped[str] = mapped_column(String(40))
    saved_at: Mapped[datetime]


class Form(BaseModel):
    employ_form: str
    newform_group: str
    employer: str = Field(max_length=60)
    division: str = Field(pattern=r"^\d{9}$")
    real_name: str = Field(min_length=2, max_length=25)
    id_no: str = Field(pattern=r"^\d{17}[\dX]$")
    mobile: str = Field(pattern=r"^1[3-9]\d{9}$")
    charter_ok: bool
    privacy_ok: bool


class Submission(BaseModel):
    form: Form
    attachments: dict[str, list[str]]


async def database() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Db = Annotated[AsyncSession, Depends(database)]


async def account(db: Db, authorization: Annotated[str, Header()]) -> Account:
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    statement = (
        select(Account)
        .join(SessionRow, SessionRow.account_id == Account.id)
        .where(SessionRow.token_hash == digest, SessionRow.expires_at > datetime.now(UTC), Account.state == "active")
    )
    found = (await db.execute(statement)).scalar_one_or_none()
    if found is None:
        raise HTTPException(401)
    return found


SignedIn = Annotated[Account, Depends(account)]


async def newest(db: AsyncSession, owner: Account, *conditions: Any) -> plain.CasePage:
    statement = (
        select(Case)
        .options(joinedload(Case.desk))
        .where(Case.applicant_id == owner.id, *conditions)
        .order_by(Case.id.desc())
        .limit(plain.LIMIT + 1)
    )
    found = list((await db.execute(statement)).scalars())
    return plain.case_page([_line(case) for case in found], [case.id for case in found])


def _line(case: Case) -> plain.CaseRow:
    return plain.case_row(
        number=case.number,
        status=case.status,
        step_index=case.step_index,
        plan=case.plan,
        submitted_at=case.submitted_at,
        due_on=case.due_on,
        desk_name=case.desk.name if case.desk else "",
        now=plain.today(),
    )


@app.get("/cases")
async def list_cases(db: Db, owner: SignedIn) -> plain.CasePage:
    return await newest(db, owner)


@app.get("/page", response_class=HTMLResponse)
async def page(db: Db, owner: SignedIn) -> str:
    found = await newest(db, owner, Case.status.in_(("submitted", "in_review", "returned", "on_hold")))
    by_status = select(Case.status, func.count()).where(Case.applicant_id == owner.id).group_by(Case.status)
    counts = {status: count for status, count in await db.execute(by_status)}  # noqa: C416 - rows, not pairs
    unread = select(func.count()).where(Notification.account_id == owner.id, Notification.read_at.is_(None))
    drafts = select(Draft).where(Draft.account_id == owner.id).order_by(Draft.saved_at.desc())
    (await db.execute(drafts)).scalars().all()
    return plain.cases_html(
        found, display=owner.display, counts=plain.grouped(counts), unread=(await db.execute(unread)).scalar_one()
    )


@app.post("/submit", status_code=201)
async def submit(db: Db, owner: SignedIn, data: Submission) -> dict[str, str]:
    now, form, due = datetime.now(UTC), data.form, plain.due_on(plain.today())
    id_no_index = hashlib.sha256(form.id_no.encode()).hexdigest()[:32]
    phone_index = hashlib.sha256(form.mobile.encode()).hexdigest()[:32]
    case_id = time.time_ns() * 16 % 2**62 + secrets.randbelow(16)
    number = f"FA{case_id}"[:24]
    case = Case(
        id=case_id, number=number, flow="member-join", flow_version=1, status="submitted", step_index=1, plan="1",
        round=1, version=1, applicant_id=owner.id, subject_name=form.real_name, subject_initials="wxc",
        id_no_index=id_no_index, phone_index=phone_index, agent_label="", open_questions=0, desk_unread=0,
        applicant_unread=0,
        summary=form.employer, division=form.division, target_union_id=1, desk_union_id=1, desk_role="desk",
        desk_flagged=False, passed="{}", form=form.model_dump_json(), sealed=base64.b64encode(os.urandom(130)).decode(),
        attachments="{}", submitted_at=now, due_on=due, next_due_on=due, reminded="", hold_message="",
        urge_count=0, reopened=0, duplicate_of="", decision_comment="", running_key=f"fastapi:{id_no_index}",
    )  # fmt: skip
    event = CaseEvent(
        id=case_id, case_id=case_id, at=now, action="submit", actor_kind="person", actor_id=owner.id,
        actor_label="本人", comment="", private=False, step_index=1, round=1, desk_union_id=1, desk_role="desk",
        due_on=due,
    )  # fmt: skip
    audit = Audit(
        id=case_id, at=now, actor_kind="person", actor_id=owner.id, action="case.submitted", object_kind="case",
        object_id=case_id, detail='{"desk_union":1,"flow":"member-join","step":1}',
    )  # fmt: skip
    outbox = [
        Outbox(
            id=case_id + offset * 2**61, key=f"bench.fastapi.{name}:{case_id}", topic="bench.fastapi",
            payload=f'{{"case_id":{case_id}}}', state="waiting", attempts=0, created_at=now, next_at=now, lease="",
            last_error="",
        )
        for offset, name in enumerate(("submitted", "assigned"))
    ]  # fmt: skip
    keys = [
        CaseKey(id=case_id + offset * 2**61, case_id=case_id, kind=kind, key_index=key)
        for offset, (kind, key) in enumerate((("id_no", id_no_index), ("phone", phone_index)))
    ]
    db.add_all([case, *keys, event, audit, *outbox])
    await db.commit()
    return {"number": number}
