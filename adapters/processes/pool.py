"""A few processes that work on what they are given, replaced after some tasks so that their memory does not grow.

In: a function that can be imported, with plain arguments. Out: its result, or what it raised. A process ends with its
parent, however that ends; one that dies or takes too long is replaced. Knows nothing of what it runs.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as Late
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from engine.problems import DeliveryError, Incident

Result = TypeVar("Result")


class Processes:
    """At most `count` processes, begun at first use. Safe to use from several threads."""

    def __init__(self, count: int, *, tasks: int = 40, seconds: float = 120.0, memory: int = 0) -> None:
        """A process is replaced after so many tasks; a task may take so many seconds, a process so many bytes."""
        self._count, self._tasks, self._seconds, self._memory = count, tasks, seconds, memory
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def run(self, task: Callable[..., Result], *arguments: Any) -> Result:
        """The task's result, or what it raised. Raises DeliveryError when its process died or was too slow."""
        pool, future = self._begun(task, arguments)
        try:
            return future.result(self._seconds)
        except Late:
            self._replace(pool)
            raise DeliveryError(Incident("process", f"took longer than {self._seconds:g} s")) from None
        except BrokenProcessPool:
            self._replace(pool)
            raise DeliveryError(Incident("process", "a process ended before its work was done")) from None

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(cancel_futures=True)

    def _begun(
        self, task: Callable[..., Result], arguments: tuple[Any, ...]
    ) -> tuple[ProcessPoolExecutor, Future[Result]]:
        with self._lock:
            if self._pool is None:
                # A process with threads must not be forked.
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(
                    self._count,
                    mp_context=context,
                    initializer=_begin,
                    initargs=(self._memory,),
                    max_tasks_per_child=self._tasks,
                )
            return self._pool, self._pool.submit(task, *arguments)

    def _replace(self, pool: ProcessPoolExecutor) -> None:
        """Give up a pool that hangs; the next task begins another."""
        with self._lock:
            if self._pool is pool:
                self._pool = None
        # The library of Python 3.11 has no way to end a process that is at work.
        for process in list((pool._processes or {}).values()):  # noqa: SLF001
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def _begin(memory: int) -> None:
    """In the new process: step back behind the one that serves people, take no more than allowed, end when it does."""
    os.nice(5)
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
