"""A simulated cabinet from afar: it lives in a process of its own (`served`), so that it stands as it is whoever dies.

In: orders, a line of JSON each, over a socket in the folder of the installation. Out: how the cabinet stands, a line
each. Only whoever may enter the folder can speak to it.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SOCKET = "socket"
SECONDS = 10.0
_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class FarCabinet:
    """The cabinet behind a socket. See `engine.ports.simulating.Simulated`."""

    path: Path

    def ask(self, order: str) -> str:
        """One order as JSON, and the answer as JSON. Raises OSError where nobody answers."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asked:
            asked.settimeout(SECONDS)
            asked.connect(str(self.path))
            asked.sendall(order.replace("\n", " ").encode("utf-8") + b"\n")
            with asked.makefile("rb") as answers:
                return answers.readline(_MOST).decode("utf-8").rstrip("\n")

    def words(self) -> Mapping[str, Mapping[str, str]]:
        """The words of its devices, for a rack. Raises OSError."""
        told = json.loads(self.ask('{"act": "words"}'))["words"]
        return {str(name): {str(key): str(value) for key, value in said.items()} for name, said in told.items()}

    def is_online(self) -> bool:
        """Whether the network is there, as the cabinet is told to have it; it is where nobody answers."""
        try:
            return bool(json.loads(self.ask('{"act": "state"}')).get("network", True))
        except (OSError, ValueError):
            return True

    def is_there(self) -> bool:
        """Whether it answers."""
        try:
            return bool(self.words() is not None)
        except (OSError, ValueError):
            return False
