from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.divisions import Division, Divisions
from backend.core.national import synthetic_id_no

FOLDER = Path(__file__).parents[2] / "config" / "divisions"
DIVISIONS = Divisions.load(FOLDER)
TOWNSHIPS = (
    "高桥街道 星湖街道 清泉街道 龙湾街道 云帆街道 黄枫镇 安陂镇 江畔镇 春和镇 果林镇 渡口镇 青石镇 福溪镇 金桂镇"
)


def names(rows: list[Division]) -> list[str]:
    return [row.name for row in rows]


@pytest.mark.parametrize(
    ("code", "name", "full_name"),
    [
        ("430000", "湖南省", "湖南省"),
        ("430100", "长沙市", "湖南省长沙市"),
        ("430121", "长沙县", "湖南省长沙市长沙县"),
        ("430102", "芙蓉区", "湖南省长沙市芙蓉区"),
        ("430122", "望城县", "湖南省长沙市望城县"),
        ("110101", "东城区", "北京市东城区"),
        ("500229", "城口县", "重庆市城口县"),
        ("429004", "仙桃市", "湖北省仙桃市"),
        ("659001", "石河子市", "新疆维吾尔自治区石河子市"),
        ("810000", "香港特别行政区", "香港特别行政区"),
        ("830000", "台湾", "台湾"),
        ("990121", "星城县", "演示省星河市星城县"),
        ("990121001", "高桥街道", "演示省星河市星城县高桥街道"),
        ("430121999", "", "湖南省长沙市长沙县"),
        ("430199", "", "湖南省长沙市"),
        ("990001", "", "演示省"),
        ("000000", "", ""),
        ("", "", ""),
    ],
)
def test_names_of_codes(code: str, name: str, full_name: str) -> None:
    assert (DIVISIONS.name(code), DIVISIONS.full_name(code)) == (name, full_name)


def test_withdrawn_codes_exist_but_are_not_offered() -> None:
    assert DIVISIONS.get("430122") == Division(code="430122", name="望城县", parent="430100", retired=True)
    assert DIVISIONS.exists("430122")
    assert not DIVISIONS.exists("430199")
    assert DIVISIONS.get("430199") is None
    assert DIVISIONS.search("望城县") == []


def test_children() -> None:
    assert names(DIVISIONS.children("990121")) == TOWNSHIPS.split()
    changsha = "芙蓉区 天心区 岳麓区 开福区 雨花区 望城区 长沙县 浏阳市 宁乡市"
    assert names(DIVISIONS.children("430100")) == changsha.split()
    assert names(DIVISIONS.children("110000"))[:3] == ["东城区", "西城区", "朝阳区"]
    assert "仙桃市" in names(DIVISIONS.children("420000"))
    assert [row.code for row in DIVISIONS.children("")][-3:] == ["810000", "820000", "990000"]
    assert len(DIVISIONS.children("")) == 35
    assert DIVISIONS.children("990121001") == []


def test_a_callers_list_is_its_own() -> None:
    DIVISIONS.children("990121").clear()
    assert len(DIVISIONS.children("990121")) == 14


def walk(code: str) -> set[str]:
    below = {row.code for row in DIVISIONS.children(code)}
    return below.union(*(walk(child) for child in below))


def test_every_division_in_force_hangs_under_its_province() -> None:
    reached = walk("")
    assert len(reached) > 3100
    assert all(DIVISIONS.full_name(code).startswith(DIVISIONS.name(f"{code[:2]}0000")) for code in reached)


@pytest.mark.parametrize(
    ("code", "county"),
    [
        ("990121", "990121"),
        ("990121001", "990121"),
        ("430121003007", "430121"),
        ("430122", "430122"),
        ("430100", None),
        ("430000", None),
        ("430199", None),
        ("", None),
    ],
)
def test_county_of_a_code(code: str, county: str | None) -> None:
    assert DIVISIONS.county_of(code) == county


def test_search() -> None:
    assert [row.code for row in DIVISIONS.search("长沙")] == ["430100", "430121"]
    assert [row.code for row in DIVISIONS.search(" 高桥 ")] == ["990121001"]
    assert [row.code for row in DIVISIONS.search("99012110")][:2] == ["990121100", "990121101"]
    assert names(DIVISIONS.search("鼓楼区"))[0] == "鼓楼区"
    assert len(DIVISIONS.search("区")) == 20
    assert len(DIVISIONS.search("区", limit=3)) == 3
    assert DIVISIONS.search("  ") == []
    assert "市辖区" not in names(DIVISIONS.search("市辖区"))


@pytest.mark.parametrize(
    ("number", "province"),
    [
        ("430121199003071233", "430000"),
        ("439999199003071233", "430000"),
        ("810000198506150012", "810000"),
        ("830000198506150016", "830000"),
        (synthetic_id_no(date(1990, 3, 7), 123), "990000"),
        (synthetic_id_no(date(1990, 3, 7), 123, province="44"), "440000"),
        ("170000199003071233", ""),
        ("", ""),
    ],
)
def test_household_province(number: str, province: str) -> None:
    assert DIVISIONS.household_province(number) == province


@given(st.text("0123456789", max_size=12))
def test_any_code_gets_an_answer(code: str) -> None:
    assert DIVISIONS.exists(code) == bool(DIVISIONS.name(code))
    assert DIVISIONS.full_name(code).endswith(DIVISIONS.name(code))
    assert DIVISIONS.county_of(code) in (None, code[:6])


def test_a_real_county_adds_its_townships_and_villages(tmp_path: Path) -> None:
    village = 'children: [{code: "430121900001", name: 试验村}]'
    town = f'{{code: "430121900", name: 试验镇, {village}}}'
    (tmp_path / "430121.yaml").write_text(f'code: "430121"\nname: 长沙县\nchildren: [{town}]', encoding="utf-8")
    divisions = Divisions.load(tmp_path)
    assert divisions.full_name("430121900001") == "湖南省长沙市长沙县试验镇试验村"
    assert names(divisions.children("430121900")) == ["试验村"]
    assert not divisions.exists("990121")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("code: '990122'\nname: 别处", "the file is named after"),
        ("code: 990121\nname: 星城县", r"`str`.*`int`"),
        ("code: '990121'\nname: 星城县\ntowns: []", "unknown field `towns`"),
        ("code: '990121'\nname: 星城县\nchildren: [{code: '990122001', name: 镇}]", "990122001 is not three digits"),
        ("code: '990121'\nname: 星城县\nchildren: [{code: '990121001001', name: 村}]", "not three digits below"),
        (
            "code: '990121'\nname: 星城县\nchildren: [{code: '990121001', name: 甲}, {code: '990121001', name: 乙}]",
            "990121001 is there twice",
        ),
        ("code: '990121'\nname: 星城县\nabove: [{code: '430000', name: 别省}]", "430000 is not the province"),
        ("code: [", "990121.yaml"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "990121.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=complaint) as caught:
        Divisions.load(tmp_path)
    assert str(tmp_path / "990121.yaml") in str(caught.value)
