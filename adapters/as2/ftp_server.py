"""An FTP server for a folder, by the optional library pyftpdlib: the far end of AS3, for tries and tests.

In: a folder, one account, an address, a certificate with its key for TLS. Out: a server at work in a thread.
"""

from __future__ import annotations

import threading
import warnings
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Account:
    """Who may come in."""

    user: str
    password: str


class FtpServer:
    """Serves one folder until it is closed. Raises ImportError where the library is missing."""

    def __init__(
        self, folder: Path, account: Account, address: tuple[str, int], certificate: Path | None = None
    ) -> None:
        """`certificate` is PEM of a key with its certificate: then nothing is said without TLS."""
        with warnings.catch_warnings():  # it stands on modules that Python gave up, and brings them itself later
            warnings.simplefilter("ignore", DeprecationWarning)
            parts = ("authorizers", "handlers", "servers", "ioloop")
            authorizers, handlers, servers, ioloop = (import_module(f"pyftpdlib.{one}") for one in parts)
        authorizer = authorizers.DummyAuthorizer()
        authorizer.add_user(account.user, account.password, str(folder), perm="elradfmwMT")
        kind: Any = handlers.FTPHandler if certificate is None else handlers.TLS_FTPHandler
        told: dict[str, Any] = {"authorizer": authorizer, "timeout": 300, "use_sendfile": False}
        if certificate is not None:
            told |= {"certfile": str(certificate), "tls_control_required": True, "tls_data_required": True}
        self.handler: Any = type("Handler", (kind,), told)
        self._loop = ioloop.IOLoop()
        self._server = servers.FTPServer(address, self.handler, ioloop=self._loop)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.address[1])

    def close(self) -> None:
        """Stop, and drop who is connected."""
        self._stopping = True
        self._thread.join()
        with suppress(OSError):
            self._server.close_all()
        self._loop.close()

    def _run(self) -> None:
        while not self._stopping:
            self._loop.loop(timeout=0.05, blocking=False)
