"""Whoever sits at the terminal, asked for consent and PIN of a card. Implements `engine.ports.crypto.Consent`.

In: the card's number and the tries that are left. Out: yes or no, a PIN that is not shown. Where nobody sits there, no.
"""

from __future__ import annotations

import getpass
import sys

from engine.console import say


class AtTerminal:
    """Asks at standard input, when that is a terminal."""

    def stands(self, device: str) -> bool | None:
        """Nothing is kept here."""
        return None

    def agrees(self, device: str, purpose: str) -> bool:
        """Whether the card may be used."""
        if not sys.stdin.isatty():
            return False
        sys.stderr.write(say("crypto.consent", device=device) + " ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in say("crypto.yes").split()

    def pin(self, device: str, left: int) -> str | None:
        """The PIN; None when nothing was typed."""
        if not sys.stdin.isatty():
            return None
        return getpass.getpass(say("crypto.pin", device=device, left=left)) or None

    def fits(self, device: str) -> None:
        """Nothing is kept here."""


def card_pin() -> str:
    """The PIN of the card that is in: asked at a terminal, else the next line."""
    return getpass.getpass(say("crypto.card_pin")) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def new_pins() -> tuple[str, str]:
    """The PIN of a new card and that of its administrator: asked at a terminal, else the next two lines."""
    if sys.stdin.isatty():
        return getpass.getpass(say("crypto.new_pin")), getpass.getpass(say("crypto.new_admin_pin"))
    return sys.stdin.readline().rstrip("\n"), sys.stdin.readline().rstrip("\n")
