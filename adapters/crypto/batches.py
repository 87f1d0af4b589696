"""Many signatures at once, by processes: threads gain nothing, for libraries hold the interpreter while they compute.

In: names of keys, digests, a way to run a function in another process. Out: signatures in order. Each process opens the
key store by itself, so that no private key passes between processes, and draws its own nonces. Implements `KeyHolder`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.forms import Sm2Cipher
from adapters.crypto.holders import KeyHolder, SoftwareKeys
from adapters.crypto.keys import open_key_file
from adapters.crypto.libraries import library
from adapters.crypto.store import FileKeys
from engine.model.crypto import CryptoRefused, Digest, Fault, PublicKey
from engine.problems import DeliveryError

LEAST = 200
"""Fewer are signed sooner here than they are carried there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the keys of a node lie, and the library that uses them: enough to open them in another process."""

    folder: Path
    ring: Path
    library: str


@lru_cache(maxsize=4)
def holder_at(place: Place) -> SoftwareKeys:
    """The keys of a place. Raises KeyFileError."""
    primitives = library(place.library)
    return SoftwareKeys(primitives, FileKeys(place.folder, Sm4FieldCipher(open_key_file(place.ring)), primitives))


def sign_there(place: Place, key: str, digests: Sequence[bytes]) -> list[bytes]:
    """What another process runs."""
    return holder_at(place).sign(key, digests)


class PooledKeys:
    """Keys of a place; large batches are divided among processes."""

    def __init__(self, here: KeyHolder, place: Place, run: Callable[..., list[bytes]], count: int) -> None:
        """`run` takes a function and its arguments and runs it in one of `count` processes."""
        self._here, self._place, self._run, self._count = here, place, run, count
        self._threads = ThreadPoolExecutor(count, "signatures")

    def names(self) -> Sequence[str]:
        """What keys there are."""
        return self._here.names()

    def public(self, key: str) -> PublicKey:
        """The public key."""
        return self._here.public(key)

    def certificate(self, key: str) -> bytes:
        """In DER."""
        return self._here.certificate(key)

    def sign(self, key: str, digests: Sequence[bytes]) -> list[bytes]:
        """SM2: r and s over each digest, in order."""
        if len(digests) < LEAST:
            return self._here.sign(key, digests)
        size = -(-len(digests) // self._count)
        parts = [digests[at : at + size] for at in range(0, len(digests), size)]
        tasks: list[tuple[Any, ...]] = [(sign_there, self._place, key, part) for part in parts]
        try:
            return [one for found in self._threads.map(lambda task: self._run(*task), tasks) for one in found]
        except (DeliveryError, RuntimeError):
            raise CryptoRefused(Fault.REMOTE, "a process that signs failed") from None

    def decrypt(self, key: str, cipher: Sm2Cipher) -> bytes:
        """SM2. Refuses `cipher`."""
        return self._here.decrypt(key, cipher)

    def rsa_sign(self, key: str, digest: Digest, message: bytes) -> bytes:
        """PKCS #1 v1.5."""
        return self._here.rsa_sign(key, digest, message)
