"""Composition root, settings: what the environment says of an installation.

In: environment variables. Out: `Settings`. The one place that knows their names.

GUIJU_DEFINITIONS  folder of definitions (definitions)      GUIJU_NODE      node file in its nodes/ (demo)
GUIJU_HOME         what the node keeps (var)                GUIJU_DATABASE  URL; SQLite in GUIJU_HOME unless given
GUIJU_HOST, GUIJU_PORT  where it listens (127.0.0.1, 8000)  GUIJU_HTTPS     1 behind HTTPS: secure cookies
GUIJU_PROXIES  how many reverse proxies stand before it, whose word for a caller's address is taken (0)
GUIJU_ADDRESS  where people reach it, as codes on paper say it (http://HOST:PORT)
GUIJU_WORKERS  how many processes serve (one for each processor, at most 4)
GUIJU_CRYPTO  who signs: gmalglib, gmssl-pyx, gmssl, remote or token (the quickest library that is here)
GUIJU_KEEP_DAYS  how many days effects that are done and notes of the inbox are kept (90)
GUIJU_MESSAGE_DAYS  how many days bodies of messages are kept before they are archived (92)
GUIJU_SIMULATE  1: devices of the node stand on simulators    GUIJU_SERIAL    the serial number of the machine
GUIJU_CLOCK_COMMAND  what sets the clock of the machine, with the moment in UTC behind it
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


class WrongSetting(ValueError):
    """A variable that should hold a whole number within bounds, and does not."""

    def __init__(self, name: str, value: str, least: int, most: int) -> None:
        super().__init__(f"{name}={value}")
        self.about = {"name": name, "value": value, "least": least, "most": most}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says."""

    definitions: Path
    home: Path
    node: str
    database: str
    host: str
    port: int
    https: bool
    address: str
    keep_days: int
    message_days: int
    workers: int = 1
    crypto: str = ""
    clock_command: str = ""
    proxies: int = 0

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        """Read the variables listed at the head of this module. Raises WrongSetting."""
        home = Path(environment.get("GUIJU_HOME", "var")).resolve()
        host, port = environment.get("GUIJU_HOST", "127.0.0.1"), _whole(environment, "GUIJU_PORT", 8000, 1, 65_535)
        return cls(
            Path(environment.get("GUIJU_DEFINITIONS", "definitions")).resolve(),
            home,
            environment.get("GUIJU_NODE", "demo"),
            environment.get("GUIJU_DATABASE", f"sqlite:///{home / 'guiju.db'}"),
            host,
            port,
            environment.get("GUIJU_HTTPS") == "1",
            environment.get("GUIJU_ADDRESS", f"http://{host}:{port}").rstrip("/"),
            _whole(environment, "GUIJU_KEEP_DAYS", 90),
            _whole(environment, "GUIJU_MESSAGE_DAYS", 92),
            _whole(environment, "GUIJU_WORKERS", min(4, len(os.sched_getaffinity(0))), 1, 256),
            environment.get("GUIJU_CRYPTO", ""),
            environment.get("GUIJU_CLOCK_COMMAND", ""),
            _whole(environment, "GUIJU_PROXIES", 0, 0, 16),
        )


def _whole(environment: Mapping[str, str], name: str, default: int, least: int = 0, most: int = 36_500) -> int:
    """Raises WrongSetting."""
    given = environment.get(name, str(default))
    with suppress(ValueError):
        if least <= int(given) <= most:
            return int(given)
    raise WrongSetting(name, given, least, most)
