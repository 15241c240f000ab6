"""Double entry: what goes in one place comes from another, once, and back only by a second posting."""

from datetime import UTC, datetime

import pytest

from backend.core import clock, database
from backend.core.actor import SYSTEM
from backend.core.errors import Conflict, NotFound
from backend.payments import commands, queries
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.schemas import Line, StatementLine
from tests.payments.samples import account_of, balances, broken

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)


async def moved(key: str, of: int, to: int, amount_fen: int) -> int:
    lines = [Line(of, -amount_fen), Line(to, amount_fen)]
    return await commands.post(key=key, kind=PostingKind.ISSUE, lines=lines, actor=SYSTEM)


async def pair() -> tuple[int, int]:
    return await account_of(AccountKind.SOURCE), await account_of(AccountKind.HELD)


async def test_money_moves_from_account_to_account(db: None) -> None:
    source, held = await pair()
    issued = await account_of(AccountKind.ISSUED)
    await moved("in", source, held, 100_00)
    await moved("out", held, issued, 30_05)
    assert [await queries.balance(one) for one in (source, held, issued)] == [-100_00, 69_95, 30_05]
    assert await broken() == []


async def test_a_key_posts_once(db: None) -> None:
    source, held = await pair()
    first = await moved("once", source, held, 500)
    assert await moved("once", source, held, 500) == first == await queries.posting_of("once")
    assert await queries.balance(held) == 500
    with pytest.raises(ValueError, match="moved something else"):
        await moved("once", source, held, 501)
    assert await queries.balance(held) == 500


async def test_no_account_but_a_source_falls_below_zero(db: None) -> None:
    source, held = await pair()
    issued = await account_of(AccountKind.ISSUED)
    await moved("in", source, held, 500)
    with pytest.raises(Conflict) as refused:
        await moved("too much", held, issued, 501)
    assert refused.value.code == "account_too_small"
    assert await balances() == {"source": -500, "held": 500}
    assert await queries.posting_of("too much") is None
    await moved("all of it", held, issued, 500)
    assert await balances() == {"source": -500, "issued": 500}
    assert await broken() == []


@pytest.mark.parametrize(
    ("amounts", "problem"),
    [
        ((-5, 4), "sums to zero"),
        ((5,), "different accounts"),
        ((0, 0), "has an amount"),
        ((-(10**14), 10**14), "has an amount"),
    ],
)
async def test_what_is_no_double_entry_is_a_bug(db: None, amounts: tuple[int, ...], problem: str) -> None:
    accounts = await pair()
    lines = [Line(account, amount) for account, amount in zip(accounts, amounts, strict=False)]
    with pytest.raises(ValueError, match=problem):
        await commands.post(key="odd", kind=PostingKind.PAY, lines=lines, actor=SYSTEM)
    with pytest.raises(ValueError, match="different accounts"):
        same = [Line(accounts[0], 5), Line(accounts[0], -5)]
        await commands.post(key="odd", kind=PostingKind.PAY, lines=same, actor=SYSTEM)
    assert await balances() == {}


async def test_a_posting_is_taken_back_by_its_opposite_and_once(db: None) -> None:
    source, held = await pair()
    await moved("in", source, held, 500)
    first = await commands.reverse(SYSTEM, posting_key="in", key="back", reason="录错了")
    assert await commands.reverse(SYSTEM, posting_key="in", key="back", reason="录错了") == first
    assert await balances() == {}
    with pytest.raises(Conflict) as refused:
        await commands.reverse(SYSTEM, posting_key="in", key="back again", reason="又录错了")
    assert refused.value.code == "already_reversed"
    with pytest.raises(NotFound):
        await commands.reverse(SYSTEM, posting_key="never", key="x", reason="没有")
    assert await broken() == []


async def test_what_was_spent_is_not_taken_back(db: None) -> None:
    source, held = await pair()
    issued = await account_of(AccountKind.ISSUED)
    await moved("in", source, held, 500)
    await moved("out", held, issued, 500)
    with pytest.raises(Conflict) as refused:
        await commands.reverse(SYSTEM, posting_key="in", key="back", reason="录错了")
    assert refused.value.code == "account_too_small"
    assert await balances() == {"source": -500, "issued": 500}


async def test_a_statement_says_the_balance_after_each_entry(db: None) -> None:
    source, held = await pair()
    clock.freeze(NOON)
    for number, amount in enumerate((500, 20, 3)):
        await moved(f"in {number}", source, held, amount)
        clock.advance(hours=1)
    await commands.reverse(SYSTEM, posting_key="in 1", key="back", reason="录错了")
    first = await queries.statement(held, limit=2)
    rest = await queries.statement(held, limit=2, cursor=first.next_cursor)
    assert [(line.amount_fen, line.balance_fen) for line in first.items + rest.items] == [
        (-20, 503),
        (3, 523),
        (20, 520),
        (500, 500),
    ]
    assert rest.next_cursor is None
    latest = first.items[0]
    assert latest == StatementLine(
        id=latest.id,
        at="2026-03-10T15:00:00+08:00",
        kind="reverse",
        kind_text="冲正",
        reason="录错了",
        amount_fen=-20,
        balance_fen=503,
    )


async def test_the_doctor_sees_what_was_tampered_with(db: None) -> None:
    source, held = await pair()
    await moved("in", source, held, 500)
    await database.execute("UPDATE ledger_account SET balance_fen = 501 WHERE id = %s", held)
    assert await broken() == ["a balance is not what was posted"]
    await database.execute("UPDATE ledger_entry SET amount_fen = 501 WHERE account_id = %s", held)
    assert await broken() == ["a posting does not sum to zero"]
