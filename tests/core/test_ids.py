"""Identifiers: never twice, in order, over many processes."""

import os
import subprocess
import sys

import pytest

from backend.core import ids, sequences
from backend.core.settings import ROOT


def numbers(found: list[int]) -> set[int]:
    """Which processes made these."""
    return {one >> ids._COUNT_BITS & ids.PROCESSES - 1 for one in found}


@pytest.fixture(autouse=True)
def _own_number() -> object:
    before = ids._process
    yield
    ids.use_process(before)


def test_they_rise_whatever_the_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [ids.new_id() for _ in range(10_000)]
    for moment in (2_000_000_000_000_000_000, 1_999_999_999_000_000_000, 2_000_000_000_000_000_000):
        monkeypatch.setattr(ids.time, "time_ns", lambda moment=moment: moment)
        found += [ids.new_id() for _ in range(5_000)]
        ids.use_process(moment % 1_000)
        found.append(ids.new_id())
    monkeypatch.undo()
    assert found == sorted(set(found))
    assert all(0 < one < 2**63 for one in found)
    ids._moment = 0  # back from the year 2033


def test_processes_at_one_instant_make_different_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1_900_000_000_000_000_000)
    found = []
    for number in range(ids.PROCESSES):
        monkeypatch.setattr(ids, "_moment", 0)
        monkeypatch.setattr(ids, "_process", number)
        found += [ids.new_id() for _ in range(50)]
    assert len(set(found)) == ids.PROCESSES * 50


def test_text_and_back() -> None:
    for one in (ids.new_id(), 0, 2**63 - 1):
        assert ids.parse(ids.public(one)) == one


async def test_the_database_gives_every_process_a_number_of_its_own(db: None) -> None:
    given = [await sequences.process_number() for _ in range(5)]
    assert given == [1, 2, 3, 4, 5]
    ids.use_process(given[-1])
    assert numbers([ids.new_id() for _ in range(10)]) == {5}
    ids.use_process(ids.PROCESSES + 3)
    assert numbers([ids.new_id()]) == {3}


def test_a_fork_is_another_process() -> None:
    """In a program of its own: this one has threads."""
    program = (
        "import os; from backend.core import ids; ids.secrets.randbelow = lambda most: 7; ids.use_process(1000);"
        "ids.new_id(); child = os.fork(); os.write(1, b'%d\\n' % ids.new_id()); child and os.waitpid(child, 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=os.environ, capture_output=True, check=True)
    assert numbers([int(one) for one in done.stdout.split()]) == {1000, 7}
