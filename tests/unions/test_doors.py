"""The doors of unions: the contract's answers, and the administration's pages."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from backend.core import clock, database, ids
from backend.core.actor import SYSTEM
from backend.identity import commands as identity
from backend.unions import commands, queries
from backend.unions.enums import UnionLevel
from tests.identity.helpers import caller
from tests.identity.small_app import browser
from tests.unions.helpers import County, small_county, staff, union

PASSWORD = "seven quiet herons"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with browser() as one:
        yield one


async def signed_in(client: httpx.AsyncClient, username: str) -> None:
    answer = await client.post("/api/v1/auth/staff/sessions", json={"username": username, "password": PASSWORD})
    assert answer.status_code == 201


def in_a_month() -> str:
    return (clock.today() + timedelta(days=30)).isoformat()


# ---- unions one may join -------------------------------------------------------------


async def test_the_unions_one_may_join(client: httpx.AsyncClient) -> None:
    county = await small_county()
    answer = await client.get("/api/v1/unions", params={"q": "星运"})
    assert answer.status_code == 200
    assert answer.json() == {
        "items": [
            {
                "id": ids.public(county.unit.id),
                "name": "星运物流工会",
                "level": "unit",
                "division": "990121001",
                "parent": {"id": ids.public(county.town.id), "name": "高桥街道总工会"},
            }
        ],
        "next_cursor": None,
    }


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, {"星城县总工会", "高桥街道总工会", "黄枫镇总工会", "星运物流工会", "黄枫电子工会"}),
        ({"q": "物流"}, {"星运物流工会"}),
        ({"q": "XYWL"}, {"星运物流工会"}),
        ({"q": "hf"}, {"黄枫镇总工会", "黄枫电子工会"}),
        ({"q": "ywl"}, set()),
        ({"q": "%"}, set()),
        ({"q": "_"}, set()),
        ({"q": "!"}, set()),
        ({"q": "' OR 1=1 --"}, set()),
        ({"division": "990121100"}, {"黄枫镇总工会", "黄枫电子工会"}),
        ({"division": "990121"}, {"星城县总工会", "高桥街道总工会", "黄枫镇总工会", "星运物流工会", "黄枫电子工会"}),
        ({"division": "990121001", "q": "工会"}, {"高桥街道总工会", "星运物流工会"}),
        ({"division": "43"}, set()),
        ({"division": "x"}, set()),
        ({"division": "٤٣"}, set()),
    ],
)
async def test_searching_for_a_union(client: httpx.AsyncClient, params: dict[str, str], names: set[str]) -> None:
    await small_county()
    answer = await client.get("/api/v1/unions", params=params)
    assert {item["name"] for item in answer.json()["items"]} == names


async def test_unions_that_take_no_members_are_not_offered(client: httpx.AsyncClient) -> None:
    county = await small_county()
    await union("不收人工会", UnionLevel.UNIT, county.town, accepts_members=False)
    await commands.dissolve_union(ids.public(county.unit.id), 1, SYSTEM)
    names = {item["name"] for item in (await client.get("/api/v1/unions")).json()["items"]}
    assert names == {"星城县总工会", "高桥街道总工会", "黄枫镇总工会", "黄枫电子工会"}


async def test_a_long_list_comes_in_pages(client: httpx.AsyncClient) -> None:
    await small_county()
    first = (await client.get("/api/v1/unions?limit=3")).json()
    second = (await client.get("/api/v1/unions", params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [len(first["items"]), len(second["items"]), second["next_cursor"]] == [3, 2, None]
    assert (await client.get("/api/v1/unions?limit=0")).status_code == 422
    assert (await client.get("/api/v1/unions?limit=101")).status_code == 422
    assert (await client.get("/api/v1/unions?cursor=nonsense")).status_code == 400


# ---- invites -------------------------------------------------------------------------


async def test_an_invite_through_the_api(client: httpx.AsyncClient) -> None:
    county = await small_county()
    await staff("officer-one", county.unit, "officer")
    await signed_in(client, "officer-one")
    body = {"union_id": ids.public(county.unit.id), "max_uses": 5, "expires_on": in_a_month()}
    made = await client.post("/api/v1/desk/invites", json=body)
    assert made.status_code == 201
    assert {"code", "url", "qr_svg"} <= set(made.json())
    client.cookies.clear()
    shown = (await client.get(f"/api/v1/invites/{made.json()['code'].lower()}")).json()
    assert (shown["union"]["name"], shown["expires_on"], shown["valid"]) == ("星运物流工会", in_a_month(), True)
    page = await client.get(f"/i/{made.json()['code']}")
    assert page.status_code == 200
    assert "星运物流工会" in page.text


@pytest.mark.parametrize("code", ["ZZZZZZZZ", "x", "' OR 1=1", "%00", "a" * 300])
async def test_an_unknown_code(client: httpx.AsyncClient, code: str) -> None:
    assert (await client.get(f"/api/v1/invites/{code}")).status_code == 404


async def test_who_may_not_invite(client: httpx.AsyncClient) -> None:
    county = await small_county()
    await staff("finance-one", county.unit, "finance")
    await staff("officer-two", county.other_unit, "officer")
    body = {"union_id": ids.public(county.unit.id), "max_uses": 5, "expires_on": in_a_month()}
    assert (await client.post("/api/v1/desk/invites", json=body)).status_code == 401
    await signed_in(client, "finance-one")
    assert (await client.post("/api/v1/desk/invites", json=body)).status_code == 403
    await signed_in(client, "officer-two")
    assert (await client.post("/api/v1/desk/invites", json=body)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"max_uses": "many"}, "max_uses"),
        ({"max_uses": 10**30}, "max_uses"),
        ({"expires_on": "soon"}, "expires_on"),
        ({"channel": "pigeon"}, "channel"),
        ({"union_id": None}, "union_id"),
    ],
)
async def test_wrong_invites_name_the_field(client: httpx.AsyncClient, changes: dict, field: str) -> None:
    county = await small_county()
    await staff("officer-one", county.unit, "officer")
    await signed_in(client, "officer-one")
    body = {"union_id": ids.public(county.unit.id), "max_uses": 5, "expires_on": in_a_month(), **changes}
    answer = await client.post("/api/v1/desk/invites", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


# ---- pages of the desk ---------------------------------------------------------------


@pytest.fixture
async def county(client: httpx.AsyncClient) -> County:
    """With an administrator of the county signed in."""
    made = await small_county()
    await staff("admin-one", made.county, "admin")
    await signed_in(client, "admin-one")
    return made


async def test_an_invite_on_the_page(client: httpx.AsyncClient, county: County) -> None:
    assert (await client.get("/desk/invites")).status_code == 200
    form = {"union_id": ids.public(county.unit.id), "max_uses": "20", "expires_on": in_a_month(), "place": "门口"}
    wrong = await client.post("/desk/invites", data=form | {"max_uses": "0"})
    assert wrong.status_code == 422
    assert "可用次数要在 1 到 100000 之间" in wrong.text
    assert 'value="门口"' in wrong.text
    made = await client.post("/desk/invites", data=form | {"submission_key": "n-1"})
    again = await client.post("/desk/invites", data=form | {"submission_key": "n-1"})
    assert made.status_code == 303
    assert made.headers["location"] == again.headers["location"]
    poster = await client.get(made.headers["location"])
    assert poster.status_code == 200
    assert "<svg" in poster.text
    assert "门口" in poster.text
    (row,) = (await queries.invites_of(SYSTEM)).items
    assert row.channel == "station_qr"
    assert (await client.post(f"/desk/invites/{row.id}/revoke")).status_code == 303
    assert "已停用" in (await client.get("/desk/invites?done=revoked")).text


async def test_the_tree_on_the_page(client: httpx.AsyncClient, county: County) -> None:
    shown = await client.get("/desk/unions")
    assert shown.status_code == 200
    places = [shown.text.index(name) for name in ("星城县总工会", "高桥街道总工会", "星运物流工会")]
    assert places == sorted(places)
    hit = await client.get("/desk/unions?q=hfdz")
    assert "黄枫电子工会" in hit.text
    assert "星运物流工会" not in hit.text
    one = await client.get(f"/desk/unions/{ids.public(county.town.id)}")
    assert one.status_code == 200
    assert "星运物流工会" in one.text


async def test_making_renaming_moving_and_dissolving_on_the_page(client: httpx.AsyncClient, county: County) -> None:
    form = {
        "parent_id": ids.public(county.town.id),
        "name": "龙湾快递工会",
        "kind": "grassroots",
        "level": "unit",
        "division": "990121001",
    }
    wrong = await client.post("/desk/unions", data=form | {"name": "星运物流工会"})
    assert wrong.status_code == 422
    assert "已经有一个同名的工会" in wrong.text
    incomplete = await client.post("/desk/unions", data={"parent_id": form["parent_id"]})
    assert incomplete.status_code == 422
    made = await client.post("/desk/unions", data=form)
    assert made.status_code == 303
    address = made.headers["location"].partition("?")[0]
    renamed = await client.post(f"{address}/name", data={"name": "龙湾外卖工会", "version": "1"})
    assert renamed.headers["location"] == f"{address}?done=renamed"
    stale = await client.post(f"{address}/name", data={"name": "又一个", "version": "1"})
    assert stale.status_code == 409
    assert "刚刚被其他人改过" in stale.text
    moved = await client.post(f"{address}/move", data={"parent_id": ids.public(county.other_town.id), "version": "2"})
    assert moved.headers["location"] == f"{address}?done=moved"
    unsure = await client.post(f"{address}/dissolve", data={"version": "3", "confirm": "龙湾"})
    assert unsure.status_code == 422
    gone = await client.post(f"{address}/dissolve", data={"version": "3", "confirm": "龙湾外卖工会"})
    assert gone.headers["location"] == "/desk/unions?done=dissolved"
    assert (await client.post(f"{address}/name", data={"name": "x", "version": "nonsense"})).status_code == 422


async def test_staff_on_the_page(client: httpx.AsyncClient, county: County) -> None:
    form = {"username": "new-one", "display": "李小测", "union_id": ids.public(county.town.id), "roles": ["desk"]}
    wrong = await client.post("/desk/staff", data=form | {"username": "李"})
    assert wrong.status_code == 422
    assert "用户名用 3 到 40 个小写字母" in wrong.text
    made = await client.post("/desk/staff", data=form)
    assert made.status_code == 200
    row = (await queries.staff_in_scope(SYSTEM)).items[0]
    assert (row.username, [post.role for post in row.posts]) == ("new-one", ["desk"])
    granted = await client.post(
        f"/desk/staff/{row.id}/posts", data={"union_id": ids.public(county.town.id), "role": "mediator"}
    )
    assert granted.headers["location"] == "/desk/staff?done=granted"
    twice = await client.post(
        f"/desk/staff/{row.id}/posts", data={"union_id": ids.public(county.town.id), "role": "mediator"}
    )
    assert twice.status_code == 409
    post = (await queries.staff_row(row.id, SYSTEM)).posts[1]
    assert (await client.post(f"/desk/staff/{row.id}/posts/{post.id}/end")).status_code == 303
    assert (await client.post(f"/desk/staff/{row.id}/disable")).status_code == 303
    assert "已停用" in (await client.get("/desk/staff?q=new")).text
    assert (await client.post(f"/desk/staff/{row.id}/enable")).status_code == 303
    reset = await client.post(f"/desk/staff/{row.id}/reset")
    assert reset.status_code == 200
    assert "new-one" in reset.text


async def test_the_first_password_on_the_page_signs_in(client: httpx.AsyncClient, county: County) -> None:
    form = {"username": "new-one", "display": "李小测", "union_id": ids.public(county.town.id), "roles": ["desk"]}
    text = (await client.post("/desk/staff", data=form)).text
    shown = re.search(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code>", text)
    assert shown is not None
    assert (await identity.open_staff_session("new-one", shown.group(1), None, caller())).pending == "password"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/desk/unions"),
        ("GET", "/desk/staff"),
        ("POST", "/desk/unions"),
        ("POST", "/desk/staff"),
    ],
)
async def test_officers_administer_nothing(client: httpx.AsyncClient, method: str, path: str) -> None:
    county = await small_county()
    await staff("officer-one", county.unit, "officer")
    await signed_in(client, "officer-one")
    assert (await client.request(method, path)).status_code == 403


async def test_another_towns_things_are_not_found(client: httpx.AsyncClient) -> None:
    county = await small_county()
    await staff("town-admin", county.town, "admin")
    other = await staff("desk-two", county.other_town, "desk")
    await signed_in(client, "town-admin")
    union_id, account = ids.public(county.other_town.id), ids.public(other.account_id)
    mine = ids.public(county.town.id)
    for method, path, form in (
        ("GET", f"/desk/unions/{union_id}", {}),
        ("GET", f"/desk/unions/{ids.public(county.county.id)}", {}),
        ("POST", f"/desk/unions/{union_id}/name", {"name": "改个名", "version": "1"}),
        ("POST", f"/desk/unions/{union_id}/move", {"parent_id": mine, "version": "1"}),
        ("POST", f"/desk/unions/{union_id}/dissolve", {"version": "1", "confirm": "黄枫镇总工会"}),
        ("POST", f"/desk/staff/{account}/posts", {"union_id": mine, "role": "desk"}),
        ("POST", f"/desk/staff/{account}/disable", {}),
        ("POST", f"/desk/staff/{account}/reset", {}),
        ("GET", "/desk/unions/nonsense", {}),
    ):
        assert (await client.request(method, path, data=form)).status_code == 404, path
    assert await database.scalar("SELECT COUNT(*) FROM union_org WHERE name = %s", "黄枫镇总工会") == 1
