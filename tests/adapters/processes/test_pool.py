"""Processes beside ours: results come back, nothing outlives its time, its memory or its parent."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe
from pathlib import Path

import pytest

from adapters.processes.pool import Processes
from engine.problems import DeliveryError


@pytest.fixture
def pool():
    made = Processes(2, tasks=3, seconds=20, memory=1 << 30)
    yield made
    made.close()


def test_results_come_back_and_a_process_is_kept_for_some_tasks(pool):
    ids = [pool.run(os.getpid) for _ in range(4)]
    assert len(set(ids)) == 2
    assert ids[0] == ids[2] != ids[3]
    assert os.getpid() not in ids


def test_two_work_at_a_time(pool):
    with ThreadPoolExecutor(4) as threads:
        ids = list(threads.map(lambda _: pool.run(_slowly), range(4)))
    assert len(set(ids)) <= 3


def _slowly():
    time.sleep(0.05)
    return os.getpid()


def test_a_task_that_fails_says_so_and_harms_no_other(pool):
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        pool.run(divmod, 1, 0)
    assert pool.run(divmod, 7, 2) == (3, 1)


def test_a_process_that_dies_is_replaced(pool):
    with pytest.raises(DeliveryError, match="ended"):
        pool.run(os._exit, 3)
    assert pool.run(len, "abc") == 3


def test_a_task_that_takes_too_long_is_ended():
    pool = Processes(1, seconds=1)
    with pytest.raises(DeliveryError, match="longer"):
        pool.run(time.sleep, 60)
    pool.close()


def test_a_task_gets_no_more_memory_than_allowed(pool):
    with pytest.raises(RuntimeError, match="MemoryError"):
        pool.run(bytearray, 2 << 30)


def test_a_process_ends_with_its_parent():
    code = "import os; from adapters.processes.pool import Processes; print(Processes(1).run(os.getpid)); os._exit(9)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    process = int(said.stdout)
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.1)
    raise AssertionError("it is still there")


def test_who_is_left_with_a_task_ends_without_a_word():
    """As when somebody stops the node at a terminal: the signal reaches both, the one with the task goes on."""
    here, there = Pipe()
    command = [sys.executable, "-m", "adapters.processes.worker", str(there.fileno()), "0"]
    left = subprocess.Popen(command, pass_fds=[there.fileno()], stderr=subprocess.PIPE)  # noqa: S603
    there.close()
    here.send((os.getpid, ()))
    assert here.recv() == (True, left.pid)
    here.send((time.sleep, (0.5,)))
    left.send_signal(signal.SIGINT)
    here.close()
    assert left.communicate(timeout=30) == (None, b"")
    assert left.returncode == 0
