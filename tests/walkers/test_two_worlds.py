"""Two complete worlds: whoever belongs to one finds nothing of the other, by no identifier, list or search."""

import pytest

from backend.core import database, ids
from tests.factories.people import join_form
from tests.factories.world import World
from tests.walkers import tables
from tests.walkers.acts import Act, acts
from tests.walkers.doors import Door, some
from tests.walkers.walker import Leaks, Walker, different_roles, headers_of, is_refused

pytestmark = pytest.mark.slow

# The same for everybody: services, kinds of consent, names of fields, actions, papers, rules and periods are nobody's,
# and a public notice is there for all.
SHARED = {"slug", "kind", "field", "table", "action", "document", "notice", "rule", "period"}
IDS_A_PARAMETER = 5
# Anybody may ask for what is announced to all; whoever is not meant is told so.
ANNOUNCED = {
    "POST /api/v1/voucher-campaigns/{campaign}/claims",
    "POST /api/v1/voucher-campaigns/{campaign}/entries",
    "POST /api/v1/mall/goods/{goods}/orders",
    "POST /mall/{goods}/order",
    "POST /vouchers/{campaign}/claim",
    "POST /vouchers/{campaign}/enter",
}


@pytest.fixture(scope="module")
async def both_acts(worlds: tuple[World, World]) -> dict[str, dict[str, Act]]:
    """A right body for every door that needs one, from the caller's own world."""
    return {world.letter: {act.door: act async for act in acts(world)} for world in worlds}


def pairs(worlds: tuple[World, World]) -> list[tuple[World, World]]:
    return [worlds, (worlds[1], worlds[0])]


async def test_no_identifier_of_the_other_world_opens_a_door(
    worlds: tuple[World, World],
    both_acts: dict[str, dict[str, Act]],
    walker: Walker,
    every_door: list[Door],
) -> None:
    before, opened = await tables.content(), []
    closed = [door for door in every_door if door.access != "public" and set(door.parameters) - SHARED]
    assert len(closed) > 40
    for own, other in pairs(worlds):
        for role in different_roles(own):
            for door in closed:
                act = both_acts[own.letter].get(door.name)
                for values in door.addresses(own.ids | _theirs(door, other), most=IDS_A_PARAMETER):
                    answer = await walker.through(door, own, role, values, **(act.sent if act else {}))
                    if not is_refused(answer) and not (door.name in ANNOUNCED and answer.status_code == 409):
                        opened.append((door.name, own.letter, role, values, answer.status_code, answer.text[:300]))
    assert opened == []
    assert tables.changed(before, await tables.content()) == {}
    assert walker.calls > 5_000


def _theirs(door: Door, other: World) -> dict[str, list[str]]:
    return {name: list(some(other.ids[name], IDS_A_PARAMETER)) for name in door.parameters if name not in SHARED}


async def test_no_list_and_no_search_shows_the_other_world(
    worlds: tuple[World, World], walker: Walker, every_door: list[Door]
) -> None:
    shown = []
    lists = [door for door in every_door if door.method == "GET" and door.access != "public" and not door.parameters]
    assert len(lists) > 20
    for own, other in pairs(worlds):
        theirs = await _belongings(other)
        words = await _words(other)
        for role in different_roles(own):
            for door in lists:
                for word in ["", *(words if "q" in _query(door) else [])]:
                    answer = await walker.through(door, own, role, {}, params={"q": word} if word else None)
                    found = theirs.found_in(answer.text, headers_of(answer))
                    # The search field shows the word again; a line found by it would lead somewhere.
                    if set(found) - {word} or (word and f"/{word}" in answer.text) or answer.status_code >= 500:
                        shown.append((door.name, own.letter, role, word, answer.status_code, found))
    assert shown == []


def _query(door: Door) -> tuple[str, ...]:
    # The queue reads its parameters by itself.
    return (*door.query, "q") if door.path == "/desk/cases" else door.query


async def _words(other: World) -> list[str]:
    """What somebody could type to find somebody of that world."""
    member = ids.parse(other.ids["member"][0])
    number = await database.scalar("SELECT member_no FROM member WHERE id = %s", member)
    record = other.ids["record"][0]
    return [other.cases["submitted"], other.person.id_no, other.person.phone, other.member.phone, number, record]


async def _belongings(other: World) -> Leaks:
    """Everything by which something of that world could be recognised; names of unions are public."""
    kinds = (
        "account",
        "export",
        "file",
        "held",
        "import_id",
        "invite",
        "member",
        "notification",
        "number",
        "record",
        "session",
    )
    known = [value for kind in kinds for value in other.ids[kind]]
    invites = [code for code in other.ids["code"] if len(code) == 8]
    people = [text for who in other.everybody for text in (who.id_no, who.phone)]
    return Leaks.of([*known, *invites, *people])


BODIES: list[tuple[str, str, str]] = [
    ("officer", "POST /api/v1/desk/invites", "union_id"),
    ("officer", "POST /desk/invites", "union_id"),
    ("desk", "POST /desk/members/import", "union_id"),
    ("dept_finance", "POST /api/v1/desk/budgets", "union_id"),
    ("dept_finance", "POST /desk/budgets", "union_id"),
    ("dept_finance", "POST /api/v1/desk/pay-runs", "union_id"),
    ("dept_finance", "POST /desk/pay-runs", "union_id"),
    ("dept_welfare", "POST /api/v1/desk/shops", "union_id"),
    ("dept_welfare", "POST /desk/shops", "union_id"),
    ("admin", "POST /desk/unions", "parent_id"),
    ("admin", "POST /desk/unions/{union}/move", "parent_id"),
    ("admin", "POST /desk/staff", "union_id"),
    ("admin", "POST /desk/staff/{account}/posts", "union_id"),
]


@pytest.mark.parametrize(("role", "name", "field"), BODIES, ids=[f"{name} {field}" for _, name, field in BODIES])
async def test_no_body_reaches_into_the_other_world(
    worlds: tuple[World, World],
    both_acts: dict[str, dict[str, Act]],
    walker: Walker,
    every_door: list[Door],
    role: str,
    name: str,
    field: str,
) -> None:
    before = await tables.content()
    door = next(door for door in every_door if door.name == name)
    for own, other in pairs(worlds):
        act = both_acts[own.letter][name]
        how = "json" if "json" in act.sent else "data"
        for union in (other.county, other.town, other.unit):
            sent = act.sent | {how: act.sent[how] | {field: union}}
            answer = await walker.through(door, own, role, act.values, **sent)
            assert answer.status_code in (403, 404), (own.letter, answer.status_code, answer.text[:300])
    assert tables.changed(before, await tables.content()) == {}


async def test_no_file_of_the_other_world_can_be_sent_along(
    worlds: tuple[World, World], walker: Walker, every_door: list[Door]
) -> None:
    own, other = worlds
    [photo, *_] = other.ids["file"]
    form = join_form(own.next_person(), division=own.division, target_org=own.unit)
    sent = {"form": form, "attachments": {"work_proof": [photo]}}
    token = own.tokens["person"]
    answer = await walker.go("POST", "/api/v1/services/member-join/cases", token, json=sent)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["work_proof"]

    saved = await walker.go("PUT", "/api/v1/services/member-join/draft", token, json=sent)
    assert saved.status_code == 200
    page = await walker.go("GET", "/services/member-join/apply?screen=2", token)
    assert page.status_code == 200
    assert photo not in page.text
    assert is_refused(await walker.go("GET", f"/files/{photo}", token))


async def test_the_window_files_for_its_own_unions_only(worlds: tuple[World, World], walker: Walker) -> None:
    own, other = worlds
    for union, division in ((other.unit, own.division), (other.town, own.division), ("", other.division)):
        form = join_form(own.next_person(), division=division, target_org=union)
        path = "/api/v1/desk/services/member-join/cases"
        answer = await walker.go("POST", path, own.tokens["desk"], json={"form": form})
        assert (answer.status_code, answer.json()["code"]) == (403, "file_elsewhere")


async def test_a_printed_code_belongs_to_one_number(worlds: tuple[World, World], walker: Walker) -> None:
    own, other = worlds
    codes = [code for code in own.ids["code"] if "-" in code]
    for code in codes:
        answer = await walker.go("GET", f"/verify/{other.cases['submitted']}/{code}", own.tokens["person"])
        assert answer.status_code == 404
