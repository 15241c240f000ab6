from enum import StrEnum


class MemberStatus(StrEnum):
    ACTIVE = "active"
    TRANSFERRING = "transferring"
    KEPT = "kept"  # 保留会籍
    LEFT = "left"
    DECEASED = "deceased"
    EXPELLED = "expelled"


EFFECTIVE = (MemberStatus.ACTIVE, MemberStatus.TRANSFERRING, MemberStatus.KEPT)

STATUS_TEXT = {
    MemberStatus.ACTIVE: "在籍",
    MemberStatus.TRANSFERRING: "会籍转接中",
    MemberStatus.KEPT: "保留会籍",
    MemberStatus.LEFT: "已退会",
    MemberStatus.DECEASED: "已去世",
    MemberStatus.EXPELLED: "已开除会籍",
}


class MemberAct(StrEnum):
    """What changes a membership after it began."""

    KEEP = "keep"
    RESTORE = "restore"  # of a kept membership, or of one that was closed by mistake as deceased
    LEAVE = "leave"
    DECEASED = "deceased"
    EXPEL = "expel"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    TRANSFER_STOP = "transfer_stop"


ACT_TEXT = {
    MemberAct.KEEP: "保留会籍",
    MemberAct.RESTORE: "恢复会籍",
    MemberAct.LEAVE: "退会",
    MemberAct.DECEASED: "登记去世",
    MemberAct.EXPEL: "开除会籍",
    MemberAct.TRANSFER_OUT: "转出会籍",
    MemberAct.TRANSFER_IN: "转入会籍",
    MemberAct.TRANSFER_STOP: "停止转接",
}


class ReleaseReason(StrEnum):
    """Why the number of an account without a member is released. A closed list: nothing personal is noted."""

    NEW_OWNER = "new_owner"
    ASKED = "asked"


RELEASE_REASON_TEXT = {
    ReleaseReason.NEW_OWNER: "号码换了主人",
    ReleaseReason.ASKED: "本人要求停用",
}


class EmployForm(StrEnum):
    CONTRACT = "contract"
    NEWFORM = "newform"
    DISPATCH = "dispatch"
    FLEXIBLE = "flexible"
    OTHER = "other"


EMPLOY_TEXT = {
    EmployForm.CONTRACT: "劳动合同",
    EmployForm.NEWFORM: "新就业形态",
    EmployForm.DISPATCH: "劳务派遣",
    EmployForm.FLEXIBLE: "灵活就业",
    EmployForm.OTHER: "其他",
}


class NewformGroup(StrEnum):
    """The eight groups of 2018 and the four of 2021, united, and the rest."""

    TRUCK = "truck"
    RIDE = "ride"
    COURIER = "courier"
    DELIVERY = "delivery"
    NURSE = "nurse"
    DOMESTIC = "domestic"
    MALL = "mall"
    ESTATE = "estate"
    GUARD = "guard"
    OTHER = "other"


GROUP_TEXT = {
    NewformGroup.TRUCK: "货车司机",
    NewformGroup.RIDE: "网约车司机",
    NewformGroup.COURIER: "快递员",
    NewformGroup.DELIVERY: "外卖配送员",
    NewformGroup.NURSE: "护工护理员",
    NewformGroup.DOMESTIC: "家政服务员",
    NewformGroup.MALL: "商场信息员",
    NewformGroup.ESTATE: "房产中介员",
    NewformGroup.GUARD: "保安员",
    NewformGroup.OTHER: "其他",
}


class ImportState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RowResult(StrEnum):
    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


RESULT_TEXT = {
    RowResult.ADDED: "新增",
    RowResult.UPDATED: "更新",
    RowResult.UNCHANGED: "没有变化",
    RowResult.REFUSED: "没有导入",
}


class Outer(StrEnum):
    """Whether a rule about the household's province counts Hong Kong, Macao and Taiwan in. Somebody has to say so."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


OUTER_TEXT = {
    Outer.INCLUDE: "包括香港、澳门、台湾户籍",
    Outer.EXCLUDE: "不包括香港、澳门、台湾户籍",
}


class Aim(StrEnum):
    """How somebody says who is meant. Whatever is not foreseen is written as a rule."""

    ALL = "all"
    OUTSIDE = "outside"
    GROUPS = "groups"
    RULE = "rule"


AIM_TEXT = {
    Aim.ALL: "全体会员",
    Aim.OUTSIDE: "外省户籍会员",
    Aim.GROUPS: "新就业群体",
    Aim.RULE: "自己写条件",
}
