"""A few processes that work on what they are given, replaced after some tasks so that their memory does not grow.

In: a function that can be imported, with plain arguments. Out: its result. A process ends with its parent, however that
ends, for its pipe is closed then; one that dies or takes too long is replaced. Knows nothing of what it runs, and a
process imports nothing but that.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from typing import Any, TypeVar, cast

from engine.problems import DeliveryError, Incident

Result = TypeVar("Result")
_WORKER = "adapters.processes.worker"


class Processes:
    """At most `count` processes, begun at first use. Safe to use from several threads."""

    def __init__(self, count: int, *, tasks: int = 40, seconds: float = 120.0, memory: int = 0) -> None:
        """A process is replaced after so many tasks; a task may take so many seconds, a process so many bytes."""
        self._tasks, self._seconds, self._memory = tasks, seconds, memory
        self._free = threading.Semaphore(count)
        self._lock = threading.Lock()
        self._idle: list[_Process] = []

    def run(self, task: Callable[..., Result], *arguments: Any) -> Result:
        """The task's result. Raises DeliveryError: its process died or was too slow; RuntimeError: it failed."""
        with self._process() as process:
            done, answer = process.ask((task, arguments), self._seconds)
        if not done:
            raise RuntimeError(str(answer))
        return cast("Result", answer)

    def close(self) -> None:
        """End the processes that have nothing to do."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    @contextmanager
    def _process(self) -> Iterator[_Process]:
        """A process for one task; it is kept for the next one when it is sound."""
        with self._free:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            process = process or _Process(self._memory)
            try:
                yield process
            except BaseException:
                process.end()
                raise
            if process.asked >= self._tasks:
                process.end()
            else:
                with self._lock:
                    self._idle.append(process)


class _Process:
    """One process and the pipe to it."""

    def __init__(self, memory: int) -> None:
        self._pipe, theirs = Pipe()
        # The command is our own interpreter and module; nothing comes from a user.
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", _WORKER, str(theirs.fileno()), str(memory)],
            stdin=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
        )
        theirs.close()
        self.asked = 0

    def ask(self, task: object, seconds: float) -> tuple[bool, object]:
        """Whether the task was done, and its result or what kept it from that. Raises DeliveryError."""
        self.asked += 1
        try:
            self._pipe.send(task)
            if not self._pipe.poll(seconds):
                raise DeliveryError(Incident("process", f"took longer than {seconds:g} s"))
            answer: tuple[bool, object] = self._pipe.recv()
        except (EOFError, OSError):
            raise DeliveryError(Incident("process", "a process ended before its work was done")) from None
        return answer

    def end(self) -> None:
        """End it, at work or not."""
        self._pipe.close()
        self._process.kill()
        self._process.wait()
