"""The frame of every desk page: what waits at the desks this person serves, and where else they may go."""

from collections.abc import Iterable

from backend.casework import queries as casework
from backend.core.actor import Actor
from backend.grading import queries as grading
from backend.home.schemas import DeskShell, NavItem, NavPart

# The parts of the navigation, and in each: key, label, address, icon, the permission that shows it.
_PARTS = (
    (
        "会员与组织",
        (
            ("invites", "邀请入会", "/desk/invites", "qr", "invite.make"),
            ("members", "会员名册", "/desk/members", "members", "member.view"),
            ("unions", "组织", "/desk/unions", "unions", "union.manage"),
            ("staff", "人员与岗位", "/desk/staff", "staff", "staff.manage"),
        ),
    ),
    (
        "普惠服务",
        (
            ("campaigns", "消费券", "/desk/voucher-campaigns", "ticket", "campaign.manage"),
            ("vouchers", "查券", "/desk/vouchers", "search", "campaign.manage"),
            ("shops", "商户", "/desk/shops", "shop", "shop.view"),
            ("stations", "领取点", "/desk/gift-stations", "station", "campaign.manage"),
            ("moves", "领取点库存", "/desk/gift-moves", "list", "gift.move"),
            ("handovers", "发放礼品", "/desk/handovers", "gift", "gift.hand_over"),
            ("goods", "商城商品", "/desk/mall/goods", "shop", "mall.manage"),
            ("orders", "商城订单", "/desk/mall/orders", "list", "mall.manage"),
        ),
    ),
    (
        "互助帮扶",
        (
            ("policies", "互助凭证", "/desk/aid/policies", "shield", "aid.view"),
            ("plans", "互助计划", "/desk/aid/plans", "list", "aid.view"),
            ("files", "困难职工档案", "/desk/aid/files", "care", "aid.view"),
            ("intakes", "助学批次", "/desk/aid-batches", "study", "aid.view"),
            ("exclusions", "助学排除条件", "/desk/aid-exclusions", "list", "aid.view"),
            ("standards", "慰问标准", "/desk/condolence-standards", "comment", "condolence.manage"),
            ("visits", "走访名单", "/desk/visit-lists", "members", "aid.view"),
            ("wares", "慰问物资", "/desk/visit-goods", "gift", "aid.view"),
            ("festivals", "节日慰问品", "/desk/festival-issues", "gift", "condolence.manage"),
        ),
    ),
    (
        "考核定级",
        (
            ("grading", "等级考核", "/desk/grading", "grade", "grading.score"),
            ("workers", "社工岗级", "/desk/social-workers", "grade", "worker.view"),
        ),
    ),
    (
        "资金",
        (
            ("budgets", "预算", "/desk/budgets", "money", "budget.manage"),
            ("pay-runs", "拨付", "/desk/pay-runs", "money", "pay.view"),
        ),
    ),
    (
        "通知",
        (
            ("notices", "群发通知", "/desk/mass-notices", "send", "notice.send"),
            ("undelivered", "未送达", "/desk/undelivered", "alert", "delivery.manage"),
        ),
    ),
    (
        "统计与登记",
        (
            ("statistics", "统计", "/desk/statistics", "chart", "stats.view"),
            ("exports", "导出中心", "/desk/exports", "download", "export.make"),
            ("records", "登记簿", "/desk/records", "cases", "case.view"),
        ),
    ),
)
# Whoever has no more than these sees them all at once.
FEW = 4


async def load_shell(actor: Actor, unread: int) -> DeskShell:
    counts = await casework.desk_counts(actor)
    work = [
        NavItem(key="mine", label="待我办理", href="/desk/cases", icon="inbox", count=counts.mine),
        NavItem(key="due_today", label="今天到期", href="/desk/cases?due=today", icon="timer", count=counts.due_today),
        NavItem(key="held", label="已挂起", href="/desk/cases?status=on_hold", icon="pause", count=counts.held),
        NavItem(
            key="done_today", label="今天已办", href="/desk/cases?done=today", icon="done", count=counts.done_today
        ),
    ]
    if actor.can("case.decide"):
        work.append(
            NavItem(key="asked", label="待答复", href="/desk/cases?asked=1", icon="consult", count=counts.asked or None)
        )
        work.append(NavItem(key="batches", label="批量办理", href="/desk/batches", icon="batches"))
    if sheets := await grading.waiting_sheets(actor):
        work.append(NavItem(key="sheets", label="等我评分", href="/desk/grading", icon="grade", count=sheets))
    if actor.can("case.file"):
        work.append(NavItem(key="filing", label="窗口代办", href="/desk/filing", icon="filing"))
    work.append(
        NavItem(key="messages", label="消息", href="/desk/notifications", icon="bell-quiet", count=unread or None)
    )
    return DeskShell(
        display=actor.display,
        union_name=actor.posts[0].union_name if actor.posts else "",
        work=work,
        parts=_parts(actor),
    )


def _parts(actor: Actor) -> list[NavPart]:
    found = [NavPart(label=label, items=_items(entries, actor)) for label, entries in _PARTS]
    shown = [part for part in found if part.items]
    few = sum(len(part.items) for part in shown) <= FEW
    return [NavPart(label=part.label, items=part.items, few=few) for part in shown]


def _items(entries: Iterable[tuple[str, str, str, str, str]], actor: Actor) -> list[NavItem]:
    return [
        NavItem(key=key, label=label, href=href, icon=icon)
        for key, label, href, icon, permission in entries
        if actor.can(permission)
    ]
