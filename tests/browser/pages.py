"""Every page there is, where it stands, and who looks at it.

A page that is added has to be named here, or tests/walkers/test_pages.py fails.
"""

from typing import Any

import httpx
import msgspec

from backend.core import clock, ids
from backend.demo.places import phone_number
from tests.browser.people import Somebody, sign_in_code
from tests.browser.product import Product
from tests.factories.people import join_form, somebody

PASSWORD = "union-demo"
# Who looks: people by the phone of the demo, staff by user name.
PEOPLE = {
    "member": phone_number(102),  # admitted through the portal
    "insured": phone_number(100),  # enrolled in mutual aid
    "applicant": phone_number(19),  # has a case that was returned
    "nobody": Somebody().phone,  # has just signed in for the first time
}
STAFF = {
    "clerk": "demo-town",
    "unit": "demo-unit",
    "county": "demo-county",
    "admin": "demo-admin",
    "cashier": "demo-cashier",
    "merchant": "demo-merchant",
}

# What is read by machines, downloaded, or leads on to another page.
NO_PAGE = {
    "/app.webmanifest",
    "/desk/exports/{export}/file",
    "/desk/mall/statement/sheet",
    "/desk/members/import/template",
    "/desk/pay-statement/sheet",
    "/desk/settlements/{settlement}/sheet",
    "/desk/visit-lists/{visit}/goods",
    "/desk/visit-lists/{visit}/people",
    "/desk/shops/{shop}/statement/sheet",
    "/desk/social-workers/import/template",
    "/desk/members/import/{import_id}/report",
    "/favicon.ico",
    "/files/{file}",
    "/livez",
    "/me/sessions",
    "/merchant/settlements/{settlement}/sheet",
    "/merchant/statement/sheet",
    "/metrics",
    "/readyz",
    "/cases/{returned}/tables/{table}/template",
    "/cases/{returned}/tables/{table}/wrong",
    "/services/{slug}/tables/{table}/template",
    "/services/{slug}/tables/{table}/wrong",
    "/sw.js",
    "/vouchers/{campaign}/left",
}


class Look(msgspec.Struct, frozen=True):
    """`path` may name facts in braces; `lands` is where it leads when that is not where one went."""

    door: str
    path: str
    who: str = "guest"
    status: int = 200
    lands: str = ""


def _look(who: str, path: str, door: str = "", *, status: int = 200, lands: str = "") -> Look:
    return Look(door=door or path.partition("?")[0], path=path, who=who, status=status, lands=lands)


PORTAL = [
    _look("guest", "/"),
    _look("guest", "/services"),
    _look("guest", "/services?q=没有这样的事"),
    _look("guest", "/services/member-join", "/services/{slug}"),
    _look("guest", "/notices"),
    _look("guest", "/notices/0000000000001", "/notices/{notice}", status=404),
    _look("guest", "/sign-in"),
    _look("guest", "/offline"),
    _look("guest", "/i/{invite}", "/i/{code}"),
    _look("guest", "/i/{expired}", "/i/{code}"),
    _look("guest", "/i/ZZZZZZZZ", "/i/{code}", status=404),
    _look("guest", "/c/{card}", "/c/{code}"),
    _look("guest", "/c/nonsense", "/c/{code}"),
    _look("guest", "/verify/{case}/{code}", "/verify/{number}/{code}"),
    _look("guest", "/verify/{case}/AAAA-AAAA", "/verify/{number}/{code}", status=404),
    _look("guest", "/nowhere", status=404),
    _look("guest", "/api/docs"),
    _look("member", "/"),
    _look("member", "/services?q=住院"),
    _look("member", "/cases"),
    _look("member", "/cases?status=closed"),
    _look("member", "/cases/{guided}/actions/link-feedback", "/cases/{number}/actions/{action}"),
    _look("member", "/cases/{joined}/documents/form-print", "/cases/{number}/documents/{document}"),
    _look("member", "/me"),
    _look("member", "/me/records"),
    _look("member", "/me/payments"),
    _look("nobody", "/me/payments"),
    _look("member", "/me/payments/{due}/card", "/me/payments/{due}/card"),
    _look("member", "/me/card"),
    _look("member", "/me/inbox"),
    _look("member", "/me/views"),
    _look("member", "/me/consents"),
    _look("member", "/services/social-insurance/for-other", "/services/{slug}/for-other"),
    _look("member", "/me/filings"),
    _look("applicant", "/me/filings/{proxied}", "/me/filings/{filing}"),
    _look("guest", "/vouchers"),
    _look("guest", "/vouchers/{claimable}", "/vouchers/{campaign}"),
    _look("nobody", "/vouchers/{claimable}", "/vouchers/{campaign}"),
    _look("member", "/vouchers/{claimable}", "/vouchers/{campaign}"),
    _look("member", "/vouchers/{handed_out}", "/vouchers/{campaign}"),
    _look("member", "/vouchers/{drawn}", "/vouchers/{campaign}"),
    _look("guest", "/vouchers/given"),
    _look("member", "/vouchers/{gift}", "/vouchers/{campaign}"),
    _look("guest", "/shops"),
    _look("guest", "/shops?q=没有这样的店", "/shops"),
    _look("guest", "/mall"),
    _look("guest", "/mall/{goods}", "/mall/{goods}"),
    _look("member", "/mall/{goods}"),
    _look("nobody", "/mall/{goods}"),
    _look("member", "/me/aid"),
    _look("nobody", "/me/aid"),
    _look("guest", "/aid-batches"),
    _look("guest", "/aid-batches/{intake}", "/aid-batches/{intake}"),
    _look("member", "/me/condolences"),
    _look("insured", "/me/condolences"),
    _look("member", "/me/visits"),
    _look("insured", "/me/visits"),
    _look("member", "/aid/estimate"),
    _look("member", "/me/aid/remaining"),
    _look("nobody", "/me/aid/remaining"),
    _look("insured", "/me/aid/policies/{policy}", "/me/aid/policies/{policy}"),
    _look("member", "/me/orders"),
    _look("nobody", "/me/orders"),
    _look("member", "/me/orders/{order}"),
    _look("guest", "/vouchers/{drawn}/draw", "/vouchers/{campaign}/draw"),
    _look("member", "/me/vouchers"),
    _look("nobody", "/me/vouchers?over=1"),
    _look("member", "/me/vouchers/{voucher}", "/me/vouchers/{voucher}"),
    _look("member", "/me/grades"),
    _look("nobody", "/me/grades"),
    _look("member", "/me/grades/{graded}/certificate", "/me/grades/{grade}/certificate"),
    _look("member", "/me/offers"),
    _look("member", "/me/offers/benefit-gift/birthday", "/me/offers/{slug}/{rule}"),
    _look("member", "/services/member-join/apply", "/services/{slug}/apply"),
    _look("member", "/services/member-recruit/apply?screen=2", "/services/{slug}/apply"),
    _look("member", "/services/member-recruit/tables/roster", "/services/{slug}/tables/{table}"),
    _look("nobody", "/services/member-recruit/tables/roster", "/services/{slug}/tables/{table}"),
    _look("member", "/cases/{listed}/correction", "/cases/{number}/correction"),
    _look("member", "/cases/{listed}/tables/roster", "/cases/{returned}/tables/{table}"),
    _look("applicant", "/cases"),
    _look("applicant", "/cases/{case}", "/cases/{number}"),
    _look("applicant", "/cases/{case}/submitted", "/cases/{number}/submitted"),
    _look("applicant", "/cases/{case}/correction", "/cases/{number}/correction"),
    _look("applicant", "/cases/{case}/receipt", "/cases/{number}/receipt"),
    _look("applicant", "/cases/{case}/messages", "/cases/{number}/messages"),
    _look("applicant", "/cases/{case}/timeline", "/cases/{number}/timeline"),
    _look("nobody", "/"),
    _look("nobody", "/cases"),
    _look("nobody", "/cases?status=closed"),
    _look("nobody", "/cases/{case}", "/cases/{number}", status=404),
    _look("nobody", "/me"),
    _look("nobody", "/me/inbox"),
    _look("nobody", "/me/views"),
    _look("nobody", "/me/consents"),
    _look("nobody", "/me/confirm"),
    _look("nobody", "/desk/cases", status=403),
    _look("nobody", "/services/member-join/apply?invite={invite}", "/services/{slug}/apply"),
    _look("nobody", "/services/member-join/apply?screen=2", "/services/{slug}/apply"),
    _look("nobody", "/services/member-join/apply?screen=3", "/services/{slug}/apply"),
]

DESK = [
    _look("guest", "/desk/sign-in"),
    _look("clerk", "/desk", lands="/desk/cases"),
    _look("clerk", "/desk/cases"),
    _look("clerk", "/desk/cases?q=没有这样的人"),
    _look("clerk", "/desk/cases?done=today"),
    _look("clerk", "/desk/cases/{desk_case}", "/desk/cases/{number}"),
    _look("clerk", "/desk/cases/{filed}/duplicates/{alike}", "/desk/cases/{number}/duplicates/{other}"),
    _look("clerk", "/desk/cases/{refused}", "/desk/cases/{number}"),
    _look("clerk", "/desk/cases/{refused}/reopen", "/desk/cases/{number}/reopen"),
    _look("clerk", "/desk/cases/{desk_case}/recuse", "/desk/cases/{number}/recuse"),
    _look("clerk", "/desk/cases/{desk_case}/receipt", "/desk/cases/{number}/receipt"),
    _look("clerk", "/desk/cases/{desk_case}/timeline", "/desk/cases/{number}/timeline"),
    _look("clerk", "/desk/cases/{asked}/actions/guide-record", "/desk/cases/{number}/actions/{action}"),
    _look("clerk", "/desk/cases/{filed}/documents/form-print", "/desk/cases/{number}/documents/{document}"),
    _look("clerk", "/desk/cases/{case}/messages", "/desk/cases/{number}/messages"),
    _look("clerk", "/desk/cases/{asked}/questions", "/desk/cases/{number}/questions"),
    _look("county", "/desk/cases?asked=1"),
    _look("county", "/desk/cases/{asked}?asked=1", "/desk/cases/{number}"),
    _look("clerk", "/desk/cases/{asked}", "/desk/cases/{number}"),
    _look("county", "/desk/questions/{question}", "/desk/questions/{question}"),
    _look("clerk", "/desk/account"),
    _look("clerk", "/desk/covers"),
    _look("admin", "/desk/covers"),
    _look("clerk", "/desk/batches"),
    _look("clerk", "/desk/batches/{batch}", "/desk/batches/{batch}"),
    _look("clerk", "/desk/phrases"),
    _look("clerk", "/desk/exports"),
    _look("clerk", "/desk/exports/new?kind=cases&desk=mine&status=waiting"),
    _look("clerk", "/desk/exports/new?kind=attachments"),
    _look("admin", "/desk/exports/new?kind=members"),
    _look("admin", "/desk/exports/log"),
    _look("clerk", "/desk/statistics"),
    _look("clerk", "/desk/statistics/cases"),
    _look("clerk", "/desk/straight-through"),
    _look("clerk", "/desk/straight-through/member-card", "/desk/straight-through/{slug}"),
    _look("clerk", "/desk/records"),
    _look("clerk", "/desk/filing"),
    _look("clerk", "/desk/filing/member-join", "/desk/filing/{slug}"),
    _look("clerk", "/desk/filing/done/{filed}", "/desk/filing/done/{number}"),
    _look("clerk", "/desk/invites"),
    _look("clerk", "/desk/invites/{invite_id}/poster", "/desk/invites/{invite}/poster"),
    _look("clerk", "/desk/members"),
    _look("clerk", "/desk/members?q=没有这样的人"),
    _look("clerk", "/desk/members/{member}", "/desk/members/{member}"),
    _look("clerk", "/desk/members/import"),
    _look("clerk", "/desk/members/import/{import_id}", "/desk/members/import/{import_id}"),
    _look("clerk", "/desk/notifications"),
    _look("admin", "/desk/undelivered"),
    _look("clerk", "/desk/password"),
    _look("clerk", "/desk/totp"),
    _look("clerk", "/desk/staff", status=403),
    _look("clerk", "/desk/cases/RH2020-000001", "/desk/cases/{number}", status=404),
    _look("clerk", "/desk/nowhere", status=404),
    _look("county", "/desk/voucher-campaigns"),
    _look("county", "/desk/voucher-campaigns/new"),
    _look("county", "/desk/voucher-campaigns/{handed_out}", "/desk/voucher-campaigns/{campaign}"),
    _look("county", "/desk/voucher-campaigns/{claimable}", "/desk/voucher-campaigns/{campaign}"),
    _look("county", "/desk/shops"),
    _look("county", "/desk/shops/{shop}", "/desk/shops/{shop}"),
    _look("admin", "/desk/shops/{shop}", "/desk/shops/{shop}"),
    _look("county", "/desk/shops/{shop}/redemptions", "/desk/shops/{shop}/redemptions"),
    _look("county", "/desk/shops/{shop}/redemptions?day=2020-01-01", "/desk/shops/{shop}/redemptions"),
    _look("county", "/desk/shops/{shop}/statement", "/desk/shops/{shop}/statement"),
    _look("county", "/desk/mass-notices"),
    _look("county", "/desk/mass-notices/new"),
    _look("county", "/desk/mass-notices/{mass}", "/desk/mass-notices/{mass}"),
    _look("county", "/desk/voucher-campaigns/{gift}", "/desk/voucher-campaigns/{campaign}"),
    _look("county", "/desk/gift-stations"),
    _look("county", "/desk/gift-stations/{station}", "/desk/gift-stations/{station}"),
    _look("clerk", "/desk/handovers"),
    _look("county", "/desk/aid-batches"),
    _look("county", "/desk/aid-batches/{intake}", "/desk/aid-batches/{intake}"),
    _look("county", "/desk/aid-exclusions"),
    _look("unit", "/desk/visit-targets"),
    _look("unit", "/desk/visit-targets?season=spring&visit_on=2026-03-10"),
    _look("county", "/desk/visit-lists"),
    _look("county", "/desk/visit-lists/{visit}", "/desk/visit-lists/{visit}"),
    _look("county", "/desk/visit-goods"),
    _look("unit", "/desk/condolence-standards"),
    _look("unit", "/desk/festival-issues"),
    _look("clerk", "/desk/handovers/{handover}", "/desk/handovers/{handover}"),
    _look("county", "/desk/gift-moves"),
    _look("county", "/desk/vouchers"),
    _look("county", "/desk/vouchers/{voucher}", "/desk/vouchers/{voucher}"),
    _look("county", "/desk/aid/plans"),
    _look("county", "/desk/aid/policies"),
    _look("county", "/desk/aid/policies?q=YLHZ9999"),
    _look("county", "/desk/aid/files"),
    _look("county", "/desk/aid/files?due=true"),
    _look("county", "/desk/aid/files/{hardship}", "/desk/aid/files/{hardship}"),
    _look("county", "/desk/aid/policies/{policy}", "/desk/aid/policies/{policy}"),
    _look("county", "/desk/mall/goods"),
    _look("county", "/desk/mall/goods/{goods}"),
    _look("county", "/desk/mall/orders"),
    _look("county", "/desk/mall/orders?code=ABCD"),
    _look("county", "/desk/mall/orders/{order}"),
    _look("county", "/desk/mall/statement"),
    _look("county", "/desk/mall/statement?day=2020-01-01"),
    _look("county", "/desk/grading"),
    _look("clerk", "/desk/grading"),
    _look("county", "/desk/grading/scheme"),
    _look("county", "/desk/grading/{appraisal}"),
    _look("county", "/desk/grading/{published}", "/desk/grading/{appraisal}"),
    _look("county", "/desk/grading/{appraisal}/candidates"),
    _look("county", "/desk/grading/{appraisal}/candidates/{candidate}"),
    _look("county", "/desk/grading/{published}/dry-run", "/desk/grading/{appraisal}/dry-run"),
    _look("county", "/desk/grading/{published}/print", "/desk/grading/{appraisal}/print"),
    _look("clerk", "/desk/grading/{appraisal}/scoring"),
    _look("clerk", "/desk/grading/{appraisal}/scoring/{candidate}"),
    _look("admin", "/desk/social-workers"),
    _look("admin", "/desk/social-workers?due=training"),
    _look("admin", "/desk/social-workers/import"),
    _look("admin", "/desk/social-workers/due-list"),
    _look("admin", "/desk/social-workers/{worker}", "/desk/social-workers/{worker}"),
    _look("admin", "/desk/budgets"),
    _look("admin", "/desk/budgets/{budget}", "/desk/budgets/{budget}"),
    _look("admin", "/desk/pay-runs"),
    _look("admin", "/desk/pay-runs/new"),
    _look("admin", "/desk/pay-runs/{run}", "/desk/pay-runs/{run}"),
    _look("admin", "/desk/pay-returns"),
    _look("admin", "/desk/pay-statement"),
    _look("admin", "/desk/unions"),
    _look("admin", "/desk/unions/{union}", "/desk/unions/{union}"),
    _look("admin", "/desk/staff"),
]

TILL = [
    _look("guest", "/merchant/offline"),
    _look("cashier", "/merchant"),
    _look("cashier", "/merchant/redemptions"),
    _look("cashier", "/merchant/redemptions?day=2020-01-01"),
    _look("cashier", "/merchant/redemptions/{redemption}", "/merchant/redemptions/{redemption}"),
    _look("cashier", "/merchant/redemptions/{undone}", "/merchant/redemptions/{redemption}"),
    _look("cashier", "/merchant/statement"),
    _look("cashier", "/merchant/statement?period=week"),
    _look("cashier", "/desk", lands="/merchant"),
    _look("clerk", "/merchant", status=403),
    _look("merchant", "/merchant/shops"),
    _look("merchant", "/merchant/shops/{shop}", "/merchant/shops/{shop}"),
    _look("merchant", "/desk", lands="/merchant/shops"),
]

LOOKS = [*PORTAL, *DESK, *TILL]


class Facts(msgspec.Struct):
    """What pages are about, and a session for everybody."""

    values: dict[str, str]
    tokens: dict[str, str]

    def path(self, look: Look) -> str:
        return look.path.format_map(self.values)


def gather(product: Product) -> Facts:
    """By the API, as any client would."""
    with httpx.Client(base_url=f"{product}/api/v1", timeout=30) as http:
        # A sign-in ends the session that asks for it, and a client would send its cookie along.
        http.event_hooks["response"].append(lambda answer: http.cookies.clear())
        tokens = {who: _phone_session(http, product, phone) for who, phone in PEOPLE.items()}
        tokens |= {who: _staff_session(http, name) for who, name in STAFF.items()}
        return Facts(_values(http, product, tokens), tokens | {"guest": ""})


def _phone_session(http: httpx.Client, product: Product, phone: str) -> str:
    _ok(http.post("/auth/sms-codes", json={"phone": phone}))
    sent = {"phone": phone, "code": sign_in_code(product, phone)}
    return _ok(http.post("/auth/sessions", json=sent))["access_token"]


def _staff_session(http: httpx.Client, name: str) -> str:
    return _ok(http.post("/auth/staff/sessions", json={"username": name, "password": PASSWORD}))["access_token"]


def _ok(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def _values(http: httpx.Client, product: Product, tokens: dict[str, str]) -> dict[str, str]:
    def ask(who: str, method: str, path: str, **sent: Any) -> Any:
        return _ok(http.request(method, path, headers={"authorization": f"Bearer {tokens[who]}"}, **sent))

    case = next(one["number"] for one in ask("applicant", "GET", "/cases")["items"])
    shown = ask("applicant", "GET", f"/cases/{case}")
    town = ask("clerk", "GET", "/unions?q=高桥街道总工会")["items"][0]["id"]
    invite, expired = [_invite(ask, town) for _ in range(2)]
    product.database.execute("UPDATE invite SET expires_on = '2020-01-01' WHERE code = %s", expired["code"])
    who = somebody(998)
    filed = ask(
        "clerk",
        "POST",
        "/desk/services/member-join/cases",
        json={"form": join_form(who, division="990121001", target_org=town)},
    )
    form = join_form(somebody(995), division="990121001", target_org=town) | {"mobile": who.phone}
    alike = ask("clerk", "POST", "/desk/services/member-join/cases", json={"form": form})
    form = {"region": "990121001", "insured_kind": "flexible", "service": "pay"}
    guided = ask("member", "POST", "/services/social-insurance/cases", json={"form": form})
    other = {"name": "王小测", "phone": PEOPLE["applicant"], "form": form}
    proxied = ask("member", "POST", "/services/social-insurance/filings", json=other)["sent"][0]["id"]
    asked = ask("clerk", "POST", "/desk/services/social-insurance/cases", json={"form": form})
    ask("applicant", "POST", f"/cases/{case}/messages", json={"text": "请问还缺什么？"})
    county = ask("county", "GET", "/me")["staff"]["union"]["id"]
    question = {"to_union": county, "role": "dept_org", "text": "这一类以前是怎么办的？"}
    refused = _refused(ask, join_form(somebody(996), division="990121001", target_org=town))
    rows = f"姓名,身份证号,手机号\n{who.name},{who.id_no},{who.phone}\n李小测,123,\n".encode()
    ask("member", "POST", "/services/member-recruit/tables/roster", files={"sheet": ("名单.csv", rows, "text/csv")})
    listed = _listed(ask)
    cases = [{"number": filed["number"], "version": filed["version"]}]
    batch = ask("clerk", "POST", "/desk/decisions", json={"action": "approve", "cases": cases})
    ask("clerk", "POST", f"/desk/decisions/{batch['batch']}/undo")
    approved = ask("member", "GET", "/cases?status=approved")["items"]
    joined = next(one["number"] for one in approved if one["number"].startswith("RH"))
    product.database.execute(
        "INSERT INTO offer (id, `key`, flow, rule, period, member_id, account_id, state, offered_at, closes_on)"
        " SELECT 1, 'look', 'benefit-gift', 'birthday', '2099', a.member_id, a.id, 'offered', NOW(), '2099-12-31'"
        " FROM account a JOIN case_file c ON c.applicant_id = a.id WHERE c.number = %s",
        joined,
    )
    words = {"union_id": county, "title": "端午慰问品领取", "text": "请带会员卡到社区工会领取。", "by_sms": True}
    redemption, undone = _brought(ask)
    _pay_before(product, redemption)
    campaigns = ask("member", "GET", "/voucher-campaigns")["items"]
    claimable, handed_out, drawn = [
        next(one["id"] for one in campaigns if one["mode"] == mode) for mode in ("claim", "targeted", "lottery")
    ]
    goods = next(one["id"] for one in ask("member", "GET", "/mall/goods")["items"] if one["left"] > 9)
    gift = next(one["id"] for one in campaigns if one["kind"] == "gift")
    running, published = [one["id"] for one in ask("county", "GET", "/desk/grading")["items"][:2]]
    return {
        "due": ask("member", "GET", "/me/payments")["items"][0]["id"],
        "run": ask("admin", "GET", "/desk/pay-runs")["items"][0]["id"],
        "appraisal": running,
        "published": published,
        "graded": ask("member", "GET", "/me/grades")["items"][1]["id"],
        "candidate": ask("clerk", "GET", f"/desk/grading/{running}/sheets")[0]["candidate"],
        "redemption": redemption,
        "undone": undone,
        "case": case,
        "claimable": claimable,
        "handed_out": handed_out,
        "drawn": drawn,
        "gift": gift,
        "goods": goods,
        "hardship": ask("county", "GET", "/desk/aid/files")["items"][0]["id"],
        "intake": ask("county", "GET", "/desk/aid-batches")[0]["id"],
        "visit": ask("county", "GET", "/desk/visit-lists")[0]["id"],
        "policy": ask("insured", "GET", "/me/aid/policies")["items"][0]["id"],
        "order": ask("member", "POST", f"/mall/goods/{goods}/orders", json={"quantity": 2})["id"],
        "station": ask("county", "GET", "/desk/gift-stations")["items"][0]["id"],
        "handover": ask("clerk", "GET", "/desk/handovers")["items"][0]["id"],
        "worker": ask("admin", "GET", "/desk/social-workers")["items"][0]["id"],
        "voucher": ask("member", "GET", "/me/vouchers")["items"][0]["id"],
        "code": shown["verify_url"].rpartition("/")[2],
        "card": ask("member", "GET", "/me/card")["qr"],
        "invite": invite["code"],
        "invite_id": invite["id"],
        "expired": expired["code"],
        "guided": guided["number"],
        "asked": asked["number"],
        "proxied": proxied,
        "joined": joined,
        "listed": listed,
        "batch": batch["batch"],
        "shop": ask("county", "GET", "/desk/shops")["items"][-1]["id"],
        "mass": ask("county", "POST", "/desk/mass-notices", json=words)["id"],
        "budget": ask("admin", "GET", "/desk/budgets")["items"][0]["id"],
        "question": ask("clerk", "POST", f"/desk/cases/{asked['number']}/questions", json=question)["id"],
        "desk_case": ask("clerk", "GET", "/desk/cases")["items"][0]["number"],
        "filed": filed["number"],
        "refused": refused,
        "alike": alike["number"],
        "union": town,
        "import_id": _import(ask),
        "member": ask("clerk", "GET", "/desk/members")["items"][0]["id"],
    }


def _brought(ask: Any) -> list[str]:
    """What a till took of a member, and what it gave back: the voucher is good again, so it is one voucher."""
    campaign = next(one for one in ask("member", "GET", "/voucher-campaigns")["items"] if one["name"] == "会员消费券")
    code = ask("member", "POST", f"/voucher-campaigns/{campaign['id']}/claims")["code"]
    made = []
    for receipt_no in ("A-0001", "A-0002"):
        sent = {"code": code, "amount_fen": 128_00, "receipt_no": receipt_no}
        made.append(ask("cashier", "POST", "/merchant/redemptions", json=sent)["id"])
        if len(made) == 1:
            ask("cashier", "POST", f"/merchant/redemptions/{made[0]}/undo", json={"reason": "会员换了菜"})
    return made[::-1]


def _pay_before(product: Product, redemption: str) -> None:
    """One settlement of the past, and a use of last year that is still to be paid: as far as pages show them."""
    product.database.execute(
        "INSERT INTO redemption (id, shop_id, receipt_no, cashier_id, voucher_id, live, campaign_id, member_id,"
        " amount_fen, worth_fen, at, day, offline, undo_reason) SELECT 1, shop_id, 'A-0000', cashier_id, voucher_id, 1,"
        " campaign_id, member_id, amount_fen, worth_fen, at, '2025-12-30', 0, '' FROM redemption WHERE id = %s",
        ids.parse(redemption),
    )
    product.database.execute(
        "INSERT INTO settlement (id, shop_id, from_on, to_on, count, amount_fen, posting_id, paid_by, paid_at, remark,"
        " reverse_reason) SELECT 1, shop_id, '2025-12-01', '2025-12-07', 3, 15000, 1, 1, at, '网银 2025-1208', ''"
        " FROM redemption WHERE id = 1"
    )


def _refused(ask: Any, form: dict[str, Any]) -> str:
    """A case filed at the window and refused by the same clerk."""
    filed = ask("clerk", "POST", "/desk/services/member-join/cases", json={"form": form})
    no = {"action": "reject", "version": filed["version"], "comment": "不在本县工作"}
    ask("clerk", "POST", f"/desk/cases/{filed['number']}/decisions", json=no)
    return filed["number"]


def _listed(ask: Any) -> str:
    """A list of seventy people that came back."""
    people = [somebody(number) for number in range(800, 870)]
    form = {
        "campaign_name": "春季入会",
        "org_ref": ask("clerk", "GET", "/unions?q=高桥街道总工会")["items"][0]["id"],
        "target_groups": ["courier"],
        "start_date": "2026-03-01",
        "end_date": "2026-03-31",
        "roster": [{"name": one.name, "id_no": one.id_no, "mobile": one.phone} for one in people],
    }
    number = ask("member", "POST", "/services/member-recruit/cases", json={"form": form})["number"]
    sent = {"action": "return", "version": 1, "corrections": [{"field": "roster", "comment": "请核对手机号"}]}
    ask("clerk", "POST", f"/desk/cases/{number}/decisions", json=sent)
    return number


def _invite(ask: Any, town: str) -> dict[str, str]:
    return ask("clerk", "POST", "/desk/invites", json={"union_id": town, "expires_on": clock.today().isoformat()})


def _import(ask: Any) -> str:
    sheet = ("名册.csv", f"姓名,身份证号\n王小测,{somebody(997).id_no}\n李试,123\n".encode(), "text/csv")
    return ask("clerk", "POST", "/desk/members/import", files={"sheet": sheet}, data={"dry_run": "true"})["id"]
