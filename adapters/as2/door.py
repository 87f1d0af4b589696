"""Where AS2 messages come in: a small WSGI application before the node's own, at the paths that its channels name.

In: requests. Out: signed receipts, given only when the message is kept or put aside, at once or later as the partner
wants it; receipts of partners go to whoever waits for them. What is no POST to such a path goes on to the application
behind. Bounded: nothing is read of a request that tells no length or too large a one.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from adapters.as2.cms import Ends, until_text
from adapters.as2.entities import Entity, ascii_of, unquoted, written
from adapters.as2.packing import Opened, opened
from adapters.as2.receipts import NotTrusted, Receipt, answered, asked_digest, is_receipt, report_of
from adapters.as2.relation import RECEIPT_TO, Refusal, Relation
from engine.model.traffic import RECEIPT_FOR, Arrived, Outgoing
from engine.ports.watching import Probed
from engine.problems import DeliveryError, Incident

_LOG = logging.getLogger("guiju.as2")
_MARGIN = 65_536
"""What signature, envelope and heads may add to a message."""
_MOST_ID = 998
_OF_STRANGERS = 4_096
"""What is kept of a message whose sender nobody knows: anybody can send one."""
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Gate:
    """A channel by which one partner comes in, and its path; the channel by which receipts leave that are wanted later,
    and where alone those go to: scheme and authority of an address."""

    channel: str
    path: str
    relation: Relation
    later: str = ""
    origin: str = ""

    def sends_to(self, address: str) -> bool:
        """Whether a receipt may be sent there."""
        parts = urlsplit(address)
        return bool(self.later) and address.isascii() and f"{parts.scheme}://{parts.netloc}".lower() == self.origin


class Keeper(Protocol):
    """Who keeps what came. Both come back when it is kept, and raise what the store raises."""

    def keep(self, channel: str, arrived: Arrived) -> str:
        """Keep a message, once for each key; empty, or why it was put aside."""
        ...

    def put_aside(self, channel: str, arrived: Arrived, why: str) -> None:
        """Keep what is not to be trusted, apart."""
        ...

    def owe(self, channel: str, receipt: Outgoing) -> None:
        """Keep a receipt that is to leave by a channel."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A request as far as AS2 reads it: heads by lower-case name."""

    heads: Mapping[str, str]
    body: bytes
    size: int

    @property
    def names(self) -> tuple[str, str]:
        """To whom and from whom."""
        return unquoted(self.heads.get("as2-to", "")), unquoted(self.heads.get("as2-from", ""))


def taken(gates: Sequence[Gate], request: Request, keeper: Keeper, now: datetime) -> tuple[Mapping[str, str], bytes]:
    """Take in one request of a path; heads and body of the answer. Raises what the keeper raises: then nothing is
    answered that could be taken for a receipt."""
    gate = next((one for one in gates if (one.relation.own, one.relation.partner) == request.names), None)
    relation = gate.relation if gate is not None else None
    channel, message_id = (gate or gates[0]).channel, request.heads.get("message-id", "")[:_MOST_ID]
    about = {"as2-message-id": message_id, "as2-from": request.names[1][:_MOST_ID]}
    if is_receipt(Entity(request.heads, request.body)):
        _receipt_in(channel, relation, request, keeper, about)
        return {}, b""
    try:
        micalg, opening = _opened(gate, request, now)
    except Refusal as refusal:
        body = request.body[: None if relation else _OF_STRANGERS]
        keeper.put_aside(channel, Arrived(body, "", headers=about), f"{refusal.disposition}: {refusal}")
        return _given(gate, request, keeper, Receipt(message_id, disposition=refusal.disposition))
    message = opening.message
    arrived = Arrived(message.body, message.key or message_id, message.kind, {**message.headers, **about})
    why = keeper.keep(channel, arrived)
    disposition = "unexpected-processing-error" if why else ""
    return _given(gate, request, keeper, Receipt(message_id, opening.mic, micalg, disposition))


def _given(gate: Gate | None, request: Request, keeper: Keeper, receipt: Receipt) -> tuple[Mapping[str, str], bytes]:
    """The answer: the receipt, or nothing where it was asked for later and may be sent there."""
    heads, body = answered(receipt, request.names, gate.relation if gate is not None else None)
    address = request.heads.get("receipt-delivery-option", "")
    if gate is None or not gate.sends_to(address):
        return heads, body
    about = {RECEIPT_FOR: receipt.message_id, RECEIPT_TO: address}
    keeper.owe(gate.later, Outgoing(written(heads, body), "", headers=about))
    return {}, b""


def _receipt_in(
    channel: str, relation: Relation | None, request: Request, keeper: Keeper, about: Mapping[str, str]
) -> None:
    """Keep a partner's receipt for whoever waits for it; anybody else's is put aside."""
    told = ("content-type", "as2-from", "as2-to", "message-id")
    whole = written({name: ascii_of(request.heads.get(name, "")) for name in told}, request.body)
    if relation is None:
        keeper.put_aside(channel, Arrived(whole[:_OF_STRANGERS], "", headers=about), "an unknown partner")
        return
    try:
        reference = report_of(relation, request.heads, request.body).get("original-message-id", "").strip()
    except NotTrusted as fault:
        keeper.put_aside(channel, Arrived(whole, "", headers=about), str(fault))
        return
    key = f"receipt:{hashlib.sha256(whole).hexdigest()}"
    keeper.keep(channel, Arrived(whole, key, headers={**about, RECEIPT_FOR: reference[:_MOST_ID]}))


def _opened(gate: Gate | None, request: Request, now: datetime) -> tuple[str, Opened]:
    """The name of the digest that is asked for, and the message. Raises Refusal."""
    if gate is None:
        raise Refusal("authentication-failed", "an unknown partner")
    relation, later = gate.relation, request.heads.get("receipt-delivery-option", "")
    if not request.heads.get("message-id"):
        raise Refusal("unexpected-processing-error", "no Message-ID")
    if later and not gate.sends_to(later):
        raise Refusal("unexpected-processing-error", "receipts are not sent there later")
    if request.size > relation.most + _MARGIN:
        raise Refusal("unexpected-processing-error", f"too large: {request.size} bytes")
    if expired := relation.ends.expired(now):
        raise Refusal("authentication-failed", expired)
    micalg = asked_digest(request.heads)
    return micalg, opened(relation, request.heads, request.body, micalg)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Door:
    """The application: `gates` are asked anew for each request, since definitions may be loaded anew."""

    behind: Wsgi
    gates: Callable[[], Sequence[Gate]]
    keeper: Keeper
    now: Callable[[], datetime] = _now

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI (PEP 3333)."""
        gates = [one for one in self.gates() if one.path == environ.get("PATH_INFO")]
        if not gates or environ.get("REQUEST_METHOD") != "POST":
            return self.behind(environ, start_response)
        request = _request(environ, gates)
        if request is None:
            return _said(start_response, "411 Length Required")
        if not all(request.names):
            return _said(start_response, "400 Bad Request")
        try:
            heads, body = taken(gates, request, self.keeper, self.now())
        except Exception as fault:  # noqa: BLE001 -- whatever the store raises; the partner sends it again
            _LOG.error("a message could not be kept", exc_info=fault)
            return _said(start_response, "503 Service Unavailable")
        start_response("200 OK", [*heads.items(), ("Content-Length", str(len(body)))])
        return [body]


def _request(environ: dict[str, Any], gates: Sequence[Gate]) -> Request | None:
    """The request; without its body where that is too large, as most are of a sender whom nobody knows; None where it
    is cut off or tells no length."""
    length = str(environ.get("CONTENT_LENGTH") or "")
    if not length.isdecimal():
        return None
    size = int(length)
    heads = {name[5:].replace("_", "-").lower(): str(one) for name, one in environ.items() if name.startswith("HTTP_")}
    heads["content-type"] = str(environ.get("CONTENT_TYPE") or "")
    asked = Request(heads, b"", size)
    known = [one.relation.most + _MARGIN for one in gates if (one.relation.own, one.relation.partner) == asked.names]
    most = max(known, default=_OF_STRANGERS)
    body = b"" if size > most else environ["wsgi.input"].read(size)
    return replace(asked, body=body) if size > most or len(body) == size else None


def _said(start: Callable[..., Any], status: str) -> Iterable[bytes]:
    start(status, [("Content-Length", "0")])
    return []


@dataclass(frozen=True, slots=True)
class Doorway:
    """The port `Source` of a channel that nothing is fetched from: its partner comes to the door. Operators see it
    listen, and stop it as any other."""

    name: str
    ends: Ends
    now: Callable[[], datetime] = _now

    @property
    def valid_until(self) -> datetime:
        """When the first of the certificates ends. See `engine.ports.watching.Certified`."""
        return self.ends.until

    def probe(self) -> Probed:
        """Whether the certificates are valid: nobody is asked. Raises DeliveryError."""
        if expired := self.ends.expired(self.now()):
            raise DeliveryError(Incident(self.name, expired, retry=False))
        return Probed(until_text(self.ends))

    def receive(self, limit: int, wait: float) -> Sequence[Arrived]:
        """Nothing, after the wait."""
        time.sleep(wait)
        return []

    def accept(self, tags: Sequence[str]) -> None:
        """Nothing was given."""

    def refuse(self, tag: str, *, again: bool) -> None:
        """Nothing was given."""

    def close(self) -> None:
        """Nothing is open."""
