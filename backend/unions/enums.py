from enum import StrEnum


class UnionLevel(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    UNIT = "unit"


class UnionKind(StrEnum):
    GENERAL = "general"  # 总工会
    FEDERATION = "federation"  # 工会联合会, of an industry or an area
    GRASSROOTS = "grassroots"  # 基层工会
    BRANCH = "branch"  # 分会


class UnionState(StrEnum):
    PREPARING = "preparing"
    ACTIVE = "active"
    DISSOLVED = "dissolved"


class UnionNature(StrEnum):
    UNKNOWN = ""
    PUBLIC = "public"
    PRIVATE = "private"


class UnionChangeKind(StrEnum):
    """What the history of a union knows."""

    FOUNDED = "founded"
    ACTIVATED = "activated"
    RENAMED = "renamed"
    MOVED = "moved"
    MERGED = "merged"
    DISSOLVED = "dissolved"
    ELECTED = "elected"
    COOPTED = "coopted"  # somebody joined the committee in the middle of its term


class InviteChannel(StrEnum):
    INVITE = "invite"  # somebody passed the link on
    STATION_QR = "station_qr"  # a poster on a wall


class InviteState(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    USED_UP = "used_up"
    REVOKED = "revoked"


LEVEL_NAMES = {
    UnionLevel.PROVINCE: "省级",
    UnionLevel.CITY: "市级",
    UnionLevel.COUNTY: "县级",
    UnionLevel.TOWN: "乡镇（街道）",
    UnionLevel.UNIT: "基层单位",
}

KIND_NAMES = {
    UnionKind.GENERAL: "总工会",
    UnionKind.FEDERATION: "工会联合会",
    UnionKind.GRASSROOTS: "基层工会",
    UnionKind.BRANCH: "分会",
}

NATURE_NAMES = {
    UnionNature.UNKNOWN: "未填写",
    UnionNature.PUBLIC: "机关、事业单位和国有企业",
    UnionNature.PRIVATE: "非公企业和社会组织",
}

STATE_NAMES = {
    UnionState.PREPARING: "筹建中",
    UnionState.ACTIVE: "正常",
    UnionState.DISSOLVED: "已撤销",
}
