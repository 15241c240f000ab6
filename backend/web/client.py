"""What a door may know of the caller's connection."""

from ipaddress import ip_address
from typing import Any

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency

from backend.core import reference


class Client(msgspec.Struct, frozen=True):
    """`address` comes from a forwarding header only when a trusted proxy sent it."""

    address: str
    user_agent: str
    idempotency_key: str | None
    label: str  # "安卓手机 · 微信"


# The `client` parameter of a door.
CurrentClient = NamedDependency[Client]


async def provide_client(request: Request[Any, Any, Any]) -> Client:
    return client_of(request)


def client_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Client:
    agent = connection.headers.get("user-agent", "")[:300]
    return Client(
        address=_address(connection),
        user_agent=agent,
        idempotency_key=connection.headers.get("idempotency-key") or None,
        label=_label(agent),
    )


def _address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    peer = connection.client.host if connection.client else "unknown"
    if peer not in reference.settings().trusted_proxies:
        return peer
    # The right-most hop that is not our own proxy is the nearest one nobody could make up.
    hops = [hop.strip() for hop in connection.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    for hop in reversed(hops):
        if hop not in reference.settings().trusted_proxies:
            return hop if _is_address(hop) else peer
    return peer


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _label(agent: str) -> str:
    device = "电脑"
    for mark, name in (("iPhone", "苹果手机"), ("iPad", "平板"), ("Android", "安卓手机"), ("Harmony", "鸿蒙手机")):
        if mark in agent:
            device = name
            break
    return f"{device} · 微信" if "MicroMessenger" in agent else device
