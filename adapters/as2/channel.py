"""Messages that leave by AS2: the ports `Channel` and `Awaiting`. Each is POSTed, and has arrived when its receipt says
so: the answer itself, or one that the partner sends later. Receipts that we owe leave here as well.

In: messages, and who posts. Out: requests. Faults of the transport are tried again, and the partner knows the message
by its Message-ID; a receipt that refuses, or is not to be trusted, is not tried again by itself: somebody must look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from adapters.as2.entities import Entity, Malformed, read
from adapters.as2.packing import message_id_of, mic_of, packed
from adapters.as2.receipts import NotTrusted, Refused, is_receipt, judge
from adapters.as2.relation import RECEIPT_TO, Relation
from engine.model.traffic import Outgoing
from engine.ports.receipts import Untrusted
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
    """Who posts to one address, or the one that is said, in bounded time and with a bounded answer. All raise
    DeliveryError."""

    def post(self, body: bytes, heads: Mapping[str, str], at: str = "") -> Answer: ...

    def probe(self) -> Probed: ...

    def close(self) -> None: ...


def judge_later(name: str, relation: Relation, message: Outgoing, receipt: bytes) -> None:
    """Judge a receipt that came by itself. Raises DeliveryError, Untrusted."""
    try:
        entity = read(receipt)
        message_id = message_id_of(relation, message.key, message.headers)
        judge(relation, message_id, mic_of(relation, message), entity.heads, entity.body)
    except (Malformed, NotTrusted) as fault:
        raise Untrusted(str(fault)) from None
    except Refused as refused:
        raise DeliveryError(Incident(name, str(refused), retry=False)) from None


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class As2Channel:
    """Sends to one partner; may be used by several threads if its poster may. With `receipts_to`, the address that the
    partner sends its receipts to, they come `within` so many seconds."""

    name: str
    relation: Relation
    poster: Poster
    now: Callable[[], datetime] = _now
    receipts_to: str = ""
    within: float = 0.0

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Send one message, and judge its receipt if that comes at once. Raises DeliveryError."""
        if expired := self.relation.ends.expired(self.now()):
            raise self._failed(expired)
        if RECEIPT_TO in headers:
            self._give(body, headers[RECEIPT_TO])
            return
        sent = packed(self.relation, Outgoing(body, key, kind, headers), self.receipts_to)
        answer = self._posted(sent.body, sent.heads)
        if self.within and not is_receipt(Entity(answer.heads, answer.body)):
            return
        try:
            judge(self.relation, sent.message_id, sent.mic, answer.heads, answer.body)
        except Refused as refused:
            raise self._failed(str(refused)) from None

    def reference(self, key: str, headers: Mapping[str, str]) -> str:
        """The Message-ID. See `engine.ports.receipts.Awaiting`."""
        return "" if RECEIPT_TO in headers else message_id_of(self.relation, key, headers)

    def judge(self, message: Outgoing, receipt: bytes) -> None:
        """Judge a receipt that came later, as an entity with its heads. Raises DeliveryError, Untrusted."""
        judge_later(self.name, self.relation, message, receipt)

    def _give(self, receipt: bytes, address: str) -> None:
        """Send a receipt that was asked for later: its heads stand before it."""
        entity = read(receipt)
        self._posted(entity.body, {name.title(): value for name, value in entity.heads.items()}, address)

    def _posted(self, body: bytes, heads: Mapping[str, str], at: str = "") -> Answer:
        answer = self.poster.post(body, heads, at)
        if not 200 <= answer.status < 300:
            again = answer.status >= 500 or answer.status in _AGAIN
            raise self._failed(f"HTTP {answer.status}", retry=again)
        return answer

    def _failed(self, why: str, *, retry: bool = False) -> DeliveryError:
        return DeliveryError(Incident(self.name, why, retry=retry))

    @property
    def valid_until(self) -> datetime:
        """When the first of the certificates ends. See `engine.ports.watching.Certified`."""
        return self.relation.ends.until

    def probe(self) -> Probed:
        """Whether anybody is there, and the certificates are valid. Raises DeliveryError."""
        if expired := self.relation.ends.expired(self.now()):
            raise self._failed(expired)
        return self.poster.probe()

    def close(self) -> None:
        """Give the connections back."""
        self.poster.close()
