"""What people and programs send that is wrong: each gets a sentence, the field is named, and nothing happens."""

from datetime import date
from typing import Any

import httpx
import pytest

from backend.core import clock, database, national
from tests.factories.people import join_form
from tests.factories.pictures import picture
from tests.factories.world import PASSWORD, World
from tests.journeys.caller import Caller, sign_in, staff
from tests.journeys.wrong_fields import PROGRAMMED, SENT, TYPED, WRONG_DIGIT, Wrong, name_of

pytestmark = pytest.mark.slow

PATH = "/services/member-join/cases"


@pytest.fixture(scope="module")
async def form(world: World) -> dict[str, Any]:
    """Right in everything."""
    return dict(join_form(world.next_person(), division=world.division, target_org=world.unit))


@pytest.fixture
async def person(client: httpx.AsyncClient, world: World) -> Caller:
    return Caller(client, world.tokens["person"])


INVITES = {
    "used_up": "这个邀请码的名额已经用完，请向发码的工会要一个新的。",
    "expired": "这个邀请码已经过期，请向发码的工会要一个新的。",
    "revoked": "这个邀请码已经停用，请向发码的工会要一个新的。",
}
FOREIGN = "这个请求不是从本站页面发出的，已拒绝。请回到本站重新操作。"
TOO_OFTEN = "验证码发得太频繁了，请稍等一会儿再获取。"


async def cases() -> int:
    return int(await database.scalar("SELECT COUNT(*) FROM case_file"))


@pytest.mark.parametrize("wrong", [*TYPED, *SENT, *PROGRAMMED], ids=name_of)
async def test_the_wrong_field_is_named(person: Caller, form: dict[str, Any], wrong: Wrong) -> None:
    before = await cases()
    refused = await person.problem("POST", PATH, 422, json={"form": form | {wrong.field: wrong.value}})
    assert refused["code"] == wrong.code
    assert refused["errors"] == [{"field": wrong.field, "message": wrong.sentence}]
    value = wrong.value
    assert not isinstance(value, str) or len(value) < 6 or value not in str(refused)
    assert await cases() == before


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("买买提•艾力", "买买提·艾力"),
        ("买买提．艾力", "买买提·艾力"),
        (" 王　小测 ", "王小测"),
        ("欧阳若例", "欧阳若例"),
        ("𠮷小例", "𠮷小例"),
    ],
)
async def test_names_are_taken_however_they_are_typed(
    person: Caller, world: World, form: dict[str, Any], name: str, kept: str
) -> None:
    other = world.next_person()
    sent = form | {"real_name": name, "id_no": other.id_no, "mobile": f"+86 {other.phone[:3]}-{other.phone[3:]}"}
    case = await person.ask("POST", PATH, 201, json={"form": sent})
    assert case["form"]["real_name"] == kept
    assert case["form"]["mobile"] == f"154****{other.phone[-4:]}"


async def test_every_wrong_field_is_named_at_once(person: Caller, form: dict[str, Any]) -> None:
    wrong = {"id_no": WRONG_DIGIT, "mobile": "12345", "real_name": "王", "division": "1", "charter_ok": False}
    refused = await person.problem("POST", PATH, 422, json={"form": form | wrong})
    assert {error["field"] for error in refused["errors"]} == set(wrong)
    nothing = await person.problem("POST", PATH, 422, json={"form": {}})
    missing = {"employ_form", "division", "real_name", "id_no", "charter_ok", "privacy_ok"}
    assert {error["field"] for error in nothing["errors"]} >= missing


async def test_under_sixteen(person: Caller, form: dict[str, Any]) -> None:
    """Sixteen tomorrow is not sixteen."""
    tomorrow = national.synthetic_id_no(date(2010, 3, 11), 1)
    refused = await person.problem("POST", PATH, 422, json={"form": form | {"id_no": tomorrow}})
    assert (refused["code"], "16 周岁" in refused["detail"]) == ("too_young", True)
    assert [error["field"] for error in refused["errors"]] == ["id_no"]
    today = national.synthetic_id_no(date(2010, 3, 10), 1)
    await person.ask("POST", PATH, 201, json={"form": form | {"id_no": today}})


async def test_already_a_member(person: Caller, world: World, form: dict[str, Any]) -> None:
    refused = await person.problem("POST", PATH, 422, json={"form": form | {"id_no": world.member.id_no}})
    assert refused["code"] == "already_member"
    assert refused["union"]["name"] == "A**工会"
    assert "转接" in refused["detail"]
    assert refused["transfer"]
    assert world.member.name not in str(refused)
    assert [error["field"] for error in refused["errors"]] == ["id_no"]


async def test_a_case_is_running_already(client: httpx.AsyncClient, person: Caller, world: World) -> None:
    who = world.next_person()
    form = join_form(who, division=world.division, target_org=world.unit)
    case = await person.ask("POST", PATH, 201, json={"form": form})
    again = await person.problem("POST", PATH, 409, json={"form": form})
    assert (again["code"], again["number"]) == ("case_running", case["number"])
    stranger = await sign_in(client, world.next_person())
    refused = await stranger.problem("POST", PATH, 409, json={"form": form})
    assert (refused["code"], "number" in refused) == ("case_running", False)


async def test_invites_that_are_no_good(client: httpx.AsyncClient, person: Caller, world: World) -> None:
    desk = await staff(client, world, "desk")
    sent = {"union_id": world.unit, "max_uses": 1, "expires_on": clock.today().isoformat()}
    made = [await desk.ask("POST", "/desk/invites", 201, json=sent) for _ in range(3)]
    used, expired, revoked = (one["code"] for one in made)

    async def join(code: str, status: int) -> Any:
        form = join_form(world.next_person(), division=world.division, target_org="", invite_code=code)
        return await person.ask("POST", PATH, status, json={"form": form})

    case = await join(used, 201)
    assert case["step"]["desk"] == "A快递工会"
    await database.execute("UPDATE invite SET expires_on = %s WHERE code = %s", "2026-03-09", expired)
    [invite] = await database.rows("SELECT id FROM invite WHERE code = %s", revoked)
    await database.execute("UPDATE invite SET revoked_at = %s WHERE id = %s", clock.now(), invite["id"])
    for code, reason in ((used, "used_up"), (expired, "expired"), (revoked, "revoked")):
        shown = await person.ask("GET", f"/invites/{code}", 200)
        assert (shown["valid"], shown["reason"], shown["reason_text"]) == (False, reason, INVITES[reason])
        refused = await join(code, 422)
        assert refused["code"] == f"invite_{reason}"
        assert refused["errors"] == [{"field": "invite_code", "message": INVITES[reason]}]
    unknown = await person.problem("GET", "/invites/NOSUCHCD", 404)
    assert (unknown["code"], unknown["detail"]) == ("invite_unknown", "没有这个邀请码，请核对后重新输入，或重新扫码。")


REFUSED_TYPE = (415, "file_type_refused", "只能上传照片（JPG、PNG、WebP）和 PDF，这个文件不是。")
OTHER_TYPE = (415, "file_type_mismatch", "文件的内容和它的名字对不上，请不要改后缀名，直接上传原来的照片或 PDF。")
BROKEN = (422, "image_unreadable", "这张照片打不开，可能没有传完整，请重新拍一张再传。")
FILES = {
    "oversized": (
        ("a.jpg", b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024 + 1), "image/jpeg"),
        (413, "file_too_large", "文件超过 10 MB，请压缩或拍得小一些再传。"),
    ),
    "beyond any body": (
        ("a.jpg", b"\xff\xd8\xff" + b"0" * (13 * 1024 * 1024), "image/jpeg"),
        (413, "too_large", "提交的内容太大了，请减少后重试。"),
    ),
    "page as picture": (("a.jpg", b"<html><script>alert(1)</script>", "image/jpeg"), REFUSED_TYPE),
    "program as picture": (("a.png", b"MZ\x90\x00" + b"\x00" * 100, "image/png"), REFUSED_TYPE),
    "picture as PDF": (("a.pdf", picture(), "application/pdf"), OTHER_TYPE),
    "type disagrees": (("a.jpg", picture(), "image/png"), OTHER_TYPE),
    "cut off": (("a.jpg", picture()[:100], "image/jpeg"), BROKEN),
    "empty": (("a.jpg", b"", "image/jpeg"), (422, "file_empty", "这个文件是空的，请重新选择。")),
    "SVG": (
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        REFUSED_TYPE,
    ),
}


@pytest.mark.parametrize(("file", "answer"), FILES.values(), ids=FILES)
async def test_files_that_are_refused(
    person: Caller, file: tuple[str, bytes, str], answer: tuple[int, str, str]
) -> None:
    before = await database.scalar("SELECT COUNT(*) FROM stored_file")
    status, code, sentence = answer
    refused = await person.problem("POST", "/attachments", status, files={"file": file})
    assert (refused["code"], refused["detail"]) == (code, sentence)
    if status == 422:
        assert refused["errors"] == [{"field": "file", "message": sentence}]
    assert await database.scalar("SELECT COUNT(*) FROM stored_file") == before


async def test_a_file_cannot_be_used_twice(person: Caller, world: World) -> None:
    photo = await person.ask("POST", "/attachments", 201, files={"file": ("a.jpg", picture(), "image/jpeg")})
    for expected in (201, 422):
        form = join_form(world.next_person(), division=world.division, target_org=world.unit)
        sent = {"form": form, "attachments": {"work_proof": [photo["id"]]}}
        answer = await person.ask("POST", PATH, expected, json=sent)
    assert [error["field"] for error in answer["errors"]] == ["work_proof"]


async def test_a_foreign_page(client: httpx.AsyncClient, world: World, form: dict[str, Any]) -> None:
    """Worth nothing with the cookie; an app with its bearer token has no origin."""
    before = await cases()
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": ""}):
        cookie = {"cookie": f"session={world.tokens['person']}"}
        answer = await client.post(f"/api/v1{PATH}", json={"form": form}, headers=headers | cookie)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
        assert answer.json()["detail"] == FOREIGN
    assert await cases() == before


async def test_too_many_codes(client: httpx.AsyncClient, world: World) -> None:
    guest, phone = Caller(client), world.next_person().phone
    await guest.ask("POST", "/auth/sms-codes", 202, json={"phone": phone})
    answer = await guest.send("POST", "/auth/sms-codes", json={"phone": phone})
    assert (answer.status_code, answer.json()["code"]) == (429, "sms_too_often")
    assert answer.json()["detail"] == TOO_OFTEN
    assert 1 <= int(answer.headers["retry-after"]) <= 60


async def test_wrong_codes_and_passwords(client: httpx.AsyncClient, world: World) -> None:
    guest, phone = Caller(client), world.next_person().phone
    await guest.ask("POST", "/auth/sms-codes", 202, json={"phone": phone})
    for _ in range(5):
        refused = await guest.problem("POST", "/auth/sessions", 401, json={"phone": phone, "code": "000000"})
        assert refused["code"] == "code_wrong"
    for code in ("12345", "1234567", "abcdef", "", "１２３"):
        await guest.problem("POST", "/auth/sessions", 422, json={"phone": phone, "code": code})
    unknown = await guest.problem("POST", "/auth/staff/sessions", 401, json={"username": "nobody", "password": "x"})
    known = await guest.problem("POST", "/auth/staff/sessions", 401, json={"username": "a-chair", "password": "x"})
    assert unknown == known
    # Failures against one name lock nobody else out.
    await guest.ask("POST", "/auth/staff/sessions", 201, json={"username": "a-leader", "password": PASSWORD})


async def test_decisions_that_are_incomplete(client: httpx.AsyncClient, world: World) -> None:
    officer = Caller(client, world.tokens["officer"])
    path = f"/desk/cases/{world.cases['in_review']}/decisions"
    wrong = [
        ({"action": "destroy", "version": 1}, "action"),
        ({"action": "return", "version": 1}, "corrections"),
        ({"action": "reject", "version": 1}, "comment"),
        ({"action": "hold", "version": 1, "message": "等"}, "until"),
        ({"action": "hold", "version": 1, "until": "2026-03-20"}, "message"),
        ({"action": "hold", "version": 1, "until": "2026-03-09", "message": "等"}, "until"),
        ({"action": "transfer", "version": 1, "to_union": "zzzzzzzzzzzzz", "role": "desk"}, "to_union"),
        ({"action": "transfer", "version": 1, "to_union": world.town, "role": "pirate"}, "role"),
        ({"action": "approve"}, "version"),
        ({"action": "approve", "version": "one"}, "version"),
        ({"action": "approve", "version": 2**31}, "version"),
        ({"action": "approve", "version": 10**30}, "version"),
        ({"version": 1}, "action"),
        ({"action": "approve", "version": 1, "comment": "长" * 501}, "comment"),
    ]
    for sent, field in wrong:
        refused = await officer.problem("POST", path, 422, json=sent)
        assert [error["field"] for error in refused["errors"]] == [field], sent
    stranger = Caller(client, world.tokens["desk"])
    elsewhere = await stranger.problem("POST", path, 403, json={"action": "approve", "version": 1})
    assert elsewhere["code"] == "other_desk"
