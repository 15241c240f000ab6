"""Layouts of bank files: what is wrong in config/banks/ stops the start; two banks' files go out and come back."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend import cli
from backend.core import database, ids
from backend.core.errors import Conflict, Invalid
from backend.core.settings import CONFIG_DIR
from backend.payments import bank_files, commands, layout_files, programmes
from backend.payments.bank_layouts import Layout
from backend.payments.layout_files import LayoutError
from backend.payments.programmes import ProgrammesError
from backend.payments.run_schemas import NewRun
from tests.casework.browser import browse
from tests.payments.runs import BUDGET, Office, card_number, due
from tests.payments.samples import balances
from tests.vouchers.world import broken

TABLE = (CONFIG_DIR / "banks" / "table.yaml").read_text("utf-8")
FIXED = (CONFIG_DIR / "banks" / "fixed.yaml").read_text("utf-8")


def folder(base: Path, *, table: str = TABLE, fixed: str = FIXED) -> Path:
    (base / "banks").mkdir(parents=True)
    (base / "banks" / "table.yaml").write_text(table, "utf-8")
    (base / "banks" / "fixed.yaml").write_text(fixed, "utf-8")
    return base


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_the_two_that_ship_are_well(tmp_path: Path) -> None:
    layouts, problems = layout_files.read(CONFIG_DIR)
    assert ([one.slug for one in layouts], problems) == (["table", "fixed"], [])
    assert layout_files.check(folder(tmp_path)) == []


SLIPS = [
    ("{value: fen, width: 13}", "{value: fen, width: 9}", "fen 的宽度写 13 到 200 个字节"),
    ("{value: card, width: 24}", "{value: card}", "card 的宽度写 19 到 200 个字节"),
    ("text: D}", "text: DD}", "“DD”比宽度 1 长"),
    ("{value: bank, width: 60}", "{value: count, width: 60}", "“count”不能放在 row 里"),
    ("most_rows: 2000", "most_rows: 9999", "一个文件的笔数写 1 到 5000"),
    ("amount: {start: 22, width: 13}", "amount: {start: 20, width: 13}", "从第 20 个字节开始，和 item 重叠"),
    ("result: {start: 35, width: 4}", "result: {width: 4}", "要写 start（从 1 数起）和 width（1 到 200 个字节）"),
    ('returned: ["1001"', 'returned: ["0000"', "“0000”在 paid 里也有，分不清是付了还是退了"),
    ('paid: ["0000"]', "paid: [0000]", "“0000”会被当成八进制等写法的数，请写普通整数，要当文字就加引号"),
    ("slug: fixed", "slug: fixd", "“fixd”和文件名不符，应为 fixed"),
    ("kind: fixed", "kind: fixt", "“fixt”不在可选范围内，可以写：table、fixed"),
    ("name: 定长文本", "name: 定长文本\nusual: true", "也写了 usual: true，只能有一个"),
]


@pytest.mark.parametrize(("right", "wrong", "sentence"), SLIPS)
def test_a_slip_is_told_with_file_line_and_sentence(tmp_path: Path, right: str, wrong: str, sentence: str) -> None:
    assert right in FIXED
    text = FIXED.replace(right, wrong)
    config = folder(tmp_path, fixed=text, table=TABLE)
    told = layout_files.check(config)
    line = line_of(text, wrong.splitlines()[-1])
    assert any(one.startswith(f"config/banks/fixed.yaml:{line}: ") or "usual" in wrong for one in told), told
    assert any(sentence in one for one in told), told
    with pytest.raises(LayoutError, match="config/banks/"):
        layout_files.load(config)


def test_a_table_has_headings_and_one_of_each(tmp_path: Path) -> None:
    text = TABLE.replace("heading: 开户行", "heading: 户名").replace("{value: card, heading: 卡号}", "{value: card}")
    told = layout_files.check(
        folder(tmp_path, table=text.replace("{value: yuan, heading: 金额（元）}", "{value: text, heading: 空}"))
    )
    assert [one.partition(": ")[2] for one in told] == [
        "heading “户名”写了 2 次",
        "每一笔要有一个金额，写 yuan（元）或 fen（分）",
        "表格的每一栏要有 heading",
    ]


def test_without_a_usual_one_there_is_no_start(tmp_path: Path) -> None:
    told = layout_files.check(folder(tmp_path, table=TABLE.replace("usual: true\n", "")))
    assert told == ["config/banks/*.yaml:1: 要有一个格式写 usual: true，没有选的时候按它做银行文件"]


def test_a_wrong_file_fails_the_check_of_the_command_line(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    config = tmp_path / "config"
    shutil.copytree(CONFIG_DIR, config)
    (config / "banks" / "fixed.yaml").write_text(
        FIXED.replace("width: 13}\n  - {value: purpose", "}\n  - {value: purpose")
    )
    (config / "programmes.yaml").write_text("医疗互助: [mutual-aid]\n临时救助: [mutual-aid]\n空的: []\n", "utf-8")
    monkeypatch.setenv("UNION_CONFIG_DIR", str(config))
    assert cli.main(["catalogue", "check"]) == 1
    told = capsys.readouterr().err
    assert "config/banks/fixed.yaml:" in told
    assert "config/programmes.yaml:2: “mutual-aid”在“医疗互助”里也写了，一个项目只从一个预算付" in told
    assert "config/programmes.yaml:3: “空的”下面至少写一个项目" in told
    with pytest.raises(ProgrammesError, match=r"programmes\.yaml:2"):
        programmes.load(config)


# ---- a run by the fixed text --------------------------------------------------------


def answer_line(key: str, fen: int, code: str, reason: str = "") -> bytes:
    """As the second bank answers."""
    fields = [b"R", key.encode().ljust(20), f"{fen:013d}".encode(), code.encode(), reason.encode("gb18030").ljust(40)]
    return b"".join(fields) + b"\r\n"


async def test_a_fixed_text_goes_out_and_its_answer_comes_in(office: Office) -> None:
    await office.dues(2, fen=1_234_56)
    await due(office.county, await office.county.member(), fen=1, name="欧阳小测")
    run = await office.check(await office.make(layout="fixed"))
    assert (run.layout, run.layout_name, run.files) == ("fixed", "定长文本", 1)
    text = bank_files.fixed_text(await office.file(run.id))
    head, *rows, rest = text.split(b"\r\n")
    assert (head, rest) == (f"H{run.number:<16}20260310000003{246913:015d}".encode(), b"")
    assert {len(row) for row in rows} == {1 + 20 + 24 + 60 + 60 + 13 + 40}
    assert rows[0][1:21].decode().strip() == f"{run.number}-0001"
    assert rows[0][21:45].decode().strip() == card_number(office.payees[0].member_id or 0)
    assert [row[45:105].decode("gb18030").strip() for row in rows] == ["王小测", "王小测", "欧阳小测"]
    assert [int(row[165:178]) for row in rows] == [123456, 123456, 1]
    assert rows[0][178:].decode("gb18030").strip() == "医疗互助理赔"
    assert bank_files.fixed_text(await office.file(run.id)) == text
    keys = [row[1:21].decode().strip() for row in rows]
    sent = [b"H20260310" + b" " * 30 + b"\r\n", answer_line(keys[0], 123456, "0000")]
    sent += [answer_line(keys[1], 123456, "1001", "户名不符"), answer_line(keys[2], 2, "0000")]
    wrong = await office.book(run.id, office.read(b"".join(sent), "fixed"))
    assert (wrong.applied, [(one.line, one.message) for one in wrong.problems]) == (
        False,
        [(4, "金额不一致，批次里是 0.01 元。")],
    )
    sent[3] = answer_line(keys[2], 1, "0000")
    for expected in ((2, 1, 0), (0, 0, 3)):
        view = await office.book(run.id, office.read(b"".join(sent), "fixed"))
        assert (view.applied, view.paid, view.returned, view.unchanged) == (True, *expected)
    assert await database.scalar("SELECT reason FROM pay_item WHERE state = 'returned'") == "户名不符"
    assert (await balances())["paid"] == 1_234_57
    assert await broken() == []


async def test_the_pages_offer_the_layout_and_read_its_answer(office: Office, app: Any) -> None:
    await office.dues(1)
    maker = await browse(app, office.county.treasurer)
    listed = (await maker.get("/api/v1/desk/bank-layouts")).json()
    assert [(one["slug"], one["kind"], one["usual"]) for one in listed] == [
        ("table", "table", True),
        ("fixed", "fixed", False),
    ]
    union = ids.public(office.county.union.id)
    sent = {"budget_name": BUDGET, "union_id": union, "year": "2026", "submission_key": "k", "layout": "fixed"}
    page = (await maker.get("/desk/pay-runs/new", params={"budget_name": BUDGET})).text
    assert "银行文件格式" in page and 'value="fixed"' in page
    none = await maker.post("/desk/pay-runs", data=sent | {"picked": "1"})
    assert none.status_code == 422 and "一笔也没有选" in none.text
    odd = await maker.post("/desk/pay-runs", data=sent | {"layout": "nobody"})
    assert odd.status_code == 422 and "没有这种银行文件格式" in odd.text
    made = await maker.post("/desk/pay-runs", data=sent)
    at = made.headers["location"].partition("?")[0]
    await office.check(await office.run(at.rpartition("/")[2]))
    assert "下载定长文本" in (await maker.get(at)).text
    file = await maker.post(f"{at}/bank-file", data={"format": "text"})
    assert (file.status_code, file.headers["content-type"]) == (200, "application/octet-stream")
    key = file.content.split(b"\r\n")[1][1:21].decode().strip()
    other = {"sheet": ("r.csv", f"明细号,金额,结果\n{key},100.00,成功\n".encode(), "text/csv")}
    refused = await maker.post(f"{at}/results", files=other)
    assert refused.status_code == 422 and "这个批次送银行用的是“定长文本”" in refused.text
    answer = b"H\r\n" + answer_line(key, 100_00, "0000")
    booked = await maker.post(f"{at}/results", files={"sheet": ("r.txt", answer, "text/plain")})
    assert booked.headers["location"].endswith("done=booked")
    assert "已结清" in (await maker.get(at)).text


# ---- more than one file ----------------------------------------------------------------


@pytest.fixture
def pairs(kernel: None, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A bank that takes two payments in a file."""
    usual = msgspec.structs.replace(layout_files.all_layouts()[0], most_rows=2)
    monkeypatch.setattr(layout_files, "_current", (usual, *layout_files.all_layouts()[1:]))
    return usual


async def test_a_long_run_is_split_and_answered_file_by_file(office: Office, pairs: Layout, app: Any) -> None:
    await office.dues(5)
    run = await office.check(await office.make())
    assert run.files == 3
    files = [await office.file(run.id, part) for part in (1, 2, 3)]
    assert [[row[1][-4:] for row in file.rows] for file in files] == [["0001", "0002"], ["0003", "0004"], ["0005"]]
    assert files[2].name == f"拨付批次{run.number}第3份共3份"
    for part in (0, 4):
        with pytest.raises(Invalid, match="pay_no_part"):
            await office.file(run.id, part)
    maker = await browse(app, office.county.treasurer)
    assert "分成 3 份" in (await maker.get(f"/desk/pay-runs/{run.id}")).text
    second = await maker.post(f"/desk/pay-runs/{run.id}/bank-file", data={"format": "csv", "part": "2"})
    assert f"{run.number}-0003" in second.content.decode("utf-8-sig")
    rows = await office.answer_rows(run.id, {3: "户名不符"})
    half = [office.read(_csv(rows[:2])), office.read(_csv(rows[2:3])), office.read(_csv(rows[2:]))]
    assert (await office.book(run.id, half[0])).problems == []
    lacking = await office.book(run.id, half[1])
    assert (lacking.applied, [one.key[-4:] for one in lacking.problems]) == (False, ["0004"])
    last = await office.book(run.id, half[2])
    assert (last.applied, last.paid, last.returned) == (True, 2, 1)
    assert (await office.run(run.id)).state == "settled"
    assert await broken() == []


def _csv(rows: list[list[str]]) -> bytes:
    return "\n".join(["明细号,金额,结果,失败原因", *(",".join(row) for row in rows)]).encode()


async def test_what_the_layout_said_holds_for_the_run(
    office: Office, pairs: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file changed in the middle of a run splits it no other way; one that is gone stops with a sentence."""
    await office.dues(3)
    run = await office.check(await office.make())
    monkeypatch.setattr(layout_files, "_current", (msgspec.structs.replace(pairs, most_rows=1),))
    assert (await office.run(run.id)).files == 2
    assert len((await office.file(run.id)).rows) == 2
    monkeypatch.setattr(layout_files, "_current", (msgspec.structs.replace(pairs, slug="other"),))
    with pytest.raises(Conflict, match="pay_layout_gone"):
        await office.file(run.id)


async def test_a_name_that_a_bank_has_no_room_for_is_said_before_anything_is_done(office: Office) -> None:
    payee = await office.county.member()
    mine = await due(office.county, payee, name="阿" * 31)
    with pytest.raises(Invalid, match="pay_name_long"):
        await office.make(layout="fixed")
    assert await office.left() == 10_000_00
    assert (await office.make(dues=[mine])).count == 1


async def test_too_many_chosen_are_told_as_that(office: Office) -> None:
    union = ids.public(office.county.union.id)
    many = [ids.public(number) for number in range(1, 5_002)]
    data = NewRun(union_id=union, budget_name=BUDGET, year=2026, dues=many)
    with pytest.raises(Invalid, match="pay_too_many"):
        await commands.make_run(office.county.treasurer, data=data)
