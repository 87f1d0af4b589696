"""A simulated device behind a pseudo-terminal: a path that a driver opens like a serial port.

In: a model that hears bytes and answers, faults. Out: what a line would carry. The terminal is set raw before the first
byte. A wrong speed cannot be seen here: to the system every speed is the same.
"""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from dataclasses import dataclass, field
from typing import Protocol, Self

from adapters.devices.simulators.faults import Faults

KEPT = 1 << 16
"""Bytes of what was heard that are kept."""


class Model(Protocol):
    """A device as bytes."""

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        ...


@dataclass
class Terminal:
    """One device on one line; `heard` is what came last."""

    model: Model
    faults: Faults = field(default_factory=Faults)
    has_power: bool = True
    heard: bytearray = field(default_factory=bytearray)
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._wake, self._waker = os.pipe()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"simulator {self.path}", daemon=True)
        self._thread.start()

    def say(self, data: bytes) -> None:
        """Speak unasked."""
        self._send(data)

    def close(self) -> None:
        """Pull the plug: whoever reads finds the port gone."""
        if self._thread.is_alive():
            os.write(self._waker, b"x")
            self._thread.join()
            for descriptor in (self._master, self._slave, self._wake, self._waker):
                os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        while self._wake not in (ready := select.select([self._master, self._wake], [], [])[0]):
            if self._master in ready:
                self._answer(os.read(self._master, 4096))

    def _answer(self, data: bytes) -> None:
        self.heard += data
        del self.heard[:-KEPT]
        if not self.has_power:
            return
        for delay, piece in self.faults.applied(data, self.model.hear(data)):
            time.sleep(delay)
            if self.has_power:
                self._send(piece)

    def _send(self, data: bytes) -> None:
        with self._writing:
            os.write(self._master, data)
