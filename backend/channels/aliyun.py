"""Short messages by Aliyun: SendSms, and QuerySendDetails where nobody knows what became of a try.

SendSms is not idempotent, so a message that may have been taken before is asked for by its key first.
Source: Aliyun, Dysmsapi 2017-05-25.
"""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import msgspec

from backend.channels.contract import Account, Outgoing
from backend.channels.errors import ProviderError, RecipientRefused
from backend.channels.signing import acs3
from backend.core import clock

ENDPOINT = "https://dysmsapi.aliyuncs.com"
_VERSION = "2017-05-25"
# About the number itself, not about this try.
_REFUSED = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "isv.BLACK_KEY_CONTROL_LIMIT"})
_DETAILS = 50
_NOT_ARRIVED = 2


class AliyunProvider:
    def __init__(self, account: Account, http: httpx.AsyncClient) -> None:
        self._account = account
        self._http = http

    async def send(self, message: Outgoing) -> str:
        """The provider's `BizId`."""
        if message.again and (known := await self._taken_before(message)):
            return known
        query = {
            "PhoneNumbers": message.recipient,
            "SignName": self._account.sign_name,
            "TemplateCode": message.code,
            "TemplateParam": msgspec.json.encode(dict(message.params)).decode(),
        }
        if message.key:
            query["OutId"] = message.key
        return str((await self._call("SendSms", query))["BizId"])

    async def _taken_before(self, message: Outgoing) -> str | None:
        """Only today's and yesterday's: a message is given up before that."""
        for days_ago in (0, 1):
            query = {
                "PhoneNumber": message.recipient,
                "SendDate": (clock.today() - timedelta(days=days_ago)).strftime("%Y%m%d"),
                "PageSize": str(_DETAILS),
                "CurrentPage": "1",
            }
            found = await self._call("QuerySendDetails", query)
            for one in (found.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []:
                if one.get("OutId") == message.key and one.get("SendStatus") != _NOT_ARRIVED:
                    return str(one.get("BizId") or message.key)
        return None

    async def _call(self, action: str, query: Mapping[str, str]) -> dict[str, Any]:
        signed = {
            "host": httpx.URL(self._account.endpoint).netloc.decode(),
            "x-acs-action": action,
            "x-acs-version": _VERSION,
            "x-acs-date": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        }
        headers = signed | {
            "authorization": acs3(key_id=self._account.key_id, secret=self._account.secret, query=query, headers=signed)
        }
        try:
            answer = await self._http.post(f"{self._account.endpoint}/", params=dict(query), headers=headers)
            said: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError) as exc:
            raise ProviderError(f"{action}: {type(exc).__name__}") from exc
        code = str(said.get("Code", answer.status_code))
        if code in _REFUSED:
            raise RecipientRefused(code)
        if code != "OK":
            raise ProviderError(code)
        return said
