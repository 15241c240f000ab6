"""Short messages by Tencent Cloud: SendSms.

A try of which nobody knows what became is made again: there is nothing to ask by our key. The message may then
come twice. Source: Tencent Cloud, SMS 2021-01-11.
"""

from typing import Any

import httpx
import msgspec

from backend.channels.contract import Account, Outgoing
from backend.channels.errors import ProviderError, RecipientRefused
from backend.channels.signing import tc3
from backend.core import clock

ENDPOINT = "https://sms.tencentcloudapi.com"
_VERSION, _REGION, _MEDIA = "2021-01-11", "ap-guangzhou", "application/json; charset=utf-8"
# About the number itself, not about this try.
_REFUSED = frozenset({"InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberInBlacklist"})


class TencentProvider:
    def __init__(self, account: Account, http: httpx.AsyncClient) -> None:
        self._account = account
        self._http = http

    async def send(self, message: Outgoing) -> str:
        """The provider's `SerialNo`."""
        sent = {
            "PhoneNumberSet": [f"+86{message.recipient}"],
            "SmsSdkAppId": self._account.app_id,
            "SignName": self._account.sign_name,
            "TemplateId": message.code,
            "TemplateParamSet": [message.params[name] for name in message.order],
            "SessionContext": message.key or "",
        }
        [status] = (await self._call(msgspec.json.encode(sent)))["SendStatusSet"]
        if status["Code"] != "Ok":
            raise _error(status["Code"])
        return str(status["SerialNo"])

    async def _call(self, body: bytes) -> dict[str, Any]:
        now = clock.now()
        signed = {"content-type": _MEDIA, "host": httpx.URL(self._account.endpoint).netloc.decode()}
        headers = signed | {
            "x-tc-action": "SendSms",
            "x-tc-version": _VERSION,
            "x-tc-region": _REGION,
            "x-tc-timestamp": str(int(now.timestamp())),
            "authorization": tc3(
                key_id=self._account.key_id,
                secret=self._account.secret,
                service="sms",
                headers=signed,
                body=body,
                at=now,
            ),
        }
        try:
            answer = await self._http.post(f"{self._account.endpoint}/", content=body, headers=headers)
            said: dict[str, Any] = answer.json()["Response"]
        except (httpx.HTTPError, ValueError, KeyError) as exc:
            raise ProviderError(f"SendSms: {type(exc).__name__}") from exc
        if "Error" in said:
            raise _error(str(said["Error"].get("Code")))
        return said


def _error(code: str) -> ProviderError:
    return RecipientRefused(code) if code in _REFUSED else ProviderError(code)
