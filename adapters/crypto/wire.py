"""What passes between a node and a signature server: requests and answers as bytes and headers, sans IO.

In: what is asked for, secrets, the time, a nonce. Out: bodies in JSON with headers that authenticate them, and back.
Both sides know a secret of the client; HMAC-SM3 covers method, path, client, time, nonce and the digest of the body,
and of an answer the nonce that it answers, so that neither can be made, altered or answered by anybody else. Digests,
signatures and public keys pass in the clear, and what is decrypted: a server elsewhere stands behind HTTPS. Knows no
socket and no clock.
"""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.crypto.openssl import digest, mac
from engine.model.crypto import CryptoRefused, Digest, Fault, Mac

ROOT = "/v1/"
WINDOW = 300_000
"""How many milliseconds a request may be old, or ahead of its time."""
LARGEST = 4 << 20
CLIENT, TIME, NONCE, SEAL = "Guiju-Client", "Guiju-Time", "Guiju-Nonce", "Guiju-Mac"
_NONCE = re.compile(r"[0-9a-f]{32}")
_TIME = re.compile(r"\d{1,15}")
_SECRET = 32


@dataclass(frozen=True, slots=True)
class Client:
    """Who may ask a signature server, with which keys."""

    name: str
    secret: bytes = field(repr=False)
    keys: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuses `key` for a secret that is too short."""
        if len(self.secret) != _SECRET:
            raise CryptoRefused(Fault.KEY, f"a client's secret has {_SECRET} bytes")


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for."""

    path: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str]


def request(client: Client, what: str, content: Mapping[str, Any], now: int, nonce: str) -> Request:
    """Ask for something. `now` is in milliseconds since 1970, the nonce 32 hexadecimal digits."""
    path, body = ROOT + what, json.dumps(content, separators=(",", ":")).encode()
    seal = _sealed(client.secret, "ask", "POST", path, client.name, str(now), nonce, body)
    headers = {CLIENT: client.name, TIME: str(now), NONCE: nonce, SEAL: seal, "Content-Type": "application/json"}
    return Request(path, body, headers)


def taken(
    asked: Request, clients: Mapping[str, Client], now: int, fresh: Callable[[str, int], bool]
) -> tuple[Client, Mapping[str, Any]]:
    """Who asks, and what. `fresh` notes a nonce until a time and says whether it is new.

    Refuses `remote` alike for every cause. The nonce is noted last: strangers must not fill the store."""
    client = clients.get(asked.headers.get(CLIENT, ""))
    time, nonce = asked.headers.get(TIME, ""), asked.headers.get(NONCE, "")
    if client is None or not _TIME.fullmatch(time) or not _NONCE.fullmatch(nonce):
        raise _stranger()
    seal = _sealed(client.secret, "ask", "POST", asked.path, client.name, time, nonce, asked.body)
    if not hmac.compare_digest(seal, asked.headers.get(SEAL, "")) or abs(now - int(time)) > WINDOW:
        raise _stranger()
    if not fresh(f"{client.name}:{nonce}", int(time) + WINDOW):
        raise _stranger()
    return client, _object(asked.body)


def answer(client: Client, nonce: str, status: int, content: Mapping[str, Any]) -> tuple[bytes, Mapping[str, str]]:
    """The body of an answer and its headers."""
    body = json.dumps(content, separators=(",", ":")).encode()
    seal = _sealed(client.secret, "answer", nonce, str(status), body)
    return body, {SEAL: seal, "Content-Type": "application/json"}


def answered(client: Client, nonce: str, status: int, body: bytes, seal: str) -> Mapping[str, Any]:
    """What the server said to a request with this nonce. Refuses `remote` for an answer that is not its own; what the
    server refused is refused here with the same code."""
    expected = _sealed(client.secret, "answer", nonce, str(status), body)
    if not hmac.compare_digest(expected, seal):
        raise CryptoRefused(Fault.REMOTE, f"no answer of the signature server's own ({status})")
    content = _object(body)
    if status != 200:
        code = next((one for one in Fault if one.value == content.get("code")), Fault.REMOTE)
        raise CryptoRefused(code, str(content.get("about", "")))
    return content


def packed(data: bytes) -> str:
    """Bytes in JSON."""
    return b64encode(data).decode()


def unpacked(text: object) -> bytes:
    """Bytes out of JSON. Refuses `encoding`."""
    try:
        return b64decode(str(text), validate=True)
    except ValueError:
        raise CryptoRefused(Fault.ENCODING, "not Base64") from None


def _sealed(secret: bytes, *parts: str | bytes) -> str:
    """Over lines: no part of what is sealed has a line's end in it, the body is there by its digest."""
    lines = [digest(Digest.SM3, one).hex() if isinstance(one, bytes) else one for one in parts]
    return mac(Mac.HMAC_SM3, secret, "\n".join(("guiju-signatures-1", *lines)).encode()).hex()


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CryptoRefused(Fault.ENCODING, "not a JSON object")
    return found


def _stranger() -> CryptoRefused:
    return CryptoRefused(Fault.REMOTE, "not authenticated")
