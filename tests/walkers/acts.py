"""A right call of every door that changes something, by somebody who may, in an order in which all succeed.

The walkers take the bodies from here, so that a refusal is never due to a malformed request.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
from pyotp.totp import TOTP

from backend.core import clock, crypto, database, ids, reference, sheets
from backend.identity import commands
from backend.identity import queries as identity
from backend.identity.enums import ConsentKind
from backend.vouchers.enums import CampaignMode
from tests.factories.appraisals import full_sheet, wait_for_window
from tests.factories.histories import VISIT, roster, round_of, take_out
from tests.factories.people import join_form, sent_code, sign_in, somebody
from tests.factories.pictures import picture
from tests.factories.world import PASSWORD, World
from tests.payments.runs import card_number

NEW_PASSWORD = "eleven brown otters"


class Act(msgspec.Struct, kw_only=True):
    """`role` or `token` says who; `door` is method and path, `values` its parameters, `sent` the body for httpx."""

    door: str
    role: str = "guest"
    token: str = ""
    values: dict[str, str] = {}
    sent: dict[str, Any] = {}
    query: str = ""


def _act(role: str, door: str, values: dict[str, str] | None = None, query: str = "", **sent: Any) -> Act:
    return Act(role=role, door=door, values=values or {}, sent=sent, query=query)


async def acts(world: World) -> AsyncIterator[Act]:
    """What each needs of the acts before it is read when its turn comes."""
    for part in (
        _inbox,
        _receipts,
        _consents,
        _own_cases,
        _offers,
        _proxies,
        _forms,
        _tables,
        _relief,
        _questions,
        _messages,
        _phrases,
        _desk_cases,
        _reopened,
        _pairs,
        _recused,
        _exports,
        _budgets,
        _pay_runs,
        _campaigns,
        _mass_notices,
        _tills,
        _shops,
        _managers,
        _settlements,
        _stations,
        _mall,
        _policies,
        _condolences,
        _intakes,
        _visits,
        _grading,
        _workers,
        _estimates,
        _members,
        _invites,
        _unions,
        _staff,
        _covers,
        _sessions,
    ):
        async for act in part(world):
            yield act


async def _inbox(world: World) -> AsyncIterator[Act]:
    mine = await _rows_of(world, "notification", "account_id", "person")
    yield _act("person", "POST /api/v1/me/notifications/{notification}/read", {"notification": mine[0]})
    yield _act("person", "POST /me/inbox/{notification}/read", {"notification": mine[1]})
    yield _act("person", "POST /me/inbox/read")
    yield _act("person", "POST /api/v1/me/notifications/read")
    yield _act("officer", "POST /desk/notifications/read")
    first, second, third, fourth = [{"delivery": delivery} for delivery in world.ids["delivery"][:4]]
    yield _act("admin", "POST /api/v1/desk/undelivered/{delivery}/give-up", third)
    yield _act("admin", "POST /desk/undelivered/{delivery}/give-up", fourth)
    yield _act("admin", "POST /api/v1/desk/undelivered/{delivery}/again", first)
    yield _act("admin", "POST /desk/undelivered/{delivery}/again", second)
    yield _act("admin", "POST /api/v1/desk/undelivered/again")
    await database.execute("UPDATE delivery SET state = 'technical_failure'")
    yield _act("admin", "POST /desk/undelivered/again")
    yield _act("person", "POST /preferences", data={"theme": "dark", "next": "/me"})


async def _receipts(world: World) -> AsyncIterator[Act]:
    """A provider reports of messages that are not ours."""
    secret = {"secret": reference.settings().sms_receipt_secret}
    yield _act("guest", "POST /api/v1/receipts/aliyun/{secret}", secret, json=[{"biz_id": "1", "success": True}])
    yield _act("guest", "POST /api/v1/receipts/tencent/{secret}", secret, json=[{"sid": "1", "report_status": "FAIL"}])


async def _consents(world: World) -> AsyncIterator[Act]:
    version = {text.kind: text.version for text in identity.consent_texts()}
    privacy, sensitive = {"kind": "privacy"}, {"kind": "sensitive"}
    given = {"kind": "privacy", "text_version": version[ConsentKind.PRIVACY]}
    yield _act("member", "POST /api/v1/me/consents", json=given)
    yield _act("member", "DELETE /api/v1/me/consents/{kind}", privacy)
    form = {"text_version": version[ConsentKind.SENSITIVE]}
    yield _act("member", "POST /me/consents/{kind}/give", sensitive, data=form)
    yield _act("member", "POST /me/consents/{kind}/withdraw", sensitive)


async def _own_cases(world: World) -> AsyncIterator[Act]:
    slug, unit = {"slug": "member-join"}, {"target_org": world.unit}
    yield _act("person", "POST /api/v1/attachments", files={"file": ("a.jpg", picture(), "image/jpeg")})
    form = join_form(world.next_person(), division=world.division, **unit)
    yield _act("person", "PUT /api/v1/services/{slug}/draft", slug, json={"form": form})
    yield _act("person", "DELETE /api/v1/services/{slug}/draft", slug)
    yield _act("person", "POST /api/v1/services/{slug}/draft/reuse", slug)
    yield _act("person", "DELETE /api/v1/services/{slug}/draft/reuse", slug)
    yield _act("person", "POST /api/v1/services/{slug}/cases", slug, json={"form": form})
    number = {"number": world.cases["returned"]}
    fixed = {"employer": "测试快运有限公司", "id_no": world.next_person().id_no}
    version = await _version("case_file", "number", number["number"])
    yield _act("person", "POST /api/v1/cases/{number}/corrections", number, json={"form": fixed, "version": version})
    yield _act("person", "POST /api/v1/cases/{number}/urge", number)
    yield _act("person", "POST /cases/{number}/urge", {"number": world.cases["corrected"]})
    yield _act("person", "POST /api/v1/cases/{number}/withdraw", {"number": world.cases["town"]})
    yield _act("person", "POST /cases/{number}/withdraw", {"number": world.cases["on_hold"]})


async def _offers(world: World) -> AsyncIterator[Act]:
    gift = {"slug": "benefit-gift", "rule": "birthday"}
    yield _act("member", "POST /me/offers/{slug}/{rule}/decline", gift, data={"forever": "true"})
    yield _act("member", "POST /me/offers/{slug}/{rule}/ask-again", gift)
    yield _act("member", "POST /api/v1/me/offers/{slug}/{rule}/decline", gift, json={"forever": True})
    yield _act("member", "DELETE /api/v1/me/offers/{slug}/{rule}/refusal", gift)
    yield _act("member", "POST /api/v1/me/offers/{slug}/{rule}/confirm", gift)
    yield _act("member", "POST /me/offers/{slug}/{rule}/confirm", gift)


async def _proxies(world: World) -> AsyncIterator[Act]:
    slug, form = {"slug": "social-insurance"}, {"region": world.division, "insured_kind": "flexible", "service": "pay"}
    whom = {"name": world.person.name, "phone": world.person.phone}
    page = form | {f"other_{key}": value for key, value in whom.items()}
    yield _act("member", "POST /services/{slug}/for-other", slug, data=page)
    yield _act("member", "POST /api/v1/services/{slug}/filings", slug, json=whom | {"form": form})
    answers = (("consent", "person"), ("refuse", "person"), ("cancel", "member"))
    doors = [(f"POST {base}/me/filings/{{filing}}/{word}", who) for base in ("", "/api/v1") for word, who in answers]
    for filing, (door, role) in zip(world.ids["filing"], doors, strict=False):
        yield _act(role, door, {"filing": filing})


async def _forms(world: World) -> AsyncIterator[Act]:
    slug = {"slug": "member-join"}
    whole = join_form(world.next_person(), division=world.division, target_org=world.unit)
    text = {name: "on" if value is True else value for name, value in whole.items()}
    yield _act("person", "PUT /services/{slug}/draft", slug, json={"screen": "work", "form": {"employer": "测试"}})
    yield _act("person", "POST /services/{slug}/apply", slug, "?screen=1", data=text | {"go": "next"})
    window = join_form(world.next_person(), division=world.division, target_org=world.unit)
    yield _act("desk", "POST /api/v1/desk/services/{slug}/cases", slug, json={"form": window})
    window = join_form(world.next_person(), division=world.division, target_org=world.unit)
    text = {name: "on" if value is True else value for name, value in window.items()}
    yield _act("desk", "POST /desk/filing/{slug}", slug, data=text | {"submission_key": "k1"})


async def _tables(world: World) -> AsyncIterator[Act]:
    table = {"slug": "member-recruit", "table": "roster"}
    sheet = {"sheet": ("名单.csv", roster(world.next_person()), "text/csv")}
    yield _act("person", "POST /api/v1/services/{slug}/tables/{table}", table, files=sheet)
    looked_at = {"sheet": await _latest("table_sheet")}
    yield _act("person", "POST /api/v1/services/{slug}/tables/{table}/rows", table, json=looked_at)
    yield _act("person", "DELETE /api/v1/services/{slug}/tables/{table}", table)
    yield _act("person", "POST /services/{slug}/tables/{table}", table, files=sheet)
    yield _act("person", "POST /services/{slug}/tables/{table}/acts", table, data={"act": "discard"})
    table = {"returned": world.cases["list"], "table": "roster"}
    yield _act("person", "POST /cases/{returned}/tables/{table}", table, files=sheet)
    looked_at = {"act": "add", "sheet": await _latest("table_sheet")}
    yield _act("person", "POST /cases/{returned}/tables/{table}/acts", table, data=looked_at)


async def _relief(world: World) -> AsyncIterator[Act]:
    """Actions, objections and batches, on the case of relief and the one that was guided."""
    relief, feedback = world.cases["relief"], {"number": world.cases["guided"], "action": "link-feedback"}
    yield _act("member", "POST /api/v1/cases/{number}/actions/{action}", feedback, json={"form": {"what": "打不开"}})
    yield _act("member", "POST /cases/{number}/actions/{action}", feedback, data={"what": "还是打不开"})
    visit = {"number": relief, "action": "visit-record"}
    yield _act("officer", "POST /api/v1/desk/cases/{number}/actions/{action}", visit, json={"form": VISIT})
    text = {name: "on" if value is True else value for name, value in VISIT.items()}
    yield _act("officer", "POST /desk/cases/{number}/actions/{action}", visit, data=text)
    notice = {"notice": world.ids["notice"][0]}
    yield _act("member", "POST /api/v1/notices/{notice}/objections", notice, json={"text": "请再核一核"})
    token = await sign_in(world.next_person().phone)
    yield Act(
        door="POST /notices/{notice}/objections", token=token, values=notice, sent={"data": {"text": "也请核一核"}}
    )
    first, second = await _objections(world)
    found = {"upheld": False, "finding": "核实过，情况属实"}
    yield _act("officer", "POST /api/v1/desk/objections/{objection}", {"objection": first}, json=found)
    told = {"upheld": "no", "finding": "核实过，情况属实"}
    yield _act("officer", "POST /desk/objections/{objection}", {"objection": second}, data=told)
    async for act in _batches(relief):
        yield act


async def _questions(world: World) -> AsyncIterator[Act]:
    """The one from before is answered before the same desk is asked again."""
    relief, first = {"number": world.cases["relief"]}, {"question": world.ids["question"][0]}
    answered = {"verdict": "agree", "text": "去看过，情况属实"}
    yield _act("desk", "POST /api/v1/desk/questions/{question}/answer", first, json=answered)
    asked = {"to_union": world.town, "role": "desk", "text": "还有别的困难吗？"}
    yield _act("officer", "POST /api/v1/desk/cases/{number}/questions", relief, json=asked)
    yield _act(
        "desk", "POST /desk/questions/{question}/answer", {"question": await _latest("case_question")}, data=answered
    )
    yield _act("officer", "POST /desk/cases/{number}/questions", relief, data=asked)


async def _messages(world: World) -> AsyncIterator[Act]:
    number, upto = {"number": world.cases["submitted"]}, {"upto": await _latest("case_message")}
    said = {"text": "谢谢，知道了。"}
    yield _act("person", "POST /api/v1/cases/{number}/messages", number, json=said)
    yield _act("person", "POST /cases/{number}/messages", number, data=said)
    yield _act("person", "POST /api/v1/cases/{number}/messages/read", number, json=upto)
    yield _act("person", "POST /cases/{number}/messages/read", number, data=upto)
    yield _act("officer", "POST /api/v1/desk/cases/{number}/messages", number, json=said)
    yield _act("officer", "POST /desk/cases/{number}/messages", number, data=said)
    yield _act("officer", "POST /api/v1/desk/cases/{number}/messages/read", number, json=upto)
    yield _act("officer", "POST /desk/cases/{number}/messages/read", number, data=upto)


async def _phrases(world: World) -> AsyncIterator[Act]:
    yield _act("officer", "DELETE /api/v1/desk/phrases/{phrase}", {"phrase": world.ids["phrase"][0]})
    yield _act("officer", "POST /api/v1/desk/phrases", json={"text": "请补盖公章。"})
    yield _act("officer", "POST /desk/phrases/{phrase}/delete", {"phrase": await _latest("phrase")})
    yield _act("officer", "POST /desk/phrases", data={"text": "请补盖公章。"})


async def _batches(number: str) -> AsyncIterator[Act]:
    version = await _version("case_file", "number", number)
    cases = [{"number": number, "version": version}]
    yield _act("officer", "POST /api/v1/desk/decisions", json={"action": "approve", "cases": cases})
    yield _act("officer", "POST /api/v1/desk/decisions/{batch}/undo", {"batch": await _latest("batch")})
    picked = {"action": "approve", "pick": f"{number}:{version + 2}"}
    yield _act("officer", "POST /desk/batches/preview", data=picked)
    yield _act("officer", "POST /desk/batches", data=picked)
    yield _act("officer", "POST /desk/batches/{batch}/undo", {"batch": await _latest("batch")})


async def _exports(world: World) -> AsyncIterator[Act]:
    nothing = {"status": "withdrawn", "from": "2001-01-01", "to": "2001-01-02"}
    failed = [{"export": await take_out(world, **nothing)} for _ in range(2)]
    yield _act("desk", "POST /api/v1/desk/exports/{export}/restart", failed[0])
    yield _act("desk", "POST /desk/exports/{export}/restart", failed[1])
    yield _act("admin", "POST /api/v1/desk/exports", json={"kind": "members", "reason": "季度核对"})
    yield _act("admin", "POST /desk/exports", data={"kind": "statistics", "reason": "季度核对", "filter.month": ""})


async def _objections(world: World) -> list[str]:
    """Two that nobody has looked into; the one from before twice where the acts are only collected."""
    notice = ids.parse(world.ids["notice"][0])
    found = await database.rows("SELECT id FROM objection WHERE notice_id = %s ORDER BY id LIMIT 2", notice)
    return ([ids.public(row["id"]) for row in found] * 2)[:2]


async def _latest(table: str) -> str:
    """Where the acts are only collected there may be none yet."""
    return ids.public(await database.scalar(f"SELECT MAX(id) FROM {table}") or 1)


async def _desk_cases(world: World) -> AsyncIterator[Act]:
    submitted, open_now = {"number": world.cases["submitted"]}, {"number": world.cases["in_review"]}
    yield _act("officer", "POST /api/v1/desk/cases/{number}/open", submitted)
    yield _act("officer", "POST /desk/cases/{number}/open", submitted)
    yield _act("officer", "POST /api/v1/desk/cases/{number}/leave", submitted)
    yield _act("officer", "POST /desk/cases/{number}/leave", submitted)
    reveal = submitted | {"field": "id_no"}
    yield _act("officer", "POST /api/v1/desk/cases/{number}/reveal/{field}", reveal)
    yield _act("officer", "POST /desk/cases/{number}/reveal/{field}", reveal)
    version = await _version("case_file", "number", open_now["number"])
    sent_back = {"action": "return", "version": version, "corrections": [{"field": "employer", "comment": "写全称"}]}
    yield _act("officer", "POST /api/v1/desk/cases/{number}/decisions", open_now, json=sent_back)
    version = await _version("case_file", "number", open_now["number"])
    files = {"employer": (None, "测试快运有限公司"), "version": (None, str(version)), "submission_key": (None, "k2")}
    yield _act("person", "POST /cases/{number}/corrections", open_now, files=files)
    sent = {"action": "approve", "version": str(await _version("case_file", "number", submitted["number"]))}
    yield _act("officer", "POST /desk/cases/{number}/decisions", submitted, data=sent)


async def _reopened(world: World) -> AsyncIterator[Act]:
    first, second = {"number": world.cases["rejected"]}, {"number": world.cases["refused"]}
    again = {"reason": "核实后与申请一致", "version": await _version("case_file", "number", first["number"])}
    yield _act("officer", "POST /api/v1/desk/cases/{number}/reopen", first, json=again)
    text = {"reason": "核实后与申请一致", "version": str(await _version("case_file", "number", second["number"]))}
    yield _act("officer", "POST /desk/cases/{number}/reopen", second, data=text)


async def _pairs(world: World) -> AsyncIterator[Act]:
    """Two cases that look alike, and what they are to each other."""
    said = {"verdict": "both", "reason": "两个人合用一张卡"}
    first, second = ({"number": world.cases[one], "other": world.cases["window"]} for one in ("corrected", "rejected"))
    version = await _version("case_file", "number", first["number"])
    door = "/desk/cases/{number}/duplicates/{other}"
    yield _act("officer", f"POST /api/v1{door}", first, json=said | {"version": version})
    version = await _version("case_file", "number", second["number"])
    yield _act("officer", f"POST {door}", second, data=said | {"version": str(version)})


async def _recused(world: World) -> AsyncIterator[Act]:
    """Relatives that staff declare, and cases in which they ask to have no say."""
    one, other = world.next_person(), world.next_person()
    named = {"relation": "sibling", "name": one.name, "id_no": one.id_no}
    yield _act("officer", "POST /api/v1/desk/relatives", json=named)
    yield _act("officer", "POST /desk/relatives", data=named | {"id_no": other.id_no, "phone": other.phone})
    first, second = world.ids["relative"]
    yield _act("officer", "DELETE /api/v1/desk/relatives/{relative}", {"relative": first})
    yield _act("officer", "POST /desk/relatives/{relative}/end", {"relative": second})
    number = {"number": world.cases["corrected"]}
    asked = {"reason": "申请人是我的表弟", "version": await _version("case_file", "number", number["number"])}
    yield _act("officer", "POST /api/v1/desk/cases/{number}/recusal", number, json=asked)
    number = {"number": world.cases["window"]}
    text = {"reason": "申请人是我的表弟", "version": str(await _version("case_file", "number", number["number"]))}
    yield _act("officer", "POST /desk/cases/{number}/recuse", number, data=text)


async def _members(world: World) -> AsyncIterator[Act]:
    mine = ids.public((await world.actor("member")).member_id or 0)
    yield _act("admin", "POST /desk/members/{member}/reveal/{field}", {"member": mine, "field": "id_no"})
    sheet = ("名册.csv", f"姓名,身份证号\n王小测,{world.next_person().id_no}\n".encode(), "text/csv")
    yield _act("desk", "POST /api/v1/desk/members/import", files={"sheet": sheet}, data={"dry_run": "true"})
    yield _act("desk", "POST /desk/members/import", files={"sheet": sheet}, data={"union_id": world.town})
    first, second = world.roll
    rolled = {"member": await _member_of(second.phone)}
    token = await sign_in(first.phone)
    yield Act(door="POST /api/v1/me/member/confirmation", token=token, sent={"json": {"id_no": first.id_no}})
    yield Act(door="POST /api/v1/me/member/disown", token=token)
    token = await sign_in(second.phone)
    yield Act(door="POST /me/confirm", token=token, sent={"data": {"id_no": second.id_no}})
    yield Act(door="POST /me/member/disown", token=token)
    moved = {"phone": world.next_person().phone, "reason": "本人换号"}
    yield _act("desk", "POST /desk/members/{member}/phone", rolled, data=moved)
    yield _act("desk", "POST /desk/members/{member}/release-phone", {"member": mine}, data={"reason": "换号"})
    kept = {"act": "keep", "reason": "待业", "version": str(await _version("member", "id", ids.parse(mine)))}
    yield _act("desk", "POST /desk/members/{member}/acts", {"member": mine}, data=kept)
    loose = world.next_person()
    await sign_in(loose.phone)
    yield _act("desk", "POST /desk/phones/release", data={"phone": loose.phone, "reason": "new_owner"})


async def _member_of(phone: str) -> str:
    index = crypto.blind_index("phone", phone)
    return ids.public(await database.scalar("SELECT id FROM member WHERE phone_index = %s", index))


async def _invites(world: World) -> AsyncIterator[Act]:
    expires = (clock.today() + timedelta(days=9)).isoformat()
    form = {"union_id": world.unit, "max_uses": 5, "expires_on": expires}
    yield _act("officer", "POST /api/v1/desk/invites", json=form)
    yield _act("officer", "POST /desk/invites", data=form | {"submission_key": "k3"})
    yield _act("desk", "POST /desk/invites/{invite}/revoke", {"invite": world.ids["invite"][0]})


async def _unions(world: World) -> AsyncIterator[Act]:
    shop = {"union": world.shop}
    made = {"name": f"{world.letter}新建工会", "kind": "grassroots", "level": "unit", "division": world.division}
    yield _act("admin", "POST /desk/unions", data=made | {"parent_id": world.town})
    version = str(await _version("union_org", "id", ids.parse(world.shop)))
    name = f"{world.letter}快递星湖站分会"
    yield _act("admin", "POST /desk/unions/{union}/name", shop, data={"name": name, "version": version})
    version = str(await _version("union_org", "id", ids.parse(world.shop)))
    yield _act("admin", "POST /desk/unions/{union}/move", shop, data={"parent_id": world.town, "version": version})
    version = str(await _version("union_org", "id", ids.parse(world.shop)))
    yield _act("admin", "POST /desk/unions/{union}/dissolve", shop, data={"confirm": name, "version": version})


async def _staff(world: World) -> AsyncIterator[Act]:
    made = {"username": f"{world.letter.lower()}-new", "display": "赵小新", "union_id": world.unit, "roles": "officer"}
    yield _act("admin", "POST /desk/staff", data=made)
    account = {"account": world.accounts["panel"]}
    post = {"union_id": world.county, "role": "expert"}
    yield _act("admin", "POST /desk/staff/{account}/posts", account, data=post)
    held = {"held": (await _rows_of(world, "staff_post", "account_id", "panel"))[0]}
    yield _act("admin", "POST /desk/staff/{account}/posts/{held}/end", account | held)
    yield _act("admin", "POST /desk/staff/{account}/disable", account)
    yield _act("admin", "POST /desk/staff/{account}/enable", account)
    yield _act("admin", "POST /desk/staff/{account}/reset", account)


async def _budgets(world: World) -> AsyncIterator[Act]:
    new = {"union_id": world.county, "year": clock.today().year, "amount_fen": 30_000}
    yield _act("dept_finance", "POST /api/v1/desk/budgets", json=new | {"name": "职工书屋"})
    yield _act("dept_finance", "POST /desk/budgets", data=new | {"name": "职工驿站"})
    budget = {"budget": world.ids["budget"][1]}
    version = await _version("budget", "id", ids.parse(budget["budget"]))
    other = {"amount_fen": 60_000_00, "reason": "年中追加", "version": version}
    yield _act("dept_finance", "POST /api/v1/desk/budgets/{budget}/amount", budget, json=other)
    other = {"amount_fen": "70000", "reason": "再追加", "version": str(version + 1)}
    yield _act("dept_finance", "POST /desk/budgets/{budget}/amount", budget, data=other)


async def _pay_runs(world: World) -> AsyncIterator[Act]:
    """Two are made, checked, sent, booked, taken back and made ready again; of the others two are cancelled and two
    refused. Two amounts without a card get one."""
    dues, runs = [{"due": one} for one in world.ids["due"]], [{"run": one} for one in world.ids["run"]]
    new = {"union_id": world.county, "budget_name": "医疗互助", "year": clock.today().year}
    yield _act("dept_finance", "POST /api/v1/desk/pay-runs", json=new | {"dues": [dues[6]["due"]]})
    first = {"run": await _latest("pay_run")}
    yield _act("dept_finance", "POST /desk/pay-runs", data=new | {"dues": [dues[7]["due"]], "submission_key": "k11"})
    second = {"run": await _latest("pay_run")}
    yield _act("leader", "POST /api/v1/desk/pay-runs/{run}/check", first, json={"version": 1})
    yield _act("leader", "POST /desk/pay-runs/{run}/check", second, data={"version": "1"})
    yield _act("dept_finance", "POST /api/v1/desk/pay-runs/{run}/bank-file", first)
    yield _act("dept_finance", "POST /desk/pay-runs/{run}/bank-file", second, data={"format": "xlsx"})
    for door, run in (("/api/v1/desk", first), ("/desk", second)):
        item = await _item_of(run["run"])
        line = f"明细号,金额,结果\n{item['key']},{item['amount_fen'] / 100:.2f},成功\n"
        files = {"sheet": ("结果.csv", line.encode(), "text/csv")}
        yield _act("dept_finance", f"POST {door}/pay-runs/{{run}}/results", run, files=files)
    back = {"reason": "银行次日退汇"}
    item = {"item": ids.public((await _item_of(first["run"]))["id"])}
    yield _act("leader", "POST /api/v1/desk/pay-items/{item}/reverse", item, json=back)
    item = {"item": ids.public((await _item_of(second["run"]))["id"])}
    yield _act("leader", "POST /desk/pay-items/{item}/reverse", item, data=back)
    yield _act("dept_finance", "POST /api/v1/desk/pay-dues/{due}/retry", dues[6], json=back)
    yield _act("dept_finance", "POST /desk/pay-dues/{due}/retry", dues[7], data=back)
    why = {"version": 1, "reason": "金额要再核实"}
    yield _act("dept_finance", "POST /api/v1/desk/pay-runs/{run}/cancel", runs[0], json=why)
    yield _act("dept_finance", "POST /desk/pay-runs/{run}/cancel", runs[1], data=why)
    yield _act("leader", "POST /api/v1/desk/pay-runs/{run}/refuse", runs[2], json=why)
    yield _act("leader", "POST /desk/pay-runs/{run}/refuse", runs[3], data=why)
    card = {"bank_card": card_number(41)}
    yield _act("member", "POST /api/v1/me/payments/{due}/card", dues[8], json=card)
    yield _act("member", "POST /me/payments/{due}/card", dues[9], data=card)


async def _item_of(run: str) -> dict[str, Any]:
    [found] = await database.rows("SELECT id, `key`, amount_fen FROM pay_item WHERE run_id = %s", ids.parse(run))
    return found


async def _campaigns(world: World) -> AsyncIterator[Act]:
    """Propose another one, and hand out the one that is handed out."""
    plan = msgspec.to_builtins(round_of(9, CampaignMode.CLAIM, world.ids["budget"][0]))
    claimed, targeted = {"campaign": world.ids["campaign"][0]}, {"campaign": world.ids["campaign"][3]}
    yield _act("dept_welfare", "POST /api/v1/desk/voucher-campaigns", json=plan)
    yield _act("dept_welfare", "POST /api/v1/desk/voucher-campaigns/preview", json={"target_rule": ""})
    yield _act("dept_welfare", "POST /api/v1/desk/voucher-campaigns/{campaign}/distribute", targeted)
    yield _act("dept_welfare", "POST /api/v1/desk/voucher-campaigns/{campaign}/stop", targeted)
    yield _act("dept_welfare", "POST /desk/voucher-campaigns/{campaign}/distribute", targeted)
    yield _act("dept_welfare", "POST /desk/voucher-campaigns/{campaign}/stop", targeted)
    yield _act("member", "POST /api/v1/voucher-campaigns/{campaign}/claims", claimed)
    yield _act("member", "POST /vouchers/{campaign}/claim", claimed, data={"nonce": "tap"})
    yield _act("dept_welfare", "POST /desk/voucher-campaigns/preview", data={"aim": "all"})
    typed = plan | {"face_value_fen": "20.00", "threshold_fen": "", "submission_key": "typed", "aim": "all"}
    typed |= {name: plan[name][:16] for name in ("opens_at", "closes_at")}
    yield _act("dept_welfare", "POST /desk/voucher-campaigns/new", data=typed)
    first, second = [{"campaign": campaign} for campaign in world.ids["campaign"][5:7]]
    yield _act("member", "POST /api/v1/voucher-campaigns/{campaign}/entries", first)
    yield _act("member", "POST /vouchers/{campaign}/enter", second, data={"nonce": "tap"})


async def _mass_notices(world: World) -> AsyncIterator[Act]:
    """Compose others, and begin and stop two."""
    words = {"union_id": world.county, "title": "放假通知", "text": "五一放假三天。"}
    yield _act("dept_welfare", "POST /api/v1/desk/mass-notices", json=words)
    yield _act("dept_welfare", "POST /api/v1/desk/mass-notices/preview", json=words)
    yield _act("dept_welfare", "POST /desk/mass-notices/new", data=words | {"aim": "all", "submission_key": "typed"})
    yield _act("dept_welfare", "POST /desk/mass-notices/preview", data=words | {"aim": "all"})
    first, second = [{"mass": mass} for mass in world.ids["mass"][:2]]
    yield _act("dept_welfare", "POST /api/v1/desk/mass-notices/{mass}/start", first)
    yield _act("dept_welfare", "POST /api/v1/desk/mass-notices/{mass}/stop", first)
    yield _act("dept_welfare", "POST /desk/mass-notices/{mass}/start", second)
    yield _act("dept_welfare", "POST /desk/mass-notices/{mass}/stop", second)


async def _tills(world: World) -> AsyncIterator[Act]:
    """Take the voucher that is left, and give one back that was taken before."""
    use = {"code": world.codes_left[0], "amount_fen": 50_00, "receipt_no": "Z-1"}
    yield _act("cashier", "POST /api/v1/merchant/redemptions", json=use)
    taken = [{"redemption": one} for one in world.ids["redemption"]]
    yield _act("cashier", "POST /api/v1/merchant/redemptions/{redemption}/undo", taken[0], json={"reason": "误刷"})
    yield _act("cashier", "POST /merchant/redemptions/{redemption}/undo", taken[1], data={"reason": "误刷"})
    item = use | {"scanned_at": clock.iso(clock.now())}
    yield _act("cashier", "POST /api/v1/merchant/offline/redemptions", json={"items": [item]})
    # The same receipt is the same use.
    yield _act("cashier", "POST /merchant", data=use | {"amount": "50"})


async def _shops(world: World) -> AsyncIterator[Act]:
    """Two more are opened; one changes; one person more stands at a till for a while."""
    new = {"union_id": world.county, "name": f"{world.letter}县粉店"}
    yield _act("dept_welfare", "POST /api/v1/desk/shops", json=new)
    yield _act("dept_welfare", "POST /desk/shops", data=new | {"submission_key": "k4"})
    shop = {"shop": world.ids["shop"][1]}
    version = await _version("shop", "id", ids.parse(shop["shop"]))
    terms = {"name": f"{world.letter}县大超市", "settle_cycle": "monthly"}
    yield _act("dept_welfare", "PUT /api/v1/desk/shops/{shop}", shop, json=terms | {"version": version})
    yield _act("dept_welfare", "POST /desk/shops/{shop}/terms", shop, data=terms | {"version": str(version + 1)})
    for base in ("/api/v1", ""):
        for word in ("stop", "resume"):
            yield _act("dept_welfare", f"POST {base}/desk/shops/{{shop}}/{word}", shop)
    who = {"username": f"{world.letter.lower()}-till-2", "display": "李小收"}
    yield _act("dept_welfare", "POST /api/v1/desk/shops/{shop}/cashiers", shop, json=who)
    one = shop | {"cashier": await _latest("shop_cashier")}
    yield _act("dept_welfare", "POST /api/v1/desk/shops/{shop}/cashiers/{cashier}/password", one)
    yield _act("dept_welfare", "DELETE /api/v1/desk/shops/{shop}/cashiers/{cashier}", one)
    who = {"username": f"{world.letter.lower()}-till-3", "display": "王小收"}
    yield _act("dept_welfare", "POST /desk/shops/{shop}/cashiers", shop, data=who)
    one = shop | {"cashier": await _latest("shop_cashier")}
    yield _act("dept_welfare", "POST /desk/shops/{shop}/cashiers/{cashier}/reset", one)
    yield _act("dept_welfare", "POST /desk/shops/{shop}/cashiers/{cashier}/remove", one)


async def _managers(world: World) -> AsyncIterator[Act]:
    """Two are named and go again; the one who stays has somebody at a till for a while, from either face."""
    shop, letter = {"shop": world.ids["shop"][0]}, world.letter.lower()
    for base, last, number in (("/api/v1", "password", 4), ("", "reset", 5)):
        at, sent = f"{base}/desk/shops/{{shop}}/managers", "json" if base else "data"
        who = {"username": f"{letter}-manager-{number}", "display": "赵小管"}
        yield Act(role="dept_welfare", door=f"POST {at}", values=shop, sent={sent: who})
        one = shop | {"manager": await _latest("shop_manager")}
        yield _act("dept_welfare", f"POST {at}/{{manager}}/{last}", one)
        gone = f"DELETE {at}/{{manager}}" if base else f"POST {at}/{{manager}}/remove"
        yield _act("dept_welfare", gone, one)
        at, who = (
            f"{base}/merchant/shops/{{shop}}/cashiers",
            {"username": f"{letter}-till-{number}", "display": "孙小收"},
        )
        yield Act(role="manager", door=f"POST {at}", values=shop, sent={sent: who})
        one = shop | {"cashier": await _latest("shop_cashier")}
        for word in (last, "block", "unblock"):
            yield _act("manager", f"POST {at}/{{cashier}}/{word}", one)
        yield _act("manager", f"DELETE {at}/{{cashier}}" if base else f"POST {at}/{{cashier}}/remove", one)


async def _settlements(world: World) -> AsyncIterator[Act]:
    """What is owed is paid, taken back, and paid again."""
    shop = {"shop": world.ids["shop"][0]}
    yield _act("dept_finance", "POST /api/v1/desk/shops/{shop}/settlements", shop, json={"amount_fen": 20_00})
    made = {"settlement": await _latest("settlement")}
    back = {"reason": "账号写错退回"}
    yield _act("dept_finance", "POST /api/v1/desk/settlements/{settlement}/reverse", made, json=back)
    yield _act("dept_finance", "POST /desk/shops/{shop}/settle", shop, data={"amount_fen": "20"})
    made = {"settlement": await _latest("settlement")}
    yield _act("dept_finance", "POST /desk/settlements/{settlement}/reverse", made, data=back)


async def _stations(world: World) -> AsyncIterator[Act]:
    """Open and change stations, bring more gifts, hand over the two that are left, take two back, move some."""
    new = {"union_id": world.unit, "address": "望城街 3 号"}
    yield _act("dept_welfare", "POST /api/v1/desk/gift-stations", json=new | {"name": "望城驿站"})
    yield _act("dept_welfare", "POST /desk/gift-stations", data=new | {"name": "老街驿站", "submission_key": "k9"})
    station = {"station": world.ids["station"][1]}
    version = await _version("gift_station", "id", ids.parse(station["station"]))
    changed = {"name": "高桥新站", "active": True, "version": version}
    yield _act("dept_welfare", "POST /api/v1/desk/gift-stations/{station}", station, json=changed)
    typed = {"name": "高桥新站", "active": "1", "version": str(version + 1)}
    yield _act("dept_welfare", "POST /desk/gift-stations/{station}", station, data=typed)
    campaign, more = {"campaign": world.gift_campaign}, {"station": world.ids["station"][2], "stock": 3}
    yield _act("dept_welfare", "POST /api/v1/desk/voucher-campaigns/{campaign}/stocks", campaign, json=more)
    more |= {"version": 1, "stock": 4}
    yield _act("dept_welfare", "POST /desk/voucher-campaigns/{campaign}/stocks", campaign, data=more)
    first, second = [{"station": world.ids["station"][0], "code": code} for code in world.gifts_left]
    yield _act("dept_service", "POST /api/v1/desk/handovers", json=first)
    yield _act("dept_service", "POST /desk/handovers", data=second)
    back = {"reason": "扫错了码"}
    mistakes = [{"handover": one} for one in world.ids["handover"][:2]]
    yield _act("dept_service", "POST /api/v1/desk/handovers/{handover}/undo", mistakes[0], json=back)
    yield _act("dept_service", "POST /desk/handovers/{handover}/undo", mistakes[1], data=back)
    from_, to = world.ids["station"][0], world.ids["station"][2]
    carried = {"from_station": from_, "to_station": to, "campaign": world.gift_campaign, "count": 2}
    yield _act("dept_service", "POST /api/v1/desk/gift-moves", json=carried)
    lost = {"voucher": world.ids["voucher"][2]}
    why, found = {"reason": "会员报失"}, {"reason": "已经找到"}
    yield _act("dept_welfare", "POST /api/v1/desk/vouchers/{voucher}/freeze", lost, json=why)
    yield _act("dept_welfare", "POST /api/v1/desk/vouchers/{voucher}/thaw", lost, json=found)
    yield _act("dept_welfare", "POST /desk/vouchers/{voucher}/freeze", lost, data=why)
    yield _act("dept_welfare", "POST /desk/vouchers/{voucher}/thaw", lost, data=found)
    yield _act("dept_service", "POST /desk/gift-moves", data=carried | {"count": "1", "submission_key": "k10"})


async def _mall(world: World) -> AsyncIterator[Act]:
    """Put on sale and change, order and cancel, pay, hand over and take back."""
    goods = [{"goods": one} for one in world.ids["goods"]]
    order = [{"order": one} for one in world.ids["order"]]
    new = {"union_id": world.county, "name": "高桥茶叶", "pickup": "服务大厅", "price_fen": 50, "stock": 9}
    yield _act("dept_welfare", "POST /api/v1/desk/mall/goods", json=new)
    yield _act("dept_welfare", "POST /desk/mall/goods", data=new | {"submission_key": "k10"})
    changed = {"name": "高桥新米", "pickup": "大厅", "price_fen": 40, "stock": 60, "active": True, "version": 1}
    yield _act("dept_welfare", "POST /api/v1/desk/mall/goods/{goods}", goods[0], json=changed)
    changed |= {"active": "1"}
    yield _act("dept_welfare", "POST /desk/mall/goods/{goods}", goods[1], data=changed)
    yield _act("member", "POST /api/v1/mall/goods/{goods}/orders", goods[6], json={"quantity": 2})
    yield _act("member", "POST /mall/{goods}/order", goods[7], data={"quantity": "2", "nonce": "tap"})
    yield _act("member", "POST /api/v1/me/orders/{order}/cancel", order[0])
    yield _act("member", "POST /me/orders/{order}/cancel", order[1])
    placed = {"order": await _latest("mall_order")}
    paid = {"amount_fen": 39_90, "means": "cash", "receipt_no": f"{world.letter}-90"}
    yield _act("dept_welfare", "POST /api/v1/desk/mall/orders/{order}/pay", order[2], json=paid)
    typed = paid | {"amount_fen": "79.80", "receipt_no": f"{world.letter}-91"}
    yield _act("dept_welfare", "POST /desk/mall/orders/{order}/pay", placed, data=typed)
    yield _act("dept_welfare", "POST /api/v1/desk/mall/orders/{order}/hand-over", order[3])
    yield _act("dept_welfare", "POST /desk/mall/orders/{order}/hand-over", order[4])
    why = {"reason": "会员退货"}
    yield _act("dept_welfare", "POST /api/v1/desk/mall/orders/{order}/refund", order[5], json=why)
    yield _act("dept_welfare", "POST /desk/mall/orders/{order}/refund", order[6], data=why)


async def _estimates(world: World) -> AsyncIterator[Act]:
    """They are worked out and not kept."""
    days = {"admit_date": clock.today().isoformat(), "discharge_date": clock.today().isoformat()}
    sums = {"total_fee_fen": 30_000_00, "insurance_paid_fen": 17_700_00, "self_pay_fund_fen": 12_300_00}
    yield _act("member", "POST /api/v1/aid/estimates", json=days | sums)
    yield _act("member", "POST /aid/estimate", data=days | {name: str(fen // 100) for name, fen in sums.items()})


async def _policies(world: World) -> AsyncIterator[Act]:
    """Given back before they begin."""
    policy = [{"policy": one} for one in world.ids["policy"]]
    back = {"refunded_on": clock.today().isoformat(), "reason": "不在本单位了"}
    door = "/desk/aid/policies/{policy}/refund"
    yield _act("dept_aid", f"POST /api/v1{door}", policy[1], json=back | {"amount_fen": 60_00})
    yield _act("dept_aid", f"POST {door}", policy[2], data=back | {"amount_fen": "60"})


def _days_ahead(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


async def _condolences(world: World) -> AsyncIterator[Act]:
    """Standards from two days on, and goods of a festival, of which two were registered before and are revoked."""
    today = clock.today()
    standard = {"event": "birth", "paper": "委员会会议", "union_id": world.unit}
    door = "/desk/condolence-standards"
    first, second = [(today + timedelta(days=days)).isoformat() for days in (1, 2)]
    yield _act("officer", f"POST /api/v1{door}", json=standard | {"amount_fen": 60_000, "since": first})
    yield _act("officer", f"POST {door}", data=standard | {"amount_fen": "600", "since": second})
    given = {"festival": "spring", "goods": "大米", "given_on": today.isoformat(), "union_id": world.unit}
    door = "/desk/festival-issues"
    yield _act("officer", f"POST /api/v1{door}", json=given | {"worth_fen": 1_00, "everyone": True})
    yield _act("officer", f"POST {door}", data=given | {"worth_fen": "1", "everyone": "1"})
    issue = [{"issue": one} for one in world.ids["issue"]]
    yield _act("officer", f"POST /api/v1{door}/{{issue}}/revoke", issue[0], json={"reason": "登记错了"})
    yield _act("officer", f"POST {door}/{{issue}}/revoke", issue[1], data={"reason": "登记错了"})


async def _intakes(world: World) -> AsyncIterator[Act]:
    """This year's batch is there; next year's is published, both are changed and closed."""
    year = clock.today().year + 1
    words = {"text": "在受理时间里申请。"}
    new = words | {"title": "金秋助学", "union_id": world.county}
    door, first = "/desk/aid-batches", {"intake": world.ids["intake"][0]}
    days = {"year": year, "opens_on": f"{year}-07-01", "closes_on": f"{year}-08-31"}
    yield _act("dept_aid", f"POST /api/v1{door}", json=new | days | {"budget_fen": 10_000_00})
    await database.execute("UPDATE aid_intake SET `key` = id WHERE year = %s", year)
    yield _act("dept_aid", f"POST {door}", data=new | days | {"budget_fen": "10000"})
    until = {"closes_on": (clock.today() + timedelta(days=20)).isoformat()}
    change = words | until
    yield _act("dept_aid", f"POST /api/v1{door}/{{intake}}", first, json=change | {"budget_fen": 1_00, "version": 1})
    yield _act("dept_aid", f"POST {door}/{{intake}}", first, data=change | {"budget_fen": "300", "version": "2"})
    yield _act("dept_aid", f"POST /api/v1{door}/{{intake}}/close", first)
    yield _act("dept_aid", f"POST {door}/{{intake}}/close", {"intake": await _latest("aid_intake")})
    since = [(clock.today() + timedelta(days=days)).isoformat() for days in (1, 2)]
    what = {"code": "union_aid", "paper": "实施方案", "union_id": world.county}
    door = "/desk/aid-exclusions"
    yield _act("dept_aid", f"POST /api/v1{door}", json=what | {"excluded": True, "since": since[0]})
    yield _act("dept_aid", f"POST {door}", data=what | {"since": since[1]})


async def _visits(world: World) -> AsyncIterator[Act]:
    """The member is on two lists of other seasons, which they answer; goods go out for the first."""
    plan = {"season": "frontline", "union_id": world.unit, "visit_on": clock.today().isoformat(), "name": "一线走访"}
    on_it = {"members": [world.ids["member"][0]], "again": True}
    yield _act("officer", "POST /api/v1/desk/visit-lists", json=plan | on_it)
    yield _act("officer", "POST /desk/visit-lists", data=plan | on_it | {"again": "1"})
    new = {"name": "被子", "unit": "床", "union_id": world.county}
    yield _act("dept_aid", "POST /api/v1/desk/visit-goods", json=new | {"price_fen": 80_00, "stock": 5})
    yield _act("dept_aid", "POST /desk/visit-goods", data=new | {"name": "棉衣", "price_fen": "80", "stock": "5"})
    out, ware = {"kind": "out", "visit": world.ids["visit"][0]}, {"ware": world.ids["ware"][0]}
    yield _act("dept_aid", "POST /api/v1/desk/visit-goods/{ware}/moves", ware, json=out | {"count": 1})
    yield _act("dept_aid", "POST /desk/visit-goods/{ware}/moves", ware, data=out | {"count": "1"})
    own = [{"own_visit": one} for one in world.ids["own_visit"]]
    yield _act("member", "POST /api/v1/me/visits/{own_visit}/feedback", own[0], json={"rating": 5, "received": True})
    yield _act("member", "POST /me/visits/{own_visit}/feedback", own[1], data={"rating": "4"})


async def _grading(world: World) -> AsyncIterator[Act]:
    """A year is opened, another scored, a third proposed and objected to, and one is paid."""
    paid, proposed, scored, running = [{"appraisal": one} for one in world.ids["appraisal"]]
    at, member, person = "POST /api/v1/desk/grading", world.ids["candidate"][6], world.ids["candidate"][7]
    yield _act("admin", at, json={"union_id": world.county, "year": 2021})
    scores = {key: str(points) for key, points in full_sheet().items()}
    one, other = {"candidate": member}, {"candidate": person}
    here = f"{at}/{{appraisal}}"
    yield _act("desk", f"{here}/sheets", running, json=one | {"scores": scores})
    yield _act("leader", f"{here}/recusals", running, json=one | {"reason": "曾是同事"})
    veto = {"veto": "law", "reason": "查实违规"}
    yield _act("admin", f"{here}/vetoes", running, json=one | veto)
    yield _act("admin", f"{here}/times", running, json=one | {"since": "2022-03-01"})
    away = {"assessor": world.accounts["leader"], "reason": "出差"}
    yield _act("admin", f"{here}/absences", running, json=away)
    town = {"assessor": world.accounts["dept_jobs"]}
    yield _act("admin", f"{here}/town-assessors", running, json=other | town)
    yield _act("admin", f"{here}/closing-day", running, json={"closes_on": _days_ahead(9)})
    panel = [world.accounts[role] for role in ("leader", "panel", "dept_legal", "dept_aid")]
    yield _act("admin", f"{here}/panel", running, json={"assessors": panel})
    async for act in _grading_pages(world, running):
        yield act
    gone = other | {"on": "2022-05-31", "reason": "调到外地"}
    yield _act("admin", f"{here}/withdrawals", running, json=gone)
    at_desk = "POST /desk/grading/{appraisal}/candidates/{candidate}/withdrawal"
    yield _act("admin", at_desk, running | other, data={"reason": "登记错了"})
    yield _act("admin", f"{here}/publish", scored)
    await wait_for_window(scored["appraisal"])
    yield _act("admin", "POST /desk/grading/{appraisal}/publish", scored)
    mine = {"grade": world.ids["grade"][2]}
    yield _act("member", "POST /api/v1/me/grades/{grade}/appeals", mine, json={"text": "漏算了表彰"})
    answer = {"upheld": False, "reply": "评分没有差错"}
    appeal = proposed | {"appeal": await _latest("grading_objection")}
    yield _act("admin", f"{here}/appeals/{{appeal}}/reply", appeal, json=answer)
    yield _act("admin", f"{here}/subsidies", paid)
    yield _act("admin", "POST /desk/grading/{appraisal}/subsidies", paid)
    mine = {"grade": world.ids["grade"][3]}
    yield _act("person", "POST /me/grades/{grade}/appeal", mine, data={"text": "漏算了表彰"})
    appeal = proposed | {"appeal": await _latest("grading_objection")}
    yield _act("admin", "POST /desk/grading/{appraisal}/appeals/{appeal}", appeal, data={"reply": "评分没有差错"})


async def _grading_pages(world: World, running: dict[str, str]) -> AsyncIterator[Act]:
    """The same on the pages, of the year that is scored."""
    here, one = "POST /desk/grading/{appraisal}", running | {"candidate": world.ids["candidate"][6]}
    yield _act("admin", "POST /desk/grading", data={"union_id": world.county, "year": "2022"})
    panel = [world.accounts[role] for role in ("leader", "panel", "dept_legal", "dept_aid", "dept_skill")]
    yield _act("admin", f"{here}/panel", running, data={"assessors": panel})
    town = {"town": world.town, "assessor": world.accounts["dept_female"]}
    yield _act("admin", f"{here}/town-assessor", running, data=town)
    yield _act("admin", f"{here}/closing-day", running, data={"closes_on": _days_ahead(10)})
    yield _act("admin", f"{here}/absence", running, data={"assessor": world.accounts["panel"], "reason": "出差"})
    yield _act("admin", f"{here}/candidates/{{candidate}}/veto", one, data={"veto": "", "reason": "查无此事"})
    yield _act("admin", f"{here}/candidates/{{candidate}}/times", one, data={"since": "2022-04-01"})
    scores = {f"scores.{key}": str(points) for key, points in full_sheet().items()}
    yield _act("dept_legal", f"{here}/scoring/{{candidate}}", one, data=scores)
    yield _act("dept_aid", f"{here}/scoring/{{candidate}}/recusal", one, data={"reason": "曾是同事"})


async def _workers(world: World) -> AsyncIterator[Act]:
    """Enter, put right, write a break: each once by app and once by page."""
    worker = [{"worker": one} for one in world.ids["worker"]]
    known = {"union_id": world.town, "hired_on": "2021-03-01", "post": "junior", "start_grade": 1, "reason": "聘用文件"}
    new = known | {"name": "安小工", "id_no": world.next_person().id_no}
    yield _act("dept_org", "POST /api/v1/desk/social-workers", json=new)
    new |= {"id_no": world.next_person().id_no, "submission_key": "k11"}
    yield _act("dept_org", "POST /desk/social-workers", data=new)
    right = {"hired_on": "2020-02-29", "reason": "档案核对", "version": 1}
    yield _act("dept_org", "POST /api/v1/desk/social-workers/{worker}/corrections", worker[0], json=right)
    yield _act("dept_org", "POST /desk/social-workers/{worker}/corrections", worker[1], data=right)
    year = {"year": 2022, "result": "competent", "reason": "旧档案", "version": 2}
    yield _act("dept_org", "POST /api/v1/desk/social-workers/{worker}/years", worker[0], json=year)
    yield _act("dept_org", "POST /desk/social-workers/{worker}/years", worker[1], data=year)
    course = {"on": "2023-05-04", "kind": "cycle", "reason": "旧档案", "version": 3}
    yield _act("dept_org", "POST /api/v1/desk/social-workers/{worker}/trainings", worker[0], json=course)
    yield _act("dept_org", "POST /desk/social-workers/{worker}/trainings", worker[1], data=course)
    cells = ["安小工", world.next_person().id_no, "没有的工会", "2020-03-01", "初级岗", "1"]
    sheet = sheets.csv_bytes(["姓名", "身份证号", "用人的工会", "入职日期", "入职岗位", "入职级别"], [cells])
    files = {"sheet": ("台账.csv", sheet, "text/csv")}
    yield _act("dept_org", "POST /api/v1/desk/social-workers/import", data={"reason": "旧档案"}, files=files)
    yield _act("dept_org", "POST /desk/social-workers/import", data={"reason": "旧档案"}, files=files)
    away = {"first_on": "2023-01-01", "last_on": "2023-03-31", "reason": "长期病假", "version": 1}
    yield _act("dept_org", "POST /api/v1/desk/social-workers/{worker}/breaks", worker[2], json=away)
    yield _act("dept_org", "POST /desk/social-workers/{worker}/breaks", worker[3], data=away)


async def _covers(world: World) -> AsyncIterator[Act]:
    begins = clock.today() + timedelta(days=20)
    days = {"from_on": begins.isoformat(), "until_on": (begins + timedelta(days=2)).isoformat()}
    away = {"absent": world.accounts["dept_legal"], "cover": world.accounts["dept_aid"]}
    yield _act("admin", "POST /api/v1/desk/covers", json=days | away)
    away = {"absent": world.accounts["dept_service"], "cover": world.accounts["dept_welfare"]}
    yield _act("admin", "POST /desk/covers", data=days | away)
    first, second = world.ids["cover"]
    yield _act("admin", "DELETE /api/v1/desk/covers/{cover}", {"cover": first})
    yield _act("dept_jobs", "POST /desk/covers/{cover}/end", {"cover": second})


async def _sessions(world: World) -> AsyncIterator[Act]:
    """The last ones: they end what the others live by."""
    first, second = somebody(world.number * 100 + 90), somebody(world.number * 100 + 91)
    yield _act("guest", "POST /api/v1/auth/sms-codes", json={"phone": first.phone})
    yield _act("guest", "POST /api/v1/auth/sessions", json={"phone": first.phone, "code": await _code(first.phone)})
    yield _act("guest", "POST /sign-in/code", data={"phone": second.phone})
    yield _act("guest", "POST /sign-in", data={"phone": second.phone, "code": await _code(second.phone)})
    staff = {"username": f"{world.letter.lower()}-chair", "password": PASSWORD}
    yield _act("guest", "POST /api/v1/auth/staff/sessions", json=staff)
    yield _act("guest", "POST /desk/sign-in", data=staff)
    [_, *others] = await _rows_of(world, "session_row", "account_id", "chair") * 3
    yield _act("chair", "DELETE /api/v1/me/sessions/{session}", {"session": others[0]})
    yield _act("chair", "POST /me/sessions/{session}/end", {"session": others[1]})
    yield _act("chair", "DELETE /api/v1/me/sessions")
    new = {"current": PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    yield _act("expert", "POST /desk/password", data=new)
    yield _act("assessor", "POST /desk/totp", data={"code": await _totp(world, "assessor")})
    yield _act("inspector", "DELETE /api/v1/auth/sessions/current")
    yield _act("agent", "POST /desk/sign-out")
    yield _act("member", "POST /sign-out")


async def _version(table: str, column: str, value: object) -> int:
    return int(await database.scalar(f"SELECT version FROM {table} WHERE {column} = %s", value))


async def _rows_of(world: World, table: str, column: str, role: str) -> list[str]:
    account = ids.parse(world.accounts[role])
    found = await database.rows(f"SELECT id FROM {table} WHERE {column} = %s ORDER BY id", account)
    return [ids.public(row["id"]) for row in found]


async def _code(phone: str) -> str:
    """What was sent, once the act that asks for it is done."""
    return await sent_code(phone) or "000000"


async def _totp(world: World, role: str) -> str:
    offer = await commands.offer_totp(await world.actor(role))
    return TOTP(offer.secret.replace(" ", "")).at(int(clock.now().timestamp()))
