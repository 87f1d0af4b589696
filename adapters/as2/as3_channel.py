"""Messages that leave by AS3: the ports `Channel` and `Awaiting`. Each is a file in a folder of the partner's FTP
server; its receipt comes as a file to another folder, which a channel that comes in looks at.

In: messages, and a folder. Out: files that appear whole. The name tells the moment, so that files stay in order;
whoever sees the same message twice knows it by its Message-ID.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from adapters.as2.as3 import file_of
from adapters.as2.channel import judge_later
from adapters.as2.ftp import FtpFolder
from adapters.as2.packing import message_id_of
from adapters.as2.relation import Relation
from engine.model.traffic import Outgoing
from engine.ports.watching import Probed
from engine.problems import DeliveryError, Incident


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class As3Channel:
    """Sends to one partner; several threads may share it, one after the other. `receipts_to` is what the partner is
    told about where receipts are left, `within` how many seconds they may take."""

    name: str
    relation: Relation
    ftp: FtpFolder
    folder: str
    receipts_to: str
    within: float
    now: Callable[[], datetime] = _now
    lock: Lock = field(default_factory=Lock)

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Leave one message in the folder. Raises DeliveryError."""
        self._check()
        sent, content = file_of(self.relation, Outgoing(body, key, kind, headers), self.receipts_to)
        with self.lock:
            mark = hashlib.sha256(sent.message_id.encode()).hexdigest()[:16]
            self.ftp.put(f"{self.folder}/{self.now():%Y%m%dT%H%M%S%f}-{mark}.as3", content)

    def reference(self, key: str, headers: Mapping[str, str]) -> str:
        """The Message-ID. See `engine.ports.receipts.Awaiting`."""
        return message_id_of(self.relation, key, headers)

    def judge(self, message: Outgoing, receipt: bytes) -> None:
        """Judge a receipt. Raises DeliveryError, Untrusted."""
        judge_later(self.name, self.relation, message, receipt)

    @property
    def valid_until(self) -> datetime:
        """When the first of the certificates ends. See `engine.ports.watching.Certified`."""
        return self.relation.ends.until

    def probe(self) -> Probed:
        """Whether the folder is there, and how many files wait in it. Raises DeliveryError."""
        self._check()
        with self.lock:
            return Probed(self.folder, len(self.ftp.files(self.folder)))

    def close(self) -> None:
        """Give the connection back."""
        with self.lock:
            self.ftp.close()

    def _check(self) -> None:
        if expired := self.relation.ends.expired(self.now()):
            raise DeliveryError(Incident(self.name, expired, retry=False))
