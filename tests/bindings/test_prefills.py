"""What a member need not type again, and from where it comes."""

import msgspec

from backend.bindings import prefills
from backend.casework import queries
from backend.casework.protocols import Prefilled
from backend.core import ids
from backend.core.actor import GUEST, SYSTEM
from backend.membership import commands as members
from backend.membership.enums import MemberAct
from tests.bindings.acting import id_no, member
from tests.casework.world import World, person

FIELDS = ("name", "id_no", "mobile", "union", "division", "employer")


async def test_the_record_fills_in_the_form(world: World) -> None:
    admitted = await member(world)
    actor = msgspec.structs.replace(await person(world), member_id=admitted.id)
    filled = {name: await getattr(prefills, f"member_{name}")(actor, {}) for name in FIELDS}
    assert filled == {
        "name": Prefilled("王小测", "来自会员档案"),
        "id_no": Prefilled(id_no(), "来自会员档案"),
        "mobile": Prefilled("15400000001", "来自会员档案"),
        "union": Prefilled(ids.public(world.unit.id), "来自会员档案"),
        "division": Prefilled("990121001", "来自会员档案"),
        "employer": Prefilled("测试快运", "来自会员档案"),
    }
    await members.change_status(SYSTEM, member_id=admitted.id, act=MemberAct.LEAVE, reason="")
    assert await prefills.member_union(actor, {}) is None
    assert await prefills.member_name(actor, {}) is not None


async def test_nobody_else_gets_anything(world: World) -> None:
    admitted = await member(world)
    clerk = msgspec.structs.replace(world.clerk, member_id=admitted.id)
    for actor in (GUEST, clerk, await person(world), msgspec.structs.replace(await person(world), member_id=1)):
        for name in FIELDS:
            assert await getattr(prefills, f"member_{name}")(actor, {}) is None


async def test_what_is_sensitive_is_shown_masked(world: World) -> None:
    admitted = await member(world)
    actor = msgspec.structs.replace(await person(world), member_id=admitted.id)
    shown = msgspec.json.encode(await queries.service("temporary-aid", actor, given={})).decode()
    assert id_no() not in shown
    assert "15400000001" not in shown
    assert "来自会员档案" in shown
