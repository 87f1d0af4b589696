"""How busy a Linux machine is: the port `Host`, out of /proc and the file systems.

In: folders whose file systems count, and what tells the size of the database. Out: shares and bytes. Folders of one
file system are told once. The processors are measured between two looks, so the first one knows nothing of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

from engine.ports.watching import Disk, HostLoad

PROC = Path("/proc")
_KIB = 1024
_IDLE, _WAITING = 3, 4
"""Places of /proc/stat, proc_stat(5)."""
_TIMES = 8
"""Those that add up to all of the time; the guests behind them are counted in the first two."""


class LinuxHost:
    """Looks at the machine; may be used by several threads."""

    def __init__(
        self, folders: Sequence[Path], database: Callable[[], int | None] = lambda: None, proc: Path = PROC
    ) -> None:
        self._folders, self._database, self._proc = tuple(folders), database, proc
        self._lock = Lock()
        self._former: tuple[int, int] | None = None

    def load(self) -> HostLoad:
        """How busy it is. Raises OSError where there is no /proc."""
        used, total = self._memory()
        return HostLoad(self._processor(), used, total, self._disks(), self._database(), self._up())

    def _processor(self) -> float | None:
        times = [int(one) for one in (self._proc / "stat").read_text("ascii").split("\n", 1)[0].split()[1 : _TIMES + 1]]
        now = sum(times) - times[_IDLE] - times[_WAITING], sum(times)
        with self._lock:
            former, self._former = self._former, now
        if former is None or now[1] <= former[1]:
            return None
        return (now[0] - former[0]) / (now[1] - former[1])

    def _memory(self) -> tuple[int, int]:
        rows = (line.split() for line in (self._proc / "meminfo").read_text("ascii").splitlines())
        told = {row[0]: int(row[1]) * _KIB for row in rows if len(row) > 1}
        total = told.get("MemTotal:", 0)
        return total - told.get("MemAvailable:", total), total

    def _up(self) -> int | None:
        path = self._proc / "uptime"
        return int(float(path.read_text("ascii").split()[0])) if path.exists() else None

    def _disks(self) -> tuple[Disk, ...]:
        found: dict[int, Disk] = {}
        for folder in self._folders:
            if folder.exists():
                found.setdefault(folder.stat().st_dev, _disk(folder))
        return tuple(found.values())


def _disk(folder: Path) -> Disk:
    """What others than root may still use counts as free."""
    told = os.statvfs(folder)
    used = (told.f_blocks - told.f_bfree) * told.f_frsize
    inodes = told.f_files - told.f_ffree
    return Disk(
        str(folder), used, used + told.f_bavail * told.f_frsize, inodes, inodes + told.f_favail if inodes else 0
    )
