"""Doors at which providers of short messages report what became of each."""

import hmac

from litestar import post
from litestar.params import FromPath, JSONBody

from backend.channels import receipts
from backend.channels.receipts import AliyunReport, AliyunThanks, TencentReport, TencentThanks
from backend.core import reference
from backend.core.errors import NotFound
from backend.notifications import commands
from backend.web.access import PUBLIC


@post("/receipts/aliyun/{secret:str}", opt=PUBLIC, status_code=200, include_in_schema=False)
async def take_aliyun_receipts(secret: FromPath[str], data: JSONBody[list[AliyunReport]]) -> AliyunThanks:
    _require(secret)
    await commands.record_receipts(receipts.of_aliyun(data))
    return AliyunThanks()


@post("/receipts/tencent/{secret:str}", opt=PUBLIC, status_code=200, include_in_schema=False)
async def take_tencent_receipts(secret: FromPath[str], data: JSONBody[list[TencentReport]]) -> TencentThanks:
    _require(secret)
    await commands.record_receipts(receipts.of_tencent(data))
    return TencentThanks()


def _require(secret: str) -> None:
    """Whoever does not know the address finds nothing there."""
    wanted = reference.settings().sms_receipt_secret
    if not wanted or not hmac.compare_digest(secret.encode(), wanted.encode()):
        raise NotFound()


routes = [take_aliyun_receipts, take_tencent_receipts]
