"""Who gets through which door: one golden file. `UNION_WRITE_GOLDEN=1` writes it anew, to be read before it is kept."""

import os
from pathlib import Path

import httpx
import pytest

from backend.core import database
from backend.unions import roles
from tests.factories.world import World
from tests.walkers.doors import Door
from tests.walkers.walker import PEOPLE, Walker, is_refused

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).with_name("permissions.txt")
HEAD = """\
# Method, address, declared access and who gets through it. Written by tests/walkers/test_permissions.py.
# Groups: everybody; signed-in; people (person, member); staff (every role). "pending" is staff whose first
# password waits to be changed; "member" is a person with a membership; "cashier" takes vouchers in a shop
# and "manager" says who does.
"""
# Identifiers of the right form that nobody has, so that getting through changes nothing.
NOBODY = {
    "account": "0000000000001",
    "action": "visit-record",
    "appeal": "0000000000001",
    "appraisal": "0000000000001",
    "batch": "0000000000001",
    "budget": "0000000000001",
    "campaign": "0000000000001",
    "candidate": "0000000000001",
    "cashier": "0000000000001",
    "code": "ZZZZZZZZ",
    "cover": "0000000000001",
    "delivery": "0000000000001",
    "document": "form-print",
    "due": "0000000000001",
    "export": "0000000000001",
    "field": "id_no",
    "file": "0000000000001",
    "filing": "0000000000001",
    "goods": "0000000000001",
    "handover": "0000000000001",
    "hardship": "0000000000001",
    "grade": "0000000000001",
    "held": "0000000000001",
    "import_id": "0000000000001",
    "intake": "0000000000001",
    "invite": "0000000000001",
    "issue": "0000000000001",
    "item": "0000000000001",
    "kind": "privacy",
    "manager": "0000000000001",
    "mass": "0000000000001",
    "member": "0000000000001",
    "notice": "0000000000001",
    "notification": "0000000000001",
    "number": "RH2020-000001",
    "objection": "0000000000001",
    "own_visit": "0000000000001",
    "policy": "0000000000001",
    "period": "day",
    "phrase": "0000000000001",
    "question": "0000000000001",
    "order": "0000000000001",
    "other": "RH2020-000002",
    "redemption": "0000000000001",
    "relative": "0000000000001",
    "returned": "YQ2020-000001",
    "run": "0000000000001",
    "secret": "nobody-knows",
    "session": "0000000000001",
    "rule": "no-such-rule",
    "settlement": "0000000000001",
    "shop": "0000000000001",
    "slug": "no-such-service",
    "station": "0000000000001",
    "table": "roster",
    "union": "0000000000001",
    "visit": "0000000000001",
    "voucher": "0000000000001",
    "ware": "0000000000001",
    "worker": "0000000000001",
}
# These do something without being told what: afterwards accounts and sessions are put back.
ENDS_SESSIONS = {
    "DELETE /api/v1/auth/sessions/current",
    "DELETE /api/v1/me/sessions",
    "POST /api/v1/me/member/disown",
    "POST /desk/sign-out",
    "POST /me/member/disown",
    "POST /sign-out",
}


async def test_every_door_declares_its_access(every_door: list[Door]) -> None:
    # What whoever stands at a till or manages one may do comes from the shop and from no role.
    of_shops = {"merchant.redeem", "merchant.manage"}
    known = {"public", "signed_in", "person", "staff", *of_shops, *roles.catalogue().permissions}
    assert {door.name: door.access for door in every_door if door.access not in known} == {}
    assert len(every_door) > 100


async def test_roles_and_doors_are_as_written_down(
    worlds: tuple[World, World], walker: Walker, every_door: list[Door]
) -> None:
    world = worlds[0]
    callers = [*PEOPLE, *roles.catalogue().roles]
    passed: dict[str, list[str]] = {}
    kept = {table: await database.rows(f"SELECT * FROM {table}") for table in ("account", "session_row")}
    for door in every_door:
        for role in callers:
            answer = await walker.through(door, world, role, NOBODY)
            assert answer.status_code < 500, (door.name, role, answer.text)
            if _lets_through(door, answer):
                passed.setdefault(door.name, []).append(role)
        if door.name in ENDS_SESSIONS:
            for table, rows in kept.items():
                await database.execute(f"DELETE FROM {table}")
                for row in rows:
                    await database.insert(table, row)
    found = HEAD + "".join(f"{_line(door, passed.get(door.name, []))}\n" for door in every_door)
    if os.environ.get("UNION_WRITE_GOLDEN"):
        GOLDEN.write_text(found, "utf-8")
    assert found == GOLDEN.read_text("utf-8")


def _lets_through(door: Door, answer: httpx.Response) -> bool:
    """A public door may refuse what was sent; it refuses nobody."""
    if door.access == "public":
        return answer.status_code != 403
    return answer.status_code == 404 or not is_refused(answer)


def _line(door: Door, passed: list[str]) -> str:
    staff = set(roles.catalogue().roles)
    groups = {
        frozenset([*PEOPLE, *staff]): "everybody",
        frozenset([*PEOPLE, *staff]) - {"guest"}: "signed-in, pending",
        frozenset([*PEOPLE, *staff]) - {"guest", "pending"}: "signed-in",
        frozenset({"person", "member"}): "people",
        frozenset(staff): "staff",
        frozenset(staff | {"pending", "cashier", "manager"}): "staff, pending, cashier, manager",
    }
    who = groups.get(frozenset(passed)) or ", ".join(sorted(passed)) or "nobody"
    return f"{door.method:6} {door.path:56} {door.access:14} {who}"
