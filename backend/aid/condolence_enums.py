"""Closed vocabularies of condolences."""

from enum import StrEnum


class LifeEvent(StrEnum):
    """As the choices of the flow's form are called."""

    BIRTH = "birth"
    MARRIAGE = "marriage"
    ILLNESS = "illness"
    DEATH_SELF = "death_self"
    DEATH_FAMILY = "death_family"
    RETIRE = "retire"
    DISASTER = "disaster"
    BIRTHDAY = "birthday"


EVENT_TEXT = {
    LifeEvent.BIRTH: "生育",
    LifeEvent.MARRIAGE: "结婚",
    LifeEvent.ILLNESS: "疾病",
    LifeEvent.DEATH_SELF: "本人去世",
    LifeEvent.DEATH_FAMILY: "直系亲属去世",
    LifeEvent.RETIRE: "退休",
    LifeEvent.DISASTER: "灾害",
    LifeEvent.BIRTHDAY: "生日",
}


class Festival(StrEnum):
    NEW_YEAR = "new_year"
    SPRING = "spring"
    QINGMING = "qingming"
    LABOUR = "labour"
    DRAGON_BOAT = "dragon_boat"
    MID_AUTUMN = "mid_autumn"
    NATIONAL = "national"


FESTIVAL_TEXT = {
    Festival.NEW_YEAR: "元旦",
    Festival.SPRING: "春节",
    Festival.QINGMING: "清明节",
    Festival.LABOUR: "劳动节",
    Festival.DRAGON_BOAT: "端午节",
    Festival.MID_AUTUMN: "中秋节",
    Festival.NATIONAL: "国庆节",
}


class IssueState(StrEnum):
    REGISTERED = "registered"
    REVOKED = "revoked"


ISSUE_TEXT = {IssueState.REGISTERED: "已登记", IssueState.REVOKED: "已撤销"}
