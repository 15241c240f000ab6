"""Sums of condolences by day, and the file that they come from."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from backend.aid import condolence_files
from backend.aid.condolence_enums import Festival, LifeEvent
from backend.aid.condolence_files import CondolencesError
from backend.aid.condolence_rules import Limits, Own, Standard, Sum, issue_problems, standard_on, standard_problems
from backend.core.settings import CONFIG_DIR

TODAY = date(2026, 3, 10)


@pytest.fixture
def limits(kernel: None) -> Limits:
    return condolence_files.on(TODAY)


def own(since: str, amount_fen: int) -> Own:
    return Own(since=date.fromisoformat(since), amount_fen=amount_fen, paper="会议纪要")


def test_the_latest_standard_that_has_begun_holds(limits: Limits) -> None:
    set_ = [own("2026-01-01", 600_00), own("2026-03-10", 700_00), own("2026-03-11", 800_00)]
    amounts = [standard_on(LifeEvent.BIRTH, date(2026, 3, day), limits, set_).amount_fen for day in (9, 10, 11)]
    assert amounts == [600_00, 700_00, 800_00]
    before = standard_on(LifeEvent.BIRTH, date(2025, 12, 31), limits, set_)
    assert before.amount_fen == 500_00 and "没有自定标准" in before.words


def test_a_limit_that_came_down_holds_over_an_older_standard(limits: Limits) -> None:
    lower = msgspec.structs.replace(limits, events=limits.events | {LifeEvent.BIRTH: Sum(most_fen=1, usual_fen=1)})
    assert standard_on(LifeEvent.BIRTH, TODAY, lower, [own("2026-01-01", 600_00)]) == Standard(
        1, "本会标准高于基层工会经费收支管理办法实施细则（示例）的上限，按上限"
    )


@pytest.mark.parametrize(
    ("amount_fen", "since", "paper", "fields"),
    [
        (1000_00, "2026-03-10", "会议", []),
        (1000_01, "2026-03-10", "会议", ["amount_fen"]),
        (0, "2026-03-09", "会", ["amount_fen", "since", "paper"]),
        (1, "2027-03-11", "会议", []),
        (1, "2027-03-12", "会议", ["since"]),
    ],
)
def test_a_standard_stays_within_the_limit(
    limits: Limits, amount_fen: int, since: str, paper: str, fields: list[str]
) -> None:
    found = standard_problems(LifeEvent.BIRTH, amount_fen, date.fromisoformat(since), paper, limits=limits, today=TODAY)
    assert [one.field for one in found] == fields


def test_goods_are_for_festivals_of_the_rule(limits: Limits) -> None:
    def fields(**more: object) -> list[str]:
        given = {"festival": Festival.SPRING, "goods": "大米", "worth_fen": 1, "given_on": TODAY} | more
        return [one.field for one in issue_problems(**given, limits=limits, today=TODAY)]  # type: ignore[arg-type]

    assert fields() == []
    assert fields(goods="米", worth_fen=0, given_on=date(2026, 3, 11)) == ["goods", "worth_fen", "given_on"]
    assert fields(worth_fen=2000_01, given_on=date(2024, 12, 31)) == ["worth_fen", "given_on"]
    few = msgspec.structs.replace(limits, festivals=(Festival.SPRING,))
    found = issue_problems(Festival.LABOUR, "大米", 1, TODAY, limits=few, today=TODAY)
    assert [one.field for one in found] == ["festival"]


def test_a_file_names_every_fault(tmp_path: Path) -> None:
    text = (CONFIG_DIR / "condolences.yaml").read_text("utf-8")
    second = text[text.index("  - since") :]
    (tmp_path / "condolences.yaml").write_text(text + second, "utf-8")
    assert "版本要按日期先后写" in condolence_files.check(tmp_path)[0]
    wrong = text.replace("birth: {most_fen: 100000", "birth: {most_fen: 1")
    wrong = wrong.replace("      retire: {most_fen: 100000, usual_fen: 50000}\n", "")
    (tmp_path / "condolences.yaml").write_text(wrong.replace("year_fen: 200000", "year_fen: 0"), "utf-8")
    found = condolence_files.check(tmp_path)
    assert len(found) == 3 and any("没有写 retire（退休）" in one for one in found)
    with pytest.raises(CondolencesError):
        condolence_files.load(tmp_path)
    (tmp_path / "condolences.yaml").write_text("versions: []\n", "utf-8")
    assert "至少要有一个版本" in condolence_files.check(tmp_path)[0]
