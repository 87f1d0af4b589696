"""Composition root, processes: what a node runs in its web processes and in its workers, and who begins them anew.

In: the parts of a node as the composition root puts them together, loaded and checked before the first process begins.
Out: processes that serve or work until they are stopped; one that dies is replaced, one whose parent is gone ends.
It must not know which adapters stand behind the parts.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Protocol

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from engine.usecases.deliver import LEASE_SECONDS, Held, deliver_due
from engine.usecases.jobs import run_due_jobs, run_standing_jobs
from engine.usecases.listening import Listening
from engine.usecases.page_filing import file_next
from engine.usecases.pressing import press_next
from engine.usecases.runtime import Runtime
from engine.usecases.watch_turns import run_watches

LOG = logging.getLogger("guiju")
WORKER_REST = 0.5
THREADS = 2
CABINET_THREADS = 16  # each stream of a touch screen holds one
STOP_SECONDS = 10  # a server process that has not stopped by then is killed: what it did not commit is redone
RELOAD_REST = 1.0
WATCH_GRACE = timedelta(seconds=2)  # so long a transaction may take to commit what happened in it
Stamp = frozenset[tuple[str, int]]


class Parts(Protocol):
    """What a process needs of the composition root."""

    @property
    def definitions(self) -> Path:
        """The folder of definitions."""
        ...

    @property
    def presses(self) -> int:
        """How many batches of prints this process lays out at once."""
        ...

    @property
    def read(self) -> Stamp | None:
        """The files of definitions as they were when they were read."""
        ...

    def runtime(self) -> Runtime:
        """The runtime as it is in force now."""
        ...

    def reload(self) -> None:
        """Put changed definitions in force."""
        ...

    def refresh(self) -> None:
        """Take what operators have set since."""
        ...


class Care(Protocol):
    """What looks after a node."""

    def watch(self) -> None:
        """Look after it again and again."""
        ...

    def lifeline(self, host: str, port: int) -> None:
        """Tell that the process is ready and lives."""
        ...


def begin_work(parts: Parts) -> None:
    """Begin, beside whatever this process does, what a worker does: effects, jobs, prints, scans, listening."""
    held = Held()
    _begin("worker", _work, parts, held)
    _begin("leases", _keep, parts, held)
    for _ in range(parts.presses):
        _begin("press", _beside, parts, press_next)
    _begin("scans", _beside, parts, file_next)
    _begin("listening", _hear, parts)


def begin_watch(parts: Parts) -> None:
    """Begin to look whether the definitions change, or what operators set; every process does so by itself."""
    _begin("definitions", _watch, parts)
    _begin("settings", _refresh, parts)


def begin_care(care: Care, host: str, port: int) -> None:
    """Begin to look after the node, in one of its processes, and to tell whoever watches each of them that it lives."""
    _begin("care", care.watch)
    _begin("lifeline", care.lifeline, host, port)


def refused_to_listen(host: str, port: int) -> str:
    """Why nobody could listen at an address; empty where one can. The server itself would share a port that is taken:
    it lets its processes listen side by side, and with them anybody's."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def answer(
    host: str, port: int, workers: int, load: Callable[[], Callable[..., object]], threads: int = THREADS
) -> None:
    """Serve a WSGI application until it is stopped; `load` makes it in each process, which has so many threads."""
    multiprocessing.set_start_method("fork", force=True)  # they begin with what is loaded and checked here
    server = Granian(
        "app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        log_level=LogLevels.warning if threads == THREADS else LogLevels.error,  # streams hold more than it finds wise
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
    )
    server.serve(target_loader=load, wrap_loader=False)


def keep_working(parts: Parts, workers: int) -> None:
    """Run worker processes until this one is told to stop; those that die are begun anew."""
    forked = multiprocessing.get_context("fork")
    stopped = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    running: list[multiprocessing.process.BaseProcess] = []
    while not stopped.is_set():
        running = [one for one in running if one.is_alive()]
        while len(running) < workers:
            running.append(forked.Process(target=_worker, args=(parts, os.getpid()), daemon=True))
            running[-1].start()
        stopped.wait(WORKER_REST)
    for one in running:
        one.terminate()
    for one in running:
        one.join(STOP_SECONDS)


def _worker(parts: Parts, parent: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells the whole group; the parent passes it on
    begin_work(parts)
    begin_watch(parts)
    while os.getppid() == parent:
        time.sleep(WORKER_REST)


def _begin(name: str, act: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=act, args=arguments, name=name, daemon=True).start()


def _hear(parts: Parts) -> None:
    """Keeps a thread at each channel that messages come in by."""
    at_work: dict[str, threading.Thread] = {}
    while True:
        for name in parts.runtime().sources:
            if name not in at_work or not at_work[name].is_alive():
                at_work[name] = threading.Thread(target=_hear_at, args=(parts, name), name=name, daemon=True)
                at_work[name].start()
        time.sleep(RELOAD_REST)


def _hear_at(parts: Parts, name: str) -> None:
    """Listens as long as the node binds the channel."""
    listening = Listening(name, f"{socket.gethostname()}:{os.getpid()}")
    while name in parts.runtime().sources:
        try:
            rest = listening.step(parts.runtime())
        except Exception:
            LOG.exception("listening to %s waits", name)  # the database may be away for a while
            rest = STOP_SECONDS
        time.sleep(rest)
    listening.close()


def _keep(parts: Parts, held: Held) -> None:
    """What the worker has taken stays its own however long that takes; with this process that ends."""
    while True:
        time.sleep(LEASE_SECONDS / 4)
        try:
            held.keep(parts.runtime())
        except Exception:
            LOG.exception("leases were not made longer")  # the database may be away for a while


def turn(runtime: Runtime, held: Held) -> bool:
    """One turn of a worker: jobs, rules over events and effects that are due; whether there was anything."""
    run_due_jobs(runtime)
    run_standing_jobs(runtime)
    runtime.uptime.at_work(runtime.clock.now())  # the store was there too; before jobs judge what stayed away
    taken = run_watches(runtime, grace=WATCH_GRACE)
    return bool(deliver_due(runtime, held=held)) or bool(taken)


def _work(parts: Parts, held: Held) -> None:
    while True:
        try:
            idle = not turn(parts.runtime(), held)
        except Exception:
            LOG.exception("the worker waits")  # the database may be away for a while
            idle = True
        if idle:
            time.sleep(WORKER_REST)


def _beside(parts: Parts, step: Callable[[Runtime], bool]) -> None:
    """Keeps a process at work as long as something waits for it; the thread itself does little."""
    while True:
        try:
            idle = not step(parts.runtime())
        except Exception:
            LOG.exception("prints or scans wait")
            idle = True
        if idle:
            time.sleep(WORKER_REST)


def _watch(parts: Parts) -> None:
    for _ in changes(parts.definitions, parts.read):
        try:
            parts.reload()
        except Exception:
            LOG.exception("changed definitions stay out of force")


def _refresh(parts: Parts) -> None:
    while True:
        time.sleep(RELOAD_REST)
        try:
            parts.refresh()
            runtime = parts.runtime()
            runtime.uptime.at_work(runtime.clock.now())
        except Exception:
            LOG.exception("what was set stays out of force")  # the database may be away for a while


def changes(folder: Path, seen: Stamp | None = None) -> Iterator[None]:
    """One item each time the files of a folder are no longer as they were seen last."""
    seen = seen or stamp(folder)
    while True:
        now = stamp(folder)
        if now != seen:
            seen = now
            yield
        time.sleep(RELOAD_REST)


def stamp(folder: Path) -> Stamp:
    """The files of a folder and when each was written."""
    return frozenset((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file())
