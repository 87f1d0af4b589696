"""Published cases of SM2, SM3 and SM4 tried on a provider: which hold, which fail, which it cannot do.

In: a file of vectors in JSON, parsed, and a `TrialRoom`. Out: one `Outcome` a case, in the order of the file. Any of
the known sections may be missing; a section that nobody knows fails. Values are hexadecimal unless a name ends
otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.model.crypto import CryptoRefused, Fault, KeyKind
from engine.ports.crypto import CryptoProvider, TrialRoom
from engine.signing.vectors import ciphers, messages, sm2
from engine.signing.vectors.cases import Case, Failed, Outcome, Unable, cases_of

_Try = Callable[[TrialRoom, Case], None]
_SECTIONS: Mapping[str, _Try] = {
    "sm2_curve": sm2.curve,
    "sm2_sign": sm2.sign,
    "sm2_sign_test_curve": sm2.sign_on_curve,
    "sm2_encrypt": sm2.encrypt,
    "sm2_decrypt_negative": sm2.refuse,
    "sm2_encodings": sm2.encodings,
    "sm3": ciphers.digest,
    "hmac_sm3": ciphers.hmac_sm3,
    "sm4": ciphers.sm4,
    "sm4_gcm": ciphers.gcm,
    "sm4_cmac": ciphers.cmac,
    "kdf": ciphers.derive,
    "x509": messages.x509,
    "gmt0010": messages.gmt0010,
    "xmldsig": messages.xmldsig,
}
_PROBE = b"does the key sign?"


def try_all(vectors: Mapping[str, Any], room: TrialRoom) -> Iterator[Outcome]:
    """Every case of a file."""
    for section, content in vectors.items():
        if section.startswith("_"):
            continue
        attempt = _SECTIONS.get(section)
        if attempt is None:
            yield Outcome(section, section, "failed", "no such section is known")
            continue
        for case in cases_of(section, content, vectors):
            yield _tried(attempt, room, case)


def try_keys(provider: CryptoProvider) -> Iterator[Outcome]:
    """A signature with every key of a provider whose keys are elsewhere, and whether it holds."""
    try:
        names = provider.keys()
    except CryptoRefused as refused:
        yield Outcome("keys", provider.name, "failed", str(refused))
        return
    for name in names:
        try:
            public = provider.public(name)
            if public.kind is KeyKind.SM2:
                holds = provider.sm2_verify(public, _PROBE, provider.sm2_sign(name, _PROBE))
            else:
                holds = provider.rsa_verify(public, _PROBE, provider.rsa_sign(name, _PROBE))
            yield Outcome("keys", name, "ok" if holds else "failed")
        except CryptoRefused as refused:
            yield Outcome("keys", name, "failed", str(refused))


def _tried(attempt: _Try, room: TrialRoom, case: Case) -> Outcome:
    try:
        attempt(room, case)
    except Unable as unable:
        return Outcome(case.section, case.name, "unable", str(unable))
    except CryptoRefused as refused:
        if refused.code is Fault.UNABLE:
            return Outcome(case.section, case.name, "unable", refused.about)
        return Outcome(case.section, case.name, "failed", str(refused))
    except Failed as failed:
        return Outcome(case.section, case.name, "failed", str(failed))
    except (KeyError, ValueError, TypeError) as error:
        return Outcome(case.section, case.name, "failed", f"the case cannot be read: {type(error).__name__} {error}")
    return Outcome(case.section, case.name, "ok")
