"""Messages that leave by AS2: the port `Channel`. Each is POSTed, and has arrived when its receipt says so.

In: messages, and who posts. Out: requests. Faults of the transport are tried again, and the partner knows the message
by its Message-ID; a receipt that refuses, or is not to be trusted, is not tried again by itself: somebody must look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from adapters.as2.packing import packed
from adapters.as2.receipts import Refused, judge
from adapters.as2.relation import Relation
from engine.model.traffic import Outgoing
from engine.ports.watching import Probed
from engine.problems import DeliveryError, Incident

_AGAIN = frozenset({408, 425, 429})


class Answer(Protocol):
    """What came back: status, heads by lower-case name, body."""

    @property
    def status(self) -> int: ...

    @property
    def heads(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...


class Poster(Protocol):
    """Who posts to one address, in bounded time and with a bounded answer. All raise DeliveryError."""

    def post(self, body: bytes, heads: Mapping[str, str]) -> Answer: ...

    def probe(self) -> Probed: ...

    def close(self) -> None: ...


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class As2Channel:
    """Sends to one partner; may be used by several threads if its poster may."""

    name: str
    relation: Relation
    poster: Poster
    now: Callable[[], datetime] = _now

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Send one message and judge its receipt. Raises DeliveryError."""
        if expired := self.relation.ends.expired(self.now()):
            raise DeliveryError(Incident(self.name, expired, retry=False))
        sent = packed(self.relation, Outgoing(body, key, kind, headers))
        answer = self.poster.post(sent.body, sent.heads)
        if not 200 <= answer.status < 300:
            again = answer.status >= 500 or answer.status in _AGAIN
            raise DeliveryError(Incident(self.name, f"HTTP {answer.status}", retry=again))
        try:
            judge(self.relation, sent, answer.heads, answer.body)
        except Refused as refused:
            raise DeliveryError(Incident(self.name, str(refused), retry=False)) from None

    def probe(self) -> Probed:
        """Whether anybody is there, and the certificates are valid. Raises DeliveryError."""
        if expired := self.relation.ends.expired(self.now()):
            raise DeliveryError(Incident(self.name, expired, retry=False))
        return self.poster.probe()

    def close(self) -> None:
        """Give the connections back."""
        self.poster.close()
