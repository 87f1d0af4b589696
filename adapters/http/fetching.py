"""Files fetched by HTTP: gone on with where they were cut off, and taken only when their digest is right.

In: an address, where the file goes, its SHA-256. Out: the whole file in its place. Ranges are RFC 9110, 14; what is
there already lies beside it as `NAME.part`. A server that begins anew whatever is asked is heard to the end at once:
pieces of a time would never come to one. Redirects are not followed. Standard library alone: a body of any size goes
straight to the disk.
"""

from __future__ import annotations

import hashlib
import math
import ssl
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from engine.problems import DeliveryError, Incident

_SECONDS = 30.0
_AT_ONCE = 3600.0
"""Seconds that a server may take who does not go on where it was cut off."""
_BLOCK = 1 << 16
MOST = 1 << 30
_OK, _PARTIAL, _BEHIND = 200, 206, 416


def fetch(name: str, url: str, to: Path, digest: str = "", seconds: float = 0.0) -> bool:
    """Fetch a file; whether it is whole, which it need not be after so many `seconds` (none: as long as it takes).
    Raises DeliveryError: cut off or away (trying again goes on there), refused for good, or another file than the
    digest says, which is thrown away."""
    part = to.with_name(f"{to.name}.part")
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    begun = part.stat().st_size if part.exists() else 0
    connection, path = _connected(name, url)
    try:
        with closing(connection):
            heads = {"Accept-Encoding": "identity", **({"Range": f"bytes={begun}-"} if begun else {})}
            connection.request("GET", path, headers=heads)
            with closing(connection.getresponse()) as answer:
                if not _take(name, answer, part, begun, seconds):
                    return False
    except (OSError, HTTPException) as fault:
        raise DeliveryError(Incident(name, type(fault).__name__)) from None
    if digest and _digest(part) != digest.lower():
        part.unlink()
        raise DeliveryError(Incident(name, "another digest", retry=False))
    part.replace(to)
    return True


def _connected(name: str, url: str) -> tuple[HTTPConnection, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme not in ("http", "https") or not host:
        raise DeliveryError(Incident(name, "the address cannot be read", retry=False))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "http":
        return HTTPConnection(host, port, timeout=_SECONDS), path
    return HTTPSConnection(host, port, timeout=_SECONDS, context=ssl.create_default_context()), path


def _take(name: str, answer: HTTPResponse, part: Path, begun: int, seconds: float) -> bool:
    if answer.status == _BEHIND and begun:
        return True  # all of it is here; the digest says whether that is so
    if answer.status not in (_OK, _PARTIAL):
        again = answer.status >= 500 or answer.status in (408, 425, 429)
        raise DeliveryError(Incident(name, f"HTTP {answer.status}", retry=again))
    goes_on = answer.status == _PARTIAL and (answer.headers["Content-Range"] or "").startswith(f"bytes {begun}-")
    if answer.status == _PARTIAL and not goes_on:
        part.unlink(missing_ok=True)  # the next try asks for all of it
        raise DeliveryError(Incident(name, "another range than was asked for"))
    anew = bool(begun) and not goes_on
    until = time.monotonic() + (_AT_ONCE if anew else seconds or math.inf)
    length = answer.length
    size = begun if goes_on else 0
    with part.open("ab" if goes_on else "wb") as out:
        while block := answer.read1(_BLOCK):
            size += len(block)
            if size > MOST:
                raise DeliveryError(Incident(name, "too large", retry=False))
            out.write(block)
            if time.monotonic() > until and size < (begun if goes_on else 0) + (length or size + 1):
                if anew:
                    raise DeliveryError(Incident(name, "too slow, and ranges are not known there", retry=False))
                return False
    if length is not None and size != (begun if goes_on else 0) + length:
        raise DeliveryError(Incident(name, "cut off"))
    return True


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
