"""A form filled in for somebody else: their word makes it an application, and nobody's data crosses over."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.casework import catalogue, commands, queries
from backend.casework.catalogue import open_catalogue
from backend.casework.events import ProxyAnswered, ProxyAsked
from backend.casework.models import Case
from backend.casework.schemas import DraftInput, ProxyInput
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict, Invalid, NotFound, TooMany
from backend.core.settings import CONFIG_DIR
from backend.identity.models import Account
from backend.notifications import templates
from tests.casework.browser import browse, hidden
from tests.casework.samples import folder
from tests.casework.world import AID, SAMPLE_BINDINGS, World, aid_form, decide, file, join_form, person, sent
from tests.unguarded import without_lock, without_words
from workers import reactions

SLUG = "sample-aid"
AGREED = "      - {name: agreed, label: 我同意使用, kind: bool, required: true, rule: '==true'}\n"
OPEN_AID = AID.replace("number_prefix: SA\n", "number_prefix: SA\nfor_others: true\n").replace(
    "      - {name: illness,", f"{AGREED}      - {{name: illness,"
)
PHONE = "15400000002"


@pytest.fixture(autouse=True)
def open_to_others(services: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    join = (CONFIG_DIR / "catalogue" / "member-join.yaml").read_text("utf-8")
    base = folder(tmp_path / "proxies", member_join=join, sample_aid=OPEN_AID)
    monkeypatch.setattr(catalogue, "_current", open_catalogue(base, SAMPLE_BINDINGS))
    templates.load(CONFIG_DIR)
    yield


def asked(world: World, phone: str = PHONE, name: str = "钱小困", **form: Any) -> ProxyInput:
    whole = aid_form(world, 2, **form)
    del whole["real_name"], whole["mobile"]
    return ProxyInput(name=name, phone=phone, form=whole)


async def both(world: World) -> tuple[Actor, Actor]:
    """The filer, with the phone 15400000001, and the other, with 15400000002."""
    return await person(world), await person(world)


async def tell() -> None:
    table: list[tuple[str, Any, Any]] = [
        ("ProxyAsked", ProxyAsked, reactions.filings.ask_other),
        ("ProxyAnswered", ProxyAnswered, reactions.filings.tell_filer),
    ]
    for topic, kind, reaction in table:
        found = await database.rows("SELECT `key`, payload FROM outbox WHERE topic = %s", f"casework.{topic}")
        for row in found:
            assert await reaction(msgspec.json.decode(row["payload"], type=kind), row["key"]) is True


async def inbox(actor: Actor) -> list[str]:
    rows = await database.rows("SELECT text FROM notification WHERE account_id = %s ORDER BY id", actor.account_id)
    return [row["text"] for row in rows]


async def stored(filing: str) -> dict[str, Any]:
    return (await database.rows("SELECT * FROM proxy_filing WHERE id = %s", ids.parse(filing)))[0]


async def test_asked_shown_and_consented_to(world: World) -> None:
    filer, other = await both(world)
    photo = await file(filer)
    data = msgspec.structs.replace(asked(world), attachments={"proof": [photo]})
    filing = await commands.proxies.ask(slug=SLUG, data=data, actor=filer)
    await tell()
    assert await inbox(other) == [
        "154****0001替您填好了“示例救助”，等您看一看。您同意了才会提交，3月17日前有效。"
        "不认识这个人，或者不想办，点“不同意”就行。"
    ]
    sms = (await database.rows("SELECT text FROM delivery WHERE template = 'proxy.asked'"))[0]["text"]
    assert f"/me/filings/{filing}" in sms
    assert "990001" not in sms
    assert await Case.filter(flow=SLUG).count() == 0
    seen = await queries.proxy_view(filing, other)
    assert (seen.filer, seen.name, seen.files, seen.agreements) == ("154****0001", "钱小困", 1, ["我同意使用"])
    shown = {field.name: field.display for field in seen.fields}
    assert (shown["real_name"], shown["mobile"], shown["reason"]) == ("钱小困", "154****0002", "突发疾病")
    assert shown["illness"] == "******"
    number = await commands.proxies.consent(filing=filing, actor=other)
    case = await Case.get(number=number)
    assert (case.applicant_id, case.agent_id, case.agent_label) == (other.account_id, filer.account_id, "154****0001")
    mine = await queries.own_case(number, other)
    assert (mine.agent, mine.form["agreed"], mine.attachments) == ("154****0001", True, {"proof": [photo]})
    assert mine.timeline[0].comment == "由154****0001代办"
    assert (await queries.desk_case(number, world.officer)).case.agent == "154****0001"
    assert await commands.proxies.consent(filing=filing, actor=other) == number


async def test_the_filer_reads_how_it_stands_and_nothing_more(world: World) -> None:
    filer, other = await both(world)
    photo = await file(filer)
    data = msgspec.structs.replace(asked(world), attachments={"proof": [photo]})
    filing = await commands.proxies.ask(slug=SLUG, data=data, actor=filer)
    with pytest.raises(NotFound):
        await queries.proxy_view(filing, filer)
    number = await commands.proxies.consent(filing=filing, actor=other)
    row = await stored(filing)
    assert (row["form"], row["sealed"], row["attachments"]) == ("{}", "", "{}")
    [line] = (await queries.own_filings(filer)).sent
    assert (line.name, line.phone, line.state_text) == ("钱*困", "154****0002", "对方已同意，已提交")
    assert await queries.own_cases(filer) == await queries.own_cases(await person(world))
    with pytest.raises(NotFound):
        await queries.own_case(number, filer)
    with pytest.raises(NotFound):
        await queries.file_access(photo, filer)
    assert (await queries.file_access(photo, other)).file_id == ids.parse(photo)
    await tell()
    assert await inbox(filer) == ["您替钱*困填的“示例救助”，对方已经同意，申请已提交。"]
    assert number not in str(msgspec.to_builtins(await queries.own_filings(filer)))


async def test_nobodys_data_crosses_over(world: World) -> None:
    """Neither the filer's record, drafts and earlier forms into the other's, nor the other way."""
    filer, other = await both(world)
    await commands.submit(slug=SLUG, data=sent(aid_form(world, 1) | {"agreed": True}), actor=filer)
    await commands.save_draft(slug=SLUG, data=DraftInput(form={"reason": "自己的事"}), actor=filer)
    await commands.save_draft(slug=SLUG, data=DraftInput(form={"reason": "别的事"}), actor=other)
    screens = await queries.proxy_screens(SLUG, filer, typed={}, held={}, errors=())
    fields = [field for screen in screens for field in screen.fields]
    assert {field.name for field in fields} & {"real_name", "mobile", "agreed"} == set()
    assert [(field.name, field.value) for field in fields if field.value not in (None, "")] == []
    filing = await commands.proxies.ask(slug=SLUG, data=asked(world), actor=filer)
    await commands.proxies.consent(filing=filing, actor=other)
    assert (await queries.draft(SLUG, filer)).form == {"reason": "自己的事"}
    assert (await queries.draft(SLUG, other)).form == {"reason": "别的事"}
    await commands.discard_draft(slug=SLUG, actor=filer)
    await commands.discard_draft(slug=SLUG, actor=other)
    own = await queries.reuse_offer(SLUG, filer)
    assert next(one.value for one in own.items if one.field == "mobile") == "154****0001"
    assert (await queries.reuse_offer(SLUG, other)).items == []  # somebody else filled it in
    with pytest.raises(Invalid) as refused:  # a masked value stands for nothing of the filer's
        await commands.proxies.ask(slug=SLUG, data=asked(world, id_no="990001********0014"), actor=filer)
    assert [one.field for one in refused.value.errors] == ["id_no"]


async def test_refused_cancelled_and_expired(world: World) -> None:
    filer, other = await both(world)
    first, second, third = [await commands.proxies.ask(slug=SLUG, data=asked(world), actor=filer) for _ in range(3)]
    await commands.proxies.refuse(filing=first, actor=other)
    with pytest.raises(NotFound):
        await commands.proxies.cancel(filing=second, actor=other)
    await commands.proxies.cancel(filing=second, actor=filer)
    for over in (first, second):
        with pytest.raises(Conflict) as refused:
            await commands.proxies.consent(filing=over, actor=other)
        assert refused.value.code == "proxy_over"
        with pytest.raises(NotFound):
            await queries.proxy_view(over, other)
    assert [one.id for one in (await queries.own_filings(other)).asked] == [third]
    clock.advance(days=7, minutes=1)
    assert (await queries.own_filings(other)).asked == []
    with pytest.raises(Conflict):
        await commands.proxies.consent(filing=third, actor=other)
    assert await commands.proxies.expire() == 1
    assert await commands.proxies.expire() == 0
    assert [(await stored(one))["form"] for one in (first, second, third)] == ["{}"] * 3
    states = [one.state_text for one in (await queries.own_filings(filer)).sent]
    assert states == ["对方没有回应，已过期", "您取消了", "对方不同意"]
    await tell()
    assert await inbox(filer) == [
        "您替钱*困填的“示例救助”，对方不同意，没有提交。",
        "您替钱*困填的“示例救助”，对方一直没有回应，已经过期，没有提交。",
    ]
    assert await Case.filter(flow=SLUG).count() == 0


async def test_what_is_over_is_forgotten(world: World) -> None:
    filer, other = await both(world)
    first = await commands.proxies.ask(slug=SLUG, data=asked(world), actor=filer)
    await commands.proxies.refuse(filing=first, actor=other)
    clock.advance(days=96)
    second = await commands.proxies.ask(slug=SLUG, data=asked(world), actor=filer)
    assert await commands.proxies.forget_old() == 0
    clock.advance(days=2)
    assert await commands.proxies.forget_old() == 1
    assert [one.id for one in (await queries.own_filings(filer)).sent] == [second]


async def test_only_the_holder_of_the_phone_has_a_say(world: World) -> None:
    filer, _ = await both(world)
    stranger = await person(world)
    filing = await commands.proxies.ask(slug=SLUG, data=asked(world), actor=filer)
    for actor in (filer, stranger, world.officer):
        for call in (commands.proxies.consent, commands.proxies.refuse):
            with pytest.raises(NotFound):
                await call(filing=filing, actor=actor)
    assert (await stored(filing))["state"] == "waiting"


async def test_a_number_of_somebody_else_is_not_submitted(world: World) -> None:
    filer, other = await both(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world, 2)), actor=other)
    await decide(number, world.officer, "approve", 1)
    member_id = await database.scalar("SELECT id FROM member")
    await Account.filter(id=other.account_id).update(member_id=member_id)
    member = Actor(kind="person", account_id=other.account_id, member_id=member_id)
    filing = await commands.proxies.ask(slug=SLUG, data=asked(world), actor=filer)
    with pytest.raises(Conflict) as refused:
        await commands.proxies.consent(filing=filing, actor=member)
    assert refused.value.code == "proxy_other_person"
    assert (await stored(filing))["state"] == "waiting"


async def test_what_is_wrong_is_said_to_the_filer(world: World) -> None:
    filer, _ = await both(world)
    wrong = asked(world, phone="123", name="1", fee=-5)
    with pytest.raises(Invalid) as refused:
        await commands.proxies.ask(slug=SLUG, data=wrong, actor=filer)
    assert [one.field for one in refused.value.errors] == ["name", "phone"]
    with pytest.raises(Invalid) as refused:
        await commands.proxies.ask(slug=SLUG, data=asked(world, phone="15400000001", fee=-5), actor=filer)
    assert {one.field for one in refused.value.errors} == {"phone", "fee"}
    with pytest.raises(Invalid):
        data = msgspec.structs.replace(asked(world), attachments={"proof": [await file(await person(world))]})
        await commands.proxies.ask(slug=SLUG, data=data, actor=filer)
    with pytest.raises(NotFound) as closed:
        await commands.proxies.ask(slug="member-join", data=asked(world), actor=filer)
    assert closed.value.code == "not_for_others"
    assert await database.scalar("SELECT COUNT(*) FROM proxy_filing") == 0


async def test_so_many_a_day(world: World) -> None:
    filer, _ = await both(world)
    first = await commands.proxies.ask(slug=SLUG, data=asked(world), actor=filer, nonce="n")
    assert await commands.proxies.ask(slug=SLUG, data=asked(world), actor=filer, nonce="n") == first
    for _ in range(9):
        await commands.proxies.ask(slug=SLUG, data=asked(world), actor=filer)
    with pytest.raises(TooMany):
        await commands.proxies.ask(slug=SLUG, data=asked(world, phone="15400000077"), actor=filer)
    with pytest.raises(TooMany):
        await commands.proxies.ask(slug=SLUG, data=asked(world), actor=await person(world))
    clock.advance(days=1, minutes=1)
    await commands.proxies.ask(slug=SLUG, data=asked(world), actor=filer)


async def test_a_phone_nobody_has_signed_in_with_gets_the_message_alone(world: World) -> None:
    filer = await person(world)
    await commands.proxies.ask(slug=SLUG, data=asked(world, phone="15400000099"), actor=filer)
    await tell()
    assert await database.scalar("SELECT COUNT(*) FROM delivery") == 1
    assert await database.scalar("SELECT COUNT(*) FROM notification") == 0


async def meet(world: World, filer: Actor, other: Actor) -> tuple[str, tuple[Any, Any]]:
    await database.execute("DELETE FROM proxy_filing")
    filing = await commands.proxies.ask(slug=SLUG, data=asked(world), actor=filer)
    answers = await asyncio.gather(
        commands.proxies.consent(filing=filing, actor=other),
        commands.proxies.cancel(filing=filing, actor=filer),
        return_exceptions=True,
    )
    return filing, answers


@pytest.mark.race(is_control=True)
async def test_control_without_the_condition_a_cancelled_one_is_submitted(world: World) -> None:
    filer, other = await both(world)
    both_won = 0
    with without_lock(), without_words(" WHERE id = %s AND state = %s", " WHERE id = %s AND state <> %s OR id = id"):
        for _ in range(10):
            _, answers = await meet(world, filer, other)
            both_won += not any(isinstance(answer, AppError) for answer in answers)
    assert both_won > 0


@pytest.mark.race(control="test_control_without_the_condition_a_cancelled_one_is_submitted")
async def test_consented_to_and_cancelled_at_once(world: World) -> None:
    filer, other = await both(world)
    cases = 0
    for _ in range(20):
        filing, (consented, cancelled) = await meet(world, filer, other)
        assert isinstance(consented, str) != (cancelled is None)
        lost = cancelled if isinstance(consented, str) else consented
        assert isinstance(lost, Conflict)
        cases += isinstance(consented, str)
        assert (await stored(filing))["state"] == ("consented" if isinstance(consented, str) else "cancelled")
    assert await Case.filter(flow=SLUG).count() == cases


async def test_the_doors(world: World, app: Any) -> None:
    filer, other = await both(world)
    body = msgspec.to_builtins(asked(world))
    async with await browse(app, filer) as mine, await browse(app, other) as theirs:
        made = await mine.post(f"/api/v1/services/{SLUG}/filings", json=body)
        assert (made.status_code, made.json()["sent"][0]["state"]) == (201, "waiting")
        filing = made.json()["sent"][0]["id"]
        door = f"/api/v1/me/filings/{filing}"
        assert (await mine.get(door)).status_code == 404
        assert (await theirs.get(door)).json()["filer"] == "154****0001"
        assert [one["id"] for one in (await theirs.get("/api/v1/me/filings")).json()["asked"]] == [filing]
        case = await theirs.post(f"{door}/consent")
        assert (case.status_code, case.json()["agent"]) == (201, "154****0001")
        assert (await mine.get("/api/v1/me/filings")).json()["sent"][0]["state"] == "consented"
        assert (await theirs.post(f"{door}/refuse")).json()["code"] == "proxy_over"
        assert (await mine.post(f"{door}/cancel")).json()["code"] == "proxy_over"
        assert (await mine.get(f"/api/v1/services/{SLUG}")).json()["for_others"] is True


async def test_the_pages(world: World, app: Any) -> None:
    filer, other = await both(world)
    origin, page = {"origin": "http://test.invalid"}, f"/services/{SLUG}/for-other"
    typed = {key: str(value) for key, value in asked(world).form.items()} | {"fee": "900"}
    async with await browse(app, filer) as mine, await browse(app, other) as theirs:
        assert page in (await mine.get(f"/services/{SLUG}")).text
        blank = (await mine.get(page)).text
        assert "替家人、同事办" in blank
        key = hidden(blank, "idempotency_key")
        wrong = await mine.post(page, data=typed | {"other_name": "钱小困", "other_phone": "1"}, headers=origin)
        assert wrong.status_code == 422
        assert 'value="钱小困"' in wrong.text
        assert "突发疾病" in wrong.text
        whom = {"other_name": "钱小困", "other_phone": PHONE, "idempotency_key": key}
        made = await mine.post(page, data=typed | whom, headers=origin)
        assert (made.status_code, made.headers["location"]) == (303, "/me/filings")
        assert "等对方同意" in (await mine.get("/me/filings")).text
        listed = (await theirs.get("/me/filings")).text
        assert "154****0001替您填的" in listed
        filing = ids.public(await database.scalar("SELECT id FROM proxy_filing"))
        shown = (await theirs.get(f"/me/filings/{filing}")).text
        assert "我同意使用" in shown
        assert "同意并提交" in shown
        assert typed["id_no"] not in shown
        done = await theirs.post(f"/me/filings/{filing}/consent", headers=origin)
        number = await database.scalar("SELECT number FROM case_file WHERE flow = %s", SLUG)
        assert done.headers["location"] == f"/cases/{number}/submitted"
        assert "由154****0001代办" in (await theirs.get(f"/cases/{number}")).text
        assert "对方已同意" in (await mine.get("/me/filings")).text
    async with await browse(app, world.officer) as desk:
        assert "由154****0001代办" in (await desk.get(f"/desk/cases/{number}")).text
