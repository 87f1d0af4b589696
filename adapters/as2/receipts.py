"""Receipts of AS2 (MDN; RFC 4130 7, RFC 8098): written and signed for what came in, judged for what was sent.

In: what is answered, or the bytes of an answer. Out: bytes and heads; nothing, or Refused. Pure. Only what
the partner's signature covers is read: a report beside the signed part counts for nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest

from adapters.as2.cms import CmsFault
from adapters.as2.entities import Entity, Malformed, joined, quoted, read, unquoted, written
from adapters.as2.packing import signed_entity, verified_part
from adapters.as2.relation import Relation, version

_DISPOSITION = "automatic-action/MDN-sent-automatically; "
_NAMES = {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}


class Refused(Exception):
    """The partner says that it does not have the message, or has another."""


class NotTrusted(Refused):
    """The receipt is not the partner's, not for this message, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is answered: which message, its digest where it was read, and why it was not taken, if it was not."""

    message_id: str
    mic: str = ""
    micalg: str = "sha256"
    disposition: str = ""


def plain_name(micalg: str) -> str:
    """`sha-256` and `sha256` are one; empty for what is not taken."""
    name = _NAMES.get(micalg.strip().lower(), micalg.strip().lower())
    return name if name in _NAMES.values() else ""


def asked_digest(heads: Mapping[str, str]) -> str:
    """The digest that a message wants to see in its receipt, by its plain name."""
    wanted = heads.get("disposition-notification-options", "").rpartition("signed-receipt-micalg=")[2]
    names = [plain_name(one) for one in wanted.partition(";")[0].split(",")]
    return next((one for one in names if one), "sha256")


def answered(receipt: Receipt, names: tuple[str, str], relation: Relation | None) -> tuple[Mapping[str, str], bytes]:
    """Heads and body of an answer by `names` (own, partner's); signed where the relation is known."""
    family = relation.family if relation is not None else "AS2"
    said = f"processed/error: {receipt.disposition}" if receipt.disposition else "processed"
    report = {"Reporting-UA": "guiju", "Original-Recipient": f"rfc822; {quoted(names[0])}"}
    report |= {"Final-Recipient": f"rfc822; {quoted(names[0])}", "Original-Message-ID": receipt.message_id}
    report |= {"Disposition": _DISPOSITION + said}
    if receipt.mic:
        report["Received-Content-MIC"] = f"{receipt.mic}, {receipt.micalg}"
    text = written({"Content-Type": "text/plain; charset=us-ascii"}, f"The message was {said}.\r\n".encode("ascii"))
    told = written({"Content-Type": "message/disposition-notification"}, written(report, b""))
    boundary = f"=_{hashlib.sha256(told).hexdigest()}"
    kind = f'multipart/report; report-type=disposition-notification; boundary="{boundary}"'
    whole = written({"Content-Type": kind}, joined(boundary, text, told))
    entity = read(whole if relation is None else signed_entity(whole, relation))
    heads = {f"{family}-Version": version(family), f"{family}-From": quoted(names[0]), f"{family}-To": quoted(names[1])}
    heads["MIME-Version"] = "1.0"
    heads["Message-ID"] = f"<{hashlib.sha256(receipt.message_id.encode() + told).hexdigest()}@{family.lower()}>"
    return {**heads, "Content-Type": entity.heads["content-type"]}, entity.body


def judge(relation: Relation, message_id: str, mic: str, heads: Mapping[str, str], body: bytes) -> None:
    """Come back if the partner, by a signed receipt, has exactly what was sent. Raises Refused, NotTrusted."""
    report = report_of(relation, heads, body)
    if report.get("original-message-id", "").strip() != message_id:
        raise NotTrusted("the receipt is for another message")
    said = report.get("disposition", "").partition(";")[2].strip()
    if said.lower() != "processed" and not said.lower().startswith("processed/warning"):
        raise Refused(f"the partner refuses it: {re.sub(r'[^ -~]', '?', said)[:200]}")
    told, _, name = report.get("received-content-mic", "").partition(",")
    if plain_name(name) != "sha256" or not compare_digest(told.strip().encode("utf-8"), mic.encode("ascii")):
        raise Refused("the receipt names another content")


def is_receipt(entity: Entity) -> bool:
    """Whether an entity is a receipt, signed or not; nothing of it is believed."""
    try:
        if entity.kind == "multipart/signed":
            entity = read(entity.parts()[0])
    except Malformed:
        return False
    return entity.kind == "multipart/report"


def report_of(relation: Relation, heads: Mapping[str, str], body: bytes) -> Mapping[str, str]:
    """What the partner's signed receipt says, by lower-case name. Raises NotTrusted."""
    try:
        return _report(relation, Entity(heads, body))
    except (CmsFault, Malformed) as fault:
        raise NotTrusted(f"the receipt is not to be trusted: {fault}") from None


def _report(relation: Relation, entity: Entity) -> Mapping[str, str]:
    family = relation.family.lower()
    for name, wanted in ((f"{family}-from", relation.partner), (f"{family}-to", relation.own)):
        if unquoted(entity.heads.get(name, "")) != wanted:
            raise Malformed(f"{name} is another")
    if entity.kind != "multipart/signed":
        raise Malformed("it is not signed")
    report = read(verified_part(entity, relation))
    found = [read(one) for one in report.parts()] if report.kind == "multipart/report" else []
    told = [one for one in found if one.kind == "message/disposition-notification"]
    if len(told) != 1:
        raise Malformed("it has no report")
    content = told[0].content()
    return read(content.rstrip(b"\r\n") + b"\r\n\r\n").heads
