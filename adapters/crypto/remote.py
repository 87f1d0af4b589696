"""Keys that a signature server holds: the thin shell that sends what `wire` writes. Implements `KeyHolder`.

In: digests, cipher texts. Out: what the server answers. Several servers may stand for one: the next is asked when one
is away. When none answers it is refused with `remote`; nothing is ever signed with another key instead.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import local
from typing import Any
from urllib.parse import urlsplit

from adapters.crypto.forms import Sm2Cipher
from adapters.crypto.service import MOST, milliseconds
from adapters.crypto.wire import LARGEST, SEAL, Client, answered, packed, request, unpacked
from engine.model.crypto import CryptoRefused, Digest, Fault, KeyKind, PublicKey

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Known:
    public: PublicKey
    certificate: bytes


class RemoteKeys:
    """Safe across threads; each keeps its connections."""

    def __init__(
        self,
        addresses: Sequence[str],
        client: Client,
        *,
        seconds: float = SECONDS,
        now: Callable[[], int] = milliseconds,
    ) -> None:
        """Addresses such as `https://signatures.example:8443`, tried in order. ValueError for others."""
        self._addresses = [_address(one) for one in addresses]
        self._client, self._seconds, self._now, self._local = client, seconds, now, local()
        self._known: dict[str, _Known] = {}

    def names(self) -> Sequence[str]:
        """What keys the server has for this client. Refuses `remote`."""
        self._known = {name: _known(told) for name, told in self._ask("keys", {}).items()}
        return sorted(self._known)

    def public(self, key: str) -> PublicKey:
        """Refuses `unknown_key`, `remote`."""
        return self._of(key).public

    def certificate(self, key: str) -> bytes:
        """In DER; empty where there is none."""
        return self._of(key).certificate

    def sign(self, key: str, digests: Sequence[bytes]) -> list[bytes]:
        """SM2, as many as there are in few requests."""
        found: list[bytes] = []
        for at in range(0, len(digests), MOST):
            part = digests[at : at + MOST]
            told = self._ask("sign", {"key": key, "digests": [packed(one) for one in part]})["signatures"]
            if len(told) != len(part):
                raise CryptoRefused(Fault.REMOTE, "another number of signatures")
            found += (unpacked(one) for one in told)
        return found

    def decrypt(self, key: str, cipher: Sm2Cipher) -> bytes:
        """SM2. Refuses `cipher`, `remote`."""
        parts = {"point": cipher.point, "digest": cipher.digest, "body": cipher.body}
        content = {"key": key, **{name: packed(value) for name, value in parts.items()}}
        return unpacked(self._ask("decrypt", content)["plain"])

    def rsa_sign(self, key: str, digest: Digest, message: bytes) -> bytes:
        """PKCS #1 v1.5."""
        content = {"key": key, "algorithm": digest.value, "message": packed(message)}
        return unpacked(self._ask("rsa", content)["signature"])

    def _of(self, key: str) -> _Known:
        if key not in self._known:
            self.names()
        if key not in self._known:
            raise CryptoRefused(Fault.UNKNOWN_KEY, key)
        return self._known[key]

    def _ask(self, what: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        for number in range(len(self._addresses)):
            # A connection that the server closed in the meantime is found out by using it: once more with a new one.
            for _ in range(2):
                try:
                    return self._exchanged(number, what, content)
                except TimeoutError:
                    self._forget(number)
                    break
                except (OSError, HTTPException):
                    self._forget(number)
        raise CryptoRefused(Fault.REMOTE, "no signature server answers")

    def _exchanged(self, number: int, what: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        nonce = secrets.token_hex(16)
        asked = request(self._client, what, content, self._now(), nonce)
        connection = self._connection(number)
        connection.request("POST", asked.path, asked.body, dict(asked.headers))
        response = connection.getresponse()
        body = response.read(LARGEST)
        return answered(self._client, nonce, response.status, body, response.getheader(SEAL) or "")

    def _connection(self, number: int) -> HTTPConnection:
        known: dict[int, HTTPConnection] = self._local.__dict__.setdefault("connections", {})
        if number not in known:
            secure, host, port = self._addresses[number]
            known[number] = (HTTPSConnection if secure else HTTPConnection)(host, port, timeout=self._seconds)
        return known[number]

    def _forget(self, number: int) -> None:
        known: dict[int, HTTPConnection] = self._local.__dict__.setdefault("connections", {})
        if number in known:
            known.pop(number).close()


def _address(text: str) -> tuple[bool, str, int | None]:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{text}: an address begins with https:// or http://")
    return parts.scheme == "https", parts.hostname, parts.port


def _known(told: Mapping[str, Any]) -> _Known:
    return _Known(PublicKey(KeyKind(told["kind"]), unpacked(told["public"])), unpacked(told["certificate"]))
