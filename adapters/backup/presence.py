"""Who is at home: processes of a node hold a lock together; who changes its files as a whole holds it alone.

In: the home. Out: a lock of the file `home.lock` (flock, which ends with the process however that ends).
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Presence:
    """One process at the home of a node."""

    def __init__(self, home: Path) -> None:
        self._descriptor = os.open(home / "home.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def alone(self) -> bool:
        """Try to be the only one; whether that is so."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def together(self) -> None:
        """Be there with others, for as long as this process and those that it forks run."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def close(self) -> None:
        """Leave."""
        os.close(self._descriptor)
