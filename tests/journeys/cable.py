"""A network cable between two programs of one machine, which a test pulls and plugs in again.

In: where the far program listens. Out: a port that leads there while the cable is plugged in; while it is pulled,
connections that stood are torn and new ones refused. While it is `deaf`, what is asked arrives and no answer comes.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

_MUCH = 65_536


class Cable:
    """Pulled at first. `port` stays the same however often it is pulled."""

    def __init__(self) -> None:
        self.deaf = False
        self._listening: socket.socket | None = None
        self._ends: list[socket.socket] = []
        self._lock = threading.Lock()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    def plug(self, far: int) -> None:
        """Lead to a port."""
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        listening.listen()
        self._listening = listening
        threading.Thread(target=self._lead, args=(listening, far), daemon=True).start()

    def pull(self) -> None:
        """Tear what stands; nobody answers any more."""
        if self._listening is not None:
            self._shut(self._listening)
            self._listening = None
        with self._lock:
            for end in self._ends:
                self._shut(end)
            self._ends.clear()
        self.deaf = False

    def _lead(self, listening: socket.socket, far: int) -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                onward = socket.create_connection(("127.0.0.1", far))
                with self._lock:
                    self._ends += [near, onward]
                for one, other, answers in ((near, onward, False), (onward, near, True)):
                    threading.Thread(target=self._carry, args=(one, other, answers), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while given := one.recv(_MUCH):
                if not (answers and self.deaf):
                    other.sendall(given)
        self._shut(other)
        self._shut(one)

    @staticmethod
    def _shut(end: socket.socket) -> None:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
