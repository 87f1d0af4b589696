"""What an operator has set for a node beyond its file: how messages are signed. Plain data."""

from __future__ import annotations

from dataclasses import dataclass

BUSINESS, TRANSPORT = "business", "transport"
"""The signature of the message itself, and that of its envelope."""


@dataclass(frozen=True, slots=True)
class SigningChoice:
    """Who signs, the usual one for "", and whether each of the two signatures is made where definitions ask for it."""

    provider: str = ""
    business: bool = True
    transport: bool = True

    @property
    def is_stopped(self) -> bool:
        """Whether somebody stopped either of them."""
        return not (self.business and self.transport)

    def makes(self, purpose: str) -> bool:
        """Whether a signature is made; one that is not keeps its messages waiting."""
        return self.business if purpose == BUSINESS else self.transport
