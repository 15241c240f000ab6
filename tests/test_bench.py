"""The benchmark compares like with like: its raw floor answers what the product answers, on the schema of today."""

import subprocess
import sys

import pytest

from backend.core.settings import ROOT
from tests.conftest import ENGINE

pytestmark = [pytest.mark.slow, pytest.mark.skipif(ENGINE == "sqlite", reason="the benchmark measures on MariaDB")]


def test_the_raw_floor_answers_what_the_product_answers() -> None:
    command = [sys.executable, "-m", "tests.bench", "--compare", "--against", "ours", "floor"]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
