"""Closed vocabularies of the plans in config/benefits/."""

from enum import StrEnum


class PlanBasis(StrEnum):
    """Where the figures of a version come from."""

    COUNTY = "county"  # decided by the county itself
    SAMPLE = "sample"  # an example that a county replaces by its own


class PlanAudience(StrEnum):
    """Who may take part."""

    MEMBER = "member"
    WOMAN = "woman"


class BenefitBase(StrEnum):
    """Of which sum of the settlement sheet a benefit is worked out."""

    SELF_PAY_FUND = "self_pay_fund"  # what insurance covers and leaves to the patient
    SELF_PAY = "self_pay"  # the same and what insurance does not cover
    IN_POLICY_TOTAL = "in_policy_total"  # all that insurance covers, whoever paid it
    TOTAL = "total"


class Scope(StrEnum):
    """Whether something counts anew for each stay, or once in a year."""

    PER_STAY = "per_stay"
    PER_YEAR = "per_year"


class Coordination(StrEnum):
    """What becomes of what others have paid."""

    REDUCE_BY_OTHER_PAID = "reduce_by_other_paid"
    NONE = "none"


class BelongYear(StrEnum):
    """The day that says to which year and version a stay belongs."""

    ADMIT = "admit"
    DISCHARGE = "discharge"


class Rounding(StrEnum):
    HALF_UP_FEN = "half_up_fen"
    FLOOR_FEN = "floor_fen"
    HALF_UP_YUAN = "half_up_yuan"


BASE_TEXT = {
    BenefitBase.SELF_PAY_FUND: "个人自付",
    BenefitBase.SELF_PAY: "个人自付和自费",
    BenefitBase.IN_POLICY_TOTAL: "医保范围内的费用",
    BenefitBase.TOTAL: "医疗总费用",
}
SCOPE_TEXT = {Scope.PER_STAY: "每次住院", Scope.PER_YEAR: "一年"}
AUDIENCE_TEXT = {PlanAudience.MEMBER: "会籍有效的在职会员", PlanAudience.WOMAN: "会籍有效的女职工"}
BASIS_TEXT = {PlanBasis.COUNTY: "县里定的", PlanBasis.SAMPLE: "示例，请换成县里定的"}
YEAR_TEXT = {BelongYear.ADMIT: "入院那天", BelongYear.DISCHARGE: "出院那天"}
ROUNDING_TEXT = {
    Rounding.HALF_UP_FEN: "算到分，四舍五入",
    Rounding.FLOOR_FEN: "算到分，分以下不计",
    Rounding.HALF_UP_YUAN: "算到元，四舍五入",
}
