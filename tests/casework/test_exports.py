"""Exports: asked for with a reason, made piece by piece, masked by right, marked, logged, gone after a week."""

from typing import Any

import msgspec
import pytest
from tortoise.exceptions import IntegrityError

from backend.casework import catalogue, commands, queries
from backend.casework.commands import exports
from backend.casework.models import Case, Export, ExportPart
from backend.casework.schemas import ExportInput
from backend.core import clock, database, files, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict, Forbidden, Gone, Invalid, NotFound, TooMany, sentence
from backend.core.models import AccessTrace, StoredFile
from backend.core.reveal import Purpose
from backend.home.traces import who_viewed
from backend.unions.models import StaffPost
from tests.casework.exports import (
    REASON,
    archive,
    ask,
    cases_of,
    csv_rows,
    fetched,
    made,
    table,
    work,
    xlsx_rows,
)
from tests.casework.world import World, aid_form, audited, decide, outbox, person, sent, setup_form
from tests.factories.pictures import picture, upload


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "ROWS", 2)


async def blobs_on_disk() -> int:
    return sum(1 for path in files.path_of(1).parents[1].glob("*/*") if path.is_file())


# ---- what is in it ----------------------------------------------------------------


async def test_a_table_of_cases_with_its_mark(world: World, small_pieces: None) -> None:
    numbers = await cases_of(world, 5)
    await decide(numbers[0], world.clerk, "reject", 1, comment="=不符合条件")

    view = await made(world.clerk, filters={"service": "sample-aid"})

    assert (view.state, view.rows, view.total, view.number) == ("done", 5, 5, "DC2026-000001")
    assert (view.said, view.reason, view.who) == ("业务：示例救助", REASON, "黄枫镇总工会 李大明")
    mark, names, *rows = xlsx_rows(await fetched(view, world.clerk))
    assert mark[0] == "DC2026-000001 黄枫镇总工会 李大明 2026-03-10 09:00"
    assert names[-6:] == ("乡镇街道", "所属工会", "原因", "金额（元）", "诊断", "出院日期")
    assert [row[0] for row in rows] == numbers
    found = dict(zip(names[:15], rows[0][:15], strict=True))
    assert found == {
        "办件编号": numbers[0],
        "业务": "示例救助",
        "状态": "未通过",
        "申请人": "钱*困",
        "身份证号": "990001********0014",
        "手机号": "154****0001",
        "内容": "突发疾病",
        "乡镇街道": found["乡镇街道"],
        "申请到": "黄枫镇总工会",
        "经办工会": "黄枫镇总工会",
        "当前环节": None,
        "提交时间": "2026-03-10 09:00",
        "最后一天": None,
        "办结时间": "2026-03-10 09:00",
        "处理意见": "'=不符合条件",
    }
    assert rows[0][-4:] == ("突发疾病", 900, "******", "2026年3月1日")


async def test_csv_carries_its_mark_in_every_row(world: World, small_pieces: None) -> None:
    numbers = await cases_of(world, 3)

    view = await made(world.clerk, format="csv")

    names, *rows = csv_rows(await fetched(view, world.clerk))
    assert (names[0], names[-1], [row[0] for row in rows]) == ("办件编号", "导出编号", numbers)
    assert {row[-1] for row in rows} == {"DC2026-000001 黄枫镇总工会 李大明 2026-03-10 09:00"}


async def test_only_what_the_filter_leaves(world: World) -> None:
    numbers = await cases_of(world, 3)
    await decide(numbers[0], world.clerk, "approve", 1)
    clock.advance(days=9)
    [late] = [
        await commands.submit(
            slug="sample-aid", data=sent(aid_form(world, 9, target_org="")), actor=await person(world)
        )
    ]
    wanted: list[tuple[dict[str, Any], list[str]]] = [
        ({"status": "approved"}, numbers[:1]),
        ({"status": "open"}, [*numbers[1:], late]),
        ({"status": "closed"}, numbers[:1]),
        ({"desk": "mine", "status": "waiting"}, [*numbers[1:], late]),
        ({"desk": "mine", "status": "waiting", "overdue": True}, numbers[1:]),
        ({"from": "2026-03-11"}, [late]),
        ({"to": "2026-03-10"}, numbers),
        ({"figure": "out", "month": "2026-03"}, numbers[:1]),
        ({"figure": "overdue"}, numbers[1:]),
    ]
    for filters, left in wanted:
        assert [row["办件编号"] for row in await table(world.clerk, filters=filters)] == left, filters


async def test_nothing_of_another_branch(world: World) -> None:
    numbers = await cases_of(world, 2)
    far = await commands.submit(
        slug="sample-aid",
        data=sent(aid_form(world, 20, target_org="", division="990121002")),
        actor=await person(world),
    )
    assert [row["办件编号"] for row in await table(world.clerk)] == numbers
    assert [row["办件编号"] for row in await table(world.far_clerk)] == [far]
    assert [row["办件编号"] for row in await table(world.manager)] == [*numbers, far]


async def test_what_came_after_the_request_is_not_in_it(world: World) -> None:
    numbers = await cases_of(world, 1)
    export = await ask(world.clerk)
    await commands.submit(slug="sample-aid", data=sent(aid_form(world, 9, target_org="")), actor=await person(world))
    await work(export)
    rows = xlsx_rows(await fetched(await queries.own_export(export, world.clerk), world.clerk))
    assert [row[0] for row in rows[2:]] == numbers


async def test_figures_as_a_table(world: World) -> None:
    numbers = await cases_of(world, 3)
    await decide(numbers[0], world.clerk, "approve", 1)
    for number in numbers:
        await commands.tallies.mark((await Case.get(number=number)).id)
    while await commands.tallies.recount():
        pass
    [row] = await table(world.clerk, "statistics", filters={"month": "2026-03"})
    assert list(row.values())[:2] == ["2026-03", "示例救助"]
    assert list(row.values())[3:] == [3, 0, 0, 1, 0, 1, 1]


async def test_a_register_as_a_table(world: World) -> None:
    [number] = await cases_of(world, 1)
    case = await Case.get(number=number)
    await database.insert(
        "register_entry",
        {
            "id": ids.new_id(),
            "number": "PA2026-000001",
            "key": f"{case.id}:policy",
            "kind": "policy",
            "name": "互助保障凭证",
            "flow": "sample-aid",
            "case_id": case.id,
            "union_id": world.town.id,
            "subject_name": "钱小困",
            "state": "active",
            "opened_on": clock.today(),
            "data": '{"summary":"一年"}',
            "version": 1,
        },
    )
    [row] = await table(world.clerk, "records", filters={"state": "active"})
    assert list(row.values()) == [
        *("PA2026-000001", "互助保障凭证", "钱小困", "一年", "有效", "2026-03-10", "长期", "黄枫镇总工会", "示例救助"),
        number,
    ]
    assert (await made(world.far_clerk, "records")).problem == "没有符合条件的内容，没有生成文件。"


async def test_a_long_list_of_a_case_as_a_table(world: World) -> None:
    number = await commands.submit(slug="sample-setup", data=sent(setup_form(world)), actor=await person(world))
    filters = {"number": number, "table": "sample-setup.team"}
    [row] = await table(world.clerk, "rows", filters=filters)
    assert row == {"序号": 1, "姓名": "孙小筹", "职务": "经理"}
    assert await AccessTrace.all().count() == 0
    await table(world.aid, "rows", filters=filters, reveal=True)
    assert await AccessTrace.all().count() == 1
    other = await commands.submit(
        slug="sample-aid", data=sent(aid_form(world, 5, target_org="")), actor=await person(world)
    )
    view = await made(world.clerk, "rows", filters={"number": other, "table": "sample-setup.team"})
    assert (view.state, view.problem) == ("failed", sentence("table_unknown"))


# ---- attachments ------------------------------------------------------------------


async def with_papers(world: World, count: int) -> tuple[str, Any]:
    owner = await person(world)
    papers = [await upload(owner) for _ in range(count)]
    form = sent(aid_form(world, 70, target_org=""), proof=papers)
    return await commands.submit(slug="sample-aid", data=form, actor=owner), owner


async def test_the_attachments_of_a_case(world: World) -> None:
    number, owner = await with_papers(world, 3)

    view = await made(world.clerk, "attachments", filters={"number": number})

    assert (view.state, view.rows, view.format, view.reveal) == ("done", 3, "zip", False)
    packed = archive(await fetched(view, world.clerk))
    note, *papers = packed.namelist()
    assert packed.read(note).decode("utf-8-sig").splitlines() == [
        "DC2026-000001 黄枫镇总工会 李大明 2026-03-10 09:00",
        f"用途：{REASON}",
        "共 3 个文件",
    ]
    assert [name.rpartition("_")[0] for name in papers] == [f"{number}/证明"] * 3
    assert {packed.read(name)[:3] for name in papers} == {picture()[:3]}
    [seen] = (await who_viewed(owner)).items
    assert (seen.who, seen.field, seen.purpose) == (
        "黄枫镇总工会 李大明",
        "导出的资料（编号 DC2026-000001）",
        "导出台账",
    )


async def test_attachments_of_many_need_the_right_to_open(world: World) -> None:
    number, _ = await with_papers(world, 1)
    with pytest.raises(Forbidden) as refused:
        await ask(world.clerk, "attachments", filters={"service": "sample-aid"})
    assert refused.value.code == "export_reveal_refused"
    view = await made(world.manager, "attachments", filters={"service": "sample-aid"})
    assert (view.rows, view.reveal) == (1, True)
    with pytest.raises(Invalid) as unseen:
        await ask(world.far_clerk, "attachments", filters={"number": number})
    assert [error.field for error in unseen.value.errors] == ["filters.number"]


async def test_a_lost_paper_keeps_the_others_not_back(world: World) -> None:
    number, _ = await with_papers(world, 2)
    lost = await StoredFile.filter(media_type="image/jpeg").order_by("id").first()
    assert lost is not None
    files.path_of(lost.id).unlink()
    view = await made(world.clerk, "attachments", filters={"number": number})
    packed = archive(await fetched(view, world.clerk))
    _, first, second = packed.namelist()
    assert first.endswith(".jpg.txt")
    assert "损坏" in packed.read(first).decode("utf-8-sig")
    assert second.endswith(".jpg")


# ---- masks, rights and traces -----------------------------------------------------


async def test_open_values_need_the_right_and_leave_one_trace_each(world: World, small_pieces: None) -> None:
    owner = await person(world)
    for sequence in (1, 2, 3):
        form = sent(aid_form(world, sequence, target_org=""))
        await commands.submit(slug="sample-aid", data=form, actor=owner)
    with pytest.raises(Forbidden) as refused:
        await ask(world.clerk, reveal=True)
    assert refused.value.code == "export_reveal_refused"

    rows = await table(world.aid, reveal=True, filters={"service": "sample-aid"})

    assert [(row["申请人"], row["身份证号"], row["手机号"]) for row in rows] == [
        ("钱小困", aid_form(world, sequence)["id_no"], f"1540000000{sequence}") for sequence in (1, 2, 3)
    ]
    assert {row["诊断"] for row in rows} == {"******"}  # what the form keeps for itself stays masked
    [trace] = await AccessTrace.all()
    assert (trace.subject_kind, trace.subject_id, trace.purpose) == ("account", owner.account_id, Purpose.EXPORT)
    await table(world.aid)
    assert await AccessTrace.all().count() == 1


async def test_an_export_does_not_use_up_what_one_may_look_at(world: World) -> None:
    [number] = await cases_of(world, 1)
    now = clock.now()
    await AccessTrace.bulk_create(
        [
            AccessTrace(
                id=ids.new_id(),
                subject_kind="member",
                subject_id=one,
                field="export:DC2026-000009",
                purpose=Purpose.EXPORT,
                actor_id=world.clerk.account_id,
                actor_label="",
                at=now,
            )
            for one in range(300)
        ]
    )
    opened = await commands.reveal_field(number=number, field="id_no", actor=world.clerk)
    assert opened.value == aid_form(world, 1)["id_no"]


async def test_the_posts_of_the_moment_count(world: World) -> None:
    await cases_of(world, 1)
    waiting, ready = await ask(world.clerk), await made(world.second_clerk)
    await StaffPost.all().update(standing=None)
    await work(waiting)
    view = await queries.own_export(waiting, world.clerk)
    assert (view.state, view.problem, view.url) == ("failed", sentence("not_allowed"), None)
    with pytest.raises(Forbidden):
        await exports.download(export=ready.id, actor=Actor(kind="staff", account_id=world.second_clerk.account_id))


async def test_only_the_owner_fetches_and_every_time_is_in_the_log(world: World) -> None:
    await cases_of(world, 1)
    view = await made(world.clerk)
    for _ in range(2):
        await fetched(view, world.clerk)
    for other in (world.second_clerk, world.manager):
        with pytest.raises(NotFound):
            await exports.download(export=view.id, actor=other)
        with pytest.raises(NotFound):
            await queries.own_export(view.id, other)
    acts = [act for act in await audited() if act.startswith("export.")]
    assert acts == ["export.requested", "export.made", "export.downloaded", "export.downloaded"]
    [line] = (await queries.export_log(world.manager)).items
    assert (line.number, line.who, line.reason, line.rows, line.downloads) == (
        view.number,
        "黄枫镇总工会 李大明",
        REASON,
        1,
        2,
    )
    assert (await queries.export_log(world.clerk)).items == []


# ---- refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ({"kind": "nothing"}, ["kind"]),
        ({"kind": "cases", "reason": " 查 "}, ["reason"]),
        ({"kind": "cases", "reason": "x" * 201, "format": "pdf"}, ["format", "reason"]),
        ({"kind": "attachments", "format": "csv", "filters": {"number": "x"}}, ["format", "filters.number"]),
        (
            {"kind": "cases", "filters": {"status": "asleep", "from": "2026-02-30", "colour": "red", "service": "no"}},
            ["filters.status", "filters.from", "filters.colour", "filters.service"],
        ),
        ({"kind": "rows", "filters": {"table": "none"}}, ["filters.number", "filters.table"]),
        ({"kind": "members", "filters": {"union": "0000000000001"}}, ["filters.union"]),
        ({"kind": "statistics", "filters": {"month": "1999-01"}}, ["filters.month"]),
    ],
)
async def test_every_wrong_part_is_named(world: World, asked: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        await exports.request(data=msgspec.convert({"reason": REASON} | asked, ExportInput), actor=world.clerk)
    assert [error.field for error in refused.value.errors] == fields
    assert await outbox() == []


async def test_three_unfinished_are_enough(world: World) -> None:
    for _ in range(3):
        await ask(world.clerk)
    with pytest.raises(TooMany) as refused:
        await ask(world.clerk)
    assert (refused.value.code, refused.value.retry_after) == ("export_too_many", 60)
    await ask(world.second_clerk)


async def test_too_many_rows_say_so_and_nothing_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await cases_of(world, 3)
    monkeypatch.setattr(exports, "MAX_ROWS", 2)
    before = await blobs_on_disk()
    view = await made(world.clerk)
    assert (view.state, view.problem) == (
        "failed",
        "符合条件的有 3 行，一次最多导出 2 行，请缩小范围。",
    )
    assert await blobs_on_disk() == before


# ---- killed, overtaken, started again, over ---------------------------------------


class Killed(BaseException):
    """As if the process ended here: nothing of ours catches it."""


async def test_killed_at_any_piece_it_goes_on_where_it_was(
    world: World, small_pieces: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = await cases_of(world, 7)
    export = await ask(world.clerk)
    number, plain = ids.parse(export) or 0, exports._note_piece

    async def dies(*args: Any, **kwargs: Any) -> None:
        raise Killed

    monkeypatch.setattr(exports, "STEP_SECONDS", -1.0)
    for piece in range(6):  # the head, four of rows, the end
        monkeypatch.setattr(exports, "_note_piece", dies)
        with pytest.raises(Killed):
            await exports.run(number, 1)
        assert (await Export.get(id=number)).parts == piece
        monkeypatch.setattr(exports, "_note_piece", plain)
        assert await exports.run(number, 1) == (piece == 5)
    view = await queries.own_export(export, world.clerk)
    rows = xlsx_rows(await fetched(view, world.clerk))
    assert [row[0] for row in rows[2:]] == numbers
    # What the killed steps had written is gone.
    assert await StoredFile.filter(owner_id=number).count() == 6 == await ExportPart.all().count()


async def test_what_kills_its_worker_each_time_ends_with_a_sentence_and_can_be_started_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = await cases_of(world, 2)
    export, before = await ask(world.clerk), await blobs_on_disk()
    number = ids.parse(export) or 0

    async def dies(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(exports, "_piece", dies)
        for _ in range(exports.MAX_TRIES):
            with pytest.raises(Killed):
                await exports.run(number, 1)
    assert await exports.run(number, 1)
    view = await queries.own_export(export, world.clerk)
    assert (view.state, view.problem) == ("failed", "这次导出试了几次都没有做成，请重新开始；还不行就缩小范围。")
    assert await blobs_on_disk() == before
    with pytest.raises(NotFound):
        await exports.restart(export=export, actor=world.second_clerk)
    await exports.restart(export=export, actor=world.clerk)
    with pytest.raises(Conflict):
        await exports.restart(export=export, actor=world.clerk)
    assert await exports.run(number, 1)  # the event of the first attempt finds nothing to do
    await work(export)
    again = await queries.own_export(export, world.clerk)
    assert (again.state, again.rows, again.number) == ("done", len(numbers), view.number)


async def _from_one_look(world: World) -> Export:
    """Two workers that both saw the export before either had made the piece."""
    await cases_of(world, 2)
    number = ids.parse(await ask(world.clerk)) or 0
    seen = [await exports._begin(number, 1) for _ in range(2)]
    for job in seen:
        assert job is not None
        await exports._piece(job)
    return await Export.get(id=number)


@pytest.mark.race(control="test_control_without_the_guard_they_collide")
async def test_two_workers_at_once_make_a_piece_once(world: World) -> None:
    export = await _from_one_look(world)
    assert (export.parts, await ExportPart.all().count()) == (1, 1)
    await work(ids.public(export.id))
    view = await queries.own_export(ids.public(export.id), world.clerk)
    assert len(xlsx_rows(await fetched(view, world.clerk))) == 4


@pytest.mark.race(is_control=True)
async def test_control_without_the_guard_they_collide(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_where_it_stood", lambda job: ("", []))
    with pytest.raises(IntegrityError):
        await _from_one_look(world)


async def test_after_a_week_the_file_is_gone_and_the_line_stays(world: World) -> None:
    await cases_of(world, 1)
    before = await blobs_on_disk()
    view = await made(world.clerk)
    clock.advance(days=6, hours=23)
    assert await exports.end_old(10) == 0
    await fetched(view, world.clerk)
    clock.advance(hours=1)
    for _ in range(2):  # before and after the schedule has been there
        with pytest.raises(Gone) as over:
            await exports.download(export=view.id, actor=world.clerk)
        assert over.value.code == "export_expired"
        later = await queries.own_export(view.id, world.clerk)
        assert (later.state, later.url, later.rows) == ("expired", None, 1)
        await exports.end_old(10)
    assert await blobs_on_disk() == before
    assert await ExportPart.all().count() == 0
    assert [line.state for line in (await queries.export_log(world.manager)).items] == ["expired"]


async def test_what_nobody_works_on_fails_after_a_day(world: World) -> None:
    export = await ask(world.clerk)
    clock.advance(hours=23)
    assert await exports.end_old(10) == 0
    clock.advance(hours=1)
    assert await exports.end_old(10) == 1
    assert (await queries.own_export(export, world.clerk)).state == "failed"


async def test_a_file_that_is_not_ready_is_not_fetched(world: World) -> None:
    export = await ask(world.clerk)
    with pytest.raises(AppError) as early:
        await exports.download(export=export, actor=world.clerk)
    assert early.value.code == "export_not_done"


def test_every_kind_names_what_it_needs(services: None) -> None:
    kinds = catalogue.bindings().export_kinds
    assert {name: kind.permission for name, kind in kinds.items()} == {
        "cases": "case.view",
        "members": "member.view",
        "workers": "worker.view",
        "records": "case.view",
        "statistics": "stats.view",
        "rows": "case.view",
        "attachments": "case.view",
    }
