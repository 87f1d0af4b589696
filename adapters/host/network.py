"""Whether a Linux machine has a way to others: the port `Network`, out of its table of routes.

In: nothing. Out: online or not, and the own address on that way. Nothing is sent: the system is asked which address it
would take, and a cable that is pulled takes the route with it.
"""

from __future__ import annotations

import socket

from engine.ports.watching import NetworkState

FAR = ("192.0.2.1", 9)
"""An address of nobody (RFC 5737), behind whatever leads outside."""


class LinuxNetwork:
    """Looks at the routes of the machine."""

    def state(self) -> NetworkState:
        """How it stands."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            try:
                asked.connect(FAR)
            except OSError:
                return NetworkState(online=False)
            return NetworkState(online=True, address=str(asked.getsockname()[0]))
