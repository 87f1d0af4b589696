"""The door to keys of partners by AS2 and AS3: what a node signs and opens with, and whom it believes.

Implemented by adapters. Files stand under the names that node files say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

ANSWERS = ("good", "negative", "none", "wrong", "late", "forged", "away")
"""What a partner to try against may be told to answer: it takes a message; refuses it; says nothing; names another
digest; answers later; signs with another key; is not there."""


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """A file of the key room: whether it is an own key with its certificate, whose that is, when it ends (UTC). `fault`
    says why the file cannot be used."""

    name: str
    is_own: bool = False
    subject: str = ""
    digest: str = ""
    until: datetime | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Play:
    """A partner to try against: the folder it works in, the names of the two sides and the files of their keys, where
    it listens, what it answers in turn, how many seconds late `late` is, where its own messages go. With `ftp`, an
    account as `user:password`, it stands behind an FTP server (AS3), else behind HTTP (AS2)."""

    folder: Path
    own: str
    partner: str
    key: str
    certificate: str
    host: str
    port: int
    answers: Sequence[str]
    pause: float = 5.0
    to: str = ""
    receipts_to: str = ""
    ftp: str = ""


class PartnerDesk(Protocol):
    """The key room. All raise ValueError with what is wrong, in English; no text shows a key."""

    def listed(self) -> Sequence[PartnerKey]:
        """What is there, by name."""
        ...

    def create(self, name: str, subject: str, days: int) -> str:
        """Make an own key with a certificate that it signs itself, and seal it; the certificate (PEM)."""
        ...

    def bring(self, name: str, content: bytes) -> str:
        """Take in an own key with its certificate (PEM, PKCS #8 without password), and seal it; the certificate."""
        ...

    def admit(self, name: str, content: bytes) -> str:
        """Take in a partner's certificate (PEM or DER), in the place of one under that name; it as PEM."""
        ...

    def certificate(self, name: str) -> str:
        """A certificate of the room, own or a partner's (PEM)."""
        ...
