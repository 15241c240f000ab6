"""A case in the words of its owner, and lines of its history."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.casework import headlines, timeline
from backend.casework.enums import CaseStatus
from backend.casework.headlines import Standing
from backend.casework.schemas import TimelineEntry
from backend.casework.timeline import EventRow
from backend.core import reference
from backend.core.actor import SYSTEM, Actor, Post

DESK = "高桥街道总工会"


def standing(status: CaseStatus, **facts: Any) -> Standing:
    return Standing(status=status, service="入会申请", desk=DESK, **facts)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (standing(CaseStatus.SUBMITTED), "高桥街道总工会已收到，等待审核"),
        (standing(CaseStatus.IN_REVIEW), "高桥街道总工会正在审核"),
        (standing(CaseStatus.RETURNED, to_correct=2), "请修改 2 处后重新提交"),
        (standing(CaseStatus.ON_HOLD, held_until=date(2026, 3, 26)), "暂时挂起，到3月26日继续办理"),
        (standing(CaseStatus.APPROVED), "您的入会申请已通过"),
        (standing(CaseStatus.REJECTED), "高桥街道总工会没有通过这次申请"),
        (standing(CaseStatus.WITHDRAWN), "您已撤回这次申请"),
    ],
)
def test_headlines(one: Standing, words: str) -> None:
    assert headlines.headline(one) == words


@pytest.mark.parametrize("status", CaseStatus)
def test_every_state_has_words_and_a_tone(status: CaseStatus) -> None:
    assert headlines.status_text(status)
    assert headlines.tone(status, 3) in ("ok", "warn", "late", "info")


def test_a_late_case_is_late_and_a_closed_one_is_not() -> None:
    assert headlines.tone("in_review", -1) == "late"
    assert headlines.tone("on_hold", -1) == "late"
    assert headlines.tone("approved", -1) == "ok"
    assert headlines.tone("returned", -1) == "warn"


@pytest.mark.parametrize(
    ("status", "due", "held", "words"),
    [
        ("in_review", date(2026, 3, 10), None, ("今天到期", "late")),
        ("on_hold", None, date(2026, 3, 26), ("挂起到3月26日", "warn")),
        ("returned", None, None, ("待补正", "warn")),
        ("approved", None, None, ("已通过", "ok")),
    ],
)
def test_the_label_in_the_queue(
    kernel: None, status: str, due: date | None, held: date | None, words: tuple[str, str]
) -> None:
    today = date(2026, 3, 10)
    assert headlines.due_words(status, due, held, calendar=reference.calendar(), today=today) == words


def event(action: str, kind: str = "staff", label: str = "高桥街道总工会 邹*", **changes: Any) -> EventRow:
    facts: dict[str, Any] = {"comment": "", "private": False, "step_index": 0} | changes
    at = datetime(2026, 3, 24, 1, 12, tzinfo=UTC)
    return EventRow(at=at, action=action, actor_kind=kind, actor_label=label, **facts)


def test_the_newest_line_stands_first_with_union_act_and_clerk() -> None:
    events = [event("submit", "person", "本人"), event("approve", comment="票据核对无误。", step_index=1)]
    assert timeline.entries(events, ["受理", "复审"], own=True) == [
        TimelineEntry(
            at="2026-03-24T09:12:00+08:00",
            actor="邹*",
            action="approve",
            comment="票据核对无误。",
            title="高桥街道总工会 复审通过",
        ),
        TimelineEntry(at="2026-03-24T09:12:00+08:00", actor="本人", action="submit", comment="", title="您提交了申请"),
    ]


@pytest.mark.parametrize(
    ("one", "own", "title"),
    [
        (event("submit", "person", "本人"), False, "申请人提交了申请"),
        (event("submit"), False, "高桥街道总工会 代为提交了申请"),
        (event("open"), True, "高桥街道总工会 已受理"),
        (event("approve"), True, "高桥街道总工会 审核通过"),  # the step's name is too long to say
        (event("approve", step_index=9), True, "高桥街道总工会 审核通过"),
        (event("return"), True, "高桥街道总工会 退回补正"),
        (event("release", "system", "系统"), True, "系统恢复办理"),
        (event("urge", "person", "本人"), True, "您催办"),
    ],
)
def test_titles(one: EventRow, own: bool, title: str) -> None:
    assert timeline.entries([one], ["基层工会审核"], own=own)[0].title == title


def test_names_in_a_history_are_masked() -> None:
    post = Post(1, "高桥街道总工会", "/a/", "town", "990121001", ("desk",), frozenset())
    assert timeline.actor_label(Actor(kind="staff", display="邹雨迎", posts=(post,))) == "高桥街道总工会 邹*迎"
    away = Post(2, "黄枫镇总工会", "/b/", "town", "990121001", ("desk",), frozenset(), holder_id=7, holder="李小安")
    deputy = Actor(kind="staff", display="邹小明", posts=(post, away))
    assert timeline.actor_label(deputy, away) == "黄枫镇总工会 邹*明（代李*安）"
    assert timeline.actor_label(deputy) == "高桥街道总工会 邹*明"
    assert timeline.actor_label(Actor(kind="person", display="王小测")) == "本人"
    assert timeline.actor_label(SYSTEM) == "系统"
