"""What the benchmark works on: the demo's unions, 20,000 cases, a reader, a submitter and a clerk.

Written in bulk; sensitive values go through `core.crypto`, as they do in the product.
"""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from backend.casework import catalogue
from backend.casework.flows import StepSpec
from backend.core import clock, crypto, database, ids, national, reference, schema
from backend.core.settings import load_settings
from backend.demo import places
from backend.demo.tree import County, add_people, build_tree
from backend.identity import commands as identity
from backend.identity import rules as identity_rules
from backend.startup import start, stop
from backend.unions.enums import LEVEL_NAMES, UnionLevel

CASES, OWN, AT_DESK = 20_000, 40, 500
SERVICE = "member-join"
_TOWN_STEP = 1  # 乡镇街道工会审核
_CHUNK = 2_000
_EMPLOYERS = places.PLATFORMS


class Tokens(NamedTuple):
    """Bearer tokens: `reader` has 40 cases, `submitter` files new ones, `clerk` serves a desk of 500."""

    reader: str
    submitter: str
    clerk: str


class World(NamedTuple):
    """The product hashes tokens with its key, the peers plainly; so each has tokens of its own."""

    product: Tokens
    peers: Tokens
    facts: Path


def build(environment: Mapping[str, str], folder: Path, *, cases: int = CASES, at_desk: int = AT_DESK) -> World:
    """Migrate and fill the database that `environment` names."""
    return asyncio.run(_build(environment, folder, cases, at_desk))


async def _build(environment: Mapping[str, str], folder: Path, cases: int, at_desk: int) -> World:
    settings = load_settings(environment)
    await schema.migrate(settings.database)
    await start(settings)
    try:
        county = await build_tree()
        await add_people(county)
        reader = await identity.account_for_phone("15400000001")
        submitter = await identity.account_for_phone("15400000002")
        await _cases(county, reader, cases, at_desk)
        accounts = (reader, submitter, county.staff["town-02"].account_id)
        product = await _sessions(accounts, identity_rules.token_hash)
        peers = await _sessions(accounts, lambda token: hashlib.sha256(token.encode()).hexdigest())
        await _refresh_statistics()
        return World(product, peers, _write_facts(folder))
    finally:
        await stop()


async def _sessions(accounts: tuple[int, int, int], hash_of: Any) -> Tokens:
    now, tokens = clock.now(), []
    for account in accounts:
        tokens.append(secrets.token_urlsafe(32))
        row = {
            "id": ids.new_id(),
            "account_id": account,
            "token_hash": hash_of(tokens[-1]),
            "label": "",
            "created_at": now,
            "seen_at": now + timedelta(hours=6),  # the stamp of every five minutes would hit one round only
            "idle_until": now + timedelta(hours=12),
            "expires_at": now + timedelta(hours=12),
        }
        await database.insert("session_row", row)
    return Tokens(*tokens)


async def _cases(county: County, reader: int, cases: int, at_desk: int) -> None:
    """The reader's are spread over the whole time; the clerk's wait; everything else is decided."""
    busy = places.TOWNS[1]
    every = cases // OWN
    waiting = cases // (at_desk + 1)
    case_rows, event_rows = [], []
    for index in range(cases):
        own = index % every == every - 1
        open_here = not own and index % waiting == 0 and index // waiting < at_desk
        town = busy if open_here else places.TOWNS[2 + index % (len(places.TOWNS) - 2)]
        desk = ids.parse(county.unions[f"{town.name}总工会"]) or 0
        row = _case(index, desk=desk, division=town.division, undecided=own or open_here)
        row["applicant_id"] = reader if own else None
        case_rows.append(row)
        event_rows.append(_event(row, reader))
    await _insert("case_file", case_rows)
    await _insert("case_event", event_rows)


def _case(index: int, *, desk: int, division: str, undecided: bool) -> dict[str, Any]:
    case_id, name = ids.new_id(), places.person_name(index)
    birth = places.FIRST_BIRTHDAY + timedelta(days=index // 998)
    phone, id_no = f"155{index:08d}", national.synthetic_id_no(birth, index % 998 + 1)
    employer = _EMPLOYERS[index % len(_EMPLOYERS)]
    sealed = json.dumps({"real_name": name, "id_no": id_no, "mobile": phone})
    due = clock.today() + timedelta(days=index % 9 - 2) if undecided else None
    return {
        "id": case_id,
        "number": f"RH2024-{index:06d}",
        "flow": SERVICE,
        "flow_version": 1,
        "status": ("submitted", "in_review")[index // 7 % 2] if undecided else "approved",
        "step_index": _TOWN_STEP,
        "plan": str(_TOWN_STEP),
        "round": 1,
        "reopened": 0,
        "duplicate_of": "",
        "version": 1,
        "applicant_id": None,
        "filed_by": None,
        "member_id": None,
        "subject_name": name,
        "subject_initials": "wxc",
        "id_no_index": crypto.blind_index("id_no", id_no),
        "phone_index": crypto.blind_index("phone", phone),
        "summary": f"快递员 · {employer}",
        "division": division,
        "target_union_id": desk,
        "desk_union_id": desk,
        "desk_role": "desk",
        "desk_flagged": False,
        "passed": "{}",
        "form": json.dumps({"employer": employer, "division": division, "join_channel": "self"}, ensure_ascii=False),
        "sealed": crypto.seal(sealed, context=f"case_file/sealed/{case_id}"),
        "attachments": "{}",
        "submitted_at": clock.now() - timedelta(minutes=index % 7_000),
        "due_on": due,
        "calendar_due_on": None,
        "next_due_on": due,
        "days_left": None if undecided else 2,
        "reminded": "",
        "held_until": None,
        "hold_message": "",
        "urged_at": None,
        "urge_count": 0,
        "decided_at": None if undecided else clock.now(),
        "decision_action": None if undecided else "approve",
        "decision_comment": "",
        "outcome": None,
        "open_questions": 0,
        "desk_unread": 0,
        "applicant_unread": 0,
        "agent_label": "",
        "submission_key": None,
        "running_key": None,
    }


def _event(case: Mapping[str, Any], reader: int) -> dict[str, Any]:
    return {
        "id": ids.new_id(),
        "case_id": case["id"],
        "at": case["submitted_at"],
        "action": "submit",
        "actor_kind": "person",
        "actor_id": reader,
        "actor_label": "本人",
        "comment": "",
        "private": False,
        "step_index": _TOWN_STEP,
        "round": 1,
        "desk_union_id": case["desk_union_id"],
        "desk_role": case["desk_role"],
        "due_on": case["due_on"],
        "held_until": None,
    }


async def _insert(table: str, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    marks = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {table} ({', '.join(f'`{column}`' for column in columns)}) VALUES ({marks})"
    for first in range(0, len(rows), _CHUNK):
        await database.execute_many(sql, [list(row.values()) for row in rows[first : first + _CHUNK]])


async def _refresh_statistics() -> None:
    """After a bulk load the optimiser still believes that the tables are empty."""
    for table in ("case_file", "case_event", "union_org", "staff_post", "account", "session_row"):
        await database.rows(f"ANALYZE TABLE {table}")


def _write_facts(folder: Path) -> Path:
    """What the product loads once at start, for servers that are not the product."""
    calendar, today, flow = reference.calendar(), clock.today(), catalogue.flow(SERVICE)
    days = (today + timedelta(days=offset) for offset in range(-400, 400))
    facts = {
        "county_name": reference.settings().county_name,
        "workdays": [day.isoformat() for day in days if calendar.is_workday(day)],
        "provisional_years": calendar.provisional_years(today, today + timedelta(days=400)),
        "divisions": {town.division: reference.divisions().name(town.division) for town in places.TOWNS},
        "service": {"slug": flow.slug, "name": flow.name},
        "steps": [_step(step) for step in flow.steps],
        "limit": flow.limit_working_days,
    }
    path = folder / "facts.json"
    path.write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
    return path


def _step(step: StepSpec) -> dict[str, Any]:
    place = f"{LEVEL_NAMES[UnionLevel(step.level)]}工会"
    return {"name": step.name, "role": step.role, "place": place, "days": step.days}


def submissions(start_at: int) -> str:
    """Lua for wrk: each request files for another synthetic person, counted from `start_at`."""
    return _SUBMIT_LUA % (start_at, *_body_parts())


def submission(number: int) -> bytes:
    """One such body, for a person whom `submissions` never makes."""
    before, between, after = _body_parts()
    id_no = national.synthetic_id_no(date(2005, 1, 1) + timedelta(days=number), 1)
    return f"{before}{id_no}{between}15499999999{after}".encode()


def _body_parts() -> tuple[str, str, str]:
    """The JSON before the identity number, from there to the phone, and after it."""
    form = {
        "employ_form": "newform",
        "newform_group": "courier",
        "employer": _EMPLOYERS[0],
        "division": places.TOWNS[3].division,
        "real_name": "王小测",
        "id_no": "ID_NO",
        "mobile": "MOBILE",
        "charter_ok": True,
        "privacy_ok": True,
        "sensitive_ok": True,
    }
    body = json.dumps({"form": form, "attachments": {}}, ensure_ascii=False)
    before, _, rest = body.partition("ID_NO")
    between, _, after = rest.partition("MOBILE")
    return before, between, after


# The check digit is that of GB 11643-1999; no day after 2004, so that everybody is old enough.
_SUBMIT_LUA = """
local n = %d
local before, between, after = [==[%s]==], [==[%s]==], [==[%s]==]
local weights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
local checks = "10X98765432"
wrk.headers["Content-Type"] = "application/json"
request = function()
  n = n + 1
  local day = math.floor(n / 998)
  local year, month = 1960 + math.floor(day / 336) %% 45, math.floor(day / 28) %% 12 + 1
  local body = string.format("990001%%04d%%02d%%02d%%03d", year, month, day %% 28 + 1, n %% 998 + 1)
  local sum = 0
  for i = 1, 17 do sum = sum + tonumber(body:sub(i, i)) * weights[i] end
  local check = sum %% 11 + 1
  local phone = string.format("154%%08d", n %% 100000000)
  return wrk.format("POST", nil, nil, before .. body .. checks:sub(check, check) .. between .. phone .. after)
end
"""
