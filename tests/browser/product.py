"""The product as its user starts it: a process of its own, an empty home, demo data, a port nobody uses."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FONTS = ROOT / "var" / "cache" / "fonts"
PASSWORD = "Guiju-2026!"  # that of the demo accounts


@dataclass(frozen=True)
class Product:
    """A running node."""

    address: str
    home: Path
    process: int


@contextmanager
def running(home: Path, *, demo: bool = True, node: str = "demo") -> Iterator[Product]:
    """Start `guiju run`, wait until it answers, stop it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).parent / "guiju"), "run", "--port", str(port), *([] if demo else ["--no-demo"])]
    environment = {**os.environ, "GUIJU_HOME": str(home), "GUIJU_NODE": node}
    FONTS.mkdir(parents=True, exist_ok=True)
    home.mkdir(exist_ok=True, mode=0o700)
    (home / "fonts").symlink_to(FONTS)  # making them takes half a minute, and once is enough
    log = (home.parent / f"{home.name}.log").open("w")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(f"http://127.0.0.1:{port}/login", process, Path(log.name))
        yield Product(f"http://127.0.0.1:{port}", home, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise AssertionError(log.read_text())
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no answer: {log.read_text()}")
