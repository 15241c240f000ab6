"""Twenty social workers of the demo county: some near the next grade, some at the cap, some due for training, one with
a break; the first is somebody with an account, who reads their own grade and pay.
"""

from datetime import date, timedelta

from backend.core import clock, crypto, database, national
from backend.core.actor import Actor
from backend.demo import places
from backend.demo.tree import County
from backend.grading import commands as grading
from backend.grading.enums import Post, TrainingKind, YearResult
from backend.grading.worker_schemas import Because, BreakInput, NewWorker, Training
from backend.membership import queries as roll

WORKERS = 20
_POSTS = ((Post.JUNIOR, 1), (Post.JUNIOR, 2), (Post.MIDDLE, 5), (Post.JUNIOR, 11), (Post.SENIOR, 9))
_RESULTS = (YearResult.EXCELLENT, YearResult.COMPETENT, YearResult.EXCELLENT, YearResult.COMPETENT, YearResult.FAIL)
_YEAR = 365


async def employ(county: County) -> None:
    """Entered by the office, appraised until the year before last or last, trained now and then."""
    office, today = county.staff["demo-admin"], clock.today()
    own = await _known_person()
    for number in range(WORKERS):
        name, id_no = own if number == 0 and own else _somebody(number)
        hired = today - timedelta(days=_YEAR * (2 + number % 9) + 40 * number)
        post, grade = _POSTS[number % len(_POSTS)]
        town = places.TOWNS[number % len(places.TOWNS)]
        data = NewWorker(
            name=name,
            id_no=id_no,
            union_id=county.unions[f"{town.name}总工会"],
            hired_on=hired,
            post=post,
            start_grade=grade,
            reason="台账建立前已经在岗，按聘用文件补录",
        )
        worker = await grading.enter_worker(office, data=data, nonce=f"demo-worker-{number}")
        index = crypto.blind_index("id_no", id_no)
        await _appraise(office, index, hired, today.year - (1 if number % 4 else 2), number)
        await _train(office, index, hired, today, number)
        if number == 4:
            await _break(office, worker, index, hired)


async def _known_person() -> tuple[str, str] | None:
    """Name and identity number of the first member with an account."""
    found = await database.rows(
        "SELECT a.member_id, m.name FROM account a JOIN member m ON m.id = a.member_id ORDER BY a.id LIMIT 1"
    )
    held = await roll.id_no_of(found[0]["member_id"]) if found else None
    return (found[0]["name"], held[1]) if held else None


def _somebody(number: int) -> tuple[str, str]:
    birth = places.FIRST_BIRTHDAY + timedelta(days=number * 53 % 9_000)
    return places.person_name(3_000 + number), national.synthetic_id_no(birth, 700 + number)


async def _appraise(office: Actor, index: str, hired: date, until: int, number: int) -> None:
    for year in range(hired.year, until + 1):
        result = _RESULTS[(year + number) % len(_RESULTS)]
        because = Because(reason=f"{year} 年度考核结果通报")
        await grading.appraise_worker(office, index=index, year=year, result=result, because=because)


async def _train(office: Actor, index: str, hired: date, today: date, number: int) -> None:
    """A third of them were never trained again, a third long ago, a third lately."""
    days = {1: _YEAR * 3 - 30, 2: 200}.get(number % 3)
    on = today - timedelta(days=days) if days else hired
    if on >= hired:
        training = Training(on=on, kind=TrainingKind.CYCLE if days else TrainingKind.ENTRY, hours="24")
        await grading.train_worker(office, index=index, training=training, because=Because(reason="年度培训计划"))


async def _break(office: Actor, worker: str, index: str, hired: date) -> None:
    version = await database.scalar("SELECT version FROM social_worker WHERE id_no_index = %s", index)
    first = hired + timedelta(days=_YEAR)
    data = BreakInput(first_on=first, last_on=first + timedelta(days=89), reason="脱产学习三个月", version=version)
    await grading.write_break(office, worker=worker, data=data)
