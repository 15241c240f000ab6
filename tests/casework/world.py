"""A small county for the tests of cases: unions, their staff, people with phones, and two services."""

from datetime import date
from pathlib import Path
from typing import Any

from backend import bindings
from backend.casework import commands
from backend.casework.catalogue import Catalogue, open_catalogue
from backend.casework.protocols import Bindings, Checked, Question, Quoted, QuoteLine
from backend.casework.queries import pace
from backend.casework.schemas import DecisionInput, FieldComment, SubmitInput
from backend.core import clock, crypto, database, files, ids, national
from backend.core.actor import Actor, Post
from backend.core.models import StoredFile
from backend.core.settings import CONFIG_DIR
from backend.identity.models import Account
from backend.unions import queries as unions
from backend.unions.models import StaffPost, Union
from tests.casework.samples import folder

# Three levels, a table, money, sensitive text, a slot, a quote and a check: what joining does not have.
AID = """\
slug: sample-aid
version: 1
name: 示例救助
initials: sljz
group: aid
audience: [member]
icon: aid
summary: 只给测试用
number_prefix: SA
limit_working_days: 5
subject:
  {name: real_name, id_no: id_no, mobile: mobile, target_union: target_org, division: division, summary: [reason]}
eligibility:
  text: 有困难的职工
  checks:
    - {code: too_much, text: 金额不超过上限, predicate: form.fee <= params.most, refusal: 金额超过上限}
    - {code: odd, text: 情况要人看, predicate: worker.mood == good, refusal: 情况不符, on_false: warn}
steps:
  - {name: 初审, role: officer, level: unit, days: 1, when: org.has_union == true}
  - {name: 复审, role: desk, level: town, days: 2}
  - {name: 审定, role: dept_aid, level: county, days: 2, when: form.fee > 100000}
checks: [fee.round]
quote: fee.share
params:
  - {name: most, text: 上限, values: [{since: 2020-01-01, value: 5000000}]}
screens:
  - key: person
    title: 本人
    fields:
      - {name: real_name, label: 姓名, kind: name, required: true}
      - {name: id_no, label: 身份证号, kind: id_no, required: true}
      - {name: mobile, label: 手机号, kind: mobile}
      - {name: division, label: 乡镇街道, kind: division, required: true}
      - {name: target_org, label: 所属工会, kind: org_ref}
  - key: need
    title: 困难
    fields:
      - {name: reason, label: 原因, kind: text, required: true, rule: 2..40}
      - {name: fee, label: 金额, kind: money, required: true, rule: '>0'}
      - {name: illness, label: 诊断, kind: text, sensitive: true}
      - {name: ended_on, label: 出院日期, kind: date, when: form.fee > 1000}
    attachments:
      - {name: proof, label: 证明, max_files: 3}
      - {name: receipts, label: 发票照片, max_files: 3, unique: true}
"""

# The same, with two people at the town's step.
PAIR = (
    AID.replace("sample-aid", "sample-pair")
    .replace("示例救助", "示例双审")
    .replace("sljz", "slss")
    .replace("number_prefix: SA", "number_prefix: SP")
    .replace("level: town, days: 2}", "level: town, days: 2, four_eyes: true}")
)

# Actions of every sort: a record that a step needs, a public notice, a step that waits for the applicant, papers.
SETUP = """\
slug: sample-setup
version: 1
name: 示例建会
initials: sljh
group: org
audience: [enterprise]
icon: org
summary: 只给测试用
number_prefix: SE
limit_working_days: 6
subject: {name: contact, division: division, target_union: target_org, summary: [union_name]}
eligibility: {text: 还没有工会的单位}
steps:
  - {name: 初审, role: desk, level: town, days: 2, needs: [visit]}
  - {name: 批复筹建, role: dept_aid, level: county, days: 2, needs: [publicity]}
  - {name: 批复成立, role: dept_aid, level: county, days: 2, awaits: election}
params:
  - {name: least, text: 最少人数, values: [{since: 2020-01-01, value: 3}]}
screens:
  - key: all
    title: 单位
    fields:
      - {name: union_name, label: 工会全称, kind: text, required: true, rule: 4..60}
      - {name: contact, label: 联系人, kind: name, required: true}
      - {name: contact_mobile, label: 联系电话, kind: mobile, required: true}
      - {name: division, label: 乡镇街道, kind: division, required: true}
      - {name: target_org, label: 上级工会, kind: org_ref}
      - name: team
        label: 筹备组
        kind: table
        rows: 1..5
        columns:
          - {name: name, label: 姓名, kind: name, required: true}
          - {name: post, label: 职务, kind: text, rule: 1..20}
actions:
  - key: visit
    name: 上门核实
    by: [desk]
    steps: [初审]
    fields:
      - {name: found, label: 情况, kind: longtext, required: true, rule: 2..300}
      - {name: people, label: 在场人数, kind: int, rule: 1..99}
    attachments:
      - {name: photo, label: 照片, max_files: 2}
    tells: [applicant]
  - key: second-look
    name: 复核情况
    by: [desk]
    when: act.visit >= 1
    by_another: [visit]
    fields:
      - {name: words, label: 意见, kind: text, required: true, rule: 1..40}
  - key: advice
    name: 内部意见
    by: [dept_aid@county]
    private: true
    fields:
      - {name: words, label: 意见, kind: text, required: true, rule: 1..40}
  - key: publicity
    name: 公示
    by: [desk]
    steps: [批复筹建]
    once: true
    publishes:
      title: 关于{form.union_name}筹建的公示
      days: 5
      body: ["{form.union_name}拟筹建，联系人{subject}，电话{form.contact_mobile}。"]
  - key: election
    name: 上报选举结果
    hint: 会员大会选出委员会后上报
    by: [applicant]
    during: []
    once: true
    fields:
      - {name: chair, label: 当选主席, kind: name, required: true}
      - {name: votes, label: 同意票, kind: int, required: true, rule: '>=0'}
  - key: letter
    name: 补发证明
    by: [desk, applicant]
    during: [approved]
    when: act.letter < 2 and len(form.team) == 1
    document: proof
documents:
  - key: reply-prep
    title: 关于同意筹建{form.union_name}的批复
    prefix: PZ
    issued: step
    step: 批复筹建
    body: ["{union}：", "同意筹建{form.union_name}，核实人数{act.visit.people}。"]
    table: team
  - key: reply-found
    title: 成立批复
    prefix: PC
    body: ["主席{act.election.chair}，编号{case.number}，备注{outcome.remark}。"]
  - {key: proof, title: 证明, prefix: ZM, issued: action, body: [兹证明。]}
  - key: form
    title: 申请表
    issued: request
    body: ["联系人{subject}，电话{form.contact_mobile}，至少{params.least}人。"]
    readers: [applicant]
"""


async def _mood(question: Question) -> None:
    return None


async def _fee_round(question: Question) -> Checked:
    return Checked("金额是整百", question.values["fee"] % 10_000 == 0)


async def _fee_share(question: Question) -> Quoted | None:
    fee = question.values.get("fee")
    return None if fee is None else Quoted(fee // 2, (QuoteLine("一半", fee // 2),))


def _sample_bindings() -> Bindings:
    """The product's own, and those that only the samples name."""
    table = bindings.BINDINGS
    return Bindings(
        outcomes=table.outcomes,
        facts={**table.facts, "worker.mood": _mood},
        prefills=table.prefills,
        finders=table.finders,
        checks={**table.checks, "fee.round": _fee_round},
        quotes={**table.quotes, "fee.share": _fee_share},
        figures=table.figures,
        export_kinds=table.export_kinds,
    )


SAMPLE_BINDINGS = _sample_bindings()


def sample_catalogue(base: Path) -> Catalogue:
    """The joining service as it ships, and the sample."""
    join = (CONFIG_DIR / "catalogue" / "member-join.yaml").read_text("utf-8")
    return open_catalogue(
        folder(base, member_join=join, sample_aid=AID, sample_pair=PAIR, sample_setup=SETUP), SAMPLE_BINDINGS
    )


class World:
    """Names as attributes: `county`, `town`, `unit`, `far_town`; staff `officer`, `clerk`, `aid`, `far_clerk`."""

    county: Union
    town: Union
    unit: Union
    far_town: Union
    far_unit: Union
    officer: Actor
    clerk: Actor
    second_clerk: Actor
    aid: Actor
    far_clerk: Actor
    manager: Actor

    def __init__(self) -> None:
        self.people = 0


async def build() -> World:
    pace.forget()
    world = World()
    world.county = await new_union("星城县总工会", "county", "990121", None)
    world.town = await new_union("黄枫镇总工会", "town", "990121001", world.county)
    world.unit = await new_union("星城快递工会", "unit", "990121001", world.town)
    world.far_town = await new_union("松坡镇总工会", "town", "990121002", world.county)
    world.far_unit = await new_union("松坡物流工会", "unit", "990121002", world.far_town)
    world.officer = await staff("邹小红", (world.unit, "officer"))
    world.clerk = await staff("李大明", (world.town, "desk"))
    world.second_clerk = await staff("赵小宁", (world.town, "desk"))
    world.far_clerk = await staff("周小华", (world.far_town, "desk"))
    world.aid = await staff("陈小平", (world.county, "dept_aid"))
    world.manager = await staff("吴小安", (world.county, "admin"))
    return world


async def new_union(name: str, level: str, division: str, parent: Union | None) -> Union:
    union_id = ids.new_id()
    return await Union.create(
        id=union_id,
        name=name,
        initials="x",
        kind="general" if level != "unit" else "grassroots",
        level=level,
        parent_id=parent.id if parent else None,
        path=f"{parent.path if parent else '/'}{ids.public(union_id)}/",
        division=division,
        created_at=clock.now(),
    )


async def staff(display: str, *posts: tuple[Union, str]) -> Actor:
    account_id = ids.new_id()
    await Account.create(
        id=account_id, kind="staff", username=f"u{account_id}", display=display, created_at=clock.now()
    )
    for union, role in posts:
        await StaffPost.create(
            id=ids.new_id(),
            account_id=account_id,
            union_id=union.id,
            role=role,
            standing=f"{account_id}:{union.id}:{role}",
            since=clock.now(),
        )
    held: tuple[Post, ...] = await unions.posts_of(account_id)
    return Actor(kind="staff", account_id=account_id, display=display, posts=held)


async def person(world: World, phone: str = "") -> Actor:
    """Somebody with a phone of their own."""
    world.people += 1
    phone = phone or f"154{world.people:08d}"
    account_id = ids.new_id()
    await Account.create(
        id=account_id,
        kind="person",
        phone_index=crypto.blind_index("phone", phone),
        phone_sealed=crypto.seal(phone, context=f"account/phone/{account_id}"),
        display=national.mask_phone(phone),
        created_at=clock.now(),
    )
    return Actor(kind="person", account_id=account_id, display=national.mask_phone(phone))


def join_form(world: World, sequence: int = 1, **changes: Any) -> dict[str, Any]:
    """A courier who joins the union of the workplace; numbers differ by `sequence`."""
    return {
        "join_channel": "self",
        "employ_form": "newform",
        "newform_group": "courier",
        "employer": "测试快运",
        "division": "990121001",
        "target_org": ids.public(world.unit.id),
        "real_name": "王小测",
        "id_no": national.synthetic_id_no(date(1990, 3, 7), sequence),
        "mobile": f"154{sequence:08d}",
        "charter_ok": True,
        "privacy_ok": True,
        "privacy_version": "2026-01",
    } | changes


def aid_form(world: World, sequence: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "real_name": "钱小困",
        "id_no": national.synthetic_id_no(date(1985, 6, 1), sequence),
        "mobile": f"154{sequence:08d}",
        "division": "990121001",
        "target_org": ids.public(world.unit.id),
        "reason": "突发疾病",
        "fee": 90_000,
        "illness": "阑尾炎",
        "ended_on": "2026-03-01",
    } | changes


def setup_form(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "union_name": "星城测试工会",
        "contact": "孙小筹",
        "contact_mobile": "15400000777",
        "division": "990121001",
        "target_org": ids.public(world.town.id),
        "team": [{"name": "孙小筹", "post": "经理"}],
    } | changes


def sent(form: dict[str, Any], **attachments: list[str]) -> SubmitInput:
    return SubmitInput(form=form, attachments=attachments)


async def upload(owner: Actor) -> str:
    content = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
    row = await files.keep(content, name="证明.pdf", media_type="application/pdf", owner_id=owner.account_id)
    return ids.public(row.id)


async def decide(number: str, actor: Actor, action: str, version: int, **more: Any) -> None:
    await commands.decide(number=number, data=DecisionInput(action=action, version=version, **more), actor=actor)


def flag(field: str, comment: str = "请改一改") -> FieldComment:
    return FieldComment(field=field, comment=comment)


async def file(owner: Actor, name: str = "证明.pdf") -> str:
    """The public id of a stored file's row; its content is not needed."""
    row = await StoredFile.create(
        id=ids.new_id(),
        owner_id=owner.account_id,
        name=name,
        media_type="application/pdf",
        size=1000,
        sha256="0" * 64,
        created_at=clock.now(),
    )
    return ids.public(row.id)


async def outbox() -> list[str]:
    """Topics of what was emitted, in order."""
    return [row["topic"] for row in await database.rows("SELECT topic FROM outbox ORDER BY id")]


async def audited() -> list[str]:
    return [row["action"] for row in await database.rows("SELECT action FROM audit ORDER BY id")]
