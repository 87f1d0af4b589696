"""Consent that is kept: what the bearer of a card said once for the node, and the PIN that goes with a yes.

In: an answer with the card's number and its PIN, from the console. Out: the answer to every later question, in every
process, at once: a no that is kept stops signing wherever the node runs. Sealed with the node's key ring. A kept PIN
that was wrong is not tried again by its process: one that has become wrong must not lock the card. Implements
`engine.ports.crypto.Consent`.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from adapters.crypto.store import Sealing
from engine.ports.crypto import Consent

_CONTEXT = "consent"


@dataclass(frozen=True, slots=True)
class _Answer:
    device: str
    agreed: bool
    pin: str = field(repr=False)


class KeptConsent:
    """Answers from a file; where it says nothing of the card, somebody else is asked."""

    def __init__(self, path: Path, sealing: Sealing, other: Consent) -> None:
        self._path, self._sealing, self._other = path, sealing, other
        self._tried: set[str] = set()

    def stands(self, device: str) -> bool | None:
        """What was answered for this card; None where nothing was kept."""
        kept = self._read(device)
        return kept.agreed if kept else self._other.stands(device)

    def agrees(self, device: str, purpose: str) -> bool:
        """Whether the card may be used."""
        return self._other.agrees(device, purpose)

    def pin(self, device: str, left: int) -> str | None:
        """The PIN that was kept, once; then whoever can be asked."""
        kept = self._read(device)
        if kept is None or not kept.pin or kept.pin in self._tried:
            return self._other.pin(device, left)
        self._tried.add(kept.pin)
        return kept.pin

    def fits(self, device: str) -> None:
        """A kept PIN that was right may be tried again: the card was pulled out and put back."""
        self._tried.clear()
        self._other.fits(device)

    def keep(self, device: str, pin: str, *, agreed: bool) -> None:
        """Keep an answer; the file is replaced in one step."""
        self._tried.discard(pin)
        content = json.dumps({"device": device, "agreed": agreed, "pin": pin if agreed else ""}).encode()
        fresh = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._sealing.seal(content, _CONTEXT))
        fresh.replace(self._path)

    def _read(self, device: str) -> _Answer | None:
        """An answer that was altered is none: nobody agreed to that."""
        try:
            told = json.loads(self._sealing.unseal(self._path.read_bytes(), _CONTEXT))
        except (FileNotFoundError, ValueError):
            return None
        answer = _Answer(told["device"], bool(told["agreed"]), told["pin"])
        return answer if answer.device == device else None
