"""Human numbers. Each process takes blocks, so the counter row is no hot spot; gaps are possible, repeats are not."""

from backend.core import database
from backend.core.command import after_commit, command

BLOCK = 20

_free: dict[str, list[int]] = {}


async def next_number(name: str) -> int:
    """The next number of a series. Call it inside a command: the number is lost, not reused, on rollback."""
    waiting = _free.get(name)
    if waiting:
        return waiting.pop(0)
    first = await _take_block(name)
    rest = list(range(first + 1, first + BLOCK))
    # Only a committed block may be shared with other commands of this process.
    after_commit(lambda: _free.setdefault(name, []).extend(rest))
    return first


async def next_numbers(name: str, count: int) -> range:
    """So many numbers of a series at once. Call it inside a command."""
    first = await _take(name, count)
    return range(first, first + count)


@command
async def process_number() -> int:
    """A number for the process that asks: it comes again only after as many starts as `ids` can tell apart."""
    return await _take("process", 1)


async def _take_block(name: str) -> int:
    return await _take(name, BLOCK)


async def _take(name: str, count: int) -> int:
    """The first of `count` numbers that nobody else gets."""
    await database.insert_if_absent("sequence", {"name": name, "next": 1}, key="name")
    await database.execute("UPDATE sequence SET next = next + %s WHERE name = %s", count, name)
    return int(await database.scalar("SELECT next FROM sequence WHERE name = %s", name)) - count


def forget() -> None:
    """Drop the blocks this process holds (tests that empty the tables)."""
    _free.clear()
