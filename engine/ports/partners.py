"""The door to keys of partners by AS2 and AS3: what a node signs and opens with, and whom it believes.

Implemented by adapters. Files stand under the names that node files say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


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
