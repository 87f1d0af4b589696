"""What a service tells whoever watches it: that it is ready, and that it lives (sd_notify(3)).

In: an address of its own pages, what else must be sound, the environment. Out: `READY=1` when both answer, `WATCHDOG=1`
as long as they do, to the socket that the environment names; nothing where it names none.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from http.client import HTTPConnection

_LOOK = 0.05
_REST = 10.0
_SECONDS = 10.0
_OK = 200


class Lifeline:
    """Tells one watcher."""

    def __init__(
        self, host: str, port: int, sound: Callable[[], bool], environment: Mapping[str, str] = os.environ
    ) -> None:
        """`sound` may raise whatever it likes: then it is not."""
        self._host = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 -- compared, not bound
        self._port, self._sound = port, sound
        self._socket = environment.get("NOTIFY_SOCKET", "")
        microseconds = environment.get("WATCHDOG_USEC", "")
        self._rest = min(_REST, int(microseconds) / 4_000_000) if microseconds.isdigit() else _REST

    def run(self) -> None:
        """Tell, for ever; returns at once where nobody watches."""
        if not self._socket:
            return
        while not self.is_sound():
            time.sleep(_LOOK)
        self.tell("READY=1")
        while True:
            time.sleep(self._rest)
            if self.is_sound():
                self.tell("WATCHDOG=1")

    def is_sound(self) -> bool:
        """Whether a page answers and what is behind it is sound."""
        try:
            with closing(HTTPConnection(self._host, self._port, timeout=_SECONDS)) as connection:
                connection.request("GET", "/health")
                with closing(connection.getresponse()) as answer:
                    return answer.status == _OK and self._sound()
        except Exception:  # noqa: BLE001 -- whatever is wrong behind the page, the service is not sound
            return False

    def tell(self, text: str) -> None:
        """One datagram; that nobody listens any more harms nobody."""
        address = self._socket.replace("@", "\0", 1) if self._socket.startswith("@") else self._socket
        with suppress(OSError), closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as out:
            out.sendto(text.encode(), address)
