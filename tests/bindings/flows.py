"""Small services under the slugs of the real ones: one form, one step at the town, one outcome."""

from pathlib import Path

from backend import bindings
from backend.casework.catalogue import Catalogue, open_catalogue
from backend.core.settings import CONFIG_DIR
from tests.casework.samples import folder

PERSON = """\
      - {name: real_name, label: 姓名, kind: name, prefill: [member.name]}
      - {name: id_no, label: 身份证号, kind: id_no, prefill: [member.id_no]}
      - {name: mobile, label: 手机号, kind: mobile, prefill: [member.mobile]}
      - {name: org_ref, label: 所属工会, kind: org_ref, prefill: [member.union]}
"""

# slug → number prefix, audience, outcomes, fields, and what else the file says
FLOWS: dict[str, tuple[str, str, str, str, str]] = {
    "member-recruit": (
        "YQ",
        "unit",
        "- {kind: create_members, text: 逐人入会, params: {table: roster}}",
        """\
      - {name: org_ref, label: 接收工会, kind: org_ref}
      - name: roster
        label: 名单
        kind: table
        columns:
          - {name: name, label: 姓名, kind: text}
          - {name: id_no, label: 身份证号, kind: text}
          - {name: mobile, label: 手机号, kind: text}
          - {name: group, label: 行业, kind: text}
""",
        "",
    ),
    "member-transfer": (
        "ZJ",
        "member",
        "- {kind: change_member, text: 转移会籍, params: {to: transfer}}",
        PERSON + "      - {name: to_org, label: 转入工会, kind: org_ref}\n",
        "",
    ),
    "member-status": (
        "HJ",
        "member",
        "- {kind: change_member, text: 变更会籍, params: {by: action}}",
        PERSON
        + "      - {name: action, label: 事项, kind: enum, options:"
        + " {keep: 保留, resume: 恢复, leave: 退会, deceased: 去世, sanction: 处分}}\n",
        "",
    ),
    "union-setup": (
        "SJ",
        "enterprise",
        "- {kind: create_union, text: 建立工会}",
        """\
      - {name: union_name, label: 工会全称, kind: text}
      - {name: org_name, label: 单位, kind: text}
      - {name: uscc, label: 信用代码, kind: uscc}
      - {name: setup_kind, label: 方式, kind: enum, options: {single: 单独, industry: 行业}}
      - {name: org_ref, label: 上级工会, kind: org_ref}
""",
        """\
actions:
  - key: prepare
    name: 批复筹建
    by: [desk]
    effects:
      - {kind: create_union, text: 筹建, params: {state: preparing}}
""",
    ),
    "union-change": (
        "BG",
        "union",
        "- {kind: change_union, text: 变更工会, params: {by: change_kind}}",
        """\
      - {name: org_ref, label: 工会, kind: org_ref}
      - name: change_kind
        label: 事项
        kind: enum
        options: {reelect: 换届, coopt: 增补, rename: 更名, reparent: 改隶属, merge: 合并, dissolve: 撤销}
      - {name: new_value, label: 变更后, kind: text}
      - {name: term_no, label: 届次, kind: int}
      - {name: effective_date, label: 生效, kind: date}
      - {name: term_years, label: 届期, kind: int}
""",
        "",
    ),
    "mutual-aid-enrol": (
        "HB",
        "member",
        "- {kind: open_record, text: 互助凭证, params: {kind: policy, name: 互助凭证, prefix: HZ, months: '12'}}",
        PERSON
        + """\
      - {name: plan_ref, label: 计划, kind: enum, options: {hospital: 住院, critical: 重疾}}
      - {name: period, label: 年度, kind: year}
""",
        "",
    ),
    "mutual-aid-claim": (
        "MA",
        "member",
        "- {kind: record_due, text: 互助金, params: {programme: mutual-aid, amount: act.set-amount.amount}}",
        PERSON
        + """\
      - {name: policy_no, label: 凭证号, kind: text}
      - {name: bank_card, label: 银行卡, kind: bank_card}
      - name: invoices
        label: 票据
        kind: table
        columns:
          - {name: invoice_no, label: 号码, kind: text}
""",
        """\
actions:
  - key: set-amount
    name: 核定金额
    by: [desk]
    fields:
      - {name: amount, label: 金额, kind: money, required: true}
""",
    ),
    "temporary-aid": (
        "LJ",
        "member",
        "- {kind: record_due, text: 救助金, params: {programme: temporary-aid, amount: request_amount}}",
        PERSON + "      - {name: request_amount, label: 金额, kind: money}\n",
        "",
    ),
    "hardship-file": (
        "KN",
        "member",
        "- {kind: open_record, text: 建档, params: {kind: file, name: 困难职工档案, prefix: DA}}",
        PERSON,
        "",
    ),
    "hardship-review": (
        "DT",
        "member",
        "- {kind: change_record, text: 复核, params: {kind: file, by: review_kind, exit: ended, return: active}}",
        PERSON
        + """\
      - {name: file_no, label: 档案编号, kind: text}
      - {name: review_kind, label: 类型, kind: enum, options: {annual: 年审, exit: 退出, return: 返困}}
""",
        """\
actions:
  - key: pause
    name: 暂停
    by: [desk]
    effects:
      - {kind: change_record, text: 暂停, params: {kind: file, state: suspended, months: '6'}}
""",
    ),
}

# Refuses a used invoice, as the real service does.
CHECKS = {
    "mutual-aid-claim": "    - {code: used_invoice, text: 票据没有用过, predicate: invoice.duplicate == false,"
    " refusal: 这张票据已经用在另一件申请里。}\n"
}


def flow_file(slug: str) -> str:
    prefix, audience, outcomes, fields, more = FLOWS[slug]
    named = {"id_no": "id_no", "real_name": "name", "mobile": "mobile", "org_ref": "target_union"}
    subject = ", ".join(
        f"{role}: {field}" for field, role in named.items() if f"\n      - {{name: {field}," in "\n" + fields
    )
    checks = f"  checks:\n{CHECKS[slug]}" if slug in CHECKS else ""
    return f"""\
slug: {slug}
version: 1
name: {slug}
initials: {slug.replace("-", "")}
group: org
audience: [{audience}]
icon: file
summary: 只给测试用
number_prefix: {prefix}
limit_working_days: 3
subject: {{{subject}}}
eligibility:
  text: 都可以
{checks}steps:
  - {{name: 审核, role: desk, level: town, days: 3}}
screens:
  - key: all
    title: 内容
    fields:
{fields}{more}outcomes:
  {outcomes}
"""


def effect_catalogue(base: Path) -> Catalogue:
    files = {slug.replace("-", "_"): flow_file(slug) for slug in FLOWS}
    join = (CONFIG_DIR / "catalogue" / "member-join.yaml").read_text("utf-8")
    return open_catalogue(folder(base, member_join=join, **files), bindings.BINDINGS)
