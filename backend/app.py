"""The web application: the whole route table in one place."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from backend.aid import api_benefits as benefits_api
from backend.aid import api_condolences as condolences_api
from backend.aid import api_hardship as hardship_api
from backend.aid import api_intakes as intakes_api
from backend.aid import api_policies as policies_api
from backend.aid import api_visits as visits_api
from backend.aid import desk_benefits as benefits_desk
from backend.aid import desk_condolences as condolences_desk
from backend.aid import desk_hardship as hardship_desk
from backend.aid import desk_intakes as intakes_desk
from backend.aid import desk_policies as policies_desk
from backend.aid import desk_visits as visits_desk
from backend.aid import desk_wares as wares_desk
from backend.aid import portal_benefits as benefits_portal
from backend.aid import portal_condolences as condolences_portal
from backend.aid import portal_intakes as intakes_portal
from backend.aid import portal_policies as policies_portal
from backend.aid import portal_visits as visits_portal
from backend.casework import api as casework_api
from backend.casework import desk as casework_desk
from backend.casework import portal as casework_portal
from backend.core import logs, metrics, reference
from backend.core.settings import Settings, load_settings
from backend.demo import api as demo_api
from backend.grading import api as grading_api
from backend.grading import api_workers, desk_workers
from backend.grading import desk as grading_desk
from backend.grading import desk_scoring as scoring_desk
from backend.grading import portal as grading_portal
from backend.home import api as home_api
from backend.home import desk as home_desk
from backend.home import portal as home_portal
from backend.home.callers import load_actor, load_frame
from backend.identity import api as identity_api
from backend.identity import desk as identity_desk
from backend.identity import portal as identity_portal
from backend.mall import api as mall_api
from backend.mall import desk as mall_desk
from backend.mall import portal as mall_portal
from backend.membership import api as membership_api
from backend.membership import desk as membership_desk
from backend.membership import portal as membership_portal
from backend.notifications import api as notifications_api
from backend.notifications import api_mass as mass_api
from backend.notifications import api_receipts as receipts_api
from backend.notifications import desk as notifications_desk
from backend.notifications import desk_mass as mass_desk
from backend.notifications import portal as notifications_portal
from backend.payments import api as payments_api
from backend.payments import api_runs as pay_runs_api
from backend.payments import desk as payments_desk
from backend.payments import desk_runs as pay_runs_desk
from backend.payments import portal as payments_portal
from backend.startup import start, stop
from backend.unions import api as unions_api
from backend.unions import desk as unions_desk
from backend.unions import portal as unions_portal
from backend.vouchers import api as vouchers_api
from backend.vouchers import api_merchant as merchant_api
from backend.vouchers import api_shops as shops_api
from backend.vouchers import api_staffing as staffing_api
from backend.vouchers import api_stations as stations_api
from backend.vouchers import desk as vouchers_desk
from backend.vouchers import desk_moves as moves_desk
from backend.vouchers import desk_shops as shops_desk
from backend.vouchers import desk_stations as stations_desk
from backend.vouchers import desk_vouchers as single_desk
from backend.vouchers import merchant as merchant_pages
from backend.vouchers import merchant_staff as merchant_staff_pages
from backend.vouchers import portal as vouchers_portal
from backend.web import health, preferences, problems
from backend.web.access import PUBLIC, assert_declared, check_access, provide_actor
from backend.web.client import provide_client
from backend.web.idempotency import MAX_FORM, Idempotency
from backend.web.media import check_media
from backend.web.openapi import JsonDocument
from backend.web.pages import DIST
from backend.web.same_origin import check_origin
from backend.web.shared_pages import SharedPages, note_shared
from backend.web.surface import Surface

# The names of assets change with their content.
FOREVER = CacheControlHeader(public=True, max_age=31_536_000, immutable=True)

API: list[ControllerRouterHandler] = [
    *identity_api.routes,
    *home_api.routes,
    *unions_api.routes,
    *membership_api.routes,
    *casework_api.routes,
    *notifications_api.routes,
    *mass_api.routes,
    *receipts_api.routes,
    *payments_api.routes,
    *pay_runs_api.routes,
    *vouchers_api.routes,
    *stations_api.routes,
    *mall_api.routes,
    *grading_api.routes,
    *merchant_api.routes,
    *shops_api.routes,
    *staffing_api.routes,
    *benefits_api.routes,
    *policies_api.routes,
    *hardship_api.routes,
    *condolences_api.routes,
    *intakes_api.routes,
    *visits_api.routes,
    *api_workers.routes,
]
PORTAL: list[ControllerRouterHandler] = [
    *home_portal.routes,
    *identity_portal.routes,
    *unions_portal.routes,
    *membership_portal.routes,
    *casework_portal.routes,
    *notifications_portal.routes,
    *merchant_pages.routes,
    *merchant_staff_pages.routes,
    *vouchers_portal.routes,
    *mall_portal.routes,
    *benefits_portal.routes,
    *policies_portal.routes,
    *condolences_portal.routes,
    *intakes_portal.routes,
    *visits_portal.routes,
    *payments_portal.routes,
    *grading_portal.routes,
    *preferences.routes,
    *health.routes,
]
DESK: list[ControllerRouterHandler] = [
    *home_desk.routes,
    *identity_desk.routes,
    *unions_desk.routes,
    *membership_desk.routes,
    *casework_desk.routes,
    *notifications_desk.routes,
    *mass_desk.routes,
    *vouchers_desk.routes,
    *shops_desk.routes,
    *stations_desk.routes,
    *moves_desk.routes,
    *single_desk.routes,
    *mall_desk.routes,
    *benefits_desk.routes,
    *policies_desk.routes,
    *hardship_desk.routes,
    *condolences_desk.routes,
    *intakes_desk.routes,
    *visits_desk.routes,
    *wares_desk.routes,
    *grading_desk.routes,
    *scoring_desk.routes,
    *payments_desk.routes,
    *pay_runs_desk.routes,
    *desk_workers.routes,
]


def create_app(settings: Settings) -> Litestar:
    """The application of `settings`; it connects to its database and Redis when it starts serving."""

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        await start(settings)
        try:
            yield
        finally:
            await stop()

    reference.load(settings)
    app = Litestar(
        route_handlers=route_table(settings),
        guards=[check_origin, check_access, check_media, note_shared],
        dependencies={
            "actor": Provide(provide_actor),
            "client": Provide(provide_client),
        },
        exception_handlers=problems.handlers(),
        lifespan=[lifespan],
        openapi_config=_openapi(settings),
        allowed_hosts=_allowed_hosts(settings),
        request_max_body_size=MAX_FORM,
        multipart_form_part_limit=2_000,
        debug=False,
        logging_config=None,
    )
    assert_declared(app.routes)
    app.asgi_handler = Surface(SharedPages(Idempotency(app.asgi_handler)), load_actor=load_actor, load_frame=load_frame)
    return app


def route_table(settings: Settings) -> list[ControllerRouterHandler]:
    demo = demo_api.routes if settings.is_demo else []
    table: list[ControllerRouterHandler] = [
        Router("/api/v1", route_handlers=[*API, *demo], tags=["api"]),
        Router("/", route_handlers=PORTAL, include_in_schema=False),
        Router("/desk", route_handlers=DESK, include_in_schema=False),
        create_static_files_router(
            path="/assets",
            directories=[DIST],
            opt=PUBLIC,
            include_in_schema=False,
            cache_control=FOREVER,
        ),
    ]
    return table


def _allowed_hosts(settings: Settings) -> AllowedHostsConfig | None:
    """Probes on the machine itself come by its address, whatever name the public knows."""
    if not settings.allowed_hosts:
        return None
    return AllowedHostsConfig(list(settings.allowed_hosts), exclude=r"^/(livez|readyz|metrics)\Z", www_redirect=False)


def _openapi(settings: Settings) -> OpenAPIConfig:
    bearer = SecurityScheme(type="http", scheme="bearer")
    return OpenAPIConfig(
        title=settings.county_name,
        version="1",
        # A router of its own: the library answers every unknown address below it with a page of its own.
        openapi_router=Router("/api/v1/openapi.json", route_handlers=[], opt=PUBLIC, include_in_schema=False),
        use_handler_docstrings=True,
        render_plugins=[JsonDocument(path=["/", "/openapi.json"])],
        components=Components(security_schemes={"bearer": bearer}),
        security=[{"bearer": []}],
    )


def app_from_environment() -> Litestar:
    """Factory for the server process: settings from file and environment."""
    settings = load_settings(os.environ)
    logs.configure(settings.log_level)
    metrics.share(metrics.folder_of(settings.data_dir))
    return create_app(settings)
