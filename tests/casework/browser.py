"""Somebody at a browser or an app, signed in, on the whole application in the loop of the test."""

import re
import secrets
from datetime import timedelta
from typing import Any

import httpx

from backend.app import create_app
from backend.channels import sms
from backend.core import clock, ids
from backend.core.actor import Actor
from backend.core.settings import Settings
from backend.identity.models import SessionRow
from backend.identity.rules import token_hash
from backend.web import limits

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def application(settings: Settings) -> Any:
    limits.configure(settings)
    sms.configure(settings)
    return create_app(settings)


async def browse(app: Any, actor: Actor | None = None) -> httpx.AsyncClient:
    """Follows no redirect by itself. Without an actor it is a visitor."""
    headers = {}
    if actor is not None:
        token, now = secrets.token_urlsafe(), clock.now()
        await SessionRow.create(
            id=ids.new_id(),
            account_id=actor.account_id,
            token_hash=token_hash(token),
            created_at=now,
            seen_at=now,
            idle_until=now + timedelta(days=30),
            expires_at=now + timedelta(days=30),
        )
        headers["authorization"] = f"Bearer {token}"
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://test.invalid", headers=headers)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    return dict(_HIDDEN.findall(page))[name]
