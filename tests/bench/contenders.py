"""Who is measured, what they are asked, and what ours has to reach."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.world import World

ROOT = Path(__file__).resolve().parents[2]
_PEERS = ROOT / "tests" / "bench" / "peers" / ".venv" / "bin"
_UVICORN = ("--port", "{port}", "--log-level", "warning", "--no-access-log", "--app-dir", str(ROOT))


@dataclass(frozen=True)
class Work:
    """One row of the table. `targets` are the least ratios of ours to the contender of that key."""

    key: str
    name: str
    who: str = ""  # the account of world.Tokens that asks
    posts: bool = False
    targets: Mapping[str, float] = field(default_factory=dict)


WORKS = (
    Work("list", "20 own cases, JSON", "reader", targets={"floor": 0.85, "fastapi": 2, "django": 3}),
    Work("page", "the same as a page", "reader", targets={"floor": 0.85, "fastapi": 2, "django": 3}),
    Work("queue", "desk queue, JSON", "clerk", targets={"floor": 0.85}),
    Work("submit", "submitting a case", "submitter", posts=True, targets={"floor": 0.6, "fastapi": 1.5}),
    Work("services", "service directory, page", targets={"floor": 0.3}),
)


@dataclass(frozen=True)
class Contender:
    """A server program. `paths` says where each work is found; a work it does not do is left out."""

    key: str
    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    paths: Mapping[str, str]
    ready: str
    tokens: str  # the field of World


def contenders(environment: Mapping[str, str], world: World) -> list[Contender]:
    """Ours first. `environment` is what the product's settings are read from."""
    bench = {"BENCH_FACTS": str(world.facts), "PYTHONPATH": str(ROOT)}
    url = environment["UNION_DATABASE_URL"].partition("?")[0]
    product, python = ROOT / ".venv" / "bin", str(ROOT / ".venv" / "bin" / "python")
    lists = {"list": "/cases", "page": "/page", "submit": "/submit"}
    return [
        Contender(
            "ours", "ours", (python, "-m", "backend.cli", "serve", "--port", "{port}"), environment,
            {
                "list": "/api/v1/cases", "page": "/cases", "queue": "/api/v1/desk/cases",
                "submit": "/api/v1/services/member-join/cases", "services": "/services",
            },
            "/livez", "product",
        ),
        Contender(
            "floor", "raw floor", (str(product / "uvicorn"), "tests.bench.floor:app", *_UVICORN),
            {**environment, **bench}, {**lists, "queue": "/queue", "services": "/hello"}, "/hello", "product",
        ),
        Contender(
            "fastapi", "FastAPI", (str(_PEERS / "uvicorn"), "tests.bench.peers.fastapi_app:app", *_UVICORN),
            {**bench, "BENCH_SQLALCHEMY_URL": url.replace("mysql:", "mysql+aiomysql:", 1) + "?charset=utf8mb4"},
            lists, "/docs", "peers",
        ),
        Contender(
            "django", "Django",
            (
                str(_PEERS / "gunicorn"), "tests.bench.peers.django_app:application", "--workers", "4",
                "--bind", "127.0.0.1:{port}", "--log-level", "warning", "--chdir", str(ROOT),
            ),
            {**bench, "BENCH_DATABASE_URL": url}, lists, "/none", "peers",
        ),
    ]  # fmt: skip


def product_environment(folder: Path, database_url: str, redis_url: str) -> dict[str, str]:
    """The product as in production, but for made-up identity numbers and limits no load reaches."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("UNION_")}
    return {
        **inherited,
        "UNION_ENVIRONMENT": "test",
        "UNION_DATA_DIR": str(folder / "data"),
        "UNION_DATABASE_URL": database_url,
        "UNION_REDIS_URL": redis_url,
        "UNION_LOG_LEVEL": "WARNING",
        "UNION_ADDRESS_LIMIT_PER_HOUR": "100000000",
        "UNION_ALLOW_SYNTHETIC_IDS": "true",
    }
