"""What a bank answers is booked line by line to the fen, once, or not at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import database, sheets
from backend.core.errors import AppError
from backend.payments import layout_files, result_files, run_rules
from backend.payments.enums import ItemState
from backend.payments.run_schemas import KnownItem, ResultRow
from tests.payments.runs import Office
from tests.payments.samples import balances
from tests.vouchers.world import broken


async def test_the_same_file_twice_changes_nothing(office: Office) -> None:
    await office.dues(3)
    run = await office.sent()
    await office.answer(run.id, returned={2: "户名不符"})
    before = await balances()
    again = await office.answer(run.id, returned={2: "户名不符"})
    assert (again.applied, again.paid, again.returned, again.unchanged) == (True, 0, 0, 3)
    assert await balances() == before
    assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE topic = 'payments.ResultsBooked'") == 1
    turned = await office.answer(run.id)
    assert (turned.applied, [one.key[-4:] for one in turned.problems]) == (False, ["0002"])
    assert await balances() == before


async def test_nothing_is_booked_until_all_fits(office: Office) -> None:
    await office.dues(4)
    run = await office.sent()
    rows = await office.answer_rows(run.id, {3: "账户冻结"})
    wrong = [[*rows[0][:1], "100.01", "成功", ""], ["ZF202600001-9999", "100.00", "成功", ""], rows[1], rows[2]]
    read = office.read(sheets.xlsx_bytes(["明细号", "金额", "结果", "原因"], wrong))
    view = await office.book(run.id, read)
    assert (view.applied, view.paid, view.returned) == (False, 1, 1)
    assert [(one.line, one.key[-4:], one.message) for one in view.problems] == [
        (2, "0001", "金额不一致，批次里是 100.00 元。"),
        (3, "9999", "这个批次里没有这个明细号。"),
        (0, "0004", "文件里没有这一笔的结果。"),
    ]
    assert await database.scalar("SELECT COUNT(*) FROM pay_item WHERE state = 'sent'") == 4
    fitting = await office.book(run.id, read, fitting=True)
    assert (fitting.applied, fitting.paid, fitting.returned) == (True, 1, 1)
    assert (await office.run(run.id)).state == "exported"
    rest = await office.answer(run.id, returned={3: "账户冻结"})
    assert (rest.applied, rest.paid, rest.unchanged) == (True, 2, 2)
    assert (await office.run(run.id)).state == "settled"
    assert await broken() == []


async def test_our_own_file_filled_in_by_the_bank_is_read(office: Office) -> None:
    await office.dues(2)
    run = await office.sent()
    file = await office.file(run.id)
    rows = [[*row[:-2], "成功", ""] for row in file.rows]
    for make in (sheets.csv_bytes, sheets.xlsx_bytes):
        read = office.read(make(file.head, rows))
        assert [(one.key[-4:], one.amount_fen, one.paid) for one in read] == [
            ("0001", 100_00, True),
            ("0002", 100_00, True),
        ]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file_empty"), ("姓名\n王小测".encode(), "pay_results_unreadable"), (b"\x00\x01", "sheet_type_refused")],
)
def test_what_is_no_answer_is_refused(kernel: None, content: bytes, code: str) -> None:
    with pytest.raises(AppError) as refused:
        result_files.read(content, layout_files.all_layouts()[0])
    assert refused.value.code == code


ITEMS = st.lists(
    st.builds(
        lambda seq, fen, state: KnownItem(id=seq, key=f"K{seq}", seq=seq, due_id=seq, amount_fen=fen, state=state),
        st.integers(1, 30),
        st.integers(1, 500),
        st.sampled_from([ItemState.SENT, ItemState.PAID, ItemState.RETURNED]),
    ),
    unique_by=lambda item: item.key,
)
ROWS = st.lists(
    st.builds(
        lambda line, seq, fen, paid: ResultRow(line=line, key=f"K{seq}", amount_fen=fen, paid=paid),
        st.integers(2, 60),
        st.integers(1, 30),
        st.one_of(st.none(), st.integers(1, 500)),
        st.one_of(st.none(), st.booleans()),
    )
)


@given(ITEMS, ROWS, st.data())
def test_only_what_was_sent_is_booked_and_each_once(
    kernel: None, items: list[KnownItem], rows: list[ResultRow], data: Any
) -> None:
    true = [ResultRow(line=99, key=one.key, amount_fen=one.amount_fen, paid=data.draw(st.booleans())) for one in items]
    found = run_rules.match(items, [*rows, *true])
    booked = [*found.paid, *(item for item, _ in found.returned)]
    assert len({one.id for one in booked}) == len(booked)
    assert all(one.state is ItemState.SENT for one in booked)
    assert len(booked) == sum(one.state is ItemState.SENT for one in items)
    assert all(problem.line for problem in found.problems)
