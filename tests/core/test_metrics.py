"""Counts of several processes in one answer."""

import os
import re
import subprocess
import sys
from pathlib import Path

from backend.core import metrics
from backend.core.settings import ROOT

COUNT = """
import sys
from pathlib import Path
from backend.core import metrics
metrics.share(Path(sys.argv[1]))
metrics.outbox_done.labels("test.Happened").inc(int(sys.argv[2]))
metrics.request_seconds.labels("/livez").observe(0.01)
if len(sys.argv) > 3:
    print(metrics.render({"union_outbox_waiting": 3}).decode())
    metrics.forget_ended(Path(sys.argv[1]))
    print("----")
    print(metrics.render({}).decode())
"""


def count(folder: Path, number: int, *more: str) -> str:
    line = [sys.executable, "-c", COUNT, str(folder), str(number), *more]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, (name, text)
    return float(found[1])


DONE = 'union_outbox_done_total{topic="test.Happened"}'
TIMED = 'union_request_seconds_count{route="/livez"}'


def test_each_process_shows_the_counts_of_all(tmp_path: Path) -> None:
    folder = metrics.folder_of(tmp_path)
    count(folder, 2)
    count(folder, 5)
    before, _, after = count(folder, 1, "show").partition("----")
    assert (value(before, DONE), value(before, TIMED)) == (8, 3)
    assert value(before, "union_outbox_waiting") == 3
    assert (value(after, DONE), value(after, TIMED)) == (1, 1)
    assert "union_outbox_waiting" not in after


def test_only_what_ended_is_forgotten(tmp_path: Path) -> None:
    kept, gone = tmp_path / f"counter_{os.getpid()}.db", tmp_path / "histogram_999999999.db"
    for path in (kept, gone, tmp_path / "else.txt"):
        path.touch()
    metrics.forget_ended(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {kept.name, "else.txt"}


def test_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    metrics.forget_ended(tmp_path / "nowhere")
