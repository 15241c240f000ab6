"""Exports through the API and through the pages."""

from typing import Any

import httpx
import pytest

from backend.casework.commands import exports
from backend.core import clock, ids
from tests.casework.browser import browse
from tests.casework.exports import REASON, ask, cases_of, csv_rows, made, work, xlsx_rows
from tests.casework.world import World


async def started(desk: httpx.AsyncClient, **body: Any) -> str:
    answer = await desk.post("/api/v1/desk/exports", json={"kind": "cases", "reason": REASON} | body)
    assert (answer.status_code, list(answer.json())) == (202, ["id"]), answer.text
    return answer.json()["id"]


async def test_the_contract(world: World, app: object) -> None:
    numbers = await cases_of(world, 3)
    desk = await browse(app, world.clerk)
    export = await started(desk, filters={"service": "sample-aid", "overdue": False})
    waiting = (await desk.get(f"/api/v1/desk/exports/{export}")).json()
    assert (waiting["state"], waiting["rows"], waiting["url"]) == ("waiting", 0, None)
    early = await desk.get(f"/api/v1/desk/exports/{export}/file")
    assert (early.status_code, early.json()["code"]) == (409, "export_not_done")
    await work(export)
    done = (await desk.get(f"/api/v1/desk/exports/{export}")).json()
    assert (done["state"], done["rows"], done["expires_at"]) == ("done", 3, "2026-03-17T09:00:00+08:00")
    file = await desk.get(done["url"])
    assert (file.status_code, int(file.headers["content-length"])) == (200, done["size"])
    assert file.headers["content-disposition"].startswith("attachment; filename=\"file.xlsx\"; filename*=UTF-8''")
    assert "DC2026-000001_%E6%9D%8E%E5%A4%A7%E6%98%8E_20260310.xlsx" in file.headers["content-disposition"]
    assert file.headers["cache-control"] == "private, no-store"
    assert [row[0] for row in xlsx_rows(file.content)[2:]] == numbers
    other = await browse(app, world.second_clerk)
    assert (await other.get(f"/api/v1/desk/exports/{export}")).status_code == 404
    assert (await other.get(done["url"])).status_code == 404


async def test_what_is_missing_or_wrong_is_named(world: World, app: object) -> None:
    desk = await browse(app, world.clerk)
    refused = await desk.post("/api/v1/desk/exports", json={"kind": "cases", "filters": {"service": "none"}})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["reason", "filters.service"]
    officer = await browse(app, world.officer)
    assert (await officer.post("/api/v1/desk/exports", json={"kind": "cases", "reason": REASON})).status_code == 403
    revealing = {"kind": "cases", "reason": REASON, "reveal": True}
    answer = await desk.post("/api/v1/desk/exports", json=revealing)
    assert (answer.status_code, answer.json()["code"]) == (403, "export_reveal_refused")


async def test_lists_the_log_and_starting_again(world: World, app: object) -> None:
    await made(world.clerk)  # of nothing, so it fails
    [failed] = (await (await browse(app, world.clerk)).get("/api/v1/desk/exports")).json()["items"]
    assert (failed["state"], failed["problem"]) == ("failed", "没有符合条件的内容，没有生成文件。")
    desk = await browse(app, world.clerk)
    again = await desk.post(f"/api/v1/desk/exports/{failed['id']}/restart")
    assert (again.status_code, again.json()["state"]) == (202, "waiting")
    twice = await desk.post(f"/api/v1/desk/exports/{failed['id']}/restart")
    assert (twice.status_code, twice.json()["code"]) == (409, "export_not_failed")
    auditor = await browse(app, world.manager)
    [line] = (await auditor.get("/api/v1/desk/exports/log")).json()["items"]
    assert (line["who"], line["reason"], line["downloads"]) == ("黄枫镇总工会 李大明", REASON, 0)
    assert (await desk.get("/api/v1/desk/exports/log")).status_code == 403


async def test_from_the_queue_to_the_file_through_the_pages(world: World, app: object) -> None:
    numbers = await cases_of(world, 2)
    desk = await browse(app, world.clerk)
    queue = await desk.get("/desk/cases?service=sample-aid")
    address = "/desk/exports/new?kind=cases&amp;desk=mine&amp;service=sample-aid&amp;status=waiting"
    assert f'href="{address}"' in queue.text
    form = await desk.get(address.replace("&amp;", "&"))
    assert form.status_code == 200
    assert '<option value="sample-aid" selected>示例救助</option>' in form.text
    assert "表里的姓名、身份证号和手机号是遮盖的" in form.text
    sent = {"kind": "cases", "filter.desk": "mine", "filter.service": "sample-aid", "format": "csv"}
    refused = await desk.post("/desk/exports", data=sent)
    assert refused.status_code == 422
    assert "请写明导出做什么用" in refused.text
    assert '<option value="sample-aid" selected>' in refused.text
    assert 'value="csv" checked' in refused.text
    taken = await desk.post("/desk/exports", data=sent | {"reason": REASON})
    assert (taken.status_code, taken.headers["location"]) == (303, "/desk/exports")
    centre = await desk.get("/desk/exports")
    assert 'hx-trigger="every 2s"' in centre.text
    assert "排队中" in centre.text
    export = (await desk.get("/api/v1/desk/exports")).json()["items"][0]["id"]
    await work(export)
    centre = await desk.get("/desk/exports")
    assert "可以下载" in centre.text
    assert "hx-trigger" not in centre.text
    file = await desk.get(f"/desk/exports/{export}/file")
    assert [row[0] for row in csv_rows(file.content)[1:]] == numbers
    clock.advance(days=8)
    await exports.end_old(10)
    gone = await desk.get(f"/desk/exports/{export}/file")
    assert gone.status_code == 410
    assert "已过保留期" in gone.text


async def test_what_failed_is_started_again_on_the_page(world: World, app: object) -> None:
    export = await ask(world.clerk)
    await work(export)
    desk = await browse(app, world.clerk)
    assert f'action="/desk/exports/{export}/restart"' in (await desk.get("/desk/exports")).text
    again = await desk.post(f"/desk/exports/{export}/restart")
    assert again.status_code == 303
    log = await (await browse(app, world.manager)).get("/desk/exports/log")
    assert REASON in log.text


@pytest.mark.parametrize("kind", ["cases", "members", "records", "statistics", "rows", "attachments"])
async def test_every_kind_has_its_form(world: World, app: object, kind: str) -> None:
    desk = await browse(app, world.manager)
    form = await desk.get(f"/desk/exports/new?kind={kind}&status=nonsense&union={ids.public(1)}")
    assert form.status_code == 200
    assert 'name="reason"' in form.text
    assert (await desk.get("/desk/exports/new?kind=none")).status_code == 404


async def test_a_figure_is_exported_as_it_stands(world: World, app: object) -> None:
    await cases_of(world, 1)
    desk = await browse(app, world.clerk)
    rows = await desk.get("/desk/statistics/cases?kind=open&service=sample-aid")
    assert 'href="/desk/exports/new?kind=cases&amp;service=sample-aid&amp;figure=open"' in rows.text
    form = await desk.get("/desk/exports/new?kind=cases&service=sample-aid&figure=open")
    assert '<input type="hidden" name="filter.figure" value="open">' in form.text
