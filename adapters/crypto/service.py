"""A signature server: uses the keys of a holder for clients that are known. A WSGI application, and its core sans IO.

In: authenticated requests (`wire`). Out: public keys, signatures over digests, plain texts. A client reaches the keys
that it was given and no other; whatever is wrong with a request of a stranger is told in the same words. Runs in as
many processes as there are processors: nonces are noted in a file that all of them share.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import local
from typing import Any

from adapters.crypto.forms import Sm2Cipher
from adapters.crypto.holders import KeyHolder
from adapters.crypto.wire import LARGEST, ROOT, Client, Request, answer, packed, taken, unpacked
from engine.model.crypto import CryptoRefused, Digest, Fault

LOG = logging.getLogger("guiju.signatures")
MOST = 1_000
"""How many digests one request may bring."""
_DIGEST = 32
_REASONS = {200: "200 OK", 401: "401 Unauthorized", 413: "413 Content Too Large", 422: "422 Unprocessable Content"}
_Answer = tuple[int, bytes, Mapping[str, str]]


class SignatureService:
    """What a server does with one request, whoever brings it."""

    def __init__(self, holder: KeyHolder, clients: Mapping[str, Client], fresh: Callable[[str, int], bool]) -> None:
        self._holder, self._clients, self._fresh = holder, clients, fresh
        self._acts = {"keys": self._keys, "sign": self._sign, "decrypt": self._decrypt, "rsa": self._rsa}

    def answer(self, asked: Request, now: int) -> _Answer:
        """Status, body and headers; the time is in milliseconds since 1970."""
        try:
            client, content = taken(asked, self._clients, now, self._fresh)
        except CryptoRefused:
            LOG.warning("a request that is not authenticated")
            return 401, b'{"code":"remote","about":"not authenticated"}', {"Content-Type": "application/json"}
        status, told = self._done(client, asked.path.removeprefix(ROOT), content)
        return status, *answer(client, asked.headers["Guiju-Nonce"], status, told)

    def _done(self, client: Client, what: str, content: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        act = self._acts.get(what)
        if act is None:
            return 422, {"code": Fault.UNABLE.value, "about": "no such request"}
        try:
            return 200, act(client, content)
        except CryptoRefused as refused:
            LOG.warning("%s refused to %s: %s", what, client.name, refused.code.value)
            return 422, {"code": refused.code.value, "about": refused.about}
        except (KeyError, TypeError, ValueError):
            return 422, {"code": Fault.ENCODING.value, "about": "not a request of this kind"}

    def _keys(self, client: Client, content: Mapping[str, Any]) -> Mapping[str, Any]:
        names = [name for name in self._holder.names() if name in client.keys]
        publics = {name: self._holder.public(name) for name in names}
        return {
            name: {
                "kind": public.kind.value,
                "public": packed(public.data),
                "certificate": packed(self._holder.certificate(name)),
            }
            for name, public in publics.items()
        }

    def _sign(self, client: Client, content: Mapping[str, Any]) -> Mapping[str, Any]:
        key, digests = _key(client, content), [unpacked(one) for one in content["digests"]]
        if not 1 <= len(digests) <= MOST or any(len(one) != _DIGEST for one in digests):
            raise CryptoRefused(Fault.ENCODING, f"1 to {MOST} digests of {_DIGEST} bytes")
        LOG.info("%d signed with %s for %s", len(digests), key, client.name)
        return {"signatures": [packed(one) for one in self._holder.sign(key, digests)]}

    def _decrypt(self, client: Client, content: Mapping[str, Any]) -> Mapping[str, Any]:
        parts = Sm2Cipher(*(unpacked(content[name]) for name in ("point", "digest", "body")))
        return {"plain": packed(self._holder.decrypt(_key(client, content), parts))}

    def _rsa(self, client: Client, content: Mapping[str, Any]) -> Mapping[str, Any]:
        algorithm, message = Digest(content["algorithm"]), unpacked(content["message"])
        return {"signature": packed(self._holder.rsa_sign(_key(client, content), algorithm, message))}


def _key(client: Client, content: Mapping[str, Any]) -> str:
    name = str(content["key"])
    if name not in client.keys:
        raise CryptoRefused(Fault.UNKNOWN_KEY, name)
    return name


class NonceFile:
    """Nonces that were seen, kept until their time, in a file for several processes."""

    def __init__(self, path: Path, now: Callable[[], int]) -> None:
        self._path, self._now, self._local = path, now, local()

    def fresh(self, nonce: str, until: int) -> bool:
        """Note a nonce; whether it is new."""
        database = self._database()
        found = database.execute("insert or ignore into seen values (?, ?)", (nonce, until)).rowcount
        if hash(nonce) % 256 == 0:  # now and then
            database.execute("delete from seen where until < ?", (self._now(),))
        return found == 1

    def _database(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "database", None)
        if known is None:
            known = sqlite3.connect(self._path, timeout=10, isolation_level=None)
            # What a crash of the machine loses is older than anybody can use by the time that it is up again.
            known.execute("pragma journal_mode = wal")
            known.execute("pragma synchronous = off")
            known.execute("create table if not exists seen (nonce text primary key, until integer) without rowid")
            self._local.database = known
        return known


def wsgi(service: SignatureService, now: Callable[[], int]) -> Callable[..., Iterable[bytes]]:
    """The service as a WSGI application (PEP 3333)."""

    def application(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        status, body, headers = _served(service, environ, now)
        start(_REASONS[status], [*headers.items(), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")])
        return [body]

    return application


def _served(service: SignatureService, environ: dict[str, Any], now: Callable[[], int]) -> _Answer:
    size = int(environ.get("CONTENT_LENGTH") or 0)
    if size > LARGEST:
        return 413, b"", {}
    headers = {
        name[5:].replace("_", "-").title(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    path, body = str(environ.get("PATH_INFO", "")), environ["wsgi.input"].read(size)
    return service.answer(Request(path, body, headers), now())


def milliseconds() -> int:
    """The time of this machine since 1970."""
    return time.time_ns() // 1_000_000
