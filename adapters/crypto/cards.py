"""Cards that are none: what a simulated device remembers, and the slots that it is put into.

In: keys and PINs when a card is made. Out: the card as it was left. A PIN is kept as a salted, slow digest with the
count of tries that are left; `FileSlot` keeps a card in a file, sealed: who takes the file away pulls the card out.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from adapters.crypto.openssl import derive
from adapters.crypto.store import Sealing
from engine.model.crypto import CryptoRefused, Derivation, Fault

TRIES = 6
_ROUNDS = 1_000
_LEAST, _MOST = 6, 16
_CONTEXT = "device"


@dataclass(frozen=True, slots=True)
class Container:
    """A key of SM2 and its certificate, empty where there is none."""

    secret: bytes = field(repr=False)
    certificate: bytes = b""


@dataclass(frozen=True, slots=True)
class Pin:
    """What is kept of a PIN: a salted digest and how many wrong ones are still taken."""

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    left: int = TRIES

    @classmethod
    def of(cls, pin: str) -> Pin:
        """Refuses `pin` for one that is too short or too long."""
        if not (_LEAST <= len(pin) <= _MOST and pin.isascii()):
            raise CryptoRefused(Fault.PIN, f"{_LEAST} to {_MOST} signs")
        salt = secrets.token_bytes(16)
        return cls(salt, _digest(pin, salt))

    def fits(self, pin: str) -> bool:
        """Whether it is the one."""
        return hmac.compare_digest(_digest(pin, self.salt), self.digest)


@dataclass(frozen=True, slots=True)
class Card:
    """All that a device remembers without current."""

    serial: str
    containers: Mapping[str, Container]
    user: Pin
    admin: Pin

    @classmethod
    def fresh(cls, serial: str, containers: Mapping[str, Container], pin: str, admin_pin: str) -> Card:
        """A new one. Refuses `pin`."""
        return cls(serial, dict(containers), Pin.of(pin), Pin.of(admin_pin))


class Slot(Protocol):
    """Where a card is put."""

    def read(self) -> Card | None:
        """The card; None when it was pulled out."""
        ...

    def write(self, card: Card) -> None:
        """What the card remembers from now on."""
        ...


class MemorySlot:
    """Holds a card as long as the process lives."""

    def __init__(self, card: Card) -> None:
        self._card, self._present = card, True

    def remove(self) -> None:
        """Pull the card out."""
        self._present = False

    def plug_in(self) -> None:
        """Put it back."""
        self._present = True

    def read(self) -> Card | None:
        """The card."""
        return self._card if self._present else None

    def write(self, card: Card) -> None:
        """What it remembers from now on."""
        self._card = card


class FileSlot:
    """A card in a file."""

    def __init__(self, path: Path, sealing: Sealing) -> None:
        self._path, self._sealing = path, sealing

    def read(self) -> Card | None:
        """The card. Refuses `key` for a file that was altered."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            told = json.loads(self._sealing.unseal(content, _CONTEXT))
        except ValueError:
            raise CryptoRefused(Fault.KEY, "the card was altered or sealed by another key ring") from None
        containers = {
            name: Container(bytes.fromhex(one["secret"]), bytes.fromhex(one["certificate"]))
            for name, one in told["containers"].items()
        }
        return Card(told["serial"], containers, _pin(told["user"]), _pin(told["admin"]))

    def write(self, card: Card) -> None:
        """Replace the file in one step."""
        containers = {
            name: {"secret": one.secret.hex(), "certificate": one.certificate.hex()}
            for name, one in card.containers.items()
        }
        told = {"serial": card.serial, "containers": containers, "user": _told(card.user), "admin": _told(card.admin)}
        fresh = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._sealing.seal(json.dumps(told).encode(), _CONTEXT))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


def _digest(pin: str, salt: bytes) -> bytes:
    return derive(Derivation.PBKDF2_SM3, pin.encode(), 32, salt, b"", _ROUNDS)


def _told(pin: Pin) -> Mapping[str, object]:
    return {"salt": pin.salt.hex(), "digest": pin.digest.hex(), "left": pin.left}


def _pin(told: Mapping[str, str]) -> Pin:
    return Pin(bytes.fromhex(told["salt"]), bytes.fromhex(told["digest"]), int(told["left"]))
