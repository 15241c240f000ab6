"""`python -m tests.bench.fanout`: one notice to a county's members, each inbox and each phone, without a provider.

The parts follow each other as the tasks of one worker do, each a command of its own, on one core over one connection;
MariaDB is on the other core. Then the whole is told again, which must write nothing.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import uvloop

from backend import startup
from backend.core import clock, database, ids, schema
from backend.core.settings import Settings
from backend.notifications import commands
from backend.notifications.enums import Audience, Notice
from tests.bench import report
from tests.bench.load import LOAD_CORE, SERVER_CORE, pin
from tests.notifications.samples import CASE
from tests.servers import private_mariadb

MEMBERS, PART, ROWS_AT_ONCE, SECONDS = 156_000, 500, 2_000, 10.0

_MEMBER = (
    "INSERT INTO member (id, member_no, name, initials, id_no_index, id_no_sealed, phone_sealed, gender, birth_year,"
    " birth_month, household_province, status, status_since, union_id, division, employ_form, newform_group, employer,"
    " joined_on, version, created_at) VALUES (%s, %s, '王小测', '', %s, '', '', 'm', 1990, 3, '', 'active',"
    " '2026-03-10', 1, '', '', '', '', '2026-03-10', 1, %s)"
)
_ACCOUNT = (
    "INSERT INTO account (id, kind, state, phone_index, phone_sealed, display, password_hash, must_change_password,"
    " totp_sealed, totp_last_step, sign_ins, member_id, created_at)"
    " VALUES (%s, 'person', 'active', %s, '', '', '', 0, '', 0, 0, %s, %s)"
)


class Measured(NamedTuple):
    """Seconds for all parts, the first time and again."""

    told: float
    again: float


async def fill() -> list[int]:
    """A roll on which everybody has an account with a phone; the ids of the members."""
    members = [ids.new_id() for _ in range(MEMBERS)]
    now = clock.now()
    for first in range(0, MEMBERS, ROWS_AT_ONCE):
        numbered = list(enumerate(members[first : first + ROWS_AT_ONCE], first))
        await database.execute_many(_MEMBER, [(one, f"99{n:08d}", f"bench-{n}", now) for n, one in numbered])
        await database.execute_many(_ACCOUNT, [(ids.new_id(), f"bench-{n}", one, now) for n, one in numbered])
    return members


async def tell(members: Sequence[int]) -> tuple[float, int, int]:
    """Seconds, inboxes and messages."""
    inbox = messages = 0
    begin = time.perf_counter()
    for part in _parts(members):
        told = await commands.notify_many(
            Notice.CASE_APPROVED, Audience.APPLICANT, members=part, values=CASE, key="bench"
        )
        inbox, messages = inbox + told.inbox, messages + told.messages
    return time.perf_counter() - begin, inbox, messages


def _parts(members: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(members), PART):
        yield members[first : first + PART]


async def measure(settings: Settings) -> Measured:
    await schema.migrate(settings.database)
    await startup.start(settings)
    try:
        members = await fill()
        told, *written = await tell(members)
        again, *repeated = await tell(members)
        assert (written, repeated) == ([MEMBERS, MEMBERS], [0, 0])
    finally:
        await startup.stop()
    return Measured(told, again)


def table(measured: Measured) -> str:
    parts = -(-MEMBERS // PART)
    lines = [
        f"{report.circumstances()}. {MEMBERS:,} members in {parts} parts of {PART}, one after the other; one run.",
        "",
        "| | seconds | target |",
        "| --- | ---: | ---: |",
        f"| {MEMBERS:,} notices in inboxes and as many messages written | {measured.told:.1f} | ≤ {SECONDS:g} |",
        f"| the same again, which writes nothing | {measured.again:.1f} | |",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fanout")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave docs/performance.md as it is")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="union-fanout-") as name,
        private_mariadb(flush=1, buffer_mb=512) as mariadb,
    ):
        pin(mariadb.pid, LOAD_CORE)
        pin(os.getpid(), SERVER_CORE)
        settings = Settings(environment="test", data_dir=Path(name), database_url=mariadb.url_of("union_test"))
        measured = uvloop.run(measure(settings))
    text = table(measured)
    sys.stdout.write(text)
    if options.write:
        report.write(text, "fanout")
    return 0


if __name__ == "__main__":
    sys.exit(main())
