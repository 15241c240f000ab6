"""Staff and posts: nobody hands out, takes away or takes over more than they hold."""

import asyncio
from pathlib import Path

import pytest

from backend.core import database, ids
from backend.core.actor import SYSTEM, Actor
from backend.core.errors import AppError, Conflict, Invalid
from backend.core.settings import CONFIG_DIR
from backend.identity import commands as identity
from backend.identity import queries as sessions
from backend.unions import commands, queries, roles
from backend.unions.schemas import StaffInput
from backend.web.client import Client
from tests.unguarded import without_keys
from tests.unions.helpers import County, actor, small_county, staff

PASSWORD = "seven quiet herons"
HERE = Client(address="10.0.0.1", user_agent="", idempotency_key=None, label="电脑")


def new_staff(county: County, *given: str, at: str = "town", username: str = "new-one") -> StaffInput:
    place = getattr(county, at)
    return StaffInput(username=username, display="李小测", union_id=ids.public(place.id), roles=list(given))


def account(one: Actor) -> str:
    return ids.public(one.account_id)


async def refusal(coroutine) -> tuple[int, str]:
    with pytest.raises(AppError) as caught:
        await coroutine
    return caught.value.status, caught.value.code


# ---- the catalogue of roles ----------------------------------------------------------


def test_every_role_of_the_flows_is_there() -> None:
    catalogue = roles.load(CONFIG_DIR)
    needed = {
        ("officer", "unit"), ("officer", "town"), ("chair", "unit"), ("finance", "unit"), ("dept_owner", "unit"),
        ("desk", "town"), ("desk_mediation", "town"), ("mediator", "town"), ("dept_org", "town"),
        *((role, "county") for role in (
            "dept_org", "dept_legal", "dept_aid", "dept_jobs", "dept_skill", "dept_honour", "dept_female",
            "dept_welfare", "dept_service", "dept_owner", "dept_finance", "finance", "audit", "leader", "panel",
            "expert", "assessor", "inspector", "agent", "admin",
        )),
    }  # fmt: skip
    missing = {(role, level) for role, level in needed if level not in catalogue.roles[role].levels}
    assert missing == set()


def test_the_administrator_holds_everything_there_is() -> None:
    catalogue = roles.load(CONFIG_DIR)
    assert catalogue.roles["admin"].permissions == set(catalogue.permissions)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("permissions: {a: 甲}\nroles: {x: {name: 某, levels: [town], permissions: [b]}}\n", "unknown permission b"),
        ("permissions: {a: 甲}\nroles: {x: {name: 某, levels: [moon], permissions: [a]}}\n", "moon"),
        ("permissions: {a: 甲}\nroles: {x: {name: 某, levels: [], permissions: [a]}}\n", "no level"),
        ("permissions: {a: 甲}\nroles: {x: {name: 某, level: [town], permissions: [a]}}\n", "level"),
        ("permissions: [", "roles.yaml"),
    ],
)
def test_a_wrong_catalogue_stops_the_start(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "roles.yaml").write_text(content, "utf-8")
    with pytest.raises(ValueError, match=complaint):
        roles.load(tmp_path)


# ---- making accounts -----------------------------------------------------------------


async def test_a_new_account_with_its_posts_and_a_first_password() -> None:
    county = await small_county()
    admin = await staff("admin-one", county.county, "admin")
    made = await commands.create_staff(new_staff(county, "desk", "mediator", "desk"), admin)
    assert made.username == "new-one"
    one = await actor(made.id)
    assert [(post.union_name, post.roles) for post in one.posts] == [("高桥街道总工会", ("desk", "mediator"))]
    answer = await identity.open_staff_session("new-one", made.first_password, None, HERE)
    assert answer.pending == "password"


async def test_the_first_administrator_is_made_by_the_system() -> None:
    county = await small_county()
    assert await database.scalar("SELECT COUNT(*) FROM account") == 0
    made = await commands.create_staff(new_staff(county, "admin", at="county", username="first"), SYSTEM)
    assert (await actor(made.id)).can("staff.manage")


@pytest.mark.parametrize(
    ("given", "at", "refused"),
    [
        ((), "town", (422, "role_missing")),
        (("emperor",), "town", (422, "role_unknown")),
        (("leader",), "town", (422, "role_wrong_level")),
        (("desk",), "unit", (422, "role_wrong_level")),
    ],
)
async def test_roles_that_cannot_be_given(given: tuple[str, ...], at: str, refused: tuple[int, str]) -> None:
    county = await small_county()
    admin = await staff("admin-one", county.county, "admin")
    assert await refusal(commands.create_staff(new_staff(county, *given, at=at), admin)) == refused
    assert await database.scalar("SELECT COUNT(*) FROM account WHERE username = %s", "new-one") == 0


@pytest.mark.parametrize("at", ["county", "other_town", "other_unit"])
async def test_nobody_makes_staff_outside_their_scope(at: str) -> None:
    county = await small_county()
    admin = await staff("town-admin", county.town, "admin")
    assert await refusal(commands.create_staff(new_staff(county, "officer", at=at), admin)) == (404, "not_found")


async def test_without_staff_manage_nobody_is_made() -> None:
    county = await small_county()
    clerk = await staff("desk-one", county.town, "desk")
    assert await refusal(commands.create_staff(new_staff(county, "desk"), clerk)) == (404, "not_found")


async def test_wrong_names_leave_no_half_account() -> None:
    county = await small_county()
    data = StaffInput(username="李", display="", union_id=ids.public(county.town.id), roles=["desk"])
    with pytest.raises(Invalid) as caught:
        await commands.create_staff(data, SYSTEM)
    assert [error.field for error in caught.value.errors] == ["username", "display"]
    assert await database.scalar("SELECT COUNT(*) FROM staff_post") == 0


# ---- granting and revoking -----------------------------------------------------------


async def test_nobody_grants_what_they_do_not_hold(monkeypatch) -> None:
    """A manager of staff without the other permissions: may give what asks for less, nothing more."""
    county = await small_county()
    weak = await staff("weak-one", county.town, "desk")
    post = weak.posts[0]
    weak = Actor(
        kind="staff",
        account_id=weak.account_id,
        posts=(type(post)(**{**{f: getattr(post, f) for f in post.__struct_fields__},
                             "permissions": frozenset({"staff.manage", "case.view", "case.decide"})}),),
    )  # fmt: skip
    assert await refusal(commands.create_staff(new_staff(county, "admin"), weak)) == (403, "role_beyond_own")
    assert await refusal(commands.create_staff(new_staff(county, "desk"), weak)) == (403, "role_beyond_own")
    assert await commands.create_staff(new_staff(county, "mediator"), weak)
    assert {role.code for role in queries.grantable_roles(weak)} >= {"mediator", "finance"}
    assert "desk" not in {role.code for role in queries.grantable_roles(weak)}


async def test_an_administrator_of_a_town_stays_one_of_the_town() -> None:
    county = await small_county()
    admin = await staff("town-admin", county.town, "admin")
    clerk = await staff("desk-one", county.town, "desk")
    assert await refusal(commands.grant_post(account(clerk), ids.public(county.county.id), "desk", admin)) == (
        404,
        "not_found",
    )
    assert await refusal(commands.grant_post(account(admin), ids.public(county.town.id), "desk", admin)) == (
        403,
        "own_account",
    )


async def test_own_posts_and_account_are_not_ones_own_to_edit() -> None:
    county = await small_county()
    admin = await staff("admin-one", county.county, "admin")
    (row,) = [one for one in (await queries.staff_in_scope(admin)).items if one.mine]
    for attempt in (
        commands.revoke_post(row.id, row.posts[0].id, admin),
        commands.set_staff_enabled(row.id, enabled=False, actor=admin),
        commands.reset_staff(row.id, admin),
        commands.grant_post(row.id, ids.public(county.county.id), "desk", admin),
    ):
        assert await refusal(attempt) == (403, "own_account")


async def test_people_with_more_power_are_out_of_reach() -> None:
    """They serve in my town too, but whoever reset their password could act for the county."""
    county = await small_county()
    admin = await staff("town-admin", county.town, "admin")
    leader = await staff("leader-one", county.county, "leader")
    await commands.grant_post(account(leader), ids.public(county.town.id), "mediator", SYSTEM)
    assert await refusal(commands.reset_staff(account(leader), admin)) == (403, "role_beyond_own")
    assert await refusal(commands.set_staff_enabled(account(leader), enabled=False, actor=admin)) == (
        403,
        "role_beyond_own",
    )
    row = await queries.staff_row(account(leader), admin)
    assert [post.union.name for post in row.posts] == ["高桥街道总工会"]  # where else they work is not shown
    await commands.revoke_post(row.id, row.posts[0].id, admin)
    assert len((await actor(leader.account_id)).posts) == 1


async def test_strangers_are_not_found() -> None:
    county = await small_county()
    admin = await staff("town-admin", county.town, "admin")
    other = await staff("desk-two", county.other_town, "desk")
    (post,) = (await queries.staff_row(account(other), SYSTEM_ADMIN)).posts
    for attempt in (
        queries.staff_row(account(other), admin),
        commands.grant_post(account(other), ids.public(county.town.id), "desk", admin),
        commands.revoke_post(account(other), post.id, admin),
        commands.set_staff_enabled(account(other), enabled=False, actor=admin),
        commands.reset_staff(account(other), admin),
        commands.reset_staff("nonsense", admin),
    ):
        assert (await refusal(attempt))[0] == 404


SYSTEM_ADMIN = SYSTEM


async def test_a_post_is_held_once() -> None:
    county = await small_county()
    admin = await staff("admin-one", county.county, "admin")
    clerk = await staff("desk-one", county.town, "desk")
    place = ids.public(county.town.id)
    with pytest.raises(Conflict) as caught:
        await commands.grant_post(account(clerk), place, "desk", admin)
    assert caught.value.code == "post_held"
    (post,) = (await queries.staff_row(account(clerk), admin)).posts
    await commands.revoke_post(account(clerk), post.id, admin)
    assert await refusal(commands.revoke_post(account(clerk), post.id, admin)) == (404, "not_found")
    await commands.grant_post(account(clerk), place, "desk", admin)
    assert (await actor(clerk.account_id)).can("case.decide")


async def grant_eight_times() -> list[object]:
    county = await small_county()
    clerk = await staff("desk-one", county.town, "desk")
    results = await asyncio.gather(
        *(commands.grant_post(account(clerk), ids.public(county.town.id), "mediator", SYSTEM) for _ in range(8)),
        return_exceptions=True,
    )
    return list(results)


@pytest.mark.race(control="test_control_without_its_key_a_post_is_held_eight_times")
async def test_a_post_granted_many_times_at_once_is_one() -> None:
    results = await grant_eight_times()
    assert sum(isinstance(result, int) for result in results) == 1
    assert {type(result) for result in results if not isinstance(result, int)} == {Conflict}


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_a_post_is_held_eight_times() -> None:
    async with without_keys("staff_post"):
        assert sum(isinstance(result, int) for result in await grant_eight_times()) == 8


async def test_what_was_taken_away_is_gone_at_the_next_look() -> None:
    county = await small_county()
    admin = await staff("admin-one", county.county, "admin")
    clerk = await staff("desk-one", county.town, "desk")
    answer = await identity.open_staff_session("desk-one", PASSWORD, None, HERE)
    (post,) = (await queries.staff_row(account(clerk), admin)).posts
    await commands.revoke_post(account(clerk), post.id, admin)
    assert await sessions.signed_in(answer.access_token) is not None
    assert await queries.posts_of(clerk.account_id) == ()


async def test_disabling_signs_out_at_once_and_enabling_gives_the_posts_back() -> None:
    county = await small_county()
    admin = await staff("admin-one", county.county, "admin")
    clerk = await staff("desk-one", county.town, "desk")
    answer = await identity.open_staff_session("desk-one", PASSWORD, None, HERE)
    await commands.set_staff_enabled(account(clerk), enabled=False, actor=admin)
    assert await sessions.signed_in(answer.access_token) is None
    assert await queries.posts_of(clerk.account_id) == ()
    await commands.set_staff_enabled(account(clerk), enabled=True, actor=admin)
    assert (await actor(clerk.account_id)).posts == clerk.posts


async def test_a_reset_password_has_to_be_changed() -> None:
    county = await small_county()
    admin = await staff("admin-one", county.county, "admin")
    clerk = await staff("desk-one", county.town, "desk")
    made = await commands.reset_staff(account(clerk), admin)
    assert made.username == "desk-one"
    assert (await queries.staff_row(account(clerk), admin)).first_password
    answer = await identity.open_staff_session("desk-one", made.first_password, None, HERE)
    assert answer.pending == "password"


# ---- the list ------------------------------------------------------------------------


async def test_the_list_shows_ones_own_scope() -> None:
    county = await small_county()
    admin = await staff("town-admin", county.town, "admin")
    await staff("officer-one", county.unit, "officer")
    await staff("officer-two", county.other_unit, "officer")
    await staff("leader-one", county.county, "leader")
    listed = (await queries.staff_in_scope(admin)).items
    assert [row.username for row in listed] == ["officer-one", "town-admin"]
    assert [row.mine for row in listed] == [False, True]
    assert (await queries.staff_in_scope(await staff("desk-one", county.town, "desk"))).items == []


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("officer", ["officer-three", "officer-two", "officer-one"]),
        ("邹", ["officer-three", "officer-two", "officer-one", "admin-one"]),
        ("黄枫", ["officer-three", "officer-two"]),
        ("hfdz", ["officer-three", "officer-two"]),
        ("nobody", []),
        ("%", []),
    ],
)
async def test_searching_by_name_account_or_union(q: str, names: list[str]) -> None:
    county = await small_county()
    admin = await staff("admin-one", county.county, "admin")
    await staff("officer-one", county.unit, "officer")
    await staff("officer-two", county.other_unit, "officer")
    await staff("officer-three", county.other_unit, "officer")
    assert [row.username for row in (await queries.staff_in_scope(admin, q=q)).items] == names


@pytest.mark.parametrize("rows", [1, 3])
async def test_the_list_takes_the_same_queries_for_any_number(rows: int, monkeypatch) -> None:
    county = await small_county()
    admin = await staff("admin-one", county.county, "admin")
    for n in range(rows):
        await staff(f"officer-{n}", county.unit, "officer")
    asked: list[str] = []
    read = database.rows

    async def counted(sql: str, *params: object) -> list[dict[str, object]]:
        asked.append(sql)
        return await read(sql, *params)

    monkeypatch.setattr(database, "rows", counted)
    assert len((await queries.staff_in_scope(admin)).items) == rows + 1
    assert len(asked) == 3


async def test_the_list_comes_in_pages() -> None:
    county = await small_county()
    admin = await staff("admin-one", county.county, "admin")
    for n in range(4):
        await staff(f"officer-{n}", county.unit, "officer")
    first = await queries.staff_in_scope(admin, limit=3)
    second = await queries.staff_in_scope(admin, limit=3, cursor=first.next_cursor)
    assert [len(first.items), len(second.items)] == [3, 2]
    assert second.next_cursor is None
    assert len({row.id for row in (*first.items, *second.items)}) == 5
