"""Short messages. `send` hands one to the configured provider; who may be told what is not its business."""

import math
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from backend.channels import aliyun, tencent
from backend.channels.bucket import Bucket
from backend.channels.console import ConsoleProvider
from backend.channels.contract import Account, Outgoing
from backend.channels.errors import ProviderError, RecipientRefused
from backend.channels.plan import FILE, SmsPlan, Text, read_plan
from backend.core.settings import Settings, SettingsError

__all__ = ["ProviderError", "RecipientRefused", "close", "configure", "cost_fen", "pieces", "send"]

SHORTEST_SECRET = 16
LONGEST_PIECE, LONGEST_OF_SEVERAL = 70, 67  # characters
_ENDPOINTS = {"aliyun": aliyun.ENDPOINT, "tencent": tencent.ENDPOINT}
_TIMEOUT = httpx.Timeout(8.0, connect=3.0)  # less than the sender of notices waits


class SmsProvider(Protocol):
    async def send(self, message: Outgoing) -> str:
        """Hand over one message; the provider's own id."""
        ...


class NoProvider:
    """For a place that has no contract yet: staff work at the desk, nobody can sign in by phone."""

    async def send(self, message: Outgoing) -> str:
        raise RecipientRefused("no provider of short messages is set")


_provider: SmsProvider | None = None
_plan: SmsPlan | None = None
_sign_name = ""
_bucket: Bucket | None = None
_texts: dict[str, tuple[Text, ...]] = {}
_http: httpx.AsyncClient | None = None


def configure(settings: Settings) -> None:
    """SettingsError for a provider nobody knows, or one whose contract is not whole."""
    global _provider, _plan, _sign_name, _bucket, _texts, _http  # noqa: PLW0603 - one provider a process
    kind = settings.sms_provider
    _plan, _sign_name = read_plan(settings.config_dir), settings.sms_sign_name
    rate = _plan.rates.get(kind)
    _bucket = Bucket(f"sms:{kind}", rate, settings.redis_url) if rate else None
    if kind == "console":
        _provider, _texts = ConsoleProvider(), {}
    elif kind == "none":
        _provider, _texts = NoProvider(), {}
    elif kind in _ENDPOINTS:
        account, texts = _account(settings), _plan.texts
        unregistered = sorted(name for name, several in texts.items() if not all(text.code for text in several))
        if unregistered:
            raise SettingsError(f"{FILE}: the provider's code is missing for {', '.join(unregistered)}")
        _http = httpx.AsyncClient(timeout=_TIMEOUT)
        _texts = texts
        _provider = (
            aliyun.AliyunProvider(account, _http) if kind == "aliyun" else tencent.TencentProvider(account, _http)
        )
    else:
        known = ", ".join(sorted(["console", "none", *_ENDPOINTS]))
        raise SettingsError(f"sms_provider must be one of: {known}; not {kind!r}")


def _account(settings: Settings) -> Account:
    endpoint = settings.sms_endpoint or _ENDPOINTS[settings.sms_provider]
    demands = [
        (bool(settings.sms_key_id), "sms_key_id"),
        (len(settings.sms_secret) >= SHORTEST_SECRET, f"sms_secret of {SHORTEST_SECRET} characters or more"),
        (bool(settings.sms_sign_name), "sms_sign_name: the signature that was approved"),
        (bool(settings.sms_app_id) or settings.sms_provider != "tencent", "sms_app_id"),
        (
            endpoint.startswith("https://") or urlsplit(endpoint).hostname == "127.0.0.1",
            "sms_endpoint beginning with https://",
        ),
    ]
    for holds, what in demands:
        if not holds:
            raise SettingsError(f"sms_provider {settings.sms_provider} needs {what}")
    return Account(
        key_id=settings.sms_key_id,
        secret=settings.sms_secret,
        sign_name=settings.sms_sign_name,
        app_id=settings.sms_app_id,
        endpoint=endpoint.rstrip("/"),
    )


def _registered(template: str, params: Mapping[str, str]) -> Text:
    if not _texts:
        return Text(code="", params=())
    for text in _texts.get(template, ()):
        if set(text.params) == set(params):
            return text
    raise ProviderError(f"the text {template} with {', '.join(sorted(params))} is not registered with the provider")


def pieces(text: str) -> int:
    """As how many messages a provider counts it, with the signature that it puts in front."""
    length = len(text) + len(_sign_name) + len("【】")
    return 1 if length <= LONGEST_PIECE else math.ceil(length / LONGEST_OF_SEVERAL)


def cost_fen(count: int) -> int:
    """What so many pieces cost, to the next fen."""
    return math.ceil(count * _configured().price_per_thousand_fen / 1_000)


def _configured() -> SmsPlan:
    if _plan is None:
        raise RuntimeError("sms.configure was not called")
    return _plan


async def take_room(wanted: int) -> int:
    """How many of `wanted` messages may be sent now. Taken before they are; what is not used is brought back."""
    return wanted if _bucket is None else await _bucket.take(wanted)


async def bring_back_room(unused: int) -> None:
    if _bucket is not None:
        await _bucket.bring_back(unused)


def pause() -> float:
    """For how many seconds whoever got no room waits."""
    return 0.0 if _bucket is None else _bucket.pause


async def close() -> None:
    global _http, _bucket  # noqa: PLW0603 - the provider's connections
    if _bucket is not None:
        bucket, _bucket = _bucket, None
        await bucket.close()
    if _http is not None:
        await _http.aclose()
        _http = None


async def send(
    *,
    recipient: str,
    template: str,
    text: str,
    params: Mapping[str, str] | None = None,
    key: str | None = None,
    again: bool = False,
    has_room: bool = False,
) -> str:
    """Send now, outside any command: a provider may take seconds. Raises `ProviderError` when it was not taken.

    `key` is a public id; whoever may send twice gives the same one again, and says so by `again`. `has_room`: it was
    taken before; else it is sent at once, and others wait the longer.
    """
    if _provider is None:
        raise RuntimeError("sms.configure was not called")
    registered = _registered(template, params or {})
    if _bucket is not None and not has_room:
        await _bucket.spend()
    message = Outgoing(
        recipient=recipient,
        template=template,
        text=text,
        code=registered.code,
        params=params or {},
        order=registered.params,
        key=key,
        again=again,
    )
    return await _provider.send(message)
