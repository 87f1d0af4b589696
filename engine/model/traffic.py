"""Messages as channels carry them: what leaves, what comes in, what became of it. Plain data; no adapter, no store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MESSAGES, NOTICES = "file", "spool"
"""The adapter of a channel that names none, and the one that notices leave by."""
MOST_TRIES = 8
TRY = "try"
"""Header of a message that is sent again on purpose: counts the sendings beyond the first."""
RECEIPT_FOR = "receipt-for"
"""Header of a message that is a partner's receipt: what that calls the message that left."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message that leaves. `key` stays the same however often it is sent, so that the far end recognises it."""

    body: bytes
    key: str
    kind: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message as a source gives it. `key` is what the sender calls it, empty where it says nothing; `tag` is the
    source's own name of this delivery, good for `accept` and `refuse` until then; `distrusted` says why the source
    does not trust it, so that it is kept as it came and put aside."""

    body: bytes
    key: str
    kind: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    tag: str = ""
    redelivered: bool = False
    distrusted: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """What a receiver made of a message.

    `state` is processed, unmatched, failed (understood, and refused) or quarantined (not to be trusted or not to be
    read); `code` and `text` say why it is not processed. `kind` and `number` are its name and number as its content
    says them.
    """

    state: str = "processed"
    document: str = ""
    record_id: str = ""
    kind: str = ""
    number: str = ""
    code: str = ""
    text: Mapping[str, str] = field(default_factory=dict)
    signer: str = ""


@dataclass(frozen=True, slots=True)
class ChannelBinding:
    """How a node binds a channel: the adapter, which way messages go, how many bytes one has at most (0: any number),
    how often one is tried, what the adapter alone knows of, as text, and whether its messages go before all others."""

    adapter: str = MESSAGES
    direction: str = "out"
    most: int = 0
    tries: int = MOST_TRIES
    settings: Mapping[str, str] = field(default_factory=dict)
    urgent: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # `url`, `token`: as operators set them

    @property
    def sends(self) -> bool:
        """Whether messages leave by it."""
        return self.direction == "out"

    @property
    def listens(self) -> bool:
        """Whether messages come in by it."""
        return self.direction == "in"


@dataclass(frozen=True, slots=True)
class ServiceBinding:
    """Where a service is that calls go to: an address, or the variables that hold it and its token."""

    url: str = ""
    url_from: str = ""
    token_from: str = ""
    tries: int = MOST_TRIES


@dataclass(frozen=True, slots=True)
class Replied:
    """What a service answered: the status of HTTP, the body."""

    status: int
    body: bytes


def bytes_of(size: str) -> int:
    """A size as it is written, `4096KB` or `4 MB`, in bytes; 0 for what is none."""
    number = size.rstrip("BKM ")
    unit = size[len(number) :].strip()
    units = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20}
    return int(number) * units[unit] if number.isdecimal() and unit in units else 0


def sending_of(key: str, headers: Mapping[str, str]) -> str:
    """What a channel that remembers sends once: a key, and each deliberate repetition of it."""
    return f"{key}\x1f{headers[TRY]}" if headers.get(TRY) else key
