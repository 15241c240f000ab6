"""A list costs the same number of statements whether it shows one row or three."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from backend.casework import commands as casework
from backend.core import database, ids
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.identity import commands as identity
from backend.identity import queries as consents
from backend.identity.commands import sessions
from backend.identity.enums import ConsentKind
from backend.membership import commands as membership
from backend.unions import commands as unions
from backend.unions.enums import UnionKind, UnionLevel
from backend.unions.schemas import UnionInput
from tests.cancelling import Progress, watched
from tests.factories.application import drain
from tests.factories.world import World
from tests.walkers.doors import Door
from tests.walkers.walker import Walker

pytestmark = pytest.mark.slow


class Listed(msgspec.Struct, frozen=True):
    """`rows` is the table and the condition of the rows that a role sees there; {me} is its account. A parameter
    of the path is the first that the world has of it."""

    role: str
    path: str
    rows: tuple[str, str]


MY_CASES = ("case_file", "applicant_id = {me}")
CASES = ("case_file", "desk_role = 'officer'")
MINE = "account_id = {me}"
RUN_ITEMS = ("pay_item", "run_id = (SELECT MIN(id) FROM pay_run)")
CARDLESS = ("payment_due", "card_index = '' AND source = 'grading'")
BUDGET_LINES = ("ledger_entry", "account_id IN (SELECT account_id FROM budget WHERE name = '普惠消费券')")
# Of those that are not paid, the first are of today.
UNPAID = ("redemption", "settlement_id IS NULL")
QUESTIONS = ("case_question", "state = 'open'")
OWN_POLICIES = (
    "aid_policy",
    "person_index = (SELECT m.id_no_index FROM member m JOIN account a ON a.member_id = m.id WHERE a.id = {me})",
)
LISTS = [
    Listed("person", "/", MY_CASES),
    Listed("person", "/cases", MY_CASES),
    Listed("person", "/api/v1/cases", MY_CASES),
    Listed("person", "/me/inbox", ("notification", MINE)),
    Listed("person", "/api/v1/me/notifications", ("notification", MINE)),
    Listed("person", "/me/views", ("access_trace", "1 = 1")),
    Listed("person", "/api/v1/me/views", ("access_trace", "1 = 1")),
    Listed("person", "/me", ("session_row", f"{MINE} AND id <> {{session}}")),
    Listed("person", "/api/v1/me/sessions", ("session_row", f"{MINE} AND id <> {{session}}")),
    Listed("person", "/me/consents", ("consent", MINE)),
    Listed("officer", "/desk/cases", CASES),
    Listed("officer", "/api/v1/desk/cases", CASES),
    Listed("officer", "/desk/notifications", ("notification", MINE)),
    Listed("admin", "/desk/undelivered", ("delivery", "state = 'technical_failure'")),
    Listed("admin", "/api/v1/desk/undelivered", ("delivery", "state = 'technical_failure'")),
    Listed("desk", "/desk/invites", ("invite", "1 = 1")),
    Listed("admin", "/desk/members", ("member", "1 = 1")),
    Listed("admin", "/api/v1/desk/members", ("member", "1 = 1")),
    Listed("desk", "/desk/members/import", ("roll_import", "created_by = {me}")),
    Listed("admin", "/desk/staff", ("staff_post", "account_id <> {me}")),
    Listed("admin", "/desk/unions", ("union_org", "kind = 'branch'")),
    Listed("guest", "/api/v1/unions", ("union_org", "kind = 'branch'")),
    Listed("member", "/me/records", ("register_entry", MINE)),
    Listed("member", "/api/v1/me/records", ("register_entry", MINE)),
    Listed("member", "/api/v1/me/payments", ("payment_due", MINE)),
    Listed("officer", "/desk/records", ("register_entry", "1 = 1")),
    Listed("officer", "/api/v1/desk/records", ("register_entry", "1 = 1")),
    Listed("officer", "/desk/batches", ("batch", "actor_id = {me}")),
    Listed("officer", "/api/v1/desk/decisions", ("batch", "actor_id = {me}")),
    Listed("desk", "/desk/cases?asked=1", QUESTIONS),
    Listed("desk", "/api/v1/desk/questions", QUESTIONS),
    Listed("admin", "/api/v1/desk/statistics/cases", ("case_file", "target_union_id IS NOT NULL")),
    Listed("desk", "/desk/exports", ("desk_export", "created_by = {me}")),
    Listed("desk", "/api/v1/desk/exports", ("desk_export", "created_by = {me}")),
    Listed("admin", "/desk/exports/log", ("desk_export", "1 = 1")),
    Listed("admin", "/api/v1/desk/exports/log", ("desk_export", "1 = 1")),
    Listed("guest", "/api/v1/voucher-campaigns", ("voucher_campaign", "state = 'open'")),
    Listed("dept_welfare", "/api/v1/desk/voucher-campaigns", ("voucher_campaign", "1 = 1")),
    Listed("dept_welfare", "/desk/voucher-campaigns", ("voucher_campaign", "1 = 1")),
    Listed("member", "/api/v1/me/vouchers", ("voucher", "1 = 1")),
    Listed("member", "/vouchers", ("voucher_campaign", "state = 'open'")),
    Listed("member", "/me/vouchers", ("voucher", "state = 'issued'")),
    Listed("cashier", "/api/v1/merchant/redemptions", UNPAID),
    Listed("cashier", "/merchant/redemptions", UNPAID),
    Listed("dept_welfare", "/api/v1/desk/shops", ("shop", "1 = 1")),
    Listed("dept_welfare", "/desk/shops", ("shop", "1 = 1")),
    Listed("dept_welfare", "/api/v1/desk/shops/{shop}/redemptions", UNPAID),
    Listed("dept_welfare", "/desk/shops/{shop}/redemptions", UNPAID),
    Listed("dept_finance", "/api/v1/desk/shops/{shop}/settlements", ("settlement", "1 = 1")),
    Listed("dept_finance", "/desk/shops/{shop}", ("settlement", "1 = 1")),
    Listed("cashier", "/api/v1/merchant/settlements", ("settlement", "1 = 1")),
    Listed("cashier", "/merchant/statement", ("settlement", "1 = 1")),
    Listed("dept_welfare", "/api/v1/desk/mass-notices", ("mass_notice", "1 = 1")),
    Listed("dept_welfare", "/desk/mass-notices", ("mass_notice", "1 = 1")),
    Listed("dept_welfare", "/api/v1/desk/gift-stations", ("gift_station", "1 = 1")),
    Listed("dept_welfare", "/desk/gift-stations", ("gift_station", "1 = 1")),
    Listed("guest", "/api/v1/gift-statistics", ("voucher_campaign", "kind = 'gift'")),
    Listed("guest", "/vouchers/given", ("voucher_campaign", "kind = 'gift'")),
    Listed("dept_welfare", "/api/v1/desk/handovers", ("voucher_use", "kind = 'gift'")),
    Listed("dept_welfare", "/desk/handovers", ("voucher_use", "kind = 'gift'")),
    Listed("dept_welfare", "/api/v1/desk/gift-stations/{station}/moves", ("gift_move", "1 = 1")),
    Listed("dept_welfare", "/desk/gift-moves", ("gift_move", "1 = 1")),
    Listed("guest", "/api/v1/shops", ("shop", "1 = 1")),
    Listed("guest", "/shops", ("shop", "1 = 1")),
    Listed("guest", "/api/v1/mall/goods", ("mall_goods", "1 = 1")),
    Listed("member", "/mall", ("mall_goods", "1 = 1")),
    Listed("member", "/api/v1/me/orders", ("mall_order", "1 = 1")),
    Listed("member", "/me/orders", ("mall_order", "1 = 1")),
    Listed("dept_welfare", "/api/v1/desk/mall/goods", ("mall_goods", "1 = 1")),
    Listed("dept_welfare", "/desk/mall/goods", ("mall_goods", "1 = 1")),
    Listed("dept_welfare", "/api/v1/desk/mall/orders", ("mall_order", "1 = 1")),
    Listed("dept_welfare", "/desk/mall/orders", ("mall_order", "1 = 1")),
    Listed("member", "/api/v1/me/aid/policies", OWN_POLICIES),
    Listed("member", "/me/aid", OWN_POLICIES),
    Listed("dept_aid", "/api/v1/desk/aid/policies", ("aid_policy", "1 = 1")),
    Listed("dept_aid", "/desk/aid/policies", ("aid_policy", "1 = 1")),
    Listed("dept_aid", "/api/v1/desk/aid/files", ("hardship_file", "1 = 1")),
    Listed("dept_aid", "/desk/aid/files", ("hardship_file", "1 = 1")),
    Listed("dept_org", "/api/v1/desk/social-workers", ("social_worker", "1 = 1")),
    Listed("dept_org", "/desk/social-workers", ("social_worker", "1 = 1")),
    Listed("dept_finance", "/api/v1/desk/budgets", ("budget", "1 = 1")),
    Listed("dept_finance", "/desk/budgets", ("budget", "1 = 1")),
    Listed("dept_finance", "/api/v1/desk/budgets/{budget}/statement", BUDGET_LINES),
    Listed("dept_finance", "/desk/budgets/{budget}", BUDGET_LINES),
    Listed("member", "/me/payments", ("payment_due", MINE)),
    Listed("dept_finance", "/api/v1/desk/pay-runs", ("pay_run", "1 = 1")),
    Listed("dept_finance", "/desk/pay-runs", ("pay_run", "1 = 1")),
    Listed("dept_finance", "/api/v1/desk/pay-runs/{run}/items", RUN_ITEMS),
    Listed("dept_finance", "/desk/pay-runs/{run}", RUN_ITEMS),
    Listed("dept_finance", "/api/v1/desk/pay-returns", CARDLESS),
    Listed("dept_finance", "/desk/pay-returns", CARDLESS),
    Listed("guest", "/notices", ("public_notice", "1 = 1")),
    Listed("guest", "/api/v1/notices", ("public_notice", "1 = 1")),
]
# What is listed from files and not from rows.
FROM_FILES = {"/services", "/api/v1/services"}


@pytest.fixture(scope="module")
async def full(worlds: tuple[World, World]) -> World:
    """At least three of everything."""
    world = worlds[0]
    person, desk = await world.actor("person"), await world.actor("desk")
    for number in range(3):
        data = UnionInput(
            name=f"{world.letter}快递第{number}分会",
            kind=UnionKind.BRANCH,
            level=UnionLevel.UNIT,
            parent_id=world.unit,
            division=world.division,
        )
        await unions.create_union(data, SYSTEM)
        await _begin_session(person)
        await membership.request_import(
            desk, content=f"姓名,身份证号\n王小测,{number}".encode(), name="名册.csv", union=world.town, dry_run=True
        )
        await identity.withdraw_consent(ConsentKind.PRIVACY, person)
        version = next(text.version for text in consents.consent_texts() if text.kind == ConsentKind.PRIVACY)
        await identity.give_consent(ConsentKind.PRIVACY, version, channel="portal", actor=person)
    for state in ("corrected", "in_review"):
        await casework.urge(number=world.cases[state], actor=person)
    await drain()
    for table, distinct in (
        ("register_entry", ("number", "key")),
        ("payment_due", ("key",)),
        ("batch", ()),
        ("desk_export", ("number",)),
        ("public_notice", ("act_id",)),
        ("gift_move", ("key",)),
        ("case_question", ("open_key",)),
        ("aid_policy", ("number", "holds_key")),
    ):
        await _two_more(table, distinct)
    await _two_more("voucher_campaign", ("case_id", "pool_id", "hold_id"), where="kind = 'gift'")
    return world


async def _two_more(table: str, distinct: tuple[str, ...], *, where: str = "1 = 1") -> None:
    """Copies of the first row, each under an identifier of its own."""
    [row] = await database.rows(f"SELECT * FROM {table} WHERE {where} ORDER BY id LIMIT 1")
    for _ in range(2):
        copy_id = ids.new_id()
        own = {column: copy_id if isinstance(row[column], int) else str(copy_id) for column in distinct}
        await database.insert(table, row | own | {"id": copy_id})


@command
async def _begin_session(person: Actor) -> None:
    await sessions.begin(person, label="安卓手机 · 微信")


async def test_every_list_is_named_here(every_door: list[Door]) -> None:
    lists = {door.path for door in every_door if door.method == "GET" and "cursor" in door.query}
    assert lists - {listed.path for listed in LISTS} - FROM_FILES == set()
    assert lists


@asynccontextmanager
async def only(world: World, listed: Listed, count: int) -> AsyncIterator[None]:
    """So many rows and no more; afterwards all are back."""
    table, condition = listed.rows
    actor = await world.actor(listed.role) if listed.role != "guest" else SYSTEM
    where = condition.format(me=actor.account_id, session=actor.session_id)
    found = await database.rows(f"SELECT * FROM {table} WHERE {where} ORDER BY id")
    assert len(found) >= 3, (listed.path, len(found))
    for row in found[count:]:
        await database.execute(f"DELETE FROM {table} WHERE id = %s", row["id"])
    try:
        yield
    finally:
        for row in found[count:]:
            await database.insert(table, row)


async def asked(walker: Walker, world: World, listed: Listed, count: int) -> tuple[list[str], str]:
    """The statements of the second look, and what it showed."""
    path = listed.path.format_map({name: values[0] for name, values in world.ids.items()})
    async with only(world, listed, count):
        await walker.go("GET", path, world.tokens[listed.role])
        progress = Progress()
        with watched(progress):
            answer = await walker.go("GET", path, world.tokens[listed.role])
    assert answer.status_code == 200, (listed.path, answer.text[:500])
    return progress.sent, answer.text


@pytest.mark.parametrize("listed", LISTS, ids=lambda one: f"{one.role} {one.path}")
async def test_three_rows_cost_what_one_costs(walker: Walker, full: World, listed: Listed) -> None:
    of_one, one = await asked(walker, full, listed, 1)
    of_three, three = await asked(walker, full, listed, 3)
    assert one != three
    assert len(of_one) == len(of_three), "\n".join(of_three)
