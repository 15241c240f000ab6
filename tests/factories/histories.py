"""The cases of a world, one in every state, and what its staff and people did to them."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from backend.aid import commands as aid
from backend.aid import queries as policies
from backend.aid.condolence_enums import Festival
from backend.aid.condolence_schemas import IssueInput
from backend.aid.hardship_enums import Grade
from backend.aid.hardship_schemas import Household, Relative
from backend.aid.intake_schemas import IntakeInput
from backend.aid.policy_rules import Terms
from backend.aid.schemas import Enrolment, FeeIn
from backend.aid.visit_enums import Season
from backend.aid.visit_schemas import VisitInput, WareInput
from backend.casework import commands as casework
from backend.casework.commands.outcomes import approved_case
from backend.casework.models import Case, CaseKey
from backend.casework.queries import tables
from backend.casework.schemas import (
    ActInput,
    BatchInput,
    BatchItem,
    CorrectionsInput,
    DecisionInput,
    DraftInput,
    ExportInput,
    FieldComment,
    ProxyInput,
    QuestionInput,
    SubmitInput,
)
from backend.core import clock, crypto, database, ids
from backend.grading import commands as grading
from backend.grading.enums import Post
from backend.grading.worker_schemas import NewWorker
from backend.identity import commands as identity
from backend.identity import relatives
from backend.identity.schemas import RelativeInput
from backend.mall import commands as mall
from backend.mall.enums import PayMeans
from backend.mall.schemas import NewGoods, OrderInput, PayInput
from backend.notifications import commands as notifications
from backend.notifications.models import Delivery
from backend.notifications.schemas import MassInput
from backend.payments import commands as payments
from backend.payments.enums import DueSource
from backend.payments.run_schemas import NewRun
from backend.payments.schemas import BudgetInput, NewBudget, NewDue
from backend.unions import commands as unions
from backend.unions.schemas import CoverInput
from backend.vouchers import commands as vouchers
from backend.vouchers import queries as shops
from backend.vouchers.enums import CampaignKind, CampaignMode
from backend.vouchers.schemas import CampaignInput
from backend.vouchers.shop_schemas import RedemptionInput, SettleInput, ShopInput
from backend.vouchers.station_schemas import HandoverInput, StationInput, StockInput
from tests.factories.people import Somebody, join_form
from tests.factories.pictures import upload

if TYPE_CHECKING:
    from tests.factories.world import World

FLOW = "member-join"


async def live(world: "World") -> None:
    """Joinings of every outcome, a draft, a filing at the window, and sensitive values that staff opened."""
    person = await world.actor("person")
    photo = await upload(person)
    await file(world, "submitted", "person", world.person, files={"work_proof": [photo]})
    for state in ("in_review", "returned", "corrected", "on_hold", "rejected", "withdrawn", "town"):
        await file(world, state, "person", world.next_person(), at_unit=state != "town")
    await file(world, "approved", "member", world.member)
    await _desk_work(world)
    await _leave_behind(world)
    await _declare(world)
    await _plan_leave(world)
    await casework.withdraw(number=world.cases["withdrawn"], actor=person)
    await casework.urge(number=world.cases["submitted"], actor=person)
    await _answer_return(world)
    await casework.messages.write(number=world.cases["submitted"], text="要等几天？", actor=person)
    officer = await world.actor("officer")
    await casework.messages.write_from_desk(number=world.cases["submitted"], text="三天左右。", actor=officer)
    form = join_form(world.next_person(), division=world.division)
    draft = DraftInput(form=form, attachments={"idcard": [await upload(person)]})
    await casework.save_draft(slug=FLOW, data=draft, actor=person)
    window = SubmitInput(form=join_form(world.next_person(), division=world.division, target_org=world.unit))
    desk = await world.actor("desk")
    world.cases["window"] = await casework.file_at_window(slug=FLOW, data=window, actor=desk)
    await _look_alike(world)


async def give_out(world: "World") -> None:
    """Three campaigns that members claim from, one that is handed out, one that waits for its approval, two by lot."""
    welfare, leader, member = [await world.actor(role) for role in ("dept_welfare", "leader", "member")]
    budget = NewBudget(
        key=f"vouchers {world.letter}",
        union_id=ids.parse(world.county) or 0,
        name="普惠消费券",
        year=clock.today().year,
        amount_fen=1_000_000_00,
    )
    budget_id = ids.public(await payments.open_budget(welfare, budget=budget))
    world.note("budget", budget_id)
    for name in ("困难帮扶", "劳模慰问"):
        more = BudgetInput(union_id=world.county, name=name, year=budget.year, amount_fen=50_000_00)
        world.note("budget", await payments.open_own_budget(await world.actor("dept_finance"), data=more))
    modes = (*(CampaignMode.CLAIM,) * 3, CampaignMode.TARGETED, CampaignMode.CLAIM, *(CampaignMode.LOTTERY,) * 2)
    for number, mode in enumerate(modes):
        made = await vouchers.propose(data=round_of(number, mode, budget_id), actor=welfare)
        world.note("campaign", made.id)
        if number != 4:
            data = DecisionInput(action="approve", version=await version_of(made.case_number))
            await casework.decide(number=made.case_number, data=data, actor=leader)
        if number < 3:
            taken = await vouchers.claim(campaign=made.id, actor=member)
            world.note("voucher", taken.id)
    await _bring_to_till(world)
    await _bring_to_station(world, budget_id)


async def _bring_to_station(world: "World", budget_id: str) -> None:
    """Three stations, the first with gifts, of which some were handed over and two may be yet."""
    welfare, member = await world.actor("dept_welfare"), await world.actor("member")
    plan = round_of(20, CampaignMode.CLAIM, budget_id)
    plan = msgspec.structs.replace(plan, kind=CampaignKind.GIFT, name="清凉包", per_member=10)
    made = await vouchers.propose(data=plan, actor=welfare)
    data = DecisionInput(action="approve", version=await version_of(made.case_number))
    await casework.decide(number=made.case_number, data=data, actor=await world.actor("leader"))
    for name in ("快递驿站", "高桥驿站", "黄枫驿站"):
        station = StationInput(name=f"{world.letter}{name}")
        world.note("station", await vouchers.open_station(welfare, data=station, union=world.unit))
    first = world.ids["station"][0]
    await vouchers.set_stock(welfare, campaign=made.id, data=StockInput(station=first, stock=20))
    taken = [await vouchers.claim(campaign=made.id, actor=member, station=first) for _ in range(5)]
    for gift in taken[:3]:
        given = await vouchers.hand_over(data=HandoverInput(station=first, code=gift.code), actor=welfare)
        world.note("handover", given.id)
    world.gifts_left = [gift.code for gift in taken[3:]]
    world.gift_campaign = made.id


async def sell(world: "World") -> None:
    """Eight kinds of goods and an order of each: three wait to be paid, three to be fetched, two were fetched."""
    welfare, member = await world.actor("dept_welfare"), await world.actor("member")
    for number in range(8):
        name = f"{world.letter}县大米第{number + 1}种"
        data = NewGoods(union_id=world.county, name=name, pickup="服务大厅", price_fen=39_90, stock=50, active=True)
        goods = await mall.open_goods(welfare, data=data)
        placed = await mall.place(goods=goods, data=OrderInput(), actor=member)
        world.note("goods", goods)
        world.note("order", placed.id)
        if number > 2:
            paid = PayInput(amount_fen=39_90, means=PayMeans.CASH, receipt_no=f"{world.letter}-{number}")
            await mall.pay(order=placed.id, data=paid, actor=welfare)
        if number > 5:
            await mall.hand_over(order=placed.id, actor=welfare)


async def enrol(world: "World") -> None:
    """Policies of the coming year for the member and three more of the unit, and three hardship files."""
    staff, number = await world.actor("dept_aid"), world.cases["approved"]
    people = [world.member, *(world.next_person() for _ in range(3))]
    enrolment = Enrolment(
        case_id=int(await database.scalar("SELECT id FROM case_file WHERE number = %s", number)),
        case_number=number,
        union_id=ids.parse(world.unit) or 0,
        account_id=None,
        plan="hospital",
        plan_name="住院",
        year=clock.today().year + 1,
        people=tuple((row, who.name, who.id_no, 1) for row, who in enumerate(people, start=1)),
    )
    terms = Terms(fee_fen=60_00, waiting_days=30, gap_days=0, max_age=60, refundable=True, months=12)
    fee = FeeIn(act_id=ids.new_id(), people=len(people), amount_fen=len(people) * 60_00, day=clock.today())
    await aid.note_fee(staff, enrolment=enrolment, terms=terms, fee=fee)
    await aid.open_policies(staff, enrolment=enrolment, terms=terms)
    held = [one.id for one in (await policies.desk_policies(staff)).items]
    world.note("policy", *reversed(held))  # the member's first
    for state in ("approved", "in_review", "submitted"):
        head = world.member if state == "approved" else world.next_person()
        await aid.open_file(staff, household=await _household(world, world.cases[state], head))
    world.note("hardship", *(one.id for one in (await policies.desk_files(staff)).items))
    await _comfort(world)


async def _comfort(world: "World") -> None:
    """Goods of three festivals for everybody of the unit, of which two can be revoked."""
    officer = await world.actor("officer")
    for festival in (Festival.SPRING, Festival.LABOUR, Festival.NATIONAL):
        data = IssueInput(
            union_id=world.unit,
            festival=festival,
            goods="大米",
            worth_fen=10_00,
            given_on=clock.today(),
            everyone=True,
        )
        world.note("issue", await aid.register_issue(officer, data=data))
    await _open_intake(world)
    await _visit(world)


async def _visit(world: "World") -> None:
    """The member is on a list of each of two seasons, for which there are goods."""
    officer, aid_staff, member = [await world.actor(role) for role in ("officer", "dept_aid", "member")]
    for season in (Season.SPRING, Season.SUMMER_COOL):
        data = VisitInput(
            union_id=world.unit,
            name="走访",
            season=season,
            visit_on=clock.today(),
            members=[ids.public(member.member_id or 0)],
        )
        world.note("visit", await aid.make_visit_list(officer, data=data))
    ware = WareInput(union_id=world.county, name="大米", unit="袋", price_fen=50_00, stock=20)
    world.note("ware", await aid.open_ware(aid_staff, data=ware))
    world.note("own_visit", *(one.id for one in await policies.own_visits(member)))


async def _open_intake(world: "World") -> None:
    """Student aid that takes applications now."""
    today = clock.today()
    data = IntakeInput(
        union_id=world.county,
        year=today.year,
        title="今年的金秋助学",
        text="在受理时间里申请。",
        opens_on=today,
        closes_on=today + timedelta(days=30),
        budget_fen=100_000_00,
    )
    world.note("intake", await aid.publish_intake(await world.actor("dept_aid"), data=data))


async def _household(world: "World", number: str, head: Somebody) -> Household:
    return Household(
        case_id=int(await database.scalar("SELECT id FROM case_file WHERE number = %s", number)),
        case_number=number,
        union_id=ids.parse(world.unit) or 0,
        account_id=None,
        people=(Relative(name=head.name, id_no=head.id_no, relation="本人"),),
        size=3,
        income_fen=30_000_00,
        expense_fen=10_000_00,
        per_capita_fen=555_56,
        grade=Grade.DEEP,
    )


async def pay_out(world: "World") -> None:
    """Four drafts of runs, the first with three amounts, two amounts that may be paid, and four without a card."""
    finance, member = await world.actor("dept_finance"), await world.actor("member")
    union, year = ids.parse(world.county) or 0, clock.today().year
    budget = NewBudget(key=f"pay {world.letter}", union_id=union, name="医疗互助", year=year, amount_fen=50_000_00)
    await payments.open_budget(finance, budget=budget)
    context = "test/card/1"
    for number in range(12):
        due = NewDue(
            key=f"pay {world.letter} {number}",
            source=DueSource.GRADING,
            programme="mutual-aid",
            name="医疗互助",
            amount_fen=100_00 + number,
            payee_name="王小测",
            account_id=member.account_id,
            union_id=ids.parse(world.unit),
            card_sealed=crypto.seal(world.member.bank_card, context=context) if number < 8 else "",
            card_context=context,
        )
        await payments.record_due(finance, due=due)
        world.note("due", ids.public(await database.scalar("SELECT id FROM payment_due WHERE `key` = %s", due.key)))
    dues = world.ids["due"]
    for some in (dues[:3], dues[3:4], dues[4:5], dues[5:6]):
        data = NewRun(union_id=world.county, budget_name="医疗互助", year=year, dues=some)
        run = await payments.make_run(finance, data=data)
        world.note("run", run)
        found = await database.rows("SELECT id FROM pay_item WHERE run_id = %s ORDER BY seq", ids.parse(run))
        world.note("item", *(ids.public(row["id"]) for row in found))


async def employ_workers(world: "World") -> None:
    """Six social workers of the town, with a break and an appraisal, as the department knows them."""
    office = await world.actor("dept_org")
    for number in range(6):
        data = NewWorker(
            name="安小社",
            id_no=world.next_person().id_no,
            union_id=world.town,
            hired_on=date(2020, 3, 1) + timedelta(days=number),
            post=Post.JUNIOR,
            start_grade=1,
            reason=f"{world.letter}县聘用文件",
        )
        world.note("worker", await grading.enter_worker(office, data=data))


async def _bring_to_till(world: "World") -> None:
    """A shop with somebody at its till, what was taken there, and one voucher that may be brought yet."""
    welfare, member = await world.actor("dept_welfare"), await world.actor("member")
    data = ShopInput(name=f"{world.letter}县老街饭店", offline_limit_fen=500_00)
    shop = await vouchers.open_shop(welfare, data=data, union=world.county)
    await world.put_to_till(shop, welfare)
    await world.put_in_charge(shop, welfare)
    world.note("shop", shop)
    world.note("manager", *(one.id for one in await shops.managers_of(shop, welfare)))
    world.note("cashier", *(one.id for one in await shops.cashiers_of(shop, welfare)))
    for number in range(2):
        more = ShopInput(name=f"{world.letter}县超市{number + 1}")
        world.note("shop", await vouchers.open_shop(welfare, data=more, union=world.county))
    cashier = await world.actor("cashier")
    brought = [await vouchers.claim(campaign=world.ids["campaign"][n], actor=member) for n in (1, 1, 2, 2, *(2,) * 4)]
    for number, voucher in enumerate(brought[:7]):
        use = RedemptionInput(code=voucher.code, amount_fen=88_00, receipt_no=f"{world.letter}-{number}")
        world.note("redemption", (await vouchers.redeem(data=use, actor=cashier)).id)
    world.codes_left = [brought[7].code]
    await _pay_for_last_month(world, shop, world.ids["redemption"][3:])


async def _pay_for_last_month(world: "World", shop: str, redemptions: list[str]) -> None:
    """Each of these uses is of forty days ago and was paid by itself, but for the last, which is still owed."""
    day = clock.today() - timedelta(days=40)
    for number, redemption in enumerate(redemptions):
        await database.execute("UPDATE redemption SET day = %s WHERE id = %s", day, ids.parse(redemption))
        if number < len(redemptions) - 1:
            paid = SettleInput(amount_fen=20_00, remark=f"网银 {number}")
            world.note("settlement", await vouchers.settle(await world.actor("dept_finance"), shop=shop, data=paid))


def round_of(number: int, mode: CampaignMode, budget_id: str) -> CampaignInput:
    now = clock.now()
    return CampaignInput(
        name=f"第{number + 1}期消费券",
        mode=mode,
        face_value_fen=20_00,
        total=50,
        per_member=9 if mode is CampaignMode.CLAIM else 1,
        opens_at=now,
        closes_at=now + timedelta(days=10),
        valid_until=clock.today() + timedelta(days=20),
        budget_id=budget_id,
    )


async def file(
    world: "World",
    state: str,
    role: str,
    who: Somebody,
    *,
    at_unit: bool = True,
    files: dict[str, list[str]] | None = None,
) -> str:
    """Submit under the name of the state it will have; without a unit the town's desk gets it."""
    form = join_form(who, division=world.division, **({"target_org": world.unit} if at_unit else {}))
    data = SubmitInput(form=form, attachments=files or {})
    world.cases[state] = await casework.submit(slug=FLOW, data=data, actor=await world.actor(role))
    return world.cases[state]


async def relieve(world: "World") -> None:
    """What other services bring: an action of the desk, a public notice with an objection, a paper, a batch."""
    member, officer = await world.actor("member"), await world.actor("officer")
    who = world.member
    form = {
        "cause": "illness",
        "event_date": clock.today().isoformat(),
        "loss_amount": 900_000,
        "request_amount": 300_000,
        "statement": "住院花了不少钱，家里一时周转不开。",
        "real_name": who.name,
        "id_no": who.id_no,
        "mobile": who.phone,
        "family_size": 3,
        "family_income_month": 500_000,
        "account_name": who.name,
        "bank_name": "测试银行星城支行",
        "bank_card": "9999990000000014",
    }
    data = SubmitInput(form=form, attachments={"proof": [await upload(member)]})
    world.cases["relief"] = await casework.submit(slug="temporary-aid", data=data, actor=member)
    await casework.perform(
        number=world.cases["relief"], action="visit-record", data=ActInput(form=VISIT), actor=officer
    )
    await casework.perform(number=world.cases["relief"], action="publicity", data=ActInput(), actor=officer)
    guided = SubmitInput(form={"region": world.division, "insured_kind": "flexible", "service": "pay"})
    world.cases["guided"] = await casework.submit(slug="social-insurance", data=guided, actor=member)
    window = SubmitInput(form=join_form(world.next_person(), division=world.division, target_org=world.unit))
    world.cases["refused"] = await casework.file_at_window(slug=FLOW, data=window, actor=await world.actor("desk"))
    await decide(world, "refused", "reject", comment="不在本地工作")
    notice = ids.public(await database.scalar("SELECT MAX(id) FROM public_notice"))
    await casework.object_to(notice=notice, text="请再核实一下收入", actor=await world.actor("person"))
    items = [BatchItem(number=world.cases["relief"], version=await version_of(world.cases["relief"]))]
    batch = await casework.batches.start(data=BatchInput(action="approve", cases=items), actor=officer)
    await casework.batches.undo(batch=batch, actor=officer)
    asked = QuestionInput(to_union=world.town, role="desk", text="这一户你们去看过吗？")
    world.note("question", await casework.ask(number=world.cases["relief"], data=asked, actor=officer))
    kept = await casework.phrases.keep(text="情况属实，同意。", actor=officer)
    world.note("phrase", kept.id or "")
    await casework.offers.offer_all()
    waiting = ProxyInput(name=world.person.name, phone=world.person.phone, form=guided.form)
    for _ in range(7):
        world.note("filing", await casework.proxies.ask(slug="social-insurance", data=waiting, actor=member))
    world.note("notice", notice)
    world.note("objection", ids.public(await database.scalar("SELECT MAX(id) FROM objection")))
    world.note("batch", batch)
    world.note("action", "visit-record", "link-feedback")
    world.note("document", "form-print")
    world.note("export", await take_out(world))
    await bring_list(world)


async def bring_list(world: "World") -> None:
    """People who are to join together: the list came back, and a sheet for it and one for another have been read."""
    person, officer, who = await world.actor("person"), await world.actor("officer"), world.next_person()
    form = {
        "campaign_name": "春季入会",
        "org_ref": world.unit,
        "target_groups": ["courier"],
        "start_date": clock.today().isoformat(),
        "end_date": clock.today().isoformat(),
        "roster": [{"name": who.name, "id_no": who.id_no, "mobile": who.phone}],
    }
    number = await casework.submit(slug="member-recruit", data=SubmitInput(form=form), actor=person)
    world.cases["list"] = number
    data = DecisionInput(action="return", version=1, corrections=[FieldComment(field="roster", comment="请核对")])
    await casework.decide(number=number, data=data, actor=officer)
    for at in (tables.in_draft("member-recruit", "roster"), await tables.in_case(number, "roster", person)):
        content = roster(world.next_person())
        await casework.tables.take_sheet(at=at, content=content, name="花名册.csv", actor=person)
    world.note("returned", number)


def roster(who: Somebody) -> bytes:
    """A list for the form of joining together, with one row that is wrong."""
    return f"姓名,身份证号,手机号\n{who.name},{who.id_no},{who.phone}\n李小测,123,{who.phone}\n".encode()


async def take_out(world: "World", **filters: str) -> str:
    """A table of cases that the town's desk asked for and the worker made, or, where the filter leaves nothing,
    could not make."""
    asked = ExportInput(kind="cases", filters={**filters}, reason="季度核对")
    export = await casework.exports.request(data=asked, actor=await world.actor("desk"))
    while not await casework.exports.run(ids.parse(export) or 0, 1):
        pass
    return export


VISIT = {
    "visited_on": "2026-01-05",
    "visitors": "邹小明、李小安",
    "met": "本人",
    "found": "情况属实，家里三口人。",
    "true_to_form": True,
}


async def version_of(number: str) -> int:
    return int(await database.scalar("SELECT version FROM case_file WHERE number = %s", number))


async def decide(world: "World", state: str, action: str, **more: object) -> None:
    number = world.cases[state]
    data = msgspec.convert({"action": action, "version": await version_of(number), **more}, DecisionInput)
    await casework.decide(number=number, data=data, actor=await world.actor("officer"))


async def _desk_work(world: "World") -> None:
    officer = await world.actor("officer")
    await casework.take_up(number=world.cases["in_review"], actor=officer)
    flagged = [FieldComment(field="employer", comment="请写平台全称"), FieldComment(field="id_no", comment="请核对")]
    for state in ("returned", "corrected"):
        await decide(world, state, "return", corrections=flagged)
    await decide(world, "on_hold", "hold", until=clock.today() + timedelta(days=10), message="等平台的在职证明")
    await decide(world, "rejected", "reject", comment="不在本地工作")
    await decide(world, "approved", "approve", comment="材料齐全")
    for field in ("id_no", "mobile"):
        await casework.reveal_field(number=world.cases["submitted"], field=field, actor=officer)


async def _declare(world: "World") -> None:
    """People close to the officer; none of them has a case here."""
    officer = await world.actor("officer")
    for relation in ("parent", "child"):
        who = world.next_person()
        data = RelativeInput(relation=relation, name=who.name, id_no=who.id_no, phone=who.phone)
        await identity.declare_relative(data=data, actor=officer)
    world.note("relative", *(line.id for line in await relatives.own_relatives(officer)))


async def _plan_leave(world: "World") -> None:
    """Two who will be away in a month, each with a cover; until then nobody may do more than before."""
    admin, begins = await world.actor("admin"), clock.today() + timedelta(days=30)
    for absent, cover in (("dept_female", "dept_honour"), ("dept_jobs", "dept_skill")):
        data = CoverInput(
            absent=world.accounts[absent],
            cover=world.accounts[cover],
            from_on=begins,
            until_on=begins + timedelta(days=3),
        )
        world.note("cover", await unions.name_cover(data=data, actor=admin))


async def _look_alike(world: "World") -> None:
    """Cases that name one bank card."""
    shared = crypto.blind_index("bank_card", "9999990000000014")
    for state in ("rejected", "corrected", "window"):
        case = await Case.get(number=world.cases[state])
        await CaseKey.create(id=ids.new_id(), case_id=case.id, kind="bank_card", key_index=shared)
    world.note("other", world.cases["window"])


async def _give_up(world: "World") -> None:
    """Messages that reached nobody."""
    for number in range(6):
        delivery_id = ids.new_id()
        await Delivery.create(
            id=delivery_id,
            key=f"{world.letter} lost {number}",
            union_id=ids.parse(world.county),
            channel="sms",
            template="case.approved",
            text="您的申请已经办结。",
            params="{}",
            recipient_index="",
            urgency=0,
            state="technical_failure",
            attempts=9,
            last_error="no answer",
            created_at=clock.now(),
        )
        world.note("delivery", ids.public(delivery_id))
    world.note("secret", "of-no-provider")


async def _write_to_many(world: "World") -> None:
    """Notices that are begun by nobody yet."""
    for number in range(4):
        words = MassInput(union_id=world.county, title=f"{world.letter}通知{number}", text="请到社区工会领取。")
        world.note("mass", await notifications.compose(data=words, actor=await world.actor("dept_welfare")))


async def _leave_behind(world: "World") -> None:
    """A register's entry and a granted amount, as services with such outcomes leave them, lost messages, and notices
    to many."""
    await _give_up(world)
    await _write_to_many(world)
    officer = await world.actor("officer")
    case = await Case.get(number=world.cases["approved"])
    approved = approved_case(case, officer)
    entry = await casework.open_entry(
        officer, approved=approved, kind="card", name="会员服务卡", prefix="FK", months=12
    )
    world.note("record", entry.number)
    due = NewDue(
        key=f"{case.id}:welcome",
        source=DueSource.CASE,
        case_id=case.id,
        case_number=case.number,
        programme="welcome",
        name="入会慰问",
        amount_fen=20_000,
        payee_name=case.subject_name,
        account_id=case.applicant_id,
        union_id=case.target_union_id,
    )
    await payments.record_due(officer, due=due)


async def _answer_return(world: "World") -> None:
    number = world.cases["corrected"]
    id_no = world.next_person().id_no
    data = CorrectionsInput(form={"employer": "测试快运有限公司", "id_no": id_no}, version=await version_of(number))
    await casework.correct(number=number, data=data, actor=await world.actor("person"))
