"""A card or UKey that is none: behaves as one does, for trials and for offices without a reader. A `SecurityDevice`.

In: a slot with a card or without, PINs, digests. Out: blocks as a device writes them. It counts wrong PINs and locks
itself, keeps that count when it is pulled out, forgets a PIN that was given, and is gone in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from adapters.crypto.cards import TRIES, Card, Container, Pin, Slot
from adapters.crypto.curve import SIZE, point, public_of
from adapters.crypto.forms import Sm2Cipher
from adapters.crypto.primitives import Primitives
from engine.model.crypto import CryptoRefused, Fault

_FIELD = 64


class SimulatedDevice:
    """A reader with a slot."""

    def __init__(self, slot: Slot, primitives: Primitives) -> None:
        self._slot, self._primitives = slot, primitives
        self._connected = self._open = False

    @property
    def serial(self) -> str:
        """What is printed on the card. Refuses `removed`."""
        return self._card().serial

    def connect(self) -> None:
        """Begin to work with it. Refuses `removed`."""
        if self._slot.read() is None:
            raise CryptoRefused(Fault.REMOVED)
        self._connected, self._open = True, False

    def containers(self) -> Sequence[str]:
        """Names of its containers."""
        return sorted(self._card().containers)

    def tries_left(self) -> int:
        """How many wrong PINs it still takes."""
        return self._card().user.left

    def verify_pin(self, pin: str) -> None:
        """Refuses `pin`, `locked`."""
        card, self._open = self._card(), False
        self._count(card.user, pin, lambda kept: replace(card, user=kept))
        self._open = True

    def unblock(self, admin_pin: str, pin: str) -> None:
        """A new PIN and all tries again. Refuses `pin`, `locked`."""
        card, fresh, self._open = self._card(), Pin.of(pin), False
        self._count(card.admin, admin_pin, lambda kept: replace(card, admin=kept))
        self._slot.write(replace(self._card(), user=fresh))

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

    def _card(self) -> Card:
        card = self._slot.read()
        if card is None or not self._connected:
            self._connected = self._open = False
            raise CryptoRefused(Fault.REMOVED)
        return card

    def _count(self, kept: Pin, pin: str, put: Callable[[Pin], Card]) -> None:
        """All tries again when it is the PIN; a wrong one is counted."""
        if kept.left == 0:
            raise CryptoRefused(Fault.LOCKED)
        # Counted before it is compared: pulling the plug in between wins nothing.
        self._slot.write(put(replace(kept, left=kept.left - 1)))
        if not kept.fits(pin):
            raise CryptoRefused(Fault.PIN if kept.left > 1 else Fault.LOCKED)
        self._slot.write(put(replace(kept, left=TRIES)))

    def _container(self, name: str) -> Container:
        card = self._card()
        if name not in card.containers:
            raise CryptoRefused(Fault.UNKNOWN_KEY, name)
        return card.containers[name]

    def _opened(self, name: str) -> bytes:
        found = self._container(name)
        if not self._open:
            raise CryptoRefused(Fault.PIN)
        return found.secret


def _field(number: bytes) -> bytes:
    return number.rjust(_FIELD, b"\0")
