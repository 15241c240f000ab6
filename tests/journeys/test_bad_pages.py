"""The same wrong things through the pages: a sentence beside the field, and whatever was typed is still there."""

from datetime import date
from typing import Any

import httpx
import pytest

from backend.core import clock, database, national
from tests.factories.people import Somebody, join_form, sign_in
from tests.factories.pictures import picture
from tests.factories.world import World
from tests.journeys.html import Filled
from tests.journeys.wrong_fields import GOOD, SENT, TYPED, Wrong, name_of

pytestmark = pytest.mark.slow

APPLY = "/services/member-join/apply"
SCREENS = {
    1: ("employ_form", "newform_group", "employer", "division", "target_org"),
    2: ("real_name", "id_no", "mobile"),
    3: ("charter_ok", "privacy_ok", "sensitive_ok"),
}
HTML = "text/html; charset=utf-8"


class Browser:
    """Somebody signed in, who sends forms as a browser without JavaScript does."""

    def __init__(self, client: httpx.AsyncClient, token: str = "", phone: str = "") -> None:
        self.client = client
        self.token = token
        self.own_phone = national.mask_phone(phone)
        self.invite = ""  # of the poster that was scanned

    async def send(self, path: str, fields: dict[str, str], status: int, **files: Any) -> Filled:
        cookies = {"session": self.token, "given": self.invite}
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items() if value)
        headers = {"origin": "http://testserver"} | ({"cookie": cookie} if cookie else {})
        sent: dict[str, Any] = {"upload.none": ("", b"")} | files
        answer = await self.client.post(path, data=fields, files=sent, headers=headers)
        self.client.cookies.clear()
        if 'given=""; Max-Age=0' in answer.headers.get("set-cookie", ""):
            self.invite = ""
        assert answer.status_code == status, (path, answer.status_code, answer.text[:1500])
        if status < 400:
            assert answer.status_code == 303
        else:
            assert answer.headers["content-type"] == HTML
        return Filled(answer)


@pytest.fixture
async def person(client: httpx.AsyncClient, world: World) -> Browser:
    """Somebody new each time: a draft is one's own."""
    phone = world.next_person().phone
    return Browser(client, await sign_in(phone), phone)


def typed(world: World, who: Somebody, **changes: str) -> dict[str, str]:
    """The joining form as its controls hold it, right in everything."""
    form = join_form(who, division=world.division, target_org=world.unit)
    return {name: "true" if value is True else str(value) for name, value in form.items()} | changes


def on_screen(number: int, form: dict[str, str]) -> dict[str, str]:
    return {name: form[name] for name in SCREENS[number] if name in form}


def screen_of(field: str) -> int:
    return next(number for number, names in SCREENS.items() if field in names)


async def go_to_the_end(person: Browser, form: dict[str, str]) -> None:
    for number in (1, 2):
        await person.send(f"{APPLY}?screen={number}", on_screen(number, form) | {"go": "next"}, 303)


@pytest.mark.parametrize("wrong", TYPED, ids=name_of)
async def test_the_sentence_stands_beside_the_field_and_everything_is_kept(
    person: Browser, world: World, wrong: Wrong
) -> None:
    form = typed(world, world.somebody_else(), **{wrong.field: wrong.value})
    number = screen_of(wrong.field)
    shown = on_screen(number, form)
    page = await person.send(f"{APPLY}?screen={number}", shown | {"go": "next"}, 422)
    assert page.beside(wrong.field) == [wrong.sentence]
    assert [name for name in shown if name != wrong.field and page.beside(name)] == []
    if wrong.value in ("pirate", "999999999", "110101001"):
        shown[wrong.field] = ""  # no such choice is offered
    assert page.kept(shown) == shown


@pytest.mark.parametrize("wrong", SENT, ids=name_of)
async def test_what_is_found_out_at_the_end_leads_back_to_its_field(
    person: Browser, world: World, wrong: Wrong
) -> None:
    by_address = wrong.field == "invite_code"  # it has no control of its own
    person.invite = wrong.value if by_address else ""
    form = typed(world, world.next_person(), **({} if by_address else {wrong.field: wrong.value}))
    await go_to_the_end(person, form)
    page = await person.send(f"{APPLY}?screen=3", on_screen(3, form) | {"go": "submit"}, 422)
    if by_address:
        assert wrong.sentence in page.text
        shown = on_screen(3, form)
    else:
        assert page.beside(wrong.field) == [wrong.sentence]
        shown = on_screen(screen_of(wrong.field), form)
    assert page.kept(shown) == shown


@pytest.mark.parametrize("field", SCREENS[3])
async def test_a_consent_that_is_missing(person: Browser, world: World, field: str) -> None:
    form = typed(world, world.next_person())
    await go_to_the_end(person, form)
    ticked = {name: value for name, value in on_screen(3, form).items() if name != field}
    page = await person.send(f"{APPLY}?screen=3", ticked | {"go": "submit"}, 422)
    assert page.beside(field) == ["请先阅读并勾选这一项"]
    assert page.kept(ticked) == ticked
    assert field not in page.values


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("used_up", "这个邀请码的名额已经用完，请向发码的工会要一个新的。"),
        ("expired", "这个邀请码已经过期，请向发码的工会要一个新的。"),
        ("revoked", "这个邀请码已经停用，请向发码的工会要一个新的。"),
    ],
)
async def test_an_invite_that_is_no_good(person: Browser, world: World, state: str, sentence: str) -> None:
    code = world.ids["code"][0]
    changed = {
        "used_up": "used = max_uses",
        "expired": "expires_on = '2026-03-09'",
        "revoked": "revoked_at = created_at",
    }
    [before] = await database.rows("SELECT used, expires_on, revoked_at FROM invite WHERE code = %s", code)
    await database.execute(f"UPDATE invite SET {changed[state]} WHERE code = %s", code)
    try:
        person.invite = code
        form = typed(world, world.next_person())
        await go_to_the_end(person, form)
        page = await person.send(f"{APPLY}?screen=3", on_screen(3, form) | {"go": "submit"}, 422)
        landing = await person.client.get(f"/i/{code}")
    finally:
        back = ", ".join(f"{column} = %s" for column in before)
        await database.execute(f"UPDATE invite SET {back} WHERE code = %s", *before.values(), code)
    assert sentence in page.text
    assert page.kept(on_screen(3, form)) == on_screen(3, form)
    # It is said once: sent again, it is an application like any other.
    await person.send(f"{APPLY}?screen=3", on_screen(3, form) | {"go": "submit"}, 303)
    assert (landing.status_code, sentence in landing.text) == (200, True)


async def test_too_young_is_said_beside_the_number(person: Browser, world: World) -> None:
    form = typed(world, world.next_person(), id_no=national.synthetic_id_no(date(2010, 3, 11), 1))
    await go_to_the_end(person, form)
    page = await person.send(f"{APPLY}?screen=3", on_screen(3, form) | {"go": "submit"}, 422)
    assert page.beside("id_no") == ["年满 16 周岁才能入会，您还没有到年龄。到了年龄欢迎再来申请。"]
    # Sensitive values come back masked from the draft, and stand for what was typed.
    masked = {"id_no": national.mask_id_no(form["id_no"]), "mobile": national.mask_phone(form["mobile"])}
    shown = on_screen(2, form) | masked
    assert page.kept(shown) == shown


async def test_somebody_who_is_a_member_already(person: Browser, world: World) -> None:
    form = typed(world, world.next_person(), id_no=world.member.id_no)
    await go_to_the_end(person, form)
    page = await person.send(f"{APPLY}?screen=3", on_screen(3, form) | {"go": "submit"}, 422)
    assert "A**工会" in page.text
    assert "办理会籍转接" in page.text
    assert "A快递工会" not in page.text


FILES = {
    "disguised": (("a.jpg", b"<html><script>", "image/jpeg"), "只能上传照片（JPG、PNG、WebP）和 PDF，这个文件不是。"),
    "renamed": (
        ("a.pdf", picture(), "application/pdf"),
        "文件的内容和它的名字对不上，请不要改后缀名，直接上传原来的照片或 PDF。",
    ),
    "oversized": (
        ("a.jpg", b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024 + 1), "image/jpeg"),
        "文件超过 10 MB，请压缩或拍得小一些再传。",
    ),
    "cut off": (("a.jpg", picture()[:100], "image/jpeg"), "这张照片打不开，可能没有传完整，请重新拍一张再传。"),
    "empty": (("a.jpg", b"", "image/jpeg"), "这个文件是空的，请重新选择。"),
}


@pytest.mark.parametrize(("file", "sentence"), FILES.values(), ids=FILES)
async def test_a_refused_file_costs_no_other_field(
    person: Browser, world: World, file: tuple[str, bytes, str], sentence: str
) -> None:
    shown = on_screen(2, typed(world, world.next_person()))
    sent = {"upload.work_proof": file}
    page = await person.send(f"{APPLY}?screen=2", shown | {"go": "next"}, 422, **sent)
    assert page.beside("upload.work_proof") == [sentence]
    assert page.kept(shown) == shown


async def test_too_many_codes_keep_the_phone(client: httpx.AsyncClient, world: World) -> None:
    guest, phone = Browser(client), world.next_person().phone
    sent = {"phone": phone, "next": "/cases"}
    headers = {"origin": "http://testserver"}
    assert (await client.post("/sign-in/code", data=sent, headers=headers)).status_code == 200
    page = await guest.send("/sign-in/code", sent, 429)
    assert page.kept(sent) == sent
    assert "验证码发得太频繁了，请稍等一会儿再获取。" in page.text


@pytest.mark.parametrize(
    ("phone", "sentence"),
    [("15470000", "手机号是 11 位，您填了 8 位，少了 3 位"), ("0731-84012345", "这像是座机号码，请填写 11 位手机号")],
)
async def test_a_phone_to_sign_in_with(client: httpx.AsyncClient, phone: str, sentence: str) -> None:
    sent = {"phone": phone, "next": "/cases"}
    page = await Browser(client).send("/sign-in/code", sent, 422)
    assert page.beside("phone") == [sentence]
    assert page.kept(sent) == sent


async def test_a_decision_on_an_older_version_keeps_the_comment(client: httpx.AsyncClient, world: World) -> None:
    number = world.cases["submitted"]
    officer = Browser(client, world.tokens["officer"])
    version = await database.scalar("SELECT version FROM case_file WHERE number = %s", number)
    sent = {"action": "approve", "version": str(version + 7), "comment": "材料核对无误，同意入会"}
    page = await officer.send(f"/desk/cases/{number}/decisions", sent, 409)
    assert page.kept({"comment": "", "version": ""}) == {"comment": sent["comment"], "version": str(version)}
    assert "刚刚有变化，请看最新情况再办" in page.text


async def test_an_incomplete_decision_keeps_flags_and_comments(client: httpx.AsyncClient, world: World) -> None:
    number = world.cases["submitted"]
    officer = Browser(client, world.tokens["officer"])
    version = await database.scalar("SELECT version FROM case_file WHERE number = %s", number)
    sent = {"version": str(version), "comment": "差一项", "flag": "employer", "comment.employer": ""}
    page = await officer.send(f"/desk/cases/{number}/decisions", sent | {"action": "return"}, 422)
    assert page.kept(sent) == sent
    assert page.beside("comment.employer")
    page = await officer.send(f"/desk/cases/{number}/decisions", sent | {"action": "reject", "comment": ""}, 422)
    assert page.beside("comment")


async def test_a_foreign_page_gets_a_sentence(client: httpx.AsyncClient, world: World) -> None:
    headers = {"origin": "https://evil.example", "cookie": f"session={world.tokens['person']}"}
    answer = await client.post(f"{APPLY}?screen=1", data={"employer": "测试"}, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, HTML)
    assert "这个请求不是从本站页面发出的，已拒绝。请回到本站重新操作。" in answer.text


async def test_a_correction_that_is_wrong_keeps_what_was_typed(client: httpx.AsyncClient, world: World) -> None:
    number = world.cases["returned"]
    person = Browser(client, world.tokens["person"])
    version = await database.scalar("SELECT version FROM case_file WHERE number = %s", number)
    sent = {"employer": "测试快运有限公司", "id_no": "123", "version": str(version)}
    page = await person.send(f"/cases/{number}/corrections", sent, 422)
    assert page.beside("id_no") == ["身份证号码是 18 位，您填了 3 位，少了 15 位"]
    assert page.kept(sent) == sent


async def test_confirming_with_a_wrong_number_keeps_it(person: Browser) -> None:
    page = await person.send("/me/confirm", {"id_no": GOOD[:-2]}, 422)
    assert page.beside("id_no") == ["身份证号码是 18 位，您填了 16 位，少了 2 位"]
    assert page.values["id_no"] == GOOD[:-2]


async def test_the_clock_of_these_tests_stands_still() -> None:
    """Ages and dates above are counted from this day."""
    assert clock.today().isoformat() == "2026-03-10"


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://test.invalid/desk/cases?asked=1", "/desk/cases?asked=1"),
        ("http://test.invalid//elsewhere.invalid", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
async def test_an_error_leads_back_to_the_page_that_was_left(
    client: httpx.AsyncClient, world: World, came_from: str, back: str
) -> None:
    case = f"/cases/{world.cases['approved']}"
    headers = {"authorization": f"Bearer {world.tokens['member']}"} | ({"referer": came_from} if came_from else {})
    answer = await client.post(f"{case}/urge", headers=headers)
    assert answer.status_code == 409
    assert f'href="{back or case}"' in answer.text
