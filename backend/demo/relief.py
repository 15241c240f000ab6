"""Relief in the demo county: a batch of student aid, a unit's standard and festival goods, and a season of visits."""

from datetime import date, timedelta

from backend.aid import commands as aid
from backend.aid import queries
from backend.aid.condolence_enums import Festival, LifeEvent
from backend.aid.condolence_schemas import IssueInput, StandardInput
from backend.aid.intake_schemas import IntakeInput
from backend.aid.visit_enums import MoveKind, Season
from backend.aid.visit_schemas import MoveInput, TargetQuery, VisitInput, WareInput
from backend.core import clock
from backend.demo.tree import County

VISITED = 8
TEXT = """在档、新建档或者临时有困难的会员，子女考上高中、大学或者在读的，都可以申请。
单位工会核验后公示 7 天，县总工会审定后付到申请人的银行卡。"""


async def give(county: County) -> None:
    """On the day that the clock stands at."""
    await _open_batch(county)
    await _comfort(county)
    await _visit(county)


async def _open_batch(county: County) -> None:
    today = clock.today()
    data = IntakeInput(
        year=today.year,
        title=f"{today.year} 年金秋助学",
        text=TEXT,
        opens_on=max(today - timedelta(days=3), date(today.year, 1, 1)),
        closes_on=today + timedelta(days=45),
        budget_fen=300_000_00,
        quota=80,
    )
    await aid.publish_intake(county.staff["demo-county"], data=data)


async def _comfort(county: County) -> None:
    officer, today = county.staff["demo-unit"], clock.today()
    standard = StandardInput(event=LifeEvent.BIRTH, amount_fen=800_00, since=today, paper="工会委员会第 2 次会议")
    await aid.set_standard(officer, data=standard)
    goods = IssueInput(
        festival=Festival.MID_AUTUMN, goods="月饼、食用油", worth_fen=260_00, given_on=today, everyone=True
    )
    await aid.register_issue(officer, data=goods)


async def _visit(county: County) -> None:
    """The first of the unit's people, some of whom may try the demo."""
    officer, staff = county.staff["demo-unit"], county.staff["demo-county"]
    everybody = await queries.targets(officer, TargetQuery(season=Season.SPRING, visit_on=clock.today()))
    members = [one.member for one in everybody.items[:VISITED]]
    data = VisitInput(
        name="春节走访第一批", season=Season.SPRING, visit_on=clock.today(), members=members, cash_fen=500_00
    )
    visit = await aid.make_visit_list(officer, data=data)
    ware = await aid.open_ware(staff, data=WareInput(name="大米 10 公斤", unit="袋", price_fen=68_00, stock=120))
    await aid.move_ware(staff, ware=ware, data=MoveInput(kind=MoveKind.OUT, count=len(members), visit=visit))
