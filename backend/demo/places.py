"""The fictional county: its unions and its people's names. Nothing here exists outside the demo."""

import secrets
from datetime import date, timedelta
from typing import NamedTuple

from backend.core import national

PROVINCE = "演示省总工会"
CITY = "星河市总工会"
COUNTY = "星城县总工会"


class Town(NamedTuple):
    division: str
    name: str
    units: tuple[str, ...]  # names of unions below it


TOWNS = (
    Town(
        "990121001",
        "高桥街道",
        (
            "高桥街道快递行业工会联合会",
            "高桥街道网约送餐行业工会联合会",
            "蓝雀快运有限公司工会",
            "高桥云仓物流有限公司工会",
        ),
    ),
    Town("990121002", "星湖街道", ("星湖智造有限公司工会", "星湖街道网约车行业工会联合会", "星湖中心医院工会")),
    Town("990121003", "清泉街道", ("清泉电子有限公司工会", "清泉街道楼宇工会联合会", "清泉物业有限公司工会")),
    Town("990121004", "龙湾街道", ("龙湾重型机械有限公司工会", "龙湾港务有限公司工会", "龙湾街道货运行业工会联合会")),
    Town("990121005", "云帆街道", ("云帆软件园工会联合会", "云帆第一中学工会", "云帆家政服务行业工会联合会")),
    Town("990121100", "黄枫镇", ("黄枫食品有限公司工会", "黄枫镇建筑行业工会联合会", "黄枫空港配套有限公司工会")),
    Town("990121101", "安陂镇", ("安陂陶瓷有限公司工会", "安陂镇货车司机工会联合会", "安陂中心小学工会")),
    Town("990121102", "江畔镇", ("江畔纺织有限公司工会", "江畔镇区域工会联合会")),
    Town("990121103", "春和镇", ("春和农业科技有限公司工会", "春和镇区域工会联合会", "春和卫生院工会")),
    Town("990121104", "果林镇", ("果林饮料有限公司工会", "果林镇区域工会联合会")),
    Town("990121105", "渡口镇", ("渡口新材料有限公司工会", "渡口镇物流行业工会联合会", "渡口船舶修造有限公司工会")),
    Town("990121106", "青石镇", ("青石建材有限公司工会", "青石镇区域工会联合会")),
    Town("990121107", "福溪镇", ("福溪花炮机械有限公司工会", "福溪镇区域工会联合会", "福溪文旅有限公司工会")),
    Town("990121108", "金桂镇", ("金桂酒业有限公司工会", "金桂镇区域工会联合会", "金桂中药材有限公司工会")),
)

# Branches below some unions: a fifth level of the tree.
BRANCHES = (
    ("高桥街道快递行业工会联合会", "蓝雀快运高桥站分会"),
    ("高桥街道快递行业工会联合会", "青鸟速递高桥站分会"),
    ("星湖智造有限公司工会", "星湖智造一车间分会"),
    ("星湖智造有限公司工会", "星湖智造二车间分会"),
)

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    "小测",
    "晓明",
    "试",
    "一帆",
    "佳音",
    "子样",
    "若例",
    "思远",
    "静好",
    "安然",
    "向前",
    "春晓",
    "建新",
    "海燕",
    "志和",
)
RARE_NAMES = ("买买提·艾力", "欧阳若例", "阿依古丽·测试", "𠮷田样", "㼆小例")
PLATFORMS = ("蓝雀快运", "青鸟速递", "飞毛腿外卖", "顺路出行", "大道货运", "安心到家", "万家房产")
GROUPS = ("courier", "delivery", "ride", "truck", "domestic", "estate", "nurse", "guard")
FIRST_BIRTHDAY = date(1968, 1, 5)


def person_name(number: int) -> str:
    """A name for the number-th person of the demo; one in twenty has a dot or a rare character."""
    if number % 20 == 19:
        return RARE_NAMES[number // 20 % len(RARE_NAMES)]
    return SURNAMES[number % len(SURNAMES)] + GIVEN[number // 3 % len(GIVEN)]


def phone_number(number: int) -> str:
    """Numbers beginning with 154 belong to nobody."""
    return f"154{number:08d}"


class Stranger(NamedTuple):
    name: str
    id_no: str
    phone: str


def stranger() -> Stranger:
    """Somebody whom the county does not know yet, another one every time."""
    birth = FIRST_BIRTHDAY + timedelta(days=secrets.randbelow(13_000))
    id_no = national.synthetic_id_no(birth, secrets.randbelow(999) + 1, province="11")
    return Stranger(person_name(secrets.randbelow(300)), id_no, phone_number(90_000_000 + secrets.randbelow(9_999_999)))
