"""The real route table as data, and calls made from it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

SAFE = frozenset({"GET", "HEAD"})
# Static files, and what the library answers below the OpenAPI document.
_LIBRARY = ("/assets", "/api/v1/openapi.json/")


class Door(msgspec.Struct, frozen=True):
    """One method at one address. `access` is public, signed_in, person, staff or a permission's name."""

    method: str
    path: str
    access: str
    parameters: tuple[str, ...]
    query: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def is_safe(self) -> bool:
        return self.method in SAFE

    def at(self, values: Mapping[str, str]) -> str:
        """The address with these path parameters."""
        return self.path.format_map({name: quote(value, safe="") for name, value in values.items()})

    def addresses(self, ids: Mapping[str, Sequence[str]], *, most: int = 1_000) -> Iterator[dict[str, str]]:
        """Path parameters from `ids`: every value of the longest list, the shorter ones again and again."""
        lists = {name: some(ids[name], most) for name in self.parameters}
        for index in range(max(map(len, lists.values()), default=1)):
            yield {name: values[index % len(values)] for name, values in lists.items()}


def some(values: Sequence[str], most: int) -> Sequence[str]:
    """At most so many of them, from the whole length."""
    if len(values) <= most:
        return values
    return [values[index * len(values) // most] for index in range(most)]


def doors(app: Litestar) -> list[Door]:
    """Every route of ours but the automatic OPTIONS, in the order of the addresses."""
    found = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, HTTPRouteHandler) or route.path.startswith(_LIBRARY):
                continue
            found += [_door(method, route, handler) for method in handler.http_methods if method != "OPTIONS"]
    return sorted(found, key=lambda door: (door.path, door.method))


def _door(method: str, route: Any, handler: HTTPRouteHandler) -> Door:
    query = []
    for name, parameter in handler.parsed_fn_signature.parameters.items():
        if isinstance(parameter.kwarg_definition, QueryParameter):
            query.append(parameter.kwarg_definition.query or parameter.kwarg_definition.name or name)
    return Door(
        method=method,
        path=route.path_format,
        access=handler.opt.get("permission") or handler.opt["access"],
        parameters=tuple(route.path_parameters),
        query=tuple(query),
    )
