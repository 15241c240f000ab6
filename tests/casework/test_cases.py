"""The life of a case through commands, from the form to its last word, as both sides see it."""

from datetime import date

import msgspec
import pytest

from backend.casework import commands, queries
from backend.casework.queries import pace
from backend.casework.schemas import (
    CaseRow,
    CorrectionsInput,
    CorrectionView,
    DecisionView,
    DraftInput,
    ServiceReference,
    StepNow,
    StepView,
    TimelineEntry,
)
from backend.core import clock, database, ids
from backend.core.errors import Conflict, NotFound, TooMany
from backend.unions.models import Invite
from tests.casework.world import (
    World,
    aid_form,
    audited,
    decide,
    file,
    flag,
    join_form,
    outbox,
    person,
    sent,
)

NINE = "2026-03-10T09:00:00+08:00"
FILED = ("casework.CaseSubmitted", "casework.CaseAssigned")
SUBMITTED = TimelineEntry(at=NINE, actor="本人", action="submit", comment="", title="您提交了申请")


async def test_a_courier_joins(world: World) -> None:
    courier = await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=courier)

    case = await queries.own_case(number, courier)
    assert case.number == number == "RH2026-000001"
    assert case.service == ServiceReference("member-join", "会员入会申请")
    assert (case.status, case.status_text, case.tone) == ("submitted", "已提交", "info")
    assert case.headline == "星城快递工会已收到，等待审核"
    assert case.step == StepNow(index=0, name="基层工会审核", role="officer", desk="星城快递工会")
    assert (case.submitted_at, case.due_on, case.days_left, case.version) == (NINE, "2026-03-13", 3, 1)
    assert case.form["id_no"] == "990001********001X"
    assert case.form["mobile"] == "154****0001"
    assert case.form["sensitive_ok"] is True
    assert case.timeline == [SUBMITTED]
    assert case.actions == ["urge", "withdraw"]
    assert (case.corrections, case.decision, case.outcome, case.attachments) == ([], None, None, {})
    assert case.steps == [
        StepView(index=-1, name="已提交", role="", desk="", state="done"),
        StepView(index=0, name="基层工会审核", role="officer", desk="星城快递工会", state="current", days=2),
    ]

    await decide(number, world.officer, "approve", 1, comment="欢迎。")
    case = await queries.own_case(number, courier)
    assert (case.status, case.status_text, case.tone, case.version) == ("approved", "已通过", "ok", 2)
    assert case.headline == "您的会员入会申请已通过"
    assert (case.step, case.due_on, case.days_left, case.actions) == (None, None, None, [])
    assert case.decision == DecisionView(action="approve", comment="欢迎。", at=NINE)
    assert case.outcome == {
        "text": "生成会员号和电子会员证",
        "member_no": "9901212026000001",
        "rejoined": False,
        "card": "/me/card",
    }
    assert case.timeline == [
        TimelineEntry(at=NINE, actor="邹*红", action="approve", comment="欢迎。", title="星城快递工会 审核通过"),
        SUBMITTED,
    ]
    assert [step.state for step in case.steps] == ["done", "done"]
    assert await outbox() == [
        *FILED,
        "membership.MemberAdmitted",
        "identity.AccountBound",
        "casework.CaseApproved",
    ]
    assert [action for action in await audited() if action.startswith("case.")] == ["case.submitted", "case.approve"]


async def test_a_case_without_a_union_at_work_goes_to_the_town(world: World) -> None:
    rider = await person(world)
    form = join_form(world, target_org="")
    number = await commands.submit(slug="member-join", data=sent(form), actor=rider)
    case = await queries.own_case(number, rider)
    assert case.step == StepNow(index=1, name="乡镇街道工会审核", role="desk", desk="黄枫镇总工会")
    assert [step.name for step in case.steps] == ["已提交", "乡镇街道工会审核"]


async def test_three_steps_and_a_condition(world: World) -> None:
    """unit → town → county, because the amount asks for the third; the due day is that of the whole."""
    worker = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world, fee=200_000)), actor=worker)
    assert (await queries.own_case(number, worker)).due_on == "2026-03-17"
    await decide(number, world.officer, "approve", 1)
    case = await queries.own_case(number, worker)
    assert (case.status, case.version, case.due_on) == ("in_review", 2, "2026-03-17")
    assert case.step == StepNow(index=1, name="复审", role="desk", desk="黄枫镇总工会")
    assert case.headline == "黄枫镇总工会正在审核"
    assert [(step.name, step.state) for step in case.steps] == [
        ("已提交", "done"),
        ("初审", "done"),
        ("复审", "current"),
        ("审定", "ahead"),
    ]
    await decide(number, world.clerk, "approve", 2)
    await decide(number, world.aid, "approve", 3)
    case = await queries.own_case(number, worker)
    assert (case.status, case.outcome) == ("approved", None)
    assert [line.title for line in case.timeline] == [
        "星城县总工会 审定通过",
        "黄枫镇总工会 复审通过",
        "星城快递工会 初审通过",
        "您提交了申请",
    ]


async def test_a_small_amount_needs_no_third_step(world: World) -> None:
    worker = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    await decide(number, world.officer, "approve", 1)
    await decide(number, world.clerk, "approve", 2)
    case = await queries.own_case(number, worker)
    assert case.status == "approved"
    assert [step.name for step in case.steps] == ["已提交", "初审", "复审"]


async def test_returned_corrected_and_approved(world: World) -> None:
    """The clock stands still, only the flagged field opens, the earlier approval stands."""
    worker = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    await decide(number, world.officer, "approve", 1)
    clock.advance(days=1)
    await decide(number, world.clerk, "return", 2, corrections=[flag("reason", "请写清是什么病")])

    case = await queries.own_case(number, worker)
    assert (case.status, case.due_on, case.days_left, case.version) == ("returned", None, 4, 3)
    assert case.headline == "请修改 1 处后重新提交"
    assert case.corrections == [CorrectionView("reason", "请写清是什么病")]
    assert case.actions == ["correct", "withdraw"]
    assert case.decision == DecisionView(
        action="return", comment="原因：请写清是什么病", at="2026-03-11T09:00:00+08:00"
    )

    clock.advance(days=5)  # Monday, 16 March
    corrected = CorrectionsInput(form={"reason": "突发阑尾炎"}, version=3)
    await commands.correct(number=number, data=corrected, actor=worker)
    case = await queries.own_case(number, worker)
    assert (case.status, case.due_on, case.days_left, case.version) == ("in_review", "2026-03-20", 4, 4)
    assert case.step == StepNow(index=1, name="复审", role="desk", desk="黄枫镇总工会")
    assert (case.form["reason"], case.corrections) == ("突发阑尾炎", [])

    await decide(number, world.clerk, "approve", 4)
    assert (await queries.own_case(number, worker)).status == "approved"
    assert await outbox() == [
        *FILED,
        "casework.CaseAssigned",
        "casework.CaseReturned",
        "casework.CaseCorrected",
        "casework.CaseApproved",
    ]


async def test_rejected(world: World) -> None:
    courier = await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    await decide(number, world.officer, "reject", 1, comment="不在本单位上班。")
    case = await queries.own_case(number, courier)
    assert (case.status, case.tone, case.actions) == ("rejected", "late", [])
    assert case.decision == DecisionView(action="reject", comment="不在本单位上班。", at=NINE)
    assert case.headline == "星城快递工会没有通过这次申请"
    assert await outbox() == [*FILED, "casework.CaseRejected"]
    again = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    assert again == "RH2026-000002"


async def test_withdrawn_while_a_clerk_has_it_open(world: World) -> None:
    courier = await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    await commands.withdraw(number=number, actor=courier)
    case = await queries.own_case(number, courier)
    assert (case.status, case.headline, case.version) == ("withdrawn", "您已撤回这次申请", 2)
    with pytest.raises(Conflict) as lost:
        await decide(number, world.officer, "approve", 1)
    assert lost.value.code == "already_decided"
    assert lost.value.extra == {"by": "申请人", "at": NINE, "action": "withdraw"}
    with pytest.raises(Conflict) as again:
        await commands.withdraw(number=number, actor=courier)
    assert again.value.code == "already_decided"


async def test_what_was_withdrawn_is_a_draft_again(world: World) -> None:
    worker = await person(world)
    proof = await file(worker)
    form = aid_form(world)
    number = await commands.submit(slug="sample-aid", data=sent(form, proof=[proof]), actor=worker)
    shown = (await queries.own_case(number, worker)).form
    await commands.withdraw(number=number, actor=worker)
    draft = await queries.draft("sample-aid", worker)
    assert (draft.form, draft.attachments, draft.version) == (shown, {"proof": [proof]}, 1)
    again = await commands.submit(
        slug="sample-aid", data=sent(draft.form, proof=draft.attachments["proof"]), actor=worker
    )
    case = await queries.own_case(again, worker)
    assert (case.form, [one.id for one in case.files["proof"]]) == (shown, [proof])
    assert (await queries.file_access(proof, world.officer)).subject == ("account", worker.account_id)


async def test_a_newer_draft_outlives_a_withdrawal(world: World) -> None:
    worker = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    await commands.save_draft(slug="sample-aid", data=DraftInput(form={"reason": "另一件事"}), actor=worker)
    await commands.withdraw(number=number, actor=worker)
    assert (await queries.draft("sample-aid", worker)).form == {"reason": "另一件事"}


async def test_a_withdrawn_joining_keeps_the_wish_of_its_invite(world: World) -> None:
    """The invite itself is used up, and what the system filled in is asked anew."""
    await Invite.create(
        id=ids.new_id(), code="ABCDEFGH", union_id=world.unit.id, channel="station_qr", division="990121001",
        max_uses=1, expires_on=date(2026, 3, 10), created_by=1, created_at=clock.now(),
    )  # fmt: skip
    courier = await person(world)
    form = join_form(world, target_org="", invite_code="ABCDEFGH")
    number = await commands.submit(slug="member-join", data=sent(form), actor=courier)
    await commands.withdraw(number=number, actor=courier)
    draft = (await queries.draft("member-join", courier)).form
    assert draft["target_org"] == ids.public(world.unit.id)
    assert {"invite_code", "join_channel", "privacy_version"} & draft.keys() == set()
    again = await commands.submit(slug="member-join", data=sent(draft), actor=courier)
    assert (await queries.own_case(again, courier)).form["join_channel"] == "self"


async def test_a_step_that_is_done_names_the_union_that_did_it(world: World) -> None:
    worker = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world, fee=200_000)), actor=worker)
    far = {"to_union": ids.public(world.far_town.id), "role": "desk"}
    await decide(number, world.officer, "transfer", 1, **far)
    await decide(number, world.far_clerk, "approve", 2)
    await decide(number, world.clerk, "approve", 3)
    case, [row] = await queries.own_case(number, worker), (await queries.own_cases(worker)).items
    assert case.steps == row.steps
    assert [(step.name, step.state, step.desk) for step in case.steps] == [
        ("已提交", "done", ""),
        ("初审", "done", "松坡镇总工会"),
        ("复审", "done", "黄枫镇总工会"),
        ("审定", "current", "星城县总工会"),
    ]
    await decide(number, world.aid, "approve", 4)
    assert [step.desk for step in (await queries.own_case(number, worker)).steps][1:] == [
        "松坡镇总工会",
        "黄枫镇总工会",
        "星城县总工会",
    ]


async def test_nobody_urges_a_case_on_hold(world: World) -> None:
    courier = await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    await decide(number, world.officer, "hold", 1, until=date(2026, 3, 20), message="等证明")
    case = await queries.own_case(number, courier)
    assert (case.actions, case.held_until, queries.urged_today(case)) == (["withdraw"], "2026-03-20", False)
    with pytest.raises(Conflict) as refused:
        await commands.urge(number=number, actor=courier)
    assert refused.value.code == "not_at_desk"
    await decide(number, world.officer, "release", 2)
    case = await queries.own_case(number, courier)
    assert (case.actions, case.held_until) == (["urge", "withdraw"], None)


async def test_urged_once_a_day(world: World) -> None:
    courier = await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    await commands.urge(number=number, actor=courier)
    case = await queries.own_case(number, courier)
    assert (case.actions, case.version) == (["withdraw"], 1)
    assert queries.urged_today(case)
    clock.advance(hours=1)
    with pytest.raises(TooMany) as refused:
        await commands.urge(number=number, actor=courier)
    assert (refused.value.code, refused.value.retry_after) == ("urged_already", 23 * 3600)
    clock.advance(hours=23)
    await commands.urge(number=number, actor=courier)
    assert [line.action for line in (await queries.own_case(number, courier)).timeline] == ["urge", "urge", "submit"]
    assert (await outbox()).count("casework.CaseUrged") == 2
    # What the clerk has open is still good: urging changes nothing they decide about.
    await decide(number, world.officer, "return", 1, corrections=[flag("employer")])
    with pytest.raises(Conflict) as away:
        await commands.urge(number=number, actor=courier)
    assert away.value.code == "not_at_desk"


async def test_taken_up(world: World) -> None:
    courier = await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    await commands.take_up(number=number, actor=world.officer)
    await commands.take_up(number=number, actor=world.officer)
    case = await queries.own_case(number, courier)
    assert (case.status, case.headline, case.version) == ("in_review", "星城快递工会正在审核", 1)
    assert [line.title for line in case.timeline] == ["星城快递工会 已受理", "您提交了申请"]
    with pytest.raises(NotFound):
        await commands.take_up(number=number, actor=world.clerk)


async def test_cases_of_a_member_whatever_account_filed_them(world: World) -> None:
    """From the window, from the account, and once from both; each shown once, newest first."""
    worker = await person(world)
    elsewhere = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=await person(world))
    at_window = await commands.file_at_window(slug="sample-aid", data=sent(aid_form(world)), actor=world.officer)
    own = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=worker)
    member = msgspec.structs.replace(worker, member_id=77)
    await database.execute("UPDATE case_file SET member_id = %s WHERE number <> %s", 77, elsewhere)
    assert [row.number for row in (await queries.own_cases(member)).items] == [own, at_window]
    assert [row.number for row in (await queries.own_cases(worker)).items] == [own]
    assert [row.number for row in (await queries.own_cases(member, status="open", service="sample-aid")).items] == [
        at_window
    ]
    first = await queries.own_cases(member, limit=1)
    rest = await queries.own_cases(member, limit=1, cursor=first.next_cursor)
    assert ([row.number for row in rest.items], rest.next_cursor) == ([at_window], None)
    assert await queries.own_counts(member) == {"open": 2, "closed": 0}
    assert (await queries.own_case(at_window, member)).number == at_window
    await commands.withdraw(number=at_window, actor=member)
    for stranger in (worker, msgspec.structs.replace(worker, member_id=78)):
        with pytest.raises(NotFound):
            await commands.urge(number=at_window, actor=stranger)


async def test_an_approved_application_of_another_phone_says_how_the_card_opens(world: World) -> None:
    daughter = await person(world)
    number = await commands.submit(
        slug="member-join", data=sent(join_form(world, mobile="15400000999")), actor=daughter
    )
    await decide(number, world.officer, "approve", 1)
    outcome = (await queries.own_case(number, daughter)).outcome
    assert outcome is not None
    assert outcome["card"] is None
    assert outcome["next"] == "请用申请里填写的手机号登录，在“我的”里核对一次身份证号码，就能看到会员证。"


async def test_my_list(world: World) -> None:
    worker, stranger = await person(world), await person(world)
    first = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=worker)
    await commands.withdraw(number=first, actor=worker)
    second = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    await decide(second, world.officer, "return", 1, corrections=[flag("reason"), flag("fee")])
    rows = (await queries.own_cases(worker)).items
    assert [row.number for row in rows] == [second, first]
    assert rows[0] == CaseRow(
        number=second,
        service=ServiceReference("sample-aid", "示例救助"),
        status="returned",
        status_text="待补正",
        tone="warn",
        headline="请修改 2 处后重新提交",
        submitted_at=NINE,
        due_on=None,
        days_left=5,
        steps=[
            StepView(index=-1, name="已提交", role="", desk="", state="done"),
            StepView(index=0, name="初审", role="officer", desk="星城快递工会", state="current", days=1),
            StepView(index=1, name="复审", role="desk", desk="乡镇（街道）工会", state="ahead", days=2),
        ],
    )
    assert [row.number for row in (await queries.own_cases(worker, status="open")).items] == [second]
    assert [row.number for row in (await queries.own_cases(worker, status="withdrawn")).items] == [first]
    assert await queries.own_counts(worker) == {"open": 1, "closed": 1}
    assert (await queries.own_cases(stranger)).items == []
    with pytest.raises(NotFound):
        await queries.own_case(second, stranger)
    page = await queries.own_cases(worker, limit=1)
    assert [row.number for row in page.items] == [second]
    rest = await queries.own_cases(worker, limit=1, cursor=page.next_cursor)
    assert ([row.number for row in rest.items], rest.next_cursor) == ([first], None)


async def test_nobody_but_the_owner_acts_for_the_owner(world: World) -> None:
    courier, stranger = await person(world), await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    for act in (commands.withdraw, commands.urge):
        for other in (stranger, world.officer):
            with pytest.raises(NotFound):
                await act(number=number, actor=other)
    with pytest.raises(NotFound):
        await commands.correct(number=number, data=CorrectionsInput(version=1), actor=stranger)


async def test_what_is_sensitive_never_lies_in_the_clear(world: World) -> None:
    worker = await person(world)
    form = aid_form(world)
    await commands.submit(slug="sample-aid", data=sent(form), actor=worker)
    row = (await database.rows("SELECT * FROM case_file"))[0]
    stored = " ".join(str(value) for value in row.values())
    for secret in (form["id_no"], form["mobile"], form["illness"]):
        assert secret not in stored
    assert '"reason":"突发疾病"' in row["form"]


async def test_how_long_others_took(world: World) -> None:
    worker = await person(world)
    for sequence in range(1, 6):
        number = await commands.submit(slug="member-join", data=sent(join_form(world, sequence)), actor=worker)
        clock.advance(days=sequence)
        await decide(number, world.officer, "reject", 1, comment="重复")
        if sequence < 5:
            assert await queries.pace_of("member-join") is None
            pace.forget()
    taken = await queries.pace_of("member-join")
    assert taken is not None
    assert (taken.median_days, taken.p90_days) == (3, 5)
