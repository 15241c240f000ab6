"""Flow files for tests, small and readable."""

import re
from pathlib import Path
from shutil import copytree

from backend.casework.flow_files.read import PARSERS
from backend.casework.flows import Flow
from backend.core.settings import CONFIG_DIR
from backend.core.strict_yaml import Document

HEAD = """\
slug: sample-flow
version: 1
name: 示例业务
initials: slyw
group: org
audience: [member]
icon: file
summary: 只给测试用
number_prefix: SL
limit_working_days: 3
subject: {name: real_name, summary: [trade, note]}
eligibility:
  text: 会员都可以
  checks:
    - {code: not_active, text: 会籍有效, predicate: member.status == active, refusal: 会籍已经失效}
steps:
  - {name: 审核, role: desk, level: town, days: 3}
"""

# One field of every kind, and every way the catalogue writes a rule.
EVERY_KIND = """\
screens:
  - key: words
    title: 文字
    fields:
      - {name: note, label: 短文本, kind: text, rule: 2..10}
      - {name: story, label: 长文本, kind: longtext, rule: 10..500}
      - {name: real_name, label: 姓名, kind: name}
      - {name: home, label: 地址, kind: address}
      - {name: trade, label: 工种, kind: enum, options: {"1": 焊工, "2": 钳工}}
      - {name: wishes, label: 意向, kind: multi, options: {day: 白天, night: 晚上, home: 居家}, rule: 1..2}
      - {name: course, label: 课程, kind: text, lookup: courses}
  - key: numbers
    title: 数字
    fields:
      - {name: people, label: 人数, kind: int, rule: 1..200000}
      - {name: term, label: 届期, kind: int, rule: in=3|5}
      - {name: hours, label: 学时, kind: decimal, rule: 0..500}
      - {name: salary_min, label: 最低工资, kind: money, rule: '>0'}
      - {name: salary_max, label: 最高工资, kind: money, rule: '>=salary_min'}
      - {name: rate, label: 比例, kind: percent, rule: -20..100}
      - {name: agreed, label: 同意, kind: bool, rule: ==true}
  - key: times
    title: 时间
    fields:
      - {name: admit_date, label: 入院日期, kind: date, rule: <=today}
      - {name: discharge_date, label: 出院日期, kind: date, rule: '>=admit_date'}
      - {name: expire_date, label: 有效期, kind: date, rule: today+1..today+90}
      - {name: period, label: 所属期, kind: month, rule: <=today}
      - {name: birth_year, label: 出生年份, kind: year, rule: <=today-22y}
      - {name: start_at, label: 开始, kind: datetime, rule: '>=today'}
      - {name: end_at, label: 结束, kind: datetime, rule: '>start_at'}
  - key: codes
    title: 号码
    fields:
      - {name: id_no, label: 身份证号, kind: id_no}
      - {name: mobile, label: 手机号, kind: mobile}
      - {name: uscc, label: 信用代码, kind: uscc}
      - {name: bank_card, label: 银行卡号, kind: bank_card}
      - {name: division, label: 乡镇街道, kind: division, within: county}
      - {name: from_org, label: 转出工会, kind: org_ref}
      - {name: to_org, label: 转入工会, kind: org_ref, rule: '!=from_org'}
  - key: rest
    title: 其他
    fields:
      - {name: spot, label: 位置, kind: geo}
      - {name: photo, label: 免冠照, kind: file}
      - {name: illness, label: 诊断, kind: text, sensitive: true}
      - {name: household, label: 户籍地, kind: division}
      - name: team
        label: 队员
        kind: table
        rows: 1..3
        columns:
          - {name: name, label: 姓名, kind: name, required: true}
          - {name: id_no, label: 身份证号, kind: id_no, required: true}
          - {name: fee, label: 金额, kind: money, rule: '>0'}
    attachments:
      - {name: proof, label: 证明, required: true, max_files: 2}
      - {name: scan, label: 扫描件}
"""


def decode(text: str) -> tuple[Flow | None, list[str]]:
    document = Document("sample.yaml", PARSERS)
    flow = document.read(text, Flow)
    return flow, [str(problem) for problem in document.problems]


def flow_of(screens: str, head: str = HEAD) -> Flow:
    flow, problems = decode(head + screens)
    assert problems == []
    assert flow is not None
    return flow


def field_flow(*fields: str) -> Flow:
    """A flow with one screen of these fields, each written as in a file."""
    lines = "".join(f"      - {{{field}}}\n" for field in fields)
    return flow_of(f"screens:\n  - key: only\n    title: 一页\n    fields:\n{lines}", HEAD.replace(
        "subject: {name: real_name, summary: [trade, note]}", "subject: {}"
    ))  # fmt: skip


def folder(base: Path, **files: str) -> Path:
    """A config folder with the real groups, roles and notices, an empty register and these flow files."""
    catalogue = base / "catalogue"
    (catalogue / "earlier").mkdir(parents=True)
    (base / "roles.yaml").write_bytes((CONFIG_DIR / "roles.yaml").read_bytes())
    groups = (CONFIG_DIR / "catalogue" / "_groups.yaml").read_text("utf-8").split("words:")[0]
    (catalogue / "_groups.yaml").write_text(groups, "utf-8")
    (catalogue / "_register.yaml").write_text("services: []\n", "utf-8")
    for shared in ("_notices.yaml", "_engine.yaml"):
        (catalogue / shared).write_bytes((CONFIG_DIR / "catalogue" / shared).read_bytes())
    copytree(CONFIG_DIR / "notifications", base / "notifications")
    for name, text in files.items():
        path = re.sub(r"_v(?=\d)", ".", name.replace("__", "/")).replace("_", "-")
        (catalogue / f"{path}.yaml").write_text(text, "utf-8")
    return base
