"""Real processes: what dies, what comes back, what is written down."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.processes import Tree, end, spawn
from backend.core.settings import ROOT
from tests.servers import is_running, until

PATIENT = "import signal; signal.pause()"
STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(grandchild.pid, flush=True)
signal.pause()
"""
PARENT = """
import json, os, signal, sys
from pathlib import Path
from backend.core import embedded_redis
from backend.core.processes import Tree
from tests.servers import until

data = Path(sys.argv[1])
tree = Tree(log_dir=data / "logs", cwd=Path.cwd(), say=lambda text: None)
path = embedded_redis.prepare_socket(data)
line = embedded_redis.command_line(embedded_redis.find_program(), socket=path, folder=data / "redis")
children = [tree.start("redis", line, env=os.environ, grace=1)]
for name in ("web", "worker"):
    patient = [sys.executable, "-c", "import signal; signal.pause()"]
    children.append(tree.start(name, patient, env=os.environ, grace=1))
until(lambda: embedded_redis.answers(path), seconds=10, what="Redis")
print(json.dumps([child.process.pid for child in children]), flush=True)
signal.pause()
"""


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def tree(tmp_path: Path, said: list[str]) -> Iterator[Tree]:
    made = Tree(log_dir=tmp_path / "logs", cwd=ROOT, say=said.append)
    yield made
    made.stop("child")


def start(tree: Tree, program: str, *, grace: float = 5):
    return tree.start("child", [sys.executable, "-c", program], env=os.environ, grace=grace)


def test_no_child_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    line = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids: list[int] = json.loads(parent.stdout.readline())
        assert [is_running(pid) for pid in pids] == [True, True, True]
        parent.kill()
    until(lambda: not any(map(is_running, pids)), seconds=5, what="the children to end")


def test_a_child_whose_parent_is_already_gone_does_not_start(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    started = spawn(["touch", str(marker)])
    assert started.wait(5) == 0
    assert marker.exists()
    marker.unlink()
    # Told another parent than it has, as if its own had died and left it to the first process.
    launcher = ["1" if part == str(os.getpid()) else str(part) for part in started.args]  # type: ignore[union-attr] - a list here
    assert subprocess.run(launcher, check=False).returncode == 1
    assert not marker.exists()


@pytest.mark.slow
def test_a_dead_child_is_started_again_later_and_later(tree: Tree, said: list[str]) -> None:
    child = start(tree, "raise SystemExit(3)")

    def died_three_times() -> bool:
        tree.tend()
        return child.deaths == 3

    until(died_three_times, seconds=10, what="three deaths")
    assert said == [
        "child ended with code 3; starting it again in 0.5 s",
        "child ended with code 3; starting it again in 1 s",
        "child ended with code 3; starting it again in 2 s",
    ]


def test_a_stopped_child_is_not_started_again(tree: Tree, said: list[str]) -> None:
    child = start(tree, PATIENT)
    tree.stop("child")
    tree.tend()
    assert not child.alive
    assert child.process.returncode == -signal.SIGTERM
    assert said == []


def test_stopping_ends_a_stubborn_child_and_what_it_started(tree: Tree) -> None:
    child = start(tree, STUBBORN, grace=0.2)
    until(lambda: bool(child.tail), seconds=5, what="the grandchild")
    grandchild = int(child.tail[0])
    tree.stop("child")
    assert child.process.returncode == -signal.SIGKILL
    until(lambda: not is_running(grandchild), seconds=5, what="the grandchild to end")


def test_output_goes_to_the_log_and_errors_to_the_console(tree: Tree, said: list[str], tmp_path: Path) -> None:
    child = start(tree, "print('[info ] 一切正常'); print('[error    ] 打不开'); print(1 / 0)")
    until(lambda: not child.alive, seconds=5, what="the child to end")
    lines = child.last_lines()
    assert lines[:2] == ["[info ] 一切正常", "[error    ] 打不开"]
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert (tmp_path / "logs" / "child.log").read_text("utf-8").splitlines() == lines
    assert said == [f"child: {line}" for line in lines[1:]]


def test_a_child_does_not_see_the_ctrl_c_of_the_terminal(tree: Tree) -> None:
    child = start(tree, PATIENT)
    assert os.getsid(child.process.pid) == child.process.pid != os.getsid(0)


@pytest.mark.parametrize(("program", "code"), [("raise SystemExit(0)", 0), ("raise SystemExit(7)", 7)])
def test_end_reports_how_a_program_ended(program: str, code: int) -> None:
    process = spawn([sys.executable, "-c", program])
    until(lambda: process.poll() is not None, seconds=5, what="the program to end")
    assert end(process, grace=1) == code
