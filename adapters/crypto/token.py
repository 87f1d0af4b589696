"""Keys on a card or UKey: consent, PIN and removal around the calls of a `SecurityDevice`. Implements `KeyHolder`.

In: digests, cipher texts, what its bearer says (`Consent`). Out: signatures, plain texts. Asked once whether the device
may be used, unless an answer is kept for the node: yes holds until it is taken back, no keeps everything refused until
somebody asks again. The PIN is asked
when the device wants it, never kept and never tried by itself: wrong ones in a loop would lock it. One thing at a
time, as a card works.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import RLock
from typing import TypeVar

from adapters.crypto.curve import SIZE, unpacked
from adapters.crypto.facts import read_certificate
from adapters.crypto.forms import Sm2Cipher
from engine.model.crypto import CryptoRefused, Digest, Fault, KeyKind, PublicKey
from engine.ports.crypto import Consent, SecurityDevice

Told = TypeVar("Told")
PURPOSE = "sign"
_FIELD = 64
_BITS = 256


class TokenKeys:
    """The keys of one device; its containers are their names."""

    def __init__(self, device: SecurityDevice, consent: Consent) -> None:
        self._device, self._consent, self._lock = device, consent, RLock()
        self._connected = self._verified = False
        self._agreed: bool | None = None

    @property
    def agreed(self) -> bool | None:
        """What its bearer said; None before anybody asked."""
        return self._agreed

    def ask_again(self) -> None:
        """The next use asks for consent anew, after a no or to take a yes back; the PIN, too."""
        with self._lock:
            self._agreed, self._connected, self._verified = None, False, False

    def names(self) -> Sequence[str]:
        """Its containers. Refuses `removed`."""
        return self._read(lambda: sorted(self._device.containers()))

    def public(self, key: str) -> PublicKey:
        """Refuses `unknown_key`, `removed`."""
        return self._read(lambda: _public(self._device.export_public(key)))

    def certificate(self, key: str) -> bytes:
        """In DER; empty where there is none. Refuses `certificate` for one of another key."""
        der = self._read(lambda: self._device.export_certificate(key))
        if der and read_certificate(der).key != self.public(key):
            raise CryptoRefused(Fault.CERTIFICATE, f"not of the key {key}")
        return der

    def sign(self, key: str, digests: Sequence[bytes]) -> list[bytes]:
        """SM2. Refuses `consent`, `pin`, `locked`, `removed`, `unknown_key`."""
        return [_signature(self._used(partial(self._device.sign_data, key, one))) for one in digests]

    def decrypt(self, key: str, cipher: Sm2Cipher) -> bytes:
        """SM2. Refuses as `sign` does, and `cipher`."""
        x, y = cipher.point[:SIZE], cipher.point[SIZE:]
        return self._used(lambda: self._device.decrypt(key, _field(x), _field(y), cipher.digest, cipher.body))

    def rsa_sign(self, key: str, digest: Digest, message: bytes) -> bytes:
        """Refused: the calls are those of SM2."""
        raise CryptoRefused(Fault.UNABLE, "RSA on a device")

    def _used(self, act: Callable[[], bytes]) -> bytes:
        """Do what needs consent and PIN."""
        with self._lock:
            if not self._may_be_used(self._read(lambda: self._device.serial)):
                raise CryptoRefused(Fault.CONSENT)
            return self._again(lambda: self._told(act, verified=True))

    def _may_be_used(self, serial: str) -> bool:
        """What is kept counts at each use; else what was answered when it was first asked."""
        kept = self._consent.stands(serial)
        if kept is not None:
            return kept
        if self._agreed is None:
            self._agreed = self._consent.agrees(serial, PURPOSE)
        return self._agreed

    def _verify(self) -> None:
        while True:
            left = self._device.tries_left()
            if left == 0:
                raise CryptoRefused(Fault.LOCKED)
            pin = self._consent.pin(self._device.serial, left)
            if pin is None:
                raise CryptoRefused(Fault.CONSENT, "no PIN was given")
            try:
                self._device.verify_pin(pin)
            except CryptoRefused as refused:
                if refused.code is not Fault.PIN:
                    raise
                continue
            self._verified = True
            self._consent.fits(self._device.serial)
            return

    def _read(self, act: Callable[[], Told]) -> Told:
        """What the device tells without a PIN."""
        with self._lock:
            return self._again(lambda: self._told(act))

    def _again(self, act: Callable[[], Told]) -> Told:
        """Once more where the device was pulled out and put back since it was last used."""
        connected = self._connected
        try:
            return act()
        except CryptoRefused as refused:
            if refused.code is not Fault.REMOVED or not connected:
                raise
            return act()

    def _told(self, act: Callable[[], Told], *, verified: bool = False) -> Told:
        """What the device answers. One that is gone begins anew when it is back: connected, without its PIN."""
        try:
            if not self._connected:
                self._device.connect()
                self._connected, self._verified = True, False
            if verified and not self._verified:
                self._verify()
            return act()
        except CryptoRefused as refused:
            if refused.code is Fault.REMOVED:
                self._connected = self._verified = False
            raise


def _public(blob: bytes) -> PublicKey:
    bits, x, y = int.from_bytes(blob[:4], "little"), blob[4 : 4 + _FIELD], blob[4 + _FIELD :]
    if bits != _BITS or len(y) != _FIELD:
        raise CryptoRefused(Fault.ENCODING, "no public key of SM2")
    return PublicKey(KeyKind.SM2, unpacked(_number(x) + _number(y)))


def _signature(blob: bytes) -> bytes:
    if len(blob) != 2 * _FIELD:
        raise CryptoRefused(Fault.ENCODING, "no signature of SM2")
    return _number(blob[:_FIELD]) + _number(blob[_FIELD:])


def _number(block: bytes) -> bytes:
    """The 32 bytes at the right of a block of 64."""
    if any(block[:-SIZE]):
        raise CryptoRefused(Fault.ENCODING, "a number of SM2 has 32 bytes")
    return block[-SIZE:]


def _field(number: bytes) -> bytes:
    return number.rjust(_FIELD, b"\0")
