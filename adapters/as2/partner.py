"""A partner to try against: takes messages by AS2 or AS3, answers by a script, sends files back.

In: requests or files, the folder it works in, what it is told to answer. Out: receipts; `received/` with what came,
`receipts.jsonl` with what was said about its own messages. For tests, trainings and first connections: it keeps nothing
safe and decides nothing that a partner would.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from adapters.as2.cms import Ends, ends_of
from adapters.as2.entities import Entity
from adapters.as2.packing import Opened, opened
from adapters.as2.receipts import Receipt, Refused, answered, asked_digest, is_receipt, judge
from adapters.as2.relation import Refusal, Relation
from engine.model.traffic import Outgoing
from engine.ports.partners import ANSWERS

GOOD, NEGATIVE, NONE, WRONG, LATE, FORGED, AWAY = ANSWERS


@dataclass(frozen=True, slots=True)
class Given:
    """What is answered: a receipt with its heads, or none, and how it was meant."""

    answer: str
    heads: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class Partner:
    """One side of a relation. `answers` are given in turn, the last one again and again; several threads may ask."""

    relation: Relation
    folder: Path
    answers: Sequence[str] = (GOOD,)
    stranger: Ends | None = None
    """With whose key `forged` is signed."""
    sent: dict[str, str] = field(default_factory=dict)
    """Digests of what was sent, by Message-ID."""
    _count: int = 0
    _lock: Lock = field(default_factory=Lock)

    def take(self, heads: Mapping[str, str], body: bytes) -> Given:
        """Take what came: a message, or a receipt for one that was sent."""
        entity = Entity(heads, body)
        if is_receipt(entity):
            self._note_receipt(entity)
            return Given(NONE)
        answer = self._next()
        if answer == AWAY:
            return Given(AWAY)
        message_id = heads.get("message-id", "")
        try:
            found = opened(self.relation, heads, body, asked_digest(heads))
        except Refusal as refusal:
            return self._given(answer, Receipt(message_id, disposition=refusal.disposition))
        self._keep(found, message_id)
        mic = hashlib.sha256(b"another").hexdigest() if answer == WRONG else found.mic
        disposition = "unexpected-processing-error" if answer == NEGATIVE else ""
        return self._given(answer, Receipt(message_id, mic, asked_digest(heads), disposition))

    def said(self, message_id: str, heads: Mapping[str, str], body: bytes) -> str:
        """What the other side says of a message that was sent, and note it; `taken` where all is well."""
        try:
            judge(self.relation, message_id, self.sent.get(message_id, ""), heads, body)
        except Refused as refused:
            told = str(refused)
        else:
            told = "taken"
        with self._lock, (self.folder / "receipts.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"message_id": message_id, "said": told}) + "\n")
        return told

    def waiting(self) -> list[tuple[Path, Outgoing]]:
        """What lies in `send/`, each under its own key."""
        files = sorted(one for one in (self.folder / "send").glob("*") if one.is_file() and one.suffix != ".part")
        return [(one, Outgoing(one.read_bytes(), _key_of(one), "", {"name": one.name})) for one in files]

    def sent_away(self, path: Path) -> None:
        """A file of `send/` has gone."""
        (self.folder / "sent").mkdir(parents=True, exist_ok=True)
        path.replace(self.folder / "sent" / path.name)

    def _next(self) -> str:
        with self._lock:
            answer = self.answers[min(self._count, len(self.answers) - 1)]
            self._count += 1
        return answer

    def _given(self, answer: str, receipt: Receipt) -> Given:
        if answer == NONE:
            return Given(NONE)
        relation = self.relation
        if answer == FORGED and self.stranger is not None:
            relation = replace(relation, ends=self.stranger)
        heads, body = answered(receipt, (relation.own, relation.partner), relation)
        return Given(answer, heads, body)

    def _keep(self, found: Opened, message_id: str) -> None:
        message = found.message
        name = hashlib.sha256((message.key or message_id).encode()).hexdigest()[:32]
        (self.folder / "received").mkdir(parents=True, exist_ok=True)
        about = {"key": message.key, "kind": message.kind, "headers": dict(message.headers), "message_id": message_id}
        (self.folder / "received" / f"{name}.msg").write_bytes(message.body)
        (self.folder / "received" / f"{name}.json").write_text(json.dumps(about, ensure_ascii=False), "utf-8")

    def _note_receipt(self, entity: Entity) -> None:
        for message_id in self.sent:
            if f": {message_id}".encode() in entity.body:
                self.said(message_id, entity.heads, entity.body)


def forger(relation: Relation, key: bytes) -> Ends:
    """Somebody else's key where the partner's belongs. Raises ValueError."""
    certificate = key[key.find(b"-----BEGIN CERTIFICATE") :]
    return replace(relation.ends, key=ends_of(key, certificate).key)


def _key_of(path: Path) -> str:
    return f"{path.name}:{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
