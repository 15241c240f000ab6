"""What a flow file may get wrong in its actions, papers and public notices."""

from pathlib import Path

import pytest

from backend.casework import catalogue
from tests.casework.samples import folder
from tests.casework.world import SETUP


def problems(base: Path, text: str) -> list[str]:
    found = catalogue.check(folder(base, sample_setup=text))
    return [problem.split(": ", 1)[1] for problem in found]


def test_the_sample_is_sound(tmp_path: Path) -> None:
    assert problems(tmp_path, SETUP) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("key: advice", "key: Advice", "“Advice”只能用小写字母、数字和连字符，最多 36 个字符"),
        ("key: advice", f"key: {'a' * 37}", f"“{'a' * 37}”只能用小写字母、数字和连字符，最多 36 个字符"),
        ("key: advice", "key: withdraw", "“withdraw”是系统自己的操作，请换个名称"),
        ("key: advice", "key: letter", "操作“letter”写了两次"),
        ("by: [dept_aid@county]", "by: []", "要写谁来办：applicant、desk 或 岗位@层级"),
        ("by: [dept_aid@county]", "by: [mayor@county]", "没有“mayor”这个角色"),
        (
            "by: [dept_aid@county]",
            "by: [dept_aid@town]",
            "要写成“岗位@层级”，“dept_aid”只在 county 设置",
        ),
        ("steps: [初审]", "steps: [终审]", "没有“终审”这个步骤"),
        ("len(form.team) == 1", "len(form.crew) == 1", "没有“crew”这个栏目"),
        ("act.letter < 2", "act.lettre < 2", "没有“lettre”这个操作"),
        ("document: proof", "document: reply-prep", "没有 issued 为 action 的文书“reply-prep”"),
        ("days: 5\n", "days: 0\n", "公示至少 1 天"),
        ("联系人{subject}，电话{form.contact_mobile}。", "{form.nobody}。", "没有“nobody”这个栏目"),
        ("{act.visit.people}", "{act.visit.dogs}", "没有“dogs”这个栏目"),
        ("{params.least}", "{params.most}", "没有“most”这个参数"),
        ("{case.number}", "{case.colour}", "没有“colour”这个办件内容"),
        ("{union}：", "{parish}：", "不认识“{parish}”"),
        ("table: team", "table: crew", "没有“crew”这个栏目"),
        ("prefix: PC", "prefix: pc", "编号开头应为 2 到 6 个大写字母"),
        ("    step: 批复筹建\n", "", "issued 为 step 时要写 step，其他时候不写"),
        ("needs: [visit]", "needs: [visits]", "没有“visits”这个操作"),
        ("awaits: election", "awaits: publicity", "等的应是申请人办的操作，“publicity”不是"),
        ("needs: [visit]", "awaits: election", "第一步前面没有可以等的时候"),
    ],
)
def test_every_mistake_is_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in SETUP
    assert problem in problems(tmp_path, SETUP.replace(old, new, 1))
