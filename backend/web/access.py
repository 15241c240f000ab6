"""Who may call a route. Every handler declares one of these as its `opt`; the start fails if one does not."""

from collections.abc import Iterable
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import BaseRoute

from backend.core.actor import GUEST, Actor
from backend.core.errors import Forbidden, Unauthenticated

# The `actor` parameter of a door.
CurrentActor = NamedDependency[Actor]

PUBLIC = {"access": "public"}
SIGNED_IN = {"access": "signed_in"}
PERSON = {"access": "person"}
# Whoever works for a union; somebody at the till of a shop signs in like them and is none of them.
STAFF = {"access": "staff"}
# For the pages on which a pending password or second factor is dealt with, also by somebody of a shop.
STAFF_PENDING = {"access": "staff", "pending": True}


def may(permission: str) -> dict[str, Any]:
    """Staff who hold this permission somewhere; where exactly is `visible_to`'s business."""
    return {"access": "permission", "permission": permission}


def actor_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    return connection.scope["state"].get("actor", GUEST)


async def check_access(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The one guard, run before the body is read. Asynchronous, because others are run in a thread each."""
    failure = connection.scope["state"].get("failure")
    if failure is not None:
        raise failure
    access = handler.opt.get("access")
    # The automatic OPTIONS of a route tells its methods and nothing else.
    if access == "public" or connection.scope.get("method") == "OPTIONS":
        return
    actor = actor_of(connection)
    if not actor.signed_in:
        raise Unauthenticated()
    if actor.pending and "pending" not in handler.opt:
        raise Forbidden(f"pending_{actor.pending}")
    if access == "person" and actor.kind != "person":
        raise Forbidden("members_only")
    if access in ("staff", "permission") and not actor.is_staff:
        raise Forbidden("staff_only")
    if access == "staff" and actor.at_till and "pending" not in handler.opt:
        raise Forbidden("tills_elsewhere" if actor.can("merchant.redeem") else "managers_elsewhere")
    if access == "permission" and not actor.can(handler.opt["permission"]):
        raise Forbidden()


def assert_declared(routes: Iterable[BaseRoute]) -> None:
    """Deny by default: a route without a declared access stops the start."""
    for route in routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, HTTPRouteHandler) or handler.http_methods == {"OPTIONS"}:
                continue
            if "access" not in handler.opt:
                raise RuntimeError(f"{sorted(handler.http_methods)} {route.path} declares no access")


async def provide_actor(request: Request[Any, Any, Any]) -> Actor:
    """The `actor` parameter of doors."""
    return actor_of(request)
