"""What runs in a process of the pool: takes tasks from its pipe until that is closed, which is when its parent ends.

In: the number of a pipe's end and a limit of memory (0: none) as arguments. `python -m adapters.processes.worker 5 0`.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import sys
from multiprocessing.connection import Connection

BEHIND = 3
"""How far it steps back behind the process that serves people (nice)."""


def work(pipe: Connection) -> None:
    """Do one task after the other; answer with its result, or in words when it failed."""
    while True:
        try:
            task, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[bool, object] = True, task(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever asked must hear of it
            answer = False, f"{type(error).__name__}: {error}"
        try:
            pipe.send(answer)
        except OSError:  # whoever asked is gone
            return
        answer, task, arguments = (True, None), None, ()
        gc.collect()
        give_back()


def give_back() -> None:
    """Return freed memory to the system: C libraries leave holes that glibc keeps; elsewhere nothing is done."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells the whole group; it ends with its parent
    os.nice(BEHIND)
    if most := int(sys.argv[2]):
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    work(Connection(int(sys.argv[1])))
