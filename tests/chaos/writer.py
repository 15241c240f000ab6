"""A process that admits members until its input is closed: what was acknowledged is printed, one a line.

`python -m tests.chaos.writer WRITERS FIRST`, with the settings of the product in the environment. `ok` and the
index of the identity number follow a commit, `failed` and the code any other answer. The first process, with no
writers, makes the union that all of them join.
"""

import asyncio
import sys
from datetime import date

from backend import startup
from backend.core import crypto, database, national
from backend.core.actor import SYSTEM
from backend.core.errors import AppError
from backend.core.settings import load_settings
from backend.membership import commands
from backend.membership.schemas import NewMember
from backend.unions import commands as unions
from backend.unions.enums import UnionKind, UnionLevel
from backend.unions.schemas import UnionInput

BIRTHDAYS = date(1960, 1, 1).toordinal()


async def write(numbers: "asyncio.Queue[int]", union_id: int, stop: asyncio.Event) -> None:
    while not stop.is_set():
        number = numbers.get_nowait()
        birth = date.fromordinal(BIRTHDAYS + number // 900)
        id_no = national.synthetic_id_no(birth, number % 900 + 1)
        applicant = NewMember(name="王小测", id_no=id_no, phone=f"154{number:08d}")
        try:
            await commands.admit(
                SYSTEM, applicant=applicant, union_id=union_id, account_id=None, reference=f"W{number}"
            )
        except AppError as error:
            print("failed", error.code, flush=True)
            await asyncio.sleep(0.05)
        except Exception as error:  # the test reads what it was
            print("failed", f"{type(error).__name__}: {error}", flush=True)
            await asyncio.sleep(0.05)
        else:
            print("ok", crypto.blind_index("id_no", id_no), flush=True)


async def make_union() -> int:
    data = UnionInput(
        name="星城县总工会", kind=UnionKind.GENERAL, level=UnionLevel.COUNTY, parent_id="", division="990121"
    )
    return await unions.create_union(data, SYSTEM)


async def main(writers: int, first: int) -> None:
    await startup.start(load_settings())
    union_id = await database.scalar("SELECT id FROM union_org") or await make_union()
    numbers: asyncio.Queue[int] = asyncio.Queue()
    for number in range(first, first + 100_000):
        numbers.put_nowait(number)
    stop = asyncio.Event()
    asyncio.get_running_loop().run_in_executor(None, sys.stdin.read).add_done_callback(lambda _: stop.set())
    await asyncio.gather(*(write(numbers, union_id, stop) for _ in range(writers)))
    await startup.stop()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
