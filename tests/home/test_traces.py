"""谁看过我的资料: every name under which a trace of one person may stand, and the doors to it."""

import msgspec

from backend.casework import commands as casework
from backend.core import database
from backend.home.traces import who_viewed
from tests.casework.browser import browse
from tests.casework.world import World, aid_form, person, sent
from tests.identity.test_consents import open_value


async def test_what_was_opened_in_a_window_filing_is_found_once_it_is_mine(world: World) -> None:
    number = await casework.file_at_window(slug="sample-aid", data=sent(aid_form(world)), actor=world.clerk)
    await casework.reveal_field(number=number, field="id_no", actor=world.officer)
    me = await person(world)
    assert (await who_viewed(me)).items == []
    await database.execute("UPDATE case_file SET member_id = %s", 77)
    mine = msgspec.structs.replace(me, member_id=77)
    [line] = (await who_viewed(mine)).items
    assert (line.who, line.field, line.purpose) == ("星城快递工会 邹小红", "身份证号", "审核办件")
    # From now on the trace stands under the member, who keeps it whatever becomes of the account.
    await casework.reveal_field(number=number, field="illness", actor=world.officer)
    newest = (await database.rows("SELECT subject_kind, subject_id FROM access_trace ORDER BY id DESC LIMIT 1"))[0]
    assert tuple(newest.values()) == ("member", 77)
    assert len((await who_viewed(mine)).items) == 2
    assert (await who_viewed(msgspec.structs.replace(me, member_id=78))).items == []


async def test_a_staff_member_sees_traces_of_their_own_account_only(world: World) -> None:
    await open_value("phone", "account", world.officer.account_id)
    await open_value("phone", "account", world.clerk.account_id)
    [line] = (await who_viewed(world.officer)).items
    assert (line.field, line.who) == ("手机号", "高桥街道总工会 邹某")


async def test_the_doors(world: World, app: object) -> None:
    me = await person(world)
    client = await browse(app, me)
    assert (await client.get("/api/v1/me/views")).json() == {"items": [], "next_cursor": None}
    for cursor in ("x", "W10", "WzFd", "WyIwMDAwMDAwMDAwMDAwIl0x", "%FF"):
        assert (await client.get(f"/api/v1/me/views?cursor={cursor}")).status_code in (200, 400)
    for _ in range(21):
        await open_value("id_no", "account", me.account_id)
    page = await client.get("/me/views")
    assert (page.status_code, "看了您的身份证号" in page.text, "/me/views?cursor=" in page.text) == (200, True, True)
    assert (await (await browse(app)).get("/api/v1/me/views")).status_code == 401
