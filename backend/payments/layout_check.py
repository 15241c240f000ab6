"""What cannot be in a layout of bank files, with the line it stands on."""

import re
from collections import Counter

from backend.core.strict_yaml import Document, Path
from backend.payments.bank_layouts import IN_HEAD, IN_ROW, LEAST_WIDTH, Cell, CellValue, Layout, LayoutKind, Place
from backend.payments.run_rules import MOST_ITEMS

LONGEST_NAME = 20
MOST_WIDTH = 200
MOST_HEAD_LINES = 20
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,19}\Z")
_NEEDED = {CellValue.ITEM: "明细号", CellValue.NAME: "户名", CellValue.CARD: "卡号"}
_AMOUNTS = (CellValue.YUAN, CellValue.FEN)


def check_layout(layout: Layout, document: Document) -> None:
    if not _SLUG.match(layout.slug):
        document.report(("slug",), f"“{layout.slug}”要用小写字母、数字和下划线，最多 20 个")
    if not 1 <= len(layout.name) <= LONGEST_NAME:
        document.report(("name",), f"名称要写 1 到 {LONGEST_NAME} 个字")
    if not 1 <= layout.most_rows <= MOST_ITEMS:
        document.report(("most_rows",), f"一个文件的笔数写 1 到 {MOST_ITEMS}")
    _needed(layout, document)
    for part, cells, known in (("head", layout.head, IN_HEAD), ("row", layout.row, IN_ROW)):
        for index, cell in enumerate(cells):
            if cell.value not in known:
                document.report((part, index, "value"), f"“{cell.value}”不能放在 {part} 里")
            _cell(cell, layout.kind, document, (part, index))
    if layout.kind is LayoutKind.TABLE:
        _headings(layout, document)
    _answer(layout, document)


def _needed(layout: Layout, document: Document) -> None:
    values = Counter(cell.value for cell in layout.row)
    for value, name in _NEEDED.items():
        if values[value] != 1:
            document.report(("row",), f"每一笔要有一个{name}（{value}），现在有 {values[value]} 个")
    if sum(values[one] for one in _AMOUNTS) != 1:
        document.report(("row",), "每一笔要有一个金额，写 yuan（元）或 fen（分）")


def _cell(cell: Cell, kind: LayoutKind, document: Document, path: Path) -> None:
    if cell.text and cell.value is not CellValue.TEXT:
        document.report((*path, "text"), "只有 value: text 的栏能写 text")
    if kind is LayoutKind.TABLE:
        if not cell.heading:
            document.report(path, "表格的每一栏要有 heading")
        if cell.width is not None:
            document.report((*path, "width"), "表格的栏没有 width")
        return
    if cell.heading:
        document.report((*path, "heading"), "定长文本的栏没有 heading")
    least = LEAST_WIDTH.get(cell.value, 1)
    if cell.width is None or not least <= cell.width <= MOST_WIDTH:
        document.report((*path, "width"), f"{cell.value} 的宽度写 {least} 到 {MOST_WIDTH} 个字节")
    elif len(cell.text.encode("gb18030")) > cell.width:
        document.report((*path, "text"), f"“{cell.text}”比宽度 {cell.width} 长")


def _headings(layout: Layout, document: Document) -> None:
    if layout.head:
        document.report(("head",), "表格没有 head，第一行是各栏的 heading")
    for heading, times in Counter(cell.heading for cell in layout.row).items():
        if heading and times > 1:
            document.report(("row",), f"heading “{heading}”写了 {times} 次")


def _answer(layout: Layout, document: Document) -> None:
    answer = layout.answer
    for name in ("item", "amount", "result", "reason"):
        _place(getattr(answer, name), layout.kind, document, ("answer", name))
    if layout.kind is LayoutKind.FIXED:
        _overlaps(layout, document)
    if not 0 <= answer.head_lines <= MOST_HEAD_LINES:
        document.report(("answer", "head_lines"), f"开头的行数写 0 到 {MOST_HEAD_LINES}")
    for name in ("paid", "returned"):
        if not getattr(answer, name):
            document.report(("answer", name), "至少写一个结果")
    if both := sorted(set(answer.paid) & set(answer.returned)):
        document.report(("answer", "returned"), f"“{both[0]}”在 paid 里也有，分不清是付了还是退了")


def _place(place: Place, kind: LayoutKind, document: Document, path: Path) -> None:
    if kind is LayoutKind.TABLE:
        if not place.headings:
            document.report(path, "要写 headings，银行的表里这一栏可能叫什么")
        return
    if place.start is None or place.width is None or place.start < 1 or not 1 <= place.width <= MOST_WIDTH:
        document.report(path, f"要写 start（从 1 数起）和 width（1 到 {MOST_WIDTH} 个字节）")


def _overlaps(layout: Layout, document: Document) -> None:
    answer, reached, before = layout.answer, 0, ""
    placed = [(name, getattr(answer, name)) for name in ("item", "amount", "result", "reason")]
    for name, place in sorted(placed, key=lambda one: one[1].start or 0):
        if place.start is None or place.width is None:
            continue
        if place.start <= reached:
            document.report(("answer", name, "start"), f"从第 {place.start} 个字节开始，和 {before} 重叠")
        reached, before = place.start + place.width - 1, name
