"""What the composition root decides about the pages: secrets, limits, transport. Plain data, checked by nobody else."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How the pages are served.

    `secure` is true behind HTTPS: cookies are marked so and HSTS is sent. `proxies` is the number of reverse proxies
    whose forwarded addresses are believed. Limits are bytes; failed logins of an address and calls of an account per
    minute.
    """

    secret_key: str
    secure: bool = False
    proxies: int = 0
    session_hours: int = 8
    body_limit: int = 16 * MEGABYTE
    upload_limit: int = 64 * MEGABYTE
    failures_per_minute: int = 20
    calls_per_minute: int = 600
