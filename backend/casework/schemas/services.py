"""A service item: what is asked, who may apply, which way it goes."""

from typing import Any

import msgspec

from backend.casework.schemas.forms import FormView


class EligibilityCheck(msgspec.Struct, kw_only=True):
    text: str
    state: str  # pass, fail, unknown


class EligibilityView(msgspec.Struct, kw_only=True):
    text: str
    checks: list[EligibilityCheck]


class StepView(msgspec.Struct, kw_only=True):
    """`state` is done, current or ahead."""

    index: int
    name: str
    role: str
    desk: str
    state: str = "ahead"
    days: int = 0


class ServiceItem(msgspec.Struct, kw_only=True):
    slug: str
    name: str
    group: str
    group_name: str
    audience: str
    limit_working_days: int
    enabled: bool
    icon: str = ""
    summary: str = ""


class FunctionCount(msgspec.Struct):
    total: int
    enabled: int


class DirectoryView(msgspec.Struct, kw_only=True):
    items: list[ServiceItem]
    flows: int
    functions: FunctionCount


class PaceView(msgspec.Struct, kw_only=True):
    """How long cases of one service took lately, in days."""

    median_days: int
    p90_days: int


class PrefilledValue(msgspec.Struct, kw_only=True):
    """`value` is masked where the field is sensitive; sent back masked it stands for the real one."""

    value: Any
    source: str


class FunctionLine(msgspec.Struct, kw_only=True):
    code: str
    name: str
    enabled: bool


class ServiceView(msgspec.Struct, kw_only=True):
    """A service item: who may apply, what is asked, which way it goes."""

    slug: str
    name: str
    group: str
    group_name: str
    audience: str
    summary: str
    limit_working_days: int
    enabled: bool
    form: FormView
    eligibility: EligibilityView
    steps: list[StepView]
    functions: list[FunctionLine]
    for_others: bool = False  # may be filled in for somebody who then consents
    prefill: dict[str, PrefilledValue]
