"""Wrong values of the joining form, each with the sentence that stands beside its field."""

from datetime import date
from typing import Any, NamedTuple

from stdnum.iso7064 import mod_11_2

from backend.core import national

GOOD = national.synthetic_id_no(date(1990, 3, 7), 555)
WRONG_DIGIT = GOOD[:-1] + ("1" if GOOD[-1] != "1" else "2")


def with_check(body: str) -> str:
    return body + mod_11_2.calc_check_digit(body)


class Wrong(NamedTuple):
    field: str
    value: Any
    sentence: str
    code: str = "invalid_fields"


_AGAIN = "，请对照身份证再看一遍"
_SHEET = "请把该列设为文本后重新填写"
_LOST = "这一格被电子表格改成了科学计数法，后几位数字已经丢失。" + _SHEET
_DOT = "姓名中间的“·”不能在开头、结尾，也不能连着用两个"
_PLACE = "没有这个区划代码，请从列表里选择所在的乡镇街道"

# As people type them into a page or a program sends them.
TYPED = [
    Wrong("id_no", WRONG_DIGIT, "最后一位校验不通过" + _AGAIN),
    Wrong("id_no", with_check("99000119900230001"), "身份证号码里没有这样的出生日期（第 7 至 14 位）" + _AGAIN),
    Wrong("id_no", with_check("99000120270301001"), "身份证号码里的出生日期还没有到" + _AGAIN),
    Wrong("id_no", with_check("99000118990301001"), "身份证号码里的出生年份早于 1900 年" + _AGAIN),
    Wrong("id_no", "990001900307001", "这是 15 位的旧号码，请输入 18 位身份证号码"),
    Wrong("id_no", "4.30121E+17", _LOST),
    Wrong("id_no", "990001199003070000", "末尾几位变成了 0，像是被电子表格改过。" + _SHEET),
    Wrong("id_no", "123", "身份证号码是 18 位，您填了 3 位，少了 15 位"),
    Wrong("id_no", with_check("00000119900307001"), "身份证号码的前两位不是任何省份的代码" + _AGAIN),
    Wrong("id_no", "990001********0010", "请填写完整的身份证号码，不能用 * 代替"),
    Wrong("id_no", "９９０００１１９９００３０７00X1", "字母 X 只能在第 18 位" + _AGAIN),
    Wrong("id_no", "", "请填写身份证号"),
    Wrong("mobile", "12345", "手机号是 11 位，您填了 5 位，少了 6 位"),
    Wrong("mobile", "10012345678", "手机号应当以 13 至 19 开头，请再看一遍"),
    Wrong("mobile", "0731-84012345", "这像是座机号码，请填写 11 位手机号"),
    Wrong("mobile", "1547000000x", "手机号只能是数字，请再看一遍"),
    Wrong("mobile", "1.5470E+10", _LOST),
    Wrong("mobile", "", "请填写手机号"),
    Wrong("real_name", "·王小测", _DOT),
    Wrong("real_name", "王··测", _DOT),
    Wrong("real_name", "Wang Xiaoce", "姓名请按身份证填写汉字，名字中间的点用“·”"),
    Wrong("real_name", "王", "姓名至少要有 2 个汉字"),
    Wrong("real_name", "王*测", "请填写完整的姓名，不能用 * 代替"),
    Wrong("real_name", "王小测" * 20, "姓名最多 25 个汉字，您填了 60 个"),
    Wrong("division", "999999999", _PLACE),
    Wrong("division", "110101001", _PLACE),
    Wrong("target_org", "zzzzzzzzzzzzz", "请从列表里选择"),
    Wrong("target_org", "1 OR 1=1", "请从列表里选择"),
    Wrong("employ_form", "pirate", "请从给出的选项中选择"),
    Wrong("newform_group", "", "请选择从事的行业"),
    Wrong("employer", "测" * 61, "最多写 60 个字，您写了 61 个字"),
]

# Found only when the whole is sent.
SENT = [
    Wrong("target_org", "0000000000001", "没有找到这个工会，或它现在不接收，请重新选择。", "union_unknown"),
    Wrong("invite_code", "NOSUCHCD", "没有这个邀请码，请核对后重新输入，或重新扫码。", "invite_unknown"),
]

# What no page can send.
PROGRAMMED = [
    Wrong("id_no", None, "请填写身份证号"),
    Wrong("id_no", 990001199003070010, "这一项应为文字，请加引号填写"),
    Wrong("employer", "a\u0000b", "内容里有无法识别的字符，请删除后重新填写"),
    Wrong("employer", {"a": 1}, "这一项应为文字"),
    Wrong("charter_ok", False, "请先阅读并勾选这一项"),
    Wrong("privacy_ok", False, "请先阅读并勾选这一项"),
    Wrong("privacy_ok", None, "请先阅读并勾选这一项"),
    Wrong("privacy_ok", "maybe", "请选“是”或“否”"),
    Wrong("sensitive_ok", False, "请先阅读并勾选这一项"),
]


def name_of(wrong: Wrong) -> str:
    return f"{wrong.field}={wrong.value!r}"[:50]
