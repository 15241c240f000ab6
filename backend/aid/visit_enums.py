"""Closed vocabularies of visits."""

from enum import StrEnum


class Season(StrEnum):
    """As the choices of the plan's form are called."""

    SPRING = "spring"
    SUMMER_COOL = "summer_cool"
    FESTIVAL = "festival"
    SUDDEN = "sudden"
    FRONTLINE = "frontline"


SEASON_TEXT = {
    Season.SPRING: "春节送温暖",
    Season.SUMMER_COOL: "夏送清凉",
    Season.FESTIVAL: "节日",
    Season.SUDDEN: "突发",
    Season.FRONTLINE: "一线",
}


class MoveKind(StrEnum):
    IN = "in"
    OUT = "out"
    BACK = "back"


MOVE_TEXT = {MoveKind.IN: "入库", MoveKind.OUT: "出库", MoveKind.BACK: "退回"}
RATING_TEXT = {1: "很不满意", 2: "不满意", 3: "一般", 4: "满意", 5: "很满意"}
