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
WITHDRAWN = "withdrawn"  # of somebody who is out of the round and has no result
STATUS_TEXT = {
    WITHDRAWN: "已退出考核",
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


POST_NAMES = {Post.JUNIOR: "初级岗", Post.MIDDLE: "中级岗", Post.SENIOR: "高级岗"}
RESULT_TEXT = {
    YearResult.EXCELLENT: "优秀",
    YearResult.COMPETENT: "称职",
    YearResult.BASIC: "基本称职",
    YearResult.FAIL: "不称职",
}


class TrainingKind(StrEnum):
    """The first two are the training that comes round every few years; the others are written down beside it."""

    ENTRY = "entry"
    CYCLE = "cycle"
    EXAM = "exam"
    MENTOR = "mentor"


ROTATION = (TrainingKind.ENTRY, TrainingKind.CYCLE)
TRAINING_TEXT = {
    TrainingKind.ENTRY: "上岗培训",
    TrainingKind.CYCLE: "轮训",
    TrainingKind.EXAM: "职业资格",
    TrainingKind.MENTOR: "帮带",
}


class RowResult(StrEnum):
    """What becomes of a row of a sheet."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class WorkerChange(StrEnum):
    """What can happen to an entry of the register of social workers; each is a line of its history."""

    ENTERED = "entered"
    REHIRED = "rehired"
    GRADED = "graded"
    SERVED = "served"
    PROMOTED = "promoted"
    POSTED = "posted"
    APPRAISED = "appraised"
    TRAINED = "trained"
    BONUS = "bonus"
    ELECTED = "elected"
    LEFT = "left"
    CORRECTED = "corrected"
    BROKEN = "broken"


CHANGE_TEXT = {
    WorkerChange.ENTERED: "登记入册",
    WorkerChange.REHIRED: "再次录用",
    WorkerChange.GRADED: "初次定级",
    WorkerChange.SERVED: "工龄到期升级",
    WorkerChange.PROMOTED: "核定晋级",
    WorkerChange.POSTED: "岗位变更",
    WorkerChange.APPRAISED: "年度考核",
    WorkerChange.TRAINED: "培训",
    WorkerChange.BONUS: "年度绩效奖",
    WorkerChange.ELECTED: "当选登记",
    WorkerChange.LEFT: "离职",
    WorkerChange.CORRECTED: "更正",
    WorkerChange.BROKEN: "服务中断",
}


class WorkerDue(StrEnum):
    """Why somebody looks at a worker now."""

    GRADE = "grade"
    CONFIRM = "confirm"
    TRAINING = "training"
    CAPPED = "capped"
    APPRAISAL = "appraisal"
    LEFT = "left"


DUE_TEXT = {
    WorkerDue.GRADE: "快到晋级日",
    WorkerDue.CONFIRM: "待核定晋级",
    WorkerDue.TRAINING: "该轮训了",
    WorkerDue.CAPPED: "已到顶级",
    WorkerDue.APPRAISAL: "去年没有考核",
    WorkerDue.LEFT: "已离职",
}
