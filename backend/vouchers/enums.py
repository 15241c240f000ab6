from enum import StrEnum


class CampaignKind(StrEnum):
    VOUCHER = "voucher"
    GIFT = "gift"  # a thing that is handed over at a station
    WELCOME = "welcome"  # one for everybody who joins while it is open


class CampaignMode(StrEnum):
    TARGETED = "targeted"  # handed out to everybody who is meant
    CLAIM = "claim"  # first come, first served
    LOTTERY = "lottery"


class CampaignState(StrEnum):
    PROPOSED = "proposed"
    OPEN = "open"
    REFUSED = "refused"
    CLOSED = "closed"


class DistributionState(StrEnum):
    WAITING = "waiting"  # the list is not frozen yet
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


class EntryState(StrEnum):
    """What has become of somebody's entry in a draw."""

    ENTERED = "entered"
    WON = "won"
    LOST = "lost"


class VoucherState(StrEnum):
    ISSUED = "issued"
    FROZEN = "frozen"
    RESERVED = "reserved"  # for an order that is not paid yet
    REDEEMED = "redeemed"
    EXPIRED = "expired"


class UseKind(StrEnum):
    """By which way a voucher was used; a till's use is a redemption."""

    TILL = "till"
    GIFT = "gift"  # handed over at a station
    ORDER = "order"  # a part of what an order cost


class StationState(StrEnum):
    ACTIVE = "active"
    STOPPED = "stopped"


class ShopState(StrEnum):
    ACTIVE = "active"
    STOPPED = "stopped"


class SettleCycle(StrEnum):
    WEEKLY = "weekly"
    MONTHLY = "monthly"


KIND_TEXT = {
    CampaignKind.VOUCHER: "消费券",
    CampaignKind.GIFT: "实物礼包",
    CampaignKind.WELCOME: "入会礼券",
}
MODE_TEXT = {
    CampaignMode.TARGETED: "定向发放",
    CampaignMode.CLAIM: "会员领取",
    CampaignMode.LOTTERY: "抽签",
}
CAMPAIGN_TEXT = {
    CampaignState.PROPOSED: "待批准",
    CampaignState.OPEN: "进行中",
    CampaignState.REFUSED: "未批准",
    CampaignState.CLOSED: "已结束",
}
DISTRIBUTION_TEXT = {
    DistributionState.WAITING: "正在确定名单",
    DistributionState.RUNNING: "正在发放",
    DistributionState.STOPPED: "已停止",
    DistributionState.DONE: "已发完",
    DistributionState.FAILED: "没有发成",
}
ENTRY_TEXT = {
    EntryState.ENTERED: "等待抽签",
    EntryState.WON: "抽中了",
    EntryState.LOST: "没有抽中",
}
VOUCHER_TEXT = {
    VoucherState.ISSUED: "可使用",
    VoucherState.FROZEN: "已冻结",
    VoucherState.RESERVED: "用在未付款的订单上",
    VoucherState.REDEEMED: "已使用",
    VoucherState.EXPIRED: "已过期",
}
SHOP_TEXT = {ShopState.ACTIVE: "营业中", ShopState.STOPPED: "已停用"}
STATION_TEXT = {StationState.ACTIVE: "开放", StationState.STOPPED: "已停用"}
CYCLE_TEXT = {SettleCycle.WEEKLY: "周结", SettleCycle.MONTHLY: "月结"}
