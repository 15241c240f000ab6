"""What providers report of messages that they took. Sources: Aliyun, SmsReport by HTTP; Tencent Cloud, status reports.

Neither signs its reports, so the address they are sent to is the secret.
"""

from collections.abc import Sequence

import msgspec

LONGEST_CODE = 60


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is the public id that was handed over, where the provider says it again; `code` why it did not arrive."""

    provider_id: str
    key: str
    delivered: bool
    code: str


class AliyunReport(msgspec.Struct, frozen=True):
    biz_id: str
    success: bool
    out_id: str | None = None
    err_code: str | None = None


class AliyunThanks(msgspec.Struct, frozen=True):
    code: int = 0
    msg: str = "成功"


class TencentReport(msgspec.Struct, frozen=True):
    sid: str
    report_status: str
    errmsg: str | None = None


class TencentThanks(msgspec.Struct, frozen=True):
    result: int = 0
    errmsg: str = "OK"


def of_aliyun(reports: Sequence[AliyunReport]) -> list[Receipt]:
    return [
        Receipt(provider_id=one.biz_id, key=one.out_id or "", delivered=one.success, code=_code(one.err_code))
        for one in reports
    ]


def of_tencent(reports: Sequence[TencentReport]) -> list[Receipt]:
    return [
        Receipt(provider_id=one.sid, key="", delivered=one.report_status == "SUCCESS", code=_code(one.errmsg))
        for one in reports
    ]


def _code(said: str | None) -> str:
    return (said or "unknown")[:LONGEST_CODE]
