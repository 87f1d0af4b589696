"""What two partners agreed on for AS2 or AS3, and what one of them refuses: plain data of the codec.

In: nothing. Out: values. Knows no bytes and no transport.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.as2.cms import Ends

RECEIPT_TO = "receipt-to"
"""Header of a receipt that is owed: the address it goes to."""
LARGEST = 64 << 20
"""Bytes of a message where the node names no bound."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Own and partner's names and keys, and what is done to messages: for one that comes in, what must have been.
    `family` is AS2 or AS3: how heads begin."""

    own: str
    partner: str
    ends: Ends
    family: str = "AS2"
    sign: bool = True
    encrypt: bool = True
    compress: bool = False
    most: int = LARGEST


def version(family: str) -> str:
    """What the head `AS2-Version` or `AS3-Version` says."""
    return "1.2" if family == "AS2" else "1.0"


class Refusal(Exception):
    """What came is not taken: `disposition` is what the receipt says after `processed/error:` (RFC 4130, 7.5)."""

    def __init__(self, disposition: str, why: str) -> None:
        self.disposition = disposition
        super().__init__(why)
