"""A card or UKey that is none: behaves as one does, for trials and for offices without a reader. A `SecurityDevice`.

In: keys put in when it is made, PINs, digests. Out: blocks as a device writes them. It counts wrong PINs and locks
itself, keeps that count when it is pulled out, forgets a PIN that was given, and is gone in between.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.crypto.curve import SIZE, point, public_of
from adapters.crypto.forms import Sm2Cipher
from adapters.crypto.openssl import derive
from adapters.crypto.primitives import Primitives
from engine.model.crypto import CryptoRefused, Derivation, Fault

TRIES = 6
_ROUNDS = 1_000
_FIELD = 64
_LEAST, _MOST = 6, 16


@dataclass(frozen=True, slots=True)
class Container:
    """A key of SM2 and its certificate, empty where there is none."""

    secret: bytes = field(repr=False)
    certificate: bytes = b""


class SimulatedDevice:
    """Its bearer pulls it out (`remove`) and plugs it in."""

    def __init__(
        self,
        serial: str,
        containers: Mapping[str, Container],
        primitives: Primitives,
        *,
        pin: str,
        admin_pin: str,
    ) -> None:
        self._serial, self._containers, self._primitives = serial, dict(containers), primitives
        self._user, self._admin = _Pin(pin), _Pin(admin_pin)
        self._present, self._connected, self._open = True, False, False

    def remove(self) -> None:
        """Pull it out."""
        self._present = self._connected = self._open = False

    def plug_in(self) -> None:
        """Put it back."""
        self._present = True

    @property
    def serial(self) -> str:
        """What is printed on it."""
        return self._serial

    def connect(self) -> None:
        """Begin to work with it. Refuses `removed`."""
        if not self._present:
            raise CryptoRefused(Fault.REMOVED)
        self._connected, self._open = True, False

    def containers(self) -> Sequence[str]:
        """Names of its containers."""
        self._check()
        return sorted(self._containers)

    def tries_left(self) -> int:
        """How many wrong PINs it still takes."""
        self._check()
        return self._user.left

    def verify_pin(self, pin: str) -> None:
        """Refuses `pin`, `locked`."""
        self._check()
        self._open = False
        self._user.check(pin)
        self._open = True

    def unblock(self, admin_pin: str, pin: str) -> None:
        """A new PIN and all tries again. Refuses `pin`, `locked`."""
        self._check()
        self._admin.check(admin_pin)
        self._user, self._open = _Pin(pin), False

    def export_public(self, container: str) -> bytes:
        """ECCPUBLICKEYBLOB."""
        public = public_of(self._container(container).secret)
        return (8 * SIZE).to_bytes(4, "little") + _field(public[:SIZE]) + _field(public[SIZE:])

    def export_certificate(self, container: str) -> bytes:
        """In DER."""
        return self._container(container).certificate

    def sign_data(self, container: str, digest: bytes) -> bytes:
        """ECCSIGNATUREBLOB. Refuses `pin`."""
        signature = self._primitives.sm2_sign(self._opened(container), digest)
        return _field(signature[:SIZE]) + _field(signature[SIZE:])

    def decrypt(self, container: str, x: bytes, y: bytes, digest: bytes, cipher: bytes) -> bytes:
        """Refuses `pin`, `point`, `cipher`."""
        secret, first = self._opened(container), x[-SIZE:] + y[-SIZE:]
        point(first)
        return self._primitives.sm2_decrypt(secret, Sm2Cipher(first, digest, cipher))

    def _check(self) -> None:
        if not self._present or not self._connected:
            raise CryptoRefused(Fault.REMOVED)

    def _container(self, name: str) -> Container:
        self._check()
        if name not in self._containers:
            raise CryptoRefused(Fault.UNKNOWN_KEY, name)
        return self._containers[name]

    def _opened(self, name: str) -> bytes:
        found = self._container(name)
        if not self._open:
            raise CryptoRefused(Fault.PIN)
        return found.secret


class _Pin:
    """A PIN that locks itself."""

    def __init__(self, pin: str) -> None:
        if not (_LEAST <= len(pin) <= _MOST and pin.isascii()):
            raise CryptoRefused(Fault.PIN, f"{_LEAST} to {_MOST} signs")
        self._salt = secrets.token_bytes(16)
        self._digest = self._of(pin)
        self.left = TRIES

    def check(self, pin: str) -> None:
        if self.left == 0:
            raise CryptoRefused(Fault.LOCKED)
        # Counted before it is compared: pulling the plug in between wins nothing.
        self.left -= 1
        if not hmac.compare_digest(self._of(pin), self._digest):
            raise CryptoRefused(Fault.PIN if self.left else Fault.LOCKED)
        self.left = TRIES

    def _of(self, pin: str) -> bytes:
        return derive(Derivation.PBKDF2_SM3, pin.encode(), 32, self._salt, b"", _ROUNDS)


def _field(number: bytes) -> bytes:
    return number.rjust(_FIELD, b"\0")
