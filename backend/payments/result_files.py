"""The bank's answer to a run, as a sheet: by item, what was paid and what came back."""

from collections.abc import Iterator

from backend.core import sheet_reading, sheets
from backend.core.errors import invalid
from backend.core.money import fen_from_text
from backend.core.national import InvalidValue
from backend.payments.run_schemas import ResultRow

BANK_HEADING = ["批次号", "明细号", "户名", "卡号", "开户行", "金额（元）", "用途", "结果", "失败原因"]
_HEADINGS = {
    "key": ("明细号", "明细编号", "业务流水号", "客户流水号", "凭证号"),
    "amount": ("金额", "交易金额", "付款金额"),
    "result": ("结果", "处理结果", "交易结果", "处理状态", "交易状态", "状态"),
    "reason": ("失败原因", "原因", "退票原因", "退回原因", "备注", "附言"),
}
_PAID = ("成功", "付款成功", "交易成功", "已付款", "已付", "处理成功")
_RETURNED = ("失败", "退回", "退票", "付款失败", "交易失败", "已退回", "已退票", "处理失败")
MOST_ROWS = 5_000


def read(content: bytes) -> list[ResultRow]:
    """Every line with an item's key. Takes a moment for a large sheet."""
    sheets.check(content)
    found = sheet_reading.below_heading(content, _columns, lambda _, columns, lines: list(_rows(columns, lines)))
    if not found:
        raise invalid("sheet", "pay_results_unreadable")
    if len(found) > MOST_ROWS:
        raise invalid("sheet", "pay_results_too_long", most=MOST_ROWS)
    return found


def _columns(cells: list[str]) -> dict[str, int]:
    plain = [sheet_reading.plain_heading(cell) for cell in cells]
    found = {
        field: next(plain.index(name) for name in names if name in plain)
        for field, names in _HEADINGS.items()
        if any(name in plain for name in names)
    }
    return found if {"key", "amount", "result"} <= set(found) else {}


def _rows(columns: sheet_reading.Columns, lines: sheet_reading.Lines) -> Iterator[ResultRow]:
    for number, cells in lines:
        said = {field: cells[at].strip().lstrip("'") if at < len(cells) else "" for field, at in columns.items()}
        if any(said.values()):
            yield ResultRow(
                line=number,
                key=said["key"].upper(),
                amount_fen=_fen(said["amount"]),
                paid=True if said["result"] in _PAID else False if said["result"] in _RETURNED else None,
                reason=said.get("reason", ""),
            )


def _fen(text: str) -> int | None:
    try:
        return fen_from_text(text)
    except InvalidValue:
        return None
