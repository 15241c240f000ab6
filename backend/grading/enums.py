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
