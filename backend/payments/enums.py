from enum import StrEnum


class DueState(StrEnum):
    WAITING = "waiting"


DUE_TEXT = {DueState.WAITING: "已核定，等待拨付"}
