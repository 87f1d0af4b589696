"""Where AS2 messages come in: a small WSGI application before the node's own, at the paths that its channels name.

In: requests. Out: signed receipts, given only when the message is kept or put aside. What is no POST to such a path
goes on to the application behind. Bounded: nothing is read of a request that tells no length or too large a one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from adapters.as2.entities import unquoted
from adapters.as2.packing import Opened, opened
from adapters.as2.receipts import Receipt, answered, plain_name
from adapters.as2.relation import Refusal, Relation
from engine.model.traffic import Arrived

_LOG = logging.getLogger("guiju.as2")
_MARGIN = 65_536
"""What signature, envelope and heads may add to a message."""
_MOST_ID = 998
_OF_STRANGERS = 4_096
"""What is kept of a message whose sender nobody knows: anybody can send one."""
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Gate:
    """A channel by which one partner comes in, and its path."""

    channel: str
    path: str
    relation: Relation


class Keeper(Protocol):
    """Who keeps what came. Both come back when it is kept, and raise what the store raises."""

    def keep(self, channel: str, arrived: Arrived) -> str:
        """Keep a message, once for each key; empty, or why it was put aside."""
        ...

    def put_aside(self, channel: str, arrived: Arrived, why: str) -> None:
        """Keep what is not to be trusted, apart."""
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
    found = [one for one in gates if (one.relation.own, one.relation.partner) == request.names]
    relation = found[0].relation if found else None
    channel, message_id = (found or gates)[0].channel, request.heads.get("message-id", "")[:_MOST_ID]
    about = {"as2-message-id": message_id, "as2-from": request.names[1][:_MOST_ID]}
    try:
        micalg, opening = _opened(relation, request, now)
    except Refusal as refusal:
        body = request.body[: None if relation else _OF_STRANGERS]
        keeper.put_aside(channel, Arrived(body, "", headers=about), f"{refusal.disposition}: {refusal}")
        return answered(Receipt(message_id, disposition=refusal.disposition), request.names, relation)
    message = opening.message
    arrived = Arrived(message.body, message.key or message_id, message.kind, {**message.headers, **about})
    why = keeper.keep(channel, arrived)
    disposition = "unexpected-processing-error" if why else ""
    return answered(Receipt(message_id, opening.mic, micalg, disposition), request.names, relation)


def _opened(relation: Relation | None, request: Request, now: datetime) -> tuple[str, Opened]:
    """The name of the digest that is asked for, and the message. Raises Refusal."""
    if relation is None:
        raise Refusal("authentication-failed", "an unknown partner")
    if not request.heads.get("message-id"):
        raise Refusal("unexpected-processing-error", "no Message-ID")
    if request.heads.get("receipt-delivery-option"):
        raise Refusal("unexpected-processing-error", "receipts are given at once, not later")
    if request.size > relation.most + _MARGIN:
        raise Refusal("unexpected-processing-error", f"too large: {request.size} bytes")
    if expired := relation.ends.expired(now):
        raise Refusal("authentication-failed", expired)
    wanted = request.heads.get("disposition-notification-options", "").rpartition("signed-receipt-micalg=")[2]
    names = [plain_name(one) for one in wanted.partition(";")[0].split(",")]
    micalg = next((one for one in names if one), "sha256")
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
        request = _request(environ, max(one.relation.most for one in gates) + _MARGIN)
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


def _request(environ: dict[str, Any], most: int) -> Request | None:
    """The request; without its body where that is too large, None where it is cut off or tells no length."""
    length = str(environ.get("CONTENT_LENGTH") or "")
    if not length.isdecimal():
        return None
    size = int(length)
    body = b"" if size > most else environ["wsgi.input"].read(size)
    heads = {name[5:].replace("_", "-").lower(): str(one) for name, one in environ.items() if name.startswith("HTTP_")}
    heads["content-type"] = str(environ.get("CONTENT_TYPE") or "")
    return Request(heads, body, size) if size > most or len(body) == size else None


def _said(start: Callable[..., Any], status: str) -> Iterable[bytes]:
    start(status, [("Content-Length", "0")])
    return []


class Doorway:
    """The port `Source` of a channel that nothing is fetched from: its partner comes to the door. Operators see it
    listen, and stop it as any other."""

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
