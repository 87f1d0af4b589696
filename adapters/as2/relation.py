"""What two partners agreed on for AS2, and what one of them refuses: plain data of the codec.

In: nothing. Out: values. Knows no bytes and no transport.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.as2.cms import Ends

LARGEST = 64 << 20
"""Bytes of a message where the node names no bound."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Own and partner's names and keys, and what is done to messages: for one that comes in, what must have been."""

    own: str
    partner: str
    ends: Ends
    sign: bool = True
    encrypt: bool = True
    compress: bool = False
    most: int = LARGEST


class Refusal(Exception):
    """What came is not taken: `disposition` is what the receipt says after `processed/error:` (RFC 4130, 7.5)."""

    def __init__(self, disposition: str, why: str) -> None:
        self.disposition = disposition
        super().__init__(why)
