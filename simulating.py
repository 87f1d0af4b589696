"""Composition root, simulators: which devices of a node are simulated, and the process in which they live.

In: a node, the folder of its installation. Out: simulators that stand, and whether their network is cut. They are a
process of their own, so that they stand as they are when the node dies. What protocols cost to load is paid where
devices are simulated.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path

from adapters.devices.simulators.far import SOCKET, FarCabinet
from engine.model.system import Node

STARTS_WITHIN = 10.0


def is_cabinet(node: Node) -> bool:
    """Whether something stands beside the node, so that one process serves it."""
    return bool(node.devices or node.kiosk)


def simulated(node: Node) -> dict[str, Mapping[str, str]]:
    """The words of the devices that stand on simulators."""
    every = node.simulate or os.environ.get("GUIJU_SIMULATE") == "1"
    return {name: said for name, said in node.devices.items() if every or said.get("simulate") in ("yes", "true")}


def socket_of(home: Path) -> Path:
    """Where the simulated devices of an installation are spoken to."""
    return home / "simulator" / SOCKET


def stand(node: Node, home: Path) -> BaseProcess | None:
    """See that the simulated devices of a node are there: begin a process for them, which ends with this one, unless
    one answers already. Raises OSError where it does not begin."""
    words, far = simulated(node), FarCabinet(socket_of(home))
    if not words or far.is_there():
        return None
    forked = multiprocessing.get_context("fork")
    process = forked.Process(target=_simulate, args=(words, home, os.getpid()), daemon=True)
    process.start()
    until = time.monotonic() + STARTS_WITHIN
    while not far.is_there():
        if time.monotonic() > until:
            raise OSError(str(socket_of(home)))
        time.sleep(0.02)
    return process


def simulate(node: Node, home: Path, told: Callable[[str], None]) -> int:
    """Run the simulated devices of a node until it is stopped: all of them where none is marked. Raises OSError,
    ValueError for a kind without a simulator."""
    folder, over = socket_of(home).parent, threading.Event()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    told(str(socket_of(home)))
    import_module("adapters.devices.simulators.served").run(simulated(node) or dict(node.devices), folder, over)
    return 0


def _simulate(words: Mapping[str, Mapping[str, str]], home: Path, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells the whole group; with the parent it ends
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    folder, over = socket_of(home).parent, threading.Event()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    threading.Thread(target=_with_parent, args=(parent, over), daemon=True).start()
    import_module("adapters.devices.simulators.served").run(words, folder, over)


def _with_parent(parent: int, over: threading.Event) -> None:
    while os.getppid() == parent:
        time.sleep(0.2)
    over.set()


def is_cut(home: Path) -> bool:
    """Whether a simulated cabinet has its network cut."""
    path = socket_of(home)
    return path.exists() and not FarCabinet(path).is_online()
