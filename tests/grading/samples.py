"""Schemes as shipped and changed, and histories of people who do not exist."""

from decimal import Decimal
from typing import Any

import msgspec

from backend.core.settings import CONFIG_DIR
from backend.grading import scheme_files
from backend.grading.enums import Assessor, BandRule, Post
from backend.grading.rules.workers import History
from backend.grading.schemes import ChairVersion, Schemes, WorkerScheme, WorkerVersion


def shipped() -> Schemes:
    schemes, problems = scheme_files.read(CONFIG_DIR)
    assert problems == []
    assert schemes is not None
    return schemes


SCHEMES = shipped()
CHAIRS: ChairVersion = SCHEMES.chairs.versions[0]
HALF_UP = msgspec.structs.replace(CHAIRS, band_rule=BandRule.HALF_UP)
WORKERS: WorkerScheme = SCHEMES.workers
FLOOR = CHAIRS


def of(self_: object, town: object, panel: object) -> dict[Assessor, Decimal]:
    given = zip(Assessor, (self_, town, panel), strict=True)
    return {who: Decimal(str(score)) for who, score in given}


def with_rules(**changes: Any) -> WorkerScheme:
    version: WorkerVersion = msgspec.structs.replace(WORKERS.versions[0], **changes)
    return msgspec.structs.replace(WORKERS, versions=(version,))


def hired(day: Any, *, post: Post = Post.JUNIOR, grade: int = 1, **more: Any) -> History:
    return History(hired_on=day, post=post, start_grade=grade, **more)
