"""The key store: private keys by name in a folder, sealed with the node's key ring, certificates beside them.

In: names, keys as PKCS #8 (DER or PEM), certificates. Out: keys for `holders`, and nobody else. `NAME.key` is sealed
and bound to its name, so that a key file that is renamed does not open; `NAME.cer` is the certificate in DER. Files are
readable by their owner alone. Implements `KeyStore` and `engine.ports.crypto.KeyDesk`.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adapters.crypto import openssl
from adapters.crypto.asn1 import (
    EC_KEY,
    RSA_KEY,
    SM2_CURVE,
    PrivateKeyInfo,
    key_algorithm,
    parsed,
    secret_of,
    sm2_key_info,
    unarmored,
)
from adapters.crypto.curve import SIZE, public_of, unpacked
from adapters.crypto.facts import read_certificate
from adapters.crypto.holders import checked
from adapters.crypto.primitives import Primitives
from engine.model.crypto import CryptoRefused, Fault, KeyKind, NewKey, PublicKey

_TRUSTED = 1.0
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


class Sealing(Protocol):
    """What `fields.Sm4FieldCipher` does for bytes."""

    def seal(self, content: bytes, context: str) -> bytes: ...

    def unseal(self, sealed: bytes, context: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Opened:
    """A key in memory, the age of its file, and until when nobody looks whether that has changed."""

    key: NewKey
    changed: int
    until: float


class FileKeys:
    """Keys of one folder; what was opened stays in memory as long as its file does not change."""

    def __init__(self, folder: Path, sealing: Sealing, primitives: Primitives) -> None:
        self._folder, self._sealing, self._primitives = folder, sealing, primitives
        self._opened: dict[str, _Opened] = {}

    def names(self) -> Sequence[str]:
        """What keys there are."""
        return sorted(path.stem for path in self._folder.glob("*.key"))

    def key(self, name: str) -> NewKey:
        """One of them. Refuses `unknown_key`; `key` for a file that was altered or belongs elsewhere."""
        now, known = time.monotonic(), self._opened.get(name)
        if known is not None and now < known.until:
            return known.key
        path = self._path(name, "key")
        try:
            changed = path.stat().st_mtime_ns
        except FileNotFoundError:
            self._opened.pop(name, None)
            raise CryptoRefused(Fault.UNKNOWN_KEY, name) from None
        key = known.key if known is not None and known.changed == changed else self._open(name, path)
        self._opened[name] = _Opened(key, changed, now + _TRUSTED)
        return key

    def certificate(self, name: str) -> bytes:
        """In DER; empty where it has none."""
        path = self._path(name, "cer")
        return path.read_bytes() if path.exists() else b""

    def create(self, name: str, kind: KeyKind) -> PublicKey:
        """Make a fresh key. Refuses `key` where the name is taken or none."""
        sm2 = kind is KeyKind.SM2
        return self.take(name, NewKey(kind, self._primitives.sm2_generate() if sm2 else openssl.rsa_generate()))

    def bring(self, name: str, content: bytes) -> PublicKey:
        """Take in a key written as PKCS #8. Refuses `encoding`, `key`, `point`."""
        return self.take(name, read_key(content))

    def take(self, name: str, key: NewKey) -> PublicKey:
        """Keep a key under a name that is free. Refuses `key`."""
        checked(key)
        path = self._path(name, "key")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = key.secret if key.kind is KeyKind.RSA else sm2_key_info(key.secret, public_of(key.secret))
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise CryptoRefused(Fault.KEY, f"there is a key {name} already") from None
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._sealing.seal(content, f"key:{name}"))
            file.flush()
            os.fsync(file.fileno())
        return _public(key)

    def certify(self, name: str, content: bytes) -> None:
        """Put a certificate beside its key. Refuses `certificate` for one of another key."""
        facts = read_certificate(content)
        if facts.key != _public(self.key(name)):
            raise CryptoRefused(Fault.CERTIFICATE, f"not of the key {name}")
        path = self._path(name, "cer")
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(facts.der)
        fresh.replace(path)

    def _path(self, name: str, suffix: str) -> Path:
        if not _NAME.fullmatch(name):
            raise CryptoRefused(Fault.UNKNOWN_KEY, "a key's name has small letters, digits and _")
        return self._folder / f"{name}.{suffix}"

    def _open(self, name: str, path: Path) -> NewKey:
        try:
            return read_key(self._sealing.unseal(path.read_bytes(), f"key:{name}"))
        except CryptoRefused:
            raise
        except ValueError:
            raise CryptoRefused(Fault.KEY, f"{name} was altered or sealed by another key ring") from None


def read_key(content: bytes) -> NewKey:
    """A key written as PKCS #8, DER or PEM. Refuses `encoding`, `key`, `point`."""
    der = unarmored(content)[0]
    info = parsed(PrivateKeyInfo, der)
    algorithm, curve = key_algorithm(info)
    if algorithm == RSA_KEY:
        key = NewKey(KeyKind.RSA, der)
    elif algorithm == EC_KEY and curve == SM2_CURVE:
        secret, point = secret_of(info)
        key = NewKey(KeyKind.SM2, secret.rjust(SIZE, b"\0"))
        checked(key)
        if point and unpacked(point) != public_of(key.secret):
            raise CryptoRefused(Fault.KEY, "the public key beside it is another's")
    else:
        raise CryptoRefused(Fault.KEY, "neither SM2 nor RSA")
    checked(key)
    return key


def _public(key: NewKey) -> PublicKey:
    sm2 = key.kind is KeyKind.SM2
    return PublicKey(key.kind, public_of(key.secret) if sm2 else openssl.rsa_public_of(key.secret))
