"""Profiles of XML signatures: which identifiers stand in a message, and what they mean.

In: the name of a profile and the kind of a key, or the identifiers of a message. Out: a `SignatureProfile`. No registry
names SM2 and SM3: the identifiers are those that the receivers of messages prescribe; the older pair is only verified.
SHA-1 is signed with where a receiver still takes nothing else from older cards.
"""

from __future__ import annotations

from engine.model.crypto import CryptoRefused, Digest, Fault, KeyKind, SignatureProfile

DSIG = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED = DSIG + "enveloped-signature"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
AUTOMATIC = "xmldsig"
"""By the kind of the key."""

_PORT = "http://www.chinaport.gov.cn/2022/04/xmldsig#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

PROFILES = (
    SignatureProfile("xmldsig_sm2", KeyKind.SM2, _PORT + "sm2-sm3", _PORT + "sm3", Digest.SM3, Digest.SM3),
    SignatureProfile("xmldsig_rsa", KeyKind.RSA, DSIG + "rsa-sha1", DSIG + "sha1", Digest.SHA1, Digest.SHA1),
    SignatureProfile("xmldsig_rsa_sha256", KeyKind.RSA, _MORE + "rsa-sha256", _SHA256, Digest.SHA256, Digest.SHA256),
    SignatureProfile(
        "xmldsig_sm2_older", KeyKind.SM2, DSIG + "sm2-sm3", DSIG + "sha1", Digest.SHA1, Digest.SM3, signs=False
    ),
)
_BY_ID = {one.id: one for one in PROFILES}
_BY_METHODS = {(one.signature, one.digest): one for one in PROFILES}


def profile_for(name: str, kind: KeyKind) -> SignatureProfile:
    """The profile to sign with. Refuses `unable` for one that there is not or that is only verified, `key` where the
    key is of another kind."""
    found = next(one for one in PROFILES if one.kind is kind) if name == AUTOMATIC else _BY_ID.get(name)
    if found is None or not found.signs:
        raise CryptoRefused(Fault.UNABLE, f"no profile to sign with: {name}")
    if found.kind is not kind:
        raise CryptoRefused(Fault.KEY, f"{name} takes a key of {found.kind.value}")
    return found


def profile_of(signature: str, digest: str) -> SignatureProfile:
    """The profile that a message names. Refuses `message`."""
    found = _BY_METHODS.get((signature, digest))
    if found is None:
        raise CryptoRefused(Fault.MESSAGE, "an algorithm that no profile names")
    return found


def profile_names() -> tuple[str, ...]:
    """What `profile_for` knows."""
    return (AUTOMATIC, *(one.id for one in PROFILES if one.signs))
