"""A process of claimants: `python -m tests.allocation.claimant POOL FIRST COUNT`, settings in the environment.

It says `ready`, waits for a line, lets everybody claim at once and says what they were told, as JSON. With
UNGUARDED in the environment the condition is off that keeps a pool from giving out more than there is.
"""

import asyncio
import contextlib
import json
import os
import sys

from backend import startup
from backend.allocation import queries
from backend.core.settings import load_settings
from tests.allocation.samples import answers_of, claim
from tests.unguarded import without_lock, without_words


async def main(pool_id: int, first: int, count: int) -> None:
    await startup.start(load_settings())
    await queries.sold_out(pool_id)  # connected
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    with contextlib.ExitStack() as guards:
        if "UNGUARDED" in os.environ:
            guards.enter_context(without_lock())
            guards.enter_context(without_words(" AND taken + %s <= capacity", " AND %s > 0"))
            guards.enter_context(without_words("capacity - taken", "1000"))
        answers = await answers_of(*(claim(pool_id, first + number) for number in range(count)))
    print(json.dumps(answers), flush=True)
    await startup.stop()


if __name__ == "__main__":
    asyncio.run(main(*(int(word) for word in sys.argv[1:])))
