"""The card: a code that dies within a minute, and what a scan says."""

import xml.etree.ElementTree as ET
from datetime import datetime

import pytest

from backend.core import clock, crypto, ids, reference
from backend.core.actor import SYSTEM
from backend.core.errors import NotFound
from backend.membership import commands, queries, rules
from backend.membership.enums import MemberAct
from backend.membership.schemas import CardCheck
from tests.membership.samples import Tree, admit, person

NOON = "2026-03-10T12:00:00+08:00"


async def card_holder(tree: Tree):
    admitted = await admit(tree.couriers, 1, account_id=(await person(1)).account_id)
    return admitted, await person(1)


async def test_the_card(tree: Tree, freeze) -> None:
    freeze(NOON)
    admitted, me = await card_holder(tree)

    card = await queries.card(me)

    assert (card.member_no, card.name, card.status, card.status_text, card.joined_on) == (
        "9901212026000001",
        "王小测",
        "active",
        "在籍",
        "2026-03-10",
    )
    assert (card.union.id, card.union.name) == (ids.public(tree.couriers), "黄枫镇快递行业工会联合会")
    step = int(datetime.fromisoformat(NOON).timestamp()) // 30
    assert card.qr.startswith(f"U1.{ids.public(admitted.id)}.{step}.")
    assert card.expires_in == 60
    assert ET.fromstring(card.qr_svg).tag.endswith("svg")  # noqa: S314 - our own


async def test_without_a_membership_there_is_no_card(tree: Tree) -> None:
    with pytest.raises(NotFound) as refusal:
        await queries.card(await person(1))
    assert refusal.value.code == "no_card"


async def test_a_scan_shows_masked_facts(tree: Tree, freeze) -> None:
    freeze(NOON)
    _, me = await card_holder(tree)
    card = await queries.card(me)

    checked = await queries.check_card(card.qr)

    assert checked == CardCheck(
        valid=True,
        name="王*测",
        union="黄枫镇快递行业工会联合会",
        status_text="在籍",
        member_no="990121******0001",
    )
    assert await queries.check_card(f"{reference.settings().base_url}/c/{card.qr}") == checked


@pytest.mark.parametrize(("shown", "lives"), [(0, 60), (12, 48), (29, 31), (30, 60)])
async def test_a_code_dies_when_it_says(tree: Tree, freeze, shown: int, lives: int) -> None:
    freeze(NOON)
    _, me = await card_holder(tree)
    clock.advance(seconds=shown)
    card = await queries.card(me)
    assert card.expires_in == lives

    clock.advance(seconds=lives - 1)
    assert (await queries.check_card(card.qr)).valid
    clock.advance(seconds=1)
    dead = await queries.check_card(card.qr)

    assert dead == CardCheck(valid=False, reason="二维码已经过期，请会员刷新会员证后再扫。")


async def test_made_up_codes(tree: Tree, freeze) -> None:
    freeze(NOON)
    admitted, me = await card_holder(tree)
    real = rules.parse_card((await queries.card(me)).qr)
    assert real is not None
    other = ids.public((await admit(tree.couriers, 2)).id)
    signature = crypto.sign("member-card", f"{real.member}.{real.step + 1}")[:16]
    made_up = {
        "other member": rules.card_text(rules.CardCode(other, real.step, real.signature)),
        "other step": rules.card_text(rules.CardCode(real.member, real.step + 1, real.signature)),
        "other signature": rules.card_text(rules.CardCode(real.member, real.step, "0" * 16)),
        "from the future": rules.card_text(rules.CardCode(real.member, real.step + 1, signature)),
        "member number": admitted.member_no,
        "nothing": "",
        "long": "U1." * 10_000,
    }

    for name, text in made_up.items():
        checked = await queries.check_card(text)
        assert (checked.valid, checked.name, checked.member_no) == (False, "", ""), name


@pytest.mark.parametrize(
    ("act", "valid", "text"),
    [(MemberAct.KEEP, True, "保留会籍"), (MemberAct.LEAVE, False, "已退会"), (MemberAct.DECEASED, False, "已去世")],
)
async def test_what_a_card_is_worth_follows_the_membership(tree: Tree, act: MemberAct, valid: bool, text: str) -> None:
    admitted, me = await card_holder(tree)
    code = (await queries.card(me)).qr
    await commands.change_status(SYSTEM, member_id=admitted.id, act=act, reason="测试")

    checked = await queries.check_card(code)

    assert (checked.valid, checked.status_text, bool(checked.reason)) == (valid, text, not valid)
