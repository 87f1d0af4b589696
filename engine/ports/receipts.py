"""Doors to partners who give receipts: channels whose receipts come later, sources that owe an answer. Beside
`engine.ports`, which has no room for them.

Implemented by adapters, as far as their partners do it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from engine.model.traffic import Outgoing
from engine.ports import Channel, Source


class Untrusted(Exception):
    """A receipt that is not the partner's, or cannot be read: nothing follows from it."""


@runtime_checkable
class Awaiting(Channel, Protocol):
    """A channel whose partner answers later: `send` comes back when a message was handed over, its receipt tells the
    rest."""

    @property
    def within(self) -> float:
        """Seconds in which a receipt has to come; 0 where it is judged by `send` itself."""
        ...

    def reference(self, key: str, headers: Mapping[str, str]) -> str:
        """What the receipt will call the message."""
        ...

    def judge(self, message: Outgoing, receipt: bytes) -> None:
        """Come back when the receipt says that the partner has exactly this. Raises DeliveryError where it says
        anything else, Untrusted."""
        ...


@runtime_checkable
class Answering(Source, Protocol):
    """A source whose partners are told what became of their messages."""

    def answer(self, outcomes: Mapping[str, str]) -> None:
        """Answer deliveries that have landed, before they are accepted: by tag empty, or the code by which one was put
        aside. Raises DeliveryError; what was not answered then comes again."""
        ...
