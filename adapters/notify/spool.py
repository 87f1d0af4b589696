"""Short messages written to a spool file, one JSON line each: a simulator of an SMS gateway and the port `Notifier`.

In: receiver and text. Out: a line `{"key", "to", "text"}`. Operators read the file, a gateway process can follow it.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from threading import Lock
from typing import IO

from engine.problems import DeliveryError, Incident


class SpoolNotifier:
    """Appends to one file, which several processes may share; a key that the file holds is not written again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._keys: set[str] = set()
        self._read = 0  # bytes of the file whose keys are known
        path.parent.mkdir(parents=True, exist_ok=True)

    def send(self, to: str, text: str, key: str) -> None:
        """Write the line to disk, once per key. Raises DeliveryError."""
        line = json.dumps({"key": key, "to": to, "text": text}, ensure_ascii=False) + "\n"
        try:
            with self._lock, self._path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                self._learn(file)
                if key in self._keys:
                    return
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise DeliveryError(Incident(str(self._path), f"cannot write: {error.strerror or error}")) from error

    def _learn(self, file: IO[bytes]) -> None:
        """Read the keys of lines that came since the last look; a line cut off by a crash is cut away."""
        if self._path.stat().st_size < self._read:
            self._read = 0  # the file was begun anew; the keys stay known
        file.seek(self._read)
        for line in file:
            if not line.endswith(b"\n"):
                file.truncate(self._read)
                break
            self._keys.add(json.loads(line)["key"])
            self._read += len(line)
