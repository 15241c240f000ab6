"""Relatives that staff declare: kept sealed, shown masked, named once, and taken back without being forgotten."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from backend.core import crypto, database, ids, national
from backend.core.actor import Actor
from backend.core.errors import Invalid, NotFound
from backend.identity import commands, relatives
from backend.identity.schemas import RelativeInput

ID_NO = national.synthetic_id_no(date(1988, 5, 4), 6)


@pytest.fixture
def clerk(db: None, freeze: Callable[[str], datetime]) -> Actor:
    freeze("2026-03-10T09:00:00+08:00")
    return Actor(kind="staff", account_id=ids.new_id(), display="邹小明")


def sister(**changes: Any) -> RelativeInput:
    fields = {"relation": "sibling", "name": "邹小雨", "id_no": ID_NO, "phone": "154 0000 0007"} | changes
    return RelativeInput(**fields)


async def declare(clerk: Actor, **changes: Any) -> None:
    await commands.declare_relative(data=sister(**changes), actor=clerk)


async def test_shown_masked_and_kept_sealed(clerk: Actor) -> None:
    await declare(clerk)
    [line] = await relatives.own_relatives(clerk)
    assert (line.relation_text, line.name, line.id_no, line.phone) == (
        "兄弟姐妹",
        "邹*雨",
        national.mask_id_no(ID_NO),
        "154****0007",
    )
    [row] = await database.rows("SELECT * FROM relative")
    assert row["id_no_index"] == crypto.blind_index("id_no", ID_NO)
    assert row["phone_index"] == crypto.blind_index("phone", "15400000007")
    assert not any(secret in str(row) for secret in (ID_NO, "邹小雨", "15400000007"))
    assert await relatives.own_relatives(Actor(kind="staff", account_id=7)) == []


async def test_every_wrong_field_is_named(clerk: Actor) -> None:
    with pytest.raises(Invalid) as wrong:
        await declare(clerk, relation="cousin", name="", id_no="123", phone="12")
    assert [one.field for one in wrong.value.errors] == ["relation", "name", "id_no", "phone"]


async def test_nobody_is_named_twice_until_taken_back(clerk: Actor) -> None:
    await declare(clerk)
    with pytest.raises(Invalid) as twice:
        await declare(clerk, relation="other")
    assert [(one.field, one.message) for one in twice.value.errors] == [("id_no", "这个人已经申报过了。")]
    [line] = await relatives.own_relatives(clerk)
    with pytest.raises(NotFound):
        await commands.take_back_relative(relative=line.id, actor=Actor(kind="staff", account_id=7))
    await commands.take_back_relative(relative=line.id, actor=clerk)
    assert await relatives.own_relatives(clerk) == []
    with pytest.raises(NotFound):
        await commands.take_back_relative(relative=line.id, actor=clerk)
    await declare(clerk, relation="other")
    assert [one.relation for one in await relatives.own_relatives(clerk)] == ["other"]
    assert await database.scalar("SELECT COUNT(*) FROM relative") == 2


async def test_there_is_an_end_to_it(clerk: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.identity.commands.relatives.MOST", 1)
    await declare(clerk)
    with pytest.raises(Invalid) as full:
        await declare(clerk, id_no=national.synthetic_id_no(date(1988, 5, 4), 8))
    assert full.value.errors[0].message == "最多申报 1 人，请先去掉不用的。"


async def test_what_was_done_is_in_the_audit_log_without_names(clerk: Actor) -> None:
    await declare(clerk)
    [line] = await relatives.own_relatives(clerk)
    await commands.take_back_relative(relative=line.id, actor=clerk)
    rows = await database.rows("SELECT action, detail FROM audit ORDER BY id")
    assert [row["action"] for row in rows] == ["relative.declared", "relative.taken_back"]
    assert "邹" not in str(rows)
