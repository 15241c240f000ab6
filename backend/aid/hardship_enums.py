"""Closed vocabularies of hardship files."""

from enum import StrEnum


class Basis(StrEnum):
    SAMPLE = "sample"
    COUNTY = "county"


class Grade(StrEnum):
    DEEP = "deep"
    RELATIVE = "relative"
    ACCIDENT = "accident"


GRADE_TEXT = {Grade.DEEP: "深度困难", Grade.RELATIVE: "相对困难", Grade.ACCIDENT: "意外致困"}


class FileState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


FILE_TEXT = {FileState.OPEN: "在册", FileState.CLOSED: "已退出"}


class FileChange(StrEnum):
    OPENED = "opened"
    LINKED = "linked"  # somebody of the household applied too
    REVIEWED = "reviewed"  # the class stays
    REGRADED = "regraded"
    CLOSED = "closed"
    REOPENED = "reopened"


CHANGE_TEXT = {
    FileChange.OPENED: "建档",
    FileChange.LINKED: "家人并入",
    FileChange.REVIEWED: "复核，类别不变",
    FileChange.REGRADED: "复核，类别变更",
    FileChange.CLOSED: "退出",
    FileChange.REOPENED: "恢复在册",
}
EXIT_TEXT = {
    "income_up": "收入提高",
    "recovered": "康复",
    "dibao": "纳入低保",
    "retired": "退休",
    "moved": "迁出",
    "deceased": "去世",
    "self": "自愿退出",
}
