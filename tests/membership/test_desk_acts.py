"""What a desk does to a membership by its own decision."""

import pytest

from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict, Invalid, NotFound
from backend.membership import commands, queries
from tests.membership.samples import Tree, admit, clerk, person


async def act(desk: Actor, member: str, name: str, *, reason: str = "本人书面申请", version: int = 1) -> None:
    await commands.change_at_desk(desk, member=member, act=name, reason=reason, version=version)


@pytest.mark.parametrize(
    ("acts", "statuses"),
    [
        (["keep", "restore"], ["kept", "active"]),
        (["leave"], ["left"]),
        (["expel"], ["expelled"]),
        (["deceased", "restore"], ["deceased", "active"]),
    ],
)
async def test_every_state_is_reached_and_audited(tree: Tree, acts: list[str], statuses: list[str]) -> None:
    member = ids.public((await admit(tree.couriers)).id)
    desk = await clerk(tree.town)
    for version, (name, status) in enumerate(zip(acts, statuses, strict=True), start=1):
        offered = [one.value for one in (await queries.detail(member, desk)).acts]
        assert name in offered
        await act(desk, member, name, version=version)
        assert (await queries.detail(member, desk)).member.status == status
    detail = await queries.detail(member, desk)
    assert detail.version == len(acts) + 1
    assert [line.reason for line in detail.history[: len(acts)]] == ["本人书面申请"] * len(acts)
    rows = await database.rows("SELECT action, actor_id FROM audit WHERE actor_kind = 'staff' ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [(f"member.{name}", desk.account_id) for name in acts]


async def test_what_is_refused_changes_nothing(tree: Tree) -> None:
    member = ids.public((await admit(tree.couriers)).id)
    desk = await clerk(tree.town)
    refusals: list[tuple[type[AppError], str, dict[str, object]]] = [
        (Conflict, "member_changed", {"name": "leave", "version": 2}),
        (Conflict, "status_change_impossible", {"name": "restore"}),
        (Invalid, "member_act_unknown", {"name": "transfer_out"}),
        (Invalid, "member_act_unknown", {"name": ""}),
        (Invalid, "member_reason_missing", {"name": "leave", "reason": ""}),
    ]
    for kind, code, sent in refusals:
        with pytest.raises(kind) as refusal:
            await act(desk, member, **sent)  # type: ignore[arg-type]
        assert refusal.value.code == code
    no_power = await clerk(tree.town, permissions=frozenset({"member.view", "phone.release"}))
    for stranger in (await clerk(tree.other_town), no_power, await person(1)):
        with pytest.raises(NotFound):
            await act(stranger, member, "leave")
    assert (await queries.detail(member, no_power)).acts == []
    assert (await queries.detail(member, desk)).member.status == "active"


async def test_two_clerks_at_once_act_once(tree: Tree) -> None:
    member = ids.public((await admit(tree.couriers)).id)
    await act(await clerk(tree.town), member, "keep")
    with pytest.raises(Conflict) as refusal:
        await act(await clerk(tree.county), member, "leave")
    assert refusal.value.code == "member_changed"
