from enum import StrEnum

CHAIR_GRADING = "chair-grading"
SOCIAL_WORKER = "social-worker"


class Basis(StrEnum):
    """Where the figures of a version come from."""

    COUNTY = "county"  # decided by the county itself
    SAMPLE = "sample"  # an example that a county replaces by its own


class BandRule(StrEnum):
    """What becomes of a score between two whole points: bands are printed as whole numbers."""

    FLOOR = "floor"  # 89.99 has not reached 90
    HALF_UP = "half_up"  # 89.5 counts as 90


class Assessor(StrEnum):
    """Whose sheet it is; the order is that of the explanation."""

    SELF = "self"
    TOWN = "town"
    PANEL = "panel"


class MissingSelf(StrEnum):
    """What a self-assessment that never came means."""

    ZERO = "zero"  # no points, once its time is over
    BLOCKS = "blocks"


class Post(StrEnum):
    """The three posts of a social worker, the lowest first."""

    JUNIOR = "junior"
    MIDDLE = "middle"
    SENIOR = "senior"


class YearResult(StrEnum):
    """The yearly appraisal of a social worker."""

    EXCELLENT = "excellent"
    COMPETENT = "competent"
    BASIC = "basic"
    FAIL = "fail"


class PeriodState(StrEnum):
    """Only ever further down, but for a result that an objection changed: it is scored again."""

    SCORING = "scoring"  # chairs enrol, assessors score
    PROPOSED = "proposed"  # the results are shown, objections may be raised
    PUBLISHED = "published"


class SheetState(StrEnum):
    SCORED = "scored"
    RECUSED = "recused"  # by the assessor, with a reason
    ABSENT = "absent"  # by the administrator, with a reason
    REPLACED = "replaced"  # somebody else assesses for the township now


class ObjectionState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


ENROLLED = "enrolled"  # of somebody whose period is not opened yet
STATUS_TEXT = {
    ENROLLED: "已报名，等待考核",
    PeriodState.SCORING: "评分中",
    PeriodState.PROPOSED: "结果公示中",
    PeriodState.PUBLISHED: "结果已通报",
}
ASSESSOR_TEXT = {Assessor.SELF: "自评", Assessor.TOWN: "乡镇评价", Assessor.PANEL: "评审组评价"}
OBJECTION_TEXT = {
    ObjectionState.OPEN: "等待答复",
    ObjectionState.UPHELD: "申诉成立，重新评分",
    ObjectionState.DISMISSED: "维持原结果",
}
