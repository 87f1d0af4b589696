"""Messages of AS2 and AS3 (RFC 4130, RFC 4823, RFC 5402): packed to be sent, and opened again.

In: a message or the bytes of a request. Out: bytes and heads, or the message; Refusal. Pure: the same key gives one
Message-ID. Key, kind and headers of a message stand in heads of the inner entity, beneath the signature; partners that
know nothing of them pass them over. The digest that a receipt must name is over what RFC 4130 7.3.1 says.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from adapters.as2 import cms
from adapters.as2.cms import CmsFault
from adapters.as2.entities import Entity, Malformed, base64_of, joined, quoted, read, written
from adapters.as2.relation import Refusal, Relation, version
from engine.model.traffic import Outgoing, sending_of

ENVELOPED = "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"
COMPRESSED = "application/pkcs7-mime; smime-type=compressed-data; name=smime.p7z"
_MIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_SIGNATURE = {"Content-Type": "application/pkcs7-signature; name=smime.p7s", "Content-Transfer-Encoding": "base64"}
_DISPOSITIONS = {
    "integrity": "integrity-check-failed",
    "authentication": "authentication-failed",
    "recipient": "decryption-failed",
    "decryption": "authentication-failed",  # what a stranger learns of a broken envelope is not where it broke
    "decompression": "decompression-failed",
}


@dataclass(frozen=True, slots=True)
class Packed:
    """A request: its heads, its body, and the digest (base64) that the receipt must name."""

    heads: Mapping[str, str]
    body: bytes
    message_id: str
    mic: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A message that came in, trusted as far as the relation demands, and its digest for the receipt."""

    message: Outgoing
    mic: str


def message_id_of(relation: Relation, key: str, headers: Mapping[str, str]) -> str:
    """The same for each sending of a key; a deliberate repetition has its own."""
    told = "\x1f".join((relation.own, relation.partner, sending_of(key, headers)))
    return f"<{hashlib.sha256(told.encode()).hexdigest()}@{relation.family.lower()}>"


def packed(relation: Relation, message: Outgoing, receipts_to: str = "") -> Packed:
    """Pack a message: compressed, then signed, then encrypted, as the relation says. Its receipt is asked for at once,
    or to be sent to an address."""
    mic_of, inner = _layers(relation, message)
    if relation.sign:
        inner = signed_entity(inner, relation)
    if relation.encrypt:
        sealed = cms.enveloped(inner, relation.ends)
        inner = written({"Content-Type": ENVELOPED, "Content-Transfer-Encoding": "binary"}, sealed)
    entity, family = read(inner), relation.family
    message_id = message_id_of(relation, message.key, message.headers)
    heads = {
        f"{family}-Version": version(family),
        f"{family}-From": quoted(relation.own),
        f"{family}-To": quoted(relation.partner),
        "Message-ID": message_id,
        "Subject": family,
        "MIME-Version": "1.0",
        "Disposition-Notification-To": quoted(relation.own),
        "Disposition-Notification-Options": "signed-receipt-protocol=required, pkcs7-signature; "
        "signed-receipt-micalg=required, sha-256",
        **({"Receipt-Delivery-Option": receipts_to} if receipts_to else {}),
        **{name.title(): value for name, value in entity.heads.items()},
    }
    return Packed(heads, entity.body, message_id, mic_over(mic_of, "sha256"))


def mic_of(relation: Relation, message: Outgoing) -> str:
    """The digest that the receipt for a message must name; the same as when it was packed."""
    return mic_over(_layers(relation, message)[0], "sha256")


def _layers(relation: Relation, message: Outgoing) -> tuple[bytes, bytes]:
    """What the digest is over (RFC 4130, 7.3.1), and what is to be signed and encrypted."""
    inner = _inner(message)
    if not (relation.encrypt or relation.sign or relation.compress):
        return message.body, inner
    smaller = inner
    if relation.compress:
        smaller = written({"Content-Type": COMPRESSED, "Content-Transfer-Encoding": "binary"}, cms.compressed(inner))
    return smaller if relation.sign else inner, smaller


def mic_over(content: bytes, name: str) -> str:
    """The digest of what was sent, as receipts write it."""
    return b64encode(cms.digest(content, name)).decode("ascii")


def signed_entity(inner: bytes, relation: Relation) -> bytes:
    """multipart/signed around an entity (RFC 1847)."""
    boundary = f"=_{hashlib.sha256(b'boundary' + inner).hexdigest()}"
    kind = f'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="{boundary}"'
    signature = written(_SIGNATURE, base64_of(cms.signed(inner, relation.ends)))
    return written({"Content-Type": kind}, joined(boundary, inner, signature))


def verified_part(entity: Entity, relation: Relation) -> bytes:
    """What the partner signed of a multipart/signed. Raises CmsFault, Malformed."""
    parts = entity.parts()
    if len(parts) != 2:
        raise Malformed("a signed entity has two parts")
    signature = read(parts[1])
    if signature.kind not in SIGNATURES:
        raise Malformed("the second part is no signature")
    cms.verify(parts[0], signature.content(), relation.ends)
    return parts[0]


def opened(relation: Relation, heads: Mapping[str, str], body: bytes, micalg: str = "sha256") -> Opened:
    """Open the body of a request. Raises Refusal."""
    try:
        return _opened(relation, Entity(heads, body), micalg)
    except CmsFault as fault:
        raise Refusal(_DISPOSITIONS[fault.kind], str(fault)) from None
    except Malformed as fault:
        raise Refusal("unexpected-processing-error", str(fault)) from None


def _opened(relation: Relation, entity: Entity, micalg: str) -> Opened:
    mic_of, whole = entity.body, b""
    if entity.kind in _MIME and entity.parameter("smime-type") != "compressed-data":
        mic_of = whole = cms.decrypted(entity.content(), relation.ends)
        entity = read(whole)
    elif relation.encrypt:
        raise Refusal("insufficient-message-security", "not encrypted")
    is_signed = entity.kind == "multipart/signed"
    if is_signed:
        mic_of = verified_part(entity, relation)
        entity = read(mic_of)
    elif relation.sign:
        raise Refusal("insufficient-message-security", "not signed")
    if entity.kind in _MIME:
        if entity.parameter("smime-type") != "compressed-data":
            raise Malformed("one envelope within another")
        plain = cms.decompressed(entity.content(), relation.most)
        mic_of, entity = mic_of if is_signed else plain, read(plain)
    return Opened(_message(entity), mic_over(mic_of, micalg))


def _inner(message: Outgoing) -> bytes:
    kind = message.headers.get("content-type", "application/octet-stream")
    heads = {"Content-Type": quote(kind, safe="/;=. -+\"'"), "Content-Transfer-Encoding": "binary"}
    heads |= {"Message-Key": quote(message.key, safe=""), "Message-Kind": quote(message.kind, safe="")}
    told = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in message.headers.items())
    return written(heads | ({"Message-Headers": told} if told else {}), message.body)


def _message(entity: Entity) -> Outgoing:
    told = entity.heads.get("message-headers", "")
    pairs = [one.partition("=") for one in told.split("&") if one]
    headers = {unquote(name): unquote(value) for name, _, value in pairs}
    key, kind = (unquote(entity.heads.get(f"message-{name}", "")) for name in ("key", "kind"))
    return Outgoing(entity.content(), key, kind, headers)
