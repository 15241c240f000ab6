"""A voucher at a till: used once, refused with a reason, given back the same day."""

from datetime import date
from typing import Any

import pytest

from backend.core import clock, database, ids
from backend.core.errors import AppError, Conflict, Invalid, NotFound
from backend.payments import queries as money
from backend.vouchers import commands, queries
from backend.vouchers.enums import CampaignKind
from backend.vouchers.shop_schemas import RedemptionView, UseView
from backend.web import limits
from tests.payments.samples import balances
from tests.vouchers.tills import redeem, scanned, shop_of, strange_code, voucher_of
from tests.vouchers.world import County, broken, opened


@pytest.fixture(autouse=True)
async def _count_afresh(settings: Any) -> None:
    limits.configure(settings)


async def refusal(cashier: Any, code: str, *args: Any) -> tuple[str, str]:
    """The code and the sentence; nothing has changed."""
    before = await _rows()
    with pytest.raises(AppError) as refused:
        await redeem(cashier, code, *args)
    assert await _rows() == before
    errors = refused.value.errors
    return refused.value.code, errors[0].message if errors else refused.value.detail


async def _rows() -> list[int]:
    tables = ("redemption", "ledger_posting", "ledger_entry", "audit", "voucher WHERE state = 'redeemed'")
    return [await database.scalar(f"SELECT COUNT(*) FROM {table}") for table in tables]


async def test_a_voucher_is_used_once_and_the_shop_is_owed_its_worth(county: County) -> None:
    counter = await shop_of(county)
    voucher, member = await voucher_of(county)
    taken = await redeem(counter.second, await scanned(voucher, member), "A-001", 120_00)
    assert taken == RedemptionView(
        id=taken.id,
        receipt_no="A-001",
        campaign_name="三月消费券",
        kind="voucher",
        amount_fen=120_00,
        worth_fen=50_00,
        pay_fen=70_00,
        shop_name="望城老街饭店",
        cashier="02",
        at="2026-03-10T09:00:00+08:00",
        day="2026-03-10",
        offline=False,
        undone_at=None,
        undo_reason="",
        settled=False,
        may_undo=True,
    )
    assert (await queries.own_voucher(voucher.id, member)).state == "redeemed"
    assert (await queries.desk_shop(counter.shop, county.welfare)).payable_fen == 50_00
    voucher_id = ids.parse(voucher.id) or 0
    assert await queries.uses_of([voucher_id], member_id=member.member_id or 0) == {
        voucher_id: UseView(
            shop_name="望城老街饭店", cashier="02", at="2026-03-10T09:00:00+08:00", amount_fen=120_00, worth_fen=50_00
        )
    }
    assert await queries.uses_of([voucher_id], member_id=1) == {}
    assert await broken() == []


async def test_the_same_receipt_is_the_same_use_however_it_is_typed(county: County) -> None:
    counter = await shop_of(county)
    voucher, member = await voucher_of(county)
    picture = await scanned(voucher, member)
    first = await redeem(counter.first, picture)
    assert await redeem(counter.second, voucher.code.lower(), " A-001 ") == first
    assert await redeem(counter.second, voucher.code.replace(" ", "-")) == first
    clock.advance(minutes=5)
    assert await redeem(counter.first, picture) == first
    assert (await balances())["payable"] == 50_00
    other, _ = await voucher_of(county)
    assert await refusal(counter.first, voucher.code, "A-001", 120_01) == (
        "receipt_used",
        "小票号 A-001 已经核销过另一笔，请核对小票号。",
    )
    assert (await refusal(counter.first, other.code, "A-001"))[0] == "receipt_used"


async def test_a_second_use_is_told_when_and_where(county: County) -> None:
    here, there = await shop_of(county), await shop_of(county, "黄枫超市")
    voucher, _ = await voucher_of(county)
    clock.advance(hours=3, minutes=3)
    await redeem(here.second, voucher.code)
    for cashier in (here.first, there.first):
        assert await refusal(cashier, voucher.code, "B-7") == (
            "already_redeemed",
            "这张券已经用过：12:03 在“望城老街饭店”由收银员02核销。",
        )
    clock.advance(days=1)
    assert (await refusal(there.first, voucher.code, "B-7"))[1].startswith("这张券已经用过：3月10日 12:03 在")
    with pytest.raises(Conflict) as refused:
        await redeem(there.first, voucher.code, "B-7")
    assert refused.value.extra == {"at": "2026-03-10T12:03:00+08:00", "shop": "望城老街饭店", "cashier": "02"}
    # Another shop counts its receipts by itself.
    other, _ = await voucher_of(county)
    assert (await redeem(there.first, other.code, "A-001")).shop_name == "黄枫超市"


async def test_a_picture_dies_and_a_code_does_not(county: County) -> None:
    counter = await shop_of(county)
    voucher, member = await voucher_of(county)
    picture = await scanned(voucher, member)
    clock.advance(seconds=61)
    assert await refusal(counter.first, picture) == (
        "code_stale",
        "二维码已经过期（每分钟换一次），请会员刷新后再扫。",
    )
    picture = await scanned(voucher, member)
    clock.advance(seconds=60)
    assert (await redeem(counter.first, picture)).worth_fen == 50_00


@pytest.mark.parametrize("code", ["", "ABCD", "优惠券", "A" * 16, "V1.x.y.z.w", "V1." + "A" * 500, "\x00"])
async def test_what_is_no_voucher(county: County, code: str) -> None:
    counter = await shop_of(county)
    assert await refusal(counter.first, code) == ("voucher_unknown", "没有这张券。请核对券码，或请会员刷新二维码再扫。")


async def test_guessing_ends_after_ten(county: County) -> None:
    counter = await shop_of(county)
    for _ in range(10):
        assert (await refusal(counter.first, strange_code()))[0] == "voucher_unknown"
    assert (await refusal(counter.first, strange_code()))[0] == "codes_too_often"
    assert (await refusal(counter.second, strange_code()))[0] == "voucher_unknown"


@pytest.mark.parametrize(
    ("receipt_no", "amount_fen", "code", "message"),
    [
        ("", 120_00, "receipt_no", "请填写小票号，最多 32 个字符。"),
        ("A" * 33, 120_00, "receipt_no", "请填写小票号，最多 32 个字符。"),
        ("A\n1", 120_00, "receipt_no", "请填写小票号，最多 32 个字符。"),
        ("A", 0, "amount_fen", "消费金额要大于 0。"),
        ("A", -1, "amount_fen", "消费金额要大于 0。"),
        ("A", 1_000_000_01, "amount_fen", "消费金额超过 1,000,000.00 元，请检查是不是多写了几位。"),
        ("A", 2**70, "amount_fen", "消费金额超过 1,000,000.00 元，请检查是不是多写了几位。"),
    ],
)
async def test_what_is_no_bill(county: County, receipt_no: str, amount_fen: int, code: str, message: str) -> None:
    counter = await shop_of(county)
    voucher, _ = await voucher_of(county)
    with pytest.raises(Invalid) as refused:
        await redeem(counter.first, voucher.code, receipt_no, amount_fen)
    assert [(one.field, one.message) for one in refused.value.errors] == [(code, message)]


async def test_the_bill_reaches_the_threshold_and_what_the_voucher_is_worth(county: County) -> None:
    counter = await shop_of(county)
    voucher, _ = await voucher_of(county)
    assert await refusal(counter.first, voucher.code, "A", 99_99) == (
        "below_threshold",
        "这张券要消费满 100.00 元才能用。",
    )
    assert (await redeem(counter.first, voucher.code, "A", 100_00)).pay_fen == 50_00
    gift, _ = await voucher_of(county, threshold_fen=0, kind=CampaignKind.GIFT, name="劳动者礼包")
    assert await refusal(counter.first, gift.code, "B", 49_99) == (
        "below_threshold",
        "这张券要消费满 50.00 元才能用。",
    )
    assert (await redeem(counter.first, gift.code, "B", 50_00)).pay_fen == 0


async def test_only_in_the_shops_it_is_for(county: County) -> None:
    here, there = await shop_of(county), await shop_of(county, "黄枫超市")
    by_name, _ = await voucher_of(county, shops=["黄枫超市"])
    by_id, _ = await voucher_of(county, shops=[there.shop, "邻居的店"], name="四月消费券")
    for number, voucher in enumerate((by_name, by_id)):
        assert await refusal(here.first, voucher.code) == (
            "voucher_of_other_shops",
            "这张券不能在“望城老街饭店”使用，适用的商户写在会员的券上。",
        )
        assert (await redeem(there.first, voucher.code, f"A-{number}")).shop_name == "黄枫超市"


async def test_only_where_its_union_is(county: County) -> None:
    town = ids.public(county.unit.parent_id or 0)
    below = await shop_of(county, "镇上的店", union=town)
    voucher, _ = await voucher_of(county)
    assert (await redeem(below.first, voucher.code)).shop_name == "镇上的店"
    other, _ = await voucher_of(county)
    await database.execute("UPDATE union_org SET path = '/999/' WHERE id = %s", county.unit.parent_id)
    assert await refusal(below.first, other.code, "B") == (
        "voucher_of_another_place",
        "这张券不是本地工会发的，这里不能用。",
    )


async def test_until_its_last_day_is_over(county: County) -> None:
    counter = await shop_of(county)
    campaign = await opened(county)
    last, late = [(await voucher_of(county, campaign))[0] for _ in range(2)]
    clock.advance(days=21, hours=14, minutes=59, seconds=59)
    assert clock.local(clock.now()).isoformat() == "2026-03-31T23:59:59+08:00"
    assert (await redeem(counter.first, last.code, "A")).day == "2026-03-31"
    clock.advance(seconds=1)
    expected = ("voucher_expired", "这张券的有效期到 3月31日 为止，已经过期。")
    assert await refusal(counter.first, late.code, "B") == expected
    assert await commands.expire(10) == 1
    assert await refusal(counter.first, late.code, "B") == expected
    assert await broken() == []


async def test_a_frozen_one_is_refused(county: County) -> None:
    counter = await shop_of(county)
    voucher, _ = await voucher_of(county)
    await database.execute("UPDATE voucher SET state = 'frozen'")
    assert await refusal(counter.first, voucher.code) == (
        "voucher_frozen",
        "这张券已冻结，暂时不能用，请会员与工会联系。",
    )


async def test_a_use_is_undone_the_same_day_and_the_voucher_is_good_again(county: County) -> None:
    counter = await shop_of(county)
    voucher, member = await voucher_of(county)
    taken = await redeem(counter.first, voucher.code)
    clock.advance(hours=14, minutes=59)
    back = await commands.undo(redemption=taken.id, reason=" 会员退菜 ", actor=counter.second)
    assert (back.undone_at, back.undo_reason, back.may_undo) == ("2026-03-10T23:59:00+08:00", "会员退菜", False)
    assert await commands.undo(redemption=taken.id, reason="又一次", actor=counter.first) == back
    assert (await queries.own_voucher(voucher.id, member)).state == "issued"
    assert (await balances()).get("payable", 0) == 0
    assert await refusal(counter.first, voucher.code) == (
        "receipt_undone",
        "小票号 A-001 的核销已经撤销，重新核销请换一个小票号。",
    )
    assert (await redeem(counter.first, voucher.code, "A-002")).id != taken.id
    assert [one.receipt_no for one in (await queries.till_redemptions(counter.first)).items] == ["A-002", "A-001"]
    traces = await database.rows("SELECT action FROM audit WHERE object_kind = 'redemption' ORDER BY id")
    assert [row["action"] for row in traces] == ["voucher.redeemed", "redemption.undone", "voucher.redeemed"]
    assert await broken() == []


async def test_nothing_is_undone_later_without_a_reason_or_elsewhere(county: County) -> None:
    counter, other = await shop_of(county), await shop_of(county, "黄枫超市")
    voucher, _ = await voucher_of(county)
    taken = await redeem(counter.first, voucher.code)
    for reason in ("", "误", "误" * 101, "误\x00刷"):
        with pytest.raises(Invalid) as wrong:
            await commands.undo(redemption=taken.id, reason=reason, actor=counter.first)
        assert [(one.field, one.message) for one in wrong.value.errors] == [
            ("reason", "请写明撤销的原因，2 到 100 个字。")
        ]
    for redemption, cashier in ((taken.id, other.first), ("0" * 13, counter.first), ("x", counter.first)):
        with pytest.raises(NotFound):
            await commands.undo(redemption=redemption, reason="误刷", actor=cashier)
    clock.advance(hours=15)
    with pytest.raises(Conflict) as late:
        await commands.undo(redemption=taken.id, reason="误刷", actor=counter.first)
    assert late.value.code == "undo_too_late"
    assert (await queries.till_redemption(taken.id, counter.second)).undone_at is None
    yesterday = await queries.till_redemptions(counter.first, day=date(2026, 3, 10))
    assert [(one.id, one.may_undo) for one in yesterday.items] == [(taken.id, False)]
    assert (await queries.till_redemptions(counter.first)).items == []


async def test_a_page_of_redemptions_goes_on(county: County) -> None:
    counter = await shop_of(county)
    campaign = await opened(county)
    made = []
    for number in range(3):
        voucher, _ = await voucher_of(county, campaign)
        made.append((await redeem(counter.first, voucher.code, f"A-{number}")).id)
    first = await queries.till_redemptions(counter.second, limit=2)
    rest = await queries.till_redemptions(counter.second, limit=2, cursor=first.next_cursor)
    assert [one.id for one in first.items + rest.items] == made[::-1]
    shop_id = ids.parse(counter.shop) or 0
    account = await database.scalar("SELECT payable_account_id FROM shop WHERE id = %s", shop_id)
    lines = (await money.statement(account)).items
    assert [(one.kind, one.amount_fen, one.balance_fen) for one in lines] == [
        ("redeem", 50_00, 150_00),
        ("redeem", 50_00, 100_00),
        ("redeem", 50_00, 50_00),
    ]
