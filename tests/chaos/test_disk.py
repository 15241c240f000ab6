"""The disk is full while a photo comes in: a sentence, nothing half kept, and it goes on when there is room."""

import contextlib
import os
import resource
import subprocess
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from litestar import Litestar

from backend.core import database, files
from tests.core.test_pdf_safety import pdf
from tests.factories.application import app, browser, wrong
from tests.factories.people import sign_in, somebody

__all__ = ["app"]

pytestmark = pytest.mark.slow

ROOM = 2_000_000
TOO_MUCH = 3_000_000


@contextlib.contextmanager
def little_room() -> Iterator[None]:
    """A file system of two megabytes for the uploads; who may not mount one gets a limit on files instead."""
    folder = files.path_of(1).parents[1]
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)]
    if os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0:
        try:
            yield
        finally:
            subprocess.run(["umount", str(folder)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as made:
        yield made


async def test_a_full_disk_costs_the_upload_and_nothing_else(client: httpx.AsyncClient) -> None:
    headers = {"authorization": f"Bearer {await sign_in(somebody(1).phone)}"}
    sent = {"file": ("证明.pdf", pdf(os.urandom(TOO_MUCH)), "application/pdf")}
    with little_room():
        refused = await client.post("/api/v1/attachments", files=sent, headers=headers)
        left = list(files.path_of(1).parents[1].rglob("*.part"))
    assert (refused.status_code, refused.json()["code"]) == (503, "storage_full")
    assert refused.json()["detail"] == "存放文件的地方满了，我们正在处理。请过一会儿再传，其他内容不受影响。"
    assert int(refused.headers["retry-after"]) > 0
    assert left == []
    assert await database.scalar("SELECT COUNT(*) FROM stored_file") == 0
    assert await wrong() == []
    taken = await client.post("/api/v1/attachments", files=sent, headers=headers)
    assert taken.status_code == 201
    kept = await client.get(f"/files/{taken.json()['id']}", headers=headers)
    assert (kept.status_code, len(kept.content)) == (200, taken.json()["size"])
