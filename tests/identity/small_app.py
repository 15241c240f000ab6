"""The doors of identity and unions on an application of their own."""

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
from litestar import Litestar, Router
from litestar.di import Provide

from backend.core.actor import Actor
from backend.identity import api as identity_api
from backend.identity import desk as identity_desk
from backend.identity import portal as identity_portal
from backend.identity import queries as identity
from backend.unions import api as unions_api
from backend.unions import desk as unions_desk
from backend.unions import portal as unions_portal
from backend.unions import queries as unions
from backend.web import problems
from backend.web.access import check_access, provide_actor
from backend.web.client import provide_client
from backend.web.same_origin import check_origin
from backend.web.surface import Frame, Surface
from tests.factories.application import say_origin


async def load_actor(token: str) -> Actor | None:
    found = await identity.signed_in(token)
    if found is None:
        return None
    return Actor(
        kind=found.kind,
        account_id=found.account_id,
        session_id=found.session_id,
        display=found.display,
        member_id=found.member_id,
        posts=await unions.posts_of(found.account_id) if found.kind == "staff" else (),
        pending=found.pending,
    )


async def load_frame(_: Actor, __: str) -> Frame:
    return Frame(unread=0, shell=None)


@functools.cache
def small_app() -> Litestar:
    """Made once: it keeps nothing between requests."""
    app = Litestar(
        [
            Router("/api/v1", route_handlers=[*identity_api.routes, *unions_api.routes]),
            Router("/", route_handlers=[*identity_portal.routes, *unions_portal.routes]),
            Router("/desk", route_handlers=[*identity_desk.routes, *unions_desk.routes]),
        ],
        guards=[check_origin, check_access],
        exception_handlers=problems.handlers(),
        dependencies={"actor": Provide(provide_actor), "client": Provide(provide_client)},
        openapi_config=None,
        logging_config=None,
    )
    app.asgi_handler = Surface(app.asgi_handler, load_actor=load_actor, load_frame=load_frame)
    return app


@asynccontextmanager
async def browser(scheme: str = "http") -> AsyncIterator[httpx.AsyncClient]:
    """Keeps cookies, says where its requests come from, and follows no redirect by itself."""
    transport = httpx.ASGITransport(cast(Any, small_app()))
    hooks = {"request": [say_origin]}
    address = "http://testserver" if scheme == "http" else "https://union.example"
    async with httpx.AsyncClient(transport=transport, base_url=address, event_hooks=hooks) as client:
        yield client
