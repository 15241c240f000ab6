"""Closed vocabularies of yearly batches."""

from enum import StrEnum

STUDENT_AID = "student-aid"


class IntakeState(StrEnum):
    PUBLISHED = "published"
    CLOSED = "closed"  # before its last day


class Phase(StrEnum):
    """Where a batch is on a day."""

    AHEAD = "ahead"
    OPEN = "open"
    OVER = "over"


PHASE_TEXT = {Phase.AHEAD: "还没开始", Phase.OPEN: "正在受理", Phase.OVER: "已经截止"}
STAGE_TEXT = {
    "senior": "高中",
    "vocational": "中职",
    "college": "大专",
    "bachelor": "本科",
    "postgrad": "研究生",
}


class Exclusion(StrEnum):
    """What may exclude somebody; the kinds of school are called as the form's choices are."""

    OTHER_AID = "other_aid"
    UNION_AID = "union_aid"
    COSTLY = "costly"
    MILITARY = "military"
    NORMAL = "normal"
    JOINT = "joint"
    ABROAD = "abroad"


EXCLUSION_TEXT = {
    Exclusion.OTHER_AID: "已经领了别处的助学款",
    Exclusion.UNION_AID: "今年已经领过工会临时救助",
    Exclusion.COSTLY: "高收费民办学校",
    Exclusion.MILITARY: "军校",
    Exclusion.NORMAL: "公费师范、定向培养",
    Exclusion.JOINT: "中外合作办学",
    Exclusion.ABROAD: "自费留学",
}
SCHOOL_KINDS = frozenset(Exclusion) - {Exclusion.OTHER_AID, Exclusion.UNION_AID}
