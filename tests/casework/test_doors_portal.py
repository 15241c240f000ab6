"""The pages of the portal, without JavaScript: an application screen by screen, a case, a correction."""

import io
from typing import Any

import httpx
import msgspec
import pytest
from PIL import Image

from backend.casework import commands, queries
from backend.core import database
from backend.core.actor import SYSTEM
from backend.membership import commands as members
from backend.membership.schemas import NewMember
from backend.unions.models import Invite
from tests.casework.browser import browse, hidden
from tests.casework.test_submit import invite
from tests.casework.world import World, aid_form, decide, file, flag, join_form, person, sent

APPLY = "/services/member-join/apply"
CONSENTS = {"charter_ok": "true", "privacy_ok": "true", "sensitive_ok": "true"}


def work(world: World) -> dict[str, str]:
    form = join_form(world)
    return {name: form[name] for name in ("employ_form", "newform_group", "employer", "division", "target_org")}


def who(world: World) -> dict[str, str]:
    form = join_form(world)
    return {name: form[name] for name in ("real_name", "id_no", "mobile")}


async def post(client: httpx.AsyncClient, path: str, fields: dict[str, Any], go: str = "next") -> httpx.Response:
    """As a browser posts a multipart form."""
    return await client.post(path, data={**fields, "go": go}, files={"upload.none": ("", b"")})


async def screens(client: httpx.AsyncClient, world: World) -> str:
    """Through the first two screens; the third page."""
    one = await post(client, f"{APPLY}?screen=1", work(world))
    assert (one.status_code, one.headers["location"]) == (303, f"{APPLY}?screen=2"), one.text
    two = await post(client, f"{APPLY}?screen=2", who(world))
    assert (two.status_code, two.headers["location"]) == (303, f"{APPLY}?screen=3"), two.text
    return (await client.get(f"{APPLY}?screen=3")).text


async def test_a_member_is_told_the_way_and_loses_nothing(world: World, app: object) -> None:
    form = join_form(world)
    applicant = NewMember(name="王小测", id_no=form["id_no"], phone="15400000099")
    await members.admit(SYSTEM, applicant=applicant, union_id=world.far_unit.id, account_id=None, reference="X")
    phone = await browse(app, await person(world))
    last = await screens(phone, world)
    fields = CONSENTS | {"idempotency_key": hidden(last, "idempotency_key")}
    told = await post(phone, f"{APPLY}?screen=3", fields, go="submit")
    assert told.status_code == 422
    assert "松**工会" in told.text
    assert "会籍转接还没在网上开通，请带身份证到新单位所在乡镇街道的工会窗口办理" in told.text
    assert "/services/member-transfer" not in told.text
    saved = msgspec.json.decode(await database.scalar("SELECT form FROM draft"))
    assert saved["charter_ok"] is True


async def test_three_screens_to_a_case(world: World, app: object) -> None:
    phone = await browse(app, await person(world))
    last = await screens(phone, world)
    assert "990001********001X" in last
    assert join_form(world)["id_no"] not in last
    assert "个人信息处理说明" in last
    fields = CONSENTS | {"idempotency_key": hidden(last, "idempotency_key")}
    done = await post(phone, f"{APPLY}?screen=3", fields, go="submit")
    assert (done.status_code, done.headers["location"]) == (303, "/cases/RH2026-000001/submitted")
    # A second tap on the same button: the same case, and no new draft in its place.
    again = await post(phone, f"{APPLY}?screen=3", fields, go="submit")
    assert again.headers["location"] == done.headers["location"]
    assert await database.scalar("SELECT COUNT(*) FROM draft") == 0
    submitted = await phone.get(done.headers["location"])
    assert "提交成功" in submitted.text
    assert "RH2026-000001" in (await phone.get("/cases")).text


async def test_a_wrong_screen_comes_back_with_what_was_typed(world: World, app: object) -> None:
    phone = await browse(app, await person(world))
    answer = await post(phone, f"{APPLY}?screen=2", who(world) | {"id_no": "990001199003070010"})
    assert answer.status_code == 422
    assert "最后一位校验不通过" in answer.text
    assert "990001199003070010" in answer.text
    assert "第 2 步，共 3 步" in answer.text
    # Nothing is lost by going back.
    back = await post(phone, f"{APPLY}?screen=2", who(world) | {"id_no": "99"}, go="back")
    assert back.headers["location"] == f"{APPLY}?screen=1"
    assert 'value="王小测"' in (await phone.get(f"{APPLY}?screen=2")).text


async def test_the_last_button_shows_the_first_screen_that_is_wrong(world: World, app: object) -> None:
    phone = await browse(app, await person(world))
    await post(phone, f"{APPLY}?screen=1", work(world))
    answer = await post(phone, f"{APPLY}?screen=3", CONSENTS | {"idempotency_key": "k"}, go="submit")
    assert answer.status_code == 422
    assert "第 2 步，共 3 步" in answer.text
    assert "请填写姓名" in answer.text
    assert 'value="15400000001"' in answer.text or "154****0001" in answer.text  # the account's own phone
    kept = await phone.get(f"{APPLY}?screen=3")
    assert kept.text.count("checked") >= 3  # the ticks of the last screen are still there


async def test_what_was_filled_in_by_itself_can_be_cleared_and_stays_so(world: World, app: object) -> None:
    """The union of the poster's address is optional, the account's phone is not; neither comes back when one looks
    at the screen again."""
    await invite(world, max_uses=5)
    phone = await browse(app, await person(world))
    first = (await phone.get(f"{APPLY}?invite=ABCDEFGH")).text
    assert 'name="target_org" value=""' in first  # one tap chooses none
    assert first.count("来自邀请码") >= 2
    filled = work(world) | {"target_org": ""}
    assert (await post(phone, f"{APPLY}?screen=1", filled)).status_code == 303
    again = (await phone.get(f"{APPLY}?screen=1")).text
    assert "星城快递工会" not in again
    own = (await phone.get("/api/v1/services/member-join/draft")).json()
    assert own["cleared"] == ["target_org"]
    chosen = await post(phone, f"{APPLY}?screen=1", work(world))
    assert chosen.status_code == 303
    assert (await phone.get("/api/v1/services/member-join/draft")).json()["cleared"] == []


async def test_a_poster_fills_in_the_union(world: World, app: object) -> None:
    await invite(world, max_uses=5)
    phone = await browse(app, await person(world))
    first = await phone.get(f"{APPLY}?invite=ABCDEFGH")
    assert "星城快递工会" in first.text
    assert "来自邀请码" in first.text
    assert "given=ABCDEFGH" in first.headers["set-cookie"]
    last = await screens(phone, world)
    fields = CONSENTS | {"idempotency_key": hidden(last, "idempotency_key")}
    done = await post(phone, f"{APPLY}?screen=3", fields, go="submit")
    assert done.status_code == 303
    assert (await Invite.get(code="ABCDEFGH")).used == 1


async def test_a_running_case_and_a_membership_lead_on(world: World, app: object) -> None:
    courier = await person(world)
    phone = await browse(app, courier)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    await screens(phone, world)
    again = await post(phone, f"{APPLY}?screen=3", CONSENTS | {"idempotency_key": "k1"}, go="submit")
    assert (again.status_code, again.headers["location"]) == (303, f"/cases/{number}")
    await decide(number, world.officer, "approve", 1)
    member = await post(phone, f"{APPLY}?screen=3", CONSENTS | {"idempotency_key": "k2"}, go="submit")
    assert member.status_code == 422
    assert "您已经是会员了" in member.text
    assert "星**工会" in member.text


async def test_the_form_saves_while_typing(world: World, app: object) -> None:
    courier = await person(world)
    phone = await browse(app, courier)
    body = {"screen": "person", "form": {"real_name": "王小测", "id_no": ""}, "attachments": {}}
    saved = await phone.put("/services/member-join/draft", json=body)
    assert (saved.status_code, saved.json()["form"]) == (200, {"real_name": "王小测"})
    assert "还没提交" in (await phone.get("/cases")).text
    assert "继续填写" in (await phone.get("/services/member-join")).text


async def test_files_and_rows_without_javascript(world: World, app: object) -> None:
    worker = await person(world)
    phone = await browse(app, worker)
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "JPEG")
    path = "/services/sample-aid/apply?screen=2"
    upload = {"upload.proof": ("票据.jpg", picture.getvalue(), "image/jpeg")}
    one = await phone.post(path, data={"reason": "突发疾病", "fee": "5", "go": "back"}, files=upload)
    assert one.status_code == 303
    draft = await queries.draft("sample-aid", worker)
    (kept,) = draft.attachments["proof"]
    assert "票据.jpg" in (await phone.get(path)).text
    data = {"reason": "突发疾病", "fee": "5", "attach.proof": kept, "remove_file": f"proof.{kept}"}
    gone = await phone.post(path, data=data, files={"upload.none": ("", b"")})
    assert gone.status_code == 200
    assert "票据.jpg" not in gone.text
    bad = await phone.post(
        path, data={"reason": "突发疾病", "fee": "5"}, files={"upload.proof": ("a.jpg", b"no", "image/jpeg")}
    )
    assert bad.status_code == 422
    assert "fee" in (await queries.draft("sample-aid", worker)).form


async def test_the_page_of_a_case(world: World, app: object) -> None:
    worker = await person(world)
    phone = await browse(app, worker)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    shown = await phone.get(f"/cases/{number}")
    assert shown.status_code == 200
    for words in ("星城快递工会已收到，等待审核", "3月17日", "还剩 5 个工作日", "催办", "450.00"):
        assert words in shown.text, words
    urged = await phone.post(f"/cases/{number}/urge")
    assert (urged.status_code, urged.headers["location"]) == (303, f"/cases/{number}")
    assert "今天已催办" in (await phone.get(f"/cases/{number}")).text
    assert (await phone.post(f"/cases/{number}/urge")).status_code == 429
    receipt = await phone.get(f"/cases/{number}/receipt")
    assert "受理回执" in receipt.text
    await phone.post(f"/cases/{number}/withdraw")
    assert "您已撤回这次申请" in (await phone.get(f"/cases/{number}")).text
    assert number in (await phone.get("/cases?status=closed")).text


async def test_a_correction_opens_only_what_was_flagged(world: World, app: object) -> None:
    worker = await person(world)
    phone = await browse(app, worker)
    proof = await file(worker)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world), proof=[proof]), actor=worker)
    path = f"/cases/{number}/correction"
    assert (await phone.get(path)).headers["location"] == f"/cases/{number}"
    await decide(number, world.officer, "return", 1, corrections=[flag("reason", "写清病名"), flag("proof", "看不清")])
    assert "写清病名" in (await phone.get(f"/cases/{number}")).text
    page = (await phone.get(path)).text
    assert "请修改 2 处后重新提交" in page
    assert "写清病名" in page
    assert 'name="reason"' in page
    assert 'name="fee"' not in page
    assert "990001********0014" in page
    fields = {"reason": "短", "version": hidden(page, "version"), "attach.proof": proof}
    wrong = await post(phone, f"/cases/{number}/corrections", fields)
    assert wrong.status_code == 422
    assert "至少写 2 个字" in wrong.text
    same = await post(phone, f"/cases/{number}/corrections", fields | {"reason": "阑尾炎手术"})
    assert same.status_code == 422
    assert "这里要换一份新的文件" in same.text
    fields["attach.proof"] = await file(worker)
    done = await post(phone, f"/cases/{number}/corrections", fields | {"reason": "阑尾炎手术"})
    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{number}")
    twice = await post(phone, f"/cases/{number}/corrections", fields | {"reason": "阑尾炎手术"})
    assert twice.status_code == 303
    assert (await queries.own_case(number, worker)).form["reason"] == "阑尾炎手术"


async def test_verification_is_public_and_masked(world: World, app: object) -> None:
    worker = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    path = (await queries.own_case(number, worker)).verify_url.split("8000", 1)[1]
    visitor = await browse(app)
    shown = await visitor.get(path)
    assert shown.status_code == 200
    assert "钱*困" in shown.text
    for secret in ("钱小困", "15400000001", "阑尾炎"):
        assert secret not in shown.text
    assert (await visitor.get(f"/verify/{number}/00000-00000")).status_code == 404


@pytest.mark.parametrize("path", ["/services", "/services?q=入会", "/services/member-join", "/services/sample-aid"])
async def test_open_pages_for_visitors(world: World, app: object, path: str) -> None:
    visitor = await browse(app)
    assert (await visitor.get(path)).status_code == 200


async def test_a_visitor_signs_in_first_and_comes_back(world: World, app: object) -> None:
    visitor = await browse(app)
    answer = await visitor.get(f"{APPLY}?invite=ABCDEFGH")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fservices%2Fmember-join%2Fapply%3Finvite%3DABCDEFGH"


async def test_looking_changes_nothing(world: World, app: object) -> None:
    worker = await person(world)
    phone, desk = await browse(app, worker), await browse(app, world.officer)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=worker)
    tables = ("case_file", "case_event", "draft", "audit", "outbox", "access_trace", "case_attachment")

    async def everything() -> list[Any]:
        return [await database.rows(f"SELECT * FROM {table} ORDER BY id") for table in tables]

    before = await everything()
    paths = [APPLY, f"{APPLY}?screen=3", "/cases", f"/cases/{number}", f"/cases/{number}/receipt", "/services"]
    for path in paths:
        assert (await phone.get(path)).status_code == 200, path
    for path in ("/desk/cases", f"/desk/cases/{number}", f"/desk/cases/{number}/receipt", "/desk/filing"):
        assert (await desk.get(path)).status_code == 200, path
    assert await everything() == before
