"""Numbers of people, planted where they belong: sealed in the database, and in no log, no Redis and no answer.

Bank cards come in through a sample flow; what ships asks for none.
"""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import redis.asyncio
from litestar import Litestar
from tortoise import Tortoise

from backend import startup
from backend.app import create_app
from backend.casework import catalogue
from backend.core import clock, database
from backend.core.settings import CONFIG_DIR, Settings
from tests.casework.samples import folder
from tests.conftest import empty_tables
from tests.factories.application import browser, cheap_hashes
from tests.factories.people import Somebody
from tests.factories.world import World, build, province
from tests.servers import Redis, private_redis
from tests.walkers.test_reading import kept_log
from tests.walkers.walker import Leaks, headers_of
from tests.worker_processes import worker_processes

pytestmark = pytest.mark.slow

ILLNESS = "慢性肾小球肾炎三期"
FLOW = """\
slug: sample-flow
version: 1
name: 示例业务
initials: slyw
group: org
audience: [member]
icon: file
summary: 只给测试用
number_prefix: SL
limit_working_days: 3
subject: {name: real_name, id_no: id_no, mobile: mobile}
eligibility: {text: 会员都可以}
steps:
  - {name: 审核, role: desk, level: town, days: 3}
screens:
  - key: only
    title: 本人
    fields:
      - {name: real_name, label: 姓名, kind: name, required: true}
      - {name: id_no, label: 身份证号, kind: id_no, required: true}
      - {name: mobile, label: 手机号, kind: mobile, required: true}
      - {name: bank_card, label: 银行卡号, kind: bank_card, required: true}
      - {name: illness, label: 诊断, kind: longtext, sensitive: true}
      - {name: note, label: 说明, kind: text}
"""
PATH = "/api/v1/services/sample-flow"


@pytest.fixture(scope="module")
def redis_server() -> Any:
    with private_redis() as server:
        yield server


@pytest.fixture(scope="module")
def planted_settings(settings: Settings, redis_server: Redis, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The product's own files but for the catalogue: what the world lives by, and the sample."""
    config = tmp_path_factory.mktemp("planted") / "config"
    shutil.copytree(CONFIG_DIR, config, ignore=shutil.ignore_patterns("catalogue", "roles.yaml", "notifications"))
    lived = {
        name.replace("-", "_"): (CONFIG_DIR / "catalogue" / f"{name}.yaml").read_text("utf-8")
        for name in ("member-join", "member-recruit", "temporary-aid", "social-insurance", "consumption-voucher")
    }
    folder(config, sample_flow=FLOW, **lived)
    return msgspec.structs.replace(settings, config_dir=config, redis_url=redis_server.url)


@pytest.fixture(scope="module")
async def app(_schema: None, settings: Settings, planted_settings: Settings) -> AsyncIterator[Litestar]:
    """As in production with Redis, at the time it is: real workers take part."""
    await empty_tables()
    await database.disconnect()
    before = catalogue._current
    await startup.start(planted_settings)
    with cheap_hashes():
        yield create_app(planted_settings)
    await startup.stop()
    catalogue._current = before
    await database.connect(settings.database)


class Story(msgspec.Struct):
    """What was said while somebody's numbers went through the whole product."""

    world: World
    answers: list[str]
    web_log: str
    worker_log: str
    stored: str
    in_redis: str


@pytest.fixture(scope="module")
async def story(
    app: Litestar, planted_settings: Settings, redis_server: Redis, tmp_path_factory: pytest.TempPathFactory
) -> Story:
    logs = tmp_path_factory.mktemp("logs")
    world = await build("A", 0, await province())
    with kept_log() as log:
        async with browser(app) as client:
            answers = await _live(client, world)
        in_redis = await _everything_in(redis_server)
        more = {"UNION_CONFIG_DIR": str(planted_settings.config_dir), "UNION_LOG_LEVEL": "DEBUG"}
        with worker_processes(planted_settings, redis_server, logs, **more) as workers:
            workers.start()
            await workers.until(_nothing_left, seconds=90, what="everything that follows")
            in_redis += await _everything_in(redis_server)
    return Story(world, answers, log.getvalue().decode(), _text_of(logs), await _dump(), in_redis)


async def _nothing_left() -> bool:
    """The end of a batch's ten minutes is not due yet."""
    due = "SELECT COUNT(*) FROM outbox WHERE state <> 'done' AND next_at <= %s"
    return await database.scalar(due, clock.now()) == 0


async def _live(client: httpx.AsyncClient, world: World) -> list[str]:
    """A draft, a submission, desk work, a correction, an opened value, and what people type into wrong places."""
    who, answers = world.member, []

    async def ask(role: str, method: str, path: str, *allowed: int, **sent: Any) -> Any:
        headers = {"authorization": f"Bearer {world.tokens[role]}"} if world.tokens[role] else {}
        answer = await client.request(method, path, headers=headers, **sent)
        client.cookies.clear()
        assert answer.status_code in allowed, (path, answer.text)
        answers.append(f"{headers_of(answer)}\n{answer.text}")
        return answer.json() if "json" in answer.headers.get("content-type", "") else None

    form = {
        "real_name": who.name,
        "id_no": who.id_no,
        "mobile": who.phone,
        "bank_card": who.bank_card,
        "illness": ILLNESS,
        "note": "第一次申请",
    }
    await ask("member", "PUT", f"{PATH}/draft", 200, json={"form": form})
    await ask("member", "GET", f"{PATH}/draft", 200)
    await ask("member", "GET", "/services/sample-flow/apply", 200)
    wrong = form | {"bank_card": f"{who.bank_card}9999", "mobile": f"{who.phone}0"}
    await ask("member", "POST", f"{PATH}/cases", 422, json={"form": wrong})
    case = await ask("member", "POST", f"{PATH}/cases", 201, json={"form": form})
    at = f"/api/v1/desk/cases/{case['number']}"
    await ask("desk", "GET", "/api/v1/desk/cases", 200)
    await ask("desk", "GET", at, 200)
    for page in (f"/desk/cases/{case['number']}", f"/desk/cases?q={who.id_no}", f"/desk/members?q={who.phone}"):
        await client.get(page, headers={"cookie": f"session={world.tokens['desk']}"})
    await ask("desk", "POST", f"{at}/reveal/bank_card", 200, 201)
    answers.pop()  # the one answer that shall show it
    flagged = [{"field": "bank_card", "comment": "请核对卡号"}]
    await ask("desk", "POST", f"{at}/decisions", 200, json={"action": "return", "version": 1, "corrections": flagged})
    fixed = {"form": {"bank_card": other_card(world)}, "version": 2}
    await ask("member", "POST", f"/api/v1/cases/{case['number']}/corrections", 200, json=fixed)
    await ask("desk", "GET", at, 200)
    await ask("desk", "POST", f"{at}/decisions", 200, json={"action": "approve", "version": 3})
    for path in (
        f"/api/v1/cases/{case['number']}",
        f"/cases/{case['number']}",
        "/api/v1/me/notifications",
        "/me/views",
    ):
        headers = {"authorization": f"Bearer {world.tokens['member']}"}
        answer = await client.get(path, headers=headers)
        answers.append(answer.text)
    for value in (who.id_no, who.phone, who.bank_card):
        await ask("guest", "POST", "/api/v1/auth/sms-codes", 202, 422, 429, json={"phone": value})
        await ask("guest", "POST", "/api/v1/auth/staff/sessions", 401, json={"username": value, "password": value})
        await ask("guest", "GET", f"/api/v1/invites/{value}", 404)
    return answers


def other_card(world: World) -> str:
    return world.next_person().bank_card


def _text_of(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8", "replace") for path in sorted(folder.iterdir()))


async def _dump() -> str:
    """Every value of every column of every table, as the database gives it."""
    lines = []
    for model in Tortoise.apps["union"].values():
        for row in await database.rows(f"SELECT * FROM `{model._meta.db_table}`"):
            lines += [f"{model._meta.db_table}.{column}: {value!r}" for column, value in row.items()]
    return "\n".join(lines)


READ = {
    b"string": ("GET",),
    b"list": ("LRANGE", 0, -1),
    b"set": ("SMEMBERS",),
    b"zset": ("ZRANGE", 0, -1),
    b"hash": ("HGETALL",),
    b"stream": ("XRANGE", "-", "+"),
}


async def _everything_in(server: Redis) -> str:
    """Keys and values of any type."""
    client = redis.asyncio.Redis.from_url(server.url)
    try:
        lines = []
        async for key in client.scan_iter("*", count=1_000):
            kind = await client.type(key)
            if kind == b"none":  # gone since it was listed
                continue
            command, *rest = READ[kind]
            lines.append(f"{key!r}: {await client.execute_command(command, key, *rest)!r}")
        return "\n".join(lines)
    finally:
        await client.aclose()


def leaks(world: World) -> Leaks:
    people: list[Somebody] = world.everybody
    return Leaks.of([ILLNESS, *(value for who in people for value in (who.id_no, who.phone, who.bank_card))])


async def test_the_story_was_told(story: Story) -> None:
    """Or nothing would be proved by finding nothing."""
    assert story.web_log.count('"event":"request"') > 20
    assert "worker.started" in story.worker_log
    assert "case.submitted" in story.stored
    assert "limits" in story.in_redis.lower()
    assert (
        await database.scalar("SELECT COUNT(*) FROM case_file WHERE flow = 'sample-flow' AND status = 'approved'") == 1
    )
    assert await database.scalar("SELECT COUNT(*) FROM notification") > 0


async def test_no_answer_shows_them(story: Story) -> None:
    assert leaks(story.world).found_in(*story.answers) == []


async def test_no_log_has_them(story: Story) -> None:
    assert leaks(story.world).found_in(story.web_log) == []
    assert leaks(story.world).found_in(story.worker_log) == []


async def test_the_database_keeps_them_sealed(story: Story) -> None:
    found = [line for line in story.stored.splitlines() if leaks(story.world).found_in(line)]
    assert [line.partition(":")[0] for line in found] == []


async def test_redis_has_never_heard_of_them(story: Story) -> None:
    assert leaks(story.world).found_in(story.in_redis) == []


async def test_control_what_is_planted_in_the_open_is_found(story: Story, redis_server: Redis) -> None:
    """Each of the scans, on what it should find."""
    who, wanted = story.world.member, leaks(story.world)
    await database.insert("sequence", {"name": f"card {who.bank_card}", "next": 1})
    assert wanted.found_in(await _dump()) == [who.bank_card]
    await database.execute("DELETE FROM sequence WHERE name LIKE 'card %%'")
    client = redis.asyncio.Redis.from_url(redis_server.url)
    await client.execute_command("RPUSH", "planted", who.phone)
    await client.aclose()
    assert wanted.found_in(await _everything_in(redis_server)) == [who.phone]
    assert wanted.found_in(f'{{"event":"request","id_no":"{who.id_no}"}}') == [who.id_no]
    assert wanted.found_in(f"{ILLNESS}。") == [ILLNESS]
