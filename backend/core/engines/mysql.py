"""MariaDB client over aiomysql: bounded waits for a connection, no leaked slot when BEGIN fails, no cursors."""

import asyncio
import warnings
from typing import Any

from tortoise.backends.base.client import (
    PoolConnectionWrapper,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.backends.mysql import client as tortoise_client
from tortoise.backends.mysql.client import MySQLClient, TransactionWrapper, translate_exceptions
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError

ACQUIRE_TIMEOUT_SECONDS = 3.0

# READ COMMITTED and UTC on every pooled connection (Tortoise sets the time zone on the first one only).
# A statement that waits longer than this is given up by the server, so no task has to be cancelled.
INIT_COMMAND = (
    "SET SESSION tx_isolation='READ-COMMITTED', time_zone='+00:00', innodb_lock_wait_timeout=3, max_statement_time=15"
)


def assert_driver() -> None:
    """Tortoise prefers asyncmy when it is installed; that driver hands cancelled results to strangers."""
    driver: str = vars(tortoise_client)["mysql"].__name__
    if driver != "aiomysql":
        raise RuntimeError(f"the MySQL driver must be aiomysql, found {driver}")


async def _acquire(client: MySQLClient) -> Any:
    pool = client._pool
    if pool is None:
        raise DBConnectionError("connection pool is closed")
    try:
        async with asyncio.timeout(ACQUIRE_TIMEOUT_SECONDS):
            return await pool.acquire()
    except TimeoutError as exc:
        raise DBConnectionError("no free database connection") from exc


async def _result(connection: Any, query: str, values: list[Any] | None) -> Any:
    """What the server answers to one statement. A cursor would do the same in half as much time again."""
    connection._ensure_alive()
    connection._last_usage = connection._loop.time()
    if values is not None:
        query %= tuple([connection.escape(value) for value in values])
    await connection.query(query)
    result = connection._result
    if result.warning_count:
        for warning in await connection.show_warnings() or ():
            warnings.warn(str(warning[-1]), stacklevel=4)
    return result


class DirectStatements:
    """How statements are run, on the pool and in a transaction alike."""

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, list[dict[str, Any]]]:
        async with self.acquire_connection() as connection:  # type: ignore[attr-defined]
            result = await _result(connection, query, values)
        if not result.rows:
            return result.affected_rows, []
        names = [field.name for field in result.fields]
        return result.affected_rows, [dict(zip(names, row, strict=True)) for row in result.rows]

    @translate_exceptions
    async def execute_insert(self, query: str, values: list[Any]) -> int:
        async with self.acquire_connection() as connection:  # type: ignore[attr-defined]
            return (await _result(connection, query, values)).insert_id


class DirectTransaction(DirectStatements, TransactionWrapper):
    pass


class SafeTransactionContext(TransactionContextPooled):
    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        connection = self.client._connection = await _acquire(self.client._parent)  # type: ignore[arg-type]
        try:
            await self.client.begin()
        except BaseException:
            connection.close()
            await self.client._parent._pool.release(connection)
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client


class BoundedPoolConnection(PoolConnectionWrapper[Any]):
    async def __aenter__(self) -> Any:
        await self.ensure_connection()
        self.connection = await _acquire(self.client)  # type: ignore[arg-type]
        return self.connection


class UnionMySQLClient(DirectStatements, MySQLClient):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("init_command", INIT_COMMAND)
        kwargs.setdefault("connect_timeout", 5)
        kwargs.setdefault("pool_recycle", 300)
        super().__init__(**kwargs)

    def acquire_connection(self) -> PoolConnectionWrapper[Any]:
        return BoundedPoolConnection(self, self._pool_init_lock)

    def _in_transaction(self) -> TransactionContext:
        return SafeTransactionContext(DirectTransaction(self), self._pool_init_lock)


client_class = UnionMySQLClient
